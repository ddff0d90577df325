/* SPDX-License-Identifier: MIT */
/*
 * Whom ptrace access mode checking lets nobody trace: for each target the
 * answers of ATTACH, SEIZE, process_vm_readv() and /proc/PID/mem.
 */
#include "cases.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static volatile long word = 4711;

/* ---- targets ---- */

/* errno, or 0, of each way to TARGET. The last is of a read of mem. */
struct answers {
	int attach, seize, vm, open, read;
};

static int
code_of(long result)
{
	return result == -1 ? errno : 0;
}

static void
answer(pid_t target, const struct answers *want)
{
	long copy;
	struct iovec local = {&copy, sizeof copy};
	struct iovec remote = {(void *)(uintptr_t)&word, sizeof word};
	char path[64];
	int fd;

	equal(code_of(pt(PTRACE_ATTACH, target, 0, 0)), want->attach);
	equal(code_of(pt(PTRACE_SEIZE, target, 0, 0)), want->seize);
	equal(code_of(process_vm_readv(target, &local, 1, &remote, 1, 0)),
	      want->vm);
	snprintf(path, sizeof path, "/proc/%d/mem", target);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	equal(code_of(fd), want->open);
	if (fd < 0)
		return;
	equal(code_of(pread(fd, &copy, sizeof copy, (off_t)(uintptr_t)&word)),
	      want->read);
	close(fd);
}

static void
nobody(void)
{
	static const struct answers none = {ESRCH, ESRCH, ESRCH, ENOENT, 0};
	pid_t pid = child(do_nothing);

	expect(pid, EXITED(0));
	answer(pid, &none);
	answer(0x3fffff, &none);
	refused(pt(PTRACE_ATTACH, 0, 0, 0), ESRCH);
	refused(pt(PTRACE_SEIZE, 0, 0, 0), ESRCH);
	refused(pt(PTRACE_ATTACH, -1, 0, 0), ESRCH);
	refused(pt(PTRACE_SEIZE, -getpgrp(), 0, 0), ESRCH);
}

static void
oneself(void)
{
	static const struct answers self = {EPERM, EPERM, 0, 0, 0};

	answer(getpid(), &self);
}

static void
oneself_without_rights(void)
{
	without_rights();
	oneself();
}

static void *
answer_from_thread(void *arg)
{
	static const struct answers own = {EPERM, EPERM, 0, 0, 0};

	answer(getpid(), &own);
	answer(thread_id(), &own);
	return arg;
}

static void *
wait_in_thread(void *arg)
{
	post(1, thread_id());
	await(2);
	return arg;
}

static void
own_thread_group(void)
{
	static const struct answers own = {EPERM, EPERM, 0, 0, 0};
	pthread_t thread;

	equal(pthread_create(&thread, NULL, answer_from_thread, NULL), 0);
	equal(pthread_join(thread, NULL), 0);
	equal(pthread_create(&thread, NULL, wait_in_thread, NULL), 0);
	answer((pid_t)await(1), &own);
	post(2, 1);
	equal(pthread_join(thread, NULL), 0);
}

/* True if PID is a thread of the kernel: PF_KTHREAD. */
static int
is_kernels(pid_t pid)
{
	char path[64], line[512], *p;
	unsigned long flags = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	p = fgets(line, sizeof line, file);
	fclose(file);
	if (!p || !(p = strrchr(line, ')')))
		return 0;
	sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %lu", &flags);
	return (flags & 0x200000) != 0;
}

static void
init_without_rights(void)
{
	static const struct answers init = {EPERM, EPERM, EPERM, EACCES, 0};

	if (is_kernels(1))
		not_here("init is no program");
	need_root();
	be_alice();
	answer(1, &init);
}

static pid_t
kernel_thread(void)
{
	for (pid_t pid = 1; pid <= 2; pid++) {
		if (is_kernels(pid))
			return pid;
	}
	not_here("no thread of the kernel is to be seen");
}

static void
kernels_of_root(void)
{
	pid_t pid = kernel_thread();
	static const struct answers root = {EPERM, EPERM, ESRCH, ESRCH, 0};

	need_root();
	answer(pid, &root);
}

static void
kernels_without_rights(void)
{
	pid_t pid = kernel_thread();
	static const struct answers alice = {EPERM, EPERM, ESRCH, EACCES, 0};

	need_root();
	be_alice();
	answer(pid, &alice);
}

static void
zombie(void)
{
	static const struct answers dead = {EPERM, EPERM, ESRCH, ESRCH, 0};
	pid_t pid = child(do_nothing);

	until_state(pid, "Z");
	answer(pid, &dead);
	expect(pid, EXITED(0));
}

static void
trace_the_target(void)
{
	must(pt(PTRACE_SEIZE, (pid_t)board[1], 0, 0));
	post(2, 1);
	sleep_forever();
}

static void
traced_by_another(void)
{
	static const struct answers traced = {EPERM, EPERM, 0, 0, 0};
	pid_t pid = child(sleep_forever), tracer;

	post(1, pid);
	tracer = child(trace_the_target);
	await(2);
	/* It has one tracer; but its memory may be read. */
	answer(pid, &traced);
	end(tracer);
	until_state(pid, "S");
	while (status_number(pid, "TracerPid") != 0)
		;
	must(pt(PTRACE_SEIZE, pid, 0, 0));
	answer(pid, &traced);
	end(pid);
}

static const struct test_case cases[] = {
    {"ATTACH, SEIZE: ESRCH, no such process", nobody},
    {"ATTACH, SEIZE: EPERM, oneself, whose memory may be read", oneself},
    {"ATTACH, SEIZE: ... without rights too", oneself_without_rights},
    {"ATTACH, SEIZE: EPERM, any thread of the caller's thread group",
     own_thread_group},
    {"ATTACH, SEIZE: EPERM, init, for who is not root", init_without_rights},
    {"ATTACH, SEIZE: EPERM, a thread of the kernel, for root", kernels_of_root},
    {"ATTACH, SEIZE: ... and for others", kernels_without_rights},
    {"ATTACH, SEIZE: EPERM, a zombie", zombie},
    {"ATTACH, SEIZE: EPERM, a process that is traced, by another or by "
     "the caller",
     traced_by_another},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
