/* SPDX-License-Identifier: MIT */
/* The queue of events: opening it, reading it, sleeping on it. */
#define _GNU_SOURCE
#include "events.h"

#include <errno.h>

#define BATCH 8

/* So many polls that found nothing are worth a mapping. */
#define IN_VAIN 4

void
ptl_open_events(void)
{
	if (ptl_state.mode != PTL_UNKNOWN)
		return;
	ptl_set_owner();
	ptl_open_own();
	if (ptl_state.own[PTL_EVENTS_NOW] >= 0) {
		ptl_state.mode = PTL_FULL;
		return;
	}
	if (ptl_state.own[PTL_EVENTS] >= 0)
		ptl_state.io->close(ptl_state.own[PTL_EVENTS]);
	ptl_state.own[PTL_EVENTS] = -1;
	ptl_state.mode = PTL_BASE;
}

static void
take_batch(const struct proc_tracer_event *te, size_t bytes)
{
	for (size_t n = bytes / sizeof(*te); n; n--, te++)
		ptl_take(te->tid, te->tgid, &te->ev);
}

/* Who sleeps in a read shall look up. */
static void
wake_reader(void)
{
	const uint64_t one = 1;
	ssize_t r;

	r = ptl_state.io->write(ptl_state.own[PTL_EVENTS], &one, sizeof(one));
	if (r == -EBADF && ptl_regain())
		ptl_state.io->write(ptl_state.own[PTL_EVENTS], &one,
				    sizeof(one));
}

void
ptl_tell_sleepers(void)
{
	__atomic_add_fetch(&ptl_state.news, 1, __ATOMIC_RELEASE);
	if (ptl_state.sleepers)
		ptl_wake(&ptl_state.news);
	if (ptl_state.reading)
		wake_reader();
}

/* What there is, of BATCH at most. A byte count, or -errno. */
static ssize_t
read_now(struct proc_tracer_event *te)
{
	const size_t n = BATCH * sizeof(*te);
	ssize_t r = ptl_state.io->read(ptl_state.own[PTL_EVENTS_NOW], te, n);

	if (r == -EBADF && ptl_regain())
		r = ptl_state.io->read(ptl_state.own[PTL_EVENTS_NOW], te, n);
	return r;
}

/* R is the error of a fork, which has emptied the state. */
static bool
is_forks(ssize_t r)
{
	return (r == -EACCES || r == -EPERM || r == -EBADF) && ptl_forked();
}

/* Map what a read would find, for who often finds nothing. */
static void
found_nothing(void)
{
	if (ptl_state.in_vain > IN_VAIN || !ptl_state.io->map ||
	    ptl_state.in_vain++ < IN_VAIN)
		return;
	ptl_state.shown = ptl_state.io->map(ptl_state.own[PTL_EVENTS_NOW], 0,
					    PTL_PAGE, false);
}

/* What a read of `events` would find: PROC_EVENTS_*; 0: it cannot be told. */
static uint64_t
shown(void)
{
	return ptl_state.shown
		   ? __atomic_load_n(&ptl_state.shown->state, __ATOMIC_ACQUIRE)
		   : 0;
}

bool
ptl_no_events(void)
{
	return shown() == PROC_EVENTS_NONE;
}

bool
ptl_events_are_ours(void)
{
	return shown() != 0;
}

int
ptl_poll_events(void)
{
	struct proc_tracer_event te[BATCH];
	int total = 0;
	ssize_t r;

	ptl_open_events();
	if (ptl_state.mode != PTL_FULL || shown() == PROC_EVENTS_NONE)
		return 0;
	do {
		r = read_now(te);
		if (r > 0) {
			take_batch(te, (size_t)r);
			total += (int)((size_t)r / sizeof(te[0]));
		}
		/* That was meant for the thread that sleeps. */
		if (r == 0 && ptl_state.reading)
			wake_reader();
	} while (r == sizeof(te));
	if (is_forks(r))
		return -EACCES;
	if (!total)
		found_nothing();
	if (total && (ptl_state.reading || ptl_state.sleepers))
		ptl_tell_sleepers();
	return total;
}

int
ptl_wait_events(void)
{
	struct proc_tracer_event te[BATCH];
	int handle = ptl_state.own[PTL_EVENTS];
	ssize_t r;

	ptl_state.reading = true;
	ptl_leave();
	r = ptl_state.io->read(handle, te, sizeof(te));
	ptl_enter();
	ptl_state.reading = false;
	if (r > 0)
		take_batch(te, (size_t)r);
	else if (r == -EBADF && ptl_regain())
		r = 0;
	/* One of them reads next, if this thread does not. */
	if (ptl_state.sleepers)
		ptl_tell_sleepers();
	if (is_forks(r)) {
		ptl_open_events();
		return 0;
	}
	return r < 0 ? (int)r : 0;
}
