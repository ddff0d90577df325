/* SPDX-License-Identifier: MIT */
/* System calls that make, move and remove names. */
#include "calls_file.h"

#include "cpu.h"
#include "cred.h"
#include "errno.h"
#include "file.h"
#include "mem.h"
#include "string.h"
#include "thread.h"
#include "vfs.h"

/* The entry for something new; without DIRECTORY a final slash is refused. */
static int
walk_new(int dirfd, uint64_t upath, bool directory, struct dentry **out)
{
	struct dentry *d;
	char *path;
	size_t len;
	int err;

	err = path_copy_in(upath, &path);
	if (err)
		return err;
	len = strlen(path);
	err = path_walk_at(dirfd, path, WALK_ABSENT_OK, &d);
	if (!err && !directory && !d->inode && path[len - 1] == '/') {
		dentry_put(d);
		err = -ENOENT;
	}
	kfree(path);
	if (!err)
		*out = d;
	return err;
}

/* The entry of a name to be taken away: the last one may not be "." or "..". */
static int
walk_old(int dirfd, uint64_t upath, int dot_error, struct dentry **out)
{
	char *path, *last;
	size_t len;
	int err = path_copy_in(upath, &path);

	if (err)
		return err;
	for (len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
		;
	for (last = path + len; last > path && last[-1] != '/'; last--)
		;
	len -= (size_t)(last - path);
	if (len == 1 && last[0] == '.')
		err = dot_error;
	else if (len == 2 && last[0] == '.' && last[1] == '.')
		err = dot_error == -EINVAL ? -ENOTEMPTY : dot_error;
	if (!err)
		err = path_walk_at(dirfd, path, 0, out);
	kfree(path);
	return err;
}

long
sys_mkdirat(int dirfd, uint64_t path, uint32_t mode)
{
	struct dentry *d;
	long r = walk_new(dirfd, path, true, &d);

	if (r)
		return r;
	r = vfs_create(d, S_IFDIR | (mode & 01777 & ~current->fs->umask), 0);
	dentry_put(d);
	return r;
}

long
sys_mkdir(uint64_t path, uint32_t mode)
{
	return sys_mkdirat(AT_FDCWD, path, mode);
}

long
sys_mknodat(int dirfd, uint64_t path, uint32_t mode, uint64_t dev)
{
	struct dentry *d;
	long r;

	switch (mode & S_IFMT) {
	case 0:
		mode |= S_IFREG;
		break;
	case S_IFREG:
	case S_IFIFO:
	case S_IFSOCK:
		break;
	case S_IFCHR:
	case S_IFBLK:
		if (!capable(CAP_MKNOD))
			return -EPERM;
		break;
	case S_IFDIR:
		return -EPERM;
	default:
		return -EINVAL;
	}
	r = walk_new(dirfd, path, false, &d);
	if (r)
		return r;
	r = vfs_create(d, mode & ~current->fs->umask, dev);
	dentry_put(d);
	return r;
}

long
sys_mknod(uint64_t path, uint32_t mode, uint64_t dev)
{
	return sys_mknodat(AT_FDCWD, path, mode, dev);
}

long
sys_unlinkat(int dirfd, uint64_t path, unsigned flags)
{
	bool directory = flags & AT_REMOVEDIR;
	struct dentry *d;
	long r;

	if (flags & ~(unsigned)AT_REMOVEDIR)
		return -EINVAL;
	r = walk_old(dirfd, path, directory ? -EINVAL : -EISDIR, &d);
	if (r)
		return r;
	r = vfs_unlink(d, directory);
	dentry_put(d);
	return r;
}

long
sys_unlink(uint64_t path)
{
	return sys_unlinkat(AT_FDCWD, path, 0);
}

long
sys_rmdir(uint64_t path)
{
	return sys_unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

long
sys_linkat(int fromfd, uint64_t from, int tofd, uint64_t to, unsigned flags)
{
	unsigned walk = flags & AT_SYMLINK_FOLLOW ? WALK_FOLLOW : 0;
	struct dentry *old, *d;
	long r;

	if (flags & ~(unsigned)(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH)
		walk |= WALK_EMPTY_OK;
	r = path_walk_user(fromfd, from, walk, &old);
	if (r)
		return r;
	r = walk_new(tofd, to, false, &d);
	if (!r) {
		r = vfs_link(old, d);
		dentry_put(d);
	}
	dentry_put(old);
	return r;
}

long
sys_link(uint64_t from, uint64_t to)
{
	return sys_linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

long
sys_symlinkat(uint64_t utarget, int dirfd, uint64_t path)
{
	struct dentry *d;
	char *target;
	long r;

	r = path_copy_in(utarget, &target);
	if (r)
		return r;
	r = walk_new(dirfd, path, false, &d);
	if (!r) {
		r = vfs_symlink(d, target);
		dentry_put(d);
	}
	kfree(target);
	return r;
}

long
sys_symlink(uint64_t target, uint64_t path)
{
	return sys_symlinkat(target, AT_FDCWD, path);
}

long
sys_renameat2(int fromfd, uint64_t from, int tofd, uint64_t to, unsigned flags)
{
	struct dentry *old, *d;
	long r;

	r = walk_old(fromfd, from, -EBUSY, &old);
	if (r)
		return r;
	r = walk_new(tofd, to, old->inode && S_ISDIR(old->inode->mode), &d);
	if (!r) {
		r = vfs_rename(old, d, flags);
		dentry_put(d);
	}
	dentry_put(old);
	return r;
}

long
sys_renameat(int fromfd, uint64_t from, int tofd, uint64_t to)
{
	return sys_renameat2(fromfd, from, tofd, to, 0);
}

long
sys_rename(uint64_t from, uint64_t to)
{
	return sys_renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}
