/* SPDX-License-Identifier: MIT */
/* execve: new programs, and who is left after one. */
#include <stdlib.h>
#include <string.h>

#include "sim_int.h"

#define PATH_SIZE 64

/* The memory of a new process that executes O. */
static int
build_mm(struct sim_mm *mm, struct sim_object *o)
{
	uint64_t text = (o->p.text_len + KS_PAGE_MASK) & ~KS_PAGE_MASK;
	uint64_t data = (o->p.data_size + KS_PAGE_MASK) & ~KS_PAGE_MASK;
	int err = 0;

	if (text)
		err = sim_mm_add(mm, SIM_TEXT, SIM_TEXT + text,
				 KS_READ | KS_EXEC, o, 0, false);
	if (!err)
		err = sim_mm_add(mm, SIM_DATA, SIM_DATA + data,
				 KS_READ | KS_WRITE, o, 1, false);
	if (!err)
		err = sim_mm_add(mm, SIM_STACK - SIM_STACK_SIZE, SIM_STACK,
				 KS_READ | KS_WRITE, NULL, 0, false);
	return err;
}

static void
reset_registers(struct sim_thread *t, struct sim_object *o)
{
	struct ks_fpu fpu = {&t->s->layout, t->fpu};
	uint64_t orig_rax = t->regs.orig_rax;

	memset(&t->regs, 0, sizeof(t->regs));
	t->regs.rip = o->p.entry;
	t->regs.rsp = SIM_STACK - 16;
	t->regs.rflags = 0x202;
	t->regs.cs = 0x33;
	t->regs.ss = 0x2b;
	t->regs.orig_rax = orig_rax;
	ks_fpu_reset(&fpu, t->s->cfg.fpu == SIM_FPU_COMPACT);
	memset(&t->debug, 0, sizeof(t->debug));
	t->debug.dr6 = KS_DR6_INIT;
	t->hw_dr7 = 0;
}

static void
set_credentials(struct sim_thread *t, struct sim_object *o)
{
	struct ks_cred *c = &t->proc->cred;

	c->dumpable = !o->p.unreadable;
	if (o->p.set_uid && !ks_tracer_is_lesser(&t->kt)) {
		uint32_t uid = o->p.set_uid - 1;

		if (uid != c->uid)
			c->dumpable = false;
		c->euid = c->suid = c->fsuid = uid;
		c->cap_ptrace = uid == 0;
		c->caps_permitted = uid == 0 ? UINT64_MAX : 0;
		c->caps_effective = c->caps_permitted;
		c->may_suspend = uid == 0;
	}
}

/* T has done with its memory: it exits or executes another program. */
void
sim_mm_release(struct sim_thread *t)
{
	struct sim_thread *parent = t->vfork_parent;
	struct sim_mm *mm = t->mm;

	t->mm = NULL;
	if (mm)
		sim_mm_unuse(mm);
	if (parent) {
		t->vfork_parent = NULL;
		parent->vfork_done = true;
		sim_ready(parent);
	}
}

/* Let T, alone in its process, execute O. Nothing is changed if it fails. */
int
sim_exec_program(struct sim_thread *t, struct sim_object *o)
{
	struct sim_mm *mm = sim_mm_new(t->s);
	int err;

	if (!mm)
		return -ENOMEM;
	err = build_mm(mm, o);
	if (err) {
		sim_mm_unuse(mm);
		return err;
	}
	sim_mm_release(t);
	t->mm = mm;
	t->proc->program = o;
	reset_registers(t, o);
	set_credentials(t, o);
	for (int sig = 1; sig <= SIM_NSIG; sig++)
		if (t->proc->action[sig].handler > 1)
			t->proc->action[sig].handler = 0;
	return 0;
}

/* All others have been reaped; a leader that is not T is dead at least. */
static bool
alone(const struct sim_thread *t)
{
	for (struct sim_thread *o = t->proc->threads; o; o = o->next)
		if (o != t && !(o == t->proc->leader && o->dead))
			return false;
	return true;
}

/* End all other threads of T's process. -EINTR: T was killed meanwhile. */
static int
end_others(struct sim_thread *t)
{
	struct sim_proc *p = t->proc;

	if (p->execer || p->dying)
		return -EAGAIN;
	p->execer = t;
	for (struct sim_thread *o = p->threads; o; o = o->next)
		if (o != t && !o->dead) {
			o->killed = true;
			ks_on_kill(&o->kt);
			sim_ready(o);
		}
	while (!alone(t) && !t->killed)
		sim_block(t, SIM_KILL);
	p->execer = NULL;
	return t->killed ? -EINTR : 0;
}

/* T, the last thread, becomes the leader in place of the dead one. */
static void
become_leader(struct sim_thread *t)
{
	struct sim_proc *p = t->proc;
	struct sim_thread *old = p->leader, **at = &p->threads;

	sim_hash_del(t);
	sim_hash_del(old);
	ks_on_exec_leader(&t->kt, &old->kt);
	while (*at != old)
		at = &(*at)->next;
	*at = old->next;
	old->reaped = true;
	t->tid = old->tid;
	p->leader = t;
	sim_hash_add(t);
	sim_thread_put(old);
}

/* The path at VA in T's memory, as an object. */
static int
find_program(struct sim_thread *t, uint64_t va, struct sim_object **out)
{
	char path[PATH_SIZE];

	for (int i = 0; i < PATH_SIZE; i++) {
		if (sim_copy_in(t, path + i, va + i, 1))
			return -EFAULT;
		if (!path[i])
			break;
	}
	path[PATH_SIZE - 1] = 0;
	*out = sim_object_find(t->s, path);
	return *out ? 0 : -ENOENT;
}

int64_t
sim_execve(struct sim_thread *t, uint64_t path)
{
	struct sim_object *o;
	int32_t former = t->tid;
	int err = find_program(t, path, &o);

	if (err)
		return err;
	err = end_others(t);
	if (err)
		return err;
	if (t->proc->leader != t)
		become_leader(t);
	err = sim_exec_program(t, o);
	if (err) {
		sim_group_exit(t->proc, S_KILL);
		return err;
	}
	t->regs.rax = 0;
	ks_on_exec(&t->kt, former);
	return 0;
}
