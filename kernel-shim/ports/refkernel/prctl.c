/* SPDX-License-Identifier: MIT */
/*
 * prctl(), arch_prctl() and the resource limits.
 */
#include "calls_thread.h"
#include <sys/proc_scheme.h>

#include "cpu.h"
#include "errno.h"
#include "seccomp.h"
#include "string.h"
#include "thread.h"
#include "user.h"
#include "yama.h"

#define PR_SET_PDEATHSIG	     1
#define PR_GET_PDEATHSIG	     2
#define PR_GET_DUMPABLE		     3
#define PR_SET_DUMPABLE		     4
#define PR_GET_KEEPCAPS		     7
#define PR_SET_KEEPCAPS		     8
#define PR_SET_NAME		     15
#define PR_GET_NAME		     16
#define PR_GET_SECCOMP		     21
#define PR_SET_SECCOMP		     22
#define PR_SET_SYSCALL_USER_DISPATCH 59
#define PR_CAPBSET_READ		     23
#define PR_CAPBSET_DROP		     24
#define PR_GET_SECUREBITS	     27
#define PR_SET_SECUREBITS	     28
#define PR_SET_TIMERSLACK	     29
#define PR_GET_TIMERSLACK	     30
#define PR_SET_CHILD_SUBREAPER	     36
#define PR_GET_CHILD_SUBREAPER	     37
#define PR_SET_NO_NEW_PRIVS	     38
#define PR_GET_NO_NEW_PRIVS	     39
#define PR_GET_TID_ADDRESS	     40
#define PR_GET_THP_DISABLE	     42
#define PR_CAP_AMBIENT		     47
#define PR_SET_PTRACER		     0x59616d61

#define SECBIT_KEEP_CAPS 0x10

static long
set_name(uint64_t ua)
{
	char name[COMM_LEN];
	long n = copy_in_str(name, ua, sizeof(name));

	if (n == -ENAMETOOLONG)
		name[COMM_LEN - 1] = '\0';
	else if (n < 0)
		return n;
	memset(current->comm, 0, sizeof(current->comm));
	strlcpy(current->comm, name, sizeof(current->comm));
	return 0;
}

static long
capbset(int option, uint64_t cap)
{
	struct cred *c = &current->cred;

	if (cap > CAP_LAST)
		return -EINVAL;
	if (option == PR_CAPBSET_READ)
		return c->cap_bounding >> cap & 1;
	if (!capable(CAP_SETPCAP))
		return -EPERM;
	c->cap_bounding &= ~(1ULL << cap);
	return 0;
}

static long
cap_ambient(uint64_t op, uint64_t cap)
{
	struct cred *c = &current->cred;
	uint64_t bit;

	if (op == 4) { /* clear all */
		c->cap_ambient = 0;
		return 0;
	}
	if (cap > CAP_LAST)
		return -EINVAL;
	bit = 1ULL << cap;
	switch (op) {
	case 1: /* is set */
		return !!(c->cap_ambient & bit);
	case 2: /* raise */
		if (!(c->cap_permitted & c->cap_inheritable & bit))
			return -EPERM;
		c->cap_ambient |= bit;
		return 0;
	case 3: /* lower */
		c->cap_ambient &= ~bit;
		return 0;
	default:
		return -EINVAL;
	}
}

static long
flag_out(uint64_t ua, int v)
{
	return copy_out(ua, &v, sizeof(v));
}

static long
prctl_set(int option, uint64_t a2)
{
	struct thread *t = current;

	switch (option) {
	case PR_SET_PDEATHSIG:
		if (a2 > NSIG)
			return -EINVAL;
		t->pdeath_signal = (int)a2;
		return 0;
	case PR_SET_DUMPABLE:
		if (a2 > 1)
			return -EINVAL;
		if (a2)
			t->process->dumpable = 1;
		else
			cred_hide();
		return 0;
	case PR_SET_KEEPCAPS:
		if (a2 > 1)
			return -EINVAL;
		t->cred.securebits &= ~(uint32_t)SECBIT_KEEP_CAPS;
		if (a2)
			t->cred.securebits |= SECBIT_KEEP_CAPS;
		return 0;
	case PR_SET_NAME:
		return set_name(a2);
	case PR_SET_SECUREBITS:
		if (!capable(CAP_SETPCAP))
			return -EPERM;
		t->cred.securebits = (uint32_t)a2;
		return 0;
	case PR_SET_TIMERSLACK:
		t->timer_slack = (int64_t)a2 > 0 ? (int64_t)a2 : 50000;
		return 0;
	case PR_SET_CHILD_SUBREAPER:
		t->process->subreaper = a2;
		return 0;
	default:
		return -EINVAL;
	}
}

static long
prctl_get(int option, uint64_t a2)
{
	const struct thread *t = current;

	switch (option) {
	case PR_GET_PDEATHSIG:
		return flag_out(a2, t->pdeath_signal);
	case PR_GET_DUMPABLE:
		return t->process->dumpable;
	case PR_GET_KEEPCAPS:
		return !!(t->cred.securebits & SECBIT_KEEP_CAPS);
	case PR_GET_NAME:
		return copy_out(a2, t->comm, sizeof(t->comm));
	case PR_GET_SECUREBITS:
		return t->cred.securebits;
	case PR_GET_TIMERSLACK:
		return t->timer_slack;
	case PR_GET_CHILD_SUBREAPER:
		return flag_out(a2, t->process->subreaper);
	case PR_SET_PTRACER:
		return yama_set_ptracer(t->process, a2);
	case PR_GET_TID_ADDRESS:
		return copy_out(a2, &t->clear_child_tid, 8);
	case PR_GET_THP_DISABLE:
		return 0;
	default:
		return prctl_set(option, a2);
	}
}

long
sys_prctl(int option, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	switch (option) {
	case PR_GET_SECCOMP:
		return current->seccomp_mode;
	case PR_SET_SECCOMP:
		return seccomp_set(a2, 0, a3);
	case PR_CAPBSET_READ:
	case PR_CAPBSET_DROP:
		return capbset(option, a2);
	case PR_SET_SYSCALL_USER_DISPATCH:
		return dispatch_set(
		    current,
		    &(struct proc_dispatch){
			.mode = a2, .selector = a5, .offset = a3, .len = a4});
	case PR_SET_NO_NEW_PRIVS:
		if (a2 != 1 || a3 || a4 || a5)
			return -EINVAL;
		current->no_new_privs = true;
		return 0;
	case PR_GET_NO_NEW_PRIVS:
		return a2 || a3 || a4 || a5 ? -EINVAL : current->no_new_privs;
	case PR_CAP_AMBIENT:
		return a4 || a5 ? -EINVAL : cap_ambient(a2, a3);
	default:
		return prctl_get(option, a2);
	}
}

#define ARCH_SET_GS 0x1001
#define ARCH_SET_FS 0x1002
#define ARCH_GET_FS 0x1003
#define ARCH_GET_GS 0x1004

long
sys_arch_prctl(int code, uint64_t a)
{
	uint64_t fs, gs;

	thread_get_bases(current, &fs, &gs);
	switch (code) {
	case ARCH_SET_FS:
	case ARCH_SET_GS:
		if (a >= USER_END)
			return -EPERM;
		thread_set_bases(current, code == ARCH_SET_FS ? a : fs,
				 code == ARCH_SET_GS ? a : gs);
		return 0;
	case ARCH_GET_FS:
		return copy_out(a, &fs, sizeof(fs));
	case ARCH_GET_GS:
		return copy_out(a, &gs, sizeof(gs));
	default:
		return -EINVAL;
	}
}

static int
set_limit(struct process *p, unsigned which, const struct rlimit *new)
{
	struct rlimit *r = &p->rlimit[which];

	if (new->cur > new->max)
		return -EINVAL;
	if (which == RLIMIT_NOFILE && new->max > 1 << 20)
		return -EPERM;
	if (new->max > r->max && !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	*r = *new;
	if (which == RLIMIT_CPU)
		cpu_limit_arm(p);
	return 0;
}

long
sys_prlimit64(int pid, unsigned which, uint64_t unew, uint64_t uold)
{
	const struct cred *me = &current->cred, *c;
	struct thread *t = pid ? thread_find(pid) : current;
	struct rlimit new, old;
	int err = 0;

	if (which >= RLIM_NLIMITS)
		return -EINVAL;
	if (unew && copy_in(&new, unew, sizeof(new)))
		return -EFAULT;
	if (!t)
		return -ESRCH;
	c = &t->cred;
	if (t->process != current->process && !capable(CAP_SYS_RESOURCE) &&
	    !(me->ruid == c->euid && me->ruid == c->suid &&
	      me->ruid == c->ruid && me->rgid == c->egid &&
	      me->rgid == c->sgid && me->rgid == c->rgid))
		return -EPERM;
	old = t->process->rlimit[which];
	if (unew)
		err = set_limit(t->process, which, &new);
	if (!err && uold && copy_out(uold, &old, sizeof(old)))
		err = -EFAULT;
	return err;
}

long
sys_getrlimit(unsigned which, uint64_t ua)
{
	return sys_prlimit64(0, which, 0, ua);
}

long
sys_setrlimit(unsigned which, uint64_t ua)
{
	struct rlimit new;

	if (copy_in(&new, ua, sizeof(new)))
		return -EFAULT;
	if (which >= RLIM_NLIMITS)
		return -EINVAL;
	return set_limit(current->process, which, &new);
}
