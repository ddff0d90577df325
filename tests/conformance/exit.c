/* SPDX-License-Identifier: MIT */
/* The exit event, and what becomes of tracees when their tracer ends. */
#include "cases.h"

#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static void
exit_six(void)
{
	_exit(6);
}

static void
exit_event(void)
{
	pid_t pid = launch(exit_six);

	options(pid, PTRACE_O_TRACEEXIT);
	cont(pid);
	expect(pid, EVENT(EXIT));
	equal(event_message(pid), EXITED(6));
	equal(signal_info(pid).si_code, SIGTRAP | PTRACE_EVENT_EXIT << 8);
	cont(pid);
	expect(pid, EXITED(6));
}

static void
still_there(void)
{
	pid_t pid = launch(exit_six);
	struct user_regs_struct regs;

	options(pid, PTRACE_O_TRACEEXIT);
	cont(pid);
	expect(pid, EVENT(EXIT));
	get_regs(pid, &regs);
	equal(regs.orig_rax, SYS_exit_group);
	equal(regs.rdi, 6);
	equal(peek(pid, &board), (long)board);
	until_state(pid, "t");
	cont(pid);
	expect(pid, EXITED(6));
}

static void
cannot_be_prevented(void)
{
	pid_t pid = launch(exit_six);
	struct user_regs_struct regs;

	options(pid, PTRACE_O_TRACEEXIT);
	cont(pid);
	expect(pid, EVENT(EXIT));
	get_regs(pid, &regs);
	regs.rip = (unsigned long)sleep_forever;
	set_regs(pid, &regs);
	to_syscall(pid);
	expect(pid, EXITED(6));
}

static void
by_signal(void)
{
	pid_t pid = launch(sleep_forever);

	options(pid, PTRACE_O_TRACEEXIT);
	must(pt(PTRACE_CONT, pid, 0, SIGTERM));
	expect(pid, EVENT(EXIT));
	equal(event_message(pid), SIGTERM);
	cont(pid);
	expect(pid, KILLED_BY(SIGTERM));
}

static void
detached(void)
{
	pid_t pid = launch(exit_six);

	options(pid, PTRACE_O_TRACEEXIT);
	cont(pid);
	expect(pid, EVENT(EXIT));
	must(pt(PTRACE_DETACH, pid, 0, 0));
	expect(pid, EXITED(6));
}

static void *
thread_body(void *arg)
{
	await(0);
	syscall(SYS_exit, 3);
	return arg;
}

static void
thread_exits(void)
{
	pthread_t thread;

	equal(pthread_create(&thread, NULL, thread_body, NULL), 0);
	await(1);
	_exit(0);
}

static void
of_thread(void)
{
	pid_t pid = launch(thread_exits), tid;

	options(pid, PTRACE_O_TRACEEXIT | PTRACE_O_TRACECLONE);
	cont(pid);
	expect(pid, EVENT(CLONE));
	tid = (pid_t)event_message(pid);
	expect(tid, STOPPED(SIGSTOP));
	cont(tid);
	cont(pid);
	post(0, 1);
	expect(tid, EVENT(EXIT));
	equal(event_message(tid), EXITED(3));
	cont(tid);
	expect(tid, EXITED(3));
	post(1, 1);
	expect(pid, EVENT(EXIT));
	cont(pid);
	expect(pid, EXITED(0));
}

/*
 * A tracer that ends: the case's process is the reaper of its children, so
 * that it sees what becomes of the tracee.
 */
static void
tracee_of_tracer(void)
{
	post(10, getpid());
	for (;;) {
		post(11, 1);
		syscall(SYS_getppid);
	}
}

static void
seize_and_exit(void)
{
	pid_t pid = seize(tracee_of_tracer, 0);

	post(1, pid);
	await(10);
}

static void
seize_exitkill_and_exit(void)
{
	pid_t pid = seize(sleep_forever, PTRACE_O_EXITKILL);

	post(1, pid);
}

static void
stop_and_exit(void)
{
	pid_t pid = launch(tracee_of_tracer);

	post(1, pid);
}

static void
syscall_and_exit(void)
{
	pid_t pid = launch(tracee_of_tracer);

	post(1, pid);
	to_syscall(pid);
	next_status(pid);
}

static void
stop_exitkill_and_exit(void)
{
	pid_t pid = launch(sleep_forever);

	options(pid, PTRACE_O_EXITKILL);
	post(1, pid);
}

/* Runs TRACER to its end; its tracee is then a child of the caller. */
static pid_t
orphan_of(void (*tracer)(void))
{
	pid_t pid;

	must(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	pid = child(tracer);
	expect(pid, EXITED(0));
	return (pid_t)await(1);
}

static void
goes_on(pid_t pid)
{
	post(11, 0);
	equal(await(11), 1);
	equal(status_number(pid, "TracerPid"), 0);
	equal(must(waitpid(pid, NULL, WNOHANG | WUNTRACED)), 0);
	end(pid);
}

static void
tracer_dies(void)
{
	goes_on(orphan_of(seize_and_exit));
}

static void
tracer_dies_at_stop(void)
{
	/* The tracee was in a signal stop: it runs, without the signal. */
	goes_on(orphan_of(stop_and_exit));
}

static void
tracer_dies_at_call(void)
{
	goes_on(orphan_of(syscall_and_exit));
}

static void
tracer_dies_exitkill(void)
{
	expect(orphan_of(seize_exitkill_and_exit), KILLED_BY(SIGKILL));
	post(1, 0);
	expect(orphan_of(stop_exitkill_and_exit), KILLED_BY(SIGKILL));
}

static void
tracer_killed(void)
{
	pid_t tracer, pid;

	must(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	tracer = (pid_t)must(fork());
	if (tracer == 0) {
		pid = seize(sleep_forever, PTRACE_O_EXITKILL);
		post(1, pid);
		sleep_forever();
	}
	pid = (pid_t)await(1);
	must(kill(tracer, SIGKILL));
	expect(tracer, KILLED_BY(SIGKILL));
	expect(pid, KILLED_BY(SIGKILL));
}

static void
group_stop_and_exit(void)
{
	pid_t pid = launch(sleep_forever);

	must(pt(PTRACE_CONT, pid, 0, SIGSTOP));
	expect(pid, STOPPED(SIGSTOP));
	post(1, pid);
}

static void
tracer_dies_at_group_stop(void)
{
	pid_t pid = orphan_of(group_stop_and_exit);
	int status;

	until_state(pid, "T");
	equal(must(waitpid(pid, &status, WUNTRACED)), pid);
	equal(status, STOPPED(SIGSTOP));
	end(pid);
}

static void *
trace_and_end(void *arg)
{
	pid_t pid = child(tracee_of_tracer);

	must(pt(PTRACE_SEIZE, pid, 0, 0));
	post(1, pid);
	return arg;
}

static void
tracing_thread_ends(void)
{
	pthread_t thread;
	pid_t pid;

	equal(pthread_create(&thread, NULL, trace_and_end, NULL), 0);
	equal(pthread_join(thread, NULL), 0);
	pid = (pid_t)await(1);
	/* Its end may be told a little before it is over. */
	while (status_number(pid, "TracerPid") != 0)
		;
	await(10);
	goes_on(pid);
}

static const struct test_case cases[] = {
    {"SETOPTIONS, GETEVENTMSG: TRACEEXIT, stop at exit; the exit status "
     "is the message",
     exit_event},
    {"GETREGS, PEEKDATA: stopped early during exit, when registers and "
     "memory are there",
     still_there},
    {"SETREGS, SYSCALL: the tracer cannot prevent the exit",
     cannot_be_prevented},
    {"GETEVENTMSG: TRACEEXIT, of a death by a signal", by_signal},
    {"DETACH: from the exit event", detached},
    {"GETEVENTMSG: TRACEEXIT, of each thread", of_thread},
    {"SEIZE: if the tracer terminates, the tracees are detached", tracer_dies},
    {"TRACEME: ... and resumed, if they were in a stop", tracer_dies_at_stop},
    {"SYSCALL: ... in the middle of a system call", tracer_dies_at_call},
    {"SETOPTIONS, SEIZE: EXITKILL, a SIGKILL to every tracee if the "
     "tracer exits",
     tracer_dies_exitkill},
    {"SEIZE: EXITKILL, if the tracer is killed", tracer_killed},
    {"CONT: a tracee in a group stop stays stopped", tracer_dies_at_group_stop},
    {"SEIZE: the tracer is a thread: when it ends, so does the tracing",
     tracing_thread_ends},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
