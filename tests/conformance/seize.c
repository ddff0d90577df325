/* SPDX-License-Identifier: MIT */
/* PTRACE_SEIZE and PTRACE_INTERRUPT. */
#include "cases.h"

#include <string.h>
#include <sys/syscall.h>
#include <time.h>

static void
interrupt(pid_t pid)
{
	must(pt(PTRACE_INTERRUPT, pid, 0, 0));
	expect(pid, EVENT(STOP));
}

static void
does_not_stop(void)
{
	pid_t pid = child(sleep_forever);

	until_state(pid, "S");
	must(pt(PTRACE_SEIZE, pid, 0, 0));
	equal(state_of(pid), 'S');
	equal(must(waitpid(pid, NULL, __WALL | WNOHANG)), 0);
	equal(status_number(pid, "TracerPid"), getpid());
	end(pid);
}

static void
bad_arguments(void)
{
	pid_t pid = child(sleep_forever);

	refused(pt(PTRACE_SEIZE, pid, 1, 0), EIO);
	refused(pt(PTRACE_SEIZE, pid, 0, 1ul << 31), EIO);
	equal(status_number(pid, "TracerPid"), 0);
	end(pid);
}

static void
fork_once(void)
{
	if (fork() == 0)
		_exit(0);
	wait(NULL);
}

static void
options_at_once(void)
{
	pid_t pid = seize(fork_once, PTRACE_O_TRACEFORK);
	pid_t born;

	expect(pid, EVENT(FORK));
	born = (pid_t)event_message(pid);
	expect(born, EVENT(STOP));
	end(born);
	end(pid);
}

static void
interrupt_sleeper(void)
{
	pid_t pid = seize(sleep_forever, 0);

	until_state(pid, "S");
	interrupt(pid);
	until_state(pid, "t");
	end(pid);
}

static void
interrupt_spinner(void)
{
	pid_t pid = seize(spin_forever, 0);
	struct user_regs_struct regs;

	interrupt(pid);
	get_regs(pid, &regs);
	check(regs.rip != 0);
	cont(pid);
	interrupt(pid);
	end(pid);
}

static void
interrupt_siginfo(void)
{
	pid_t pid = seize(sleep_forever, 0);
	siginfo_t info;

	interrupt(pid);
	info = signal_info(pid);
	equal(info.si_signo, SIGTRAP);
	equal(info.si_code, SIGTRAP | PTRACE_EVENT_STOP << 8);
	end(pid);
}

static void
interrupt_twice(void)
{
	pid_t pid = seize(sleep_forever, 0);

	must(pt(PTRACE_INTERRUPT, pid, 0, 0));
	must(pt(PTRACE_INTERRUPT, pid, 0, 0));
	expect(pid, EVENT(STOP));
	equal(must(waitpid(pid, NULL, __WALL | WNOHANG)), 0);
	end(pid);
}

static void
interrupt_stopped(void)
{
	pid_t pid = seize(sleep_forever, 0);

	must(kill(pid, SIGUSR1));
	expect(pid, STOPPED(SIGUSR1));
	must(pt(PTRACE_INTERRUPT, pid, 0, 0));
	equal(must(waitpid(pid, NULL, __WALL | WNOHANG)), 0);
	cont(pid);
	expect(pid, EVENT(STOP));
	end(pid);
}

static void
not_seized(void)
{
	pid_t pid = launch(do_nothing);

	refused(pt(PTRACE_INTERRUPT, pid, 0, 0), EIO);
	refused(pt(PTRACE_LISTEN, pid, 0, 0), EIO);
	end(pid);
}

static void
raise_sigstop_handled(void)
{
	catch_signal(SIGUSR1, 0, ignore_signal_handler);
	raise(SIGUSR1);
	_exit(5);
}

static void
signal_stop(void)
{
	pid_t pid = seize(raise_sigstop_handled, 0);

	expect(pid, STOPPED(SIGUSR1));
	must(pt(PTRACE_CONT, pid, 0, SIGUSR1));
	expect(pid, EXITED(5));
}

static void
exec_and_exit(void)
{
	exec_self(4);
}

static void
exec_no_sigtrap(void)
{
	pid_t pid = seize(exec_and_exit, 0);

	expect(pid, EXITED(4));
}

static void
sleep_shortly(void)
{
	const struct timespec time = {0, 300000000};

	post(0, 1);
	_exit(nanosleep(&time, NULL) == 0 ? 0 : 1);
}

static void
interrupted_nanosleep(void)
{
	pid_t pid = seize(sleep_shortly, 0);
	struct user_regs_struct regs;

	await(0);
	until_state(pid, "S");
	interrupt(pid);
	get_regs(pid, &regs);
	/* ERESTART_RESTARTBLOCK, or a libc that uses clock_nanosleep. */
	equal((long)regs.rax, -516);
	cont(pid);
	expect(pid, EXITED(0));
}

static void
getpid_forever(void)
{
	for (;;)
		syscall(SYS_getppid);
}

static void
interrupt_between_calls(void)
{
	pid_t pid = seize(getpid_forever, PTRACE_O_TRACESYSGOOD);

	for (int i = 0; i < 20; i++) {
		interrupt(pid);
		to_syscall(pid);
		expect(pid, SYSCALL_STOP);
		to_syscall(pid);
		expect(pid, SYSCALL_STOP);
		cont(pid);
	}
	end(pid);
}

static void
interrupt_at_entry(void)
{
	pid_t pid = seize(getpid_forever, PTRACE_O_TRACESYSGOOD);

	interrupt(pid);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	must(pt(PTRACE_INTERRUPT, pid, 0, 0));
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	must(pt(PTRACE_INTERRUPT, pid, 0, 0));
	cont(pid);
	expect(pid, EVENT(STOP));
	end(pid);
}

static void
job_stopped_before(void)
{
	pid_t pid = child(sleep_forever);
	int status;

	must(kill(pid, SIGSTOP));
	equal(must(waitpid(pid, &status, WUNTRACED)), pid);
	must(pt(PTRACE_SEIZE, pid, 0, 0));
	expect(pid, GROUP(SIGSTOP));
	end(pid);
}

static const struct test_case cases[] = {
    {"SEIZE: does not stop the process", does_not_stop},
    {"SEIZE: addr must be zero, and data a set of known options",
     bad_arguments},
    {"SEIZE: data contains options to activate immediately; an attached "
     "child starts with EVENT_STOP",
     options_at_once},
    {"INTERRUPT: stops a tracee that sleeps in a system call, with "
     "status >> 16 == PTRACE_EVENT_STOP",
     interrupt_sleeper},
    {"INTERRUPT, GETREGS: stops a tracee that runs in user space",
     interrupt_spinner},
    {"INTERRUPT, GETSIGINFO: the signal is SIGTRAP, the code that of the "
     "event",
     interrupt_siginfo},
    {"INTERRUPT: two before the stop are one stop", interrupt_twice},
    {"INTERRUPT, CONT: a tracee that is stopped already stops anew when "
     "it is resumed",
     interrupt_stopped},
    {"INTERRUPT, LISTEN: EIO for a tracee that was not attached by SEIZE",
     not_seized},
    {"SEIZE, CONT: signal-delivery-stops are as ever", signal_stop},
    {"SEIZE: no SIGTRAP after execve", exec_no_sigtrap},
    {"INTERRUPT: a system call that was interrupted is restarted as by a "
     "signal that has no handler",
     interrupted_nanosleep},
    {"INTERRUPT, SYSCALL: a stop falls between system calls, the pairing "
     "of entry and exit holds",
     interrupt_between_calls},
    {"INTERRUPT, SYSCALL: any stop that comes before that of an interrupt "
     "takes its place",
     interrupt_at_entry},
    {"SEIZE: a process in a group stop reports EVENT_STOP with the stop "
     "signal",
     job_stopped_before},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
