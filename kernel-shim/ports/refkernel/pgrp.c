/* SPDX-License-Identifier: MIT */
/*
 * Process groups and sessions.
 */
#include "calls_thread.h"
#include "errno.h"
#include "thread.h"
#include "tty.h"

bool
pgrp_exists(int pgid)
{
	struct process *p;

	list_each(p, &all_processes, link) if (p->pgid == pgid) return true;
	return false;
}

bool
pgrp_in_session(int pgid, int sid)
{
	struct process *p;

	list_each(p, &all_processes,
		  link) if (p->pgid == pgid && p->sid == sid) return true;
	return false;
}

int
pgrp_each(int pgid, int (*fn)(struct process *p, void *arg), void *arg)
{
	struct process *p, *tmp;
	int ret = 0;

	list_each_safe(p, tmp, &all_processes, link)
	{
		if (p->pgid != pgid)
			continue;
		ret = fn(p, arg);
		if (ret)
			break;
	}
	return ret;
}

/* IGNORED, if not NULL, is left out: it exits. */
static bool
orphaned_without(int pgid, const struct process *ignored)
{
	struct process *p;

	list_each(p, &all_processes, link)
	{
		if (p->pgid != pgid || p == ignored || !p->parent)
			continue;
		if ((p->flags & PROCESS_DEAD) && p->nthreads == 0)
			continue;
		if (!p->parent->parent) /* a child of init */
			continue;
		if (p->parent->pgid != pgid && p->parent->sid == p->sid)
			return false;
	}
	return true;
}

bool
pgrp_orphaned(int pgid)
{
	return orphaned_without(pgid, NULL);
}

static bool
has_stopped(int pgid)
{
	struct process *p;

	list_each(p, &all_processes,
		  link) if (p->pgid == pgid &&
			    (p->flags & PROCESS_STOPPED)) return true;
	return false;
}

void
pgrp_maybe_orphaned(int pgid, struct process *p, struct process *parent)
{
	const struct process *ignored = p->nthreads ? NULL : p;

	if (!parent || parent->pgid == pgid || parent->sid != p->sid)
		return;
	if (!orphaned_without(pgid, ignored) || !has_stopped(pgid))
		return;
	signal_kernel_pgrp(pgid, SIGHUP);
	signal_kernel_pgrp(pgid, SIGCONT);
}

static void
join_pgrp(struct process *p, int pgid)
{
	pid_hold(pgid);
	pid_drop(p->pgid);
	p->pgid = pgid;
}

long
sys_setpgid(int pid, int pgid)
{
	struct process *me = current->process, *p;

	if (!pid)
		pid = me->pid;
	if (!pgid)
		pgid = pid;
	if (pgid < 0)
		return -EINVAL;
	p = thread_find(pid) ? thread_find(pid)->process : NULL;
	if (!p)
		return -ESRCH;
	if (p->pid != pid)
		return -EINVAL;
	if (p->parent == me) {
		if (p->sid != me->sid)
			return -EPERM;
		if (p->has_execed)
			return -EACCES;
	} else if (p != me) {
		return -ESRCH;
	}
	if (p->sid == p->pid)
		return -EPERM;
	if (pgid != pid && !pgrp_in_session(pgid, me->sid))
		return -EPERM;
	join_pgrp(p, pgid);
	return 0;
}

static struct process *
find_or_self(int pid)
{
	struct thread *t = pid ? thread_find(pid) : current;

	return t ? t->process : NULL;
}

long
sys_getpgid(int pid)
{
	struct process *p = find_or_self(pid);

	return p ? p->pgid : -ESRCH;
}

long
sys_getpgrp(void)
{
	return current->process->pgid;
}

long
sys_getsid(int pid)
{
	struct process *p = find_or_self(pid);

	return p ? p->sid : -ESRCH;
}

long
sys_setsid(void)
{
	struct process *p = current->process;

	if (p->sid == p->pid || pgrp_exists(p->pid))
		return -EPERM;
	join_pgrp(p, p->pid);
	pid_hold(p->pid);
	pid_drop(p->sid);
	p->sid = p->pid;
	if (p->tty)
		tty_put(p->tty);
	p->tty = NULL;
	return p->sid;
}
