/* SPDX-License-Identifier: MIT */
/* Ptrace access mode checking: who may trace whom. Most need root. */
#include "cases.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static void
sleep_posted(void)
{
	post(1, getpid());
	sleep_forever();
}

static void
sleep_as_alice(void)
{
	become_user(ALICE, ALICE, 1);
	sleep_posted();
}

static void
sleep_as_alice_hidden(void)
{
	become_user(ALICE, ALICE, 0);
	sleep_posted();
}

static void
be_bob(void)
{
	become_user(BOB, BOB, 1);
	sleep_posted();
}

static void
be_alice_in_bobs_group(void)
{
	become_user(ALICE, BOB, 1);
	sleep_posted();
}

static void
be_alice_saved_root(void)
{
	must(syscall(SYS_setresgid, ALICE, ALICE, ALICE));
	must(syscall(SYS_setresuid, ALICE, ALICE, 0));
	must(prctl(PR_SET_DUMPABLE, 1));
	sleep_posted();
}

static void
be_root(void)
{
	sleep_posted();
}

/* A process that runs BODY up to its sleep. */
static pid_t
target(void (*body)(void))
{
	pid_t pid;

	post(1, 0);
	pid = child(body);
	equal(await(1), pid);
	return pid;
}

static pid_t victim;

static void
alice_may(void)
{
	become_user(ALICE, ALICE, 1);
	must(pt(PTRACE_ATTACH, victim, 0, 0));
	expect(victim, STOPPED(SIGSTOP));
	must(pt(PTRACE_DETACH, victim, 0, 0));
	must(pt(PTRACE_SEIZE, victim, 0, 0));
}

static void
alice_may_not(void)
{
	char byte;
	struct iovec local = {&byte, 1};
	struct iovec remote = {&byte, 1};

	become_user(ALICE, ALICE, 1);
	refused(pt(PTRACE_ATTACH, victim, 0, 0), EPERM);
	refused(pt(PTRACE_SEIZE, victim, 0, 0), EPERM);
	refused(process_vm_readv(victim, &local, 1, &remote, 1, 0), EPERM);
}

static void
alice_and(void (*body)(void), void (*outcome)(void))
{
	need_root();
	victim = target(body);
	expect(child(outcome), EXITED(0));
	equal(status_number(victim, "TracerPid"), 0);
	end(victim);
}

static void
same_user(void)
{
	alice_and(sleep_as_alice, alice_may);
}

static void
other_user(void)
{
	alice_and(be_bob, alice_may_not);
}

static void
roots_process(void)
{
	alice_and(be_root, alice_may_not);
}

static void
other_group(void)
{
	alice_and(be_alice_in_bobs_group, alice_may_not);
}

static void
not_dumpable(void)
{
	alice_and(sleep_as_alice_hidden, alice_may_not);
}

static void
one_id_of_three(void)
{
	alice_and(be_alice_saved_root, alice_may_not);
}

static void
root_may_all(void)
{
	void (*const all[])(void) = {sleep_as_alice, sleep_as_alice_hidden,
				     be_bob, be_alice_saved_root, be_root};

	need_root();
	for (size_t i = 0; i < COUNT(all); i++) {
		pid_t pid = target(all[i]);

		must(pt(PTRACE_ATTACH, pid, 0, 0));
		expect(pid, STOPPED(SIGSTOP));
		end(pid);
	}
}

static void
alice_and_init(void)
{
	become_user(ALICE, ALICE, 1);
	refused(pt(PTRACE_ATTACH, 1, 0, 0), EPERM);
	refused(pt(PTRACE_SEIZE, 1, 0, 0), EPERM);
}

static void
init_process(void)
{
	need_root();
	expect(child(alice_and_init), EXITED(0));
}

static void
alice_traces_mem(void)
{
	char path[64];

	become_user(ALICE, ALICE, 1);
	snprintf(path, sizeof path, "/proc/%d/mem", victim);
	refused(open(path, O_RDONLY), EACCES);
}

static void
mem_of_other_user(void)
{
	alice_and(be_bob, alice_traces_mem);
	alice_and(sleep_as_alice_hidden, alice_traces_mem);
}

static void
traceme_of_alice(void)
{
	become_user(ALICE, ALICE, 1);
	must(pt(PTRACE_TRACEME, 0, 0, 0));
	raise(SIGSTOP);
}

static void
child_changes_user(void)
{
	pid_t pid;

	need_root();
	pid = child(traceme_of_alice);
	expect(pid, STOPPED(SIGSTOP));
	cont(pid);
	expect(pid, EXITED(0));
}

static char copy[64];

static void
remove_copy(void)
{
	if (copy[0])
		unlink(copy);
}

/* A copy of this program that is set-user-ID root. */
static void
make_setuid_copy(void)
{
	char bytes[65536];
	ssize_t got;
	int from = (int)must(open("/proc/self/exe", O_RDONLY | O_CLOEXEC)), to;

	strcpy(copy, "/tmp/conformance.XXXXXX");
	to = (int)must(mkstemp(copy));
	while ((got = must(read(from, bytes, sizeof bytes))) > 0)
		equal(must(write(to, bytes, (size_t)got)), got);
	must(fchmod(to, 04755));
	close(to);
	close(from);
}

static void
exec_copy(void)
{
	char code[] = "0", *argv[] = {"copy", "--exit", code, NULL};

	strcpy(code, "5");
	execv(copy, argv);
}

static void
alice_traces_setuid(void)
{
	pid_t pid;

	become_user(ALICE, ALICE, 1);
	pid = launch(exec_copy);
	options(pid, PTRACE_O_TRACEEXEC);
	cont(pid);
	expect(pid, EVENT(EXEC));
	/* The second word of the line would be the effective id. */
	post(5, status_number(pid, "Uid"));
	cont(pid);
	expect(pid, EXITED(5));
}

static int
effective_id(pid_t pid)
{
	char path[64], line[256];
	int real = -1, effective = -1;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/status", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file)) {
		if (sscanf(line, "Uid: %d %d", &real, &effective) == 2)
			break;
	}
	if (file)
		fclose(file);
	return effective;
}

static void
alice_keeps_her_id(void)
{
	pid_t pid;

	become_user(ALICE, ALICE, 1);
	pid = launch(exec_copy);
	options(pid, PTRACE_O_TRACEEXEC);
	cont(pid);
	expect(pid, EVENT(EXEC));
	equal(effective_id(pid), ALICE);
	end(pid);
}

static void
setuid_exec(void)
{
	pid_t pid;
	int status;

	need_root();
	make_setuid_copy();
	pid = child(alice_keeps_her_id);
	status = next_status(pid);
	if (status == EXITED(0)) {
		pid = child(alice_traces_setuid);
		status = next_status(pid);
	}
	remove_copy();
	equal(status, EXITED(0));
	equal(board[5], ALICE);
}

static void
setuid_exec_of_root(void)
{
	pid_t pid;
	int effective;

	need_root();
	make_setuid_copy();
	pid = (pid_t)must(fork());
	if (pid == 0) {
		must(pt(PTRACE_TRACEME, 0, 0, 0));
		become_user(ALICE, ALICE, 1);
		raise(SIGSTOP);
		exec_copy();
		_exit(1);
	}
	expect(pid, STOPPED(SIGSTOP));
	options(pid, PTRACE_O_TRACEEXEC);
	cont(pid);
	expect(pid, EVENT(EXEC));
	effective = effective_id(pid);
	remove_copy();
	/* A tracer that has CAP_SYS_PTRACE does not hinder it. */
	equal(effective, 0);
	end(pid);
}

static void
own_child(void)
{
	pid_t pid = child(sleep_forever);

	if (geteuid() == 0) {
		kill(pid, SIGKILL);
		next_status(pid);
		become_user(BOB, BOB, 1);
		pid = child(sleep_forever);
	}
	must(pt(PTRACE_SEIZE, pid, 0, 0));
	end(pid);
}

static const struct test_case cases[] = {
    {"ATTACH, SEIZE, DETACH: the uids and gids match: allowed", same_user},
    {"ATTACH, SEIZE: EPERM, another user's process", other_user},
    {"ATTACH, SEIZE: EPERM, root's process", roots_process},
    {"ATTACH, SEIZE: EPERM, another group", other_group},
    {"ATTACH, SEIZE: EPERM, the target is not dumpable", not_dumpable},
    {"ATTACH, SEIZE: EPERM, all of real, effective and saved id must "
     "match",
     one_id_of_three},
    {"ATTACH: CAP_SYS_PTRACE allows all", root_may_all},
    {"ATTACH, SEIZE: EPERM, init", init_process},
    {"proc(5): mem is governed by the ptrace access mode", mem_of_other_user},
    {"TRACEME: a child of another user is the parent's still",
     child_changes_user},
    {"TRACEME: a set-user-ID bit has no effect under a tracer", setuid_exec},
    {"TRACEME: ... but with a tracer that has CAP_SYS_PTRACE",
     setuid_exec_of_root},
    {"SEIZE: a user's own child", own_child},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
