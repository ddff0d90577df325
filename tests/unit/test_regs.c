/* SPDX-License-Identifier: MIT */
/*
 * What a tracer may write to general and debug registers. The answers were
 * taken from Linux; test_linux_state.c compares them with the host's.
 */
#include "suite.h"

#include <kshim/regs.h>
#include <string.h>

#define LIMIT	UINT64_C(0x7ffffffff000)
#define ALL	(~UINT64_C(0))
#define N(name) (offsetof(struct ks_regs, name) / 8)

static struct ks_regs regs, before;
static struct ks_debugregs dr;

static uint64_t *
word(struct ks_regs *r, size_t i)
{
	return (uint64_t *)(void *)r + i;
}

static void
start(void)
{
	for (size_t i = 0; i < KS_NREGS; i++)
		*word(&regs, i) = 0x1000 + i;
	regs.cs = 0x33;
	regs.ss = 0x2b;
	regs.ds = regs.es = regs.fs = regs.gs = 0;
	regs.rflags = 0x3202; /* IOPL 3: not the tracer's to change */
	memset(&dr, 0, sizeof(dr));
	dr.dr6 = KS_DR6_INIT;
}

static int
poke(size_t reg, uint64_t v)
{
	int err;

	before = regs;
	err = ks_regs_poke(&regs, (unsigned)reg, v, LIMIT);
	ck_assert_int_eq(err, ks_regs_check((unsigned)reg, v, LIMIT));
	if (err)
		ck_assert_mem_eq(&before, &regs, sizeof(regs));
	return err;
}

START_TEST(free_registers)
{
	static const size_t privileged[] = {
	    N(cs), N(rflags), N(ss), N(fs_base), N(gs_base),
	    N(ds), N(es),     N(fs), N(gs),
	};
	size_t i, j;

	start();
	for (i = 0; i < KS_NREGS; i++) {
		for (j = 0; j < 9 && privileged[j] != i; j++)
			;
		if (j < 9)
			continue;
		ck_assert_int_eq(poke(i, ALL), 0);
		ck_assert_uint_eq(*word(&regs, i), ALL);
	}
}
END_TEST

START_TEST(flags)
{
	start();
	ck_assert_int_eq(poke(N(rflags), 0), 0);
	ck_assert_uint_eq(regs.rflags, 0x3202);
	ck_assert_int_eq(poke(N(rflags), ALL), 0);
	ck_assert_uint_eq(regs.rflags, 0x57fd7);
	regs.rflags = 0x202;
	ck_assert_int_eq(poke(N(rflags), ALL), 0);
	ck_assert_uint_eq(regs.rflags, 0x54fd7);
}
END_TEST

START_TEST(selectors)
{
	static const size_t all[] = {N(cs), N(ss), N(ds), N(es), N(fs), N(gs)};
	size_t reg = all[_i];
	int null = _i < 2 ? -EIO : 0;

	start();
	ck_assert_int_eq(poke(reg, 0), null);
	ck_assert_int_eq(poke(reg, 0x10000), null);
	ck_assert_int_eq(poke(reg, 1), -EIO);
	ck_assert_int_eq(poke(reg, 0x10), -EIO);
	ck_assert_int_eq(poke(reg, 0xfff2), -EIO);
	ck_assert_int_eq(poke(reg, 3), 0);
	ck_assert_uint_eq(*word(&regs, reg), 3);
	ck_assert_int_eq(poke(reg, UINT64_C(0xffffffffffff0023)), 0);
	ck_assert_uint_eq(*word(&regs, reg), 0x23);
}
END_TEST

START_TEST(bases)
{
	size_t reg = _i ? N(gs_base) : N(fs_base);

	start();
	ck_assert_int_eq(poke(reg, LIMIT - 1), 0);
	ck_assert_int_eq(poke(reg, 0), 0);
	ck_assert_int_eq(poke(reg, LIMIT), -EIO);
	ck_assert_int_eq(poke(reg, UINT64_C(1) << 47), -EIO);
	ck_assert_int_eq(poke(reg, ALL), -EIO);
}
END_TEST

START_TEST(task_size)
{
	struct ks_machine m = {.pt_levels = 4};

	ck_assert_uint_eq(ks_task_size(&m), LIMIT);
	m.pt_levels = 5;
	ck_assert_uint_eq(ks_task_size(&m), UINT64_C(0xfffffffffff000));
}
END_TEST

START_TEST(user_regs)
{
	struct proc_user_regs u;

	start();
	ks_regs_to_user(&regs, &u);
	ck_assert_mem_eq(&u, &regs, sizeof(u));
	u.rax = 7;
	u.rflags = 0;
	u.fs_base = 0x5000;
	u.gs = 0x1002b;
	ck_assert_int_eq(ks_regs_from_user(&regs, &u, LIMIT), 0);
	ck_assert_uint_eq(regs.rax, 7);
	ck_assert_uint_eq(regs.rflags, 0x3202);
	ck_assert_uint_eq(regs.fs_base, 0x5000);
	ck_assert_uint_eq(regs.gs, 0x2b);
	/* All or nothing. */
	before = regs;
	u.r15 = 99;
	u.cs = 0;
	ck_assert_int_eq(ks_regs_from_user(&regs, &u, LIMIT), -EIO);
	ck_assert_mem_eq(&before, &regs, sizeof(regs));
	/* WRFSBASE takes any canonical base; to write it back is no error. */
	regs.fs_base = UINT64_C(0xffff800000000000);
	ks_regs_to_user(&regs, &u);
	u.rax = 8;
	ck_assert_int_eq(ks_regs_from_user(&regs, &u, LIMIT), 0);
	ck_assert_uint_eq(regs.rax, 8);
}
END_TEST

/* Some of them: CS is word 17. */
START_TEST(words_of_user_regs)
{
	uint64_t in[] = {0x401000, 0x33, 0, 0x7000};

	start();
	before = regs;
	before.rip = in[0];
	before.rflags = 0x3202;
	before.rsp = in[3];
	ck_assert_int_eq(ks_regs_from_words(&regs, 16, in, 4, LIMIT), 0);
	ck_assert_mem_eq(&before, &regs, sizeof(regs));
	in[0] = 5;
	in[1] = 8;
	ck_assert_int_eq(ks_regs_from_words(&regs, 16, in, 4, LIMIT), -EIO);
	ck_assert_mem_eq(&before, &regs, sizeof(regs));
	ck_assert_int_eq(ks_regs_from_words(&regs, 16, in, 0, LIMIT), 0);
	in[0] = 0x2b;
	ck_assert_int_eq(ks_regs_from_words(&regs, KS_NREGS - 1, in, 1, LIMIT),
			 0);
	ck_assert_uint_eq(regs.gs, 0x2b);
}
END_TEST

START_TEST(int_regs)
{
	struct proc_int_regs w;
	uint64_t *p = (uint64_t *)(void *)&w;

	start();
	ks_regs_to_int(&regs, false, &w);
	for (size_t i = 0; i < 15; i++)
		ck_assert_uint_eq(p[i], *word(&regs, i));
	for (size_t i = 15; i < 20; i++)
		ck_assert_uint_eq(p[i], *word(&regs, i + 1));
	before = regs;
	ck_assert_int_eq(ks_regs_from_int(&regs, false, &w, LIMIT), 0);
	ck_assert_mem_eq(&before, &regs, sizeof(regs));

	w.rax = 42;
	ck_assert_int_eq(ks_regs_from_int(&regs, false, &w, LIMIT), 0);
	ck_assert_uint_eq(regs.rax, 42);
	ck_assert_uint_eq(regs.orig_rax, 0x1000 + 15);

	ks_regs_to_int(&regs, true, &w);
	ck_assert_uint_eq(w.rax, 0x1000 + 15);
	w.rax = 39;
	w.rflags = ALL;
	ck_assert_int_eq(ks_regs_from_int(&regs, true, &w, LIMIT), 0);
	ck_assert_uint_eq(regs.rax, 39);
	ck_assert_uint_eq(regs.orig_rax, 39);
	ck_assert_uint_eq(regs.rflags, 0x57fd7);
	ck_assert_uint_eq(regs.fs_base, 0x1000 + 21);
	before = regs;
	w.r15 = 1;
	w.ss = 0x2a;
	ck_assert_int_eq(ks_regs_from_int(&regs, true, &w, LIMIT), -EIO);
	ck_assert_mem_eq(&before, &regs, sizeof(regs));
}
END_TEST

START_TEST(env_regs)
{
	struct proc_env_regs e;

	start();
	ks_regs_to_env(&regs, &e);
	ck_assert_uint_eq(e.fsbase, 0x1000 + 21);
	ck_assert_uint_eq(e.gsbase, 0x1000 + 22);
	e.fsbase = 0x2000;
	ck_assert_int_eq(ks_regs_from_env(&regs, &e, LIMIT), 0);
	ck_assert_uint_eq(regs.fs_base, 0x2000);
	e.fsbase = 0x3000;
	e.gsbase = LIMIT;
	ck_assert_int_eq(ks_regs_from_env(&regs, &e, LIMIT), -EIO);
	ck_assert_uint_eq(regs.fs_base, 0x2000);
}
END_TEST

/* As POKEUSER: read all, change one, write all. */
static int
dr_poke(int n, uint64_t v)
{
	struct ks_debugregs old = dr;
	struct proc_debug_regs w;
	int err;

	ks_debug_to_wire(&dr, &w);
	w.dr[n] = v;
	err = ks_debug_from_wire(&dr, &w, LIMIT);
	if (err)
		ck_assert_mem_eq(&old, &dr, sizeof(dr));
	ks_debug_to_wire(&dr, &w);
	if (!err)
		ck_assert_uint_eq(w.dr[n], v);
	ck_assert_uint_eq(w.dr[4] | w.dr[5], 0);
	return err;
}

START_TEST(dr_addresses)
{
	start();
	ck_assert_int_eq(dr_poke(_i, 1), 0);
	ck_assert_int_eq(dr_poke(_i, LIMIT - 1), 0);
	ck_assert_int_eq(dr_poke(_i, LIMIT), -EINVAL);
	ck_assert_int_eq(dr_poke(_i, UINT64_C(1) << 47), -EINVAL);
	ck_assert_int_eq(dr_poke(_i, UINT64_C(0xffff800000000000)), -EINVAL);
	ck_assert_int_eq(dr_poke(_i, ALL), -EINVAL);
	ck_assert_int_eq(dr_poke(4, 1), -EIO);
	ck_assert_int_eq(dr_poke(5, 1), -EIO);
}
END_TEST

START_TEST(dr7_kinds)
{
	/* By type and length: what Linux takes. */
	static const char good[] = "yy-y-y-y-y-y-y-y";
	static const char aligned[] = "yy-y------------";
	uint64_t kind = (uint64_t)_i << 16;

	start();
	ck_assert_int_eq(dr_poke(7, kind | 1), good[_i] == 'y' ? 0 : -EINVAL);
	/* An unused slot's bits are not looked at unless it is enabled. */
	start();
	ck_assert_int_eq(dr_poke(7, kind), 0);
	start();
	ck_assert_int_eq(dr_poke(0, 0x1001), 0);
	if (kind)
		ck_assert_int_eq(dr_poke(7, kind),
				 aligned[_i] == 'y' ? 0 : -EINVAL);
	/* In the last slot, with the global bit. */
	start();
	ck_assert_int_eq(dr_poke(3, 0x1001), 0);
	ck_assert_int_eq(dr_poke(7, kind << 12 | 0x80),
			 aligned[_i] == 'y' ? 0 : -EINVAL);
}
END_TEST

START_TEST(dr_sequences)
{
	start();
	ck_assert_int_eq(dr_poke(0, 0x1000), 0);
	ck_assert_int_eq(dr_poke(7, 0xd0001), 0);
	ck_assert_int_eq(dr_poke(0, 0x1002), -EINVAL);
	ck_assert_int_eq(dr_poke(0, 0x1004), 0);
	ck_assert_int_eq(dr_poke(7, 0), 0);
	ck_assert_int_eq(dr_poke(0, 0x1001), 0);
	ck_assert_int_eq(dr_poke(7, 0xd0001), -EINVAL);
	/* The first slot is good, the second is not. */
	start();
	ck_assert_int_eq(dr_poke(7, 0x210005), -EINVAL);
	ck_assert_int_eq(dr_poke(7, 0x110005), 0);
	/* The end of the address space. */
	start();
	ck_assert_int_eq(dr_poke(1, LIMIT - 4), 0);
	ck_assert_int_eq(dr_poke(7, 0x900004), -EINVAL);
	ck_assert_int_eq(dr_poke(7, 0xd00004), 0);
	/* Bits written to an unused slot, then its address. */
	start();
	ck_assert_int_eq(dr_poke(7, 0xd0000), 0);
	ck_assert_int_eq(dr_poke(0, 0x1001), 0);
}
END_TEST

START_TEST(dr_reserved_bits)
{
	start();
	ck_assert_int_eq(dr_poke(6, ALL), 0);
	ck_assert_int_eq(dr_poke(6, 0), 0);
	ck_assert_int_eq(dr_poke(7, UINT64_C(0xffffffff0000fc00)), 0);
	ck_assert_uint_eq(ks_debug_hw_dr7(&dr), 0x400);
	ck_assert_int_eq(dr_poke(7, UINT64_C(0xfffffffff2d1ffff)), -EINVAL);
	ck_assert_int_eq(dr_poke(7, UINT64_C(0xffffffff3f510d44)), 0);
	/* Slot 1 by its local bit, slot 3 by its local bit; no GD. */
	ck_assert_uint_eq(ks_debug_hw_dr7(&dr), 0x30500488);
}
END_TEST

START_TEST(dr_traps)
{
	start();
	ck_assert_int_eq(dr_poke(7, 0x00110004), 0);
	ck_assert_int_eq(ks_debug_trap(&dr, 0xffff0ff2), 4);
	ck_assert_uint_eq(dr.dr6, 0xffff0ff2);
	/* The slot is not enabled. */
	ck_assert_int_eq(ks_debug_trap(&dr, 0xffff0ff1), 0);
	ck_assert_uint_eq(dr.dr6, 0xffff0ff0);
	ck_assert_int_eq(ks_debug_trap(&dr, 0xffff4ff0), 2);
	ck_assert_uint_eq(dr.dr6, 0xffff4ff0);
	ck_assert_int_eq(ks_debug_trap(&dr, 0xffff4ff3), 2);
	ck_assert_uint_eq(dr.dr6, 0xffff4ff0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("regs");
	TCase *tc = tcase_create("regs");

	tcase_add_test(tc, free_registers);
	tcase_add_test(tc, flags);
	tcase_add_loop_test(tc, selectors, 0, 6);
	tcase_add_loop_test(tc, bases, 0, 2);
	tcase_add_test(tc, task_size);
	tcase_add_test(tc, user_regs);
	tcase_add_test(tc, words_of_user_regs);
	tcase_add_test(tc, int_regs);
	tcase_add_test(tc, env_regs);
	tcase_add_loop_test(tc, dr_addresses, 0, 4);
	tcase_add_loop_test(tc, dr7_kinds, 0, 16);
	tcase_add_test(tc, dr_sequences);
	tcase_add_test(tc, dr_reserved_bits);
	tcase_add_test(tc, dr_traps);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
