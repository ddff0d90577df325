/* SPDX-License-Identifier: MIT */
/*
 * Tracees are not descriptors: a tracer may close all that it has, and execute
 * another program.
 */
#include "cases.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static long word = 5;

static void
close_all(void)
{
	must(syscall(SYS_close_range, 3, ~0U, 0));
}

/* Each request after all has been closed. */
static void
closes_all(void)
{
	struct user_regs_struct regs;
	pid_t pid = child(spin_forever);

	must(pt(PTRACE_ATTACH, pid, 0, 0));
	close_all();
	expect(pid, STOPPED(SIGSTOP));
	for (int i = 0; i < 5; i++) {
		close_all();
		equal(peek(pid, &word), 5);
		get_regs(pid, &regs);
		close_all();
		set_regs(pid, &regs);
		must(pt(PTRACE_POKEDATA, pid, &word, 5));
		equal(signal_info(pid).si_signo, i ? SIGUSR1 : SIGSTOP);
		close_all();
		cont(pid);
		must(kill(pid, SIGUSR1));
		close_all();
		expect(pid, STOPPED(SIGUSR1));
	}
	close_all();
	must(pt(PTRACE_DETACH, pid, 0, 0));
	close_all();
	must(pt(PTRACE_SEIZE, pid, 0, 0));
	must(kill(pid, SIGKILL));
	close_all();
	expect(pid, KILLED_BY(SIGKILL));
}

/* Numbers below a soft limit are the program's, however low that is. */
static void
low_limit(void)
{
	struct rlimit limit;
	pid_t pid;
	int low;

	must(getrlimit(RLIMIT_NOFILE, &limit));
	if (limit.rlim_max < 1024)
		not_here("the hard limit is low");
	limit.rlim_cur = 64;
	if (case_index % 2)
		limit.rlim_max = 64;
	must(setrlimit(RLIMIT_NOFILE, &limit));
	low = (int)must(dup(0));
	must(close(low));
	pid = seize(spin_forever, 0);
	must(pt(PTRACE_INTERRUPT, pid, 0, 0));
	expect(pid, STOPPED(SIGTRAP) | PTRACE_EVENT_STOP << 16);
	equal(peek(pid, &word), 5);
	equal(dup(0), low);
	end(pid);
}

/* Who was made by fork closes all too; it traces nobody, and may then. */
static void
fork_of_tracer(void)
{
	pid_t pid = (pid_t)board[1];

	close_all();
	refused(pt(PTRACE_CONT, pid, 0, 0), ESRCH);
	refused(waitpid(pid, NULL, __WALL), ECHILD);
	refused(pt(PTRACE_SEIZE, pid, 0, 0), EPERM);
	pid = seize(spin_forever, 0);
	must(pt(PTRACE_INTERRUPT, pid, 0, 0));
	expect(pid, STOPPED(SIGTRAP) | PTRACE_EVENT_STOP << 16);
	must(pt(PTRACE_DETACH, pid, 0, 0));
	end(pid);
}

static void
fork_closes_all(void)
{
	pid_t pid = launch(spin_forever);

	board[1] = pid;
	expect(child(fork_of_tracer), EXITED(0));
	cont(pid);
	end(pid);
}

/* ---- another program ---- */

static void
executes(void)
{
	char number[16], program[] = "descriptors", mode[] = "--goes-on";
	char *argv[] = {program, mode, number, NULL};
	pid_t pid = seize(spin_forever, 0);

	snprintf(number, sizeof number, "%d", (int)pid);
	must(execv("/proc/self/exe", argv));
}

/*
 * Several events come at once, and the program that has waited for one of them
 * executes another, which waits for the rest: of tracees that are its children
 * or a child's.
 */
static void
grandchild(void)
{
	post(10, child(spin_forever));
	spin_forever();
}

static void
executes_with_more(void)
{
	char numbers[2][16], program[] = "descriptors", mode[] = "--waits";
	char *argv[] = {program, mode, numbers[0], numbers[1], NULL};
	pid_t pid[3], other;

	for (int i = 0; i < 2; i++)
		pid[i] = seize(spin_forever, 0);
	other = child(grandchild);
	pid[2] = (pid_t)await(10);
	must(pt(PTRACE_SEIZE, pid[2], 0, 0));
	for (int i = 0; i < 3; i++) {
		must(kill(pid[i], SIGKILL));
		until_state(pid[i], "Z");
	}
	expect(pid[0], KILLED_BY(SIGKILL));
	snprintf(numbers[0], sizeof numbers[0], "%d", (int)pid[1]);
	snprintf(numbers[1], sizeof numbers[1], "%d", (int)pid[2]);
	post(11, other);
	must(execv("/proc/self/exe", argv));
}

static int
fail(int line)
{
	fprintf(stderr, "# line %d, errno %d\n", line, errno);
	return 1;
}

/* In the new program; its frame is not that of the cases. */
static int
goes_on(pid_t pid)
{
	int status;

	for (int i = 0; i < 3; i++) {
		kill(pid, SIGUSR1);
		if (waitpid(pid, &status, __WALL) != pid)
			return fail(__LINE__);
		if (status != STOPPED(SIGUSR1))
			return fail(__LINE__);
		if (pt(PTRACE_PEEKDATA, pid, 1, 0) != -1 || errno != EIO)
			return fail(__LINE__);
		if (pt(PTRACE_CONT, pid, 0, 0))
			return fail(__LINE__);
	}
	kill(pid, SIGKILL);
	if (waitpid(-1, &status, __WALL) != pid || status != SIGKILL)
		return fail(__LINE__);
	if (waitpid(-1, &status, __WALL) != -1 || errno != ECHILD)
		return fail(__LINE__);
	return 0;
}

static int
waits(int argc, char **argv)
{
	int status;

	for (int i = 2; i < argc; i++) {
		pid_t pid = atoi(argv[i]);

		if (waitpid(pid, &status, __WALL) != pid)
			return fail(__LINE__);
		if (status != KILLED_BY(SIGKILL))
			return fail(__LINE__);
	}
	return 0;
}

static void
executed(void)
{
	expect(child(executes), EXITED(0));
}

static void
executed_with_more(void)
{
	expect(child(executes_with_more), EXITED(0));
	kill((pid_t)board[11], SIGKILL);
}

/* ---- a tracee by CLONE_PTRACE ---- */

static void
clone_traced(void)
{
	long pid = syscall(SYS_clone, CLONE_PTRACE | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		spin_forever();
	post(2, pid);
	waitpid((pid_t)pid, NULL, 0);
	post(3, 1);
	spin_forever();
}

/* Its death is told; the second time its first stop is, before that. */
static void
by_clone(void)
{
	pid_t pid = launch(clone_traced), kid;

	cont(pid);
	kid = (pid_t)await(2);
	if (case_index % 2) {
		until_state(kid, "t");
		expect(kid, STOPPED(SIGSTOP));
		cont(kid);
	}
	must(kill(kid, SIGKILL));
	/* The parent of it learns of the death after its tracer. */
	until_state(kid, "Z");
	equal(board[3], 0);
	expect(kid, KILLED_BY(SIGKILL));
	expect(pid, STOPPED(SIGCHLD));
	cont(pid);
	await(3);
	end(pid);
}

static const struct test_case cases[] = {
    {"clone(2): CLONE_PTRACE, the tracer of the parent traces the child and "
     "is told of its death",
     by_clone},
    {"clone(2): ... and first of its stop", by_clone},
    {"ATTACH, DETACH, SEIZE: tracees are those of the thread, whatever "
     "descriptors it closes",
     closes_all},
    {"SEIZE: ... and not those of its fork", fork_closes_all},
    {"SEIZE: no number of a descriptor is taken from the program", low_limit},
    {"SEIZE: ... with few of them", low_limit},
    {"SEIZE: they stay so when it executes a program", executed},
    {"SEIZE: ... which waits for those that have died", executed_with_more},
};

int
main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "--goes-on"))
		return goes_on(atoi(argv[2]));
	if (argc == 4 && !strcmp(argv[1], "--waits"))
		return waits(argc, argv);
	return run_cases(cases, COUNT(cases), argc, argv);
}
