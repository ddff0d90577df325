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
		if (ptl_state.own[i] > ptl_state.highest)
			ptl_state.highest = ptl_state.own[i];
		/* Without events there is nothing to command. */
		if (ptl_state.own[i] < 0 && i != PTL_COMMAND)
			break;
	}
}

/* ARG, a handle, if it is S's, or one that is closed. */
static bool
forget_trace(struct ptl_session *s, void *arg)
{
	const int *handle = arg;

	if (s->trace < 0 ||
	    (handle ? s->trace != *handle : ptl_state.io->is_open(s->trace)))
		return false;
	s->trace = -1;
	return handle;
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

/* Forget who had HANDLE. False: nobody. */
static bool
forget_former(int handle)
{
	bool found =
	    ptl_forget_handle(handle) ||
	    (ptl_state.own[PTL_COMMAND] < 0 && ptl_each(forget_trace, &handle));

	for (int i = 0; i < PTL_NOWN; i++)
		if (ptl_state.own[i] == handle) {
			ptl_state.own[i] = -1;
			found = true;
		}
	return found;
}

void
ptl_check_new(int handle)
{
	/* Most often it is a number that there has not been before. */
	if (handle > ptl_state.highest)
		ptl_state.highest = handle;
	else if (forget_former(handle))
		ptl_regain();
}
