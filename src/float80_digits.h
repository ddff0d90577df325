/* SPDX-License-Identifier: MIT */
/* Private to float80.c. */
#ifndef FLOAT80_DIGITS_H
#define FLOAT80_DIGITS_H

#include <stdint.h>

#define FLOAT80_DIGITS 21

/*
 * The shortest decimal that rounds to MANTISSA * 2^(EXP - 16446) among the
 * 80-bit numbers, and of those the nearest. (EXP 0 counts as 1.) MANTISSA is
 * not 0. DIGITS get n characters, not terminated; the number is
 * 0.DIGITS * 10^*out_power. Returns n.
 */
int float80_digits(uint64_t mantissa, int exp, char digits[FLOAT80_DIGITS],
		   int *out_power);

#endif
