/* SPDX-License-Identifier: MIT */
/*
 * The end of threads and processes.
 *
 * A thread that is not the leader vanishes at its exit, unless its tracer
 * holds it. The leader stays as a zombie, of which the parent is told when
 * the last thread has gone and no tracer holds the leader.
 */
#include "calls_thread.h"
#include "errno.h"
#include "file.h"
#include "kprintf.h"
#include "seccomp.h"
#include "thread.h"
#include "tty.h"
#include "vm.h"
#include "yama.h"

static int
process_status(const struct process *p)
{
	if (p->flags & PROCESS_GROUP_EXIT)
		return p->group_exit_code;
	return p->leader->exit_code;
}

bool
process_is_zombie(const struct process *p)
{
	return (p->flags & PROCESS_DEAD) && !ks_holds(&p->leader->trace);
}

/* T is not the leader and nobody needs it any more. */
static void
release_thread(struct thread *t)
{
	struct process *p = t->process;
	struct usage u;

	thread_usage(t, &u);
	usage_add(&p->dead_threads, &u);
	t->state = THREAD_DEAD;
	list_del(&t->link);
	thread_unhash(t);
	if (p->exec_thread)
		thread_wake(p->exec_thread);
}

void
process_reap_zombie(struct process *p)
{
	struct usage u;

	process_usage(p, &u);
	usage_add(&u, &p->dead_children);
	if (p->parent)
		usage_add(&p->parent->dead_children, &u);
	p->leader->state = THREAD_DEAD;
	process_unhash(p);
}

/*
 * All of P's threads have ended and no tracer holds it: tell the parent, who
 * gets no signal if it is TOLD, the tracer that knows already.
 */
static void
report_death(struct process *p, const struct process *told)
{
	struct process *parent = p->parent;
	const struct sigaction *a;
	int status = process_status(p);
	int sig = p->leader->exit_signal;
	bool reap = false;

	if (parent && sig == SIGCHLD) {
		a = &parent->sighand->action[SIGCHLD - 1];
		reap = a->handler == SIG_IGN || (a->flags & SA_NOCLDWAIT);
		if (a->handler == SIG_IGN)
			sig = 0;
	}
	/* clone(2) takes any number; one that is no signal is not sent. */
	if (parent && sig > 0 && sig <= NSIG && parent != told)
		signal_child_exit(p, parent, sig, status);
	if (parent) {
		wake_all(&parent->child_wait);
		ks_on_child(&parent->tracer);
	}
	if (reap)
		process_reap_zombie(p);
}

static void
process_died(struct process *p)
{
	struct thread *leader = p->leader;

	p->flags |= PROCESS_DEAD;
	wake_all(&p->death_wait);
	ks_on_death(&leader->trace, process_status(p));
	if (!ks_holds(&leader->trace))
		report_death(p, NULL);
}

/*
 * True if all threads of P but the leader are gone and the leader has ended. A
 * thread that its tracer has not waited for is there still.
 */
static bool
all_ended(struct process *p)
{
	struct thread *t;

	list_each(t, &p->threads, link)
	{
		if (t != p->leader || t->state != THREAD_ZOMBIE)
			return false;
	}
	return true;
}

void
thread_unheld(struct thread *t, struct process *tracer)
{
	struct process *p = t->process;

	if (t == p->leader) {
		if (p->flags & PROCESS_DEAD)
			report_death(p, tracer);
		return;
	}
	release_thread(t);
	if (all_ended(p))
		process_died(p);
	thread_put(t);
}

/* P was adopted by its new parent; it may be dead already. */
static void
adopted(struct process *p)
{
	p->leader->exit_signal = SIGCHLD;
	if (process_is_zombie(p))
		report_death(p, NULL);
}

static struct process *
find_reaper(struct process *p)
{
	struct process *q;

	for (q = p->parent; q; q = q->parent)
		if (q->nthreads && (q->subreaper || !q->parent))
			return q;
	panic("init has exited");
}

static void
parent_thread_died(struct process *child, struct thread *t)
{
	struct thread *c;

	list_each(c, &child->threads,
		  link) if (c->pdeath_signal && child->parent_thread == t)
	    signal_user_thread(c, c->pdeath_signal);
}

/* The children of T, which exits, get another thread or process as parent. */
static void
reparent_children(struct thread *t)
{
	struct process *p = t->process, *c, *tmp, *reaper;
	struct thread *other;

	list_each_safe(c, tmp, &p->children, sibling) parent_thread_died(c, t);
	list_each(other, &p->threads, link) if (!other->exiting) break;
	if (&other->link != &p->threads) {
		list_each(c, &p->children, sibling) if (c->parent_thread == t)
		    c->parent_thread = other;
		return;
	}
	if (list_empty(&p->children))
		return;
	reaper = find_reaper(p);
	list_each_safe(c, tmp, &p->children, sibling)
	{
		int pgid = c->pgid;

		list_del(&c->sibling);
		list_add_tail(&reaper->children, &c->sibling);
		c->parent = reaper;
		c->parent_thread = reaper->leader;
		pgrp_maybe_orphaned(pgid, c, p);
		adopted(c);
	}
}

/* The last thread is about to end. */
static void
leave_process(struct process *p)
{
	itimers_cancel(p);
	ktimer_cancel(&p->cpu_timer);
	ptimers_delete(p);
	ks_on_tracer_exit(&p->tracer);
	yama_forget(p);
	if (p->sid == p->pid && p->tty)
		tty_session_end(p->tty, p->sid);
	if (p->tty)
		tty_put(p->tty);
	p->tty = NULL;
}

static void
leave_files(struct thread *t)
{
	struct fdtable *files = t->files;
	struct fs_state *fs = t->fs;

	t->files = NULL;
	t->fs = NULL;
	if (files)
		fdtable_put(files);
	if (fs)
		fs_state_put(fs);
}

static void
exit_notify(struct thread *t)
{
	struct process *p = t->process;

	reparent_children(t);
	if (p->nthreads == 0)
		pgrp_maybe_orphaned(p->pgid, p, p->parent);
	t->state = THREAD_ZOMBIE;
	if (t != p->leader) {
		ks_on_death(&t->trace, p->flags & PROCESS_GROUP_EXIT
					   ? p->group_exit_code
					   : t->exit_code);
		if (ks_holds(&t->trace))
			thread_get(t);
		else
			release_thread(t);
	}
	if (p->exec_thread)
		thread_wake(p->exec_thread);
	if (all_ended(p))
		process_died(p);
}

void
thread_exit(int status)
{
	struct thread *t = current;
	struct process *p = t->process;

	/* The last one to begin decides on the status of the process. */
	if (--p->quick_threads == 0 && !(p->flags & PROCESS_GROUP_EXIT)) {
		p->flags |= PROCESS_GROUP_EXIT;
		p->flags &= ~(PROCESS_STOPPED | PROCESS_CONTINUED);
		p->group_exit_code = status;
		p->group_stop_count = 0;
	}
	if (!signal_fatal_pending(t))
		ks_on_exit(&t->trace, status);
	t->exit_code = status;
	signal_exit(t);
	t->exiting = true;
	p->nthreads--;
	if (p->nthreads == 0)
		leave_process(p);
	exec_set_vm(NULL);
	leave_files(t);
	seccomp_exit(t);
	sigpending_flush(&t->pending);
	if (p->nthreads == 0)
		sigpending_flush(&p->pending);
	exit_notify(t);
	schedule();
	panic("a dead thread runs");
}

void
process_exit(int status)
{
	struct process *p = current->process;

	if (p->flags & PROCESS_GROUP_EXIT) {
		status = p->group_exit_code;
	} else if (p->exec_thread) {
		status = 0;
	} else {
		p->flags |= PROCESS_GROUP_EXIT;
		p->flags &= ~(PROCESS_STOPPED | PROCESS_CONTINUED);
		p->group_exit_code = status;
		signal_kill_others(p);
	}
	thread_exit(status);
}

long
sys_exit(int code)
{
	thread_exit((code & 0xff) << 8);
}

long
sys_exit_group(int code)
{
	process_exit((code & 0xff) << 8);
}
