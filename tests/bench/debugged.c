/* SPDX-License-Identifier: MIT */
/*
 * What gdb is timed with: debugged [THREADS]. Calls hit() for ever, with 64 MiB
 * in memory; with an argument, has so many threads that wait.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SIZE (64UL << 20)

static char memory[SIZE];
static volatile unsigned long calls;

__attribute__((noinline)) static void
hit(unsigned long number)
{
	calls = number;
}

static void *
wait_for_ever(void *arg)
{
	for (;;)
		pause();
	return arg;
}

int
main(int argc, char **argv)
{
	int threads = argc > 1 ? atoi(argv[1]) : 0;
	pthread_t thread;

	alarm(600);
	while (threads-- > 1) {
		if (pthread_create(&thread, NULL, wait_for_ever, NULL))
			return 1;
	}
	if (argc > 1) {
		puts("ready");
		fflush(stdout);
		wait_for_ever(NULL);
	}
	memset(memory, 0x5a, SIZE);
	for (unsigned long number = 1;; number++)
		hit(number);
}
