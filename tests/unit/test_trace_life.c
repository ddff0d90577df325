/* SPDX-License-Identifier: MIT */
/* Stops in the life of a process: clone, exec and exit. */
#include <string.h>

#include "tracer.h"

#define SIGSTOP 19

START_TEST(exit_stop)
{
	struct as *a = bed_as();
	int32_t pid;
	int fd;

	bed_exit(a, 21);
	pid = bed_spawn();
	fd = freeze(pid);
	go(fd, PROC_STOP_EXIT | PROC_EVENT_EXITED);
	ck_assert_uint_eq(expect(fd, PROC_STOP_EXIT).a, 21 << 8);
	ck_assert_uint_eq(get_regs(pid).rdi, 21);
	go(fd, PROC_EVENT_EXITED);
	ck_assert_uint_eq(expect(fd, PROC_EVENT_EXITED).a, 21 << 8);
	expect_end(fd);
	/* Held as long as `trace` is open. */
	ck_assert_int_eq(sim_wait4(me, pid, NULL, SIM_WNOHANG, NULL), 0);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 21 << 8);
}
END_TEST

START_TEST(kill_in_exit_stop)
{
	struct as *a = bed_as();
	int32_t pid;
	int fd;

	bed_exit(a, 21);
	pid = bed_spawn();
	fd = freeze(pid);
	go(fd, PROC_STOP_EXIT);
	expect(fd, PROC_STOP_EXIT);
	ck_assert_int_eq(sim_kill(me, pid, 9), 0);
	expect_end(fd);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 21 << 8);
}
END_TEST

/* Each of fork, vfork, clone; with the bit, with EVENT_CLONE, with neither. */
START_TEST(clone_stops)
{
	static const uint64_t bit[] = {PROC_STOP_FORK, PROC_STOP_VFORK,
				       PROC_STOP_CLONE};
	int kind = _i % 3, way = _i / 3;
	struct as *a = bed_as();
	struct proc_event ev;
	int32_t pid, child = 0;
	int fd, cfd;

	if (kind == 0)
		as_sys(a, 57);
	else if (kind == 1)
		as_sys(a, 58);
	else
		as_sys(a, 56, 0x10d00, SIM_DATA + 0x3000);
	as_sys(a, 60, 4);
	pid = bed_spawn();
	fd = freeze(pid);
	if (way == 0) {
		go(fd, bit[kind]);
		ev = expect(fd, bit[kind]);
		child = (int32_t)ev.a;
		sim_idle(sim);
		ck_assert_int_eq(state_of(pid), 't');
		ck_assert_int_eq(state_of(child), 't');
		cfd = seize(child);
		expect(cfd, PROC_STOP_TRAP);
	} else if (way == 1) {
		go(fd, PROC_EVENT_CLONE);
		ev = expect(fd, PROC_EVENT_CLONE);
		child = (int32_t)ev.a;
		sim_idle(sim);
		ck_assert_int_eq(state_of(child), 't');
		cfd = seize(child);
	} else {
		go(fd, 0);
		sim_idle(sim);
		expect_end(fd);
		sim_close(me, fd);
		ck_assert_int_eq(bed_reap(pid), 4 << 8);
		return;
	}
	ck_assert_uint_eq(get_regs(child).rax, 0);
	go(cfd, 0);
	sim_close(me, cfd);
	if (way == 0)
		go(fd, 0);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 4 << 8);
}
END_TEST

START_TEST(vfork_done)
{
	struct as *a = bed_as();
	int32_t pid, child;
	int fd, cfd;

	as_sys(a, 58);
	as_sys(a, 60, 4);
	pid = bed_spawn();
	fd = freeze(pid);
	go(fd, PROC_STOP_VFORK | PROC_STOP_VFORK_DONE);
	child = (int32_t)expect(fd, PROC_STOP_VFORK).a;
	cfd = seize(child);
	expect(cfd, PROC_STOP_TRAP);
	go(fd, PROC_STOP_VFORK_DONE);
	expect_quiet(fd);
	go(cfd, 0);
	ck_assert_uint_eq(expect(fd, PROC_STOP_VFORK_DONE).a, (uint64_t)child);
	sim_close(me, cfd);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 4 << 8);
}
END_TEST

/* With FLAG_LEGACY a new child's first stop is a SIGSTOP. */
START_TEST(legacy_child)
{
	struct as *a = bed_as();
	const uint64_t mask =
	    PROC_STOP_FORK | PROC_STOP_SIGNAL | PROC_FLAG_LEGACY;
	int32_t pid, child;
	int fd, cfd;

	as_sys(a, 57);
	as_sys(a, 60, 4);
	pid = bed_spawn();
	fd = freeze(pid);
	go(fd, mask);
	child = (int32_t)expect(fd, PROC_STOP_FORK).a;
	cfd = seize(child);
	ck_assert_uint_eq(expect(cfd, PROC_STOP_SIGNAL).a, SIGSTOP);
	go_signal(cfd, mask, 0);
	go(fd, mask);
	expect(cfd, PROC_EVENT_EXITED);
	sim_close(me, cfd);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 4 << 8);
}
END_TEST

START_TEST(exec_stop)
{
	struct as *a = bed_as();
	uint64_t path;
	int32_t pid;
	int fd;

	bed_exit(a, 8);
	bed_install("/bin/new");
	a = bed_as();
	path = bed_string("/bin/new");
	for (int i = 0; i < 30; i++)
		as_nop(a);
	as_sys(a, 59, path);
	pid = bed_spawn();
	fd = freeze(pid);
	go(fd, PROC_STOP_EXEC | SYSCALLS);
	expect(fd, PROC_STOP_PRE_SYSCALL);
	go(fd, PROC_STOP_EXEC | SYSCALLS);
	ck_assert_uint_eq(expect(fd, PROC_STOP_EXEC).a, (uint64_t)pid);
	ck_assert_uint_eq(get_regs(pid).rip, SIM_TEXT);
	go(fd, SYSCALLS);
	expect(fd, PROC_STOP_POST_SYSCALL);
	ck_assert_uint_eq(get_regs(pid).rax, 0);
	go(fd, 0);
	expect_end(fd);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 8 << 8);
}
END_TEST

/* Without the bit, a legacy session gets a SIGTRAP, others nothing. */
START_TEST(exec_unasked)
{
	struct as *a = bed_as();
	uint64_t path;
	int32_t pid;
	int fd;

	bed_exit(a, 8);
	bed_install("/bin/new");
	a = bed_as();
	path = bed_string("/bin/new");
	as_sys(a, 59, path);
	pid = bed_spawn();
	fd = freeze(pid);
	go(fd, PROC_STOP_SIGNAL | (_i ? PROC_FLAG_LEGACY : 0));
	if (_i) {
		ck_assert_uint_eq(expect(fd, PROC_STOP_SIGNAL).a, 5);
		go_signal(fd, PROC_FLAG_LEGACY, 0);
	}
	expect_end(fd);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 8 << 8);
}
END_TEST

/* A thread that executes a program takes over the leader's id. */
START_TEST(exec_from_thread)
{
	struct as *a = bed_as();
	const uint64_t mask = PROC_STOP_CLONE | PROC_STOP_EXEC;
	uint64_t path;
	size_t in_child;
	int32_t pid, tid;
	int fd, tfd;

	bed_exit(a, 8);
	bed_install("/bin/new");
	a = bed_as();
	path = bed_string("/bin/new");
	as_sys(a, 56, 0x10d00, SIM_DATA + 0x3000);
	as_cmp(a, RAX, 0);
	in_child = as_jz(a, 0);
	bed_loop(a);
	as_land(a, in_child);
	as_sys(a, 59, path);
	pid = bed_spawn();
	fd = freeze(pid);
	go(fd, mask);
	tid = (int32_t)expect(fd, PROC_STOP_CLONE).a;
	tfd = seize(tid);
	expect(tfd, PROC_STOP_TRAP);
	go(fd, mask);
	go(tfd, mask);
	ck_assert_uint_eq(expect(tfd, PROC_STOP_EXEC).a, (uint64_t)tid);
	ck_assert_uint_eq(expect(fd, PROC_EVENT_EXITED).f, 1);
	expect_error(fd, -3);
	ck_assert_uint_eq(get_regs(pid).rip, SIM_TEXT);
	ck_assert_int_eq(state_of(tid), 0);
	go(tfd, 0);
	expect(tfd, PROC_EVENT_EXITED);
	sim_close(me, tfd);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 8 << 8);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("trace_life");
	TCase *tc = tcase_create("life");

	tcase_add_checked_fixture(tc, bed_setup, bed_teardown);
	tcase_add_test(tc, exit_stop);
	tcase_add_test(tc, kill_in_exit_stop);
	tcase_add_loop_test(tc, clone_stops, 0, 9);
	tcase_add_test(tc, vfork_done);
	tcase_add_test(tc, legacy_child);
	tcase_add_test(tc, exec_stop);
	tcase_add_loop_test(tc, exec_unasked, 0, 2);
	tcase_add_test(tc, exec_from_thread);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
