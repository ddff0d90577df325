/* SPDX-License-Identifier: MIT */
/* Mutual exclusion and sleeping between the threads of the tracer. */
#ifndef PTL_LOCK_H
#define PTL_LOCK_H

#include <stdbool.h>

/* All zero: not taken. */
struct ptl_lock {
	int word;	   /* 0 free, 1 taken, 2 taken and waited for */
	const char *owner; /* a byte of the owner's own */
};

/*
 * Take L. False if this thread has it already, which happens in a signal
 * handler alone. FORKED is asked before sleeping: true if the owner stayed
 * behind in the parent; then L is taken from it.
 */
bool ptl_lock_take(struct ptl_lock *l, bool (*forked)(void));
void ptl_lock_give(struct ptl_lock *l);

/*
 * Sleep while *WORD is VALUE. May return early. -EINTR: after a signal handler
 * without SA_RESTART; else 0.
 */
int ptl_sleep(int *word, int value);

/* Wake all who sleep on WORD. */
void ptl_wake(int *word);

#endif
