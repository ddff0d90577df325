/* SPDX-License-Identifier: MIT */
/* How tracing begins and ends by ptrace(2); group stops. */
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

/* TRACEME, exec: the tracer sees SIGTRAP. */
START_TEST(traceme_exec)
{
	struct as *a = bed_as();
	uint64_t path;
	pid_t pid;

	bed_exit(a, 4);
	bed_install("/bin/new");
	a = bed_as();
	pt_emit_traceme(a);
	path = bed_string("/bin/new");
	as_sys(a, 59, path);
	pid = bed_spawn();
	pt_wait(pid, STOPPED(SIGTRAP));
	ck_assert_uint_eq(pt_regs(pid).rip, SIM_TEXT);
	pt_finish(pid, 4);
	ck_assert_int_eq(pt_wait_try(pid, NULL, 0), -ECHILD);
}
END_TEST

/* The library's own TRACEME, called by the child. */
START_TEST(traceme_call)
{
	pid_t pid = spawn_pause();

	sim_idle(sim);
	sim_io_become(sim_find(sim, pid));
	ck_assert_int_eq(ptrace(PTRACE_TRACEME, 0, NULL, NULL), 0);
	ck_assert_int_eq(ptrace(PTRACE_TRACEME, 0, NULL, NULL), -1);
	ck_assert_int_eq(errno, EPERM);
	sim_io_become(me);
	sim_kill(me, pid, SIGUSR1);
	pt_wait(pid, STOPPED(SIGUSR1));
	pt(PTRACE_CONT, pid, 0, SIGTERM);
	pt_wait(pid, SIGTERM);
}
END_TEST

START_TEST(attach_detach)
{
	pid_t pid = spawn_pause();
	siginfo_t info;

	pt_attach(pid);
	ck_assert_int_eq(pt_try(PTRACE_ATTACH, pid, 0, 0), -EPERM);
	pt(PTRACE_GETSIGINFO, pid, 0, (uintptr_t)&info);
	ck_assert_int_eq(info.si_signo, SIGSTOP);
	pt(PTRACE_DETACH, pid, 0, 0);
	ck_assert_int_eq(pt_try(PTRACE_CONT, pid, 0, 0), -ESRCH);
	sim_idle(sim);
	ck_assert_int_eq(sim_state(sim_find(sim, pid)), 'S');
	pt_attach(pid);
	pt(PTRACE_DETACH, pid, 0, SIGTERM);
	pt_wait(pid, SIGTERM);
}
END_TEST

/* Detached with SIGSTOP it is left stopped. */
START_TEST(detach_stopped)
{
	pid_t pid = spawn_pause();

	pt_attach(pid);
	pt(PTRACE_DETACH, pid, 0, SIGSTOP);
	sim_idle(sim);
	ck_assert_int_eq(sim_state(sim_find(sim, pid)), 'T');
	sim_kill(me, pid, SIGKILL);
	pt_wait(pid, SIGKILL);
}
END_TEST

START_TEST(requests_need_a_stop)
{
	static const int requests[] = {
	    PTRACE_PEEKDATA,   PTRACE_POKETEXT,
	    PTRACE_PEEKUSER,   PTRACE_CONT,
	    PTRACE_SINGLESTEP, PTRACE_GETREGS,
	    PTRACE_DETACH,     PTRACE_SYSCALL,
	    PTRACE_SETOPTIONS, PTRACE_GETEVENTMSG,
	    PTRACE_GETSIGINFO, PTRACE_GETREGSET,
	    PTRACE_LISTEN,     0x7777,
	};
	struct as *a = bed_as();
	pid_t pid;

	bed_loop(a);
	pid = bed_spawn();
	for (size_t i = 0; i < sizeof(requests) / sizeof(int); i++) {
		ck_assert_int_eq(pt_try(requests[i], pid, 0, 0), -ESRCH);
		ck_assert_int_eq(pt_try(requests[i], 77777, 0, 0), -ESRCH);
		ck_assert_int_eq(pt_try(requests[i], -1, 0, 0), -ESRCH);
		ck_assert_int_eq(pt_try(requests[i], 0, 0, 0), -ESRCH);
	}
	pt_attach(pid);
	pt(PTRACE_CONT, pid, 0, 0);
	for (size_t i = 0; i < sizeof(requests) / sizeof(int); i++)
		ck_assert_int_eq(pt_try(requests[i], pid, 0, 0), -ESRCH);
	sim_kill(me, pid, SIGKILL);
	pt_wait(pid, SIGKILL);
	for (size_t i = 0; i < sizeof(requests) / sizeof(int); i++)
		ck_assert_int_eq(pt_try(requests[i], pid, 0, 0), -ESRCH);
}
END_TEST

START_TEST(bad_requests)
{
	pid_t pid = spawn_pause();

	ck_assert_int_eq(pt_try(PTRACE_ATTACH, 77777, 0, 0), -ESRCH);
	ck_assert_int_eq(pt_try(PTRACE_ATTACH, 0, 0, 0), -ESRCH);
	ck_assert_int_eq(pt_try(PTRACE_ATTACH, sim_tid(me), 0, 0), -EPERM);
	ck_assert_int_eq(pt_try(PTRACE_SEIZE, pid, 1, 0), -EIO);
	ck_assert_int_eq(pt_try(PTRACE_SEIZE, pid, 0, 0x400), -EIO);
	pt_attach(pid);
	ck_assert_int_eq(pt_try(0x7777, pid, 0, 0), -EIO);
	ck_assert_int_eq(pt_try(-5, pid, 0, 0), -EIO);
	ck_assert_int_eq(pt_try(PTRACE_CONT, pid, 0, 65), -EIO);
	ck_assert_int_eq(pt_try(PTRACE_CONT, pid, 0, (uintptr_t)-1), -EIO);
	ck_assert_int_eq(pt_try(PTRACE_DETACH, pid, 0, 65), -EIO);
	ck_assert_int_eq(
	    pt_try(PTRACE_SETOPTIONS, pid, 0, 0x100000000 & 0 ? 0 : 0x400),
	    -EINVAL);
	ck_assert_int_eq(pt_try(PTRACE_LISTEN, pid, 0, 0), -EIO);
	ck_assert_int_eq(pt_try(PTRACE_INTERRUPT, pid, 0, 0), -EIO);
	pt(PTRACE_KILL, pid, 0, 0);
	pt_wait(pid, SIGKILL);
}
END_TEST

START_TEST(not_allowed)
{
	struct sim_thread *user = sim_host(sim, NULL, 5);
	pid_t pid = spawn_pause();

	sim_io_become(user);
	ck_assert_int_eq(pt_try(PTRACE_ATTACH, pid, 0, 0), -EPERM);
	ck_assert_int_eq(pt_try(PTRACE_SEIZE, pid, 0, 0), -EPERM);
	ck_assert_int_eq(pt_try(PTRACE_PEEKDATA, pid, SIM_TEXT, 0), -ESRCH);
	sim_io_become(me);
	sim_kill(me, pid, SIGKILL);
	pt_wait(pid, SIGKILL);
}
END_TEST

START_TEST(kill_in_any_state)
{
	pid_t pid = spawn_pause();

	pt_attach(pid);
	if (_i & 1)
		pt(PTRACE_CONT, pid, 0, 0);
	if (_i & 2)
		sim_idle(sim);
	pt(PTRACE_KILL, pid, 0, 0);
	pt_wait(pid, SIGKILL);
	ck_assert_int_eq(pt_try(PTRACE_KILL, pid, 0, 0), -ESRCH);
}
END_TEST

START_TEST(exitkill)
{
	struct sim_thread *tracer = sim_host(sim, NULL, 0);
	pid_t pid = spawn_pause();

	sim_io_become(tracer);
	pt_attach(pid);
	if (_i)
		pt(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_EXITKILL);
	pt(PTRACE_CONT, pid, 0, 0);
	sim_idle(sim);
	sim_io_become(me);
	sim_exit(tracer, 0);
	sim_idle(sim);
	if (!_i) {
		ck_assert_int_eq(sim_state(sim_find(sim, pid)), 'S');
		sim_kill(me, pid, SIGTERM);
	}
	pt_wait(pid, _i ? SIGKILL : SIGTERM);
}
END_TEST

/* Seized tracees: INTERRUPT, group stops, LISTEN. */
START_TEST(seize)
{
	pid_t pid = spawn_pause();
	siginfo_t info;

	pt_seize(pid, PTRACE_O_TRACESYSGOOD);
	pt(PTRACE_GETSIGINFO, pid, 0, (uintptr_t)&info);
	ck_assert_int_eq(info.si_code, PTRACE_EVENT_STOP << 8 | SIGTRAP);
	pt(PTRACE_CONT, pid, 0, 0);
	sim_kill(me, pid, SIGSTOP);
	pt_wait(pid, STOPPED(SIGSTOP));
	pt(PTRACE_CONT, pid, 0, SIGSTOP);
	pt_wait(pid, (PTRACE_EVENT_STOP << 8 | SIGSTOP) << 8 | 0x7f);
	pt(PTRACE_LISTEN, pid, 0, 0);
	ck_assert_int_eq(pt_wait_try(pid, NULL, WNOHANG | (int)__WALL), 0);
	ck_assert_int_eq(pt_try(PTRACE_CONT, pid, 0, 0), -ESRCH);
	sim_idle(sim);
	ck_assert_int_eq(pt_wait_try(pid, NULL, WNOHANG | (int)__WALL), 0);
	sim_kill(me, pid, SIGCONT);
	pt_wait(pid, STOPPED_EVENT(PTRACE_EVENT_STOP));
	pt(PTRACE_CONT, pid, 0, 0);
	pt_wait(pid, STOPPED(SIGCONT));
	pt(PTRACE_CONT, pid, 0, SIGKILL);
	pt_wait(pid, SIGKILL);
}
END_TEST

/* LISTEN, then INTERRUPT: a new stop. */
START_TEST(listen_interrupt)
{
	pid_t pid = spawn_pause();

	pt_seize(pid, 0);
	pt(PTRACE_CONT, pid, 0, 0);
	sim_kill(me, pid, SIGTSTP);
	pt_wait(pid, STOPPED(SIGTSTP));
	pt(PTRACE_CONT, pid, 0, SIGTSTP);
	pt_wait(pid, (PTRACE_EVENT_STOP << 8 | SIGTSTP) << 8 | 0x7f);
	pt(PTRACE_LISTEN, pid, 0, 0);
	pt(PTRACE_INTERRUPT, pid, 0, 0);
	pt_wait(pid, (PTRACE_EVENT_STOP << 8 | SIGTSTP) << 8 | 0x7f);
	pt(PTRACE_DETACH, pid, 0, 0);
	sim_idle(sim);
	ck_assert_int_eq(sim_state(sim_find(sim, pid)), 'T');
	sim_kill(me, pid, SIGKILL);
	pt_wait(pid, SIGKILL);
}
END_TEST

/* A group stop of an attached tracee has no siginfo. */
START_TEST(attached_group_stop)
{
	pid_t pid = spawn_pause();
	siginfo_t info;

	pt_attach(pid);
	pt(PTRACE_CONT, pid, 0, SIGSTOP);
	pt_wait(pid, STOPPED(SIGSTOP));
	ck_assert_int_eq(pt_try(PTRACE_GETSIGINFO, pid, 0, (uintptr_t)&info),
			 -EINVAL);
	ck_assert_int_eq(pt_try(PTRACE_LISTEN, pid, 0, 0), -EIO);
	pt(PTRACE_CONT, pid, 0, 0);
	sim_idle(sim);
	ck_assert_int_eq(sim_state(sim_find(sim, pid)), 'S');
	pt(PTRACE_KILL, pid, 0, 0);
	pt_wait(pid, SIGKILL);
}
END_TEST

/* A tracee may die on its own in the middle of anything. */
START_TEST(dies_unexpectedly)
{
	pid_t pid = spawn_pause();
	struct user_regs_struct r;

	pt_attach(pid);
	sim_kill(me, pid, SIGKILL);
	if (_i)
		sim_idle(sim);
	ck_assert_int_eq(pt_try(PTRACE_GETREGS, pid, 0, (uintptr_t)&r),
			 _i ? -ESRCH
			    : pt_try(PTRACE_GETREGS, pid, 0, (uintptr_t)&r));
	pt_wait(pid, SIGKILL);
	ck_assert_int_eq(pt_try(PTRACE_CONT, pid, 0, 0), -ESRCH);
}
END_TEST

static void
add_begin(Suite *s)
{
	TCase *tc = tcase_create("begin");

	tcase_add_checked_fixture(tc, pt_setup, pt_teardown);
	tcase_add_test(tc, traceme_exec);
	tcase_add_test(tc, traceme_call);
	tcase_add_test(tc, attach_detach);
	tcase_add_test(tc, detach_stopped);
	tcase_add_test(tc, requests_need_a_stop);
	tcase_add_test(tc, bad_requests);
	tcase_add_test(tc, not_allowed);
	tcase_add_loop_test(tc, kill_in_any_state, 0, 4);
	tcase_add_loop_test(tc, exitkill, 0, 2);
	tcase_add_loop_test(tc, dies_unexpectedly, 0, 2);
	suite_add_tcase(s, tc);
}

static void
add_group_stops(Suite *s)
{
	TCase *tc = tcase_create("group stops");

	tcase_add_checked_fixture(tc, pt_setup, pt_teardown);
	tcase_add_test(tc, seize);
	tcase_add_test(tc, listen_interrupt);
	tcase_add_test(tc, attached_group_stop);
	suite_add_tcase(s, tc);
}

int
main(void)
{
	Suite *s = suite_create("ptrace_begin");

	add_begin(s);
	add_group_stops(s);
	return suite_main(s);
}
