/* SPDX-License-Identifier: MIT */
/* The debug registers, by PTRACE_PEEKUSER and PTRACE_POKEUSER. */
#include "cases.h"

#include <pthread.h>

#define DR(n)		 (offsetof(struct user, u_debugreg) + 8 * (n))
#define ENABLE(n)	 (1ul << (2 * (n)))
#define EXECUTE(n)	 0ul
#define WRITE(n)	 (1ul << (16 + 4 * (n)))
#define ACCESS(n)	 (3ul << (16 + 4 * (n)))
#define LENGTH(n, bytes) ((unsigned long)((bytes)-1) << (18 + 4 * (n)))

static volatile long target __attribute__((aligned(8)));
static volatile long other __attribute__((aligned(8)));

static unsigned long
get(pid_t pid, int n)
{
	unsigned long value;

	errno = 0;
	value = (unsigned long)pt(PTRACE_PEEKUSER, pid, DR(n), 0);
	equal(errno, 0);
	return value;
}

static void
set(pid_t pid, int n, unsigned long value)
{
	must(pt(PTRACE_POKEUSER, pid, DR(n), value));
}

static unsigned long
ip(pid_t pid)
{
	struct user_regs_struct regs;

	get_regs(pid, &regs);
	return (unsigned long)regs.rip;
}

__attribute__((noinline)) static void
break_here(void)
{
	__asm__ volatile("");
}

static void
call_twice(void)
{
	break_here();
	break_here();
}

static void
zero_at_first(void)
{
	pid_t pid = launch(do_nothing);

	for (int n = 0; n < 8; n++) {
		if (n == 6)
			check((get(pid, n) & 0xf) == 0);
		else if (n != 4 && n != 5)
			equal(get(pid, n), 0);
	}
	end(pid);
}

static void
four_and_five(void)
{
	pid_t pid = launch(do_nothing);

	refused(pt(PTRACE_POKEUSER, pid, DR(4), 0), EIO);
	refused(pt(PTRACE_POKEUSER, pid, DR(5), 0), EIO);
	equal(get(pid, 4), 0);
	equal(get(pid, 5), 0);
	end(pid);
}

static void
read_back(void)
{
	pid_t pid = launch(do_nothing);
	unsigned long control = ENABLE(0) | WRITE(0) | LENGTH(0, 8) |
				ENABLE(1) | ACCESS(1) | LENGTH(1, 4) |
				ENABLE(2) | EXECUTE(2) | ENABLE(3) | WRITE(3) |
				LENGTH(3, 1);

	set(pid, 0, (unsigned long)&target);
	set(pid, 1, (unsigned long)&other);
	set(pid, 2, (unsigned long)break_here);
	set(pid, 3, (unsigned long)&target + 5);
	set(pid, 7, control);
	equal(get(pid, 0), (unsigned long)&target);
	equal(get(pid, 1), (unsigned long)&other);
	equal(get(pid, 2), (unsigned long)break_here);
	equal(get(pid, 3), (unsigned long)&target + 5);
	equal(get(pid, 7), control);
	set(pid, 7, 0);
	equal(get(pid, 7), 0);
	equal(get(pid, 0), (unsigned long)&target);
	end(pid);
}

static void
breakpoint(void)
{
	pid_t pid = launch(call_twice);

	set(pid, 0, (unsigned long)break_here);
	set(pid, 7, ENABLE(0) | EXECUTE(0));
	for (int i = 0; i < 2; i++) {
		cont(pid);
		expect(pid, STOPPED(SIGTRAP));
		/* Before the instruction, unlike int3. */
		equal(ip(pid), (unsigned long)break_here);
		equal(signal_info(pid).si_code, TRAP_HWBKPT);
		equal(get(pid, 6) & 0xf, 1);
	}
	cont(pid);
	expect(pid, EXITED(0));
}

static void
write_target(void)
{
	long seen = target;

	other = seen;
	target = 3;
	__asm__ volatile("" : : : "memory");
	post(0, target);
}

static void
write_watchpoint(void)
{
	pid_t pid = launch(write_target);

	set(pid, 1, (unsigned long)&target);
	set(pid, 7, ENABLE(1) | WRITE(1) | LENGTH(1, 8));
	cont(pid);
	expect(pid, STOPPED(SIGTRAP));
	equal(signal_info(pid).si_code, TRAP_HWBKPT);
	equal(get(pid, 6) & 0xf, 2);
	/* After the write. */
	equal(peek(pid, &target), 3);
	equal(board[0], 0);
	cont(pid);
	expect(pid, EXITED(0));
	equal(board[0], 3);
}

static void
access_watchpoint(void)
{
	pid_t pid = launch(write_target);

	set(pid, 3, (unsigned long)&target);
	set(pid, 7, ENABLE(3) | ACCESS(3) | LENGTH(3, 8));
	for (int i = 0; i < 3; i++) {
		cont(pid);
		expect(pid, STOPPED(SIGTRAP));
		equal(get(pid, 6) & 0xf, 8);
		equal(peek(pid, &target), i == 0 ? 0 : 3);
	}
	cont(pid);
	expect(pid, EXITED(0));
}

static void
write_parts(void)
{
	volatile char *bytes = (volatile char *)&target;

	bytes[0] = 1;
	bytes[3] = 2;
	bytes[2] = 3;
	bytes[5] = 4;
}

static void
lengths(void)
{
	pid_t pid = launch(write_parts);

	set(pid, 0, (unsigned long)&target + 2);
	set(pid, 7, ENABLE(0) | WRITE(0) | LENGTH(0, 2));
	cont(pid);
	expect(pid, STOPPED(SIGTRAP));
	equal(peek(pid, &target), 0x02000001);
	cont(pid);
	expect(pid, STOPPED(SIGTRAP));
	equal(peek(pid, &target), 0x02030001);
	cont(pid);
	expect(pid, EXITED(0));
}

static void
bad_values(void)
{
	pid_t pid = launch(do_nothing);

	refused(pt(PTRACE_POKEUSER, pid, DR(0), 0xffffffff80000000), EINVAL);
	set(pid, 0, (unsigned long)&target + 1);
	refused(pt(PTRACE_POKEUSER, pid, DR(7),
		   ENABLE(0) | WRITE(0) | LENGTH(0, 4)),
		EINVAL);
	/* I/O breakpoints, and an execution breakpoint that is not short. */
	refused(pt(PTRACE_POKEUSER, pid, DR(7), ENABLE(0) | 2ul << 16), EINVAL);
	refused(pt(PTRACE_POKEUSER, pid, DR(7),
		   ENABLE(0) | EXECUTE(0) | LENGTH(0, 4)),
		EINVAL);
	equal(get(pid, 7), 0);
	end(pid);
}

static void
disabled(void)
{
	pid_t pid = launch(call_twice);

	set(pid, 0, (unsigned long)break_here);
	set(pid, 7, ENABLE(0));
	cont(pid);
	expect(pid, STOPPED(SIGTRAP));
	set(pid, 7, 0);
	cont(pid);
	expect(pid, EXITED(0));
}

static void
status_written(void)
{
	pid_t pid = launch(call_twice);

	set(pid, 0, (unsigned long)break_here);
	set(pid, 7, ENABLE(0));
	cont(pid);
	expect(pid, STOPPED(SIGTRAP));
	equal(get(pid, 6) & 0xf, 1);
	set(pid, 6, 0);
	equal(get(pid, 6) & 0xf, 0);
	step(pid);
	expect(pid, STOPPED(SIGTRAP));
	equal(get(pid, 6) & 0x400f, 0x4000);
	end(pid);
}

static void
fork_and_call(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		break_here();
		_exit(3);
	}
	equal(next_status(pid), EXITED(3));
}

static void
not_inherited(void)
{
	pid_t pid = launch(fork_and_call);

	set(pid, 0, (unsigned long)break_here);
	set(pid, 7, ENABLE(0));
	cont(pid);
	/* Else SIGTRAP would kill the child. */
	expect(pid, STOPPED(SIGCHLD));
	cont(pid);
	expect(pid, EXITED(0));
}

static void
exec_it(void)
{
	exec_self(0);
}

static void
gone_by_exec(void)
{
	pid_t pid = launch(exec_it);

	set(pid, 0, (unsigned long)&target);
	set(pid, 7, ENABLE(0) | WRITE(0) | LENGTH(0, 8));
	cont(pid);
	expect(pid, STOPPED(SIGTRAP));
	equal(signal_info(pid).si_code, SI_USER);
	equal(get(pid, 7), 0);
	end(pid);
}

static void *
call_it(void *arg)
{
	post(0, thread_id());
	await(1);
	break_here();
	return arg;
}

static void
thread_and_leader(void)
{
	pthread_t thread;

	equal(pthread_create(&thread, NULL, call_it, NULL), 0);
	await(1);
	break_here();
	equal(pthread_join(thread, NULL), 0);
}

static void
one_thread_only(void)
{
	pid_t pid = child(thread_and_leader);
	pid_t tid = (pid_t)await(0);

	must(pt(PTRACE_ATTACH, tid, 0, 0));
	expect(tid, STOPPED(SIGSTOP));
	set(tid, 2, (unsigned long)break_here);
	set(tid, 7, ENABLE(2));
	cont(tid);
	post(1, 1);
	expect(tid, STOPPED(SIGTRAP));
	equal(ip(tid), (unsigned long)break_here);
	cont(tid);
	expect(tid, EXITED(0));
	expect(pid, EXITED(0));
}

static void
gone_by_detach(void)
{
	pid_t pid = launch(call_twice);

	set(pid, 0, (unsigned long)break_here);
	set(pid, 7, ENABLE(0));
	must(pt(PTRACE_DETACH, pid, 0, 0));
	/* Linux leaves them armed: it is the tracer's to clear them. */
	expect(pid, KILLED_BY(SIGTRAP));
}

static const struct test_case cases[] = {
    {"PEEKUSER: debug registers are 0 at first", zero_at_first},
    {"PEEKUSER, POKEUSER: DR4 and DR5 are none", four_and_five},
    {"PEEKUSER, POKEUSER: addresses and control are read back", read_back},
    {"POKEUSER, GETSIGINFO: an execution breakpoint, at each pass, with "
     "TRAP_HWBKPT",
     breakpoint},
    {"POKEUSER, GETSIGINFO: a write watchpoint traps after the write",
     write_watchpoint},
    {"POKEUSER: an access watchpoint traps at reads too", access_watchpoint},
    {"POKEUSER: a watchpoint's length", lengths},
    {"POKEUSER: EINVAL for kernel addresses, bad types, lengths and "
     "alignment",
     bad_values},
    {"POKEUSER: DR7 0 disables them", disabled},
    {"PEEKUSER, POKEUSER: DR6 tells which, or that it was a step, and is "
     "cleared by the tracer",
     status_written},
    {"POKEUSER: a child has them not", not_inherited},
    {"POKEUSER: a new program has them not", gone_by_exec},
    {"POKEUSER: they belong to one thread", one_thread_only},
    {"DETACH: leaves them armed", gone_by_detach},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
