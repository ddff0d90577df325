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

/* INFO for the program. At a stop that is no signal Linux shows the status. */
static long
give_info(const struct ptl_session *s, struct proc_siginfo *info,
	  uintptr_t data)
{
	if (ptl_bad_pointer(data))
		return -EFAULT;
	if ((s->stop.cause & PTL_NOTICES) && !s->info_set)
		info->code = s->code;
	memcpy((void *)data, info, sizeof(*info));
	return 0;
}

long
ptl_quick_getsiginfo(struct ptl_session *s, const struct ptl_call *c)
{
	struct proc_siginfo info;

	if (ptl_bad_pointer(c->data) || !ptl_maps_info(s, &info))
		return PTL_ASK;
	return give_info(s, &info, c->data);
}

long
ptl_getsiginfo(struct ptl_session *s, const struct ptl_call *c)
{
	struct proc_siginfo info;
	int err = ptl_load(s, PTL_SIGINFO, &info, sizeof(info));

	if (err)
		return err;
	return give_info(s, &info, c->data);
}

static void
note_info(struct ptl_session *s, uintptr_t data)
{
	s->info_set = true;
	s->info_code = ((const siginfo_t *)data)->si_code;
}

long
ptl_quick_setsiginfo(struct ptl_session *s, const struct ptl_call *c)
{
	if (!ptl_maps_can_store(c->data, INFO) ||
	    !ptl_edit_info(s, (const void *)c->data))
		return PTL_ASK;
	note_info(s, c->data);
	return 0;
}

long
ptl_setsiginfo(struct ptl_session *s, const struct ptl_call *c)
{
	int err;

	if (ptl_bad_pointer(c->data))
		return -EFAULT;
	err = ptl_store(s, PTL_SIGINFO, (const void *)c->data, INFO);
	if (err)
		return err;
	note_info(s, c->data);
	ptl_maps_stored(c->data, INFO);
	return 0;
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

/* The kernel has found no fault with the pointer of a mask: nor need we. */
static long
know_mask(uintptr_t data, int err)
{
	if (err)
		return err;
	ptl_maps_stored(data, sizeof(uint64_t));
	return 0;
}

long
ptl_quick_getsigmask(struct ptl_session *s, const struct ptl_call *c)
{
	return c->addr == sizeof(uint64_t) &&
		       ptl_maps_can_store(c->data, sizeof(uint64_t)) &&
		       ptl_maps_mask(s, (uint64_t *)c->data)
		   ? 0
		   : PTL_ASK;
}

long
ptl_getsigmask(struct ptl_session *s, const struct ptl_call *c)
{
	if (c->addr != sizeof(uint64_t))
		return -EINVAL;
	if (ptl_bad_pointer(c->data))
		return -EFAULT;
	return know_mask(c->data, ptl_load(s, PTL_SIGMASK, (void *)c->data,
					   sizeof(uint64_t)));
}

long
ptl_quick_setsigmask(struct ptl_session *s, const struct ptl_call *c)
{
	return c->addr == sizeof(uint64_t) &&
		       ptl_maps_can_store(c->data, sizeof(uint64_t)) &&
		       ptl_edit_mask(s, *(const uint64_t *)c->data)
		   ? 0
		   : PTL_ASK;
}

long
ptl_setsigmask(struct ptl_session *s, const struct ptl_call *c)
{
	if (c->addr != sizeof(uint64_t))
		return -EINVAL;
	if (ptl_bad_pointer(c->data))
		return -EFAULT;
	return know_mask(
	    c->data,
	    ptl_store(s, PTL_SIGMASK, (const void *)c->data, sizeof(uint64_t)));
}
