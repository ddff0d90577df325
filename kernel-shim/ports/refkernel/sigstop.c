/* SPDX-License-Identifier: MIT */
/*
 * Job control: stopping a process, letting it go on, and what its parent is
 * told. A stop is in force from the moment that a thread begins it; it is
 * complete, and told, when the last thread has stopped.
 */
#include "errno.h"
#include "signal.h"
#include "thread.h"

int
signal_group_stop(const struct thread *t)
{
	const struct process *p = t->process;

	if (!(p->flags & PROCESS_STOPPED) && !p->group_stop_count)
		return 0;
	/* A tracee that was made to run may have got a later one. */
	return t->stop_signal ? t->stop_signal : p->group_exit_code;
}

static void
tell_group_change(struct process *p)
{
	struct thread *t;

	list_each(t, &p->threads, link) if (!t->exiting)
	    ks_on_group_change(&t->trace);
}

/* SIGCONT: even a blocked or ignored one lets a stopped process go on. */
static void
cont(struct process *p)
{
	unsigned why = 0;
	struct thread *t;

	if (p->flags & PROCESS_STOPPED)
		why = PROCESS_CLD_CONTINUED;
	else if (p->group_stop_count)
		why = PROCESS_CLD_STOPPED;
	sigpending_remove(&p->pending, SIGMASK_STOP);
	list_each(t, &p->threads, link)
	{
		sigpending_remove(&t->pending, SIGMASK_STOP);
		t->jobctl = 0;
		t->stop_signal = 0;
	}
	if (why) {
		p->flags &= ~(PROCESS_STOPPED | PROCESS_STOP_WAITED |
			      PROCESS_CLD_STOPPED | PROCESS_CLD_CONTINUED);
		p->flags |= why | PROCESS_CONTINUED;
		p->group_stop_count = 0;
		p->group_exit_code = 0;
	}
	list_each(t, &p->threads, link)
	{
		/* Somebody has to tell the parent. */
		if (why &&
		    (t->state == THREAD_STOPPED || t->state == THREAD_TRACED))
			t->work |= WORK_SIGNAL;
		if (t->state == THREAD_STOPPED)
			thread_make_runnable(t);
	}
	/* As on Linux, a tracer learns of it though there was no stop. */
	tell_group_change(p);
}

void
signal_job_control(struct process *p, int sig)
{
	struct thread *t;

	if (sig == SIGCONT) {
		cont(p);
	} else if (SIGMASK(sig) & SIGMASK_STOP) {
		sigpending_remove(&p->pending, SIGMASK(SIGCONT));
		list_each(t, &p->threads, link)
		    sigpending_remove(&t->pending, SIGMASK(SIGCONT));
	}
}

bool
signal_leave_stop(struct thread *t)
{
	struct process *p = t->process;
	bool counted = t->jobctl & JOBCTL_STOP_COUNTED;

	t->jobctl &= ~(unsigned)(JOBCTL_STOP_PENDING | JOBCTL_STOP_COUNTED);
	if (!counted || p->group_stop_count == 0)
		return false;
	if (--p->group_stop_count || (p->flags & PROCESS_STOPPED))
		return false;
	p->flags &= ~(PROCESS_CONTINUED | PROCESS_STOP_WAITED);
	p->flags |= PROCESS_STOPPED;
	return true;
}

void
signal_join_stop(struct thread *t)
{
	struct process *p = t->process;

	if (current->jobctl & JOBCTL_STOP_PENDING) {
		t->jobctl |= JOBCTL_STOP_COUNTED;
		p->group_stop_count++;
	} else if (!(p->flags & PROCESS_STOPPED)) {
		return;
	}
	/* That current runs though the process is stopped is a tracer's doing.
	 */
	t->jobctl |= JOBCTL_STOP_PENDING;
	t->stop_signal = current->stop_signal;
	t->work |= WORK_SIGNAL;
}

static bool
begin(struct process *p, int sig)
{
	struct thread *t;

	if (!(current->jobctl & JOBCTL_STOP_DEQUEUED) ||
	    (p->flags & PROCESS_GROUP_EXIT) || p->exec_thread)
		return false;
	if (!(p->flags & PROCESS_STOPPED))
		p->group_exit_code = sig;
	p->group_stop_count = 0;
	list_each(t, &p->threads, link)
	{
		if (t->exiting || t->state == THREAD_STOPPED ||
		    (t->pending.set & SIGMASK(SIGKILL)))
			continue;
		t->jobctl |= JOBCTL_STOP_PENDING | JOBCTL_STOP_COUNTED;
		t->stop_signal = sig;
		p->group_stop_count++;
		if (t != current)
			signal_wake(t, false);
	}
	tell_group_change(p);
	return true;
}

/* Sleep in a stop until it is over, or a kick asks for another look. */
static void
sleep_stopped(struct thread *t)
{
	while (signal_group_stop(t) && !signal_fatal_pending(t)) {
		if (t->work & WORK_NOTIFY)
			return;
		t->state = THREAD_STOPPED;
		schedule();
	}
}

bool
signal_stop(int sig)
{
	struct thread *t = current;
	struct process *p = t->process;
	bool complete;

	if (!(t->jobctl & JOBCTL_STOP_PENDING) && (!sig || !begin(p, sig)))
		return false;
	complete = signal_leave_stop(t);
	if (complete &&
	    (!p->parent || ks_tracer_pid(&t->trace) != p->parent->pid))
		signal_child_stop(p, CLD_STOPPED);
	if (!ks_on_group_stop(&t->trace, signal_group_stop(t)))
		sleep_stopped(t);
	signal_recalc(t);
	return true;
}

void
signal_child_stop(struct process *p, int code)
{
	struct process *parent = p->parent;
	const struct sigaction *a;
	struct siginfo info = {
	    .si_signo = SIGCHLD,
	    .si_code = code,
	    .si_cpid = p->pid,
	    .si_cuid = p->leader->cred.ruid,
	};
	struct usage u;

	if (!parent)
		return;
	process_usage(p, &u);
	info.si_utime = u.user_ns / 10000000;
	info.si_stime = u.sys_ns / 10000000;
	info.si_status = code == CLD_CONTINUED ? SIGCONT : p->group_exit_code;
	a = &parent->sighand->action[SIGCHLD - 1];
	if (a->handler != SIG_IGN && !(a->flags & SA_NOCLDSTOP))
		signal_send_process(parent, &info);
	wake_all(&parent->child_wait);
	ks_on_child(&parent->tracer);
}

bool
signal_notify_due(struct process *p)
{
	unsigned due = p->flags & (PROCESS_CLD_STOPPED | PROCESS_CLD_CONTINUED);

	if (!due)
		return false;
	p->flags &= ~due;
	signal_child_stop(p, due & PROCESS_CLD_CONTINUED ? CLD_CONTINUED
							 : CLD_STOPPED);
	return true;
}

void
signal_child_exit(struct process *p, struct process *parent, int sig,
		  int status)
{
	struct siginfo info = {
	    .si_signo = sig,
	    .si_cpid = p->pid,
	    .si_cuid = p->leader->cred.ruid,
	};
	struct usage u;

	process_usage(p, &u);
	info.si_utime = u.user_ns / 10000000;
	info.si_stime = u.sys_ns / 10000000;
	if ((status & 0x7f) == 0) {
		info.si_code = CLD_EXITED;
		info.si_status = status >> 8 & 0xff;
	} else {
		info.si_code = status & 0x80 ? CLD_DUMPED : CLD_KILLED;
		info.si_status = status & 0x7f;
	}
	signal_send_process(parent, &info);
}
