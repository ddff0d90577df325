/* SPDX-License-Identifier: MIT */
/* A file system in memory. */
#ifndef REFKERNEL_TMPFS_H
#define REFKERNEL_TMPFS_H

#include <stdint.h>

struct dentry;
struct inode;
struct inode_ops;

/* Of regular files. */
extern const struct inode_ops tmpfs_file_ops;

/*
 * A new, empty one, whose root directory has MODE. As on Linux it takes up to
 * half of the memory.
 */
int tmpfs_new(uint32_t mode, const char *source, struct dentry **out_root);

/* Forget all files of all of them, at power-off. */
void tmpfs_fini(void);

/* A regular file without a name, for memfd_create and shared anonymous memory.
 */
int tmpfs_file(uint32_t mode, struct inode **out);

#endif
