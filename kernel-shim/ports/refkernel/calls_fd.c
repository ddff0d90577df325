/* SPDX-License-Identifier: MIT */
/* System calls on descriptors. */
#include "calls_file.h"

#include "async.h"
#include "cpu.h"
#include "errno.h"
#include "file.h"
#include "flock.h"
#include "kprintf.h"
#include "mem.h"
#include "pipe.h"
#include "signal.h"
#include "thread.h"
#include "tmpfs.h"
#include "user.h"

#define CLOSE_RANGE_UNSHARE 2
#define CLOSE_RANGE_CLOEXEC 4

#define FIOCLEX	 0x5451
#define FIONCLEX 0x5450
#define FIONBIO	 0x5421
#define FIOASYNC 0x5452
#define FIOQSIZE 0x5460
#define FIONREAD 0x541b

#define MFD_CLOEXEC	  1
#define MFD_ALLOW_SEALING 2
#define MFD_NOEXEC_SEAL	  8
#define MFD_EXEC	  16

/* F_GETFL's bits that F_SETFL can change; O_ASYNC is apart. */
#define SETTABLE (O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME)

long
sys_close(int fd)
{
	return fd_close(fd);
}

long
sys_close_range(unsigned first, unsigned last, unsigned flags)
{
	struct fdtable *t = current->files;
	int err;

	if (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC) ||
	    first > last)
		return -EINVAL;
	if (flags & CLOSE_RANGE_UNSHARE && t->refs > 1) {
		err = fdtable_copy(t, &current->files);
		if (err)
			return err;
		fdtable_put(t);
		t = current->files;
	}
	for (unsigned fd = first; fd < t->size && fd <= last; fd++) {
		if (flags & CLOSE_RANGE_CLOEXEC)
			t->cloexec[fd] = t->files[fd] != NULL;
		else
			fd_close((int)fd);
	}
	return 0;
}

long
sys_dup(int fd)
{
	struct file *f = fd_get(fd);

	return f ? fd_install(f, 0, false) : -EBADF;
}

long
sys_dup3(int fd, int nfd, unsigned flags)
{
	struct file *f;

	if (flags & ~(unsigned)O_CLOEXEC || fd == nfd)
		return -EINVAL;
	f = fd_get(fd);
	if (f && nfd >= 0)
		return fd_replace(nfd, f, flags & O_CLOEXEC);
	if (f)
		file_put(f);
	return -EBADF;
}

long
sys_dup2(int fd, int nfd)
{
	struct file *f;

	if (fd != nfd)
		return sys_dup3(fd, nfd, 0);
	f = fd_get(fd);
	if (!f)
		return -EBADF;
	file_put(f);
	return fd;
}

static long
fcntl_lock(struct file *f, unsigned cmd, uint64_t arg)
{
	struct linux_flock fl;
	long r;

	if (copy_in(&fl, arg, sizeof(fl)))
		return -EFAULT;
	r = file_fcntl_lock(f, cmd, &fl);
	if (!r && (cmd == F_GETLK || cmd == F_OFD_GETLK) &&
	    copy_out(arg, &fl, sizeof(fl)))
		r = -EFAULT;
	return r;
}

static long
set_flags(struct file *f, int fd, unsigned flags)
{
	int err = 0;

	if ((f->flags ^ flags) & O_ASYNC)
		err = async_set(f, fd, flags & O_ASYNC);
	if (err && err != -ENOTTY)
		return err;
	f->flags = (f->flags & ~SETTABLE) | (flags & SETTABLE);
	return 0;
}

/* The commands that work on the open file. */
static long
file_fcntl(struct file *f, int fd, unsigned cmd, uint64_t arg)
{
	switch (cmd) {
	case F_SETFL:
		return set_flags(f, fd, (unsigned)arg);
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_GETLK:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return fcntl_lock(f, cmd, arg);
	case F_SETOWN:
	case F_GETOWN:
	case F_SETOWN_EX:
	case F_GETOWN_EX:
	case F_SETSIG:
	case F_GETSIG:
		return async_fcntl(f, cmd, arg);
	case F_GETPIPE_SZ:
		return pipe_size(f);
	case F_SETPIPE_SZ:
		return pipe_set_size(f, arg);
	default:
		return -EINVAL;
	}
}

long
sys_fcntl(int fd, unsigned cmd, uint64_t arg)
{
	struct fdtable *t = current->files;
	struct file *f = fd_get(fd);
	long r;

	if (!f)
		return -EBADF;
	switch (cmd) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		if (arg >= current->process->rlimit[RLIMIT_NOFILE].cur)
			break;
		return fd_install(f, (int)arg, cmd == F_DUPFD_CLOEXEC);
	case F_GETFD:
		r = t->cloexec[fd] ? FD_CLOEXEC : 0;
		file_put(f);
		return r;
	case F_SETFD:
		t->cloexec[fd] = arg & FD_CLOEXEC;
		file_put(f);
		return 0;
	case F_GETFL:
		r = f->flags;
		file_put(f);
		return r;
	default:
		r = f->flags & O_PATH ? -EBADF : file_fcntl(f, fd, cmd, arg);
		file_put(f);
		return r;
	}
	file_put(f);
	return -EINVAL;
}

long
sys_flock(int fd, unsigned op)
{
	struct file *f = fd_get(fd);
	long r;

	if (!f)
		return -EBADF;
	r = f->flags & O_PATH ? -EBADF : file_flock(f, op);
	file_put(f);
	return r;
}

/* FIONBIO and FIOASYNC: a flag by its address. */
static long
set_flag(struct file *f, int fd, unsigned cmd, uint64_t arg)
{
	int32_t on;

	if (copy_in(&on, arg, sizeof(on)))
		return -EFAULT;
	if (cmd == FIOASYNC)
		return async_set(f, fd, on);
	f->flags =
	    on ? f->flags | O_NONBLOCK : f->flags & ~(unsigned)O_NONBLOCK;
	return 0;
}

static long
bytes_left(struct file *f, uint64_t arg)
{
	int32_t n = (int32_t)(f->inode->size - f->pos);

	return copy_out(arg, &n, sizeof(n)) ? -EFAULT : 0;
}

static long
ioctl(int fd, struct file *f, unsigned cmd, uint64_t arg)
{
	if (f->flags & O_PATH)
		return -EBADF;
	switch (cmd) {
	case FIOCLEX:
	case FIONCLEX:
		current->files->cloexec[fd] = cmd == FIOCLEX;
		return 0;
	case FIONBIO:
	case FIOASYNC:
		return set_flag(f, fd, cmd, arg);
	case FIONREAD:
		if (S_ISREG(f->inode->mode))
			return bytes_left(f, arg);
		break;
	default:
		break;
	}
	return f->ops->ioctl ? f->ops->ioctl(f, cmd, arg) : -ENOTTY;
}

long
sys_ioctl(int fd, unsigned cmd, uint64_t arg)
{
	struct file *f = fd_get(fd);
	long r;

	if (!f)
		return -EBADF;
	r = ioctl(fd, f, cmd, arg);
	file_put(f);
	return r;
}

long
sys_memfd_create(uint64_t uname, unsigned flags)
{
	static const char prefix[] = "/memfd:";
	char name[NAME_MAX + 1] = "/memfd:";
	struct inode *ino;
	struct dentry *d;
	struct file *f;
	long r;

	if (flags & ~(unsigned)(MFD_CLOEXEC | MFD_ALLOW_SEALING |
				MFD_NOEXEC_SEAL | MFD_EXEC))
		return -EINVAL;
	r = copy_in_str(name + sizeof(prefix) - 1, uname,
			sizeof(name) - sizeof(prefix) + 1);
	if (r < 0)
		return r == -ENAMETOOLONG ? -EINVAL : r;
	r = tmpfs_file(flags & MFD_NOEXEC_SEAL ? 0666 : 0777, &ino);
	if (r)
		return r;
	d = dentry_anon(ino, name);
	if (!d) {
		inode_put(ino);
		return -ENOMEM;
	}
	d->unlinked = true;
	r = file_new(d, O_RDWR, &f);
	dentry_put(d);
	return r ? r : fd_install(f, 0, flags & MFD_CLOEXEC);
}
