/* SPDX-License-Identifier: MIT */
/* Traced: a call that a timer ends. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static void
on_alarm(int sig)
{
	(void)sig;
}

int
main(void)
{
	struct itimerval it = {.it_value = {.tv_usec = 20000}};
	struct sigaction sa = {.sa_handler = on_alarm};
	struct timespec ts = {.tv_sec = 10};

	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &it, NULL);
	pause();
	setitimer(ITIMER_REAL, &it, NULL);
	clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
	signal(SIGALRM, SIG_DFL);
	alarm(100);
	alarm(0);
	return 0;
}
