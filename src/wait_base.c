/* SPDX-License-Identifier: MIT */
/*
 * Waiting on a kernel that serves the base files alone: no `events`, so the
 * `trace` of each tracee is polled, and real children are asked for at
 * intervals. Deaths show as ESRCH after a STOP_EXIT.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>

#include "events.h"
#include "wait.h"

#define INTERVAL_MS 10

static bool
running(const struct ptl_session *s)
{
	return s->run == PTL_RUNNING && s->trace >= 0;
}

/* The child of S, frozen: it shows as Linux shows a new tracee. */
static void
take_child(struct ptl_session *s, const struct proc_event *ev)
{
	struct ptl_session *child = ptl_find((pid_t)ev->a);

	if (!child)
		child = ptl_add((pid_t)ev->a, (pid_t)ev->a);
	if (!child)
		return;
	child->owner = s->owner;
	child->seized = s->seized;
	child->options = s->options;
	if (ptl_trace(child) < 0) {
		ptl_drop(child);
		return;
	}
	child->run = PTL_STOPPED;
	child->code = s->seized ? SIGTRAP | PTRACE_EVENT_STOP << 8 : SIGSTOP;
	ptl_queue(child);
}

static void
take_base(struct ptl_session *s, const struct proc_event *ev)
{
	if (ev->cause == PROC_STOP_EXIT) {
		s->exiting = true;
		s->exit_status = (int)ev->a;
		if (!(s->options & PTRACE_O_TRACEEXIT)) {
			ptl_command(s, 0, 0);
			return;
		}
	}
	/*
	 * Linux stops the parent. Here it goes on; the report is made all the
	 * same, and no more is read of it until it is resumed.
	 */
	if (ev->cause == PROC_EVENT_CLONE)
		take_child(s, ev);
	else if (!(ev->cause & PROC_STOP_MASK))
		return;
	ptl_take_stop(s, ev);
}

/* Take in the next event of S, if there is one. */
static void
poll_one(struct ptl_session *s)
{
	struct proc_event ev = {.cause = PROC_EVENT_EXITED};
	ssize_t r = ptl_state.io->read(s->trace, &ev, sizeof(ev));

	if (r == sizeof(ev)) {
		take_base(s, &ev);
	} else if (r == -ESRCH || r == -ENODEV) {
		ev.a = s->exiting ? (uint64_t)s->exit_status : SIGKILL;
		ptl_take_death(s, &ev);
	}
}

struct list {
	struct ptl_session **s;
	int *handle;
	unsigned n;
};

static bool
collect(struct ptl_session *s, void *arg)
{
	struct list *l = arg;

	if (running(s)) {
		l->s[l->n] = s;
		l->handle[l->n++] = s->trace;
	}
	return false;
}

/* The running tracees, before any is added by their events. */
static int
list_running(struct list *l)
{
	l->n = 0;
	l->s = calloc(ptl_state.count, sizeof(*l->s));
	l->handle = calloc(ptl_state.count, sizeof(*l->handle));
	if (ptl_state.count && (!l->s || !l->handle)) {
		free(l->s);
		free(l->handle);
		return -ENOMEM;
	}
	ptl_each(collect, l);
	return 0;
}

/* Take in what there is, look, and if need be sleep. *OUT: what was found. */
static int
turn(struct ptl_wait *w, pid_t *out)
{
	struct list l;
	int err = list_running(&l);
	bool children;

	if (err)
		return err;
	for (unsigned i = 0; i < l.n; i++)
		poll_one(l.s[i]);
	*out = ptl_report(w);
	if (*out)
		goto out;
	*out = ptl_ask_kernel(w);
	children = *out != -ECHILD;
	if (!children && ptl_awaits(w))
		*out = 0;
	if (*out || w->options & WNOHANG)
		goto out;
	ptl_leave();
	err = ptl_state.io->poll(l.handle, l.n, children ? INTERVAL_MS : -1);
	ptl_enter();
out:
	free(l.s);
	free(l.handle);
	return err;
}

pid_t
ptl_wait_base(struct ptl_wait *w)
{
	pid_t r = 0;
	int err;

	do {
		err = turn(w, &r);
	} while (!err && !r && !(w->options & WNOHANG));
	return r ? r : err;
}
