/* SPDX-License-Identifier: MIT */
/*
 * General and debug registers of a thread: the image that the shim and a port
 * exchange, and the rules for what a tracer may write, which are Linux's. Pure
 * functions. All checks come before the first change.
 */
#ifndef KSHIM_REGS_H
#define KSHIM_REGS_H

#include <sys/proc_scheme.h>

#include <kshim/port.h>

/* In the order of Linux's user_regs_struct. */
struct ks_regs {
	uint64_t r15, r14, r13, r12, rbp, rbx;
	uint64_t r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	uint64_t orig_rax; /* number of the system call in flight; else ~0 */
	uint64_t rip, cs, rflags, rsp, ss;
	uint64_t fs_base, gs_base, ds, es, fs, gs;
};

#define KS_NREGS (sizeof(struct ks_regs) / sizeof(uint64_t))

/* What Linux calls TASK_SIZE_MAX: no user segment base or breakpoint above. */
static inline uint64_t
ks_task_size(const struct ks_machine *m)
{
	return (UINT64_C(1) << (m->pt_levels == 5 ? 56 : 47)) - KS_PAGE_SIZE;
}

/*
 * May a tracer write V to the register at word REG (below KS_NREGS) of struct
 * ks_regs, where user addresses end at LIMIT (ks_task_size())? -EIO: cs or ss
 * would be null or not of ring 3, ds, es, fs or gs is neither, or a base is
 * not below LIMIT.
 */
int ks_regs_check(unsigned reg, uint64_t v, uint64_t limit);

/*
 * Write V there as PTRACE_POKEUSER does: a selector is cut to 16 bits, and
 * privileged bits of rflags keep their values. Errors as ks_regs_check().
 */
int ks_regs_poke(struct ks_regs *r, unsigned reg, uint64_t v, uint64_t limit);

/*
 * regs/user. Writing is as PTRACE_SETREGS, but all or nothing. Here and below
 * a value that stays as it was is not checked.
 */
void ks_regs_to_user(const struct ks_regs *r, struct proc_user_regs *out);
int ks_regs_from_user(struct ks_regs *r, const struct proc_user_regs *in,
		      uint64_t limit);

/*
 * The same for a part: the N registers from word FIRST of struct ks_regs on
 * become those of IN. They are of the same order as those of regs/user.
 */
int ks_regs_from_words(struct ks_regs *r, unsigned first, const uint64_t *in,
		       unsigned n, uint64_t limit);

/*
 * regs/int, Redox's IntRegisters. ENTRY: the thread is in a pre-syscall stop,
 * where rax of the wire is the number of the system call. Written there it
 * becomes the number, and the result too should the call be skipped.
 */
void ks_regs_to_int(const struct ks_regs *r, bool entry,
		    struct proc_int_regs *out);
int ks_regs_from_int(struct ks_regs *r, bool entry,
		     const struct proc_int_regs *in, uint64_t limit);

/* regs/env, Redox's EnvRegisters. */
void ks_regs_to_env(const struct ks_regs *r, struct proc_env_regs *out);
int ks_regs_from_env(struct ks_regs *r, const struct proc_env_regs *in,
		     uint64_t limit);

/*
 * syscall-info: what a thread that is in a stop of kind OP (PROC_SYSCALL_*)
 * says of its system call, less the data of a seccomp stop.
 */
void ks_regs_to_syscall(const struct ks_regs *r, uint32_t op,
			struct proc_syscall *out);

/* Write number and arguments (entry, seccomp) or the result (exit). */
void ks_regs_from_syscall(struct ks_regs *r, const struct proc_syscall *in);

/*
 * Debug registers as a tracer sees them. The port keeps one per thread, zero
 * but for dr6 at first (KS_DR6_INIT), stores it whole, and loads the processor
 * with addr[] and ks_debug_hw_dr7() for as long as the thread is in user mode.
 */
struct ks_debugregs {
	uint64_t addr[4];
	uint64_t dr6, dr7;
	/*
	 * The breakpoint that each address was checked against: 0 if the slot
	 * was never used, else KS_DR_USED and its four bits of DR7.
	 */
	uint8_t kind[4];
};

#define KS_DR6_INIT UINT64_C(0xffff0ff0)
#define KS_DR_USED  0x10

/* regs/debug. */
void ks_debug_to_wire(const struct ks_debugregs *d,
		      struct proc_debug_regs *out);

/*
 * Write all of IN, as PTRACE_POKEUSER of u_debugreg does for those that differ
 * from D. -EINVAL: an address, with the length of its breakpoint, does not end
 * below LIMIT (ks_task_size()) or is not aligned to that length; a breakpoint
 * that is enabled or has been used is of a type or length that does not exist
 * (I/O, or execution of more than one byte). -EIO: DR4 or DR5 is not 0.
 * Reserved bits of DR6 and DR7 are kept for the reader and not used.
 */
int ks_debug_from_wire(struct ks_debugregs *d, const struct proc_debug_regs *in,
		       uint64_t limit);

/* The value for the processor's DR7; it has no enabled breakpoint if 0x400. */
uint64_t ks_debug_hw_dr7(const struct ks_debugregs *d);

/*
 * The thread raised #DB in user mode and the processor's DR6 was HW_DR6.
 * Updates dr6 and returns the si_code of the SIGTRAP that is due: TRAP_TRACE
 * (2), TRAP_HWBKPT (4); 0 if it was none of the tracer's doing.
 */
int ks_debug_trap(struct ks_debugregs *d, uint64_t hw_dr6);

#endif
