/* SPDX-License-Identifier: MIT */
/* Traced: vfork and exec. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(void)
{
	char *argv[] = {"echo", "from the child", NULL};
	char *envp[] = {"A=b", NULL};
	sigset_t set;
	int status;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	pid = vfork();
	if (pid == 0) {
		execve("/no/such/program", argv, envp);
		execve("/bin/busybox", argv, envp);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return 0;
}
