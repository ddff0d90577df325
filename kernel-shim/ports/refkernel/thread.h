/* SPDX-License-Identifier: MIT */
/*
 * Threads and processes (thread groups), the scheduler's interface.
 *
 * One CPU, not preemptive: while kernel code runs interrupts are off, and a
 * thread gives up the CPU only in schedule(). Nothing here has a lock.
 */
#ifndef REFKERNEL_THREAD_H
#define REFKERNEL_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kshim/regs.h>
#include <kshim/trace.h>

#include "clock.h"
#include "cpu.h"
#include "cred.h"
#include "dispatch.h"
#include "list.h"
#include "regs.h"
#include "rseq.h"
#include "signal.h"
#include "waitq.h"

struct fdtable;
struct fs_state;
struct process;
struct seccomp;
struct tty;
struct vm;

#define KSTACK_SIZE 16384
#define COMM_LEN    16
#define PID_MAX	    32768

enum thread_state {
	THREAD_RUNNABLE, /* on the run queue, or running */
	THREAD_SLEEPING, /* waits, see wait_mode */
	THREAD_STOPPED,	 /* group stop */
	THREAD_TRACED,	 /* a stop that a tracer ends */
	THREAD_ZOMBIE,	 /* has exited; of a leader: until it is reaped */
	THREAD_DEAD,	 /* will not be seen again */
};

/* Why a thread must look before it goes back to user mode. */
enum thread_work {
	WORK_SIGNAL = 1,    /* recalculated by signal_recalc() */
	WORK_RESCHED = 2,   /* the time slice is over */
	WORK_NOTIFY = 4,    /* ks_on_user_return() is wanted */
	WORK_SECCOMP = 8,   /* it has filters */
	WORK_RSEQ = 16,	    /* was preempted, and has registered */
	WORK_DISPATCH = 32, /* some of its calls are SIGSYS */
};

/* The one who called vfork(), asleep. */
struct vfork_wait {
	struct waitq q;
	bool done;
};

/* A robust futex list as user mode registered it. */
struct robust {
	uint64_t head;
	uint64_t len;
};

struct thread {
	/* --- scheduling --- */
	struct list run; /* in the run queue */
	enum thread_state state;
	int wait_mode; /* while THREAD_SLEEPING */
	unsigned work; /* enum thread_work */
	unsigned refs;
	uint64_t ksp;	   /* kernel stack pointer while not running */
	char *kstack;	   /* KSTACK_SIZE bytes */
	struct regs *regs; /* the user's, at the top of kstack */
	bool io_sleeps;	   /* others may run while it waits for the host */
	bool woken;	   /* by a wait queue, not by a signal */
	uint64_t run_tsc;  /* CPU time, in ticks of the TSC, until STAMP */
	uint64_t stamp;	   /* the TSC when it began to run; 0: does not */
	uint64_t user_ticks, sys_ticks; /* samples */
	uint64_t user_told, sys_told;	/* of the CPU time */
	int64_t slice_left; /* ns of its time slice; <= 0: it is over */
	uint64_t nvcsw, nivcsw;
	uint64_t minflt, majflt;
	int nice, sched_policy, sched_priority;
	int64_t start_ns;

	/* --- identity --- */
	int tid;
	struct process *process;
	struct list link; /* in process->threads */
	struct cred cred;
	char comm[COMM_LEN];
	bool kernel;   /* never in user mode */
	bool exiting;  /* past the point where signals matter */
	int exit_code; /* a wait status, set when exiting */

	/* --- what it runs on and with --- */
	struct vm *vm; /* NULL: a kernel thread, or exited */
	struct fdtable *files;
	struct fs_state *fs;
	uint64_t fs_base, gs_base; /* valid while not running */
	void *fpu;		   /* XSAVE area; see sched.c */
	struct ks_debugregs debug;
	bool step; /* TF is the tracer's, not the program's */

	/* --- tracing --- */
	struct ks_thread trace;
	bool trace_woken; /* a wake that came before the sleep */
	int former_tid;	  /* before an exec made it the leader */

	/* --- user memory to be told at exit --- */
	uint64_t clear_child_tid, set_child_tid;
	struct robust robust;
	struct rseq rseq;
	struct dispatch dispatch; /* with WORK_DISPATCH */
	struct vfork_wait *vfork; /* the parent sleeps until exec or exit */

	/* --- signals --- */
	uint64_t blocked;    /* mask */
	uint64_t saved_mask; /* to be restored, if restore_mask */
	bool restore_mask;
	uint64_t wait_mask; /* sigtimedwait: really wanted */
	struct sigpending pending;
	struct sigaltstack altstack;
	unsigned jobctl;			 /* enum jobctl in signal.h */
	int stop_signal;			 /* of the last group stop */
	uint64_t trap_no, trap_error, trap_addr; /* of the last fault */
	struct restart restart;			 /* of restart_syscall */
	int pdeath_signal;
	int exit_signal; /* sent to the parent; -1: a thread */

	/* --- misc --- */
	struct seccomp *seccomp; /* newest filter */
	unsigned seccomp_mode;
	bool no_new_privs;
	int64_t timer_slack;
};

/* Accumulated usage, of the dead too. */
struct usage {
	int64_t user_ns, sys_ns;
	uint64_t nvcsw, nivcsw, minflt, majflt, maxrss_kb;
};

struct rlimit {
	uint64_t cur, max;
};
#define RLIM_NLIMITS	  16
#define RLIM_INFINITY	  (~0ULL)
#define RLIMIT_CPU	  0
#define RLIMIT_FSIZE	  1
#define RLIMIT_DATA	  2
#define RLIMIT_STACK	  3
#define RLIMIT_CORE	  4
#define RLIMIT_RSS	  5
#define RLIMIT_NPROC	  6
#define RLIMIT_NOFILE	  7
#define RLIMIT_MEMLOCK	  8
#define RLIMIT_AS	  9
#define RLIMIT_LOCKS	  10
#define RLIMIT_SIGPENDING 11
#define RLIMIT_MSGQUEUE	  12
#define RLIMIT_NICE	  13
#define RLIMIT_RTPRIO	  14
#define RLIMIT_RTTIME	  15

/* A thread group; "threads" are linked until they are dead. It outlives its
 * threads as a zombie until it is reaped. */
struct process {
	unsigned refs;
	int pid; /* also the tid of its leader */
	int pgid, sid;
	struct thread *leader; /* dead or alive */
	struct list threads;   /* struct thread.link, all not yet dead */
	int nthreads;	       /* that have not exited */
	int quick_threads;     /* that have not begun to exit */
	struct list link;      /* in all_processes */

	struct process *parent;
	struct thread
	    *parent_thread;   /* its creator, for __WNOTHREAD; or NULL */
	struct list children; /* struct process.sibling */
	struct list sibling;
	struct waitq child_wait; /* woken when a child changes */
	struct waitq death_wait; /* pidfd: woken when all threads ended */
	bool subreaper;
	int ptracer; /* who may trace it too: yama.h */
	bool has_execed;

	/* --- signals --- */
	struct sighand *sighand; /* shared with CLONE_SIGHAND */
	struct sigpending pending;
	struct waitq signal_wait; /* signalfd: woken at each new signal */
	unsigned flags;		  /* enum process_flag in signal.h */
	int group_exit_code;
	int group_stop_count;	    /* threads that have yet to stop */
	struct thread *exec_thread; /* waits for the others to be gone */
	int exec_left;		    /* how many those are */

	/* --- tracing, as a tracer --- */
	struct ks_tracer tracer;
	struct waitq tracer_wait; /* those who read `events` or `trace` */

	/* --- the rest --- */
	struct tty *tty; /* controlling terminal, the files' part */
	struct rlimit rlimit[RLIM_NLIMITS];
	struct ktimer cpu_timer;    /* looks at RLIMIT_CPU */
	struct usage dead_threads;  /* of threads that have exited */
	struct usage dead_children; /* of children that were waited for */
	int64_t start_ns;
	struct itimer itimer[3];
	struct list timers; /* POSIX timers, see ptimer.c */
	int next_timer_id;
	unsigned personality;
	int dumpable;
	int64_t oom_score_adj;
};

extern struct list all_processes;

/* ---- life (fork.c, exit.c) ---- */

/*
 * Start a thread in kernel mode as a process of its own, a child of the
 * current process. FN(ARG) runs with the files and credentials of the caller;
 * it may call exec, and returning it goes to user mode with current->regs.
 * A thread that never does so never returns. -EAGAIN, -ENOMEM.
 */
int kthread_create(const char *name, void (*fn)(void *arg), void *arg,
		   struct thread **out);

/* End the current thread; STATUS is a wait status (code << 8, or signal). */
_Noreturn void thread_exit(int status);
/* Reap zombie P on behalf of its parent: its usage, numbers and memory. */
void process_reap_zombie(struct process *p);
/* T, dead, was held for TRACER and is not any more. */
void thread_unheld(struct thread *t, struct process *tracer);
/* True if P is a zombie that can be waited for. */
bool process_is_zombie(const struct process *p);
/* End the current process, all its threads. */
_Noreturn void process_exit(int status);

/*
 * Wait for any child of the current process and reap it, in the kernel's own
 * name (init). Returns the pid, or -ECHILD.
 */
int process_reap(int *out_status);

/* Send SIGKILL to every process but the caller's; how many there were. */
int process_kill_all(void);

/* References: a process or thread found can be kept over a sleep. */
static inline struct thread *
thread_get(struct thread *t)
{
	t->refs++;
	return t;
}

void thread_put(struct thread *t);
struct process *process_get(struct process *p);
void process_put(struct process *p);

/* By number; NULL if there is none. No reference is taken. */
struct thread *thread_find(int tid);
struct process *process_find(int pid);

/*
 * A thread with a kernel stack, tid and nothing more; FN(ARG) is to run on
 * that stack. A new process with LEADER. -EAGAIN: no more numbers; -ENOMEM.
 */
int thread_new(void (*fn)(void *arg), void *arg, struct thread **out);
int process_new(struct thread *leader, struct process **out);
/* T can be found from now on. */
void thread_publish(struct thread *t);
/* T becomes the leader in the place of LEADER. */
void thread_swap_tids(struct thread *t, struct thread *leader);
/* T dies: its number is free, its reference is dropped. */
void thread_unhash(struct thread *t);
/* P has been reaped. */
void process_unhash(struct process *p);
/* The number stays in use as the group's or session's. */
void pid_hold(int nr);
void pid_drop(int nr);

/* Numbers of living objects, for the census. */
unsigned thread_count(void);
unsigned process_count(void);

/* Resource use of all threads of P, dead ones included. */
void process_usage(struct process *p, struct usage *out);
void thread_usage(struct thread *t, struct usage *out);
void usage_add(struct usage *to, const struct usage *u);

/* The letter of /proc/PID/stat: R S D T t Z X. */
char thread_state_letter(const struct thread *t);

/* ---- exec's part (exec_thread.c), in this order ---- */

/*
 * Kill the other threads of the process, wait until they are gone and take
 * over the leader's tid; unshare the signal handlers. -EAGAIN: the process
 * is dying.
 */
int exec_alone(void);
/*
 * The old address space is left: robust futexes, clear_child_tid, the vfork
 * parent. Then switch current->vm to VM (may be NULL) and drop the old one.
 */
void exec_set_vm(struct vm *vm);
/*
 * Reset all that exec resets of thread and process: handlers, alternate
 * stack, timers, FPU, TLS bases, debug registers, name, capabilities. HIDDEN:
 * the program may not be read, so that the process is not dumpable.
 */
void exec_reset(const char *name, bool hidden);
/* The new program's registers are in place; the tracer is told. */
void exec_done(void);

/* ---- process groups and sessions (pgrp.c) ---- */

/* True if no member's parent is in the same session but another group. */
bool pgrp_orphaned(int pgid);
/*
 * P, a member of group PGID, exits or loses its parent PARENT: if that orphans
 * the group and some of it is stopped, it gets SIGHUP and SIGCONT.
 */
void pgrp_maybe_orphaned(int pgid, struct process *p, struct process *parent);
bool pgrp_exists(int pgid);
/* True if some process of session SID is in group PGID. */
bool pgrp_in_session(int pgid, int sid);
/* Call FN for each member; the first non-zero result ends it. */
int pgrp_each(int pgid, int (*fn)(struct process *p, void *arg), void *arg);

/* ---- signals (the rest is in signal.h) ---- */

/* True if the current thread has a signal to handle: blocking calls end. */
static inline bool
signal_pending(void)
{
	/* A call that is broken off for its tracer must be restarted. */
	if (ks_wants_return(&current->trace))
		current->work |= WORK_SIGNAL;
	return current->work & (WORK_SIGNAL | WORK_NOTIFY);
}

/* True if T is to die. */
static inline bool
signal_fatal_pending(const struct thread *t)
{
	return t->pending.set & SIGMASK(SIGKILL);
}

/* ---- scheduler (sched.c) ---- */

void sched_init(void);
/*
 * Run somebody else until the current thread is runnable again. The state has
 * been set by the caller; if runnable, it goes to the end of the queue.
 * Idles with interrupts on if nobody is runnable.
 */
void schedule(void);
/* Make T runnable, whatever it waits for (not one that is stopped or dead). */
void thread_wake(struct thread *t);
/* Make T, new or in a stop, runnable. */
void thread_make_runnable(struct thread *t);

/*
 * Bring T's save area up to date before it is read; tell that it was changed.
 * T may be the running thread.
 */
void thread_fpu_flush(struct thread *t);
void thread_fpu_changed(struct thread *t);

/* ---- single steps, TLS bases, memory for FPU state ---- */

/* Set or clear the tracer's trap flag; see debugreg.c. */
void thread_set_step(struct thread *t, bool on);

/* An area for fpu_save(), aligned; kfree(). */
void *thread_fpu_alloc(void);

/* Bases of T, the running one or not. */
void thread_get_bases(struct thread *t, uint64_t *out_fs, uint64_t *out_gs);
void thread_set_bases(struct thread *t, uint64_t fs, uint64_t gs);

#endif
