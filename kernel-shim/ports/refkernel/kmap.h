/* SPDX-License-Identifier: MIT */
/* The kernel's own address space, and the machine as the shim sees it. */
#ifndef KMAP_H
#define KMAP_H

#include <stdint.h>

/*
 * Build kernel_space over memory that ends at TOP, and switch to it. Device
 * memory between DEVICE_BASE and 4 GiB is in the direct map, uncached.
 */
void kmap_init(uint64_t top);

#define DEVICE_BASE 0xfe000000u
#define DEVICE_END  0x100000000u

#endif
