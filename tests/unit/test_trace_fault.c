/* SPDX-License-Identifier: MIT */
/*
 * With the n-th port operation failing, for every n: nothing crashes, nothing
 * leaks, and what did not report an error has worked.
 */
#include <string.h>

#include "pt.h"
#include "tracer.h"

#define PAUSE 34

/* A program with a bit of everything that the shim has to do with. */
static void
install_program(void)
{
	struct as *a = bed_as();
	uint64_t act[4] = {0}, actp, word = bed_room(8);
	size_t over = as_jmp(a, 0), child;

	act[0] = as_here(a);
	as_ret(a);
	act[2] = as_here(a);
	as_sys(a, 15);
	as_land(a, over);
	actp = bed_bytes(act, sizeof(act));
	as_sys(a, 13, 10, actp, 0, 8);
	as_mov(a, RBX, word);
	as_store(a, RBX, 0, RBX);
	as_sys(a, 57);
	as_cmp(a, RAX, 0);
	child = as_jz(a, 0);
	as_sys(a, 39);
	as_mov_reg(a, RDI, RAX);
	as_mov(a, RSI, 10);
	as_sys_regs(a, 62);
	as_int3(a);
	as_sys(a, 61, UINT64_MAX, 0, 0, 0);
	bed_exit(a, 1);
	as_land(a, child);
	as_store(a, RBX, 8, RBX);
	bed_exit(a, 2);
	bed_install("/bin/all");
}

static void
use_files(int32_t pid)
{
	static const char *const names[] = {
	    "regs/int",	    "regs/float",  "regs/env",	      "regs/user",
	    "regs/debug",   "regs/xstate", "siginfo",	      "sigmask",
	    "syscall-info", "sigqueue",	   "sigqueue-shared", "rusage",
	};
	static unsigned char buf[1024];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int64_t n;

		memset(buf, 0xee, sizeof(buf));
		n = read_file(pid, names[i], buf, sizeof(buf));
		if (n > 0)
			write_file(pid, names[i], buf, (size_t)n);
	}
}

static void
use_memory(int32_t pid)
{
	static unsigned char buf[3 * 4096];
	static const uint64_t at[] = {SIM_TEXT, SIM_DATA, SIM_DATA + 0x1800};
	int fd = bed_try(me, pid, "mem", SIM_O_RDWR);

	if (fd < 0)
		return;
	for (int i = 0; i < 3; i++) {
		int64_t n = sim_pread(me, fd, buf, i ? 9000 : 64, at[i]);

		if (n > 0)
			n = sim_pwrite(me, fd, buf, (size_t)n, at[i]);
	}
	sim_close(me, fd);
}

/* Trace the program by the files, whatever they say. */
static void
by_files(void)
{
	const uint64_t mask = SYSCALLS | PROC_STOP_SIGNAL | PROC_STOP_FORK |
			      PROC_STOP_EXIT | PROC_EVENT_EXITED;
	int32_t pid = sim_spawn(sim, me, "/bin/all", 0);
	struct proc_tracer_event ev;
	int evfd = sim_open(me, "proc:self/events", SIM_O_READ);
	int fd = pid > 0 ? bed_try(me, pid, "trace", SIM_O_RDWR) : -1;

	if (fd >= 0)
		go_try(fd, mask);
	for (int i = 0; i < 60; i++) {
		int t;

		if (evfd < 0 || sim_read(me, evfd, &ev, sizeof(ev)) <= 0)
			break;
		if (ev.tid == 0 || ev.ev.cause == PROC_EVENT_EXITED)
			continue;
		use_files(ev.tid);
		use_memory(ev.tid);
		t = ev.tid == pid ? fd
				  : bed_try(me, ev.tid, "trace", SIM_O_RDWR);
		if (t >= 0)
			go_try(t, mask | (i == 7 ? PROC_STOP_SINGLESTEP : 0));
		if (t >= 0 && t != fd)
			sim_close(me, t);
	}
	if (pid > 0 && sim_find(sim, pid))
		sim_kill(me, pid, 9);
}

/* The same without a descriptor for each. */
static void
by_commands(void)
{
	const uint64_t mask = SYSCALLS | PROC_STOP_SIGNAL | PROC_STOP_FORK |
			      PROC_STOP_EXIT | PROC_EVENT_EXITED |
			      PROC_FLAG_HOLD;
	int32_t pid = sim_spawn(sim, me, "/bin/all", 0);
	struct proc_command c = {pid, 0, PROC_FLAG_ATTACH | mask, 0};
	struct proc_tracer_event ev;
	int evfd = sim_open(me, "proc:self/events", SIM_O_READ);
	int fd = sim_open(me, "proc:self/command", SIM_O_WRITE);

	if (pid > 0)
		sim_write(me, fd, &c, sizeof(c));
	for (int i = 0; i < 60; i++) {
		if (evfd < 0 || sim_read(me, evfd, &ev, sizeof(ev)) <= 0)
			break;
		c.tid = ev.tid;
		c.flags = mask;
		if (ev.ev.cause == PROC_EVENT_EXITED)
			c.flags = PROC_FLAG_DETACH;
		sim_write(me, fd, &c, sizeof(c));
	}
	c.tid = pid;
	c.flags = PROC_FLAG_DETACH | PROC_FLAG_INTERRUPT;
	sim_write(me, fd, &c, sizeof(c));
	if (pid > 0 && sim_find(sim, pid))
		sim_kill(me, pid, 9);
}

/* The same by ptrace(2). */
static void
by_ptrace(void)
{
	static unsigned char buf[1024];
	pid_t pid = sim_spawn(sim, me, "/bin/all", 0), r;
	int status;

	if (pid < 0 || pt_try(PTRACE_ATTACH, pid, 0, 0))
		return;
	for (int i = 0; i < 60; i++) {
		int sig;

		r = pt_wait_try(-1, &status, (int)__WALL);
		if (r < 0)
			break;
		if (!WIFSTOPPED(status))
			continue;
		pt_try(PTRACE_SETOPTIONS, r, 0,
		       PTRACE_O_TRACEFORK | PTRACE_O_TRACESYSGOOD);
		pt_try(PTRACE_GETREGS, r, 0, (uintptr_t)buf);
		pt_try(PTRACE_GETFPREGS, r, 0, (uintptr_t)buf);
		pt_try(PTRACE_SETFPREGS, r, 0, (uintptr_t)buf);
		pt_try(PTRACE_PEEKDATA, r, SIM_DATA, 0);
		pt_try(PTRACE_POKETEXT, r, SIM_TEXT + 2000, 1);
		pt_try(PTRACE_PEEKUSER, r, 848, 0);
		pt_try(PTRACE_POKEUSER, r, 848, SIM_DATA);
		sig = WSTOPSIG(status);
		if (sig == SIGSTOP || sig == SIGTRAP || sig & 0x80)
			sig = 0;
		pt_try(i % 5 ? PTRACE_SYSCALL : PTRACE_SINGLESTEP, r, 0,
		       (uintptr_t)sig);
	}
	if (sim_find(sim, pid))
		sim_kill(me, pid, SIGKILL);
}

static void
each(void (*scenario)(void), unsigned ops, bool window)
{
	struct sim_config c = {.window = window};
	bool failed = true;

	for (unsigned long n = 1; failed; n++) {
		pt_restart(&c);
		install_program();
		sim_fail_at(sim, ops, n);
		scenario();
		failed = sim_failed(sim);
		sim_fail_at(sim, 0, 0);
		ck_assert_uint_lt(n, 100000);
		/* Few of the very many are tried where that is all alike. */
		if (ops & (SIM_OP_WINDOW | SIM_OP_FRAME) && n > 300)
			n += n / 16;
	}
}

static const unsigned all_ops[] = {
    SIM_OP_FRAME, SIM_OP_FAULT, SIM_OP_THREAD,	 SIM_OP_SPACE,
    SIM_OP_FPU,	  SIM_OP_DEBUG, SIM_OP_SIGQUEUE, SIM_OP_WINDOW,
};

START_TEST(files_fail)
{
	each(by_files, all_ops[_i], all_ops[_i] == SIM_OP_WINDOW);
}
END_TEST

START_TEST(commands_fail)
{
	each(by_commands, all_ops[_i], all_ops[_i] == SIM_OP_WINDOW);
}
END_TEST

START_TEST(ptrace_fails)
{
	each(by_ptrace, all_ops[_i], all_ops[_i] == SIM_OP_WINDOW);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("trace_fault");
	TCase *tc = tcase_create("fault");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, pt_setup, pt_teardown);
	tcase_add_loop_test(tc, files_fail, 0, 8);
	tcase_add_loop_test(tc, commands_fail, 0, 8);
	tcase_add_loop_test(tc, ptrace_fails, 0, 8);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
