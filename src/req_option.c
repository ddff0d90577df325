/* SPDX-License-Identifier: MIT */
/* SETOPTIONS and GETEVENTMSG. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>

#include "events.h"
#include "maps.h"
#include "request.h"

/*
 * Most options count when the tracee goes on, which says them all. If it dies
 * in its stop, or the tracer does, the kernel must know these.
 */
#define NOW (PTRACE_O_EXITKILL | PTRACE_O_TRACEEXIT | PTRACE_O_SUSPEND_SECCOMP)

long
ptl_quick_setoptions(struct ptl_session *s, const struct ptl_call *c)
{
	if (c->data & ~(uintptr_t)PTRACE_O_MASK ||
	    (s->options ^ (unsigned)c->data) & NOW || !ptl_maps_in_stop(s))
		return PTL_ASK;
	s->options = (unsigned)c->data;
	return 0;
}

long
ptl_setoptions(struct ptl_session *s, const struct ptl_call *c)
{
	unsigned old = s->options;
	int err = 0;

	if (c->data & ~(uintptr_t)PTRACE_O_MASK)
		return -EINVAL;
	s->options = (unsigned)c->data;
	/* A base kernel has nothing that could not wait. */
	if (ptl_state.mode == PTL_FULL)
		err = ptl_command(s, PROC_FLAG_SETMASK | ptl_mask(s), 0);
	if (err && err != -ESRCH)
		s->options = old;
	return err;
}

static long
give_message(const struct ptl_session *s, uintptr_t data)
{
	unsigned long message = (unsigned long)s->message;

	if (ptl_bad_pointer(data))
		return -EFAULT;
	memcpy((void *)data, &message, sizeof(message));
	return 0;
}

long
ptl_quick_geteventmsg(struct ptl_session *s, const struct ptl_call *c)
{
	if (ptl_bad_pointer(c->data) || !ptl_maps_in_stop(s))
		return PTL_ASK;
	return give_message(s, c->data);
}

long
ptl_geteventmsg(struct ptl_session *s, const struct ptl_call *c)
{
	/* No file is asked, so nobody else would notice. */
	return ptl_forked() ? -ESRCH : give_message(s, c->data);
}
