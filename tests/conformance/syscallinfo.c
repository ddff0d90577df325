/* SPDX-License-Identifier: MIT */
/* PTRACE_GET_SYSCALL_INFO, SET_SYSCALL_INFO and two configurations. */
#include "cases.h"

#include <linux/audit.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>

#define REQ_GET	 0x420e
#define REQ_RSEQ 0x420f
#define REQ_SET	 0x4212

/* As in the manual page; libc's differ in the names of members. */
struct info {
	uint8_t op;
	uint8_t reserved;
	uint16_t flags;
	uint32_t arch;
	uint64_t instruction_pointer;
	uint64_t stack_pointer;
	union {
		struct {
			uint64_t nr;
			uint64_t args[6];
		} entry;
		struct {
			int64_t rval;
			uint8_t is_error;
		} exit;
		struct {
			uint64_t nr;
			uint64_t args[6];
			uint32_t ret_data;
		} seccomp;
	} u;
};

#define NONE_SIZE  24
#define ENTRY_SIZE 80
#define EXIT_SIZE  33

static void
make_call(void)
{
	post(0, syscall(SYS_lseek, -1, 0x1111, 0x2222, 0x3333, 0x4444, 0x5555));
	post(1, errno);
	post(2, syscall(SYS_getppid));
}

static struct info
get(pid_t pid, long size)
{
	struct info info;

	memset(&info, 0xee, sizeof info);
	equal(must(pt(REQ_GET, pid, sizeof info, &info)), size);
	return info;
}

static pid_t
at_entry(long number)
{
	pid_t pid = launch(make_call);
	struct user_regs_struct regs;

	options(pid, PTRACE_O_TRACESYSGOOD);
	do {
		to_syscall(pid);
		expect(pid, SYSCALL_STOP);
		get_regs(pid, &regs);
	} while ((long)regs.orig_rax != number);
	return pid;
}

static void
no_call(void)
{
	pid_t pid = launch(do_nothing);
	struct user_regs_struct regs;
	struct info info = get(pid, NONE_SIZE);

	get_regs(pid, &regs);
	equal(info.op, 0);
	equal(info.arch, AUDIT_ARCH_X86_64);
	equal(info.instruction_pointer, regs.rip);
	equal(info.stack_pointer, regs.rsp);
	end(pid);
}

static void
entry(void)
{
	pid_t pid = at_entry(SYS_lseek);
	struct user_regs_struct regs;
	struct info info = get(pid, ENTRY_SIZE);

	get_regs(pid, &regs);
	equal(info.op, 1);
	equal(info.flags, 0);
	equal(info.reserved, 0);
	equal(info.instruction_pointer, regs.rip);
	equal(info.stack_pointer, regs.rsp);
	equal(info.u.entry.nr, SYS_lseek);
	equal((int)info.u.entry.args[0], -1);
	for (unsigned int i = 1; i < 6; i++)
		equal(info.u.entry.args[i], 0x1111 * i);
	end(pid);
}

static void
exit_with_error(void)
{
	pid_t pid = at_entry(SYS_lseek);
	struct info info;

	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	info = get(pid, EXIT_SIZE);
	equal(info.op, 2);
	equal(info.u.exit.rval, -EBADF);
	equal(info.u.exit.is_error, 1);
	end(pid);
}

static void
exit_with_value(void)
{
	pid_t pid = at_entry(SYS_getppid);
	struct info info;

	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	info = get(pid, EXIT_SIZE);
	equal(info.op, 2);
	equal(info.u.exit.rval, getpid());
	equal(info.u.exit.is_error, 0);
	end(pid);
}

static void
truncated(void)
{
	pid_t pid = at_entry(SYS_lseek);
	unsigned char bytes[100], all[100];

	memset(bytes, 0xee, sizeof bytes);
	equal(must(pt(REQ_GET, pid, sizeof all, all)), ENTRY_SIZE);
	equal(must(pt(REQ_GET, pid, 0, bytes)), ENTRY_SIZE);
	equal(bytes[0], 0xee);
	equal(must(pt(REQ_GET, pid, 30, bytes)), ENTRY_SIZE);
	equal(memcmp(bytes, all, 30), 0);
	equal(bytes[30], 0xee);
	refused(pt(REQ_GET, pid, 30, 8), EFAULT);
	end(pid);
}

static void
after_other_stop(void)
{
	pid_t pid = at_entry(SYS_lseek);

	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	must(kill(pid, SIGUSR1));
	cont(pid);
	expect(pid, STOPPED(SIGUSR1));
	equal(get(pid, NONE_SIZE).op, 0);
	end(pid);
}

static void
set_entry(void)
{
	pid_t pid = at_entry(SYS_lseek);
	struct info info = get(pid, ENTRY_SIZE);

	info.u.entry.nr = SYS_getpid;
	if (pt(REQ_SET, pid, sizeof info, &info) == -1 && errno == EIO)
		not_here("a kernel before 6.16");
	cont(pid);
	expect(pid, EXITED(0));
	equal(board[0], pid);
}

static void
set_exit(void)
{
	pid_t pid = at_entry(SYS_lseek);
	struct info info;

	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	info = get(pid, EXIT_SIZE);
	info.u.exit.rval = -ENOTTY;
	info.u.exit.is_error = 1;
	if (pt(REQ_SET, pid, sizeof info, &info) == -1 && errno == EIO)
		not_here("a kernel before 6.16");
	cont(pid);
	expect(pid, EXITED(0));
	equal(board[0], -1);
	equal(board[1], ENOTTY);
}

static void
set_errors(void)
{
	pid_t pid = at_entry(SYS_lseek);
	struct info info = get(pid, ENTRY_SIZE), bad;

	if (pt(REQ_SET, pid, sizeof info, &info) == -1 && errno == EIO)
		not_here("a kernel before 6.16");
	refused(pt(REQ_SET, pid, 8, &info), EINVAL);
	refused(pt(REQ_SET, pid, sizeof info, 8), EFAULT);
	bad = info;
	bad.op = 2;
	refused(pt(REQ_SET, pid, sizeof bad, &bad), EINVAL);
	bad = info;
	bad.flags = 1;
	refused(pt(REQ_SET, pid, sizeof bad, &bad), EINVAL);
	bad = info;
	bad.reserved = 1;
	refused(pt(REQ_SET, pid, sizeof bad, &bad), EINVAL);
	bad = info;
	bad.u.entry.nr = 1ull << 40;
	refused(pt(REQ_SET, pid, sizeof bad, &bad), ERANGE);
	end(pid);
}

static void
set_elsewhere(void)
{
	pid_t pid = launch(do_nothing);
	struct info info = get(pid, NONE_SIZE);

	refused(pt(REQ_SET, pid, sizeof info, &info), EINVAL);
	end(pid);
}

static void
rseq(void)
{
	pid_t pid = launch(do_nothing);
	struct {
		uint64_t pointer;
		uint32_t size, signature, flags, pad;
	} config;
	long result;

	memset(&config, 0xee, sizeof config);
	result = pt(REQ_RSEQ, pid, sizeof config, &config);
	if (result == -1 && errno == EIO)
		not_here("a kernel without rseq");
	equal(must(result), sizeof config);
	equal(config.flags, 0);
	equal(config.pad, 0);
	config.pad = 1;
	equal(must(pt(REQ_RSEQ, pid, 8, &config)), sizeof config);
	equal(config.pad, 1);
	end(pid);
}

struct rseq_config {
	uint64_t pointer;
	uint32_t size, signature, flags, pad;
};

#define SIGNATURE 0x53053053

/* Gives back what libc registered, and registers an area of its own. */
static void
register_rseq(void)
{
	static __attribute__((aligned(32))) char area[32];

	raise(SIGSTOP);
	if (board[1])
		must(syscall(SYS_rseq, board[1], board[2], 1, board[3]));
	raise(SIGSTOP);
	must(syscall(SYS_rseq, area, sizeof area, 0, SIGNATURE));
	post(4, (long)area);
	raise(SIGSTOP);
}

static struct rseq_config
rseq_of(pid_t pid)
{
	struct rseq_config config;

	memset(&config, 0xee, sizeof config);
	if (pt(REQ_RSEQ, pid, sizeof config, &config) == -1 && errno == EIO)
		not_here("a kernel without rseq");
	return config;
}

static void
rseq_values(void)
{
	pid_t pid = launch(register_rseq);
	struct rseq_config config;

	cont(pid);
	expect(pid, STOPPED(SIGSTOP));
	config = rseq_of(pid);
	board[2] = config.size;
	board[3] = config.signature;
	post(1, (long)config.pointer);
	cont(pid);
	/* It could be given back, so all of it was right. */
	expect(pid, STOPPED(SIGSTOP));
	equal(rseq_of(pid).pointer, 0);
	cont(pid);
	expect(pid, STOPPED(SIGSTOP));
	config = rseq_of(pid);
	equal(config.pointer, board[4]);
	equal(config.size, 32);
	equal(config.signature, SIGNATURE);
	equal(config.flags, 0);
	end(pid);
}

static const struct test_case cases[] = {
    {"GET_SYSCALL_INFO: op NONE outside system call stops, with the "
     "architecture, ip and sp",
     no_call},
    {"GET_SYSCALL_INFO: op ENTRY, with the number and six arguments", entry},
    {"GET_SYSCALL_INFO: op EXIT, with an error", exit_with_error},
    {"GET_SYSCALL_INFO: op EXIT, with a value", exit_with_value},
    {"GET_SYSCALL_INFO: returns the number of bytes available, and "
     "writes no more than asked for",
     truncated},
    {"GET_SYSCALL_INFO: op NONE in a signal stop after a call",
     after_other_stop},
    {"SET_SYSCALL_INFO: another call at the entry", set_entry},
    {"SET_SYSCALL_INFO: another result at the exit", set_exit},
    {"SET_SYSCALL_INFO: errors", set_errors},
    {"SET_SYSCALL_INFO: EINVAL outside system call stops", set_elsewhere},
    {"GET_RSEQ_CONFIGURATION: pointer, size and signature, as registered",
     rseq_values},
    {"GET_RSEQ_CONFIGURATION: at most size bytes of it are written", rseq},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
