/* SPDX-License-Identifier: MIT */
/* How sessions begin and end, in every order of death. */
#include "session.h"

#include "mem.h"

void
ks_thread_init(struct ks_thread *t, struct ks_machine *m)
{
	memset(t, 0, sizeof(*t));
	t->m = m;
	ks_lock_init(m, &t->lock);
	ks_link_init(&t->tracee);
	ks_link_init(&t->pending);
	ks_link_init(&t->mappings);
}

void
ks_tracer_init(struct ks_tracer *tr, struct ks_machine *m)
{
	memset(tr, 0, sizeof(*tr));
	tr->m = m;
	ks_lock_init(m, &tr->lock);
	ks_link_init(&tr->tracees);
	ks_link_init(&tr->pending);
}

bool
ks_feed(struct ks_thread *t, enum ks_input input)
{
	struct ks_transition to = ks_state_step(t->state, input);

	if (to.actions & KS_ACT_REFUSE)
		return false;
	if (t->state == KS_STOPPED && to.next != KS_STOPPED)
		ks_record_run(t);
	t->state = to.next;
	if (to.actions & KS_ACT_WAKE)
		t->m->ops->thread_wake(t->m, t);
	if (to.actions & KS_ACT_KICK)
		t->m->ops->thread_kick(t->m, t);
	return true;
}

void
ks_make_due(struct ks_thread *t, enum ks_input input, unsigned due)
{
	/* Before it is kicked, so that it finds what it is kicked for. */
	t->due |= due;
	ks_update_hooks(t);
	ks_feed(t, input);
}

int
ks_session_begin(struct ks_thread *t, struct ks_tracer *tr, bool capable)
{
	if (t->tracer || t->state == KS_DEAD)
		return -EPERM;
	ks_lock_tracer(tr);
	if (tr->exiting) {
		ks_unlock_tracer(tr);
		return -EPERM;
	}
	ks_link_append(&tr->tracees, &t->tracee);
	ks_unlock_tracer(tr);
	t->m->ops->thread_ref(t->m, t);
	t->tracer = tr;
	t->session++;
	t->capable = capable;
	t->mask = t->cause = t->due = 0;
	t->has_handle = t->extended = t->kill_on_close = t->held = false;
	t->queue.head = t->queue.count = 0;
	ks_update_hooks(t);
	return 0;
}

struct ks_ended
ks_session_end(struct ks_thread *t, uint64_t resume, uint64_t signal)
{
	/* Of one that was superseded nobody is told: its id lives on. */
	struct ks_ended ended = {t->tracer,
				 t->state == KS_DEAD && !t->superseded};

	if (!t->tracer)
		return ended;
	ks_event_clear(t);
	ks_record_end(t);
	ks_mappings_revoke(t);
	ks_lock_tracer(t->tracer);
	ks_link_remove(&t->tracee);
	ks_unlock_tracer(t->tracer);
	t->tracer = NULL;
	t->mask = t->due = 0;
	t->has_handle = t->kill_on_close = false;
	if (t->state != KS_RUNNING) {
		t->resume = resume;
		t->resume_signal = signal;
	}
	if (t->state != KS_DEAD)
		ks_arm_step(t, KS_STEP_NONE);
	ks_update_hooks(t);
	if (t->held) {
		t->held = false;
		t->m->ops->thread_wake(t->m, t);
	}
	ks_feed(t, KS_IN_END);
	return ended;
}

void
ks_session_ended(struct ks_thread *t, struct ks_ended ended)
{
	if (!ended.tracer)
		return;
	/* Whoever reads its `trace` shall learn that there is none. */
	t->m->ops->tracer_wake(t->m, ended.tracer, t);
	if (ended.was_dead)
		t->m->ops->thread_released(t->m, t, ended.tracer);
	t->m->ops->thread_put(t->m, t);
}

bool
ks_stopped(struct ks_thread *t)
{
	enum ks_state state = __atomic_load_n(&t->state, __ATOMIC_RELAXED);

	return state == KS_STOPPED || state == KS_LISTENING;
}

bool
ks_holds(struct ks_thread *t)
{
	bool holds;

	ks_lock_thread(t);
	holds = t->tracer && t->state == KS_DEAD;
	ks_unlock_thread(t);
	return holds;
}

void
ks_settle(struct ks_thread *t)
{
	if (!ks_traced(t))
		return;
	ks_lock_thread(t);
	ks_record_settle(t);
	ks_unlock_thread(t);
}

int32_t
ks_tracer_pid(struct ks_thread *t)
{
	int32_t pid = 0;

	ks_lock_thread(t);
	if (t->tracer)
		pid = t->m->ops->tracer_tgid(t->m, t->tracer);
	ks_unlock_thread(t);
	return pid;
}

bool
ks_tracer_is_lesser(struct ks_thread *t)
{
	bool lesser;

	ks_lock_thread(t);
	lesser = t->tracer && !t->capable;
	ks_unlock_thread(t);
	return lesser;
}

bool
ks_seccomp_suspended(struct ks_thread *t)
{
	bool suspended;

	ks_lock_thread(t);
	suspended = t->tracer && (t->mask & PROC_FLAG_NO_SECCOMP);
	ks_unlock_thread(t);
	return suspended;
}

/* TR, which exits, lets T go. Returns true if T is to be killed. */
static bool
let_go(struct ks_thread *t, struct ks_tracer *tr)
{
	struct ks_ended ended = {NULL, false};
	uint64_t resume = 0, signal = 0;
	bool kill = false;

	ks_lock_thread(t);
	if (t->tracer == tr) {
		ks_record_settle(t);
		kill = t->state != KS_DEAD &&
		       (t->kill_on_close || (t->mask & PROC_FLAG_EXITKILL));
		/* As on Linux, a stop that was told takes its signal along. */
		if (t->cause & KS_SIGNAL_STOPS) {
			resume = PROC_FLAG_SIGNAL;
			ks_lock_tracer(tr);
			if (t->queue.count)
				signal = (uint64_t)t->signo;
			ks_unlock_tracer(tr);
		}
		/* And a call that was only to be shown is not made. */
		if (t->cause == PROC_STOP_PRE_SYSCALL && t->extended &&
		    t->sys_shown)
			resume = PROC_FLAG_IGNORE;
		ended = ks_session_end(t, resume, signal);
	}
	ks_unlock_thread(t);
	ks_session_ended(t, ended);
	return kill;
}

void
ks_on_tracer_exit(struct ks_tracer *tr)
{
	const struct proc_siginfo sigkill = {.signo = KS_SIGKILL,
					     .code = KS_SI_KERNEL};
	struct ks_machine *m = tr->m;
	struct ks_thread *t;

	ks_lock_tracer(tr);
	tr->exiting = true;
	while (!ks_link_empty(&tr->tracees)) {
		t = ks_container(tr->tracees.next, struct ks_thread, tracee);
		m->ops->thread_ref(m, t);
		ks_unlock_tracer(tr);
		if (let_go(t, tr))
			m->ops->signal_send(m, t, &sigkill, false);
		m->ops->thread_put(m, t);
		ks_lock_tracer(tr);
	}
	if (tr->events)
		m->ops->frame_put(m, ks_shown_frame(m, tr->events));
	tr->events = NULL;
	ks_unlock_tracer(tr);
}
