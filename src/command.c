/* SPDX-License-Identifier: MIT */
/*
 * How a command gets to a tracee: by `command`, one file for all of them, or
 * where the kernel has none by the `trace` of each.
 */
#define _GNU_SOURCE
#include "session.h"

#include <errno.h>

int
ptl_trace(struct ptl_session *s)
{
	char name[PTL_NAME_MAX];
	int handle;

	if (s->trace < 0) {
		ptl_name(name, s->tid, PROC_FILE_TRACE);
		handle = ptl_state.io->open(
		    name, PTL_READ | PTL_WRITE | PTL_NONBLOCK, PTL_KEPT);
		if (handle >= 0)
			ptl_check_new(handle);
		s->trace = handle;
	}
	return s->trace;
}

/*
 * An open `trace` attaches and holds the dead; its close lets go of who runs.
 */
static int
by_trace(struct ptl_session *s, uint64_t flags, uint64_t signal)
{
	struct proc_resume w = {flags, signal};
	size_t n = flags & PROC_FLAG_SIGNAL ? sizeof(w) : sizeof(w.flags);
	int h = ptl_trace(s);
	ssize_t r;

	if (h < 0)
		return h;
	w.flags &= ~(PROC_FLAG_ATTACH | PROC_FLAG_HOLD);
	if (flags & PROC_FLAG_DETACH)
		w.flags &= ~PROC_FLAG_INTERRUPT;
	r = ptl_state.io->write(h, &w, n);
	if (r < 0)
		return r == -ENODEV ? -ESRCH : (int)r;
	return (size_t)r == n ? 0 : -EIO;
}

int
ptl_order(struct ptl_session *s, uint64_t flags, uint64_t signal)
{
	const struct proc_command c = {
	    .tid = s->tid,
	    .flags = flags,
	    .signal = flags & PROC_FLAG_SIGNAL ? signal : 0,
	};
	ssize_t r;

	if (ptl_state.own[PTL_COMMAND] < 0)
		return by_trace(s, flags, signal);
	r = ptl_state.io->write(ptl_state.own[PTL_COMMAND], &c, sizeof(c));
	if (r == -EBADF) {
		/* Or its number is that of a file of the program's now. */
		ptl_state.own[PTL_COMMAND] = -1;
		if (ptl_regain())
			r = ptl_state.io->write(ptl_state.own[PTL_COMMAND], &c,
						sizeof(c));
	}
	if (r < 0)
		return (int)r;
	return r == sizeof(c) ? 0 : -EIO;
}

int
ptl_command(struct ptl_session *s, uint64_t flags, uint64_t signal)
{
	int err = ptl_order(s, flags, signal);

	/* Filters it may not suspend. */
	if (err == -EACCES)
		return -EPERM;
	return err ? ptl_errno(err) : 0;
}

int
ptl_hold(struct ptl_session *s, uint64_t mask)
{
	if (ptl_state.own[PTL_COMMAND] >= 0)
		return ptl_order(s, PROC_FLAG_SETMASK | mask, 0);
	return ptl_trace(s) < 0 ? s->trace : 0;
}
