/* SPDX-License-Identifier: MIT */
/* System call user dispatch, as prctl(2) and its tracer set it. */
#include "cases.h"

#include <sys/prctl.h>
#include <sys/syscall.h>

#define SET_DISPATCH 59 /* of prctl() */
#define REQ_SET	     0x4210
#define REQ_GET	     0x4211
#define CODE	     2 /* SYS_USER_DISPATCH */

enum { OFF, OUTSIDE };
enum { ALLOW, BLOCK };

struct config {
	uint64_t mode, selector, offset, len;
};

static volatile char selector;

static void
on_sigsys(int sig, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;

	selector = ALLOW;
	(void)sig;
	post(0, info->si_code);
	post(1, info->si_syscall);
	post(2, (long)uc->uc_mcontext.gregs[REG_RAX]);
	post(3, (uintptr_t)info->si_call_addr ==
		    (uintptr_t)uc->uc_mcontext.gregs[REG_RIP]);
}

static void
handled(void)
{
	struct sigaction sa = {.sa_flags = SA_SIGINFO};

	sa.sa_sigaction = on_sigsys;
	must(sigaction(SIGSYS, &sa, NULL));
}

static void
blocked_call(void)
{
	handled();
	raise(SIGSTOP);
	selector = BLOCK;
	post(4, syscall(SYS_getppid));
	selector = ALLOW;
}

static void
set(pid_t pid, uint64_t mode, uint64_t at, uint64_t offset, uint64_t len)
{
	struct config c = {mode, at, offset, len};

	must(pt(REQ_SET, pid, sizeof c, &c));
}

static pid_t
before_the_call(void)
{
	pid_t pid = launch(blocked_call);

	cont(pid);
	expect(pid, STOPPED(SIGSTOP));
	return pid;
}

static void
by_the_tracer(void)
{
	pid_t pid = before_the_call();
	struct config c;

	set(pid, OUTSIDE, (uintptr_t)&selector, 0, 0);
	must(pt(REQ_GET, pid, sizeof c, &c));
	equal(c.mode, OUTSIDE);
	equal(c.selector, (uintptr_t)&selector);
	equal(c.offset, 0);
	equal(c.len, 0);
	cont(pid);
	expect(pid, STOPPED(SIGSYS));
	equal(signal_info(pid).si_code, CODE);
	must(pt(PTRACE_CONT, pid, 0, SIGSYS));
	expect(pid, EXITED(0));
	equal(board[0], CODE);
	equal(board[1], SYS_getppid);
	equal(board[2], SYS_getppid);
	equal(board[3], 1);
	equal(board[4], SYS_getppid);
}

/* The next stop of PID but those of calls that are not NR. */
static int
next_but_calls(pid_t pid, long nr)
{
	struct user_regs_struct regs;
	int status;

	for (;;) {
		to_syscall(pid);
		status = next_status(pid);
		if (status != SYSCALL_STOP)
			return status;
		get_regs(pid, &regs);
		if (regs.orig_rax == (unsigned long)nr)
			return status;
	}
}

static void
no_call_stop(void)
{
	pid_t pid = before_the_call();

	options(pid, PTRACE_O_TRACESYSGOOD);
	set(pid, OUTSIDE, (uintptr_t)&selector, 0, 0);
	equal(next_but_calls(pid, SYS_getppid), STOPPED(SIGSYS));
	end(pid);
}

static void
within_the_range(void)
{
	pid_t pid = before_the_call();

	set(pid, OUTSIDE, 0, 1, UINT64_MAX - 1);
	cont(pid);
	expect(pid, EXITED(0));
	equal(board[0], 0);
	equal(board[4], getpid());
}

static void
turned_off(void)
{
	pid_t pid = before_the_call();

	set(pid, OUTSIDE, (uintptr_t)&selector, 0, 0);
	set(pid, OFF, 0, 0, 0);
	cont(pid);
	expect(pid, EXITED(0));
	equal(board[4], getpid());
}

static void
bad_selector(void)
{
	pid_t pid = before_the_call();

	selector = BLOCK;
	set(pid, OUTSIDE, (uintptr_t)&board[20], 0, 0);
	board[20] = 7;
	cont(pid);
	expect(pid, KILLED_BY(SIGSYS));
	pid = before_the_call();
	set(pid, OUTSIDE, 8, 0, 0);
	cont(pid);
	expect(pid, KILLED_BY(SIGSEGV));
}

static void
errors(void)
{
	pid_t pid = launch(do_nothing);
	struct config c = {OFF, 0, 0, 0};

	must(pt(REQ_SET, pid, sizeof c, &c));
	refused(pt(REQ_SET, pid, 8, &c), EINVAL);
	refused(pt(REQ_GET, pid, 8, &c), EINVAL);
	c.len = 1;
	refused(pt(REQ_SET, pid, sizeof c, &c), EINVAL);
	c = (struct config){OUTSIDE, 0, 4096, 0};
	refused(pt(REQ_SET, pid, sizeof c, &c), EINVAL);
	c = (struct config){OUTSIDE, 0, 4096, -(uint64_t)4096};
	refused(pt(REQ_SET, pid, sizeof c, &c), EINVAL);
	c = (struct config){OUTSIDE, 0xffff888000000000, 0, 0};
	refused(pt(REQ_SET, pid, sizeof c, &c), EFAULT);
	c = (struct config){9, 0, 0, 0};
	refused(pt(REQ_SET, pid, sizeof c, &c), EINVAL);
	must(pt(REQ_GET, pid, sizeof c, &c));
	equal(c.mode, OFF);
	end(pid);
}

static void
sets_itself(void)
{
	pid_t pid;

	handled();
	must(prctl(SET_DISPATCH, OUTSIDE, 0, 0, &selector));
	selector = BLOCK;
	post(4, syscall(SYS_getppid));
	selector = ALLOW;
	pid = child(blocked_call);
	until_state(pid, "T");
	must(kill(pid, SIGCONT));
	expect(pid, EXITED(0));
	raise(SIGSTOP);
	exec_self(7);
}

static void
by_prctl(void)
{
	pid_t pid = launch(sets_itself);
	struct config c;

	refused(prctl(SET_DISPATCH, 9, 0, 0, 0), EINVAL);
	refused(prctl(SET_DISPATCH, OFF, 1, 0, 0), EINVAL);
	cont(pid);
	expect(pid, STOPPED(SIGSYS));
	must(pt(PTRACE_CONT, pid, 0, SIGSYS));
	for (;;) {
		int status = next_status(pid);

		if (status == STOPPED(SIGSTOP))
			break;
		equal(status, STOPPED(SIGCHLD));
		cont(pid);
	}
	/* The child of the fork began without: its call was made. */
	equal(board[4], pid);
	must(pt(REQ_GET, pid, sizeof c, &c));
	equal(c.mode, OUTSIDE);
	equal(c.selector, (uintptr_t)&selector);
	options(pid, PTRACE_O_TRACEEXEC);
	cont(pid);
	expect(pid, EVENT(EXEC));
	must(pt(REQ_GET, pid, sizeof c, &c));
	equal(c.mode, OFF);
	cont(pid);
	expect(pid, EXITED(7));
}

static const struct test_case cases[] = {
    {"SET_SYSCALL_USER_DISPATCH_CONFIG, GET_SYSCALL_USER_DISPATCH_CONFIG: "
     "a call is SIGSYS while the selector says so",
     by_the_tracer},
    {"SET_SYSCALL_USER_DISPATCH_CONFIG, SYSCALL: no stop of a call that is not "
     "made",
     no_call_stop},
    {"SET_SYSCALL_USER_DISPATCH_CONFIG: calls within the range are made",
     within_the_range},
    {"SET_SYSCALL_USER_DISPATCH_CONFIG: turned off", turned_off},
    {"SET_SYSCALL_USER_DISPATCH_CONFIG: a selector of another value, or of no "
     "memory, kills",
     bad_selector},
    {"SET_SYSCALL_USER_DISPATCH_CONFIG: EINVAL, EFAULT", errors},
    {"GET_SYSCALL_USER_DISPATCH_CONFIG: what prctl(2) set; fork and exec begin "
     "without",
     by_prctl},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
