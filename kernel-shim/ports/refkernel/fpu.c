/* SPDX-License-Identifier: MIT */
#include "fpu.h"

#include "cpu.h"
#include "string.h"

size_t fpu_size = 512;
uint64_t fpu_xfeatures = 3;

/*
 * x87, SSE, AVX, AVX-512 and PKRU: what XSAVE can hold without supervisor
 * support or size that is decided later (AMX).
 */
#define XFEATURES_WANTED 0x2e7

#define FCW_DEFAULT   0x37f
#define MXCSR_DEFAULT 0x1f80

void
fpu_init(void)
{
	uint32_t r[4];
	uint64_t cr0;

	/* Let x87 errors and WAIT behave as programs expect: NE, MP, no EM/TS.
	 */
	__asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
	cr0 = (cr0 & ~(uint64_t)0xc) | 0x22;
	__asm__ volatile("mov %0, %%cr0" : : "r"(cr0));
	if (!cpu_features.xsave)
		return;
	cpuid(0xd, 0, r);
	fpu_xfeatures = (r[0] | (uint64_t)r[3] << 32) & XFEATURES_WANTED;
	__asm__ volatile("xsetbv"
			 :
			 : "c"(0), "a"((uint32_t)fpu_xfeatures),
			   "d"((uint32_t)(fpu_xfeatures >> 32)));
	/* EBX: the size for the components that are now enabled. */
	cpuid(0xd, 0, r);
	fpu_size = r[1];
}

void
fpu_fresh(void *area)
{
	uint16_t fcw = FCW_DEFAULT;
	uint32_t mxcsr = MXCSR_DEFAULT;

	/* An XSTATE_BV of zero: every component in its initial state. */
	memset(area, 0, fpu_size);
	memcpy(area, &fcw, sizeof(fcw));
	memcpy((char *)area + 24, &mxcsr, sizeof(mxcsr));
}
