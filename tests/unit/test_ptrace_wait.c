/* SPDX-License-Identifier: MIT */
/* The wait family over tracees, real children, and both at once. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/resource.h>

#include "pt.h"

#define PAUSE 34

static pid_t
spawn_exit(int code)
{
	struct as *a = bed_as();

	bed_exit(a, code);
	return bed_spawn();
}

static pid_t
spawn_pause(void)
{
	struct as *a = bed_as();

	as_sys(a, PAUSE);
	return bed_spawn();
}

/* Children that nobody traces are waited for as ever. */
START_TEST(plain_children)
{
	pid_t one = spawn_exit(1), two = spawn_exit(2);
	int status, sum = 0;

	for (int i = 0; i < 2; i++) {
		pid_t r = wait(&status);

		ck_assert(r == one || r == two);
		sum += WEXITSTATUS(status);
	}
	ck_assert_int_eq(sum, 3);
	ck_assert_int_eq(wait(&status), -1);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

/* One traced, one not: each once, whichever comes first. */
START_TEST(mixed_children)
{
	pid_t traced = spawn_pause(), plain;
	int status, seen = 0;

	pt_attach(traced);
	plain = spawn_exit(7);
	if (_i)
		sim_idle(sim);
	pt(PTRACE_KILL, traced, 0, 0);
	for (int i = 0; i < 2; i++) {
		pid_t r = pt_wait_try(-1, &status, 0);

		if (r == plain)
			ck_assert_int_eq(status, EXITED(7));
		else
			ck_assert_int_eq(status, SIGKILL);
		seen |= r == plain ? 1 : 2;
	}
	ck_assert_int_eq(seen, 3);
	ck_assert_int_eq(pt_wait_try(-1, &status, 0), -ECHILD);
}
END_TEST

START_TEST(no_hang)
{
	pid_t pid = spawn_pause();
	int status = 0x5555;

	ck_assert_int_eq(pt_wait_try(-1, &status, WNOHANG), 0);
	pt(PTRACE_ATTACH, pid, 0, 0);
	sim_idle(sim);
	ck_assert_int_eq(pt_wait_try(-1, &status, WNOHANG), pid);
	ck_assert_int_eq(status, STOPPED(SIGSTOP));
	/* Once only. */
	ck_assert_int_eq(pt_wait_try(-1, &status, WNOHANG), 0);
	ck_assert_int_eq(pt_wait_try(pid, &status, WNOHANG), 0);
	ck_assert_int_eq(pt_wait_try(pid + 1, &status, WNOHANG), -ECHILD);
	pt(PTRACE_KILL, pid, 0, 0);
	pt_wait(pid, SIGKILL);
}
END_TEST

START_TEST(bad_arguments)
{
	int status;
	siginfo_t info;

	ck_assert_int_eq(pt_wait_try(-1, &status, 0x100), -EINVAL);
	ck_assert_int_eq(pt_wait_try(-1, &status, WEXITED), -EINVAL);
	ck_assert_int_eq(pt_wait_try(INT32_MIN, &status, 0), -ESRCH);
	ck_assert_int_eq(pt_wait_try(77777, &status, 0), -ECHILD);
	ck_assert_int_eq(waitid(P_ALL, 0, &info, 0), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(waitid(P_PID, 0, &info, WEXITED), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(waitid((idtype_t)99, 0, &info, WEXITED), -1);
	ck_assert_int_eq(errno, EINVAL);
}
END_TEST

/* One waits by id for the second; the first is not lost. */
START_TEST(by_id)
{
	pid_t one = spawn_pause(), two = spawn_pause();

	pt(PTRACE_ATTACH, one, 0, 0);
	pt(PTRACE_ATTACH, two, 0, 0);
	pt_wait(two, STOPPED(SIGSTOP));
	pt_wait(one, STOPPED(SIGSTOP));
	pt(PTRACE_KILL, one, 0, 0);
	pt(PTRACE_KILL, two, 0, 0);
	pt_wait(two, SIGKILL);
	pt_wait(one, SIGKILL);
}
END_TEST

START_TEST(waitid_stop)
{
	pid_t pid = spawn_pause();
	siginfo_t info;

	pt(PTRACE_ATTACH, pid, 0, 0);
	for (int keep = 1; keep >= 0; keep--) {
		memset(&info, 0x55, sizeof(info));
		ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info,
					WSTOPPED | (keep ? WNOWAIT : 0)),
				 0);
		ck_assert_int_eq(info.si_signo, SIGCHLD);
		ck_assert_int_eq(info.si_pid, pid);
		ck_assert_int_eq(info.si_code, CLD_TRAPPED);
		ck_assert_int_eq(info.si_status, SIGSTOP);
	}
	ck_assert_int_eq(waitid(P_ALL, 0, &info, WSTOPPED | WEXITED | WNOHANG),
			 0);
	ck_assert_int_eq(info.si_pid, 0);
	ck_assert_int_eq(info.si_signo, 0);
	pt(PTRACE_KILL, pid, 0, 0);
	for (int keep = 1; keep >= 0; keep--) {
		ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info,
					WEXITED | (keep ? WNOWAIT : 0)),
				 0);
		ck_assert_int_eq(info.si_code, CLD_KILLED);
		ck_assert_int_eq(info.si_status, SIGKILL);
	}
	ck_assert_int_eq(waitid(P_ALL, 0, &info, WEXITED), -1);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

/* Job control of an untraced child, beside tracees. */
START_TEST(job_control)
{
	pid_t traced = spawn_pause(), pid = spawn_pause();
	int status;

	pt_attach(traced);
	sim_kill(me, pid, SIGSTOP);
	ck_assert_int_eq(pt_wait_try(-1, &status, WUNTRACED), pid);
	ck_assert_int_eq(status, STOPPED(SIGSTOP));
	sim_kill(me, pid, SIGCONT);
	ck_assert_int_eq(pt_wait_try(-1, &status, WCONTINUED), pid);
	ck_assert_int_eq(status, 0xffff);
	sim_kill(me, pid, SIGTERM);
	ck_assert_int_eq(pt_wait_try(-1, &status, 0), pid);
	ck_assert_int_eq(status, SIGTERM);
	pt(PTRACE_KILL, traced, 0, 0);
	pt_wait(traced, SIGKILL);
}
END_TEST

/* A tracee that is somebody else's child: its end is told to both. */
START_TEST(not_a_child)
{
	struct sim_thread *parent = sim_host(sim, NULL, 0);
	struct as *a = bed_as();
	pid_t pid;
	int status = -1;

	as_sys(a, PAUSE);
	bed_install("/bin/pause");
	pid = sim_spawn(sim, parent, "/bin/pause", 0);
	pt_attach(pid);
	pt(PTRACE_CONT, pid, 0, 0);
	sim_kill(me, pid, SIGTERM);
	pt_wait(pid, STOPPED(SIGTERM));
	pt(PTRACE_CONT, pid, 0, SIGTERM);
	sim_idle(sim);
	ck_assert_int_eq(sim_wait4(parent, pid, &status, SIM_WNOHANG, NULL), 0);
	pt_wait(pid, SIGTERM);
	ck_assert_int_eq(pt_wait_try(pid, &status, 0), -ECHILD);
	ck_assert_int_eq(sim_wait4(parent, pid, &status, 0, NULL), pid);
	ck_assert_int_eq(status, SIGTERM);
	sim_exit(parent, 0);
}
END_TEST

START_TEST(usage)
{
	struct as *a = bed_as();
	struct rusage ru;
	uint64_t loop;
	pid_t pid;
	int status;

	as_mov(a, RCX, 2000);
	loop = as_here(a);
	as_dec(a, RCX);
	as_jnz(a, loop);
	bed_exit(a, 0);
	pid = bed_spawn();
	pt_attach(pid);
	pt(PTRACE_CONT, pid, 0, 0);
	memset(&ru, 0x55, sizeof(ru));
	ck_assert_int_eq(wait4(pid, &status, 0, &ru), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_int_ge(ru.ru_utime.tv_usec, 4000);
	ck_assert_int_eq(ru.ru_maxrss, 64);
}
END_TEST

/* A signal that is caught ends the wait. */
START_TEST(interrupted)
{
	struct as *a = bed_as();
	pid_t traced = spawn_pause(), pid;
	int status;

	sim_action(me, SIGUSR1, SIM_CATCH);
	pt_attach(traced);
	a = bed_as();
	as_sys(a, 110);
	as_mov_reg(a, RDI, RAX);
	as_mov(a, RSI, SIGUSR1);
	as_sys_regs(a, 62);
	as_sys(a, PAUSE);
	pid = bed_spawn();
	ck_assert_int_eq(pt_wait_try(-1, &status, 0), -EINTR);
	ck_assert_int_eq(sim_signal(me, NULL), SIGUSR1);
	sim_kill(me, pid, SIGKILL);
	pt_wait(pid, SIGKILL);
	pt(PTRACE_KILL, traced, 0, 0);
	pt_wait(traced, SIGKILL);
}
END_TEST

/* An id that is used again is a new session. */
START_TEST(reused_id)
{
	struct sim_config c = {.pid_max = 8};
	struct as *a;
	pid_t old, pid;

	pt_restart(&c);
	a = bed_as();
	as_sys(a, PAUSE);
	bed_install("/bin/pause");
	old = sim_spawn(sim, me, "/bin/pause", 0);
	pt_attach(old);
	pt(PTRACE_KILL, old, 0, 0);
	pt_wait(old, SIGKILL);
	for (;;) {
		pid = sim_spawn(sim, me, "/bin/pause", 0);
		ck_assert_int_gt(pid, 0);
		pt_attach(pid);
		if (pid == old)
			break;
		pt(PTRACE_KILL, pid, 0, 0);
		pt_wait(pid, SIGKILL);
	}
	ck_assert_uint_eq(pt_regs(pid).rip & ~UINT64_C(0xfff), SIM_TEXT);
	pt(PTRACE_KILL, pid, 0, 0);
	pt_wait(pid, SIGKILL);
}
END_TEST

/* Many tracees at once: each stop is reported once, in order. */
START_TEST(many)
{
	enum { N = 100 };
	struct as *a = bed_as();
	pid_t pid[N];
	int status;

	as_sys(a, 39);
	bed_exit(a, 3);
	bed_install("/bin/x");
	for (int i = 0; i < N; i++) {
		pid[i] = sim_spawn(sim, me, "/bin/x", 0);
		pt(PTRACE_SEIZE, pid[i], 0, PTRACE_O_TRACEEXIT);
	}
	for (int i = 0; i < N; i++) {
		ck_assert_int_eq(pt_wait_try(-1, &status, (int)__WALL), pid[i]);
		ck_assert_int_eq(status, STOPPED_EVENT(PTRACE_EVENT_EXIT));
	}
	for (int i = 0; i < N; i++)
		pt(PTRACE_CONT, pid[i], 0, 0);
	for (int i = 0; i < N; i++) {
		pid_t r = pt_wait_try(-1, &status, (int)__WALL);

		ck_assert_int_gt(r, 0);
		ck_assert_int_eq(status, EXITED(3));
	}
	ck_assert_int_eq(pt_wait_try(-1, &status, (int)__WALL), -ECHILD);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ptrace_wait");
	TCase *tc = tcase_create("wait");

	tcase_add_checked_fixture(tc, pt_setup, pt_teardown);
	tcase_add_test(tc, plain_children);
	tcase_add_loop_test(tc, mixed_children, 0, 2);
	tcase_add_test(tc, no_hang);
	tcase_add_test(tc, bad_arguments);
	tcase_add_test(tc, by_id);
	tcase_add_test(tc, waitid_stop);
	tcase_add_test(tc, job_control);
	tcase_add_test(tc, not_a_child);
	tcase_add_test(tc, usage);
	tcase_add_test(tc, interrupted);
	tcase_add_test(tc, reused_id);
	tcase_add_test(tc, many);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
