/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lock.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's headers are not always there. */
#define FUTEX_WAIT_PRIVATE 128
#define FUTEX_WAKE_PRIVATE 129

/* A byte per thread: its address tells threads apart without a call. */
static _Thread_local char self;

int
ptl_sleep(int *word, int value)
{
	int saved = errno;
	int err = 0;

	if (syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL) < 0 &&
	    errno == EINTR)
		err = -EINTR;
	errno = saved;
	return err;
}

void
ptl_wake(int *word)
{
	int saved = errno;

	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX);
	errno = saved;
}

bool
ptl_lock_take(struct ptl_lock *l, bool (*forked)(void))
{
	int seen = 0;

	if (__atomic_load_n(&l->owner, __ATOMIC_RELAXED) == &self)
		return false;
	if (!__atomic_compare_exchange_n(&l->word, &seen, 1, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
		while (!forked() &&
		       __atomic_exchange_n(&l->word, 2, __ATOMIC_ACQUIRE))
			ptl_sleep(&l->word, 2);
		__atomic_store_n(&l->word, 2, __ATOMIC_RELAXED);
	}
	__atomic_store_n(&l->owner, &self, __ATOMIC_RELAXED);
	return true;
}

void
ptl_lock_give(struct ptl_lock *l)
{
	__atomic_store_n(&l->owner, NULL, __ATOMIC_RELAXED);
	if (__atomic_exchange_n(&l->word, 0, __ATOMIC_RELEASE) == 2)
		ptl_wake(&l->word);
}
