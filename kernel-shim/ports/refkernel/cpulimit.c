/* SPDX-License-Identifier: MIT */
/*
 * RLIMIT_CPU. The timer is set to the earliest time at which the process can
 * have used up its limit, and looks again then.
 */
#include "clock.h"
#include "signal.h"
#include "thread.h"

#define LEAST_NS 10000000

static int64_t
used(struct process *p)
{
	struct usage u;

	process_usage(p, &u);
	return u.user_ns + u.sys_ns;
}

/* SECONDS in nanoseconds, as far as it goes. */
static int64_t
limit_ns(uint64_t seconds)
{
	return seconds < TIME_MAX / NSEC_PER_SEC
		   ? (int64_t)seconds * NSEC_PER_SEC
		   : TIME_MAX;
}

void
cpu_limit_arm(struct process *p)
{
	const struct rlimit *r = &p->rlimit[RLIMIT_CPU];
	int64_t limit = limit_ns(r->cur), left;

	if (limit == TIME_MAX || p->nthreads == 0) {
		ktimer_cancel(&p->cpu_timer);
		return;
	}
	left = limit - used(p);
	ktimer_set(&p->cpu_timer,
		   deadline_after(left > LEAST_NS ? left : LEAST_NS));
}

static void
expired(struct ktimer *timer)
{
	struct process *p = list_entry(timer, struct process, cpu_timer);
	struct rlimit *r = &p->rlimit[RLIMIT_CPU];
	int64_t now = used(p);

	if (now >= limit_ns(r->max)) {
		signal_kernel_process(p, SIGKILL);
		return;
	}
	/* As on Linux a signal each second, by a limit that rises. */
	if (now >= limit_ns(r->cur)) {
		signal_kernel_process(p, SIGXCPU);
		r->cur++;
	}
	cpu_limit_arm(p);
}

void
cpu_limit_init(struct process *p)
{
	ktimer_init(&p->cpu_timer, expired);
}
