/* SPDX-License-Identifier: MIT */
/* System call stops, and stops on demand and of groups. */
#include <string.h>

#include "tracer.h"

#define SIGSTOP 19
#define SIGCONT 18

/* getpid, then exit with the low bits of its result. */
static int32_t
spawn_getpid(void)
{
	struct as *a = bed_as();

	as_sys(a, 39);
	as_mov_reg(a, RDI, RAX);
	as_sys_regs(a, 231);
	return bed_spawn();
}

START_TEST(syscall_stops)
{
	int32_t pid = spawn_getpid();
	int fd = freeze(pid);
	struct proc_user_regs r;

	ck_assert_int_eq(state_of(pid), 't');
	go(fd, SYSCALLS);
	expect(fd, PROC_STOP_PRE_SYSCALL);
	r = get_regs(pid);
	ck_assert_uint_eq(r.orig_rax, 39);
	ck_assert_int_eq((int64_t)r.rax, -38);
	ck_assert_uint_eq(r.rcx, r.rip);
	go(fd, SYSCALLS);
	expect(fd, PROC_STOP_POST_SYSCALL);
	r = get_regs(pid);
	ck_assert_uint_eq(r.rax, (uint64_t)pid);
	go(fd, SYSCALLS);
	expect(fd, PROC_STOP_PRE_SYSCALL);
	ck_assert_uint_eq(get_regs(pid).orig_rax, 231);
	go(fd, SYSCALLS);
	expect_end(fd);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), (pid & 0xff) << 8);
}
END_TEST

START_TEST(syscall_only_entry_or_exit)
{
	int32_t pid = spawn_getpid();
	int fd = freeze(pid);

	go(fd, PROC_STOP_PRE_SYSCALL);
	expect(fd, PROC_STOP_PRE_SYSCALL);
	go(fd, PROC_STOP_PRE_SYSCALL);
	expect(fd, PROC_STOP_PRE_SYSCALL);
	ck_assert_uint_eq(get_regs(pid).orig_rax, 231);
	go(fd, 0);
	expect_end(fd);
	sim_close(me, fd);
	bed_reap(pid);
	pid = spawn_getpid();
	fd = freeze(pid);
	go(fd, PROC_STOP_POST_SYSCALL);
	expect(fd, PROC_STOP_POST_SYSCALL);
	ck_assert_uint_eq(get_regs(pid).rax, (uint64_t)pid);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), (pid & 0xff) << 8);
}
END_TEST

START_TEST(syscall_ignored)
{
	int32_t pid = spawn_getpid();
	int fd = freeze(pid);
	struct proc_int_regs r;

	go(fd, PROC_STOP_PRE_SYSCALL);
	expect(fd, PROC_STOP_PRE_SYSCALL);
	ck_assert_int_eq(read_file(pid, "regs/int", &r, sizeof(r)), 160);
	ck_assert_uint_eq(r.rax, 39);
	r.rax = 5;
	ck_assert_int_eq(write_file(pid, "regs/int", &r, sizeof(r)), 160);
	go(fd, PROC_STOP_POST_SYSCALL | PROC_FLAG_IGNORE);
	expect(fd, PROC_STOP_POST_SYSCALL);
	ck_assert_int_eq(read_file(pid, "regs/int", &r, sizeof(r)), 160);
	ck_assert_uint_eq(r.rax, 5);
	r.rax = 44;
	ck_assert_int_eq(write_file(pid, "regs/int", &r, sizeof(r)), 160);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 44 << 8);
}
END_TEST

START_TEST(syscall_changed)
{
	int32_t pid = spawn_getpid();
	int fd = freeze(pid);
	struct proc_user_regs r;

	go(fd, SYSCALLS);
	expect(fd, PROC_STOP_PRE_SYSCALL);
	r = get_regs(pid);
	r.orig_rax = 102; /* getuid */
	set_regs(pid, &r);
	go(fd, SYSCALLS);
	expect(fd, PROC_STOP_POST_SYSCALL);
	ck_assert_uint_eq(get_regs(pid).rax, 0);
	go(fd, SYSCALLS);
	expect(fd, PROC_STOP_PRE_SYSCALL);
	r = get_regs(pid);
	r.rdi = 66;
	set_regs(pid, &r);
	go(fd, 0);
	expect_end(fd);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 66 << 8);
}
END_TEST

/* The number -1 skips the call; its result is what rax holds. */
START_TEST(syscall_minus_one)
{
	int32_t pid = spawn_getpid();
	int fd = freeze(pid);
	struct proc_user_regs r;

	go(fd, SYSCALLS);
	expect(fd, PROC_STOP_PRE_SYSCALL);
	r = get_regs(pid);
	r.orig_rax = UINT64_MAX;
	set_regs(pid, &r);
	go(fd, SYSCALLS);
	expect(fd, PROC_STOP_POST_SYSCALL);
	r = get_regs(pid);
	ck_assert_int_eq((int64_t)r.rax, -38);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), (-38 & 0xff) << 8);
}
END_TEST

START_TEST(seccomp_stop)
{
	int32_t pid = spawn_getpid();
	int fd = freeze(pid);
	struct proc_syscall sc;

	sim_seccomp(sim_find(sim, pid), 39, 1234);
	if (_i) {
		/* nobody wants it: the call fails with ENOSYS */
		go(fd, PROC_STOP_POST_SYSCALL);
		expect(fd, PROC_STOP_POST_SYSCALL);
		ck_assert_int_eq((int64_t)get_regs(pid).rax, -38);
	} else {
		go(fd, PROC_STOP_SECCOMP);
		ck_assert_uint_eq(expect(fd, PROC_STOP_SECCOMP).a, 1234);
		ck_assert_int_eq(
		    read_file(pid, "syscall-info", &sc, sizeof(sc)), 96);
		ck_assert_uint_eq(sc.op, PROC_SYSCALL_SECCOMP);
		ck_assert_uint_eq(sc.nr, 39);
		ck_assert_uint_eq(sc.data, 1234);
		go(fd, PROC_STOP_POST_SYSCALL);
		expect(fd, PROC_STOP_POST_SYSCALL);
		ck_assert_uint_eq(get_regs(pid).rax, (uint64_t)pid);
	}
	sim_close(me, fd);
	bed_reap(pid);
}
END_TEST

START_TEST(interrupt)
{
	struct as *a = bed_as();
	int32_t pid;
	int fd;

	if (_i)
		as_sys(a, 34);
	bed_loop(a);
	pid = bed_spawn();
	fd = seize(pid);
	sim_run(sim, NULL, NULL, 5);
	go(fd, PROC_FLAG_INTERRUPT);
	ck_assert_uint_eq(expect(fd, PROC_STOP_TRAP).a, 5);
	if (_i)
		ck_assert_int_eq((int64_t)get_regs(pid).rax, -514);
	/* Once more while it is stopped: a second stop. */
	go(fd, PROC_FLAG_INTERRUPT);
	expect_quiet(fd);
	go(fd, 0);
	expect(fd, PROC_STOP_TRAP);
	go(fd, 0);
	sim_run(sim, NULL, NULL, 20);
	ck_assert_int_eq(state_of(pid), _i ? 'S' : 'R');
	ck_assert_int_eq(sim_kill(me, pid, 9), 0);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 9);
}
END_TEST

START_TEST(interrupt_legacy)
{
	struct as *a = bed_as();
	int32_t pid;
	int fd;

	bed_loop(a);
	pid = bed_spawn();
	fd = seize(pid);
	go(fd, PROC_FLAG_SETMASK | PROC_FLAG_INTERRUPT | PROC_FLAG_LEGACY |
		   PROC_STOP_SIGNAL);
	ck_assert_uint_eq(expect(fd, PROC_STOP_SIGNAL).a, SIGSTOP);
	ck_assert_int_eq(sim_kill(me, pid, 9), 0);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 9);
}
END_TEST

START_TEST(group_stop)
{
	const uint64_t mask = PROC_STOP_SIGNAL | PROC_STOP_GROUP;
	struct as *a = bed_as();
	struct proc_siginfo info;
	int32_t pid;
	int fd;

	bed_loop(a);
	pid = bed_spawn();
	fd = seize(pid);
	go(fd, mask | PROC_EVENT_EXITED);
	ck_assert_int_eq(sim_kill(me, pid, SIGSTOP), 0);
	ck_assert_uint_eq(expect(fd, PROC_STOP_SIGNAL).a, SIGSTOP);
	go(fd, mask);
	ck_assert_uint_eq(expect(fd, PROC_STOP_GROUP).a, SIGSTOP);
	ck_assert_int_eq(read_file(pid, "siginfo", &info, sizeof(info)), 128);
	ck_assert_int_eq(info.signo, SIGSTOP);
	/* Listen: SIGCONT makes a new stop. */
	go(fd, PROC_FLAG_LISTEN);
	expect_quiet(fd);
	ck_assert_int_eq(sim_kill(me, pid, SIGCONT), 0);
	ck_assert_uint_eq(expect(fd, PROC_STOP_TRAP).a, 5);
	go(fd, mask);
	ck_assert_uint_eq(expect(fd, PROC_STOP_SIGNAL).a, SIGCONT);
	go(fd, mask);
	sim_run(sim, NULL, NULL, 5);
	ck_assert_int_eq(state_of(pid), 'R');
	ck_assert_int_eq(sim_kill(me, pid, 9), 0);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 9);
}
END_TEST

/* A tracee that is resumed out of a group stop runs; detached, it stops. */
START_TEST(group_stop_resumed)
{
	const uint64_t mask = PROC_STOP_GROUP | PROC_EVENT_EXITED;
	struct as *a = bed_as();
	int32_t pid;
	int fd;

	bed_loop(a);
	pid = bed_spawn();
	fd = seize(pid);
	go(fd, mask);
	ck_assert_int_eq(sim_kill(me, pid, SIGSTOP), 0);
	expect(fd, PROC_STOP_GROUP);
	go(fd, mask);
	sim_run(sim, NULL, NULL, 5);
	ck_assert_int_eq(state_of(pid), 'R');
	sim_close(me, fd);
	sim_idle(sim);
	ck_assert_int_eq(state_of(pid), 'T');
	ck_assert_int_eq(sim_kill(me, pid, 9), 0);
	ck_assert_int_eq(bed_reap(pid), 9);
}
END_TEST

/* A base session knows no group stops: the tracee just sleeps in them. */
START_TEST(group_stop_base)
{
	struct as *a = bed_as();
	int32_t pid;
	int fd;

	bed_loop(a);
	pid = bed_spawn();
	fd = seize(pid);
	go(fd, PROC_STOP_SIGNAL);
	ck_assert_int_eq(sim_kill(me, pid, SIGSTOP), 0);
	ck_assert_uint_eq(expect(fd, PROC_STOP_SIGNAL).a, SIGSTOP);
	go(fd, PROC_STOP_SIGNAL);
	expect_quiet(fd);
	ck_assert_int_eq(state_of(pid), 'T');
	ck_assert_int_eq(sim_kill(me, pid, SIGCONT), 0);
	ck_assert_uint_eq(expect(fd, PROC_STOP_SIGNAL).a, SIGCONT);
	go(fd, 0);
	ck_assert_int_eq(sim_kill(me, pid, 9), 0);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 9);
}
END_TEST

START_TEST(listen_elsewhere)
{
	int32_t pid = spawn_getpid();
	int fd = seize(pid);

	ck_assert_int_eq(go_try(fd, PROC_FLAG_LISTEN), -5);
	go(fd, PROC_STOP_PRE_SYSCALL);
	ck_assert_int_eq(go_try(fd, PROC_FLAG_DETACH), -3);
	expect(fd, PROC_STOP_PRE_SYSCALL);
	ck_assert_int_eq(go_try(fd, PROC_FLAG_LISTEN), -5);
	go(fd, PROC_FLAG_DETACH);
	ck_assert_int_eq(go_try(fd, 0), -19);
	sim_close(me, fd);
	bed_reap(pid);
}
END_TEST

/* A signal interrupts a call: exit stop, signal stop, then it is restarted. */
START_TEST(restarted_call)
{
	struct as *a = bed_as();
	int64_t ts[2] = {1, 0};
	uint64_t tsp = bed_bytes(ts, sizeof(ts));
	const uint64_t mask = SYSCALLS | PROC_STOP_SIGNAL;
	int32_t pid;
	int fd;

	as_sys(a, 35, tsp, 0);
	bed_exit(a, 0);
	pid = bed_spawn();
	fd = freeze(pid);
	go(fd, mask);
	expect(fd, PROC_STOP_PRE_SYSCALL);
	go(fd, mask);
	sim_run(sim, NULL, NULL, 1);
	ck_assert_int_eq(sim_kill(me, pid, 17), 0);
	expect(fd, PROC_STOP_POST_SYSCALL);
	ck_assert_int_eq((int64_t)get_regs(pid).rax, -516);
	go(fd, mask);
	ck_assert_uint_eq(expect(fd, PROC_STOP_SIGNAL).a, 17);
	go(fd, mask);
	expect(fd, PROC_STOP_PRE_SYSCALL);
	ck_assert_uint_eq(get_regs(pid).orig_rax, 219);
	go(fd, mask);
	expect(fd, PROC_STOP_POST_SYSCALL);
	ck_assert_int_eq((int64_t)get_regs(pid).rax, 0);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 0);
}
END_TEST

static void
add_system_calls(Suite *s)
{
	TCase *tc = tcase_create("system calls");

	tcase_add_checked_fixture(tc, bed_setup, bed_teardown);
	tcase_add_test(tc, syscall_stops);
	tcase_add_test(tc, syscall_only_entry_or_exit);
	tcase_add_test(tc, syscall_ignored);
	tcase_add_test(tc, syscall_changed);
	tcase_add_test(tc, syscall_minus_one);
	tcase_add_test(tc, restarted_call);
	tcase_add_loop_test(tc, seccomp_stop, 0, 2);
	suite_add_tcase(s, tc);
}

static void
add_group_stops(Suite *s)
{
	TCase *tc = tcase_create("group stops");

	tcase_add_checked_fixture(tc, bed_setup, bed_teardown);
	tcase_add_loop_test(tc, interrupt, 0, 2);
	tcase_add_test(tc, interrupt_legacy);
	tcase_add_test(tc, group_stop);
	tcase_add_test(tc, group_stop_resumed);
	tcase_add_test(tc, group_stop_base);
	tcase_add_test(tc, listen_elsewhere);
	suite_add_tcase(s, tc);
}

int
main(void)
{
	Suite *s = suite_create("trace_calls");

	add_system_calls(s);
	add_group_stops(s);
	return suite_main(s);
}
