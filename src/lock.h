/* SPDX-License-Identifier: MIT */
/* Mutual exclusion and sleeping between the threads of the tracer. */
#ifndef PTL_LOCK_H
#define PTL_LOCK_H

#include <stdbool.h>

/* All zero: not taken. */
struct ptl_lock {
	int word;	   /* LOCK_* of lock.c */
	const char *owner; /* a byte of the owner's own */
};

/* An address that stands for the calling thread. */
const char *ptl_thread(void);

/*
 * Take L. False if this thread has it already, which happens in a signal
 * handler alone. STALE is asked before sleeping: true if this is the child of
 * a fork, and the owner stayed behind in the parent. Then L is taken from it,
 * and ptl_lock_is_heirs() says so until it is given back.
 */
bool ptl_lock_take(struct ptl_lock *l, bool (*stale)(void));

/*
 * Take L if it is free, without a call: for what needs no more than memory.
 * SELF is ptl_thread(). ptl_lock_give() follows.
 */
static inline bool
ptl_lock_try(struct ptl_lock *l, const char *self)
{
	int from = 0;

	/* The owner's own signal handler finds it taken. */
	if (!__atomic_compare_exchange_n(&l->word, &from, 1, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return false;
	__atomic_store_n(&l->owner, self, __ATOMIC_RELAXED);
	return true;
}
bool ptl_lock_is_heirs(const struct ptl_lock *l);
void ptl_lock_give(struct ptl_lock *l);

/*
 * Sleep while *WORD is VALUE. May return early. -EINTR: after a signal handler
 * without SA_RESTART; else 0.
 */
int ptl_sleep(int *word, int value);

/* Wake all who sleep on WORD. */
void ptl_wake(int *word);

#endif
