/* SPDX-License-Identifier: MIT */
/* Traced: the leader ends first; another thread ends the process. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

static volatile int lives = 1; /* 0: written by the kernel at its end */

static void *
run(void *arg)
{
	while (lives)
		;
	write(1, "alone\n", 6);
	_exit(3);
	return arg;
}

int
main(void)
{
	pthread_t t;

	pthread_create(&t, NULL, run, NULL);
	syscall(SYS_set_tid_address, &lives);
	syscall(SYS_exit, 0);
}
