/* SPDX-License-Identifier: MIT */
#include "filemap.h"

#include "cpu.h"
#include "errno.h"
#include "mem.h"
#include "signal.h"
#include "thread.h"

#define MAX_SIZE ((uint64_t)INT64_MAX)

static int64_t
regular_read(struct file *f, struct uio *io, uint64_t *pos)
{
	struct inode *ino = f->inode;
	int64_t done = 0;
	int err = 0;

	while (io->left && *pos < ino->size && !err) {
		size_t off = *pos % PAGE_SIZE, n = PAGE_SIZE - off;
		size_t before = io->left;
		ks_paddr_t pa;

		if (n > ino->size - *pos)
			n = ino->size - *pos;
		if (n > io->left)
			n = io->left;
		if (!ino->ops->read_page &&
		    !pagecache_find(&ino->pages, *pos / PAGE_SIZE, &pa)) {
			err = uio_zero(io, n); /* a hole stays one */
		} else {
			err = inode_get_page(ino, *pos / PAGE_SIZE, &pa);
			if (err)
				break;
			err = uio_put(io, (char *)pa_to_va(pa) + off, n);
			frame_put(pa);
		}
		*pos += before - io->left;
		done += (int64_t)(before - io->left);
	}
	return done ? done : err;
}

/* How much may be written at POS: the file size limit. */
static int
check_limit(uint64_t pos, size_t *n)
{
	uint64_t limit = current->process->rlimit[RLIMIT_FSIZE].cur;

	if (limit == RLIM_INFINITY || limit > MAX_SIZE)
		limit = MAX_SIZE;
	if (pos >= limit) {
		if (limit != MAX_SIZE)
			signal_kernel_thread(current, SIGXFSZ);
		return -EFBIG;
	}
	if (*n > limit - pos)
		*n = limit - pos;
	return 0;
}

/* Copy N bytes, all in one page, to POS. */
static int
write_page(struct inode *ino, struct uio *io, uint64_t pos, size_t n)
{
	uint64_t size = ino->size, end = (pos | (PAGE_SIZE - 1)) + 1;
	size_t before = io->left;
	ks_paddr_t pa;
	int err;

	if (ino->size < end)
		ino->size = end; /* so that the page is within the file */
	err = inode_get_page(ino, pos / PAGE_SIZE, &pa);
	if (!err) {
		err = uio_get(io, (char *)pa_to_va(pa) + pos % PAGE_SIZE, n);
		frame_put(pa);
	}
	end = pos + (before - io->left);
	ino->size = end > size ? end : size;
	return err;
}

static int64_t
regular_write(struct file *f, struct uio *io, uint64_t *pos)
{
	struct inode *ino = f->inode;
	size_t left = io->left;
	int64_t done = 0;
	int err = 0;

	if (f->flags & O_APPEND)
		*pos = ino->size;
	if (!left)
		return 0;
	err = check_limit(*pos, &left);
	while (left && !err) {
		size_t n = PAGE_SIZE - *pos % PAGE_SIZE;
		size_t before = io->left;

		if (n > left)
			n = left;
		err = write_page(ino, io, *pos, n);
		*pos += before - io->left;
		left -= before - io->left;
		done += (int64_t)(before - io->left);
	}
	if (done)
		inode_touch(ino);
	return done ? done : err == -ENOMEM ? -ENOSPC : err;
}

int64_t
generic_seek(struct file *f, int64_t off, int whence, uint64_t size)
{
	int64_t base;

	switch (whence) {
	case SEEK_SET:
		base = 0;
		break;
	case SEEK_CUR:
		base = (int64_t)f->pos;
		break;
	case SEEK_END:
		base = (int64_t)size;
		break;
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(base, off, &base))
		return -EOVERFLOW;
	if (base < 0)
		return -EINVAL;
	f->pos = (uint64_t)base;
	return base;
}

static int64_t
regular_seek(struct file *f, int64_t off, int whence)
{
	struct inode *ino = f->inode;

	if (whence != SEEK_DATA && whence != SEEK_HOLE)
		return generic_seek(f, off, whence, ino->size);
	if (off < 0 || (uint64_t)off >= ino->size)
		return -ENXIO;
	/* As a file system without holes may answer. */
	f->pos = whence == SEEK_DATA ? (uint64_t)off : ino->size;
	return (int64_t)f->pos;
}

static int
regular_get_page(struct file *f, uint64_t index, unsigned access,
		 unsigned *rights, ks_paddr_t *out_pa)
{
	int err = inode_get_page(f->inode, index, out_pa);

	(void)access;
	if (!err && (*rights & KS_WRITE))
		inode_touch(f->inode);
	return err;
}

const struct file_ops regular_file_ops = {
    .read = regular_read,
    .write = regular_write,
    .seek = regular_seek,
    .get_page = regular_get_page,
};
