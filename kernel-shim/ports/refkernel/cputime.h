/* SPDX-License-Identifier: MIT */
/* The CPU time of threads, in ticks of the TSC. */
#ifndef REFKERNEL_CPUTIME_H
#define REFKERNEL_CPUTIME_H

#include <stdbool.h>
#include <stdint.h>

struct regs;
struct thread;

/* RIP of the last page fault of user mode. */
extern uint64_t cputime_faulted;

/* The current thread runs from TSC on; until now, which is returned. */
void cputime_begin(uint64_t tsc);
uint64_t cputime_end(void);

/*
 * When the next sample is due, after NOW; TIME_MAX if nobody runs (IDLE) and
 * the last one asked for is past. Both clock_monotonic().
 */
int64_t cputime_tick(int64_t now, bool idle);

/* An interrupt of user mode: take the sample if it is due. */
void cputime_sample(const struct regs *r);

/* T's time so far. The sum is exact; neither ever becomes less. */
void cputime_get(struct thread *t, uint64_t *out_user, uint64_t *out_sys);

#endif
