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

#define POLLER_INLINE 24

struct poller_more;

/* A thread's membership in the queues of many files. */
struct poller {
	struct poll_table pt;
	struct waiter waiters[POLLER_INLINE];
	unsigned n; /* of these in use */
	struct poller_more *more;
};

void poller_init(struct poller *p);
/* Leave all queues. */
void poller_fini(struct poller *p);

/*
 * For ppoll's and pselect's time-outs: the deadline of the struct timespec at
 * UA (0: none), and what is left of it written back. -EFAULT, -EINVAL.
 */
int poll_deadline(uint64_t ua, int64_t *out_deadline);
int poll_write_rest(uint64_t ua, int64_t deadline);

struct file;

/* What is ready of F (POLLIN ...). A file without poll is always ready. */
unsigned file_poll(struct file *f, struct poll_table *pt);

#endif
