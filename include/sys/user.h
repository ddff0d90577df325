/* SPDX-License-Identifier: MIT */
/*
 * The registers of an x86_64 tracee, as PTRACE_GETREGS, GETFPREGS and PEEKUSER
 * lay them out. The layout is the same whatever this is compiled for.
 */
#ifndef _SYS_USER_H
#define _SYS_USER_H 1

#ifdef __cplusplus
extern "C" {
#endif

/* i386 would align this to 4 bytes in a structure. */
__extension__ typedef unsigned long long __user_word
    __attribute__((__aligned__(8)));

struct user_fpregs_struct {
	unsigned short cwd, swd, ftw, fop;
	__user_word rip, rdp;
	unsigned int mxcsr, mxcr_mask;
	unsigned int st_space[32];  /* 8 registers of 16 bytes */
	unsigned int xmm_space[64]; /* 16 registers of 16 bytes */
	unsigned int padding[24];
};

struct user_regs_struct {
	__user_word r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8;
	__user_word rax, rcx, rdx, rsi, rdi, orig_rax, rip, cs, eflags;
	__user_word rsp, ss, fs_base, gs_base, ds, es, fs, gs;
};

struct user {
	struct user_regs_struct regs;
	int u_fpvalid;
	struct user_fpregs_struct i387;
	__user_word u_tsize, u_dsize, u_ssize;
	__user_word start_code, start_stack;
	__extension__ long long signal __attribute__((__aligned__(8)));
	int reserved;
	__extension__ union {
		struct user_regs_struct *u_ar0;
		__user_word __u_ar0_word;
	};
	__extension__ union {
		struct user_fpregs_struct *u_fpstate;
		__user_word __u_fpstate_word;
	};
	__user_word magic;
	char u_comm[32];
	__user_word u_debugreg[8];
};

/* Registers as core files and <sys/procfs.h> name them. */
#define ELF_NGREG 27
typedef __user_word elf_greg_t;
__extension__ typedef unsigned long long elf_gregset_t[ELF_NGREG];
typedef struct user_fpregs_struct elf_fpregset_t;

#ifndef PAGE_SHIFT
#define PAGE_SHIFT 12
#endif
#ifndef PAGE_SIZE
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#endif
#ifndef PAGE_MASK
#define PAGE_MASK (~(PAGE_SIZE - 1))
#endif
#define NBPG		     PAGE_SIZE
#define UPAGES		     1
#define HOST_TEXT_START_ADDR (u.start_code)
#define HOST_STACK_END_ADDR  (u.start_stack + u.u_ssize * NBPG)

#ifdef __cplusplus
}
#endif

#endif
