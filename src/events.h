/* SPDX-License-Identifier: MIT */
/* From the kernel's events to what wait and ptrace say of a tracee. */
#ifndef PTL_EVENTS_H
#define PTL_EVENTS_H

#include "session.h"

/* Changes of real children that the kernel's wait may have to tell. */
#define PTL_DUE_EXIT	 1u
#define PTL_DUE_CLONE	 2u /* the end of a child without SIGCHLD */
#define PTL_DUE_STOP	 4u
#define PTL_DUE_CONTINUE 8u
#define PTL_DUE_ALL	 15u

/* Learn what the kernel serves, and open `events` where it is there. */
void ptl_open_events(void);

/*
 * Take in all events that are there, without sleeping: their number, or
 * -errno. -EACCES: the process has forked; its state is empty now.
 */
int ptl_poll_events(void);

/* True if it is certain that ptl_poll_events() would find nothing. */
bool ptl_no_events(void);

/* True if it is certain that this process is no fork of the tracer. */
bool ptl_events_are_ours(void);

/*
 * Sleep until an event comes, and take in what is there. The lock is given
 * back while it sleeps. 0, -EINTR, or that the handle is of no use any more.
 * Only one thread at a time.
 */
PTL_HOT int ptl_wait_events(void);

/* Take in one event; TID and TGID say whose. */
PTL_HOT void ptl_take(pid_t tid, pid_t tgid, const struct proc_event *ev);

/* S is in the stop that EV tells of. */
PTL_HOT void ptl_take_stop(struct ptl_session *s, const struct proc_event *ev);

/* S is dead; EV tells how. */
void ptl_take_death(struct ptl_session *s, const struct proc_event *ev);

/* A stop: its wait status >> 8, and what PTRACE_GETEVENTMSG says of it. */
PTL_HOT int ptl_stop_code(const struct ptl_session *s,
			  const struct proc_event *ev);
PTL_HOT uint64_t ptl_stop_message(const struct proc_event *ev);

/* Stops that are no signal: the kernel leaves si_code to us. */
#define PTL_NOTICES                                                            \
	(PROC_STOP_PRE_SYSCALL | PROC_STOP_POST_SYSCALL | PROC_STOP_EXIT |     \
	 PROC_STOP_EXEC | PROC_STOP_FORK | PROC_STOP_VFORK | PROC_STOP_CLONE | \
	 PROC_STOP_VFORK_DONE | PROC_STOP_SECCOMP | PROC_STOP_GROUP |          \
	 PROC_STOP_TRAP | PROC_STOP_STEP_IN)

/* The words that stand for S's options and kind in a mask. */
PTL_HOT uint64_t ptl_mask(const struct ptl_session *s);

/* Tell threads that sleep in wait to look again. */
void ptl_tell_sleepers(void);

#endif
