/* SPDX-License-Identifier: MIT */
/*
 * /proc and `proc:`. The tree is described by tables of nodes. There are three
 * kinds of directory that tables are for; what a table's names have before a
 * slash are directories too. The lists of processes, threads and descriptors
 * are made by procfs.c itself.
 */
#ifndef REFKERNEL_PROCFS_H
#define REFKERNEL_PROCFS_H

#include <stddef.h>
#include <stdint.h>

#include "file.h"

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
 * A node. T is the thread of the directory (for a process its leader), held by
 * the caller; NULL for the root's. One of show, link and open is given.
 */
struct proc_node {
	const char *name; /* within the directory: "comm", "regs/int" */
	uint32_t mode;	  /* with the type */
	/* A text file's contents, made at a read of its beginning. */
	int (*show)(struct thread *t, struct seq *s);
	/* A write to a text file: BUF is terminated. LEN or -errno. */
	int64_t (*store)(struct thread *t, const char *buf, size_t len);
	/* A link: its text, of at most SIZE bytes. */
	int (*link)(struct thread *t, char *buf, size_t size, size_t *out_len);
	/* A link to an object. */
	int (*follow)(struct thread *t, struct dentry **out);
	/* Anything else: set f->ops and f->priv. */
	int (*open)(struct thread *t, const struct proc_node *n,
		    struct file *f);
	/* True: the current thread may open it whatever its mode. */
	bool (*exempt)(struct thread *t, const struct proc_node *n);
	int arg; /* for open */
};

/* Where a table applies. */
enum proc_dir {
	PROC_ROOT,    /* /proc */
	PROC_PROCESS, /* /proc/PID */
	PROC_TASK,    /* /proc/PID/task/TID */
	PROC_SYS,     /* /sys */
	PROC_DIRS
};

/* Add a table of COUNT nodes, which is kept, not copied. */
void procfs_add(enum proc_dir dir, const struct proc_node *nodes, size_t count);

/* The roots of /proc, with the base files added, and of /sys. */
int procfs_init(struct dentry **out_root);
int sysfs_init(struct dentry **out_root);

/* The tables' own registration, by procfs_init(). */
void proc_pid_init(void);
void proc_map_init(void);
void proc_root_init(void);
void proc_trace_init(void);

/* /proc/PID/fdinfo/FD. */
int proc_show_fdinfo(struct file *f, unsigned cloexec, struct seq *s);

#endif
