/* SPDX-License-Identifier: MIT */
#ifndef REFKERNEL_OOM_H
#define REFKERNEL_OOM_H

/*
 * There is no memory for a page of the current thread's. The process that has
 * the most is killed, unless one is about to go anyway; at its return to user
 * mode the thread lets others run, and then tries again.
 */
void out_of_memory(void);

#endif
