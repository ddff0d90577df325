/* SPDX-License-Identifier: MIT */
/* Signals: queues, masks, frames, restarts, who gets them. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

static volatile int n_seen;
static volatile int seen[64];
static siginfo_t infos[64];

static void
record(int sig, siginfo_t *info, void *uc)
{
	(void)uc;
	if (n_seen < 64) {
		infos[n_seen] = *info;
		seen[n_seen++] = sig;
	}
}

static void
nothing(int sig)
{
	(void)sig;
}

static void catch (int sig, int flags)
{
	struct sigaction sa = {.sa_flags = SA_SIGINFO | flags};

	sa.sa_sigaction = record;
	sigaction(sig, &sa, NULL);
}

static void
block(int sig, int how)
{
	sigset_t s;

	sigemptyset(&s);
	sigaddset(&s, sig);
	sigprocmask(how, &s, NULL);
}

static void
reset(void)
{
	n_seen = 0;
	memset(infos, 0, sizeof(infos));
}

static void
test_info(void)
{
	union sigval v = {.sival_int = 42};

	catch (SIGUSR1, 0);
	reset();
	kill(getpid(), SIGUSR1);
	is_int(n_seen, 1, "kill to oneself is delivered at once");
	is_int(infos[0].si_code, SI_USER, "its si_code is SI_USER");
	is_int(infos[0].si_pid, getpid(), "its si_pid");
	reset();
	raise(SIGUSR1);
	is_int(infos[0].si_code, SI_TKILL, "raise has SI_TKILL");
	reset();
	sigqueue(getpid(), SIGUSR1, v);
	is_int(infos[0].si_code, SI_QUEUE, "sigqueue has SI_QUEUE");
	is_int(infos[0].si_value.sival_int, 42, "and its value");
}

static void
test_queue(void)
{
	int i, rt = SIGRTMIN + 1;
	sigset_t pending;

	catch (SIGUSR1, 0);
	catch (SIGUSR2, 0);
	catch (rt, 0);
	catch (rt + 1, 0);
	reset();
	block(SIGUSR1, SIG_BLOCK);
	block(SIGUSR2, SIG_BLOCK);
	block(rt, SIG_BLOCK);
	block(rt + 1, SIG_BLOCK);
	kill(getpid(), SIGUSR2);
	kill(getpid(), SIGUSR2);
	for (i = 3; i; i--) {
		union sigval v = {.sival_int = i};

		sigqueue(getpid(), rt + 1, v);
		sigqueue(getpid(), rt, v);
	}
	kill(getpid(), SIGUSR1);
	is_int(n_seen, 0, "nothing is delivered while blocked");
	sigpending(&pending);
	ok(sigismember(&pending, SIGUSR2) && sigismember(&pending, rt) &&
	       !sigismember(&pending, SIGHUP),
	   "sigpending tells");
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	is_int(n_seen, 8, "two standard ones once each, six real-time ones");
	/* Frames stack up: the last set up runs first. */
	is_int(seen[7], SIGUSR1, "the lowest number was taken first");
	is_int(seen[6], SIGUSR2, "then the next");
	is_int(seen[5], rt, "then real-time ones");
	is_int(infos[3].si_value.sival_int, 3, "in the order of sending");
	is_int(infos[5].si_value.sival_int, 1, "to the last");
	is_int(seen[0], rt + 1, "the highest number last");
}

static void
test_mask_in_handler(void)
{
	struct sigaction sa = {.sa_handler = nothing}, old;

	sigemptyset(&sa.sa_mask);
	sigaddset(&sa.sa_mask, SIGUSR2);
	sa.sa_flags = SA_RESETHAND | SA_NODEFER;
	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	sigaction(SIGUSR1, NULL, &old);
	ok(old.sa_handler == SIG_DFL, "SA_RESETHAND resets");
	is_int(sigaction(SIGKILL, &sa, NULL), -1, "SIGKILL has no handler");
	is_int(errno, EINVAL, "EINVAL");
	is_int(sigaction(0, &sa, NULL), -1, "there is no signal 0");
	is_int(sigaction(65, NULL, &old), -1, "nor 65");
}

static void *volatile handler_sp;
static volatile int handler_ss;

static void
on_stack(int sig)
{
	stack_t ss;
	int here;

	(void)sig;
	handler_sp = &here;
	sigaltstack(NULL, &ss);
	handler_ss = ss.ss_flags;
}

static void
test_altstack(void)
{
	static char stack[65536];
	stack_t ss = {.ss_sp = stack, .ss_size = sizeof(stack)}, old;
	struct sigaction sa = {.sa_handler = on_stack, .sa_flags = SA_ONSTACK};

	is_int(sigaltstack(&ss, NULL), 0, "sigaltstack");
	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	ok((char *)handler_sp > stack &&
	       (char *)handler_sp < stack + sizeof(stack),
	   "the handler ran on the alternate stack");
	is_int(handler_ss, SS_ONSTACK, "and saw SS_ONSTACK");
	sigaltstack(NULL, &old);
	is_int(old.ss_flags, 0, "outside it is not");
	ss.ss_size = 100;
	is_int(sigaltstack(&ss, NULL), -1, "too small a stack");
	is_int(errno, ENOMEM, "is ENOMEM");
	ss.ss_flags = SS_DISABLE;
	sigaltstack(&ss, NULL);
}

/* A child that sends us SIG after a while. */
static pid_t
later(int sig, int ms)
{
	pid_t me = getpid(), pid = fork();

	if (pid == 0) {
		usleep((useconds_t)ms * 1000);
		kill(me, sig);
		_exit(0);
	}
	return pid;
}

static void
test_restart(void)
{
	struct timespec ts = {0, 100000000}, rem = {0};
	char c;
	int p[2];
	pid_t pid;
	ssize_t n;

	if (pipe(p))
		exit(99);
	catch (SIGUSR1, 0);
	pid = later(SIGUSR1, 50);
	n = read(p[0], &c, 1);
	is_int(n, -1, "a handler without SA_RESTART breaks a read off");
	is_int(errno, EINTR, "EINTR");
	waitpid(pid, NULL, 0);

	catch (SIGUSR1, SA_RESTART);
	reset();
	pid = fork();
	if (pid == 0) {
		usleep(30000);
		kill(getppid(), SIGUSR1);
		usleep(30000);
		_exit(write(p[1], "x", 1) != 1);
	}
	n = read(p[0], &c, 1);
	is_int(n, 1, "with SA_RESTART it goes on");
	is_int(n_seen, 1, "after the handler ran");
	waitpid(pid, NULL, 0);

	pid = later(SIGUSR1, 30);
	is_int(nanosleep(&ts, &rem), -1, "nanosleep is never restarted");
	ok(rem.tv_nsec > 10000000 && rem.tv_nsec < 100000000,
	   "and tells the rest");
	waitpid(pid, NULL, 0);

	/* SIGCHLD is ignored by default: the call goes on silently. */
	signal(SIGCHLD, SIG_DFL);
	pid = later(0, 20);
	is_int(nanosleep(&ts, NULL), 0, "an ignored signal does not end it");
	waitpid(pid, NULL, 0);

	catch (SIGUSR1, SA_RESTART);
	pid = later(SIGUSR1, 30);
	is_int(select(0, NULL, NULL, NULL, &(struct timeval){0, 200000}), -1,
	       "select is not restarted");
	waitpid(pid, NULL, 0);
	close(p[0]);
	close(p[1]);
}

static void
test_suspend(void)
{
	sigset_t none, now;

	catch (SIGUSR1, 0);
	reset();
	block(SIGUSR1, SIG_BLOCK);
	raise(SIGUSR1);
	sigemptyset(&none);
	is_int(sigsuspend(&none), -1, "sigsuspend returns");
	is_int(errno, EINTR, "with EINTR");
	is_int(n_seen, 1, "after the handler");
	sigprocmask(SIG_SETMASK, NULL, &now);
	ok(sigismember(&now, SIGUSR1), "and the old mask is back");
	block(SIGUSR1, SIG_UNBLOCK);
}

static void
test_wait(void)
{
	struct timespec zero = {0, 0}, some = {0, 50000000};
	sigset_t s;
	siginfo_t info;
	union sigval v = {.sival_int = 7};
	pid_t pid;

	sigemptyset(&s);
	sigaddset(&s, SIGRTMIN);
	sigaddset(&s, SIGUSR2);
	sigprocmask(SIG_BLOCK, &s, NULL);
	is_int(sigtimedwait(&s, &info, &zero), -1, "nothing to wait for");
	is_int(errno, EAGAIN, "EAGAIN");
	is_int(sigtimedwait(&s, &info, &some), -1, "nor after a while");
	is_int(errno, EAGAIN, "EAGAIN");
	sigqueue(getpid(), SIGRTMIN, v);
	is_int(sigtimedwait(&s, &info, &zero), SIGRTMIN, "sigtimedwait");
	is_int(info.si_value.sival_int, 7, "with its value");
	pid = later(SIGUSR2, 30);
	is_int(sigwaitinfo(&s, &info), SIGUSR2, "sigwaitinfo sleeps");
	is_int(info.si_pid, pid, "and knows the sender");
	waitpid(pid, NULL, 0);
	sigprocmask(SIG_UNBLOCK, &s, NULL);
}

static void
test_children(void)
{
	int status;
	pid_t pid;

	catch (SIGCHLD, SA_RESTART);
	reset();
	pid = fork();
	if (pid == 0)
		_exit(5);
	is_int(waitpid(pid, &status, 0), pid, "waitpid");
	is_int(infos[0].si_code, CLD_EXITED, "SIGCHLD of an exit");
	is_int(infos[0].si_status, 5, "its status");
	is_int(infos[0].si_pid, pid, "its pid");
	reset();
	pid = fork();
	if (pid == 0) {
		signal(SIGTERM, SIG_DFL);
		raise(SIGTERM);
	}
	waitpid(pid, &status, 0);
	is_int(infos[0].si_code, CLD_KILLED, "SIGCHLD of a kill");
	is_int(infos[0].si_status, SIGTERM, "its signal");
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "and status");
	signal(SIGCHLD, SIG_IGN);
	pid = fork();
	if (pid == 0)
		_exit(0);
	is_int(waitpid(pid, &status, 0), -1, "ignored SIGCHLD reaps");
	is_int(errno, ECHILD, "ECHILD");
	signal(SIGCHLD, SIG_DFL);
}

static void *
wait_in_thread(void *arg)
{
	sigset_t s;

	sigfillset(&s);
	pthread_sigmask(SIG_UNBLOCK, &s, NULL);
	while (!n_seen)
		usleep(1000);
	*(pid_t *)arg = gettid();
	return NULL;
}

static void
test_threads(void)
{
	pthread_t t;
	pid_t tid = 0;

	catch (SIGUSR1, 0);
	reset();
	block(SIGUSR1, SIG_BLOCK);
	pthread_create(&t, NULL, wait_in_thread, &tid);
	kill(getpid(), SIGUSR1);
	pthread_join(t, NULL);
	is_int(n_seen, 1, "the thread that does not block it gets it");
	reset();
	pthread_kill(pthread_self(), SIGUSR1);
	is_int(n_seen, 0, "one for a thread waits for that thread");
	block(SIGUSR1, SIG_UNBLOCK);
	is_int(n_seen, 1, "and is delivered when unblocked");
	is_int(syscall(SYS_tgkill, getpid(), 99999, SIGUSR1), -1, "tgkill");
	is_int(errno, ESRCH, "to nobody is ESRCH");
	is_int(kill(getpid(), 99), -1, "no such signal");
	is_int(errno, EINVAL, "EINVAL");
	is_int(kill(999999, 0), -1, "no such process");
	is_int(errno, ESRCH, "ESRCH");
}

static sigjmp_buf jump;

static void
leave(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)uc;
	infos[0] = *info;
	siglongjmp(jump, 1);
}

static void
test_bad_frames(void)
{
	pid_t pid;
	int status;

	/* No stack for the frame of a handler: SIGSEGV kills. */
	pid = fork();
	if (pid == 0) {
		signal(SIGUSR1, nothing);
		__asm__ volatile("mov $8, %%rsp\n\t"
				 "mov $39, %%eax\n\tsyscall\n\t" /* getpid */
				 "mov %%eax, %%edi\n\t"
				 "mov $10, %%esi\n\t"
				 "mov $62, %%eax\n\tsyscall\n\t" /* kill */
				 "ud2" ::
				     : "memory");
	}
	waitpid(pid, &status, 0);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
	   "no room for a frame kills with SIGSEGV");
	/* A sigreturn from nowhere. */
	pid = fork();
	if (pid == 0) {
		__asm__ volatile("mov $16, %%rsp\n\t"
				 "mov $15, %%eax\n\tsyscall\n\tud2" ::
				     : "memory");
	}
	waitpid(pid, &status, 0);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
	   "a sigreturn without frame kills with SIGSEGV");
}

static void
break_xstate(int sig, siginfo_t *info, void *ucv)
{
	ucontext_t *uc = ucv;

	(void)sig;
	(void)info;
	uc->uc_mcontext.fpregs->mxcsr = 0xffffffff;
}

static void
test_xstate(void)
{
	struct sigaction sa = {.sa_flags = SA_SIGINFO};
	double before = 1.5, after;
	pid_t pid;
	int status;

	sa.sa_sigaction = record;
	sigaction(SIGUSR1, &sa, NULL);
	__asm__ volatile("movsd %1, %%xmm7\n\t"
			 "mov $39, %%eax\n\tsyscall\n\t"
			 "mov %%eax, %%edi\n\tmov $10, %%esi\n\t"
			 "mov $62, %%eax\n\tsyscall\n\t"
			 "movsd %%xmm7, %0"
			 : "=m"(after)
			 : "m"(before)
			 : "rax", "rdi", "rsi", "rcx", "r11", "xmm7", "memory");
	ok(after == before, "vector registers survive a handler");
	pid = fork();
	if (pid == 0) {
		sa.sa_sigaction = break_xstate;
		sigaction(SIGUSR1, &sa, NULL);
		raise(SIGUSR1);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
	   "reserved bits of MXCSR in a frame kill with SIGSEGV");
}

static void
test_fault_blocked(void)
{
	struct sigaction sa = {.sa_flags = SA_SIGINFO};
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		sa.sa_sigaction = leave;
		sigaction(SIGSEGV, &sa, NULL);
		block(SIGSEGV, SIG_BLOCK);
		*(volatile int *)16 = 1;
		_exit(0);
	}
	waitpid(pid, &status, 0);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
	   "a fault whose signal is blocked kills");
	sa.sa_sigaction = leave;
	sigaction(SIGSEGV, &sa, NULL);
	if (!sigsetjmp(jump, 1))
		*(volatile int *)16 = 1;
	is_int(infos[0].si_code, SEGV_MAPERR, "SEGV_MAPERR");
	is_int((long)infos[0].si_addr, 16, "at that address");
	signal(SIGSEGV, SIG_DFL);
}

int
main(void)
{
	test_info();
	test_queue();
	test_mask_in_handler();
	test_altstack();
	test_restart();
	test_suspend();
	test_wait();
	test_children();
	test_threads();
	test_bad_frames();
	test_xstate();
	test_fault_blocked();
	return done_testing();
}
