/* SPDX-License-Identifier: MIT */
/* The signal that a tracee stopped at, those it blocks, those that wait. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>

#include "events.h"
#include "maps.h"
#include "request.h"

#define INFO sizeof(struct proc_siginfo)

_Static_assert(sizeof(siginfo_t) == INFO, "siginfo_t");

long
ptl_getsiginfo(struct ptl_session *s, const struct ptl_call *c)
{
	struct proc_siginfo info;
	int err;

	if (!ptl_maps_info(s, &info)) {
		err = ptl_load(s, PTL_SIGINFO, &info, sizeof(info));
		if (err)
			return err;
		ptl_maps_want(s);
	}
	if (ptl_bad_pointer(c->data))
		return -EFAULT;
	/* At a stop that is no signal Linux shows the status here. */
	if ((s->stop.cause & PTL_NOTICES) && !s->info_set)
		info.code = s->code;
	memcpy((void *)c->data, &info, sizeof(info));
	return 0;
}

long
ptl_setsiginfo(struct ptl_session *s, const struct ptl_call *c)
{
	int err;

	if (ptl_bad_pointer(c->data))
		return -EFAULT;
	err = ptl_store(s, PTL_SIGINFO, (const void *)c->data, INFO);
	if (!err) {
		s->info_set = true;
		s->info_code = ((const siginfo_t *)c->data)->si_code;
	}
	return err;
}

long
ptl_peeksiginfo(struct ptl_session *s, const struct ptl_call *c)
{
	struct __ptrace_peeksiginfo_args args;
	const char *name = PROC_FILE_SIGQUEUE;
	ssize_t n;

	if (ptl_bad_pointer(c->addr))
		return -EFAULT;
	memcpy(&args, (const void *)c->addr, sizeof(args));
	if (args.flags & ~(uint32_t)PTRACE_PEEKSIGINFO_SHARED || args.nr < 0)
		return -EINVAL;
	if (!args.nr || args.off > INT64_MAX / INFO)
		return 0;
	if (args.flags & PTRACE_PEEKSIGINFO_SHARED)
		name = PROC_FILE_SIGQUEUE_SHARED;
	if (ptl_bad_pointer(c->data))
		return -EFAULT;
	n = ptl_read_once(s->tid, name, (void *)c->data,
			  (uint64_t)args.nr * INFO < SSIZE_MAX
			      ? (size_t)args.nr * INFO
			      : SSIZE_MAX / INFO * INFO,
			  args.off * INFO);
	return n < 0 ? n : (long)((size_t)n / INFO);
}

long
ptl_getsigmask(struct ptl_session *s, const struct ptl_call *c)
{
	if (c->addr != sizeof(uint64_t))
		return -EINVAL;
	if (ptl_bad_pointer(c->data))
		return -EFAULT;
	return ptl_load(s, PTL_SIGMASK, (void *)c->data, sizeof(uint64_t));
}

long
ptl_setsigmask(struct ptl_session *s, const struct ptl_call *c)
{
	if (c->addr != sizeof(uint64_t))
		return -EINVAL;
	if (ptl_bad_pointer(c->data))
		return -EFAULT;
	return ptl_store(s, PTL_SIGMASK, (const void *)c->data,
			 sizeof(uint64_t));
}
