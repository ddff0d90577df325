/* SPDX-License-Identifier: MIT */
/* Every stop of the scheme, its event, and what the answers to it do. */
#include <string.h>

#include "tracer.h"

#define SIGUSR1 10
#define SIGTERM 15
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

static void
add_syscalls(Suite *s)
{
	TCase *tc = tcase_create("syscalls");

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
add_signals(Suite *s)
{
	TCase *tc = tcase_create("signals");

	tcase_add_checked_fixture(tc, bed_setup, bed_teardown);
	tcase_add_test(tc, single_steps);
	tcase_add_test(tc, step_over_syscall);
	tcase_add_test(tc, step_into_handler);
	tcase_add_test(tc, block_step);
	tcase_add_test(tc, breakpoint);
	tcase_add_loop_test(tc, breakpoint_delivered, 0, 3);
	tcase_add_loop_test(tc, signal_stop, 0,
			    sizeof(answers) / sizeof(answers[0]));
	tcase_add_test(tc, ignored_signals_stop);
	tcase_add_test(tc, siginfo_replaced);
	tcase_add_test(tc, debug_registers);
	tcase_add_loop_test(tc, interrupt, 0, 2);
	tcase_add_test(tc, interrupt_legacy);
	tcase_add_test(tc, group_stop);
	tcase_add_test(tc, group_stop_resumed);
	tcase_add_test(tc, group_stop_base);
	tcase_add_test(tc, listen_elsewhere);
	suite_add_tcase(s, tc);
}

static void
add_life(Suite *s)
{
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
}

int
main(void)
{
	Suite *s = suite_create("trace_stops");

	add_syscalls(s);
	add_signals(s);
	add_life(s);
	return suite_main(s);
}
