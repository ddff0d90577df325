/* SPDX-License-Identifier: MIT */
/* CONT, SYSCALL, the steps and the emulations. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/ptrace.h>

#include "events.h"
#include "request.h"

#define LAST_SIGNAL 64

/* Stops at which SIG is delivered, and those at which it is sent anew. */
#define DELIVERS                                                               \
	(PROC_STOP_SIGNAL | PROC_STOP_SINGLESTEP | PROC_STOP_BREAKPOINT)
#define SENDS (PROC_STOP_PRE_SYSCALL | PROC_STOP_POST_SYSCALL)

int
ptl_signal_flags(const struct ptl_session *s, uintptr_t sig,
		 uint64_t *out_flags)
{
	const uint64_t cause = s->stop.cause;
	uint64_t flags = 0;

	if (sig > LAST_SIGNAL)
		return -EIO;
	if (cause == PROC_STOP_PRE_SYSCALL && s->sysemu)
		flags |= PROC_FLAG_IGNORE;
	if (cause == PROC_STOP_SIGNAL && !sig)
		flags |= PROC_FLAG_IGNORE;
	/* With no word from us the kernel delivers what it stopped for. */
	else if (cause == PROC_STOP_SIGNAL && sig == s->stop.a && !s->info_set)
		flags |= 0;
	else if (sig && (cause & (DELIVERS | SENDS)))
		flags |= PROC_FLAG_SIGNAL;
	/* A base kernel has none of ours; nor one at a stop that is made up. */
	if (ptl_state.mode != PTL_FULL &&
	    ((flags & PROC_FLAG_SIGNAL) || (sig && !cause)))
		return -EIO;
	*out_flags = flags;
	return 0;
}

static uint64_t
stops_of(int request)
{
	uint64_t step = PROC_STOP_SINGLESTEP;

	if (ptl_state.mode == PTL_FULL)
		step |= PROC_STOP_STEP_IN;
	switch (request) {
	case PTRACE_SYSCALL:
		return PROC_STOP_PRE_SYSCALL | PROC_STOP_POST_SYSCALL;
	case PTRACE_SYSEMU:
		return PROC_STOP_PRE_SYSCALL;
	case PTRACE_SYSEMU_SINGLESTEP:
		return PROC_STOP_PRE_SYSCALL | step;
	case PTRACE_SINGLESTEP:
		return step;
	case PTRACE_SINGLEBLOCK:
		return step | PROC_STOP_BLOCKSTEP;
	default:
		return 0;
	}
}

long
ptl_resume(struct ptl_session *s, const struct ptl_call *c)
{
	uint64_t flags;
	int err;

	if (c->request == PTRACE_SINGLEBLOCK && ptl_state.mode != PTL_FULL)
		return -EIO;
	err = ptl_signal_flags(s, c->data, &flags);
	if (err)
		return err;
	flags |= ptl_mask(s) | stops_of(c->request);
	err = ptl_command(s, flags, c->data);
	/* It died while it was stopped; on a base kernel a wait has to look. */
	if (err == -ESRCH && ptl_state.mode == PTL_BASE)
		s->run = PTL_RUNNING;
	if (err)
		return err;
	/* As on Linux, what the next entry stop does is settled now. */
	s->sysemu = c->request == PTRACE_SYSEMU ||
		    c->request == PTRACE_SYSEMU_SINGLESTEP;
	s->run = PTL_RUNNING;
	s->stop.cause = 0;
	ptl_unqueue(s);
	return 0;
}
