/* SPDX-License-Identifier: MIT */
/* SETOPTIONS and GETEVENTMSG. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>

#include "events.h"
#include "request.h"

long
ptl_setoptions(struct ptl_session *s, const struct ptl_call *c)
{
	unsigned old = s->options;
	int err = 0;

	if (c->data & ~(uintptr_t)PTRACE_O_MASK)
		return -EINVAL;
	s->options = (unsigned)c->data;
	/*
	 * The next resumption would tell the kernel too; but if the tracer
	 * dies before that, EXITKILL must be known. A base kernel has nothing
	 * that could wait so long.
	 */
	if (ptl_state.mode == PTL_FULL)
		err = ptl_command(s, PROC_FLAG_SETMASK | ptl_mask(s), 0);
	if (err && err != -ESRCH)
		s->options = old;
	return err;
}

long
ptl_geteventmsg(struct ptl_session *s, const struct ptl_call *c)
{
	unsigned long message = (unsigned long)s->message;

	/* No file is asked, so nobody else would notice. */
	if (ptl_forked())
		return -ESRCH;
	if (ptl_bad_pointer(c->data))
		return -EFAULT;
	memcpy((void *)c->data, &message, sizeof(message));
	return 0;
}
