/* SPDX-License-Identifier: MIT */
/* The queue of events: opening it, reading it, sleeping on it. */
#define _GNU_SOURCE
#include "events.h"

#include <errno.h>

#define BATCH 8

void
ptl_open_events(void)
{
	const char *name = "self/" PROC_FILE_EVENTS;
	const unsigned rw = PTL_READ | PTL_WRITE;

	if (ptl_state.mode != PTL_UNKNOWN)
		return;
	ptl_set_owner();
	ptl_state.events_now =
	    ptl_state.io->open(name, rw | PTL_NONBLOCK, PTL_KEPT);
	if (ptl_state.events_now >= 0)
		ptl_state.events = ptl_state.io->open(name, rw, PTL_KEPT);
	if (ptl_state.events >= 0) {
		ptl_state.mode = PTL_FULL;
		return;
	}
	if (ptl_state.events_now >= 0)
		ptl_state.io->close(ptl_state.events_now);
	ptl_state.events = ptl_state.events_now = -1;
	ptl_state.mode = PTL_BASE;
}

static void
take_batch(const struct proc_tracer_event *te, size_t bytes)
{
	for (size_t n = bytes / sizeof(*te); n; n--, te++)
		ptl_take(te->tid, te->tgid, &te->ev);
}

void
ptl_tell_sleepers(void)
{
	const uint64_t one = 1;

	__atomic_add_fetch(&ptl_state.news, 1, __ATOMIC_RELEASE);
	if (ptl_state.sleepers)
		ptl_wake(&ptl_state.news);
	if (ptl_state.reading)
		ptl_state.io->write(ptl_state.events, &one, sizeof(one));
}

int
ptl_poll_events(void)
{
	struct proc_tracer_event te[BATCH];
	const uint64_t one = 1;
	int total = 0;
	ssize_t r;

	ptl_open_events();
	if (ptl_state.mode != PTL_FULL)
		return 0;
	do {
		r = ptl_state.io->read(ptl_state.events_now, te, sizeof(te));
		if (r > 0) {
			take_batch(te, (size_t)r);
			total += (int)((size_t)r / sizeof(te[0]));
		}
		/* That was meant for the thread that sleeps. */
		if (r == 0 && ptl_state.reading)
			ptl_state.io->write(ptl_state.events, &one,
					    sizeof(one));
	} while (r == sizeof(te));
	if ((r == -EACCES || r == -EPERM) && ptl_forked())
		return -EACCES;
	if (total && (ptl_state.reading || ptl_state.sleepers))
		ptl_tell_sleepers();
	return total;
}

int
ptl_wait_events(void)
{
	struct proc_tracer_event te[BATCH];
	int handle = ptl_state.events;
	ssize_t r;

	ptl_state.reading = true;
	ptl_leave();
	r = ptl_state.io->read(handle, te, sizeof(te));
	ptl_enter();
	ptl_state.reading = false;
	if (r > 0)
		take_batch(te, (size_t)r);
	/* One of them reads next, if this thread does not. */
	if (ptl_state.sleepers)
		ptl_tell_sleepers();
	if ((r == -EACCES || r == -EPERM) && ptl_forked()) {
		ptl_open_events();
		return 0;
	}
	return r < 0 ? (int)r : 0;
}
