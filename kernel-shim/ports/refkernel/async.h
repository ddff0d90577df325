/* SPDX-License-Identifier: MIT */
/*
 * Files that tell of input by a signal, SIGIO as a rule: O_ASYNC, F_SETOWN and
 * what belongs to them.
 */
#ifndef REFKERNEL_ASYNC_H
#define REFKERNEL_ASYNC_H

#include <stdbool.h>
#include <stdint.h>

struct async;
struct file;

/* Who gets the signal, and by whose right. */
struct file_owner {
	int32_t type; /* F_OWNER_... */
	int32_t pid;  /* 0: nobody */
	int32_t sig;  /* F_SETSIG; 0: SIGIO without more */
	uint32_t uid, euid;
};

/*
 * Turn O_ASYNC of F, which is descriptor FD, on or off. -ENOTTY: F cannot tell
 * and is as it was. -ENOMEM.
 */
int async_set(struct file *f, int fd, bool on);

/* F_SETOWN, F_GETOWN, F_SETOWN_EX, F_GETOWN_EX, F_SETSIG, F_GETSIG. */
long async_fcntl(struct file *f, unsigned cmd, uint64_t arg);

/* An async_owner() of files that tell nobody who was not named. */
int32_t async_nobody(struct file *f);

/* F goes. */
void async_forget(struct file *f);

#endif
