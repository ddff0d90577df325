/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "tracee.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

volatile long *board;

void
make_board(void)
{
	board = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

int
open_file(pid_t pid, const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "proc:%d/%s", (int)pid, name);
	return open(path, flags | O_CLOEXEC);
}

volatile void *
map(int fd, const volatile void *at, int prot)
{
	void *p = mmap(NULL, PAGE, prot, MAP_SHARED, fd, (off_t)(uintptr_t)at);

	return p == MAP_FAILED ? NULL : p;
}

void
command(const struct tracee *t, uint64_t flags)
{
	if (write(t->trace, &flags, sizeof(flags)) != sizeof(flags))
		perror("# trace");
}

void
await(const struct tracee *t, uint64_t causes)
{
	struct proc_event ev;

	while (read(t->trace, &ev, sizeof(ev)) == sizeof(ev) &&
	       !(ev.cause & causes))
		;
}

void
halt(const struct tracee *t)
{
	command(t, PROC_FLAG_SETMASK | PROC_FLAG_INTERRUPT | PROC_STOP_EXEC);
	await(t, PROC_STOP_MASK);
}

void
resume(const struct tracee *t)
{
	command(t, PROC_STOP_EXEC);
}

struct tracee
start(void (*body)(void), int prot)
{
	struct tracee t;
	int fd;

	memset((void *)board, 0, PAGE);
	t.pid = fork();
	if (t.pid == 0) {
		board[DONE] = 1;
		for (long n = 1;; n++) {
			while (board[GO] < n)
				;
			body();
			board[DONE] = n + 1;
		}
	}
	while (!board[DONE])
		;
	t.trace = open_file(t.pid, "trace", O_RDWR);
	t.mem = open_file(t.pid, "mem", O_RDWR);
	fd = open_file(t.pid, "stop", O_RDONLY);
	t.stop = map(fd, NULL, PROT_READ);
	close(fd);
	t.window = map(t.mem, AT, prot);
	halt(&t);
	return t;
}

void
next(const struct tracee *t)
{
	long want = ++board[GO];

	resume(t);
	while (board[DONE] <= want)
		;
	halt(t);
}

void
finish(struct tracee *t)
{
	kill(t->pid, SIGKILL);
	close(t->trace);
	close(t->mem);
	waitpid(t->pid, NULL, 0);
	if (t->stop)
		munmap((void *)t->stop, PAGE);
	if (t->window)
		munmap((void *)t->window, PAGE);
}

void
make_page(void)
{
	mmap((void *)AT, PAGE, PROT_READ | PROT_WRITE,
	     MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	AT[0] = 1000;
}

void
fill_memory(void)
{
	const size_t size = (size_t)256 << 20;
	pid_t pid = fork();

	if (pid == 0) {
		volatile long *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if ((void *)p == MAP_FAILED)
			_exit(1);
		for (size_t i = 0; i < size / sizeof(long); i += PAGE / 8)
			p[i] = CANARY;
		board[DONE] = -1;
		while (board[GO] != -1)
			usleep(1000);
		for (size_t i = 0; i < size / sizeof(long); i += PAGE / 8)
			if (p[i] != CANARY)
				_exit(2);
		_exit(0);
	}
	board[GO] = 0;
	while (board[DONE] != -1)
		;
	board[PID] = pid;
}

bool
empty_memory(void)
{
	int status;

	board[GO] = -1;
	return waitpid((pid_t)board[PID], &status, 0) > 0 && status == 0;
}

static sigjmp_buf jump;

static void
on_fault(int sig)
{
	siglongjmp(jump, sig);
}

int
fault_of(volatile long *at, bool write)
{
	int sig;

	signal(SIGSEGV, on_fault);
	signal(SIGBUS, on_fault);
	sig = sigsetjmp(jump, 1);
	if (!sig && write)
		*at = 1;
	else if (!sig)
		(void)*at;
	return sig;
}
