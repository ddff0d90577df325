/* SPDX-License-Identifier: MIT */
/*
 * What a tracer may do once its tracee's rights change, and what rights a
 * tracee can get: ptrace(2), "Ptrace access mode checking", and execve(2).
 */
#include "cases.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static volatile long word = 4711;

/* ---- rights that change ---- */

static void
hide(void)
{
	must(prctl(PR_SET_DUMPABLE, 0));
	raise(SIGSTOP);
}

static pid_t
hidden_tracee(void)
{
	pid_t pid = launch(hide);

	cont(pid);
	expect(pid, STOPPED(SIGSTOP));
	return pid;
}

static void
hidden_of_root(void)
{
	pid_t pid;

	need_root();
	pid = hidden_tracee();
	equal(peek(pid, &word), 4711);
	must(pt(PTRACE_POKEDATA, pid, &word, 5));
	equal(peek(pid, &word), 5);
	end(pid);
}

static void
hidden_without_rights(void)
{
	long copy;
	struct iovec local = {&copy, sizeof copy};
	struct iovec remote = {(void *)(uintptr_t)&word, sizeof word};
	struct user_regs_struct regs;
	char path[64];
	pid_t pid;

	without_rights();
	pid = hidden_tracee();
	/* Its registers are the tracer's still, its memory is not. */
	get_regs(pid, &regs);
	set_regs(pid, &regs);
	refused(pt(PTRACE_PEEKDATA, pid, &word, 0), EIO);
	refused(pt(PTRACE_POKEDATA, pid, &word, 5), EIO);
	refused(process_vm_readv(pid, &local, 1, &remote, 1, 0), EPERM);
	snprintf(path, sizeof path, "/proc/%d/mem", pid);
	refused(open(path, O_RDONLY | O_CLOEXEC), EACCES);
	cont(pid);
	expect(pid, EXITED(0));
}

static void
stronger_traceme(void)
{
	await(0);
	post(1, pt(PTRACE_TRACEME, 0, 0, 0) == -1 ? errno : -1);
}

static void
traceme_of_stronger(void)
{
	pid_t pid;

	need_root();
	pid = child(stronger_traceme);
	be_alice();
	post(0, 1);
	equal(await(1), EPERM);
	expect(pid, EXITED(0));
}

/* ---- programs that are not like others ---- */

static char copy_name[64];

/* A copy of this program with other owners and MODE. */
static void
make_copy(uid_t user, gid_t group, mode_t mode)
{
	char bytes[65536];
	ssize_t got;
	int from = (int)must(open("/proc/self/exe", O_RDONLY | O_CLOEXEC)), to;

	strcpy(copy_name, "/tmp/conformance.XXXXXX");
	to = (int)must(mkstemp(copy_name));
	while ((got = must(read(from, bytes, sizeof bytes))) > 0)
		equal(must(write(to, bytes, (size_t)got)), got);
	must(fchown(to, user, group));
	must(fchmod(to, mode));
	close(to);
	close(from);
}

static void
exec_copy(void)
{
	char five[] = "5", pause[] = "-1";
	char *argv[] = {"copy", "--exit", board[8] ? pause : five, NULL};

	execv(copy_name, argv);
}

/* The effective id that /proc/PID/status tells under NAME. */
static int
effective(pid_t pid, const char *name)
{
	char path[64], line[256], format[32];
	int real = -1, id = -1;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/status", pid);
	snprintf(format, sizeof format, "%s: %%d %%d", name);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file)) {
		if (sscanf(line, format, &real, &id) == 2)
			break;
	}
	if (file)
		fclose(file);
	return id;
}

static void
seize_and_exec(void)
{
	pid_t pid;

	be_alice();
	pid = seize(exec_copy, PTRACE_O_TRACEEXEC);
	expect(pid, EVENT(EXEC));
	post(1, effective(pid, "Uid"));
	post(2, effective(pid, "Gid"));
	/* It keeps what it has when the tracer goes. */
	must(pt(PTRACE_DETACH, pid, 0, 0));
	expect(pid, EXITED(5));
}

static void
exec_untraced(void)
{
	be_alice();
	post(3, getpid());
	exec_copy();
}

static void
alice_cannot(void)
{
	pid_t pid = (pid_t)board[3];

	be_alice();
	refused(pt(PTRACE_ATTACH, pid, 0, 0), EPERM);
	refused(pt(PTRACE_SEIZE, pid, 0, 0), EPERM);
}

/* Runs BODY with a copy made so, which is then removed. */
static void
with_copy(uid_t user, gid_t group, mode_t mode, void (*body)(void))
{
	int status;

	need_root();
	make_copy(user, group, mode);
	status = next_status(child(body));
	unlink(copy_name);
	equal(status, EXITED(0));
}

static void
set_user_id(void)
{
	with_copy(0, 0, 04755, seize_and_exec);
	equal(board[1], ALICE);
	equal(board[2], ALICE);
}

static void
set_group_id(void)
{
	with_copy(0, 0, 02755, seize_and_exec);
	equal(board[1], ALICE);
	equal(board[2], ALICE);
}

static void
run_untraced(void)
{
	pid_t pid = child(exec_untraced);

	until_state(pid, "S");
	while (effective(pid, board[9] ? "Gid" : "Uid") != 0)
		;
	until_state(pid, "S");
	expect(child(alice_cannot), EXITED(0));
	end(pid);
}

static void
set_user_id_untraced(void)
{
	post(8, 1);
	with_copy(0, 0, 04755, run_untraced);
}

static void
set_group_id_untraced(void)
{
	post(8, 1);
	post(9, 1);
	with_copy(0, 0, 02755, run_untraced);
}

static void
exec_unreadable(void)
{
	pid_t pid;
	struct user_regs_struct regs;

	be_alice();
	pid = launch(exec_copy);
	options(pid, PTRACE_O_TRACEEXEC);
	cont(pid);
	expect(pid, EVENT(EXEC));
	get_regs(pid, &regs);
	refused(pt(PTRACE_PEEKDATA, pid, regs.rip, 0), EIO);
	cont(pid);
	expect(pid, EXITED(5));
}

static void
not_readable(void)
{
	with_copy(0, 0, 0711, exec_unreadable);
}

static const struct test_case cases[] = {
    {"PEEKDATA, POKEDATA: a tracee that is not dumpable any more, "
     "CAP_SYS_PTRACE",
     hidden_of_root},
    {"PEEKDATA, POKEDATA, GETREGS, SETREGS: ... EIO without it",
     hidden_without_rights},
    {"TRACEME: EPERM, the parent has less rights than the child",
     traceme_of_stronger},
    {"SEIZE, DETACH: a set-user-ID bit has no effect, and gets none later",
     set_user_id},
    {"SEIZE, DETACH: likewise a set-group-ID bit", set_group_id},
    {"ATTACH, SEIZE: EPERM, a set-user-ID program", set_user_id_untraced},
    {"ATTACH, SEIZE: EPERM, a set-group-ID program", set_group_id_untraced},
    {"PEEKDATA: EIO, a program that the tracer may not read", not_readable},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
