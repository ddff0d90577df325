/* SPDX-License-Identifier: MIT */
#include "waitq.h"

#include "clock.h"
#include "errno.h"
#include "signal.h"
#include "thread.h"

struct alarm {
	struct ktimer timer;
	struct thread *thread;
	bool rang;
};

void
waitq_init(struct waitq *q)
{
	list_init(&q->waiters);
}

void
waiter_add(struct waiter *w, struct waitq *q)
{
	w->thread = current;
	w->wake = NULL;
	current->woken = false;
	list_add_tail(&q->waiters, &w->link);
}

void
waiter_add_fn(struct waiter *w, struct waitq *q, void (*wake)(struct waiter *w))
{
	w->thread = NULL;
	w->wake = wake;
	list_add_tail(&q->waiters, &w->link);
}

void
waiter_remove(struct waiter *w)
{
	list_del(&w->link);
}

static void
ring(struct ktimer *timer)
{
	struct alarm *a = list_entry(timer, struct alarm, timer);

	a->rang = true;
	if (a->thread->state == THREAD_SLEEPING)
		thread_make_runnable(a->thread);
}

static bool
interrupted(int mode)
{
	if (mode == WAIT_INTERRUPTIBLE)
		return signal_pending();
	return mode == WAIT_KILLABLE && signal_fatal_pending(current);
}

int
wait_sleep(int64_t deadline, int mode)
{
	struct alarm a = {.thread = current};
	bool woken;

	if (current->woken)
		goto woken;
	if (interrupted(mode))
		return -ERESTARTSYS;
	if (deadline != NO_DEADLINE) {
		if (deadline <= clock_monotonic())
			return -ETIMEDOUT;
		ktimer_init(&a.timer, ring);
		ktimer_set(&a.timer, deadline);
	}
	current->wait_mode = mode;
	current->state = THREAD_SLEEPING;
	schedule();
	if (deadline != NO_DEADLINE)
		ktimer_cancel(&a.timer);
woken:
	woken = current->woken;
	current->woken = false;
	if (woken)
		return 0;
	if (a.rang)
		return -ETIMEDOUT;
	return interrupted(mode) ? -ERESTARTSYS : 0;
}

int
wait_on(struct waitq *q, int64_t deadline, int mode)
{
	struct waiter w;
	int err;

	waiter_add(&w, q);
	err = wait_sleep(deadline, mode);
	waiter_remove(&w);
	return err;
}

static void
wake_waiter(struct waiter *w)
{
	if (w->wake)
		w->wake(w);
	else
		thread_wake(w->thread);
}

void
wake_waiters(struct waitq *q)
{
	struct waiter *w, *tmp;

	list_each_safe(w, tmp, &q->waiters, link) wake_waiter(w);
}

bool
wake_one(struct waitq *q)
{
	struct waiter *w;

	if (list_empty(&q->waiters))
		return false;
	w = list_first(&q->waiters, struct waiter, link);
	if (!w->wake)
		list_del(&w->link);
	wake_waiter(w);
	return true;
}
