/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lock.h"

#include <errno.h>
#include <limits.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's headers are not always there. */
#define FUTEX_WAIT_PRIVATE 128
#define FUTEX_WAKE_PRIVATE 129

_Thread_local char ptl_self;

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

static bool
swap(struct ptl_lock *l, int from, int to)
{
	return __atomic_compare_exchange_n(&l->word, &from, to, false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

void
ptl_lock_await(struct ptl_lock *l, bool (*stale)(void))
{
	for (;;) {
		int seen = __atomic_load_n(&l->word, __ATOMIC_RELAXED);

		if (seen == PTL_LOCK_FREE) {
			if (swap(l, seen, PTL_LOCK_AWAITED))
				return;
			continue;
		}
		if (seen != PTL_LOCK_HEIRS) {
			if (stale()) {
				if (swap(l, seen, PTL_LOCK_HEIRS))
					return;
				continue;
			}
			if (seen == PTL_LOCK_TAKEN &&
			    !swap(l, seen, PTL_LOCK_AWAITED))
				continue;
			seen = PTL_LOCK_AWAITED;
		}
		ptl_sleep(&l->word, seen);
	}
}
