/* SPDX-License-Identifier: MIT */
#include "flock.h"

#include "cpu.h"
#include "errno.h"
#include "file.h"
#include "list.h"
#include "mem.h"
#include "thread.h"
#include "waitq.h"

#define END ((uint64_t)INT64_MAX)

/* Whose a lock is; the kinds do not see each other's flocks. */
enum kind { FLOCK, POSIX };

struct lock {
	struct list link;
	enum kind kind;
	const void *owner; /* the file; or of POSIX the descriptor table */
	int32_t pid;
	int16_t type;	     /* F_RDLCK, F_WRLCK */
	uint64_t start, end; /* [start, end] */
};

struct file_locks {
	struct list locks; /* by start within one owner */
	struct waitq released;
};

static struct file_locks *
locks_of(struct inode *ino)
{
	struct file_locks *l = ino->locks;

	if (l)
		return l;
	l = kzalloc(sizeof(*l));
	if (!l)
		return NULL;
	list_init(&l->locks);
	waitq_init(&l->released);
	ino->locks = l;
	return l;
}

void
file_locks_free(struct inode *ino)
{
	kfree(ino->locks);
}

static bool
overlap(const struct lock *a, const struct lock *b)
{
	return a->kind == b->kind && a->start <= b->end && b->start <= a->end;
}

static struct lock *
conflict(struct file_locks *l, const struct lock *want)
{
	struct lock *o;

	list_each(o, &l->locks, link)
	{
		if (overlap(o, want) && o->owner != want->owner &&
		    (o->type == F_WRLCK || want->type == F_WRLCK))
			return o;
	}
	return NULL;
}

static int
add(struct file_locks *l, const struct lock *model)
{
	struct lock *n = kmalloc(sizeof(*n));

	if (!n)
		return -ENOLCK;
	*n = *model;
	list_init(&n->link);
	list_add_tail(&l->locks, &n->link);
	return 0;
}

/* Take the range of CUT from what its owner has. */
static int
remove_range(struct file_locks *l, const struct lock *cut)
{
	struct lock *o, *tmp, rest;
	int err;

	list_each_safe(o, tmp, &l->locks, link)
	{
		if (o->owner != cut->owner || !overlap(o, cut))
			continue;
		if (o->start < cut->start && o->end > cut->end) {
			rest = *o;
			rest.start = cut->end + 1;
			err = add(l, &rest);
			if (err)
				return err;
		}
		if (o->start < cut->start) {
			o->end = cut->start - 1;
		} else if (o->end > cut->end) {
			o->start = cut->end + 1;
		} else {
			list_del(&o->link);
			kfree(o);
		}
	}
	wake_all(&l->released);
	return 0;
}

static int
set_lock(struct inode *ino, const struct lock *want, bool wait)
{
	struct file_locks *l = locks_of(ino);
	int err;

	if (!l)
		return -ENOLCK;
	while (want->type != F_UNLCK && conflict(l, want)) {
		if (!wait)
			return -EAGAIN;
		err = wait_on(&l->released, NO_DEADLINE, WAIT_INTERRUPTIBLE);
		if (err)
			return err;
	}
	err = remove_range(l, want);
	if (!err && want->type != F_UNLCK)
		err = add(l, want);
	return err;
}

static void
remove_owner(struct inode *ino, enum kind kind, const void *owner)
{
	struct lock all = {.kind = kind, .owner = owner, .end = END};

	if (ino->locks)
		remove_range(ino->locks, &all);
}

void
file_locks_release(struct file *f)
{
	remove_owner(f->inode, FLOCK, f);
	remove_owner(f->inode, POSIX, f);
}

void
file_locks_close(struct file *f, struct fdtable *t)
{
	remove_owner(f->inode, POSIX, t);
}

long
file_flock(struct file *f, unsigned op)
{
	struct lock want = {.kind = FLOCK, .owner = f, .end = END};

	switch (op & ~(unsigned)LOCK_NB) {
	case LOCK_SH:
		want.type = F_RDLCK;
		break;
	case LOCK_EX:
		want.type = F_WRLCK;
		break;
	case LOCK_UN:
		want.type = F_UNLCK;
		break;
	default:
		return -EINVAL;
	}
	return set_lock(f->inode, &want, !(op & LOCK_NB));
}

/* The range of FL, in absolute terms. */
static int
range_of(struct file *f, const struct linux_flock *fl, struct lock *out)
{
	int64_t start = fl->start, end;

	if (fl->whence == SEEK_CUR)
		start += (int64_t)f->pos;
	else if (fl->whence == SEEK_END)
		start += (int64_t)f->inode->size;
	else if (fl->whence != SEEK_SET)
		return -EINVAL;
	end = fl->len > 0 ? start + fl->len - 1 : (int64_t)END;
	if (fl->len < 0) {
		end = start - 1;
		start += fl->len;
	}
	if (start < 0)
		return -EINVAL;
	if (end < start)
		return -EOVERFLOW;
	out->start = (uint64_t)start;
	out->end = (uint64_t)end;
	return 0;
}

static void
describe(const struct lock *l, struct linux_flock *fl)
{
	fl->type = l->type;
	fl->whence = SEEK_SET;
	fl->start = (int64_t)l->start;
	fl->len = l->end == END ? 0 : (int64_t)(l->end - l->start + 1);
	fl->pid = l->pid;
}

long
file_fcntl_lock(struct file *f, unsigned cmd, struct linux_flock *fl)
{
	bool ofd = cmd >= F_OFD_GETLK;
	struct lock want = {.kind = POSIX, .type = fl->type};
	struct lock *other = NULL;
	int err;

	if (fl->type != F_RDLCK && fl->type != F_WRLCK && fl->type != F_UNLCK)
		return -EINVAL;
	if (ofd && fl->pid)
		return -EINVAL;
	err = range_of(f, fl, &want);
	if (err)
		return err;
	want.owner = ofd ? (const void *)f : current->files;
	want.pid = ofd ? -1 : current->process->pid;
	if (cmd == F_GETLK || cmd == F_OFD_GETLK) {
		if (f->inode->locks)
			other = conflict(f->inode->locks, &want);
		if (other)
			describe(other, fl);
		else
			fl->type = F_UNLCK;
		return 0;
	}
	if ((fl->type == F_RDLCK && !file_readable(f)) ||
	    (fl->type == F_WRLCK && !file_writable(f)))
		return -EBADF;
	return set_lock(f->inode, &want,
			cmd == F_SETLKW || cmd == F_OFD_SETLKW);
}
