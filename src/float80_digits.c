/* SPDX-License-Identifier: MIT */
#include "float80_digits.h"

#include <stdbool.h>
#include <string.h>

#define INTEGER_BIT (UINT64_C(1) << 63)

/* ---- natural numbers of any size that occurs here ---- */

/*
 * The largest are the ends of the range: 2^16384 times 4, and 2^16447 times
 * 64 bits and 10.
 */
#define WORDS 520

struct big {
	int n; /* words in use, the highest of which is not 0 */
	uint32_t w[WORDS];
};

static void
big_set(struct big *b, uint64_t v, int shift)
{
	int word = shift / 32, bit = shift % 32;

	memset(b->w, 0, (size_t)(word + 3) * sizeof(b->w[0]));
	b->w[word] = (uint32_t)(v << bit);
	b->w[word + 1] = (uint32_t)(v >> 1 >> (31 - bit));
	b->w[word + 2] = (uint32_t)(v >> 32 >> 1 >> (31 - bit));
	b->n = word + 3;
	while (b->n > 0 && b->w[b->n - 1] == 0)
		b->n--;
}

static void
big_mul(struct big *b, uint32_t by)
{
	uint64_t carry = 0;

	for (int i = 0; i < b->n; i++) {
		carry += (uint64_t)b->w[i] * by;
		b->w[i] = (uint32_t)carry;
		carry >>= 32;
	}
	if (carry)
		b->w[b->n++] = (uint32_t)carry;
}

static void
big_mul_pow10(struct big *b, int power)
{
	for (; power >= 9; power -= 9)
		big_mul(b, 1000000000);
	for (; power > 0; power--)
		big_mul(b, 10);
}

static void
big_add(struct big *a, const struct big *b)
{
	uint64_t carry = 0;
	int i;

	for (i = 0; i < b->n || (carry && i < a->n); i++) {
		if (i < a->n)
			carry += a->w[i];
		if (i < b->n)
			carry += b->w[i];
		a->w[i] = (uint32_t)carry;
		carry >>= 32;
	}
	if (i > a->n)
		a->n = i;
	if (carry)
		a->w[a->n++] = (uint32_t)carry;
}

/* A must not be less than B. */
static void
big_sub(struct big *a, const struct big *b)
{
	uint64_t borrow = 0;

	for (int i = 0; i < a->n; i++) {
		uint64_t d = a->w[i] - borrow - (i < b->n ? b->w[i] : 0);

		a->w[i] = (uint32_t)d;
		borrow = d >> 63;
	}
	while (a->n > 0 && a->w[a->n - 1] == 0)
		a->n--;
}

static int
big_cmp(const struct big *a, const struct big *b)
{
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	for (int i = a->n - 1; i >= 0; i--)
		if (a->w[i] != b->w[i])
			return a->w[i] < b->w[i] ? -1 : 1;
	return 0;
}

/* ---- shortest digits ---- */

/*
 * A number r/s and the distances, above/s and below/s, to where its rounding
 * interval ends (Steele and White's method). The ends themselves round to the
 * number if its mantissa is even.
 */
struct interval {
	struct big r, s, below, sum;
	bool wide; /* above is twice below */
	bool even;
};

/* Compare the number's upper end with 1: true if at or past it. */
static bool
reaches_one(struct interval *v)
{
	int c;

	v->sum = v->r;
	big_add(&v->sum, &v->below);
	if (v->wide)
		big_add(&v->sum, &v->below);
	c = big_cmp(&v->sum, &v->s);
	return c > 0 || (c == 0 && v->even);
}

static bool
reaches_zero(const struct interval *v)
{
	int c = big_cmp(&v->r, &v->below);

	return c < 0 || (c == 0 && v->even);
}

static void
interval_set(struct interval *v, uint64_t mantissa, int exp)
{
	int x = (exp ? exp : 1) - 16446;
	int up = x > 0 ? x : 0, down = x < 0 ? -x : 0;

	/* Below a power of two the numbers are twice as dense. */
	v->wide = mantissa == INTEGER_BIT && exp > 1;
	v->even = !(mantissa & 1);
	big_set(&v->r, mantissa, up + 1 + v->wide);
	big_set(&v->s, 1, down + 1 + v->wide);
	big_set(&v->below, 1, up);
}

/*
 * Scale V by a power of ten so that it lies in [0.1, 1), its upper end not
 * past 1; return the power that undoes it.
 */
static int
interval_scale(struct interval *v, uint64_t mantissa, int exp)
{
	/* log10(2) * 2^48: exact enough for the floor over all exponents. */
	const int64_t log = INT64_C(84732411018727);
	int64_t log2 = (exp ? exp : 1) - 16446 + 63;
	int64_t product;
	int k;

	for (; !(mantissa & INTEGER_BIT); mantissa <<= 1)
		log2--;
	/* The floor, for negative values too; the result is right or one less.
	 */
	product = log2 * log;
	k = (int)(product / (INT64_C(1) << 48)) + (product >= 0);
	if (k >= 0) {
		big_mul_pow10(&v->s, k);
	} else {
		big_mul_pow10(&v->r, -k);
		big_mul_pow10(&v->below, -k);
	}
	if (reaches_one(v)) {
		big_mul(&v->s, 10);
		k++;
	}
	return k;
}

/* The next digit; V keeps the rest. */
static int
interval_digit(struct interval *v)
{
	int digit = 0;

	big_mul(&v->r, 10);
	big_mul(&v->below, 10);
	while (big_cmp(&v->r, &v->s) >= 0) {
		big_sub(&v->r, &v->s);
		digit++;
	}
	return digit;
}

int
float80_digits(uint64_t mantissa, int exp, char digits[FLOAT80_DIGITS],
	       int *out_power)
{
	struct interval v;
	bool low, high;
	int n = 0, digit, half;

	interval_set(&v, mantissa, exp);
	*out_power = interval_scale(&v, mantissa, exp);
	for (;;) {
		digit = interval_digit(&v);
		low = reaches_zero(&v);
		high = reaches_one(&v);
		if (low || high)
			break;
		digits[n++] = (char)('0' + digit);
	}
	if (low && high) {
		v.sum = v.r;
		big_add(&v.sum, &v.r);
		half = big_cmp(&v.sum, &v.s);
		if (half > 0 || (half == 0 && digit & 1))
			digit++;
	} else if (high) {
		digit++;
	}
	digits[n++] = (char)('0' + digit);
	return n;
}
