/* SPDX-License-Identifier: MIT */
/* Traced: queued signals and waiting for them. */
#define _GNU_SOURCE
#include <signal.h>
#include <time.h>
#include <unistd.h>

int
main(void)
{
	struct timespec ts = {.tv_nsec = 1000000};
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 1);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 1});
	sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 2});
	kill(getpid(), SIGUSR1);
	sigwaitinfo(&set, &info);
	sigwaitinfo(&set, &info);
	sigwaitinfo(&set, &info);
	sigtimedwait(&set, &info, &ts);
	return 0;
}
