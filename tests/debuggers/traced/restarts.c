/* SPDX-License-Identifier: MIT */
/* Traced: calls that are restarted. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static int fds[2];

/* The read starts again, and finds this. */
static void
on_alarm(int sig)
{
	(void)sig;
	write(fds[1], "x", 1);
}

int
main(void)
{
	struct itimerval it = {.it_value = {.tv_usec = 20000}};
	struct sigaction sa = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
	char c;

	pipe(fds);
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &it, NULL);
	read(fds[0], &c, 1);
	return 0;
}
