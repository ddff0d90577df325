/* SPDX-License-Identifier: MIT */
/* The events of fork, vfork and clone. */
#include "cases.h"

#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

#define ALL                                                                    \
	(PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |      \
	 PTRACE_O_TRACEVFORKDONE)

static void
fork_once(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(4);
	post(0, pid);
	_exit(next_status(pid) == EXITED(4) ? 0 : 1);
}

__attribute__((noinline)) static void
vfork_once(void)
{
	pid_t pid = vfork();

	if (pid == 0)
		_exit(5);
	post(0, pid);
	_exit(next_status(pid) == EXITED(5) ? 0 : 1);
}

/* Goes on past the SIGCHLD of the child's death, to the end. */
static void
run_to_end(pid_t pid, int status)
{
	cont(pid);
	expect(pid, STOPPED(SIGCHLD));
	cont(pid);
	expect(pid, status);
}

static void
fork_event(void)
{
	pid_t pid = launch(fork_once), born;

	options(pid, ALL);
	cont(pid);
	expect(pid, EVENT(FORK));
	born = (pid_t)event_message(pid);
	check(born > 0 && born != pid);
	expect(born, STOPPED(SIGSTOP));
	equal(status_number(born, "TracerPid"), getpid());
	equal(status_number(born, "PPid"), pid);
	cont(born);
	expect(born, EXITED(4));
	run_to_end(pid, EXITED(0));
	equal(board[0], born);
}

static void
fork_siginfo(void)
{
	pid_t pid = launch(fork_once);
	siginfo_t info;

	options(pid, ALL);
	cont(pid);
	expect(pid, EVENT(FORK));
	info = signal_info(pid);
	equal(info.si_signo, SIGTRAP);
	equal(info.si_code, SIGTRAP | PTRACE_EVENT_FORK << 8);
	end((pid_t)event_message(pid));
	end(pid);
}

static void
fork_unasked(void)
{
	pid_t pid = launch(fork_once);

	options(pid, PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE);
	cont(pid);
	expect(pid, STOPPED(SIGCHLD));
	cont(pid);
	expect(pid, EXITED(0));
}

static void
child_before_parent_runs(void)
{
	pid_t pid = launch(fork_once), born;
	int status;

	/* The parent stays in its event, the child starts all the same. */
	options(pid, ALL);
	cont(pid);
	expect(pid, EVENT(FORK));
	born = (pid_t)event_message(pid);
	equal(must(waitpid(born, &status, __WALL)), born);
	equal(status, STOPPED(SIGSTOP));
	cont(born);
	expect(born, EXITED(4));
	end(pid);
}

static void
vfork_event(void)
{
	pid_t pid = launch(vfork_once), born;

	options(pid, ALL);
	cont(pid);
	expect(pid, EVENT(VFORK));
	born = (pid_t)event_message(pid);
	expect(born, STOPPED(SIGSTOP));
	cont(born);
	cont(pid);
	expect(born, EXITED(5));
	expect(pid, EVENT(VFORK_DONE));
	equal(event_message(pid), born);
	run_to_end(pid, EXITED(0));
	equal(board[0], born);
}

static void
vfork_parent_waits(void)
{
	pid_t pid = launch(vfork_once), born;

	options(pid, ALL);
	cont(pid);
	expect(pid, EVENT(VFORK));
	born = (pid_t)event_message(pid);
	expect(born, STOPPED(SIGSTOP));
	cont(pid);
	until_state(pid, "D");
	equal(must(waitpid(pid, NULL, __WALL | WNOHANG)), 0);
	cont(born);
	expect(born, EXITED(5));
	expect(pid, EVENT(VFORK_DONE));
	end(pid);
}

static void
vfork_done_only(void)
{
	pid_t pid = launch(vfork_once);

	options(pid, PTRACE_O_TRACEVFORKDONE);
	cont(pid);
	expect(pid, EVENT(VFORK_DONE));
	check((pid_t)event_message(pid) > pid);
	run_to_end(pid, EXITED(0));
}

static void
vfork_exec(void)
{
	if (vfork() == 0)
		exec_self(6);
	wait(NULL);
}

static void
vfork_and_exec(void)
{
	pid_t pid = launch(vfork_exec), born;

	options(pid, ALL | PTRACE_O_TRACEEXEC);
	cont(pid);
	expect(pid, EVENT(VFORK));
	born = (pid_t)event_message(pid);
	expect(born, STOPPED(SIGSTOP));
	cont(pid);
	cont(born);
	expect(born, EVENT(EXEC));
	/* The parent is free once the child has its own memory. */
	expect(pid, EVENT(VFORK_DONE));
	end(born);
	end(pid);
}

static long
raw_clone(unsigned long flags)
{
	return syscall(SYS_clone, flags, 0, 0, 0, 0);
}

static void
clone_sigchld(void)
{
	if (raw_clone(SIGCHLD) == 0)
		_exit(0);
}

static void
clone_vfork(void)
{
	if (raw_clone(SIGCHLD | CLONE_VFORK) == 0)
		_exit(0);
}

static void
clone_other(void)
{
	if (raw_clone(SIGUSR1) == 0)
		_exit(0);
}

static void
clone_untraced(void)
{
	if (raw_clone(SIGCHLD | CLONE_UNTRACED) == 0)
		_exit(0);
}

static void
first_event(void (*body)(void), int status)
{
	pid_t pid = launch(body);

	options(pid, ALL);
	cont(pid);
	expect(pid, status);
	end((pid_t)event_message(pid));
	end(pid);
}

static void
clone_kinds(void)
{
	first_event(clone_sigchld, EVENT(FORK));
	first_event(clone_vfork, EVENT(VFORK));
	first_event(clone_other, EVENT(CLONE));
}

static void
untraced(void)
{
	pid_t pid = launch(clone_untraced);
	int status;

	options(pid, ALL);
	cont(pid);
	status = next_status(pid);
	/* Its death may come before the parent's. */
	if (status == STOPPED(SIGCHLD)) {
		cont(pid);
		status = next_status(pid);
	}
	equal(status, EXITED(0));
	refused(waitpid(-1, NULL, __WALL), ECHILD);
}

static void *
thread_body(void *arg)
{
	post(0, thread_id());
	await(1);
	return arg;
}

static void
make_thread(void)
{
	pthread_t thread;

	equal(pthread_create(&thread, NULL, thread_body, NULL), 0);
	equal(pthread_join(thread, NULL), 0);
}

static void
thread_event(void)
{
	pid_t pid = launch(make_thread), tid;

	options(pid, ALL);
	cont(pid);
	expect(pid, EVENT(CLONE));
	tid = (pid_t)event_message(pid);
	expect(tid, STOPPED(SIGSTOP));
	equal(status_number(tid, "Tgid"), pid);
	equal(status_number(tid, "TracerPid"), getpid());
	cont(tid);
	cont(pid);
	equal(await(0), tid);
	post(1, 1);
	expect(tid, EXITED(0));
	expect(pid, EXITED(0));
}

static void
seized_child(void)
{
	pid_t pid = seize(fork_once, ALL), born;

	expect(pid, EVENT(FORK));
	born = (pid_t)event_message(pid);
	expect(born, EVENT(STOP));
	must(pt(PTRACE_INTERRUPT, born, 0, 0));
	end(born);
	end(pid);
}

static void
parent_killed(void)
{
	pid_t pid = launch(fork_once), born;

	options(pid, ALL);
	cont(pid);
	expect(pid, EVENT(FORK));
	born = (pid_t)event_message(pid);
	must(kill(pid, SIGKILL));
	expect(pid, KILLED_BY(SIGKILL));
	expect(born, STOPPED(SIGSTOP));
	cont(born);
	expect(born, EXITED(4));
}

static void
exit_stop_after_event(void)
{
	pid_t pid = launch(fork_once), born;
	struct user_regs_struct regs;
	int status;

	options(pid, ALL | PTRACE_O_TRACESYSGOOD);
	do {
		to_syscall(pid);
		status = next_status(pid);
	} while (status == SYSCALL_STOP);
	equal(status, EVENT(FORK));
	born = (pid_t)event_message(pid);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	get_regs(pid, &regs);
	equal(regs.rax, born);
	equal(event_message(pid), 2);
	expect(born, STOPPED(SIGSTOP));
	/* The child's first stop may be that of the call's exit: rax is 0. */
	get_regs(born, &regs);
	equal(regs.rax, 0);
	end(born);
	end(pid);
}

static void
fork_and_detach(void)
{
	pid_t pid = launch(fork_once), born;

	options(pid, ALL);
	cont(pid);
	expect(pid, EVENT(FORK));
	born = (pid_t)event_message(pid);
	expect(born, STOPPED(SIGSTOP));
	must(pt(PTRACE_DETACH, born, 0, 0));
	run_to_end(pid, EXITED(0));
}

static const struct test_case cases[] = {
    {"SETOPTIONS, GETEVENTMSG: TRACEFORK, stop at the next fork and trace "
     "the new process, which starts with a SIGSTOP",
     fork_event},
    {"GETSIGINFO: an event's si_code is SIGTRAP | event << 8", fork_siginfo},
    {"SETOPTIONS: without TRACEFORK a child is not traced", fork_unasked},
    {"CONT: the new process starts before the event's stop ends",
     child_before_parent_runs},
    {"SETOPTIONS, GETEVENTMSG: TRACEVFORK and TRACEVFORKDONE", vfork_event},
    {"CONT: the parent waits for the vfork child", vfork_parent_waits},
    {"SETOPTIONS, GETEVENTMSG: TRACEVFORKDONE alone", vfork_done_only},
    {"CONT: an execve of the child ends the parent's wait", vfork_and_exec},
    {"SETOPTIONS: clone is a fork if its signal is SIGCHLD, a vfork with "
     "CLONE_VFORK",
     clone_kinds},
    {"SETOPTIONS: CLONE_UNTRACED, not by these options", untraced},
    {"SETOPTIONS, GETEVENTMSG: TRACECLONE, of a thread", thread_event},
    {"SEIZE, INTERRUPT: a child of a seized tracee is seized", seized_child},
    {"CONT: the child lives on if its parent is killed in the event",
     parent_killed},
    {"SYSCALL: the exit stop of the call comes after the event",
     exit_stop_after_event},
    {"DETACH: a new child that is detached runs", fork_and_detach},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
