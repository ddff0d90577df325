/* SPDX-License-Identifier: MIT */
/*
 * A tracer that means harm, by the files alone: what it leaves in the record
 * of a stop, and what it keeps of a tracee's memory.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"
#include "tracee.h"

#define RW	  (PROT_READ | PROT_WRITE)
#define REG(name) (offsetof(struct proc_user_regs, name) / 8)
#define TF	  UINT64_C(0x100)

static void
nothing(void)
{
}

/* The edits of T's stop, empty. */
static struct proc_edit *
edits(const struct tracee *t)
{
	int fd = open_file(t->pid, "stop", O_RDWR);
	char *page = (char *)map(fd, NULL, RW);
	struct proc_edit *e = (struct proc_edit *)(page + PROC_EDIT_OFFSET);

	close(fd);
	e->what = e->words = 0;
	e->at = t->stop->sequence;
	return e;
}

static void
forget(struct proc_edit *e)
{
	munmap((char *)e - PROC_EDIT_OFFSET, PAGE);
}

/* ---- numbers of signals that there are not ---- */

static const int numbers[] = {0, -1, 9, 65, 0x40000000, INT_MIN};

static void
test_number(int number, bool ends)
{
	struct proc_edit *e;
	struct tracee t;
	int status;

	make_page();
	t = start(nothing, RW);
	kill(t.pid, SIGUSR1);
	command(&t, PROC_STOP_SIGNAL);
	await(&t, PROC_STOP_SIGNAL);
	e = edits(&t);
	e->info.signo = number;
	__atomic_store_n(&e->what, PROC_EDIT_INFO, __ATOMIC_SEQ_CST);
	if (ends)
		close(t.trace);
	else
		command(&t, PROC_STOP_EXIT);
	if (!ends)
		close(t.trace);
	waitpid(t.pid, &status, 0);
	is_int(status, SIGUSR1, "siginfo with number %d, %s", number,
	       ends ? "the session ends" : "it goes on");
	forget(e);
	close(t.mem);
}

/* ---- a step, and the flag of it ---- */

static void
test_step(void)
{
	struct proc_user_regs regs;
	struct proc_edit *e;
	struct tracee t;
	int fd;

	make_page();
	t = start(nothing, RW);
	fd = open_file(t.pid, "regs/user", O_RDWR);
	e = edits(&t);
	pread(fd, &regs, sizeof(regs), 0);
	regs.rflags |= TF;
	pwrite(fd, &regs, sizeof(regs), 0);
	e->at = t.stop->sequence;
	e->regs.rflags = regs.rflags & ~TF;
	__atomic_store_n(&e->words, UINT64_C(1) << REG(rflags),
			 __ATOMIC_SEQ_CST);
	command(&t, PROC_STOP_SINGLESTEP);
	usleep(20000);
	ok(t.stop->sequence & 1, "a step whose flag is taken back by an edit");
	command(&t, PROC_FLAG_SETMASK | PROC_FLAG_INTERRUPT);
	close(fd);
	forget(e);
	finish(&t);
}

/* ---- who has the memory of a tracer that has gone to another ---- */

static volatile long *kept;

static int
keep(void *unused)
{
	(void)unused;
	while (!board[GO])
		usleep(1000);
	signal(SIGSEGV, SIG_DFL);
	kept[0] = 666;
	_exit(0);
}

/* A window that may be written, somebody who has it too, another program. */
static void
leave_window(void)
{
	static char stack[65536];
	char mem[16], trace[16];
	struct tracee t = start(nothing, RW);

	kept = t.window;
	kept[0] = 1;
	board[PID] = t.pid;
	board[PID + 1] = clone(keep, stack + sizeof(stack), CLONE_VM, NULL);
	fcntl(t.mem, F_SETFD, 0);
	fcntl(t.trace, F_SETFD, 0);
	snprintf(mem, sizeof(mem), "%d", t.mem);
	snprintf(trace, sizeof(trace), "%d", t.trace);
	execl("/proc/self/exe", "attacks", mem, trace, NULL);
	_exit(3);
}

/* It maps the same file, and lets the tracee go. */
static int
again(int mem, int trace)
{
	volatile long *window = map(mem, AT, RW);

	if (!window)
		return 4;
	if (window[0] != 1)
		return 5;
	close(trace);
	return 0;
}

static void
test_window(void)
{
	pid_t pid;
	long seen = 0;
	int status, fd;

	make_page();
	pid = fork();
	if (pid == 0)
		leave_window();
	waitpid(pid, &status, 0);
	is_int(status, 0, "a tracer maps what its former program has mapped");
	board[GO] = 1;
	for (int i = 0; i < 500 && !kill((pid_t)board[PID + 1], 0); i++)
		usleep(1000);
	fd = open_file((pid_t)board[PID], "mem", O_RDONLY);
	pread(fd, &seen, sizeof(seen), (off_t)(uintptr_t)AT);
	is_int(seen, 1, "who has that one's memory writes no tracee's");
	close(fd);
	kill((pid_t)board[PID], SIGKILL);
	kill((pid_t)board[PID + 1], SIGKILL);
}

int
main(int argc, char **argv)
{
	int fd = open_file(getpid(), "mem", O_RDONLY);

	if (argc == 3)
		return again(atoi(argv[1]), atoi(argv[2]));
	if (fd < 0)
		skip_all("no proc: files here");
	close(fd);
	make_board();
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		test_number(numbers[i], false);
		test_number(numbers[i], true);
	}
	test_step();
	test_window();
	return done_testing();
}
