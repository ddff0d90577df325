/* SPDX-License-Identifier: MIT */
/*
 * POSIX timers. While a timer's signal waits to be delivered no other is
 * queued; the expirations meanwhile are the overrun count.
 *
 * A timer on a CPU clock is set to the earliest time at which it could be due
 * and looks again then: CPU time is never faster than time.
 */
#include "ptimer.h"

#include "calls_thread.h"
#include "errno.h"
#include "mem.h"
#include "thread.h"
#include "user.h"

#define SIGEV_SIGNAL	0
#define SIGEV_NONE	1
#define SIGEV_THREAD	2
#define SIGEV_THREAD_ID 4
#define TIMER_ABSTIME	1
#define CPU_POLL_NS	1000000 /* a CPU clock is not looked at more often */

struct ptimer {
	struct list link; /* in process->timers */
	struct ktimer timer;
	struct process *process;
	int id, clock;
	int notify, signo, tid;
	uint64_t value;
	int64_t expires; /* on its clock; 0: disarmed */
	int64_t interval;
	int64_t overrun, last_overrun;
	bool queued;  /* its signal is */
	bool deleted; /* while queued */
};

struct sigevent {
	uint64_t value;
	int32_t signo, notify;
	int32_t tid;
	int32_t pad[11];
};

struct itimerspec {
	struct timespec interval, value;
};

static bool
is_cpu_clock(int id)
{
	return id < 0 || id == 2 || id == 3;
}

/* The time of T's clock, whoever runs. */
static int64_t
now_of(const struct ptimer *t)
{
	struct usage u;
	int64_t ns = 0;

	if (t->clock == 2) {
		process_usage(t->process, &u);
		return u.user_ns + u.sys_ns;
	}
	if (t->clock == 3 && t->process->leader) {
		thread_usage(t->process->leader, &u);
		return u.user_ns + u.sys_ns;
	}
	clock_read(t->clock, &ns);
	return ns;
}

static void
arm(struct ptimer *t)
{
	int64_t wait;

	if (!t->expires) {
		ktimer_cancel(&t->timer);
		return;
	}
	if (!is_cpu_clock(t->clock)) {
		ktimer_set(&t->timer, clock_to_monotonic(t->clock, t->expires));
		return;
	}
	wait = t->expires - now_of(t);
	if (wait < CPU_POLL_NS)
		wait = CPU_POLL_NS;
	ktimer_set(&t->timer, deadline_after(wait));
}

/* Step over the periods that have passed; how many beyond the first. */
static int64_t
advance(struct ptimer *t, int64_t now)
{
	int64_t n;

	if (!t->interval) {
		t->expires = 0;
		return 0;
	}
	n = (now - t->expires) / t->interval;
	t->expires += (n + 1) * t->interval;
	return n;
}

static void
notify(struct ptimer *t)
{
	struct siginfo info = {
	    .si_signo = t->signo,
	    .si_code = SI_TIMER,
	    .si_tid = t->id,
	    .si_tvalue = t->value,
	};
	struct thread *to = NULL;

	if (t->notify == SIGEV_THREAD_ID) {
		to = thread_find(t->tid);
		if (!to || to->process != t->process)
			return;
	}
	signal_send_timer(to, t->process, &info, t);
}

static void
expired(struct ktimer *timer)
{
	struct ptimer *t = list_entry(timer, struct ptimer, timer);
	int64_t now = now_of(t);

	if (now < t->expires) {
		arm(t);
		return;
	}
	if (t->notify == SIGEV_NONE) {
		advance(t, now);
		arm(t);
		return;
	}
	if (t->queued) {
		t->overrun += 1 + advance(t, now);
		arm(t);
		return;
	}
	t->overrun = advance(t, now);
	notify(t);
	arm(t);
}

void
ptimer_queued(struct ptimer *t)
{
	t->queued = true;
}

void
ptimer_taken(struct ptimer *t, struct siginfo *info)
{
	t->queued = false;
	if (t->deleted) {
		kfree(t);
		return;
	}
	t->last_overrun = t->overrun;
	t->overrun = 0;
	info->si_overrun =
	    (int32_t)(t->last_overrun > INT32_MAX ? INT32_MAX
						  : t->last_overrun);
}

/* The signal was dropped from its queue unseen. */
void
ptimer_dropped(struct ptimer *t)
{
	struct siginfo unused;

	ptimer_taken(t, &unused);
}

static struct ptimer *
find(int id)
{
	struct ptimer *t;

	list_each(t, &current->process->timers, link) if (t->id == id) return t;
	return NULL;
}

static int
sigevent_in(struct ptimer *t, uint64_t ua)
{
	struct sigevent ev = {.notify = SIGEV_SIGNAL, .signo = SIGALRM};
	struct thread *to;

	ev.value = (uint64_t)t->id;
	if (ua && copy_in(&ev, ua, sizeof(ev)))
		return -EFAULT;
	if (ev.notify == SIGEV_THREAD_ID) {
		to = thread_find(ev.tid);
		if (!to || to->process != current->process)
			return -EINVAL;
	} else if (ev.notify != SIGEV_SIGNAL && ev.notify != SIGEV_NONE &&
		   ev.notify != SIGEV_THREAD) {
		return -EINVAL;
	}
	if (ev.notify != SIGEV_NONE && (ev.signo < 1 || ev.signo > NSIG))
		return -EINVAL;
	t->notify = ev.notify;
	t->signo = ev.signo;
	t->tid = ev.tid;
	t->value = ev.value;
	return 0;
}

long
sys_timer_create(int clock, uint64_t event, uint64_t uid)
{
	struct process *p = current->process;
	struct ptimer *t;
	int64_t now;
	int err = clock_read(clock, &now);

	if (err)
		return err;
	if (clock >= 4 && clock <= 6)
		return -EOPNOTSUPP;
	t = kzalloc(sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->id = p->next_timer_id;
	t->clock = clock;
	t->process = p;
	ktimer_init(&t->timer, expired);
	err = sigevent_in(t, event);
	if (!err && copy_out(uid, &t->id, sizeof(t->id)))
		err = -EFAULT;
	if (err) {
		kfree(t);
		return err;
	}
	p->next_timer_id++;
	list_add_tail(&p->timers, &t->link);
	return 0;
}

static void
read_setting(struct ptimer *t, struct itimerspec *out)
{
	int64_t left = 0;

	if (t->expires) {
		left = t->expires - now_of(t);
		if (left <= 0)
			left = 1;
	}
	out->interval.sec = t->interval / NSEC_PER_SEC;
	out->interval.nsec = t->interval % NSEC_PER_SEC;
	out->value.sec = left / NSEC_PER_SEC;
	out->value.nsec = left % NSEC_PER_SEC;
}

long
sys_timer_settime(int id, int flags, uint64_t new, uint64_t old)
{
	struct ptimer *t = find(id);
	struct itimerspec was;
	int64_t interval, value;
	int err;

	if (!new)
		return -EINVAL;
	err = timespec_in(new, &interval);
	if (!err)
		err = timespec_in(new + sizeof(struct timespec), &value);
	if (err)
		return err;
	if (!t)
		return -EINVAL;
	read_setting(t, &was);
	if (value && !(flags & TIMER_ABSTIME)) {
		int64_t now = now_of(t);

		value = value > TIME_MAX - now ? TIME_MAX : now + value;
	}
	t->expires = value;
	t->interval = interval;
	t->overrun = t->last_overrun = 0;
	arm(t);
	if (old && copy_out(old, &was, sizeof(was)))
		return -EFAULT;
	return 0;
}

long
sys_timer_gettime(int id, uint64_t ua)
{
	struct ptimer *t = find(id);
	struct itimerspec now;

	if (!t)
		return -EINVAL;
	read_setting(t, &now);
	return copy_out(ua, &now, sizeof(now));
}

long
sys_timer_getoverrun(int id)
{
	struct ptimer *t = find(id);

	return t ? (long)t->last_overrun : -EINVAL;
}

static void delete (struct ptimer *t)
{
	ktimer_cancel(&t->timer);
	list_del(&t->link);
	if (t->queued)
		t->deleted = true;
	else
		kfree(t);
}

long
sys_timer_delete(int id)
{
	struct ptimer *t = find(id);

	if (!t)
		return -EINVAL;
	delete (t);
	return 0;
}

void
ptimers_delete(struct process *p)
{
	while (!list_empty(&p->timers))
		delete (list_first(&p->timers, struct ptimer, link));
}
