/* SPDX-License-Identifier: MIT */
/* System calls that move data. */
#include "calls_file.h"

#include "errno.h"
#include "cpu.h"
#include "file.h"
#include "mem.h"
#include "signal.h"
#include "thread.h"
#include "user.h"
#include "vfs.h"

typedef int64_t transfer_fn(struct file *f, struct uio *io, uint64_t *pos);

/* A pipe without readers also costs a signal. */
static long
finish_write(long n)
{
	if (n == -EPIPE)
		signal_user_thread(current, SIGPIPE);
	return n;
}

static long
transfer(int fd, uint64_t buf, uint64_t n, uint64_t *pos, transfer_fn *fn)
{
	struct file *f = fd_get(fd);
	struct uio io;
	long r;

	if (!f)
		return -EBADF;
	if (n > RW_MAX)
		n = RW_MAX;
	/* Nobody else may see the position of a read that is under way. */
	current->io_sleeps =
	    fn == file_read && S_ISREG(f->inode->mode) &&
	    (pos || (current->process->nthreads == 1 && f->refs <= 2));
	uio_user(&io, buf, n);
	if (pos && f->ops->stream)
		r = -ESPIPE;
	else if (!user_range(buf, n))
		r = -EFAULT;
	else
		r = fn(f, &io, pos);
	current->io_sleeps = false;
	file_put(f);
	return r;
}

long
sys_read(int fd, uint64_t buf, uint64_t n)
{
	return transfer(fd, buf, n, NULL, file_read);
}

long
sys_write(int fd, uint64_t buf, uint64_t n)
{
	return finish_write(transfer(fd, buf, n, NULL, file_write));
}

long
sys_pread64(int fd, uint64_t buf, uint64_t n, int64_t pos)
{
	uint64_t at = (uint64_t)pos;

	if (pos < 0)
		return -EINVAL;
	return transfer(fd, buf, n, &at, file_read);
}

long
sys_pwrite64(int fd, uint64_t buf, uint64_t n, int64_t pos)
{
	uint64_t at = (uint64_t)pos;

	if (pos < 0)
		return -EINVAL;
	return transfer(fd, buf, n, &at, file_write);
}

static long
transfer_vec(int fd, uint64_t ua, uint64_t n, uint64_t *pos, transfer_fn *fn)
{
	struct linux_iovec *iov = NULL;
	struct file *f = fd_get(fd);
	struct uio io;
	long r;

	if (!f)
		return -EBADF;
	r = pos && f->ops->stream ? -ESPIPE : iov_in(ua, n, &iov);
	if (!r) {
		uio_vec(&io, iov, n);
		r = fn(f, &io, pos);
		kfree(iov);
	}
	file_put(f);
	return r;
}

long
sys_readv(int fd, uint64_t iov, uint64_t n)
{
	return transfer_vec(fd, iov, n, NULL, file_read);
}

long
sys_writev(int fd, uint64_t iov, uint64_t n)
{
	return finish_write(transfer_vec(fd, iov, n, NULL, file_write));
}

long
sys_preadv(int fd, uint64_t iov, uint64_t n, int64_t pos)
{
	uint64_t at = (uint64_t)pos;

	if (pos < 0)
		return -EINVAL;
	return transfer_vec(fd, iov, n, &at, file_read);
}

long
sys_pwritev(int fd, uint64_t iov, uint64_t n, int64_t pos)
{
	uint64_t at = (uint64_t)pos;

	if (pos < 0)
		return -EINVAL;
	return transfer_vec(fd, iov, n, &at, file_write);
}

long
sys_preadv2(int fd, uint64_t iov, uint64_t n, int64_t pos, int64_t high,
	    unsigned flags)
{
	(void)high; /* the low word has it all */
	if (flags)
		return -EOPNOTSUPP;
	return pos == -1 ? sys_readv(fd, iov, n) : sys_preadv(fd, iov, n, pos);
}

long
sys_pwritev2(int fd, uint64_t iov, uint64_t n, int64_t pos, int64_t high,
	     unsigned flags)
{
	(void)high;
	if (flags)
		return -EOPNOTSUPP;
	return pos == -1 ? sys_writev(fd, iov, n)
			 : sys_pwritev(fd, iov, n, pos);
}

long
sys_lseek(int fd, int64_t off, int whence)
{
	struct file *f = fd_get(fd);
	long r;

	if (!f)
		return -EBADF;
	if (f->flags & O_PATH)
		r = -EBADF;
	else if (whence < SEEK_SET || whence > SEEK_HOLE)
		r = -EINVAL;
	else if (f->ops->stream)
		r = -ESPIPE;
	else if (f->ops->seek)
		r = f->ops->seek(f, off, whence);
	else if (whence == SEEK_SET && off >= 0)
		r = (long)(f->pos = (uint64_t)off);
	else if (whence == SEEK_CUR && (int64_t)f->pos + off >= 0)
		r = (long)(f->pos += (uint64_t)off);
	else
		r = -EINVAL;
	file_put(f);
	return r;
}

/* Copy N bytes by way of BUF; *POS is where to read, NULL: at IN's own. */
static long
copy_through(struct file *out, struct file *in, uint64_t *pos, uint64_t n,
	     void *buf)
{
	long done = 0;

	while (n) {
		size_t k = n < PAGE_SIZE ? n : PAGE_SIZE;
		uint64_t at = pos ? *pos : in->pos;
		struct uio io;
		long got, put;

		uio_kernel(&io, buf, k);
		got = file_read(in, &io, &at);
		if (got <= 0)
			return done ? done : got;
		uio_kernel(&io, buf, (size_t)got);
		put = file_write(out, &io, NULL);
		if (put < 0)
			return done ? done : put;
		/* What could not be written has not been read. */
		*(pos ? pos : &in->pos) += (uint64_t)put;
		done += put;
		n -= (uint64_t)put;
		if (put < got)
			break;
	}
	return done;
}

static long
sendfile(struct file *out, struct file *in, uint64_t upos, uint64_t n)
{
	uint64_t pos = 0;
	void *buf;
	long r;

	if (!file_readable(in) || !file_writable(out))
		return -EBADF;
	if (in->ops->stream)
		return upos ? -ESPIPE : -EINVAL;
	if (upos && copy_in(&pos, upos, sizeof(pos)))
		return -EFAULT;
	if ((int64_t)pos < 0)
		return -EINVAL;
	buf = kmalloc(PAGE_SIZE);
	if (!buf)
		return -ENOMEM;
	r = copy_through(out, in, upos ? &pos : NULL, n < RW_MAX ? n : RW_MAX,
			 buf);
	kfree(buf);
	if (r >= 0 && upos && copy_out(upos, &pos, sizeof(pos)))
		r = -EFAULT;
	return finish_write(r);
}

long
sys_sendfile(int outfd, int infd, uint64_t upos, uint64_t n)
{
	struct file *out = fd_get(outfd), *in = fd_get(infd);
	long r = out && in ? sendfile(out, in, upos, n) : -EBADF;

	if (out)
		file_put(out);
	if (in)
		file_put(in);
	return r;
}

/* Nothing is ever behind: for fsync and its like. */
static long
check_fd(int fd, bool seekable)
{
	struct file *f = fd_get(fd);
	long r = 0;

	if (!f || f->flags & O_PATH)
		r = -EBADF;
	else if (f->ops->stream)
		r = seekable ? -ESPIPE : -EINVAL;
	if (f)
		file_put(f);
	return r;
}

long
sys_fsync(int fd)
{
	return check_fd(fd, false);
}

long
sys_fdatasync(int fd)
{
	return check_fd(fd, false);
}

long
sys_sync(void)
{
	return 0;
}

long
sys_syncfs(int fd)
{
	struct file *f = fd_get(fd);

	if (!f)
		return -EBADF;
	file_put(f);
	return 0;
}

long
sys_sync_file_range(int fd, int64_t off, int64_t n, unsigned flags)
{
	if (off < 0 || n < 0 || flags > 7)
		return -EINVAL;
	return check_fd(fd, true);
}

long
sys_readahead(int fd, int64_t off, uint64_t n)
{
	(void)off;
	(void)n;
	return check_fd(fd, false);
}

long
sys_fadvise64(int fd, int64_t off, int64_t n, int advice)
{
	(void)off;
	if (n < 0 || advice < 0 || advice > 5)
		return -EINVAL;
	return check_fd(fd, true);
}

long
sys_fallocate(int fd, int mode, int64_t off, int64_t n)
{
	struct file *f = fd_get(fd);
	long r = 0;

	if (!f)
		return -EBADF;
	if (off < 0 || n <= 0)
		r = -EINVAL;
	else if (mode & ~1) /* FALLOC_FL_KEEP_SIZE */
		r = -EOPNOTSUPP;
	else if (!file_writable(f))
		r = -EBADF;
	else if (f->ops->stream)
		r = -ESPIPE;
	else if (!S_ISREG(f->inode->mode))
		r = -ENODEV;
	else if (off > INT64_MAX - n)
		r = -EFBIG;
	else
		r = vfs_allocate(f->inode, (uint64_t)off, (uint64_t)(off + n),
				 !mode);
	file_put(f);
	return r;
}

long
sys_ftruncate(int fd, int64_t size)
{
	struct file *f = fd_get(fd);
	long r;

	if (!f || f->flags & O_PATH)
		r = -EBADF;
	else if (size < 0 || !file_writable(f) || !S_ISREG(f->inode->mode))
		r = -EINVAL;
	else
		r = vfs_truncate(f->inode, (uint64_t)size);
	if (f)
		file_put(f);
	return r;
}

long
sys_truncate(uint64_t path, int64_t size)
{
	struct dentry *d;
	long r;

	if (size < 0)
		return -EINVAL;
	r = path_walk_user(AT_FDCWD, path, WALK_FOLLOW, &d);
	if (r)
		return r;
	if (S_ISDIR(d->inode->mode))
		r = -EISDIR;
	else if (!S_ISREG(d->inode->mode))
		r = -EINVAL;
	else
		r = inode_permission(d->inode, W_OK);
	if (!r)
		r = vfs_truncate(d->inode, (uint64_t)size);
	dentry_put(d);
	return r;
}
