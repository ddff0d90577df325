/* SPDX-License-Identifier: MIT */
/* The queue of reports: who fits a wait, and what it is told. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>

#include "maps.h"
#include "wait.h"

static bool
selects(const struct ptl_wait *w, const struct ptl_session *s)
{
	if (w->options & (int)__WNOTHREAD && s->owner &&
	    s->owner != ptl_thread())
		return false;
	switch (w->type) {
	case P_ALL:
		return true;
	case P_PGID:
		return ptl_state.io->getpgid(s->tgid) == w->group;
	default:
		return s->tid == (pid_t)w->id;
	}
}

/* Deaths are for those who ask for them; all else of a tracee is for anyone. */
static bool
wanted(const struct ptl_wait *w, const struct ptl_session *s)
{
	return s->run != PTL_DEAD || !w->by_id || w->options & WEXITED;
}

static bool
could_report(struct ptl_session *s, void *arg)
{
	return s->run != PTL_GHOST && selects(arg, s);
}

bool
ptl_awaits(struct ptl_wait *w)
{
	/* However many there are: no need to look at each. */
	if (w->type == P_ALL && !(w->options & (int)__WNOTHREAD))
		return ptl_state.count > ptl_state.ghosts;
	if (w->type == P_PID || w->type == PTL_PIDFD) {
		struct ptl_session *s = ptl_find((pid_t)w->id);

		return s && could_report(s, w);
	}
	return ptl_each(could_report, w);
}

static void
fill_info(struct ptl_wait *w, const struct ptl_session *s)
{
	const int status = w->status;

	memset(&w->info, 0, sizeof(w->info));
	w->info.si_signo = SIGCHLD;
	w->info.si_pid = s->tid;
	ptl_state.io->uid(s->tid, &w->info.si_uid);
	if (s->run != PTL_DEAD) {
		w->info.si_code = CLD_TRAPPED;
		w->info.si_status = s->code;
	} else if (WIFEXITED(status)) {
		w->info.si_code = CLD_EXITED;
		w->info.si_status = WEXITSTATUS(status);
	} else {
		w->info.si_code = WCOREDUMP(status) ? CLD_DUMPED : CLD_KILLED;
		w->info.si_status = WTERMSIG(status);
	}
}

/* The times in the death's event, if there is no more. */
static void
usage_of_death(struct rusage *ru, const struct proc_event *ev)
{
	ru->ru_utime.tv_sec = (time_t)(ev->b / 1000000);
	ru->ru_utime.tv_usec = (suseconds_t)(ev->b % 1000000);
	ru->ru_stime.tv_sec = (time_t)(ev->c / 1000000);
	ru->ru_stime.tv_usec = (suseconds_t)(ev->c % 1000000);
	ru->ru_maxrss = (long)ev->d;
}

static bool
load_usage(struct ptl_session *s, struct proc_rusage *out)
{
	if (s->run != PTL_DEAD)
		ptl_maps_need(s);
	return ptl_maps_rusage(s, out) ||
	       ptl_load(s, PTL_RUSAGE, out, sizeof(*out)) == 0;
}

static void
fill_usage(struct rusage *ru, struct ptl_session *s)
{
	struct proc_rusage p;

	memset(ru, 0, sizeof(*ru));
	if (!load_usage(s, &p)) {
		if (s->run == PTL_DEAD)
			usage_of_death(ru, &s->stop);
		return;
	}
	ru->ru_utime.tv_sec = (time_t)p.utime_sec;
	ru->ru_utime.tv_usec = (suseconds_t)p.utime_usec;
	ru->ru_stime.tv_sec = (time_t)p.stime_sec;
	ru->ru_stime.tv_usec = (suseconds_t)p.stime_usec;
	ru->ru_maxrss = (long)p.maxrss_kib;
	ru->ru_ixrss = (long)p.ixrss;
	ru->ru_idrss = (long)p.idrss;
	ru->ru_isrss = (long)p.isrss;
	ru->ru_minflt = (long)p.minflt;
	ru->ru_majflt = (long)p.majflt;
	ru->ru_nswap = (long)p.nswap;
	ru->ru_inblock = (long)p.inblock;
	ru->ru_oublock = (long)p.oublock;
	ru->ru_msgsnd = (long)p.msgsnd;
	ru->ru_msgrcv = (long)p.msgrcv;
	ru->ru_nsignals = (long)p.nsignals;
	ru->ru_nvcsw = (long)p.nvcsw;
	ru->ru_nivcsw = (long)p.nivcsw;
}

/*
 * S's death is told, and the kernel shall let go of it: if it is a child of
 * ours too, the kernel's wait has it then; take it from there, so that it is
 * told once and no zombie stays. To close `trace` is not enough: a child of
 * ours that has not executed anything may have it open too.
 */
static void
bury(struct ptl_session *s)
{
	pid_t tid = s->tid, r;
	int status;

	ptl_unqueue(s);
	ptl_close_files(s);
	ptl_order(s, PROC_FLAG_DETACH | PROC_FLAG_INTERRUPT, 0);
	if (s->trace >= 0)
		ptl_state.io->close(s->trace);
	s->trace = -1;
	s->run = PTL_GHOST;
	ptl_state.ghosts++;
	do {
		r = ptl_state.io->wait4(tid, &status, WNOHANG | (int)__WALL,
					NULL);
	} while (r == -EINTR || (r == tid && WIFSTOPPED(status)));
	/* 0: a child of ours, but the kernel is not done with it yet. */
	if (r)
		ptl_drop(s);
}

static pid_t
report(struct ptl_wait *w, struct ptl_session *s)
{
	pid_t tid = s->tid;

	if (!s->owner && w->type == P_PID)
		ptl_own(s);
	w->status = s->run == PTL_DEAD ? (int)s->stop.a : s->code << 8 | 0x7f;
	if (w->by_id)
		fill_info(w, s);
	if (w->rusage)
		fill_usage(w->rusage, s);
	if (w->by_id && w->options & WNOWAIT)
		return tid;
	if (s->run == PTL_DEAD)
		bury(s);
	else
		ptl_unqueue(s);
	return tid;
}

pid_t
ptl_report(struct ptl_wait *w)
{
	for (struct ptl_session *s = ptl_state.first; s; s = s->after)
		if (wanted(w, s) && selects(w, s))
			return report(w, s);
	return 0;
}
