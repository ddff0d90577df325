/* SPDX-License-Identifier: MIT */
/* Traced: signals, masks and handlers. */
#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static void
on_signal(int sig, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	write(1, "signal\n", sig == SIGUSR1 ? 7 : 3);
}

int
main(void)
{
	struct sigaction sa = {.sa_sigaction = on_signal,
			       .sa_flags = SA_SIGINFO | SA_RESTART};
	sigset_t set, old;

	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGUSR2, &sa, NULL);
	kill(getpid(), SIGUSR1);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, &old);
	kill(getpid(), SIGUSR2);
	sigpending(&set);
	sigprocmask(SIG_SETMASK, &old, NULL);
	signal(SIGUSR1, SIG_IGN);
	kill(getpid(), SIGUSR1);
	kill(getpid(), 0);
	kill(getpid(), 99);
	return 0;
}
