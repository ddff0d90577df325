/* SPDX-License-Identifier: MIT */
/* PTRACE_O_TRACE*: forks, threads, programs and exits under ptrace(2). */
#include <string.h>

#include "pt.h"

#define STACK (SIM_DATA + 0x3000)

#define ALL_FORKS                                                              \
	(PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE)

static unsigned long
message(pid_t pid)
{
	unsigned long msg = 0;

	pt(PTRACE_GETEVENTMSG, pid, 0, (uintptr_t)&msg);
	return msg;
}

/* fork (0), vfork (1), clone of a thread (2); both sides exit with 4 or 5. */
static pid_t
spawn_forker(int kind)
{
	struct as *a = bed_as();
	size_t child;

	if (kind == 0)
		as_sys(a, 57);
	else if (kind == 1)
		as_sys(a, 58);
	else
		as_sys(a, 56, 0x10d00, STACK);
	as_cmp(a, RAX, 0);
	child = as_jz(a, 0);
	as_sys(a, 24);
	as_sys(a, 60, 4);
	as_land(a, child);
	as_sys(a, 60, 5);
	return bed_spawn();
}

static const int event_of[] = {PTRACE_EVENT_FORK, PTRACE_EVENT_VFORK,
			       PTRACE_EVENT_CLONE};

/* The parent's event first, then the child's SIGSTOP; attached or seized. */
START_TEST(forks)
{
	int kind = _i % 3;
	bool seized = _i / 3;
	pid_t pid = spawn_forker(kind), child;
	int left = 2;

	if (seized) {
		pt_seize(pid, ALL_FORKS);
	} else {
		pt_attach(pid);
		pt(PTRACE_SETOPTIONS, pid, 0, ALL_FORKS);
	}
	pt(PTRACE_CONT, pid, 0, 0);
	pt_wait(pid, STOPPED_EVENT(event_of[kind]));
	child = (pid_t)message(pid);
	ck_assert_int_gt(child, 0);
	pt_wait(child,
		seized ? STOPPED_EVENT(PTRACE_EVENT_STOP) : STOPPED(SIGSTOP));
	ck_assert_uint_eq(pt_regs(child).rax, 0);
	pt(PTRACE_CONT, child, 0, 0);
	pt(PTRACE_CONT, pid, 0, 0);
	while (left) {
		int status;
		pid_t r = pt_wait_try(-1, &status, (int)__WALL);

		if (r == pid && kind == 2) {
			ck_assert_int_eq(status, EXITED(4));
			left--;
		} else if (r == pid && status == STOPPED(SIGCHLD)) {
			pt(PTRACE_CONT, pid, 0, 0);
		} else if (r == pid) {
			ck_assert_int_eq(status, EXITED(4));
			left--;
		} else {
			ck_assert_int_eq(r, child);
			ck_assert_int_eq(status, EXITED(5));
			left--;
		}
	}
	ck_assert_int_eq(pt_wait_try(-1, NULL, (int)__WALL), -ECHILD);
}
END_TEST

/* The child's stop may be waited for before the parent's event was. */
START_TEST(child_by_name_first)
{
	pid_t pid = spawn_forker(0), child;
	int status;

	pt_attach(pid);
	pt(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEFORK);
	pt(PTRACE_CONT, pid, 0, 0);
	sim_idle(sim);
	child = pid + 1;
	ck_assert_int_eq(pt_wait_try(child, &status, (int)__WALL), child);
	ck_assert_int_eq(status, STOPPED(SIGSTOP));
	pt_wait(pid, STOPPED_EVENT(PTRACE_EVENT_FORK));
	pt(PTRACE_KILL, child, 0, 0);
	pt(PTRACE_KILL, pid, 0, 0);
	pt_wait(child, SIGKILL);
	pt_wait(pid, SIGKILL);
}
END_TEST

/* Without the option a child is nobody's tracee. */
START_TEST(not_followed)
{
	pid_t pid = spawn_forker(_i);
	int status;

	pt_attach(pid);
	pt(PTRACE_CONT, pid, 0, 0);
	for (;;) {
		ck_assert_int_eq(pt_wait_try(pid, &status, (int)__WALL), pid);
		if (status != STOPPED(SIGCHLD))
			break;
		pt(PTRACE_CONT, pid, 0, 0);
	}
	ck_assert_int_eq(status, EXITED(4));
}
END_TEST

START_TEST(vfork_done)
{
	pid_t pid = spawn_forker(1), child;

	pt_attach(pid);
	pt(PTRACE_SETOPTIONS, pid, 0,
	   PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE);
	pt(PTRACE_CONT, pid, 0, 0);
	pt_wait(pid, STOPPED_EVENT(PTRACE_EVENT_VFORK));
	child = (pid_t)message(pid);
	pt_wait(child, STOPPED(SIGSTOP));
	pt(PTRACE_CONT, pid, 0, 0);
	sim_idle(sim);
	ck_assert_int_eq(pt_wait_try(pid, NULL, WNOHANG | (int)__WALL), 0);
	pt(PTRACE_CONT, child, 0, 0);
	pt_wait(pid, STOPPED_EVENT(PTRACE_EVENT_VFORK_DONE));
	ck_assert_int_eq((pid_t)message(pid), child);
	pt_wait(child, EXITED(5));
	pt(PTRACE_DETACH, pid, 0, 0);
	pt_wait(pid, EXITED(4));
}
END_TEST

static pid_t
spawn_exec(bool from_thread)
{
	struct as *a = bed_as();
	uint64_t path;

	as_nop(a);
	bed_exit(a, 8);
	bed_install("/bin/new");
	a = bed_as();
	path = bed_string("/bin/new");
	as_nop(a);
	as_nop(a);
	if (from_thread) {
		size_t child;

		as_sys(a, 56, 0x10d00, STACK);
		as_cmp(a, RAX, 0);
		child = as_jz(a, 0);
		bed_loop(a);
		as_land(a, child);
	}
	as_sys(a, 59, path);
	return bed_spawn();
}

/* The event, then the system call's exit stop, in this order. */
START_TEST(exec_event)
{
	pid_t pid = spawn_exec(false);

	pt_attach(pid);
	pt(PTRACE_SETOPTIONS, pid, 0,
	   PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD);
	pt(PTRACE_SYSCALL, pid, 0, 0);
	pt_wait(pid, STOPPED_SYSCALL);
	ck_assert_uint_eq(pt_regs(pid).orig_rax, 59);
	pt(PTRACE_SYSCALL, pid, 0, 0);
	pt_wait(pid, STOPPED_EVENT(PTRACE_EVENT_EXEC));
	ck_assert_int_eq((pid_t)message(pid), pid);
	pt(PTRACE_SYSCALL, pid, 0, 0);
	pt_wait(pid, STOPPED_SYSCALL);
	ck_assert_uint_eq(pt_regs(pid).rax, 0);
	/* Memory read before is not the new program's. */
	long word = pt_peek(pid, SIM_TEXT);

	ck_assert_uint_eq(*(unsigned char *)&word, 0x90);
	pt_finish(pid, 8);
}
END_TEST

/* `mem` opened before an exec shows the new program after it. */
START_TEST(memory_after_exec)
{
	pid_t pid = spawn_exec(false);
	long old, new;

	pt_attach(pid);
	old = pt_peek(pid, SIM_TEXT);
	pt(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXEC);
	pt(PTRACE_CONT, pid, 0, 0);
	pt_wait(pid, STOPPED_EVENT(PTRACE_EVENT_EXEC));
	new = pt_peek(pid, SIM_TEXT);
	ck_assert_int_ne(old, new);
	pt(PTRACE_POKETEXT, pid, SIM_TEXT, (uintptr_t)old);
	ck_assert_int_eq(pt_peek(pid, SIM_TEXT), old);
	pt(PTRACE_KILL, pid, 0, 0);
	pt_wait(pid, SIGKILL);
}
END_TEST

START_TEST(exec_sigtrap)
{
	pid_t pid = spawn_exec(false);

	if (_i) {
		pt_seize(pid, 0);
		pt_finish(pid, 8);
		return;
	}
	pt_attach(pid);
	pt(PTRACE_CONT, pid, 0, 0);
	pt_wait(pid, STOPPED(SIGTRAP));
	pt_finish(pid, 8);
}
END_TEST

/* A thread that is not the leader executes: it appears under the leader's id */
START_TEST(exec_from_thread)
{
	pid_t pid = spawn_exec(true), tid;

	pt_seize(pid, PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC);
	pt(PTRACE_CONT, pid, 0, 0);
	pt_wait(pid, STOPPED_EVENT(PTRACE_EVENT_CLONE));
	tid = (pid_t)message(pid);
	pt_wait(tid, STOPPED_EVENT(PTRACE_EVENT_STOP));
	pt(PTRACE_CONT, pid, 0, 0);
	pt(PTRACE_CONT, tid, 0, 0);
	pt_wait(pid, STOPPED_EVENT(PTRACE_EVENT_EXEC));
	ck_assert_int_eq((pid_t)message(pid), tid);
	ck_assert_int_eq(pt_try(PTRACE_CONT, tid, 0, 0), -ESRCH);
	ck_assert_uint_eq(pt_regs(pid).rip, SIM_TEXT);
	pt_finish(pid, 8);
}
END_TEST

/* Without TRACEEXEC too the tracee goes by the leader's id after that. */
START_TEST(exec_from_thread_unasked)
{
	pid_t pid = spawn_exec(true), tid;

	pt_seize(pid, PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXIT);
	pt(PTRACE_CONT, pid, 0, 0);
	pt_wait(pid, STOPPED_EVENT(PTRACE_EVENT_CLONE));
	tid = (pid_t)message(pid);
	pt_wait(tid, STOPPED_EVENT(PTRACE_EVENT_STOP));
	pt(PTRACE_CONT, tid, 0, 0);
	pt(PTRACE_CONT, pid, 0, 0);
	/* The leader makes room, and then the new program ends. */
	pt_wait(pid, STOPPED_EVENT(PTRACE_EVENT_EXIT));
	pt(PTRACE_CONT, pid, 0, 0);
	pt_wait(pid, STOPPED_EVENT(PTRACE_EVENT_EXIT));
	ck_assert_uint_eq(message(pid), EXITED(8));
	pt_finish(pid, 8);
}
END_TEST

/* A leader that is traced, and a thread that is not and executes. */
START_TEST(superseded)
{
	pid_t pid = spawn_exec(true);

	pt_seize(pid, 0);
	pt(PTRACE_CONT, pid, 0, 0);
	pt_wait(pid, EXITED(8));
	ck_assert_int_eq(pt_wait_try(pid, NULL, (int)__WALL), -ECHILD);
}
END_TEST

START_TEST(exit_event)
{
	struct as *a = bed_as();
	pid_t pid;

	as_mov(a, RBX, 77);
	bed_exit(a, 9);
	pid = bed_spawn();
	pt_attach(pid);
	pt(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXIT);
	if (_i) {
		sim_kill(me, pid, SIGTERM);
		pt(PTRACE_CONT, pid, 0, 0);
		pt_wait(pid, STOPPED(SIGTERM));
		pt(PTRACE_CONT, pid, 0, SIGTERM);
	} else {
		pt(PTRACE_CONT, pid, 0, 0);
	}
	pt_wait(pid, STOPPED_EVENT(PTRACE_EVENT_EXIT));
	ck_assert_uint_eq(message(pid), _i ? SIGTERM : EXITED(9));
	ck_assert_uint_eq(pt_regs(pid).rbx, _i ? 0 : 77);
	pt_peek(pid, SIM_DATA);
	pt(PTRACE_CONT, pid, 0, 0);
	pt_wait(pid, _i ? SIGTERM : EXITED(9));
}
END_TEST

START_TEST(seccomp_event)
{
	struct as *a = bed_as();
	pid_t pid;

	as_sys(a, 39);
	bed_exit(a, 0);
	pid = bed_spawn();
	sim_seccomp(sim_find(sim, pid), 39, 0x1234);
	pt_attach(pid);
	pt(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESECCOMP);
	pt(PTRACE_CONT, pid, 0, 0);
	pt_wait(pid, STOPPED_EVENT(PTRACE_EVENT_SECCOMP));
	ck_assert_uint_eq(message(pid), 0x1234);
	ck_assert_uint_eq(pt_regs(pid).orig_rax, 39);
	pt_finish(pid, 0);
}
END_TEST

/* Bits that do not exist, and options that are replaced, not added. */
START_TEST(options)
{
	pid_t pid = spawn_forker(0);
	int status;

	pt_attach(pid);
	ck_assert_int_eq(pt_try(PTRACE_SETOPTIONS, pid, 0, 1u << 22), -EINVAL);
	ck_assert_int_eq(pt_try(PTRACE_SETOPTIONS, pid, 0, 1u << 9), -EINVAL);
	pt(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEFORK);
	pt(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD);
	pt(PTRACE_CONT, pid, 0, 0);
	do {
		ck_assert_int_eq(pt_wait_try(pid, &status, (int)__WALL), pid);
		ck_assert_int_eq(status >> 16, 0);
		if (WIFSTOPPED(status))
			pt(PTRACE_CONT, pid, 0, 0);
	} while (WIFSTOPPED(status));
	ck_assert_int_eq(status, EXITED(4));
}
END_TEST

/* A tree of forks, each followed: everybody is heard of, once. */
START_TEST(tree)
{
	struct as *a = bed_as();
	struct sim_config c = {.seed = (unsigned)_i, .quantum = 5};
	int stops = 0, exits = 0, status;
	pid_t pid, r;

	pt_restart(&c);
	a = bed_as();
	for (int i = 0; i < 4; i++)
		as_sys(a, 57);
	as_sys(a, 60, 1);
	pid = bed_spawn();
	pt_seize(pid, PTRACE_O_TRACEFORK);
	pt(PTRACE_CONT, pid, 0, 0);
	while ((r = pt_wait_try(-1, &status, (int)__WALL)) > 0) {
		if (!WIFSTOPPED(status)) {
			ck_assert_int_eq(status, EXITED(1));
			exits++;
			continue;
		}
		if (status >> 16 == PTRACE_EVENT_STOP)
			stops++;
		if (status == STOPPED(SIGCHLD))
			pt(PTRACE_CONT, r, 0, SIGCHLD);
		else
			pt(PTRACE_CONT, r, 0, 0);
	}
	ck_assert_int_eq(r, -ECHILD);
	ck_assert_int_eq(exits, 16);
	ck_assert_int_eq(stops, 15);
}
END_TEST

/* Threads: each reports its own end; the leader's comes last. */
START_TEST(threads)
{
	struct as *a = bed_as();
	size_t child;
	pid_t pid, tid;
	int status;

	as_sys(a, 56, 0x10d00, STACK);
	as_cmp(a, RAX, 0);
	child = as_jz(a, 0);
	as_sys(a, 60, 4);
	as_land(a, child);
	for (int i = 0; i < 5; i++)
		as_sys(a, 24);
	as_sys(a, 60, 5);
	pid = bed_spawn();
	pt_seize(pid, PTRACE_O_TRACECLONE);
	pt(PTRACE_CONT, pid, 0, 0);
	pt_wait(pid, STOPPED_EVENT(PTRACE_EVENT_CLONE));
	tid = (pid_t)message(pid);
	pt_wait(tid, STOPPED_EVENT(PTRACE_EVENT_STOP));
	pt(PTRACE_CONT, pid, 0, 0);
	sim_idle(sim);
	/* The leader has ended, but its process has not. */
	ck_assert_int_eq(pt_wait_try(pid, &status, WNOHANG | (int)__WALL), 0);
	pt(PTRACE_CONT, tid, 0, 0);
	pt_wait(tid, EXITED(5));
	pt_wait(pid, EXITED(4));
}
END_TEST

/* exit_group, or SIGKILL, ends them all; each is reported. */
START_TEST(group_exit)
{
	struct as *a = bed_as();
	size_t child;
	pid_t pid, tid;

	as_sys(a, 56, 0x10d00, STACK);
	as_cmp(a, RAX, 0);
	child = as_jz(a, 0);
	bed_loop(a);
	as_land(a, child);
	bed_exit(a, 5);
	pid = bed_spawn();
	pt_seize(pid, PTRACE_O_TRACECLONE);
	pt(PTRACE_CONT, pid, 0, 0);
	pt_wait(pid, STOPPED_EVENT(PTRACE_EVENT_CLONE));
	tid = (pid_t)message(pid);
	pt_wait(tid, STOPPED_EVENT(PTRACE_EVENT_STOP));
	if (_i) {
		pt(PTRACE_KILL, pid, 0, 0);
	} else {
		pt(PTRACE_CONT, pid, 0, 0);
		pt(PTRACE_CONT, tid, 0, 0);
	}
	pt_wait(tid, _i ? SIGKILL : EXITED(5));
	pt_wait(pid, _i ? SIGKILL : EXITED(5));
}
END_TEST

static void
add_forks(Suite *s)
{
	TCase *tc = tcase_create("forks");

	tcase_add_checked_fixture(tc, pt_setup, pt_teardown);
	tcase_add_loop_test(tc, forks, 0, 6);
	tcase_add_test(tc, child_by_name_first);
	tcase_add_loop_test(tc, not_followed, 0, 3);
	tcase_add_test(tc, vfork_done);
	tcase_add_loop_test(tc, tree, 0, 6);
	tcase_add_test(tc, threads);
	tcase_add_loop_test(tc, group_exit, 0, 2);
	suite_add_tcase(s, tc);
}

static void
add_programs(Suite *s)
{
	TCase *tc = tcase_create("programs");

	tcase_add_checked_fixture(tc, pt_setup, pt_teardown);
	tcase_add_test(tc, exec_event);
	tcase_add_test(tc, memory_after_exec);
	tcase_add_loop_test(tc, exec_sigtrap, 0, 2);
	tcase_add_test(tc, exec_from_thread);
	tcase_add_test(tc, exec_from_thread_unasked);
	tcase_add_test(tc, superseded);
	tcase_add_loop_test(tc, exit_event, 0, 2);
	tcase_add_test(tc, seccomp_event);
	tcase_add_test(tc, options);
	suite_add_tcase(s, tc);
}

int
main(void)
{
	Suite *s = suite_create("ptrace_event");

	add_forks(s);
	add_programs(s);
	return suite_main(s);
}
