/* SPDX-License-Identifier: MIT */
/* PTRACE_ATTACH. */
#include "cases.h"

#include <pthread.h>
#include <string.h>

static pid_t
attach(void (*body)(void))
{
	pid_t pid = child(body);

	must(pt(PTRACE_ATTACH, pid, 0, 0));
	expect(pid, STOPPED(SIGSTOP));
	return pid;
}

static void
stops_by_sigstop(void)
{
	pid_t pid = attach(sleep_forever);

	equal(signal_info(pid).si_signo, SIGSTOP);
	equal(signal_info(pid).si_code, SI_KERNEL);
	equal(status_number(pid, "TracerPid"), getpid());
	end(pid);
}

static void
post_and_spin(void)
{
	post(0, 1);
	spin_forever();
}

static void
stops_a_spinner(void)
{
	pid_t pid = child(post_and_spin);
	struct user_regs_struct regs;

	await(0);
	must(pt(PTRACE_ATTACH, pid, 0, 0));
	expect(pid, STOPPED(SIGSTOP));
	get_regs(pid, &regs);
	equal((long)regs.orig_rax, -1);
	end(pid);
}

static void
not_stopped_yet(void)
{
	pid_t pid = child(sleep_forever);
	int status;

	until_state(pid, "S");
	must(pt(PTRACE_ATTACH, pid, 0x1234, 0x5678));
	equal(must(waitpid(pid, &status, __WALL)), pid);
	equal(status, STOPPED(SIGSTOP));
	end(pid);
}

static void
grandchild(void)
{
	post(1, getpid());
	await(2);
	_exit(getppid() == await(3) ? 9 : 1);
}

static void
real_parent(void)
{
	pid_t pid;

	post(3, getpid());
	pid = child(grandchild);
	expect(pid, EXITED(9));
	post(4, 1);
}

static void
not_a_child(void)
{
	pid_t parent = child(real_parent);
	pid_t pid = (pid_t)await(1);

	must(pt(PTRACE_ATTACH, pid, 0, 0));
	expect(pid, STOPPED(SIGSTOP));
	equal(status_number(pid, "PPid"), parent);
	equal(status_number(pid, "TracerPid"), getpid());
	post(2, 1);
	cont(pid);
	expect(pid, EXITED(9));
	expect(parent, EXITED(0));
	equal(board[4], 1);
}

static void
wait_for_grandchild(void)
{
	pid_t pid = child(grandchild);
	int status;

	post(3, getpid());
	await(5);
	/* Dead, but its tracer has not taken the status. */
	post(6, waitpid(pid, &status, WNOHANG) == 0 ? 1 : -1);
	expect(pid, EXITED(9));
}

static void
parent_waits_for_tracer(void)
{
	pid_t parent = child(wait_for_grandchild);
	pid_t pid = (pid_t)await(1);

	must(pt(PTRACE_ATTACH, pid, 0, 0));
	expect(pid, STOPPED(SIGSTOP));
	post(2, 1);
	cont(pid);
	until_state(pid, "Z");
	post(5, 1);
	equal(await(6), 1);
	expect(pid, EXITED(9));
	expect(parent, EXITED(0));
}

static void
watch_child(void)
{
	pid_t pid = child(sleep_forever);
	int status;

	post(1, pid);
	await(2);
	post(3, waitpid(pid, &status, WNOHANG | WUNTRACED) == 0 ? 1 : -1);
	expect(pid, KILLED_BY(SIGKILL));
}

static void
parent_sees_no_stop(void)
{
	pid_t parent = child(watch_child);
	pid_t pid = (pid_t)await(1);

	must(pt(PTRACE_ATTACH, pid, 0, 0));
	expect(pid, STOPPED(SIGSTOP));
	post(2, 1);
	equal(await(3), 1);
	end(pid);
	expect(parent, EXITED(0));
}

static void
already_traced(void)
{
	pid_t pid = attach(sleep_forever);

	refused(pt(PTRACE_ATTACH, pid, 0, 0), EPERM);
	refused(pt(PTRACE_SEIZE, pid, 0, 0), EPERM);
	end(pid);
}

static void
oneself(void)
{
	refused(pt(PTRACE_ATTACH, getpid(), 0, 0), EPERM);
	refused(pt(PTRACE_SEIZE, getpid(), 0, 0), EPERM);
}

static void *
attach_leader(void *arg)
{
	(void)arg;
	refused(pt(PTRACE_ATTACH, getpid(), 0, 0), EPERM);
	return NULL;
}

static void
own_thread_group(void)
{
	pthread_t thread;

	equal(pthread_create(&thread, NULL, attach_leader, NULL), 0);
	equal(pthread_join(thread, NULL), 0);
}

static void
zombie(void)
{
	pid_t pid = child(do_nothing);

	until_state(pid, "Z");
	refused(pt(PTRACE_ATTACH, pid, 0, 0), EPERM);
	refused(pt(PTRACE_SEIZE, pid, 0, 0), EPERM);
	expect(pid, EXITED(0));
}

static void
count_and_sleep(void)
{
	signal(SIGUSR1, SIG_DFL);
	sleep_forever();
}

static void
other_signal_too(void)
{
	pid_t pid = child(count_and_sleep);
	int stop = 0, usr1 = 0;

	must(kill(pid, SIGWINCH));
	must(pt(PTRACE_ATTACH, pid, 0, 0));
	must(kill(pid, SIGUSR1));
	while (!stop || !usr1) {
		int status = next_status(pid);

		check(WIFSTOPPED(status));
		stop += WSTOPSIG(status) == SIGSTOP;
		usr1 += WSTOPSIG(status) == SIGUSR1;
		cont(pid);
	}
	equal(stop, 1);
	equal(usr1, 1);
	end(pid);
}

static void
job_stopped(void)
{
	pid_t pid = child(sleep_forever);
	int status;

	must(kill(pid, SIGSTOP));
	equal(must(waitpid(pid, &status, WUNTRACED)), pid);
	equal(status, STOPPED(SIGSTOP));
	must(pt(PTRACE_ATTACH, pid, 0, 0));
	expect(pid, STOPPED(SIGSTOP));
	until_state(pid, "t");
	cont(pid);
	/* The SIGSTOP of the attach itself. */
	expect(pid, STOPPED(SIGSTOP));
	end(pid);
}

static void
sleep_in_call(void)
{
	post(0, 1);
	pause();
	_exit(6);
}

static void
call_is_restarted(void)
{
	pid_t pid = child(sleep_in_call);

	await(0);
	until_state(pid, "S");
	must(pt(PTRACE_ATTACH, pid, 0, 0));
	expect(pid, STOPPED(SIGSTOP));
	cont(pid);
	/* Back in pause(), which a suppressed signal does not end. */
	until_state(pid, "S");
	equal(must(waitpid(pid, NULL, __WALL | WNOHANG)), 0);
	end(pid);
}

static void
attach_detach_attach(void)
{
	pid_t pid = attach(sleep_forever);

	for (int i = 0; i < 20; i++) {
		must(pt(PTRACE_DETACH, pid, 0, 0));
		must(pt(PTRACE_ATTACH, pid, 0, 0));
		expect(pid, STOPPED(SIGSTOP));
	}
	end(pid);
}

static void
many_tracees(void)
{
	pid_t pids[12];
	int status;

	for (size_t i = 0; i < COUNT(pids); i++) {
		pids[i] = child(sleep_forever);
		must(pt(PTRACE_ATTACH, pids[i], 0, 0));
	}
	for (size_t i = 0; i < COUNT(pids); i++) {
		check(must(waitpid(-1, &status, __WALL)) > 0);
		equal(status, STOPPED(SIGSTOP));
	}
	equal(must(waitpid(-1, &status, __WALL | WNOHANG)), 0);
	for (size_t i = 0; i < COUNT(pids); i++)
		end(pids[i]);
	refused(waitpid(-1, &status, __WALL), ECHILD);
}

static const struct test_case cases[] = {
    {"ATTACH, GETSIGINFO: the tracee is sent a SIGSTOP", stops_by_sigstop},
    {"ATTACH, GETREGS: it stops outside system calls too", stops_a_spinner},
    {"ATTACH: addr and data are ignored; it will not necessarily have "
     "stopped by the completion of the call: use waitpid",
     not_stopped_yet},
    {"ATTACH: the tracee's getppid gives the original parent still, but "
     "the tracer gets its exit first",
     not_a_child},
    {"ATTACH: the real parent's wait tells of a death after the tracer "
     "has taken it",
     parent_waits_for_tracer},
    {"ATTACH: ptrace-stops are reported to the tracer only",
     parent_sees_no_stop},
    {"ATTACH, SEIZE: EPERM, the process is already being traced",
     already_traced},
    {"ATTACH, SEIZE: EPERM, a process cannot trace itself", oneself},
    {"ATTACH: EPERM, a thread of the caller's own thread group",
     own_thread_group},
    {"ATTACH, SEIZE: EPERM for a zombie", zombie},
    {"ATTACH, CONT: other signals may come before the SIGSTOP; the "
     "tracer injects or suppresses them until it comes",
     other_signal_too},
    {"ATTACH: a process in a group stop traps as by its stop signal",
     job_stopped},
    {"ATTACH, CONT: the suppressed SIGSTOP lets pause() go on",
     call_is_restarted},
    {"ATTACH, DETACH: undoes the effects of ATTACH, as often as one will",
     attach_detach_attach},
    {"ATTACH: waitpid(-1, &status, __WALL) tells of each of the tracees",
     many_tracees},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
