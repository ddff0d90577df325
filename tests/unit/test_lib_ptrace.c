/* SPDX-License-Identifier: MIT */
/* libptrace's requests: what goes over the wire, and which errno comes back. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "fake_io.h"
#include "suite.h"

#define NT_PRSTATUS 1

static const uint64_t basic =
    PROC_STOP_SIGNAL | PROC_STOP_GROUP | PROC_EVENT_EXITED;
static const uint64_t both = PROC_STOP_PRE_SYSCALL | PROC_STOP_POST_SYSCALL;
static const uint64_t step = PROC_STOP_SINGLESTEP | PROC_STOP_STEP_IN;

/* What each resuming request writes, by the stop that it leaves. */
static const struct {
	uint64_t cause, a;
	int request;
	unsigned sig;
	uint64_t flags;
	uint64_t stops;
} resumes[] = {
    {PROC_STOP_SIGNAL, 2, PTRACE_CONT, 2, 0, 0},
    {PROC_STOP_SIGNAL, 2, PTRACE_CONT, 0, PROC_FLAG_IGNORE, 0},
    {PROC_STOP_SIGNAL, 2, PTRACE_CONT, 10, PROC_FLAG_SIGNAL, 0},
    {PROC_STOP_SIGNAL, 2, PTRACE_SYSCALL, 2, 0, both},
    {PROC_STOP_SIGNAL, 2, PTRACE_SINGLESTEP, 0, PROC_FLAG_IGNORE, step},
    {PROC_STOP_SIGNAL, 2, PTRACE_SINGLEBLOCK, 2, 0, step | PROC_STOP_BLOCKSTEP},
    {PROC_STOP_SIGNAL, 2, PTRACE_SYSEMU, 2, 0, PROC_STOP_PRE_SYSCALL},
    {PROC_STOP_SIGNAL, 2, PTRACE_SYSEMU_SINGLESTEP, 2, 0,
     PROC_STOP_PRE_SYSCALL | step},
    {PROC_STOP_SINGLESTEP, 0, PTRACE_CONT, 0, 0, 0},
    {PROC_STOP_SINGLESTEP, 0, PTRACE_CONT, 5, PROC_FLAG_SIGNAL, 0},
    {PROC_STOP_PRE_SYSCALL, 0, PTRACE_SYSCALL, 0, 0, both},
    {PROC_STOP_PRE_SYSCALL, 0, PTRACE_SYSCALL, 12, PROC_FLAG_SIGNAL, both},
    {PROC_STOP_POST_SYSCALL, 0, PTRACE_CONT, 64, PROC_FLAG_SIGNAL, 0},
    {PROC_STOP_EXEC, TID, PTRACE_CONT, 12, 0, 0},
    {PROC_STOP_GROUP, 19, PTRACE_CONT, 19, 0, 0},
    {PROC_STOP_STEP_IN, 0, PTRACE_SINGLESTEP, 5, 0, step},
};

START_TEST(resume)
{
	const struct fake_write *w;

	fake_stopped(resumes[_i].cause, resumes[_i].a, 0);
	ck_assert_int_eq(
	    ptrace(resumes[_i].request, TID, NULL, word(resumes[_i].sig)), 0);
	w = fake_last();
	ck_assert_uint_eq(w->apart, fake_old ? 0 : PROC_FLAG_HOLD);
	ck_assert_uint_eq(w->w.flags,
			  basic | resumes[_i].flags | resumes[_i].stops);
	if (resumes[_i].flags & PROC_FLAG_SIGNAL) {
		ck_assert_uint_eq(w->size, 16);
		ck_assert_uint_eq(w->w.signal, resumes[_i].sig);
	} else {
		ck_assert_uint_eq(w->size, 8);
	}
	ck_errno(ptrace(PTRACE_CONT, TID, NULL, NULL), ESRCH);
}
END_TEST

static const struct {
	unsigned option;
	uint64_t bit;
} options[] = {
    {PTRACE_O_TRACESYSGOOD, 0},
    {PTRACE_O_TRACEFORK, PROC_STOP_FORK},
    {PTRACE_O_TRACEVFORK, PROC_STOP_VFORK},
    {PTRACE_O_TRACECLONE, PROC_STOP_CLONE},
    {PTRACE_O_TRACEEXEC, PROC_STOP_EXEC},
    {PTRACE_O_TRACEVFORKDONE, PROC_STOP_VFORK_DONE},
    {PTRACE_O_TRACEEXIT, PROC_STOP_EXIT},
    {PTRACE_O_TRACESECCOMP, PROC_STOP_SECCOMP},
    {PTRACE_O_EXITKILL, PROC_FLAG_EXITKILL},
    {PTRACE_O_SUSPEND_SECCOMP, PROC_FLAG_NO_SECCOMP},
};

START_TEST(option)
{
	fake_stopped(PROC_STOP_SIGNAL, 2, 0);
	ck_assert_int_eq(
	    ptrace(PTRACE_SETOPTIONS, TID, NULL, word(options[_i].option)), 0);
	ck_assert_uint_eq(fake_last()->w.flags,
			  PROC_FLAG_SETMASK | basic | options[_i].bit);
	ck_assert_int_eq(ptrace(PTRACE_SYSCALL, TID, NULL, NULL), 0);
	ck_assert_uint_eq(fake_last()->w.flags,
			  PROC_FLAG_IGNORE | basic | both | options[_i].bit);
}
END_TEST

START_TEST(suspend_is_for_root)
{
	fake_stopped(PROC_STOP_SIGNAL, 2, 0);
	fake_find(TID, PROC_FILE_TRACE)->error = -EACCES;
	ck_errno(ptrace(PTRACE_SETOPTIONS, TID, NULL,
			word(PTRACE_O_SUSPEND_SECCOMP)),
		 EPERM);
	fake_thread(300);
	fake_find(300, PROC_FILE_TRACE)->error = -EACCES;
	ck_errno(
	    ptrace(PTRACE_SEIZE, 300, NULL, word(PTRACE_O_SUSPEND_SECCOMP)),
	    EPERM);
}
END_TEST

static void *
other_thread(void *arg)
{
	(void)arg;
	ck_errno(ptrace(PTRACE_CONT, TID, NULL, NULL), ESRCH);
	ck_errno(waitpid(TID, NULL, __WALL | WNOHANG | (int)__WNOTHREAD),
		 ECHILD);
	ck_assert_int_eq(waitpid(TID, NULL, __WALL | WNOHANG), 0);
	return NULL;
}

START_TEST(tracer_is_a_thread)
{
	pthread_t thread;

	fake_stopped(PROC_STOP_SIGNAL, 2, 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, other_thread, NULL), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, NULL), 0);
}
END_TEST

START_TEST(sysemu_skips)
{
	int st;

	fake_stopped(PROC_STOP_SIGNAL, 2, 1);
	ck_assert_int_eq(ptrace(PTRACE_SYSEMU, TID, NULL, NULL), 0);
	fake_event(TID, PROC_STOP_PRE_SYSCALL, 0);
	ck_assert_int_eq(waitpid(TID, &st, 0), TID);
	ck_assert_int_eq(st, 0x857f);
	/* However it goes on: this call is skipped. */
	ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, NULL), 0);
	ck_assert_uint_eq(fake_last()->w.flags, basic | PROC_FLAG_IGNORE);
	fake_event(TID, PROC_STOP_PRE_SYSCALL, 0);
	ck_assert_int_eq(waitpid(TID, &st, 0), TID);
	ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, NULL), 0);
	ck_assert_uint_eq(fake_last()->w.flags, basic);
}
END_TEST

START_TEST(attach)
{
	int st;

	fake_start();
	fake_thread(TID);
	ck_assert_int_eq(ptrace(PTRACE_ATTACH, TID, NULL, NULL), 0);
	ck_assert_uint_eq(fake_last()->w.flags, basic | PROC_FLAG_SETMASK |
						    PROC_FLAG_INTERRUPT |
						    PROC_FLAG_LEGACY);
	ck_assert_int_eq(fake_last()->command, !fake_old);
	ck_assert_uint_eq(fake_last()->apart,
			  fake_old ? 0 : PROC_FLAG_ATTACH | PROC_FLAG_HOLD);
	/* One call, and no descriptor; or it is opened. */
	ck_assert_int_eq(fake_find(TID, PROC_FILE_TRACE)->opens, fake_old);
	ck_errno(ptrace(PTRACE_ATTACH, TID, NULL, NULL), EPERM);
	ck_errno(ptrace(PTRACE_SEIZE, TID, NULL, NULL), EPERM);
	ck_errno(ptrace(PTRACE_INTERRUPT, TID, NULL, NULL), EIO);
	fake_event(TID, PROC_STOP_SIGNAL, 19);
	ck_assert_int_eq(waitpid(TID, &st, 0), TID);
	ck_errno(ptrace(PTRACE_LISTEN, TID, NULL, NULL), EIO);
	ck_errno(ptrace(PTRACE_DETACH, TID, NULL, word(65)), EIO);
	ck_assert_int_eq(ptrace(PTRACE_DETACH, TID, NULL, NULL), 0);
	ck_assert_uint_eq(fake_last()->w.flags,
			  PROC_FLAG_DETACH | PROC_FLAG_IGNORE);
	ck_assert_int_eq(fake_find(TID, PROC_FILE_TRACE)->opens, 0);
	ck_errno(ptrace(PTRACE_DETACH, TID, NULL, NULL), ESRCH);
}
END_TEST

/* Why `trace` cannot be opened, and what ATTACH says of it. */
static const struct {
	int error;
	bool exists;
	int result;
} refusals[] = {
    {-EPERM, true, EPERM},   {-EACCES, true, EPERM},  {-EBUSY, true, EPERM},
    {-ESRCH, true, EPERM},   {-ENOENT, true, ENOSYS}, {-ENOENT, false, ESRCH},
    {-EINVAL, false, ESRCH}, {-ESRCH, false, ESRCH},  {-ENOMEM, true, ENOMEM},
};

START_TEST(refused)
{
	fake_start();
	if (refusals[_i].exists)
		fake_add(TID, PROC_FILE_TRACE, NULL, 0)->open_error =
		    refusals[_i].error;
	ck_errno(ptrace(PTRACE_ATTACH, TID, NULL, NULL), refusals[_i].result);
	ck_errno(ptrace(PTRACE_SEIZE, TID, NULL, NULL), refusals[_i].result);
	ck_errno(ptrace(PTRACE_SEIZE, TID, word(1), NULL),
		 refusals[_i].exists ? EIO : ESRCH);
	ck_errno(ptrace(PTRACE_SEIZE, TID, NULL, word(0x400)),
		 refusals[_i].exists ? EIO : ESRCH);
	ck_errno(ptrace(PTRACE_ATTACH, 0, NULL, NULL), ESRCH);
	ck_errno(ptrace(PTRACE_ATTACH, -1, NULL, NULL), ESRCH);
	ck_assert_int_eq(fake.nwritten, 0);
}
END_TEST

/* Requests that Linux refuses for a stopped tracee, and how. */
static const struct {
	int request;
	uintptr_t addr, data;
	int error;
} errors[] = {
    {999, 0, 0, EIO},
    {-1, 0, 0, EIO},
    {PTRACE_GETFPXREGS, 0, 0, EIO},
    {PTRACE_CONT, 0, 65, EIO},
    {PTRACE_CONT, 0, -1, EIO},
    {PTRACE_DETACH, 0, 65, EIO},
    {PTRACE_SETOPTIONS, 0, 0x400, EINVAL},
    {PTRACE_SETOPTIONS, 0, -1, EINVAL},
    {PTRACE_PEEKUSER, 1, 0, EIO},
    {PTRACE_PEEKUSER, 928, 0, EIO},
    {PTRACE_PEEKUSER, -8, 0, EIO},
    {PTRACE_POKEUSER, 216, 0, EIO},
    {PTRACE_POKEUSER, 848 + 32, 0, EIO},
    {PTRACE_POKEUSER, 848 + 40, 0, EIO},
    {PTRACE_POKEUSER, 928, 0, EIO},
    {PTRACE_PEEKDATA, 0x10000, 0, EIO},
    {PTRACE_PEEKDATA, 4097 - sizeof(long), 0, EIO},
    {PTRACE_POKEDATA, -8, 0, EIO},
    {PTRACE_GETREGS, 0, 0, EFAULT},
    {PTRACE_SETREGS, 0, 0, EFAULT},
    {PTRACE_GETFPREGS, 0, 0, EFAULT},
    {PTRACE_SETFPREGS, 0, 0, EFAULT},
    {PTRACE_GETSIGINFO, 0, 0, EFAULT},
    {PTRACE_SETSIGINFO, 0, 0, EFAULT},
    {PTRACE_GETEVENTMSG, 0, 0, EFAULT},
    {PTRACE_GETSIGMASK, 4, 0, EINVAL},
    {PTRACE_GETSIGMASK, 8, 0, EFAULT},
    {PTRACE_SETSIGMASK, 16, 0, EINVAL},
    {PTRACE_PEEKSIGINFO, 0, 0, EFAULT},
    {PTRACE_GETREGSET, NT_PRSTATUS, 0, EFAULT},
    {PTRACE_GET_SYSCALL_INFO, 88, 0, EFAULT},
    {PTRACE_SET_SYSCALL_INFO, 80, 0, EINVAL},
    {PTRACE_SET_SYSCALL_INFO, 88, 0, EFAULT},
    {PTRACE_SECCOMP_GET_FILTER, 0, 0, EINVAL},
    {PTRACE_SECCOMP_GET_METADATA, 16, 0, EFAULT},
    {PTRACE_SECCOMP_GET_METADATA, 7, 0, EINVAL},
    {PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG, 31, 0, EINVAL},
    {PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG, 40, 0, EINVAL},
    {PTRACE_ARCH_PRCTL, 0, 0x1003, EFAULT},
    {PTRACE_ARCH_PRCTL, 0, 0x1009, EINVAL},
    {PTRACE_LISTEN, 0, 0, EIO},
};

START_TEST(error)
{
	fake_stopped(PROC_STOP_SIGNAL, 2, 0);
	fake.nwritten = 0;
	ck_errno(ptrace(errors[_i].request, TID, word(errors[_i].addr),
			word(errors[_i].data)),
		 errors[_i].error);
	ck_assert_int_eq(fake.nwritten, 0);
	/* No tracee is found before the request is looked at. */
	ck_errno(ptrace(errors[_i].request, 77, word(errors[_i].addr),
			word(errors[_i].data)),
		 ESRCH);
	ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, NULL), 0);
	ck_errno(ptrace(errors[_i].request, TID, word(errors[_i].addr),
			word(errors[_i].data)),
		 ESRCH);
}
END_TEST

START_TEST(listening)
{
	int st;

	fake_stopped(PROC_STOP_GROUP, SIGSTOP, 0);
	ck_assert_int_eq(ptrace(PTRACE_LISTEN, TID, NULL, NULL), 0);
	ck_assert_uint_eq(fake_last()->w.flags, PROC_FLAG_LISTEN);
	ck_errno(ptrace(PTRACE_CONT, TID, NULL, NULL), ESRCH);
	ck_assert_int_eq(ptrace(PTRACE_INTERRUPT, TID, NULL, NULL), 0);
	fake_event(TID, PROC_STOP_TRAP, SIGTRAP);
	ck_assert_int_eq(waitpid(TID, &st, 0), TID);
	ck_assert_int_eq(st, 0x80057f);
	ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, NULL), 0);
}
END_TEST

START_TEST(traceme)
{
	fake_start();
	ck_assert_int_eq(ptrace(PTRACE_TRACEME, 0, NULL, NULL), 0);
	/* open, write, close: a tracer may count them */
	ck_assert_int_eq(fake.calls, 3);
	fake_find(0, PROC_FILE_TRACEME)->error = -EPERM;
	ck_errno(ptrace(PTRACE_TRACEME, 0, NULL, NULL), EPERM);
	fake_start_base();
	ck_errno(ptrace(PTRACE_TRACEME, 0, NULL, NULL), ENOSYS);
}
END_TEST

START_TEST(killed_meanwhile)
{
	struct user_regs_struct regs;

	fake_stopped(PROC_STOP_SIGNAL, 2, 0);
	fake_find(TID, PROC_FILE_TRACE)->error = -ESRCH;
	fake_find(TID, PROC_FILE_REGS_USER)->error = -ENOTRECOVERABLE;
	ck_errno(ptrace(PTRACE_CONT, TID, NULL, NULL), ESRCH);
	ck_errno(ptrace(PTRACE_GETREGS, TID, NULL, &regs), ESRCH);
	ck_assert_int_eq(ptrace(PTRACE_KILL, TID, NULL, NULL), 0);
	ck_assert_int_eq(fake.killed, TID);
}
END_TEST

/* A debugger that closes what it has not opened goes on. */
START_TEST(closed)
{
	struct user_regs_struct regs;
	int st;

	fake_stopped(PROC_STOP_SIGNAL, 2, 0);
	ck_assert_int_eq(ptrace(PTRACE_GETREGS, TID, NULL, &regs), 0);
	fake_close_all();
	ck_assert_int_eq(ptrace(PTRACE_GETREGS, TID, NULL, &regs), 0);
	fake_close_all();
	ck_assert_int_eq(ptrace(PTRACE_POKEDATA, TID, word(8), NULL), 0);
	fake_close_all();
	ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, NULL), 0);
	fake_event(TID, PROC_STOP_SIGNAL, 3);
	fake_close_all();
	ck_assert_int_eq(waitpid(TID, &st, 0), TID);
	fake_event(TID, PROC_EVENT_EXITED, 0);
	fake_close_all();
	ck_assert_int_eq(waitpid(-1, &st, __WALL | WNOHANG), TID);
	ck_assert_uint_eq(fake_last()->w.flags,
			  PROC_FLAG_DETACH | PROC_FLAG_INTERRUPT);
	ptl_reset(NULL);
	ck_assert_int_eq(fake_open_handles(), 0);
}
END_TEST

/*
 * A new descriptor that has the number of one that was closed is never taken
 * for that, whichever it was.
 */
START_TEST(number_again)
{
	struct proc_siginfo info = {.signo = 5};
	uint64_t mask = 77;
	siginfo_t got;
	long r;

	fake_stopped(PROC_STOP_SIGNAL, 2, 0);
	fake_find(TID, PROC_FILE_MEM)->offset = 64;
	fake_add(TID, PROC_FILE_SIGINFO, &info, sizeof(info));
	for (int i = 0; i < 4; i++) {
		fake_close_all();
		r = ptrace(PTRACE_PEEKDATA, TID, word(64), NULL);
		ck_assert_int_eq(r, 0);
		fake_close_all();
		ck_assert_int_eq(ptrace(PTRACE_GETSIGINFO, TID, NULL, &got), 0);
		ck_assert_int_eq(got.si_signo, 5);
		r = ptrace(PTRACE_PEEKDATA, TID, word(64), NULL);
		ck_assert_int_eq(r, 0);
		fake_close_all();
		ck_assert_int_eq(ptrace(PTRACE_SETSIGMASK, TID, word(8), &mask),
				 0);
		ck_assert_int_eq(ptrace(PTRACE_GETSIGINFO, TID, NULL, &got), 0);
		ck_assert_int_eq(got.si_signo, 5);
	}
	ptl_reset(NULL);
	ck_assert_int_eq(fake_open_handles(), 0);
}
END_TEST

/* Its fork, which does so too, is nobody's tracer until it attaches. */
START_TEST(closed_in_a_fork)
{
	fake_stopped(PROC_STOP_SIGNAL, 2, 0);
	fake_close_all();
	fake.pid = 101;
	if (_i) {
		fake_thread(300);
		ck_assert_int_eq(ptrace(PTRACE_SEIZE, 300, NULL, NULL), 0);
		ck_assert_int_eq(ptrace(PTRACE_INTERRUPT, 300, NULL, NULL), 0);
	}
	ck_errno(ptrace(PTRACE_CONT, TID, NULL, NULL), ESRCH);
	ck_errno(waitpid(TID, NULL, __WALL | WNOHANG), ECHILD);
}
END_TEST

#define LENGTH(a) ((int)(sizeof(a) / sizeof((a)[0])))

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

	if (old)
		tcase_add_checked_fixture(tc, older, NULL);
	tcase_add_loop_test(tc, resume, 0, LENGTH(resumes));
	tcase_add_loop_test(tc, option, 0, LENGTH(options));
	tcase_add_loop_test(tc, refused, 0, LENGTH(refusals));
	tcase_add_loop_test(tc, error, 0, LENGTH(errors));
	tcase_add_test(tc, suspend_is_for_root);
	tcase_add_test(tc, tracer_is_a_thread);
	tcase_add_test(tc, sysemu_skips);
	tcase_add_test(tc, attach);
	tcase_add_test(tc, listening);
	tcase_add_test(tc, traceme);
	tcase_add_test(tc, killed_meanwhile);
	tcase_add_test(tc, number_again);
	if (!old)
		tcase_add_test(tc, closed);
	if (!old)
		tcase_add_loop_test(tc, closed_in_a_fork, 0, 2);
	suite_add_tcase(s, tc);
}

int
main(void)
{
	Suite *s = suite_create("requests");

	add(s, "all", false);
	add(s, "older", true);
	return suite_main(s);
}
