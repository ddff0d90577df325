/* SPDX-License-Identifier: MIT */
/* Traced: a pair of sockets. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sys/uio.h>

int
main(void)
{
	struct iovec iov = {.iov_base = "message", .iov_len = 7};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	char buf[32];
	int fd[2];

	socketpair(AF_UNIX, SOCK_STREAM, 0, fd);
	send(fd[0], "abc", 3, 0);
	recv(fd[1], buf, sizeof(buf), 0);
	sendmsg(fd[1], &msg, 0);
	iov.iov_base = buf;
	iov.iov_len = sizeof(buf);
	recvmsg(fd[0], &msg, 0);
	shutdown(fd[0], SHUT_WR);
	read(fd[1], buf, sizeof(buf));
	socketpair(AF_UNIX, 77, 0, fd);
	return 0;
}
