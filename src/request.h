/* SPDX-License-Identifier: MIT */
/* The requests of ptrace(2): one small function each. */
#ifndef PTL_REQUEST_H
#define PTL_REQUEST_H

#include "session.h"

/* The arguments of one ptrace(). */
struct ptl_call {
	int request;
	pid_t pid;
	uintptr_t addr, data;
	long *out; /* where the PEEK requests put the word */
};

/*
 * Carry out C on S (NULL for those that need no session). What ptrace()
 * returns, or -errno. S may be gone after an error.
 */
typedef long ptl_request(struct ptl_session *s, const struct ptl_call *c);

/*
 * The same from what is mapped of S, which is in a stop: no more than memory is
 * touched. What ptrace() returns; PTL_ASK: nothing was done, ask the kernel.
 */
typedef long ptl_quick(struct ptl_session *s, const struct ptl_call *c);
#define PTL_ASK (-1L)

/* req_attach.c */
ptl_request ptl_attach, ptl_seize, ptl_detach, ptl_kill, ptl_interrupt,
    ptl_listen;
/* Without the lock and without a write to memory: the caller may be a vfork. */
long ptl_traceme(void);

/* req_resume.c */
PTL_HOT ptl_request ptl_resume;
/*
 * The flags that carry out SIG as ptrace's resuming requests have it, for the
 * stop that S is in. -EIO: no such signal, or the kernel cannot.
 */
PTL_HOT int ptl_signal_flags(const struct ptl_session *s, uintptr_t sig,
			     uint64_t *out_flags);

/* req_memory.c */
ptl_request ptl_peek, ptl_poke;
ptl_quick ptl_quick_peek, ptl_quick_poke;

/* req_user.c */
ptl_request ptl_peekuser, ptl_pokeuser, ptl_getregs, ptl_setregs, ptl_getfpregs,
    ptl_setfpregs, ptl_arch_prctl, ptl_get_thread_area, ptl_set_thread_area;
ptl_quick ptl_quick_peekuser, ptl_quick_pokeuser, ptl_quick_getregs,
    ptl_quick_setregs, ptl_quick_getfpregs, ptl_quick_setfpregs,
    ptl_quick_arch_prctl;

/* req_regset.c */
ptl_request ptl_getregset, ptl_setregset;
ptl_quick ptl_quick_getregset;

/* req_signal.c */
ptl_request ptl_getsiginfo, ptl_setsiginfo, ptl_peeksiginfo, ptl_getsigmask,
    ptl_setsigmask;
ptl_quick ptl_quick_getsiginfo, ptl_quick_setsiginfo, ptl_quick_getsigmask,
    ptl_quick_setsigmask;

/* req_syscall.c */
ptl_request ptl_get_syscall_info, ptl_set_syscall_info, ptl_get_dispatch,
    ptl_set_dispatch;
ptl_quick ptl_quick_get_syscall_info;

/* req_option.c */
ptl_request ptl_setoptions, ptl_geteventmsg;
ptl_quick ptl_quick_setoptions, ptl_quick_geteventmsg;

/* req_seccomp.c */
ptl_request ptl_seccomp_filter, ptl_seccomp_metadata, ptl_get_rseq;

/*
 * All registers of S as PTRACE_GETREGS and SETREGS have them; from the base
 * files where the kernel has no more. 0 or -errno. (regs.c)
 */
int ptl_regs_get(struct ptl_session *s, struct proc_user_regs *out);
/* The same from the files, into memory of the program's. */
int ptl_regs_ask(struct ptl_session *s, struct proc_user_regs *out);
int ptl_regs_set(struct ptl_session *s, const struct proc_user_regs *regs);
/* The same from memory of the library's: only what differs goes out. */
int ptl_regs_change(struct ptl_session *s, const struct proc_user_regs *regs);
/* One alone, at OFF of the structure, a multiple of 8. */
int ptl_regs_poke(struct ptl_session *s, size_t off, uint64_t word);

/* A pointer that no program has mapped; others the kernel itself checks. */
static inline bool
ptl_bad_pointer(uintptr_t p)
{
	return p < 4096;
}

/* ptrace(2) but for errno. (ptrace.c) */
PTL_HOT long ptl_ptrace(const struct ptl_call *c);

#endif
