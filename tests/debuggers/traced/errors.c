/* SPDX-License-Identifier: MIT */
/* Traced: errors of every kind. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

static char *const bad = (char *)8;

int
main(void)
{
	struct termios tio;
	int fd = open("/dev/null", O_RDWR);

	read(99, bad, 1);
	write(fd, bad, 10);
	write(1, bad, 10);
	open(bad, O_RDONLY);
	open("/dev/null/x", O_RDONLY);
	lseek(fd, 0, 99);
	ioctl(fd, TCGETS, &tio);
	ioctl(99, 12345, 0);
	syscall(9999, 1, 2, 3, 4, 5, 6);
	poll((struct pollfd *)bad, 3, 0);
	kill(-1000000, SIGTERM);
	sigaction(SIGKILL, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
	return 0;
}
