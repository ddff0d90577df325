/* SPDX-License-Identifier: MIT */
/* Operations on names. Rights and types are checked here, as Linux does. */
#ifndef REFKERNEL_VFS_H
#define REFKERNEL_VFS_H

#include <stdbool.h>
#include <stdint.h>

struct dentry;
struct inode;

#define RENAME_NOREPLACE 1

/* Make what the type in MODE says at D, which is to be absent (-EEXIST). */
int vfs_create(struct dentry *d, uint32_t mode, uint64_t rdev);
int vfs_symlink(struct dentry *d, const char *target);
int vfs_link(struct dentry *old, struct dentry *d);
/* Take the name D away; DIRECTORY: it is to be an empty directory. */
int vfs_unlink(struct dentry *d, bool directory);
int vfs_rename(struct dentry *from, struct dentry *to, unsigned flags);
/* Beyond RLIMIT_FSIZE these send SIGXFSZ: -EFBIG. */
int vfs_truncate(struct inode *ino, uint64_t size);
/* See inode_ops. */
int vfs_allocate(struct inode *ino, uint64_t off, uint64_t end, bool grow);

#endif
