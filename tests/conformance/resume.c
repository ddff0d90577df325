/* SPDX-License-Identifier: MIT */
/* PTRACE_CONT, PTRACE_SYSCALL, PTRACE_SYSEMU and its stepping kin. */
#include "cases.h"

#include <sys/syscall.h>

static struct user_regs_struct
regs_of(pid_t pid)
{
	struct user_regs_struct regs;

	get_regs(pid, &regs);
	return regs;
}

static void
two_calls(void)
{
	syscall(SYS_getppid);
	syscall(SYS_close, -1);
}

/* A tracee that stands before its first call. */
static pid_t
before_calls(void)
{
	pid_t pid = launch(two_calls);

	options(pid, PTRACE_O_TRACESYSGOOD);
	/* What libc does after the signal is not of interest. */
	do {
		to_syscall(pid);
		expect(pid, SYSCALL_STOP);
	} while (regs_of(pid).orig_rax != SYS_getppid);
	return pid;
}

static void
entry_and_exit(void)
{
	pid_t pid = before_calls();

	equal((long)regs_of(pid).rax, -ENOSYS);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal(regs_of(pid).orig_rax, SYS_getppid);
	equal((long)regs_of(pid).rax, getpid());
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal(regs_of(pid).orig_rax, SYS_close);
	equal((int)regs_of(pid).rdi, -1);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal((long)regs_of(pid).rax, -EBADF);
	cont(pid);
	expect(pid, EXITED(0));
}

static void
no_exit_stop(void)
{
	pid_t pid = before_calls();

	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	check(regs_of(pid).orig_rax == SYS_exit_group);
	to_syscall(pid);
	expect(pid, EXITED(0));
}

static void
without_sysgood(void)
{
	pid_t pid = launch(two_calls);
	siginfo_t info;

	to_syscall(pid);
	expect(pid, STOPPED(SIGTRAP));
	info = signal_info(pid);
	equal(info.si_code, SIGTRAP);
	options(pid, PTRACE_O_TRACESYSGOOD);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	info = signal_info(pid);
	equal(info.si_signo, SIGTRAP);
	equal(info.si_code, SIGTRAP | 0x80);
	end(pid);
}

static void
event_message_of_stop(void)
{
	pid_t pid = before_calls();

	equal(event_message(pid), 1);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal(event_message(pid), 2);
	end(pid);
}

static void
cont_between(void)
{
	pid_t pid = before_calls();

	/* From an entry: its exit and all else pass unseen. */
	cont(pid);
	expect(pid, EXITED(0));
}

static void
bad_signal(void)
{
	pid_t pid = launch(do_nothing);

	refused(pt(PTRACE_CONT, pid, 0, 65), EIO);
	refused(pt(PTRACE_SYSCALL, pid, 0, 1000), EIO);
	refused(pt(PTRACE_SINGLESTEP, pid, 0, -1), EIO);
	equal(must(waitpid(pid, NULL, WNOHANG)), 0);
	cont(pid);
	expect(pid, EXITED(0));
}

static void
addr_is_ignored(void)
{
	pid_t pid = launch(do_nothing);

	must(pt(PTRACE_CONT, pid, 1, 0));
	expect(pid, EXITED(0));
}

static void
use_result(void)
{
	_exit(syscall(SYS_getppid) == 0x1234 ? 8 : 1);
}

static void
emulated(void)
{
	pid_t pid = launch(use_result);
	struct user_regs_struct regs;

	options(pid, PTRACE_O_TRACESYSGOOD);
	do {
		must(pt(PTRACE_SYSEMU, pid, 0, 0));
		expect(pid, SYSCALL_STOP);
		regs = regs_of(pid);
		equal((long)regs.rax, -ENOSYS);
	} while (regs.orig_rax != SYS_getppid);
	regs.rax = 0x1234;
	set_regs(pid, &regs);
	/* There is no exit stop: the next is the entry of exit_group. */
	must(pt(PTRACE_SYSEMU, pid, 0, 0));
	expect(pid, SYSCALL_STOP);
	check(regs_of(pid).orig_rax == SYS_exit_group);
	equal(regs_of(pid).rdi, 8);
	end(pid);
}

static void
loop_on_getppid(void)
{
	for (;;)
		post(0, syscall(SYS_getppid));
}

static void
emulated_not_run(void)
{
	pid_t pid = launch(loop_on_getppid);

	options(pid, PTRACE_O_TRACESYSGOOD);
	must(pt(PTRACE_SYSEMU, pid, 0, 0));
	expect(pid, SYSCALL_STOP);
	if (regs_of(pid).orig_rax != SYS_getppid) {
		/* libc's return from raise() */
		cont(pid);
		await(0);
		must(kill(pid, SIGSTOP));
		expect(pid, STOPPED(SIGSTOP));
	}
	for (int i = 0; i < 5; i++) {
		must(pt(PTRACE_SYSEMU, pid, 0, 0));
		expect(pid, SYSCALL_STOP);
		equal(event_message(pid), 1);
	}
	/* Not run, so the result is that of no call. */
	must(pt(PTRACE_SYSEMU, pid, 0, 0));
	expect(pid, SYSCALL_STOP);
	equal(board[0], -1);
	end(pid);
}

/* clang-format off */
__asm__(".pushsection .text\n"
	"some_code:\n"
	"	nop\n"
	"	movl $110, %eax\n"
	"	syscall\n"
	"after_syscall:\n"
	"	nop\n"
	"	ud2\n"
	".popsection");
/* clang-format on */
extern const char some_code[], after_syscall[];

static void
emulated_step(void)
{
	pid_t pid = launch(do_nothing);
	struct user_regs_struct regs = regs_of(pid);

	options(pid, PTRACE_O_TRACESYSGOOD);
	regs.rip = (unsigned long)some_code;
	regs.orig_rax = (unsigned long)-1;
	set_regs(pid, &regs);
	must(pt(PTRACE_SYSEMU_SINGLESTEP, pid, 0, 0));
	expect(pid, STOPPED(SIGTRAP));
	equal(regs_of(pid).rip, (unsigned long)some_code + 1);
	must(pt(PTRACE_SYSEMU_SINGLESTEP, pid, 0, 0));
	expect(pid, STOPPED(SIGTRAP));
	equal(regs_of(pid).rip, (unsigned long)some_code + 6);
	must(pt(PTRACE_SYSEMU_SINGLESTEP, pid, 0, 0));
	expect(pid, SYSCALL_STOP);
	equal(regs_of(pid).rip, (unsigned long)after_syscall);
	regs = regs_of(pid);
	regs.rax = 77;
	set_regs(pid, &regs);
	must(pt(PTRACE_CONT, pid, 0, 0));
	expect(pid, STOPPED(SIGILL));
	equal(regs_of(pid).rax, 77);
	end(pid);
}

static void
signal_at_syscall_stop(void)
{
	pid_t pid = before_calls();

	/* Man: may not be delivered there; Linux sends it, and it stops. */
	must(pt(PTRACE_SYSCALL, pid, 0, SIGUSR1));
	expect(pid, SYSCALL_STOP);
	to_syscall(pid);
	expect(pid, STOPPED(SIGUSR1));
	equal(signal_info(pid).si_code, SI_KERNEL);
	cont(pid);
	expect(pid, EXITED(0));
}

static void
signal_during_stop(void)
{
	pid_t pid = before_calls();

	must(kill(pid, SIGUSR2));
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal(regs_of(pid).orig_rax, SYS_getppid);
	to_syscall(pid);
	expect(pid, STOPPED(SIGUSR2));
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal(regs_of(pid).orig_rax, SYS_close);
	equal(event_message(pid), 1);
	end(pid);
}

static void
kill_at_entry(void)
{
	pid_t pid = before_calls();

	must(kill(pid, SIGKILL));
	expect(pid, KILLED_BY(SIGKILL));
}

static const struct test_case cases[] = {
    {"SYSCALL, GETREGS: stops at the next entry to or exit from a system "
     "call; rax is -ENOSYS at the entry",
     entry_and_exit},
    {"SYSCALL: a call that does not return has no exit stop", no_exit_stop},
    {"SYSCALL, GETSIGINFO: SIGTRAP, with 0x80 when TRACESYSGOOD is set; "
     "si_code tells which",
     without_sysgood},
    {"GETEVENTMSG: tells an entry (1) from an exit (2)", event_message_of_stop},
    {"CONT: from an entry skips the exit stop", cont_between},
    {"CONT, SYSCALL, SINGLESTEP: EIO for a signal that is none", bad_signal},
    {"CONT: addr is ignored", addr_is_ignored},
    {"SYSEMU: stops at the entry, and the call is not executed; the "
     "tracer sets the result",
     emulated},
    {"SYSEMU: each stop is an entry", emulated_not_run},
    {"SYSEMU_SINGLESTEP: does a single step too if not a system call",
     emulated_step},
    {"SYSCALL: a signal given at a system call stop is sent anew, by the "
     "kernel",
     signal_at_syscall_stop},
    {"SYSCALL: a signal that comes in a stop is reported after the exit",
     signal_during_stop},
    {"SYSCALL: SIGKILL at an entry stop kills with no further stop",
     kill_at_entry},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
