/* SPDX-License-Identifier: MIT */
/*
 * A program that tests prints TAP with these: one line a case, so that the
 * harness counts cases. Needs nothing but libc, since the programs run on
 * several kernels, and is safe in a child (the count is the parent's).
 */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static int tap_run, tap_bad;

/* One case: CONDITION holds. FORMAT says what was to be proved. */
#define ok(condition, ...)                                                     \
	tap_case((condition) ? 1 : 0, __FILE__, __LINE__, __VA_ARGS__)

/* One case: the integers A and B are equal; both are printed if not. */
#define is_int(a, b, ...)                                                      \
	tap_int((long long)(a), (long long)(b), __FILE__, __LINE__, __VA_ARGS__)

__attribute__((format(printf, 2, 0))) static inline void
tap_line(const char *verdict, const char *format, va_list ap)
{
	printf("%s %d - ", verdict, ++tap_run);
	vprintf(format, ap);
}

__attribute__((format(printf, 4, 5), unused)) static int
tap_case(int good, const char *file, int line, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	tap_line(good ? "ok" : "not ok", format, ap);
	va_end(ap);
	putchar('\n');
	if (!good) {
		tap_bad++;
		printf("# %s:%d\n", file, line);
	}
	fflush(stdout);
	return good;
}

__attribute__((format(printf, 5, 6), unused)) static int
tap_int(long long a, long long b, const char *file, int line,
	const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	tap_line(a == b ? "ok" : "not ok", format, ap);
	va_end(ap);
	putchar('\n');
	if (a != b) {
		tap_bad++;
		printf("# %s:%d: %lld (%#llx) is not %lld (%#llx)\n", file,
		       line, a, (unsigned long long)a, b,
		       (unsigned long long)b);
	}
	fflush(stdout);
	return a == b;
}

/* One case that cannot be tried here, and why. */
__attribute__((format(printf, 1, 2), unused)) static void
skip(const char *format, ...)
{
	va_list ap;

	printf("ok %d # SKIP ", ++tap_run);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

/* The whole program cannot be tried here. */
__attribute__((format(printf, 1, 2), unused, noreturn)) static void
skip_all(const char *format, ...)
{
	va_list ap;

	fputs("1..0 # SKIP ", stdout);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	putchar('\n');
	exit(0);
}

/* Ends the program: main() returns what this does. */
__attribute__((unused)) static int
done_testing(void)
{
	printf("1..%d\n", tap_run);
	fflush(stdout);
	return tap_bad ? 1 : 0;
}

#endif
