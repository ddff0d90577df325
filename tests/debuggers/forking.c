/* SPDX-License-Identifier: MIT */
/* Debugged: "fork", "vfork" or "exec", and what comes after in both. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int
in_child(void)
{
	return 3;
}

static int
in_parent(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int
after_exec(void)
{
	return 9;
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int status;
	pid_t pid;

	if (!strcmp(what, "after"))
		return after_exec();
	if (!strcmp(what, "exec")) {
		execl(argv[0], argv[0], "after", (char *)NULL);
		return 1;
	}
	pid = !strcmp(what, "vfork") ? vfork() : fork();
	if (pid == 0) {
		if (!strcmp(what, "vfork")) {
			execl(argv[0], argv[0], "after", (char *)NULL);
			_exit(1);
		}
		_exit(in_child());
	}
	waitpid(pid, &status, 0);
	return in_parent(status);
}
