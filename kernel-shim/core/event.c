/* SPDX-License-Identifier: MIT */
/*
 * The events of a tracee that its tracer has not read: a small ring in the
 * tracee, so that nothing is ever allocated, and a list in the tracer of the
 * tracees whose rings are not empty.
 */
#include "session.h"

/* Room that is kept for a new name, the stop and the death that may follow. */
#define RESERVED 3

void
ks_events_changed(struct ks_tracer *tr)
{
	bool some =
	    !ks_link_empty(&tr->pending) || tr->child_changed || tr->woken > 0;

	if (tr->events)
		__atomic_store_n(&tr->events->state,
				 some ? PROC_EVENTS_SOME : PROC_EVENTS_NONE,
				 __ATOMIC_RELEASE);
}

int
ks_events_need(struct ks_tracer *tr)
{
	int err = 0;
	void *page;

	ks_lock_tracer(tr);
	if (!tr->events && !tr->exiting) {
		err = ks_shown_alloc(tr->m, &page);
		if (!err)
			tr->events = page;
		ks_events_changed(tr);
	}
	ks_unlock_tracer(tr);
	return err;
}

void
ks_event_push(struct ks_thread *t, const struct proc_event *ev)
{
	struct ks_tracer *tr = t->tracer;
	struct ks_queue *q = &t->queue;

	ks_lock_tracer(tr);
	if (q->count < KS_QUEUE) {
		q->ev[(q->head + q->count) % KS_QUEUE] = *ev;
		if (q->count++ == 0)
			ks_link_append(&tr->pending, &t->pending);
		ks_events_changed(tr);
	}
	ks_unlock_tracer(tr);
	t->m->ops->tracer_wake(t->m, tr, t);
}

bool
ks_queue_crowded(struct ks_thread *t)
{
	bool crowded;

	ks_lock_tracer(t->tracer);
	crowded = t->queue.count + RESERVED >= KS_QUEUE;
	ks_unlock_tracer(t->tracer);
	return crowded;
}

void
ks_event_clear(struct ks_thread *t)
{
	ks_lock_tracer(t->tracer);
	if (t->queue.count)
		ks_link_remove(&t->pending);
	t->queue.count = 0;
	ks_events_changed(t->tracer);
	ks_unlock_tracer(t->tracer);
}

bool
ks_event_pop(struct ks_thread *t, struct proc_event *out)
{
	struct ks_queue *q = &t->queue;

	if (!q->count)
		return false;
	*out = q->ev[q->head];
	q->head = (q->head + 1) % KS_QUEUE;
	if (--q->count == 0)
		ks_link_remove(&t->pending);
	ks_events_changed(t->tracer);
	if (t->held) {
		t->held = false;
		t->m->ops->thread_wake(t->m, t);
	}
	return true;
}

void
ks_event_unpop(struct ks_thread *t, const struct proc_event *ev)
{
	struct ks_queue *q = &t->queue;

	if (q->count == KS_QUEUE)
		return;
	q->head = (q->head + KS_QUEUE - 1) % KS_QUEUE;
	q->ev[q->head] = *ev;
	if (q->count++ == 0)
		ks_link_append(&t->tracer->pending, &t->pending);
	ks_events_changed(t->tracer);
}
