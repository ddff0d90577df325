/* SPDX-License-Identifier: MIT */
/*
 * System calls about a thread's own signals.
 */
#include "calls_thread.h"
#include "errno.h"
#include "string.h"
#include "thread.h"
#include "user.h"

#define SIG_BLOCK   0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

#define MINSIGSTKSZ 2048

/* Flags that sigaction() keeps; what else is set reads back as 0. */
#define SA_KNOWN                                                               \
	(SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | SA_RESTART |  \
	 SA_NODEFER | SA_RESETHAND | SA_RESTORER | 0x00000800)

static bool
ignores(const struct sigaction *a, int sig)
{
	return a->handler == SIG_IGN ||
	       (a->handler == SIG_DFL && (SIGMASK(sig) & SIGMASK_IGNORE));
}

static void
set_action(int sig, const struct sigaction *a)
{
	struct process *p = current->process;
	struct thread *t;

	p->sighand->action[sig - 1] = *a;
	if (!ignores(a, sig))
		return;
	/* POSIX: what is pending is discarded. */
	sigpending_remove(&p->pending, SIGMASK(sig));
	list_each(t, &p->threads, link)
	    sigpending_remove(&t->pending, SIGMASK(sig));
	signal_recalc(current);
}

long
sys_rt_sigaction(int sig, uint64_t act, uint64_t oact, uint64_t size)
{
	struct sigaction new, old;

	if (size != sizeof(new.mask))
		return -EINVAL;
	if (act && copy_in(&new, act, sizeof(new)))
		return -EFAULT;
	if (sig < 1 || sig > NSIG)
		return -EINVAL;
	if (act && (SIGMASK(sig) & SIGMASK_UNBLOCKABLE))
		return -EINVAL;
	old = current->process->sighand->action[sig - 1];
	if (act) {
		new.flags &= SA_KNOWN;
		new.mask &= ~SIGMASK_UNBLOCKABLE;
		set_action(sig, &new);
	}
	if (oact && copy_out(oact, &old, sizeof(old)))
		return -EFAULT;
	return 0;
}

long
sys_rt_sigprocmask(int how, uint64_t set, uint64_t oset, uint64_t size)
{
	uint64_t old = current->blocked, mask;

	if (size != sizeof(mask))
		return -EINVAL;
	if (set) {
		if (copy_in(&mask, set, sizeof(mask)))
			return -EFAULT;
		if (how == SIG_BLOCK)
			mask |= old;
		else if (how == SIG_UNBLOCK)
			mask = old & ~mask;
		else if (how != SIG_SETMASK)
			return -EINVAL;
		signal_set_blocked(mask);
	}
	if (oset && copy_out(oset, &old, sizeof(old)))
		return -EFAULT;
	return 0;
}

long
sys_rt_sigpending(uint64_t set, uint64_t size)
{
	uint64_t mask = signal_pending_set(current) & current->blocked;

	if (size > sizeof(mask))
		return -EINVAL;
	return copy_out(set, &mask, size);
}

long
sys_rt_sigsuspend(uint64_t set, uint64_t size)
{
	int err;

	if (!set)
		return size == sizeof(uint64_t) ? -EFAULT : -EINVAL;
	err = signal_mask_user(set, size);
	if (err)
		return err;
	while (!signal_pending())
		wait_sleep(NO_DEADLINE, WAIT_INTERRUPTIBLE);
	return -ERESTARTNOHAND;
}

long
sys_pause(void)
{
	while (!signal_pending())
		wait_sleep(NO_DEADLINE, WAIT_INTERRUPTIBLE);
	return -ERESTARTNOHAND;
}

/* Sleep with MASK unblocked, so that one of it wakes this thread. */
static int
sleep_for(uint64_t mask, int64_t deadline, struct siginfo *info)
{
	int sig;

	current->wait_mask = current->blocked;
	signal_set_blocked(current->blocked & ~mask);
	if (!signal_pending())
		wait_sleep(deadline, WAIT_INTERRUPTIBLE);
	signal_set_blocked(current->wait_mask);
	current->wait_mask = 0;
	sig = signal_dequeue(mask, info);
	if (sig)
		return sig;
	return signal_pending() ? -EINTR : -EAGAIN;
}

long
sys_rt_sigtimedwait(uint64_t set, uint64_t uinfo, uint64_t timeout,
		    uint64_t size)
{
	int64_t deadline = NO_DEADLINE, ns = -1;
	struct siginfo info;
	uint64_t mask;
	int sig;

	if (size != sizeof(mask))
		return -EINVAL;
	if (copy_in(&mask, set, sizeof(mask)))
		return -EFAULT;
	if (timeout) {
		int err = timespec_in(timeout, &ns);

		if (err)
			return err;
		deadline = deadline_after(ns);
	}
	mask &= ~SIGMASK_UNBLOCKABLE;
	sig = signal_dequeue(mask, &info);
	if (!sig && ns)
		sig = sleep_for(mask, deadline, &info);
	if (!sig)
		return -EAGAIN;
	if (sig > 0 && uinfo && copy_out(uinfo, &info, sizeof(info)))
		return -EFAULT;
	return sig;
}

static void
altstack_report(struct sigaltstack *out, uint64_t sp)
{
	const struct sigaltstack *s = &current->altstack;

	*out = *s;
	out->pad = 0;
	out->flags &= (int)SS_AUTODISARM;
	if (!s->size)
		out->flags |= SS_DISABLE;
	else if (sp > s->sp && sp - s->sp <= s->size)
		out->flags |= SS_ONSTACK;
}

static bool
on_stack(uint64_t sp)
{
	const struct sigaltstack *s = &current->altstack;

	return !(s->flags & (int)SS_AUTODISARM) && sp > s->sp &&
	       sp - s->sp <= s->size;
}

static int
altstack_set(const struct sigaltstack *s, uint64_t sp)
{
	int mode = s->flags & ~(int)SS_AUTODISARM;

	if (on_stack(sp))
		return -EPERM;
	if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
		return -EINVAL;
	if (mode == SS_DISABLE) {
		current->altstack = (struct sigaltstack){.flags = s->flags};
		return 0;
	}
	if (s->size < MINSIGSTKSZ)
		return -ENOMEM;
	current->altstack = *s;
	return 0;
}

void
altstack_restore(const struct sigaltstack *s)
{
	altstack_set(s, current->regs->rsp);
}

long
sys_sigaltstack(uint64_t ss, uint64_t oss)
{
	uint64_t sp = current->regs->rsp;
	struct sigaltstack new, old;
	int err;

	if (ss && copy_in(&new, ss, sizeof(new)))
		return -EFAULT;
	altstack_report(&old, sp);
	if (ss) {
		err = altstack_set(&new, sp);
		if (err)
			return err;
	}
	if (oss && copy_out(oss, &old, sizeof(old)))
		return -EFAULT;
	return 0;
}

long
sys_restart_syscall(void)
{
	struct restart *r = &current->restart;

	return r->fn ? r->fn(r) : -EINTR;
}
