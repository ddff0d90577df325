/* SPDX-License-Identifier: MIT */
/*
 * Several threads of a tracer wait at once, each for its own tracees or for
 * any: no stop is lost, none is told twice, nobody sleeps on.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "../../src/io.h"
#include "suite.h"
#include <sys/proc_scheme.h>

#define THREADS 4
#define TURNS	2000
#define FIRST	200

enum { EVENTS = 1, EVENTS_NOW = 2, TRACE = 100 };

/* A kernel with THREADS tracees that stop again as soon as they go on. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t change;
	struct proc_tracer_event queue[2 * THREADS];
	int count;
	unsigned woken;
	int turns[THREADS]; /* stops that each has still to make */
	int left;	    /* tracees that are alive */
} kernel = {.lock = PTHREAD_MUTEX_INITIALIZER,
	    .change = PTHREAD_COND_INITIALIZER};

static void
push(int tid, uint64_t cause)
{
	kernel.queue[kernel.count++] =
	    (struct proc_tracer_event){tid, tid, {.cause = cause, .a = 2}};
	pthread_cond_broadcast(&kernel.change);
}

static int
io_open(const char *name, unsigned flags, enum ptl_life life)
{
	int tid;

	(void)life;
	if (!strcmp(name, "self/" PROC_FILE_EVENTS))
		return flags & PTL_NONBLOCK ? EVENTS_NOW : EVENTS;
	if (sscanf(name, "%d/" PROC_FILE_TRACE, &tid) == 1)
		return tid;
	return -ENOENT;
}

static void
io_close(int handle)
{
	(void)handle;
}

static ssize_t
io_read(int handle, void *buf, size_t n)
{
	ssize_t r = -EAGAIN;

	(void)n;
	pthread_mutex_lock(&kernel.lock);
	while (!kernel.count && !kernel.woken && handle == EVENTS)
		pthread_cond_wait(&kernel.change, &kernel.lock);
	if (kernel.count) {
		/* One at a time, so that threads read what others want. */
		memcpy(buf, &kernel.queue[0], sizeof(kernel.queue[0]));
		kernel.count--;
		memmove(&kernel.queue[0], &kernel.queue[1],
			(size_t)kernel.count * sizeof(kernel.queue[0]));
		r = sizeof(kernel.queue[0]);
	} else if (kernel.woken) {
		kernel.woken--;
		r = 0;
	}
	pthread_mutex_unlock(&kernel.lock);
	return r;
}

static ssize_t
io_write(int handle, const void *buf, size_t n)
{
	uint64_t word;

	memcpy(&word, buf, sizeof(word));
	pthread_mutex_lock(&kernel.lock);
	if (handle == EVENTS) {
		kernel.woken = (unsigned)word;
		pthread_cond_broadcast(&kernel.change);
	} else if (word & PROC_FLAG_SETMASK) {
		push(handle, PROC_STOP_SIGNAL);
	} else if (!(word & PROC_FLAG_DETACH)) {
		if (kernel.turns[handle - FIRST]-- > 0) {
			push(handle, PROC_STOP_SIGNAL);
		} else {
			kernel.left--;
			push(handle, PROC_EVENT_EXITED);
		}
	}
	pthread_mutex_unlock(&kernel.lock);
	return (ssize_t)n;
}

static pid_t
io_getpid(void)
{
	return 100;
}

static pid_t
io_wait4(pid_t pid, int *status, int options, struct rusage *ru)
{
	(void)pid;
	(void)status;
	(void)options;
	(void)ru;
	return -ECHILD;
}

static const struct ptrace_io io = {
    .open = io_open,
    .close = io_close,
    .read = io_read,
    .write = io_write,
    .getpid = io_getpid,
    .wait4 = io_wait4,
};

static int seen[THREADS];

static int
resume(int tid, bool mine)
{
	const uint64_t word = 0;

	if (mine)
		return ptrace(PTRACE_CONT, tid, NULL, NULL) != 0;
	/* Requests are for the thread that traces; but somebody resumes it. */
	return io_write(tid, &word, sizeof(word)) != sizeof(word);
}

/*
 * Trace ARG and wait for it until it is dead; or, if it is -1, wait for any
 * until all are.
 */
static void *
waiter(void *arg)
{
	const int tid = (int)(intptr_t)arg;
	int st, r;

	if (tid > 0 && ptrace(PTRACE_SEIZE, tid, NULL, NULL))
		return (void *)1;
	for (;;) {
		r = waitpid(tid, &st, __WALL);
		if (r < 0)
			return (void *)(intptr_t)(errno != ECHILD);
		if (WIFSTOPPED(st)) {
			seen[r - FIRST]++;
			if (resume(r, tid > 0))
				return (void *)1;
		} else if (tid > 0) {
			return NULL;
		}
	}
}

/* _i: all threads wait for any tracee; else each for its own. */
START_TEST(together)
{
	pthread_t thread[THREADS];
	void *bad;

	ptl_reset(&io);
	kernel.left = THREADS;
	for (int i = 0; i < THREADS; i++) {
		kernel.turns[i] = TURNS;
		if (_i)
			ck_assert_int_eq(
			    ptrace(PTRACE_SEIZE, FIRST + i, NULL, NULL), 0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, waiter,
			       (void *)(intptr_t)(_i ? -1 : FIRST + i));
	for (int i = 0; i < THREADS; i++) {
		pthread_join(thread[i], &bad);
		ck_assert_ptr_null(bad);
	}
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(seen[i], TURNS + 1);
	ck_assert_int_eq(kernel.left, 0);
	ptl_reset(NULL);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("threads that wait");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, together, 0, 2);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
