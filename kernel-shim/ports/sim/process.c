/* SPDX-License-Identifier: MIT */
/* Processes and threads: ids, references, making and reaping. */
#include <stdlib.h>
#include <string.h>

#include "sim_int.h"

#define DEFAULT_RFLAGS UINT64_C(0x202)

struct sim_proc *
sim_proc_new(struct sim *s, struct sim_proc *parent)
{
	struct sim_proc *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->s = s;
	p->refs = 1;
	p->exit_signal = S_CHLD;
	p->cred.dumpable = true;
	ks_tracer_init(&p->tracer, &s->m);
	p->parent = parent;
	if (parent) {
		p->sibling = parent->children;
		parent->children = p;
	}
	s->used.procs++;
	return p;
}

void
sim_proc_get(struct sim_proc *p)
{
	p->refs++;
}

/* Take P from among its parent's children. */
static void
unlink_child(struct sim_proc *p)
{
	struct sim_proc **at;

	if (!p->parent)
		return;
	at = &p->parent->children;
	while (*at != p)
		at = &(*at)->sibling;
	*at = p->sibling;
	p->parent = NULL;
}

void
sim_proc_put(struct sim_proc *p)
{
	if (--p->refs)
		return;
	unlink_child(p);
	sim_queue_free(p->s, &p->queue);
	sim_files_free(p);
	p->s->used.procs--;
	free(p);
}

/* An id that nobody has. */
static int32_t
new_tid(struct sim *s)
{
	do {
		if (++s->last_pid >= s->cfg.pid_max)
			s->last_pid = 2;
	} while (sim_find(s, s->last_pid));
	return s->last_pid;
}

/*
 * A thread of P, with the registers and masks of FROM (may be NULL). Nobody
 * can find it before sim_thread_publish().
 */
struct sim_thread *
sim_thread_new(struct sim_proc *p, struct sim_thread *from)
{
	struct sim *s = p->s;
	struct sim_thread *t;

	if (s->nthreads + 3 >= (unsigned)s->cfg.pid_max)
		return NULL;
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->fpu = calloc(1, s->layout.area_size);
	if (!t->fpu || sem_init(&t->baton, 0, 0)) {
		free(t->fpu);
		free(t);
		return NULL;
	}
	t->s = s;
	t->proc = p;
	t->refs = 1;
	t->seccomp_nr = -1;
	t->debug.dr6 = KS_DR6_INIT;
	if (from) {
		t->regs = from->regs;
		memcpy(t->fpu, from->fpu, s->layout.area_size);
		t->sigmask = from->sigmask;
		t->seccomp_nr = from->seccomp_nr;
		t->seccomp_data = from->seccomp_data;
	} else {
		struct ks_fpu fpu = {&s->layout, t->fpu};

		ks_fpu_reset(&fpu, s->cfg.fpu == SIM_FPU_COMPACT);
		t->regs.rflags = DEFAULT_RFLAGS;
		t->regs.cs = 0x33;
		t->regs.ss = 0x2b;
		t->regs.orig_rax = NO_SYSCALL;
	}
	ks_thread_init(&t->kt, &s->m);
	sim_proc_get(p);
	s->used.threads++;
	s->nthreads++;
	return t;
}

static void
thread_destroy(struct sim_thread *t)
{
	struct sim *s = t->s;

	sim_queue_free(s, &t->queue);
	sem_destroy(&t->baton);
	free(t->fpu);
	sim_proc_put(t->proc);
	s->used.threads--;
	s->nthreads--;
	free(t);
}

/* T, which never was published, is not wanted after all. */
void
sim_thread_free(struct sim_thread *t)
{
	if (t->mm)
		sim_mm_unuse(t->mm);
	thread_destroy(t);
}

void
sim_hash_add(struct sim_thread *t)
{
	struct sim_thread **at = &t->s->hash[t->tid % SIM_HASH];

	t->hash_next = *at;
	*at = t;
}

void
sim_hash_del(struct sim_thread *t)
{
	struct sim_thread **at = &t->s->hash[t->tid % SIM_HASH];

	while (*at != t)
		at = &(*at)->hash_next;
	*at = t->hash_next;
}

/* Give T its id and let it be found. It is the leader where P has none. */
void
sim_thread_publish(struct sim_thread *t)
{
	struct sim_proc *p = t->proc;

	t->tid = new_tid(t->s);
	if (!p->leader) {
		p->leader = t;
		p->tgid = t->tid;
	}
	t->next = p->threads;
	p->threads = t;
	p->alive++;
	sim_hash_add(t);
}

void
sim_thread_get(struct sim_thread *t)
{
	t->refs++;
}

void
sim_thread_put(struct sim_thread *t)
{
	if (--t->refs == 0)
		thread_destroy(t);
}

/* T is dead and nobody will ask for it again: its id is free. */
void
sim_thread_reap(struct sim_thread *t)
{
	struct sim_thread **at = &t->proc->threads;

	if (t->reaped)
		sim_bug("a thread is reaped twice");
	t->reaped = true;
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	sim_hash_del(t);
	if (t->proc->leader == t) {
		unlink_child(t->proc);
		t->proc->leader = NULL;
	} else if (t->proc->execer) {
		sim_ready(t->proc->execer);
	}
	sim_thread_put(t);
}

/* Let what sleeps in a system call of P look again. */
void
sim_proc_wake(struct sim_proc *p)
{
	for (struct sim_thread *t = p->threads; t; t = t->next)
		if (t->sleep == SIM_INTR)
			sim_ready(t);
}

struct sim_thread *
sim_find(struct sim *s, int32_t tid)
{
	struct sim_thread *t;

	if (tid <= 0)
		return NULL;
	t = s->hash[tid % SIM_HASH];
	while (t && t->tid != tid)
		t = t->hash_next;
	return t;
}
