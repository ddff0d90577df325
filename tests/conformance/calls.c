/* SPDX-License-Identifier: MIT */
/*
 * How many system calls a request makes: a tracer that is traced itself, and
 * counted. On Linux each is one. Where ptrace() is a library's, none may be
 * more than one, and what is asked for often is none.
 */
#include "cases.h"

#include <elf.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define OFTEN 8

/* What stands before and after that which is counted. */
#define MARK SYS_getppid

static struct user_regs_struct regs;
static struct user_fpregs_struct fpregs;
static unsigned char xstate[16384];
static siginfo_t info;
static long mask[1];
static volatile long word = 5;
static unsigned char call_info[88];

static const struct request {
	const char *name;
	long request;
	uintptr_t addr, data;
	int most; /* where it is a library's */
} requests[] = {
    {"PEEKDATA", PTRACE_PEEKDATA, (uintptr_t)&word, 0, 0},
    {"PEEKTEXT", PTRACE_PEEKTEXT, (uintptr_t)&word, 0, 0},
    {"PEEKUSER", PTRACE_PEEKUSER, 8 * 16, 0, 0},
    {"GETREGS", PTRACE_GETREGS, 0, (uintptr_t)&regs, 0},
    {"POKEDATA", PTRACE_POKEDATA, (uintptr_t)&word, 6, 0},
    {"POKETEXT", PTRACE_POKETEXT, (uintptr_t)&word, 7, 0},
    {"POKEUSER", PTRACE_POKEUSER, 8 * 2, 9, 0},
    {"SETREGS", PTRACE_SETREGS, 0, (uintptr_t)&regs, 0},
    {"GETFPREGS", PTRACE_GETFPREGS, 0, (uintptr_t)&fpregs, 0},
    {"SETFPREGS", PTRACE_SETFPREGS, 0, (uintptr_t)&fpregs, 0},
    {"GETSIGINFO", PTRACE_GETSIGINFO, 0, (uintptr_t)&info, 0},
    {"SETSIGINFO", PTRACE_SETSIGINFO, 0, (uintptr_t)&info, 0},
    {"GETSIGMASK", PTRACE_GETSIGMASK, 8, (uintptr_t)mask, 0},
    {"SETSIGMASK", PTRACE_SETSIGMASK, 8, (uintptr_t)mask, 0},
    {"GETEVENTMSG", PTRACE_GETEVENTMSG, 0, (uintptr_t)mask, 0},
    {"SETOPTIONS", PTRACE_SETOPTIONS, 0, 0, 0},
    {"GET_SYSCALL_INFO", PTRACE_GET_SYSCALL_INFO, sizeof call_info,
     (uintptr_t)call_info, 0},
    {"ARCH_PRCTL", PTRACE_ARCH_PRCTL, (uintptr_t)mask, 0x1003, 0},
    {"SYSCALL", PTRACE_SYSCALL, 0, 0, 1},
};

static const struct request *asked;

/* The request, so often that all is open and mapped, and once more. */
static void
asks(void)
{
	pid_t pid = launch(spin_forever);
	struct request r = *asked;

	get_regs(pid, &regs);
	must(pt(PTRACE_GETFPREGS, pid, 0, &fpregs));
	info = signal_info(pid);
	for (int i = 0; i < OFTEN && r.request != PTRACE_SYSCALL; i++)
		must(pt(r.request, pid, r.addr, r.data));
	syscall(MARK);
	must(pt(r.request, pid, r.addr, r.data));
	syscall(MARK);
	end(pid);
}

/* The next stop at a system call; its number. */
static long
next_call(pid_t pid)
{
	struct user_regs_struct at;

	to_syscall(pid);
	while (next_status(pid) != SYSCALL_STOP)
		to_syscall(pid);
	get_regs(pid, &at);
	return (long)at.orig_rax;
}

/* Between two marks of PID: how many system calls. Each is two stops. */
static int
count(pid_t pid)
{
	int stops = 0;

	while (next_call(pid) != MARK)
		;
	next_call(pid);
	while (next_call(pid) != MARK)
		stops++;
	return stops / 2;
}

static int
of(const struct request *r)
{
	pid_t pid;
	int n;

	asked = r;
	pid = launch(asks);
	options(pid, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	n = count(pid);
	must(pt(PTRACE_DETACH, pid, 0, 0));
	expect(pid, EXITED(0));
	return n;
}

static void
counted(void)
{
	int library = syscall(SYS_ptrace, PTRACE_PEEKDATA, 0, 0, 0) < 0 &&
		      errno == ENOSYS;

	for (size_t i = 0; i < COUNT(requests); i++) {
		int n = of(&requests[i]);

		if (n > (library ? requests[i].most : 1)) {
			fprintf(stderr, "# %s: %d\n", requests[i].name, n);
			check(!"more system calls than it needs");
		}
	}
}

static void
sets(void)
{
	struct iovec iov = {&regs, sizeof regs};
	struct iovec x = {xstate, sizeof xstate};
	static struct request r[] = {
	    {"GETREGSET", PTRACE_GETREGSET, NT_PRSTATUS, 0, 0},
	    {"GETREGSET", PTRACE_GETREGSET, NT_X86_XSTATE, 0, 1},
	};
	int library = syscall(SYS_ptrace, PTRACE_PEEKDATA, 0, 0, 0) < 0 &&
		      errno == ENOSYS;

	r[0].data = (uintptr_t)&iov;
	r[1].data = (uintptr_t)&x;
	for (size_t i = 0; i < COUNT(r); i++)
		check(of(&r[i]) <= (library ? r[i].most : 1));
}

static const struct test_case cases[] = {
    {"PEEKDATA, GETREGS, POKEDATA, SETREGS, GETSIGINFO, GET_SYSCALL_INFO, "
     "SYSCALL: the system calls that a request makes",
     counted},
    {"GETREGSET: likewise", sets},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
