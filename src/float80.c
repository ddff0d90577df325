/* SPDX-License-Identifier: MIT */
#include <sys/float80.h>

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "float80_digits.h"

#define EXP_MAX	    0x7fff
#define INTEGER_BIT (UINT64_C(1) << 63)
#define QUIET_BIT   (UINT64_C(1) << 62)

/* The fields of a number: (-1)^negative * mantissa * 2^(exp - 16446). */
struct parts {
	uint64_t mantissa; /* with the explicit integer bit, bit 63 */
	int exp;
	bool negative;
};

static struct parts
unpack(const unsigned char st[10])
{
	struct parts p = {0, 0, false};

	for (int i = 7; i >= 0; i--)
		p.mantissa = p.mantissa << 8 | st[i];
	p.exp = (st[9] & 0x7f) << 8 | st[8];
	p.negative = st[9] >> 7;
	return p;
}

static enum float80_class
classify(const struct parts *p)
{
	bool integer = p->mantissa & INTEGER_BIT;
	uint64_t fraction = p->mantissa & ~INTEGER_BIT;

	if (p->exp == 0) {
		if (integer)
			return FLOAT80_PSEUDO_DENORMAL;
		return fraction ? FLOAT80_DENORMAL : FLOAT80_ZERO;
	}
	if (p->exp < EXP_MAX)
		return integer ? FLOAT80_NORMAL : FLOAT80_UNNORMAL;
	if (!integer)
		return fraction ? FLOAT80_PSEUDO_NAN : FLOAT80_PSEUDO_INFINITY;
	if (!fraction)
		return FLOAT80_INFINITY;
	return fraction & QUIET_BIT ? FLOAT80_QUIET_NAN
				    : FLOAT80_SIGNALLING_NAN;
}

__attribute__((visibility("default"))) enum float80_class
float80_classify(const unsigned char st[10])
{
	struct parts p = unpack(st);

	return classify(&p);
}

/* ---- text ---- */

struct text {
	char s[FLOAT80_TEXT_MAX];
	size_t n;
};

static void
put(struct text *t, const char *s, size_t n)
{
	memcpy(t->s + t->n, s, n);
	t->n += n;
}

static void
puts_text(struct text *t, const char *s)
{
	put(t, s, strlen(s));
}

static void
put_zeros(struct text *t, int n)
{
	while (n-- > 0)
		put(t, "0", 1);
}

static void
put_hex(struct text *t, uint64_t v)
{
	int shift = 60;

	puts_text(t, "0x");
	while (shift > 0 && !(v >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		put(t, &"0123456789abcdef"[v >> shift & 15], 1);
}

static void
put_exponent(struct text *t, int e)
{
	int unit = 10;

	puts_text(t, e < 0 ? "e-" : "e+");
	if (e < 0)
		e = -e;
	while (e / unit >= 10)
		unit *= 10;
	for (; unit > 0; unit /= 10)
		put(t, &"0123456789"[e / unit % 10], 1);
}

/* As %g chooses between the notations, for a precision of 21. */
static void
put_number(struct text *t, const struct parts *p)
{
	char digits[FLOAT80_DIGITS];
	int n, power;

	if (!p->mantissa) {
		puts_text(t, "0");
		return;
	}
	n = float80_digits(p->mantissa, p->exp, digits, &power);
	if (power < -3 || power > 21) {
		put(t, digits, 1);
		if (n > 1) {
			puts_text(t, ".");
			put(t, digits + 1, (size_t)n - 1);
		}
		put_exponent(t, power - 1);
	} else if (power <= 0) {
		puts_text(t, "0.");
		put_zeros(t, -power);
		put(t, digits, (size_t)n);
	} else if (n <= power) {
		put(t, digits, (size_t)n);
		put_zeros(t, power - n);
	} else {
		put(t, digits, (size_t)power);
		puts_text(t, ".");
		put(t, digits + power, (size_t)(n - power));
	}
}

static void
put_nan(struct text *t, const char *name, const struct parts *p)
{
	puts_text(t, name);
	puts_text(t, "(");
	put_hex(t, p->mantissa & (QUIET_BIT - 1));
	puts_text(t, ")");
}

__attribute__((visibility("default"))) int
float80_format(char *buf, size_t size, const unsigned char st[10])
{
	struct parts p = unpack(st);
	struct text t = {.n = 0};

	if (p.negative)
		puts_text(&t, "-");
	switch (classify(&p)) {
	case FLOAT80_ZERO:
	case FLOAT80_DENORMAL:
	case FLOAT80_PSEUDO_DENORMAL:
	case FLOAT80_NORMAL:
		put_number(&t, &p);
		break;
	case FLOAT80_UNNORMAL:
		puts_text(&t, "unnormal(");
		put_number(&t, &p);
		puts_text(&t, ")");
		break;
	case FLOAT80_INFINITY:
		puts_text(&t, "inf");
		break;
	case FLOAT80_PSEUDO_INFINITY:
		puts_text(&t, "pseudo-inf");
		break;
	case FLOAT80_QUIET_NAN:
		put_nan(&t, "nan", &p);
		break;
	case FLOAT80_SIGNALLING_NAN:
		put_nan(&t, "snan", &p);
		break;
	case FLOAT80_PSEUDO_NAN:
		put_nan(&t, "pseudo-nan", &p);
		break;
	}
	if (size) {
		size_t n = t.n < size ? t.n : size - 1;

		memcpy(buf, t.s, n);
		buf[n] = '\0';
	}
	return (int)t.n;
}

/* ---- double ---- */

#define DOUBLE_INFINITY (UINT64_C(0x7ff) << 52)
#define DOUBLE_QUIET	(UINT64_C(1) << 51)

/* V / 2^SHIFT, to the nearest, ties to even; SHIFT is at least 1. */
static uint64_t
round_shift(uint64_t v, int shift)
{
	uint64_t kept, rest, half;

	if (shift > 64)
		return 0;
	kept = shift < 64 ? v >> shift : 0;
	rest = v << (64 - shift);
	half = UINT64_C(1) << 63;
	return kept + (rest > half || (rest == half && kept & 1));
}

/* The bits of the double nearest to a normalised mantissa's number. */
static uint64_t
round_double(uint64_t mantissa, int exp)
{
	int e = exp - 16383 + 1023;

	if (e >= 0x7ff)
		return DOUBLE_INFINITY;
	/*
	 * The leading bit adds one to the exponent field; so does a carry out
	 * of the fraction, into the first normal number or to infinity.
	 */
	if (e >= 1)
		return ((uint64_t)(e - 1) << 52) + round_shift(mantissa, 11);
	return round_shift(mantissa, 11 + 1 - e);
}

__attribute__((visibility("default"))) double
float80_to_double(const unsigned char st[10])
{
	struct parts p = unpack(st);
	uint64_t bits = 0;
	double d;

	switch (classify(&p)) {
	case FLOAT80_ZERO:
	case FLOAT80_DENORMAL:
	case FLOAT80_PSEUDO_DENORMAL:
		/* Less than 2^-16381, where the doubles end at 2^-1074. */
		break;
	case FLOAT80_NORMAL:
		bits = round_double(p.mantissa, p.exp);
		break;
	case FLOAT80_INFINITY:
		bits = DOUBLE_INFINITY;
		break;
	case FLOAT80_QUIET_NAN:
	case FLOAT80_SIGNALLING_NAN:
		bits = DOUBLE_INFINITY | DOUBLE_QUIET |
		       (p.mantissa >> 11 & (DOUBLE_QUIET - 1));
		break;
	case FLOAT80_UNNORMAL:
	case FLOAT80_PSEUDO_INFINITY:
	case FLOAT80_PSEUDO_NAN:
		/* The processor's answer to an invalid operand. */
		bits = DOUBLE_INFINITY | DOUBLE_QUIET;
		p.negative = true;
		break;
	}
	if (p.negative)
		bits |= UINT64_C(1) << 63;
	memcpy(&d, &bits, sizeof(d));
	return d;
}
