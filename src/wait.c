/* SPDX-License-Identifier: MIT */
/* wait, waitpid, wait3, wait4, waitid: arguments and results. */
#define _GNU_SOURCE
#include "wait.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define PUBLIC __attribute__((visibility("default")))

#define ANY_CHILD_FLAGS                                                        \
	(int)(WNOHANG | __WALL | __WCLONE | (unsigned)__WNOTHREAD)
#define WAIT4_FLAGS  (ANY_CHILD_FLAGS | WUNTRACED | WCONTINUED)
#define WAITID_KINDS (WEXITED | WSTOPPED | WCONTINUED)
#define WAITID_FLAGS (ANY_CHILD_FLAGS | WAITID_KINDS | WNOWAIT)

static pid_t
fail(pid_t err)
{
	errno = -err;
	return -1;
}

/* wait4(2), but no cancellation point. */
PTL_HOT PUBLIC pid_t
wait4(pid_t pid, int *status, int options, struct rusage *rusage)
{
	struct ptl_wait w = {.options = options, .pid = pid, .rusage = rusage};
	int saved = errno;
	pid_t r;

	if (options & ~WAIT4_FLAGS)
		return fail(-EINVAL);
	if (pid == INT_MIN)
		return fail(-ESRCH);
	w.type = pid == -1 ? P_ALL : pid > 0 ? P_PID : P_PGID;
	if (w.type == P_PGID)
		w.group = pid ? -pid : ptl_state.io->getpgid(0);
	if (w.type == P_PID)
		w.id = (id_t)pid;
	r = ptl_wait(&w);
	if (r < 0)
		return fail(r);
	if (r > 0 && status)
		*status = w.status;
	errno = saved;
	return r;
}

PUBLIC pid_t
wait3(int *status, int options, struct rusage *rusage)
{
	return wait4(-1, status, options, rusage);
}

PTL_HOT PUBLIC pid_t
waitpid(pid_t pid, int *status, int options)
{
	return wait4(pid, status, options, NULL);
}

PUBLIC pid_t
wait(int *status)
{
	return wait4(-1, status, 0, NULL);
}

/* Check and take in what waitid() is to wait for. */
static int
select_id(struct ptl_wait *w, int type, id_t id)
{
	w->type = type;
	w->id = id;
	switch (type) {
	case P_ALL:
		return 0;
	case P_PID:
		return (pid_t)id > 0 ? 0 : -EINVAL;
	case P_PGID:
		if ((pid_t)id < 0)
			return -EINVAL;
		w->group = id ? (pid_t)id : ptl_state.io->getpgid(0);
		return 0;
	case PTL_PIDFD:
		if ((int)id < 0)
			return -EINVAL;
		w->id = 0;
		w->group = ptl_state.io->pidfd((int)id);
		if (w->group < 0)
			return w->group;
		/* Tracees go by their id; w->pid keeps the descriptor. */
		w->pid = (pid_t)id;
		w->id = (id_t)w->group;
		return 0;
	default:
		return -EINVAL;
	}
}

PUBLIC int
waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	struct ptl_wait w = {.by_id = true, .options = options};
	int saved = errno, err;
	pid_t r;

	if (options & ~WAITID_FLAGS || !(options & WAITID_KINDS))
		return (int)fail(-EINVAL);
	err = select_id(&w, (int)type, id);
	if (err)
		return (int)fail(err);
	r = ptl_wait(&w);
	if (r < 0)
		return (int)fail(r);
	if (info) {
		if (!r)
			memset(&w.info, 0, sizeof(w.info));
		*info = w.info;
	}
	errno = saved;
	return 0;
}
