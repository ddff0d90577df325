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

uint64_t cputime_faulted;
int64_t cputime_due = TIME_MAX;

void
cputime_sample(const struct regs *r)
{
	int64_t now = clock_monotonic();
	uint64_t n;

	if (cputime_due > now)
		return;
	/* In a long system call some were missed. */
	n = 1 + (uint64_t)(now - cputime_due) / CPUTIME_TICK;
	if ((r->rip == r->rcx && r->rflags == r->r11) ||
	    r->rip == cputime_faulted)
		current->sys_ticks += n;
	else
		current->user_ticks += n;
	/* A loop comes there again and again. */
	cputime_faulted = 0;
	cputime_due = now + CPUTIME_TICK;
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
