/* SPDX-License-Identifier: MIT */
/* Traced: children and their ends. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(void)
{
	sigset_t set;
	int status;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	pid = fork();
	if (pid == 0)
		_exit(17);
	waitpid(pid, &status, 0);
	pid = fork();
	if (pid == 0) {
		raise(SIGTERM);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	waitpid(-1, &status, WNOHANG);
	wait4(pid, &status, WNOHANG, NULL);
	return WTERMSIG(status);
}
