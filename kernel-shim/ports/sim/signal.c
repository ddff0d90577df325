/* SPDX-License-Identifier: MIT */
/* Signals: sending and taking. */
#include <stdlib.h>
#include <string.h>

#include "sim_int.h"

#define STOP_SIGNALS                                                           \
	(SIG_BIT(S_STOP) | SIG_BIT(S_TSTP) | SIG_BIT(S_TTIN) | SIG_BIT(S_TTOU))
#define DEFAULT_IGNORED                                                        \
	(SIG_BIT(S_CHLD) | SIG_BIT(S_CONT) | SIG_BIT(S_URG) | SIG_BIT(S_WINCH))

static void
queue_add(struct sim *s, struct sim_sigq **q, const struct proc_siginfo *info)
{
	struct sim_sigq *n;

	/* An ordinary signal is pending once at most. */
	for (; *q; q = &(*q)->next)
		if ((*q)->info.signo == info->signo && info->signo < 32)
			return;
	n = malloc(sizeof(*n));
	if (!n)
		sim_bug("no host memory for a signal");
	n->next = NULL;
	n->info = *info;
	*q = n;
	s->used.signals++;
}

/* Take the first signal of SET out of *Q: its number or 0. */
static int
queue_take(struct sim *s, struct sim_sigq **q, uint64_t set,
	   struct proc_siginfo *out)
{
	for (; *q; q = &(*q)->next) {
		struct sim_sigq *n = *q;

		if (!(SIG_BIT(n->info.signo) & set))
			continue;
		*out = n->info;
		*q = n->next;
		free(n);
		s->used.signals--;
		return out->signo;
	}
	return 0;
}

void
sim_queue_free(struct sim *s, struct sim_sigq **q)
{
	struct proc_siginfo info;

	while (queue_take(s, q, UINT64_MAX, &info))
		;
}

static uint64_t
queue_set(const struct sim_sigq *q)
{
	uint64_t set = 0;

	for (; q; q = q->next)
		set |= SIG_BIT(q->info.signo);
	return set;
}

/* A signal, or the shim, wants T out of an interruptible sleep. */
bool
sim_signal_due(const struct sim_thread *t)
{
	uint64_t set = queue_set(t->queue) | queue_set(t->proc->queue);

	return t->killed || t->kick || t->stop_pending || (set & ~t->sigmask);
}

static bool
ignored(const struct sim_thread *t, int sig)
{
	uint64_t handler = t->proc->action[sig].handler;

	if (t->sigmask & SIG_BIT(sig) || (sig != S_KILL && ks_traced(&t->kt)))
		return false;
	return handler == 1 || (handler == 0 && SIG_BIT(sig) & DEFAULT_IGNORED);
}

/* A thread of P, T if it will do, that does not block SIG. */
static struct sim_thread *
choose(struct sim_thread *t, int sig)
{
	if (!(t->sigmask & SIG_BIT(sig)) && !t->dead)
		return t;
	for (struct sim_thread *o = t->proc->threads; o; o = o->next)
		if (!o->dead && !(o->sigmask & SIG_BIT(sig)))
			return o;
	return NULL;
}

/*
 * SIGCONT and the stop signals undo each other while they are pending, whatever
 * becomes of the signal itself.
 */
static void
undo_opposite(struct sim_proc *p, int sig)
{
	uint64_t set = 0;
	struct proc_siginfo info;

	if (sig == S_CONT)
		set = STOP_SIGNALS;
	else if (SIG_BIT(sig) & STOP_SIGNALS)
		set = SIG_BIT(S_CONT);
	if (!set)
		return;
	while (queue_take(p->s, &p->queue, set, &info))
		;
	for (struct sim_thread *t = p->threads; t; t = t->next)
		while (queue_take(p->s, &t->queue, set, &info))
			;
}

/* Send INFO to T, or with SHARED to its process. */
void
sim_send(struct sim_thread *t, const struct proc_siginfo *info, bool shared)
{
	struct sim_proc *p = t->proc;
	struct sim_thread *to;

	if (!p->alive)
		return;
	undo_opposite(p, info->signo);
	if (info->signo == S_CONT)
		sim_job_signal(p, info->signo);
	if (info->signo == S_KILL) {
		if (!p->host)
			sim_group_exit(p, S_KILL);
		return;
	}
	if ((!shared && t->dead) || ignored(t, info->signo))
		return;
	queue_add(t->s, shared ? &p->queue : &t->queue, info);
	to = shared ? choose(t, info->signo) : t;
	if (to && to->sleep == SIM_INTR && sim_signal_due(to))
		sim_ready(to);
}

/*
 * Send INFO, which an instruction of T has caused: it cannot be put off.
 */
void
sim_force(struct sim_thread *t, const struct proc_siginfo *info)
{
	struct sim_action *a = &t->proc->action[info->signo];
	bool blocked = t->sigmask & SIG_BIT(info->signo);

	if (blocked || a->handler == 1)
		a->handler = 0;
	t->sigmask &= ~SIG_BIT(info->signo);
	sim_send(t, info, false);
}

/* Take a signal that T does not block. Its number, 0 if there is none. */
int
sim_dequeue(struct sim_thread *t, struct proc_siginfo *out)
{
	uint64_t sync =
	    SIG_BIT(S_SEGV) | SIG_BIT(S_BUS) | SIG_BIT(S_ILL) | SIG_BIT(S_TRAP);
	int sig = queue_take(t->s, &t->queue, ~t->sigmask & sync, out);

	if (!sig)
		sig = queue_take(t->s, &t->queue, ~t->sigmask, out);
	if (!sig)
		sig = queue_take(t->s, &t->proc->queue, ~t->sigmask, out);
	if (sig && SIG_BIT(sig) & STOP_SIGNALS)
		t->stop_dequeued = true;
	return sig;
}

static bool
may_signal(const struct sim_thread *t, const struct sim_proc *p)
{
	const struct ks_cred *c = &t->proc->cred;

	return c->euid == 0 || c->euid == p->cred.uid ||
	       c->uid == p->cred.uid || c->euid == p->cred.suid;
}

static int64_t
kill_thread(struct sim_thread *t, struct sim_thread *to, int sig, int code,
	    bool shared)
{
	struct proc_siginfo info = {.signo = sig, .code = code};

	if (sig < 0 || sig > SIM_NSIG)
		return -EINVAL;
	if (!may_signal(t, to->proc))
		return -EPERM;
	info.u.from.pid = t->proc->tgid;
	info.u.from.uid = t->proc->cred.uid;
	if (sig)
		sim_send(to, &info, shared);
	return 0;
}

int64_t
sim_do_kill(struct sim_thread *t, int32_t pid, int sig)
{
	struct sim_thread *to = sim_find(t->s, pid);

	if (!to)
		return -ESRCH;
	return kill_thread(t, to->proc->leader, sig, 0, true);
}

int64_t
sim_do_tgkill(struct sim_thread *t, int32_t tgid, int32_t tid, int sig)
{
	struct sim_thread *to = sim_find(t->s, tid);

	if (!to || to->dead || (tgid && to->proc->tgid != tgid))
		return -ESRCH;
	return kill_thread(t, to, sig, -6, false);
}

bool
sim_caught(const struct sim_thread *t)
{
	return (queue_set(t->queue) | queue_set(t->proc->queue)) & ~t->sigmask;
}

int
sim_kill(struct sim_thread *self, int32_t pid, int sig)
{
	return sim_do_kill(self, pid, sig);
}

int
sim_tgkill(struct sim_thread *self, int32_t tgid, int32_t tid, int sig)
{
	return sim_do_tgkill(self, tgid, tid, sig);
}
