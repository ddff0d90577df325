/* SPDX-License-Identifier: MIT */
/* Debugged: values of each kind, functions to call, and the x87 unit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum colour { RED, GREEN = 5, BLUE };

struct inner {
	unsigned low : 3;
	unsigned high : 5;
	char name[8];
};

struct outer {
	struct inner inner;
	double number;
	struct outer *next;
	enum colour colour;
};

struct wide {
	long a, b, c, d;
};

static struct outer second = {{1, 2, "second"}, -0.5, NULL, BLUE};
static struct outer first = {{7, 31, "first"}, 2.75, &second, GREEN};
static int array[8] = {3, 1, 4, 1, 5, 9, 2, 6};
static int *nothing;

static int
multiply(int a, int b)
{
	return a * b;
}

static double
half(double x)
{
	return x / 2;
}

static struct wide
widen(int n)
{
	struct wide wide = {n, n + 1, n + 2, n + 3};

	return wide;
}

static int
crash(void)
{
	return *nothing;
}

static char *
greeting(const char *name)
{
	static char text[32];

	snprintf(text, sizeof(text), "hello, %s", name);
	return text;
}

static void
load_x87(void)
{
	long double pi = 3.14159265358979323846L;
	double eighth = -0.125;

	__asm__ volatile("fninit\n\t"
			 "fldt %0\n\t"
			 "fld1\n\t"
			 "fldz\n\t"
			 "fldl %1\n\t"
			 ".globl x87_full\n"
			 "x87_full:\n\t"
			 "nop\n\t"
			 "fstp %%st(0)\n\t"
			 "fstp %%st(0)\n\t"
			 "fstp %%st(0)\n\t"
			 "fstp %%st(0)"
			 :
			 : "m"(pi), "m"(eighth));
}

static int
load_vectors(void)
{
	static const int words[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	static int out[8];

	if (!__builtin_cpu_supports("avx"))
		return 0;
	__asm__ volatile("vmovups %1, %%ymm5\n\t"
			 ".globl ymm_full\n"
			 "ymm_full:\n\t"
			 "nop\n\t"
			 "vmovups %%ymm5, %0\n\t"
			 "vzeroupper"
			 : "=m"(out)
			 : "m"(words)
			 : "xmm5", "memory");
	return out[7];
}

int
main(void)
{
	volatile int chosen = 1;
	int vector;

	load_x87();
	vector = load_vectors();
	printf("%s %g %d\n", greeting("world"), half(first.number), vector);
	printf("%d %ld %d\n", multiply(6, 7), widen(1).d, array[3]);
	if (chosen == 2)
		exit(crash());
	return chosen;
}
