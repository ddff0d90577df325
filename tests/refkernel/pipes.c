/* SPDX-License-Identifier: MIT */
/* Pipes, socket pairs, and waiting for them: poll, select, epoll. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
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

static long
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
on_signal(int sig)
{
	(void)sig;
}

static void
test_pipe(void)
{
	char buf[8192] = "";
	int p[2], n = 0;
	pid_t pid;

	is_int(pipe(p), 0, "pipe");
	is_int(write(p[1], "hello", 5), 5, "write");
	is_int(ioctl(p[0], FIONREAD, &n), 0, "FIONREAD");
	is_int(n, 5, "tells 5");
	is_int(read(p[0], buf, 3), 3, "a part");
	is_int(read(p[0], buf, 100), 2, "the rest");
	fails(lseek(p[0], 0, SEEK_SET), ESPIPE, "no seeking");
	fails(read(p[1], buf, 1), EBADF, "the wrong end");
	fails(write(p[0], buf, 1), EBADF, "the other wrong end");
	fcntl(p[0], F_SETFL, O_NONBLOCK);
	fails(read(p[0], buf, 1), EAGAIN, "empty");
	fcntl(p[1], F_SETFL, O_NONBLOCK);
	for (n = 0; write(p[1], buf, 4096) == 4096; n++)
		;
	is_int(errno, EAGAIN, "full");
	is_int(n, 16, "after 64 KiB");
	is_int(read(p[0], buf, 4095), 4095, "not quite a page of room");
	fails(write(p[1], buf, 4096), EAGAIN, "no divided writes");
	is_int(fcntl(p[0], F_GETPIPE_SZ), 65536, "F_GETPIPE_SZ");
	close(p[1]);
	while (read(p[0], buf, sizeof(buf)) > 0)
		;
	is_int(read(p[0], buf, 1), 0, "the end");
	close(p[0]);

	pipe(p);
	close(p[0]);
	signal(SIGPIPE, SIG_IGN);
	fails(write(p[1], "x", 1), EPIPE, "no reader");
	signal(SIGPIPE, SIG_DFL);
	pid = fork();
	if (pid == 0) {
		write(p[1], "x", 1);
		_exit(1);
	}
	waitpid(pid, &n, 0);
	ok(WIFSIGNALED(n) && WTERMSIG(n) == SIGPIPE, "SIGPIPE");
	close(p[1]);
	fails(pipe(bad), EFAULT, "nowhere to put them");
	fails(pipe2(p, 0x10), EINVAL, "no such flag");
}

/* A child writes N bytes, of which the sum is checked. */
static void
test_bulk(void)
{
	enum { N = 3 << 20 };
	static unsigned char buf[10000];
	unsigned long sum = 0, want = 0, total = 0;
	int p[2], status;
	ssize_t n;
	pid_t pid;

	pipe(p);
	pid = fork();
	if (pid == 0) {
		for (unsigned i = 0; i < N; i += (unsigned)n) {
			size_t k = 1 + i % sizeof(buf);

			if (k > N - i)
				k = N - i;
			for (size_t j = 0; j < k; j++)
				buf[j] = (unsigned char)((i + j) * 7);
			n = write(p[1], buf, k);
			if (n <= 0)
				_exit(1);
		}
		_exit(0);
	}
	close(p[1]);
	while ((n = read(p[0], buf, 777)) > 0) {
		for (ssize_t j = 0; j < n; j++)
			sum = sum * 31 + buf[j];
		total += (unsigned long)n;
	}
	for (unsigned i = 0; i < N; i++)
		want = want * 31 + (unsigned char)(i * 7);
	waitpid(pid, &status, 0);
	is_int(status, 0, "the writer is content");
	is_int(total, N, "all came");
	ok(sum == want, "in order");
	close(p[0]);
}

static void
test_fifo(void)
{
	char name[] = "/tmp/fifo.XXXXXX", buf[8];
	int fd, status;
	pid_t pid;

	close(mkstemp(name));
	unlink(name);
	is_int(mkfifo(name, 0600), 0, "mkfifo");
	fails(open(name, O_WRONLY | O_NONBLOCK), ENXIO, "nobody reads");
	pid = fork();
	if (pid == 0) {
		fd = open(name, O_WRONLY);
		write(fd, "fifo", 4);
		_exit(0);
	}
	fd = open(name, O_RDONLY);
	is_int(read(fd, buf, 8), 4, "opened together");
	is_int(read(fd, buf, 8), 0, "the writer is gone");
	waitpid(pid, &status, 0);
	close(fd);
	unlink(name);
}

static void
test_poll(void)
{
	struct pollfd fds[2];
	struct timespec ts = {0, 20000000};
	int p[2];
	long t;

	pipe(p);
	fds[0] = (struct pollfd){p[0], POLLIN, 99};
	fds[1] = (struct pollfd){p[1], POLLOUT, 99};
	is_int(poll(fds, 2, 0), 1, "poll");
	ok(fds[0].revents == 0 && fds[1].revents == POLLOUT, "can be written");
	t = now_ms();
	is_int(poll(fds, 1, 30), 0, "poll's time is over");
	ok(now_ms() - t >= 29, "after 30 ms");
	is_int(ppoll(fds, 1, &ts, NULL), 0, "ppoll");
	write(p[1], "x", 1);
	is_int(poll(fds, 1, -1), 1, "something came");
	is_int(fds[0].revents, POLLIN, "POLLIN");
	close(p[1]);
	poll(fds, 1, 0);
	is_int(fds[0].revents, POLLIN | POLLHUP, "POLLHUP");
	fds[1].fd = 999;
	is_int(poll(fds, 2, 0), 2, "a bad one counts");
	is_int(fds[1].revents, POLLNVAL, "POLLNVAL");
	fds[1].fd = -1;
	is_int(poll(fds, 2, 0), 1, "a negative one does not");
	close(p[0]);
	pipe(p);
	close(p[0]);
	fds[1] = (struct pollfd){p[1], POLLOUT, 0};
	poll(fds + 1, 1, 0);
	is_int(fds[1].revents, POLLOUT | POLLERR, "POLLERR");
	close(p[1]);
	fails(poll(bad, 1, 0), EFAULT, "a bad array");
}

static void *
write_later(void *arg)
{
	usleep(30000);
	write(*(int *)arg, "later", 5);
	return NULL;
}

static void
test_wakeup(void)
{
	struct pollfd fd;
	fd_set in;
	struct timeval tv = {5, 0};
	pthread_t th;
	char buf[8];
	int p[2];

	pipe(p);
	fd = (struct pollfd){p[0], POLLIN, 0};
	pthread_create(&th, NULL, write_later, &p[1]);
	is_int(poll(&fd, 1, 5000), 1, "poll is woken");
	pthread_join(th, NULL);
	read(p[0], buf, 8);
	FD_ZERO(&in);
	FD_SET(p[0], &in);
	pthread_create(&th, NULL, write_later, &p[1]);
	is_int(select(p[0] + 1, &in, NULL, NULL, &tv), 1, "select is woken");
	ok(FD_ISSET(p[0], &in), "the bit");
	ok(tv.tv_sec == 4, "the time that is left");
	pthread_join(th, NULL);
	read(p[0], buf, 8);
	tv = (struct timeval){0, 10000};
	is_int(select(p[0] + 1, &in, NULL, NULL, &tv), 0, "select's time");
	ok(!FD_ISSET(p[0], &in), "no bit");
	close(p[0]);
	FD_SET(p[0], &in);
	fails(select(p[0] + 1, &in, NULL, NULL, &tv), EBADF, "a bad one");
	close(p[1]);
}

static void
test_interrupt(void)
{
	struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	struct itimerspec its = {.it_value = {0, 20000000}};
	struct sigevent sev = {.sigev_notify = SIGEV_SIGNAL,
			       .sigev_signo = SIGUSR1};
	struct pollfd fd;
	sigset_t block, none;
	timer_t timer;
	int p[2];
	char c;

	pipe(p);
	fd = (struct pollfd){p[0], POLLIN, 0};
	sigaction(SIGUSR1, &sa, NULL);
	timer_create(CLOCK_MONOTONIC, &sev, &timer);
	timer_settime(timer, 0, &its, NULL);
	fails(poll(&fd, 1, 5000), EINTR, "poll is interrupted");
	sa.sa_flags = 0;
	sigaction(SIGUSR1, &sa, NULL);
	timer_settime(timer, 0, &its, NULL);
	fails(read(p[0], &c, 1), EINTR, "read is interrupted");
	sigemptyset(&none);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	sigprocmask(SIG_BLOCK, &block, NULL);
	raise(SIGUSR1);
	is_int(poll(&fd, 1, 10), 0, "a blocked signal waits");
	fails(ppoll(&fd, 1, NULL, &none), EINTR, "ppoll lets it through");
	raise(SIGUSR1);
	fails(pselect(0, NULL, NULL, NULL, NULL, &none), EINTR, "pselect too");
	sigprocmask(SIG_UNBLOCK, &block, NULL);
	timer_delete(timer);
	close(p[0]);
	close(p[1]);
}

static void
test_epoll(void)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.u64 = 42}, got[4];
	int ep = epoll_create1(0), p[2], ep2;
	pthread_t th;
	char buf[8];

	pipe(p);
	is_int(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev), 0, "epoll_ctl");
	fails(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev), EEXIST, "twice");
	fails(epoll_ctl(ep, EPOLL_CTL_DEL, p[1], &ev), ENOENT, "not there");
	fails(epoll_ctl(ep, EPOLL_CTL_ADD, ep, &ev), EINVAL, "itself");
	is_int(epoll_wait(ep, got, 4, 0), 0, "nothing yet");
	write(p[1], "x", 1);
	is_int(epoll_wait(ep, got, 4, -1), 1, "an event");
	ok(got[0].events == EPOLLIN && got[0].data.u64 == 42, "the event");
	is_int(epoll_wait(ep, got, 4, 0), 1, "level triggered");
	ev.events = EPOLLIN | EPOLLET;
	epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev);
	is_int(epoll_wait(ep, got, 4, 0), 1, "edge triggered: once");
	is_int(epoll_wait(ep, got, 4, 0), 0, "and not again");
	write(p[1], "y", 1);
	is_int(epoll_wait(ep, got, 4, 0), 1, "until more comes");
	ev.events = EPOLLIN | EPOLLONESHOT;
	epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev);
	is_int(epoll_wait(ep, got, 4, 0), 1, "one shot");
	write(p[1], "z", 1);
	is_int(epoll_wait(ep, got, 4, 0), 0, "is over");
	read(p[0], buf, 8);
	ev.events = EPOLLIN;
	epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev);
	pthread_create(&th, NULL, write_later, &p[1]);
	is_int(epoll_wait(ep, got, 4, 5000), 1, "woken");
	pthread_join(th, NULL);
	ep2 = epoll_create1(EPOLL_CLOEXEC);
	is_int(epoll_ctl(ep2, EPOLL_CTL_ADD, ep, &ev), 0, "a set in a set");
	is_int(epoll_wait(ep2, got, 4, 0), 1, "is ready");
	fails(epoll_ctl(ep, EPOLL_CTL_ADD, ep2, &ev), ELOOP, "but no loop");
	close(p[0]);
	is_int(epoll_wait(ep, got, 4, 0), 0, "closed files go by themselves");
	close(p[1]);
	close(ep);
	close(ep2);
	fails(epoll_wait(0, got, 0, 0), EINVAL, "no room");
}

static void
test_eventfd(void)
{
	int fd = eventfd(3, EFD_NONBLOCK);
	struct pollfd p = {fd, POLLIN | POLLOUT, 0};
	uint64_t v = 5;

	is_int(write(fd, &v, 8), 8, "eventfd");
	is_int(read(fd, &v, 8), 8, "read");
	is_int(v, 8, "the sum");
	fails(read(fd, &v, 8), EAGAIN, "zero");
	poll(&p, 1, 0);
	is_int(p.revents, POLLOUT, "poll");
	fails(read(fd, &v, 4), EINVAL, "too short");
	close(fd);
	fd = eventfd(2, EFD_SEMAPHORE);
	read(fd, &v, 8);
	is_int(v, 1, "EFD_SEMAPHORE");
	close(fd);
}

static void
test_timerfd(void)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	struct itimerspec its = {{0, 10000000}, {0, 10000000}}, old;
	struct pollfd p = {fd, POLLIN, 0};
	uint64_t v = 0;

	is_int(timerfd_settime(fd, 0, &its, NULL), 0, "timerfd");
	fails(read(fd, &v, 8), EAGAIN, "not yet");
	is_int(poll(&p, 1, 1000), 1, "then");
	usleep(35000);
	is_int(read(fd, &v, 8), 8, "read");
	ok(v >= 3 && v < 50, "expired %llu times", (unsigned long long)v);
	timerfd_gettime(fd, &old);
	is_int(old.it_interval.tv_nsec, 10000000, "timerfd_gettime");
	memset(&its, 0, sizeof(its));
	timerfd_settime(fd, 0, &its, &old);
	usleep(15000);
	fails(read(fd, &v, 8), EAGAIN, "disarmed");
	close(fd);
}

static void
test_signalfd(void)
{
	struct signalfd_siginfo info;
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_NONBLOCK);
	fails(read(fd, &info, sizeof(info)), EAGAIN, "signalfd");
	kill(getpid(), SIGUSR2);
	is_int(read(fd, &info, sizeof(info)), sizeof(info), "a signal");
	is_int(info.ssi_signo, SIGUSR2, "its number");
	is_int(info.ssi_pid, getpid(), "its sender");
	close(fd);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void
test_socketpair(void)
{
	char buf[16];
	int s[2];
	struct pollfd p;

	is_int(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0, "socketpair");
	is_int(write(s[0], "ab", 2), 2, "one way");
	is_int(send(s[1], "cde", 3, 0), 3, "and the other");
	is_int(read(s[1], buf, 16), 2, "arrive");
	is_int(recv(s[0], buf, 16, 0), 3, "both");
	fails(recv(s[0], buf, 1, MSG_DONTWAIT), EAGAIN, "MSG_DONTWAIT");
	shutdown(s[0], SHUT_WR);
	is_int(read(s[1], buf, 1), 0, "shutdown");
	is_int(write(s[1], "x", 1), 1, "the other way is open");
	close(s[1]);
	p = (struct pollfd){s[0], POLLIN, 0};
	poll(&p, 1, 0);
	is_int(p.revents & (POLLIN | POLLHUP), POLLIN | POLLHUP, "closed");
	is_int(read(s[0], buf, 4), 1, "what came before");
	is_int(read(s[0], buf, 4), 0, "then the end");
	fails(send(s[0], "x", 1, MSG_NOSIGNAL), EPIPE, "MSG_NOSIGNAL");
	close(s[0]);
	fails(send(1, "x", 1, 0), ENOTSOCK, "no socket");
}

int
main(void)
{
	test_pipe();
	test_bulk();
	test_fifo();
	test_poll();
	test_wakeup();
	test_interrupt();
	test_epoll();
	test_eventfd();
	test_timerfd();
	test_signalfd();
	test_socketpair();
	return done_testing();
}
