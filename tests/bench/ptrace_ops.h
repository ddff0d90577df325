/* SPDX-License-Identifier: MIT */
/*
 * ptrace as the kernel at hand has it: by the system call where there is one,
 * else by libptrace, which is linked into the same static program.
 */
#ifndef BENCH_PTRACE_OPS_H
#define BENCH_PTRACE_OPS_H

#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* True if this kernel has the ptrace system call. */
static inline bool
have_syscall(void)
{
	static int have = -1;

	if (have < 0)
		have = syscall(SYS_ptrace, PTRACE_PEEKDATA, 0, 0, 0) == 0 ||
		       errno != ENOSYS;
	return have;
}

static inline long
do_ptrace(long request, pid_t pid, void *addr, void *data)
{
	if (have_syscall())
		return syscall(SYS_ptrace, request, pid, addr, data);
	return ptrace(request, pid, addr, data);
}

/* The raw system call stores the word, libc's function returns it. */
static inline long
do_peek(pid_t pid, void *addr)
{
	long word = 0;

	if (!have_syscall())
		return ptrace(PTRACE_PEEKDATA, pid, addr, NULL);
	syscall(SYS_ptrace, PTRACE_PEEKDATA, pid, addr, &word);
	return word;
}

static inline pid_t
do_wait(pid_t pid, int *status, int options)
{
	if (have_syscall())
		return syscall(SYS_wait4, pid, status, options, NULL);
	return waitpid(pid, status, options);
}

static inline ssize_t
do_readv(pid_t pid, void *dst, void *src, size_t n)
{
	struct iovec to = {dst, n}, from = {src, n};

	if (have_syscall())
		return syscall(SYS_process_vm_readv, pid, &to, 1, &from, 1, 0);
	return process_vm_readv(pid, &to, 1, &from, 1, 0);
}

#endif
