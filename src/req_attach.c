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

/* What PTRACE_ATTACH says of the kernel's error. */
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
begin(pid_t pid, struct ptl_session **out)
{
	struct ptl_session *s;

	if (pid <= 0)
		return -ESRCH;
	/* No file of the parent's would be used, which would tell. */
	if (ptl_state.own[PTL_COMMAND] < 0)
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
	*out = s;
	return 0;
}

/* On a base kernel: attached to as S is, it is frozen. */
static int
freeze(struct ptl_session *s)
{
	char name[PTL_NAME_MAX];
	int handle;

	ptl_name(name, s->tid, PROC_FILE_TRACE);
	handle = ptl_state.io->open(
	    name, PTL_READ | PTL_WRITE | PTL_NONBLOCK | PTL_TRUNC, PTL_KEPT);
	if (handle < 0)
		return handle;
	ptl_check_new(handle);
	s->trace = handle;
	/* There is no signal to be seen. */
	s->run = PTL_STOPPED;
	s->code = SIGSTOP;
	ptl_queue(s);
	return 0;
}

/* Make a tracee of S. 0 or -errno of the kernel. */
static int
launch(struct ptl_session *s)
{
	uint64_t flags = PROC_FLAG_ATTACH | ptl_mask(s);

	if (ptl_state.mode != PTL_FULL)
		return s->seized ? ptl_order(s, flags, 0) : freeze(s);
	flags |= PROC_FLAG_SETMASK;
	if (!s->seized)
		flags |= PROC_FLAG_INTERRUPT;
	return ptl_order(s, flags, 0);
}

/* Trace PID. OPTIONS are for those that are seized. */
static long
attach(pid_t pid, bool seized, unsigned options)
{
	struct ptl_session *s;
	int err;

	for (;;) {
		err = begin(pid, &s);
		/* The tracees may be the parent's, */
		if (err == -EPERM && ptl_forked())
			continue;
		if (err)
			return err;
		s->seized = seized;
		s->options = options;
		err = launch(s);
		if (!err)
			return 0;
		/* or the handle. */
		if (ptl_forked())
			continue;
		ptl_drop(s);
		return attach_errno(pid, err);
	}
}

long
ptl_attach(struct ptl_session *s, const struct ptl_call *c)
{
	(void)s;
	return attach(c->pid, false, 0);
}

long
ptl_seize(struct ptl_session *s, const struct ptl_call *c)
{
	(void)s;
	if (c->addr || c->data & ~(uintptr_t)PTRACE_O_MASK)
		return exists(c->pid) ? -EIO : -ESRCH;
	return attach(c->pid, true, (unsigned)c->data);
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
