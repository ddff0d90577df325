/* SPDX-License-Identifier: MIT */
/*
 * New threads and processes: clone, clone3, fork, vfork, kernel threads.
 */
#include "fork.h"

#include "calls_thread.h"
#include "cputime.h"
#include "errno.h"
#include "file.h"
#include "fpu.h"
#include "mem.h"
#include "seccomp.h"
#include "string.h"
#include "thread.h"
#include "tty.h"
#include "user.h"
#include "vm.h"

/* As struct clone_args of clone3() has them. */
struct clone_args {
	uint64_t flags;
	uint64_t pidfd;
	uint64_t child_tid;
	uint64_t parent_tid;
	uint64_t exit_signal;
	uint64_t stack;
	uint64_t stack_size;
	uint64_t tls;
	uint64_t set_tid;
	uint64_t set_tid_size;
	uint64_t cgroup;
};
#define CLONE_ARGS_SIZE_VER0 64

/* Namespaces and pidfds are not offered. */
#define CLONE_UNSUPPORTED 0x27e021000ULL

static int
check_flags(const struct clone_args *a)
{
	uint64_t f = a->flags;

	if (f & CLONE_UNSUPPORTED)
		return -EINVAL;
	if ((f & CLONE_SIGHAND) && !(f & CLONE_VM))
		return -EINVAL;
	if ((f & CLONE_THREAD) && !(f & CLONE_SIGHAND))
		return -EINVAL;
	if ((f & CLONE_CLEAR_SIGHAND) && (f & CLONE_SIGHAND))
		return -EINVAL;
	if ((f & CLONE_PARENT) &&
	    (current->process->flags & PROCESS_UNKILLABLE))
		return -EINVAL;
	return 0;
}

static int
check_limit(void)
{
	const struct rlimit *r = &current->process->rlimit[RLIMIT_NPROC];

	if (thread_count() >= PID_MAX - 1)
		return -EAGAIN;
	/* The limit is by user; there is in practice one. */
	if (thread_count() >= r->cur && current->cred.ruid != 0 &&
	    !capable(CAP_SYS_RESOURCE))
		return -EAGAIN;
	return 0;
}

static int
copy_files(struct thread *t, uint64_t flags)
{
	int err;

	if (flags & CLONE_FILES)
		t->files = fdtable_get(current->files);
	else if ((err = fdtable_copy(current->files, &t->files)))
		return err;
	if (flags & CLONE_FS)
		t->fs = fs_state_get(current->fs);
	else if ((err = fs_state_copy(current->fs, &t->fs)))
		return err;
	return 0;
}

static int
copy_vm(struct thread *t, uint64_t flags)
{
	if (!current->vm)
		return 0;
	if (flags & CLONE_VM) {
		t->vm = vm_get(current->vm);
		return 0;
	}
	return vm_fork(current->vm, &t->vm);
}

/* What a thread gets from its creator whatever the flags. */
static void
copy_thread(struct thread *t, uint64_t flags)
{
	t->cred = current->cred;
	memcpy(t->comm, current->comm, sizeof(t->comm));
	*t->regs = *current->regs;
	t->regs->rax = 0;
	thread_fpu_flush(current);
	memcpy(t->fpu, current->fpu, fpu_size);
	thread_get_bases(current, &t->fs_base, &t->gs_base);
	if (current->step) /* the tracer's flag is not inherited */
		t->regs->rflags &= ~(uint64_t)RFLAGS_TF;
	t->blocked = current->blocked;
	if (!(flags & CLONE_VM))
		t->rseq = current->rseq;
	if (!(flags & CLONE_VM) || (flags & CLONE_VFORK))
		t->altstack = current->altstack;
	t->nice = current->nice;
	t->sched_policy = current->sched_policy;
	t->sched_priority = current->sched_priority;
	t->timer_slack = current->timer_slack;
	t->no_new_privs = current->no_new_privs;
	seccomp_fork(t);
}

static void
clear_handlers(struct sighand *h)
{
	int i;

	for (i = 0; i < NSIG; i++)
		if (h->action[i].handler != SIG_IGN)
			h->action[i] = (struct sigaction){0};
}

/* Make T the leader of a new process that is like the current one. */
static int
copy_process(struct thread *t, uint64_t flags)
{
	struct process *me = current->process, *p;
	int err = process_new(t, &p);

	if (err)
		return err;
	if (flags & CLONE_SIGHAND) {
		kfree(p->sighand);
		p->sighand = me->sighand;
		p->sighand->refs++;
	} else {
		memcpy(p->sighand->action, me->sighand->action,
		       sizeof(me->sighand->action));
		if (flags & CLONE_CLEAR_SIGHAND)
			clear_handlers(p->sighand);
	}
	memcpy(p->rlimit, me->rlimit, sizeof(p->rlimit));
	p->pgid = me->pgid;
	p->sid = me->sid;
	pid_hold(p->pgid);
	pid_hold(p->sid);
	p->tty = me->tty ? tty_get(me->tty) : NULL;
	p->personality = me->personality;
	p->dumpable = me->dumpable;
	p->oom_score_adj = me->oom_score_adj;
	return 0;
}

/* From here on the others can see the new process. */
static void
adopt(struct process *p, uint64_t flags)
{
	struct process *me = current->process;

	if (flags & CLONE_PARENT) {
		p->parent = me->parent;
		p->parent_thread = me->parent_thread;
		p->leader->exit_signal = me->leader->exit_signal;
	} else {
		p->parent = me;
		p->parent_thread = current;
	}
	list_add_tail(&p->parent->children, &p->sibling);
	cpu_limit_arm(p);
}

static void
join_process(struct thread *t)
{
	struct process *p = current->process;

	t->process = process_get(p);
	t->exit_signal = -1;
	list_add_tail(&p->threads, &t->link);
	p->nthreads++;
	p->quick_threads++;
	/* It takes part in a group stop that is under way. */
	signal_join_stop(t);
}

/* The new thread's own first steps, on its stack. */
static void
child_start(void *arg)
{
	(void)arg;
	if (current->set_child_tid)
		user_store32(current->set_child_tid, (uint32_t)current->tid);
}

static void
discard(struct thread *t)
{
	if (t->files)
		fdtable_put(t->files);
	if (t->fs)
		fs_state_put(t->fs);
	if (t->vm)
		vm_put(t->vm);
	seccomp_exit(t);
	thread_unhash(t);
	thread_put(t);
}

static void
wait_vfork(struct thread *child, struct vfork_wait *v)
{
	while (!v->done && !wait_on(&v->q, NO_DEADLINE, WAIT_KILLABLE))
		;
	if (!v->done)
		child->vfork = NULL;
}

/* Everything that can fail; on success T is ready but nobody knows it. */
static int
build(const struct clone_args *a, struct thread **out)
{
	struct thread *t;
	int err = thread_new(child_start, NULL, &t);

	if (err)
		return err;
	copy_thread(t, a->flags);
	err = copy_files(t, a->flags);
	if (!err)
		err = copy_vm(t, a->flags);
	if (!err && !(a->flags & CLONE_THREAD))
		err = copy_process(t, a->flags);
	if (err) {
		discard(t);
		return err;
	}
	if (a->stack)
		t->regs->rsp = a->stack + a->stack_size;
	if (a->flags & CLONE_SETTLS)
		t->fs_base = a->tls;
	if (a->flags & CLONE_CHILD_SETTID)
		t->set_child_tid = a->child_tid;
	if (a->flags & CLONE_CHILD_CLEARTID)
		t->clear_child_tid = a->child_tid;
	t->exit_signal = (int)a->exit_signal;
	*out = t;
	return 0;
}

static enum ks_clone
clone_kind(const struct clone_args *a)
{
	if (a->flags & CLONE_VFORK)
		return KS_VFORK;
	return a->exit_signal == SIGCHLD ? KS_FORK : KS_CLONE;
}

/* T and its process are complete: let them be seen, and run. */
static void
launch(struct thread *t, const struct clone_args *a)
{
	thread_publish(t);
	if (a->flags & CLONE_THREAD)
		join_process(t);
	else
		adopt(t->process, a->flags);
	if (a->flags & CLONE_PARENT_SETTID)
		user_store32(a->parent_tid, (uint32_t)t->tid);
	if (!(a->flags & CLONE_UNTRACED))
		ks_on_clone(&current->trace, &t->trace, clone_kind(a),
			    a->flags & CLONE_PTRACE);
	thread_make_runnable(t);
	if (!(a->flags & CLONE_UNTRACED))
		ks_on_cloned(&current->trace);
}

static long
do_clone(const struct clone_args *a)
{
	struct vfork_wait v = {.done = false};
	struct thread *t;
	int err = check_flags(a), tid;

	if (!err)
		err = check_limit();
	if (!err && (a->flags & CLONE_SETTLS) && a->tls >= USER_END)
		err = -EPERM;
	/* fork is restarted after signals, so that none can be lost. */
	if (!err && signal_pending())
		err = -ERESTARTNOINTR;
	if (!err)
		err = build(a, &t);
	if (err)
		return err;
	tid = t->tid;
	thread_get(t);
	if (a->flags & CLONE_VFORK) {
		waitq_init(&v.q);
		t->vfork = &v;
	}
	launch(t, a);
	if (a->flags & CLONE_VFORK) {
		wait_vfork(t, &v);
		if (!signal_fatal_pending(current))
			ks_on_vfork_done(&current->trace, tid);
	}
	thread_put(t);
	return tid;
}

long
sys_clone(uint64_t flags, uint64_t stack, uint64_t ptid, uint64_t ctid,
	  uint64_t tls)
{
	struct clone_args a = {
	    .flags = (uint32_t)flags & ~(uint64_t)CSIGNAL,
	    .exit_signal = flags & CSIGNAL,
	    .stack = stack,
	    .parent_tid = ptid,
	    .child_tid = ctid,
	    .tls = tls,
	};

	return do_clone(&a);
}

long
sys_fork(void)
{
	struct clone_args a = {.exit_signal = SIGCHLD};

	return do_clone(&a);
}

long
sys_vfork(void)
{
	struct clone_args a = {
	    .flags = CLONE_VFORK | CLONE_VM,
	    .exit_signal = SIGCHLD,
	};

	return do_clone(&a);
}

/* Bytes of a longer structure than ours must be zero. */
static int
clone_args_in(struct clone_args *a, uint64_t ua, uint64_t size)
{
	unsigned char byte;
	uint64_t i;

	if (size < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	if (size > 4096)
		return -E2BIG;
	memset(a, 0, sizeof(*a));
	for (i = sizeof(*a); i < size; i++) {
		if (copy_in(&byte, ua + i, 1))
			return -EFAULT;
		if (byte)
			return -E2BIG;
	}
	return copy_in(a, ua, size < sizeof(*a) ? size : sizeof(*a));
}

long
sys_clone3(uint64_t ua, uint64_t size)
{
	struct clone_args a;
	int err = clone_args_in(&a, ua, size);

	if (err)
		return err;
	if ((a.flags & (CLONE_DETACHED | CSIGNAL)) || a.set_tid_size ||
	    a.set_tid || a.exit_signal > NSIG)
		return -EINVAL;
	if ((a.flags & (CLONE_THREAD | CLONE_PARENT)) && a.exit_signal)
		return -EINVAL;
	if (!a.stack != !a.stack_size)
		return -EINVAL;
	return do_clone(&a);
}

long
sys_set_tid_address(uint64_t ua)
{
	current->clear_child_tid = ua;
	return current->tid;
}

int
kthread_create(const char *name, void (*fn)(void *arg), void *arg,
	       struct thread **out)
{
	struct thread *t;
	int err = thread_new(fn, arg, &t);

	if (err)
		return err;
	copy_thread(t, CLONE_VM);
	memset(t->regs, 0, sizeof(*t->regs));
	strlcpy(t->comm, name, sizeof(t->comm));
	err = copy_files(t, 0);
	if (!err)
		err = copy_process(t, 0);
	if (err) {
		discard(t);
		return err;
	}
	t->kernel = true;
	t->exit_signal = SIGCHLD;
	thread_publish(t);
	adopt(t->process, 0);
	thread_make_runnable(t);
	if (out)
		*out = t;
	return 0;
}
