/* SPDX-License-Identifier: MIT */
/* Stops at signals, steps, breakpoints and watchpoints. */
#include <string.h>

#include "tracer.h"

#define SIGUSR1 10
#define SIGTERM 15

START_TEST(single_steps)
{
	struct as *a = bed_as();
	uint64_t rip = SIM_TEXT;
	int32_t pid;
	int fd;

	as_nop(a);
	as_nop(a);
	as_nop(a);
	bed_exit(a, 3);
	pid = bed_spawn();
	fd = freeze(pid);
	ck_assert_uint_eq(get_regs(pid).rip, rip);
	for (int i = 0; i < 3; i++) {
		struct proc_siginfo info;

		go(fd, PROC_STOP_SINGLESTEP);
		expect(fd, PROC_STOP_SINGLESTEP);
		ck_assert_uint_eq(get_regs(pid).rip, ++rip);
		ck_assert_uint_eq(get_regs(pid).rflags & 0x100, 0);
		ck_assert_int_eq(read_file(pid, "siginfo", &info, sizeof(info)),
				 128);
		ck_assert_int_eq(info.signo, 5);
		ck_assert_int_eq(info.code, 2);
		ck_assert_uint_eq(info.u.fault.addr, rip);
	}
	go(fd, 0);
	expect_end(fd);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 3 << 8);
}
END_TEST

/* A step over a system call stops once, right after it. */
START_TEST(step_over_syscall)
{
	struct as *a = bed_as();
	uint64_t after;
	int32_t pid;
	int fd;

	as_mov(a, RAX, 39);
	as_syscall(a);
	after = as_here(a);
	as_nop(a);
	as_nop(a);
	bed_exit(a, 0);
	pid = bed_spawn();
	fd = freeze(pid);
	go(fd, PROC_STOP_SINGLESTEP);
	expect(fd, PROC_STOP_SINGLESTEP);
	ck_assert_uint_eq(get_regs(pid).rip, after - 2);
	go(fd, PROC_STOP_SINGLESTEP);
	expect(fd, PROC_STOP_SINGLESTEP);
	ck_assert_uint_eq(get_regs(pid).rip, after);
	ck_assert_uint_eq(get_regs(pid).rax, (uint64_t)pid);
	go(fd, PROC_STOP_SINGLESTEP);
	expect(fd, PROC_STOP_SINGLESTEP);
	ck_assert_uint_eq(get_regs(pid).rip, after + 1);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 0);
}
END_TEST

/* A step that is asked for before it has come to its stop. */
START_TEST(step_at_once)
{
	struct as *a = bed_as();
	int32_t pid;
	int fd;

	as_nop(a);
	as_nop(a);
	bed_exit(a, 3);
	pid = bed_spawn();
	fd = bed_open(me, pid, "trace", SIM_O_RDWR | SIM_O_TRUNC);
	go(fd, PROC_STOP_SINGLESTEP);
	expect(fd, PROC_STOP_SINGLESTEP);
	ck_assert_uint_eq(get_regs(pid).rip, SIM_TEXT + 1);
	go(fd, 0);
	expect_end(fd);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 3 << 8);
}
END_TEST

START_TEST(block_step)
{
	struct as *a = bed_as();
	uint64_t target;
	size_t jump;
	int32_t pid;
	int fd;

	as_nop(a);
	as_nop(a);
	jump = as_jmp(a, 0);
	as_hlt(a);
	as_land(a, jump);
	target = as_here(a);
	as_nop(a);
	bed_exit(a, 0);
	pid = bed_spawn();
	fd = freeze(pid);
	go(fd, PROC_STOP_BLOCKSTEP);
	expect(fd, PROC_STOP_SINGLESTEP);
	ck_assert_uint_eq(get_regs(pid).rip, target);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 0);
}
END_TEST

START_TEST(breakpoint)
{
	struct as *a = bed_as();
	struct proc_siginfo info;
	int32_t pid;
	int fd;

	as_int3(a);
	bed_exit(a, 9);
	pid = bed_spawn();
	fd = freeze(pid);
	go(fd, PROC_STOP_BREAKPOINT);
	expect(fd, PROC_STOP_BREAKPOINT);
	ck_assert_uint_eq(get_regs(pid).rip, SIM_TEXT + 1);
	ck_assert_int_eq(read_file(pid, "siginfo", &info, sizeof(info)), 128);
	ck_assert_int_eq(info.signo, 5);
	ck_assert_int_eq(info.code, 0x80);
	go(fd, 0);
	expect_end(fd);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 9 << 8);
}
END_TEST

/* It is delivered when the tracer says so, or asks for signals only. */
START_TEST(breakpoint_delivered)
{
	struct as *a = bed_as();
	int32_t pid;
	int fd;

	as_int3(a);
	bed_exit(a, 9);
	pid = bed_spawn();
	fd = freeze(pid);
	if (_i == 0) {
		go(fd, PROC_STOP_BREAKPOINT);
		expect(fd, PROC_STOP_BREAKPOINT);
		go_signal(fd, 0, 5);
	} else if (_i == 1) {
		go(fd, PROC_STOP_SIGNAL);
		ck_assert_uint_eq(expect(fd, PROC_STOP_SIGNAL).a, 5);
		go(fd, 0);
	} else {
		go(fd, 0);
	}
	expect_end(fd);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 5);
}
END_TEST

/* What a tracer can do with a signal. */
static const struct {
	uint64_t flags;
	int sig; /* -1: no FLAG_SIGNAL */
	int status;
} answers[] = {
    {0, -1, SIGTERM},	       /* deliver */
    {PROC_FLAG_IGNORE, -1, 0}, /* suppress */
    {0, 0, 0},		       /* suppress, the other way */
    {0, 9, 9},		       /* another */
    {0, SIGTERM, SIGTERM},     /* the same */
    {0, 17, 0},		       /* one that is ignored */
    {0, 6, 6},
};

START_TEST(signal_stop)
{
	struct as *a = bed_as();
	struct proc_siginfo info;
	struct proc_event ev;
	int32_t pid;
	int fd;

	as_sys(a, 39);
	as_mov_reg(a, RDI, RAX);
	as_mov(a, RSI, SIGTERM);
	as_sys_regs(a, 62);
	bed_exit(a, 0);
	pid = bed_spawn();
	fd = freeze(pid);
	go(fd, PROC_STOP_SIGNAL);
	ev = expect(fd, PROC_STOP_SIGNAL);
	ck_assert_uint_eq(ev.a, SIGTERM);
	ck_assert_uint_eq(ev.b, 0);
	ck_assert_int_eq(read_file(pid, "siginfo", &info, sizeof(info)), 128);
	ck_assert_int_eq(info.signo, SIGTERM);
	ck_assert_int_eq(info.u.from.pid, pid);
	if (answers[_i].sig < 0)
		go(fd, answers[_i].flags);
	else
		go_signal(fd, answers[_i].flags, answers[_i].sig);
	expect_end(fd);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), answers[_i].status);
}
END_TEST

/* The tracer sees signals that the program ignores; no SIGKILL. */
START_TEST(ignored_signals_stop)
{
	struct as *a = bed_as();
	int32_t pid;
	int fd;

	bed_loop(a);
	pid = bed_spawn();
	fd = freeze(pid);
	go(fd, PROC_STOP_SIGNAL);
	ck_assert_int_eq(sim_kill(me, pid, 17), 0);
	ck_assert_uint_eq(expect(fd, PROC_STOP_SIGNAL).a, 17);
	go(fd, PROC_STOP_SIGNAL);
	ck_assert_int_eq(sim_kill(me, pid, 9), 0);
	expect_end(fd);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 9);
}
END_TEST

/* A siginfo that the tracer wrote reaches the handler. */
START_TEST(siginfo_replaced)
{
	struct as *a = bed_as();
	uint64_t act[4] = {0}, actp;
	struct proc_siginfo info;
	size_t over = as_jmp(a, 0);
	int32_t pid;
	int fd;

	act[0] = as_here(a);
	as_load(a, RDI, RSI, 24); /* si_value */
	as_sys_regs(a, 231);
	as_land(a, over);
	actp = bed_bytes(act, sizeof(act));
	as_sys(a, 13, SIGUSR1, actp, 0, 8);
	as_sys(a, 34);
	pid = bed_spawn();
	fd = seize(pid);
	go(fd, PROC_STOP_SIGNAL);
	sim_idle(sim);
	ck_assert_int_eq(sim_kill(me, pid, SIGUSR1), 0);
	ck_assert_uint_eq(expect(fd, PROC_STOP_SIGNAL).b, act[0]);
	ck_assert_int_eq(read_file(pid, "siginfo", &info, sizeof(info)), 128);
	info.u.from.u.value = 55;
	ck_assert_int_eq(write_file(pid, "siginfo", &info, sizeof(info)), 128);
	go_signal(fd, 0, SIGUSR1);
	expect_end(fd);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 55 << 8);
}
END_TEST

/* A step that ends in a handler stops at its first instruction. */
START_TEST(step_into_handler)
{
	struct as *a = bed_as();
	uint64_t act[4] = {0}, actp;
	size_t over = as_jmp(a, 0);
	int32_t pid;
	int fd;

	act[0] = as_here(a);
	as_nop(a);
	bed_exit(a, 1);
	as_land(a, over);
	actp = bed_bytes(act, sizeof(act));
	as_sys(a, 13, SIGUSR1, actp, 0, 8);
	as_sys(a, 34);
	pid = bed_spawn();
	fd = seize(pid);
	go(fd, PROC_STOP_SIGNAL);
	sim_idle(sim);
	ck_assert_int_eq(sim_kill(me, pid, SIGUSR1), 0);
	expect(fd, PROC_STOP_SIGNAL);
	go(fd, PROC_STOP_SIGNAL | PROC_STOP_SINGLESTEP);
	expect(fd, PROC_STOP_STEP_IN);
	ck_assert_uint_eq(get_regs(pid).rip, act[0]);
	go(fd, PROC_STOP_SINGLESTEP);
	expect(fd, PROC_STOP_SINGLESTEP);
	ck_assert_uint_eq(get_regs(pid).rip, act[0] + 1);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 1 << 8);
}
END_TEST

/* Hardware breakpoints and watchpoints come as SIGTRAP, TRAP_HWBKPT. */
START_TEST(debug_registers)
{
	struct as *a = bed_as();
	uint64_t word = bed_room(8), at;
	struct proc_debug_regs dr = {0};
	struct proc_siginfo info;
	int32_t pid;
	int fd;

	as_mov(a, RBX, word);
	at = as_here(a);
	as_nop(a);
	as_store(a, RBX, 0, RBX);
	uint64_t after = as_here(a);
	bed_exit(a, 0);
	pid = bed_spawn();
	fd = freeze(pid);
	dr.dr[0] = at;
	dr.dr[1] = word;
	dr.dr[7] = 0x5 | (UINT64_C(0x9) << 20); /* x1; w8 */
	dr.dr[7] |= UINT64_C(0xd00000) & 0;
	ck_assert_int_eq(write_file(pid, "regs/debug", &dr, sizeof(dr)), 64);
	go(fd, PROC_STOP_SIGNAL);
	ck_assert_uint_eq(expect(fd, PROC_STOP_SIGNAL).a, 5);
	ck_assert_uint_eq(get_regs(pid).rip, at);
	ck_assert_int_eq(read_file(pid, "siginfo", &info, sizeof(info)), 128);
	ck_assert_int_eq(info.code, 4);
	ck_assert_int_eq(read_file(pid, "regs/debug", &dr, sizeof(dr)), 64);
	ck_assert_uint_eq(dr.dr[6] & 15, 1);
	go_signal(fd, PROC_STOP_SIGNAL, 0);
	ck_assert_uint_eq(expect(fd, PROC_STOP_SIGNAL).a, 5);
	ck_assert_uint_eq(get_regs(pid).rip, after);
	ck_assert_int_eq(read_file(pid, "regs/debug", &dr, sizeof(dr)), 64);
	ck_assert_uint_eq(dr.dr[6] & 2, 2);
	go_signal(fd, 0, 0);
	expect_end(fd);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("trace_signals");
	TCase *tc = tcase_create("signals");

	tcase_add_checked_fixture(tc, bed_setup, bed_teardown);
	tcase_add_test(tc, single_steps);
	tcase_add_test(tc, step_over_syscall);
	tcase_add_test(tc, step_into_handler);
	tcase_add_test(tc, block_step);
	tcase_add_test(tc, step_at_once);
	tcase_add_test(tc, breakpoint);
	tcase_add_loop_test(tc, breakpoint_delivered, 0, 3);
	tcase_add_loop_test(tc, signal_stop, 0,
			    sizeof(answers) / sizeof(answers[0]));
	tcase_add_test(tc, ignored_signals_stop);
	tcase_add_test(tc, siginfo_replaced);
	tcase_add_test(tc, debug_registers);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
