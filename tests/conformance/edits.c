/* SPDX-License-Identifier: MIT */
/*
 * Changes of a stopped tracee of which a library may tell the kernel late:
 * whatever comes next, they have been made.
 */
#include "cases.h"

#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#define OFTEN 8

static struct user_regs_struct regs;

/* A tracee whose registers have been asked for so often that all is mapped. */
static pid_t
start(void (*body)(void))
{
	pid_t pid = launch(body);
	siginfo_t info;
	long mask;

	options(pid, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	for (int i = 0; i < OFTEN; i++) {
		get_regs(pid, &regs);
		info = signal_info(pid);
		must(pt(PTRACE_SETSIGINFO, pid, 0, &info));
		must(pt(PTRACE_GETSIGMASK, pid, sizeof mask, &mask));
		must(pt(PTRACE_SETSIGMASK, pid, sizeof mask, &mask));
		set_regs(pid, &regs);
	}
	return pid;
}

static void
stop(void)
{
	kill(getpid(), SIGSTOP);
}

/* Exits with the number of a call that has no effect. */
static void
exit_with_ppid(void)
{
	_exit((int)syscall(SYS_getppid) & 0x7f);
}

static void
result_is_set(void)
{
	pid_t pid = start(exit_with_ppid);

	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	get_regs(pid, &regs);
	while (regs.orig_rax != SYS_getppid) {
		to_syscall(pid);
		expect(pid, SYSCALL_STOP);
		to_syscall(pid);
		expect(pid, SYSCALL_STOP);
		get_regs(pid, &regs);
	}
	for (regs.rax = 40; regs.rax < 44; regs.rax++)
		set_regs(pid, &regs);
	must(pt(PTRACE_POKEUSER, pid, offsetof(struct user_regs_struct, rax),
		55));
	equal(
	    pt(PTRACE_PEEKUSER, pid, offsetof(struct user_regs_struct, rax), 0),
	    55);
	get_regs(pid, &regs);
	equal(regs.rax, 55);
	cont(pid);
	expect(pid, EXITED(55));
}

/* At the entry of the call NR. */
static void
to_entry(pid_t pid, long nr)
{
	do {
		to_syscall(pid);
		expect(pid, SYSCALL_STOP);
		get_regs(pid, &regs);
	} while ((long)regs.orig_rax != nr || (long)regs.rax != -ENOSYS);
}

static void
call_is_skipped(void)
{
	pid_t pid = start(exit_with_ppid);

	to_entry(pid, SYS_getppid);
	must(pt(PTRACE_POKEUSER, pid,
		offsetof(struct user_regs_struct, orig_rax), -1));
	must(pt(PTRACE_POKEUSER, pid, offsetof(struct user_regs_struct, rax),
		33));
	cont(pid);
	expect(pid, EXITED(33));
}

static void
call_is_told(void)
{
	struct __ptrace_syscall_info info;
	pid_t pid = start(exit_with_ppid);

	to_entry(pid, SYS_getppid);
	regs.orig_rax = SYS_getpid;
	regs.rsi = 77;
	set_regs(pid, &regs);
	must(pt(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info));
	equal(info.op, PTRACE_SYSCALL_INFO_ENTRY);
	equal(info.entry.nr, SYS_getpid);
	equal(info.entry.args[1], 77);
	end(pid);
}

/* What a debugger writes and cannot be: as if it were not late at all. */
static void
refused_at_once(void)
{
	pid_t pid = start(spin_forever);
	struct user_regs_struct bad = regs, now;

	bad.rbx = 1234;
	bad.cs = 0;
	refused(pt(PTRACE_SETREGS, pid, 0, &bad), EIO);
	refused(pt(PTRACE_POKEUSER, pid,
		   offsetof(struct user_regs_struct, fs_base), 1UL << 63),
		EIO);
	set_regs(pid, &regs);
	bad = regs;
	bad.eflags |= 0x3200;
	set_regs(pid, &bad);
	get_regs(pid, &now);
	equal(now.eflags & 0x3200, regs.eflags & 0x3200);
	end(pid);
}

static void
mask_is_seen(void)
{
	pid_t pid = start(spin_forever);
	unsigned long mask = 1UL << (SIGUSR1 - 1), seen = 0;
	char line[256];
	FILE *f;

	must(pt(PTRACE_SETSIGMASK, pid, sizeof mask, &mask));
	snprintf(line, sizeof line, "/proc/%d/status", (int)pid);
	f = fopen(line, "r");
	check(f != NULL);
	while (fgets(line, sizeof line, f))
		sscanf(line, "SigBlk: %lx", &seen);
	fclose(f);
	equal(seen, mask);
	mask = 0;
	must(pt(PTRACE_SETSIGMASK, pid, sizeof mask, &mask));
	must(pt(PTRACE_GETSIGMASK, pid, sizeof mask, &mask));
	equal(mask, 0);
	end(pid);
}

static void
mask_blocks(void)
{
	unsigned long mask = 1UL << (SIGUSR1 - 1);
	pid_t pid = start(stop);

	must(pt(PTRACE_SETSIGMASK, pid, sizeof mask, &mask));
	kill(pid, SIGUSR1);
	cont(pid);
	/* The SIGSTOP of its body; not the signal that is blocked. */
	expect(pid, STOPPED(SIGSTOP));
	mask = 0;
	must(pt(PTRACE_SETSIGMASK, pid, sizeof mask, &mask));
	cont(pid);
	expect(pid, STOPPED(SIGUSR1));
	end(pid);
}

static void
note_value(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	post(1, info->si_value.sival_int);
	_exit(info->si_value.sival_int);
}

static void
take_value(void)
{
	struct sigaction sa = {.sa_flags = SA_SIGINFO};

	sa.sa_sigaction = note_value;
	sigaction(SIGUSR2, &sa, NULL);
	for (;;)
		raise(SIGUSR1);
}

static void
info_is_delivered(void)
{
	pid_t pid = start(take_value);
	siginfo_t info;

	cont(pid);
	expect(pid, STOPPED(SIGUSR1));
	info = signal_info(pid);
	info.si_signo = SIGUSR2;
	info.si_code = SI_QUEUE;
	for (int i = 1; i <= 17; i++) {
		info.si_value.sival_int = i;
		must(pt(PTRACE_SETSIGINFO, pid, 0, &info));
	}
	equal(signal_info(pid).si_value.sival_int, 17);
	must(pt(PTRACE_CONT, pid, 0, SIGUSR2));
	expect(pid, EXITED(17));
}

/* Exits with the low byte of xmm7. */
static void
exit_with_xmm(void)
{
	long v = 0;

	__asm__ volatile("movq %1, %%xmm7\n\tint3\n\tmovq %%xmm7, %0"
			 : "=r"(v)
			 : "r"(5L)
			 : "xmm7");
	_exit((int)v & 0x7f);
}

static void
floats_are_set(void)
{
	struct user_fpregs_struct f, now;
	pid_t pid = start(exit_with_xmm);

	cont(pid);
	expect(pid, STOPPED(SIGTRAP));
	for (int i = 0; i < OFTEN; i++) {
		must(pt(PTRACE_GETFPREGS, pid, 0, &f));
		equal(f.xmm_space[4 * 7], i ? 60 + i - 1 : 5);
		f.xmm_space[4 * 7] = 60 + (unsigned)i;
		must(pt(PTRACE_SETFPREGS, pid, 0, &f));
	}
	must(pt(PTRACE_GETFPREGS, pid, 0, &now));
	equal(memcmp(&f, &now, 416), 0);
	f.mxcsr = ~0u;
	refused(pt(PTRACE_SETFPREGS, pid, 0, &f), EINVAL);
	cont(pid);
	expect(pid, EXITED(60 + OFTEN - 1));
}

static void
exit_event(void)
{
	pid_t pid = start(spin_forever);
	int status;

	options(pid, PTRACE_O_TRACEEXIT);
	regs.rbx = 4711;
	set_regs(pid, &regs);
	kill(pid, SIGKILL);
	/* It need not stop; if it does, this is what it has. */
	while (status = next_status(pid), WIFSTOPPED(status)) {
		equal(status, EVENT(EXIT));
		get_regs(pid, &regs);
		equal(regs.rbx, 4711);
		cont(pid);
	}
	equal(status, KILLED_BY(SIGKILL));
}

/* Jumps to exit_now() by its new rip. */
static void
exit_now(void)
{
	_exit(21);
}

static void
redirect(pid_t pid)
{
	regs.rip = (uintptr_t)exit_now;
	regs.rsp = (regs.rsp & ~15UL) - 1024 - 8;
	regs.orig_rax = ~0UL;
	set_regs(pid, &regs);
}

static void
detached(void)
{
	pid_t pid = start(spin_forever);
	int status;

	redirect(pid);
	must(pt(PTRACE_DETACH, pid, 0, 0));
	equal(waitpid(pid, &status, 0), pid);
	equal(status, EXITED(21));
}

static void
trace_and_end(void)
{
	pid_t pid = (pid_t)await(2);

	must(pt(PTRACE_ATTACH, pid, 0, 0));
	expect(pid, STOPPED(SIGSTOP));
	for (int i = 0; i < OFTEN; i++) {
		get_regs(pid, &regs);
		set_regs(pid, &regs);
	}
	redirect(pid);
}

static void
tracer_ends(void)
{
	pid_t pid = child(spin_forever), tracer = child(trace_and_end);
	int status;

	post(2, pid);
	equal(waitpid(tracer, &status, 0), tracer);
	equal(status, EXITED(0));
	equal(waitpid(pid, &status, 0), pid);
	equal(status, EXITED(21));
}

/* A fork of the tracer has no tracee, whatever it has inherited. */
static void
fork_of_the_tracer(void)
{
	pid_t pid = start(exit_with_ppid), other;
	int status;

	to_entry(pid, SYS_getppid);
	other = fork();
	if (!other) {
		regs.orig_rax = ~0UL;
		regs.rax = 99;
		refused(pt(PTRACE_SETREGS, pid, 0, &regs), ESRCH);
		refused(pt(PTRACE_POKEUSER, pid, 0, 1), ESRCH);
		_exit(0);
	}
	equal(waitpid(other, &status, 0), other);
	equal(status, EXITED(0));
	cont(pid);
	expect(pid, EXITED(getpid() & 0x7f));
}

static void
fork_once(void)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	waitpid(pid, &status, 0);
}

static void
options_in_time(void)
{
	pid_t pid = start(fork_once), other;
	int status;

	options(pid,
		PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK);
	cont(pid);
	expect(pid, EVENT(FORK));
	options(pid, PTRACE_O_EXITKILL);
	cont(pid);
	do {
		other = waitpid(-1, &status, __WALL);
		check(other > 0);
		if (WIFSTOPPED(status))
			cont(other);
	} while (other != pid || WIFSTOPPED(status));
	equal(status, EXITED(0));
}

static const struct test_case cases[] = {
    {"SETREGS, POKEUSER: the last value counts when the tracee goes on",
     result_is_set},
    {"POKEUSER: a system call is skipped by the number -1", call_is_skipped},
    {"SETREGS, GET_SYSCALL_INFO: the call is that of the new registers",
     call_is_told},
    {"SETREGS, POKEUSER: what may not be is refused at once", refused_at_once},
    {"SETSIGMASK: others see the mask at once", mask_is_seen},
    {"SETSIGMASK: a signal is blocked, and not any more", mask_blocks},
    {"SETSIGINFO: what is delivered is what was set last", info_is_delivered},
    {"SETFPREGS, GETFPREGS: in turn, and when the tracee goes on",
     floats_are_set},
    {"SETREGS: a tracee that is killed has the new registers", exit_event},
    {"SETREGS, DETACH: registers are set before it goes on", detached},
    {"SETREGS: registers are set before the tracer's end lets it go",
     tracer_ends},
    {"SETREGS, POKEUSER: a fork of the tracer has no tracee",
     fork_of_the_tracer},
    {"SETOPTIONS: they count from the next resumption on", options_in_time},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
