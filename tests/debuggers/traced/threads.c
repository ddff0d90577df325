/* SPDX-License-Identifier: MIT */
/* Traced: threads, joined in order. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stddef.h>
#include <unistd.h>

static void *
run(void *arg)
{
	write(1, "thread\n", 7);
	return arg;
}

int
main(void)
{
	pthread_t t;

	for (int i = 0; i < 3; i++) {
		pthread_create(&t, NULL, run, NULL);
		pthread_join(t, NULL);
	}
	return 0;
}
