/* SPDX-License-Identifier: MIT */
/* Debugged: as many threads as its argument says, which meet in one place. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_barrier_t barrier;
static volatile int passed;
static __thread int number;

static void
meet(int n)
{
	number = n;
	__atomic_add_fetch(&passed, 1, __ATOMIC_SEQ_CST);
}

static void
apart(int n)
{
	number = -n;
}

static void *
worker(void *arg)
{
	int n = (int)(long)arg;

	pthread_barrier_wait(&barrier);
	meet(n);
	pthread_barrier_wait(&barrier);
	/* The first is the last: a debugger may lock the others. */
	if (n == 1)
		sleep(1);
	apart(n);
	pthread_barrier_wait(&barrier);
	return arg;
}

static void
all_met(int count)
{
	printf("met %d of %d\n", passed, count);
}

int
main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 3;
	pthread_t threads[256];
	long i;

	pthread_barrier_init(&barrier, NULL, (unsigned)count + 1);
	for (i = 0; i < count; i++)
		pthread_create(&threads[i], NULL, worker, (void *)(i + 1));
	pthread_barrier_wait(&barrier);
	while (passed < count)
		usleep(10000);
	sleep(1); /* until all wait again */
	all_met(count);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	for (i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
