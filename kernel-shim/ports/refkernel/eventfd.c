/* SPDX-License-Identifier: MIT */
#include "anon.h"
#include "calls_file.h"
#include "errno.h"
#include "file.h"
#include "mem.h"
#include "poll.h"

#define EFD_SEMAPHORE 1

struct eventfd {
	uint64_t count;
	bool semaphore;
	struct waitq changed;
};

static int64_t
eventfd_read(struct file *f, struct uio *io, uint64_t *pos)
{
	struct eventfd *e = f->priv;
	uint64_t v;
	int err;

	(void)pos;
	if (io->left < sizeof(v))
		return -EINVAL;
	while (!e->count) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_on(&e->changed, NO_DEADLINE, WAIT_INTERRUPTIBLE);
		if (err)
			return err;
	}
	v = e->semaphore ? 1 : e->count;
	e->count -= v;
	wake_all(&e->changed);
	return uio_put(io, &v, sizeof(v)) ? -EFAULT : (int64_t)sizeof(v);
}

static int64_t
eventfd_write(struct file *f, struct uio *io, uint64_t *pos)
{
	struct eventfd *e = f->priv;
	uint64_t v;
	int err;

	(void)pos;
	if (io->left < sizeof(v))
		return -EINVAL;
	if (uio_get(io, &v, sizeof(v)))
		return -EFAULT;
	if (v == UINT64_MAX)
		return -EINVAL;
	while (v > UINT64_MAX - 1 - e->count) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_on(&e->changed, NO_DEADLINE, WAIT_INTERRUPTIBLE);
		if (err)
			return err;
	}
	e->count += v;
	wake_all(&e->changed);
	return sizeof(v);
}

static unsigned
eventfd_poll(struct file *f, struct poll_table *pt)
{
	struct eventfd *e = f->priv;
	unsigned ready = 0;

	poll_wait(pt, &e->changed);
	if (e->count)
		ready |= POLLIN | POLLRDNORM;
	if (e->count < UINT64_MAX - 1)
		ready |= POLLOUT | POLLWRNORM;
	return ready;
}

static void
eventfd_release(struct file *f)
{
	kfree(f->priv);
}

static const struct file_ops eventfd_ops = {
    .read = eventfd_read,
    .write = eventfd_write,
    .poll = eventfd_poll,
    .release = eventfd_release,
    .stream = true,
};

long
sys_eventfd2(unsigned value, unsigned flags)
{
	struct eventfd *e;
	struct file *f;
	int fd;

	if (flags & ~(unsigned)(EFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	e = kzalloc(sizeof(*e));
	if (!e)
		return -ENOMEM;
	e->count = value;
	e->semaphore = flags & EFD_SEMAPHORE;
	waitq_init(&e->changed);
	fd = anon_fd("anon_inode:[eventfd]", &eventfd_ops, e,
		     O_RDWR | (flags & (O_CLOEXEC | O_NONBLOCK)), &f);
	if (fd < 0 && !f)
		kfree(e);
	return fd;
}

long
sys_eventfd(unsigned value)
{
	return sys_eventfd2(value, 0);
}
