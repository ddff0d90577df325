/* SPDX-License-Identifier: MIT */
/* Random bytes: of RDRAND where the CPU has it, mixed with the clock. */
#ifndef REFKERNEL_RANDOM_H
#define REFKERNEL_RANDOM_H

#include <stddef.h>

/* For urandom, getrandom and AT_RANDOM. Never fails or sleeps. */
void random_bytes(void *buf, size_t n);

#endif
