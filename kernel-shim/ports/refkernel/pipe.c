/* SPDX-License-Identifier: MIT */
#include "pipe.h"

#include "calls_file.h"
#include "cpu.h"
#include "errno.h"
#include "file.h"
#include "kprintf.h"
#include "mem.h"
#include "poll.h"
#include "string.h"
#include "thread.h"
#include "user.h"
#include "waitq.h"

#define PIPE_SIZE     65536u
#define PIPE_MAX_SIZE (1u << 20)
#define PIPE_BUF      4096u /* a write up to this size is not divided */

#define FIONREAD 0x541b

struct pipe {
	unsigned refs; /* the files, and a fifo's inode */
	unsigned readers, writers;
	unsigned opened_readers, opened_writers; /* ever, for fifos */
	size_t size, head, count; /* [head, head + count) modulo size */
	char *buf;
	struct waitq readable, writable, opened;
};

static const struct file_ops pipe_ops;

static struct superblock pipe_sb = {
    .type = "pipefs", .source = "pipefs", .dev = MAKEDEV(0, 12)};
static const struct inode_ops pipe_inode_ops;

static struct pipe *
pipe_alloc(void)
{
	struct pipe *p = kzalloc(sizeof(*p));

	if (!p)
		return NULL;
	p->size = PIPE_SIZE;
	p->buf = kmalloc(p->size);
	if (!p->buf) {
		kfree(p);
		return NULL;
	}
	waitq_init(&p->readable);
	waitq_init(&p->writable);
	waitq_init(&p->opened);
	return p;
}

static void
pipe_put(struct pipe *p)
{
	if (--p->refs)
		return;
	kfree(p->buf);
	kfree(p);
}

/* Copy what is in P to IO. */
static int
take(struct pipe *p, struct uio *io)
{
	while (io->left && p->count) {
		size_t n = p->size - p->head, before = io->left;
		int err;

		if (n > p->count)
			n = p->count;
		if (n > io->left)
			n = io->left;
		err = uio_put(io, p->buf + p->head, n);
		n = before - io->left;
		p->head = (p->head + n) % p->size;
		p->count -= n;
		if (err)
			return err;
	}
	return 0;
}

/* Copy at most MAX bytes of IO into the room in P. */
static int
fill(struct pipe *p, struct uio *io, size_t max)
{
	while (max && p->count < p->size) {
		size_t at = (p->head + p->count) % p->size;
		size_t n = at < p->head ? p->head - at : p->size - at;
		size_t before = io->left;
		int err;

		if (n > max)
			n = max;
		err = uio_get(io, p->buf + at, n);
		n = before - io->left;
		p->count += n;
		max -= n;
		if (err)
			return err;
	}
	return 0;
}

static int64_t
pipe_read(struct file *f, struct uio *io, uint64_t *pos)
{
	struct pipe *p = f->priv;
	size_t before = io->left;
	int err;

	(void)pos;
	if (!io->left)
		return 0;
	while (!p->count) {
		if (!p->writers)
			return 0;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_on(&p->readable, NO_DEADLINE, WAIT_INTERRUPTIBLE);
		if (err)
			return err;
	}
	err = take(p, io);
	wake_all(&p->writable);
	return before != io->left ? (int64_t)(before - io->left) : err;
}

static int64_t
pipe_write(struct file *f, struct uio *io, uint64_t *pos)
{
	struct pipe *p = f->priv;
	size_t total = io->left;
	int err = 0;

	(void)pos;
	while (io->left && !err) {
		size_t room = p->size - p->count;

		if (!p->readers) {
			err = -EPIPE;
		} else if (room && (room >= io->left || total > PIPE_BUF)) {
			err = fill(p, io, io->left < room ? io->left : room);
			wake_all(&p->readable);
		} else if (f->flags & O_NONBLOCK) {
			err = -EAGAIN;
		} else {
			err = wait_on(&p->writable, NO_DEADLINE,
				      WAIT_INTERRUPTIBLE);
		}
	}
	return total != io->left ? (int64_t)(total - io->left) : err;
}

static unsigned
pipe_poll(struct file *f, struct poll_table *pt)
{
	struct pipe *p = f->priv;
	unsigned ready = 0;

	if (file_readable(f)) {
		poll_wait(pt, &p->readable);
		if (p->count)
			ready |= POLLIN | POLLRDNORM;
		if (!p->writers && p->opened_writers)
			ready |= POLLHUP;
	}
	if (file_writable(f)) {
		poll_wait(pt, &p->writable);
		if (p->size - p->count >= PIPE_BUF)
			ready |= POLLOUT | POLLWRNORM;
		if (!p->readers)
			ready |= POLLERR;
	}
	return ready;
}

static int64_t
pipe_ioctl(struct file *f, unsigned cmd, uint64_t arg)
{
	struct pipe *p = f->priv;
	int32_t n = (int32_t)p->count;

	if (cmd != FIONREAD)
		return -ENOTTY;
	return copy_out(arg, &n, sizeof(n)) ? -EFAULT : 0;
}

static void
pipe_release(struct file *f)
{
	struct pipe *p = f->priv;

	if (file_readable(f))
		p->readers--;
	if (file_writable(f))
		p->writers--;
	wake_all(&p->readable);
	wake_all(&p->writable);
	pipe_put(p);
}

static const struct file_ops pipe_ops = {
    .read = pipe_read,
    .write = pipe_write,
    .poll = pipe_poll,
    .ioctl = pipe_ioctl,
    .release = pipe_release,
    .async_owner = async_nobody,
    .stream = true,
};

/* F becomes an end of P, or both ends. */
static void
attach(struct pipe *p, struct file *f)
{
	f->ops = &pipe_ops;
	f->priv = p;
	p->refs++;
	if (file_readable(f)) {
		p->readers++;
		p->opened_readers++;
	}
	if (file_writable(f)) {
		p->writers++;
		p->opened_writers++;
	}
}

/* By its name in /proc/PID/fd, where nothing is waited for. */
static int
pipe_reopen(struct inode *ino, struct file *f)
{
	attach(ino->priv, f);
	return 0;
}

static const struct inode_ops pipe_inode_ops = {
    .open = pipe_reopen,
    .release = fifo_free,
};

/* A new pipe's two ends; FLAGS: O_NONBLOCK, O_DIRECT is ignored. */
static int
new_pipe(unsigned flags, struct file **out_read, struct file **out_write)
{
	struct pipe *p = pipe_alloc();
	struct inode *ino;
	char name[32];
	int err;

	if (!p)
		return -ENOMEM;
	p->refs = 1; /* ours */
	ino = inode_new(&pipe_sb, S_IFIFO | 0600, &pipe_inode_ops);
	if (!ino) {
		pipe_put(p);
		return -ENOMEM;
	}
	ino->priv = p;
	p->refs++;
	ino->uid = current->cred.fsuid;
	ino->gid = current->cred.fsgid;
	ksnprintf(name, sizeof(name), "pipe:[%lu]", ino->ino);
	inode_get(ino);
	err = file_anon(ino, name, &pipe_ops, NULL, O_RDONLY | flags, out_read);
	if (!err) {
		attach(p, *out_read);
		inode_get(ino);
		err = file_anon(ino, name, &pipe_ops, NULL, O_WRONLY | flags,
				out_write);
		if (!err)
			attach(p, *out_write);
		else
			file_put(*out_read);
	}
	inode_put(ino);
	pipe_put(p);
	return err;
}

/* Sleep until *COUNT is no longer what it was: somebody opened that side. */
static int
wait_opened(struct pipe *p, const unsigned *count)
{
	unsigned was = *count;
	int err = 0;

	while (*count == was && !err)
		err = wait_on(&p->opened, NO_DEADLINE, WAIT_INTERRUPTIBLE);
	return err;
}

int
fifo_open(struct inode *ino, struct file *f)
{
	struct pipe *p = ino->priv;
	unsigned mode = f->flags & O_ACCMODE;
	int err = 0;

	if (!p) {
		p = pipe_alloc();
		if (!p)
			return -ENOMEM;
		p->refs = 1; /* the inode's */
		ino->priv = p;
	}
	if (mode == O_WRONLY && f->flags & O_NONBLOCK && !p->readers &&
	    ino->sb != &pipe_sb)
		return -ENXIO;
	attach(p, f);
	wake_all(&p->opened);
	/* A pipe without a name has had its two sides. */
	if (f->flags & O_NONBLOCK || ino->sb == &pipe_sb)
		return 0;
	if (mode == O_RDONLY && !p->writers)
		err = wait_opened(p, &p->opened_writers);
	else if (mode == O_WRONLY && !p->readers)
		err = wait_opened(p, &p->opened_readers);
	if (err)
		pipe_release(f);
	return err;
}

void
fifo_free(struct inode *ino)
{
	if (ino->priv)
		pipe_put(ino->priv);
}

long
pipe_size(struct file *f)
{
	struct pipe *p = f->priv;

	return f->ops == &pipe_ops ? (long)p->size : -EBADF;
}

long
pipe_set_size(struct file *f, uint64_t size)
{
	struct pipe *p = f->priv;
	size_t n = PAGE_SIZE, first;
	char *buf;

	if (f->ops != &pipe_ops)
		return -EBADF;
	if (size > PIPE_MAX_SIZE)
		return -EPERM;
	while (n < size)
		n *= 2;
	if (n < p->count)
		return -EBUSY;
	buf = kmalloc(n);
	if (!buf)
		return -ENOMEM;
	first = p->size - p->head < p->count ? p->size - p->head : p->count;
	memcpy(buf, p->buf + p->head, first);
	memcpy(buf + first, p->buf, p->count - first);
	kfree(p->buf);
	p->buf = buf;
	p->size = n;
	p->head = 0;
	wake_all(&p->writable);
	return (long)n;
}

long
sys_pipe2(uint64_t ufds, unsigned flags)
{
	struct file *r, *w;
	int err;

	if (flags & ~(unsigned)(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
		return -EINVAL;
	err = new_pipe(flags & O_NONBLOCK, &r, &w);
	if (err)
		return err;
	return fd_install_pair(r, w, flags & O_CLOEXEC, ufds);
}

long
sys_pipe(uint64_t fds)
{
	return sys_pipe2(fds, 0);
}
