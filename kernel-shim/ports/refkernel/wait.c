/* SPDX-License-Identifier: MIT */
/*
 * wait4() and waitid().
 */
#include "calls_thread.h"
#include "errno.h"
#include "pidfd.h"
#include "thread.h"
#include "user.h"

#define WNOHANG	    1
#define WUNTRACED   2
#define WSTOPPED    2
#define WEXITED	    4
#define WCONTINUED  8
#define WNOWAIT	    0x01000000
#define __WNOTHREAD 0x20000000
#define __WALL	    0x40000000
#define __WCLONE    0x80000000u

#define P_ALL	0
#define P_PID	1
#define P_PGID	2
#define P_PIDFD 3

struct wait_for {
	int type, id;
	unsigned options;
	/* Results. */
	struct siginfo info;
	int status;
	struct usage usage;
};

static bool
eligible(const struct wait_for *w, const struct process *p)
{
	bool clone = p->leader->exit_signal != SIGCHLD;

	if (w->type == P_PID && p->pid != w->id)
		return false;
	if (w->type == P_PGID && p->pgid != w->id)
		return false;
	if ((w->options & __WNOTHREAD) && p->parent_thread != current)
		return false;
	if (w->options & __WALL)
		return true;
	return clone == !!(w->options & __WCLONE);
}

static void
fill_info(struct wait_for *w, const struct process *p, int code, int status)
{
	w->info.si_signo = SIGCHLD;
	w->info.si_code = code;
	w->info.si_cpid = p->pid;
	w->info.si_cuid = p->leader->cred.ruid;
	w->info.si_status = status;
}

static void
fill_usage(struct wait_for *w, struct process *p)
{
	process_usage(p, &w->usage);
	usage_add(&w->usage, &p->dead_children);
}

static bool
take_zombie(struct wait_for *w, struct process *p)
{
	int st;

	if (!(w->options & WEXITED) || !process_is_zombie(p))
		return false;
	st = p->flags & PROCESS_GROUP_EXIT ? p->group_exit_code
					   : p->leader->exit_code;
	w->status = st;
	fill_usage(w, p);
	if ((st & 0x7f) == 0)
		fill_info(w, p, CLD_EXITED, st >> 8 & 0xff);
	else
		fill_info(w, p, st & 0x80 ? CLD_DUMPED : CLD_KILLED, st & 0x7f);
	if (!(w->options & WNOWAIT))
		process_reap_zombie(p);
	return true;
}

/* The tracer hears of stops by other means. */
static bool
traced_by_us(struct process *p)
{
	return ks_tracer_pid(&p->leader->trace) == current->process->pid;
}

static bool
take_stopped(struct wait_for *w, struct process *p)
{
	int sig = p->group_exit_code;

	if (!(w->options & WSTOPPED) || !(p->flags & PROCESS_STOPPED) ||
	    (p->flags & PROCESS_STOP_WAITED) || traced_by_us(p))
		return false;
	if (!(w->options & WNOWAIT))
		p->flags |= PROCESS_STOP_WAITED;
	w->status = sig << 8 | 0x7f;
	fill_info(w, p, CLD_STOPPED, sig);
	fill_usage(w, p);
	return true;
}

static bool
take_continued(struct wait_for *w, struct process *p)
{
	if (!(w->options & WCONTINUED) || !(p->flags & PROCESS_CONTINUED))
		return false;
	if (!(w->options & WNOWAIT))
		p->flags &= ~PROCESS_CONTINUED;
	w->status = 0xffff;
	fill_info(w, p, CLD_CONTINUED, SIGCONT);
	fill_usage(w, p);
	return true;
}

/* A pid, 0: children, but nothing to tell, -ECHILD. */
static int
look(struct wait_for *w)
{
	struct process *p, *tmp;
	bool any = false;

	list_each_safe(p, tmp, &current->process->children, sibling)
	{
		int pid = p->pid;

		if (!eligible(w, p))
			continue;
		if (take_zombie(w, p))
			return pid;
		any = true;
		if (p->flags & PROCESS_DEAD)
			continue;
		if (take_stopped(w, p) || take_continued(w, p))
			return pid;
	}
	return any ? 0 : -ECHILD;
}

static int
do_wait(struct wait_for *w)
{
	for (;;) {
		int ret = look(w), err;

		if (ret || (w->options & WNOHANG))
			return ret;
		err = wait_on(&current->process->child_wait, NO_DEADLINE,
			      WAIT_INTERRUPTIBLE);
		if (err)
			return err;
	}
}

int
process_reap(int *out_status)
{
	struct wait_for w = {.type = P_ALL, .options = WEXITED | __WALL};
	int pid = do_wait(&w);

	*out_status = w.status;
	return pid;
}

long
sys_wait4(int pid, uint64_t status, int options, uint64_t rusage)
{
	struct wait_for w = {.options = (unsigned)options | WEXITED};
	int ret;

	if ((unsigned)options & ~(WNOHANG | WUNTRACED | WCONTINUED |
				  __WNOTHREAD | __WCLONE | __WALL))
		return -EINVAL;
	if (pid == INT32_MIN)
		return -ESRCH;
	if (pid == -1) {
		w.type = P_ALL;
	} else if (pid > 0) {
		w.type = P_PID;
		w.id = pid;
	} else {
		w.type = P_PGID;
		w.id = pid ? -pid : current->process->pgid;
	}
	ret = do_wait(&w);
	if (ret <= 0)
		return ret;
	if (status && copy_out(status, &w.status, sizeof(w.status)))
		return -EFAULT;
	if (rusage && rusage_out(rusage, &w.usage))
		return -EFAULT;
	return ret;
}

/* The descriptor stands for a process, which is what is waited for. */
static int
of_pidfd(struct wait_for *w)
{
	int err;

	if (w->id < 0)
		return -EINVAL;
	err = pidfd_get(w->id, &w->id);
	if (err)
		return err;
	w->type = P_PID;
	return w->id < 0 ? -ECHILD : 0;
}

static int
waitid_args(struct wait_for *w)
{
	const unsigned known = WNOHANG | WNOWAIT | WEXITED | WSTOPPED |
			       WCONTINUED | __WNOTHREAD | __WCLONE | __WALL;

	if ((w->options & ~known) ||
	    !(w->options & (WEXITED | WSTOPPED | WCONTINUED)))
		return -EINVAL;
	if (w->type == P_PID && w->id <= 0)
		return -EINVAL;
	if (w->type == P_PGID && w->id < 0)
		return -EINVAL;
	if (w->type == P_PGID && w->id == 0)
		w->id = current->process->pgid;
	if (w->type == P_PIDFD)
		return of_pidfd(w);
	return w->type < 0 || w->type > P_PIDFD ? -EINVAL : 0;
}

long
sys_waitid(int type, int id, uint64_t info, int options, uint64_t rusage)
{
	struct wait_for w = {
	    .type = type, .id = id, .options = (unsigned)options};
	int ret = waitid_args(&w);

	if (ret)
		return ret;
	ret = do_wait(&w);
	if (ret > 0 && rusage && rusage_out(rusage, &w.usage))
		return -EFAULT;
	if (ret >= 0 && info) {
		/* Only the fields in use are written, as Linux does. */
		if (copy_out(info, &w.info, 12) ||
		    copy_out(info + 16, &w.info.si_cpid, 12))
			return -EFAULT;
	}
	return ret > 0 ? 0 : ret;
}
