/* SPDX-License-Identifier: MIT */
/* What procfs.c, the directories, and procfile.c, the files, share. */
#ifndef REFKERNEL_PROCFILE_H
#define REFKERNEL_PROCFILE_H

#include "procfs.h"

enum proc_kind {
	PROC_PREFIX, /* a directory of tables */
	PROC_NODE,
	PROC_TASKS,
	PROC_FDS,
	PROC_FDINFOS,
	PROC_FD,
	PROC_FDINFO,
};

/* The priv of an inode. */
struct proc_inode {
	enum proc_kind kind;
	enum proc_dir dir;
	const char *prefix; /* of a directory within `dir` */
	size_t prefix_len;
	const struct proc_node *node;
	struct thread *thread; /* held, or NULL */
	int fd;
};

int proc_make(struct superblock *sb, uint32_t mode, const struct inode_ops *ops,
	      const struct proc_inode *model, unsigned which,
	      struct inode **out);
void proc_inode_release(struct inode *ino);

const struct inode_ops *proc_node_ops(const struct proc_node *n);

/* Entry FD of directory DIR, which is fd or fdinfo. -ENOENT. */
int proc_fd_inode(struct inode *dir, int fd, struct inode **out);
/* The lowest open descriptor of T from FD on, or -1. */
int proc_next_fd(struct thread *t, int fd);

#endif
