/* SPDX-License-Identifier: MIT */
/* The files of this process that stay open, whatever the program closes. */
#define _GNU_SOURCE
#include "session.h"

#define RW (PTL_READ | PTL_WRITE)

static const struct {
	const char *name;
	unsigned flags;
} files[PTL_NOWN] = {
    [PTL_EVENTS] = {"self/" PROC_FILE_EVENTS, RW},
    [PTL_EVENTS_NOW] = {"self/" PROC_FILE_EVENTS, RW | PTL_NONBLOCK},
    [PTL_COMMAND] = {"self/" PROC_FILE_COMMAND, PTL_WRITE},
};

void
ptl_open_own(void)
{
	for (int i = 0; i < PTL_NOWN; i++) {
		if (ptl_state.own[i] >= 0)
			continue;
		ptl_state.own[i] =
		    ptl_state.io->open(files[i].name, files[i].flags, PTL_KEPT);
		/* Without events there is nothing to command. */
		if (ptl_state.own[i] < 0 && i != PTL_COMMAND)
			break;
	}
}

static bool
forget_trace(struct ptl_session *s, void *unused)
{
	(void)unused;
	if (s->trace >= 0 && !ptl_state.io->is_open(s->trace))
		s->trace = -1;
	return false;
}

bool
ptl_regain(void)
{
	if (ptl_is_parents())
		return false;
	for (int i = 0; i < PTL_NOWN; i++)
		if (ptl_state.own[i] >= 0 &&
		    !ptl_state.io->is_open(ptl_state.own[i]))
			ptl_state.own[i] = -1;
	ptl_each(forget_trace, NULL);
	ptl_forget_closed();
	ptl_open_own();
	return ptl_state.own[PTL_EVENTS] >= 0 &&
	       ptl_state.own[PTL_EVENTS_NOW] >= 0;
}

void
ptl_check_new(int handle)
{
	/*
	 * They have the lowest numbers that are ours: if all were closed, the
	 * first to be given out again is one of theirs.
	 */
	for (int i = 0; i < PTL_NOWN; i++)
		if (ptl_state.own[i] == handle) {
			ptl_state.own[i] = -1;
			ptl_regain();
		}
}
