/* SPDX-License-Identifier: MIT */
/* The four functions that the shim needs from the kernel it is linked to. */
#ifndef KSHIM_CORE_MEM_H
#define KSHIM_CORE_MEM_H

#include <stddef.h>

void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

#endif
