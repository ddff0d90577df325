/* SPDX-License-Identifier: MIT */
#include "string.h"

#include <stdint.h>

/*
 * Words of eight bytes are moved where there are that many; x86 does not mind
 * their alignment. REP MOVS would be quicker on real CPUs, but is slow in
 * emulation. The compiler is told (-fno-builtin) not to call these in turn.
 */
typedef uint64_t __attribute__((may_alias, aligned(1))) word_t;

void *
memcpy(void *restrict to, const void *restrict from, size_t n)
{
	unsigned char *d = to;
	const unsigned char *s = from;

	for (; n >= 32; n -= 32, d += 32, s += 32) {
		word_t *wd = (word_t *)d;
		const word_t *ws = (const word_t *)s;
		uint64_t a = ws[0], b = ws[1], c = ws[2], e = ws[3];

		wd[0] = a;
		wd[1] = b;
		wd[2] = c;
		wd[3] = e;
	}
	for (; n >= 8; n -= 8, d += 8, s += 8)
		*(word_t *)d = *(const word_t *)s;
	while (n-- > 0)
		*d++ = *s++;
	return to;
}

void *
memmove(void *to, const void *from, size_t n)
{
	unsigned char *d = to;
	const unsigned char *s = from;

	/* Ascending order is right unless the target begins inside. */
	if ((uintptr_t)d - (uintptr_t)s >= n)
		return memcpy(to, from, n);
	for (; n >= 8; n -= 8)
		*(word_t *)(d + n - 8) = *(const word_t *)(s + n - 8);
	while (n-- > 0)
		d[n] = s[n];
	return to;
}

void *
memset(void *to, int c, size_t n)
{
	unsigned char *d = to;
	uint64_t w = (unsigned char)c * 0x0101010101010101u;

	for (; n >= 32; n -= 32, d += 32) {
		((word_t *)d)[0] = w;
		((word_t *)d)[1] = w;
		((word_t *)d)[2] = w;
		((word_t *)d)[3] = w;
	}
	while (n-- > 0)
		*d++ = (unsigned char)c;
	return to;
}

int
memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (; n > 0; n--, x++, y++) {
		if (*x != *y)
			return *x - *y;
	}
	return 0;
}

size_t
strlen(const char *s)
{
	const char *p = s;

	while (*p != '\0')
		p++;
	return p - s;
}

size_t
strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n] != '\0')
		n++;
	return n;
}

int
strncmp(const char *a, const char *b, size_t n)
{
	for (; n > 0 && *a == *b; n--, a++, b++) {
		if (*a == '\0')
			return 0;
	}
	return n == 0 ? 0 : (unsigned char)*a - (unsigned char)*b;
}

char *
strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)s;
		if (*s == '\0')
			return NULL;
	}
}

char *
strrchr(const char *s, int c)
{
	const char *found = NULL;

	for (;; s++) {
		if (*s == (char)c)
			found = s;
		if (*s == '\0')
			return (char *)found;
	}
}

size_t
strlcpy(char *to, const char *from, size_t n)
{
	size_t len = strlen(from);

	if (n > 0) {
		size_t fits = len < n ? len : n - 1;

		memcpy(to, from, fits);
		to[fits] = '\0';
	}
	return len;
}
