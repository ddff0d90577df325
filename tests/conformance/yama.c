/* SPDX-License-Identifier: MIT */
/*
 * Yama's ptrace_scope, as the kernel's Documentation/admin-guide/LSM/Yama.rst
 * and ptrace(2) have it. It is a property of the whole system, so that this is
 * tried where that is a test's: on the refkernel, or if YAMA is set.
 */
#include "cases.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#define FILE_NAME "/proc/sys/kernel/yama/ptrace_scope"

#ifndef PR_SET_PTRACER
#define PR_SET_PTRACER	   0x59616d61
#define PR_SET_PTRACER_ANY ((unsigned long)-1)
#endif

static long
write_scope(const char *text)
{
	int fd = open(FILE_NAME, O_WRONLY | O_CLOEXEC);
	long result = write(fd, text, strlen(text));
	int code = errno;

	close(fd);
	errno = code;
	return result;
}

static void
set_scope(const char *text)
{
	struct utsname name;

	uname(&name);
	if (!getenv("YAMA") && !strstr(name.release, "proctrace") &&
	    !strstr(name.version, "refkernel"))
		not_here("the system is not the test's");
	if (geteuid() != 0 || access(FILE_NAME, W_OK) != 0)
		not_here("no Yama");
	must(write_scope(text));
}

static void
sleep_as_alice(void)
{
	be_alice();
	if (board[1])
		must(prctl(PR_SET_PTRACER, board[1], 0, 0, 0));
	post(0, getpid());
	sleep_forever();
}

/* A process of Alice's that is no child of who traces it; WHOM it names. */
static pid_t
stranger(long whom)
{
	pid_t pid;

	post(0, 0);
	board[1] = whom;
	pid = child(sleep_as_alice);
	await(0);
	return pid;
}

static pid_t victim;

static void
alice_may(void)
{
	be_alice();
	must(pt(PTRACE_SEIZE, victim, 0, 0));
}

static void
alice_may_not(void)
{
	char byte;
	struct iovec local = {&byte, 1}, remote = {&byte, 1};

	be_alice();
	refused(pt(PTRACE_ATTACH, victim, 0, 0), EPERM);
	refused(pt(PTRACE_SEIZE, victim, 0, 0), EPERM);
	refused(process_vm_readv(victim, &local, 1, &remote, 1, 0), EPERM);
}

static void
alice_and_own_child(void)
{
	pid_t pid;

	be_alice();
	pid = child(sleep_forever);
	must(pt(PTRACE_SEIZE, pid, 0, 0));
	end(pid);
	pid = launch(sleep_forever);
	end(pid);
}

static void
may_not_ask(void)
{
	refused(pt(PTRACE_TRACEME, 0, 0, 0), EPERM);
}

static void
alice_and_no_child(void)
{
	pid_t pid;

	be_alice();
	pid = child(sleep_forever);
	refused(pt(PTRACE_SEIZE, pid, 0, 0), EPERM);
	kill(pid, SIGKILL);
	expect(pid, KILLED_BY(SIGKILL));
	expect(child(may_not_ask), EXITED(0));
}

static void
ends_well(void (*body)(void))
{
	int status = next_status(child(body));

	must(write_scope("0"));
	equal(status, EXITED(0));
}

static void
classic(void)
{
	set_scope("0");
	victim = stranger(0);
	ends_well(alice_may);
}

static void
restricted_stranger(void)
{
	set_scope("1");
	victim = stranger(0);
	ends_well(alice_may_not);
}

static void
restricted_child(void)
{
	set_scope("1");
	ends_well(alice_and_own_child);
}

static void
restricted_any(void)
{
	set_scope("1");
	victim = stranger(-1);
	ends_well(alice_may);
}

static void
restricted_named(void)
{
	set_scope("1");
	/* An ancestor of the tracer's will do. */
	victim = stranger(getpid());
	ends_well(alice_may);
}

static void
restricted_named_other(void)
{
	set_scope("1");
	victim = stranger(child(sleep_forever));
	ends_well(alice_may_not);
}

static void
no_such_tracer(void)
{
	set_scope("1");
	refused(prctl(PR_SET_PTRACER, 0x7ffffff0, 0, 0, 0), EINVAL);
	must(prctl(PR_SET_PTRACER, 0, 0, 0, 0));
	must(write_scope("0"));
}

static void
restricted_root(void)
{
	set_scope("1");
	victim = stranger(0);
	must(pt(PTRACE_SEIZE, victim, 0, 0));
	must(write_scope("2"));
	end(victim);
	victim = stranger(0);
	must(pt(PTRACE_SEIZE, victim, 0, 0));
	must(write_scope("0"));
}

static void
admin_only(void)
{
	set_scope("2");
	ends_well(alice_and_no_child);
}

static void
values(void)
{
	set_scope("1");
	refused(write_scope("4"), EINVAL);
	refused(write_scope("-1"), EINVAL);
	must(write_scope("0"));
}

/* The last, since there is no way back. */
static void
nobody(void)
{
	set_scope("3");
	refused(write_scope("0"), EINVAL);
	victim = child(sleep_forever);
	refused(pt(PTRACE_SEIZE, victim, 0, 0), EPERM);
	refused(pt(PTRACE_ATTACH, victim, 0, 0), EPERM);
	refused(pt(PTRACE_TRACEME, 0, 0, 0), EPERM);
}

static const struct test_case cases[] = {
    {"SEIZE: scope 0, classic ptrace permissions", classic},
    {"ATTACH, SEIZE: scope 1, EPERM, no descendant", restricted_stranger},
    {"SEIZE, TRACEME: scope 1, a predefined relationship: a child",
     restricted_child},
    {"SEIZE: scope 1, PR_SET_PTRACER_ANY allows all", restricted_any},
    {"SEIZE: scope 1, PR_SET_PTRACER, a pid and its descendants",
     restricted_named},
    {"ATTACH, SEIZE: scope 1, EPERM, PR_SET_PTRACER named another",
     restricted_named_other},
    {"SEIZE: PR_SET_PTRACER: EINVAL, no such process; 0 clears",
     no_such_tracer},
    {"SEIZE: scope 1 and 2, with CAP_SYS_PTRACE", restricted_root},
    {"SEIZE, TRACEME: scope 2, EPERM, only processes with CAP_SYS_PTRACE",
     admin_only},
    {"SEIZE: the scope is 0 to 3", values},
    {"ATTACH, SEIZE, TRACEME: scope 3, EPERM; once set it stays", nobody},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
