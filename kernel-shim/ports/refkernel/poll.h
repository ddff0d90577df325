/* SPDX-License-Identifier: MIT */
/* Waiting for one of many files: poll, select and epoll are built on it. */
#ifndef REFKERNEL_POLL_H
#define REFKERNEL_POLL_H

#include "waitq.h"

/* Enters the caller of a poll in a file's wait queues. */
struct poll_table {
	void (*enter)(struct poll_table *pt, struct waitq *q);
	int error; /* -ENOMEM: could not enter one */
};

/* For the poll operation of files. */
static inline void
poll_wait(struct poll_table *pt, struct waitq *q)
{
	if (pt)
		pt->enter(pt, q);
}

struct file;

/* What is ready of F (POLLIN ...). A file without poll is always ready. */
unsigned file_poll(struct file *f, struct poll_table *pt);

#endif
