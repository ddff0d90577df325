/* SPDX-License-Identifier: MIT */
/* libptrace's waiting: statuses, messages, who is found, when it is over. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "fake_io.h"
#include "suite.h"

#define ALL_OPTIONS 0xff

/* Each cause, as a tracer of each kind sees it. */
static const struct {
	uint64_t cause, a;
	bool seized;
	unsigned options;
	int status;
	unsigned long message;
} statuses[] = {
    {PROC_STOP_SIGNAL, SIGSTOP, false, 0, 0x137f, 0},
    {PROC_STOP_SIGNAL, SIGTRAP, false, 0, 0x57f, 0},
    {PROC_STOP_SIGNAL, SIGSEGV, true, ALL_OPTIONS, 0xb7f, 0},
    {PROC_STOP_SIGNAL, 64, true, 0, 0x407f, 0},
    {PROC_STOP_PRE_SYSCALL, 0, false, 0, 0x57f, 1},
    {PROC_STOP_POST_SYSCALL, 0, false, 0, 0x57f, 2},
    {PROC_STOP_PRE_SYSCALL, 0, false, 1, 0x857f, 1},
    {PROC_STOP_POST_SYSCALL, 0, true, 1, 0x857f, 2},
    {PROC_STOP_SINGLESTEP, 0, false, 1, 0x57f, 0},
    {PROC_STOP_BREAKPOINT, 0, false, 1, 0x57f, 0},
    {PROC_STOP_STEP_IN, 0, false, 1, 0x57f, 0},
    {PROC_STOP_FORK, 201, false, ALL_OPTIONS, 0x1057f, 201},
    {PROC_STOP_VFORK, 201, true, ALL_OPTIONS, 0x2057f, 201},
    {PROC_STOP_CLONE, 201, false, ALL_OPTIONS, 0x3057f, 201},
    {PROC_STOP_EXEC, TID, false, ALL_OPTIONS, 0x4057f, TID},
    {PROC_STOP_VFORK_DONE, 201, false, ALL_OPTIONS, 0x5057f, 201},
    {PROC_STOP_EXIT, 0x300, false, ALL_OPTIONS, 0x6057f, 0x300},
    {PROC_STOP_SECCOMP, 0x1234, false, ALL_OPTIONS, 0x7057f, 0x1234},
    {PROC_STOP_GROUP, SIGSTOP, false, 0, 0x137f, 0},
    {PROC_STOP_GROUP, SIGTSTP, true, 0, 0x80147f, 0},
    {PROC_STOP_TRAP, SIGTRAP, true, 0, 0x80057f, 0},
    {PROC_STOP_TRAP, SIGSTOP, true, 0, 0x80137f, 0},
};

static void
begin(bool seized, unsigned options)
{
	int status;

	fake_start();
	fake_thread(TID);
	if (seized) {
		ck_assert_int_eq(
		    ptrace(PTRACE_SEIZE, TID, NULL, (void *)(long)options), 0);
		return;
	}
	/* A child of ours that called TRACEME. */
	fake.living = 1;
	fake_event(TID, PROC_STOP_SIGNAL, SIGSTOP);
	ck_assert_int_eq(waitpid(TID, &status, 0), TID);
	ck_assert_int_eq(status, 0x137f);
	ck_assert_int_eq(
	    ptrace(PTRACE_SETOPTIONS, TID, NULL, (void *)(long)options), 0);
	ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, NULL), 0);
}

START_TEST(status)
{
	unsigned long message = 99;
	int st = 0;

	begin(statuses[_i].seized, statuses[_i].options);
	fake_event(TID, statuses[_i].cause, statuses[_i].a);
	ck_assert_int_eq(waitpid(-1, &st, __WALL | WNOHANG), TID);
	ck_assert_msg(st == statuses[_i].status, "%#x is not %#x", st,
		      statuses[_i].status);
	ck_assert_int_eq(ptrace(PTRACE_GETEVENTMSG, TID, NULL, &message), 0);
	ck_assert_uint_eq(message, statuses[_i].message);
	/* It is told once. */
	ck_assert_int_eq(waitpid(-1, &st, __WALL | WNOHANG), 0);
	ptl_reset(NULL);
	ck_assert_int_eq(fake_open_handles(), 0);
}
END_TEST

START_TEST(by_id)
{
	siginfo_t info;

	begin(statuses[_i].seized, statuses[_i].options);
	fake.uid = 7;
	fake_event(TID, statuses[_i].cause, statuses[_i].a);
	ck_assert_int_eq(waitid(P_PID, TID, &info, WEXITED | WNOWAIT), 0);
	ck_assert_int_eq(info.si_pid, TID);
	ck_assert_int_eq(info.si_signo, SIGCHLD);
	ck_assert_int_eq(info.si_code, CLD_TRAPPED);
	ck_assert_int_eq(info.si_uid, 7);
	ck_assert_int_eq(info.si_status, statuses[_i].status >> 8);
	/* It was just looked at. */
	info.si_pid = 0;
	ck_assert_int_eq(waitid(P_ALL, 0, &info, WSTOPPED), 0);
	ck_assert_int_eq(info.si_pid, TID);
	ck_assert_int_eq(waitid(P_ALL, 0, &info, WSTOPPED | WNOHANG), 0);
	ck_assert_int_eq(info.si_pid, 0);
	ck_assert_int_eq(info.si_signo, 0);
}
END_TEST

static bool
death_comes(void)
{
	fake_event(TID, PROC_EVENT_EXITED, 0x300);
	return true;
}

START_TEST(death_of_a_stranger)
{
	int st;

	begin(true, 0);
	fake.on_sleep = death_comes;
	ck_assert_int_eq(waitpid(-1, &st, __WALL), TID);
	ck_assert_int_eq(st, 0x300);
	ck_assert_int_eq(fake_find(TID, PROC_FILE_TRACE)->opens, 0);
	errno = 0;
	ck_assert_int_eq(waitpid(-1, &st, __WALL), -1);
	ck_assert_int_eq(errno, ECHILD);
	errno = 0;
	ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, NULL), -1);
	ck_assert_int_eq(errno, ESRCH);
}
END_TEST

START_TEST(death_of_a_child)
{
	struct rusage ru;
	int st;

	begin(false, 0);
	fake_event(TID, PROC_EVENT_EXITED, 9);
	/* The kernel tells it too, as soon as `trace` is closed. */
	fake.living = 0;
	fake.child[fake.nchildren++] = (struct fake_child){TID, 9};
	ck_assert_int_eq(wait4(TID, &st, 0, &ru), TID);
	ck_assert_int_eq(st, 9);
	ck_assert_int_eq(fake.child[0].pid, 0);
	ck_assert_int_eq(waitpid(-1, &st, 0), -1);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

START_TEST(late_zombie)
{
	int st;

	begin(false, 0);
	fake_event(TID, PROC_EVENT_EXITED, 0x100);
	ck_assert_int_eq(waitpid(TID, &st, 0), TID);
	/* Now the kernel has it as well: it is not told again. */
	fake.living = 0;
	fake.child[fake.nchildren++] = (struct fake_child){TID, 0x100};
	fake_event(0, PROC_EVENT_CHILD, 0);
	ck_assert_int_eq(waitpid(-1, &st, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

START_TEST(death_overrides)
{
	int st;

	begin(true, 0);
	fake_event(TID, PROC_STOP_SIGNAL, SIGINT);
	fake_event(TID, PROC_EVENT_EXITED, 9);
	ck_assert_int_eq(waitpid(TID, &st, 0), TID);
	ck_assert_int_eq(st, 9);
}
END_TEST

static bool
child_dies(void)
{
	fake.living = 0;
	fake.child[fake.nchildren++] = (struct fake_child){300, 0x200};
	fake_event(0, PROC_EVENT_CHILD, 0);
	return true;
}

START_TEST(real_child)
{
	int st;

	begin(true, 0);
	fake.living = 1;
	fake.on_sleep = child_dies;
	ck_assert_int_eq(waitpid(-1, &st, __WALL), 300);
	ck_assert_int_eq(st, 0x200);
	/* With a tracee left there is something to wait for. */
	ck_assert_int_eq(waitpid(-1, &st, __WALL | WNOHANG), 0);
	ck_assert_int_eq(waitpid(300, &st, 0), -1);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

START_TEST(few_calls)
{
	int st, calls, waits;

	begin(true, 1);
	ck_assert_int_eq(waitpid(-1, &st, __WALL | WNOHANG), 0);
	calls = fake.calls;
	waits = fake.waits;
	for (int i = 0; i < 10; i++) {
		fake_event(TID, PROC_STOP_PRE_SYSCALL, 0);
		ck_assert_int_eq(waitpid(-1, &st, __WALL), TID);
		ck_assert_int_eq(ptrace(PTRACE_SYSCALL, TID, NULL, NULL), 0);
	}
	/* One read and one write for each; no question about children. */
	ck_assert_int_eq(fake.calls - calls, 20);
	ck_assert_int_eq(fake.waits - waits, 0);
}
END_TEST

START_TEST(interrupted)
{
	int st;

	begin(true, 0);
	ck_assert_int_eq(waitpid(-1, &st, __WALL), -1);
	ck_assert_int_eq(errno, EINTR);
}
END_TEST

START_TEST(groups)
{
	int st;

	begin(true, 0);
	fake_event(TID, PROC_STOP_SIGNAL, SIGINT);
	ck_assert_int_eq(waitpid(0, &st, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
	ck_assert_int_eq(waitpid(-300, &st, WNOHANG), -1);
	ck_assert_int_eq(waitpid(201, &st, WNOHANG), -1);
	ck_assert_int_eq(waitpid(-200, &st, WNOHANG), TID);
}
END_TEST

START_TEST(bad_arguments)
{
	siginfo_t info;
	int st;

	fake_start();
	ck_assert_int_eq(wait4(-1, &st, WNOWAIT, NULL), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(waitpid(-0x7fffffff - 1, &st, 0), -1);
	ck_assert_int_eq(errno, ESRCH);
	ck_assert_int_eq(waitid(P_ALL, 0, &info, 0), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(waitid(P_PID, 0, &info, WEXITED), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(waitid((idtype_t)9, 0, &info, WEXITED), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(waitid((idtype_t)3, (id_t)-1, &info, WEXITED), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(waitid((idtype_t)3, 1, &info, WEXITED), -1);
	ck_assert_int_eq(errno, EBADF);
}
END_TEST

START_TEST(children_inherit)
{
	int st;

	begin(true, ALL_OPTIONS);
	fake_event(TID, PROC_STOP_FORK, 201);
	fake_thread(201);
	ck_assert_int_eq(waitpid(-1, &st, __WALL), TID);
	/* It is a tracee before its first stop, and waited for. */
	ck_assert_int_eq(waitpid(201, &st, __WALL | WNOHANG), 0);
	ck_assert_int_eq(ptrace(PTRACE_CONT, 201, NULL, NULL), -1);
	ck_assert_int_eq(errno, ESRCH);
	fake_event(201, PROC_STOP_TRAP, SIGTRAP);
	ck_assert_int_eq(waitpid(-1, &st, __WALL), 201);
	ck_assert_int_eq(st, 0x80057f);
	ck_assert_int_eq(ptrace(PTRACE_CONT, 201, NULL, NULL), 0);
	ck_assert_int_eq(fake_last()->tid, 201);
	ck_assert(fake_last()->w.flags & PROC_STOP_VFORK);
	ck_assert(!(fake_last()->w.flags & PROC_FLAG_LEGACY));
}
END_TEST

START_TEST(exec_takes_over)
{
	int st;

	begin(true, ALL_OPTIONS);
	fake_event(TID, PROC_STOP_CLONE, 201);
	fake_thread(201);
	ck_assert_int_eq(waitpid(-1, &st, __WALL), TID);
	ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, NULL), 0);
	fake_event(201, PROC_STOP_TRAP, SIGTRAP);
	ck_assert_int_eq(waitpid(-1, &st, __WALL), 201);
	ck_assert_int_eq(ptrace(PTRACE_CONT, 201, NULL, NULL), 0);
	/* 201 executes a program: it is TID from now on. */
	fake_event(TID, PROC_STOP_EXEC, 201);
	ck_assert_int_eq(waitpid(-1, &st, __WALL), TID);
	ck_assert_int_eq(st, 0x4057f);
	ck_assert_int_eq(ptrace(PTRACE_CONT, 201, NULL, NULL), -1);
	/* It has a new name; but the descriptor that it had goes on. */
	ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, NULL), 0);
	ck_assert_int_eq(fake_last()->tid, fake_old ? 201 : TID);
	ck_assert_int_eq(fake_find(TID, PROC_FILE_TRACE)->opens, 0);
}
END_TEST

START_TEST(forked)
{
	int st;

	begin(true, 0);
	fake_event(TID, PROC_STOP_SIGNAL, SIGINT);
	fake_event(TID, PROC_STOP_SIGNAL, SIGINT);
	ck_assert_int_eq(waitid(P_ALL, 0, NULL, WEXITED | WNOWAIT), 0);
	/* The child of a fork has no tracees, whatever its memory says. */
	fake.pid = 101;
	ck_assert_int_eq(waitpid(-1, &st, __WALL | WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
	ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, NULL), -1);
	ck_assert_int_eq(errno, ESRCH);
}
END_TEST

START_TEST(forked_tracer)
{
	int st;

	begin(true, 0);
	/* What the child of a fork attaches to is its own. */
	fake.pid = 101;
	fake_thread(300);
	ck_assert_int_eq(ptrace(PTRACE_SEIZE, 300, NULL, NULL), 0);
	fake_event(300, PROC_STOP_SIGNAL, SIGINT);
	ck_assert_int_eq(waitpid(-1, &st, __WALL), 300);
	ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, NULL), -1);
	ck_assert_int_eq(errno, ESRCH);
}
END_TEST

START_TEST(no_scheme)
{
	int st;

	fake_start_base();
	fake.child[fake.nchildren++] = (struct fake_child){300, 0x100};
	ck_assert_int_eq(wait(&st), 300);
	ck_assert_int_eq(st, 0x100);
	ck_assert_int_eq(wait(&st), -1);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

/*
 * A death of one that is not known: the kernel holds it, so it is told; or it
 * does not, and the kernel's wait has it.
 */
START_TEST(unknown_death)
{
	int st;

	fake_start();
	fake_thread(TID);
	fake_find(TID, PROC_FILE_RUSAGE)->open_error = _i ? -EPERM : 0;
	fake_event(TID, PROC_EVENT_EXITED, 0x300);
	if (_i) {
		ck_errno(waitpid(-1, &st, __WALL), ECHILD);
		ck_assert_int_eq(fake.nwritten, 0);
	} else {
		ck_assert_int_eq(waitpid(-1, &st, __WALL), TID);
		ck_assert_int_eq(st, 0x300);
		ck_assert_uint_ne(fake_last()->w.flags & PROC_FLAG_DETACH, 0);
	}
	ck_errno(waitpid(-1, &st, __WALL), ECHILD);
}
END_TEST

/* What was read late of one that is gone says nothing. */
START_TEST(unknown_stop)
{
	int st;

	fake_start();
	fake_event(TID, PROC_STOP_SIGNAL, 2);
	ck_errno(waitpid(-1, &st, __WALL), ECHILD);
}
END_TEST

static void
older(void)
{
	fake_old = true;
}

/* OLD: on a kernel without `command`. */
static void
add(Suite *s, const char *name, bool old)
{
	TCase *tc = tcase_create(name);
	const int n = sizeof(statuses) / sizeof(statuses[0]);

	if (old)
		tcase_add_checked_fixture(tc, older, NULL);
	tcase_add_loop_test(tc, status, 0, n);
	tcase_add_loop_test(tc, by_id, 0, n);
	tcase_add_test(tc, death_of_a_stranger);
	tcase_add_test(tc, death_of_a_child);
	tcase_add_test(tc, late_zombie);
	tcase_add_test(tc, death_overrides);
	tcase_add_test(tc, real_child);
	tcase_add_test(tc, few_calls);
	tcase_add_test(tc, interrupted);
	tcase_add_test(tc, groups);
	tcase_add_test(tc, bad_arguments);
	tcase_add_test(tc, children_inherit);
	tcase_add_test(tc, exec_takes_over);
	tcase_add_test(tc, forked);
	tcase_add_test(tc, forked_tracer);
	tcase_add_test(tc, no_scheme);
	tcase_add_loop_test(tc, unknown_death, 0, 2);
	tcase_add_test(tc, unknown_stop);
	suite_add_tcase(s, tc);
}

int
main(void)
{
	Suite *s = suite_create("waiting");

	add(s, "all", false);
	add(s, "older", true);
	return suite_main(s);
}
