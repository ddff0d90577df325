/* SPDX-License-Identifier: MIT */
/* Debugged: to attach to. It runs until told to end, in its memory or by
 * SIGUSR1; with an argument, in so many more threads; with another, it says
 * what round it is in. */
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t end;
static volatile long rounds;
static bool aloud;

static void
on_signal(int number)
{
	end = number;
}

static void
turn(void)
{
	rounds++;
}

/* ARG: NULL in the first thread, which speaks when all are there. */
static void *
work(void *arg)
{
	const struct timespec pause = {0, 50000000};

	while (!end) {
		turn();
		if (aloud && !arg)
			printf("round %ld\n", rounds);
		nanosleep(&pause, NULL);
	}
	return arg;
}

int
main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 0;
	pthread_t thread;

	aloud = argc > 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGUSR1, on_signal);
	alarm(100);
	while (count-- > 0)
		pthread_create(&thread, NULL, work, argv);
	work(NULL);
	printf("end %d\n", (int)end);
	return 4;
}
