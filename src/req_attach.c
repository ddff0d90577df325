/* SPDX-License-Identifier: MIT */
/* How tracing begins and ends. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>

#include "events.h"
#include "request.h"

/*
 * The caller may be a vfork child, in the memory of its parent, the tracer:
 * so no state is touched. It is also under the eyes of a tracer which counts
 * its system calls (strace does): no more than these three.
 */
long
ptl_traceme(void)
{
	const uint64_t word = 0;
	ssize_t r;
	int h;

	h = ptl_state.io->open("self/" PROC_FILE_TRACEME, PTL_WRITE, PTL_BRIEF);
	if (h >= 0) {
		r = ptl_state.io->write(h, &word, sizeof(word));
		ptl_state.io->close(h);
	} else {
		r = h;
	}
	switch (r) {
	case sizeof(word):
		return 0;
	case -EPERM:
	case -EACCES:
	case -EBUSY:
		return -EPERM;
	default:
		return -ENOSYS;
	}
}

static bool
exists(pid_t pid)
{
	return pid > 0 && ptl_state.io->kill(pid, 0) != -ESRCH;
}

/* What PTRACE_ATTACH says where `trace` of PID could not be opened. */
static int
attach_errno(pid_t pid, int err)
{
	switch (err) {
	case -EPERM:
	case -EACCES:
	case -EBUSY:
		return -EPERM;
	case -ESRCH:
		/* A zombie is there, but cannot be attached to. */
		return exists(pid) ? -EPERM : -ESRCH;
	case -ENOENT:
	case -EINVAL:
	case -ENODEV:
	case -ENOTDIR:
		return exists(pid) ? -ENOSYS : -ESRCH;
	default:
		return err;
	}
}

/* Make a session for PID, which must not be a tracee yet. */
static int
begin(pid_t pid, unsigned flags, struct ptl_session **out)
{
	struct ptl_session *s;
	int err;

	if (pid <= 0)
		return -ESRCH;
	/* No file of the parent's is used, which would tell. */
	ptl_forked();
	ptl_open_events();
	s = ptl_find(pid);
	if (s && s->run == PTL_GHOST) {
		ptl_drop(s);
		s = NULL;
	}
	if (s)
		return -EPERM;
	s = ptl_add(pid, pid);
	if (!s)
		return -ENOMEM;
	ptl_own(s);
	if (ptl_state.mode == PTL_BASE && flags & PTL_TRUNC) {
		char name[PTL_NAME_MAX];

		ptl_name(name, pid, PROC_FILE_TRACE);
		s->trace = ptl_state.io->open(
		    name, PTL_READ | PTL_WRITE | PTL_NONBLOCK | PTL_TRUNC,
		    PTL_KEPT);
	}
	err = s->trace < 0 ? ptl_trace(s) : 0;
	if (err < 0) {
		ptl_drop(s);
		return attach_errno(pid, err);
	}
	*out = s;
	return 0;
}

/* The first command of S, which makes it a tracee as Linux knows them. */
static long
launch(struct ptl_session *s, uint64_t flags)
{
	pid_t tid = s->tid;
	int err = ptl_command(s, flags | ptl_mask(s), 0);

	if (!err)
		return 0;
	s = ptl_find(tid);
	if (s)
		ptl_drop(s);
	return err;
}

long
ptl_attach(struct ptl_session *s, const struct ptl_call *c)
{
	int err = begin(c->pid, PTL_TRUNC, &s);

	if (err)
		return err;
	if (ptl_state.mode == PTL_FULL)
		return launch(s, PROC_FLAG_SETMASK | PROC_FLAG_INTERRUPT);
	/* A base kernel has frozen it; there is no signal to be seen. */
	s->run = PTL_STOPPED;
	s->code = SIGSTOP;
	ptl_queue(s);
	return 0;
}

long
ptl_seize(struct ptl_session *s, const struct ptl_call *c)
{
	int err;

	if (c->addr || c->data & ~(uintptr_t)PTRACE_O_MASK)
		return exists(c->pid) ? -EIO : -ESRCH;
	err = begin(c->pid, 0, &s);
	if (err)
		return err;
	s->seized = true;
	s->options = (unsigned)c->data;
	return launch(s, ptl_state.mode == PTL_FULL ? PROC_FLAG_SETMASK : 0);
}

long
ptl_detach(struct ptl_session *s, const struct ptl_call *c)
{
	uint64_t flags = 0;
	int err = ptl_signal_flags(s, c->data, &flags);

	if (err)
		return err;
	/* On a base kernel the close below is the detaching. */
	if (ptl_state.mode == PTL_FULL)
		err = ptl_command(s, flags | PROC_FLAG_DETACH, c->data);
	else
		err = ptl_command(s, flags, 0);
	if (!err)
		ptl_drop(s);
	/* Who waits for this tracee may have nobody to wait for now. */
	if (!err)
		ptl_tell_sleepers();
	return err;
}

long
ptl_kill(struct ptl_session *s, const struct ptl_call *c)
{
	(void)c;
	if (s->run == PTL_DEAD)
		return 0;
	ptl_state.io->kill(s->tid, SIGKILL);
	/* On a base kernel only those that run are looked after. */
	if (ptl_state.mode == PTL_BASE) {
		s->run = PTL_RUNNING;
		ptl_unqueue(s);
	}
	return 0;
}

long
ptl_interrupt(struct ptl_session *s, const struct ptl_call *c)
{
	(void)c;
	if (!s->seized || ptl_state.mode != PTL_FULL)
		return -EIO;
	if (s->run == PTL_DEAD)
		return 0;
	return ptl_command(s, PROC_FLAG_INTERRUPT, 0);
}

long
ptl_listen(struct ptl_session *s, const struct ptl_call *c)
{
	int err;

	(void)c;
	if (!s->seized || s->code >> 8 != PTRACE_EVENT_STOP)
		return -EIO;
	/* Linux goes by the siginfo, which PTRACE_SETSIGINFO has replaced. */
	if (s->info_set && s->info_code >> 8 != PTRACE_EVENT_STOP)
		return -EIO;
	err = ptl_command(s, PROC_FLAG_LISTEN, 0);
	if (err)
		return err;
	s->run = PTL_LISTENING;
	ptl_unqueue(s);
	return 0;
}
