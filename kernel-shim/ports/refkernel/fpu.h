/* SPDX-License-Identifier: MIT */
/*
 * The FPU of user threads. The kernel itself is built without floating point
 * and vector instructions, so what is in the registers stays there until
 * another thread goes to user mode: sched.c saves and loads then.
 */
#ifndef FPU_H
#define FPU_H

#include <stddef.h>
#include <stdint.h>

#include "cpu.h"

/* Bytes of a save area (XSAVE, or 512 with FXSAVE), which is 64-aligned. */
extern size_t fpu_size;
/* XCR0: the state components that are saved; 3 where only FXSAVE exists. */
extern uint64_t fpu_xfeatures;

/* Part of cpu_init(). */
void fpu_init(void);

/* Write the state of a new program to AREA. */
void fpu_fresh(void *area);

/* Registers to AREA, all components, and back. */
static inline void
fpu_save(void *area)
{
	if (cpu_features.xsave)
		__asm__ volatile("xsave64 (%0)"
				 :
				 : "r"(area), "a"(-1), "d"(-1)
				 : "memory");
	else
		__asm__ volatile("fxsave64 (%0)" : : "r"(area) : "memory");
}

static inline void
fpu_load(const void *area)
{
	if (cpu_features.xsave)
		__asm__ volatile("xrstor64 (%0)"
				 :
				 : "r"(area), "a"(-1), "d"(-1)
				 : "memory");
	else
		__asm__ volatile("fxrstor64 (%0)" : : "r"(area) : "memory");
}

#endif
