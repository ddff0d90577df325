/* SPDX-License-Identifier: MIT */
/* Seccomp filters and their tracer. */
#include "cases.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define REQ_GET_FILTER	  0x420c
#define REQ_GET_METADATA  0x420d
#define O_SUSPEND_SECCOMP (1 << 21)

/* SYS_getppid goes to the tracer, with this for it. */
#define DATA 0x1234

static struct sock_filter filter[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | DATA),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgid, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 77),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static void
install(void)
{
	struct sock_fprog program = {COUNT(filter), filter};

	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0));
}

static void
filtered_call(void)
{
	long result;

	install();
	errno = 0;
	result = syscall(SYS_getppid);
	post(0, result);
	post(1, errno);
}

static struct user_regs_struct
regs_of(pid_t pid)
{
	struct user_regs_struct regs;

	get_regs(pid, &regs);
	return regs;
}

static pid_t
at_event(void)
{
	pid_t pid = launch(filtered_call);

	options(pid, PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD);
	cont(pid);
	expect(pid, EVENT(SECCOMP));
	return pid;
}

static void
event(void)
{
	pid_t pid = at_event();

	equal(event_message(pid), DATA);
	equal(regs_of(pid).orig_rax, SYS_getppid);
	equal((long)regs_of(pid).rax, -ENOSYS);
	equal(signal_info(pid).si_code, SIGTRAP | PTRACE_EVENT_SECCOMP << 8);
	cont(pid);
	expect(pid, EXITED(0));
	equal(board[0], getpid());
}

static void
untraced(void)
{
	pid_t pid = child(filtered_call);

	expect(pid, EXITED(0));
	equal(board[0], -1);
	equal(board[1], ENOSYS);
}

static void
without_option(void)
{
	pid_t pid = launch(filtered_call);

	cont(pid);
	expect(pid, EXITED(0));
	equal(board[0], -1);
	equal(board[1], ENOSYS);
}

static void
then_exit_stop(void)
{
	pid_t pid = at_event();

	/* The entry stop has been before the filter: next is the exit. */
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal(event_message(pid), 2);
	equal((long)regs_of(pid).rax, getpid());
	end(pid);
}

static void
after_entry_stop(void)
{
	pid_t pid = launch(filtered_call);
	int status;

	options(pid, PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD);
	do {
		to_syscall(pid);
		status = next_status(pid);
		check(status == SYSCALL_STOP);
	} while (regs_of(pid).orig_rax != SYS_getppid);
	to_syscall(pid);
	expect(pid, EVENT(SECCOMP));
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal(event_message(pid), 2);
	end(pid);
}

static void
skipped(void)
{
	pid_t pid = at_event();
	struct user_regs_struct regs = regs_of(pid);

	regs.orig_rax = (unsigned long)-1;
	regs.rax = 4242;
	set_regs(pid, &regs);
	cont(pid);
	expect(pid, EXITED(0));
	equal(board[0], 4242);
}

static void
checked_again(void)
{
	pid_t pid = at_event();
	struct user_regs_struct regs = regs_of(pid);

	/* Another number is filtered too, but does not stop again. */
	regs.orig_rax = SYS_getpgid;
	set_regs(pid, &regs);
	cont(pid);
	expect(pid, EXITED(0));
	equal(board[0], -1);
	equal(board[1], 77);
}

static void
changed_to_allowed(void)
{
	pid_t pid = at_event();
	struct user_regs_struct regs = regs_of(pid);

	regs.orig_rax = SYS_getpid;
	set_regs(pid, &regs);
	cont(pid);
	expect(pid, EXITED(0));
	equal(board[0], pid);
}

static void
install_and_stop(void)
{
	install();
	raise(SIGSTOP);
	post(0, syscall(SYS_getpgid, 0));
	post(1, errno);
}

static void
get_filter(void)
{
	struct sock_filter copy[COUNT(filter)];
	struct {
		uint64_t off, flags;
	} metadata = {0, ~0ull};
	pid_t pid = launch(install_and_stop);
	long count;

	if (geteuid() != 0)
		not_here("not root");
	cont(pid);
	expect(pid, STOPPED(SIGSTOP));
	count = pt(REQ_GET_FILTER, pid, 0, 0);
	if (count == -1 && errno == EIO)
		not_here("a kernel without CONFIG_CHECKPOINT_RESTORE");
	equal(must(count), COUNT(filter));
	equal(must(pt(REQ_GET_FILTER, pid, 0, copy)), COUNT(filter));
	for (size_t i = 0; i < COUNT(filter); i++) {
		equal(copy[i].code, filter[i].code);
		equal(copy[i].k, filter[i].k);
	}
	refused(pt(REQ_GET_FILTER, pid, 1, copy), ENOENT);
	equal(must(pt(REQ_GET_METADATA, pid, sizeof metadata, &metadata)),
	      sizeof metadata);
	equal(metadata.flags, 0);
	end(pid);
}

static void
get_no_filter(void)
{
	pid_t pid = launch(do_nothing);
	long result = pt(REQ_GET_FILTER, pid, 0, 0);

	equal(result, -1);
	if (errno == EIO)
		not_here("a kernel without CONFIG_CHECKPOINT_RESTORE");
	equal(errno, geteuid() == 0 ? EINVAL : EACCES);
	end(pid);
}

static void
suspended(void)
{
	pid_t pid = launch(install_and_stop);

	cont(pid);
	expect(pid, STOPPED(SIGSTOP));
	if (pt(PTRACE_SETOPTIONS, pid, 0, O_SUSPEND_SECCOMP) == -1)
		not_here("not root, or without CONFIG_CHECKPOINT_RESTORE");
	cont(pid);
	expect(pid, EXITED(0));
	equal(board[0], getpgrp());
}

static void
kill_by_filter(void)
{
	struct sock_filter deadly[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		     offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP | 5),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {COUNT(deadly), deadly};

	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0));
	syscall(SYS_getppid);
}

static void
sigsys(void)
{
	pid_t pid = launch(kill_by_filter);
	siginfo_t info;

	cont(pid);
	expect(pid, STOPPED(SIGSYS));
	info = signal_info(pid);
	equal(info.si_code, 1); /* SYS_SECCOMP */
	equal(info.si_syscall, SYS_getppid);
	equal(info.si_errno, 5);
	equal(regs_of(pid).rax, SYS_getppid);
	end(pid);
}

static const struct test_case cases[] = {
    {"SETOPTIONS, GETEVENTMSG: TRACESECCOMP, stop when a rule says "
     "RET_TRACE; its data is the message",
     event},
    {"without a tracer RET_TRACE is ENOSYS", untraced},
    {"SETOPTIONS: ... and without the option", without_option},
    {"SYSCALL: from the event the next stop is the exit", then_exit_stop},
    {"SYSCALL: the event comes after the entry stop", after_entry_stop},
    {"SETREGS: orig_rax -1 in the event skips the call", skipped},
    {"SETREGS: a number changed in the event is filtered again", checked_again},
    {"SETREGS: ... and run if it may be", changed_to_allowed},
    {"SECCOMP_GET_FILTER, SECCOMP_GET_METADATA: the tracee's filters",
     get_filter},
    {"SECCOMP_GET_FILTER: EINVAL if it has none", get_no_filter},
    {"SETOPTIONS: SUSPEND_SECCOMP suspends the filters", suspended},
    {"GETSIGINFO: SIGSYS of RET_TRAP", sigsys},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
