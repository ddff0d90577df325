/* SPDX-License-Identifier: MIT */
/*
 * seccomp: system call filters in classic BPF.
 */
#ifndef REFKERNEL_SECCOMP_H
#define REFKERNEL_SECCOMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct regs;
struct thread;

#define SECCOMP_MODE_DISABLED 0
#define SECCOMP_MODE_STRICT   1
#define SECCOMP_MODE_FILTER   2

/* prctl(PR_SET_SECCOMP, MODE, UPROG), and seccomp(2) with FLAGS. */
long seccomp_set(uint64_t mode, unsigned flags, uint64_t uprog);

/* T, new, gets the current thread's filters; T is gone. */
void seccomp_fork(struct thread *t);
void seccomp_exit(struct thread *t);

/*
 * May the system call in R be run? False: no, its result is in R (or the
 * thread is to die of a signal).
 */
bool seccomp_check(struct regs *r);

/*
 * Copy N bytes or less, from byte POS on, of T's filter INDEX (0: the oldest)
 * to BUF. OUT_FLAGS: those it was set with that Linux tells of. The number of
 * bytes; -EINVAL: T is not filtered; -ENOENT: there are not so many.
 */
int64_t seccomp_copy(const struct thread *t, uint64_t index, size_t pos,
		     void *buf, size_t n, uint64_t *out_flags);

#endif
