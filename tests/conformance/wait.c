/* SPDX-License-Identifier: MIT */
/* The wait family and tracees: wait(2). */
#include "cases.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif
#ifndef __WNOTHREAD
#define __WNOTHREAD 0x20000000
#endif
#ifndef __WCLONE
#define __WCLONE 0x80000000
#endif

static int
wait_id(int type, id_t id, siginfo_t *info, int flags)
{
	memset(info, 0xee, sizeof *info);
	return waitid((idtype_t)type, id, info, flags);
}

static void
exit_four(void)
{
	_exit(4);
}

static void
macros(void)
{
	pid_t pid = launch(exit_four);
	int status;

	must(kill(pid, SIGUSR1));
	cont(pid);
	status = next_status(pid);
	check(WIFSTOPPED(status) && WSTOPSIG(status) == SIGUSR1);
	check(!WIFEXITED(status) && !WIFSIGNALED(status));
	cont(pid);
	status = next_status(pid);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 4);
	check(!WIFSTOPPED(status));
}

static void
every_form(void)
{
	pid_t pid = launch(sleep_forever);
	struct rusage usage;
	int status;

	for (int form = 0; form < 7; form++) {
		pid_t got = -1;

		cont(pid);
		must(kill(pid, SIGUSR1));
		status = -1;
		if (form == 0)
			got = wait(&status);
		else if (form == 1)
			got = waitpid(-1, &status, 0);
		else if (form == 2)
			got = waitpid(pid, &status, 0);
		else if (form == 3)
			got = waitpid(0, &status, 0);
		else if (form == 4)
			got = waitpid(-getpgrp(), &status, 0);
		else if (form == 5)
			got = wait3(&status, 0, &usage);
		else
			got = wait4(pid, &status, 0, &usage);
		equal(got, pid);
		equal(status, STOPPED(SIGUSR1));
	}
	end(pid);
}

static void
no_hang(void)
{
	pid_t pid = launch(sleep_forever);
	int status = 0x1234;

	equal(must(waitpid(pid, &status, WNOHANG)), 0);
	cont(pid);
	equal(must(waitpid(-1, &status, WNOHANG | __WALL)), 0);
	equal(status, 0x1234);
	end(pid);
}

static void
no_children(void)
{
	pid_t pid = launch(do_nothing);
	siginfo_t info;

	refused(waitpid(getpid(), NULL, 0), ECHILD);
	refused(waitpid(getppid(), NULL, 0), ECHILD);
	refused(waitpid(-12345678, NULL, 0), ECHILD);
	cont(pid);
	expect(pid, EXITED(0));
	refused(waitpid(pid, NULL, 0), ECHILD);
	refused(waitpid(-1, NULL, __WALL), ECHILD);
	refused(wait(NULL), ECHILD);
	refused(wait_id(P_ALL, 0, &info, WEXITED), ECHILD);
}

static void
bad_arguments(void)
{
	pid_t pid = launch(do_nothing);
	siginfo_t info;

	refused(waitpid(pid, NULL, 0x100), EINVAL);
	refused(wait_id(P_PID, (id_t)pid, &info, 0), EINVAL);
	refused(wait_id(P_PID, (id_t)pid, &info, WNOHANG), EINVAL);
	refused(wait_id(P_PID, (id_t)pid, &info, WEXITED | 0x100), EINVAL);
	refused(wait_id(99, (id_t)pid, &info, WEXITED), EINVAL);
	refused(wait_id(P_PID, 0, &info, WEXITED), EINVAL);
	refused(wait_id(P_PIDFD, (id_t)-1, &info, WEXITED), EINVAL);
	refused(wait_id(P_PIDFD, 99, &info, WEXITED), EBADF);
	end(pid);
}

static void
null_status(void)
{
	pid_t pid = launch(sleep_forever);

	cont(pid);
	must(kill(pid, SIGUSR1));
	equal(must(waitpid(pid, NULL, 0)), pid);
	end(pid);
	pid = launch(do_nothing);
	cont(pid);
	equal(must(waitid(P_PID, (id_t)pid, NULL, WEXITED)), 0);
	refused(waitpid(pid, NULL, 0), ECHILD);
}

static void
usage(void)
{
	pid_t pid = launch(spin_forever);
	struct rusage used;
	int status;

	cont(pid);
	do {
		must(kill(pid, SIGUSR1));
		memset(&used, 0xee, sizeof used);
		equal(must(wait4(pid, &status, __WALL, &used)), pid);
		equal(status, STOPPED(SIGUSR1));
		check(used.ru_utime.tv_usec >= 0 &&
		      used.ru_utime.tv_usec < 1000000);
		check(used.ru_stime.tv_sec >= 0 && used.ru_stime.tv_sec < 100);
		cont(pid);
	} while (used.ru_utime.tv_sec == 0 && used.ru_utime.tv_usec < 20000);
	must(kill(pid, SIGKILL));
	equal(must(wait4(pid, &status, __WALL, &used)), pid);
	equal(status, KILLED_BY(SIGKILL));
	check(used.ru_utime.tv_sec > 0 || used.ru_utime.tv_usec >= 20000);
	check(used.ru_maxrss > 0);
}

static void
continued(void)
{
	pid_t pid = child(sleep_forever);
	siginfo_t info;
	int status;

	must(kill(pid, SIGSTOP));
	equal(must(waitpid(pid, &status, WUNTRACED)), pid);
	equal(status, STOPPED(SIGSTOP));
	must(kill(pid, SIGCONT));
	equal(must(waitpid(pid, &status, WCONTINUED)), pid);
	equal(status, 0xffff);
	must(kill(pid, SIGTSTP));
	equal(must(wait_id(P_PID, (id_t)pid, &info, WSTOPPED)), 0);
	equal(info.si_code, CLD_STOPPED);
	equal(info.si_status, SIGTSTP);
	must(kill(pid, SIGCONT));
	equal(must(wait_id(P_PID, (id_t)pid, &info, WCONTINUED)), 0);
	equal(info.si_code, CLD_CONTINUED);
	equal(info.si_status, SIGCONT);
	end(pid);
}

static void
untraced_is_for_others(void)
{
	pid_t pid = child(sleep_forever);
	int status;

	must(kill(pid, SIGSTOP));
	until_state(pid, "T");
	equal(must(waitpid(pid, &status, WNOHANG)), 0);
	equal(must(waitpid(pid, &status, WNOHANG | WUNTRACED)), pid);
	equal(status, STOPPED(SIGSTOP));
	end(pid);
}

static void
clone_silent(void)
{
	int status;

	if (syscall(SYS_clone, 0, 0, 0, 0, 0) == 0)
		_exit(7);
	post(0, 1);
	/* Its end sends no signal: only __WCLONE and __WALL see it. */
	refused(waitpid(-1, NULL, 0), ECHILD);
	must(waitpid(-1, &status, __WALL));
	equal(status, EXITED(7));
}

static void
clone_children(void)
{
	pid_t pid = (pid_t)syscall(SYS_clone, 0, 0, 0, 0, 0);
	int status;

	if (pid == 0)
		_exit(7);
	refused(waitpid(pid, &status, 0), ECHILD);
	equal(must(waitpid(pid, &status, (int)__WCLONE)), pid);
	equal(status, EXITED(7));
	pid = child(exit_four);
	refused(waitpid(pid, &status, (int)__WCLONE), ECHILD);
	expect(pid, EXITED(4));
}

static void
tracee_is_seen(void)
{
	pid_t pid = launch(sleep_forever);
	int status;

	/* A tracee is waited for whatever its exit signal. */
	cont(pid);
	must(kill(pid, SIGUSR1));
	equal(must(waitpid(pid, &status, (int)__WCLONE)), pid);
	equal(status, STOPPED(SIGUSR1));
	end(pid);
}

static void
merged(void)
{
	pid_t pid = launch(sleep_forever), other = child(exit_four);
	int status, seen = 0;

	cont(pid);
	must(kill(pid, SIGUSR1));
	for (int i = 0; i < 2; i++) {
		pid_t got = (pid_t)must(waitpid(-1, &status, __WALL));

		if (got == pid)
			equal(status, STOPPED(SIGUSR1));
		else
			equal(status, EXITED(4));
		seen |= got == pid ? 1 : got == other ? 2 : 4;
	}
	equal(seen, 3);
	end(pid);
}

static void
on_alarm(int sig)
{
	board[0] = sig;
}

static void
interrupted(void)
{
	const struct itimerval soon = {{0, 20000}, {0, 20000}};
	pid_t pid = launch(sleep_forever);

	cont(pid);
	catch_signal(SIGVTALRM, 0, on_alarm);
	catch_signal(SIGALRM, 0, on_alarm);
	must(setitimer(ITIMER_REAL, &soon, NULL));
	refused(waitpid(pid, NULL, __WALL), EINTR);
	equal(board[0], SIGALRM);
	end(pid);
}

static void
restarted(void)
{
	const struct itimerval soon = {{0, 0}, {0, 20000}};
	pid_t pid = launch(sleep_forever), helper;

	catch_signal(SIGALRM, SA_RESTART, on_alarm);
	cont(pid);
	helper = fork();
	if (helper == 0) {
		await(0);
		kill(pid, SIGUSR1);
		_exit(0);
	}
	must(setitimer(ITIMER_REAL, &soon, NULL));
	expect(pid, STOPPED(SIGUSR1));
	equal(board[0], SIGALRM);
	end(pid);
	expect(helper, EXITED(0));
}

static void
polls(void)
{
	pid_t pid = child(do_nothing), got;
	int status;

	do
		got = (pid_t)must(waitpid(-1, &status, WNOHANG | __WALL));
	while (!got);
	equal(got, pid);
	equal(status, EXITED(0));
	refused(waitpid(-1, &status, WNOHANG | __WALL), ECHILD);
}

/* Who has polled in vain forks; the fork has children of its own alone. */
static void
fork_polls(void)
{
	pid_t pid = launch(sleep_forever);

	cont(pid);
	for (int i = 0; i < 20; i++)
		equal(must(waitpid(-1, NULL, WNOHANG | __WALL)), 0);
	expect(child(polls), EXITED(0));
	equal(must(waitpid(-1, NULL, WNOHANG | __WALL)), 0);
	must(kill(pid, SIGUSR1));
	expect(pid, STOPPED(SIGUSR1));
	end(pid);
}

static void
on_tick(int sig)
{
	int saved = errno;

	/* Of no child: the tracee is not asked for. */
	waitpid(getpid(), NULL, WNOHANG | __WALL);
	on_alarm(sig);
	board[1]++;
	errno = saved;
}

/* Wherever it breaks in: between any two instructions of the library. */
static void
handler_waits(void)
{
	const struct itimerspec often = {{0, 100000}, {0, 100000}};
	struct sigevent event = {
	    .sigev_notify = SIGEV_SIGNAL,
	    .sigev_signo = SIGUSR2,
	};
	pid_t pid = launch(sleep_forever);
	timer_t timer;

	catch_signal(SIGUSR2, SA_RESTART, on_tick);
	must(timer_create(CLOCK_MONOTONIC, &event, &timer));
	must(timer_settime(timer, 0, &often, NULL));
	while (board[1] < 2000)
		for (int i = 0; i < 100; i++)
			peek(pid, &board[2]);
	must(timer_delete(timer));
	equal(board[0], SIGUSR2);
	end(pid);
}

static void
ignored_sigchld(void)
{
	pid_t pid;

	signal(SIGCHLD, SIG_IGN);
	pid = launch(sleep_forever);
	cont(pid);
	must(kill(pid, SIGUSR1));
	expect(pid, STOPPED(SIGUSR1));
	must(kill(pid, SIGKILL));
	/* A tracee's death is kept for its tracer, another's is not. */
	expect(pid, KILLED_BY(SIGKILL));
	pid = child(exit_four);
	refused(waitpid(pid, NULL, __WALL), ECHILD);
}

static void
parent_that_ignores(void)
{
	pid_t pid;

	signal(SIGCHLD, SIG_IGN);
	pid = child(sleep_forever);
	post(1, pid);
	await(2);
	/* Its child is dead, but kept for the tracer. */
	equal(must(waitpid(pid, NULL, WNOHANG)), 0);
	post(3, 1);
	/* It waits for none: until all are gone. */
	refused(waitpid(pid, NULL, 0), ECHILD);
}

static void
ignored_by_the_parent(void)
{
	pid_t parent = child(parent_that_ignores), pid = (pid_t)await(1);

	must(pt(PTRACE_SEIZE, pid, 0, 0));
	must(kill(pid, SIGKILL));
	until_state(pid, "Z");
	post(2, 1);
	await(3);
	expect(pid, KILLED_BY(SIGKILL));
	/* Nobody else is told: it is gone at once. */
	expect(parent, EXITED(0));
	equal(state_of(pid), 0);
	refused(kill(pid, 0), ESRCH);
}

static void
no_zombies_wanted(void)
{
	struct sigaction action;
	pid_t pid;

	memset(&action, 0, sizeof action);
	action.sa_handler = on_alarm;
	action.sa_flags = SA_NOCLDWAIT;
	must(sigaction(SIGCHLD, &action, NULL));
	pid = launch(exit_four);
	cont(pid);
	expect(pid, EXITED(4));
	pid = child(exit_four);
	refused(waitpid(pid, NULL, __WALL), ECHILD);
}

static void
own_threads_only(void)
{
	pid_t pid = launch(sleep_forever);
	int status;

	cont(pid);
	must(kill(pid, SIGUSR1));
	equal(must(waitpid(pid, &status, __WALL | __WNOTHREAD)), pid);
	equal(status, STOPPED(SIGUSR1));
	end(pid);
}

static const struct test_case cases[] = {
    {"wait(2): WIFSTOPPED, WSTOPSIG, WIFEXITED, WEXITSTATUS", macros},
    {"wait(2): wait, waitpid(-1), (pid), (0), (-pgid), wait3, wait4",
     every_form},
    {"wait(2): WNOHANG returns 0 if no child has changed state", no_hang},
    {"wait(2): ECHILD, the process does not exist or is no child", no_children},
    {"wait(2): EINVAL and EBADF", bad_arguments},
    {"wait(2): the status may be NULL", null_status},
    {"wait(2): the usage of resources, of a stop too", usage},
    {"wait(2): WUNTRACED, WCONTINUED, WSTOPPED for children not traced",
     continued},
    {"wait(2): without WUNTRACED those are not told", untraced_is_for_others},
    {"wait(2): __WALL, children regardless of type", clone_silent},
    {"wait(2): __WCLONE, clone children only", clone_children},
    {"wait(2): __WALL is implied for tracees", tracee_is_seen},
    {"wait(2): tracees and children in one wait", merged},
    {"wait(2): EINTR, a handler without SA_RESTART", interrupted},
    {"wait(2): SA_RESTART", restarted},
    {"wait(2): WNOHANG, by a fork of one that polls", fork_polls},
    {"wait(2), PEEKDATA: a handler that waits may break in anywhere",
     handler_waits},
    {"wait(2): SIGCHLD ignored, a tracee is reported all the same",
     ignored_sigchld},
    {"wait(2): SIGCHLD ignored by the parent, the tracer is told",
     ignored_by_the_parent},
    {"wait(2): SA_NOCLDWAIT likewise", no_zombies_wanted},
    {"wait(2): __WNOTHREAD, tracees of the calling thread", own_threads_only},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
