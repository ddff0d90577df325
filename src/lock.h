/* SPDX-License-Identifier: MIT */
/* Mutual exclusion and sleeping between the threads of the tracer. */
#ifndef PTL_LOCK_H
#define PTL_LOCK_H

#include <stdbool.h>
#include <stddef.h>

/* A byte per thread: its address tells threads apart without a call. */
extern _Thread_local char ptl_self;

/* An address that stands for the calling thread. */
static inline const char *
ptl_thread(void)
{
	return &ptl_self;
}

enum {
	PTL_LOCK_FREE,
	PTL_LOCK_TAKEN,
	PTL_LOCK_AWAITED, /* taken, and somebody sleeps for it */
	PTL_LOCK_HEIRS,	  /* taken from an owner that a fork left behind */
};

/* All zero: not taken. */
struct ptl_lock {
	int word;	   /* PTL_LOCK_* */
	const char *owner; /* a byte of the owner's own */
};

/* ptl_lock_take() of one that is not free. */
void ptl_lock_await(struct ptl_lock *l, bool (*stale)(void));

/* Wake all who sleep on WORD. */
void ptl_wake(int *word);

/*
 * Take L if it is free, without a call: for what needs no more than memory.
 * SELF is ptl_thread(). ptl_lock_give() follows.
 */
static inline bool
ptl_lock_try(struct ptl_lock *l, const char *self)
{
	int from = PTL_LOCK_FREE;

	/* The owner's own signal handler finds it taken. */
	if (!__atomic_compare_exchange_n(&l->word, &from, PTL_LOCK_TAKEN, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return false;
	__atomic_store_n(&l->owner, self, __ATOMIC_RELAXED);
	return true;
}

/*
 * Take L. False if this thread has it already, which happens in a signal
 * handler alone. STALE is asked before sleeping: true if this is the child of
 * a fork, and the owner stayed behind in the parent. Then L is taken from it,
 * and ptl_lock_is_heirs() says so until it is given back.
 */
static inline bool
ptl_lock_take(struct ptl_lock *l, bool (*stale)(void))
{
	const char *self = ptl_thread();

	if (__atomic_load_n(&l->owner, __ATOMIC_RELAXED) == self)
		return false;
	if (ptl_lock_try(l, self))
		return true;
	ptl_lock_await(l, stale);
	__atomic_store_n(&l->owner, self, __ATOMIC_RELAXED);
	return true;
}

static inline bool
ptl_lock_is_heirs(const struct ptl_lock *l)
{
	return __atomic_load_n(&l->word, __ATOMIC_RELAXED) == PTL_LOCK_HEIRS;
}

static inline void
ptl_lock_give(struct ptl_lock *l)
{
	__atomic_store_n(&l->owner, NULL, __ATOMIC_RELAXED);
	if (__atomic_exchange_n(&l->word, PTL_LOCK_FREE, __ATOMIC_RELEASE) !=
	    PTL_LOCK_TAKEN)
		ptl_wake(&l->word);
}

/*
 * Sleep while *WORD is VALUE. May return early. -EINTR: after a signal handler
 * without SA_RESTART; else 0.
 */
int ptl_sleep(int *word, int value);

#endif
