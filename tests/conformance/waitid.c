/* SPDX-License-Identifier: MIT */
/* waitid() and tracees: wait(2). */
#include "cases.h"

#include <string.h>
#include <sys/syscall.h>

#ifndef __WNOTHREAD
#define __WNOTHREAD 0x20000000
#endif

#ifndef P_PIDFD
#define P_PIDFD 3
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
waitid_stop(void)
{
	pid_t pid = launch(exit_four);
	siginfo_t info;

	must(kill(pid, SIGUSR2));
	cont(pid);
	equal(must(wait_id(P_PID, (id_t)pid, &info, WSTOPPED | __WALL)), 0);
	equal(info.si_pid, pid);
	equal(info.si_signo, SIGCHLD);
	equal(info.si_code, CLD_TRAPPED);
	equal(info.si_status, SIGUSR2);
	equal(info.si_uid, getuid());
	equal(info.si_errno, 0);
	cont(pid);
	equal(must(wait_id(P_PID, (id_t)pid, &info, WEXITED)), 0);
	equal(info.si_code, CLD_EXITED);
	equal(info.si_status, 4);
}

static void
waitid_kill(void)
{
	pid_t pid = launch(sleep_forever);
	siginfo_t info;

	must(kill(pid, SIGKILL));
	equal(must(wait_id(P_ALL, 0, &info, WEXITED)), 0);
	equal(info.si_pid, pid);
	equal(info.si_code, CLD_KILLED);
	equal(info.si_status, SIGKILL);
}

static void
waitid_event(void)
{
	pid_t pid = launch(exit_four);
	siginfo_t info;

	options(pid, PTRACE_O_TRACEEXIT);
	cont(pid);
	equal(must(wait_id(P_PID, (id_t)pid, &info, WSTOPPED)), 0);
	equal(info.si_code, CLD_TRAPPED);
	equal(info.si_status, SIGTRAP | PTRACE_EVENT_EXIT << 8);
	cont(pid);
	expect(pid, EXITED(4));
}

static void
waitid_no_hang(void)
{
	pid_t pid = launch(sleep_forever);
	siginfo_t info;

	cont(pid);
	equal(must(wait_id(P_PID, (id_t)pid, &info,
			   WEXITED | WSTOPPED | WNOHANG)),
	      0);
	equal(info.si_pid, 0);
	equal(info.si_signo, 0);
	end(pid);
}

static void
leave_it(void)
{
	pid_t pid = launch(exit_four);
	siginfo_t info;
	int status;

	must(kill(pid, SIGUSR1));
	cont(pid);
	for (int i = 0; i < 3; i++) {
		equal(
		    must(wait_id(P_PID, (id_t)pid, &info, WSTOPPED | WNOWAIT)),
		    0);
		equal(info.si_status, SIGUSR1);
	}
	equal(must(waitpid(pid, &status, 0)), pid);
	equal(status, STOPPED(SIGUSR1));
	equal(must(waitpid(pid, &status, WNOHANG)), 0);
	cont(pid);
	for (int i = 0; i < 3; i++) {
		equal(must(wait_id(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT)),
		      0);
		equal(info.si_status, 4);
	}
	equal(must(waitpid(pid, &status, 0)), pid);
	equal(status, EXITED(4));
}

static void
resumed_unseen(void)
{
	pid_t pid = launch(exit_four);
	siginfo_t info;

	/* A stop that is over is not told any more. */
	must(kill(pid, SIGUSR1));
	cont(pid);
	equal(must(wait_id(P_PID, (id_t)pid, &info, WSTOPPED | WNOWAIT)), 0);
	cont(pid);
	expect(pid, EXITED(4));
}

static void
stops_always_told(void)
{
	pid_t pid = launch(sleep_forever), other = child(sleep_forever);
	siginfo_t info;

	must(kill(pid, SIGUSR1));
	cont(pid);
	equal(must(wait_id(P_PID, (id_t)pid, &info, WEXITED)), 0);
	equal(info.si_pid, pid);
	equal(info.si_code, CLD_TRAPPED);
	must(kill(other, SIGSTOP));
	until_state(other, "T");
	equal(must(wait_id(P_PID, (id_t)other, &info, WEXITED | WNOHANG)), 0);
	equal(info.si_pid, 0);
	end(other);
	end(pid);
}

static void
by_pidfd(void)
{
	pid_t pid = launch(exit_four);
	siginfo_t info;
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd < 0)
		not_here("no pidfd_open");
	must(kill(pid, SIGUSR1));
	cont(pid);
	equal(must(wait_id(P_PIDFD, (id_t)fd, &info, WSTOPPED)), 0);
	equal(info.si_pid, pid);
	equal(info.si_status, SIGUSR1);
	cont(pid);
	equal(must(wait_id(P_PIDFD, (id_t)fd, &info, WEXITED)), 0);
	equal(info.si_status, 4);
}

static void
by_pidfd_refused(void)
{
	pid_t pid = launch(exit_four), stranger = getppid();
	siginfo_t info;
	int fd = (int)syscall(SYS_pidfd_open, stranger, 0);

	if (fd < 0)
		not_here("no pidfd_open");
	refused(wait_id(P_PIDFD, (id_t)fd, &info, WSTOPPED), ECHILD);
	close(fd);
	fd = (int)must(syscall(SYS_pidfd_open, pid, 0));
	cont(pid);
	for (int i = 0; i < 3; i++) {
		equal(
		    must(wait_id(P_PIDFD, (id_t)fd, &info, WEXITED | WNOWAIT)),
		    0);
		equal(info.si_status, 4);
	}
	equal(must(wait_id(P_PIDFD, (id_t)fd, &info, WEXITED)), 0);
	refused(wait_id(P_PIDFD, (id_t)fd, &info, WEXITED), ECHILD);
	close(fd);
	refused(wait_id(P_PIDFD, (id_t)fd, &info, WEXITED), EBADF);
}

static void
with_clone_flags(void)
{
	pid_t pid = launch(exit_four), other = child(exit_four);
	siginfo_t info;

	/* A tracee is waited for whatever kind it is. */
	must(kill(pid, SIGUSR1));
	cont(pid);
	equal(must(wait_id(P_PID, (id_t)pid, &info,
			   WSTOPPED | WNOWAIT | (int)__WCLONE)),
	      0);
	equal(info.si_status, SIGUSR1);
	equal(must(wait_id(P_ALL, 0, &info,
			   WSTOPPED | (int)__WCLONE | __WNOTHREAD)),
	      0);
	equal(info.si_pid, pid);
	refused(wait_id(P_PID, (id_t)other, &info, WEXITED | (int)__WCLONE),
		ECHILD);
	equal(must(wait_id(P_PID, (id_t)other, &info,
			   WEXITED | __WALL | __WNOTHREAD)),
	      0);
	equal(info.si_code, CLD_EXITED);
	cont(pid);
	equal(must(wait_id(P_ALL, 0, &info, WEXITED | __WALL)), 0);
	equal(info.si_pid, pid);
	equal(info.si_status, 4);
}

static void
by_group(void)
{
	pid_t pid = launch(sleep_forever), other = launch(sleep_forever);
	siginfo_t info;
	int status;

	must(setpgid(pid, pid));
	cont(pid);
	cont(other);
	must(kill(other, SIGUSR2));
	until_state(other, "t");
	equal(must(waitpid(-pid, &status, WNOHANG)), 0);
	must(kill(pid, SIGUSR1));
	equal(must(waitpid(-pid, &status, 0)), pid);
	equal(status, STOPPED(SIGUSR1));
	equal(must(wait_id(P_PGID, (id_t)getpgrp(), &info, WSTOPPED)), 0);
	equal(info.si_pid, other);
	end(pid);
	end(other);
}

static const struct test_case cases[] = {
    {"wait(2): waitid fills in si_pid, si_uid, si_signo, si_status and "
     "si_code, CLD_TRAPPED for a tracee",
     waitid_stop},
    {"wait(2): waitid, CLD_KILLED", waitid_kill},
    {"wait(2): waitid of an event", waitid_event},
    {"wait(2): waitid with WNOHANG, si_pid 0 if there is none", waitid_no_hang},
    {"wait(2): WNOWAIT leaves the child in a waitable state", leave_it},
    {"CONT: a stop that ended is not reported", resumed_unseen},
    {"wait(2): WUNTRACED or WSTOPPED is implied for tracees, in waitid too",
     stops_always_told},
    {"wait(2): P_PIDFD", by_pidfd},
    {"wait(2): P_PIDFD with WNOWAIT; ECHILD, EBADF", by_pidfd_refused},
    {"wait(2): waitid with __WCLONE, __WALL, __WNOTHREAD and WNOWAIT",
     with_clone_flags},
    {"wait(2): P_PGID and waitpid(-pgid)", by_group},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
