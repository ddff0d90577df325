/* SPDX-License-Identifier: MIT */
/*
 * The kernel log, formatted output, and the end of everything.
 */
#ifndef KPRINTF_H
#define KPRINTF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

/* Conversions: c s d i u x X p o %, flags 0 - and width .precision, h l ll z.
 */
void kprintf(const char *fmt, ...) PRINTF_LIKE(1, 2);
void kputs(const char *s, size_t n);

/* As in C: the length that was wanted, always NUL-terminated if N is not 0. */
int ksnprintf(char *buf, size_t n, const char *fmt, ...) PRINTF_LIKE(3, 4);
int kvsnprintf(char *buf, size_t n, const char *fmt, va_list ap);

/* Say why, print a backtrace and stop the machine with a failure. */
_Noreturn void panic(const char *fmt, ...) PRINTF_LIKE(1, 2);

#define ASSERT(cond)                                                           \
	((cond) ? (void)0 : panic("%s:%d: %s", __FILE__, __LINE__, #cond))

/* Print the kernel functions on the stack from frame pointer RBP and RIP. */
void backtrace(uint64_t rip, uint64_t rbp);

#endif
