/* SPDX-License-Identifier: MIT */
/* Memory under ptrace(2); signals and system calls as data. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/uio.h>

#include "pt.h"

#define PAUSE 34
#define W     sizeof(long)

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

/* Any alignment, whole words, across pages; the word -1 is no error. */
START_TEST(peek_poke_alignments)
{
	unsigned char want[64], got[64];
	long v;

	for (unsigned i = 0; i < sizeof(want); i++)
		want[i] = (unsigned char)(i * 7 + 1);
	ck_assert_int_eq(sim_poke(sim_find(sim, pid), area, want, 64), 0);
	for (unsigned i = 0; i + W <= sizeof(want); i++) {
		v = pt_peek(pid, area + i);
		ck_assert_mem_eq(&v, want + i, W);
		memset(want + i, (int)(0xff - i), W);
		memcpy(&v, want + i, W);
		pt(_i ? PTRACE_POKEDATA : PTRACE_POKETEXT, pid,
		   (uintptr_t)(area + i), (uintptr_t)v);
		ck_assert_int_eq(sim_peek(sim_find(sim, pid), area, got, 64),
				 0);
		ck_assert_mem_eq(got, want, 64);
	}
	pt(PTRACE_POKEDATA, pid, (uintptr_t)area, (uintptr_t)-1);
	errno = 55;
	ck_assert_int_eq(
	    ptrace(PTRACE_PEEKDATA, pid, (void *)(uintptr_t)area, NULL), -1);
	ck_assert_int_eq(errno, 0);
}
END_TEST

START_TEST(bad_addresses)
{
	static const uint64_t bad[] = {
	    0,
	    1,
	    0x1000,
	    SIM_TEXT - 1,
	    SIM_DATA + 0x4000,
	    SIM_DATA + 0x4000 - 1, /* half of it is there */
	    UINT64_C(0x7fffffffffff),
	    UINT64_C(0x800000000000),
	    UINT64_C(0xffff800000000000),
	    UINT64_C(0xffffffffffffffff),
	    UINT64_C(0xfffffffffffff000),
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if ((uintptr_t)bad[i] != bad[i])
			continue;
		ck_assert_int_eq(
		    pt_try(PTRACE_PEEKDATA, pid, (uintptr_t)bad[i], 0), -EIO);
		ck_assert_int_eq(
		    pt_try(PTRACE_PEEKTEXT, pid, (uintptr_t)bad[i], 0), -EIO);
		ck_assert_int_eq(
		    pt_try(PTRACE_POKEDATA, pid, (uintptr_t)bad[i], 0), -EIO);
	}
}
END_TEST

/* A breakpoint in shared text reaches no other process, nor the next one. */
START_TEST(poke_text_is_private)
{
	struct as *a = bed_as();
	pid_t one, two, three;
	long word, there;

	bed_loop(a);
	bed_install("/bin/loop");
	one = sim_spawn(sim, me, "/bin/loop", 0);
	two = sim_spawn(sim, me, "/bin/loop", 0);
	sim_run(sim, NULL, NULL, 4);
	pt_attach(one);
	word = pt_peek(one, SIM_TEXT);
	pt(PTRACE_POKETEXT, one, SIM_TEXT, (uintptr_t)~word);
	ck_assert_int_eq(pt_peek(one, SIM_TEXT), ~word);
	three = sim_spawn(sim, me, "/bin/loop", 0);
	sim_run(sim, NULL, NULL, 4);
	there = (long)0;
	ck_assert_int_eq(sim_peek(sim_find(sim, two), SIM_TEXT, &there, W), 0);
	ck_assert_int_eq(there, word);
	ck_assert_int_eq(sim_peek(sim_find(sim, three), SIM_TEXT, &there, W),
			 0);
	ck_assert_int_eq(there, word);
	/* Written back it is one's own copy all the same. */
	pt(PTRACE_POKETEXT, one, SIM_TEXT, (uintptr_t)word);
	sim_kill(me, two, SIGKILL);
	sim_kill(me, three, SIGKILL);
	pt(PTRACE_KILL, one, 0, 0);
	pt_wait(one, SIGKILL);
}
END_TEST

/* An absent page faults in; a forked one is not shared after a write. */
START_TEST(peek_demand_zero)
{
	ck_assert_uint_eq(sim_frame_of(sim_find(sim, pid), SIM_DATA + 0x3000),
			  0);
	ck_assert_int_eq(pt_peek(pid, SIM_DATA + 0x3000), 0);
	pt(PTRACE_POKEDATA, pid, SIM_DATA + 0x2ffc, (uintptr_t)0x1234);
	ck_assert_int_eq(pt_peek(pid, SIM_DATA + 0x2ffc), 0x1234);
}
END_TEST

/* PROT_NONE and read-only pages are open to a debugger; shared ones not. */
START_TEST(peek_protected)
{
	struct as *a = bed_as();
	uint64_t out = bed_room(24);
	pid_t p;
	uint64_t none, ro, shared;

	as_mov(a, RBX, out);
	as_sys(a, 9, 0, 4096, 0, 0x22, 0, 0);
	as_store(a, RBX, 0, RAX);
	as_sys(a, 9, 0, 4096, 1, 0x22, 0, 0);
	as_store(a, RBX, 8, RAX);
	as_sys(a, 9, 0, 4096, 1, 0x21, 0, 0);
	as_store(a, RBX, 16, RAX);
	as_sys(a, PAUSE);
	p = bed_spawn();
	sim_idle(sim);
	none = bed_peek(p, out);
	ro = bed_peek(p, out + 8);
	shared = bed_peek(p, out + 16);
	pt_attach(p);
	if ((uintptr_t)none == none) {
		ck_assert_int_eq(pt_peek(p, none), 0);
		pt(PTRACE_POKEDATA, p, (uintptr_t)none, 5);
		ck_assert_int_eq(pt_peek(p, none), 5);
		pt(PTRACE_POKEDATA, p, (uintptr_t)ro, 6);
		ck_assert_int_eq(pt_peek(p, ro), 6);
		ck_assert_int_eq(pt_peek(p, shared), 0);
		ck_assert_int_eq(
		    pt_try(PTRACE_POKEDATA, p, (uintptr_t)shared, 7), -EIO);
	}
	pt(PTRACE_KILL, p, 0, 0);
	pt_wait(p, SIGKILL);
}
END_TEST

START_TEST(signal_mask)
{
	uint64_t mask = 0;

	pt(PTRACE_GETSIGMASK, pid, 8, (uintptr_t)&mask);
	ck_assert_uint_eq(mask, 0);
	mask = ~UINT64_C(0);
	pt(PTRACE_SETSIGMASK, pid, 8, (uintptr_t)&mask);
	pt(PTRACE_GETSIGMASK, pid, 8, (uintptr_t)&mask);
	ck_assert_uint_eq(mask, ~(UINT64_C(1) << 8 | UINT64_C(1) << 18));
	ck_assert_int_eq(pt_try(PTRACE_GETSIGMASK, pid, 4, (uintptr_t)&mask),
			 -EINVAL);
	ck_assert_int_eq(pt_try(PTRACE_SETSIGMASK, pid, 16, (uintptr_t)&mask),
			 -EINVAL);
}
END_TEST

/* Pending signals, of the thread and of the process. */
START_TEST(pending_signals)
{
	uint64_t mask = ~UINT64_C(0);
	siginfo_t info[4];
	struct __ptrace_peeksiginfo_args args = {.nr = 4};

	pt(PTRACE_SETSIGMASK, pid, 8, (uintptr_t)&mask);
	sim_kill(me, pid, SIGUSR1);
	sim_tgkill(me, pid, pid, SIGUSR2);
	sim_tgkill(me, pid, pid, SIGTERM);
	ck_assert_int_eq(
	    pt(PTRACE_PEEKSIGINFO, pid, (uintptr_t)&args, (uintptr_t)info), 2);
	ck_assert_int_eq(info[0].si_signo, SIGUSR2);
	ck_assert_int_eq(info[1].si_signo, SIGTERM);
	args.off = 1;
	ck_assert_int_eq(
	    pt(PTRACE_PEEKSIGINFO, pid, (uintptr_t)&args, (uintptr_t)info), 1);
	ck_assert_int_eq(info[0].si_signo, SIGTERM);
	args.off = 0;
	args.flags = PTRACE_PEEKSIGINFO_SHARED;
	ck_assert_int_eq(
	    pt(PTRACE_PEEKSIGINFO, pid, (uintptr_t)&args, (uintptr_t)info), 1);
	ck_assert_int_eq(info[0].si_signo, SIGUSR1);
	args.flags = 2;
	ck_assert_int_eq(
	    pt_try(PTRACE_PEEKSIGINFO, pid, (uintptr_t)&args, (uintptr_t)info),
	    -EINVAL);
}
END_TEST

START_TEST(syscall_info)
{
	/* i386 has it shorter than the 88 bytes that Linux wants. */
	union {
		struct __ptrace_syscall_info si;
		char bytes[88];
	} u = {.bytes = {0}};
	struct user_regs_struct r;
	long n;

	pt(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD);
	n = pt(PTRACE_GET_SYSCALL_INFO, pid, sizeof(u), (uintptr_t)&u);
	ck_assert_int_eq(u.si.op, PTRACE_SYSCALL_INFO_NONE);
	ck_assert_int_eq(n, 24);
	pt(PTRACE_SYSCALL, pid, 0, 0);
	pt_wait(pid, STOPPED_SYSCALL);
	r = pt_regs(pid);
	n = pt(PTRACE_GET_SYSCALL_INFO, pid, sizeof(u), (uintptr_t)&u);
	ck_assert_int_eq(u.si.op, PTRACE_SYSCALL_INFO_ENTRY);
	ck_assert_int_eq(n, 80);
	ck_assert_uint_eq(u.si.arch, 0xc000003e);
	ck_assert_uint_eq(u.si.entry.nr, PAUSE);
	ck_assert_uint_eq(u.si.instruction_pointer, r.rip);
	ck_assert_uint_eq(u.si.stack_pointer, r.rsp);
	/* Another call instead, by SET_SYSCALL_INFO. */
	u.si.entry.nr = 39;
	pt(PTRACE_SET_SYSCALL_INFO, pid, sizeof(u), (uintptr_t)&u);
	pt(PTRACE_SYSCALL, pid, 0, 0);
	pt_wait(pid, STOPPED_SYSCALL);
	n = pt(PTRACE_GET_SYSCALL_INFO, pid, sizeof(u), (uintptr_t)&u);
	ck_assert_int_eq(u.si.op, PTRACE_SYSCALL_INFO_EXIT);
	ck_assert_int_eq(u.si.exit.rval, pid);
	ck_assert_int_eq(u.si.exit.is_error, 0);
	ck_assert_int_eq(n, 33);
}
END_TEST

/* process_vm_readv, writev: with the rights of the process. */
START_TEST(process_vm)
{
	char a[24], b[8], back[32];
	struct iovec local[2] = {{a, sizeof(a)}, {b, sizeof(b)}};
	struct iovec remote[2] = {{(void *)(uintptr_t)area, 20},
				  {(void *)(uintptr_t)(area + 20), 12}};

	memset(a, 'a', sizeof(a));
	memset(b, 'b', sizeof(b));
	ck_assert_int_eq(process_vm_writev(pid, local, 2, remote, 2, 0), 32);
	ck_assert_int_eq(sim_peek(sim_find(sim, pid), area, back, 32), 0);
	ck_assert_mem_eq(back, "aaaaaaaaaaaaaaaaaaaaaaaabbbbbbbb", 32);
	memset(a, 0, sizeof(a));
	ck_assert_int_eq(process_vm_readv(pid, local, 1, remote, 2, 0), 24);
	ck_assert_mem_eq(a, "aaaaaaaaaaaaaaaaaaaaaaaa", 24);
	/* Text cannot be written this way. */
	remote[0].iov_base = (void *)(uintptr_t)SIM_TEXT;
	ck_assert_int_eq(process_vm_writev(pid, local, 1, remote, 1, 0), -1);
	ck_assert_int_eq(errno, EFAULT);
	/* A short count where the second part is not there. */
	remote[0].iov_base = (void *)(uintptr_t)area;
	remote[1].iov_base = (void *)(uintptr_t)0x1000;
	ck_assert_int_eq(process_vm_readv(pid, local, 2, remote, 2, 0), 20);
	ck_assert_int_eq(process_vm_readv(77777, local, 2, remote, 2, 0), -1);
	ck_assert_int_eq(errno, ESRCH);
	ck_assert_int_eq(process_vm_readv(pid, local, 2, remote, 2, 1), -1);
	ck_assert_int_eq(errno, EINVAL);
}
END_TEST

/* Without a direct map everything goes through a window. */
START_TEST(by_window)
{
	struct sim_config c = {.window = true, .pt_levels = _i ? 5 : 4};
	struct as *a;

	sim_kill(me, pid, SIGKILL);
	pt_restart(&c);
	a = bed_as();
	as_sys(a, PAUSE);
	pid = bed_spawn();
	sim_idle(sim);
	pt_attach(pid);
	peek_poke_alignments_fn(_i);
}
END_TEST

/* Each request is at most one operation once its file is open. */
START_TEST(one_operation)
{
	static const int requests[] = {PTRACE_PEEKDATA, PTRACE_GETREGS,
				       PTRACE_SETREGS, PTRACE_GETFPREGS,
				       PTRACE_GETSIGINFO};
	char buf[1024];

	for (size_t i = 0; i < sizeof(requests) / sizeof(int); i++) {
		unsigned long before = 0;

		for (int again = 0; again < 2; again++) {
			before = sim_io_count();
			if (requests[i] == PTRACE_PEEKDATA)
				pt_peek(pid, area);
			else if (requests[i] == PTRACE_SETREGS)
				*(struct user_regs_struct *)(void *)buf =
				    pt_regs(pid);
			else
				pt(requests[i], pid, 0, (uintptr_t)buf);
		}
		ck_assert_msg(sim_io_count() - before <= 1,
			      "request %d: %lu operations", requests[i],
			      sim_io_count() - before);
	}
}
END_TEST

static void
add_memory(Suite *s)
{
	TCase *tc = tcase_create("memory");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, peek_poke_alignments, 0, 2);
	tcase_add_test(tc, bad_addresses);
	tcase_add_test(tc, poke_text_is_private);
	tcase_add_test(tc, peek_demand_zero);
	tcase_add_test(tc, peek_protected);
	tcase_add_test(tc, process_vm);
	tcase_add_loop_test(tc, by_window, 0, 2);
	tcase_add_test(tc, one_operation);
	suite_add_tcase(s, tc);
}

static void
add_signals_and_calls(Suite *s)
{
	TCase *tc = tcase_create("signals and calls");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, signal_mask);
	tcase_add_test(tc, pending_signals);
	tcase_add_test(tc, syscall_info);
	suite_add_tcase(s, tc);
}

int
main(void)
{
	Suite *s = suite_create("ptrace_memory");

	add_memory(s);
	add_signals_and_calls(s);
	return suite_main(s);
}
