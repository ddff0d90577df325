/* SPDX-License-Identifier: MIT */
/*
 * The clock is the TSC. It is measured at boot against the local APIC's timer,
 * which counts nanoseconds in QEMU, emulated or not.
 */
#include "clock.h"

#include <stddef.h>

#include "config.h"
#include "cpu.h"
#include "kprintf.h"
#include "sched.h"
#include "trap.h"
#include "vdso.h"

#define CALIBRATION 2000000 /* APIC ticks, 2 ms */
#define SAMPLES	    5
#define LVT_ONESHOT 0
#define DIVIDE_BY_1 0xb

uint64_t clock_tsc_boot;
uint64_t clock_ns_mult;

static int64_t realtime_offset; /* to be added to the monotonic clock */

static struct list timers = LIST_INIT(timers); /* by expiry */
static int64_t programmed = TIME_MAX;	       /* when the APIC will fire */
static int64_t tick;			       /* next tick of the scheduler */

int64_t
clock_realtime(void)
{
	return clock_monotonic() + realtime_offset;
}

void
clock_set_realtime(int64_t ns)
{
	realtime_offset = ns - clock_monotonic();
	clock_tell_vdso();
}

void
clock_tell_vdso(void)
{
	vdso_data->tsc_boot = clock_tsc_boot;
	vdso_data->ns_mult = clock_ns_mult;
	vdso_data->boot_ns = CLOCK_BOOT;
	vdso_data->realtime_offset = realtime_offset;
}

/* What both counters show at one time. */
struct sample {
	uint64_t tsc;
	uint32_t lapic; /* counts down */
};

/*
 * QEMU may lose the host's CPU between two readings: the quickest of a few
 * is taken.
 */
static struct sample
take_sample(void)
{
	uint64_t best = UINT64_MAX, before, after;
	struct sample s = {0, 0};
	uint32_t lapic;
	int i;

	for (i = 0; i < SAMPLES; i++) {
		before = rdtsc();
		lapic = lapic_read(LAPIC_TIMER_COUNT);
		after = rdtsc();
		if (after - before < best) {
			best = after - before;
			s = (struct sample){before + best / 2, lapic};
		}
	}
	return s;
}

static void
calibrate(void)
{
	struct sample start, end;
	uint64_t tsc_khz;

	lapic_write(LAPIC_TIMER_INIT, UINT32_MAX);
	start = take_sample();
	do
		end = take_sample();
	while (start.lapic - end.lapic < CALIBRATION);
	lapic_write(LAPIC_TIMER_INIT, 0);
	tsc_khz = (end.tsc - start.tsc) * 1000000 / (start.lapic - end.lapic);
	clock_ns_mult = (1000000ULL << 32) / tsc_khz;
}

/* Set the APIC for time AT, which may be past. */
static void
program(int64_t at)
{
	int64_t delta = at - clock_monotonic();

	programmed = at;
	if (delta < 1000)
		delta = 1000;
	if (delta > NSEC_PER_SEC)
		delta = NSEC_PER_SEC; /* the counter has 32 bits */
	lapic_write(LAPIC_TIMER_INIT, (uint32_t)delta);
}

/* The APIC is only set when the time is before the one it is set for. */
static void
program_next(void)
{
	int64_t next = tick;

	if (!list_empty(&timers)) {
		struct ktimer *t = list_first(&timers, struct ktimer, link);

		if (t->expires < next)
			next = t->expires;
	}
	if (next < programmed)
		program(next);
}

void
ktimer_program(int64_t at)
{
	tick = at;
	program_next();
}

void
ktimer_init(struct ktimer *t, void (*fn)(struct ktimer *t))
{
	list_init(&t->link);
	t->fn = fn;
}

void
ktimer_set(struct ktimer *t, int64_t expires)
{
	struct list *at;

	list_del(&t->link);
	t->expires = expires;
	/* From the end: timers are mostly set for later than the others. */
	for (at = timers.prev; at != &timers; at = at->prev)
		if (list_entry(at, struct ktimer, link)->expires <= expires)
			break;
	list_insert(at->next, &t->link);
	program_next();
}

bool
ktimer_cancel(struct ktimer *t)
{
	bool armed = !list_empty(&t->link);

	list_del(&t->link);
	return armed;
}

static void
clock_interrupt(void *arg)
{
	int64_t now = clock_monotonic();

	(void)arg;
	programmed = TIME_MAX;
	while (!list_empty(&timers)) {
		struct ktimer *t = list_first(&timers, struct ktimer, link);

		if (t->expires > now)
			break;
		list_del(&t->link);
		t->fn(t);
	}
	sched_tick(now);
}

void
clock_init(void)
{
	lapic_write(LAPIC_TIMER_DIV, DIVIDE_BY_1);
	lapic_write(LAPIC_LVT_TIMER, LVT_ONESHOT | IRQ_TIMER_VECTOR);
	clock_tsc_boot = rdtsc();
	calibrate();
	tick = TIME_MAX;
	realtime_offset = NSEC_PER_SEC * (int64_t)config_num("time", 10, 0);
	irq_timer(clock_interrupt, NULL);
}
