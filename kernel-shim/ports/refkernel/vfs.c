/* SPDX-License-Identifier: MIT */
/* Operations on names: the checks that all file systems share. */
#include "path.h"

#include "cpu.h"
#include "cred.h"
#include "errno.h"
#include "file.h"
#include "signal.h"
#include "thread.h"
#include "vfs.h"

/* The directory that D's name is in. */
static struct inode *
dir_of(struct dentry *d)
{
	return d->parent->inode;
}

static bool
is_root(struct dentry *d)
{
	return d->parent == d || d->mounted;
}

/* May names be added to or taken from D's directory? */
static int
may_change(struct dentry *d)
{
	if (dir_of(d)->sb->readonly)
		return -EROFS;
	if (d->parent->unlinked)
		return -ENOENT;
	return inode_permission(dir_of(d), W_OK | X_OK);
}

/* May the name D be taken away? DIRECTORY: as rmdir does. */
static int
may_delete(struct dentry *d, bool directory)
{
	struct inode *dir = dir_of(d);
	int err;

	if (!d->inode)
		return -ENOENT;
	if (is_root(d))
		return -EBUSY;
	err = may_change(d);
	if (err)
		return err;
	if (dir->mode & S_ISVTX && current->cred.fsuid != dir->uid &&
	    current->cred.fsuid != d->inode->uid && !capable(CAP_FOWNER))
		return -EPERM;
	if (directory && !S_ISDIR(d->inode->mode))
		return -ENOTDIR;
	if (!directory && S_ISDIR(d->inode->mode))
		return -EISDIR;
	return 0;
}

/* Checks before the name D is made. */
static int
may_create(struct dentry *d)
{
	if (d->inode)
		return -EEXIST;
	return may_change(d);
}

int
vfs_create(struct dentry *d, uint32_t mode, uint64_t rdev)
{
	struct inode *dir = dir_of(d);
	int err = may_create(d);

	if (err)
		return err;
	if (!dir->ops->create)
		return -EPERM;
	return dir->ops->create(dir, d->name, d->len, mode, rdev, &d->inode);
}

int
vfs_symlink(struct dentry *d, const char *target)
{
	struct inode *dir = dir_of(d);
	int err = may_create(d);

	if (err)
		return err;
	if (!*target)
		return -ENOENT;
	if (!dir->ops->symlink)
		return -EPERM;
	return dir->ops->symlink(dir, d->name, d->len, target, &d->inode);
}

int
vfs_link(struct dentry *old, struct dentry *d)
{
	struct inode *dir = dir_of(d);
	int err = may_create(d);

	if (err)
		return err;
	if (old->sb != d->sb)
		return -EXDEV;
	if (S_ISDIR(old->inode->mode) || !dir->ops->link)
		return -EPERM;
	if (!old->inode->nlink)
		return -ENOENT;
	err = dir->ops->link(dir, d->name, d->len, old->inode);
	if (!err)
		d->inode = inode_get(old->inode);
	return err;
}

int
vfs_unlink(struct dentry *d, bool directory)
{
	struct inode *dir = dir_of(d);
	int err = may_delete(d, directory);

	if (err)
		return err;
	if (!dir->ops->unlink)
		return -EPERM;
	err = dir->ops->unlink(dir, d->name, d->len, d->inode);
	if (!err)
		dentry_unhash(d);
	return err;
}

/* True if A is D or above it. */
static bool
is_above(struct dentry *a, struct dentry *d)
{
	for (; d != a; d = d->parent) {
		if (d->parent == d)
			return false;
	}
	return true;
}

static int
may_replace(struct dentry *from, struct dentry *to)
{
	int err;

	if (!to->inode)
		return may_change(to);
	err = may_delete(to, S_ISDIR(from->inode->mode));
	if (err)
		return err;
	return is_above(to, from) ? -ENOTEMPTY : 0;
}

int
vfs_rename(struct dentry *from, struct dentry *to, unsigned flags)
{
	struct inode *dir = dir_of(from);
	int err;

	if (flags & ~(unsigned)RENAME_NOREPLACE)
		return -EINVAL;
	if (!from->inode)
		return -ENOENT;
	if (from->sb != to->sb)
		return -EXDEV;
	err = may_delete(from, S_ISDIR(from->inode->mode));
	if (err)
		return err;
	if (to->inode && flags & RENAME_NOREPLACE)
		return -EEXIST;
	if (S_ISDIR(from->inode->mode) && from != to && is_above(from, to))
		return -EINVAL;
	if (to->inode == from->inode)
		return 0;
	err = may_replace(from, to);
	if (err)
		return err;
	if (!dir->ops->rename)
		return -EPERM;
	err = dir->ops->rename(dir, from->name, from->len, from->inode,
			       dir_of(to), to->name, to->len, to->inode);
	if (!err)
		dentry_move(from, to);
	return err;
}

/* May INO grow to SIZE? Beyond the limit of the process it is a signal too. */
static int
check_size(struct inode *ino, uint64_t size)
{
	if (size > INT64_MAX)
		return -EFBIG;
	if (size <= ino->size ||
	    size <= current->process->rlimit[RLIMIT_FSIZE].cur)
		return 0;
	signal_kernel_thread(current, SIGXFSZ);
	return -EFBIG;
}

int
vfs_truncate(struct inode *ino, uint64_t size)
{
	if (S_ISDIR(ino->mode))
		return -EISDIR;
	if (!ino->ops->truncate)
		return ino->sb->readonly ? -EROFS : -EINVAL;
	return check_size(ino, size) ? -EFBIG : ino->ops->truncate(ino, size);
}

int
vfs_allocate(struct inode *ino, uint64_t off, uint64_t end, bool grow)
{
	if (!ino->ops->allocate)
		return -EOPNOTSUPP;
	if (grow && check_size(ino, end))
		return -EFBIG;
	return ino->ops->allocate(ino, off, end, grow);
}
