/* SPDX-License-Identifier: MIT */
/*
 * Futexes, as far as the exit of a thread uses them.
 */
#ifndef REFKERNEL_FUTEX_H
#define REFKERNEL_FUTEX_H

#include <stdint.h>

/* Wake at most N waiters at UA of the current address space; how many. */
int futex_wake_addr(uint64_t ua, int n);

/* Mark the robust futexes that the current thread holds as orphaned. */
void futex_exit_robust(void);

#endif
