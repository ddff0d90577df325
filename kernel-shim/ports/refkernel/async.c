/* SPDX-License-Identifier: MIT */
/*
 * A file with O_ASYNC waits in its own queues, like an item of an epoll set.
 * The first queue is the one of input, if the file can be read; of files that
 * can be read and written only input is told.
 */
#include "async.h"

#include "cpu.h"
#include "errno.h"
#include "file.h"
#include "mem.h"
#include "poll.h"
#include "signal.h"
#include "thread.h"
#include "user.h"

#define F_OWNER_TID  0
#define F_OWNER_PID  1
#define F_OWNER_PGRP 2

#define POLL_IN	 1 /* si_code */
#define POLL_OUT 2

struct async {
	struct waiter waiter;
	struct file *file;
	int fd; /* where it was turned on */
	bool entered;
};

/* Enters a file in the first of its queues. */
struct async_table {
	struct poll_table pt;
	struct async *async;
};

/* ---- sending ---- */

static bool
may_tell(const struct file_owner *o, const struct cred *c)
{
	return !o->euid || o->euid == c->suid || o->euid == c->ruid ||
	       o->uid == c->suid || o->uid == c->ruid;
}

struct notice {
	const struct file_owner *owner;
	struct siginfo info;
};

static int
tell_process(struct process *p, void *arg)
{
	struct notice *n = arg;

	if (may_tell(n->owner, &p->leader->cred))
		signal_send_process(p, &n->info);
	return 0;
}

static void
tell_owner(struct notice *n)
{
	int32_t pid = n->owner->pid;
	struct process *p;
	struct thread *t;

	switch (n->owner->type) {
	case F_OWNER_TID:
		t = thread_find(pid);
		if (t && may_tell(n->owner, &t->cred))
			signal_send_thread(t, &n->info);
		break;
	case F_OWNER_PID:
		p = process_find(pid);
		if (p)
			tell_process(p, n);
		break;
	default:
		pgrp_each(pid, tell_process, n);
		break;
	}
}

static void
on_wake(struct waiter *w)
{
	struct async *a = (struct async *)w;
	struct file *f = a->file;
	bool in = file_readable(f);
	unsigned want = in ? POLLIN | POLLRDNORM : POLLOUT | POLLWRNORM;
	struct notice n = {.owner = &f->owner};

	if (!f->owner.pid || !(file_poll(f, NULL) & (want | POLLHUP | POLLERR)))
		return;
	n.info.si_signo = SIGIO;
	n.info.si_code = SI_KERNEL;
	if (f->owner.sig) {
		n.info.si_signo = f->owner.sig;
		n.info.si_code = in ? POLL_IN : POLL_OUT;
		n.info.si_band = in ? want : want | POLLWRBAND;
		n.info.si_fd = a->fd;
	}
	tell_owner(&n);
}

/* ---- owners ---- */

static struct file_owner
owner_of(int32_t type, int32_t pid)
{
	return (struct file_owner){
	    .type = type,
	    .pid = pid,
	    .uid = current->cred.ruid,
	    .euid = current->cred.euid,
	};
}

/* PID as F_SETOWN has it: negative for a group. */
static struct file_owner
owner_by_sign(int32_t pid)
{
	return pid < 0 ? owner_of(F_OWNER_PGRP, -pid)
		       : owner_of(F_OWNER_PID, pid);
}

static bool
owner_exists(const struct file_owner *o)
{
	switch (o->type) {
	case F_OWNER_TID:
		return thread_find(o->pid) != NULL;
	case F_OWNER_PID:
		return process_find(o->pid) != NULL;
	default:
		return pgrp_exists(o->pid);
	}
}

/* The signal of F_SETSIG stays. */
static void
set_owner(struct file *f, struct file_owner owner)
{
	owner.sig = f->owner.sig;
	f->owner = owner;
}

static long
change_owner(struct file *f, struct file_owner owner)
{
	if (owner.pid && !owner_exists(&owner))
		return -ESRCH;
	set_owner(f, owner);
	return 0;
}

struct owner_ex {
	int32_t type, pid;
};

static long
set_owner_ex(struct file *f, uint64_t arg)
{
	struct owner_ex ex;

	if (copy_in(&ex, arg, sizeof(ex)))
		return -EFAULT;
	if (ex.type < F_OWNER_TID || ex.type > F_OWNER_PGRP)
		return -EINVAL;
	return change_owner(f, owner_of(ex.type, ex.pid));
}

long
async_fcntl(struct file *f, unsigned cmd, uint64_t arg)
{
	const struct file_owner *o = &f->owner;
	struct owner_ex ex = {o->type, owner_exists(o) ? o->pid : 0};
	int32_t pid = (int32_t)arg;

	switch (cmd) {
	case F_SETOWN:
		if (pid == INT32_MIN)
			return -EINVAL;
		return change_owner(f, owner_by_sign(pid));
	case F_GETOWN:
		return ex.type == F_OWNER_PGRP ? -ex.pid : ex.pid;
	case F_SETOWN_EX:
		return set_owner_ex(f, arg);
	case F_GETOWN_EX:
		return copy_out(arg, &ex, sizeof(ex)) ? -EFAULT : 0;
	case F_SETSIG:
		if (arg > NSIG)
			return -EINVAL;
		f->owner.sig = (int32_t)arg;
		return 0;
	default:
		return f->owner.sig;
	}
}

/* ---- on and off ---- */

static void
enter(struct poll_table *pt, struct waitq *q)
{
	struct async *a = ((struct async_table *)pt)->async;

	if (!a->entered)
		waiter_add_fn(&a->waiter, q, on_wake);
	a->entered = true;
}

void
async_forget(struct file *f)
{
	if (!f->async)
		return;
	waiter_remove(&f->async->waiter);
	kfree(f->async);
	f->async = NULL;
	f->flags &= ~(unsigned)O_ASYNC;
}

int
async_set(struct file *f, int fd, bool on)
{
	struct async_table t = {.pt.enter = enter};

	if (!f->ops->async_owner)
		return -ENOTTY;
	if (!on)
		async_forget(f);
	if (!on || f->async)
		return 0;
	t.async = kzalloc(sizeof(*t.async));
	if (!t.async)
		return -ENOMEM;
	t.async->file = f;
	t.async->fd = fd;
	list_init(&t.async->waiter.link);
	f->async = t.async;
	f->flags |= O_ASYNC;
	if (!f->owner.pid)
		set_owner(f, owner_by_sign(f->ops->async_owner(f)));
	file_poll(f, &t.pt);
	return 0;
}

int32_t
async_nobody(struct file *f)
{
	(void)f;
	return 0;
}
