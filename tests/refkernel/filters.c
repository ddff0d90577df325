/* SPDX-License-Identifier: MIT */
/* seccomp: strict mode, filters in classic BPF and their answers. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define NR   offsetof(struct seccomp_data, nr)
#define ARG0 offsetof(struct seccomp_data, args[0])

#define LD(at)	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at)
#define EQ(v, t, f) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, v, t, f)
#define RET(v)	    BPF_STMT(BPF_RET | BPF_K, v)

static int
install(struct sock_filter *f, unsigned n, unsigned flags)
{
	struct sock_fprog prog = {.len = (unsigned short)n, .filter = f};

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
}

/* Answer getppid with WHAT. */
static int
answer(uint32_t what)
{
	struct sock_filter f[] = {
	    LD(NR),
	    EQ(SYS_getppid, 0, 1),
	    RET(what),
	    RET(SECCOMP_RET_ALLOW),
	};

	return install(f, 4, 0);
}

/* Run FN in a child; its wait status. */
static int
in_child(void (*fn)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		fn();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return status;
}

static void
with_errno(void)
{
	if (answer(SECCOMP_RET_ERRNO | 77))
		_exit(1);
	if (syscall(SYS_getppid) != -1 || errno != 77)
		_exit(2);
	if (syscall(SYS_getpid) != getpid())
		_exit(3);
	if (fork() == 0)
		_exit(syscall(SYS_getppid) != -1);
	int status;
	wait(&status);
	_exit(WEXITSTATUS(status) ? 4 : 0);
}

static void
with_kill(void)
{
	answer(SECCOMP_RET_KILL_PROCESS);
	signal(SIGSYS, SIG_IGN);
	syscall(SYS_getppid);
}

static volatile siginfo_t got;

static void
on_sys(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	(void)uc;
	memcpy((void *)&got, info, sizeof(*info));
}

static void
with_trap(void)
{
	struct sigaction sa = {.sa_flags = SA_SIGINFO};

	sa.sa_sigaction = on_sys;
	sigaction(SIGSYS, &sa, NULL);
	answer(SECCOMP_RET_TRAP | 5);
	syscall(SYS_getppid);
	if (got.si_code != 1 || got.si_errno != 5)
		_exit(1);
	if (got.si_syscall != SYS_getppid || got.si_arch != AUDIT_ARCH_X86_64)
		_exit(2);
}

static void
with_trace(void)
{
	answer(SECCOMP_RET_TRACE);
	if (syscall(SYS_getppid) != -1 || errno != ENOSYS)
		_exit(1);
}

static void *
child_thread(void *arg)
{
	(void)arg;
	if (syscall(SYS_getppid) != -1 || errno != 9)
		_exit(5);
	answer(SECCOMP_RET_KILL_THREAD);
	syscall(SYS_getppid);
	_exit(6);
}

static void
with_kill_thread(void)
{
	pthread_t t;

	answer(SECCOMP_RET_ERRNO | 9);
	pthread_create(&t, NULL, child_thread, NULL);
	pthread_join(t, NULL);
	_exit(44);
}

static void
strictest_wins(void)
{
	answer(SECCOMP_RET_ERRNO | 5);
	answer(SECCOMP_RET_ALLOW);
	answer(SECCOMP_RET_LOG);
	if (syscall(SYS_getppid) != -1 || errno != 5)
		_exit(1);
	answer(SECCOMP_RET_ERRNO | 6);
	if (syscall(SYS_getppid) != -1 || errno != 6)
		_exit(2);
}

static void
looks_at_arguments(void)
{
	struct sock_filter f[] = {
	    LD(NR),
	    EQ(SYS_getpgid, 0, 6),
	    LD(ARG0),
	    BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 1),
	    BPF_STMT(BPF_ST, 3),
	    BPF_STMT(BPF_LDX | BPF_MEM, 3),
	    BPF_STMT(BPF_MISC | BPF_TXA, 0),
	    BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 100, 1, 0),
	    RET(SECCOMP_RET_ALLOW),
	    RET(SECCOMP_RET_ERRNO | 3),
	};

	f[1].jf = 6;
	if (install(f, 10, 0))
		_exit(1);
	if (syscall(SYS_getpgid, 0) != getpgrp())
		_exit(2);
	if (syscall(SYS_getpgid, 100) != -1 || errno != 3)
		_exit(3);
}

static void
strict(void)
{
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
	syscall(SYS_exit, 0);
}

static void
strict_kill(void)
{
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
	syscall(SYS_getpid);
}

static void
bad_filters(void)
{
	struct sock_filter none[] = {LD(NR)};
	struct sock_filter jump[] = {EQ(1, 5, 5), RET(0)};
	struct sock_filter load[] = {LD(64), RET(0)};
	struct sock_filter odd[] = {LD(1), RET(0)};
	struct sock_filter div[] = {BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0),
				    RET(0)};
	struct sock_filter code[] = {{0xff, 0, 0, 0}, RET(0)};

	if (install(none, 1, 0) != -1 || errno != EINVAL)
		_exit(1);
	if (install(jump, 2, 0) != -1 || errno != EINVAL)
		_exit(2);
	if (install(load, 2, 0) != -1 || errno != EINVAL)
		_exit(3);
	if (install(odd, 2, 0) != -1 || errno != EINVAL)
		_exit(4);
	if (install(div, 2, 0) != -1 || errno != EINVAL)
		_exit(5);
	if (install(code, 2, 0) != -1 || errno != EINVAL)
		_exit(6);
	if (install(NULL, 0, 0) != -1 || errno != EINVAL)
		_exit(7);
	if (install((void *)8, 5, 0) != -1 || errno != EFAULT)
		_exit(8);
	if (install(none, 1, 1 << 20) != -1 || errno != EINVAL)
		_exit(9);
	if (prctl(PR_GET_SECCOMP) != 0)
		_exit(10);
}

int
main(void)
{
	int s;

	is_int(in_child(with_errno), 0, "RET_ERRNO, also in a child");
	s = in_child(with_kill);
	ok(WIFSIGNALED(s) && WTERMSIG(s) == SIGSYS,
	   "RET_KILL_PROCESS cannot be ignored");
	is_int(in_child(with_trap), 0, "RET_TRAP and its SIGSYS");
	is_int(in_child(with_trace), 0, "RET_TRACE without tracer");
	is_int(WEXITSTATUS(in_child(with_kill_thread)), 44,
	       "RET_KILL_THREAD kills one thread");
	is_int(in_child(strictest_wins), 0, "the strictest answer wins");
	is_int(in_child(looks_at_arguments), 0, "arguments and arithmetic");
	is_int(in_child(strict), 0, "strict mode");
	s = in_child(strict_kill);
	ok(WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL, "kills");
	is_int(in_child(bad_filters), 0, "bad filters are refused");
	return done_testing();
}
