/* SPDX-License-Identifier: MIT */
/* Threads of one process: futexes, robust mutexes, TLS, their ends. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

#define N 8

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static __thread int mine;
static int counter, turn;

static long
futex(uint32_t *w, int op, uint32_t val, const void *timeout, uint32_t *w2,
      uint32_t val3)
{
	return syscall(SYS_futex, w, op, val, timeout, w2, val3);
}

static void *
count(void *arg)
{
	int i;

	for (i = 0; i < 2000; i++) {
		pthread_mutex_lock(&mutex);
		counter++;
		if (i % 100 == 0)
			sched_yield();
		pthread_mutex_unlock(&mutex);
		mine++;
	}
	return (void *)(intptr_t)(mine == 2000 ? (intptr_t)arg : -1);
}

static void *
take_turns(void *arg)
{
	int me = (int)(intptr_t)arg, i;

	for (i = 0; i < 50; i++) {
		pthread_mutex_lock(&mutex);
		while (turn % N != me)
			pthread_cond_wait(&cond, &mutex);
		turn++;
		pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

static void
test_pthreads(void)
{
	pthread_t t[N];
	void *ret;
	int i, good = 0;

	for (i = 0; i < N; i++)
		pthread_create(&t[i], NULL, count, (void *)(intptr_t)i);
	for (i = 0; i < N; i++) {
		pthread_join(t[i], &ret);
		good += (intptr_t)ret == i;
	}
	is_int(counter, N * 2000, "a mutex excludes");
	is_int(good, N, "each thread has its own variables and result");
	for (i = 0; i < N; i++)
		pthread_create(&t[i], NULL, take_turns, (void *)(intptr_t)i);
	for (i = 0; i < N; i++)
		pthread_join(t[i], NULL);
	is_int(turn, N * 50, "condition variables");
}

static void
test_futex(void)
{
	struct timespec ts = {0, 20000000}, t0, t1;
	uint32_t w = 1, v = 5;

	is_int(futex(&w, FUTEX_WAIT, 0, NULL, NULL, 0), -1, "another value");
	is_int(errno, EAGAIN, "is EAGAIN");
	clock_gettime(CLOCK_MONOTONIC, &t0);
	is_int(futex(&w, FUTEX_WAIT, 1, &ts, NULL, 0), -1, "a time-out");
	is_int(errno, ETIMEDOUT, "is ETIMEDOUT");
	clock_gettime(CLOCK_MONOTONIC, &t1);
	ok((t1.tv_sec - t0.tv_sec) * 1000000000 + t1.tv_nsec - t0.tv_nsec >=
	       20000000,
	   "not too early");
	is_int(futex(&w, FUTEX_WAIT_BITSET, 1, &t0, NULL, 1), -1, "past");
	is_int(errno, ETIMEDOUT, "is ETIMEDOUT too");
	is_int(futex(&w, FUTEX_WAKE, 1, NULL, NULL, 0), 0, "nobody to wake");
	is_int(
	    futex((uint32_t *)((char *)&w + 1), FUTEX_WAKE, 1, NULL, NULL, 0),
	    -1, "not aligned");
	is_int(errno, EINVAL, "is EINVAL");
	is_int(futex((uint32_t *)8, FUTEX_WAIT, 1, NULL, NULL, 0), -1, "wild");
	is_int(errno, EFAULT, "is EFAULT");
	is_int(futex(&w, FUTEX_WAIT_BITSET, 1, NULL, NULL, 0), -1, "no bits");
	is_int(errno, EINVAL, "is EINVAL");
	is_int(futex(&w, FUTEX_WAKE_OP, 1, (void *)1, &v,
		     FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 5)),
	       0, "FUTEX_WAKE_OP");
	is_int(v, 8, "adds");
	is_int(futex(&w, 77, 0, NULL, NULL, 0), -1, "an unknown operation");
	is_int(errno, ENOSYS, "is ENOSYS");
	is_int(futex(&w, FUTEX_CMP_REQUEUE, 1, (void *)1, &v, 9), -1,
	       "FUTEX_CMP_REQUEUE");
	is_int(errno, EAGAIN, "compares");
}

static uint32_t *words;

static void *
wait_word(void *arg)
{
	(void)arg;
	while (futex(&words[0], FUTEX_WAIT, 0, NULL, NULL, 0) == 0 && !words[2])
		;
	__atomic_fetch_add(&words[3], 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void
test_requeue(void)
{
	pthread_t t[4];
	int i;

	words = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, wait_word, NULL);
	usleep(30000);
	words[2] = 1;
	is_int(futex(&words[0], FUTEX_CMP_REQUEUE, 1, (void *)2, &words[1], 0),
	       3, "one woken, two moved");
	usleep(10000);
	is_int(words[3], 1, "one runs");
	is_int(futex(&words[1], FUTEX_WAKE, 9, NULL, NULL, 0), 2, "the moved");
	is_int(futex(&words[0], FUTEX_WAKE, 9, NULL, NULL, 0), 1, "the last");
	for (i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	/* Between processes. */
	words[2] = 0;
	if (fork() == 0) {
		futex(&words[0], FUTEX_WAIT, 0, NULL, NULL, 0);
		_exit(0);
	}
	for (i = 0; i < 100; i++) {
		if (futex(&words[0], FUTEX_WAKE, 1, NULL, NULL, 0) == 1)
			break;
		usleep(5000);
	}
	ok(i < 100, "a shared futex wakes another process");
	wait(NULL);
}

struct robust {
	pthread_mutex_t m;
	int ready;
};

static void
test_robust(void)
{
	struct robust *r = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t a;
	int err;

	pthread_mutexattr_init(&a);
	pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&r->m, &a);
	if (fork() == 0) {
		pthread_mutex_lock(&r->m);
		r->ready = 1;
		usleep(30000);
		_exit(0); /* with the lock */
	}
	while (!r->ready)
		usleep(1000);
	err = pthread_mutex_lock(&r->m);
	is_int(err, EOWNERDEAD, "the owner of a robust mutex died");
	pthread_mutex_consistent(&r->m);
	is_int(pthread_mutex_unlock(&r->m), 0, "its mutex goes on");
	wait(NULL);
	munmap(r, 4096);
}

static void *
get_tid(void *arg)
{
	*(pid_t *)arg = gettid();
	return NULL;
}

static void *
thread_exit_group(void *arg)
{
	(void)arg;
	_exit(17);
}

static void *
forever(void *arg)
{
	for (;;)
		pause();
	return arg;
}

static void
test_ids(void)
{
	pthread_t t;
	pid_t tid = 0, pid;
	int status, i;

	pthread_create(&t, NULL, get_tid, &tid);
	pthread_join(t, NULL);
	ok(tid && tid != getpid(), "a thread has its own id");
	for (i = 0; i < 100 && !syscall(SYS_tgkill, getpid(), tid, 0); i++)
		usleep(1000);
	is_int(syscall(SYS_tgkill, getpid(), tid, 0), -1, "until it ends");
	is_int(syscall(SYS_set_tid_address, NULL), getpid(), "set_tid_address");
	pid = fork();
	if (pid == 0) {
		for (i = 0; i < 4; i++)
			pthread_create(&t, NULL, forever, NULL);
		pthread_create(&t, NULL, thread_exit_group, NULL);
		pause();
	}
	is_int(waitpid(pid, &status, 0), pid, "a thread ends the process");
	is_int(WEXITSTATUS(status), 17, "with its status");
}

static void *
sum_up(void *arg)
{
	volatile double x = (double)(intptr_t)arg, s = 0;
	int i;

	for (i = 0; i < 2000000; i++)
		s += x;
	return (void *)(intptr_t)(s == x * 2000000);
}

static void
test_fpu(void)
{
	pthread_t t[4];
	void *ret;
	int i, good = 0;

	for (i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, sum_up, (void *)(intptr_t)(i + 1));
	for (i = 0; i < 4; i++) {
		pthread_join(t[i], &ret);
		good += (int)(intptr_t)ret;
	}
	is_int(good, 4, "preempted threads keep their vector registers");
}

int
main(void)
{
	test_pthreads();
	test_futex();
	test_requeue();
	test_robust();
	test_ids();
	test_fpu();
	return done_testing();
}
