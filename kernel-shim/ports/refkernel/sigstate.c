/* SPDX-License-Identifier: MIT */
/*
 * Masks, and the question whether a thread has a signal to look at.
 */
#include "errno.h"
#include "mem.h"
#include "signal.h"
#include "thread.h"
#include "user.h"

bool
signal_blocked_or_ignored(int sig)
{
	return (current->blocked & SIGMASK(sig)) ||
	       current->process->sighand->action[sig - 1].handler == SIG_IGN;
}

void
signal_recalc(struct thread *t)
{
	struct process *p = t->process;

	if (((t->pending.set | p->pending.set) & ~t->blocked) ||
	    (t->jobctl & JOBCTL_STOP_PENDING) ||
	    (p->flags & (PROCESS_CLD_STOPPED | PROCESS_CLD_CONTINUED)) ||
	    signal_fatal_pending(t))
		t->work |= WORK_SIGNAL;
	else if (t == current)
		t->work &= ~WORK_SIGNAL;
}

/*
 * Shared signals in LOST, which T will not take now, may be for others that
 * slept while it was to.
 */
static void
retarget(struct thread *t, uint64_t lost)
{
	struct process *p = t->process;
	struct thread *other;

	lost &= p->pending.set;
	if (!lost)
		return;
	list_each(other, &p->threads, link)
	{
		if (other == t || other->exiting || !(lost & ~other->blocked))
			continue;
		lost &= other->blocked;
		if (!(other->work & WORK_SIGNAL))
			signal_wake(other, false);
		if (!lost)
			break;
	}
}

void
signal_set_blocked(uint64_t mask)
{
	uint64_t newly;

	mask &= ~SIGMASK_UNBLOCKABLE;
	newly = mask & ~current->blocked;
	if (newly && current->process->nthreads > 1 &&
	    (current->work & WORK_SIGNAL))
		retarget(current, newly);
	current->blocked = mask;
	signal_recalc(current);
}

int
signal_mask_user(uint64_t ua, uint64_t size)
{
	uint64_t mask;

	if (!ua)
		return 0;
	if (size != sizeof(mask))
		return -EINVAL;
	if (copy_in(&mask, ua, sizeof(mask)))
		return -EFAULT;
	current->saved_mask = current->blocked;
	current->restore_mask = true;
	signal_set_blocked(mask);
	return 0;
}

void
signal_mask_restore(bool interrupted)
{
	if (!current->restore_mask || interrupted)
		return;
	current->restore_mask = false;
	signal_set_blocked(current->saved_mask);
}

void
signal_exec(void)
{
	struct thread *t = current;
	struct sigaction *a = t->process->sighand->action;
	int i;

	for (i = 0; i < NSIG; i++) {
		a[i].handler = a[i].handler == SIG_IGN ? SIG_IGN : SIG_DFL;
		a[i].flags = 0;
		a[i].restorer = 0;
		a[i].mask = 0;
	}
	t->altstack = (struct sigaltstack){.flags = SS_DISABLE};
}

void
signal_exit(struct thread *t)
{
	struct process *p = t->process;

	if (p->nthreads > 1 && !(p->flags & PROCESS_GROUP_EXIT)) {
		retarget(t, ~t->blocked);
		if (signal_leave_stop(t))
			signal_child_stop(p, CLD_STOPPED);
	}
}
