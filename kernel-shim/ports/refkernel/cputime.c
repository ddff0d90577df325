/* SPDX-License-Identifier: MIT */
/*
 * The CPU time of threads. How much a thread has had is measured, at each
 * switch. Where it had it, in user mode or in the kernel, is sampled: to look
 * at the clock on the way in and out would cost more than a short system call.
 *
 * The kernel runs with interrupts off, so that a tick which comes meanwhile is
 * taken on the way out. After a system call this can be seen: RCX and R11 are
 * still as SYSRET has them. After a page fault it is where the fault was.
 */
#include "cputime.h"

#include "clock.h"
#include "cpu.h"
#include "regs.h"
#include "thread.h"

#define TICK_NS 4000000

uint64_t cputime_faulted;

static int64_t tick = TIME_MAX; /* when the next one is due */

void
cputime_begin(uint64_t tsc)
{
	current->stamp = tsc;
}

uint64_t
cputime_end(void)
{
	uint64_t now = rdtsc();

	if (current->stamp)
		current->run_tsc += now - current->stamp;
	current->stamp = 0;
	return now;
}

int64_t
cputime_tick(int64_t now, bool idle)
{
	if (idle && tick <= now)
		tick = TIME_MAX;
	else if (!idle && (tick <= now || tick == TIME_MAX))
		tick = now + TICK_NS;
	return tick;
}

void
cputime_sample(const struct regs *r)
{
	int64_t now = clock_monotonic();
	uint64_t n;

	if (tick > now)
		return;
	/* In a long system call some were missed. */
	n = 1 + (uint64_t)(now - tick) / TICK_NS;
	if ((r->rip == r->rcx && r->rflags == r->r11) ||
	    r->rip == cputime_faulted)
		current->sys_ticks += n;
	else
		current->user_ticks += n;
	/* A loop comes there again and again. */
	cputime_faulted = 0;
	tick = now + TICK_NS;
}

void
cputime_get(struct thread *t, uint64_t *out_user, uint64_t *out_sys)
{
	uint64_t run = t->run_tsc + (t->stamp ? rdtsc() - t->stamp : 0);
	uint64_t all = t->user_ticks + t->sys_ticks;
	uint64_t sys = 0;

	if (all)
		sys = run / all * t->sys_ticks + run % all * t->sys_ticks / all;
	/* Neither goes back, whatever is sampled later. */
	if (sys < t->sys_told)
		sys = t->sys_told;
	if (run - sys < t->user_told)
		sys = run - t->user_told;
	t->sys_told = sys;
	t->user_told = run - sys;
	*out_user = t->user_told;
	*out_sys = sys;
}
