/* SPDX-License-Identifier: MIT */
/*
 * The vDSO: code of the kernel's that runs in user mode, to tell the time
 * without a system call. libc finds it by AT_SYSINFO_EHDR.
 */
#include <stddef.h>
#include <stdint.h>

#include "data.h"

#define CLOCK_REALTIME	       0
#define CLOCK_MONOTONIC	       1
#define CLOCK_MONOTONIC_RAW    4
#define CLOCK_REALTIME_COARSE  5
#define CLOCK_MONOTONIC_COARSE 6
#define CLOCK_BOOTTIME	       7
#define CLOCK_TAI	       11

#define NR_clock_gettime 228
#define NR_clock_getres	 229
#define NSEC_PER_SEC	 1000000000
#define COARSE_RES	 4000000

struct timespec {
	int64_t sec, nsec;
};

struct timeval {
	int64_t sec, usec;
};

int __vdso_clock_gettime(int id, struct timespec *ts);
int __vdso_clock_getres(int id, struct timespec *ts);
int __vdso_gettimeofday(struct timeval *tv, int *tz);
int64_t __vdso_time(int64_t *t);
int __vdso_getcpu(unsigned *cpu, unsigned *node, void *unused);

/* vdso.lds: the page before this object. */
extern const volatile struct vdso_data vvar
    __attribute__((visibility("hidden")));

#define ALIAS(name) __attribute__((weak, alias(name)))

static int
call(long nr, long a, void *b)
{
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b)
			 : "rcx", "r11", "memory");
	return (int)ret;
}

static int64_t
monotonic(void)
{
	uint32_t lo, hi;
	uint64_t tsc;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi)::"memory");
	tsc = ((uint64_t)hi << 32 | lo) - vvar.tsc_boot;
	return vvar.boot_ns +
	       (int64_t)((unsigned __int128)tsc * vvar.ns_mult >> 32);
}

static int64_t
realtime(void)
{
	return monotonic() + vvar.realtime_offset;
}

int
__vdso_clock_gettime(int id, struct timespec *ts)
{
	int64_t ns;

	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_TAI:
		ns = realtime();
		break;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		ns = monotonic();
		break;
	default:
		return call(NR_clock_gettime, id, ts);
	}
	ts->sec = ns / NSEC_PER_SEC;
	ts->nsec = ns % NSEC_PER_SEC;
	return 0;
}

int
__vdso_clock_getres(int id, struct timespec *ts)
{
	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_BOOTTIME:
	case CLOCK_TAI:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
		break;
	default:
		return call(NR_clock_getres, id, ts);
	}
	if (!ts)
		return 0;
	ts->sec = 0;
	ts->nsec = id == CLOCK_REALTIME_COARSE || id == CLOCK_MONOTONIC_COARSE
		       ? COARSE_RES
		       : 1;
	return 0;
}

int
__vdso_gettimeofday(struct timeval *tv, int *tz)
{
	int64_t ns = realtime();

	if (tv) {
		tv->sec = ns / NSEC_PER_SEC;
		tv->usec = ns % NSEC_PER_SEC / 1000;
	}
	if (tz)
		tz[0] = tz[1] = 0;
	return 0;
}

int64_t
__vdso_time(int64_t *t)
{
	int64_t sec = realtime() / NSEC_PER_SEC;

	if (t)
		*t = sec;
	return sec;
}

/* There is one CPU. */
int
__vdso_getcpu(unsigned *cpu, unsigned *node, void *unused)
{
	(void)unused;
	if (cpu)
		*cpu = 0;
	if (node)
		*node = 0;
	return 0;
}

int clock_gettime(int id, struct timespec *ts) ALIAS("__vdso_clock_gettime");
int clock_getres(int id, struct timespec *ts) ALIAS("__vdso_clock_getres");
int gettimeofday(struct timeval *tv, int *tz) ALIAS("__vdso_gettimeofday");
int64_t time(int64_t *t) ALIAS("__vdso_time");
int getcpu(unsigned *cpu, unsigned *node, void *unused) ALIAS("__vdso_getcpu");
