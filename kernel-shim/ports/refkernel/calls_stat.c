/* SPDX-License-Identifier: MIT */
/* System calls that ask about files. */
#include "calls_file.h"

#include "cpu.h"
#include "cred.h"
#include "errno.h"
#include "file.h"
#include "mem.h"
#include "string.h"
#include "thread.h"
#include "user.h"

#define STATX_BASIC  0x7ffu
#define STATX_MNT_ID 0x1000u

/* As path_walk_user(), with the AT_ flags of the *at calls. */
static int
walk_at(int dirfd, uint64_t path, unsigned flags, struct dentry **out)
{
	unsigned walk = flags & AT_SYMLINK_NOFOLLOW ? 0 : WALK_FOLLOW;

	if (flags & AT_EMPTY_PATH) {
		walk |= WALK_EMPTY_OK;
		if (!path && dirfd != AT_FDCWD)
			return fd_dentry(dirfd, out);
	}
	return path_walk_user(dirfd, path, walk, out);
}

static long
stat_out(struct inode *ino, uint64_t buf)
{
	struct linux_stat st;
	long r = inode_stat(ino, &st);

	if (!r && copy_out(buf, &st, sizeof(st)))
		r = -EFAULT;
	return r;
}

long
sys_newfstatat(int dirfd, uint64_t path, uint64_t buf, unsigned flags)
{
	struct dentry *d;
	long r;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH))
		return -EINVAL;
	r = walk_at(dirfd, path, flags, &d);
	if (r)
		return r;
	r = stat_out(d->inode, buf);
	dentry_put(d);
	return r;
}

long
sys_stat(uint64_t path, uint64_t buf)
{
	return sys_newfstatat(AT_FDCWD, path, buf, 0);
}

long
sys_lstat(uint64_t path, uint64_t buf)
{
	return sys_newfstatat(AT_FDCWD, path, buf, AT_SYMLINK_NOFOLLOW);
}

long
sys_fstat(int fd, uint64_t buf)
{
	struct file *f = fd_get(fd);
	long r;

	if (!f)
		return -EBADF;
	r = stat_out(f->inode, buf);
	file_put(f);
	return r;
}

static void
statx_time(struct linux_statx_time *to, const struct linux_timespec *from)
{
	to->sec = from->sec;
	to->nsec = (uint32_t)from->nsec;
}

static void
statx_fill(struct linux_statx *x, const struct linux_stat *st)
{
	memset(x, 0, sizeof(*x));
	x->mask = STATX_BASIC | STATX_MNT_ID;
	x->blksize = (uint32_t)st->blksize;
	x->nlink = (uint32_t)st->nlink;
	x->uid = st->uid;
	x->gid = st->gid;
	x->mode = (uint16_t)st->mode;
	x->ino = st->ino;
	x->size = (uint64_t)st->size;
	x->blocks = (uint64_t)st->blocks;
	statx_time(&x->atime, &st->atim);
	statx_time(&x->mtime, &st->mtim);
	statx_time(&x->ctime, &st->ctim);
	x->rdev_major = MAJOR(st->rdev);
	x->rdev_minor = MINOR(st->rdev);
	x->dev_major = MAJOR(st->dev);
	x->dev_minor = MINOR(st->dev);
	x->mnt_id = st->dev;
}

long
sys_statx(int dirfd, uint64_t path, unsigned flags, unsigned mask, uint64_t buf)
{
	struct linux_stat st;
	struct linux_statx x;
	struct dentry *d;
	long r;

	/* The sync type is two bits, of which both may not be set. */
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH |
		      0x6000) ||
	    (flags & 0x6000) == 0x6000 || mask & 0x80000000)
		return -EINVAL;
	r = walk_at(dirfd, path, flags, &d);
	if (r)
		return r;
	r = inode_stat(d->inode, &st);
	dentry_put(d);
	if (r)
		return r;
	statx_fill(&x, &st);
	return copy_out(buf, &x, sizeof(x)) ? -EFAULT : 0;
}

long
sys_faccessat2(int dirfd, uint64_t path, unsigned mode, unsigned flags)
{
	struct cred old = current->cred;
	struct dentry *d;
	long r;

	if (mode > 7 ||
	    flags & ~(AT_SYMLINK_NOFOLLOW | AT_EACCESS | AT_EMPTY_PATH))
		return -EINVAL;
	if (!(flags & AT_EACCESS)) {
		struct cred *c = &current->cred;

		c->fsuid = c->ruid;
		c->fsgid = c->rgid;
		c->cap_effective = c->ruid ? 0 : c->cap_permitted;
	}
	r = walk_at(dirfd, path, flags, &d);
	if (!r) {
		r = inode_permission(d->inode, mode);
		dentry_put(d);
	}
	current->cred = old;
	return r;
}

long
sys_faccessat(int dirfd, uint64_t path, unsigned mode)
{
	return sys_faccessat2(dirfd, path, mode, 0);
}

long
sys_access(uint64_t path, unsigned mode)
{
	return sys_faccessat2(AT_FDCWD, path, mode, 0);
}

static long
readlink(struct inode *ino, uint64_t ubuf, int n)
{
	char *buf;
	size_t len;
	long r;

	if (!S_ISLNK(ino->mode) || !ino->ops->readlink)
		return -EINVAL;
	buf = kmalloc(PATH_MAX);
	if (!buf)
		return -ENOMEM;
	r = ino->ops->readlink(ino, buf, PATH_MAX, &len);
	if (!r) {
		if (len > (size_t)n)
			len = (size_t)n;
		r = copy_out(ubuf, buf, len) ? -EFAULT : (long)len;
	}
	kfree(buf);
	return r;
}

long
sys_readlinkat(int dirfd, uint64_t path, uint64_t buf, int n)
{
	struct dentry *d;
	long r;

	if (n <= 0)
		return -EINVAL;
	r = walk_at(dirfd, path, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, &d);
	if (r)
		return r;
	r = readlink(d->inode, buf, n);
	dentry_put(d);
	return r;
}

long
sys_readlink(uint64_t path, uint64_t buf, int n)
{
	struct dentry *d;
	long r;

	if (n <= 0)
		return -EINVAL;
	r = path_walk_user(AT_FDCWD, path, 0, &d);
	if (r)
		return r;
	r = readlink(d->inode, buf, n);
	dentry_put(d);
	return r;
}

static long
statfs_out(struct superblock *sb, uint64_t buf)
{
	struct linux_statfs st = {
	    .bsize = PAGE_SIZE, .frsize = PAGE_SIZE, .namelen = NAME_MAX};
	long r = sb->statfs ? sb->statfs(sb, &st) : 0;

	if (sb->readonly)
		st.flags |= 1; /* ST_RDONLY */
	st.flags |= 0x20;      /* ST_VALID */
	if (!r && copy_out(buf, &st, sizeof(st)))
		r = -EFAULT;
	return r;
}

long
sys_statfs(uint64_t path, uint64_t buf)
{
	struct dentry *d;
	long r = path_walk_user(AT_FDCWD, path, WALK_FOLLOW, &d);

	if (r)
		return r;
	r = statfs_out(d->sb, buf);
	dentry_put(d);
	return r;
}

long
sys_fstatfs(int fd, uint64_t buf)
{
	struct file *f = fd_get(fd);
	long r;

	if (!f)
		return -EBADF;
	r = statfs_out(f->inode->sb, buf);
	file_put(f);
	return r;
}
