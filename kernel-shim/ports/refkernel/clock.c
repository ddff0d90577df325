/* SPDX-License-Identifier: MIT */
/*
 * The clock is the TSC, measured at boot against the 8254 timer, which runs
 * at 1193182 Hz on every PC.
 */
#include "clock.h"

#include <stddef.h>

#include "config.h"
#include "cpu.h"
#include "kprintf.h"
#include "sched.h"
#include "trap.h"

#define PIT_HZ	    1193182
#define PIT_CH0	    0x40
#define PIT_MODE    0x43
#define CALIBRATION 3000 /* PIT ticks, 2.5 ms */
#define LVT_ONESHOT 0
#define DIVIDE_BY_1 0xb

static uint64_t tsc_boot;
static uint64_t tsc_khz;
static uint64_t ns_mult; /* nanoseconds per tick, times 2^32 */
static uint64_t lapic_mult; /* local APIC ticks per nanosecond, times 2^32 */
static int64_t realtime_offset; /* to be added to the monotonic clock */

static struct list timers = LIST_INIT(timers); /* by expiry */
static int64_t programmed = TIME_MAX;	       /* when the APIC will fire */
static int64_t slice;			       /* end of the time slice */

static uint64_t
scale(uint64_t v, uint64_t mult)
{
	return (uint64_t)((unsigned __int128)v * mult >> 32);
}

int64_t
clock_tsc_to_ns(uint64_t ticks)
{
	return (int64_t)scale(ticks, ns_mult);
}

int64_t
clock_monotonic(void)
{
	return clock_tsc_to_ns(rdtsc() - tsc_boot);
}

int64_t
clock_realtime(void)
{
	return clock_monotonic() + realtime_offset;
}

void
clock_set_realtime(int64_t ns)
{
	realtime_offset = ns - clock_monotonic();
}

static unsigned
pit_read(void)
{
	unsigned lo;

	outb(PIT_MODE, 0); /* latch channel 0 */
	lo = inb(PIT_CH0);
	return inb(PIT_CH0) << 8 | lo;
}

/* Count TSC and APIC ticks while the 8254 counts down from 65535. */
static void
calibrate(void)
{
	uint64_t tsc, lapic, lapic_khz, pit;
	unsigned start;

	outb(PIT_MODE, 0x34); /* channel 0, both bytes, mode 2 */
	outb(PIT_CH0, 0xff);
	outb(PIT_CH0, 0xff);
	start = pit_read();
	lapic_write(LAPIC_TIMER_INIT, UINT32_MAX);
	tsc = rdtsc();
	do
		pit = start - pit_read();
	while (pit < CALIBRATION);
	lapic = UINT32_MAX - lapic_read(LAPIC_TIMER_COUNT);
	tsc = rdtsc() - tsc;
	lapic_write(LAPIC_TIMER_INIT, 0);
	tsc_khz = tsc * PIT_HZ / pit / 1000;
	ns_mult = (1000000ULL << 32) / tsc_khz;
	lapic_khz = lapic * PIT_HZ / pit / 1000;
	lapic_mult = (lapic_khz << 32) / 1000000;
}

/* Set the APIC for time AT, which may be past. */
static void
program(int64_t at)
{
	int64_t delta = at - clock_monotonic();
	uint64_t count;

	programmed = at;
	if (delta < 1000)
		delta = 1000;
	if (delta > NSEC_PER_SEC)
		delta = NSEC_PER_SEC; /* the counter has 32 bits */
	count = scale((uint64_t)delta, lapic_mult);
	lapic_write(LAPIC_TIMER_INIT, count > UINT32_MAX ? UINT32_MAX
							  : (uint32_t)count);
}

/* The APIC is only set when the time is before the one it is set for. */
static void
program_next(void)
{
	int64_t next = slice;

	if (!list_empty(&timers)) {
		struct ktimer *t = list_first(&timers, struct ktimer, link);

		if (t->expires < next)
			next = t->expires;
	}
	if (next < programmed)
		program(next);
}

void
ktimer_program(int64_t slice_end)
{
	slice = slice_end;
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
	tsc_boot = rdtsc();
	calibrate();
	slice = TIME_MAX;
	realtime_offset = NSEC_PER_SEC *
			  (int64_t)config_num("time", 10, 0);
	irq_timer(clock_interrupt, NULL);
}
