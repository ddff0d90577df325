/* SPDX-License-Identifier: MIT */
/* execve under a tracer. */
#include "cases.h"

#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>

static void
exec_five(void)
{
	exec_self(5);
}

static void
exec_event(void)
{
	pid_t pid = launch(exec_five);
	siginfo_t info;

	options(pid, PTRACE_O_TRACEEXEC);
	cont(pid);
	expect(pid, EVENT(EXEC));
	equal(event_message(pid), pid);
	info = signal_info(pid);
	equal(info.si_signo, SIGTRAP);
	equal(info.si_code, SIGTRAP | PTRACE_EVENT_EXEC << 8);
	cont(pid);
	expect(pid, EXITED(5));
}

static void
new_image(void)
{
	pid_t pid = launch(exec_five);
	struct user_regs_struct regs;

	options(pid, PTRACE_O_TRACEEXEC);
	cont(pid);
	expect(pid, EVENT(EXEC));
	get_regs(pid, &regs);
	equal(regs.orig_rax, SYS_execve);
	equal((long)regs.rax, -ENOSYS); /* not returned yet */
	check(regs.rip != 0);
	/* At the top of a new stack is the number of arguments. */
	equal(peek(pid, (const void *)(uintptr_t)regs.rsp), 3);
	equal(regs.rbx, 0);
	equal(regs.fs_base, 0);
	end(pid);
}

static void
before_exit_stop(void)
{
	pid_t pid = launch(exec_five);
	struct user_regs_struct regs;

	options(pid, PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD);
	do {
		to_syscall(pid);
		expect(pid, SYSCALL_STOP);
		get_regs(pid, &regs);
	} while (regs.orig_rax != SYS_execve);
	to_syscall(pid);
	expect(pid, EVENT(EXEC));
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal(event_message(pid), 2);
	get_regs(pid, &regs);
	equal(regs.orig_rax, SYS_execve);
	equal(regs.rax, 0);
	/* The next is the first call of the new program. */
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal(event_message(pid), 1);
	end(pid);
}

static void
sigtrap_after_exit_stop(void)
{
	pid_t pid = launch(exec_five);
	struct user_regs_struct regs;

	options(pid, PTRACE_O_TRACESYSGOOD);
	do {
		to_syscall(pid);
		expect(pid, SYSCALL_STOP);
		get_regs(pid, &regs);
	} while (regs.orig_rax != SYS_execve);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal(event_message(pid), 2);
	to_syscall(pid);
	expect(pid, STOPPED(SIGTRAP));
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal(event_message(pid), 1);
	end(pid);
}

static void
exec_missing(void)
{
	char *argv[] = {"none", NULL};

	_exit(execv("/nonexistent/program", argv) == -1 ? errno : 0);
}

static void
failed(void)
{
	pid_t pid = launch(exec_missing);

	options(pid, PTRACE_O_TRACEEXEC);
	cont(pid);
	expect(pid, EXITED(ENOENT));
}

static void
block_and_exec(void)
{
	sigset_t set;

	catch_signal(SIGUSR1, 0, ignore_signal_handler);
	signal(SIGUSR2, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	exec_self(-1);
}

static void
signals_after(void)
{
	pid_t pid = launch(block_and_exec);
	unsigned long mask = 0;

	options(pid, PTRACE_O_TRACEEXEC);
	cont(pid);
	expect(pid, EVENT(EXEC));
	must(pt(PTRACE_GETSIGMASK, pid, 8, &mask));
	equal(mask, 1ul << (SIGTERM - 1));
	/* Ignored still. */
	must(kill(pid, SIGUSR2));
	cont(pid);
	expect(pid, STOPPED(SIGUSR2));
	must(pt(PTRACE_CONT, pid, 0, SIGUSR2));
	/* The default again, its handler is gone. */
	must(kill(pid, SIGUSR1));
	expect(pid, STOPPED(SIGUSR1));
	must(pt(PTRACE_CONT, pid, 0, SIGUSR1));
	expect(pid, KILLED_BY(SIGUSR1));
}

static void *
exec_in_thread(void *arg)
{
	post(0, thread_id());
	await(1);
	exec_self(7);
	return arg;
}

static void
thread_execs(void)
{
	pthread_t thread;

	equal(pthread_create(&thread, NULL, exec_in_thread, NULL), 0);
	sleep_forever();
}

static void
from_thread(void)
{
	pid_t pid = launch(thread_execs), tid;

	options(pid, PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE);
	cont(pid);
	expect(pid, EVENT(CLONE));
	tid = (pid_t)event_message(pid);
	expect(tid, STOPPED(SIGSTOP));
	cont(tid);
	cont(pid);
	equal(await(0), tid);
	post(1, 1);
	/* The thread has the leader's id now; no death of either is told. */
	expect(pid, EVENT(EXEC));
	equal(event_message(pid), tid);
	refused(waitpid(tid, NULL, __WALL | WNOHANG), ECHILD);
	refused(pt(PTRACE_CONT, tid, 0, 0), ESRCH);
	cont(pid);
	expect(pid, EXITED(7));
}

static void *
sleep_in_thread(void *arg)
{
	post(0, thread_id());
	sleep_forever();
	return arg;
}

static void
leader_execs(void)
{
	pthread_t thread;

	equal(pthread_create(&thread, NULL, sleep_in_thread, NULL), 0);
	await(0);
	exec_self(8);
}

static void
kills_others(void)
{
	pid_t pid = launch(leader_execs), tid;

	options(pid, PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE);
	cont(pid);
	expect(pid, EVENT(CLONE));
	tid = (pid_t)event_message(pid);
	expect(tid, STOPPED(SIGSTOP));
	cont(tid);
	cont(pid);
	expect(tid, EXITED(0)); /* no status of its own */
	expect(pid, EVENT(EXEC));
	equal(event_message(pid), pid);
	cont(pid);
	expect(pid, EXITED(8));
}

static void
only_thread_traced(void)
{
	pid_t pid = child(thread_execs), tid = (pid_t)await(0);

	must(pt(PTRACE_SEIZE, tid, 0, PTRACE_O_TRACEEXEC));
	post(1, 1);
	/* Traced by its tid, it goes on as the leader. */
	expect(pid, EVENT(EXEC));
	equal(event_message(pid), tid);
	cont(pid);
	expect(pid, EXITED(7));
}

static void
only_leader_traced(void)
{
	pid_t pid = child(thread_execs);
	int status;

	await(0);
	must(pt(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT));
	post(1, 1);
	/* It ends like the other threads; who has its id now is not traced. */
	status = next_status(pid);
	if (status == EVENT(EXIT)) {
		must(pt(PTRACE_CONT, pid, 0, 0));
		status = next_status(pid);
	}
	equal(status, EXITED(7));
}

static void
calls_of_thread(void)
{
	pid_t pid = child(thread_execs), tid = (pid_t)await(0);
	struct user_regs_struct regs;

	must(pt(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD));
	must(pt(PTRACE_SEIZE, tid, 0,
		PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC));
	must(pt(PTRACE_INTERRUPT, tid, 0, 0));
	expect(tid, EVENT(STOP));
	post(1, 1);
	do {
		to_syscall(tid);
		expect(tid, SYSCALL_STOP);
		get_regs(tid, &regs);
	} while (regs.orig_rax != SYS_execve);
	to_syscall(tid);
	/* Entered by one id, left by another. */
	expect(pid, EVENT(EXEC));
	equal(event_message(pid), tid);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal(event_message(pid), 2);
	get_regs(pid, &regs);
	equal(regs.orig_rax, SYS_execve);
	equal(regs.rax, 0);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal(event_message(pid), 1);
	end(pid);
}

static void
stepped(void)
{
	pid_t pid = launch(exec_five);
	struct user_regs_struct regs;
	unsigned long start;

	options(pid, PTRACE_O_TRACEEXEC);
	cont(pid);
	expect(pid, EVENT(EXEC));
	get_regs(pid, &regs);
	start = (unsigned long)regs.rip;
	step(pid);
	expect(pid, STOPPED(SIGTRAP));
	get_regs(pid, &regs);
	/* The step's trap is at the first instruction or after it. */
	check(regs.rip - start < 16);
	step(pid);
	expect(pid, STOPPED(SIGTRAP));
	get_regs(pid, &regs);
	check(regs.rip != start);
	end(pid);
}

static void
detached(void)
{
	pid_t pid = launch(exec_five);

	options(pid, PTRACE_O_TRACEEXEC);
	cont(pid);
	expect(pid, EVENT(EXEC));
	must(pt(PTRACE_DETACH, pid, 0, 0));
	expect(pid, EXITED(5));
}

static void
exec_twice(void)
{
	char *argv[] = {"sh", "-c", "exec sh -c 'exit 9'", NULL};

	execv("/bin/sh", argv);
}

static void
again(void)
{
	pid_t pid = launch(exec_twice);

	options(pid, PTRACE_O_TRACEEXEC);
	cont(pid);
	expect(pid, EVENT(EXEC));
	cont(pid);
	expect(pid, EVENT(EXEC));
	cont(pid);
	expect(pid, EXITED(9));
}

static const struct test_case cases[] = {
    {"SETOPTIONS, GETEVENTMSG, GETSIGINFO: TRACEEXEC, stop at the next "
     "execve; the message is the former thread id",
     exec_event},
    {"GETREGS, PEEKDATA: the event is when the new image is there", new_image},
    {"SYSCALL: the event comes before the exit stop of execve",
     before_exit_stop},
    {"SYSCALL: without TRACEEXEC the SIGTRAP comes after the exit stop",
     sigtrap_after_exit_stop},
    {"SETOPTIONS: an execve that fails is no event", failed},
    {"GETSIGMASK, CONT: handlers are reset, ignored and blocked signals "
     "stay so",
     signals_after},
    {"SETOPTIONS, GETEVENTMSG: execve by another thread than the leader: "
     "its tid is reset to the process id",
     from_thread},
    {"CONT: execve destroys all other threads, whose deaths are told "
     "before the event",
     kills_others},
    {"SEIZE: of the thread that calls execve alone", only_thread_traced},
    {"SEIZE: of the leader alone, when another thread calls execve",
     only_leader_traced},
    {"SYSCALL: execve of a thread is entered by its id and left by the "
     "leader's",
     calls_of_thread},
    {"SINGLESTEP: from the exec event", stepped},
    {"DETACH: from the exec event", detached},
    {"SETOPTIONS: TRACEEXEC, each of them", again},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
