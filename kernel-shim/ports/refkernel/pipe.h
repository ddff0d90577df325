/* SPDX-License-Identifier: MIT */
/* Pipes, with a name or without. */
#ifndef REFKERNEL_PIPE_H
#define REFKERNEL_PIPE_H

#include <stdint.h>

struct file;
struct inode;

/* Open a fifo: waits for the other side as Linux does. */
int fifo_open(struct inode *ino, struct file *f);
/* The fifo's inode goes. */
void fifo_free(struct inode *ino);

/* F_GETPIPE_SZ, F_SETPIPE_SZ; -EBADF if F is no pipe. */
long pipe_size(struct file *f);
long pipe_set_size(struct file *f, uint64_t size);

#endif
