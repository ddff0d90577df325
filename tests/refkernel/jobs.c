/* SPDX-License-Identifier: MIT */
/* Job control: stops, groups, sessions, and what the parent is told. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static volatile siginfo_t child_info;

static void
on_child(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)uc;
	memcpy((void *)&child_info, info, sizeof(*info));
}

static void
test_stop(void)
{
	struct sigaction sa = {.sa_flags = SA_SIGINFO | SA_RESTART};
	int p[2], status;
	pid_t pid;
	char c;

	sa.sa_sigaction = on_child;
	sigaction(SIGCHLD, &sa, NULL);
	if (pipe(p))
		exit(99);
	pid = fork();
	if (pid == 0) {
		close(p[1]);
		raise(SIGSTOP);
		_exit(read(p[0], &c, 1) ? 5 : 4);
	}
	close(p[0]);
	is_int(waitpid(pid, &status, WUNTRACED), pid, "a child stops");
	ok(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP, "by SIGSTOP");
	is_int(child_info.si_code, CLD_STOPPED, "SIGCHLD said so");
	is_int(child_info.si_status, SIGSTOP, "with the signal");
	is_int(waitpid(pid, &status, WUNTRACED | WNOHANG), 0, "told once");
	kill(pid, SIGCONT);
	is_int(waitpid(pid, &status, WCONTINUED), pid, "it goes on");
	ok(WIFCONTINUED(status), "WIFCONTINUED");
	close(p[1]);
	is_int(waitpid(pid, &status, 0), pid, "and exits");
	is_int(WEXITSTATUS(status), 4, "with its status");
	signal(SIGCHLD, SIG_DFL);

	pid = fork();
	if (pid == 0) {
		raise(SIGSTOP);
		_exit(0);
	}
	waitpid(pid, &status, WUNTRACED);
	kill(pid, SIGTERM);
	usleep(20000);
	is_int(waitpid(pid, &status, WNOHANG), 0, "SIGTERM waits in a stop");
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	is_int(WTERMSIG(status), SIGKILL, "SIGKILL does not");
}

static void *
count_thread(void *arg)
{
	for (;;)
		++*(volatile long *)arg;
	return NULL;
}

static void
test_stop_threads(void)
{
	volatile long *n = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid = fork();
	int status;
	long a;

	if (pid == 0) {
		pthread_t t;

		pthread_create(&t, NULL, count_thread, (void *)n);
		for (;;)
			pause();
	}
	while (!*n)
		usleep(1000);
	kill(pid, SIGSTOP);
	is_int(waitpid(pid, &status, WUNTRACED), pid, "a process with threads");
	a = *n;
	usleep(20000);
	is_int(*n, a, "stops with all of them");
	kill(pid, SIGCONT);
	usleep(50000);
	ok(*n > a, "and goes on with all");
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	is_int(WTERMSIG(status), SIGKILL, "SIGKILL ends all");
	munmap((void *)n, 4096);
}

static void
test_groups(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (setsid() != getpid() || getsid(0) != getpid() ||
		    getpgrp() != getpid())
			_exit(1);
		if (setsid() != -1 || errno != EPERM)
			_exit(2);
		if (setpgid(0, 0) != -1 || errno != EPERM)
			_exit(3);
		pid = fork();
		if (pid == 0) {
			for (;;)
				pause();
		}
		if (setpgid(pid, pid) || getpgid(pid) != pid)
			_exit(4);
		if (setpgid(pid, 999999) != -1 || errno != EPERM)
			_exit(5);
		if (kill(-pid, SIGTERM))
			_exit(6);
		if (waitpid(-pid, &status, 0) != pid)
			_exit(7);
		if (kill(-pid, 0) != -1 || errno != ESRCH)
			_exit(8);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	is_int(WEXITSTATUS(status), 0, "sessions and groups");
	is_int(setpgid(1, 1), -1, "setpgid of no child");
	is_int(errno, ESRCH, "is ESRCH");
	is_int(setpgid(0, -1), -1, "setpgid to a negative group");
	is_int(errno, EINVAL, "is EINVAL");
}

/* A stopped member of a group that becomes orphaned: SIGHUP, SIGCONT. */
static void
test_orphaned_group(void)
{
	int p[2], status;
	pid_t pid;
	char c = 0;

	if (pipe(p))
		exit(99);
	pid = fork();
	if (pid == 0) {
		setsid();
		pid = fork();
		if (pid == 0) {
			pid = fork();
			if (pid == 0) {
				setpgid(0, 0);
				close(p[0]);
				raise(SIGSTOP);
				pause();
			}
			setpgid(pid, pid);
			waitpid(pid, &status, WUNTRACED);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
		usleep(50000);
		_exit(0);
	}
	close(p[1]);
	is_int(read(p[0], &c, 1), 0, "a stopped orphaned group gets SIGHUP");
	waitpid(pid, NULL, 0);
	close(p[0]);
}

/*
 * A process that another one continues and stops at once, again and again,
 * does come to run.
 */
static void
test_progress(void)
{
	volatile unsigned long *turns =
	    mmap(NULL, sizeof(*turns), PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			++*turns;
	do {
		kill(pid, SIGSTOP);
		waitpid(pid, &status, WUNTRACED);
		kill(pid, SIGCONT);
	} while (*turns < 100000);
	kill(pid, SIGKILL);
	is_int(waitpid(pid, &status, 0), pid, "stopped all the time, it runs");
	munmap((void *)turns, sizeof(*turns));
}

int
main(void)
{
	test_stop();
	test_progress();
	test_stop_threads();
	test_groups();
	test_orphaned_group();
	return done_testing();
}
