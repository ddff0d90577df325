/* SPDX-License-Identifier: MIT */
/* PTRACE_TRACEME, which signals stop a tracee, and requests at large. */
#include "cases.h"

#include <pthread.h>

static void
traceme_stops(void)
{
	pid_t pid = launch(do_nothing);
	int status;

	cont(pid);
	equal(must(waitpid(pid, &status, 0)), pid);
	equal(status, EXITED(0));
}

static void
traceme_with_nonsense(void)
{
	check(pt(PTRACE_TRACEME, 12345, 0xdead, 0xbeef) == 0);
	post(0, thread_id());
	raise(SIGSTOP);
}

static void
traceme_ignores_arguments(void)
{
	pid_t pid = child(traceme_with_nonsense);

	expect(pid, STOPPED(SIGSTOP));
	equal(await(0), pid);
	cont(pid);
	expect(pid, EXITED(0));
}

static void
traceme_again(void)
{
	refused(pt(PTRACE_TRACEME, 0, 0, 0), EPERM);
}

static void
traceme_twice(void)
{
	pid_t pid = launch(traceme_again);

	cont(pid);
	expect(pid, EXITED(0));
}

static void
report_tracer(void)
{
	equal(status_number(getpid(), "TracerPid"), getppid());
}

static void
traceme_parent(void)
{
	pid_t pid = launch(report_tracer);

	cont(pid);
	expect(pid, EXITED(0));
}

static void
raise_each(void)
{
	for (int sig = 1; sig <= 64; sig++) {
		if (sig != SIGKILL && sig != 32 && sig != 33)
			kill(getpid(), sig);
	}
}

static void
each_signal_stops(void)
{
	pid_t pid = launch(raise_each);

	for (int sig = 1; sig <= 64; sig++) {
		if (sig == SIGKILL || sig == 32 || sig == 33)
			continue;
		cont(pid);
		expect(pid, STOPPED(sig));
		equal(signal_info(pid).si_signo, sig);
		equal(signal_info(pid).si_code, SI_USER);
	}
	cont(pid);
	expect(pid, EXITED(0));
}

static void
raise_ignored(void)
{
	signal(SIGUSR1, SIG_IGN);
	raise(SIGUSR1);
	raise(SIGWINCH);
	raise(SIGCHLD);
	raise(SIGURG);
	raise(SIGCONT);
}

static void
ignored_signals_stop(void)
{
	pid_t pid = launch(raise_ignored);
	const int seen[] = {SIGUSR1, SIGWINCH, SIGCHLD, SIGURG, SIGCONT};

	for (size_t i = 0; i < COUNT(seen); i++) {
		cont(pid);
		expect(pid, STOPPED(seen[i]));
	}
	must(pt(PTRACE_CONT, pid, 0, SIGCONT));
	expect(pid, EXITED(0));
}

static void
raise_kill(void)
{
	raise(SIGKILL);
}

static void
sigkill_kills(void)
{
	pid_t pid = launch(raise_kill);

	cont(pid);
	expect(pid, KILLED_BY(SIGKILL));
}

static void
kill_stopped(void)
{
	pid_t pid = launch(do_nothing);

	must(kill(pid, SIGKILL));
	expect(pid, KILLED_BY(SIGKILL));
}

static void
ptrace_kill_stopped(void)
{
	pid_t pid = launch(do_nothing);

	must(pt(PTRACE_KILL, pid, 0, 0));
	expect(pid, KILLED_BY(SIGKILL));
}

static void
ptrace_kill_running(void)
{
	pid_t pid = seize(sleep_forever, 0);

	until_state(pid, "S");
	must(pt(PTRACE_KILL, pid, 0, 0));
	expect(pid, KILLED_BY(SIGKILL));
}

static void
unknown_request(void)
{
	pid_t pid = launch(do_nothing);

	refused(pt(0x4299, pid, 0, 0), EIO);
	refused(pt(-5, pid, 0, 0), EIO);
	refused(pt(10, pid, 0, 0), EIO);
	end(pid);
}

static void
no_such_process(void)
{
	pid_t pid = child(do_nothing);

	expect(pid, EXITED(0));
	refused(pt(PTRACE_CONT, pid, 0, 0), ESRCH);
	refused(pt(PTRACE_PEEKDATA, pid, board, 0), ESRCH);
	refused(pt(PTRACE_ATTACH, pid, 0, 0), ESRCH);
	refused(pt(PTRACE_CONT, -1, 0, 0), ESRCH);
	refused(pt(PTRACE_CONT, 0, 0, 0), ESRCH);
}

static void
not_a_tracee(void)
{
	pid_t pid = child(sleep_forever);
	struct user_regs_struct regs;

	refused(pt(PTRACE_CONT, pid, 0, 0), ESRCH);
	refused(pt(PTRACE_GETREGS, pid, 0, &regs), ESRCH);
	refused(pt(PTRACE_INTERRUPT, pid, 0, 0), ESRCH);
	refused(pt(PTRACE_KILL, pid, 0, 0), ESRCH);
	refused(pt(PTRACE_DETACH, pid, 0, 0), ESRCH);
	end(pid);
}

static void
running_tracee(void)
{
	pid_t pid = launch(sleep_forever);
	struct user_regs_struct regs;
	unsigned long message;

	cont(pid);
	until_state(pid, "S");
	refused(pt(PTRACE_GETREGS, pid, 0, &regs), ESRCH);
	refused(pt(PTRACE_PEEKDATA, pid, board, 0), ESRCH);
	refused(pt(PTRACE_POKEUSER, pid, 0, 0), ESRCH);
	refused(pt(PTRACE_CONT, pid, 0, 0), ESRCH);
	refused(pt(PTRACE_SETOPTIONS, pid, 0, 0), ESRCH);
	refused(pt(PTRACE_GETEVENTMSG, pid, 0, &message), ESRCH);
	refused(pt(PTRACE_DETACH, pid, 0, 0), ESRCH);
	end(pid);
}

static void
tracee_of_another(void)
{
	pid_t pid = (pid_t)await(0);

	refused(pt(PTRACE_CONT, pid, 0, 0), ESRCH);
	refused(pt(PTRACE_KILL, pid, 0, 0), ESRCH);
	refused(pt(PTRACE_ATTACH, pid, 0, 0), EPERM);
}

static void
only_the_tracer(void)
{
	pid_t pid = launch(do_nothing);
	pid_t other = child(tracee_of_another);

	post(0, pid);
	expect(other, EXITED(0));
	end(pid);
}

static void *
not_the_tracing_thread(void *arg)
{
	pid_t pid = *(pid_t *)arg;

	refused(pt(PTRACE_CONT, pid, 0, 0), ESRCH);
	refused(pt(PTRACE_PEEKDATA, pid, board, 0), ESRCH);
	return NULL;
}

static void
only_the_tracing_thread(void)
{
	pid_t pid = launch(do_nothing);
	pthread_t thread;

	options(pid, 0);
	equal(pthread_create(&thread, NULL, not_the_tracing_thread, &pid), 0);
	equal(pthread_join(thread, NULL), 0);
	cont(pid);
	expect(pid, EXITED(0));
}

static void
dead_tracee(void)
{
	pid_t pid = launch(do_nothing);

	cont(pid);
	until_state(pid, "Z");
	refused(pt(PTRACE_CONT, pid, 0, 0), ESRCH);
	refused(pt(PTRACE_DETACH, pid, 0, 0), ESRCH);
	expect(pid, EXITED(0));
}

static void
exec_quietly(void)
{
	exec_self(3);
}

static void
exec_sigtrap(void)
{
	pid_t pid = launch(exec_quietly);

	cont(pid);
	expect(pid, STOPPED(SIGTRAP));
	equal(signal_info(pid).si_code, SI_USER);
	equal(signal_info(pid).si_pid, pid);
	cont(pid);
	expect(pid, EXITED(3));
}

static const struct test_case cases[] = {
    {"TRACEME: the process is to be traced by its parent; its SIGSTOP "
     "then stops it and wait tells, without WUNTRACED",
     traceme_stops},
    {"TRACEME: the pid, addr and data arguments are ignored",
     traceme_ignores_arguments},
    {"TRACEME: EPERM, the process is already being traced", traceme_twice},
    {"TRACEME: the parent is the tracer, so TracerPid names it",
     traceme_parent},
    {"CONT, GETSIGINFO: a tracee stops each time a signal is delivered",
     each_signal_stops},
    {"CONT: ... even if the signal is being ignored", ignored_signals_stop},
    {"CONT: ... except for SIGKILL, which has its usual effect", sigkill_kills},
    {"TRACEME: SIGKILL kills a tracee that is in a ptrace-stop", kill_stopped},
    {"KILL: send the tracee a SIGKILL to terminate it", ptrace_kill_stopped},
    {"KILL: ... which needs no ptrace-stop", ptrace_kill_running},
    {"an unknown request: EIO, request is invalid", unknown_request},
    {"CONT, PEEKDATA, ATTACH: ESRCH, the process does not exist",
     no_such_process},
    {"CONT, GETREGS, INTERRUPT, KILL, DETACH: ESRCH, the process is not "
     "being traced by the caller",
     not_a_tracee},
    {"GETREGS, PEEKDATA, POKEUSER, CONT, SETOPTIONS, GETEVENTMSG, DETACH: "
     "ESRCH, the tracee is not stopped",
     running_tracee},
    {"CONT, KILL, ATTACH: only its tracer may command a tracee, and it "
     "has one tracer",
     only_the_tracer},
    {"CONT, PEEKDATA: the tracer is a thread, not a process",
     only_the_tracing_thread},
    {"CONT, DETACH: the death of a tracee gives ESRCH before it is "
     "reaped too",
     dead_tracee},
    {"TRACEME: without TRACEEXEC a successful execve sends SIGTRAP "
     "before the new program begins",
     exec_sigtrap},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
