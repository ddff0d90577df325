/* SPDX-License-Identifier: MIT */
/*
 * Sleeping and waking. The kernel is not preempted and takes interrupts only
 * in user mode and while idle, so that "test the condition, then wait" needs
 * no lock: nothing can come between.
 */
#ifndef REFKERNEL_WAITQ_H
#define REFKERNEL_WAITQ_H

#include <stdint.h>

#include "list.h"

struct thread;

struct waitq {
	struct list waiters;
};

#define WAITQ_INIT(name)                                                       \
	{                                                                      \
		LIST_INIT((name).waiters)                                      \
	}

/*
 * One membership in a queue. The one who waits on several queues (poll) has
 * several, usually on its stack. WAKE, if not NULL, is called at a wake-up in
 * place of waking THREAD (epoll); it may not unlink other waiters.
 */
struct waiter {
	struct list link;
	struct thread *thread;
	void (*wake)(struct waiter *w);
};

/* What may end a sleep besides a wake-up and the deadline. */
enum wait_mode {
	WAIT_UNINTERRUPTIBLE = 0,
	WAIT_INTERRUPTIBLE = 1, /* any signal that will be delivered */
	WAIT_KILLABLE = 2,	/* a fatal signal only */
};

#define NO_DEADLINE (-1LL)

void waitq_init(struct waitq *q);

/* Join Q as the current thread. */
void waiter_add(struct waiter *w, struct waitq *q);
/* Join Q with a function of one's own. */
void waiter_add_fn(struct waiter *w, struct waitq *q,
		   void (*wake)(struct waiter *w));
/* Leave; harmless if W has left already. */
void waiter_remove(struct waiter *w);

/*
 * Sleep until woken through any waiter of this thread, or by
 * thread_wake(). DEADLINE: nanoseconds of clock_monotonic(), or NO_DEADLINE.
 * MODE: enum wait_mode; true and false do as well.
 * 0: woken (perhaps for nothing: test the condition again). -ETIMEDOUT.
 * -ERESTARTSYS: a signal is pending, also if it was before. A caller that
 * waits with a relative time-out turns that into the right ERESTART code.
 */
int wait_sleep(int64_t deadline, int mode);

/* waiter_add(), wait_sleep() and waiter_remove(), for a single queue. */
int wait_on(struct waitq *q, int64_t deadline, int mode);

/* Wake the waiter of Q that waits longest. True: there was one. */
bool wake_one(struct waitq *q);

/* Wake every waiter of Q. */
void wake_waiters(struct waitq *q);

static inline void
wake_all(struct waitq *q)
{
	if (!list_empty(&q->waiters))
		wake_waiters(q);
}

#endif
