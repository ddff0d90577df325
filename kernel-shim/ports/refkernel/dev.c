/* SPDX-License-Identifier: MIT */
#include "dev.h"

#include "clock.h"
#include "errno.h"
#include "file.h"
#include "filemap.h"
#include "kprintf.h"
#include "list.h"
#include "mem.h"
#include "random.h"

#define MAX_DRIVERS 16

enum { MAJOR_MEM = 1 };

enum {
	MINOR_NULL = 3,
	MINOR_ZERO = 5,
	MINOR_FULL = 7,
	MINOR_RANDOM = 8,
	MINOR_URANDOM = 9,
	MINOR_KMSG = 11,
};

struct driver {
	unsigned major, first, count;
	dev_open_fn *fn;
};

static struct driver drivers[MAX_DRIVERS];
static unsigned n_drivers;

int
dev_register(unsigned major, unsigned first, unsigned count, dev_open_fn *fn)
{
	if (n_drivers == MAX_DRIVERS)
		return -ENOMEM;
	drivers[n_drivers++] = (struct driver){major, first, count, fn};
	return 0;
}

int
dev_open(struct inode *ino, struct file *f)
{
	unsigned minor = MINOR(ino->rdev);

	for (unsigned i = 0; i < n_drivers && S_ISCHR(ino->mode); i++) {
		const struct driver *d = &drivers[i];

		if (d->major == MAJOR(ino->rdev) && minor >= d->first &&
		    minor - d->first < d->count)
			return d->fn(ino, f);
	}
	return -ENXIO;
}

static int64_t
read_nothing(struct file *f, struct uio *io, uint64_t *pos)
{
	(void)f;
	(void)io;
	(void)pos;
	return 0;
}

static int64_t
write_all(struct file *f, struct uio *io, uint64_t *pos)
{
	(void)f;
	(void)pos;
	return (int64_t)io->left;
}

static int64_t
write_full(struct file *f, struct uio *io, uint64_t *pos)
{
	(void)f;
	(void)io;
	(void)pos;
	return -ENOSPC;
}

static int64_t
read_zero(struct file *f, struct uio *io, uint64_t *pos)
{
	size_t before = io->left;
	int err = uio_zero(io, io->left);

	(void)f;
	(void)pos;
	return before != io->left ? (int64_t)(before - io->left) : err;
}

static int64_t
read_random(struct file *f, struct uio *io, uint64_t *pos)
{
	size_t before = io->left;
	int err = 0;

	(void)f;
	(void)pos;
	while (io->left && !err) {
		char buf[256];
		size_t n = io->left < sizeof(buf) ? io->left : sizeof(buf);

		random_bytes(buf, n);
		err = uio_put(io, buf, n);
	}
	return before != io->left ? (int64_t)(before - io->left) : err;
}

static int64_t
write_kmsg(struct file *f, struct uio *io, uint64_t *pos)
{
	size_t before = io->left;
	char buf[256];

	(void)f;
	(void)pos;
	while (io->left) {
		size_t n = io->left < sizeof(buf) ? io->left : sizeof(buf);

		if (uio_get(io, buf, n))
			return -EFAULT;
		kputs(buf, n);
	}
	return (int64_t)before;
}

static int64_t
seek_nowhere(struct file *f, int64_t off, int whence)
{
	(void)off;
	(void)whence;
	f->pos = 0;
	return 0;
}

/* A private mapping of /dev/zero, or a shared one: pages of zeros. */
static int
zero_get_page(struct file *f, uint64_t index, unsigned access, unsigned *rights,
	      ks_paddr_t *out_pa)
{
	(void)f;
	(void)index;
	(void)access;
	(void)rights;
	return frame_alloc(out_pa);
}

static const struct file_ops null_ops = {
    .read = read_nothing,
    .write = write_all,
    .seek = seek_nowhere,
};

static const struct file_ops zero_ops = {
    .read = read_zero,
    .write = write_all,
    .seek = seek_nowhere,
    .get_page = zero_get_page,
};

static const struct file_ops full_ops = {
    .read = read_zero,
    .write = write_full,
    .seek = seek_nowhere,
};

static const struct file_ops random_ops = {
    .read = read_random,
    .write = write_all,
    .seek = seek_nowhere,
};

static const struct file_ops kmsg_ops = {
    .write = write_kmsg,
    .seek = seek_nowhere,
};

static int
mem_open(struct inode *ino, struct file *f)
{
	switch (MINOR(ino->rdev)) {
	case MINOR_NULL:
		f->ops = &null_ops;
		return 0;
	case MINOR_ZERO:
		f->ops = &zero_ops;
		return 0;
	case MINOR_FULL:
		f->ops = &full_ops;
		return 0;
	case MINOR_RANDOM:
	case MINOR_URANDOM:
		f->ops = &random_ops;
		return 0;
	case MINOR_KMSG:
		f->ops = &kmsg_ops;
		return 0;
	default:
		return -ENXIO;
	}
}

int
dev_mem_init(void)
{
	return dev_register(MAJOR_MEM, 0, 256, mem_open);
}
