/* SPDX-License-Identifier: MIT */
/* Mutual exclusion and sleeping between the threads of the tracer. */
#ifndef PTL_LOCK_H
#define PTL_LOCK_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A byte per thread: its address tells threads apart without a call, and it is
 * 1 while the thread takes the lock, has it or gives it back. It is the
 * thread's own, so that a signal handler can trust it wherever it breaks in.
 */
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

/* All zero: not taken. There is one, for which ptl_self speaks. */
struct ptl_lock {
	int word; /* PTL_LOCK_* */
};

/* ptl_lock_take() of one that is not free. */
void ptl_lock_await(struct ptl_lock *l, bool (*stale)(void));

/* Wake all who sleep on WORD. */
void ptl_wake(int *word);

static inline bool
ptl_is_inside(void)
{
	return __atomic_load_n(&ptl_self, __ATOMIC_RELAXED);
}

/* For the handlers of this thread: in order with what is around it. */
static inline void
ptl_set_inside(bool inside)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	__atomic_store_n(&ptl_self, inside, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

/*
 * Take L if it is free, without a call: for what needs no more than memory.
 * ptl_lock_give() follows.
 */
static inline bool
ptl_lock_try(struct ptl_lock *l)
{
	int from = PTL_LOCK_FREE;

	if (ptl_is_inside())
		return false;
	ptl_set_inside(true);
	if (__atomic_compare_exchange_n(&l->word, &from, PTL_LOCK_TAKEN, false,
					__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return true;
	ptl_set_inside(false);
	return false;
}

/*
 * Take L. False if this thread is inside already, which happens in a signal
 * handler alone. STALE is asked before sleeping: true if this is the child of
 * a fork, and the owner stayed behind in the parent. Then L is taken from it,
 * and ptl_lock_is_heirs() says so until it is given back.
 */
static inline bool
ptl_lock_take(struct ptl_lock *l, bool (*stale)(void))
{
	if (ptl_is_inside())
		return false;
	if (ptl_lock_try(l))
		return true;
	ptl_set_inside(true);
	ptl_lock_await(l, stale);
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
	if (__atomic_exchange_n(&l->word, PTL_LOCK_FREE, __ATOMIC_RELEASE) !=
	    PTL_LOCK_TAKEN)
		ptl_wake(&l->word);
	ptl_set_inside(false);
}

/*
 * Sleep while *WORD is VALUE. May return early. -EINTR: after a signal handler
 * without SA_RESTART; else 0.
 */
int ptl_sleep(int *word, int value);

#endif
