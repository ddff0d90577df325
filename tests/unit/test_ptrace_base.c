/* SPDX-License-Identifier: MIT */
/* libptrace on a kernel that serves just the base, Redox's files of 2020. */
#include <string.h>

#include "pt.h"

static void
setup(void)
{
	pt_setup();
	sim_io_base(true);
}

static pid_t
spawn_getpid(void)
{
	struct as *a = bed_as();

	as_sys(a, 39);
	as_mov_reg(a, RDI, RAX);
	as_sys_regs(a, 231);
	return bed_spawn();
}

START_TEST(attach_and_exit)
{
	pid_t pid = spawn_getpid();

	pt_attach(pid);
	pt_finish(pid, pid & 0xff);
	ck_assert_int_eq(pt_wait_try(pid, NULL, 0), -ECHILD);
}
END_TEST

START_TEST(detach)
{
	pid_t pid = spawn_getpid();

	pt_attach(pid);
	pt(PTRACE_DETACH, pid, 0, 0);
	ck_assert_int_eq(pt_try(PTRACE_CONT, pid, 0, 0), -ESRCH);
	ck_assert_int_eq(bed_reap(pid), (pid & 0xff) << 8);
}
END_TEST

START_TEST(kill_it)
{
	struct as *a = bed_as();
	pid_t pid;

	bed_loop(a);
	pid = bed_spawn();
	pt_attach(pid);
	if (_i)
		pt(PTRACE_CONT, pid, 0, 0);
	pt(PTRACE_KILL, pid, 0, 0);
	pt_wait(pid, SIGKILL);
}
END_TEST

/* Somebody else kills it while it is stopped. */
START_TEST(killed)
{
	pid_t pid = spawn_getpid();

	pt_attach(pid);
	sim_idle(sim);
	sim_kill(me, pid, SIGKILL);
	sim_idle(sim);
	ck_assert_int_eq(pt_try(PTRACE_CONT, pid, 0, 0), -ESRCH);
	pt_wait(pid, SIGKILL);
}
END_TEST

START_TEST(syscalls)
{
	pid_t pid = spawn_getpid();
	struct user_regs_struct r;

	pt_attach(pid);
	pt(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD);
	pt(PTRACE_SYSCALL, pid, 0, 0);
	pt_wait(pid, STOPPED_SYSCALL);
	r = pt_regs(pid);
	ck_assert_uint_eq(r.orig_rax, 39);
	pt(PTRACE_SYSCALL, pid, 0, 0);
	pt_wait(pid, STOPPED_SYSCALL);
	r = pt_regs(pid);
	ck_assert_uint_eq(r.rax, (uint64_t)pid);
	r.rax = 21;
	pt(PTRACE_SETREGS, pid, 0, (uintptr_t)&r);
	pt_finish(pid, 21);
}
END_TEST

START_TEST(steps_and_breakpoints)
{
	struct as *a = bed_as();
	struct user_regs_struct r;
	pid_t pid;
	long word, bp;

	for (int i = 0; i < 8; i++)
		as_nop(a);
	bed_exit(a, 2);
	pid = bed_spawn();
	pt_attach(pid);
	for (unsigned i = 1; i < 4; i++) {
		pt(PTRACE_SINGLESTEP, pid, 0, 0);
		pt_wait(pid, STOPPED(SIGTRAP));
		ck_assert_uint_eq(pt_regs(pid).rip, SIM_TEXT + i);
	}
	bp = word = pt_peek(pid, SIM_TEXT + 6);
	memset(&bp, 0xcc, 1);
	pt(PTRACE_POKETEXT, pid, SIM_TEXT + 6, (uintptr_t)bp);
	pt(PTRACE_CONT, pid, 0, 0);
	pt_wait(pid, STOPPED(SIGTRAP));
	r = pt_regs(pid);
	ck_assert_uint_eq(r.rip, SIM_TEXT + 7);
	r.rip--;
	pt(PTRACE_SETREGS, pid, 0, (uintptr_t)&r);
	pt(PTRACE_POKETEXT, pid, SIM_TEXT + 6, (uintptr_t)word);
	pt_finish(pid, 2);
}
END_TEST

START_TEST(signals)
{
	struct as *a = bed_as();
	pid_t pid;

	as_sys(a, 34);
	bed_exit(a, 0);
	pid = bed_spawn();
	pt_attach(pid);
	pt(PTRACE_CONT, pid, 0, 0);
	sim_idle(sim);
	sim_kill(me, pid, SIGTERM);
	pt_wait(pid, STOPPED(SIGTERM));
	pt(PTRACE_CONT, pid, 0, 0);
	sim_idle(sim);
	ck_assert_int_eq(sim_state(sim_find(sim, pid)), 'S');
	sim_kill(me, pid, SIGTERM);
	pt_wait(pid, STOPPED(SIGTERM));
	pt(PTRACE_CONT, pid, 0, SIGTERM);
	pt_wait(pid, SIGTERM);
}
END_TEST

START_TEST(forks)
{
	struct as *a = bed_as();
	unsigned long child = 0;
	pid_t pid;
	size_t in_child;

	as_sys(a, 57);
	as_cmp(a, RAX, 0);
	in_child = as_jz(a, 0);
	bed_exit(a, 4);
	as_land(a, in_child);
	bed_exit(a, 5);
	pid = bed_spawn();
	pt_attach(pid);
	pt(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEFORK);
	pt(PTRACE_CONT, pid, 0, 0);
	/* The base does not say which kind it was. */
	pt_wait(pid, STOPPED_EVENT(PTRACE_EVENT_CLONE));
	pt(PTRACE_GETEVENTMSG, pid, 0, (uintptr_t)&child);
	pt_wait((pid_t)child, STOPPED(SIGSTOP));
	pt_finish((pid_t)child, 5);
	pt_finish(pid, 4);
}
END_TEST

START_TEST(float_registers)
{
	struct as *a = bed_as();
	struct user_fpregs_struct f, back;
	pid_t pid;

	as_fldpi(a);
	bed_loop(a);
	pid = bed_spawn();
	sim_run(sim, NULL, NULL, 3);
	pt_attach(pid);
	pt(PTRACE_GETFPREGS, pid, 0, (uintptr_t)&f);
	ck_assert_mem_eq(f.st_space, "\x35\xc2\x68\x21\xa2\xda\x0f\xc9", 8);
	memset((char *)f.xmm_space, 0x31, 60);
	pt(PTRACE_SETFPREGS, pid, 0, (uintptr_t)&f);
	pt(PTRACE_GETFPREGS, pid, 0, (uintptr_t)&back);
	ck_assert_mem_eq(&f, &back, 416);
	pt(PTRACE_KILL, pid, 0, 0);
	pt_wait(pid, SIGKILL);
}
END_TEST

/* What the base has not: an error, and the tracee is as it was. */
START_TEST(missing)
{
	static const int requests[] = {PTRACE_PEEKSIGINFO, PTRACE_GETSIGMASK,
				       PTRACE_INTERRUPT, PTRACE_LISTEN,
				       PTRACE_GET_SYSCALL_INFO};
	pid_t pid = spawn_getpid();
	uint64_t buf[32];

	pt_attach(pid);
	for (size_t i = 0; i < sizeof(requests) / sizeof(int); i++) {
		long r;

		memset(buf, 0, sizeof(buf));
		r = pt_try(requests[i], pid,
			   requests[i] == PTRACE_PEEKSIGINFO ? (uintptr_t)buf
							     : 8,
			   (uintptr_t)buf);
		ck_assert_msg(r == -EIO || r == -ENOSYS || r == -EINVAL ||
				  r >= 0,
			      "request %#x: %ld", requests[i], r);
	}
	pt_finish(pid, pid & 0xff);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ptrace_base");
	TCase *tc = tcase_create("base");

	tcase_add_checked_fixture(tc, setup, pt_teardown);
	tcase_add_test(tc, attach_and_exit);
	tcase_add_test(tc, detach);
	tcase_add_loop_test(tc, kill_it, 0, 2);
	tcase_add_test(tc, killed);
	tcase_add_test(tc, syscalls);
	tcase_add_test(tc, steps_and_breakpoints);
	tcase_add_test(tc, signals);
	tcase_add_test(tc, forks);
	tcase_add_test(tc, float_registers);
	tcase_add_test(tc, missing);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
