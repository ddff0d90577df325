/* SPDX-License-Identifier: MIT */
/* The wait family, over stops of tracees and the kernel's real children. */
#ifndef PTL_WAIT_H
#define PTL_WAIT_H

#include <stdbool.h>
#include <sys/wait.h>

#include "session.h"

/* waitid()'s way to name one process by a descriptor. */
#define PTL_PIDFD 3

/* One call of wait4() or waitid(), and what it found. */
struct ptl_wait {
	bool by_id; /* it is waitid() */
	int options;
	pid_t pid; /* wait4()'s argument */
	int type;  /* P_*, P_ALL for wait4() too */
	id_t id;
	pid_t group;	/* that P_PGID asks for */
	int status;	/* found: as wait4() tells it */
	siginfo_t info; /* found: as waitid() tells it */
	struct rusage *rusage;
};

/*
 * Wait as W says. The id of who was found, with W's results filled in; 0:
 * nobody (WNOHANG); or -errno.
 */
PTL_HOT pid_t ptl_wait(struct ptl_wait *w);

/* Make the first report that fits W: whose; 0: there is none. */
PTL_HOT pid_t ptl_report(struct ptl_wait *w);

/* Is there a tracee that could make one? */
PTL_HOT bool ptl_awaits(struct ptl_wait *w);

/*
 * Ask for real children without sleeping: a pid, 0: none has changed, or
 * -ECHILD: there are none.
 */
pid_t ptl_ask_kernel(struct ptl_wait *w);

/* ptl_wait() on a kernel without `events`, for a tracer with tracees. */
pid_t ptl_wait_base(struct ptl_wait *w);

#endif
