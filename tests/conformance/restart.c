/* SPDX-License-Identifier: MIT */
/* System calls that a signal or a stop interrupts, and their restart. */
#include "cases.h"

#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#define ERESTARTSYS	      512
#define ERESTARTNOINTR	      513
#define ERESTARTNOHAND	      514
#define ERESTART_RESTARTBLOCK 516

static int ends[2];

static struct user_regs_struct
regs_of(pid_t pid)
{
	struct user_regs_struct regs;

	get_regs(pid, &regs);
	return regs;
}

static void
read_byte(void)
{
	char byte = 0;
	long got;

	got = syscall(SYS_read, ends[0], &byte, 1);
	post(1, got == -1 ? -errno : got);
	post(2, byte);
}

static void
read_handled(void)
{
	catch_signal(SIGUSR1, 0, ignore_signal_handler);
	read_byte();
}

static void
read_restarted(void)
{
	catch_signal(SIGUSR1, SA_RESTART, ignore_signal_handler);
	read_byte();
}

static void
poll_forever(void)
{
	struct pollfd fd = {ends[0], POLLIN, 0};
	long got = syscall(SYS_poll, &fd, 1, -1);

	post(1, got == -1 ? -errno : got);
}

static void
poll_handled(void)
{
	catch_signal(SIGUSR1, SA_RESTART, ignore_signal_handler);
	poll_forever();
}

static void
sleep_shortly(void)
{
	struct timespec time = {0, 200000000}, left = {0, 0};
	long got = syscall(SYS_nanosleep, &time, &left);

	post(1, got == -1 ? -errno : 1);
}

static void
pause_handled(void)
{
	catch_signal(SIGUSR1, SA_RESTART, ignore_signal_handler);
	post(1, syscall(SYS_pause) == -1 ? -errno : 1);
}

static void
suspend_handled(void)
{
	unsigned long none = 0;

	catch_signal(SIGUSR1, SA_RESTART, ignore_signal_handler);
	post(1, syscall(SYS_rt_sigsuspend, &none, 8) == -1 ? -errno : 1);
}

/* A tracee that sleeps in the call of that number. */
static pid_t
asleep_in(void (*body)(void), long number)
{
	pid_t pid;

	must(pipe(ends));
	pid = launch(body);
	options(pid, PTRACE_O_TRACESYSGOOD);
	do {
		to_syscall(pid);
		expect(pid, SYSCALL_STOP);
	} while ((long)regs_of(pid).orig_rax != number);
	to_syscall(pid);
	until_state(pid, "S");
	return pid;
}

/* Signals it: the exit stop, with the code, then the signal's stop. */
static void
interrupt_by(pid_t pid, int sig, int code)
{
	must(kill(pid, sig));
	expect(pid, SYSCALL_STOP);
	equal(event_message(pid), 2);
	equal((long)regs_of(pid).rax, -code);
	to_syscall(pid);
	expect(pid, STOPPED(sig));
	equal((long)regs_of(pid).rax, -code);
}

static void
write_and_end(pid_t pid)
{
	must(write(ends[1], "x", 1));
	cont(pid);
	expect(pid, EXITED(0));
	equal(board[1], 1);
	equal(board[2], 'x');
}

static void
suppressed(void)
{
	pid_t pid = asleep_in(read_byte, SYS_read);

	interrupt_by(pid, SIGUSR1, ERESTARTSYS);
	to_syscall(pid);
	/* The call anew. */
	expect(pid, SYSCALL_STOP);
	equal(event_message(pid), 1);
	equal(regs_of(pid).orig_rax, SYS_read);
	equal((long)regs_of(pid).rax, -ENOSYS);
	write_and_end(pid);
}

static void
ignored(void)
{
	pid_t pid = asleep_in(read_byte, SYS_read);

	interrupt_by(pid, SIGWINCH, ERESTARTSYS);
	must(pt(PTRACE_SYSCALL, pid, 0, SIGWINCH));
	expect(pid, SYSCALL_STOP);
	equal(event_message(pid), 1);
	equal(regs_of(pid).orig_rax, SYS_read);
	write_and_end(pid);
}

static void
handled(void)
{
	pid_t pid = asleep_in(read_handled, SYS_read);

	interrupt_by(pid, SIGUSR1, ERESTARTSYS);
	must(pt(PTRACE_CONT, pid, 0, SIGUSR1));
	expect(pid, EXITED(0));
	equal(board[1], -EINTR);
}

static void
restarted(void)
{
	pid_t pid = asleep_in(read_restarted, SYS_read);

	interrupt_by(pid, SIGUSR1, ERESTARTSYS);
	must(pt(PTRACE_SYSCALL, pid, 0, SIGUSR1));
	/* The handler's return, then the call again. */
	expect(pid, SYSCALL_STOP);
	equal(regs_of(pid).orig_rax, SYS_rt_sigreturn);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal(event_message(pid), 1);
	equal(regs_of(pid).orig_rax, SYS_read);
	write_and_end(pid);
}

static void
poll_is_not(void)
{
	pid_t pid = asleep_in(poll_handled, SYS_poll);

	interrupt_by(pid, SIGUSR1, ERESTART_RESTARTBLOCK);
	must(pt(PTRACE_CONT, pid, 0, SIGUSR1));
	expect(pid, EXITED(0));
	equal(board[1], -EINTR);
}

static void
poll_suppressed(void)
{
	pid_t pid = asleep_in(poll_forever, SYS_poll);

	interrupt_by(pid, SIGUSR1, ERESTART_RESTARTBLOCK);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal(regs_of(pid).orig_rax, SYS_restart_syscall);
	must(write(ends[1], "x", 1));
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal(regs_of(pid).rax, 1);
	cont(pid);
	expect(pid, EXITED(0));
	equal(board[1], 1);
}

static void
nanosleep_restarts(void)
{
	pid_t pid = asleep_in(sleep_shortly, SYS_nanosleep);
	struct timespec from, to;

	must(clock_gettime(CLOCK_MONOTONIC, &from));
	for (int i = 0; i < 3; i++) {
		interrupt_by(pid, SIGUSR1, ERESTART_RESTARTBLOCK);
		to_syscall(pid);
		expect(pid, SYSCALL_STOP);
		equal(regs_of(pid).orig_rax, SYS_restart_syscall);
		to_syscall(pid);
		until_state(pid, "S");
	}
	expect(pid, SYSCALL_STOP);
	equal(regs_of(pid).rax, 0);
	cont(pid);
	expect(pid, EXITED(0));
	equal(board[1], 1);
	/* What is left, not all of it anew, each time. */
	must(clock_gettime(CLOCK_MONOTONIC, &to));
	check(to.tv_sec - from.tv_sec < 5);
}

static void
pause_resumes(void)
{
	pid_t pid = asleep_in(pause_handled, SYS_pause);

	interrupt_by(pid, SIGUSR2, ERESTARTNOHAND);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal(regs_of(pid).orig_rax, SYS_pause);
	to_syscall(pid);
	until_state(pid, "S");
	interrupt_by(pid, SIGUSR1, ERESTARTNOHAND);
	must(pt(PTRACE_CONT, pid, 0, SIGUSR1));
	expect(pid, EXITED(0));
	equal(board[1], -EINTR);
}

static void
sigsuspend_resumes(void)
{
	pid_t pid = asleep_in(suspend_handled, SYS_rt_sigsuspend);

	interrupt_by(pid, SIGUSR2, ERESTARTNOHAND);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal(regs_of(pid).orig_rax, SYS_rt_sigsuspend);
	to_syscall(pid);
	until_state(pid, "S");
	interrupt_by(pid, SIGUSR1, ERESTARTNOHAND);
	must(pt(PTRACE_CONT, pid, 0, SIGUSR1));
	expect(pid, EXITED(0));
	equal(board[1], -EINTR);
}

static void
stop_and_continue(void)
{
	pid_t pid = asleep_in(read_byte, SYS_read);

	interrupt_by(pid, SIGSTOP, ERESTARTSYS);
	must(pt(PTRACE_CONT, pid, 0, SIGSTOP));
	expect(pid, STOPPED(SIGSTOP));
	must(kill(pid, SIGCONT));
	cont(pid);
	expect(pid, STOPPED(SIGCONT));
	must(pt(PTRACE_CONT, pid, 0, SIGCONT));
	until_state(pid, "S");
	must(write(ends[1], "x", 1));
	expect(pid, EXITED(0));
	equal(board[1], 1);
}

static void
interrupted_calls(void)
{
	pid_t pid = seize(read_byte, 0);

	/* ends[0] is -1 in it: the read fails, unless it has begun. */
	expect(pid, EXITED(0));
	must(pipe(ends));
	pid = seize(read_byte, 0);
	until_state(pid, "S");
	for (int i = 0; i < 5; i++) {
		must(pt(PTRACE_INTERRUPT, pid, 0, 0));
		expect(pid, EVENT(STOP));
		equal((long)regs_of(pid).rax, -ERESTARTSYS);
		equal(regs_of(pid).orig_rax, SYS_read);
		cont(pid);
		until_state(pid, "S");
	}
	must(write(ends[1], "x", 1));
	expect(pid, EXITED(0));
	equal(board[1], 1);
}

/* At the entry of the call of that number; of a read, from ends[0]. */
static pid_t
at_entry_of(void (*body)(void), long number)
{
	pid_t pid = seize(body, PTRACE_O_TRACESYSGOOD);
	struct user_regs_struct regs;

	must(pt(PTRACE_INTERRUPT, pid, 0, 0));
	do {
		int status = next_status(pid);

		check(status == EVENT(STOP) || status == SYSCALL_STOP);
		regs = regs_of(pid);
		if (status == SYSCALL_STOP && event_message(pid) == 1 &&
		    (long)regs.orig_rax == number &&
		    (number != SYS_read || (int)regs.rdi == ends[0]))
			return pid;
		to_syscall(pid);
	} while (1);
}

static void
wait_and_read(void)
{
	await(5);
	read_byte();
}

/*
 * The call that is about to sleep does not, since there is a stop to come. The
 * stop of its exit takes the place of that; then it is seen once more.
 */
static void
interrupted_at_entry(void)
{
	pid_t pid;

	must(pipe(ends));
	post(5, 1);
	pid = at_entry_of(wait_and_read, SYS_read);
	for (int i = 0; i < 3; i++) {
		must(pt(PTRACE_INTERRUPT, pid, 0, 0));
		to_syscall(pid);
		expect(pid, SYSCALL_STOP);
		equal(event_message(pid), 2);
		equal((long)regs_of(pid).rax, -ERESTARTSYS);
		to_syscall(pid);
		expect(pid, SYSCALL_STOP);
		equal(event_message(pid), 1);
		equal(regs_of(pid).orig_rax, SYS_read);
	}
	/* And without the exit stop. */
	must(pt(PTRACE_INTERRUPT, pid, 0, 0));
	cont(pid);
	expect(pid, EVENT(STOP));
	equal((long)regs_of(pid).rax, -ERESTARTSYS);
	cont(pid);
	until_state(pid, "S");
	must(write(ends[1], "x", 1));
	expect(pid, EXITED(0));
	equal(board[1], 1);
	equal(board[2], 'x');
}

static void
wait_and_pause(void)
{
	await(5);
	pause_handled();
}

static void
wait_and_sleep(void)
{
	await(5);
	sleep_shortly();
}

/* Other kinds of restart: as they are without a tracer. */
static void
interrupted_at_other_entries(void)
{
	pid_t pid;

	post(5, 1);
	pid = at_entry_of(wait_and_pause, SYS_pause);
	must(pt(PTRACE_INTERRUPT, pid, 0, 0));
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal((long)regs_of(pid).rax, -ERESTARTNOHAND);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal(event_message(pid), 1);
	equal(regs_of(pid).orig_rax, SYS_pause);
	end(pid);
	pid = at_entry_of(wait_and_sleep, SYS_nanosleep);
	must(pt(PTRACE_INTERRUPT, pid, 0, 0));
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal((long)regs_of(pid).rax, -ERESTART_RESTARTBLOCK);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal(regs_of(pid).orig_rax, SYS_restart_syscall);
	cont(pid);
	expect(pid, EXITED(0));
	equal(board[1], 1);
}

static void
restart_prevented(void)
{
	pid_t pid = asleep_in(read_byte, SYS_read);
	struct user_regs_struct regs;

	interrupt_by(pid, SIGUSR1, ERESTARTSYS);
	regs = regs_of(pid);
	regs.orig_rax = (unsigned long)-1;
	regs.rax = (unsigned long)-EPIPE;
	set_regs(pid, &regs);
	cont(pid);
	expect(pid, EXITED(0));
	equal(board[1], -EPIPE);
}

static void
killed_asleep(void)
{
	pid_t pid = asleep_in(read_byte, SYS_read);

	must(kill(pid, SIGKILL));
	expect(pid, KILLED_BY(SIGKILL));
}

static const struct test_case cases[] = {
    {"SYSCALL, CONT: a call is restarted if its signal is suppressed; "
     "the entry is seen again",
     suppressed},
    {"SYSCALL: ... or ignored", ignored},
    {"SYSCALL, CONT: EINTR after a handler without SA_RESTART", handled},
    {"SYSCALL: SA_RESTART, the call again after the handler", restarted},
    {"SYSCALL, CONT: poll is not restarted after a handler", poll_is_not},
    {"SYSCALL: poll goes on by restart_syscall", poll_suppressed},
    {"SYSCALL: nanosleep goes on with the time left", nanosleep_restarts},
    {"SYSCALL, CONT: pause ends by a handler only", pause_resumes},
    {"SYSCALL, CONT: sigsuspend likewise", sigsuspend_resumes},
    {"CONT: a stop and SIGCONT within a call restart it", stop_and_continue},
    {"INTERRUPT, CONT: a call goes on after it", interrupted_calls},
    {"INTERRUPT, SYSCALL, CONT: at the entry of a call that would sleep: "
     "it is restarted after the stop",
     interrupted_at_entry},
    {"INTERRUPT, SYSCALL: ... of pause() and nanosleep() too",
     interrupted_at_other_entries},
    {"SETREGS: orig_rax -1 at the signal's stop prevents the restart",
     restart_prevented},
    {"SYSCALL: SIGKILL in a call has no exit stop", killed_asleep},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
