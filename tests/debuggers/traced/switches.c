/* SPDX-License-Identifier: MIT */
/* Traced: an exec by a thread that is not the leader. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static volatile int ready;

static void *
run(void *arg)
{
	char *argv[] = {"again", NULL};
	char *envp[] = {"AGAIN=1", NULL};

	while (!ready)
		;
	execve("/proc/self/exe", argv, envp);
	return arg;
}

int
main(void)
{
	pthread_t t;

	if (getenv("AGAIN"))
		return 6;
	pthread_create(&t, NULL, run, NULL);
	ready = 1;
	for (;;)
		; /* in no system call when it goes */
}
