/* SPDX-License-Identifier: MIT */
/* System calls that change the attributes of files. */
#include "calls_file.h"

#include "clock.h"
#include "cpu.h"
#include "cred.h"
#include "errno.h"
#include "file.h"
#include "thread.h"
#include "user.h"

#define UTIME_NOW  0x3fffffff
#define UTIME_OMIT 0x3ffffffe

static bool
is_owner(const struct inode *ino)
{
	return current->cred.fsuid == ino->uid || capable(CAP_FOWNER);
}

static long
change_mode(struct inode *ino, uint32_t mode)
{
	if (ino->sb->readonly)
		return -EROFS;
	if (!is_owner(ino))
		return -EPERM;
	if (S_ISLNK(ino->mode))
		return -EOPNOTSUPP;
	mode &= 07777;
	if (!in_group(ino->gid) && !capable(CAP_FSETID))
		mode &= ~(uint32_t)S_ISGID;
	ino->mode = (ino->mode & S_IFMT) | mode;
	ino->ctime = now_timespec();
	return 0;
}

static long
change_owner(struct inode *ino, uint32_t uid, uint32_t gid)
{
	const struct cred *c = &current->cred;

	if (ino->sb->readonly)
		return -EROFS;
	if (!capable(CAP_CHOWN)) {
		if (uid != ~0u && (c->fsuid != ino->uid || uid != ino->uid))
			return -EPERM;
		if (gid != ~0u && (c->fsuid != ino->uid ||
				   (gid != ino->gid && !in_group(gid))))
			return -EPERM;
	}
	if (uid != ~0u)
		ino->uid = uid;
	if (gid != ~0u)
		ino->gid = gid;
	if (!S_ISDIR(ino->mode)) {
		ino->mode &= ~(uint32_t)S_ISUID;
		if (ino->mode & 010)
			ino->mode &= ~(uint32_t)S_ISGID;
	}
	ino->ctime = now_timespec();
	return 0;
}

/* As path_walk_user(), with the flags of the *at calls. */
static int
walk_at(int dirfd, uint64_t path, unsigned flags, struct dentry **out)
{
	unsigned walk = flags & AT_SYMLINK_NOFOLLOW ? 0 : WALK_FOLLOW;

	if (flags & ~(unsigned)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH)
		walk |= WALK_EMPTY_OK;
	return path_walk_user(dirfd, path, walk, out);
}

long
sys_fchmodat2(int dirfd, uint64_t path, uint32_t mode, unsigned flags)
{
	struct dentry *d;
	long r = walk_at(dirfd, path, flags, &d);

	if (r)
		return r;
	r = change_mode(d->inode, mode);
	dentry_put(d);
	return r;
}

long
sys_fchmodat(int dirfd, uint64_t path, uint32_t mode)
{
	return sys_fchmodat2(dirfd, path, mode, 0);
}

long
sys_chmod(uint64_t path, uint32_t mode)
{
	return sys_fchmodat2(AT_FDCWD, path, mode, 0);
}

long
sys_fchmod(int fd, uint32_t mode)
{
	struct file *f = fd_get(fd);
	long r;

	if (!f)
		return -EBADF;
	r = f->flags & O_PATH ? -EBADF : change_mode(f->inode, mode);
	file_put(f);
	return r;
}

long
sys_fchownat(int dirfd, uint64_t path, uint32_t uid, uint32_t gid,
	     unsigned flags)
{
	struct dentry *d;
	long r = walk_at(dirfd, path, flags, &d);

	if (r)
		return r;
	r = change_owner(d->inode, uid, gid);
	dentry_put(d);
	return r;
}

long
sys_chown(uint64_t path, uint32_t uid, uint32_t gid)
{
	return sys_fchownat(AT_FDCWD, path, uid, gid, 0);
}

long
sys_lchown(uint64_t path, uint32_t uid, uint32_t gid)
{
	return sys_fchownat(AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW);
}

long
sys_fchown(int fd, uint32_t uid, uint32_t gid)
{
	struct file *f = fd_get(fd);
	long r;

	if (!f)
		return -EBADF;
	r = f->flags & O_PATH ? -EBADF : change_owner(f->inode, uid, gid);
	file_put(f);
	return r;
}

/* Times to set; nsec UTIME_NOW or UTIME_OMIT. TS NULL: both to now. */
static long
change_times(struct inode *ino, const struct linux_timespec *ts)
{
	struct linux_timespec now = now_timespec();
	bool just_now =
	    !ts || (ts[0].nsec == UTIME_NOW && ts[1].nsec == UTIME_NOW);

	if (ts && ts[0].nsec == UTIME_OMIT && ts[1].nsec == UTIME_OMIT)
		return 0;
	if (ino->sb->readonly)
		return -EROFS;
	if (!is_owner(ino)) {
		if (!just_now)
			return -EPERM;
		if (inode_permission(ino, W_OK))
			return -EACCES;
	}
	if (!ts || ts[0].nsec == UTIME_NOW)
		ino->atime = now;
	else if (ts[0].nsec != UTIME_OMIT)
		ino->atime = ts[0];
	if (!ts || ts[1].nsec == UTIME_NOW)
		ino->mtime = now;
	else if (ts[1].nsec != UTIME_OMIT)
		ino->mtime = ts[1];
	ino->ctime = now;
	return 0;
}

static long
set_times(int dirfd, uint64_t path, const struct linux_timespec *ts,
	  unsigned flags)
{
	struct dentry *d;
	long r;

	if (!path && dirfd != AT_FDCWD)
		r = fd_dentry(dirfd, &d);
	else
		r = walk_at(dirfd, path, flags, &d);
	if (r)
		return r;
	r = change_times(d->inode, ts);
	dentry_put(d);
	return r;
}

long
sys_utimensat(int dirfd, uint64_t path, uint64_t times, unsigned flags)
{
	struct linux_timespec ts[2];

	if (!times)
		return set_times(dirfd, path, NULL, flags);
	if (copy_in(ts, times, sizeof(ts)))
		return -EFAULT;
	for (int i = 0; i < 2; i++) {
		if (ts[i].nsec != UTIME_NOW && ts[i].nsec != UTIME_OMIT &&
		    (uint64_t)ts[i].nsec >= NSEC_PER_SEC)
			return -EINVAL;
	}
	return set_times(dirfd, path, ts, flags);
}

long
sys_futimesat(int dirfd, uint64_t path, uint64_t times)
{
	struct linux_timespec ts[2];

	if (!times)
		return set_times(dirfd, path, NULL, 0);
	if (copy_in(ts, times, sizeof(ts)))
		return -EFAULT;
	for (int i = 0; i < 2; i++) {
		if ((uint64_t)ts[i].nsec >= 1000000)
			return -EINVAL;
		ts[i].nsec *= 1000; /* a timeval was read */
	}
	return set_times(dirfd, path, ts, 0);
}

long
sys_utimes(uint64_t path, uint64_t times)
{
	return sys_futimesat(AT_FDCWD, path, times);
}

long
sys_utime(uint64_t path, uint64_t times)
{
	struct linux_timespec ts[2] = {{0, 0}, {0, 0}};
	int64_t t[2];

	if (!times)
		return set_times(AT_FDCWD, path, NULL, 0);
	if (copy_in(t, times, sizeof(t)))
		return -EFAULT;
	ts[0].sec = t[0];
	ts[1].sec = t[1];
	return set_times(AT_FDCWD, path, ts, 0);
}
