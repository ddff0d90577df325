/* SPDX-License-Identifier: MIT */
/*
 * What each request costs. One static program for the refkernel (through
 * libptrace) and for Linux (by system calls); ./bench makes ratios of the two.
 *
 *	bench_ptrace [NAME-PREFIX]
 *
 * Prints one line of CSV an operation: its name, then median, 10th and 90th
 * percentile of the time for one, in nanoseconds; of memory, bytes.
 */
#include "ptrace_ops.h"

#include "bench.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>

#define SAMPLES 21

static const char *prefix = "";

void
die(const char *what)
{
	fprintf(stderr, "bench_ptrace: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t
now(void)
{
	struct timespec ts;

	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Time N calls of FN, SAMPLES times, and print the line. */
void
measure(const char *name, int n, void (*fn)(void *arg), void *arg)
{
	double t[SAMPLES];
	int64_t start;

	if (strncmp(name, prefix, strlen(prefix)) != 0)
		return;
	fn(arg);
	for (int s = 0; s < SAMPLES; s++) {
		start = now();
		for (int i = 0; i < n; i++)
			fn(arg);
		t[s] = (double)(now() - start) / n;
	}
	qsort(t, SAMPLES, sizeof(t[0]), compare);
	printf("%s,%.1f,%.1f,%.1f\n", name, t[SAMPLES / 2], t[SAMPLES / 10],
	       t[SAMPLES - 1 - SAMPLES / 10]);
	fflush(stdout);
}

/* ---- tracees ---- */

/* A tracee that stops once and then does BODY for ever. */
static pid_t
start(void (*body)(void), long options)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		if (do_ptrace(PTRACE_TRACEME, 0, NULL, NULL))
			_exit(99);
		kill(getpid(), SIGSTOP);
		for (;;)
			body();
	}
	if (do_wait(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
		die("the tracee did not stop");
	if (do_ptrace(PTRACE_SETOPTIONS, pid, NULL,
		      (void *)(options | PTRACE_O_EXITKILL)))
		die("PTRACE_SETOPTIONS");
	return pid;
}

static void
finish(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	do
		if (do_wait(pid, &status, __WALL) != pid)
			die("wait for the end");
	while (WIFSTOPPED(status));
}

static void
spin(void)
{
	for (volatile int i = 0; i < 1000; i++)
		;
}

static void
call(void)
{
	syscall(SYS_getppid);
}

static void
trap(void)
{
	__asm__ volatile("int3");
}

static void
spawn(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	syscall(SYS_wait4, pid, &status, 0, NULL);
}

static void
op_null(void *arg)
{
	(void)arg;
	syscall(SYS_getppid);
}

/* ---- round trips ---- */

struct trip {
	pid_t pid;
	long request;
};

static void
op_trip(void *arg)
{
	struct trip *t = arg;
	int status;

	if (do_ptrace(t->request, t->pid, NULL, NULL))
		die("resume");
	if (do_wait(t->pid, &status, __WALL) != t->pid || !WIFSTOPPED(status))
		die("wait");
}

/* What a set leaves for the resumption to do is part of that. */
static void
op_set_trip(void *arg)
{
	bench_set_register(((struct trip *)arg)->pid);
	op_trip(arg);
}

static void
op_floats_trip(void *arg)
{
	bench_set_float(((struct trip *)arg)->pid);
	op_trip(arg);
}

/* A fork of the tracee: its event, the child's stop, and the child's end. */
static void
op_fork(void *arg)
{
	pid_t parent = *(pid_t *)arg, child, pid;
	bool running = true;
	int status;

	do_ptrace(PTRACE_CONT, parent, NULL, NULL);
	while (running) {
		pid = do_wait(-1, &status, __WALL);
		if (pid < 0)
			die("wait");
		child = pid != parent;
		if (child && !WIFSTOPPED(status))
			running = false;
		else if (do_ptrace(PTRACE_CONT, pid, NULL, NULL))
			die("CONT");
	}
	/* The parent is told of the child: the SIGCHLD stops it again. */
	if (do_wait(parent, &status, __WALL) != parent)
		die("wait for the parent");
}

static void
op_attach(void *arg)
{
	pid_t pid = *(pid_t *)arg;
	int status;

	if (do_ptrace(PTRACE_ATTACH, pid, NULL, NULL))
		die("ATTACH");
	if (do_wait(pid, &status, __WALL) != pid)
		die("wait");
	if (do_ptrace(PTRACE_DETACH, pid, NULL, NULL))
		die("DETACH");
}

/* ---- memory ---- */

#define BIG ((size_t)64 << 20)

struct copy {
	pid_t pid;
	int fd;
	char *from, *to;
	size_t n;
};

static void
op_readv(void *arg)
{
	struct copy *c = arg;

	if (do_readv(c->pid, c->to, c->from, c->n) != (ssize_t)c->n)
		die("process_vm_readv");
}

static void
op_mem(void *arg)
{
	struct copy *c = arg;

	if (pread(c->fd, c->to, c->n, (off_t)(uintptr_t)c->from) !=
	    (ssize_t)c->n)
		die("mem");
}

static void
op_memcpy(void *arg)
{
	struct copy *c = arg;

	memcpy(c->to, c->from, c->n);
}

static void
bench_memory(void)
{
	struct copy c;
	char name[64];
	int times;

	c.from = mmap(NULL, 2 * BIG, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (c.from == MAP_FAILED)
		die("mmap");
	c.to = c.from + BIG;
	memset(c.from, 1, 2 * BIG);
	c.pid = start(spin, 0);
	snprintf(name, sizeof(name), "/proc/%d/mem", (int)c.pid);
	c.fd = open(name, O_RDONLY);
	if (c.fd < 0)
		die(name);
	for (c.n = 8; c.n <= BIG; c.n = c.n == BIG / 4 ? BIG : c.n * 8) {
		times = c.n < 4096 ? 1000 : c.n < (1 << 20) ? 50 : 1;
		snprintf(name, sizeof(name), "vm_readv_%zu", c.n);
		measure(name, times, op_readv, &c);
		snprintf(name, sizeof(name), "mem_%zu", c.n);
		measure(name, times, op_mem, &c);
		snprintf(name, sizeof(name), "memcpy_%zu", c.n);
		measure(name, times, op_memcpy, &c);
	}
	close(c.fd);
	finish(c.pid);
	munmap(c.from, 2 * BIG);
}

/* ---- many tracees ---- */

static void
bench_wait(void)
{
	static pid_t pids[4096];
	struct trip t = {0, PTRACE_SYSCALL};
	char name[64];
	int n = 0;

	for (int want = 1; want <= 4096; want *= 16) {
		while (n < want)
			pids[n++] = start(call, PTRACE_O_TRACESYSGOOD);
		t.pid = pids[0];
		snprintf(name, sizeof(name), "wait_among_%d", want);
		measure(name, 200, op_trip, &t);
	}
	while (n)
		finish(pids[--n]);
}

static void
bench_stopped(void)
{
	struct trip t = {start(call, PTRACE_O_TRACESYSGOOD), PTRACE_SYSCALL};

	measure("null_syscall", 1000, op_null, NULL);
	bench_requests(t.pid);
	op_trip(&t);
	bench_call_info(t.pid);
	measure("SYSCALL_round_trip", 200, op_trip, &t);
	measure("SYSCALL_and_registers", 200, op_set_trip, &t);
	measure("SYSCALL_and_floats", 200, op_floats_trip, &t);
	finish(t.pid);
	t = (struct trip){start(trap, 0), PTRACE_CONT};
	measure("CONT_to_int3", 200, op_trip, &t);
	finish(t.pid);
	t = (struct trip){start(spin, 0), PTRACE_SINGLESTEP};
	measure("SINGLESTEP_round_trip", 200, op_trip, &t);
	finish(t.pid);
}

static void
bench_life(void)
{
	pid_t pid = start(spawn, PTRACE_O_TRACEFORK);

	measure("fork_event", 10, op_fork, &pid);
	finish(pid);
	pid = fork();
	if (pid == 0)
		for (;;)
			spin();
	measure("attach_detach", 50, op_attach, &pid);
	finish(pid);
}

static long
free_memory(void)
{
	char line[128];
	long kib = -1;
	FILE *f = fopen("/proc/meminfo", "r");

	while (f && kib < 0 && fgets(line, sizeof(line), f))
		sscanf(line, "MemFree: %ld kB", &kib);
	if (f)
		fclose(f);
	return kib;
}

#define TRACEES 512

/*
 * What the machine has less of when many processes are traced, and each has
 * been asked for registers and memory: in bytes for one. The same in all three
 * columns, since there is one measurement.
 */
static void
bench_tracees(void)
{
	static const char name[] = "bytes_per_tracee";
	static pid_t pids[TRACEES];
	long before;
	double bytes;
	int status;

	if (strncmp(name, prefix, strlen(prefix)) != 0)
		return;
	for (int i = 0; i < TRACEES; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			for (;;)
				pause();
	}
	/* Until all have come to rest. */
	usleep(500000);
	before = free_memory();
	for (int i = 0; i < TRACEES; i++) {
		if (do_ptrace(PTRACE_ATTACH, pids[i], NULL, NULL) ||
		    do_wait(pids[i], &status, __WALL) != pids[i])
			die("ATTACH");
		for (int k = 0; k < 4; k++)
			bench_get(pids[i]);
	}
	bytes = (double)(before - free_memory()) * 1024 / TRACEES;
	if (bytes < 1)
		bytes = 1;
	printf("%s,%.1f,%.1f,%.1f\n", name, bytes, bytes, bytes);
	for (int i = 0; i < TRACEES; i++)
		finish(pids[i]);
}

int
main(int argc, char **argv)
{
	if (argc > 1)
		prefix = argv[1];
	bench_stopped();
	bench_life();
	bench_tracees();
	bench_memory();
	bench_wait();
	return 0;
}
