/* SPDX-License-Identifier: MIT */
#include "anon.h"

#include "errno.h"
#include "file.h"

int
anon_fd(const char *name, const struct file_ops *ops, void *priv,
	unsigned flags, struct file **out_file)
{
	static struct superblock sb = {
	    .type = "anon_inodefs",
	    .source = "anon_inodefs",
	    .dev = MAKEDEV(0, 13),
	};
	static const struct inode_ops inode_ops;
	struct inode *ino = inode_new(&sb, 0600, &inode_ops);
	struct file *f;
	int err;

	*out_file = NULL;
	if (!ino)
		return -ENOMEM;
	err = file_anon(ino, name, ops, priv, flags & ~(unsigned)O_CLOEXEC, &f);
	if (err)
		return err;
	*out_file = f;
	return fd_install(f, 0, flags & O_CLOEXEC);
}
