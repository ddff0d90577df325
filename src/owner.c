/* SPDX-License-Identifier: MIT */
/*
 * Linux's tracer is a thread: requests are its alone, and its tracees are let
 * go when it ends. The end of the process is the kernel's to notice.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ptrace.h>

#include "events.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool has_key;

static bool
is_mine(struct ptl_session *s, void *arg)
{
	struct ptl_session **out = arg;

	if (s->owner != ptl_thread() || s->run == PTL_GHOST)
		return false;
	*out = s;
	return true;
}

/* As PTRACE_DETACH, or a SIGKILL under EXITKILL; running or not. */
static void
let_go(struct ptl_session *s)
{
	uint64_t flags = PROC_FLAG_DETACH | PROC_FLAG_INTERRUPT;
	pid_t tid = s->tid;

	if (s->options & PTRACE_O_EXITKILL)
		ptl_state.io->kill(s->tid, SIGKILL);
	/* A signal that was told goes with the stop; see wait(2) on Linux. */
	if (s->stop.cause == PROC_STOP_SIGNAL && !s->queued)
		flags |= PROC_FLAG_IGNORE;
	if (ptl_state.mode == PTL_FULL)
		ptl_command(s, flags, 0);
	s = ptl_find(tid);
	if (s)
		ptl_drop(s);
}

static void
thread_ends(void *unused)
{
	struct ptl_session *s;

	(void)unused;
	if (!ptl_enter())
		return;
	if (!ptl_forked())
		while (ptl_each(is_mine, &s))
			let_go(s);
	ptl_tell_sleepers();
	ptl_leave();
}

static void
make_key(void)
{
	has_key = pthread_key_create(&key, thread_ends) == 0;
}

void
ptl_own(struct ptl_session *s)
{
	s->owner = ptl_thread();
	pthread_once(&once, make_key);
	if (has_key && !pthread_getspecific(key))
		pthread_setspecific(key, s->owner);
}

int
ptl_claim(struct ptl_session *s)
{
	if (!s->owner)
		ptl_own(s);
	return s->owner == ptl_thread() ? 0 : -ESRCH;
}
