/* SPDX-License-Identifier: MIT */
/* PTRACE_GETSIGINFO, SETSIGINFO and PEEKSIGINFO. */
#include "cases.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static void
of_kill(void)
{
	pid_t pid = launch(sleep_forever);
	siginfo_t info;

	cont(pid);
	must(kill(pid, SIGUSR1));
	expect(pid, STOPPED(SIGUSR1));
	info = signal_info(pid);
	equal(info.si_signo, SIGUSR1);
	equal(info.si_errno, 0);
	equal(info.si_code, SI_USER);
	equal(info.si_pid, getpid());
	equal(info.si_uid, getuid());
	end(pid);
}

static void
of_tkill(void)
{
	pid_t pid = launch(sleep_forever);
	siginfo_t info;

	cont(pid);
	must(syscall(SYS_tgkill, pid, pid, SIGUSR2));
	expect(pid, STOPPED(SIGUSR2));
	info = signal_info(pid);
	equal(info.si_code, SI_TKILL);
	equal(info.si_pid, getpid());
	end(pid);
}

static void
of_sigqueue(void)
{
	pid_t pid = launch(sleep_forever);
	union sigval value = {.sival_ptr = (void *)0x123456789a};
	siginfo_t info;

	cont(pid);
	must(sigqueue(pid, SIGRTMIN + 3, value));
	expect(pid, STOPPED(SIGRTMIN + 3));
	info = signal_info(pid);
	equal(info.si_code, SI_QUEUE);
	equal(info.si_pid, getpid());
	equal((long)info.si_value.sival_ptr, 0x123456789a);
	end(pid);
}

static void
touch_nothing(void)
{
	*(volatile int *)0x123000 = 1;
}

static void
touch_read_only(void)
{
	volatile int *page =
	    mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	post(0, (long)page);
	page[1] = 1;
}

static void
of_fault(void)
{
	pid_t pid = launch(touch_nothing);
	siginfo_t info;

	cont(pid);
	expect(pid, STOPPED(SIGSEGV));
	info = signal_info(pid);
	equal(info.si_code, SEGV_MAPERR);
	equal((long)info.si_addr, 0x123000);
	end(pid);
	pid = launch(touch_read_only);
	cont(pid);
	expect(pid, STOPPED(SIGSEGV));
	info = signal_info(pid);
	equal(info.si_code, SEGV_ACCERR);
	equal((long)info.si_addr, board[0] + 4);
	cont(pid);
	/* Suppressed, so the instruction faults again. */
	expect(pid, STOPPED(SIGSEGV));
	end(pid);
}

static void
have_child_exit(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		/* Its end stops the parent, which must have told by then. */
		await(0);
		_exit(17);
	}
	post(0, pid);
	expect(pid, EXITED(17));
}

static void
of_sigchld(void)
{
	pid_t pid = launch(have_child_exit);
	siginfo_t info;

	cont(pid);
	expect(pid, STOPPED(SIGCHLD));
	info = signal_info(pid);
	equal(info.si_code, CLD_EXITED);
	equal(info.si_status, 17);
	equal(info.si_pid, await(0));
	cont(pid);
	expect(pid, EXITED(0));
}

static void
record(int sig, siginfo_t *info, void *context)
{
	(void)context;
	board[0] = sig;
	board[1] = info->si_signo;
	board[2] = info->si_code;
	board[3] = info->si_pid;
	board[4] = (long)info->si_value.sival_ptr;
}

static void
record_signals(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof action);
	action.sa_sigaction = record;
	action.sa_flags = SA_SIGINFO;
	must(sigaction(SIGUSR1, &action, NULL));
	must(sigaction(SIGUSR2, &action, NULL));
	raise(SIGUSR1);
}

static pid_t
at_usr1(void)
{
	pid_t pid = launch(record_signals);

	cont(pid);
	expect(pid, STOPPED(SIGUSR1));
	return pid;
}

static void
changed(void)
{
	pid_t pid = at_usr1();
	siginfo_t info = signal_info(pid);

	info.si_code = SI_QUEUE;
	info.si_pid = 4321;
	info.si_value.sival_ptr = (void *)0x777;
	must(pt(PTRACE_SETSIGINFO, pid, 0, &info));
	equal(signal_info(pid).si_pid, 4321);
	must(pt(PTRACE_CONT, pid, 0, SIGUSR1));
	expect(pid, EXITED(0));
	equal(board[0], SIGUSR1);
	equal(board[2], SI_QUEUE);
	equal(board[3], 4321);
	equal(board[4], 0x777);
}

static void
replaced(void)
{
	pid_t pid = at_usr1();

	must(pt(PTRACE_CONT, pid, 0, SIGUSR2));
	expect(pid, EXITED(0));
	equal(board[0], SIGUSR2);
	equal(board[1], SIGUSR2);
	equal(board[2], SI_USER);
	/* The tracer is who sent it. */
	equal(board[3], getpid());
}

static void
replaced_with_info(void)
{
	pid_t pid = at_usr1();
	siginfo_t info = signal_info(pid);

	info.si_signo = SIGUSR2;
	info.si_code = SI_QUEUE;
	info.si_pid = 99;
	must(pt(PTRACE_SETSIGINFO, pid, 0, &info));
	must(pt(PTRACE_CONT, pid, 0, SIGUSR2));
	expect(pid, EXITED(0));
	equal(board[0], SIGUSR2);
	equal(board[2], SI_QUEUE);
	equal(board[3], 99);
}

static void
no_signal(void)
{
	pid_t pid = launch(do_nothing);
	siginfo_t info;

	must(pt(PTRACE_CONT, pid, 0, SIGSTOP));
	expect(pid, STOPPED(SIGSTOP));
	refused(pt(PTRACE_GETSIGINFO, pid, 0, &info), EINVAL);
	memset(&info, 0, sizeof info);
	refused(pt(PTRACE_SETSIGINFO, pid, 0, &info), EINVAL);
	end(pid);
}

static long
peek_queue(pid_t pid, uint64_t from, uint32_t bits, int32_t count,
	   siginfo_t *infos)
{
	struct {
		uint64_t off;
		uint32_t flags;
		int32_t nr;
	} args = {from, bits, count};

	return pt(PTRACE_PEEKSIGINFO, pid, &args, infos);
}

static void
block_and_sleep(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	raise(SIGSTOP);
}

/* A tracee with these signals pending, blocked. */
static pid_t
with_queue(void)
{
	pid_t pid = launch(block_and_sleep);
	union sigval value;

	cont(pid);
	expect(pid, STOPPED(SIGSTOP));
	for (int i = 0; i < 5; i++) {
		value.sival_int = 100 + i;
		must(sigqueue(pid, SIGRTMIN + 1, value));
	}
	must(syscall(SYS_tgkill, pid, pid, SIGUSR2));
	return pid;
}

static void
peek_shared(void)
{
	pid_t pid = with_queue();
	siginfo_t infos[8];

	equal(must(peek_queue(pid, 0, PTRACE_PEEKSIGINFO_SHARED, 8, infos)), 5);
	for (int i = 0; i < 5; i++) {
		equal(infos[i].si_signo, SIGRTMIN + 1);
		equal(infos[i].si_code, SI_QUEUE);
		equal(infos[i].si_value.sival_int, 100 + i);
	}
	/* They are there still. */
	equal(must(peek_queue(pid, 0, PTRACE_PEEKSIGINFO_SHARED, 8, infos)), 5);
	end(pid);
}

static void
peek_private(void)
{
	pid_t pid = with_queue();
	siginfo_t infos[8];

	equal(must(peek_queue(pid, 0, 0, 8, infos)), 1);
	equal(infos[0].si_signo, SIGUSR2);
	equal(infos[0].si_code, SI_TKILL);
	equal(infos[0].si_pid, getpid());
	end(pid);
}

static void
peek_part(void)
{
	pid_t pid = with_queue();
	siginfo_t infos[8];

	memset(infos, 0xee, sizeof infos);
	equal(must(peek_queue(pid, 1, PTRACE_PEEKSIGINFO_SHARED, 2, infos)), 2);
	equal(infos[0].si_value.sival_int, 101);
	equal(infos[1].si_value.sival_int, 102);
	equal(infos[2].si_signo, (int)0xeeeeeeee);
	equal(must(peek_queue(pid, 5, PTRACE_PEEKSIGINFO_SHARED, 2, infos)), 0);
	equal(must(peek_queue(pid, 99, PTRACE_PEEKSIGINFO_SHARED, 2, infos)),
	      0);
	equal(must(peek_queue(pid, 0, PTRACE_PEEKSIGINFO_SHARED, 0, infos)), 0);
	end(pid);
}

static void *
block_in_thread(void *arg)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	post(1, (long)syscall(SYS_gettid));
	sleep_forever();
	return arg;
}

static void
two_that_block(void)
{
	sigset_t all;
	pthread_t thread;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	equal(pthread_create(&thread, NULL, block_in_thread, NULL), 0);
	sleep_forever();
}

static void
peek_threads(void)
{
	pid_t pid = child(two_that_block), tid = (pid_t)await(1);
	siginfo_t infos[4];

	must(pt(PTRACE_SEIZE, pid, 0, 0));
	must(pt(PTRACE_SEIZE, tid, 0, 0));
	must(syscall(SYS_tgkill, pid, tid, SIGUSR1));
	must(syscall(SYS_tgkill, pid, pid, SIGUSR2));
	must(kill(pid, SIGHUP));
	must(pt(PTRACE_INTERRUPT, pid, 0, 0));
	expect(pid, EVENT(STOP));
	must(pt(PTRACE_INTERRUPT, tid, 0, 0));
	expect(tid, EVENT(STOP));
	equal(must(peek_queue(pid, 0, 0, 4, infos)), 1);
	equal(infos[0].si_signo, SIGUSR2);
	equal(must(peek_queue(tid, 0, 0, 4, infos)), 1);
	equal(infos[0].si_signo, SIGUSR1);
	/* The process has one queue, whoever is asked. */
	equal(must(peek_queue(pid, 0, PTRACE_PEEKSIGINFO_SHARED, 4, infos)), 1);
	equal(infos[0].si_signo, SIGHUP);
	equal(must(peek_queue(tid, 0, PTRACE_PEEKSIGINFO_SHARED, 4, infos)), 1);
	equal(infos[0].si_signo, SIGHUP);
	must(kill(pid, SIGKILL));
	expect(tid, KILLED_BY(SIGKILL));
	expect(pid, KILLED_BY(SIGKILL));
}

static void
peek_bad(void)
{
	pid_t pid = with_queue();
	siginfo_t infos[8];

	refused(peek_queue(pid, 0, 0x10, 8, infos), EINVAL);
	refused(peek_queue(pid, 0, 0, -1, infos), EINVAL);
	refused(pt(PTRACE_PEEKSIGINFO, pid, 8, infos), EFAULT);
	refused(peek_queue(pid, 0, 0, 8, (siginfo_t *)8), EFAULT);
	end(pid);
}

static void
raises(void)
{
	raise(SIGUSR1);
}

/* Whatever number the siginfo has, it reads back, and it is the request's. */
static void
wild_numbers(void)
{
	static const int numbers[] = {0, -1, 9, 65, 0x40000000};
	struct user_regs_struct regs;
	struct iovec io = {&regs, sizeof regs};
	siginfo_t info, got;

	for (size_t i = 0; i < 2 * COUNT(numbers); i++) {
		pid_t pid = launch(raises);

		cont(pid);
		expect(pid, STOPPED(SIGUSR1));
		info = signal_info(pid);
		for (int n = 0; n < 3; n++) {
			info.si_signo = numbers[i / 2];
			info.si_code = -7 - n;
			must(pt(PTRACE_SETSIGINFO, pid, 0, &info));
			got = signal_info(pid);
			equal(got.si_signo, numbers[i / 2]);
			equal(got.si_code, -7 - n);
			/* What asks a file, and what changes something. */
			must(pt(PTRACE_GETREGSET, pid, 1, &io));
			must(pt(PTRACE_SETREGSET, pid, 1, &io));
			got = signal_info(pid);
			equal(got.si_signo, numbers[i / 2]);
			equal(got.si_code, -7 - n);
		}
		if (i % 2)
			must(pt(PTRACE_DETACH, pid, 0, SIGUSR2));
		else
			must(pt(PTRACE_CONT, pid, 0, SIGUSR2));
		expect(pid, KILLED_BY(SIGUSR2));
	}
}

static const struct test_case cases[] = {
    {"GETSIGINFO: about the signal that caused the stop: of kill", of_kill},
    {"GETSIGINFO: ... of tgkill", of_tkill},
    {"GETSIGINFO: ... of sigqueue, with its value", of_sigqueue},
    {"GETSIGINFO, CONT: ... of a fault, with its address and reason", of_fault},
    {"GETSIGINFO: ... of a child's exit", of_sigchld},
    {"SETSIGINFO: what the handler is given", changed},
    {"CONT: another signal than that of the stop comes from the tracer",
     replaced},
    {"SETSIGINFO, CONT: another signal, with a siginfo of its own",
     replaced_with_info},
    {"GETSIGINFO, SETSIGINFO: EINVAL in a stop that has none", no_signal},
    {"SETSIGINFO: any number can be set, and is no signal's", wild_numbers},
    {"PEEKSIGINFO: the process-wide queue, without removing signals",
     peek_shared},
    {"PEEKSIGINFO: the queue of the thread", peek_private},
    {"PEEKSIGINFO: from an ordinal position, as many as are asked for",
     peek_part},
    {"PEEKSIGINFO: of each thread, and of the process through any",
     peek_threads},
    {"PEEKSIGINFO: EINVAL for unknown flags or a negative number, EFAULT",
     peek_bad},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
