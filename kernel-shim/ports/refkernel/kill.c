/* SPDX-License-Identifier: MIT */
/*
 * System calls that send signals.
 */
#include "calls_thread.h"
#include "errno.h"
#include "thread.h"
#include "user.h"

/* May the current thread send SIG to T? */
static bool
may_signal(const struct thread *t, int sig)
{
	const struct cred *me = &current->cred, *c = &t->cred;

	if (t->process == current->process)
		return true;
	if (me->euid == c->suid || me->euid == c->ruid || me->ruid == c->suid ||
	    me->ruid == c->ruid)
		return true;
	if (sig == SIGCONT && t->process->sid == current->process->sid)
		return true;
	return capable(CAP_KILL);
}

/* The thread to ask for permission, and the process, of pid. */
static int
send_to_process(struct process *p, const struct siginfo *info)
{
	if (!may_signal(p->leader, info->si_signo))
		return -EPERM;
	if (!info->si_signo)
		return 0;
	return signal_send_process(p, info);
}

struct many {
	const struct siginfo *info;
	int sent, err;
};

static int
send_one_of_many(struct process *p, void *arg)
{
	struct many *m = arg;
	int err = send_to_process(p, m->info);

	m->err = err;
	if (!err)
		m->sent++;
	return 0;
}

static int
send_to_group(int pgid, const struct siginfo *info)
{
	struct many m = {.info = info, .err = -ESRCH};

	pgrp_each(pgid, send_one_of_many, &m);
	return m.sent ? 0 : m.err;
}

static int
send_to_all(const struct siginfo *info)
{
	struct many m = {.info = info, .err = 0};
	struct process *p, *tmp;
	int n = 0;

	list_each_safe(p, tmp, &all_processes, link)
	{
		if (p->pid <= 1 || p == current->process)
			continue;
		n++;
		send_one_of_many(p, &m);
	}
	return !n ? -ESRCH : m.err == -EPERM ? 0 : m.err;
}

static struct siginfo
my_info(int sig, int code)
{
	return (struct siginfo){
	    .si_signo = sig,
	    .si_code = code,
	    .si_pid = current->process->pid,
	    .si_uid = current->cred.ruid,
	};
}

static struct process *
any_process(int pid)
{
	struct thread *t = thread_find(pid);

	return t ? t->process : NULL;
}

long
sys_kill(int pid, int sig)
{
	struct siginfo info = my_info(sig, SI_USER);
	struct process *p;

	if (sig < 0 || sig > NSIG)
		return pid > 0 && !any_process(pid) ? -ESRCH : -EINVAL;
	if (pid == INT32_MIN)
		return -ESRCH;
	if (pid > 0) {
		p = any_process(pid);
		return p ? send_to_process(p, &info) : -ESRCH;
	}
	if (pid == -1)
		return send_to_all(&info);
	return send_to_group(pid ? -pid : current->process->pgid, &info);
}

static int
send_to_thread(int tgid, int tid, const struct siginfo *info)
{
	struct thread *t = thread_find(tid);
	int err;

	if (!t || (tgid > 0 && t->process->pid != tgid))
		return -ESRCH;
	if (info->si_signo < 0 || info->si_signo > NSIG)
		return -EINVAL;
	if (!may_signal(t, info->si_signo))
		return -EPERM;
	if (!info->si_signo)
		return 0;
	err = signal_send_thread(t, info);
	return err;
}

long
sys_tgkill(int tgid, int tid, int sig)
{
	struct siginfo info = my_info(sig, SI_TKILL);

	if (tgid <= 0 || tid <= 0)
		return -EINVAL;
	return send_to_thread(tgid, tid, &info);
}

long
sys_tkill(int tid, int sig)
{
	struct siginfo info = my_info(sig, SI_TKILL);

	if (tid <= 0)
		return -EINVAL;
	return send_to_thread(0, tid, &info);
}

/* Nobody may pretend to be the kernel, or kill(), but to himself. */
static int
info_in(struct siginfo *info, uint64_t ua, int sig, int target)
{
	if (copy_in(info, ua, sizeof(*info)))
		return -EFAULT;
	info->si_signo = sig;
	if ((info->si_code >= 0 || info->si_code == SI_TKILL) &&
	    current->process->pid != target)
		return -EPERM;
	return 0;
}

long
sys_rt_sigqueueinfo(int pid, int sig, uint64_t uinfo)
{
	struct siginfo info;
	struct process *p;
	int err = info_in(&info, uinfo, sig, pid);

	if (err)
		return err;
	p = any_process(pid);
	if (!p)
		return -ESRCH;
	if (sig < 0 || sig > NSIG)
		return -EINVAL;
	return send_to_process(p, &info);
}

long
sys_rt_tgsigqueueinfo(int tgid, int tid, int sig, uint64_t uinfo)
{
	struct siginfo info;
	int err;

	if (tgid <= 0 || tid <= 0)
		return -EINVAL;
	err = info_in(&info, uinfo, sig, tgid);
	if (err)
		return err;
	return send_to_thread(tgid, tid, &info);
}
