/* SPDX-License-Identifier: MIT */
/*
 * What strace is timed with: calls N [PROCESSES]. Makes N system calls in all,
 * shared out among so many processes that live at once.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	long n = argc > 1 ? atol(argv[1]) : 100000;
	long processes = argc > 2 ? atol(argv[2]) : 1;
	int gate[2];
	char c;

	if (processes < 1 || pipe(gate))
		return 2;
	for (long p = 1; p < processes; p++) {
		pid_t pid = fork();

		if (pid < 0)
			return 1;
		if (pid == 0) {
			/* Until all are there. */
			close(gate[1]);
			read(gate[0], &c, 1);
			for (long i = 0; i < n / processes; i++)
				syscall(SYS_getppid);
			_exit(0);
		}
	}
	close(gate[1]);
	for (long i = 0; i < n / processes; i++)
		syscall(SYS_getppid);
	while (wait(NULL) > 0)
		;
	return 0;
}
