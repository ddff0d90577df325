/* SPDX-License-Identifier: MIT */
/*
 * What a wait tells beside the status, and where it finds nothing; asked for
 * often. And a thread that is to be cancelled.
 */
#include "cases.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define OFTEN 8

static struct user_regs_struct regs;

/* A tracee of which so much has been asked that all is mapped. */
static pid_t
start(void (*body)(void))
{
	pid_t pid = launch(body);

	options(pid, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	for (int i = 0; i < OFTEN; i++)
		get_regs(pid, &regs);
	return pid;
}

static long
microseconds(const struct rusage *ru)
{
	return (ru->ru_utime.tv_sec + ru->ru_stime.tv_sec) * 1000000L +
	       ru->ru_utime.tv_usec + ru->ru_stime.tv_usec;
}

static void
many_calls(void)
{
	for (int i = 0; i < 100; i++)
		for (volatile int j = syscall(SYS_getppid) & 1; j < 20000; j++)
			;
}

static void *
spin(void *unused)
{
	for (;;)
		;
	return unused;
}

static void
many_calls_beside(void)
{
	pthread_t t;

	pthread_create(&t, NULL, spin, NULL);
	many_calls();
}

/* Times that a wait tells only grow, and are those of the end at last. */
static void
times_grow(void (*body)(void))
{
	pid_t pid = start(body);
	struct rusage ru, last = {0};
	int status;

	for (;;) {
		to_syscall(pid);
		equal(wait4(pid, &status, __WALL, &ru), pid);
		check(microseconds(&ru) >= microseconds(&last));
		check(ru.ru_minflt >= last.ru_minflt);
		last = ru;
		if (!WIFSTOPPED(status))
			break;
	}
	equal(status, EXITED(0));
	check(microseconds(&last) > 0);
}

static void
times(void)
{
	times_grow(many_calls);
}

static void
times_of_threads(void)
{
	times_grow(many_calls_beside);
}

/* Polls that find nothing, and then something: of tracee and of child. */
static void
polls(void)
{
	pid_t pid = start(spin_forever), other;
	int status;

	for (int round = 0; round < 3; round++) {
		cont(pid);
		for (int i = 0; i < OFTEN; i++)
			equal(waitpid(-1, &status, __WALL | WNOHANG), 0);
		kill(pid, SIGUSR1);
		while (waitpid(-1, &status, __WALL | WNOHANG) == 0)
			;
		equal(status, STOPPED(SIGUSR1));
		other = child(do_nothing);
		while (waitpid(-1, &status, __WALL | WNOHANG) != other)
			;
		equal(status, EXITED(0));
	}
	cont(pid);
	other = fork();
	if (!other) {
		/* It has no children, and no tracees. */
		refused(waitpid(-1, &status, __WALL | WNOHANG), ECHILD);
		_exit(0);
	}
	while (waitpid(-1, &status, __WALL | WNOHANG) != other)
		;
	equal(status, EXITED(0));
	end(pid);
}

/* Not cancelled in a request: that is no cancellation point. */
static void *
trace_while_cancelled(void *arg)
{
	pid_t pid = *(pid_t *)arg;
	struct iovec iov = {&regs, sizeof regs};
	static volatile long word;
	long here = 0;
	int state;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	must(pt(PTRACE_ATTACH, pid, 0, 0));
	expect(pid, STOPPED(SIGSTOP));
	pthread_cancel(pthread_self());
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state);
	post(5, 1);
	for (int i = 0; i < OFTEN; i++) {
		struct iovec to = {&here, sizeof here};
		struct iovec from = {(void *)&word, sizeof word};

		pt(PTRACE_GETREGS, pid, 0, &regs);
		pt(PTRACE_GETREGSET, pid, 1, &iov);
		pt(PTRACE_POKEDATA, pid, &word, i);
		pt(PTRACE_PEEKDATA, pid, &word, 0);
		process_vm_readv(pid, &to, 1, &from, 1, 0);
	}
	post(6, here);
	pt(PTRACE_DETACH, pid, 0, 0);
	post(5, 2);
	pthread_testcancel();
	post(5, 3);
	return NULL;
}

static void
cancellation(void)
{
	pid_t pid = child(spin_forever);
	void *result;
	pthread_t t;

	equal(pthread_create(&t, NULL, trace_while_cancelled, &pid), 0);
	equal(pthread_join(t, &result), 0);
	check(result == PTHREAD_CANCELED);
	equal(board[5], 2);
	equal(board[6], OFTEN - 1);
	must(pt(PTRACE_ATTACH, pid, 0, 0));
	expect(pid, STOPPED(SIGSTOP));
	end(pid);
}

static const struct test_case cases[] = {
    {"wait: times used, at each stop", times},
    {"wait: times used, at each stop of one thread of two", times_of_threads},
    {"wait: WNOHANG, in vain and not", polls},
    {"ptrace: requests are no cancellation points", cancellation},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
