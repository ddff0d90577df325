/* SPDX-License-Identifier: MIT */
/*
 * System call user dispatch: calls from outside a range of code come back to
 * the program as SIGSYS, as long as a byte of its memory says so.
 */
#ifndef REFKERNEL_DISPATCH_H
#define REFKERNEL_DISPATCH_H

#include <stdbool.h>
#include <stdint.h>

struct proc_dispatch;
struct regs;
struct thread;

struct dispatch {
	uint64_t selector; /* 0: all calls from outside */
	uint64_t offset, len;
};

void dispatch_get(const struct thread *t, struct proc_dispatch *out);

/* -EINVAL: no such mode, or range. -EFAULT: no such selector. */
int dispatch_set(struct thread *t, const struct proc_dispatch *d);

/* The current thread, which has WORK_DISPATCH, begins a call: true: it does
 * not, and has its signal. */
bool dispatch_taken(struct regs *r);

#endif
