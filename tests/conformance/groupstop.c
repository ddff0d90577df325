/* SPDX-License-Identifier: MIT */
/* Group stops, with and without PTRACE_SEIZE, and PTRACE_LISTEN. */
#include "cases.h"

#include <pthread.h>

#define deliver(pid, sig) must(pt(PTRACE_CONT, pid, 0, sig))
#define listen(pid)	  must(pt(PTRACE_LISTEN, pid, 0, 0))

static void
classic(void)
{
	pid_t pid = launch(sleep_forever);
	siginfo_t info;

	deliver(pid, SIGSTOP);
	expect(pid, STOPPED(SIGSTOP));
	refused(pt(PTRACE_GETSIGINFO, pid, 0, &info), EINVAL);
	end(pid);
}

static void
classic_each_signal(void)
{
	const int stops[] = {SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU};
	pid_t pid = launch(sleep_forever);
	siginfo_t info;

	for (size_t i = 0; i < COUNT(stops); i++) {
		deliver(pid, 0);
		must(kill(pid, stops[i]));
		expect(pid, STOPPED(stops[i]));
		equal(signal_info(pid).si_signo, stops[i]);
		deliver(pid, stops[i]);
		expect(pid, STOPPED(stops[i]));
		refused(pt(PTRACE_GETSIGINFO, pid, 0, &info), EINVAL);
	}
	end(pid);
}

static void
classic_resumed(void)
{
	pid_t pid = launch(do_nothing);

	deliver(pid, SIGSTOP);
	expect(pid, STOPPED(SIGSTOP));
	cont(pid);
	expect(pid, EXITED(0));
}

static void
suppressed(void)
{
	pid_t pid = seize(sleep_forever, 0);

	must(kill(pid, SIGSTOP));
	expect(pid, STOPPED(SIGSTOP));
	cont(pid);
	until_state(pid, "S");
	equal(must(waitpid(pid, NULL, __WALL | WNOHANG)), 0);
	end(pid);
}

static pid_t
group_stopped(int sig)
{
	pid_t pid = seize(sleep_forever, 0);

	until_state(pid, "S");
	must(kill(pid, sig));
	expect(pid, STOPPED(sig));
	deliver(pid, sig);
	expect(pid, GROUP(sig));
	return pid;
}

static void
seized_each_signal(void)
{
	const int stops[] = {SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU};

	for (size_t i = 0; i < COUNT(stops); i++) {
		pid_t pid = group_stopped(stops[i]);

		end(pid);
	}
}

static void
seized_siginfo(void)
{
	pid_t pid = group_stopped(SIGTSTP);
	siginfo_t info = signal_info(pid);

	equal(info.si_signo, SIGTSTP);
	equal(info.si_code, SIGTSTP | PTRACE_EVENT_STOP << 8);
	end(pid);
}

static void
listen_stays(void)
{
	pid_t pid = group_stopped(SIGSTOP);

	listen(pid);
	equal(must(waitpid(pid, NULL, __WALL | WNOHANG)), 0);
	refused(pt(PTRACE_CONT, pid, 0, 0), ESRCH);
	end(pid);
}

static void
listen_hears_sigcont(void)
{
	pid_t pid = group_stopped(SIGSTOP);

	listen(pid);
	must(kill(pid, SIGCONT));
	expect(pid, EVENT(STOP));
	cont(pid);
	expect(pid, STOPPED(SIGCONT));
	equal(signal_info(pid).si_signo, SIGCONT);
	deliver(pid, SIGCONT);
	until_state(pid, "S");
	end(pid);
}

static void
listen_then_interrupt(void)
{
	pid_t pid = group_stopped(SIGTTIN);

	listen(pid);
	must(pt(PTRACE_INTERRUPT, pid, 0, 0));
	expect(pid, GROUP(SIGTTIN));
	listen(pid);
	must(kill(pid, SIGCONT));
	expect(pid, EVENT(STOP));
	end(pid);
}

static void
listen_elsewhere(void)
{
	pid_t pid = seize(sleep_forever, 0);

	refused(pt(PTRACE_LISTEN, pid, 0, 0), ESRCH);
	must(kill(pid, SIGUSR1));
	expect(pid, STOPPED(SIGUSR1));
	refused(pt(PTRACE_LISTEN, pid, 0, 0), EIO);
	end(pid);
}

static void
sigcont_without_listen(void)
{
	pid_t pid = group_stopped(SIGSTOP);

	must(kill(pid, SIGCONT));
	equal(must(waitpid(pid, NULL, __WALL | WNOHANG)), 0);
	cont(pid);
	/* The end of the group stop traps first, then the signal. */
	expect(pid, EVENT(STOP));
	cont(pid);
	expect(pid, STOPPED(SIGCONT));
	end(pid);
}

static void
cont_runs(void)
{
	pid_t pid = group_stopped(SIGSTOP);

	cont(pid);
	until_state(pid, "S");
	must(kill(pid, SIGUSR1));
	expect(pid, STOPPED(SIGUSR1));
	end(pid);
}

static void
killed_while_listening(void)
{
	pid_t pid = group_stopped(SIGSTOP);

	listen(pid);
	must(kill(pid, SIGKILL));
	expect(pid, KILLED_BY(SIGKILL));
}

static void *
second_thread(void *arg)
{
	(void)arg;
	post(0, thread_id());
	sleep_forever();
	return NULL;
}

static void
two_threads(void)
{
	pthread_t thread;

	equal(pthread_create(&thread, NULL, second_thread, NULL), 0);
	sleep_forever();
}

static void
all_threads(void)
{
	pid_t pid = child(two_threads);
	pid_t tid = (pid_t)await(0);
	int status;
	pid_t first, other;

	must(pt(PTRACE_SEIZE, pid, 0, 0));
	must(pt(PTRACE_SEIZE, tid, 0, 0));
	must(kill(pid, SIGTSTP));
	first = (pid_t)must(waitpid(-1, &status, __WALL));
	equal(status, STOPPED(SIGTSTP));
	other = first == pid ? tid : pid;
	deliver(first, SIGTSTP);
	expect(first, GROUP(SIGTSTP));
	expect(other, GROUP(SIGTSTP));
	listen(first);
	listen(other);
	must(kill(pid, SIGCONT));
	expect(first, EVENT(STOP));
	expect(other, EVENT(STOP));
	must(kill(pid, SIGKILL));
	expect(tid, KILLED_BY(SIGKILL));
	expect(pid, KILLED_BY(SIGKILL));
}

static void
untraced_thread_stops(void)
{
	pid_t pid = child(two_threads);
	pid_t tid = (pid_t)await(0);

	must(pt(PTRACE_SEIZE, pid, 0, 0));
	must(kill(pid, SIGSTOP));
	/* Whichever takes it, the traced one reports the group stop. */
	for (;;) {
		int status = next_status(pid);

		if (status == GROUP(SIGSTOP))
			break;
		equal(status, STOPPED(SIGSTOP));
		deliver(pid, SIGSTOP);
	}
	until_state(tid, "T");
	end(pid);
}

static void
stop_then_exit(void)
{
	raise(SIGSTOP);
	_exit(3);
}

static void
continued_before(void)
{
	pid_t pid = launch(stop_then_exit);

	cont(pid);
	expect(pid, STOPPED(SIGSTOP));
	/* SIGCONT removes the stop that was decided but not yet done. */
	must(kill(pid, SIGCONT));
	deliver(pid, SIGSTOP);
	expect(pid, STOPPED(SIGCONT));
	cont(pid);
	expect(pid, EXITED(3));
}

/* What is changed in the stop is there in the one that comes of itself. */
static void
listen_changed(void)
{
	struct user_regs_struct regs;
	pid_t pid = seize(sleep_forever, 0);
	uint64_t mask = 0;

	must(kill(pid, SIGSTOP));
	expect(pid, STOPPED(SIGSTOP));
	must(pt(PTRACE_CONT, pid, 0, SIGSTOP));
	expect(pid, GROUP(SIGSTOP));
	for (int i = 0; i < 4; i++) {
		get_regs(pid, &regs);
		regs.r15 = 100 + (unsigned)i;
		set_regs(pid, &regs);
		mask = UINT64_C(0x800) + (unsigned)i;
		must(pt(PTRACE_SETSIGMASK, pid, sizeof mask, &mask));
	}
	options(pid, PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK);
	must(pt(PTRACE_LISTEN, pid, 0, 0));
	refused(pt(PTRACE_SETREGS, pid, 0, &regs), ESRCH);
	must(kill(pid, SIGCONT));
	expect(pid, GROUP(SIGTRAP));
	get_regs(pid, &regs);
	equal(regs.r15, 103);
	must(pt(PTRACE_GETSIGMASK, pid, sizeof mask, &mask));
	equal(mask, 0x803);
	end(pid);
}

static const struct test_case cases[] = {
    {"CONT, GETSIGINFO: a stopping signal that is injected stops the "
     "group; GETSIGINFO then fails with EINVAL",
     classic},
    {"CONT: SIGSTOP, SIGTSTP, SIGTTIN and SIGTTOU are stopping signals",
     classic_each_signal},
    {"CONT: a tracee in a group stop is resumed as from any ptrace-stop",
     classic_resumed},
    {"CONT: a stopping signal that is suppressed stops nothing", suppressed},
    {"SEIZE, CONT: a group stop has status >> 16 == PTRACE_EVENT_STOP and "
     "the stopping signal",
     seized_each_signal},
    {"GETSIGINFO: at a seized tracee's group stop", seized_siginfo},
    {"LISTEN: resume the stopped tracee, but prevent it from executing",
     listen_stays},
    {"LISTEN: SIGCONT ends the group stop, which is told by EVENT_STOP",
     listen_hears_sigcont},
    {"LISTEN, INTERRUPT: stops a listening tracee anew, with the stop "
     "signal",
     listen_then_interrupt},
    {"LISTEN: EIO if the tracee is not in a group stop", listen_elsewhere},
    {"CONT: SIGCONT while in the group stop is heard at the resume",
     sigcont_without_listen},
    {"CONT: in place of LISTEN makes the tracee run", cont_runs},
    {"LISTEN: SIGKILL kills a tracee that listens", killed_while_listening},
    {"LISTEN: every thread of the group stops and reports, and each "
     "hears SIGCONT",
     all_threads},
    {"SEIZE: threads that are not traced take part in the group stop",
     untraced_thread_stops},
    {"CONT: SIGCONT before the stopping signal is injected prevents the "
     "stop",
     continued_before},
    {"LISTEN, SETREGS, SETSIGMASK: changed before, there after it",
     listen_changed},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
