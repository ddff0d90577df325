/* SPDX-License-Identifier: MIT */
/*
 * The tracer ends: what becomes of its tracee in each state that one can be in,
 * with and without PTRACE_O_EXITKILL. ptrace(2): "If the tracer dies, all
 * tracees are automatically detached and restarted, unless they were in group-
 * stop", and "a SIGKILL signal will be sent to every tracee".
 */
#include "cases.h"

#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* What is left of the tracee without PTRACE_O_EXITKILL. */
enum left {
	GOES_ON, /* it runs; it has not died of a signal */
	STAYS,	 /* it is in the group stop */
	DIES,	 /* by `signal` */
	ENDS,	 /* it exits with 6 */
};

static const struct state {
	const char *text;
	unsigned long bits;	  /* options of PTRACE_SETOPTIONS */
	void (*body)(void);	  /* of the tracee */
	void (*bring)(pid_t pid); /* it there */
	enum left left;
	int signal;
	int seized;
} states[];

static const struct state *
state(void)
{
	return &states[case_index / 2];
}

static int
exit_kills(void)
{
	return case_index % 2;
}

/* ---- tracees ---- */

static void
count(int sig)
{
	post(20, sig);
}

/* Says that it runs, again and again, by calls to stop at. */
static void
be_busy(void)
{
	catch_signal(SIGUSR1, 0, count);
	for (;;) {
		post(11, 1);
		syscall(SYS_getppid);
	}
}

static void
be_asleep(void)
{
	catch_signal(SIGUSR1, 0, count);
	for (;;) {
		post(11, 1);
		usleep(1000);
	}
}

static void
exit_six(void)
{
	_exit(6);
}

static void
fork_and_be_busy(void)
{
	if (syscall(SYS_fork) == 0)
		sleep_forever();
	be_busy();
}

static void
exec_six(void)
{
	exec_self(6);
}

/* ---- how they get where they shall be ---- */

static void
just_run(pid_t pid)
{
	if (!state()->seized)
		cont(pid);
	await(11);
}

static void
stay_stopped(pid_t pid)
{
	(void)pid;
}

static void
at_signal(pid_t pid)
{
	just_run(pid);
	must(kill(pid, SIGUSR1));
	expect(pid, STOPPED(SIGUSR1));
}

static void
at_deadly_signal(pid_t pid)
{
	just_run(pid);
	must(kill(pid, SIGTERM));
	expect(pid, STOPPED(SIGTERM));
}

/* The stop is not told to the tracer before it ends. */
static void
at_signal_untold(pid_t pid)
{
	just_run(pid);
	must(kill(pid, SIGTERM));
	until_state(pid, "t");
}

static void
in_group_stop(pid_t pid)
{
	just_run(pid);
	must(kill(pid, SIGSTOP));
	expect(pid, STOPPED(SIGSTOP));
	must(pt(PTRACE_CONT, pid, 0, SIGSTOP));
	expect(pid, state()->seized ? GROUP(SIGSTOP) : STOPPED(SIGSTOP));
}

static void
listening(pid_t pid)
{
	in_group_stop(pid);
	must(pt(PTRACE_LISTEN, pid, 0, 0));
}

static void
resumed_from_group_stop(pid_t pid)
{
	in_group_stop(pid);
	post(11, 0);
	cont(pid);
	await(11);
}

static void
group_stop_continued(pid_t pid)
{
	in_group_stop(pid);
	must(kill(pid, SIGCONT));
}

static void
at_call(pid_t pid)
{
	just_run(pid);
	must(kill(pid, SIGUSR2));
	expect(pid, STOPPED(SIGUSR2));
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	if (event_message(pid) != 1) {
		to_syscall(pid);
		expect(pid, SYSCALL_STOP);
	}
	equal(event_message(pid), 1);
}

static void
at_return(pid_t pid)
{
	at_call(pid);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal(event_message(pid), 2);
}

static void
at_emulated_call(pid_t pid)
{
	just_run(pid);
	must(kill(pid, SIGUSR2));
	expect(pid, STOPPED(SIGUSR2));
	must(pt(PTRACE_SYSEMU, pid, 0, 0));
	expect(pid, SYSCALL_STOP);
}

static void
at_interrupt(pid_t pid)
{
	just_run(pid);
	must(pt(PTRACE_INTERRUPT, pid, 0, 0));
	expect(pid, EVENT(STOP));
}

static void
at_fork(pid_t pid)
{
	cont(pid);
	expect(pid, EVENT(FORK));
	post(30, (long)event_message(pid));
}

static void
at_exec(pid_t pid)
{
	cont(pid);
	expect(pid, EVENT(EXEC));
}

static void
at_exit(pid_t pid)
{
	cont(pid);
	expect(pid, EVENT(EXIT));
}

static void
dead_not_waited_for(pid_t pid)
{
	cont(pid);
	until_state(pid, "Z");
}

static void
killed_not_waited_for(pid_t pid)
{
	must(kill(pid, SIGKILL));
	until_state(pid, "Z");
}

#define GOOD PTRACE_O_TRACESYSGOOD

static const struct state states[] = {
    {"running", 0, be_busy, just_run, GOES_ON, 0, 0},
    {"running, seized", 0, be_busy, just_run, GOES_ON, 0, 1},
    {"asleep in a call", 0, be_asleep, just_run, GOES_ON, 0, 1},
    {"in the stop of its start", 0, be_busy, stay_stopped, GOES_ON, 0, 0},
    {"in a signal-delivery-stop, which takes the signal along", 0, be_busy,
     at_deadly_signal, GOES_ON, 0, 0},
    {"in one with a handler: that is not called", 0, be_busy, at_signal,
     GOES_ON, 0, 1},
    {"in one that was not told yet: the signal is delivered", 0, be_busy,
     at_signal_untold, DIES, SIGTERM, 0},
    {"in a group-stop", 0, be_busy, in_group_stop, STAYS, 0, 0},
    {"in a group-stop, seized", 0, be_busy, in_group_stop, STAYS, 0, 1},
    {"listening", 0, be_busy, listening, STAYS, 0, 1},
    {"resumed from a group-stop, which holds still", 0, be_busy,
     resumed_from_group_stop, STAYS, 0, 1},
    {"in a group-stop that SIGCONT has ended", 0, be_busy, group_stop_continued,
     GOES_ON, 0, 0},
    {"in a syscall-entry-stop", GOOD, be_busy, at_call, GOES_ON, 0, 0},
    {"in a syscall-exit-stop", GOOD, be_busy, at_return, GOES_ON, 0, 0},
    {"in an entry stop of SYSEMU", GOOD, be_busy, at_emulated_call, GOES_ON, 0,
     1},
    {"in PTRACE_EVENT_STOP", 0, be_busy, at_interrupt, GOES_ON, 0, 1},
    {"in PTRACE_EVENT_FORK, the child too", PTRACE_O_TRACEFORK,
     fork_and_be_busy, at_fork, GOES_ON, 0, 0},
    {"in PTRACE_EVENT_EXEC", PTRACE_O_TRACEEXEC, exec_six, at_exec, ENDS, 0, 0},
    {"in PTRACE_EVENT_EXIT", PTRACE_O_TRACEEXIT, exit_six, at_exit, ENDS, 0, 0},
    {"a zombie that exited", 0, exit_six, dead_not_waited_for, ENDS, 0, 0},
    {"a zombie that was killed", 0, be_busy, killed_not_waited_for, DIES,
     SIGKILL, 0},
};

/* ---- the tracer, and who sees what it leaves ---- */

static void
trace_and_end(void)
{
	unsigned long bits =
	    state()->bits | (exit_kills() ? PTRACE_O_EXITKILL : 0);
	pid_t pid;

	if (state()->seized) {
		pid = seize(state()->body, bits);
	} else {
		pid = launch(state()->body);
		options(pid, bits);
	}
	post(1, pid);
	state()->bring(pid);
}

static int
status_of(pid_t pid)
{
	int status = -1;

	equal(must(waitpid(pid, &status, WUNTRACED)), pid);
	return status;
}

static void
is_left(pid_t pid)
{
	switch (state()->left) {
	case GOES_ON:
		post(11, 0);
		equal(await(11), 1);
		equal(status_number(pid, "TracerPid"), 0);
		equal(board[20], 0);
		equal(must(waitpid(pid, NULL, WNOHANG | WUNTRACED)), 0);
		end(pid);
		break;
	case STAYS:
		equal(status_of(pid), STOPPED(SIGSTOP));
		until_state(pid, "T");
		equal(status_number(pid, "TracerPid"), 0);
		post(11, 0);
		must(kill(pid, SIGCONT));
		equal(await(11), 1);
		end(pid);
		break;
	case DIES:
		equal(status_of(pid), KILLED_BY(state()->signal));
		break;
	case ENDS:
		equal(status_of(pid), EXITED(6));
		break;
	}
}

static void
tracer_ends(void)
{
	int ended, status;
	pid_t pid, kid;

	/* The reaper of its children, so that it sees what becomes of them. */
	must(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	expect(child(trace_and_end), EXITED(0));
	pid = (pid_t)await(1);
	/* Its end has begun: that of an exit is not changed any more. */
	ended = state()->left == ENDS && state()->bring != at_exec;
	if (exit_kills() && !ended) {
		status = status_of(pid);
		/* It may be stopped for a moment before. */
		if (WIFSTOPPED(status))
			status = status_of(pid);
		equal(status, KILLED_BY(SIGKILL));
	} else {
		is_left(pid);
	}
	kid = (pid_t)board[30];
	if (kid && exit_kills())
		equal(status_of(kid), KILLED_BY(SIGKILL));
	else if (kid)
		end(kid);
}

int
main(int argc, char **argv)
{
	static char texts[2 * COUNT(states)][128];
	struct test_case cases[2 * COUNT(states)];

	for (size_t i = 0; i < COUNT(cases); i++) {
		snprintf(texts[i], sizeof texts[i],
			 i % 2 ? "SETOPTIONS: EXITKILL, the tracer ends: %s"
			       : "TRACEME, SEIZE: the tracer ends: %s",
			 states[i / 2].text);
		cases[i] = (struct test_case){texts[i], tracer_ends};
	}
	return run_cases(cases, COUNT(cases), argc, argv);
}
