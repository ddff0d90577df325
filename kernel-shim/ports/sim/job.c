/* SPDX-License-Identifier: MIT */
/* Job control: group stops, and SIGCHLD about them. */
#include "sim_int.h"

/* Send TO a SIGCHLD about ABOUT, unless it does not want such. */
void
sim_notify(struct sim_proc *to, struct sim_thread *about, int code, int status)
{
	struct sim_action *a = &to->action[S_CHLD];
	struct proc_siginfo info = {.signo = S_CHLD, .code = code};

	sim_proc_wake(to);
	if (!to->leader || a->handler == 1)
		return;
	if ((a->flags & SIM_SA_NOCLDSTOP) && code >= CLD_TRAPPED_)
		return;
	info.u.from.pid = about->tid;
	info.u.from.uid = about->proc->cred.uid;
	info.u.from.u.status = status;
	sim_send(to->leader, &info, true);
}

/* All threads of P have taken part in the stop. */
static void
report_stop(struct sim_proc *p)
{
	p->stopped = true;
	p->stop_report = true;
	p->cont_report = false;
	if (!p->parent)
		return;
	sim_notify(p->parent, p->leader, CLD_STOPPED_, p->group_stop);
	ks_on_child(&p->parent->tracer);
}

static void
take_part(struct sim_thread *t)
{
	struct sim_proc *p = t->proc;

	if (!t->stop_pending)
		return;
	t->stop_pending = false;
	if (--p->stopping == 0 && p->group_stop)
		report_stop(p);
}

/* SIGCONT was sent to P: the stop ends. */
static void
go_on(struct sim_proc *p)
{
	bool was_stopped = p->stopped;

	p->group_stop = 0;
	p->stopping = 0;
	p->stopped = false;
	p->stop_report = false;
	for (struct sim_thread *t = p->threads; t; t = t->next) {
		t->stop_pending = false;
		t->stop_dequeued = false;
		t->in_stop = false;
		if (t->dead)
			continue;
		if (ks_traced(&t->kt))
			ks_on_group_change(&t->kt);
		if (t->sleep == SIM_JOB)
			sim_ready(t);
	}
	if (!was_stopped || !p->parent)
		return;
	p->cont_report = true;
	sim_notify(p->parent, p->leader, CLD_CONTINUED_, S_CONT);
	ks_on_child(&p->parent->tracer);
}

void
sim_job_signal(struct sim_proc *p, int sig)
{
	if (sig == S_CONT)
		go_on(p);
}

/* T has taken the stop signal SIG: all of its process stop. */
void
sim_job_stop(struct sim_thread *t, int sig)
{
	struct sim_proc *p = t->proc;

	if (!t->stop_dequeued || p->dying)
		return;
	if (!p->group_stop)
		p->group_stop = sig;
	for (struct sim_thread *o = p->threads; o; o = o->next) {
		if (o->dead || o->stop_pending || o->in_stop)
			continue;
		o->stop_pending = true;
		p->stopping++;
		if (ks_traced(&o->kt))
			ks_on_group_change(&o->kt);
		if (o->sleep == SIM_INTR)
			sim_ready(o);
	}
}

/*
 * The current thread T takes part in the stop in force. It comes back when that
 * is over, and also when it has been kicked, then to join in again.
 */
void
sim_job_join(struct sim_thread *t)
{
	int sig = t->proc->group_stop;

	take_part(t);
	t->in_stop = !(ks_traced(&t->kt) && ks_on_group_stop(&t->kt, sig));
	while (t->in_stop && t->proc->group_stop && !t->kick && !t->killed)
		sim_block(t, SIM_JOB);
	t->in_stop = t->in_stop && t->proc->group_stop;
}

/* T ends: the stop need not wait for it. */
void
sim_job_leave(struct sim_thread *t)
{
	take_part(t);
}
