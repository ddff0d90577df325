/* SPDX-License-Identifier: MIT */
/* Advisory locks on files: flock(2) and fcntl(2). */
#ifndef REFKERNEL_FLOCK_H
#define REFKERNEL_FLOCK_H

#include <stdbool.h>

struct file;
struct fdtable;
struct inode;
struct linux_flock;

/* Free what INO has; nobody holds a lock any more. */
void file_locks_free(struct inode *ino);

/* F is being closed for good: its flock and OFD locks go. */
void file_locks_release(struct file *f);

/* A descriptor of F in table T is closed: the process's locks go. */
void file_locks_close(struct file *f, struct fdtable *t);

/* As flock(2). */
long file_flock(struct file *f, unsigned op);

/* As fcntl(2) with F_GETLK and its like. */
long file_fcntl_lock(struct file *f, unsigned cmd, struct linux_flock *fl);

#endif
