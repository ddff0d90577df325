/* SPDX-License-Identifier: MIT */
/* The contents of files that more than one source file makes. */
#ifndef REFKERNEL_PROCFS_PID_H
#define REFKERNEL_PROCFS_PID_H

struct seq;
struct superblock;
struct thread;

/* Of the process of T, but for the state; of T alone. */
int proc_show_stat(struct thread *t, struct seq *s);
int proc_show_task_stat(struct thread *t, struct seq *s);

int proc_show_statm(struct thread *t, struct seq *s);
int proc_show_status(struct thread *t, struct seq *s);
int proc_show_limits(struct thread *t, struct seq *s);
int proc_show_children(struct thread *t, struct seq *s);

#endif
