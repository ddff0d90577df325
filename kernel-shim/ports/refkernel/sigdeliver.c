/* SPDX-License-Identifier: MIT */
/*
 * What happens to signals on the way back to user mode.
 */
#include "cpu.h"
#include "errno.h"
#include "kprintf.h"
#include "string.h"
#include "thread.h"

#define NR_restart_syscall 219

_Static_assert(sizeof(struct siginfo) == sizeof(struct proc_siginfo),
	       "siginfo");

/* The tracer sees the signal first. Returns what is left of it. */
static int
show_tracer(struct siginfo *info)
{
	struct thread *t = current;
	struct proc_siginfo wire;
	int sig = info->si_signo;

	if (!ks_traced(&t->trace) || sig == SIGKILL)
		return sig;
	t->jobctl |= JOBCTL_STOP_DEQUEUED; /* it may become a stop */
	memcpy(&wire, info, sizeof(wire));
	sig = ks_on_signal(&t->trace, &wire,
			   t->process->sighand->action[sig - 1].handler);
	if (!sig)
		return 0;
	memcpy(info, &wire, sizeof(*info));
	info->si_signo = sig;
	if (t->blocked & SIGMASK(sig)) {
		signal_send_thread(t, info);
		return 0;
	}
	return sig;
}

/* The tracer may want a stop, or the thread's session has just ended. */
static void
look_at_tracer(struct thread *t)
{
	t->work &= ~(unsigned)WORK_NOTIFY;
	if (ks_wants_return(&t->trace))
		ks_on_user_return(&t->trace);
	if (!ks_traced(&t->trace) && signal_group_stop(t))
		t->jobctl |= JOBCTL_STOP_PENDING;
	signal_recalc(t);
}

static int
next_signal(struct siginfo *info)
{
	int sig =
	    sigpending_take_sync(&current->pending, current->blocked, info);

	if (sig) {
		signal_recalc(current);
		return sig;
	}
	return signal_dequeue(~current->blocked, info);
}

/*
 * Act upon SIG by default. Returns if the thread goes on.
 */
static void
default_action(int sig, const struct siginfo *info)
{
	struct process *p = current->process;

	if (SIGMASK(sig) & SIGMASK_IGNORE)
		return;
	if ((p->flags & PROCESS_UNKILLABLE) && info->si_code <= 0)
		return;
	if (SIGMASK(sig) & SIGMASK_STOP) {
		if (sig != SIGSTOP && pgrp_orphaned(p->pgid))
			return;
		signal_stop(sig);
		return;
	}
	process_exit(sig);
}

/* The next signal that has a handler, with its action; 0: none. */
static int
get_signal(struct siginfo *info, struct sigaction *out_action)
{
	struct thread *t = current;
	struct process *p = t->process;
	struct sigaction *a;
	int sig;

	for (;;) {
		if (signal_notify_due(p))
			signal_recalc(t);
		if (signal_fatal_pending(t)) {
			t->pending.set &= ~SIGMASK(SIGKILL);
			process_exit(p->flags & PROCESS_GROUP_EXIT
					 ? p->group_exit_code
					 : SIGKILL);
		}
		/* First, since a tracer that wants a stop has it then. */
		if ((t->jobctl & JOBCTL_STOP_PENDING) && signal_stop(0))
			continue;
		if ((t->work & WORK_NOTIFY) || ks_wants_return(&t->trace)) {
			look_at_tracer(t);
			continue;
		}
		sig = next_signal(info);
		if (!sig)
			return 0;
		sig = show_tracer(info);
		if (!sig)
			continue;
		a = &p->sighand->action[sig - 1];
		if (a->handler == SIG_IGN)
			continue;
		if (a->handler == SIG_DFL) {
			default_action(sig, info);
			continue;
		}
		*out_action = *a;
		if (a->flags & SA_RESETHAND)
			a->handler = SIG_DFL;
		return sig;
	}
}

static void
back_up(struct regs *r, uint64_t nr)
{
	r->rax = nr;
	r->rip -= 2; /* the length of SYSCALL */
}

/* The system call was broken off by a signal with action A. */
static void
restart_for_handler(struct regs *r, const struct sigaction *a)
{
	switch (-(int64_t)r->rax) {
	case ERESTART_RESTARTBLOCK:
	case ERESTARTNOHAND:
		r->rax = (uint64_t)-EINTR;
		break;
	case ERESTARTSYS:
		if (!(a->flags & SA_RESTART)) {
			r->rax = (uint64_t)-EINTR;
			break;
		}
		back_up(r, r->orig_rax);
		break;
	case ERESTARTNOINTR:
		back_up(r, r->orig_rax);
		break;
	default:
		break;
	}
}

static void
restart_silently(struct regs *r)
{
	switch (-(int64_t)r->rax) {
	case ERESTARTNOHAND:
	case ERESTARTSYS:
	case ERESTARTNOINTR:
		back_up(r, r->orig_rax);
		break;
	case ERESTART_RESTARTBLOCK:
		back_up(r, NR_restart_syscall);
		break;
	default:
		break;
	}
}

/* The frame is there: mask what is to be masked while the handler runs. */
static void
handler_set_up(int sig, const struct sigaction *a)
{
	uint64_t mask = current->blocked | a->mask;

	current->restore_mask = false;
	if (!(a->flags & SA_NODEFER))
		mask |= SIGMASK(sig);
	signal_set_blocked(mask);
	if (current->altstack.flags & (int)SS_AUTODISARM)
		current->altstack = (struct sigaltstack){.flags = SS_DISABLE};
	ks_on_handler(&current->trace);
}

static void
handle(struct regs *r, int sig, struct siginfo *info, const struct sigaction *a)
{
	if ((int64_t)r->orig_rax != -1)
		restart_for_handler(r, a);
	if (current->step)
		thread_set_step(current, false);
	if (current->rseq.addr)
		rseq_interrupted(r);
	if (sigframe_setup(r, sig, info, a)) {
		/* No stack for it: SIGSEGV, which no handler may catch then. */
		if (sig == SIGSEGV)
			current->process->sighand->action[sig - 1].handler =
			    SIG_DFL;
		signal_force_kernel(SIGSEGV);
		return;
	}
	handler_set_up(sig, a);
}

void
signal_deliver(struct regs *r)
{
	struct sigaction action;
	struct siginfo info;
	int sig = get_signal(&info, &action);

	if (sig) {
		handle(r, sig, &info, &action);
		return;
	}
	if ((int64_t)r->orig_rax != -1)
		restart_silently(r);
	signal_mask_restore(false);
}
