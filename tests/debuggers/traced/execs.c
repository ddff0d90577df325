/* SPDX-License-Identifier: MIT */
/* Traced: an exec of the program itself. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <unistd.h>

int
main(void)
{
	char *argv[] = {"again", "with", "arguments", NULL};
	char *envp[] = {"AGAIN=1", NULL};

	if (getenv("AGAIN"))
		return 5;
	execve("/proc/self/exe", argv, envp);
	return 1;
}
