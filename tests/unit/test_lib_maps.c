/* SPDX-License-Identifier: MIT */
/* What libptrace maps of a tracee, when it believes it, and when it lets go. */
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
#define WINDOW	    ((size_t)64 * 4096)
#define AT	    ((uint64_t)3 * WINDOW)
#define NT_PRSTATUS 1

static _Alignas(8) unsigned char page[4096];
#define record (*(struct proc_stop *)(void *)page)
static unsigned char memory[WINDOW]; /* that all windows show */
static struct ptrace_io io;
static int mapped, maps; /* now, ever */
static bool refuse;

static void *
map(int handle, uint64_t off, size_t n, bool write)
{
	const struct fake_file *f = &fake.file[fake.handle[handle & 1023]];

	/* As of a kernel where it cannot be written: test_lib_edits.c. */
	if (write && !strcmp(strchr(f->name, '/') + 1, PROC_FILE_STOP))
		return NULL;
	maps++;
	if (!strcmp(strchr(f->name, '/') + 1, PROC_FILE_STOP)) {
		ck_assert_uint_eq(off, 0);
		mapped++;
		return &record;
	}
	ck_assert_uint_eq(n, WINDOW);
	ck_assert_uint_eq(off % WINDOW, 0);
	if (refuse)
		return NULL;
	mapped++;
	return memory;
}

static void
unmap(const void *at, size_t n)
{
	ck_assert(at == &record || (at == memory && n == WINDOW));
	mapped--;
}

/* TID in a stop, whose files say 1 and whose mappings say 2. */
static void
setup(void)
{
	struct fake_file *f;
	long one = 1, two = 2;

	fake_stopped(PROC_STOP_SIGNAL, SIGUSR1, 0);
	io = fake_io;
	io.map = map;
	io.unmap = unmap;
	ptl_state.io = &io;
	fake_add(TID, PROC_FILE_STOP, NULL, sizeof(record));
	f = fake_find(TID, PROC_FILE_MEM);
	f->offset = AT;
	f->size = 4096;
	memset(page, 0, sizeof(page));
	record.sequence = 3;
	record.regs.rip = 2;
	for (size_t i = 0; i < 4096; i += sizeof(one)) {
		memcpy(f->data + i, &one, sizeof(one));
		memcpy(memory + i, &two, sizeof(two));
	}
	mapped = maps = 0;
	refuse = false;
}

static void
teardown(void)
{
	ptl_reset(NULL);
	ck_assert_int_eq(mapped, 0);
}

static long
peek(uint64_t addr)
{
	long r;

	errno = 0;
	r = ptrace(PTRACE_PEEKDATA, TID, word(addr), NULL);
	ck_assert_int_eq(errno, 0);
	return r;
}

static void
warm(void)
{
	for (int i = 0; i < OFTEN; i++)
		peek(AT);
}

/* A peek, and how many operations that was. */
static int
cost(uint64_t addr)
{
	int before = fake.calls;

	peek(addr);
	return fake.calls - before;
}

START_TEST(peeks_from_a_window)
{
	ck_assert_int_eq(peek(AT), 1);
	ck_assert_int_eq(maps, 0);
	warm();
	ck_assert_int_eq(mapped, 2);
	ck_assert_int_eq(peek(AT), 2);
	ck_assert_int_eq(cost(AT), 0);
	/* Each page once from the file. */
	ck_assert_int_eq(cost(AT + 8), 0);
	ck_assert_int_eq(peek(AT + 4088), 2);
}
END_TEST

/* A word that is not within a page is never had so. */
START_TEST(across_pages)
{
	fake_find(TID, PROC_FILE_MEM)->offset = AT + 2048;
	for (int i = 0; i < OFTEN; i++) {
		peek(AT + 2048);
		ck_assert_int_ge(cost(AT + 4096 - sizeof(long) / 2), 1);
	}
}
END_TEST

START_TEST(generation_changes)
{
	warm();
	record.generation++;
	ck_assert_int_eq(peek(AT), 1);
	ck_assert_int_eq(peek(AT), 2);
	ck_assert_int_eq(maps, 2);
}
END_TEST

/* What is not in a stop, or not of this session, is the files' to say. */
START_TEST(not_in_a_stop)
{
	struct user_regs_struct regs;

	warm();
	record.sequence = _i ? 4 : 0;
	ck_assert_int_eq(peek(AT), 1);
	ck_assert_int_eq(peek(AT), 1);
	ck_assert_int_eq(ptrace(PTRACE_GETREGS, TID, NULL, &regs), 0);
	ck_assert_uint_ne(regs.rip, 2);
}
END_TEST

START_TEST(pages_are_lost)
{
	warm();
	record.generation++;
	record.lost++;
	ck_assert_int_eq(peek(AT), 1);
	ck_assert_int_eq(mapped, 1);
	ck_assert_int_eq(peek(AT), 1);
	ck_assert_int_eq(peek(AT), 2);
	ck_assert_int_eq(mapped, 2);
}
END_TEST

START_TEST(file_says_no)
{
	warm();
	record.generation++;
	fake_find(TID, PROC_FILE_MEM)->error = -EIO;
	for (int i = 0; i < 3; i++)
		ck_errno(ptrace(PTRACE_PEEKDATA, TID, word(AT), NULL), EIO);
}
END_TEST

START_TEST(window_is_refused)
{
	refuse = true;
	warm();
	ck_assert_int_eq(peek(AT), 1);
	ck_assert_int_eq(maps, 2);
	warm();
	ck_assert_int_eq(maps, 2);
}
END_TEST

START_TEST(registers_from_the_record)
{
	struct user_regs_struct regs;
	struct iovec iov = {&regs, sizeof(regs)};
	int before;

	for (int i = 0; i < OFTEN; i++)
		ck_assert_int_eq(ptrace(PTRACE_GETREGS, TID, NULL, &regs), 0);
	before = fake.calls;
	ck_assert_int_eq(ptrace(PTRACE_GETREGS, TID, NULL, &regs), 0);
	ck_assert_uint_eq(regs.rip, 2);
	ck_assert_int_eq(ptrace(PTRACE_PEEKUSER, TID, word(16 * 8), NULL), 2);
	ck_assert_int_eq(ptrace(PTRACE_GETREGSET, TID, word(NT_PRSTATUS), &iov),
			 0);
	ck_assert_int_eq(fake.calls, before);
	ck_errno(ptrace(PTRACE_GETREGS, TID, NULL, NULL), EFAULT);
}
END_TEST

/* What the record has already is not written; the rest is, in one piece. */
START_TEST(registers_that_change)
{
	struct fake_file *f = fake_find(TID, PROC_FILE_REGS_USER);
	const uint64_t *file = (const uint64_t *)(const void *)f->data;
	struct user_regs_struct regs;
	uint64_t rip = file[16];
	int before;

	for (int i = 0; i < OFTEN; i++)
		ck_assert_int_eq(ptrace(PTRACE_GETREGS, TID, NULL, &regs), 0);
	before = fake.calls;
	ck_assert_int_eq(ptrace(PTRACE_SETREGS, TID, NULL, &regs), 0);
	ck_assert_int_eq(fake.calls, before);
	ck_assert_uint_eq(file[16], rip);
	regs.r14 = 5;
	regs.rax = 6;
	ck_assert_int_eq(ptrace(PTRACE_SETREGS, TID, NULL, &regs), 0);
	ck_assert_int_eq(fake.calls, before + 1);
	ck_assert_uint_eq(file[1], 5);
	ck_assert_uint_eq(file[10], 6);
	ck_assert_uint_eq(file[16], rip);
	ck_assert_int_eq(ptrace(PTRACE_POKEUSER, TID, word(8 * 16), word(9)),
			 0);
	ck_assert_int_eq(fake.calls, before + 2);
	ck_assert_uint_eq(file[16], 9);
	/* A record that tells nothing: all are written. */
	record.sequence++;
	regs.rip = 7;
	ck_assert_int_eq(ptrace(PTRACE_SETREGS, TID, NULL, &regs), 0);
	ck_assert_mem_eq(file, &regs, sizeof(regs));
	ck_errno(ptrace(PTRACE_SETREGS, TID, NULL, NULL), EFAULT);
}
END_TEST

/* Windows that share a place take turns; a session's end lets all go. */
START_TEST(windows_come_and_go)
{
	struct fake_file *f = fake_find(TID, PROC_FILE_MEM);

	warm();
	f->offset = AT + 16 * WINDOW;
	for (int i = 0; i < OFTEN; i++)
		peek(AT + 16 * WINDOW);
	ck_assert_int_eq(mapped, 2);
	f->offset = AT + WINDOW;
	for (int i = 0; i < OFTEN; i++)
		peek(AT + WINDOW);
	ck_assert_int_eq(mapped, 3);
	ck_assert_int_eq(ptrace(PTRACE_DETACH, TID, NULL, NULL), 0);
	ck_assert_int_eq(mapped, 0);
}
END_TEST

START_TEST(executed)
{
	int st;

	warm();
	ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, NULL), 0);
	fake_event(TID, PROC_STOP_EXEC, TID);
	ck_assert_int_eq(waitpid(TID, &st, __WALL), TID);
	ck_assert_int_eq(mapped, 0);
	ck_assert_int_eq(peek(AT), 1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("lib_maps");
	TCase *tc = tcase_create("maps");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, peeks_from_a_window);
	tcase_add_test(tc, across_pages);
	tcase_add_test(tc, generation_changes);
	tcase_add_loop_test(tc, not_in_a_stop, 0, 2);
	tcase_add_test(tc, pages_are_lost);
	tcase_add_test(tc, file_says_no);
	tcase_add_test(tc, window_is_refused);
	tcase_add_test(tc, registers_from_the_record);
	tcase_add_test(tc, registers_that_change);
	tcase_add_test(tc, windows_come_and_go);
	tcase_add_test(tc, executed);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
