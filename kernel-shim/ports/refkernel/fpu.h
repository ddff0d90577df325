/* SPDX-License-Identifier: MIT */
/*
 * The FPU of user threads. The kernel itself is built without floating point
 * and vector instructions, so the registers are always the current thread's;
 * the context switch saves and loads them.
 */
#ifndef FPU_H
#define FPU_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of a save area (XSAVE, or 512 with FXSAVE), which is 64-aligned. */
extern size_t fpu_size;
/* XCR0: the state components that are saved; 3 where only FXSAVE exists. */
extern uint64_t fpu_xfeatures;

/* Part of cpu_init(). */
void fpu_init(void);

/* Write the state of a new program to AREA. */
void fpu_fresh(void *area);

/* Registers to AREA, all components, and back. */
void fpu_save(void *area);
void fpu_load(const void *area);

#endif
