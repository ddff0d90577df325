/* SPDX-License-Identifier: MIT */
/* clone, fork and vfork; and how the first processes come to be. */
#include <stdlib.h>
#include <string.h>

#include "sim_int.h"

#define C_VM	   UINT64_C(0x100)
#define C_PTRACE   UINT64_C(0x2000)
#define C_VFORK	   UINT64_C(0x4000)
#define C_THREAD   UINT64_C(0x10000)
#define C_SETTLS   UINT64_C(0x80000)
#define C_UNTRACED UINT64_C(0x800000)

/* A new process for a child of T, as T's own is. */
static struct sim_proc *
child_process(struct sim_thread *t, uint64_t flags)
{
	struct sim_proc *from = t->proc;
	struct sim_proc *p = sim_proc_new(t->s, from);

	if (!p)
		return NULL;
	p->cred = from->cred;
	p->program = from->program;
	p->exit_signal = flags & 0xff;
	memcpy(p->action, from->action, sizeof(p->action));
	if (sim_files_copy(p, from)) {
		sim_proc_put(p);
		return NULL;
	}
	return p;
}

/* The new thread's memory and a host thread to run on. */
static int
give_body(struct sim_thread *t, struct sim_thread *child, uint64_t flags)
{
	if (flags & C_VM) {
		child->mm = t->mm;
		sim_mm_use(t->mm);
	} else {
		child->mm = sim_mm_fork(t->mm);
		if (!child->mm)
			return -ENOMEM;
	}
	return sim_thread_start(child);
}

static enum ks_clone
kind_of(uint64_t flags)
{
	if (flags & C_VFORK)
		return KS_VFORK;
	return (flags & 0xff) == S_CHLD ? KS_FORK : KS_CLONE;
}

static void
set_child_registers(struct sim_thread *child, uint64_t flags, uint64_t stack,
		    uint64_t tls)
{
	child->regs.rax = 0;
	if (stack)
		child->regs.rsp = stack;
	if (flags & C_SETTLS)
		child->regs.fs_base = tls;
}

/* Wait until the vfork child CHILD, which is held, does without our memory. */
static void
wait_vfork(struct sim_thread *t, struct sim_thread *child)
{
	while (!t->vfork_done && !t->killed)
		sim_block(t, SIM_KILL);
	if (!t->vfork_done)
		child->vfork_parent = NULL;
	else if (ks_traced(&t->kt))
		ks_on_vfork_done(&t->kt, child->tid);
}

int64_t
sim_clone(struct sim_thread *t, uint64_t flags, uint64_t stack, uint64_t tls)
{
	struct sim_proc *p = t->proc;
	struct sim_thread *child;
	int32_t tid;

	if ((flags & C_THREAD) && !(flags & C_VM))
		return -EINVAL;
	if (!(flags & C_THREAD)) {
		p = child_process(t, flags);
		if (!p)
			return -ENOMEM;
	}
	child = sim_thread_new(p, t);
	if (p != t->proc)
		sim_proc_put(p); /* the thread has one */
	if (!child)
		return -EAGAIN;
	if (give_body(t, child, flags)) {
		sim_thread_free(child);
		return -ENOMEM;
	}
	set_child_registers(child, flags, stack, tls);
	if (flags & C_VFORK) {
		child->vfork_parent = t;
		t->vfork_done = false;
	}
	sim_thread_publish(child);
	sim_thread_get(child);
	tid = child->tid;
	if (ks_traced(&t->kt) && !(flags & C_UNTRACED))
		ks_on_clone(&t->kt, &child->kt, kind_of(flags),
			    flags & C_PTRACE);
	sim_ready(child);
	if (ks_traced(&t->kt))
		ks_on_cloned(&t->kt);
	if (flags & C_VFORK)
		wait_vfork(t, child);
	sim_thread_put(child);
	return tid;
}

static void
set_ids(struct ks_cred *c, uint32_t uid)
{
	c->uid = c->euid = c->suid = c->fsuid = uid;
	c->gid = c->egid = c->sgid = c->fsgid = uid;
	c->cap_ptrace = uid == 0;
	c->caps_permitted = uid == 0 ? UINT64_MAX : 0;
	c->caps_effective = c->caps_permitted;
	c->may_suspend = uid == 0;
}

struct sim_thread *
sim_host(struct sim *s, struct sim_thread *parent, uint32_t uid)
{
	struct sim_proc *p = sim_proc_new(s, parent ? parent->proc : NULL);
	struct sim_thread *t;

	if (!p)
		return NULL;
	p->host = true;
	set_ids(&p->cred, uid);
	t = sim_thread_new(p, NULL);
	sim_proc_put(p);
	if (t)
		sim_thread_publish(t);
	return t;
}

int32_t
sim_spawn(struct sim *s, struct sim_thread *parent, const char *path,
	  uint32_t uid)
{
	struct sim_object *o = sim_object_find(s, path);
	struct sim_proc *p;
	struct sim_thread *t;
	int err;

	if (!o)
		return -ENOENT;
	p = sim_proc_new(s, parent ? parent->proc : NULL);
	if (!p)
		return -ENOMEM;
	set_ids(&p->cred, uid);
	t = sim_thread_new(p, NULL);
	sim_proc_put(p);
	if (!t)
		return -ENOMEM;
	err = sim_exec_program(t, o);
	if (!err)
		err = sim_thread_start(t);
	if (err) {
		sim_thread_free(t);
		return err;
	}
	sim_thread_publish(t);
	sim_ready(t);
	return t->tid;
}
