/* SPDX-License-Identifier: MIT */
/* System calls that open files and directories. */
#include "calls_file.h"

#include "cpu.h"
#include "cred.h"
#include "errno.h"
#include "file.h"
#include "mem.h"
#include "string.h"
#include "thread.h"
#include "tmpfs.h"
#include "user.h"
#include "vfs.h"

/* What openat() lets through; it drops other bits. */
#define OPEN_FLAGS                                                             \
	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND |        \
	 O_NONBLOCK | O_SYNC | O_ASYNC | O_DIRECT | O_LARGEFILE |              \
	 O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC | O_PATH |           \
	 O_TMPFILE)

/* openat2's: of these only some can be kept. */
#define RESOLVE_NO_MAGICLINKS 0x02
#define RESOLVE_CACHED	      0x20

struct open_how {
	uint64_t flags, mode, resolve;
};

static long
install(struct file *f, unsigned flags)
{
	return fd_install(f, 0, flags & O_CLOEXEC);
}

static long
open_tmpfile(struct dentry *dir, unsigned flags, uint32_t mode)
{
	struct inode *ino;
	struct dentry *d;
	struct file *f;
	long r;

	if (!S_ISDIR(dir->inode->mode))
		return -ENOTDIR;
	if (dir->inode->sb->readonly)
		return -EROFS;
	if (!dir->inode->ops->create || !(flags & O_ACCMODE))
		return dir->inode->ops->create ? -EINVAL : -EOPNOTSUPP;
	r = inode_permission(dir->inode, W_OK | X_OK);
	if (r)
		return r;
	r = tmpfs_file(mode & 07777 & ~current->fs->umask, &ino);
	if (r)
		return r;
	d = dentry_anon(ino, "/tmp/#tmpfile");
	if (!d) {
		inode_put(ino);
		return -ENOMEM;
	}
	d->unlinked = true;
	r = file_new(d, flags & ~O_TMPFILE, &f);
	dentry_put(d);
	return r ? r : install(f, flags);
}

/* Make D, which is absent, a file. */
static int
create(struct dentry *d, unsigned flags, uint32_t mode)
{
	if (flags & O_DIRECTORY)
		return -EINVAL;
	return vfs_create(d, S_IFREG | (mode & 07777 & ~current->fs->umask), 0);
}

static long
open_dentry(struct dentry *d, unsigned flags, uint32_t mode)
{
	struct file *f;
	bool created = false;
	long r = 0;

	if (!(flags & O_PATH))
		flags |= O_LARGEFILE; /* as all 64-bit programs */
	if ((flags & O_TMPFILE) == O_TMPFILE)
		return open_tmpfile(d, flags, mode);
	if (!d->inode) {
		r = create(d, flags, mode);
		created = true;
	} else if (flags & O_CREAT && !(flags & O_PATH)) {
		if (flags & O_EXCL)
			r = -EEXIST;
		else if (S_ISDIR(d->inode->mode))
			r = -EISDIR;
	}
	if (r)
		return r;
	/* Whoever makes a file may write it, whatever its mode. */
	r = created ? file_new(d, flags & ~O_TRUNC, &f)
		    : file_open(d, flags, &f);
	return r ? r : install(f, flags);
}

static long
open_path(int dirfd, const char *path, unsigned flags, uint32_t mode,
	  unsigned walk)
{
	size_t len = strlen(path);
	struct dentry *d;
	long r;

	if (flags & O_PATH)
		flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	if (!(flags & O_NOFOLLOW) &&
	    (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL))
		walk |= WALK_FOLLOW;
	if (flags & O_CREAT) {
		walk |= WALK_ABSENT_OK;
		if (len && path[len - 1] == '/')
			return -EISDIR;
	}
	current->io_sleeps = true;
	r = path_walk_at(dirfd, path, walk, &d);
	current->io_sleeps = false;
	if (r)
		return r;
	r = open_dentry(d, flags, mode);
	dentry_put(d);
	return r;
}

long
sys_openat(int dirfd, uint64_t upath, unsigned flags, uint32_t mode)
{
	char *path;
	long r;

	r = path_copy_in(upath, &path);
	if (r)
		return r;
	r = open_path(dirfd, path, flags & OPEN_FLAGS, mode, 0);
	kfree(path);
	return r;
}

long
sys_open(uint64_t path, unsigned flags, uint32_t mode)
{
	return sys_openat(AT_FDCWD, path, flags, mode);
}

long
sys_creat(uint64_t path, uint32_t mode)
{
	return sys_open(path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

long
sys_openat2(int dirfd, uint64_t upath, uint64_t uhow, uint64_t size)
{
	struct open_how how;
	char *path;
	long r;

	if (size < sizeof(how))
		return -EINVAL;
	if (size > sizeof(how))
		return -E2BIG;
	if (copy_in(&how, uhow, sizeof(how)))
		return -EFAULT;
	if (how.flags & ~(uint64_t)OPEN_FLAGS || how.mode & ~07777ull ||
	    (how.mode && !(how.flags & (O_CREAT | 020000000))))
		return -EINVAL;
	if (how.resolve & ~(uint64_t)RESOLVE_NO_MAGICLINKS)
		return how.resolve & RESOLVE_CACHED ? -EAGAIN : -EINVAL;
	r = path_copy_in(upath, &path);
	if (r)
		return r;
	r = open_path(dirfd, path, (unsigned)how.flags, (uint32_t)how.mode,
		      how.resolve ? WALK_NO_MAGIC : 0);
	kfree(path);
	return r;
}

/* ---- directories ---- */

/* Entries are gathered in kernel memory, then copied out. */
struct dents {
	struct dir_sink sink;
	char *buf;
	size_t len, size;
	bool full;
	bool old; /* getdents: the type is the record's last byte */
};

static bool
emit(struct dir_sink *s, const char *name, size_t len, uint64_t ino,
     unsigned type, uint64_t next)
{
	struct dents *d = (struct dents *)s;
	size_t head = d->old ? 18 : 19;
	size_t reclen = (head + len + 1 + (d->old ? 1 : 0) + 7) & ~(size_t)7;
	char *p = d->buf + d->len;
	uint16_t reclen16 = (uint16_t)reclen;

	if (reclen > d->size - d->len) {
		d->full = true;
		return false;
	}
	memset(p, 0, reclen);
	memcpy(p, &ino, 8);
	memcpy(p + 8, &next, 8);
	memcpy(p + 16, &reclen16, 2);
	p[d->old ? reclen - 1 : 18] = (char)type;
	memcpy(p + head, name, len);
	d->len += reclen;
	return true;
}

static long
read_dir(struct file *f, uint64_t ubuf, unsigned n, bool old)
{
	struct dents d = {.sink.emit = emit, .old = old};
	uint64_t pos = f->pos;
	long r;

	if (!f->ops->readdir)
		return f->flags & O_PATH ? -EBADF : -ENOTDIR;
	if (f->dentry->unlinked)
		return -ENOENT;
	d.size = n < 65536 ? n : 65536;
	d.buf = kmalloc(d.size ? d.size : 1);
	if (!d.buf)
		return -ENOMEM;
	r = f->ops->readdir(f, &d.sink, &pos);
	if (!r && d.full && !d.len)
		r = -EINVAL;
	if (!r && copy_out(ubuf, d.buf, d.len))
		r = -EFAULT;
	if (!r) {
		f->pos = pos;
		r = (long)d.len;
	}
	kfree(d.buf);
	return r;
}

static long
getdents(int fd, uint64_t buf, unsigned n, bool old)
{
	struct file *f = fd_get(fd);
	long r;

	if (!f)
		return -EBADF;
	r = read_dir(f, buf, n, old);
	file_put(f);
	return r;
}

long
sys_getdents(int fd, uint64_t buf, unsigned n)
{
	return getdents(fd, buf, n, true);
}

long
sys_getdents64(int fd, uint64_t buf, unsigned n)
{
	return getdents(fd, buf, n, false);
}

long
sys_getcwd(uint64_t ubuf, uint64_t n)
{
	char *buf = kmalloc(PATH_MAX), *path;
	long r;

	if (!buf)
		return -ENOMEM;
	path = dentry_path(current->fs->cwd, buf, PATH_MAX);
	r = path ? (long)strlen(path) + 1 : -ENAMETOOLONG;
	if (current->fs->cwd->unlinked)
		r = -ENOENT;
	if (r > 0 && (uint64_t)r > n)
		r = -ERANGE;
	if (r > 0 && copy_out(ubuf, path, (size_t)r))
		r = -EFAULT;
	kfree(buf);
	return r;
}

/* Make D, whose reference is taken, *WHERE. */
static long
enter(struct dentry *d, struct dentry **where)
{
	long r = 0;

	if (!S_ISDIR(d->inode->mode))
		r = -ENOTDIR;
	else
		r = inode_permission(d->inode, X_OK);
	if (r) {
		dentry_put(d);
		return r;
	}
	dentry_put(*where);
	*where = d;
	return 0;
}

long
sys_chdir(uint64_t path)
{
	struct dentry *d;
	long r =
	    path_walk_user(AT_FDCWD, path, WALK_FOLLOW | WALK_DIRECTORY, &d);

	return r ? r : enter(d, &current->fs->cwd);
}

long
sys_fchdir(int fd)
{
	struct file *f = fd_get(fd);
	long r;

	if (!f)
		return -EBADF;
	r = enter(dentry_get(f->dentry), &current->fs->cwd);
	file_put(f);
	return r;
}

long
sys_chroot(uint64_t path)
{
	struct dentry *d;
	long r =
	    path_walk_user(AT_FDCWD, path, WALK_FOLLOW | WALK_DIRECTORY, &d);

	if (r)
		return r;
	if (!capable(CAP_SYS_CHROOT)) {
		dentry_put(d);
		return -EPERM;
	}
	return enter(d, &current->fs->root);
}

long
sys_umask(uint32_t mask)
{
	uint32_t old = current->fs->umask;

	current->fs->umask = mask & 0777;
	return old;
}
