/* SPDX-License-Identifier: MIT */
/*
 * What only the scheduler, the clock and thread creation share.
 */
#ifndef REFKERNEL_SCHED_H
#define REFKERNEL_SCHED_H

#include <stdint.h>

struct thread;

/* switch.S */
void context_switch(uint64_t *save_sp, uint64_t load_sp);
void thread_entry(void);

/* The first thing on a new stack; frees the thread that died last. */
void sched_finish(void);
/* T's first switch will call FN(ARG) on its stack, then go to user mode. */
void sched_setup(struct thread *t, void (*fn)(void *), void *arg);
/* The timer went off: is the time slice over? */
void sched_tick(int64_t now);
/* T is gone: its registers are nobody's. */
void sched_forget(struct thread *t);

/* debugreg.c: arm T's breakpoints, or none. */
void debug_load(const struct thread *t);

#endif
