/* SPDX-License-Identifier: MIT */
/* Traced: pipes, duplicates, poll and select. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/select.h>
#include <unistd.h>

int
main(void)
{
	struct pollfd pfd[2];
	char buf[16];
	fd_set set;
	int fd[2];

	pipe(fd);
	pfd[0] = (struct pollfd){.fd = fd[0], .events = POLLIN};
	pfd[1] = (struct pollfd){.fd = fd[1], .events = POLLOUT};
	poll(pfd, 2, 0);
	write(fd[1], "data", 4);
	poll(pfd, 2, -1);
	FD_ZERO(&set);
	FD_SET(fd[0], &set);
	select(fd[0] + 1, &set, NULL, NULL, NULL);
	read(fd[0], buf, sizeof(buf));
	poll(pfd, 1, 5);
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	read(fd[0], buf, sizeof(buf));
	fcntl(fd[0], F_GETFL);
	fcntl(fd[1], F_SETFD, FD_CLOEXEC);
	fcntl(fd[1], F_DUPFD, 50);
	dup2(fd[0], 60);
	dup(99);
	close(fd[0]);
	close(60);
	signal(SIGPIPE, SIG_IGN);
	write(fd[1], "x", 1);
	signal(SIGPIPE, SIG_DFL);
	write(fd[1], "x", 1);
	return 0;
}
