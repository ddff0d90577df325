/* SPDX-License-Identifier: MIT */
/* What the parts of bench_ptrace share. */
#ifndef BENCH_H
#define BENCH_H

#include <sys/types.h>

/* Say that WHAT failed, and why, and end. */
void die(const char *what);

/* Time N calls of FN several times, and print the line of NAME. */
void measure(const char *name, int n, void (*fn)(void *arg), void *arg);

/* Requests of PID, which is stopped; the last, at a system call. */
void bench_requests(pid_t pid);
void bench_call_info(pid_t pid);

/* Ask for the registers of PID, and for a word of its memory. */
void bench_get(pid_t pid);

/* One register of PID gets another value, or one of the floating point unit. */
void bench_set_register(pid_t pid);
void bench_set_float(pid_t pid);

#endif
