/* SPDX-License-Identifier: MIT */
/* Pseudo-terminals: a master is the line of its slave. */
#include "tty.h"

#include "cpu.h"
#include "dev.h"
#include "errno.h"
#include "file.h"
#include "filemap.h"
#include "kprintf.h"
#include "mem.h"
#include "poll.h"
#include "string.h"
#include "termios.h"
#include "thread.h"
#include "user.h"

#define PTMX_RDEV MAKEDEV(5, 2)
#define PTS_MAJOR 136
#define MAX_PTYS  64
#define OUT_SIZE  8192u

struct pty {
	unsigned number;
	bool locked;
	bool opened; /* a slave was, once */
	struct tty *tty;
	uint32_t uid, gid;     /* of the slave's node */
	uint8_t out[OUT_SIZE]; /* from the slave: [tail, head) */
	uint32_t head, tail;
	struct waitq readable, writable; /* of the master */
};

/* By number. The master's reference to the slave's tty keeps an entry. */
static struct pty *ptys[MAX_PTYS];

/* ---- the slave's line ---- */

static size_t
line_send(struct tty *t, const uint8_t *s, size_t n)
{
	struct pty *p = t->priv;
	size_t room = OUT_SIZE - (p->head - p->tail);

	if (n > room)
		n = room;
	for (size_t i = 0; i < n; i++)
		p->out[p->head++ % OUT_SIZE] = s[i];
	if (n)
		wake_all(&p->readable);
	return n;
}

static void
line_unthrottle(struct tty *t)
{
	struct pty *p = t->priv;

	wake_all(&p->writable);
}

static void
line_closed(struct tty *t)
{
	struct pty *p = t->priv;

	wake_all(&p->readable);
}

static void
line_release(struct tty *t)
{
	kfree(t->priv);
}

static const struct tty_line pty_line = {
    .send = line_send,
    .unthrottle = line_unthrottle,
    .closed = line_closed,
    .release = line_release,
};

/* ---- the master ---- */

static bool
slave_gone(const struct pty *p)
{
	return p->opened && !p->tty->opens;
}

static int64_t
master_read(struct file *f, struct uio *io, uint64_t *pos)
{
	struct pty *p = f->priv;
	size_t before = io->left;
	int err = 0;

	(void)pos;
	if (!io->left)
		return 0;
	while (p->head == p->tail) {
		if (slave_gone(p))
			return -EIO;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_on(&p->readable, NO_DEADLINE, WAIT_INTERRUPTIBLE);
		if (err)
			return err;
	}
	while (p->head != p->tail && io->left && !err) {
		size_t at = p->tail % OUT_SIZE, n = OUT_SIZE - at;

		if (n > p->head - p->tail)
			n = p->head - p->tail;
		if (n > io->left)
			n = io->left;
		err = uio_put(io, p->out + at, n);
		if (!err)
			p->tail += (uint32_t)n;
	}
	tty_sent(p->tty);
	return before != io->left ? (int64_t)(before - io->left) : err;
}

static int64_t
master_write(struct file *f, struct uio *io, uint64_t *pos)
{
	struct pty *p = f->priv;
	size_t before = io->left;
	uint8_t buf[256];
	int err = 0;

	(void)pos;
	while (io->left && !err) {
		size_t n = tty_room(p->tty);

		if (n > sizeof(buf))
			n = sizeof(buf);
		if (n > io->left)
			n = io->left;
		if (n) {
			err = uio_get(io, buf, n);
			if (!err)
				tty_receive(p->tty, buf, n);
		} else if (f->flags & O_NONBLOCK) {
			err = -EAGAIN;
		} else {
			err = wait_on(&p->writable, NO_DEADLINE,
				      WAIT_INTERRUPTIBLE);
		}
	}
	return before != io->left ? (int64_t)(before - io->left) : err;
}

static unsigned
master_poll(struct file *f, struct poll_table *pt)
{
	struct pty *p = f->priv;
	unsigned ready = 0;

	poll_wait(pt, &p->readable);
	poll_wait(pt, &p->writable);
	if (p->head != p->tail)
		ready |= POLLIN | POLLRDNORM;
	if (slave_gone(p))
		ready |= POLLHUP;
	if (tty_room(p->tty))
		ready |= POLLOUT | POLLWRNORM;
	return ready;
}

/* Open the slave for the holder of its master. */
static int64_t
open_peer(struct pty *p, unsigned flags)
{
	struct dentry *d;
	struct file *f;
	char path[24];
	int err;

	ksnprintf(path, sizeof(path), "/dev/pts/%u", p->number);
	err = path_walk(root_dentry, path, 0, &d);
	if (err)
		return err;
	err = file_new(d, flags, &f);
	dentry_put(d);
	return err ? err : fd_install(f, 0, flags & O_CLOEXEC);
}

static int64_t
master_ioctl(struct file *f, unsigned cmd, uint64_t arg)
{
	struct pty *p = f->priv;
	int32_t v;

	switch (cmd) {
	case TIOCGPTN:
		return copy_out(arg, &p->number, 4) ? -EFAULT : 0;
	case TIOCSPTLCK:
		if (copy_in(&v, arg, sizeof(v)))
			return -EFAULT;
		p->locked = v != 0;
		return 0;
	case TIOCGPTPEER:
		return open_peer(p, (unsigned)arg);
	case TIOCPKT:
		if (copy_in(&v, arg, sizeof(v)))
			return -EFAULT;
		return v ? -EINVAL : 0;
	case FIONREAD:
		v = (int32_t)(p->head - p->tail);
		return copy_out(arg, &v, sizeof(v)) ? -EFAULT : 0;
	case TIOCGPGRP:
		return copy_out(arg, &p->tty->pgrp, 4) ? -EFAULT : 0;
	case TIOCGSID:
		return copy_out(arg, &p->tty->session, 4) ? -EFAULT : 0;
	default:
		return tty_ioctl(p->tty, cmd, arg);
	}
}

static void
master_release(struct file *f)
{
	struct pty *p = f->priv;

	ptys[p->number] = NULL;
	tty_hangup(p->tty);
	tty_put(p->tty); /* which may free P */
}

static int32_t
master_async_owner(struct file *f)
{
	(void)f;
	return current->process->pid;
}

static const struct file_ops master_ops = {
    .read = master_read,
    .write = master_write,
    .poll = master_poll,
    .ioctl = master_ioctl,
    .release = master_release,
    .async_owner = master_async_owner,
    .stream = true,
};

static int
open_master(struct inode *ino, struct file *f)
{
	struct pty *p;
	unsigned n;

	(void)ino;
	for (n = 0; n < MAX_PTYS && ptys[n]; n++)
		;
	if (n == MAX_PTYS)
		return -ENOSPC;
	p = kzalloc(sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->tty = tty_new(&pty_line, MAKEDEV(PTS_MAJOR, n), p);
	if (!p->tty) {
		kfree(p);
		return -ENOMEM;
	}
	p->number = n;
	p->locked = true;
	p->uid = current->cred.fsuid;
	p->gid = current->cred.fsgid;
	waitq_init(&p->readable);
	waitq_init(&p->writable);
	ptys[n] = p;
	f->ops = &master_ops;
	f->priv = p;
	return 0;
}

static int
open_slave(struct inode *ino, struct file *f)
{
	unsigned n = MINOR(ino->rdev);
	int err;

	if (n >= MAX_PTYS || !ptys[n])
		return -ENXIO;
	if (ptys[n]->locked)
		return -EIO;
	err = tty_open(ptys[n]->tty, f);
	if (!err)
		ptys[n]->opened = true;
	return err;
}

/* ---- /dev/pts ---- */

static const struct inode_ops node_ops = {.open = dev_open};

static int
pts_lookup(struct inode *dir, const char *name, size_t len, struct inode **out)
{
	unsigned n = 0;
	struct inode *ino;

	if (!len || len > 2 || (len == 2 && name[0] == '0'))
		return -ENOENT;
	for (size_t i = 0; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return -ENOENT;
		n = n * 10 + (unsigned)(name[i] - '0');
	}
	if (n >= MAX_PTYS || !ptys[n])
		return -ENOENT;
	ino = inode_new(dir->sb, S_IFCHR | 0620, &node_ops);
	if (!ino)
		return -ENOMEM;
	ino->ino = n + 3;
	ino->rdev = MAKEDEV(PTS_MAJOR, n);
	ino->uid = ptys[n]->uid;
	ino->gid = ptys[n]->gid;
	*out = ino;
	return 0;
}

static int
pts_readdir(struct file *f, struct dir_sink *sink, uint64_t *pos)
{
	char name[8];

	(void)f;
	if (*pos == 0 && sink->emit(sink, ".", 1, 1, DT_DIR, 1))
		*pos = 1;
	if (*pos == 1 && sink->emit(sink, "..", 2, 1, DT_DIR, 2))
		*pos = 2;
	for (; *pos >= 2 && *pos < MAX_PTYS + 2; ++*pos) {
		unsigned n = (unsigned)(*pos - 2);

		if (!ptys[n])
			continue;
		ksnprintf(name, sizeof(name), "%u", n);
		if (!sink->emit(sink, name, strlen(name), n + 3, DT_CHR,
				*pos + 1))
			break;
	}
	return 0;
}

static int64_t
pts_seek(struct file *f, int64_t off, int whence)
{
	return generic_seek(f, off, whence, 0);
}

static const struct inode_ops dir_ops = {.lookup = pts_lookup};

static const struct file_ops dir_file_ops = {
    .readdir = pts_readdir,
    .seek = pts_seek,
};

int
pty_init(struct dentry **out_root)
{
	static struct superblock sb = {
	    .type = "devpts",
	    .source = "devpts",
	    .dev = MAKEDEV(0, 25),
	    .nocache = true,
	};
	struct inode *ino;
	int err;

	err = dev_register(MAJOR(PTMX_RDEV), MINOR(PTMX_RDEV), 1, open_master);
	if (!err)
		err = dev_register(PTS_MAJOR, 0, MAX_PTYS, open_slave);
	if (err)
		return err;
	ino = inode_new(&sb, S_IFDIR | 0755, &dir_ops);
	if (!ino)
		return -ENOMEM;
	ino->fops = &dir_file_ops;
	ino->nlink = 2;
	*out_root = dentry_root(ino);
	return *out_root ? 0 : -ENOMEM;
}
