/* SPDX-License-Identifier: MIT */
/* Descriptors that stand for a process. */
#ifndef REFKERNEL_PIDFD_H
#define REFKERNEL_PIDFD_H

#include <stdbool.h>

struct file;

/* True if F is one; *OUT_PID is its process, -1 if that was reaped. */
bool pidfd_pid(const struct file *f, int *out_pid);

/* The same for descriptor FD. -EBADF: there is none, or not of this kind. */
int pidfd_get(int fd, int *out_pid);

#endif
