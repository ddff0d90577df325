/* SPDX-License-Identifier: MIT */
/* What an event means for a session, in Linux's terms. */
#define _GNU_SOURCE
#include "events.h"
#include "maps.h"

#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>

/* For each option: the bit of the mask that it stands for. */
static const struct {
	unsigned option;
	uint64_t bit;
} option_bit[] = {
    {PTRACE_O_TRACEFORK, PROC_STOP_FORK},
    {PTRACE_O_TRACEVFORK, PROC_STOP_VFORK},
    {PTRACE_O_TRACECLONE, PROC_STOP_CLONE},
    {PTRACE_O_TRACEEXEC, PROC_STOP_EXEC},
    {PTRACE_O_TRACEVFORKDONE, PROC_STOP_VFORK_DONE},
    {PTRACE_O_TRACEEXIT, PROC_STOP_EXIT},
    {PTRACE_O_TRACESECCOMP, PROC_STOP_SECCOMP},
    {PTRACE_O_EXITKILL, PROC_FLAG_EXITKILL},
    {PTRACE_O_SUSPEND_SECCOMP, PROC_FLAG_NO_SECCOMP},
};

uint64_t
ptl_mask(const struct ptl_session *s)
{
	uint64_t mask = PROC_STOP_SIGNAL | PROC_STOP_GROUP | PROC_EVENT_EXITED;

	if (ptl_state.mode != PTL_FULL) {
		mask = PROC_STOP_SIGNAL | PROC_STOP_BREAKPOINT | PROC_STOP_EXIT;
		if (s->options & (PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
				  PTRACE_O_TRACECLONE))
			mask |= PROC_EVENT_CLONE;
		return mask;
	}
	mask |= PROC_FLAG_HOLD;
	if (!s->seized)
		mask |= PROC_FLAG_LEGACY;
	for (size_t i = 0; i < sizeof(option_bit) / sizeof(option_bit[0]); i++)
		if (s->options & option_bit[i].option)
			mask |= option_bit[i].bit;
	return mask;
}

int
ptl_stop_code(const struct ptl_session *s, const struct proc_event *ev)
{
	switch (ev->cause) {
	case PROC_STOP_PRE_SYSCALL:
	case PROC_STOP_POST_SYSCALL:
		if (s->options & PTRACE_O_TRACESYSGOOD)
			return SIGTRAP | 0x80;
		return SIGTRAP;
	case PROC_STOP_SIGNAL:
		return (int)(ev->a & 0x7f);
	case PROC_STOP_FORK:
		return SIGTRAP | PTRACE_EVENT_FORK << 8;
	case PROC_STOP_VFORK:
		return SIGTRAP | PTRACE_EVENT_VFORK << 8;
	case PROC_STOP_CLONE:
	case PROC_EVENT_CLONE:
		return SIGTRAP | PTRACE_EVENT_CLONE << 8;
	case PROC_STOP_EXEC:
		return SIGTRAP | PTRACE_EVENT_EXEC << 8;
	case PROC_STOP_VFORK_DONE:
		return SIGTRAP | PTRACE_EVENT_VFORK_DONE << 8;
	case PROC_STOP_EXIT:
		return SIGTRAP | PTRACE_EVENT_EXIT << 8;
	case PROC_STOP_SECCOMP:
		return SIGTRAP | PTRACE_EVENT_SECCOMP << 8;
	case PROC_STOP_GROUP:
		if (!s->seized)
			return (int)(ev->a & 0x7f);
		return (int)(ev->a & 0x7f) | PTRACE_EVENT_STOP << 8;
	case PROC_STOP_TRAP:
		return (int)(ev->a & 0x7f) | PTRACE_EVENT_STOP << 8;
	default: /* a step, a breakpoint, a step into a handler */
		return SIGTRAP;
	}
}

uint64_t
ptl_stop_message(const struct proc_event *ev)
{
	switch (ev->cause) {
	case PROC_STOP_PRE_SYSCALL:
		return PTRACE_EVENTMSG_SYSCALL_ENTRY;
	case PROC_STOP_POST_SYSCALL:
		return PTRACE_EVENTMSG_SYSCALL_EXIT;
	case PROC_STOP_FORK:
	case PROC_STOP_VFORK:
	case PROC_STOP_CLONE:
	case PROC_EVENT_CLONE:
	case PROC_STOP_EXEC:
	case PROC_STOP_VFORK_DONE:
	case PROC_STOP_EXIT:
	case PROC_STOP_SECCOMP:
		return ev->a;
	default:
		return 0;
	}
}

/* PARENT made a child, which the kernel traces with the same mask. */
static void
add_child(const struct ptl_session *parent, const struct proc_event *ev)
{
	pid_t tid = (pid_t)ev->a;
	struct ptl_session *s = ptl_find(tid);

	/* A stale one: its death was reported, and the id is in use again. */
	if (s && s->run == PTL_GHOST) {
		ptl_drop(s);
		s = NULL;
	}
	if (!s)
		s = ptl_add(tid, tid);
	if (!s)
		return;
	s->owner = parent->owner;
	s->seized = parent->seized;
	s->options = parent->options;
}

/* A tracee that is not known: it has called PTRACE_TRACEME. */
static struct ptl_session *
adopt(pid_t tid, pid_t tgid)
{
	struct ptl_session *s = ptl_add(tid, tgid);

	/* It may have been read late, of one that is gone. */
	if (s && ptl_hold(s, ptl_mask(s)) < 0) {
		ptl_drop(s);
		s = NULL;
	}
	return s;
}

/*
 * One that is not known is dead. It was a tracee of a tracee's, by
 * CLONE_PTRACE, or of the program that ran here before. Else the kernel has let
 * go of it, and the kernel's wait tells.
 */
static struct ptl_session *
adopt_dead(pid_t tid, pid_t tgid)
{
	struct ptl_session *s = ptl_add(tid, tgid);

	if (s && ptl_handle(s, PTL_RUSAGE) < 0) {
		ptl_drop(s);
		s = NULL;
	}
	return s;
}

void
ptl_take_death(struct ptl_session *s, const struct proc_event *ev)
{
	/* If it is not ours to report, the kernel's wait has it. */
	if (!s || s->run == PTL_GHOST || s->run == PTL_DEAD)
		return;
	/* Another thread has this id now: as Linux has it, no death is told. */
	if (ev->f) {
		ptl_drop(s);
		return;
	}
	s->run = PTL_DEAD;
	s->stop = *ev;
	ptl_queue(s);
}

void
ptl_take_stop(struct ptl_session *s, const struct proc_event *ev)
{
	s->run = PTL_STOPPED;
	s->stop = *ev;
	s->info_set = false;
	s->code = ptl_stop_code(s, ev);
	s->message = ptl_stop_message(ev);
	ptl_maps_stopped(s);
	ptl_queue(s);
}

void
ptl_take(pid_t tid, pid_t tgid, const struct proc_event *ev)
{
	struct ptl_session *s, *former;

	if (ev->cause == PROC_EVENT_CHILD) {
		ptl_state.due = PTL_DUE_ALL;
		ptl_state.child_news++;
		return;
	}
	s = ptl_find(tid);
	if (ev->cause == PROC_EVENT_EXITED) {
		if (!s && !ev->f)
			s = adopt_dead(tid, tgid);
		ptl_take_death(s, ev);
		return;
	}
	if ((ev->cause == PROC_STOP_EXEC || ev->cause == PROC_EVENT_RENAMED) &&
	    ev->a != (uint64_t)tid) {
		former = ptl_find((pid_t)ev->a);
		if (former) {
			ptl_rename(former, tid);
			s = former;
		}
	}
	if (!(ev->cause & PROC_STOP_MASK))
		return;
	if (s && s->run == PTL_GHOST) {
		ptl_drop(s);
		s = NULL;
	}
	if (!s)
		s = adopt(tid, tgid);
	if (!s || s->run == PTL_DEAD)
		return;
	s->tgid = tgid;
	if (ev->cause == PROC_STOP_EXEC)
		ptl_close_memory(s);
	if (ev->cause & (PROC_STOP_FORK | PROC_STOP_VFORK | PROC_STOP_CLONE))
		add_child(s, ev);
	ptl_take_stop(s, ev);
}
