/* SPDX-License-Identifier: MIT */
/* Many processes, many signals: none may be lost. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define PROCESSES 10000
#define AT_ONCE	  16
#define ROUNDS	  2000
#define QUEUED	  3000
#define SENDERS	  4

static char self[4096];

/* Start a program that exits with CODE. */
static pid_t
start(int code)
{
	char text[16], *argv[] = {self, text, NULL}, *envp[] = {NULL};
	pid_t pid;

	snprintf(text, sizeof(text), "%d", code);
	pid = fork();
	if (pid == 0) {
		execve(self, argv, envp);
		_exit(255);
	}
	return pid;
}

static void
test_processes(void)
{
	pid_t pids[AT_ONCE] = {0};
	int codes[AT_ONCE], started = 0, ended = 0, lost = 0, status;

	while (ended < PROCESSES) {
		int i = 0;
		pid_t pid;

		if (started < PROCESSES && started - ended < AT_ONCE) {
			while (pids[i] != 0)
				i++;
			codes[i] = started % 251;
			pids[i] = start(codes[i]);
			if (pids[i] < 0)
				break;
			started++;
			continue;
		}
		pid = wait(&status);
		while (i < AT_ONCE && pids[i] != pid)
			i++;
		if (i == AT_ONCE)
			break;
		if (!WIFEXITED(status) || WEXITSTATUS(status) != codes[i])
			lost++;
		pids[i] = 0;
		ended++;
	}
	is_int(ended, PROCESSES, "processes that fork, exec and exit");
	is_int(lost, 0, "none of their statuses is lost");
	is_int(wait(&status), -1, "there are no more");
	is_int(errno, ECHILD, "ECHILD");
}

static volatile sig_atomic_t pings;

static void
on_ping(int sig)
{
	(void)sig;
	pings++;
}

/* Two processes that wake one another by signals, waiting by sigsuspend(). */
static void
test_ping_pong(void)
{
	sigset_t blocked, none;
	pid_t parent = getpid(), pid;
	int status;

	sigemptyset(&none);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	signal(SIGUSR1, on_ping);
	pid = fork();
	for (int i = 0; i < ROUNDS; i++) {
		if (pid != 0)
			kill(pid, SIGUSR1);
		while (pings <= i)
			sigsuspend(&none);
		if (pid == 0)
			kill(parent, SIGUSR1);
	}
	if (pid == 0)
		_exit(0);
	waitpid(pid, &status, 0);
	is_int(status, 0, "signals between two processes");
	is_int(pings, ROUNDS, "one for each");
	sigprocmask(SIG_UNBLOCK, &blocked, NULL);
}

static int last[SENDERS], disordered, received;

static void
on_queued(int sig, siginfo_t *info, void *uc)
{
	int sender = info->si_value.sival_int >> 16;
	int number = info->si_value.sival_int & 0xffff;

	(void)sig;
	(void)uc;
	if (number != last[sender] + 1)
		disordered++;
	last[sender] = number;
	received++;
}

/* Queue numbered signals to the parent; as many again when it has no room. */
static void
send_all(int sender, pid_t to)
{
	for (int i = 1; i <= QUEUED; i++) {
		union sigval v = {.sival_int = sender << 16 | i};

		while (sigqueue(to, SIGRTMIN, v) != 0) {
			if (errno != EAGAIN)
				_exit(1);
			usleep(100);
		}
	}
	_exit(0);
}

static void
test_queue(void)
{
	struct sigaction sa = {.sa_flags = SA_SIGINFO | SA_RESTART};
	pid_t parent = getpid();
	int status, bad = 0;

	sa.sa_sigaction = on_queued;
	sigaction(SIGRTMIN, &sa, NULL);
	for (int i = 0; i < SENDERS; i++) {
		if (fork() == 0)
			send_all(i, parent);
	}
	for (int i = 0; i < SENDERS; i++) {
		if (wait(&status) < 0 || status != 0)
			bad++;
	}
	is_int(bad, 0, "four processes queue signals to one");
	is_int(received, SENDERS * QUEUED, "all of them come");
	is_int(disordered, 0, "in order");
}

static volatile int stop;
static int wrong;

/* Compute with vector registers while signals come. */
static void *
compute(void *arg)
{
	double start = (double)(intptr_t)arg, x;

	while (!stop) {
		x = start;
		for (int i = 0; i < 1000; i++)
			x = x * 0.5 + start * 0.5;
		if (x != start)
			__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static volatile double scratch;
static int ticks;

static void
on_tick(int sig)
{
	(void)sig;
	for (int i = 0; i < 16; i++)
		scratch = scratch * 1.5 + i;
	__atomic_fetch_add(&ticks, 1, __ATOMIC_RELAXED);
}

static void
test_storm(void)
{
	struct itimerval often = {{0, 1000}, {0, 1000}}, off = {{0, 0}, {0, 0}};
	pthread_t threads[SENDERS];

	signal(SIGALRM, on_tick);
	signal(SIGUSR2, on_tick);
	for (intptr_t i = 0; i < SENDERS; i++)
		pthread_create(&threads[i], NULL, compute, (void *)(i + 1));
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; i < ROUNDS; i++)
		pthread_kill(threads[i % SENDERS], SIGUSR2);
	while (__atomic_load_n(&ticks, __ATOMIC_RELAXED) < 100)
		usleep(1000);
	setitimer(ITIMER_REAL, &off, NULL);
	stop = 1;
	for (int i = 0; i < SENDERS; i++)
		pthread_join(threads[i], NULL);
	is_int(wrong, 0, "threads compute right while signals come");
}

int
main(int argc, char **argv)
{
	ssize_t n;

	if (argc > 1)
		return atoi(argv[1]);
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n < 0)
		strcpy(self, argv[0]);
	test_processes();
	test_ping_pong();
	test_queue();
	test_storm();
	return done_testing();
}
