/* SPDX-License-Identifier: MIT */
/* The hooks for the life of threads: clone, exec, exit, death. */
#include "session.h"

static uint64_t
clone_bit(enum ks_clone kind)
{
	switch (kind) {
	case KS_FORK:
		return PROC_STOP_FORK;
	case KS_VFORK:
		return PROC_STOP_VFORK;
	default:
		return PROC_STOP_CLONE;
	}
}

/* Make CHILD, which cannot run yet, a tracee as PARENT is one. */
static void
inherit(struct ks_thread *parent, struct ks_thread *child, bool frozen)
{
	const struct proc_siginfo sigstop = {.signo = KS_SIGSTOP,
					     .code = KS_SI_USER};
	bool legacy = parent->mask & PROC_FLAG_LEGACY;

	ks_lock_thread(child);
	if (ks_session_begin(child, parent->tracer, parent->capable) == 0) {
		child->mask = parent->mask & ~(KS_SYSCALL_BITS | KS_STEP_BITS);
		child->extended = parent->extended;
		if (frozen)
			child->due = KS_DUE_FREEZE;
		else if (!legacy)
			child->due = KS_DUE_TRAP;
		ks_update_hooks(child);
	}
	ks_unlock_thread(child);
	if (!frozen && legacy)
		child->m->ops->signal_send(child->m, child, &sigstop, false);
}

void
ks_on_clone(struct ks_thread *parent, struct ks_thread *child,
	    enum ks_clone kind, bool force)
{
	struct proc_event ev = {.cause = PROC_EVENT_CLONE};
	uint64_t bit = clone_bit(kind);
	bool report, frozen;

	if (!ks_traced(parent))
		return;
	ks_lock_thread(parent);
	report = parent->tracer && (parent->mask & bit);
	frozen = parent->tracer && !report && (parent->mask & PROC_EVENT_CLONE);
	if (report || frozen || (force && parent->tracer)) {
		inherit(parent, child, frozen);
		ev.a = (uint64_t)child->m->ops->thread_tid(child->m, child);
		if (report)
			ks_stop_begin(parent, bit, ev.a, 0, NULL);
		else if (frozen)
			ks_event_push(parent, &ev);
	}
	ks_unlock_thread(parent);
}

void
ks_on_cloned(struct ks_thread *parent)
{
	bool stopped, crowded;

	if (!ks_traced(parent))
		return;
	ks_lock_thread(parent);
	stopped = parent->state != KS_RUNNING;
	ks_unlock_thread(parent);
	if (stopped) {
		ks_stop_sleep(parent);
		return;
	}
	/* Events that nobody reads hold up who makes them, and are not lost. */
	do {
		ks_lock_thread(parent);
		crowded = parent->tracer && ks_queue_crowded(parent);
		parent->held = crowded;
		ks_unlock_thread(parent);
	} while (crowded && !parent->m->ops->thread_sleep(parent->m, parent));
}

void
ks_on_vfork_done(struct ks_thread *t, int32_t child)
{
	if (ks_traced(t))
		ks_stop(t, PROC_STOP_VFORK_DONE, (uint64_t)child);
}

/*
 * The event of T's death, with the times that wait4() tells. With T's lock held
 * and a tracer.
 */
static void
push_death(struct ks_thread *t)
{
	struct proc_rusage ru;
	struct proc_event ev = {.cause = PROC_EVENT_EXITED, .a = t->status};

	t->m->ops->rusage_get(t->m, t, &ru);
	ev.b = (uint64_t)(ru.utime_sec * 1000000 + ru.utime_usec);
	ev.c = (uint64_t)(ru.stime_sec * 1000000 + ru.stime_usec);
	ev.d = (uint64_t)ru.maxrss_kib;
	ks_event_push(t, &ev);
}

/* A tracee of TR, held, that it holds dead and has read the death of; NULL. */
static struct ks_thread *
find_held(struct ks_tracer *tr)
{
	struct ks_thread *t, *found = NULL;
	struct ks_link *l;

	ks_lock_tracer(tr);
	for (l = tr->tracees.next; l != &tr->tracees && !found; l = l->next) {
		t = ks_container(l, struct ks_thread, tracee);
		if (__atomic_load_n(&t->state, __ATOMIC_RELAXED) == KS_DEAD &&
		    t->extended && !t->has_handle && !t->superseded &&
		    !t->queue.count)
			found = t;
	}
	if (found)
		tr->m->ops->thread_ref(tr->m, found);
	ks_unlock_tracer(tr);
	return found;
}

/*
 * The process of TR executes a program. Deaths that the former one has read and
 * not let go of the new one cannot know: they are told again.
 */
static void
tell_deaths_again(struct ks_tracer *tr)
{
	struct ks_thread *t;

	while ((t = find_held(tr))) {
		ks_lock_thread(t);
		if (t->tracer == tr && !t->queue.count)
			push_death(t);
		ks_unlock_thread(t);
		tr->m->ops->thread_put(tr->m, t);
	}
}

void
ks_on_exec(struct ks_thread *t, int32_t former)
{
	struct proc_siginfo trap = {.signo = KS_SIGTRAP, .code = KS_SI_USER};
	struct proc_event ev = {.cause = PROC_EVENT_RENAMED};
	struct ks_cred cred;
	uint64_t mask;

	__atomic_fetch_add(&t->execs, 1, __ATOMIC_RELAXED);
	tell_deaths_again(t->m->ops->thread_process(t->m, t));
	if (!ks_traced(t))
		return;
	ks_lock_thread(t);
	ks_mappings_revoke(t);
	mask = t->tracer ? t->mask : 0;
	ev.a = (uint64_t)former;
	if (t->tracer && t->extended && !(mask & PROC_STOP_EXEC) &&
	    former != t->m->ops->thread_tid(t->m, t))
		ks_event_push(t, &ev);
	ks_unlock_thread(t);
	if (mask & PROC_STOP_EXEC) {
		ks_stop(t, PROC_STOP_EXEC, (uint64_t)former);
	} else if (mask & PROC_FLAG_LEGACY) {
		t->m->ops->thread_cred(t->m, t, &cred);
		trap.u.from.pid = t->m->ops->thread_tgid(t->m, t);
		trap.u.from.uid = cred.uid;
		t->m->ops->signal_send(t->m, t, &trap, false);
	}
}

void
ks_on_exec_leader(struct ks_thread *t, struct ks_thread *old)
{
	const struct proc_event gone = {.cause = PROC_EVENT_EXITED, .f = 1};
	struct ks_ended ended = {NULL, false};

	(void)t;
	ks_lock_thread(old);
	old->superseded = true;
	ks_feed(old, KS_IN_DEATH);
	ks_update_hooks(old);
	/* Its tracer may wait for it, and must not do so for ever. */
	if (old->tracer && old->extended)
		ks_event_push(old, &gone);
	else
		ended = ks_session_end(old, 0, 0);
	ks_unlock_thread(old);
	ks_session_ended(old, ended);
}

void
ks_on_kill(struct ks_thread *t)
{
	if (!ks_traced(t))
		return;
	ks_lock_thread(t);
	t->killed = true;
	ks_feed(t, KS_IN_KILLED);
	ks_unlock_thread(t);
}

void
ks_on_exit(struct ks_thread *t, int status)
{
	if (ks_traced(t))
		ks_stop(t, PROC_STOP_EXIT, (uint64_t)status);
}

/* The si_code and si_status of Linux's SIGCHLD for a death with STATUS. */
static void
tell_death(struct ks_thread *t, int status)
{
	int sig = status & 0x7f, code = 1;

	if (sig)
		code = (status & 0x80) ? 3 : 2;
	t->m->ops->tracer_signal(t->m, t->tracer, t, code,
				 sig ? sig : (status >> 8) & 0xff);
}

void
ks_on_death(struct ks_thread *t, int status)
{
	struct ks_ended ended = {NULL, false};

	ks_lock_thread(t);
	ks_feed(t, KS_IN_DEATH);
	ks_update_hooks(t);
	t->status = (uint64_t)status;
	if (t->tracer && t->extended) {
		push_death(t);
		tell_death(t, status);
	} else if (t->tracer && !t->has_handle) {
		ended = ks_session_end(t, 0, 0);
	} else if (t->tracer) {
		t->m->ops->tracer_wake(t->m, t->tracer, t);
	}
	ended.was_dead = false; /* the caller sees that it is not held */
	ks_unlock_thread(t);
	ks_session_ended(t, ended);
}

void
ks_on_child(struct ks_tracer *tr)
{
	bool wake;

	ks_lock_tracer(tr);
	wake = tr->listens && !tr->child_changed;
	if (wake)
		tr->child_changed = true;
	ks_events_changed(tr);
	ks_unlock_tracer(tr);
	if (wake)
		tr->m->ops->tracer_wake(tr->m, tr, NULL);
}
