/* SPDX-License-Identifier: MIT */
/* A file system in memory. */
#ifndef REFKERNEL_TMPFS_H
#define REFKERNEL_TMPFS_H

#include <stdint.h>

struct dentry;
struct inode;

/* A new, empty one, whose root directory has MODE. */
int tmpfs_new(uint32_t mode, const char *source, struct dentry **out_root);

/* A regular file without a name, for memfd_create and shared anonymous memory. */
int tmpfs_file(uint32_t mode, struct inode **out);

/* Make a node, a directory or a link at a kernel path; for set-up. */
int tmpfs_make(struct dentry *root, const char *name, uint32_t mode,
	       uint64_t rdev);
int tmpfs_make_link(struct dentry *root, const char *name, const char *target);

#endif
