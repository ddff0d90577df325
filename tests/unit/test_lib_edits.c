/* SPDX-License-Identifier: MIT */
/*
 * Changes that libptrace leaves in the record of a stop: which, in what form,
 * and when it writes the file instead. The record is the test's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "../../src/session.h"
#include "fake_io.h"
#include "suite.h"

#define OFTEN	    8
#define NT_PRSTATUS 1
#define REG(name)   (offsetof(struct user_regs_struct, name))
#define BIT(name)   (UINT64_C(1) << REG(name) / 8)

static _Alignas(8) unsigned char page[4096];
static struct proc_events events;
#define record (*(struct proc_stop *)(void *)page)
#define edit   (*(struct proc_edit *)(void *)(page + PROC_EDIT_OFFSET))

static struct ptrace_io io;
static struct user_regs_struct regs, got;
static int before; /* operations */

static void *
map(int handle, uint64_t off, size_t n, bool write)
{
	const struct fake_file *f = &fake.file[fake.handle[handle & 1023]];
	const char *name = strchr(f->name, '/') + 1;

	if (off || n != sizeof(page))
		return NULL;
	if (!strcmp(name, PROC_FILE_STOP))
		return page;
	ck_assert(!write);
	return strcmp(name, PROC_FILE_EVENTS) ? NULL : &events;
}

static void
unmap(const void *at, size_t n)
{
	ck_assert(at == page || at == &events);
	ck_assert_uint_eq(n, sizeof(page));
}

/* TID in a stop, whose record is mapped: rip is 2, mxcsr's low bits valid. */
static void
setup(void)
{
	fake_stopped(PROC_STOP_SIGNAL, SIGUSR1, 0);
	io = fake_io;
	io.map = map;
	io.unmap = unmap;
	ptl_state.io = &io;
	fake_add(TID, PROC_FILE_STOP, NULL, sizeof(record));
	memset(page, 0, sizeof(page));
	memset(&events, 0, sizeof(events));
	record.sequence = 3;
	record.regs.rip = 2;
	record.has = PROC_HAS_INFO | PROC_TAKES_INFO;
	record.sigmask = 5;
	for (int i = 0; i < OFTEN; i++)
		ck_assert_int_eq(ptrace(PTRACE_GETREGS, TID, NULL, &regs), 0);
	ck_assert_uint_eq(regs.rip, 2);
	/* A place that has not been stored into yet is the kernel's to check.
	 */
	ck_assert_int_eq(ptrace(PTRACE_GETREGS, TID, NULL, &got), 0);
	before = fake.calls;
}

static void
teardown(void)
{
	ptl_reset(NULL);
}

/* No file was used since the last time. */
static bool
quick(void)
{
	int was = before;

	before = fake.calls;
	return fake.calls == was;
}

static long
set_regs(void)
{
	return ptrace(PTRACE_SETREGS, TID, NULL, &regs);
}

START_TEST(registers)
{
	regs.r14 = 7;
	regs.rip = 9;
	ck_assert_int_eq(set_regs(), 0);
	ck_assert(quick());
	ck_assert_uint_eq(edit.at, 3);
	ck_assert_uint_eq(edit.words, BIT(r14) | BIT(rip));
	ck_assert_uint_eq(edit.regs.r14, 7);
	ck_assert_uint_eq(edit.regs.rip, 9);
	ck_assert_uint_eq(record.regs.rip, 2);
	/* They read back; one changes back, another too, one alone. */
	ck_assert_int_eq(ptrace(PTRACE_GETREGS, TID, NULL, &got), 0);
	ck_assert_mem_eq(&got, &regs, sizeof(got));
	regs.rip = 2;
	ck_assert_int_eq(set_regs(), 0);
	ck_assert_uint_eq(edit.regs.rip, 2);
	ck_assert_int_eq(
	    ptrace(PTRACE_POKEUSER, TID, word(REG(orig_rax)), word(11)), 0);
	ck_assert_uint_eq(edit.words, BIT(r14) | BIT(rip) | BIT(orig_rax));
	ck_assert_int_eq(
	    ptrace(PTRACE_PEEKUSER, TID, word(REG(orig_rax)), NULL), 11);
	ck_assert_int_eq(ptrace(PTRACE_PEEKUSER, TID, word(REG(rip)), NULL), 2);
	ck_assert_int_eq(ptrace(PTRACE_PEEKUSER, TID, word(REG(rbx)), NULL), 0);
	ck_assert(quick());
}
END_TEST

/* A register that cannot have any value is the kernel's to judge. */
START_TEST(checked_registers)
{
	static const size_t offs[] = {REG(eflags),  REG(cs),	  REG(ss),
				      REG(fs_base), REG(gs_base), REG(ds)};
	struct fake_file *f = fake_find(TID, PROC_FILE_REGS_USER);
	const uint64_t *file = (const uint64_t *)(const void *)f->data;
	size_t off = offs[_i];

	((uint64_t *)(void *)&regs)[off / 8] = 0x33;
	ck_assert_int_eq(set_regs(), 0);
	ck_assert(!quick());
	ck_assert_uint_eq(file[off / 8], 0x33);
	ck_assert_int_eq(ptrace(PTRACE_POKEUSER, TID, word(off), word(0x2b)),
			 0);
	ck_assert(!quick());
	ck_assert_uint_eq(file[off / 8], 0x2b);
	ck_assert_uint_eq(edit.words, 0);
	f->error = -EIO;
	ck_errno(set_regs(), EIO);
	ck_errno(ptrace(PTRACE_POKEUSER, TID, word(off), word(1)), EIO);
}
END_TEST

/* What was left for an earlier stop is not of this one. */
START_TEST(another_stop)
{
	regs.rip = 9;
	ck_assert_int_eq(set_regs(), 0);
	record.sequence = 5;
	record.regs.rip = 20;
	ck_assert_int_eq(ptrace(PTRACE_GETREGS, TID, NULL, &regs), 0);
	ck_assert_uint_eq(regs.rip, 20);
	regs.rbx = 1;
	ck_assert_int_eq(set_regs(), 0);
	ck_assert_uint_eq(edit.at, 5);
	ck_assert_uint_eq(edit.words, BIT(rbx));
	ck_assert(quick());
	/* It is not in a stop that could be told: the file knows. */
	record.sequence = 6;
	ck_assert_int_eq(set_regs(), 0);
	ck_assert(!quick());
	fake_find(TID, PROC_FILE_REGS_USER)->error = -ESRCH;
	ck_errno(set_regs(), ESRCH);
}
END_TEST

START_TEST(system_call)
{
	unsigned char info[88];

	record.call.nr = 1;
	ck_assert_int_gt(
	    ptrace(PTRACE_GET_SYSCALL_INFO, TID, word(sizeof(info)), info), 0);
	ck_assert(quick());
	regs.rip = 9;
	ck_assert_int_eq(set_regs(), 0);
	ck_assert(quick());
	/* It follows from the registers, which are other ones now. */
	ck_assert_int_gt(
	    ptrace(PTRACE_GET_SYSCALL_INFO, TID, word(sizeof(info)), info), 0);
	ck_assert(!quick());
}
END_TEST

START_TEST(signal_info)
{
	siginfo_t info, seen;

	memset(&info, 0, sizeof(info));
	ck_assert_int_eq(ptrace(PTRACE_GETSIGINFO, TID, NULL, &info), 0);
	ck_assert_int_eq(ptrace(PTRACE_SETSIGINFO, TID, NULL, &info), 0);
	quick();
	info.si_signo = SIGUSR2;
	info.si_code = SI_QUEUE;
	ck_assert_int_eq(ptrace(PTRACE_SETSIGINFO, TID, NULL, &info), 0);
	ck_assert_int_eq(ptrace(PTRACE_GETSIGINFO, TID, NULL, &seen), 0);
	ck_assert(quick());
	ck_assert_mem_eq(&seen, &info, sizeof(seen));
	ck_assert_uint_eq(edit.what, PROC_EDIT_INFO);
	ck_assert_int_eq(edit.info.signo, SIGUSR2);
	/* A stop that has none. */
	record.sequence = 5;
	record.has = 0;
	fake_find(TID, PROC_FILE_SIGINFO)->error = -EINVAL;
	ck_errno(ptrace(PTRACE_SETSIGINFO, TID, NULL, &info), EINVAL);
	ck_errno(ptrace(PTRACE_GETSIGINFO, TID, NULL, &info), EINVAL);
}
END_TEST

START_TEST(signal_mask)
{
	uint64_t mask = ~UINT64_C(0);

	ck_assert_int_eq(ptrace(PTRACE_GETSIGMASK, TID, word(8), &mask), 0);
	ck_assert_int_eq(ptrace(PTRACE_GETSIGMASK, TID, word(8), &mask), 0);
	ck_assert_uint_eq(mask, 5);
	quick();
	mask = ~UINT64_C(0);
	ck_assert_int_eq(ptrace(PTRACE_SETSIGMASK, TID, word(8), &mask), 0);
	ck_assert_uint_eq(edit.what, PROC_EDIT_SIGMASK);
	ck_assert_int_eq(ptrace(PTRACE_GETSIGMASK, TID, word(8), &mask), 0);
	ck_assert(quick());
	ck_assert_uint_eq(mask, ~(UINT64_C(1) << 8 | UINT64_C(1) << 18));
	ck_assert_uint_eq(edit.sigmask, mask);
	ck_errno(ptrace(PTRACE_SETSIGMASK, TID, word(4), &mask), EINVAL);
	ck_errno(ptrace(PTRACE_SETSIGMASK, TID, word(8), NULL), EFAULT);
}
END_TEST

/* They are there once they are wanted, and are not when nobody asks. */
START_TEST(floats)
{
	struct user_fpregs_struct f;
	int st;

	ck_assert_int_eq(ptrace(PTRACE_GETFPREGS, TID, NULL, &f), 0);
	ck_assert(!quick());
	ck_assert(edit.wants & PROC_HAS_FLOATS);
	record.has |= PROC_HAS_FLOATS;
	memset(&record.floats, 3, sizeof(record.floats));
	record.floats.mxcsr_mask = 0xffff;
	ck_assert_int_eq(ptrace(PTRACE_GETFPREGS, TID, NULL, &f), 0);
	ck_assert_mem_eq(&f, &record.floats, sizeof(record.floats));
	f.mxcsr = 0x1f80;
	ck_assert_int_eq(ptrace(PTRACE_SETFPREGS, TID, NULL, &f), 0);
	ck_assert(quick());
	ck_assert_uint_eq(edit.what, PROC_EDIT_FLOATS);
	ck_assert_mem_eq(&f, &edit.floats, sizeof(edit.floats));
	/* What is made of them, and what is wrong, the kernel tells. */
	ck_assert_int_eq(ptrace(PTRACE_GETFPREGS, TID, NULL, &f), 0);
	ck_assert(!quick());
	f.mxcsr = 0x10000;
	fake_find(TID, PROC_FILE_REGS_FLOAT)->error = -EINVAL;
	ck_errno(ptrace(PTRACE_SETFPREGS, TID, NULL, &f), EINVAL);
	for (int i = 0; i < 40; i++) {
		ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, NULL), 0);
		fake_event(TID, PROC_STOP_SIGNAL, SIGUSR1);
		ck_assert_int_eq(waitpid(TID, &st, __WALL), TID);
	}
	ck_assert(!(edit.wants & PROC_HAS_FLOATS));
}
END_TEST

START_TEST(debug_registers)
{
	const size_t dr7 = offsetof(struct user, u_debugreg[7]);

	record.debug.dr[7] = 0x155;
	ck_assert_int_eq(ptrace(PTRACE_PEEKUSER, TID, word(dr7), NULL), 0);
	ck_assert(!quick());
	record.has |= PROC_HAS_DEBUG;
	ck_assert_int_eq(ptrace(PTRACE_PEEKUSER, TID, word(dr7), NULL), 0x155);
	ck_assert_int_eq(ptrace(PTRACE_POKEUSER, TID, word(dr7), word(0x155)),
			 0);
	ck_assert(quick());
	ck_assert_int_eq(ptrace(PTRACE_POKEUSER, TID, word(dr7), word(1)), 0);
	ck_assert(!quick());
	ck_errno(ptrace(PTRACE_POKEUSER, TID, word(dr7 - 16), word(0)), EIO);
}
END_TEST

START_TEST(rusage)
{
	struct rusage ru;
	int st;

	record.rusage.minflt = 4;
	record.has |= PROC_HAS_RUSAGE;
	fake_event(TID, PROC_STOP_SIGNAL, SIGUSR1);
	quick();
	ck_assert_int_eq(wait4(TID, &st, __WALL | WNOHANG, &ru), TID);
	ck_assert_int_eq(ru.ru_minflt, 4);
	ck_assert(edit.wants & PROC_HAS_RUSAGE);
	record.has &= ~(uint64_t)PROC_HAS_RUSAGE;
	fake_event(TID, PROC_STOP_SIGNAL, SIGUSR1);
	ck_assert_int_eq(wait4(TID, &st, __WALL | WNOHANG, &ru), TID);
	ck_assert_int_eq(ru.ru_minflt, 0);
}
END_TEST

/* Only what the kernel must know at once is told at once. */
START_TEST(options)
{
	const int now[] = {PTRACE_O_EXITKILL, PTRACE_O_TRACEEXIT,
			   PTRACE_O_SUSPEND_SECCOMP};
	int st;

	/* With TRACEEXIT the events are looked at: where they are mapped. */
	events.state = PROC_EVENTS_NONE;
	for (int i = 0; i < 6; i++)
		ck_assert_int_eq(waitpid(-1, &st, __WALL | WNOHANG), 0);
	quick();
	ck_assert_int_eq(
	    ptrace(PTRACE_SETOPTIONS, TID, NULL, word(PTRACE_O_TRACEFORK)), 0);
	ck_assert(quick());
	for (size_t i = 0; i < sizeof(now) / sizeof(now[0]); i++) {
		ck_assert_int_eq(
		    ptrace(PTRACE_SETOPTIONS, TID, NULL, word(now[i])), 0);
		ck_assert(!quick());
		ck_assert(fake_last()->w.flags & PROC_FLAG_SETMASK);
		ck_assert_int_eq(ptrace(PTRACE_SETOPTIONS, TID, NULL,
					word(now[i] | PTRACE_O_TRACEEXEC)),
				 0);
		ck_assert(quick());
	}
	ck_errno(ptrace(PTRACE_SETOPTIONS, TID, NULL, word(0x1000)), EINVAL);
	ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, NULL), 0);
	ck_assert(fake_last()->w.flags & PROC_STOP_EXEC);
}
END_TEST

/* Whether events wait is seen without a look, once looks were in vain. */
START_TEST(events_are_shown)
{
	int st, n = 0;

	events.state = PROC_EVENTS_NONE;
	do
		ck_assert_int_eq(waitpid(-1, &st, __WALL | WNOHANG), 0);
	while (!quick() && ++n < 100);
	ck_assert_int_lt(n, 100);
	fake_event(TID, PROC_STOP_SIGNAL, SIGUSR1);
	events.state = PROC_EVENTS_SOME;
	ck_assert_int_eq(waitpid(-1, &st, __WALL | WNOHANG), TID);
	/* A fork of the tracer sees 0, and looks. */
	events.state = 0;
	quick();
	ck_assert_int_eq(waitpid(-1, &st, __WALL | WNOHANG), 0);
	ck_assert(!quick());
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("lib_edits");
	TCase *tc = tcase_create("edits");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, registers);
	tcase_add_loop_test(tc, checked_registers, 0, 6);
	tcase_add_test(tc, another_stop);
	tcase_add_test(tc, system_call);
	tcase_add_test(tc, signal_info);
	tcase_add_test(tc, signal_mask);
	tcase_add_test(tc, floats);
	tcase_add_test(tc, debug_registers);
	tcase_add_test(tc, rusage);
	tcase_add_test(tc, options);
	tcase_add_test(tc, events_are_shown);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
