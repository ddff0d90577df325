/* SPDX-License-Identifier: MIT */
/*
 * POSIX timers (timer_create and its family).
 */
#ifndef REFKERNEL_PTIMER_H
#define REFKERNEL_PTIMER_H

struct ptimer;
struct siginfo;

/* The signal of T is in a queue. */
void ptimer_queued(struct ptimer *t);
/*
 * The signal of T is being delivered: complete INFO with the overrun count,
 * start the next period.
 */
void ptimer_taken(struct ptimer *t, struct siginfo *info);
/* The signal of T is dropped from its queue. */
void ptimer_dropped(struct ptimer *t);

#endif
