/* SPDX-License-Identifier: MIT */
/*
 * What execve() does to threads: the others die, and the one that called it
 * becomes the leader.
 */
#include "errno.h"
#include "file.h"
#include "fpu.h"
#include "futex.h"
#include "mem.h"
#include "sched.h"
#include "string.h"
#include "thread.h"
#include "user.h"
#include "vm.h"

/* True if the current thread is all that is left, but for a dead leader. */
static bool
is_alone(struct process *p)
{
	struct thread *t;

	list_each(t, &p->threads, link)
	{
		if (t == current)
			continue;
		if (t != p->leader || t->state != THREAD_ZOMBIE)
			return false;
	}
	return true;
}

static void
become_leader(struct process *p)
{
	struct thread *old = p->leader;
	struct process *c;
	struct usage u;

	current->former_tid = current->tid;
	if (old == current)
		return;
	thread_swap_tids(current, old);
	ks_on_exec_leader(&current->trace, &old->trace);
	thread_unhash(old);
	thread_usage(old, &u);
	usage_add(&p->dead_threads, &u);
	list_del(&old->link);
	current->start_ns = old->start_ns;
	p->leader = thread_get(current);
	list_each(c, &p->children, sibling) if (c->parent_thread == old)
	    c->parent_thread = current;
	old->state = THREAD_DEAD;
	thread_put(old);
}

static int
unshare_sighand(struct process *p)
{
	struct sighand *h;

	if (p->sighand->refs == 1)
		return 0;
	h = kmalloc(sizeof(*h));
	if (!h)
		return -ENOMEM;
	memcpy(h, p->sighand, sizeof(*h));
	h->refs = 1;
	p->sighand->refs--;
	p->sighand = h;
	return 0;
}

int
exec_alone(void)
{
	struct process *p = current->process;
	int err;

	if ((p->flags & PROCESS_GROUP_EXIT) || p->exec_thread)
		return -EAGAIN;
	err = unshare_sighand(p);
	if (err)
		return err;
	p->exec_thread = current;
	signal_kill_others(p);
	while (!is_alone(p) && !err)
		err = wait_sleep(NO_DEADLINE, WAIT_KILLABLE);
	p->exec_thread = NULL;
	if (err)
		return -EAGAIN;
	become_leader(p);
	current->exit_signal = SIGCHLD;
	return 0;
}

static void
release_vfork_parent(void)
{
	struct vfork_wait *v = current->vfork;

	if (!v)
		return;
	current->vfork = NULL;
	v->done = true;
	wake_all(&v->q);
}

/* Tell user mode that this thread is gone from its address space. */
static void
leave_vm(struct vm *vm)
{
	struct process *p = current->process;

	futex_exit_robust();
	if (current->clear_child_tid) {
		if (vm->users > 1) {
			user_store32(current->clear_child_tid, 0);
			futex_wake_addr(current->clear_child_tid, 1);
		}
		current->clear_child_tid = 0;
	}
	if (vm->peak_present * 4 > p->dead_threads.maxrss_kb)
		p->dead_threads.maxrss_kb = vm->peak_present * 4;
}

void
exec_set_vm(struct vm *vm)
{
	struct vm *old = current->vm;

	if (old)
		leave_vm(old);
	current->vm = vm;
	vm_switch(vm);
	release_vfork_parent();
	if (old)
		vm_put(old);
}

void
exec_reset(const char *name, bool hidden)
{
	struct thread *t = current;
	uint64_t caps = t->cred.cap_permitted;

	strlcpy(t->comm, name, sizeof(t->comm));
	t->kernel = false;
	t->process->has_execed = true;
	signal_exec();
	ptimers_delete(t->process);
	fpu_fresh(t->fpu);
	thread_fpu_changed(t);
	thread_set_bases(t, 0, 0);
	memset(&t->debug, 0, sizeof(t->debug));
	t->debug.dr6 = KS_DR6_INIT;
	debug_load(t);
	t->step = false;
	t->robust = (struct robust){0, 0};
	t->rseq = (struct rseq){0};
	t->work &= ~(unsigned)(WORK_RSEQ | WORK_DISPATCH);
	t->set_child_tid = 0;
	t->pdeath_signal = 0;
	cred_exec(&t->cred);
	t->process->dumpable = !hidden && t->cred.ruid == t->cred.euid &&
			       t->cred.rgid == t->cred.egid &&
			       !(t->cred.cap_permitted & ~caps);
	memset(t->regs, 0, sizeof(*t->regs));
	t->regs->orig_rax = ~0ULL;
}

void
exec_done(void)
{
	/* Not yet the result of execve(), but what Linux shows. */
	current->regs->rax = (uint64_t)-ENOSYS;
	if (!signal_fatal_pending(current))
		ks_on_exec(&current->trace, current->former_tid);
}
