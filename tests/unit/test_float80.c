/* SPDX-License-Identifier: MIT */
/*
 * 80-bit floats: vectors for every class, which each host must get right; and
 * where the compiler's long double is the same format, random numbers against
 * it and libc. FLOAT80_ROUNDS of the environment asks for more of these.
 */
#include "suite.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/float80.h>

static void
pack(unsigned char st[10], unsigned sign_exp, uint64_t mantissa)
{
	for (int i = 0; i < 8; i++)
		st[i] = (unsigned char)(mantissa >> 8 * i);
	st[8] = (unsigned char)sign_exp;
	st[9] = (unsigned char)(sign_exp >> 8);
}

static uint64_t
bits_of(double d)
{
	uint64_t bits;

	memcpy(&bits, &d, sizeof(bits));
	return bits;
}

#define INF	 UINT64_C(0x7ff0000000000000)
#define BAD	 UINT64_C(0xfff8000000000000)
#define NEGATIVE UINT64_C(0x8000000000000000)

static const struct vector {
	unsigned sign_exp;
	uint64_t mantissa;
	enum float80_class class;
	const char *text;
	uint64_t as_double;
} vectors[] = {
    {0, 0, FLOAT80_ZERO, "0", 0},
    {0x8000, 0, FLOAT80_ZERO, "-0", NEGATIVE},
    {0x3fff, 1ull << 63, FLOAT80_NORMAL, "1", 0x3ff0000000000000},
    {0xbffe, 1ull << 63, FLOAT80_NORMAL, "-0.5", 0xbfe0000000000000},
    {0x4000, 0xc90fdaa22168c235, FLOAT80_NORMAL, "3.1415926535897932385",
     0x400921fb54442d18},
    {0x3ffb, 0xcccccccccccccccd, FLOAT80_NORMAL, "0.1", 0x3fb999999999999a},
    {0x4041, 0xad78ebc5ac620000, FLOAT80_NORMAL, "100000000000000000000",
     0x4415af1d78b58c40},
    {0x4044, 0xd8d726b7177a8000, FLOAT80_NORMAL, "1e+21", 0x444b1ae4d6e2ef50},
    {0x3ff1, 0xd1b71758e219652c, FLOAT80_NORMAL, "0.0001", 0x3f1a36e2eb1c432d},
    {0x3fee, 0xa7c5ac471b478423, FLOAT80_NORMAL, "1e-05", 0x3ee4f8b588e368f1},
    /* The ends of the range. */
    {0x7ffe, ~0ull, FLOAT80_NORMAL, "1.189731495357231765e+4932", INF},
    {1, 1ull << 63, FLOAT80_NORMAL, "3.3621031431120935063e-4932", 0},
    {0, ~0ull >> 1, FLOAT80_DENORMAL, "3.362103143112093506e-4932", 0},
    {0, 1, FLOAT80_DENORMAL, "4e-4951", 0},
    {0x8000, 3, FLOAT80_DENORMAL, "-1e-4950", NEGATIVE},
    /* Worth what the same mantissa with exponent 1 is. */
    {0, 1ull << 63, FLOAT80_PSEUDO_DENORMAL, "3.3621031431120935063e-4932", 0},
    {0x7fff, 1ull << 63, FLOAT80_INFINITY, "inf", INF},
    {0xffff, 1ull << 63, FLOAT80_INFINITY, "-inf", INF | NEGATIVE},
    {0xffff, 3ull << 62, FLOAT80_QUIET_NAN, "-nan(0x0)", BAD},
    {0x7fff, 0xc000000000001800, FLOAT80_QUIET_NAN, "nan(0x1800)",
     0x7ff8000000000003},
    {0x7fff, 0x8000000000000001, FLOAT80_SIGNALLING_NAN, "snan(0x1)",
     0x7ff8000000000000},
    {0x7fff, 0xbfffffffffffffff, FLOAT80_SIGNALLING_NAN,
     "snan(0x3fffffffffffffff)", 0x7fffffffffffffff},
    {0x4000, 3ull << 61, FLOAT80_UNNORMAL, "unnormal(1.5)", BAD},
    {0xc000, 0, FLOAT80_UNNORMAL, "-unnormal(0)", BAD},
    {0x7fff, 0, FLOAT80_PSEUDO_INFINITY, "pseudo-inf", BAD},
    {0xffff, 1, FLOAT80_PSEUDO_NAN, "-pseudo-nan(0x1)", BAD},
    /* Ties to even, up and down, and a carry into the exponent. */
    {0x3fff, 0x8000000000000400, FLOAT80_NORMAL, NULL, 0x3ff0000000000000},
    {0x3fff, 0x8000000000000401, FLOAT80_NORMAL, NULL, 0x3ff0000000000001},
    {0x3fff, 0x8000000000000c00, FLOAT80_NORMAL, NULL, 0x3ff0000000000002},
    {0x3fff, ~0ull, FLOAT80_NORMAL, NULL, 0x4000000000000000},
    /* The largest double, and half a step past it. */
    {0x43fe, 0xfffffffffffffbff, FLOAT80_NORMAL, NULL, INF - 1},
    {0x43fe, 0xfffffffffffffc00, FLOAT80_NORMAL, NULL, INF},
    {0x43ff, 1ull << 63, FLOAT80_NORMAL, NULL, INF},
    /* Subnormal doubles: a carry to the first normal, ties, the last. */
    {0x3c00, ~0ull, FLOAT80_NORMAL, NULL, 0x0010000000000000},
    {0x3c00, 0x8000000000000800, FLOAT80_NORMAL, NULL, 0x0008000000000000},
    {0x3c00, 0x8000000000001800, FLOAT80_NORMAL, NULL, 0x0008000000000002},
    {0x3bcd, 1ull << 63, FLOAT80_NORMAL, NULL, 1},
    {0x3bcc, 1ull << 63, FLOAT80_NORMAL, NULL, 0},
    {0x3bcc, 0x8000000000000001, FLOAT80_NORMAL, NULL, 1},
    {0x3bcb, ~0ull, FLOAT80_NORMAL, NULL, 0},
};

START_TEST(vector)
{
	const struct vector *v = &vectors[_i];
	unsigned char st[10];
	char text[FLOAT80_TEXT_MAX];

	pack(st, v->sign_exp, v->mantissa);
	ck_assert_int_eq(float80_classify(st), v->class);
	if (v->text) {
		ck_assert_int_eq(float80_format(text, sizeof(text), st),
				 (int)strlen(v->text));
		ck_assert_str_eq(text, v->text);
	}
	ck_assert_uint_eq(bits_of(float80_to_double(st)), v->as_double);
}
END_TEST

START_TEST(cut_text)
{
	unsigned char st[10];
	char text[8];

	pack(st, 0xbfff, 0xa000000000000000);
	for (size_t size = 0; size < sizeof(text); size++) {
		memset(text, '#', sizeof(text));
		ck_assert_int_eq(float80_format(size ? text : NULL, size, st),
				 5);
		for (size_t i = size; i < sizeof(text); i++)
			ck_assert_int_eq(text[i], '#');
		if (size) {
			size_t n = size - 1 < 5 ? size - 1 : 5;

			ck_assert_int_eq(text[n], '\0');
			ck_assert_mem_eq(text, "-1.25", n);
		}
	}
}
END_TEST

static uint64_t seed;

static uint64_t
rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Random bits; short mantissas and powers of two are as likely as others. */
static void
random_number(unsigned char st[10])
{
	uint64_t mantissa = rnd();
	unsigned exp = rnd() & 0xffff, kind = rnd() % 8;

	if (kind == 0)
		mantissa <<= rnd() % 64;
	else if (kind == 1)
		mantissa = 0;
	else if (kind == 2)
		mantissa = ~UINT64_C(0) << rnd() % 64;
	if (kind > 4)
		exp = (exp & 0x8000) | (0x3fff - 64 + rnd() % 128);
	else if (kind == 4)
		exp = (exp & 0x8000) | (0x3bb0 + rnd() % 100);
	if (rnd() % 8)
		mantissa |= UINT64_C(1) << 63;
	pack(st, exp, mantissa);
}

/* Of what an x86 host makes; test like_long_double says that it is right. */
#define SAME_HASH UINT64_C(0xa2393c3671ca4a9a)

/* Every host makes the same texts and doubles of the same numbers. */
START_TEST(same_everywhere)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	unsigned char st[10];
	char text[FLOAT80_TEXT_MAX];

	seed = 2020;
	for (int i = 0; i < 2000; i++) {
		random_number(st);
		ck_assert_int_lt(float80_format(text, sizeof(text), st),
				 FLOAT80_TEXT_MAX);
		for (const char *p = text; *p; p++)
			hash = (hash ^ (unsigned char)*p) * 0x100000001b3;
		hash = (hash ^ bits_of(float80_to_double(st))) * 0x100000001b3;
	}
	ck_assert_msg(hash == SAME_HASH, "hash is %#llx",
		      (unsigned long long)hash);
}
END_TEST

#if LDBL_MANT_DIG == 64

static bool
valid(const unsigned char st[10])
{
	return float80_classify(st) < FLOAT80_UNNORMAL;
}

static bool
reads_back(const char *text, long double want)
{
	long double got = strtold(text, NULL);

	return memcmp(&got, &want, 10) == 0;
}

/* The digits of a text, no zeros at either end, and the first one's place. */
struct decimal {
	char digits[40];
	int n, place;
};

static struct decimal
decimal(const char *p)
{
	struct decimal d = {.n = 0, .place = -1};
	bool point = false;

	for (; *p && *p != 'e'; p++) {
		if (*p == '.')
			point = true;
		if (*p < '0' || *p > '9')
			continue;
		d.place += d.n ? !point : *p == '0' ? -point : !point;
		if (d.n || *p != '0')
			d.digits[d.n++] = *p;
	}
	if (*p == 'e')
		d.place += atoi(p + 1);
	while (d.n && d.digits[d.n - 1] == '0')
		d.n--;
	d.digits[d.n] = '\0';
	return d;
}

/* A neighbour with one digit less reads back too. */
static bool
could_be_shorter(struct decimal d, long double x)
{
	char shorter[64];
	unsigned long long v;

	if (d.n < 2)
		return false;
	d.digits[d.n - 1] = '\0';
	v = strtoull(d.digits, NULL, 10);
	for (int up = 0; up < 2; up++) {
		snprintf(shorter, sizeof(shorter), "%s%llue%d",
			 signbit(x) ? "-" : "", v + up, d.place - d.n + 2);
		if (reads_back(shorter, x))
			return true;
	}
	return false;
}

/* Of its length it is the nearest, if printf's reads back at all. */
static bool
could_be_nearer(const struct decimal *d, long double x)
{
	char nearest[64];
	struct decimal other;

	snprintf(nearest, sizeof(nearest), "%.*Le", d->n - 1, x);
	other = decimal(nearest);
	return reads_back(nearest, x) &&
	       (strcmp(d->digits, other.digits) || d->place != other.place);
}

START_TEST(like_long_double)
{
	const char *rounds = getenv("FLOAT80_ROUNDS");
	long n = rounds ? atol(rounds) : 5000;
	unsigned char st[10];
	char text[FLOAT80_TEXT_MAX];

	seed = 1980 + (uint64_t)_i;
	while (n-- > 0) {
		struct decimal dec;
		long double x = 0;
		double d;

		random_number(st);
		if (!valid(st))
			continue;
		/* An empty asm: the compiler may not round in its own way. */
		memcpy(&x, st, sizeof(st));
		__asm__ volatile("" : "+m"(x));
		d = (double)x;
		ck_assert_uint_eq(bits_of(float80_to_double(st)), bits_of(d));
		if (!isfinite(x))
			continue;
		float80_format(text, sizeof(text), st);
		/* Pseudo-denormals come back as normal numbers. */
		if (float80_classify(st) == FLOAT80_PSEUDO_DENORMAL) {
			ck_assert(strtold(text, NULL) == x);
			continue;
		}
		ck_assert_msg(reads_back(text, x), "%La printed %s", x, text);
		if (x == 0)
			continue;
		dec = decimal(text);
		ck_assert_msg(!could_be_shorter(dec, x), "%La: %s", x, text);
		ck_assert_msg(!could_be_nearer(&dec, x), "%La: %s", x, text);
	}
}
END_TEST

#endif

int
main(void)
{
	Suite *s = suite_create("float80");
	TCase *tc = tcase_create("float80");

	tcase_set_timeout(tc, 600);
	tcase_add_loop_test(tc, vector, 0,
			    sizeof(vectors) / sizeof(vectors[0]));
	tcase_add_test(tc, cut_text);
	tcase_add_test(tc, same_everywhere);
#if LDBL_MANT_DIG == 64
	tcase_add_loop_test(tc, like_long_double, 0, 4);
#endif
	suite_add_tcase(s, tc);
	return suite_main(s);
}
