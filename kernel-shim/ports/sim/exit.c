/* SPDX-License-Identifier: MIT */
/* The ends of threads and processes. */
#include "sim_int.h"

/* Every thread of P is to end; wait will tell STATUS. */
void
sim_group_exit(struct sim_proc *p, int status)
{
	if (!p->dying) {
		p->dying = true;
		p->status = status;
	}
	p->group_stop = 0;
	for (struct sim_thread *t = p->threads; t; t = t->next) {
		if (t->dead)
			continue;
		t->killed = true;
		ks_on_kill(&t->kt);
		sim_ready(t);
	}
}

/* P's children have no parent any more; dead ones go. */
static void
orphan(struct sim_proc *p)
{
	while (p->children) {
		struct sim_proc *c = p->children;

		p->children = c->sibling;
		c->parent = NULL;
		c->sibling = NULL;
		if (c->zombie)
			sim_thread_reap(c->leader);
	}
}

/*
 * Nobody holds P's dead leader any more: tell the parent, or reap it. TOLD, the
 * tracer, has had its SIGCHLD.
 */
static void
report_death(struct sim_proc *p, struct sim_proc *told)
{
	struct sim_proc *parent = p->parent;
	const struct sim_action *a;
	int code = p->status & 0x7f ? CLD_KILLED_ : CLD_EXITED_;

	if (!parent || parent->zombie) {
		sim_thread_reap(p->leader);
		return;
	}
	a = &parent->action[S_CHLD];
	if (p->exit_signal == S_CHLD &&
	    (a->handler == 1 || (a->flags & SIM_SA_NOCLDWAIT))) {
		sim_thread_reap(p->leader);
	} else {
		p->zombie = true;
		if (p->exit_signal && parent != told)
			sim_notify(parent, p->leader, code,
				   code == CLD_EXITED_ ? p->status >> 8
						       : p->status & 0x7f);
	}
	ks_on_child(&parent->tracer);
	sim_proc_wake(parent);
}

/*
 * A dead leader is heard of when all other threads of P have been reaped: then
 * say so to its tracer, and to the parent unless that one has to wait.
 */
static void
bury_leader(struct sim_proc *p)
{
	struct sim_thread *leader = p->leader;

	if (!leader || !leader->dead || p->buried || p->threads != leader ||
	    leader->next)
		return;
	p->buried = true;
	ks_on_death(&leader->kt, p->status);
	if (!ks_holds(&leader->kt))
		report_death(p, NULL);
}

/* T is dead and its tracer, if it had one, TOLD, has let it go. */
void
sim_released(struct sim_thread *t, struct sim_proc *told)
{
	struct sim_proc *p = t->proc;

	if (t->reaped || p->zombie)
		return;
	if (t != p->leader) {
		sim_proc_get(p);
		sim_thread_reap(t);
		bury_leader(p);
		sim_proc_put(p);
	} else if (p->buried) {
		report_death(p, told);
	}
}

/* The last thread of P is ending. */
static void
end_process(struct sim_proc *p)
{
	ks_on_tracer_exit(&p->tracer);
	sim_files_free(p);
	orphan(p);
	sim_queue_free(p->s, &p->queue);
}

/* Take T out of its process, which may end with it. */
static void
finish(struct sim_thread *t)
{
	struct sim_proc *p = t->proc;
	struct sim_thread *leader = p->leader;

	sim_thread_get(t);
	sim_proc_get(p);
	sim_job_leave(t);
	sim_mm_release(t);
	if (p->alive == 1)
		end_process(p);
	p->alive--;
	t->dead = true;
	t->sleep = SIM_GONE;
	sim_queue_free(t->s, &t->queue);
	if (p->execer)
		sim_ready(p->execer);
	if (!p->alive && !p->dying)
		p->status = leader->status;
	if (t == leader) {
		bury_leader(p);
	} else {
		ks_on_death(&t->kt, t->status);
		if (!ks_holds(&t->kt))
			sim_released(t, NULL);
	}
	sim_proc_put(p);
	sim_thread_put(t);
}

/* The current thread T ends. The caller returns to the top after that. */
void
sim_thread_exit(struct sim_thread *t, int status)
{
	t->killed = false;
	t->status = status;
	if (ks_traced(&t->kt))
		ks_on_exit(&t->kt, status);
	finish(t);
}

void
sim_exit(struct sim_thread *self, int status)
{
	self->status = status;
	finish(self);
}
