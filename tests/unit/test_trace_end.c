/* SPDX-License-Identifier: MIT */
/* Every order in which sessions end, and what tracers are told. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tracer.h"

#define PAUSE 34

/* A child of ME that does nothing, with UID. */
static int32_t
sleeper(uint32_t uid)
{
	struct as *a = bed_as();

	as_sys(a, PAUSE);
	bed_exit(a, 6);
	return bed_spawn_as(uid);
}

static int
open_as(struct sim_thread *who, int32_t tid)
{
	return bed_try(who, tid, "trace", SIM_O_RDWR);
}

static void
end(int32_t pid)
{
	ck_assert_int_eq(sim_kill(me, pid, 9), 0);
	ck_assert_int_eq(bed_reap(pid), 9);
}

/* Without a handle: the death is told by `events`, and then to the parent. */
START_TEST(death_by_events)
{
	struct as *a = bed_as();
	uint64_t path = bed_string("proc:self/traceme");
	int32_t pid;
	int fd = sim_open(me, "proc:self/events", SIM_O_READ);

	as_sys(a, 2, path, 1);
	as_mov_reg(a, RDI, RAX);
	as_mov(a, RSI, path);
	as_mov(a, RDX, 8);
	as_sys_regs(a, 1);
	bed_exit(a, 5);
	pid = bed_spawn();
	sim_idle(sim);
	ck_assert_int_eq(state_of(pid), 'Z');
	ck_assert_int_eq(sim_wait4(me, pid, NULL, SIM_WNOHANG, NULL), 0);
	ck_assert_uint_eq(expect_any(fd, pid, PROC_EVENT_EXITED).ev.a, 5 << 8);
	expect_any(fd, 0, PROC_EVENT_CHILD);
	ck_assert_int_eq(bed_reap(pid), 5 << 8);
	expect_quiet(fd);
	sim_close(me, fd);
}
END_TEST

/* What becomes of a tracee when `trace` is closed, in each state. */
START_TEST(close_detaches)
{
	struct as *a = bed_as();
	int32_t pid;
	int fd;

	as_sys(a, 39);
	bed_exit(a, 3);
	pid = bed_spawn();
	fd = open_as(me, pid);
	if (_i >= 1) {
		go(fd, PROC_STOP_PRE_SYSCALL);
		expect(fd, PROC_STOP_PRE_SYSCALL);
	}
	if (_i == 2)
		go(fd, PROC_STOP_POST_SYSCALL);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 3 << 8);
}
END_TEST

/* The signal that it was stopped at is delivered; a step is disarmed. */
START_TEST(close_delivers)
{
	int32_t pid = sleeper(0);
	int fd = open_as(me, pid);

	go(fd, PROC_STOP_SIGNAL);
	sim_idle(sim);
	ck_assert_int_eq(sim_kill(me, pid, 15), 0);
	expect(fd, PROC_STOP_SIGNAL);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 15);
}
END_TEST

START_TEST(close_disarms)
{
	struct as *a = bed_as();
	int32_t pid;
	int fd;

	as_sys(a, PAUSE);
	bed_exit(a, 3);
	pid = bed_spawn();
	fd = freeze(pid);
	go(fd, PROC_STOP_SINGLESTEP);
	sim_close(me, fd);
	sim_idle(sim);
	ck_assert_int_eq(state_of(pid), 'S');
	end(pid);
}
END_TEST

START_TEST(close_kills)
{
	int32_t pid = sleeper(0);
	int fd = bed_open(me, pid, "trace", SIM_O_RDWR | SIM_O_EXCL);

	if (_i)
		sim_idle(sim);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 9);
}
END_TEST

START_TEST(detach_with_signal)
{
	int32_t pid = sleeper(0);
	int fd = freeze(pid);

	go(fd, PROC_STOP_SIGNAL);
	sim_idle(sim);
	ck_assert_int_eq(sim_kill(me, pid, 10), 0);
	expect(fd, PROC_STOP_SIGNAL);
	go_signal(fd, PROC_FLAG_DETACH, 12);
	expect_error(fd, -19);
	ck_assert_int_eq(go_try(fd, 0), -19);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 12);
}
END_TEST

/* The tracer dies: tracees go on, or die where it said so. */
START_TEST(tracer_dies)
{
	struct sim_thread *tracer = sim_host(sim, NULL, 0);
	int32_t pid = sleeper(0);
	uint64_t mask = _i & 1 ? PROC_FLAG_EXITKILL : 0;
	unsigned flags =
	    SIM_O_RDWR | (_i & 2 ? SIM_O_EXCL : 0) | (_i & 4 ? SIM_O_TRUNC : 0);
	int fd = bed_open(tracer, pid, "trace", flags);

	sim_idle(sim);
	mask |= PROC_FLAG_SETMASK;
	ck_assert_int_eq(sim_write(tracer, fd, &mask, 8), 8);
	sim_idle(sim);
	sim_exit(tracer, 0);
	sim_idle(sim);
	if (_i & 3) {
		ck_assert_int_eq(bed_reap(pid), 9);
	} else {
		ck_assert_int_eq(state_of(pid), 'S');
		ck_assert_int_eq(ks_tracer_pid(sim_ks(sim_find(sim, pid))), 0);
		end(pid);
	}
}
END_TEST

/* A tracee dies, then its tracer without having looked, then the parent. */
START_TEST(deaths_in_any_order)
{
	struct sim_thread *parent = sim_host(sim, me, 0);
	struct sim_thread *tracer = sim_host(sim, me, 0);
	struct as *a = bed_as();
	static const char order[6][4] = {"ctp", "cpt", "tcp",
					 "tpc", "pct", "ptc"};
	uint64_t mask = PROC_EVENT_EXITED | PROC_FLAG_SETMASK;
	int32_t pid;
	int fd;

	as_sys(a, PAUSE);
	bed_install("/bin/pause");
	pid = sim_spawn(sim, parent, "/bin/pause", 0);
	fd = bed_open(tracer, pid, "trace", SIM_O_RDWR);
	ck_assert_int_eq(sim_write(tracer, fd, &mask, 8), 8);
	sim_idle(sim);
	for (int i = 0; i < 3; i++) {
		switch (order[_i][i]) {
		case 'c':
			ck_assert_int_eq(sim_kill(me, pid, 9), 0);
			sim_idle(sim);
			break;
		case 't':
			sim_exit(tracer, 0);
			break;
		case 'p':
			sim_exit(parent, 0);
			break;
		}
	}
	sim_idle(sim);
	ck_assert_int_eq(state_of(pid), 0);
}
END_TEST

/* A dead tracee is held until its tracer has looked; then the parent hears. */
START_TEST(death_is_held)
{
	struct sim_thread *tracer = sim_host(sim, me, 0);
	int32_t pid = sleeper(0);
	uint64_t mask = PROC_EVENT_EXITED;
	struct proc_event ev;
	struct proc_rusage ru;
	int fd = bed_open(tracer, pid, "trace", SIM_O_RDWR);
	int rfd;

	ck_assert_int_eq(sim_write(tracer, fd, &mask, 8), 8);
	sim_idle(sim);
	rfd = bed_open(tracer, pid, "rusage", SIM_O_READ);
	ck_assert_int_eq(sim_kill(me, pid, 9), 0);
	sim_idle(sim);
	ck_assert_int_eq(sim_wait4(me, pid, NULL, SIM_WNOHANG, NULL), 0);
	ck_assert_int_eq(sim_read(tracer, rfd, &ru, sizeof(ru)), sizeof(ru));
	ck_assert_int_eq(sim_read(tracer, fd, &ev, sizeof(ev)), sizeof(ev));
	ck_assert_uint_eq(ev.a, 9);
	ck_assert_int_eq(sim_wait4(me, pid, NULL, SIM_WNOHANG, NULL), 0);
	sim_close(tracer, fd);
	ck_assert_int_eq(bed_reap(pid), 9);
	ck_assert_int_eq(sim_read(tracer, rfd, &ru, sizeof(ru)), -3);
	sim_exit(tracer, 0);
}
END_TEST

/* It has not run since it was killed, but is in no stop any more. */
START_TEST(killed_in_stop)
{
	int32_t pid = sleeper(0);
	int fd = open_as(me, pid), regs;
	uint64_t flags = PROC_FLAG_DETACH, word;

	go(fd, PROC_FLAG_INTERRUPT);
	expect(fd, PROC_STOP_TRAP);
	regs = bed_open(me, pid, "regs/user", SIM_O_RDWR);
	ck_assert_int_eq(sim_read(me, regs, &word, 8), 8);
	ck_assert_int_eq(sim_kill(me, pid, 9), 0);
	ck_assert_int_eq(sim_read(me, regs, &word, 8), -ENOTRECOVERABLE);
	ck_assert_int_eq(go_try(fd, flags), -ESRCH);
	ck_assert_int_eq(go_try(fd, PROC_STOP_PRE_SYSCALL), -ESRCH);
	/* The stop of its exit is one like others. */
	go(fd, PROC_FLAG_SETMASK | PROC_STOP_EXIT);
	ck_assert_uint_eq(expect(fd, PROC_STOP_EXIT).a, 9);
	ck_assert_int_eq(sim_read(me, regs, &word, 8), 8);
	go(fd, 0);
	sim_close(me, regs);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 9);
}
END_TEST

/* An id that is used again does not lead an old descriptor astray. */
START_TEST(stale_descriptors)
{
	struct sim_config c = {.pid_max = 8};
	struct as *a;
	int32_t old, pid;
	int fd, regs, mem;
	uint64_t word;

	bed_end();
	bed_begin(&c);
	a = bed_as();
	as_sys(a, PAUSE);
	bed_install("/bin/pause");
	old = sim_spawn(sim, me, "/bin/pause", 0);
	fd = open_as(me, old);
	regs = bed_open(me, old, "regs/user", SIM_O_RDWR);
	mem = bed_open(me, old, "mem", SIM_O_RDWR);
	sim_idle(sim);
	go(fd, PROC_FLAG_INTERRUPT);
	expect(fd, PROC_STOP_TRAP);
	go(fd, PROC_FLAG_DETACH);
	end(old);
	do {
		pid = sim_spawn(sim, me, "/bin/pause", 0);
		ck_assert_int_gt(pid, 0);
		sim_idle(sim);
		if (pid != old)
			end(pid);
	} while (pid != old);
	ck_assert_int_eq(go_try(fd, 0), -3);
	expect_error(fd, -3);
	ck_assert_int_eq(sim_read(me, regs, &word, 8), -3);
	ck_assert_int_eq(sim_pread(me, mem, &word, 8, SIM_TEXT), 0);
	sim_close(me, fd);
	sim_close(me, regs);
	sim_close(me, mem);
	end(pid);
}
END_TEST

/* Descriptors that a fork hands on are of no use to the child. */
START_TEST(inherited_descriptors)
{
	int32_t pid = sleeper(0), child;
	struct as *a = bed_as();
	char path[32];
	uint64_t p, word;

	snprintf(path, sizeof(path), "proc:%d/trace", (int)pid);
	p = bed_string(path);
	word = bed_bytes(NULL, 16) + 8;
	as_sys(a, 2, p, 2);
	as_mov_reg(a, R12, RAX);
	as_sys(a, 57);
	as_cmp(a, RAX, 0);
	size_t in_child = as_jz(a, 0);
	as_sys(a, 61, UINT64_MAX, word, 0, 0);
	as_mov(a, RBX, word);
	/* The status's second lowest byte comes lowest, in either byte order.
	 */
	as_load(a, RDI, RBX, __BYTE_ORDER == __LITTLE_ENDIAN ? 1 : -5);
	as_sys_regs(a, 231);
	as_land(a, in_child);
	as_mov_reg(a, RDI, R12);
	as_mov(a, RSI, word);
	as_mov(a, RDX, 8);
	as_sys_regs(a, 1);
	as_mov_reg(a, RDI, RAX);
	as_sys_regs(a, 231);
	child = bed_spawn();
	ck_assert_int_eq(bed_reap(child), 0xff << 8);
	ck_assert_int_eq(ks_tracer_pid(sim_ks(sim_find(sim, pid))), 0);
	end(pid);
}
END_TEST

/* One queue for all tracees, in the order of what happened. */
START_TEST(events_of_many)
{
	enum { N = 20 };
	struct as *a = bed_as();
	int evfd =
	    sim_open(me, "proc:self/events", SIM_O_READ | SIM_O_NONBLOCK);
	struct proc_tracer_event ev[8];
	int32_t pid[N];
	int fd[N], got = 0;
	int64_t n;

	as_sys(a, 39);
	bed_exit(a, 0);
	bed_install("/bin/x");
	for (int i = 0; i < N; i++) {
		pid[i] = sim_spawn(sim, me, "/bin/x", 0);
		fd[i] = open_as(me, pid[i]);
		go(fd[i], PROC_STOP_PRE_SYSCALL | PROC_EVENT_EXITED);
	}
	sim_idle(sim);
	ck_assert_int_eq(sim_read(me, evfd, ev, 63), -22);
	while ((n = sim_read(me, evfd, ev, sizeof(ev))) > 0)
		for (int i = 0; i < n / 64; i++)
			ck_assert_int_eq(ev[i].tid, pid[got++]);
	ck_assert_int_eq(n, -11);
	ck_assert_int_eq(got, N);
	for (int i = 0; i < N; i++) {
		go(fd[i], PROC_EVENT_EXITED);
		expect(fd[i], PROC_EVENT_EXITED);
		sim_close(me, fd[i]);
		bed_reap(pid[i]);
	}
	sim_close(me, evfd);
}
END_TEST

/* A write to `events` lets so many reads return that would have blocked. */
START_TEST(events_woken)
{
	int fd = sim_open(me, "proc:self/events", SIM_O_RDWR);
	struct proc_tracer_event ev;
	uint64_t n = 2;

	ck_assert_int_eq(sim_read(me, fd, &ev, sizeof(ev)), -35);
	ck_assert_int_eq(sim_write(me, fd, &n, 8), 8);
	ck_assert_int_eq(sim_read(me, fd, &ev, sizeof(ev)), 0);
	ck_assert_int_eq(sim_read(me, fd, &ev, sizeof(ev)), 0);
	ck_assert_int_eq(sim_read(me, fd, &ev, sizeof(ev)), -35);
	ck_assert_int_eq(sim_write(me, fd, &n, 7), -22);
	sim_close(me, fd);
}
END_TEST

/* The tracer gets SIGCHLD at each stop and death. */
START_TEST(sigchld)
{
	int32_t pid = sleeper(0);
	struct proc_siginfo info;
	int fd;

	sim_action(me, 17, SIM_CATCH);
	fd = open_as(me, pid);
	go(fd, PROC_STOP_PRE_SYSCALL | PROC_EVENT_EXITED);
	sim_idle(sim);
	ck_assert_int_eq(sim_signal(me, &info), 17);
	ck_assert_int_eq(info.code, 4);
	ck_assert_int_eq(info.u.from.pid, pid);
	ck_assert_int_eq(info.u.from.u.status, 5);
	expect(fd, PROC_STOP_PRE_SYSCALL);
	ck_assert_int_eq(sim_kill(me, pid, 9), 0);
	sim_idle(sim);
	ck_assert_int_eq(sim_signal(me, &info), 17);
	ck_assert_int_eq(info.code, 2);
	ck_assert_int_eq(info.u.from.u.status, 9);
	expect(fd, PROC_EVENT_EXITED);
	sim_close(me, fd);
	/* The parent is the tracer: it is told once. */
	ck_assert_int_eq(sim_signal(me, &info), 0);
	ck_assert_int_eq(bed_reap(pid), 9);
}
END_TEST

/* A caught signal ends a wait for events. */
START_TEST(interrupted_read)
{
	struct as *a = bed_as();
	int fd = sim_open(me, "proc:self/events", SIM_O_READ);
	struct proc_tracer_event ev;
	int32_t pid;

	as_sys(a, 110);
	as_mov_reg(a, RDI, RAX);
	as_mov(a, RSI, 10);
	as_sys_regs(a, 62);
	as_sys(a, PAUSE);
	sim_action(me, 10, SIM_CATCH);
	pid = bed_spawn();
	ck_assert_int_eq(sim_read(me, fd, &ev, sizeof(ev)), -4);
	ck_assert_int_eq(sim_signal(me, NULL), 10);
	sim_close(me, fd);
	end(pid);
}
END_TEST

static void
add_end(Suite *s)
{
	TCase *tc = tcase_create("end");

	tcase_add_checked_fixture(tc, bed_setup, bed_teardown);
	tcase_add_test(tc, death_by_events);
	tcase_add_loop_test(tc, close_detaches, 0, 3);
	tcase_add_test(tc, close_delivers);
	tcase_add_test(tc, close_disarms);
	tcase_add_loop_test(tc, close_kills, 0, 2);
	tcase_add_test(tc, detach_with_signal);
	tcase_add_loop_test(tc, tracer_dies, 0, 8);
	tcase_add_loop_test(tc, deaths_in_any_order, 0, 6);
	tcase_add_test(tc, death_is_held);
	tcase_add_test(tc, killed_in_stop);
	tcase_add_test(tc, stale_descriptors);
	tcase_add_test(tc, inherited_descriptors);
	suite_add_tcase(s, tc);
}

static void
add_events(Suite *s)
{
	TCase *tc = tcase_create("events");

	tcase_add_checked_fixture(tc, bed_setup, bed_teardown);
	tcase_add_test(tc, events_of_many);
	tcase_add_test(tc, events_woken);
	tcase_add_test(tc, sigchld);
	tcase_add_test(tc, interrupted_read);
	suite_add_tcase(s, tc);
}

int
main(void)
{
	Suite *s = suite_create("trace_end");

	add_end(s);
	add_events(s);
	return suite_main(s);
}
