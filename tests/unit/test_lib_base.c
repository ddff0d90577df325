/* SPDX-License-Identifier: MIT */
/* libptrace on a kernel that serves the base files alone. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "fake_io.h"
#include "suite.h"

static const uint64_t basic =
    PROC_STOP_SIGNAL | PROC_STOP_BREAKPOINT | PROC_STOP_EXIT;

static void
base_thread(int tid)
{
	fake_add(tid, PROC_FILE_TRACE, NULL, 0);
	fake_add(tid, PROC_FILE_MEM, NULL, 4096);
	fake_add(tid, PROC_FILE_REGS_INT, NULL, sizeof(struct proc_int_regs));
	fake_add(tid, PROC_FILE_REGS_FLOAT, NULL,
		 sizeof(struct proc_float_regs));
	fake_add(tid, PROC_FILE_REGS_ENV, NULL, sizeof(struct proc_env_regs));
}

/* Attached: it is frozen, and shows as Linux shows it. */
static void
attached(void)
{
	int st;

	fake_start_base();
	base_thread(TID);
	ck_assert_int_eq(ptrace(PTRACE_ATTACH, TID, NULL, NULL), 0);
	ck_assert_int_eq(fake.nwritten, 0);
	ck_assert_int_eq(waitpid(TID, &st, 0), TID);
	ck_assert_int_eq(st, 0x137f);
}

START_TEST(resumes)
{
	int st;

	attached();
	ck_assert_int_eq(ptrace(PTRACE_SYSCALL, TID, NULL, NULL), 0);
	ck_assert_uint_eq(fake_last()->w.flags, basic | PROC_STOP_PRE_SYSCALL |
						    PROC_STOP_POST_SYSCALL);
	ck_assert_int_eq(waitpid(TID, &st, WNOHANG), 0);
	fake_event(TID, PROC_STOP_PRE_SYSCALL, 0);
	ck_assert_int_eq(waitpid(-1, &st, __WALL), TID);
	ck_assert_int_eq(st, 0x57f);
	ck_assert_int_eq(ptrace(PTRACE_SINGLESTEP, TID, NULL, NULL), 0);
	ck_assert_uint_eq(fake_last()->w.flags, basic | PROC_STOP_SINGLESTEP);
	fake_event(TID, PROC_STOP_SIGNAL, 2);
	ck_assert_int_eq(waitpid(-1, &st, __WALL), TID);
	ck_assert_int_eq(st, 0x27f);
	/* A signal can be delivered or not; another one it cannot be. */
	ck_errno(ptrace(PTRACE_CONT, TID, NULL, word(10)), EIO);
	ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, NULL), 0);
	ck_assert_uint_eq(fake_last()->w.flags, basic | PROC_FLAG_IGNORE);
	fake_event(TID, PROC_STOP_BREAKPOINT, 0);
	ck_assert_int_eq(waitpid(-1, &st, __WALL), TID);
	ck_assert_int_eq(st, 0x57f);
	ck_assert_int_eq(ptrace(PTRACE_DETACH, TID, NULL, NULL), 0);
	ck_assert_int_eq(fake_open_handles(), 0);
}
END_TEST

START_TEST(registers)
{
	struct user_regs_struct out;
	struct proc_int_regs *regs;
	int st;

	attached();
	regs = (void *)fake_find(TID, PROC_FILE_REGS_INT)->data;
	regs->rax = 59;
	regs->rip = 0x1000;
	ck_assert_int_eq(ptrace(PTRACE_GETREGS, TID, NULL, &out), 0);
	ck_assert_uint_eq(out.rip, 0x1000);
	ck_assert_uint_eq(out.orig_rax, UINT64_MAX);
	ck_assert_int_eq(ptrace(PTRACE_SYSCALL, TID, NULL, NULL), 0);
	fake_event(TID, PROC_STOP_PRE_SYSCALL, 0);
	ck_assert_int_eq(waitpid(-1, &st, __WALL), TID);
	ck_assert_int_eq(ptrace(PTRACE_GETREGS, TID, NULL, &out), 0);
	ck_assert_uint_eq(out.orig_rax, 59);
	ck_assert_int_eq((int)out.rax, -ENOSYS);
	/* The number is changed through orig_rax, as on Linux. */
	out.orig_rax = 39;
	ck_assert_int_eq(ptrace(PTRACE_SETREGS, TID, NULL, &out), 0);
	ck_assert_uint_eq(regs->rax, 39);
	out.orig_rax = 0;
	ck_assert_int_eq(ptrace(PTRACE_PEEKUSER, TID,
				word(offsetof(struct user, regs.orig_rax)),
				NULL),
			 39);
}
END_TEST

START_TEST(deaths)
{
	int st;

	attached();
	ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, NULL), 0);
	fake_event(TID, PROC_STOP_EXIT, 0x300);
	ck_assert_int_eq(waitpid(-1, &st, WNOHANG), 0);
	/* Nobody asked for this stop: it goes on by itself. */
	ck_assert_uint_eq(fake_last()->w.flags, 0);
	fake_find(TID, PROC_FILE_TRACE)->error = -ESRCH;
	ck_assert_int_eq(waitpid(-1, &st, WNOHANG), TID);
	ck_assert_int_eq(st, 0x300);
	ck_errno(waitpid(-1, &st, WNOHANG), ECHILD);
}
END_TEST

START_TEST(killed)
{
	int st;

	attached();
	ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, NULL), 0);
	fake_find(TID, PROC_FILE_TRACE)->error = -ESRCH;
	ck_assert_int_eq(waitpid(TID, &st, 0), TID);
	ck_assert_int_eq(st, 9);
}
END_TEST

START_TEST(children)
{
	int st;

	attached();
	ck_assert_int_eq(
	    ptrace(PTRACE_SETOPTIONS, TID, NULL, word(PTRACE_O_TRACEFORK)), 0);
	ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, NULL), 0);
	ck_assert_uint_eq(fake_last()->w.flags, basic | PROC_EVENT_CLONE);
	base_thread(201);
	fake_event(TID, PROC_EVENT_CLONE, 201);
	ck_assert_int_eq(waitpid(201, &st, 0), 201);
	ck_assert_int_eq(st, 0x137f);
	ck_assert_int_eq(waitpid(TID, &st, 0), TID);
	ck_assert_int_eq(st, 0x3057f);
	ck_assert_int_eq(ptrace(PTRACE_CONT, 201, NULL, NULL), 0);
	ck_assert_int_eq(fake_last()->tid, 201);
}
END_TEST

/* What has no base file is refused. */
static const struct {
	int request;
	uintptr_t addr, data;
	int error;
} refused[] = {
    {PTRACE_GETSIGINFO, 0, 8192, EIO},	  {PTRACE_SETSIGINFO, 0, 8192, EIO},
    {PTRACE_GETSIGMASK, 8, 8192, EIO},	  {PTRACE_PEEKUSER, 848, 0, EIO},
    {PTRACE_POKEUSER, 848, 0, EIO},	  {PTRACE_SINGLEBLOCK, 0, 0, EIO},
    {PTRACE_INTERRUPT, 0, 0, EIO},	  {PTRACE_LISTEN, 0, 0, EIO},
    {PTRACE_GET_SYSCALL_INFO, 0, 0, EIO},
};

START_TEST(missing)
{
	static siginfo_t buffer;

	attached();
	ck_errno(ptrace(refused[_i].request, TID, word(refused[_i].addr),
			refused[_i].data ? &buffer : NULL),
		 refused[_i].error);
	ck_assert_int_eq(fake.nwritten, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("base kernel");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, resumes);
	tcase_add_test(tc, registers);
	tcase_add_test(tc, deaths);
	tcase_add_test(tc, killed);
	tcase_add_test(tc, children);
	tcase_add_loop_test(tc, missing, 0,
			    sizeof(refused) / sizeof(refused[0]));
	suite_add_tcase(s, tc);
	return suite_main(s);
}
