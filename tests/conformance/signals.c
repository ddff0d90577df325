/* SPDX-License-Identifier: MIT */
/* Signal injection, suppression and order; SIGCHLD for the tracer; masks. */
#include "cases.h"

#include <string.h>
#include <sys/syscall.h>

static void
count(int sig)
{
	board[sig]++;
}

static void
take_signals(void)
{
	catch_signal(SIGUSR1, 0, count);
	catch_signal(SIGUSR2, 0, count);
	raise(SIGUSR1);
	raise(SIGUSR2);
}

static void
injected(void)
{
	pid_t pid = launch(take_signals);

	cont(pid);
	expect(pid, STOPPED(SIGUSR1));
	must(pt(PTRACE_CONT, pid, 0, SIGUSR1));
	expect(pid, STOPPED(SIGUSR2));
	equal(board[SIGUSR1], 1);
	must(pt(PTRACE_CONT, pid, 0, SIGUSR2));
	expect(pid, EXITED(0));
	equal(board[SIGUSR1], 1);
	equal(board[SIGUSR2], 1);
}

static void
suppressed(void)
{
	pid_t pid = launch(take_signals);

	cont(pid);
	expect(pid, STOPPED(SIGUSR1));
	cont(pid);
	expect(pid, STOPPED(SIGUSR2));
	cont(pid);
	expect(pid, EXITED(0));
	equal(board[SIGUSR1], 0);
	equal(board[SIGUSR2], 0);
}

static void
deadly(void)
{
	pid_t pid = launch(sleep_forever);

	must(pt(PTRACE_CONT, pid, 0, SIGTERM));
	expect(pid, KILLED_BY(SIGTERM));
	pid = launch(sleep_forever);
	must(pt(PTRACE_SYSCALL, pid, 0, SIGKILL));
	expect(pid, KILLED_BY(SIGKILL));
}

static void
no_second_stop(void)
{
	pid_t pid = launch(take_signals);

	/* An injected signal is not reported again. */
	must(pt(PTRACE_CONT, pid, 0, SIGWINCH));
	expect(pid, STOPPED(SIGUSR1));
	end(pid);
}

static void
block_usr1(void)
{
	sigset_t set;

	catch_signal(SIGUSR1, 0, count);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	raise(SIGUSR2);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void
blocked_later(void)
{
	pid_t pid = launch(block_usr1);

	cont(pid);
	expect(pid, STOPPED(SIGUSR2));
	cont(pid);
	expect(pid, STOPPED(SIGUSR1));
	must(pt(PTRACE_CONT, pid, 0, SIGUSR1));
	expect(pid, EXITED(0));
	equal(board[SIGUSR1], 1);
}

static void
injected_blocked(void)
{
	pid_t pid = launch(block_usr1);

	cont(pid);
	expect(pid, STOPPED(SIGUSR2));
	/* Blocked, so it stays pending, beside the one that does. */
	must(pt(PTRACE_CONT, pid, 0, SIGUSR1));
	expect(pid, STOPPED(SIGUSR1));
	must(pt(PTRACE_CONT, pid, 0, SIGUSR1));
	expect(pid, EXITED(0));
	equal(board[SIGUSR1], 1);
}

static void
order(void)
{
	pid_t pid = launch(do_nothing);
	const int seen[] = {SIGHUP,   SIGUSR1,	SIGTERM,
			    SIGRTMIN, SIGRTMIN, SIGRTMIN + 2};

	must(kill(pid, SIGRTMIN + 2));
	must(kill(pid, SIGTERM));
	must(kill(pid, SIGRTMIN));
	must(kill(pid, SIGUSR1));
	must(kill(pid, SIGRTMIN));
	must(kill(pid, SIGUSR1));
	must(kill(pid, SIGHUP));
	for (size_t i = 0; i < COUNT(seen); i++) {
		cont(pid);
		expect(pid, STOPPED(seen[i]));
	}
	cont(pid);
	expect(pid, EXITED(0));
}

static void
order_of_queues(void)
{
	pid_t pid = launch(do_nothing);

	must(kill(pid, SIGHUP));
	must(syscall(SYS_tgkill, pid, pid, SIGTERM));
	cont(pid);
	expect(pid, STOPPED(SIGTERM));
	cont(pid);
	expect(pid, STOPPED(SIGHUP));
	cont(pid);
	expect(pid, EXITED(0));
}

static volatile sig_atomic_t chld_count, chld_code, chld_status, chld_pid;

static void
on_sigchld(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	chld_count++;
	chld_code = info->si_code;
	chld_status = info->si_status;
	chld_pid = info->si_pid;
}

static void
handle_sigchld(int flags)
{
	struct sigaction action;

	memset(&action, 0, sizeof action);
	action.sa_sigaction = on_sigchld;
	action.sa_flags = SA_SIGINFO | SA_RESTART | flags;
	must(sigaction(SIGCHLD, &action, NULL));
}

static void
sigchld_at_stop(void)
{
	pid_t pid;

	handle_sigchld(0);
	pid = launch(do_nothing);
	equal(chld_count, 1);
	equal(chld_code, CLD_TRAPPED);
	equal(chld_status, SIGSTOP);
	equal(chld_pid, pid);
	options(pid, PTRACE_O_TRACESYSGOOD);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal(chld_count, 2);
	equal(chld_code, CLD_TRAPPED);
	equal(chld_status & 0x7f, SIGTRAP);
	end(pid);
	equal(chld_code, CLD_KILLED);
	equal(chld_status, SIGKILL);
}

static void
nocldstop(void)
{
	pid_t pid;

	handle_sigchld(SA_NOCLDSTOP);
	pid = launch(do_nothing);
	equal(chld_count, 0);
	cont(pid);
	expect(pid, EXITED(0));
	equal(chld_count, 1);
	equal(chld_code, CLD_EXITED);
}

static void
wakes_sigsuspend(void)
{
	sigset_t block, none;
	pid_t pid;

	handle_sigchld(0);
	sigemptyset(&none);
	sigemptyset(&block);
	sigaddset(&block, SIGCHLD);
	pid = launch(sleep_forever);
	must(sigprocmask(SIG_BLOCK, &block, NULL));
	chld_count = 0;
	cont(pid);
	must(kill(pid, SIGUSR1));
	while (!chld_count)
		sigsuspend(&none);
	expect(pid, STOPPED(SIGUSR1));
	end(pid);
}

static sigset_t
get_mask(pid_t pid)
{
	sigset_t set;

	sigemptyset(&set);
	must(pt(PTRACE_GETSIGMASK, pid, 8, &set));
	return set;
}

static void
mask_read(void)
{
	pid_t pid = launch(block_usr1);
	sigset_t set;

	set = get_mask(pid);
	equal(sigismember(&set, SIGUSR1), 0);
	cont(pid);
	expect(pid, STOPPED(SIGUSR2));
	set = get_mask(pid);
	equal(sigismember(&set, SIGUSR1), 1);
	equal(sigismember(&set, SIGUSR2), 0);
	end(pid);
}

static void
mask_written(void)
{
	pid_t pid = launch(block_usr1);
	unsigned long mask = 0;

	cont(pid);
	expect(pid, STOPPED(SIGUSR2));
	must(pt(PTRACE_SETSIGMASK, pid, 8, &mask));
	/* Unblocked, so the one pending is delivered. */
	cont(pid);
	expect(pid, STOPPED(SIGUSR1));
	end(pid);
}

static void
mask_blocks(void)
{
	pid_t pid = launch(take_signals);
	unsigned long mask = 1ul << (SIGUSR1 - 1);

	must(pt(PTRACE_SETSIGMASK, pid, 8, &mask));
	cont(pid);
	expect(pid, STOPPED(SIGUSR2));
	end(pid);
}

static void
mask_not_all(void)
{
	pid_t pid = launch(do_nothing);
	unsigned long mask = ~0ul;

	must(pt(PTRACE_SETSIGMASK, pid, 8, &mask));
	mask = 0;
	must(pt(PTRACE_GETSIGMASK, pid, 8, &mask));
	equal(mask, ~(1ul << (SIGKILL - 1) | 1ul << (SIGSTOP - 1)));
	end(pid);
}

static void
mask_errors(void)
{
	pid_t pid = launch(do_nothing);
	unsigned long mask[2] = {0, 0};

	refused(pt(PTRACE_GETSIGMASK, pid, 4, mask), EINVAL);
	refused(pt(PTRACE_GETSIGMASK, pid, 16, mask), EINVAL);
	refused(pt(PTRACE_SETSIGMASK, pid, 4, mask), EINVAL);
	refused(pt(PTRACE_GETSIGMASK, pid, 8, 8), EFAULT);
	refused(pt(PTRACE_SETSIGMASK, pid, 8, 8), EFAULT);
	end(pid);
}

static void
take_nested(void)
{
	catch_signal(SIGUSR1, 0, count);
	catch_signal(SIGUSR2, 0, count);
	raise(SIGUSR1);
}

static void
inject_at_event(void)
{
	pid_t pid = seize(sleep_forever, 0);

	/* Injection elsewhere than in a signal stop may do nothing. */
	must(pt(PTRACE_INTERRUPT, pid, 0, 0));
	expect(pid, EVENT(STOP));
	must(pt(PTRACE_CONT, pid, 0, SIGTERM));
	until_state(pid, "S");
	equal(must(waitpid(pid, NULL, __WALL | WNOHANG)), 0);
	end(pid);
}

static void
handler_interrupted(void)
{
	pid_t pid = launch(take_nested);

	cont(pid);
	expect(pid, STOPPED(SIGUSR1));
	must(kill(pid, SIGUSR2));
	must(pt(PTRACE_CONT, pid, 0, SIGUSR1));
	/* The other is pending: before the handler runs, it stops. */
	expect(pid, STOPPED(SIGUSR2));
	must(pt(PTRACE_CONT, pid, 0, SIGUSR2));
	expect(pid, EXITED(0));
	equal(board[SIGUSR1], 1);
	equal(board[SIGUSR2], 1);
}

static const struct test_case cases[] = {
    {"CONT: data is the signal to be delivered", injected},
    {"CONT: 0 delivers none", suppressed},
    {"CONT, SYSCALL: a deadly signal kills", deadly},
    {"CONT: a signal injected causes no stop of its own", no_second_stop},
    {"CONT: a blocked signal stops the tracee when it is unblocked",
     blocked_later},
    {"CONT: a signal injected that is blocked stays pending", injected_blocked},
    {"CONT: signals that come during a stop are queued, and reported "
     "one by one, lowest first",
     order},
    {"CONT: ... those of the thread before those of the process",
     order_of_queues},
    {"GETSIGINFO: a stop sends SIGCHLD with CLD_TRAPPED to the tracer",
     sigchld_at_stop},
    {"SYSCALL: SA_NOCLDSTOP, no SIGCHLD for stops", nocldstop},
    {"CONT: SIGCHLD wakes a tracer in sigsuspend", wakes_sigsuspend},
    {"GETSIGMASK: a copy of the mask of blocked signals", mask_read},
    {"SETSIGMASK: unblocks what is pending", mask_written},
    {"SETSIGMASK: blocks", mask_blocks},
    {"SETSIGMASK: not SIGKILL and SIGSTOP", mask_not_all},
    {"GETSIGMASK, SETSIGMASK: EINVAL for a size that is not 8", mask_errors},
    {"CONT: after an EVENT_STOP the signal argument is ignored",
     inject_at_event},
    {"CONT: two signals, two handlers", handler_interrupted},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
