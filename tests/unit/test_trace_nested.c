/* SPDX-License-Identifier: MIT */
/*
 * Tracers that are programs of the machine, with buffers in their own memory,
 * signals of their own, and tracers of their own.
 */
#include <string.h>

#include "tracer.h"

#define PAUSE 34

/* Ids are given in order: ME has 2, the first program 3, its child 4. */
#define TRACER 3
#define TRACEE 4

/*
 * A program that forks, traces its child to the entry of its getpid(), reads
 * the event first into nowhere, and exits with the low byte of the result of
 * each read, less what is expected: 0 if all is well.
 */
static void
emit_tracer(struct as *a, const char *file, size_t size)
{
	uint64_t path = bed_string("proc:4/trace"), events, mask;
	uint64_t flags = PROC_STOP_PRE_SYSCALL | PROC_EVENT_EXITED;
	uint64_t buf = bed_room(128);
	size_t child;

	events = bed_string(file);
	mask = bed_bytes(&flags, sizeof(flags));
	as_sys(a, 57);
	as_cmp(a, RAX, 0);
	child = as_jz(a, 0);
	as_sys(a, 2, events, 2);
	as_mov_reg(a, R13, RAX);
	as_sys(a, 2, path, 2);
	as_mov_reg(a, R12, RAX);
	as_mov_reg(a, RDI, R12);
	as_mov(a, RSI, mask);
	as_mov(a, RDX, 8);
	as_sys_regs(a, 1);
	as_mov(a, RBX, 0);
	for (int i = 0; i < 2; i++) {
		as_mov_reg(a, RDI, R13);
		as_mov(a, RSI, i ? buf : 0x10);
		as_mov(a, RDX, 128);
		as_sys_regs(a, 0);
		as_add(a, RAX, i ? (int8_t) - (int)size : 14);
		as_add_reg(a, RBX, RAX);
	}
	as_mov_reg(a, RDI, R12);
	as_sys_regs(a, 3);
	as_mov_reg(a, RDI, RBX);
	as_sys_regs(a, 231);
	as_land(a, child);
	for (int i = 0; i < 40; i++)
		as_sys(a, 24);
	as_sys(a, 39);
	as_sys(a, 60, 0);
}

START_TEST(buffer_is_nowhere)
{
	struct as *a = bed_as();

	emit_tracer(a, "proc:self/events", 64);
	ck_assert_int_eq(bed_spawn(), TRACER);
	ck_assert_int_eq(bed_reap(TRACER), 0);
}
END_TEST

/* The same, while the tracer is a tracee itself. */
START_TEST(traced_tracer)
{
	struct as *a = bed_as();
	struct proc_event ev;
	int calls = 0, fd;

	emit_tracer(a, "proc:self/events", 64);
	ck_assert_int_eq(bed_spawn(), TRACER);
	fd = freeze(TRACER);
	go(fd, SYSCALLS | PROC_STOP_SIGNAL);
	while (sim_read(me, fd, &ev, sizeof(ev)) == sizeof(ev)) {
		calls += ev.cause == PROC_STOP_PRE_SYSCALL;
		go_try(fd, SYSCALLS | PROC_STOP_SIGNAL);
	}
	sim_close(me, fd);
	ck_assert_int_ge(calls, 7);
	ck_assert_int_eq(bed_reap(TRACER), 0);
}
END_TEST

/* A tracer that is killed in the middle of everything lets its tracee go. */
START_TEST(killed_tracer)
{
	struct as *a = bed_as();
	struct sim_thread *t;

	emit_tracer(a, "proc:self/events", 64);
	bed_spawn();
	sim_run(sim, NULL, NULL, (unsigned long)_i);
	sim_kill(me, TRACER, 9);
	sim_idle(sim);
	t = sim_find(sim, TRACEE);
	ck_assert_ptr_null(t);
	bed_reap(TRACER);
}
END_TEST

/* A read that a signal breaks into is restarted, or says EINTR. */
START_TEST(interrupted_read)
{
	struct as *a = bed_as();
	uint64_t act[4] = {0, _i ? 0x10000000 : 0, 0, 0}, actp, path, buf;
	size_t over = as_jmp(a, 0);
	int32_t pid;

	act[0] = as_here(a);
	as_ret(a);
	act[2] = as_here(a);
	as_sys(a, 15);
	as_land(a, over);
	actp = bed_bytes(act, sizeof(act));
	path = bed_string("proc:self/events");
	buf = bed_room(64);
	as_sys(a, 13, 10, actp, 0, 8);
	as_sys(a, 2, path, 2);
	as_mov_reg(a, RDI, RAX);
	as_mov(a, RSI, buf);
	as_mov(a, RDX, 64);
	as_sys_regs(a, 0);
	as_mov_reg(a, RDI, RAX);
	as_sys_regs(a, 231);
	pid = bed_spawn();
	sim_idle(sim);
	sim_kill(me, pid, 10);
	sim_idle(sim);
	if (_i) {
		ck_assert_int_eq(state_of(pid), 'S');
		sim_kill(me, pid, 9);
		ck_assert_int_eq(bed_reap(pid), 9);
	} else {
		ck_assert_int_eq(bed_reap(pid), (-4 & 0xff) << 8);
	}
}
END_TEST

/* Filters that the tracer suspends do not ask it. */
START_TEST(suspended_filters)
{
	struct as *a = bed_as();
	int32_t pid;
	int fd;

	as_sys(a, 39);
	as_mov_reg(a, RDI, RAX);
	as_sys_regs(a, 231);
	pid = bed_spawn();
	sim_seccomp(sim_find(sim, pid), 39, 7);
	fd = freeze(pid);
	go(fd, PROC_STOP_SECCOMP | (_i ? PROC_FLAG_NO_SECCOMP : 0));
	if (!_i) {
		expect(fd, PROC_STOP_SECCOMP);
		go(fd, 0);
	}
	expect_end(fd);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), (pid & 0xff) << 8);
}
END_TEST

/* A tracee of a tracee: a signal to the middle one stops nobody else. */
START_TEST(chain)
{
	struct as *a = bed_as();
	int32_t pid[3];
	int fd[3];
	struct sim_thread *by[3];

	as_sys(a, PAUSE);
	bed_install("/bin/pause");
	by[0] = me;
	by[1] = sim_host(sim, me, 0);
	by[2] = sim_host(sim, by[1], 0);
	for (int i = 0; i < 3; i++) {
		uint64_t mask = PROC_STOP_SIGNAL;

		pid[i] = sim_spawn(sim, by[i], "/bin/pause", 0);
		fd[i] = bed_open(by[i], pid[i], "trace", SIM_O_RDWR);
		ck_assert_int_eq(sim_write(by[i], fd[i], &mask, 8), 8);
	}
	sim_idle(sim);
	sim_kill(me, pid[1], 15);
	sim_idle(sim);
	ck_assert_int_eq(state_of(pid[0]), 'S');
	ck_assert_int_eq(state_of(pid[1]), 't');
	ck_assert_int_eq(state_of(pid[2]), 'S');
	sim_exit(by[1], 0);
	sim_idle(sim);
	ck_assert_int_eq(state_of(pid[1]), 0);
	ck_assert_int_eq(state_of(pid[2]), 'S');
	sim_exit(by[2], 0);
	ck_assert_int_eq(ks_tracer_pid(sim_ks(sim_find(sim, pid[2]))), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("trace_nested");
	TCase *tc = tcase_create("nested");

	tcase_add_checked_fixture(tc, bed_setup, bed_teardown);
	tcase_add_test(tc, buffer_is_nowhere);
	tcase_add_test(tc, traced_tracer);
	tcase_add_loop_test(tc, killed_tracer, 1, 40);
	tcase_add_loop_test(tc, interrupted_read, 0, 2);
	tcase_add_loop_test(tc, suspended_filters, 0, 2);
	tcase_add_test(tc, chain);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
