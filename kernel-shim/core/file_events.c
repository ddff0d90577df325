/* SPDX-License-Identifier: MIT */
/* `events`: one queue for all tracees of a process. `traceme`. */
#include "file.h"
#include "session.h"

/*
 * Take the oldest event of TR. *OUT_T is its tracee, held, or NULL for
 * PROC_EVENT_CHILD. -EAGAIN: there is none.
 */
static int
pop(struct ks_tracer *tr, struct proc_tracer_event *out,
    struct ks_thread **out_t)
{
	struct ks_machine *m = tr->m;
	struct ks_thread *t = NULL;
	int err = 0;

	ks_lock_tracer(tr);
	if (!ks_link_empty(&tr->pending)) {
		t = ks_container(tr->pending.next, struct ks_thread, pending);
		m->ops->thread_ref(m, t);
		ks_event_pop(t, &out->ev);
		out->tgid = m->ops->thread_tgid(m, t);
		/* Who was superseded was the leader, whatever it is now. */
		out->tid = t->superseded ? out->tgid : m->ops->thread_tid(m, t);
	} else if (tr->child_changed) {
		tr->child_changed = false;
		ks_events_changed(tr);
		*out = (struct proc_tracer_event){
		    .ev = {.cause = PROC_EVENT_CHILD}};
	} else {
		err = -EAGAIN;
	}
	ks_unlock_tracer(tr);
	*out_t = t;
	return err;
}

/* The copy to the reader failed: nothing is lost. */
static void
unpop(struct ks_tracer *tr, const struct proc_tracer_event *ev,
      struct ks_thread *t)
{
	if (t)
		ks_lock_thread(t);
	ks_lock_tracer(tr);
	if (!t)
		tr->child_changed = true;
	else if (t->tracer == tr)
		ks_event_unpop(t, &ev->ev);
	ks_events_changed(tr);
	ks_unlock_tracer(tr);
	if (t)
		ks_unlock_thread(t);
}

/*
 * A death has been read: it is all that a session is for which nobody holds.
 * One that was superseded cannot be named any more.
 */
static void
after_death(struct ks_tracer *tr, struct ks_thread *t)
{
	struct ks_ended ended = {NULL, false};

	ks_lock_thread(t);
	if (t->tracer == tr && t->state == KS_DEAD && !t->has_handle &&
	    (!(t->mask & PROC_FLAG_HOLD) || t->superseded))
		ended = ks_session_end(t, 0, 0);
	ks_unlock_thread(t);
	ks_session_ended(t, ended);
}

/* True if a read that found nothing shall return 0 all the same. */
static bool
take_wake(struct ks_tracer *tr)
{
	bool woken;

	ks_lock_tracer(tr);
	woken = tr->woken;
	if (woken)
		tr->woken--;
	ks_events_changed(tr);
	ks_unlock_tracer(tr);
	return woken;
}

int64_t
ks_events_read(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
	       uint64_t off)
{
	struct ks_tracer *tr = f->caller;
	struct proc_tracer_event ev;
	struct ks_thread *t;
	size_t done = 0;
	int err = 0;

	(void)self;
	(void)off;
	if (io->len < sizeof(ev))
		return -EINVAL;
	while (!err && io->len - done >= sizeof(ev)) {
		err = pop(tr, &ev, &t);
		if (err)
			break;
		err = io->out(io, done, &ev, sizeof(ev));
		if (err)
			unpop(tr, &ev, t);
		else if (ev.ev.cause == PROC_EVENT_EXITED)
			after_death(tr, t);
		if (!err)
			done += sizeof(ev);
		if (t)
			f->m->ops->thread_put(f->m, t);
	}
	if (!done && err == -EAGAIN && take_wake(tr))
		return 0;
	return done ? (int64_t)done : err;
}

int64_t
ks_events_write(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
		uint64_t off)
{
	struct ks_tracer *tr = f->caller;
	uint64_t n;
	int err = ks_io_in(io, &n, sizeof(n));

	(void)self;
	(void)off;
	if (err)
		return err;
	if (n > UINT32_MAX)
		return -EINVAL;
	ks_lock_tracer(tr);
	tr->woken = (unsigned)n;
	ks_events_changed(tr);
	ks_unlock_tracer(tr);
	if (n)
		f->m->ops->tracer_wake(f->m, tr, NULL);
	return sizeof(n);
}

int64_t
ks_traceme_write(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
		 uint64_t off)
{
	struct ks_tracer *tr;
	struct ks_cred cred;
	uint64_t word;
	int err = ks_io_in(io, &word, sizeof(word));

	(void)off;
	if (err)
		return err;
	tr = f->m->ops->thread_parent(f->m, self);
	if (!tr)
		return -EPERM;
	err = ks_access_asked(f->m, self, tr);
	f->m->ops->thread_cred(f->m, self, &cred);
	ks_lock_thread(self);
	if (!err)
		err = ks_session_begin(self, tr, cred.cap_ptrace);
	if (!err) {
		self->extended = true;
		self->mask = PROC_STOP_SIGNAL | PROC_STOP_GROUP |
			     PROC_EVENT_EXITED | PROC_FLAG_LEGACY;
		ks_update_hooks(self);
	}
	ks_unlock_thread(self);
	f->m->ops->tracer_put(f->m, tr);
	return err ? err : (int64_t)sizeof(word);
}
