/* SPDX-License-Identifier: MIT */
/* Extended attributes, which no file here has: as on a file system without. */
#include "calls_file.h"

#include "errno.h"
#include "file.h"

static long
of_path(uint64_t path, unsigned walk, long result)
{
	struct dentry *d;
	int err = path_walk_user(AT_FDCWD, path, walk, &d);

	if (err)
		return err;
	dentry_put(d);
	return result;
}

static long
of_fd(int fd, long result)
{
	struct file *f = fd_get(fd);

	if (!f)
		return -EBADF;
	file_put(f);
	return result;
}

long
sys_setxattr(uint64_t path)
{
	return of_path(path, WALK_FOLLOW, -EOPNOTSUPP);
}

long
sys_lsetxattr(uint64_t path)
{
	return of_path(path, 0, -EOPNOTSUPP);
}

long
sys_fsetxattr(int fd)
{
	return of_fd(fd, -EOPNOTSUPP);
}

long
sys_getxattr(uint64_t path)
{
	return of_path(path, WALK_FOLLOW, -EOPNOTSUPP);
}

long
sys_lgetxattr(uint64_t path)
{
	return of_path(path, 0, -EOPNOTSUPP);
}

long
sys_fgetxattr(int fd)
{
	return of_fd(fd, -EOPNOTSUPP);
}

/* The list of names is there, but empty. */
long
sys_listxattr(uint64_t path)
{
	return of_path(path, WALK_FOLLOW, 0);
}

long
sys_llistxattr(uint64_t path)
{
	return of_path(path, 0, 0);
}

long
sys_flistxattr(int fd)
{
	return of_fd(fd, 0);
}

long
sys_removexattr(uint64_t path)
{
	return of_path(path, WALK_FOLLOW, -EOPNOTSUPP);
}

long
sys_lremovexattr(uint64_t path)
{
	return of_path(path, 0, -EOPNOTSUPP);
}

long
sys_fremovexattr(int fd)
{
	return of_fd(fd, -EOPNOTSUPP);
}
