/* SPDX-License-Identifier: MIT */
/*
 * The hooks for system calls, signals and stops on demand. Each looks at
 * whether its stop is wanted, goes through the stop, and turns the tracer's
 * answer into what the kernel shall do.
 */
#include <kshim/regs.h>

#include "session.h"

static bool
ignored(const struct ks_thread *t)
{
	return t->resume & PROC_FLAG_IGNORE;
}

/* A signal that the tracer gave while T was not stopped at one. */
static void
send_given(struct ks_thread *t)
{
	struct proc_siginfo info = {.code = KS_SI_KERNEL};

	info.signo = (int32_t)t->resume_signal;
	t->m->ops->signal_send(t->m, t, &info, false);
}

static inline void
inject(struct ks_thread *t)
{
	if ((t->resume & PROC_FLAG_SIGNAL) && t->resume_signal)
		send_given(t);
}

enum outcome {
	NO_STOP, /* nobody wants it */
	RESUMED,
	DYING, /* a fatal signal ended it */
};

static enum outcome
syscall_stop(struct ks_thread *t, uint64_t cause, uint32_t op, uint32_t data)
{
	bool stops;

	ks_lock_thread(t);
	stops = (t->mask & cause) && ks_stop_begin(t, cause, data, 0, NULL);
	if (stops) {
		t->sys_op = op;
		t->sys_data = data;
		t->sys_shown = cause == PROC_STOP_PRE_SYSCALL &&
			       !(t->mask & PROC_STOP_POST_SYSCALL);
	}
	ks_unlock_thread(t);
	if (!stops)
		return NO_STOP;
	return ks_stop_sleep(t) ? RESUMED : DYING;
}

enum ks_verdict
ks_on_syscall_entry(struct ks_thread *t)
{
	if (!ks_wants_syscall(t))
		return KS_RUN;
	switch (syscall_stop(t, PROC_STOP_PRE_SYSCALL, PROC_SYSCALL_ENTRY, 0)) {
	case NO_STOP:
		return KS_RUN;
	case DYING:
		return KS_SKIP;
	case RESUMED:
		break;
	}
	inject(t);
	return ignored(t) ? KS_SKIP : KS_RUN;
}

/* The code is Linux's for a step that the processor has not made. */
static void
end_step(struct ks_thread *t)
{
	struct proc_siginfo trap = {.signo = KS_SIGTRAP, .code = KS_TRAP_BRKPT};
	struct ks_regs regs;

	t->m->ops->regs_get(t->m, t, &regs);
	trap.u.fault.addr = regs.rip;
	t->m->ops->signal_send(t->m, t, &trap, true);
}

void
ks_on_syscall_exit(struct ks_thread *t)
{
	if (!ks_wants_syscall(t))
		return;
	/*
	 * A step over a system call ends here, not one instruction later; but
	 * as on Linux not when entry stops are wanted too.
	 */
	if (t->step != KS_STEP_NONE && !(t->mask & PROC_STOP_PRE_SYSCALL))
		end_step(t);
	else if (syscall_stop(t, PROC_STOP_POST_SYSCALL, PROC_SYSCALL_EXIT,
			      0) == RESUMED)
		inject(t);
}

int
ks_on_seccomp(struct ks_thread *t, uint32_t data)
{
	if (!ks_traced(t) ||
	    syscall_stop(t, PROC_STOP_SECCOMP, PROC_SYSCALL_SECCOMP, data) ==
		NO_STOP)
		return -ENOSYS;
	return 0;
}

/* The cause with which INFO stops T, or 0. */
static uint64_t
signal_cause(const struct ks_thread *t, const struct proc_siginfo *info)
{
	if (info->signo == KS_SIGTRAP &&
	    (info->code == KS_TRAP_TRACE || info->code == KS_TRAP_BRKPT) &&
	    (t->mask & KS_STEP_BITS))
		return PROC_STOP_SINGLESTEP;
	if (info->signo == KS_SIGTRAP && info->code == KS_SI_KERNEL &&
	    (t->mask & PROC_STOP_BREAKPOINT))
		return PROC_STOP_BREAKPOINT;
	return t->mask & PROC_STOP_SIGNAL;
}

int
ks_on_signal(struct ks_thread *t, struct proc_siginfo *info, uint64_t handler)
{
	uint64_t cause;
	bool stops;

	if (!ks_traced(t) || info->signo == KS_SIGKILL)
		return info->signo;
	ks_lock_thread(t);
	cause = signal_cause(t, info);
	stops = cause &&
		ks_stop_begin(t, cause, (uint64_t)info->signo, handler, info);
	ks_unlock_thread(t);
	if (!stops)
		return info->signo;
	if (!ks_stop_sleep(t))
		return 0;
	/*
	 * The tracer has changed t->info where it sends another signal. Which
	 * one that is, if any, is not for the siginfo to say.
	 */
	*info = t->info;
	if (t->resume & PROC_FLAG_SIGNAL)
		return (int)t->resume_signal;
	if (ignored(t) || !(cause & PROC_STOP_SIGNAL))
		return 0;
	return t->signo;
}

void
ks_on_handler(struct ks_thread *t)
{
	bool stops;

	if (!ks_traced(t) || t->step == KS_STEP_NONE)
		return;
	ks_lock_thread(t);
	stops = t->step != KS_STEP_NONE &&
		ks_stop_begin(t, PROC_STOP_STEP_IN, 0, 0, NULL);
	ks_unlock_thread(t);
	if (stops)
		ks_stop_sleep(t);
}

/*
 * Which stop is due, if any: at a group stop of a legacy session the one that
 * it would have made, had the session begun before it.
 */
static bool
begin_due(struct ks_thread *t)
{
	uint64_t sig = (uint64_t)t->m->ops->group_stop(t->m, t);
	unsigned due = t->due;
	bool stops;

	t->due = 0;
	if (due & KS_DUE_STEP)
		ks_arm_step(t, ks_step_of(t->mask));
	ks_update_hooks(t);
	if (!(due & ~KS_DUE_STEP))
		return false;
	if (due & KS_DUE_FREEZE)
		return ks_stop_begin(t, 0, 0, 0, NULL);
	if (!(t->mask & PROC_FLAG_LEGACY))
		return ks_stop_begin(t, PROC_STOP_TRAP, sig ? sig : KS_SIGTRAP,
				     0, NULL);
	if (!sig)
		return false;
	stops = ks_stop_begin(t, PROC_STOP_GROUP, sig, 0, NULL);
	t->has_info = !stops;
	return stops;
}

void
ks_on_user_return(struct ks_thread *t)
{
	bool stops;

	if (!ks_wants_return(t))
		return;
	ks_lock_thread(t);
	stops = t->tracer && t->due && begin_due(t);
	ks_unlock_thread(t);
	if (stops)
		ks_stop_sleep(t);
}

bool
ks_on_group_stop(struct ks_thread *t, int sig)
{
	bool stops;

	if (!ks_traced(t))
		return false;
	ks_lock_thread(t);
	stops = (t->mask & PROC_STOP_GROUP) &&
		ks_stop_begin(t, PROC_STOP_GROUP, (uint64_t)sig, 0, NULL);
	if (stops && (t->mask & PROC_FLAG_LEGACY))
		t->has_info = false;
	ks_unlock_thread(t);
	if (stops)
		ks_stop_sleep(t);
	return stops && ks_traced(t);
}

void
ks_on_group_change(struct ks_thread *t)
{
	if (!ks_traced(t))
		return;
	ks_lock_thread(t);
	/*
	 * A stop that begins reaches T by ks_on_group_stop(), unless T sleeps
	 * in an older one and listens.
	 */
	if (t->tracer && !(t->mask & PROC_FLAG_LEGACY) && t->extended &&
	    (t->state == KS_LISTENING || !t->m->ops->group_stop(t->m, t)))
		ks_make_due(t, KS_IN_NOTIFY, KS_DUE_NOTIFY);
	ks_unlock_thread(t);
}
