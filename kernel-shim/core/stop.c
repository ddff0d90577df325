/* SPDX-License-Identifier: MIT */
/* Trace stops, as the thread that stops goes through them. */
#include "session.h"

#define CLD_TRAPPED 4
#define CLD_STOPPED 5

/* Linux's si_code and si_status of the SIGCHLD for a stop of T. */
static void
tell(struct ks_thread *t, uint64_t a)
{
	int code = CLD_TRAPPED, status = KS_SIGTRAP;

	if (t->cause & (PROC_STOP_GROUP | PROC_STOP_TRAP))
		code = CLD_STOPPED;
	if (t->cause & (PROC_STOP_GROUP | PROC_STOP_TRAP | PROC_STOP_SIGNAL))
		status = (int)a;
	t->m->ops->tracer_signal(t->m, t->tracer, t, code, status);
}

bool
ks_stop_begin(struct ks_thread *t, uint64_t cause, uint64_t a, uint64_t b,
	      const struct proc_siginfo *info)
{
	const struct proc_event ev = {.cause = cause, .a = a, .b = b};

	if (!t->tracer || !ks_feed(t, KS_IN_STOP))
		return false;
	ks_arm_step(t, KS_STEP_NONE);
	t->due &= ~KS_DUE_TRAP;
	if (cause & (PROC_STOP_GROUP | PROC_STOP_TRAP))
		t->due &= ~KS_DUE_NOTIFY;
	t->cause = cause;
	t->resume = t->resume_signal = 0;
	t->has_info = true;
	t->signo = info ? info->signo : 0;
	t->info_due = !info;
	if (info)
		t->info = *info;
	ks_update_hooks(t);
	if (cause) {
		ks_event_push(t, &ev);
		tell(t, a);
	} else {
		t->m->ops->tracer_wake(t->m, t->tracer, t);
	}
	return true;
}

bool
ks_stop_sleep(struct ks_thread *t)
{
	bool alive = true, over;

	do {
		ks_lock_thread(t);
		ks_record_rest(t);
		ks_unlock_thread(t);
		if (t->m->ops->thread_sleep(t->m, t))
			alive = false;
		ks_lock_thread(t);
		if (!alive) {
			ks_feed(t, KS_IN_KILLED);
			t->resume = t->resume_signal = 0;
		}
		over = t->state == KS_RUNNING;
		if (over)
			t->sys_op = PROC_SYSCALL_NONE;
		ks_unlock_thread(t);
	} while (!over);
	return alive;
}

void
ks_stop(struct ks_thread *t, uint64_t cause, uint64_t a)
{
	bool stops;

	ks_lock_thread(t);
	stops = (t->mask & cause) && ks_stop_begin(t, cause, a, 0, NULL);
	ks_unlock_thread(t);
	if (stops)
		ks_stop_sleep(t);
}
