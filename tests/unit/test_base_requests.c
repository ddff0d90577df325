/* SPDX-License-Identifier: MIT */
/*
 * Every request on a kernel that serves the base files alone: it works, or
 * fails with the errno that docs/CAVEATS.md gives, and the tracee goes on.
 */
#define _GNU_SOURCE
#include <stddef.h>
#include <string.h>
#include <sys/uio.h>

#include "pt.h"

#define DR(n)  (offsetof(struct user, u_debugreg) + 8 * (n))
#define REG(r) offsetof(struct user, regs.r)

#define NT_PRSTATUS   1
#define NT_PRFPREG    2
#define NT_X86_XSTATE 0x202

/* What comes after. */
enum next {
	STILL,	/* it is in the stop that it was in */
	ENDS,	/* it runs to its end */
	STOPS,	/* ... to its next stop, a SIGTRAP */
	DIES,	/* ... and is killed */
	LEAVES, /* it is no tracee any more */
};

/* The data argument, where it is no number. */
#define BUFFER	0x1000001
#define IOVEC	0x1000002
#define CURRENT 0x1000003 /* what the matching request has got */

static const struct row {
	const char *name;
	int request;
	uintptr_t addr, data;
	int err; /* 0: it works */
	enum next next;
	int get; /* for CURRENT */
} rows[] = {
#define ROW(r) #r, PTRACE_##r
    {ROW(TRACEME), 0, 0, ENOSYS, STILL, 0},
    {ROW(PEEKTEXT), SIM_TEXT, 0, 0, STILL, 0},
    {ROW(PEEKDATA), SIM_TEXT, 0, 0, STILL, 0},
    {ROW(PEEKDATA), 8, 0, EIO, STILL, 0},
    {ROW(PEEKUSER), REG(rip), 0, 0, STILL, 0},
    {ROW(PEEKUSER), REG(orig_rax), 0, 0, STILL, 0},
    {ROW(PEEKUSER), REG(fs_base), 0, 0, STILL, 0},
    {ROW(PEEKUSER), DR(7), 0, EIO, STILL, 0},
    {ROW(POKETEXT), SIM_DATA, 1, 0, STILL, 0},
    {ROW(POKEDATA), SIM_DATA, 1, 0, STILL, 0},
    {ROW(POKEDATA), 8, 1, EIO, STILL, 0},
    {ROW(POKEUSER), REG(r15), 1, 0, STILL, 0},
    {ROW(POKEUSER), DR(0), 0x1000, EIO, STILL, 0},
    {ROW(CONT), 0, 0, 0, ENDS, 0},
    {ROW(CONT), 0, SIGUSR1, EIO, STILL, 0},
    {ROW(CONT), 0, 999, EIO, STILL, 0},
    {ROW(KILL), 0, 0, 0, DIES, 0},
    {ROW(SINGLESTEP), 0, 0, 0, STOPS, 0},
    {ROW(SINGLEBLOCK), 0, 0, EIO, STILL, 0},
    {ROW(GETREGS), 0, BUFFER, 0, STILL, 0},
    {ROW(SETREGS), 0, CURRENT, 0, STILL, PTRACE_GETREGS},
    {ROW(GETFPREGS), 0, BUFFER, 0, STILL, 0},
    {ROW(SETFPREGS), 0, CURRENT, 0, STILL, PTRACE_GETFPREGS},
    {ROW(ATTACH), 0, 0, EPERM, STILL, 0},
    {ROW(DETACH), 0, 0, 0, LEAVES, 0},
    {ROW(DETACH), 0, SIGUSR1, EIO, STILL, 0},
    {ROW(GETFPXREGS), 0, BUFFER, EIO, STILL, 0},
    {ROW(SETFPXREGS), 0, BUFFER, EIO, STILL, 0},
    {ROW(OLDSETOPTIONS), 0, PTRACE_O_TRACESYSGOOD, 0, STILL, 0},
    {ROW(SYSCALL), 0, 0, 0, STOPS, 0},
    {ROW(GET_THREAD_AREA), 12, BUFFER, 0, STILL, 0},
    {ROW(SET_THREAD_AREA), 12, BUFFER, 0, STILL, 0},
    {ROW(GET_THREAD_AREA), 0, BUFFER, EINVAL, STILL, 0},
    {ROW(ARCH_PRCTL), BUFFER, 0x1003, 0, STILL, 0},
    {ROW(ARCH_PRCTL), 0x123000, 0x1002, 0, STILL, 0},
    {ROW(SYSEMU), 0, 0, 0, STOPS, 0},
    {ROW(SYSEMU_SINGLESTEP), 0, 0, 0, STOPS, 0},
    {ROW(SETOPTIONS), 0, PTRACE_O_MASK & ~(1 | PTRACE_O_TRACEEXIT), 0, STILL,
     0},
    {ROW(SETOPTIONS), 0, 1 << 30, EINVAL, STILL, 0},
    {ROW(GETEVENTMSG), 0, BUFFER, 0, STILL, 0},
    {ROW(GETSIGINFO), 0, BUFFER, EIO, STILL, 0},
    {ROW(SETSIGINFO), 0, BUFFER, EIO, STILL, 0},
    {ROW(GETREGSET), NT_PRSTATUS, IOVEC, 0, STILL, 0},
    {ROW(GETREGSET), NT_PRFPREG, IOVEC, 0, STILL, 0},
    {ROW(GETREGSET), NT_X86_XSTATE, IOVEC, EIO, STILL, 0},
    {ROW(SETREGSET), NT_X86_XSTATE, IOVEC, EIO, STILL, 0},
    {ROW(GETREGSET), 77, IOVEC, EINVAL, STILL, 0},
    {ROW(SEIZE), 0, 0, EPERM, STILL, 0},
    {ROW(INTERRUPT), 0, 0, EIO, STILL, 0},
    {ROW(LISTEN), 0, 0, EIO, STILL, 0},
    {ROW(PEEKSIGINFO), BUFFER, BUFFER, EIO, STILL, 0},
    {ROW(GETSIGMASK), 8, BUFFER, EIO, STILL, 0},
    {ROW(SETSIGMASK), 8, BUFFER, EIO, STILL, 0},
    {ROW(SECCOMP_GET_FILTER), 0, 0, EINVAL, STILL, 0},
    {ROW(SECCOMP_GET_METADATA), 16, BUFFER, EINVAL, STILL, 0},
    {ROW(GET_SYSCALL_INFO), 88, BUFFER, EIO, STILL, 0},
    {ROW(SET_SYSCALL_INFO), 88, BUFFER, EIO, STILL, 0},
    {ROW(GET_RSEQ_CONFIGURATION), 24, BUFFER, EIO, STILL, 0},
    {ROW(SET_SYSCALL_USER_DISPATCH_CONFIG), 32, BUFFER, EIO, STILL, 0},
    {ROW(GET_SYSCALL_USER_DISPATCH_CONFIG), 32, BUFFER, EIO, STILL, 0},
};

#define NROWS (sizeof(rows) / sizeof(rows[0]))

static void
setup(void)
{
	pt_setup();
	sim_io_base(true);
}

/* An attached tracee whose code is one call and the exit. */
static pid_t
tracee(void)
{
	struct as *a = bed_as();
	pid_t pid;

	as_nop(a);
	as_sys(a, 39);
	bed_exit(a, 5);
	pid = bed_spawn();
	pt_attach(pid);
	return pid;
}

static void
goes_on(pid_t pid, enum next next)
{
	switch (next) {
	case STOPS:
		pt_wait(pid, STOPPED(SIGTRAP));
		pt_finish(pid, 5);
		break;
	case STILL:
		pt_finish(pid, 5);
		break;
	case ENDS:
		pt_wait(pid, EXITED(5));
		break;
	case DIES:
		pt_wait(pid, SIGKILL);
		break;
	case LEAVES:
		ck_assert_int_eq(pt_try(PTRACE_CONT, pid, 0, 0), -ESRCH);
		ck_assert_int_eq(bed_reap(pid), EXITED(5));
		break;
	}
}

START_TEST(each)
{
	static uint64_t buf[128];
	const struct row *row = &rows[_i];
	struct iovec iov = {buf, sizeof(buf)};
	pid_t pid = tracee();
	uintptr_t addr = row->addr, data = row->data;
	long r;

	memset(buf, 0, sizeof(buf));
	if (row->request == PTRACE_SET_THREAD_AREA)
		memcpy((char *)buf + 12, &(uint32_t){0x28}, 4); /* empty */
	if (addr == BUFFER)
		addr = (uintptr_t)buf;
	/* One signal, from the first on. */
	if (row->request == PTRACE_PEEKSIGINFO)
		memcpy((char *)buf + 12, &(int32_t){1}, 4);
	if (data == CURRENT)
		pt(row->get, pid, 0, (uintptr_t)buf);
	if (data == BUFFER || data == CURRENT)
		data = (uintptr_t)buf;
	if (data == IOVEC)
		data = (uintptr_t)&iov;
	r = pt_try(row->request, pid, addr, data);
	ck_assert_msg(row->err ? r == -row->err : r >= 0 || !errno,
		      "%s, row %d: %ld, not %d", row->name, _i, r, -row->err);
	goes_on(pid, row->next);
}
END_TEST

static bool
is_known(int request)
{
	for (size_t i = 0; i < NROWS; i++)
		if (rows[i].request == request)
			return true;
	return false;
}

/* There is a row for each request, and all other numbers are none. */
START_TEST(others)
{
	pid_t pid = tracee();

	for (int r = -1; r < 0x100; r++)
		if (!is_known(r))
			ck_assert_int_eq(pt_try(r, pid, 0, 0), -EIO);
	for (int r = PTRACE_SETOPTIONS - 1; r < 0x4300; r++)
		if (!is_known(r))
			ck_assert_int_eq(pt_try(r, pid, 0, 0), -EIO);
	pt_finish(pid, 5);
}
END_TEST

START_TEST(seized)
{
	struct as *a = bed_as();
	pid_t pid;

	bed_loop(a);
	pid = bed_spawn();
	pt(PTRACE_SEIZE, pid, 0, 0);
	ck_assert_int_eq(pt_try(PTRACE_INTERRUPT, pid, 0, 0), -EIO);
	ck_assert_int_eq(pt_try(PTRACE_LISTEN, pid, 0, 0), -ESRCH);
	ck_assert_int_eq(pt_try(PTRACE_CONT, pid, 0, 0), -ESRCH);
	pt(PTRACE_KILL, pid, 0, 0);
	pt_wait(pid, SIGKILL);
}
END_TEST

START_TEST(memory_of_others)
{
	uint64_t word;
	struct iovec local = {&word, 8};
	struct iovec remote = {(void *)(uintptr_t)SIM_TEXT, 8};
	pid_t pid = tracee();

	errno = 0;
	ck_assert_int_eq(process_vm_readv(pid, &local, 1, &remote, 1, 0), -1);
	ck_assert_int_eq(errno, ENOSYS);
	errno = 0;
	ck_assert_int_eq(process_vm_writev(pid, &local, 1, &remote, 1, 0), -1);
	ck_assert_int_eq(errno, ENOSYS);
	pt_finish(pid, 5);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("base_requests");
	TCase *tc = tcase_create("requests");

	tcase_add_checked_fixture(tc, setup, pt_teardown);
	tcase_add_loop_test(tc, each, 0, NROWS);
	tcase_add_test(tc, others);
	tcase_add_test(tc, seized);
	tcase_add_test(tc, memory_of_others);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
