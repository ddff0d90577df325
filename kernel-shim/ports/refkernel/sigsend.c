/* SPDX-License-Identifier: MIT */
/*
 * Sending signals: is it ignored, where is it queued, who is woken.
 */
#include "errno.h"
#include "signal.h"
#include "thread.h"

static uint64_t
handler_of(const struct thread *t, int sig)
{
	return t->process->sighand->action[sig - 1].handler;
}

static bool
ignored(const struct thread *t, int sig, bool from_kernel)
{
	uint64_t h = handler_of(t, sig);

	/* A blocked one may be wanted later, a traced one by the tracer. */
	if ((t->blocked | t->wait_mask) & SIGMASK(sig))
		return false;
	if (ks_traced(&t->trace) && sig != SIGKILL)
		return false;
	if ((t->process->flags & PROCESS_UNKILLABLE) && h == SIG_DFL &&
	    !from_kernel)
		return true;
	return h == SIG_IGN ||
	       (h == SIG_DFL && (SIGMASK(sig) & SIGMASK_IGNORE));
}

bool
signal_is_ignored(const struct process *p, int sig)
{
	return ignored(p->leader, sig, true);
}

void
signal_wake(struct thread *t, bool fatal)
{
	t->work |= WORK_SIGNAL;
	switch (t->state) {
	case THREAD_SLEEPING:
		if (t->wait_mode == WAIT_INTERRUPTIBLE ||
		    (fatal && t->wait_mode == WAIT_KILLABLE))
			thread_make_runnable(t);
		break;
	case THREAD_STOPPED:
	case THREAD_TRACED:
		if (fatal)
			thread_make_runnable(t);
		break;
	default:
		break;
	}
}

/* True if T would take SIG at once. */
static bool
wants(const struct thread *t, int sig)
{
	if ((t->blocked & SIGMASK(sig)) || t->exiting)
		return false;
	if (sig == SIGKILL)
		return true;
	if (t->state == THREAD_STOPPED || t->state == THREAD_TRACED)
		return false;
	return t == current || !(t->work & WORK_SIGNAL);
}

static struct thread *
choose(struct process *p, struct thread *first, int sig)
{
	struct thread *t;

	if (wants(first, sig))
		return first;
	list_each(t, &p->threads, link) if (wants(t, sig)) return t;
	return NULL;
}

/* Whatever T does or blocks, SIG will end its process: begin with that. */
static bool
ends_process(const struct thread *t, int sig)
{
	uint64_t bit = SIGMASK(sig);

	if (t->process->flags & PROCESS_GROUP_EXIT)
		return false;
	if (handler_of(t, sig) != SIG_DFL ||
	    (bit & (SIGMASK_IGNORE | SIGMASK_STOP | SIGMASK_CORE)))
		return false;
	if (t->wait_mask & bit)
		return false;
	return sig == SIGKILL || !ks_traced(&t->trace);
}

static void
kill_thread(struct thread *t)
{
	t->jobctl = 0;
	t->pending.set |= SIGMASK(SIGKILL);
	ks_on_kill(&t->trace);
	signal_wake(t, true);
}

static void
kill_all_threads(struct process *p, int sig)
{
	struct thread *t;

	p->flags |= PROCESS_GROUP_EXIT;
	p->flags &= ~(PROCESS_STOPPED | PROCESS_CONTINUED);
	p->group_exit_code = sig;
	p->group_stop_count = 0;
	list_each(t, &p->threads, link) if (!t->exiting) kill_thread(t);
}

void
signal_kill_others(struct process *p)
{
	struct thread *t;

	p->group_stop_count = 0;
	list_each(t, &p->threads, link) if (t != current && !t->exiting)
	    kill_thread(t);
}

static void
complete(struct thread *first, int sig, bool whole_process)
{
	struct process *p = first->process;
	struct thread *t;

	if (whole_process)
		t = choose(p, first, sig);
	else
		t = wants(first, sig) ? first : NULL;
	if (!t)
		return; /* it stays queued until somebody unblocks it */
	if (ends_process(t, sig))
		kill_all_threads(p, sig);
	else
		signal_wake(t, sig == SIGKILL);
}

static int
send(struct thread *t, const struct siginfo *info, bool whole_process,
     bool from_kernel, struct ptimer *timer)
{
	struct process *p = t->process;
	int sig = info->si_signo, err;

	if (p->flags & (PROCESS_GROUP_EXIT | PROCESS_DEAD))
		return 0;
	signal_job_control(p, sig);
	if (ignored(t, sig, from_kernel))
		return 0;
	err = sigpending_add(whole_process ? &p->pending : &t->pending, info,
			     timer);
	if (err)
		return err;
	wake_all(&p->signal_wait);
	complete(t, sig, whole_process);
	return 0;
}

/* Signals of the kernel reach init too. */
static bool
kernels(const struct siginfo *info)
{
	return info->si_code > 0;
}

int
signal_send_thread(struct thread *t, const struct siginfo *info)
{
	/* A leader that has ended takes none, though its process lives. */
	if (t->state == THREAD_ZOMBIE)
		return 0;
	return send(t, info, false, kernels(info), NULL);
}

int
signal_send_process(struct process *p, const struct siginfo *info)
{
	return send(p->leader, info, true, kernels(info), NULL);
}

int
signal_send_timer(struct thread *t, struct process *p,
		  const struct siginfo *info, struct ptimer *timer)
{
	return send(t ? t : p->leader, info, !t, false, timer);
}

void
signal_kernel_thread(struct thread *t, int sig)
{
	struct siginfo info = {.si_signo = sig, .si_code = SI_KERNEL};

	signal_send_thread(t, &info);
}

void
signal_kernel_process(struct process *p, int sig)
{
	struct siginfo info = {.si_signo = sig, .si_code = SI_KERNEL};

	signal_send_process(p, &info);
}

static struct siginfo
user_info(int sig)
{
	return (struct siginfo){
	    .si_signo = sig,
	    .si_code = SI_USER,
	    .si_pid = current->process->pid,
	    .si_uid = current->cred.ruid,
	};
}

void
signal_user_thread(struct thread *t, int sig)
{
	struct siginfo info = user_info(sig);

	signal_send_thread(t, &info);
}

/* From the kernel, whoever it is. */
static void
kill_process(struct process *p)
{
	struct siginfo info = {.si_signo = SIGKILL, .si_code = SI_KERNEL};

	send(p->leader, &info, true, true, NULL);
}

static int
send_kernel(struct process *p, void *arg)
{
	signal_kernel_process(p, *(int *)arg);
	return 0;
}

int
signal_kernel_pgrp(int pgid, int sig)
{
	if (!pgrp_exists(pgid))
		return -ESRCH;
	return pgrp_each(pgid, send_kernel, &sig);
}

void
signal_force_to(struct thread *t, const struct siginfo *info)
{
	struct sigaction *a = &t->process->sighand->action[info->si_signo - 1];
	uint64_t bit = SIGMASK(info->si_signo);

	if ((t->blocked & bit) || a->handler == SIG_IGN) {
		a->handler = SIG_DFL;
		t->blocked &= ~bit;
	}
	if (a->handler == SIG_DFL && !ks_traced(&t->trace))
		t->process->flags &= ~PROCESS_UNKILLABLE;
	send(t, info, false, true, NULL);
	signal_recalc(t);
}

void
signal_force(const struct siginfo *info)
{
	signal_force_to(current, info);
}

void
signal_force_kernel(int sig)
{
	struct siginfo info = {.si_signo = sig, .si_code = SI_KERNEL};

	signal_force(&info);
}

void
signal_force_fault(int sig, int code, uint64_t addr)
{
	struct siginfo info = {
	    .si_signo = sig,
	    .si_code = code,
	    .si_addr = addr,
	};

	signal_force(&info);
}

int
process_kill_all(void)
{
	struct process *p, *tmp;
	int n = 0;

	list_each_safe(p, tmp, &all_processes, link)
	{
		if (p == current->process || (p->flags & PROCESS_DEAD))
			continue;
		kill_process(p);
		n++;
	}
	return n;
}
