/* SPDX-License-Identifier: MIT */
/* Traced: epoll, eventfd, timerfd, signalfd. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <stdint.h>

int
main(void)
{
	struct itimerspec it = {.it_value = {.tv_nsec = 5000000}};
	struct epoll_event ev = {.events = EPOLLIN};
	sigset_t set;
	uint64_t n = 3;
	int ep = epoll_create1(EPOLL_CLOEXEC), e = eventfd(0, EFD_NONBLOCK), t,
	    s;

	ev.data.fd = e;
	epoll_ctl(ep, EPOLL_CTL_ADD, e, &ev);
	epoll_ctl(ep, EPOLL_CTL_ADD, e, &ev);
	epoll_wait(ep, &ev, 1, 0);
	read(e, &n, sizeof(n));
	write(e, &n, sizeof(n));
	epoll_wait(ep, &ev, 1, -1);
	read(e, &n, sizeof(n));
	t = timerfd_create(CLOCK_MONOTONIC, 0);
	timerfd_settime(t, 0, &it, NULL);
	read(t, &n, sizeof(n));
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s = signalfd(-1, &set, 0);
	kill(getpid(), SIGUSR1);
	ev.data.fd = s;
	epoll_ctl(ep, EPOLL_CTL_ADD, s, &ev);
	epoll_wait(ep, &ev, 1, -1);
	return 0;
}
