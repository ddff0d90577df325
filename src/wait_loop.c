/* SPDX-License-Identifier: MIT */
/*
 * Waiting. Stops come through `events`, and so does the word that a real child
 * changed; who waits sleeps in one place, a read of `events`, and cannot miss
 * either. One thread reads; others that wait sleep until it has news, and one
 * of them takes over when it leaves. The lock is not held while they sleep.
 */
#define _GNU_SOURCE
#include <errno.h>

#include "events.h"
#include "wait.h"

/* What of real children W asks for. */
PTL_HOT static unsigned
asks_for(const struct ptl_wait *w)
{
	unsigned due = 0;

	if (!w->by_id || w->options & WEXITED) {
		if (w->options & (int)__WALL)
			due |= PTL_DUE_EXIT | PTL_DUE_CLONE;
		else if (w->options & (int)__WCLONE)
			due |= PTL_DUE_CLONE;
		else
			due |= PTL_DUE_EXIT;
	}
	if (w->options & WUNTRACED) /* WSTOPPED is the same bit */
		due |= PTL_DUE_STOP;
	if (w->options & WCONTINUED)
		due |= PTL_DUE_CONTINUE;
	return due;
}

/* The kernel's own wait, with OPTIONS. */
static pid_t
kernel_wait(struct ptl_wait *w, int options)
{
	int type = w->type, err;
	id_t id = w->id;

	if (!w->by_id)
		return ptl_state.io->wait4(w->pid, &w->status, options,
					   w->rusage);
	if (type == PTL_PIDFD)
		id = (id_t)w->pid;
	w->info.si_pid = 0;
	err = ptl_state.io->waitid(type, id, &w->info, options, w->rusage);
	return err ? err : w->info.si_pid;
}

static bool
is_death(const struct ptl_wait *w)
{
	if (!w->by_id)
		return WIFEXITED(w->status) || WIFSIGNALED(w->status);
	return w->info.si_code == CLD_EXITED || w->info.si_code == CLD_KILLED ||
	       w->info.si_code == CLD_DUMPED;
}

static bool
is_stop(const struct ptl_wait *w)
{
	if (!w->by_id)
		return WIFSTOPPED(w->status);
	return w->info.si_code == CLD_STOPPED || w->info.si_code == CLD_TRAPPED;
}

/*
 * True if what the kernel said of PID is not to be told: stops of tracees
 * come from `events`, and a death is told once.
 */
static bool
told_elsewhere(const struct ptl_wait *w, pid_t pid)
{
	struct ptl_session *s = ptl_find(pid);
	bool ghost;

	if (!s)
		return false;
	if (is_stop(w))
		return s->run != PTL_GHOST;
	if (!is_death(w))
		return false;
	ghost = s->run == PTL_GHOST;
	if (!(w->options & WNOWAIT) || ghost)
		ptl_drop(s);
	return ghost;
}

pid_t
ptl_ask_kernel(struct ptl_wait *w)
{
	unsigned news;
	pid_t r;

	do {
		news = ptl_state.child_news;
		r = kernel_wait(w, w->options | WNOHANG);
		/* A ghost that WNOWAIT left there: now it can go. */
		if (r > 0 && told_elsewhere(w, r)) {
			if (w->by_id && w->options & WNOWAIT)
				ptl_state.io->wait4(
				    r, NULL, WNOHANG | (int)__WALL, NULL);
			continue;
		}
		break;
	} while (true);
	if (r <= 0 && w->type == P_ALL && news == ptl_state.child_news)
		ptl_state.due &= ~asks_for(w);
	return r;
}

/* Sleep until there is something to look for. 0 or -EINTR. */
static int
sleep_for_news(int news)
{
	int err;

	if (!ptl_state.reading)
		return ptl_wait_events();
	ptl_state.sleepers++;
	ptl_leave();
	err = ptl_sleep(&ptl_state.news, news);
	ptl_enter();
	ptl_state.sleepers--;
	return err;
}

/*
 * Look once for what W waits for: reports first, then real children. KNOWN:
 * `events` has just shown that these are this process's. 0: not yet.
 * -ECHILD: nothing to wait for.
 */
PTL_HOT static pid_t
look(struct ptl_wait *w, bool known)
{
	bool awaits;
	pid_t r;

	/* No file is asked for a report: a fork would not be noticed. */
	if (!known && ptl_state.first && ptl_forked())
		ptl_open_events();
	r = ptl_report(w);
	if (r)
		return r;
	awaits = ptl_awaits(w);
	if (awaits && !(ptl_state.due & asks_for(w)))
		return 0;
	/* One that is asked for by its id will tell through events. */
	if (awaits && w->type == P_PID && !(w->options & WCONTINUED))
		return 0;
	r = ptl_ask_kernel(w);
	return r == -ECHILD && awaits ? 0 : r;
}

/* look(), but with what is in `events` now taken in before it gives up. */
static pid_t
look_hard(struct ptl_wait *w)
{
	pid_t r;
	int n;

	do {
		n = ptl_poll_events();
		r = look(w, n >= 0);
	} while ((n < 0 && r <= 0) || (n > 0 && r == -ECHILD));
	return r;
}

static pid_t
wait_full(struct ptl_wait *w)
{
	bool known = ptl_events_are_ours();
	int err = 0, news;
	pid_t r;

	if (w->options & WNOHANG)
		return look_hard(w);
	for (;;) {
		news = ptl_state.news;
		r = look(w, known);
		if (r == -ECHILD)
			r = look_hard(w);
		/* What came together with a signal goes first. */
		if (r || err)
			return r ? r : err;
		known = !ptl_state.reading;
		err = sleep_for_news(news);
	}
}

pid_t
ptl_wait(struct ptl_wait *w)
{
	pid_t r;

	/* A handler that broke into another call sees real children alone. */
	if (!ptl_enter())
		return kernel_wait(w, w->options);
	if (ptl_state.mode == PTL_UNKNOWN)
		ptl_open_events();
	if (ptl_state.mode == PTL_FULL)
		r = wait_full(w);
	else if (ptl_state.count)
		r = ptl_wait_base(w);
	else
		r = -ENOSYS;
	ptl_leave();
	return r == -ENOSYS ? kernel_wait(w, w->options) : r;
}
