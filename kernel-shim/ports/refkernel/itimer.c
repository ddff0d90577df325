/* SPDX-License-Identifier: MIT */
/*
 * setitimer(), getitimer() and alarm(). ITIMER_REAL runs in real time; the
 * other two are set to the earliest time at which the process can have used
 * so much CPU time, and then look again.
 */
#include "calls_thread.h"
#include "errno.h"
#include "thread.h"
#include "user.h"

#define ITIMER_REAL    0
#define ITIMER_VIRTUAL 1
#define ITIMER_PROF    2
#define CPU_POLL_NS    1000000

static int
kind_of(const struct itimer *it)
{
	return (int)(it - it->process->itimer);
}

static int64_t
now_of(const struct itimer *it)
{
	struct usage u;

	if (kind_of(it) == ITIMER_REAL)
		return clock_monotonic();
	process_usage(it->process, &u);
	return kind_of(it) == ITIMER_VIRTUAL ? u.user_ns : u.user_ns + u.sys_ns;
}

static void
arm(struct itimer *it)
{
	int64_t left;

	if (!it->value) {
		ktimer_cancel(&it->timer);
		return;
	}
	left = it->value - now_of(it);
	if (kind_of(it) != ITIMER_REAL && left < CPU_POLL_NS)
		left = CPU_POLL_NS;
	ktimer_set(&it->timer, deadline_after(left > 0 ? left : 0));
}

static void
expired(struct ktimer *timer)
{
	static const int signal_of[] = {SIGALRM, SIGVTALRM, SIGPROF};
	struct itimer *it = list_entry(timer, struct itimer, timer);
	int64_t now = now_of(it);

	if (now >= it->value) {
		signal_kernel_process(it->process, signal_of[kind_of(it)]);
		if (!it->interval)
			it->value = 0;
		else
			it->value += ((now - it->value) / it->interval + 1) *
				     it->interval;
	}
	arm(it);
}

void
itimers_init(struct process *p)
{
	int i;

	for (i = 0; i < 3; i++) {
		p->itimer[i].process = p;
		ktimer_init(&p->itimer[i].timer, expired);
	}
}

void
itimers_cancel(struct process *p)
{
	int i;

	for (i = 0; i < 3; i++)
		ktimer_cancel(&p->itimer[i].timer);
}

static int64_t
remaining(const struct itimer *it)
{
	int64_t left;

	if (!it->value)
		return 0;
	left = it->value - now_of(it);
	return left > 1000 ? left : 1000;
}

static void
set(struct itimer *it, int64_t value, int64_t interval)
{
	int64_t now = now_of(it);

	it->interval = interval;
	if (value && value > TIME_MAX - now)
		it->value = TIME_MAX;
	else
		it->value = value ? now + value : 0;
	arm(it);
}

static int
itimer_out(uint64_t ua, int64_t interval, int64_t value)
{
	if (timeval_out(ua, interval) ||
	    timeval_out(ua + sizeof(struct timeval), value))
		return -EFAULT;
	return 0;
}

long
sys_getitimer(int which, uint64_t ua)
{
	struct itimer *it;

	if (which < 0 || which > ITIMER_PROF)
		return -EINVAL;
	it = &current->process->itimer[which];
	return itimer_out(ua, it->interval, remaining(it));
}

long
sys_setitimer(int which, uint64_t new, uint64_t old)
{
	int64_t interval = 0, value = 0, old_interval, old_value;
	struct itimer *it;
	int err = 0;

	if (which < 0 || which > ITIMER_PROF)
		return -EINVAL;
	if (new)
		err = timeval_in(new, &interval);
	if (new && !err)
		err = timeval_in(new + sizeof(struct timeval), &value);
	if (err)
		return err;
	it = &current->process->itimer[which];
	old_interval = it->interval;
	old_value = remaining(it);
	set(it, value, interval);
	return old ? itimer_out(old, old_interval, old_value) : 0;
}

long
sys_alarm(unsigned seconds)
{
	struct itimer *it = &current->process->itimer[ITIMER_REAL];
	int64_t left = remaining(it), sec = left / NSEC_PER_SEC;

	set(it, (int64_t)seconds * NSEC_PER_SEC, 0);
	/* Rounded, but never to 0 while it runs. */
	if (left && (!sec || left % NSEC_PER_SEC >= NSEC_PER_SEC / 2))
		sec++;
	return sec;
}
