/* SPDX-License-Identifier: MIT */
/* fork, vfork, clone, exec, exit, wait. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

static const char *self;

static void
test_exit(void)
{
	int status, i;
	pid_t pid = fork();
	struct rusage ru;
	siginfo_t info;

	if (pid == 0)
		_exit(300);
	memset(&info, 1, sizeof(info));
	is_int(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0, "waitid");
	is_int(info.si_pid, pid, "tells the pid");
	is_int(info.si_status, 300 & 255, "and the low 8 bits of the code");
	is_int(info.si_code, CLD_EXITED, "CLD_EXITED");
	is_int(info.si_signo, SIGCHLD, "SIGCHLD");
	is_int(wait4(pid, &status, 0, &ru), pid, "WNOWAIT leaves it");
	ok(ru.ru_utime.tv_sec == 0, "wait4 tells the time used");
	is_int(wait4(pid, &status, 0, &ru), -1, "but only once");
	is_int(errno, ECHILD, "ECHILD");
	is_int(waitpid(-1, &status, WNOHANG), -1, "no children at all");
	is_int(waitid(P_ALL, 0, &info, 0), -1, "waitid for nothing");
	is_int(errno, EINVAL, "is EINVAL");
	is_int(wait4(-1, NULL, 0x100, NULL), -1, "an unknown option");
	is_int(errno, EINVAL, "is EINVAL");

	for (i = 1; i < 32; i++) {
		if (i == SIGSTOP || i == SIGTSTP || i == SIGTTIN ||
		    i == SIGTTOU || i == SIGCONT || i == SIGCHLD ||
		    i == SIGURG || i == SIGWINCH)
			continue;
		pid = fork();
		if (pid == 0) {
			signal(i, SIG_DFL);
			kill(getpid(), i);
			_exit(0);
		}
		waitpid(pid, &status, 0);
		is_int(status & 0x7f, i, "signal %d kills", i);
	}
}

static void
test_wnohang(void)
{
	int status, p[2];
	pid_t pid;
	char c;

	if (pipe(p))
		exit(99);
	pid = fork();
	if (pid == 0) {
		c = (char)read(p[0], &c, 1);
		_exit(1);
	}
	is_int(waitpid(pid, &status, WNOHANG), 0, "WNOHANG while it runs");
	siginfo_t info = {.si_pid = 1};
	is_int(waitid(P_PID, pid, &info, WEXITED | WNOHANG), 0, "waitid too");
	is_int(info.si_pid, 0, "and clears si_pid");
	if (write(p[1], "", 1) != 1)
		exit(99);
	is_int(waitpid(0, &status, 0), pid, "wait for one's group");
	is_int(waitpid(-getpgrp(), &status, 0), -1, "nobody left");
	close(p[0]);
	close(p[1]);
}

static int shared;

static int
clone_child(void *arg)
{
	shared = 1;
	return *(int *)arg;
}

static void
test_clone(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	int code = 9, status;
	pid_t pid = clone(clone_child, stack + sizeof(stack),
			  CLONE_VM | SIGCHLD, &code);

	is_int(waitpid(pid, &status, 0), pid, "clone with CLONE_VM");
	is_int(WEXITSTATUS(status), 9, "its status");
	is_int(shared, 1, "shared the memory");
	shared = 0;
	pid = clone(clone_child, stack + sizeof(stack), SIGUSR2, &code);
	signal(SIGUSR2, SIG_IGN);
	is_int(waitpid(pid, &status, 0), -1, "another exit signal: no child");
	is_int(errno, ECHILD, "ECHILD");
	is_int(waitpid(pid, &status, __WCLONE), pid, "with __WCLONE it is");
	is_int(shared, 0, "did not share the memory");
	pid = clone(clone_child, stack + sizeof(stack), 0, &code);
	is_int(waitpid(pid, &status, __WALL), pid, "and with __WALL");
	is_int(clone(clone_child, stack + sizeof(stack),
		     CLONE_SIGHAND | SIGCHLD, &code),
	       -1, "CLONE_SIGHAND without CLONE_VM");
	is_int(errno, EINVAL, "is EINVAL");
	is_int(clone(clone_child, stack + sizeof(stack),
		     CLONE_THREAD | CLONE_VM | SIGCHLD, &code),
	       -1, "CLONE_THREAD without CLONE_SIGHAND");
	is_int(errno, EINVAL, "is EINVAL");
}

static void
test_vfork(void)
{
	volatile int before = 0;
	int status;
	pid_t pid = vfork();

	if (pid == 0) {
		before = 1;
		_exit(2);
	}
	is_int(before, 1, "vfork: the child ran first, in our memory");
	waitpid(pid, &status, 0);
	is_int(WEXITSTATUS(status), 2, "its status");
}

static void *
exec_thread(void *arg)
{
	(void)arg;
	execl(self, self, "tid", (char *)NULL);
	return NULL;
}

static void *
sleep_thread(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return NULL;
}

static void
test_exec(void)
{
	int status;
	pid_t pid = fork();
	char *argv[] = {(char *)self, (char *)"masks", NULL};
	sigset_t s;

	if (pid == 0) {
		pthread_t t;

		pthread_create(&t, NULL, sleep_thread, NULL);
		pthread_create(&t, NULL, exec_thread, NULL);
		pause();
	}
	is_int(waitpid(pid, &status, 0), pid, "a thread executes a program");
	is_int(WEXITSTATUS(status), 0, "which has the leader's id, alone");
	pid = fork();
	if (pid == 0) {
		signal(SIGUSR1, SIG_IGN);
		signal(SIGUSR2, _exit);
		sigemptyset(&s);
		sigaddset(&s, SIGTERM);
		sigprocmask(SIG_SETMASK, &s, NULL);
		raise(SIGTERM);
		execv(self, argv);
	}
	waitpid(pid, &status, 0);
	is_int(WEXITSTATUS(status), 0,
	       "exec keeps mask, pending and ignored signals, no handlers");
	is_int(execv("/nonexistent", argv), -1, "exec of nothing");
	is_int(errno, ENOENT, "ENOENT");
	is_int(execv("/", argv), -1, "exec of a directory");
	is_int(errno, EACCES, "EACCES");
}

static int
check_masks(void)
{
	struct sigaction a, b;
	sigset_t s, p;

	sigaction(SIGUSR1, NULL, &a);
	sigaction(SIGUSR2, NULL, &b);
	sigprocmask(SIG_SETMASK, NULL, &s);
	sigpending(&p);
	return !(a.sa_handler == SIG_IGN && b.sa_handler == SIG_DFL &&
		 sigismember(&s, SIGTERM) && sigismember(&p, SIGTERM));
}

static void
test_orphans(void)
{
	int p[2], status;
	pid_t pid, got = 0;

	if (pipe(p))
		exit(99);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid = fork();
	if (pid == 0) {
		if (fork() == 0) {
			usleep(50000);
			pid = getppid();
			if (write(p[1], &pid, sizeof(pid)) != sizeof(pid))
				_exit(1);
			_exit(33);
		}
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	if (read(p[0], &got, sizeof(got)) != sizeof(got))
		exit(99);
	is_int(got, getpid(), "an orphan goes to the subreaper");
	wait(&status);
	is_int(WEXITSTATUS(status), 33, "which reaps it");
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	close(p[0]);
	close(p[1]);
}

static void
pdeath(void)
{
	int p[2];
	pid_t pid;
	char c;

	if (pipe(p))
		exit(99);
	pid = fork();
	if (pid == 0) {
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (write(p[1], "r", 1) != 1)
				_exit(1);
			for (;;)
				pause();
		}
		if (read(p[0], &c, 1) != 1)
			_exit(1);
		_exit(0);
	}
	close(p[1]);
	waitpid(pid, NULL, 0);
	is_int(read(p[0], &c, 1), 0, "the parent's death kills");
	close(p[0]);
}

static void *
nap_thread(void *arg)
{
	usleep(50000);
	return arg;
}

static void
test_leader_exit(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		pthread_t t;

		pthread_create(&t, NULL, nap_thread, NULL);
		syscall(SYS_exit, 3);
	}
	usleep(20000);
	is_int(waitpid(pid, &status, WNOHANG), 0,
	       "a leader that has exited alone is not waited for");
	is_int(waitpid(pid, &status, 0), pid, "until all have");
	is_int(WEXITSTATUS(status), 0, "then with the last one's status");
}

static void
test_many(void)
{
	int i, status, bad = 0;
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	for (i = 0; i < 300; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(i & 127);
		if (waitpid(pid, &status, 0) != pid ||
		    WEXITSTATUS(status) != (i & 127))
			bad++;
	}
	clock_gettime(CLOCK_MONOTONIC, &b);
	is_int(bad, 0, "300 processes, nothing lost");
}

int
main(int argc, char **argv)
{
	char path[4096];
	ssize_t n;

	if (argc > 1 && !strcmp(argv[1], "tid"))
		return !(getpid() == gettid());
	if (argc > 1 && !strcmp(argv[1], "masks"))
		return check_masks();
	n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (n > 0)
		path[n] = '\0';
	self = n > 0 ? path : argv[0];
	test_exit();
	test_wnohang();
	test_clone();
	test_vfork();
	test_exec();
	test_orphans();
	pdeath();
	test_leader_exit();
	test_many();
	return done_testing();
}
