/* SPDX-License-Identifier: MIT */
/*
 * /proc and `proc:`. The tree is described by tables of nodes; each table is
 * searched for directories like "" (the root), "PID" and "PID/task/TID". The
 * shim's files are given by one more table with its own operations.
 */
#ifndef REFKERNEL_PROCFS_H
#define REFKERNEL_PROCFS_H

#include <stddef.h>
#include <stdint.h>

#include "file.h"

struct seq;
struct thread;

/* A text that grows while a file's contents are made. */
struct seq {
	char *buf;
	size_t len, size;
	int error; /* -ENOMEM once it could not grow */
};

void seq_printf(struct seq *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void seq_write(struct seq *s, const void *data, size_t n);

/*
 * A node of a directory. T is the thread of the directory (for "PID" the
 * leader of the group), NULL for the root's. It is referenced while the file is open.
 */
struct proc_node {
	const char *name; /* can have one slash: "regs/int" */
	uint32_t mode;	  /* with the type */
	/* A text file: make the contents. Called at the first read. */
	int (*show)(struct thread *t, struct seq *s);
	/* A link: its text. */
	int (*link)(struct thread *t, char *buf, size_t size, size_t *out_len);
	/* A link to an object. */
	int (*follow)(struct thread *t, struct dentry **out);
	/* Anything else: set f->ops and f->priv. ARG is of the table. */
	int (*open)(struct thread *t, const struct proc_node *n,
		    struct file *f);
	/* A text file that can be written: one write. */
	int64_t (*store)(struct thread *t, const char *buf, size_t len);
	const void *arg;
};

/* Where a table applies. */
enum proc_dir {
	PROC_ROOT,    /* /proc */
	PROC_PROCESS, /* /proc/PID */
	PROC_TASK,    /* /proc/PID/task/TID */
};

/* Add a table, ended by a node without a name. It is kept, not copied. */
void procfs_add(enum proc_dir dir, const struct proc_node *nodes);

/* The file system's root; the base files are added. */
int procfs_init(struct dentry **out_root);

#endif
