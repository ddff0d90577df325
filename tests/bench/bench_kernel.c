/* SPDX-License-Identifier: MIT */
/*
 * What the kernel itself costs: system calls, faults, processes, switches.
 * One static program for the refkernel and for Linux; ./bench makes ratios of
 * the two.
 *
 *	bench_kernel [NAME-PREFIX]
 *
 * Prints one line of CSV an operation: its name, then median, 10th and 90th
 * percentile of the time for one, in nanoseconds.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SAMPLES 21
#define PAGE	4096
#define PAGES	256

static const char *prefix = "";

static int64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Call FN, which does N operations, SAMPLES times, and print the line. */
static void
measure(const char *name, int n, void (*fn)(int n))
{
	double t[SAMPLES];
	int64_t start;

	if (strncmp(name, prefix, strlen(prefix)) != 0)
		return;
	fn(n); /* everything is in its caches */
	for (int i = 0; i < SAMPLES; i++) {
		start = now();
		fn(n);
		t[i] = (double)(now() - start) / n;
	}
	qsort(t, SAMPLES, sizeof(t[0]), compare);
	printf("%s,%.1f,%.1f,%.1f\n", name, t[SAMPLES / 2], t[SAMPLES / 10],
	       t[SAMPLES - 1 - SAMPLES / 10]);
	fflush(stdout);
}

static void
null_call(int n)
{
	while (n-- > 0)
		syscall(SYS_getppid);
}

static void
fork_exit(int n)
{
	while (n-- > 0) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
}

static void
fork_exec(int n)
{
	while (n-- > 0) {
		pid_t pid = vfork();

		if (pid == 0) {
			execl("/proc/self/exe", "bench_kernel", "exit", NULL);
			_exit(1);
		}
		waitpid(pid, NULL, 0);
	}
}

static void
map_unmap(int n)
{
	while (n-- > 0) {
		void *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		munmap(p, PAGE);
	}
}

static void
fault_zero(int n)
{
	for (; n > 0; n -= PAGES) {
		char *p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		for (int i = 0; i < PAGES; i++)
			p[i * PAGE] = 1;
		munmap(p, PAGES * PAGE);
	}
}

/* A child writes to pages that it shares with its parent. */
static void
fault_copy(int n)
{
	static char pages[PAGES * PAGE];

	memset(pages, 1, sizeof(pages));
	for (; n > 0; n -= PAGES) {
		pid_t pid = fork();

		if (pid == 0) {
			for (int i = 0; i < PAGES; i++)
				pages[i * PAGE] = 2;
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
}

static int to_child[2], to_parent[2];

/* A byte to the child and back: two switches, four calls. */
static void
pipe_round(int n)
{
	char byte = 0;

	while (n-- > 0) {
		if (write(to_child[1], &byte, 1) != 1 ||
		    read(to_parent[0], &byte, 1) != 1)
			exit(1);
	}
}

static void
measure_pipe(void)
{
	char byte;
	pid_t pid;

	if (pipe(to_child) != 0 || pipe(to_parent) != 0)
		exit(1);
	pid = fork();
	if (pid == 0) {
		close(to_child[1]);
		while (read(to_child[0], &byte, 1) == 1) {
			if (write(to_parent[1], &byte, 1) != 1)
				_exit(1);
		}
		_exit(0);
	}
	measure("pipe_round_trip", 500, pipe_round);
	close(to_child[1]);
	waitpid(pid, NULL, 0);
}

static void
yield(int n)
{
	while (n-- > 0)
		sched_yield();
}

/*
 * The same with another process that yields all the time. Of two real-time
 * processes of the same priority a yield is sure to run the other.
 */
static void
measure_switch(void)
{
	struct sched_param param = {.sched_priority = 1};
	pid_t pid;

	sched_setscheduler(0, SCHED_FIFO, &param);
	pid = fork();
	if (pid == 0) {
		for (;;)
			sched_yield();
	}
	measure("context_switch", 1000, yield);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static volatile sig_atomic_t signals;

static void
on_signal(int sig)
{
	(void)sig;
	signals++;
}

static void
signal_self(int n)
{
	while (n-- > 0)
		raise(SIGUSR1);
}

static void
pipe_bulk(int n)
{
	static char buf[65536];
	int fds[2];

	if (pipe(fds) != 0)
		exit(1);
	while (n-- > 0) {
		if (write(fds[1], buf, sizeof(buf) / 2) < 0 ||
		    read(fds[0], buf, sizeof(buf)) < 0)
			exit(1);
	}
	close(fds[0]);
	close(fds[1]);
}

static void
open_close(int n)
{
	while (n-- > 0)
		close(open("/dev/null", O_RDONLY));
}

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "exit") == 0)
		return 0;
	if (argc > 1)
		prefix = argv[1];
	signal(SIGUSR1, on_signal);
	measure("null_call", 10000, null_call);
	measure("open_close", 1000, open_close);
	measure("fork_exit", 50, fork_exit);
	measure("fork_exec", 20, fork_exec);
	measure("map_unmap", 1000, map_unmap);
	measure("fault_zero", 8 * PAGES, fault_zero);
	measure("fault_copy", 2 * PAGES, fault_copy);
	measure("signal", 1000, signal_self);
	measure("pipe_32k", 200, pipe_bulk);
	measure_pipe();
	measure_switch();
	return 0;
}
