/* SPDX-License-Identifier: MIT */
/* PTRACE_DETACH from each kind of stop. */
#include "cases.h"

#include <sys/syscall.h>

#define detach(pid, sig) must(pt(PTRACE_DETACH, pid, 0, sig))

static void
count(int sig)
{
	board[sig]++;
}

static void
raise_usr1(void)
{
	catch_signal(SIGUSR1, 0, count);
	catch_signal(SIGUSR2, 0, count);
	raise(SIGUSR1);
}

static void
runs_on(void)
{
	pid_t pid = launch(raise_usr1);

	detach(pid, 0);
	expect(pid, EXITED(0));
	/* Untraced, it gets its signal. */
	equal(board[SIGUSR1], 1);
}

static void
with_signal(void)
{
	pid_t pid = launch(raise_usr1);

	cont(pid);
	expect(pid, STOPPED(SIGUSR1));
	detach(pid, SIGUSR2);
	expect(pid, EXITED(0));
	equal(board[SIGUSR1], 0);
	equal(board[SIGUSR2], 1);
}

static void
with_deadly_signal(void)
{
	pid_t pid = launch(sleep_forever);

	detach(pid, SIGTERM);
	expect(pid, KILLED_BY(SIGTERM));
}

static void
bad_signal(void)
{
	pid_t pid = launch(do_nothing);

	refused(pt(PTRACE_DETACH, pid, 0, 65), EIO);
	equal(status_number(pid, "TracerPid"), getpid());
	detach(pid, 0);
	expect(pid, EXITED(0));
}

static void
not_stopped(void)
{
	pid_t pid = launch(sleep_forever);

	cont(pid);
	until_state(pid, "S");
	refused(pt(PTRACE_DETACH, pid, 0, 0), ESRCH);
	end(pid);
}

static void
twice(void)
{
	pid_t pid = launch(sleep_forever);
	struct user_regs_struct regs;

	detach(pid, 0);
	refused(pt(PTRACE_DETACH, pid, 0, 0), ESRCH);
	refused(pt(PTRACE_GETREGS, pid, 0, &regs), ESRCH);
	equal(status_number(pid, "TracerPid"), 0);
	end(pid);
}

static void
leave_stopped(void)
{
	pid_t pid = child(sleep_forever);
	int status;

	must(pt(PTRACE_ATTACH, pid, 0, 0));
	expect(pid, STOPPED(SIGSTOP));
	detach(pid, SIGSTOP);
	equal(must(waitpid(pid, &status, WUNTRACED)), pid);
	equal(status, STOPPED(SIGSTOP));
	until_state(pid, "T");
	must(kill(pid, SIGCONT));
	equal(must(waitpid(pid, &status, WCONTINUED)), pid);
	check(WIFCONTINUED(status));
	end(pid);
}

static void
from_group_stop(void)
{
	pid_t pid = seize(sleep_forever, 0);

	must(kill(pid, SIGSTOP));
	expect(pid, STOPPED(SIGSTOP));
	must(pt(PTRACE_CONT, pid, 0, SIGSTOP));
	expect(pid, GROUP(SIGSTOP));
	detach(pid, 0);
	/* The group stop stays in effect. */
	until_state(pid, "T");
	must(kill(pid, SIGCONT));
	until_state(pid, "S");
	end(pid);
}

static void
call_getppid(void)
{
	_exit(syscall(SYS_getppid) == getppid() ? 3 : 1);
}

static void
from_calls(void)
{
	for (int stops = 1; stops <= 2; stops++) {
		pid_t pid = launch(call_getppid);

		options(pid, PTRACE_O_TRACESYSGOOD);
		for (int i = 0; i < stops; i++) {
			to_syscall(pid);
			expect(pid, SYSCALL_STOP);
		}
		detach(pid, 0);
		expect(pid, EXITED(3));
	}
}

static void
fork_once(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(1);
	_exit(next_status(pid) == EXITED(1) ? 3 : 2);
}

static void
from_event(void)
{
	pid_t pid = launch(fork_once), born;

	options(pid, PTRACE_O_TRACEFORK);
	cont(pid);
	expect(pid, EVENT(FORK));
	born = (pid_t)event_message(pid);
	detach(pid, 0);
	expect(born, STOPPED(SIGSTOP));
	detach(born, 0);
	expect(pid, EXITED(3));
}

static void
spin_and_post(void)
{
	for (;;)
		post(0, 1);
}

static void
from_step(void)
{
	pid_t pid = launch(spin_and_post);

	for (int i = 0; i < 10; i++) {
		step(pid);
		expect(pid, STOPPED(SIGTRAP));
	}
	/* Without a trap flag left over, which would kill it. */
	detach(pid, 0);
	await(0);
	post(0, 0);
	await(0);
	equal(must(waitpid(pid, NULL, WNOHANG)), 0);
	end(pid);
}

static void
from_interrupt(void)
{
	pid_t pid = seize(spin_and_post, 0);

	must(pt(PTRACE_INTERRUPT, pid, 0, 0));
	expect(pid, EVENT(STOP));
	detach(pid, 0);
	await(0);
	end(pid);
}

static void
options_gone(void)
{
	pid_t pid = child(fork_once);

	must(pt(PTRACE_ATTACH, pid, 0, 0));
	expect(pid, STOPPED(SIGSTOP));
	options(pid, PTRACE_O_TRACEFORK | PTRACE_O_EXITKILL);
	detach(pid, 0);
	expect(pid, EXITED(3));
}

static void
int3_after(void)
{
	__asm__ volatile("int3");
}

static void
breakpoint_kills(void)
{
	pid_t pid = launch(int3_after);

	detach(pid, 0);
	expect(pid, KILLED_BY(SIGTRAP));
}

static void
addr_is_ignored(void)
{
	pid_t pid = launch(do_nothing);

	must(pt(PTRACE_DETACH, pid, 0x1234, 0));
	expect(pid, EXITED(0));
}

static void
pending_interrupt(void)
{
	pid_t pid = seize(sleep_forever, 0);

	must(kill(pid, SIGUSR1));
	expect(pid, STOPPED(SIGUSR1));
	must(pt(PTRACE_INTERRUPT, pid, 0, 0));
	detach(pid, 0);
	until_state(pid, "S");
	equal(must(waitpid(pid, NULL, WNOHANG | WUNTRACED)), 0);
	end(pid);
}

static void
grandchild(void)
{
	post(10, child(sleep_forever));
	sleep_forever();
}

/* Of a child, and of one whose parent is another. */
static void
dead_in_its_stop(void)
{
	pid_t other = child(grandchild), pid;

	for (int i = 0; i < 2; i++) {
		pid = i ? (pid_t)await(10) : child(sleep_forever);
		must(pt(PTRACE_SEIZE, pid, 0, 0));
		must(pt(PTRACE_INTERRUPT, pid, 0, 0));
		expect(pid, STOPPED(SIGTRAP) | PTRACE_EVENT_STOP << 16);
		must(kill(pid, SIGKILL));
		until_state(pid, "Z");
		refused(pt(PTRACE_DETACH, pid, 0, 0), ESRCH);
		expect(pid, KILLED_BY(SIGKILL));
	}
	end(other);
}

/* It was killed in its stop, and is in that of its exit before wait tells. */
static void
exits_in_its_stop(void)
{
	const int requests[] = {PTRACE_CONT, PTRACE_SYSCALL, PTRACE_DETACH};

	for (size_t i = 0; i < COUNT(requests); i++) {
		pid_t pid = seize(sleep_forever, PTRACE_O_TRACEEXIT);

		must(pt(PTRACE_INTERRUPT, pid, 0, 0));
		expect(pid, STOPPED(SIGTRAP) | PTRACE_EVENT_STOP << 16);
		must(kill(pid, SIGKILL));
		usleep(50000);
		equal(event_message(pid), SIGKILL);
		must(pt(requests[i], pid, 0, 0));
		expect(pid, KILLED_BY(SIGKILL));
	}
}

/* With nothing mapped that tells of it, and with. */
static void
killed_in_stop(void)
{
	struct user_regs_struct regs;
	unsigned long mask;
	siginfo_t info;

	for (int asked = 0; asked <= 4; asked += 4) {
		pid_t pid = launch(sleep_forever);

		for (int i = 0; i < asked; i++)
			get_regs(pid, &regs);
		must(kill(pid, SIGKILL));
		refused(pt(PTRACE_GETREGS, pid, 0, &regs), ESRCH);
		refused(pt(PTRACE_SETREGS, pid, 0, &regs), ESRCH);
		refused(pt(PTRACE_GETSIGINFO, pid, 0, &info), ESRCH);
		refused(pt(PTRACE_GETSIGMASK, pid, sizeof(mask), &mask), ESRCH);
		refused(pt(PTRACE_CONT, pid, 0, 0), ESRCH);
		refused(pt(PTRACE_SINGLESTEP, pid, 0, 0), ESRCH);
		refused(pt(PTRACE_DETACH, pid, 0, 0), ESRCH);
		expect(pid, KILLED_BY(SIGKILL));
	}
}

static const struct test_case cases[] = {
    {"DETACH: restart the stopped tracee, but first detach from it", runs_on},
    {"DETACH: data is the signal to be delivered", with_signal},
    {"DETACH: ... which may kill it", with_deadly_signal},
    {"DETACH: EIO for a signal that is none; it stays traced", bad_signal},
    {"DETACH: ESRCH, the tracee must be in a ptrace-stop", not_stopped},
    {"DETACH, GETREGS: ESRCH after a detach", twice},
    {"ATTACH, DETACH: with SIGSTOP leaves it stopped, which the parent "
     "sees",
     leave_stopped},
    {"DETACH: from a group stop leaves it stopped until SIGCONT",
     from_group_stop},
    {"SYSCALL, DETACH: from the entry and exit of a call", from_calls},
    {"DETACH: from an event", from_event},
    {"SINGLESTEP, DETACH: from a step", from_step},
    {"SEIZE, INTERRUPT, DETACH: from an EVENT_STOP", from_interrupt},
    {"SETOPTIONS, DETACH: options end with it", options_gone},
    {"DETACH: a breakpoint is then a deadly SIGTRAP", breakpoint_kills},
    {"DETACH: addr is ignored", addr_is_ignored},
    {"INTERRUPT, DETACH: an interrupt that is pending is dropped",
     pending_interrupt},
    {"DETACH: ESRCH, it was killed in its stop; the death is told",
     dead_in_its_stop},
    {"CONT, DETACH: from the EVENT_EXIT of one that was killed in its stop",
     exits_in_its_stop},
    {"DETACH, CONT, GETREGS, SETREGS, GETSIGINFO, GETSIGMASK, SINGLESTEP: "
     "ESRCH of a tracee that is killed in its stop, at once",
     killed_in_stop},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
