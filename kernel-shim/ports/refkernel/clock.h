/* SPDX-License-Identifier: MIT */
/*
 * Time: the TSC as clock, the local APIC's timer for wake-ups. There is no
 * periodic tick; the timer is set for whatever comes first.
 */
#ifndef REFKERNEL_CLOCK_H
#define REFKERNEL_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu.h"
#include "list.h"

#define NSEC_PER_SEC 1000000000LL
#define TIME_MAX     INT64_MAX

struct process;

struct timespec {
	int64_t sec, nsec;
};

struct timeval {
	int64_t sec, usec;
};

/*
 * Calibrate the TSC and the local APIC's timer, read the wall clock. After
 * trap_init(), before the first timer.
 */
void clock_init(void);

/* Copy what the vDSO tells the time by into its data page. */
void clock_tell_vdso(void);

/*
 * What the monotonic clock shows at boot. A machine is never up for 0 s when a
 * program looks; some, strace -r among them, take that for "not set".
 */
#define CLOCK_BOOT 1000000000

extern uint64_t clock_tsc_boot;
extern uint64_t clock_ns_mult; /* nanoseconds per tick, times 2^32 */

/* A span of the TSC in nanoseconds. */
static inline int64_t
clock_tsc_to_ns(uint64_t ticks)
{
	return (int64_t)((unsigned __int128)ticks * clock_ns_mult >> 32);
}

/* Nanoseconds since boot: when the TSC read so, and now; and since 1970. */
static inline int64_t
clock_at(uint64_t tsc)
{
	return CLOCK_BOOT + clock_tsc_to_ns(tsc - clock_tsc_boot);
}

static inline int64_t
clock_monotonic(void)
{
	return clock_at(rdtsc());
}

int64_t clock_realtime(void);
/* Set the wall clock. */
void clock_set_realtime(int64_t ns);

/* One timer; FN runs in interrupt context when EXPIRES has come. */
struct ktimer {
	struct list link;
	int64_t expires; /* clock_monotonic() */
	void (*fn)(struct ktimer *t);
};

void ktimer_init(struct ktimer *t, void (*fn)(struct ktimer *t));
/* Arm, also one that is armed. */
void ktimer_set(struct ktimer *t, int64_t expires);
/* True: it was armed. */
bool ktimer_cancel(struct ktimer *t);
/* Set the hardware for the next timer or AT, when sched_tick() is due. */
void ktimer_program(int64_t at);

/* setitimer's three. */
struct itimer {
	struct ktimer timer; /* ITIMER_REAL */
	struct process *process;
	int64_t value; /* ITIMER_VIRTUAL and PROF: CPU time of expiry, or 0 */
	int64_t interval;
};

/* RLIMIT_CPU: once; when the limit is set; at the end ktimer_cancel(). */
void cpu_limit_init(struct process *p);
void cpu_limit_arm(struct process *p);

void itimers_init(struct process *p);
/* Cancel P's interval timers and delete its POSIX timers. */
void itimers_cancel(struct process *p);
void ptimers_delete(struct process *p);

/* User structures. -EFAULT; -EINVAL: not normalised or negative. */
int timespec_in(uint64_t ua, int64_t *out_ns);
int timespec_out(uint64_t ua, int64_t ns);
int timeval_in(uint64_t ua, int64_t *out_ns);
int timeval_out(uint64_t ua, int64_t ns);
/* An absolute deadline from a relative time, saturating. */
int64_t deadline_after(int64_t ns);

/* The time of clock ID for the current thread; -EINVAL: no such clock. */
int clock_read(int id, int64_t *out_ns);
/*
 * For timerfd: the monotonic time at which CLOCK (REALTIME, MONOTONIC,
 * BOOTTIME) will show NS.
 */
int64_t clock_to_monotonic(int id, int64_t ns);

#endif
