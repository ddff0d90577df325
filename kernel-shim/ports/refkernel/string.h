/* SPDX-License-Identifier: MIT */
/*
 * The few of C's string functions that the kernel uses; as in C.
 */
#ifndef STRING_H
#define STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
/* Copy as much as fits in N bytes with a NUL; the length of FROM. */
size_t strlcpy(char *to, const char *from, size_t n);

#endif
