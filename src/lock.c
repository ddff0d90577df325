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

enum {
	LOCK_FREE,
	LOCK_TAKEN,   /* 1, as ptl_lock_try() has it */
	LOCK_AWAITED, /* taken, and somebody sleeps for it */
	LOCK_HEIRS,   /* taken from an owner that a fork left behind */
};

/* A byte per thread: its address tells threads apart without a call. */
static _Thread_local char self;

const char *
ptl_thread(void)
{
	return &self;
}

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

static void
take_slowly(struct ptl_lock *l, bool (*stale)(void))
{
	for (;;) {
		int seen = __atomic_load_n(&l->word, __ATOMIC_RELAXED);

		if (seen == LOCK_FREE) {
			if (swap(l, seen, LOCK_AWAITED))
				return;
			continue;
		}
		if (seen != LOCK_HEIRS) {
			if (stale()) {
				if (swap(l, seen, LOCK_HEIRS))
					return;
				continue;
			}
			if (seen == LOCK_TAKEN && !swap(l, seen, LOCK_AWAITED))
				continue;
			seen = LOCK_AWAITED;
		}
		ptl_sleep(&l->word, seen);
	}
}

bool
ptl_lock_take(struct ptl_lock *l, bool (*stale)(void))
{
	if (__atomic_load_n(&l->owner, __ATOMIC_RELAXED) == &self)
		return false;
	if (!swap(l, LOCK_FREE, LOCK_TAKEN))
		take_slowly(l, stale);
	__atomic_store_n(&l->owner, &self, __ATOMIC_RELAXED);
	return true;
}

bool
ptl_lock_is_heirs(const struct ptl_lock *l)
{
	return __atomic_load_n(&l->word, __ATOMIC_RELAXED) == LOCK_HEIRS;
}

void
ptl_lock_give(struct ptl_lock *l)
{
	__atomic_store_n(&l->owner, NULL, __ATOMIC_RELAXED);
	if (__atomic_exchange_n(&l->word, LOCK_FREE, __ATOMIC_RELEASE) !=
	    LOCK_TAKEN)
		ptl_wake(&l->word);
}
