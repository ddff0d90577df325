/* SPDX-License-Identifier: MIT */
/*
 * What the kernel tells the vDSO, in the page before it: the monotonic clock is
 * boot_ns + ((TSC - tsc_boot) * ns_mult >> 32) nanoseconds.
 */
#ifndef REFKERNEL_VDSO_DATA_H
#define REFKERNEL_VDSO_DATA_H

#include <stdint.h>

struct vdso_data {
	uint64_t tsc_boot;
	uint64_t ns_mult;
	int64_t boot_ns;
	int64_t realtime_offset; /* plus that: since 1970 */
};

#endif
