/* SPDX-License-Identifier: MIT */
/*
 * System calls of the scheduler. There is one policy in truth; what is set is
 * checked and remembered.
 */
#include "calls_thread.h"
#include "errno.h"
#include "string.h"
#include "thread.h"
#include "user.h"

#define SCHED_OTHER	    0
#define SCHED_FIFO	    1
#define SCHED_RR	    2
#define SCHED_BATCH	    3
#define SCHED_IDLE	    5
#define SCHED_RESET_ON_FORK 0x40000000

#define PRIO_PROCESS 0
#define PRIO_PGRP    1
#define PRIO_USER    2

long
sys_sched_yield(void)
{
	schedule();
	return 0;
}

static struct thread *
find(int pid)
{
	return pid ? thread_find(pid) : current;
}

static bool
realtime(int policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR;
}

static int
set_policy(struct thread *t, int policy, int prio)
{
	policy &= ~SCHED_RESET_ON_FORK;
	if (policy < 0 || policy > SCHED_IDLE || policy == 4)
		return -EINVAL;
	if (realtime(policy) ? prio < 1 || prio > 99 : prio != 0)
		return -EINVAL;
	if (realtime(policy) && !capable(CAP_SYS_NICE))
		return -EPERM;
	t->sched_policy = policy;
	t->sched_priority = prio;
	return 0;
}

long
sys_sched_setscheduler(int pid, int policy, uint64_t uparam)
{
	struct thread *t = find(pid);
	int prio;

	if (!uparam || pid < 0)
		return -EINVAL;
	if (copy_in(&prio, uparam, sizeof(prio)))
		return -EFAULT;
	return t ? set_policy(t, policy, prio) : -ESRCH;
}

long
sys_sched_setparam(int pid, uint64_t uparam)
{
	struct thread *t = find(pid);
	int prio;

	if (!uparam || pid < 0)
		return -EINVAL;
	if (copy_in(&prio, uparam, sizeof(prio)))
		return -EFAULT;
	return t ? set_policy(t, t->sched_policy, prio) : -ESRCH;
}

long
sys_sched_getscheduler(int pid)
{
	struct thread *t = find(pid);

	if (pid < 0)
		return -EINVAL;
	return t ? t->sched_policy : -ESRCH;
}

long
sys_sched_getparam(int pid, uint64_t uparam)
{
	struct thread *t = find(pid);

	if (!uparam || pid < 0)
		return -EINVAL;
	if (!t)
		return -ESRCH;
	return copy_out(uparam, &t->sched_priority, sizeof(int));
}

long
sys_sched_get_priority_max(int policy)
{
	if (realtime(policy))
		return 99;
	return policy == 0 || policy == 3 || policy == 5 ? 0 : -EINVAL;
}

long
sys_sched_get_priority_min(int policy)
{
	if (realtime(policy))
		return 1;
	return policy == 0 || policy == 3 || policy == 5 ? 0 : -EINVAL;
}

long
sys_sched_rr_get_interval(int pid, uint64_t ua)
{
	if (pid < 0)
		return -EINVAL;
	return find(pid) ? timespec_out(ua, 4000000) : -ESRCH;
}

long
sys_sched_getaffinity(int pid, unsigned len, uint64_t ua)
{
	uint64_t mask = 1;

	if (len < sizeof(mask) || len % sizeof(mask))
		return -EINVAL;
	if (!find(pid))
		return -ESRCH;
	return copy_out(ua, &mask, sizeof(mask)) ? -EFAULT : (long)sizeof(mask);
}

long
sys_sched_setaffinity(int pid, unsigned len, uint64_t ua)
{
	uint64_t mask = 0;

	if (copy_in(&mask, ua, len < sizeof(mask) ? len : sizeof(mask)))
		return -EFAULT;
	if (!find(pid))
		return -ESRCH;
	return mask & 1 ? 0 : -EINVAL;
}

struct nice_all {
	int which, who;
	int value;
	bool set;
	int found;
	long result;
};

static bool
matches(const struct nice_all *n, const struct thread *t)
{
	switch (n->which) {
	case PRIO_PROCESS:
		return t->tid == (n->who ? n->who : current->tid);
	case PRIO_PGRP:
		return t->process->pgid ==
		       (n->who ? n->who : current->process->pgid);
	default:
		return t->cred.ruid ==
		       (n->who ? (uint32_t)n->who : current->cred.ruid);
	}
}

static int
may_renice(const struct thread *t, int value)
{
	const struct cred *me = &current->cred;

	if (capable(CAP_SYS_NICE))
		return 0;
	if (me->euid != t->cred.ruid && me->euid != t->cred.euid)
		return -EPERM;
	if (value < t->nice &&
	    20 - value > (int64_t)t->process->rlimit[RLIMIT_NICE].cur)
		return -EACCES;
	return 0;
}

static void
each_nice(struct nice_all *n)
{
	struct process *p;
	struct thread *t;

	n->result = n->set ? 0 : INT32_MIN;
	list_each(p, &all_processes, link)
	{
		list_each(t, &p->threads, link)
		{
			if (!matches(n, t))
				continue;
			n->found++;
			if (!n->set) {
				if (20 - t->nice > n->result)
					n->result = 20 - t->nice;
				continue;
			}
			n->result = may_renice(t, n->value);
			if (!n->result)
				t->nice = n->value;
		}
	}
	if (!n->found)
		n->result = -ESRCH;
}

long
sys_getpriority(int which, int who)
{
	struct nice_all n = {.which = which, .who = who};

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	each_nice(&n);
	return n.result;
}

long
sys_setpriority(int which, int who, int value)
{
	struct nice_all n = {.which = which, .who = who, .set = true};

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	n.value = value < -20 ? -20 : value > 19 ? 19 : value;
	each_nice(&n);
	return n.result;
}
