/* SPDX-License-Identifier: MIT */
/* The CPU time of threads, in ticks of the TSC. */
#ifndef REFKERNEL_CPUTIME_H
#define REFKERNEL_CPUTIME_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"
#include "cpu.h"
#include "thread.h"

#define CPUTIME_TICK 4000000 /* ns between samples */

struct regs;

/* RIP of the last page fault of user mode. */
extern uint64_t cputime_faulted;

/* When the next sample is due; clock_monotonic(). */
extern int64_t cputime_due;

/* T runs from TSC on. */
static inline void
cputime_begin(struct thread *t, uint64_t tsc)
{
	t->stamp = tsc;
}

/* The current thread has run until now, which is returned. */
static inline uint64_t
cputime_end(void)
{
	uint64_t now = rdtsc();

	if (current->stamp)
		current->run_tsc += now - current->stamp;
	current->stamp = 0;
	return now;
}

/*
 * When the next sample is due, after NOW; TIME_MAX if nobody runs (IDLE) and
 * the last one asked for is past. Both clock_monotonic().
 */
static inline int64_t
cputime_tick(int64_t now, bool idle)
{
	if (idle && cputime_due <= now)
		cputime_due = TIME_MAX;
	else if (!idle && (cputime_due <= now || cputime_due == TIME_MAX))
		cputime_due = now + CPUTIME_TICK;
	return cputime_due;
}

/* An interrupt of user mode: take the sample if it is due. */
void cputime_sample(const struct regs *r);

/* T's time so far. The sum is exact; neither ever becomes less. */
void cputime_get(struct thread *t, uint64_t *out_user, uint64_t *out_sys);

#endif
