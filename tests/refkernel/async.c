/* SPDX-License-Identifier: MIT */
/* Input that is told by a signal: O_ASYNC, F_SETOWN, F_SETSIG. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

/* An address that is not mapped, which compilers cannot know. */
static void *volatile bad = (void *)8;

/* CALL fails with ERROR. */
#define fails(call, error, ...)                                                \
	do {                                                                   \
		errno = 0;                                                     \
		long r_ = (long)(call);                                        \
		is_int(r_ == -1 ? errno : -1, error, __VA_ARGS__);             \
	} while (0)

static volatile sig_atomic_t times, sig, code, fd;
static volatile long band;

static void
on_signal(int s, siginfo_t *info, void *context)
{
	(void)context;
	times++;
	sig = s;
	code = info->si_code;
	fd = info->si_fd;
	band = info->si_band;
}

static void
handle(int s)
{
	struct sigaction sa = {.sa_sigaction = on_signal,
			       .sa_flags = SA_SIGINFO | SA_RESTART};

	sigaction(s, &sa, NULL);
}

/* How many signals came since the last time. */
static int
told(void)
{
	int n = times;

	times = 0;
	return n;
}

/* The same for what comes in its own time: at most so many. */
static int
told_later(int want)
{
	for (int i = 0; i < 1000 && times < want; i++)
		usleep(1000);
	return told();
}

static void
test_which(void)
{
	int e = eventfd(0, 0), r = open("/etc/passwd", O_RDONLY), on = 1;

	is_int(fcntl(e, F_SETFL, O_ASYNC), 0, "an eventfd is asked");
	is_int(fcntl(e, F_GETFL) & O_ASYNC, 0, "and does not");
	fails(ioctl(e, FIOASYNC, &on), ENOTTY, "FIOASYNC says so");
	fails(ioctl(e, FIOASYNC, bad), EFAULT, "FIOASYNC from nowhere");
	is_int(fcntl(r, F_SETFL, O_ASYNC), 0, "a file is asked");
	is_int(fcntl(r, F_GETFL) & O_ASYNC, 0, "and does not");
	is_int(fcntl(r, F_SETOWN, getpid()), 0, "it has an owner all the same");
	is_int(fcntl(r, F_GETOWN), getpid(), "F_GETOWN");
	close(e);
	close(r);
}

static void
test_owner(void)
{
	struct f_owner_ex ex = {F_OWNER_TID, gettid()};
	int s[2];

	socketpair(AF_UNIX, SOCK_STREAM, 0, s);
	is_int(fcntl(s[0], F_GETOWN), 0, "nobody");
	fails(fcntl(s[0], F_SETOWN, 4194304), ESRCH, "nobody has this id");
	fails(fcntl(s[0], F_SETOWN, INT_MIN), EINVAL, "no group");
	is_int(fcntl(s[0], F_SETOWN_EX, &ex), 0, "a thread");
	ex.pid = 0;
	is_int(fcntl(s[0], F_GETOWN_EX, &ex), 0, "F_GETOWN_EX");
	ok(ex.type == F_OWNER_TID && ex.pid == gettid(), "is that thread");
	is_int(fcntl(s[0], F_GETOWN), gettid(), "for F_GETOWN too");
	ex.type = 9;
	fails(fcntl(s[0], F_SETOWN_EX, &ex), EINVAL, "no such type");
	ex.type = F_OWNER_PID;
	ex.pid = -1;
	fails(fcntl(s[0], F_SETOWN_EX, &ex), ESRCH, "a negative id");
	ex.pid = 0;
	is_int(fcntl(s[0], F_SETOWN_EX, &ex), 0, "nobody again");
	is_int(fcntl(s[0], F_GETOWN), 0, "nobody");
	fails(fcntl(s[0], F_SETOWN_EX, bad), EFAULT, "from nowhere");
	fails(fcntl(s[0], F_GETOWN_EX, bad), EFAULT, "to nowhere");
	is_int(fcntl(s[0], F_SETOWN, -getpgrp()), 0, "a group");
	is_int(fcntl(s[0], F_GETOWN), -getpgrp(), "is negative");
	fails(fcntl(s[0], F_SETSIG, 65), EINVAL, "no signal");
	fails(fcntl(s[0], F_SETSIG, -1), EINVAL, "nor this");
	close(s[0]);
	close(s[1]);
}

static void
test_pipe(void)
{
	int p[2], on = 0, status;
	char c;
	pid_t pid;

	pipe(p);
	is_int(fcntl(p[0], F_SETFL, O_ASYNC), 0, "a pipe");
	is_int(fcntl(p[0], F_GETFL) & O_ASYNC, O_ASYNC, "does");
	is_int(fcntl(p[0], F_GETOWN), 0, "for nobody");
	write(p[1], "a", 1);
	is_int(told(), 0, "so nobody is told");
	fcntl(p[0], F_SETOWN, getpid());
	is_int(told(), 0, "of what there was before neither");
	write(p[1], "a", 1);
	ok(told() == 1 && sig == SIGIO && code == SI_KERNEL, "SIGIO");
	write(p[1], "a", 1);
	is_int(told(), 1, "for each write");
	read(p[0], &c, 1);
	is_int(told(), 0, "not for a read");
	fcntl(p[0], F_SETSIG, SIGRTMIN + 1);
	is_int(fcntl(p[0], F_GETSIG), SIGRTMIN + 1, "F_GETSIG");
	write(p[1], "a", 1);
	ok(told() == 1 && sig == SIGRTMIN + 1 && code == POLL_IN && fd == p[0],
	   "another signal tells the descriptor");
	is_int(band, POLLIN | POLLRDNORM, "and what it is ready for");
	fcntl(p[0], F_SETFL, 0);
	write(p[1], "a", 1);
	is_int(told(), 0, "it is off");
	is_int(fcntl(p[0], F_GETOWN), getpid(), "the owner stays");
	fcntl(p[0], F_SETFL, O_ASYNC);
	pid = fork();
	if (pid == 0) {
		write(p[1], "a", 1);
		_exit(told());
	}
	waitpid(pid, &status, 0);
	ok(told() == 1 && !status, "from another process, to the owner alone");
	close(p[1]);
	is_int(told(), 1, "the end");
	ioctl(p[0], FIOASYNC, &on);
	is_int(fcntl(p[0], F_GETFL) & O_ASYNC, 0, "FIOASYNC turns it off");
	on = 1;
	is_int(ioctl(p[0], FIOASYNC, &on), 0, "and on");
	close(p[0]);

	pipe(p);
	fcntl(p[1], F_SETOWN, getpid());
	fcntl(p[1], F_SETSIG, SIGIO);
	fcntl(p[1], F_SETFL, O_ASYNC);
	write(p[1], "abc", 3);
	is_int(told(), 0, "one's own write");
	read(p[0], &c, 1);
	ok(told() == 1 && code == POLL_OUT && fd == p[1], "there is room");
	close(p[0]);
	close(p[1]);
	is_int(told(), 1, "no reader any more");
}

static void
test_thread(void)
{
	struct f_owner_ex ex = {F_OWNER_TID, gettid()};
	int s[2];
	char c;

	socketpair(AF_UNIX, SOCK_STREAM, 0, s);
	fcntl(s[0], F_SETOWN_EX, &ex);
	is_int(fcntl(s[0], F_SETFL, O_ASYNC), 0, "a socket");
	write(s[1], "a", 1);
	is_int(told(), 1, "has input");
	read(s[0], &c, 1);
	write(s[0], "a", 1);
	is_int(told(), 0, "output does not count");
	fcntl(s[0], F_SETOWN, -getpgrp());
	write(s[1], "a", 1);
	is_int(told(), 1, "to a group");
	close(s[1]);
	is_int(told(), 1, "the end of a socket");
	close(s[0]);
}

static void
test_terminal(void)
{
	int m = posix_openpt(O_RDWR | O_NOCTTY), s;
	char c;

	grantpt(m);
	unlockpt(m);
	s = open(ptsname(m), O_RDWR | O_NOCTTY);
	is_int(fcntl(s, F_SETFL, O_ASYNC), 0, "a terminal");
	is_int(fcntl(s, F_GETOWN), getpid(), "belongs to who asked");
	write(m, "a", 1);
	usleep(10000);
	is_int(told(), 0, "a part of a line");
	write(m, "b\n", 2);
	is_int(told_later(1), 1, "a line");
	write(s, "x", 1);
	read(m, &c, 1);
	usleep(10000);
	is_int(told(), 0, "output");
	fcntl(s, F_SETFL, 0);
	fcntl(m, F_SETFL, O_ASYNC);
	fcntl(m, F_SETOWN, getpid());
	write(s, "x", 1);
	is_int(told_later(1), 1, "the master");
	close(s);
	close(m);
}

int
main(void)
{
	/* Signals to the group shall not go to others. */
	setpgid(0, 0);
	handle(SIGIO);
	handle(SIGRTMIN + 1);
	test_which();
	test_owner();
	test_pipe();
	test_thread();
	test_terminal();
	return done_testing();
}
