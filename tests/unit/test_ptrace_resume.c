/* SPDX-License-Identifier: MIT */
/* How a tracee goes on by ptrace(2): calls, steps, signals. */
#include <string.h>

#include "pt.h"

#define PAUSE 34

static pid_t
spawn_pause(void)
{
	struct as *a = bed_as();

	as_sys(a, PAUSE);
	bed_exit(a, 6);
	return bed_spawn();
}

/* getpid, then exit with the low bits of its result. */
static pid_t
spawn_getpid(void)
{
	struct as *a = bed_as();

	as_sys(a, 39);
	as_mov_reg(a, RDI, RAX);
	as_sys_regs(a, 231);
	return bed_spawn();
}

START_TEST(syscalls)
{
	pid_t pid = spawn_getpid();
	int good = _i ? PTRACE_O_TRACESYSGOOD : 0;
	int stop = good ? STOPPED_SYSCALL : STOPPED(SIGTRAP);
	struct user_regs_struct r;

	pt_attach(pid);
	pt(PTRACE_SETOPTIONS, pid, 0, (uintptr_t)good);
	pt(PTRACE_SYSCALL, pid, 0, 0);
	pt_wait(pid, stop);
	r = pt_regs(pid);
	ck_assert_uint_eq(r.orig_rax, 39);
	ck_assert_int_eq((int64_t)r.rax, -ENOSYS);
	pt(PTRACE_SYSCALL, pid, 0, 0);
	pt_wait(pid, stop);
	r = pt_regs(pid);
	ck_assert_uint_eq(r.orig_rax, 39);
	ck_assert_uint_eq(r.rax, (uint64_t)pid);
	r.rax = 17;
	pt(PTRACE_SETREGS, pid, 0, (uintptr_t)&r);
	pt(PTRACE_SYSCALL, pid, 0, 0);
	pt_wait(pid, stop);
	ck_assert_uint_eq(pt_regs(pid).orig_rax, 231);
	pt_finish(pid, 17);
}
END_TEST

/* A system call's number, changed at its entry; -1 skips it. */
START_TEST(syscall_changed)
{
	pid_t pid = spawn_getpid();
	struct user_regs_struct r;

	pt_attach(pid);
	pt(PTRACE_SYSCALL, pid, 0, 0);
	pt_wait(pid, STOPPED(SIGTRAP));
	r = pt_regs(pid);
	r.orig_rax = _i ? (uint64_t)-1 : 102;
	pt(PTRACE_SETREGS, pid, 0, (uintptr_t)&r);
	pt(PTRACE_SYSCALL, pid, 0, 0);
	pt_wait(pid, STOPPED(SIGTRAP));
	ck_assert_int_eq((int64_t)pt_regs(pid).rax, _i ? -ENOSYS : 0);
	pt(PTRACE_KILL, pid, 0, 0);
	pt_wait(pid, SIGKILL);
}
END_TEST

/* SYSEMU: the entry stop alone, and nothing is done. */
START_TEST(sysemu)
{
	struct as *a = bed_as();
	uint64_t hello = bed_string("hello");
	pid_t pid;
	struct user_regs_struct r;
	uint64_t next;

	as_sys(a, 1, 1, hello, 5);
	next = as_here(a);
	as_nop(a);
	as_mov_reg(a, RDI, RAX);
	as_sys_regs(a, 231);
	pid = bed_spawn();
	pt_attach(pid);
	pt(PTRACE_SYSEMU, pid, 0, 0);
	pt_wait(pid, STOPPED(SIGTRAP));
	r = pt_regs(pid);
	ck_assert_uint_eq(r.orig_rax, 1);
	ck_assert_uint_eq(r.rip, next);
	r.rax = 12;
	pt(PTRACE_SETREGS, pid, 0, (uintptr_t)&r);
	if (_i) {
		pt(PTRACE_SYSEMU_SINGLESTEP, pid, 0, 0);
		pt_wait(pid, STOPPED(SIGTRAP));
		/* Linux reports the step of the skipped call. */
		ck_assert_uint_le(pt_regs(pid).rip, next + 1);
		pt(PTRACE_SYSCALL, pid, 0, 0);
	} else {
		/* The exit stop of the call that was skipped, as Linux has it
		 */
		pt(PTRACE_SYSCALL, pid, 0, 0);
		pt_wait(pid, STOPPED(SIGTRAP));
		ck_assert_uint_eq(pt_regs(pid).orig_rax, 1);
		pt(PTRACE_SYSCALL, pid, 0, 0);
	}
	pt_wait(pid, STOPPED(SIGTRAP));
	ck_assert_uint_eq(pt_regs(pid).orig_rax, 231);
	ck_assert_uint_eq(pt_regs(pid).rdi, 12);
	pt_finish(pid, 12);
	ck_assert_str_eq(sim_console(sim), "");
}
END_TEST

START_TEST(single_step)
{
	struct as *a = bed_as();
	uint64_t at[5];
	pid_t pid;
	siginfo_t info;

	at[0] = as_here(a);
	as_nop(a);
	at[1] = as_here(a);
	as_mov(a, RAX, 39);
	at[2] = as_here(a);
	as_syscall(a);
	at[3] = as_here(a);
	as_mov(a, RDI, 5);
	at[4] = as_here(a);
	as_sys_regs(a, 231);
	pid = bed_spawn();
	pt_attach(pid);
	for (int i = 1; i < 5; i++) {
		pt(PTRACE_SINGLESTEP, pid, 0, 0);
		pt_wait(pid, STOPPED(SIGTRAP));
		ck_assert_uint_eq(pt_regs(pid).rip, at[i]);
		pt(PTRACE_GETSIGINFO, pid, 0, (uintptr_t)&info);
		ck_assert_int_eq(info.si_signo, SIGTRAP);
		/* TRAP_TRACE; TRAP_BRKPT where the processor had no part */
		ck_assert_int_eq(info.si_code, i == 3 ? 1 : 2);
	}
	pt_finish(pid, 5);
}
END_TEST

START_TEST(single_block)
{
	struct as *a = bed_as();
	uint64_t loop;
	pid_t pid;

	as_mov(a, RCX, 3);
	loop = as_here(a);
	as_nop(a);
	as_dec(a, RCX);
	as_jnz(a, loop);
	bed_exit(a, 2);
	pid = bed_spawn();
	pt_attach(pid);
	for (int i = 0; i < 2; i++) {
		pt(PTRACE_SINGLEBLOCK, pid, 0, 0);
		pt_wait(pid, STOPPED(SIGTRAP));
		ck_assert_uint_eq(pt_regs(pid).rip, loop);
	}
	pt_finish(pid, 2);
}
END_TEST

/* A breakpoint as gdb makes one: planted, hit, stepped over, hit again. */
START_TEST(breakpoint)
{
	struct as *a = bed_as();
	uint64_t loop;
	pid_t pid;
	long word;
	siginfo_t info;

	as_mov(a, RCX, 3);
	loop = as_here(a);
	as_nop(a);
	as_dec(a, RCX);
	as_jnz(a, loop);
	bed_exit(a, 2);
	pid = bed_spawn();
	pt_attach(pid);
	word = pt_peek(pid, loop);
	for (int i = 3; i > 0; i--) {
		struct user_regs_struct r;
		long bp = word;

		memset(&bp, 0xcc, 1);
		pt(PTRACE_POKETEXT, pid, loop, (uintptr_t)bp);
		pt(PTRACE_CONT, pid, 0, 0);
		pt_wait(pid, STOPPED(SIGTRAP));
		pt(PTRACE_GETSIGINFO, pid, 0, (uintptr_t)&info);
		ck_assert_int_eq(info.si_code, 0x80);
		r = pt_regs(pid);
		ck_assert_uint_eq(r.rip, loop + 1);
		ck_assert_uint_eq(r.rcx, (uint64_t)i);
		r.rip--;
		pt(PTRACE_SETREGS, pid, 0, (uintptr_t)&r);
		pt(PTRACE_POKETEXT, pid, loop, (uintptr_t)word);
		pt(PTRACE_SINGLESTEP, pid, 0, 0);
		pt_wait(pid, STOPPED(SIGTRAP));
	}
	pt_finish(pid, 2);
}
END_TEST

START_TEST(signals)
{
	static const struct {
		int inject, status;
	} how[] = {{0, -1},
		   {SIGUSR1, SIGUSR1},
		   {SIGTERM, SIGTERM},
		   {SIGKILL, SIGKILL},
		   {SIGCHLD, -1}};
	pid_t pid = spawn_pause();
	struct proc_siginfo raw;
	siginfo_t info;

	pt_attach(pid);
	pt(PTRACE_CONT, pid, 0, 0);
	sim_idle(sim);
	sim_kill(me, pid, SIGUSR1);
	pt_wait(pid, STOPPED(SIGUSR1));
	pt(PTRACE_GETSIGINFO, pid, 0, (uintptr_t)&info);
	ck_assert_int_eq(info.si_signo, SIGUSR1);
	/* the layout of 64 bits, whatever this is compiled for */
	memcpy(&raw, &info, sizeof(raw));
	ck_assert_int_eq(raw.u.from.pid, sim_tid(me));
	pt(PTRACE_CONT, pid, 0, (uintptr_t)how[_i].inject);
	if (how[_i].status < 0) {
		sim_idle(sim);
		ck_assert_int_eq(sim_state(sim_find(sim, pid)), 'S');
		sim_kill(me, pid, SIGKILL);
		pt_wait(pid, SIGKILL);
	} else {
		pt_wait(pid, how[_i].status);
	}
}
END_TEST

/* A signal given at a system call stop is queued, and seen again. */
START_TEST(signal_at_syscall_stop)
{
	pid_t pid = spawn_getpid();

	pt_attach(pid);
	pt(PTRACE_SYSCALL, pid, 0, 0);
	pt_wait(pid, STOPPED(SIGTRAP));
	pt(PTRACE_SYSCALL, pid, 0, SIGUSR2);
	pt_wait(pid, STOPPED(SIGTRAP));
	pt(PTRACE_SYSCALL, pid, 0, 0);
	pt_wait(pid, STOPPED(SIGUSR2));
	pt(PTRACE_CONT, pid, 0, 0);
	pt_wait(pid, EXITED(pid & 0xff));
}
END_TEST

START_TEST(setsiginfo)
{
	struct as *a = bed_as();
	uint64_t act[4] = {0}, actp;
	size_t over = as_jmp(a, 0);
	struct proc_siginfo info;
	pid_t pid;

	act[0] = as_here(a);
	as_load(a, RDI, RSI, 16); /* si_pid, si_uid */
	as_sys_regs(a, 231);
	as_land(a, over);
	actp = bed_bytes(act, sizeof(act));
	as_sys(a, 13, SIGUSR1, actp, 0, 8);
	as_sys(a, PAUSE);
	pid = bed_spawn();
	sim_idle(sim);
	pt_attach(pid);
	pt(PTRACE_CONT, pid, 0, 0);
	sim_kill(me, pid, SIGUSR1);
	pt_wait(pid, STOPPED(SIGUSR1));
	pt(PTRACE_GETSIGINFO, pid, 0, (uintptr_t)&info);
	info.u.from.pid = 0x01010142;
	info.u.from.uid = 0x01010142;
	pt(PTRACE_SETSIGINFO, pid, 0, (uintptr_t)&info);
	pt(PTRACE_CONT, pid, 0, SIGUSR1);
	pt_wait(pid, EXITED(0x42));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ptrace_resume");
	TCase *tc = tcase_create("resume");

	tcase_add_checked_fixture(tc, pt_setup, pt_teardown);
	tcase_add_loop_test(tc, syscalls, 0, 2);
	tcase_add_loop_test(tc, syscall_changed, 0, 2);
	tcase_add_loop_test(tc, sysemu, 0, 2);
	tcase_add_test(tc, single_step);
	tcase_add_test(tc, single_block);
	tcase_add_test(tc, breakpoint);
	tcase_add_loop_test(tc, signals, 0, 5);
	tcase_add_test(tc, signal_at_syscall_stop);
	tcase_add_test(tc, setsiginfo);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
