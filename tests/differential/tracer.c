/* SPDX-License-Identifier: MIT */
/* One sequence: its tracees, some requests, and one of several ends. */
#include "random.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

long
request(int code, pid_t pid, uintptr_t addr, uintptr_t data)
{
	errno = 0;
	return ptrace((unsigned int)code, pid, (void *)addr, (void *)data);
}

static void
rest(void)
{
	if (settle((int)chance(4)) == 0)
		return;
	note("no rest\n");
	_exit(3);
}

/* The child's side: it waits for its tracer, in one of two ways. */
__attribute__((noreturn)) static void
begin(struct task *task, int traceme, int hold)
{
	sigset_t mask;
	char byte;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	/* Most signals shall not end it. */
	for (int i = 0; i < 30; i++)
		set_action(any_signal(), chance(5) ? 2 : (int)chance(2));
	if (traceme) {
		request(PTRACE_TRACEME, 0, 0, 0);
		raw_call(SYS_kill, getpid(), SIGSTOP, 0, 0, 0, 0);
	} else {
		raw_call(SYS_read, hold, (long)&byte, 1, 0, 0, 0);
	}
	run_task(task);
}

static void
begin_task(int index)
{
	struct task *task = &BOARD->tasks[index];
	int how = (int)chance(3), bits = (int)chance(0x80), hold[2];
	long result;
	pid_t pid;

	if (pipe(hold) != 0 || (pid = fork()) < 0)
		_exit(4);
	if (pid == 0)
		begin(task, how == 0, hold[0]);
	task->tid = pid;
	rest();
	if (how == 1) {
		note("T%d SEIZE %#x", index, bits);
		result = request(PTRACE_SEIZE, pid, 0, (unsigned int)bits);
		note_result(result);
		known[index].begun = 1;
		known[index].options = bits;
		task->clone_traced = (bits & PTRACE_O_TRACECLONE) != 0;
	} else if (how == 2) {
		note("T%d ATTACH", index);
		note_result(request(PTRACE_ATTACH, pid, 0, 0));
	}
	rest();
	if (write(hold[1], "", 1) != 1)
		_exit(4);
	close(hold[0]);
	close(hold[1]);
	rest();
}

static int
all_gone(void)
{
	for (int i = 0; i < MAX_TASKS; i++) {
		if (BOARD->tasks[i].tid && known[i].life != GONE)
			return 0;
	}
	return 1;
}

/* A task that there is; rarely one that is gone. */
static int
some_task(void)
{
	int index = 0;

	for (int i = 0; i < 20; i++) {
		index = (int)chance(MAX_TASKS);
		if (BOARD->tasks[index].tid == 0)
			continue;
		if (known[index].life != GONE || chance(10) == 0)
			return index;
	}
	return 0;
}

/* On Linux who was stepped may die of the next step when its tracer ends. */
static int
is_stepped(void)
{
	for (int i = 0; i < MAX_TASKS; i++) {
		if (known[i].steps)
			return 1;
	}
	return 0;
}

static void
kill_all(void)
{
	note("the end: all are killed\n");
	for (int i = 0; i < MAX_TASKS; i++) {
		if (BOARD->tasks[i].tid && known[i].life != GONE)
			kill(BOARD->tasks[i].tid, SIGKILL);
	}
	rest();
	/* Some have stopped at their exit. */
	for (int i = 0; i < MAX_TASKS; i++) {
		if (known[i].life == STOPPED)
			request(PTRACE_CONT, BOARD->tasks[i].tid, 0, 0);
	}
	rest();
	_exit(0);
}

void
run_sequence(uint64_t seed)
{
	int first, requests;

	seed_random(seed);
	first = write_scripts();
	for (int i = 0; i < first; i++)
		begin_task(i);
	requests = 10 + (int)chance(50);
	for (int i = 0; i < requests && (!all_gone() || chance(2)); i++) {
		random_request(some_task());
		rest();
	}
	/* Threads that are let go at a time run at a time. */
	if (BOARD->threads || is_stepped() || chance(3) != 0)
		kill_all();
	if (chance(2) == 0) {
		note("the end: the tracer exits\n");
		_exit(0);
	}
	note("the end: the tracer is killed\n");
	raise(SIGKILL);
	_exit(5);
}
