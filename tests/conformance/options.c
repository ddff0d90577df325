/* SPDX-License-Identifier: MIT */
/* PTRACE_SETOPTIONS: what it takes, replaces, and who inherits. */
#include "cases.h"

#include <sys/prctl.h>
#include <sys/syscall.h>

#define REQ_OLDSETOPTIONS 21
#define O_SUSPEND_SECCOMP (1 << 21)

static void
unknown_bits(void)
{
	pid_t pid = launch(do_nothing);

	refused(pt(PTRACE_SETOPTIONS, pid, 0, 1 << 8), EINVAL);
	refused(pt(PTRACE_SETOPTIONS, pid, 0, 1 << 22), EINVAL);
	refused(pt(PTRACE_SETOPTIONS, pid, 0, 0x80000000), EINVAL);
	options(pid, 0xff | PTRACE_O_EXITKILL);
	options(pid, 0);
	end(pid);
}

static void
fork_once(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
}

static void
refused_keeps_old(void)
{
	pid_t pid = launch(fork_once);

	options(pid, PTRACE_O_TRACEFORK);
	refused(pt(PTRACE_SETOPTIONS, pid, 0, 1 << 9), EINVAL);
	cont(pid);
	expect(pid, EVENT(FORK));
	end((pid_t)event_message(pid));
	end(pid);
}

static void
replaced(void)
{
	pid_t pid = launch(fork_once);

	options(pid, PTRACE_O_TRACEFORK);
	options(pid, PTRACE_O_TRACEEXIT);
	cont(pid);
	expect(pid, STOPPED(SIGCHLD));
	cont(pid);
	expect(pid, EVENT(EXIT));
	cont(pid);
	expect(pid, EXITED(0));
}

static void
old_request(void)
{
	pid_t pid = launch(fork_once);

	must(pt(REQ_OLDSETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	end(pid);
}

static void
fork_twice(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		fork_once();
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void
inherited(void)
{
	pid_t pid = launch(fork_twice), born, last;

	options(pid, PTRACE_O_TRACEFORK | PTRACE_O_TRACESYSGOOD);
	cont(pid);
	expect(pid, EVENT(FORK));
	born = (pid_t)event_message(pid);
	expect(born, STOPPED(SIGSTOP));
	cont(born);
	expect(born, EVENT(FORK));
	last = (pid_t)event_message(born);
	expect(last, STOPPED(SIGSTOP));
	to_syscall(last);
	expect(last, SYSCALL_STOP);
	end(last);
	end(born);
	end(pid);
}

static void
own_options(void)
{
	pid_t pid = launch(fork_twice), born;

	options(pid, PTRACE_O_TRACEFORK);
	cont(pid);
	expect(pid, EVENT(FORK));
	born = (pid_t)event_message(pid);
	expect(born, STOPPED(SIGSTOP));
	options(born, 0);
	cont(born);
	expect(born, STOPPED(SIGCHLD));
	cont(born);
	expect(born, EXITED(0));
	end(pid);
}

static void
suspend_seccomp_root(void)
{
	pid_t pid;

	if (geteuid() != 0)
		not_here("not root");
	pid = launch(do_nothing);
	if (pt(PTRACE_SETOPTIONS, pid, 0, O_SUSPEND_SECCOMP) == -1) {
		equal(errno, EINVAL);
		not_here("a kernel without CONFIG_CHECKPOINT_RESTORE");
	}
	end(pid);
}

static void
suspend_seccomp_user(void)
{
	pid_t pid;

	if (geteuid() == 0) {
		must(syscall(SYS_setresgid, 12345, 12345, 12345));
		must(syscall(SYS_setresuid, 12345, 12345, 12345));
		must(prctl(PR_SET_DUMPABLE, 1));
	}
	pid = launch(do_nothing);
	check(pt(PTRACE_SETOPTIONS, pid, 0, O_SUSPEND_SECCOMP) == -1);
	check(errno == EPERM || errno == EINVAL);
	end(pid);
}

static void
exec_now(void)
{
	exec_self(2);
}

static void
kept_over_exec(void)
{
	pid_t pid = launch(exec_now);

	options(pid, PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT);
	cont(pid);
	expect(pid, EVENT(EXEC));
	cont(pid);
	expect(pid, EVENT(EXIT));
	cont(pid);
	expect(pid, EXITED(2));
}

static const struct test_case cases[] = {
    {"SETOPTIONS: EINVAL for an unknown option", unknown_bits},
    {"SETOPTIONS: an error changes nothing", refused_keeps_old},
    {"SETOPTIONS: sets the options, and clears those not named", replaced},
    {"OLDSETOPTIONS: the same by its old number", old_request},
    {"SETOPTIONS: options are inherited by tracees that are attached by "
     "TRACEFORK",
     inherited},
    {"SETOPTIONS: each tracee has its own", own_options},
    {"SETOPTIONS: SUSPEND_SECCOMP for root", suspend_seccomp_root},
    {"SETOPTIONS: SUSPEND_SECCOMP, EPERM for others", suspend_seccomp_user},
    {"SETOPTIONS: execve keeps them", kept_over_exec},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
