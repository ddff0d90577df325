/* SPDX-License-Identifier: MIT */
/*
 * FPU, SSE, AVX state: one XSAVE area in the standard format per thread.
 * The registers are saved when a thread leaves the CPU and loaded before it
 * goes to user mode, if another's are in them. The kernel itself uses none.
 */
#ifndef REFKERNEL_FPU_H
#define REFKERNEL_FPU_H

#include <stdint.h>

struct thread;

/* Enable XSAVE with all that the CPU has (CR4, XCR0). Once, at boot. */
void fpu_init(void);
/* Bytes of an XSAVE area, and the features in it (XCR0). */
extern uint32_t fpu_size;
extern uint64_t fpu_features;

/* Give T a state: the initial one, or a copy of the current thread's. */
int fpu_alloc(struct thread *t);
int fpu_fork(struct thread *t);
void fpu_free(struct thread *t);
/* The initial state again. */
void fpu_reset(struct thread *t);

/* The current thread leaves the CPU. */
void fpu_leave(void);
/* The current thread goes to user mode. */
void fpu_enter(void);

/* Make T's area up to date, before it is read. */
void fpu_flush(struct thread *t);
/* T's area has been changed: the registers are stale. */
void fpu_changed(struct thread *t);

#endif
