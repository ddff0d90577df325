/* SPDX-License-Identifier: MIT */
/* Traced: a child that SIGKILL ends. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(void)
{
	sigset_t set;
	int status, fd[2];
	char c;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	pipe(fd);
	pid = fork();
	if (pid == 0) {
		write(fd[1], "", 1);
		for (;;)
			; /* in no system call when it dies */
	}
	read(fd[0], &c, 1);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	kill(getpid(), SIGKILL);
	return 0;
}
