/* SPDX-License-Identifier: MIT */
/* Registers under ptrace(2). */
#define _GNU_SOURCE
#include <string.h>
#include <sys/uio.h>

#include "pt.h"

#define PAUSE	      34
#define NT_PRSTATUS   1
#define NT_PRFPREG    2
#define NT_X86_XSTATE 0x202

static pid_t pid;
static uint64_t area; /* two pages of data, at the edge of one */

/* The program sets a few registers and waits. */
static void
setup(void)
{
	struct as *a;

	pt_setup();
	a = bed_as();
	area = SIM_DATA + KS_PAGE_SIZE - 32;
	as_mov(a, RBX, 0x1122334455667788);
	as_movq_xmm(a, 3, RBX);
	as_fld1(a);
	as_fldpi(a);
	as_mov(a, R15, 15);
	as_sys(a, PAUSE);
	bed_exit(a, 6);
	pid = bed_spawn();
	sim_idle(sim);
	pt_attach(pid);
}

static void
teardown(void)
{
	if (sim_find(sim, pid))
		sim_kill(me, pid, SIGKILL);
	pt_teardown();
}

START_TEST(registers)
{
	struct user_regs_struct r = pt_regs(pid), back;

	ck_assert_uint_eq(r.rbx, 0x1122334455667788);
	ck_assert_uint_eq(r.r15, 15);
	ck_assert_uint_eq(r.orig_rax, PAUSE);
	ck_assert_uint_eq(r.cs, 0x33);
	ck_assert_uint_eq(r.ss, 0x2b);
	r.rbx = 3;
	r.r8 = UINT64_MAX;
	r.fs_base = 0x12345000;
	r.eflags |= 0x3000; /* IOPL stays as it is */
	pt(PTRACE_SETREGS, pid, 0, (uintptr_t)&r);
	back = pt_regs(pid);
	r.eflags &= ~UINT64_C(0x3000);
	ck_assert_mem_eq(&back, &r, sizeof(r));
}
END_TEST

/* A register image that user mode cannot have: EIO, nothing is changed. */
START_TEST(bad_registers)
{
	static const struct {
		size_t off;
		uint64_t v;
	} bad[] = {
	    {offsetof(struct user_regs_struct, cs), 0},
	    {offsetof(struct user_regs_struct, cs), 0x10},
	    {offsetof(struct user_regs_struct, ss), 0},
	    {offsetof(struct user_regs_struct, ds), 0x10},
	    {offsetof(struct user_regs_struct, fs_base), UINT64_MAX},
	    {offsetof(struct user_regs_struct, gs_base),
	     UINT64_C(0x800000000000)},
	};
	struct user_regs_struct was = pt_regs(pid), r;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		r = was;
		memcpy((char *)&r + bad[i].off, &bad[i].v, 8);
		ck_assert_int_eq(pt_try(PTRACE_SETREGS, pid, 0, (uintptr_t)&r),
				 -EIO);
		r = pt_regs(pid);
		ck_assert_mem_eq(&r, &was, sizeof(r));
	}
}
END_TEST

START_TEST(peek_poke_user)
{
	struct user_regs_struct r = pt_regs(pid);
	uintptr_t rbx = offsetof(struct user, regs.rbx);

	for (size_t i = 0; i < sizeof(r) / 8; i++) {
		uint64_t want;
		long v = pt(PTRACE_PEEKUSER, pid, i * 8, 0);

		memcpy(&want, (char *)&r + i * 8, 8);
		ck_assert_int_eq(v, (long)want);
	}
	pt(PTRACE_POKEUSER, pid, rbx, 77);
	ck_assert_uint_eq(pt_regs(pid).rbx, 77);
	ck_assert_int_eq(pt_try(PTRACE_PEEKUSER, pid, 1, 0), -EIO);
	ck_assert_int_eq(pt_try(PTRACE_PEEKUSER, pid, 928, 0), -EIO);
	ck_assert_int_eq(pt_try(PTRACE_POKEUSER, pid, 4, 0), -EIO);
	ck_assert_int_eq(pt_try(PTRACE_POKEUSER, pid, 928, 0), -EIO);
	ck_assert_int_eq(
	    pt_try(PTRACE_POKEUSER, pid, offsetof(struct user, regs.cs), 0x10),
	    -EIO);
}
END_TEST

/* DR0 to DR7: a watchpoint, as gdb sets one. */
START_TEST(debug_registers)
{
	const uintptr_t dr = offsetof(struct user, u_debugreg);
	struct as *a = bed_as();
	uint64_t word = bed_room(8), after;
	siginfo_t info;
	pid_t p;

	as_mov(a, RBX, word);
	as_nop(a);
	as_nop(a);
	as_store(a, RBX, 0, RBX);
	after = as_here(a);
	bed_exit(a, 0);
	p = bed_spawn();
	pt_attach(p);
	ck_assert_int_eq(pt(PTRACE_PEEKUSER, p, dr + 56, 0), 0);
	ck_assert_int_eq(pt_try(PTRACE_POKEUSER, p, dr + 32, 1), -EIO);
	ck_assert_int_eq(pt_try(PTRACE_POKEUSER, p, dr + 40, 1), -EIO);
	pt(PTRACE_POKEUSER, p, dr, (uintptr_t)word);
	pt(PTRACE_POKEUSER, p, dr + 56, 0x90101 & ~0x80000u); /* write, 1 */
	ck_assert_int_eq(pt(PTRACE_PEEKUSER, p, dr, 0), (long)word);
	pt(PTRACE_CONT, p, 0, 0);
	pt_wait(p, STOPPED(SIGTRAP));
	ck_assert_uint_eq(pt_regs(p).rip, after);
	pt(PTRACE_GETSIGINFO, p, 0, (uintptr_t)&info);
	ck_assert_int_eq(info.si_code, 4); /* TRAP_HWBKPT */
	ck_assert_int_eq(pt(PTRACE_PEEKUSER, p, dr + 48, 0) & 15, 1);
	pt_finish(p, 0);
}
END_TEST

/* In each form in which a processor saves it. */
START_TEST(float_registers)
{
	static const unsigned char pi[10] = {0x35, 0xc2, 0x68, 0x21, 0xa2,
					     0xda, 0x0f, 0xc9, 0x00, 0x40};
	static const unsigned char xmm[8] = {0x88, 0x77, 0x66, 0x55,
					     0x44, 0x33, 0x22, 0x11};
	struct sim_config c = {.fpu = (enum sim_fpu)_i};
	struct user_fpregs_struct f, back;

	sim_kill(me, pid, SIGKILL);
	pt_restart(&c);
	struct as *a = bed_as();
	as_mov(a, RBX, 0x1122334455667788);
	as_movq_xmm(a, 3, RBX);
	as_fld1(a);
	as_fldpi(a);
	as_sys(a, PAUSE);
	pid = bed_spawn();
	sim_idle(sim);
	pt_attach(pid);
	pt(PTRACE_GETFPREGS, pid, 0, (uintptr_t)&f);
	ck_assert_mem_eq(f.st_space, pi, 10);
	ck_assert_mem_eq((char *)f.xmm_space + 48, xmm, 8);
	ck_assert_mem_eq(&f.cwd, "\x7f\x03", 2);
	memset((char *)f.st_space, 0x5a, 10);
	memset((char *)f.xmm_space + 240, 0xa5, 16);
	pt(PTRACE_SETFPREGS, pid, 0, (uintptr_t)&f);
	pt(PTRACE_GETFPREGS, pid, 0, (uintptr_t)&back);
	ck_assert_mem_eq(&back, &f, 416);
	/* A reserved bit of MXCSR */
	memset(&f.mxcsr, 0xff, 4);
	ck_assert_int_eq(pt_try(PTRACE_SETFPREGS, pid, 0, (uintptr_t)&f),
			 -EINVAL);
	pt(PTRACE_GETFPREGS, pid, 0, (uintptr_t)&f);
	ck_assert_mem_eq(&back, &f, 416);
}
END_TEST

START_TEST(regset_prstatus)
{
	struct user_regs_struct r = pt_regs(pid), got;
	struct iovec iov = {&got, sizeof(got)};

	memset(&got, 0xee, sizeof(got));
	pt(PTRACE_GETREGSET, pid, NT_PRSTATUS, (uintptr_t)&iov);
	ck_assert_uint_eq(iov.iov_len, sizeof(got));
	ck_assert_mem_eq(&got, &r, sizeof(r));
	/* Part of it; the length is what was used. */
	memset(&got, 0xee, sizeof(got));
	iov.iov_len = 16;
	pt(PTRACE_GETREGSET, pid, NT_PRSTATUS, (uintptr_t)&iov);
	ck_assert_uint_eq(iov.iov_len, 16);
	ck_assert_mem_eq(&got, &r, 16);
	ck_assert_uint_eq(got.r13, UINT64_C(0xeeeeeeeeeeeeeeee));
	got.r15 = 99;
	pt(PTRACE_SETREGSET, pid, NT_PRSTATUS, (uintptr_t)&iov);
	ck_assert_uint_eq(pt_regs(pid).r15, 99);
	ck_assert_uint_eq(pt_regs(pid).r13, r.r13);
	iov.iov_len = 15;
	ck_assert_int_eq(
	    pt_try(PTRACE_GETREGSET, pid, NT_PRSTATUS, (uintptr_t)&iov),
	    -EINVAL);
	ck_assert_int_eq(pt_try(PTRACE_GETREGSET, pid, 0x7777, (uintptr_t)&iov),
			 -EINVAL);
	ck_assert_int_eq(pt_try(PTRACE_GETREGSET, pid, NT_PRSTATUS, 0),
			 -EFAULT);
}
END_TEST

START_TEST(regset_prfpreg)
{
	struct user_fpregs_struct f, got;
	struct iovec iov = {&got, sizeof(got) + 800};

	pt(PTRACE_GETFPREGS, pid, 0, (uintptr_t)&f);
	iov.iov_len = sizeof(got);
	pt(PTRACE_GETREGSET, pid, NT_PRFPREG, (uintptr_t)&iov);
	ck_assert_uint_eq(iov.iov_len, sizeof(got));
	ck_assert_mem_eq(&got, &f, sizeof(f));
	memset((char *)got.xmm_space + 32, 0x42, 16);
	pt(PTRACE_SETREGSET, pid, NT_PRFPREG, (uintptr_t)&iov);
	pt(PTRACE_GETFPREGS, pid, 0, (uintptr_t)&f);
	ck_assert_mem_eq(&got, &f, 416);
	iov.iov_len = 256;
	ck_assert_int_eq(
	    pt_try(PTRACE_SETREGSET, pid, NT_PRFPREG, (uintptr_t)&iov),
	    -EINVAL);
}
END_TEST

START_TEST(regset_xstate)
{
	unsigned char x[4096], back[4096];
	struct iovec iov = {x, sizeof(x)};
	struct sim_config c = {.fpu = (enum sim_fpu)_i};

	sim_kill(me, pid, SIGKILL);
	pt_restart(&c);
	struct as *a = bed_as();
	as_mov(a, RBX, 0x1122334455667788);
	as_movq_xmm(a, 3, RBX);
	as_sys(a, PAUSE);
	pid = bed_spawn();
	sim_idle(sim);
	pt_attach(pid);
	if (_i == SIM_FPU_FX) {
		ck_assert_int_eq(pt_try(PTRACE_GETREGSET, pid, NT_X86_XSTATE,
					(uintptr_t)&iov),
				 -ENODEV);
		return;
	}
	pt(PTRACE_GETREGSET, pid, NT_X86_XSTATE, (uintptr_t)&iov);
	ck_assert_uint_eq(iov.iov_len, 576 + 256);
	ck_assert_uint_eq(x[464], 7); /* the components there are */
	ck_assert_uint_eq(x[208], 0x88);
	x[512] |= 4;
	memset(x + 576, 0x77, 256);
	pt(PTRACE_SETREGSET, pid, NT_X86_XSTATE, (uintptr_t)&iov);
	iov = (struct iovec){back, sizeof(back)};
	pt(PTRACE_GETREGSET, pid, NT_X86_XSTATE, (uintptr_t)&iov);
	ck_assert_mem_eq(back + 576, x + 576, 256);
	iov = (struct iovec){x, 576};
	ck_assert_int_eq(
	    pt_try(PTRACE_SETREGSET, pid, NT_X86_XSTATE, (uintptr_t)&iov),
	    -EFAULT);
	x[513] = 0x80; /* a component that is not there */
	iov.iov_len = 832;
	ck_assert_int_eq(
	    pt_try(PTRACE_SETREGSET, pid, NT_X86_XSTATE, (uintptr_t)&iov),
	    -EINVAL);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ptrace_regs");
	TCase *tc = tcase_create("registers");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, registers);
	tcase_add_test(tc, bad_registers);
	tcase_add_test(tc, peek_poke_user);
	tcase_add_test(tc, debug_registers);
	tcase_add_loop_test(tc, float_registers, 0, 3);
	tcase_add_test(tc, regset_prstatus);
	tcase_add_test(tc, regset_prfpreg);
	tcase_add_loop_test(tc, regset_xstate, 0, 3);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
