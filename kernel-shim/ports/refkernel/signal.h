/* SPDX-License-Identifier: MIT */
/*
 * Signals, with Linux's semantics and layouts.
 */
#ifndef REFKERNEL_SIGNAL_H
#define REFKERNEL_SIGNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "list.h"

struct process;
struct ptimer;
struct regs;
struct thread;

#define SIGHUP	  1
#define SIGINT	  2
#define SIGQUIT	  3
#define SIGILL	  4
#define SIGTRAP	  5
#define SIGABRT	  6
#define SIGBUS	  7
#define SIGFPE	  8
#define SIGKILL	  9
#define SIGUSR1	  10
#define SIGSEGV	  11
#define SIGUSR2	  12
#define SIGPIPE	  13
#define SIGALRM	  14
#define SIGTERM	  15
#define SIGSTKFLT 16
#define SIGCHLD	  17
#define SIGCONT	  18
#define SIGSTOP	  19
#define SIGTSTP	  20
#define SIGTTIN	  21
#define SIGTTOU	  22
#define SIGURG	  23
#define SIGXCPU	  24
#define SIGXFSZ	  25
#define SIGVTALRM 26
#define SIGPROF	  27
#define SIGWINCH  28
#define SIGIO	  29
#define SIGPWR	  30
#define SIGSYS	  31
#define SIGRTMIN  32
#define NSIG	  64

#define SIGMASK(sig) (1ULL << ((sig)-1))

#define SIG_DFL 0
#define SIG_IGN 1

#define SA_NOCLDSTOP 0x00000001
#define SA_NOCLDWAIT 0x00000002
#define SA_SIGINFO   0x00000004
#define SA_RESTORER  0x04000000
#define SA_ONSTACK   0x08000000
#define SA_RESTART   0x10000000
#define SA_NODEFER   0x40000000
#define SA_RESETHAND 0x80000000

#define SI_USER	   0
#define SI_KERNEL  0x80
#define SI_QUEUE   (-1)
#define SI_TIMER   (-2)
#define SI_MESGQ   (-3)
#define SI_ASYNCIO (-4)
#define SI_SIGIO   (-5)
#define SI_TKILL   (-6)

#define ILL_ILLOPN	  2
#define FPE_INTDIV	  1
#define FPE_INTOVF	  2
#define FPE_FLTDIV	  3
#define FPE_FLTOVF	  4
#define FPE_FLTUND	  5
#define FPE_FLTRES	  6
#define FPE_FLTINV	  7
#define SEGV_MAPERR	  1
#define SEGV_ACCERR	  2
#define BUS_ADRALN	  1
#define BUS_ADRERR	  2
#define TRAP_BRKPT	  1
#define TRAP_TRACE	  2
#define TRAP_HWBKPT	  4
#define CLD_EXITED	  1
#define CLD_KILLED	  2
#define CLD_DUMPED	  3
#define CLD_TRAPPED	  4
#define CLD_STOPPED	  5
#define CLD_CONTINUED	  6
#define AUDIT_ARCH_X86_64 0xc000003e /* si_arch */
#define SYS_SECCOMP	  1
#define SYS_USER_DISPATCH 2

/* Linux's siginfo_t, 128 bytes. */
struct siginfo {
	int32_t si_signo;
	int32_t si_errno;
	int32_t si_code;
	int32_t pad0;
	union {
		struct {
			int32_t si_pid;
			uint32_t si_uid;
			uint64_t si_value; /* SI_QUEUE */
		};
		struct {
			int32_t si_tid;
			int32_t si_overrun;
			uint64_t si_tvalue; /* SI_TIMER */
		};
		struct {
			int32_t si_cpid;
			uint32_t si_cuid;
			int32_t si_status;
			int32_t pad1;
			int64_t si_utime; /* in ticks of 10 ms */
			int64_t si_stime;
		};
		struct {
			uint64_t si_addr;
		};
		struct {
			int64_t si_band;
			int32_t si_fd;
		};
		struct {
			uint64_t si_call_addr;
			int32_t si_syscall;
			uint32_t si_arch;
		};
		unsigned char raw[112];
	};
};
_Static_assert(sizeof(struct siginfo) == 128, "siginfo_t");

/* One that waits to be delivered. */
struct sigqueue {
	struct list link;
	struct ptimer *timer; /* whose overrun count it carries, or NULL */
	struct siginfo info;
};

struct sigpending {
	uint64_t set;	   /* SIGMASK() of all that are pending */
	struct list queue; /* struct sigqueue, oldest first */
};

/* struct sigaction as the kernel call has it. */
struct sigaction {
	uint64_t handler;
	uint64_t flags;
	uint64_t restorer;
	uint64_t mask;
};

struct sighand {
	unsigned refs;
	struct sigaction action[NSIG]; /* of signal n + 1 */
};

#define SS_ONSTACK    1
#define SS_DISABLE    2
#define SS_AUTODISARM (1U << 31)

struct sigaltstack {
	uint64_t sp;
	int32_t flags;
	int32_t pad;
	uint64_t size;
};

/* What restart_syscall goes on with. */
struct restart {
	long (*fn)(struct restart *r);
	uint64_t arg[5];
	int64_t deadline;
};

/* struct process.flags. */
enum process_flag {
	PROCESS_STOPPED = 1,	    /* a group stop is in effect */
	PROCESS_CONTINUED = 2,	    /* SIGCONT since the last wait */
	PROCESS_GROUP_EXIT = 4,	    /* all threads are to exit */
	PROCESS_CLD_STOPPED = 16,   /* tell the parent: stopped */
	PROCESS_CLD_CONTINUED = 32, /* tell the parent: continued */
	PROCESS_UNKILLABLE = 64,    /* init */
	PROCESS_STOP_WAITED = 128,  /* the stop has been waited for */
	PROCESS_DEAD = 256,	    /* all threads have ended */
};

/* struct thread.jobctl. */
enum jobctl {
	JOBCTL_STOP_PENDING = 1, /* is to take part in a group stop */
	JOBCTL_STOP_COUNTED = 2, /* and group_stop_count waits for it */
	JOBCTL_STOP_DEQUEUED =
	    4, /* a stop signal was taken; SIGCONT undoes it */
};

#define SIGMASK_STOP                                                           \
	(SIGMASK(SIGSTOP) | SIGMASK(SIGTSTP) | SIGMASK(SIGTTIN) |              \
	 SIGMASK(SIGTTOU))
#define SIGMASK_IGNORE                                                         \
	(SIGMASK(SIGCONT) | SIGMASK(SIGCHLD) | SIGMASK(SIGWINCH) |             \
	 SIGMASK(SIGURG))
#define SIGMASK_CORE                                                           \
	(SIGMASK(SIGQUIT) | SIGMASK(SIGILL) | SIGMASK(SIGTRAP) |               \
	 SIGMASK(SIGABRT) | SIGMASK(SIGFPE) | SIGMASK(SIGSEGV) |               \
	 SIGMASK(SIGBUS) | SIGMASK(SIGSYS) | SIGMASK(SIGXCPU) |                \
	 SIGMASK(SIGXFSZ))
/* Caused by the instruction that is being executed: first of all. */
#define SIGMASK_SYNC                                                           \
	(SIGMASK(SIGSEGV) | SIGMASK(SIGBUS) | SIGMASK(SIGILL) |                \
	 SIGMASK(SIGTRAP) | SIGMASK(SIGFPE) | SIGMASK(SIGSYS))
#define SIGMASK_UNBLOCKABLE (SIGMASK(SIGKILL) | SIGMASK(SIGSTOP))

/* ---- queues (sigqueue.c) ---- */

void sigpending_init(struct sigpending *p);
/* Forget all in P; all that are in MASK. */
void sigpending_flush(struct sigpending *p);
void sigpending_remove(struct sigpending *p, uint64_t mask);
/*
 * Add INFO. A signal below SIGRTMIN that is pending already is dropped. If
 * there is no memory only the number is kept, and si_code will be SI_USER.
 * -EAGAIN: over the limit, and the sender is to know.
 */
int sigpending_add(struct sigpending *p, const struct siginfo *info,
		   struct ptimer *timer);
/*
 * The next of MASK in P that is synchronous and that the kernel has sent; its
 * number, or 0.
 */
int sigpending_take_sync(struct sigpending *p, uint64_t blocked,
			 struct siginfo *out);
void sighand_put(struct sighand *h);
/* How many are queued in the whole system, for the census. */
unsigned sigqueue_count(void);

/* Take the next signal in MASK for the current thread; the number or 0. */
int signal_dequeue(uint64_t mask, struct siginfo *out);
/* Pending signals of T and of its process. */
uint64_t signal_pending_set(struct thread *t);

/* ---- sending (sigsend.c) ---- */

/*
 * Send the signal in INFO to T alone, or to its process as a whole; permission
 * is the caller's to check. Nothing happens if it is ignored. -EAGAIN: a
 * real-time signal sent by sigqueue over RLIMIT_SIGPENDING.
 */
int signal_send_thread(struct thread *t, const struct siginfo *info);
int signal_send_process(struct process *p, const struct siginfo *info);
/* True if SIG of the kernel, if sent to P, would be for nobody. */
bool signal_is_ignored(const struct process *p, int sig);
/* The same for an expired timer; the overrun count is added when it is taken.
 */
int signal_send_timer(struct thread *t, struct process *p,
		      const struct siginfo *info, struct ptimer *timer);

/* The same with si_code SI_KERNEL and no more. */
void signal_kernel_thread(struct thread *t, int sig);
void signal_kernel_process(struct process *p, int sig);
/* With SI_USER, as if the current thread had called kill() or tkill(). */
void signal_user_thread(struct thread *t, int sig);

/*
 * To every process of the group from the kernel (a terminal does so). With
 * si_code SI_KERNEL. -ESRCH: nobody there.
 */
int signal_kernel_pgrp(int pgid, int sig);

/*
 * A signal that the current thread caused itself and cannot escape: if it is
 * blocked or ignored, its action becomes the default one.
 */
void signal_force(const struct siginfo *info);
/* The same for a thread in a trace stop. */
void signal_force_to(struct thread *t, const struct siginfo *info);
void signal_force_kernel(int sig);
void signal_force_fault(int sig, int code, uint64_t addr);

/*
 * The system call that the current thread began at R is not made, but SIGSYS
 * with CODE and DATA as si_errno: the handler sees it as if it had not begun.
 */
void signal_no_call(struct regs *r, int code, uint32_t data);

/* SIGKILL to all threads of P but the current one: exit_group and exec. */
void signal_kill_others(struct process *p);
/* Wake T for a signal; FATAL: whatever stop it is in. */
void signal_wake(struct thread *t, bool fatal);

/* ---- traps (sigtrap.c) ---- */

/*
 * A CPU exception in user mode, page faults excepted: VECTOR and error code.
 */
void signal_trap(struct regs *r, unsigned vector, uint64_t error);
/* A page fault at ADDR that could not be resolved: SIG and CODE to be sent. */
void signal_page_fault(uint64_t error, uint64_t addr, int sig, int code);

/* ---- state (sigstate.c) ---- */

/* True if SIG would not reach the current thread now (terminal I/O). */
bool signal_blocked_or_ignored(int sig);
/*
 * Recalculate WORK_SIGNAL after masks or queues changed. It is cleared only
 * for the current thread.
 */
void signal_recalc(struct thread *t);
/* Set the current thread's mask; SIGKILL and SIGSTOP stay unblocked. */
void signal_set_blocked(uint64_t mask);
/*
 * For ppoll and the like: read a mask of SIZE bytes at UA (0: nothing to do)
 * and block it until the call is over. The old one comes back after the
 * handler has run if the call was INTERRUPTED, else at once.
 */
int signal_mask_user(uint64_t ua, uint64_t size);
void signal_mask_restore(bool interrupted);
/* What exec does: handlers to the default, the alternate stack is off. */
void signal_exec(void);
/* The current thread exits: others take over what it was to do. */
void signal_exit(struct thread *t);

/* ---- job control (sigstop.c) ---- */

/*
 * Take part in the stop that is pending, or begin one by SIG (not 0). False:
 * there is none (any more).
 */
bool signal_stop(int sig);
/* A new thread takes part in a stop that is under way. */
void signal_join_stop(struct thread *t);
/* T does not take part; true: with that the stop is complete. */
bool signal_leave_stop(struct thread *t);
/* SIG was sent to P: stops and SIGCONT cancel one another, stops end. */
void signal_job_control(struct process *p, int sig);
/* Tell the parent what PROCESS_CLD_* say is due. True: something was. */
bool signal_notify_due(struct process *p);
/* Tell the parent of P that it stopped or goes on; CLD_STOPPED, .. */
void signal_child_stop(struct process *p, int code);
/* Send SIG, SIGCHLD mostly, to PARENT: P died with wait STATUS. */
void signal_child_exit(struct process *p, struct process *parent, int sig,
		       int status);
/* The signal of the stop in force on T, or 0. */
int signal_group_stop(const struct thread *t);

/* ---- delivery (sigdeliver.c, sigframe.c) ---- */

/* All there is to do before user mode goes on: signals, stops, restarts. */
void signal_deliver(struct regs *r);

/* Set up the frame of a handler; -EFAULT. */
int sigframe_setup(struct regs *r, int sig, const struct siginfo *info,
		   const struct sigaction *a);

#endif
