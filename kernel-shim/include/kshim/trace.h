/* SPDX-License-Identifier: MIT */
/*
 * Tracing: what a kernel embeds and the hooks that it calls.
 *
 * Hooks run in the thread that they are about, with no lock of the shim or of
 * the kernel held, where it may sleep, unless said otherwise. With no tracer a
 * hook costs one load and a branch. While a hook sleeps the thread is in a
 * trace stop: its registers, memory and signals may be changed by the tracer,
 * so look at them again after each hook.
 */
#ifndef KSHIM_TRACE_H
#define KSHIM_TRACE_H

#include <sys/proc_scheme.h>

#include <kshim/port.h>

/* Linux's numbers, for the few signals that the shim itself uses. */
#define KS_SIGTRAP 5
#define KS_SIGKILL 9
#define KS_SIGSTOP 19

/* Who a thread is. Ids as in Linux: real, effective, saved. */
struct ks_cred {
	uint32_t uid, euid, suid, fsuid;
	uint32_t gid, egid, sgid, fsgid;
	bool cap_ptrace; /* CAP_SYS_PTRACE, or root on simple kernels */
	uint64_t caps_permitted, caps_effective;
	bool may_suspend; /* CAP_SYS_ADMIN, and no seccomp filter of its own */
	bool dumpable;	  /* of the process */
};

/* What a thread is doing, as its tracer sees it. */
enum ks_state {
	KS_RUNNING,   /* not in a trace stop */
	KS_STOPPED,   /* in a trace stop */
	KS_LISTENING, /* in a trace stop, which SIGCONT may renew */
	KS_DEAD,      /* exited; held for its tracer */
	KS_NSTATES
};

/* Events of one tracee that its tracer has not read yet: first in, first out */
#define KS_QUEUE 8

struct ks_queue {
	struct proc_event ev[KS_QUEUE];
	unsigned head, count;
};

/*
 * Tracing state of one process as a tracer. Embed in the process, call
 * ks_tracer_init() when it is made and ks_on_tracer_exit() when its last
 * thread is about to end.
 */
struct ks_tracer {
	struct ks_machine *m;
	struct ks_lock lock;	/* guards all below and its tracees' queues */
	struct ks_link tracees; /* ks_thread.tracee */
	struct ks_link pending; /* ks_thread.pending: with unread events */
	bool listens;		/* `events` has been opened */
	bool child_changed;	/* PROC_EVENT_CHILD is due */
	unsigned woken;		/* so many reads of `events` shall return 0 */
	bool exiting;
	struct proc_events *events; /* the page that maps it; NULL: none yet */
};

/*
 * Tracing state of one thread. Embed, and call ks_thread_init() before the
 * thread can be found. A kernel may read `hooks` without a lock, to skip a
 * hook that nobody waits for; the rest is the shim's own.
 */
struct ks_thread {
	struct ks_machine *m;
	struct ks_lock lock;	  /* guards all below; before tracer's lock */
	uint64_t hooks;		  /* KS_HOOK_*, written under the lock */
	struct ks_tracer *tracer; /* NULL: no session */
	struct ks_link tracee, pending;
	struct ks_queue queue; /* under the tracer's lock */
	enum ks_state state;
	uint64_t mask;		/* stops and events asked for, lasting flags */
	uint64_t cause;		/* of the stop it is in or was in last */
	uint64_t resume;	/* the flags that ended the last stop */
	uint64_t resume_signal; /* with PROC_FLAG_SIGNAL in resume */
	struct proc_siginfo info; /* of the stop; whatever the tracer likes */
	int32_t signo;		  /* that it is stopped at, 0: at none */
	bool has_info;	 /* a group stop of a legacy session has none */
	bool info_due;	 /* it is made up when somebody asks */
	bool has_handle; /* its `trace` is open */
	bool extended;	 /* an extension has been used: report death too */
	bool kill_on_close;
	bool capable; /* cap_ptrace, of who began the session, at that time */
	unsigned due; /* KS_DUE_*, at the next ks_on_user_return() */
	bool held;    /* waits for room in the queue */
	bool superseded;  /* an exec of another thread has its id */
	bool killed;	  /* ks_on_kill() */
	int step;	  /* KS_STEP_* armed */
	uint32_t session; /* counts sessions, to tell a stale handle */
	uint32_t execs;	  /* counts programs executed, likewise */
	uint32_t sys_op;  /* PROC_SYSCALL_*, of the stop */
	uint32_t sys_data;
	bool sys_shown;	 /* an entry stop, wanted without one at the exit */
	uint64_t status; /* of the death */
	struct proc_stop *record; /* the page that `stop` is; NULL: none yet */
	uint64_t sequence;	  /* that the record has; odd: written */
	uint64_t recorded;	  /* PROC_HAS_* of it */
	bool at_rest;		  /* in a stop, its registers are complete */
	struct ks_link mappings;  /* ks_file.of_thread: `mem`, mapped */
};

#define KS_HOOK_TRACED	UINT64_C(1)
#define KS_HOOK_SYSCALL UINT64_C(2) /* entry or exit is wanted */
#define KS_HOOK_RETURN	UINT64_C(4) /* ks_on_user_return() is wanted */

/* FLAG_INTERRUPT, a child's start; any stop clears it */
#define KS_DUE_TRAP   1U
#define KS_DUE_NOTIFY 2U /* the group stop changed */
#define KS_DUE_FREEZE 4U /* stop without an event: O_TRUNC, EVENT_CLONE */
#define KS_DUE_STEP   8U /* no stop: arm the step that the mask asks for */

#define KS_STEP_NONE  0
#define KS_STEP_INSN  1 /* step_set: one instruction */
#define KS_STEP_BLOCK 2 /* step_set: to the next taken branch */

void ks_thread_init(struct ks_thread *t, struct ks_machine *m);
void ks_tracer_init(struct ks_tracer *tr, struct ks_machine *m);

/* ---- questions; any context, no lock needed ---- */

/*
 * True if T has a tracer. Then no signal to it may be dropped for being
 * ignored: the tracer sees it first.
 */
static inline bool
ks_traced(const struct ks_thread *t)
{
	return __atomic_load_n(&t->hooks, __ATOMIC_RELAXED) & KS_HOOK_TRACED;
}

/* True if the system call hooks, or ks_on_user_return(), have work. */
static inline bool
ks_wants_syscall(const struct ks_thread *t)
{
	return __atomic_load_n(&t->hooks, __ATOMIC_RELAXED) & KS_HOOK_SYSCALL;
}

static inline bool
ks_wants_return(const struct ks_thread *t)
{
	return __atomic_load_n(&t->hooks, __ATOMIC_RELAXED) & KS_HOOK_RETURN;
}

/* True while T is in a trace stop (for the `t` of /proc/PID/stat). */
bool ks_stopped(struct ks_thread *t);

/*
 * True if dead T is kept for its tracer: do not report its death to the
 * parent and do not reap it until thread_released(). It ends when the tracer
 * detaches or closes `trace`; or has read the death, where it has neither
 * `trace` open nor asked for PROC_FLAG_HOLD.
 */
bool ks_holds(struct ks_thread *t);

/* The tgid of T's tracer (TracerPid of /proc/PID/status), 0 if none. */
int32_t ks_tracer_pid(struct ks_thread *t);

/*
 * True if T has a tracer that had not cap_ptrace when the session began: then
 * what T executes may give it no rights (set-id bits have no effect).
 */
bool ks_tracer_is_lesser(struct ks_thread *t);

/* True if T's filters are suspended by its tracer. */
bool ks_seccomp_suspended(struct ks_thread *t);

/*
 * Call before others than T's tracer are shown T's registers, or signal mask:
 * what the tracer has changed in the record of a stop takes effect.
 */
void ks_settle(struct ks_thread *t);

/* ---- hooks ---- */

enum ks_verdict {
	KS_RUN,	 /* go on; read number and arguments from the frame again */
	KS_SKIP, /* do not run the system call; the result is in the frame */
};

/*
 * T entered the kernel by a system call; the frame is complete (orig_rax is
 * the number, rax is -ENOSYS). Before seccomp filters.
 */
enum ks_verdict ks_on_syscall_entry(struct ks_thread *t);

/*
 * The system call is done, its result is in the frame; signals come later.
 * Also after KS_SKIP. Not for sigreturn's own restart bookkeeping: call it
 * for every system call that had an entry.
 */
void ks_on_syscall_exit(struct ks_thread *t);

/*
 * A filter answered SECCOMP_RET_TRACE with DATA. -ENOSYS: no tracer wants it
 * (the kernel fails the call with ENOSYS). 0: go on as after KS_RUN, but
 * number -1 skips; the kernel runs the filters again.
 */
int ks_on_seccomp(struct ks_thread *t, uint32_t data);

/*
 * Signal INFO was taken from T's queue and is about to be acted upon, ignored
 * or not (SIGKILL excepted). HANDLER is the handler's address, 0 default,
 * 1 ignore. Traps (int3, single step, hardware breakpoint) come as SIGTRAP
 * with Linux's si_code. Returns the signal to act upon, 0 for none; INFO may
 * be changed. What comes back may be blocked: then queue it again instead.
 */
int ks_on_signal(struct ks_thread *t, struct proc_siginfo *info,
		 uint64_t handler);

/* A handler's frame has been set up; before its first instruction. */
void ks_on_handler(struct ks_thread *t);

/*
 * T is about to return to user mode and ks_wants_return(t): call before
 * signals are taken, in the same loop.
 */
void ks_on_user_return(struct ks_thread *t);

/*
 * T takes part in a job control stop by SIG. True: its tracer has dealt with
 * it, go on though the stop is in force. False: sleep in it as an untraced
 * thread does, if it is still in force. A thread that is in such a sleep, or
 * runs untraced while a stop is in force, calls this (again) after a kick.
 */
bool ks_on_group_stop(struct ks_thread *t, int sig);

/*
 * SIGCONT is sent to T's process, or a group stop begins; call for each
 * thread, when port's group_stop() tells the new state. Does not sleep.
 */
void ks_on_group_change(struct ks_thread *t);

enum ks_clone {
	KS_FORK,  /* the exit signal is SIGCHLD */
	KS_VFORK, /* CLONE_VFORK */
	KS_CLONE, /* all else */
};

/*
 * CHILD was made by PARENT, has its id and cannot run yet; nothing can fail any
 * more. Makes CHILD a tracee where PARENT's tracer wants it, or where FORCE
 * (CLONE_PTRACE), and queues PARENT's event, so that it comes before any of
 * CHILD's. Not called for CLONE_UNTRACED. Does not sleep.
 */
void ks_on_clone(struct ks_thread *parent, struct ks_thread *child,
		 enum ks_clone kind, bool force);

/* After that, when CHILD may run: PARENT stops, if its tracer wants it. */
void ks_on_cloned(struct ks_thread *parent);

/* T's vfork child has released it; T stops before it goes on. */
void ks_on_vfork_done(struct ks_thread *t, int32_t child);

/*
 * T executes a new program: image, registers and names are in place; before
 * the exit of the system call. FORMER is T's tid before it became leader.
 */
void ks_on_exec(struct ks_thread *t, int32_t former);

/*
 * Before that, where T is not the leader: T takes over OLD's id, and OLD, which
 * has ended, goes away. Call while both cannot be found. No thread_released()
 * will come for OLD. Does not sleep.
 */
void ks_on_exec_leader(struct ks_thread *t, struct ks_thread *old);

/*
 * SIGKILL, or the end of its process, was sent to T: call when that makes
 * thread_sleep() return. T is in no stop from now on, but that of its exit,
 * though it may not have run yet. Not with a lock held that the operations
 * take. Does not sleep.
 */
void ks_on_kill(struct ks_thread *t);

/* T begins to exit with STATUS (as wait(2) will tell); its memory is there. */
void ks_on_exit(struct ks_thread *t, int status);

/*
 * T is dead with STATUS: for a thread that is not the leader, when it ends;
 * for a leader, when all others are gone. If ks_holds(t) after that, keep it.
 * Does not sleep.
 */
void ks_on_death(struct ks_thread *t, int status);

/*
 * The last thread of TR's process ends: all its sessions end; tracees with
 * PROC_FLAG_EXITKILL or O_EXCL are killed. Does not sleep.
 */
void ks_on_tracer_exit(struct ks_tracer *tr);

/*
 * A child of TR's process died, stopped or went on, so that its wait() would
 * return: wakes who reads `events`. Does not sleep.
 */
void ks_on_child(struct ks_tracer *tr);

#endif
