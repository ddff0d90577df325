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

#define SIGMASK(sig) (1ULL << ((sig) - 1))

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

#define ILL_ILLOPN   2
#define FPE_INTDIV   1
#define FPE_INTOVF   2
#define FPE_FLTDIV   3
#define FPE_FLTOVF   4
#define FPE_FLTUND   5
#define FPE_FLTRES   6
#define FPE_FLTINV   7
#define SEGV_MAPERR  1
#define SEGV_ACCERR  2
#define BUS_ADRALN   1
#define BUS_ADRERR   2
#define TRAP_BRKPT   1
#define TRAP_TRACE   2
#define TRAP_HWBKPT  4
#define CLD_EXITED   1
#define CLD_KILLED   2
#define CLD_DUMPED   3
#define CLD_TRAPPED  4
#define CLD_STOPPED  5
#define CLD_CONTINUED 6
#define SYS_SECCOMP  1

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
	PROCESS_STOPPED = 1,	     /* a group stop is in effect */
	PROCESS_CONTINUED = 2,	     /* SIGCONT since the last wait */
	PROCESS_GROUP_EXIT = 4,	     /* all threads are to exit */
	PROCESS_CLD_STOPPED = 16,    /* tell the parent: stopped */
	PROCESS_CLD_CONTINUED = 32,  /* tell the parent: continued */
	PROCESS_UNKILLABLE = 64,     /* init */
	PROCESS_STOP_WAITED = 128,   /* the stop has been waited for */
};

/* ---- sending (sigsend.c) ---- */

void sigpending_init(struct sigpending *p);
/* Forget all in P. */
void sigpending_flush(struct sigpending *p);

/*
 * Send SIG with INFO to T alone, or to its process as a whole, from the
 * kernel or after the permission check. Dropped if it is ignored; one below
 * SIGRTMIN that is pending already is dropped. -EAGAIN: a real-time signal
 * sent by sigqueue over RLIMIT_SIGPENDING.
 */
int signal_send_thread(struct thread *t, const struct siginfo *info);
int signal_send_process(struct process *p, const struct siginfo *info);

/* The same with si_code SI_KERNEL and no more. */
void signal_kernel_thread(struct thread *t, int sig);
void signal_kernel_process(struct process *p, int sig);

/*
 * To every process of the group from the kernel (a terminal does so). With
 * si_code SI_KERNEL. -ESRCH: nobody there.
 */
int signal_kernel_pgrp(int pgid, int sig);

/*
 * A signal that the current thread caused itself and cannot escape: if it is
 * blocked or ignored, its action is the default one.
 */
void signal_force(const struct siginfo *info);
void signal_force_fault(int sig, int code, uint64_t addr);

/*
 * A CPU exception in user mode: VECTOR with its error code; for a page fault
 * that could not be resolved ADDR is cr2, and SIG and CODE say what it was.
 */
void signal_trap(struct regs *r, unsigned vector, uint64_t error);
void signal_page_fault(struct regs *r, uint64_t error, uint64_t addr, int sig,
		       int code);

/* ---- state ---- */

/* True if the current thread has a signal to handle: blocking calls end. */
bool signal_pending(void);
/* True if a fatal one is. */
bool signal_fatal_pending(struct thread *t);
/* True if SIG would not reach the current thread now (terminal I/O). */
bool signal_blocked_or_ignored(int sig);
/* Recalculate WORK_SIGNAL after masks or queues changed. */
void signal_recalc(struct thread *t);
/* Set the current thread's mask; SIGKILL and SIGSTOP stay unblocked. */
void signal_set_blocked(uint64_t mask);
/*
 * For ppoll and the like: read a mask of SIZE bytes at UA (0: nothing to do)
 * and block it until the call is over; the old one comes back after the
 * handler has run, or in signal_mask_restore() if none is to run.
 */
int signal_mask_user(uint64_t ua, uint64_t size);
void signal_mask_restore(bool interrupted);
/* Pending signals of T and its process that are in MASK (signalfd). */
uint64_t signal_pending_set(struct thread *t);
/*
 * Take the next signal in MASK for the current thread. The number or 0.
 */
int signal_dequeue(uint64_t mask, struct siginfo *out);

/* ---- delivery (sigdeliver.c, sigframe.c) ---- */

/* All there is to do before user mode goes on: signals, stops, restarts. */
void signal_deliver(struct regs *r);

/* Tell the parent of the current, or another, process of an event. */
void signal_notify_parent(struct process *child, int code, int status);

#endif
