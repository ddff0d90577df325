/* SPDX-License-Identifier: MIT */
/* What libptrace maps of a tracee, when it believes it, and when it lets go. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
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

static _Alignas(8) unsigned char stop_page[4096];
#define record (*(struct proc_stop *)(void *)stop_page)
static _Alignas(4096) unsigned char memory[WINDOW]; /* all windows show it */
static struct ptrace_io io;
static int mapped, maps; /* now, ever */
static bool refuse, refuse_write;

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
		ck_assert(!write);
		mapped++;
		return &record;
	}
	ck_assert_uint_eq(n, WINDOW);
	ck_assert_uint_eq(off % WINDOW, 0);
	if (refuse || (write && refuse_write))
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
	memset(stop_page, 0, sizeof(stop_page));
	record.sequence = 3;
	record.regs.rip = 2;
	for (size_t i = 0; i < 4096; i += sizeof(one)) {
		memcpy(f->data + i, &one, sizeof(one));
		memcpy(memory + i, &two, sizeof(two));
	}
	mapped = maps = 0;
	refuse = refuse_write = false;
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
	ck_assert_int_eq(maps, 3);
	warm();
	ck_assert_int_eq(maps, 3);
}
END_TEST

/* A poke, and how many operations that was. */
static int
poke(uint64_t addr, long v)
{
	int before = fake.calls;

	ck_assert_int_eq(ptrace(PTRACE_POKEDATA, TID, word(addr), word(v)), 0);
	return fake.calls - before;
}

static void
warm_pokes(void)
{
	for (int i = 0; i < OFTEN; i++)
		poke(AT, 1);
}

static long
word_at(const unsigned char *p)
{
	long v;

	memcpy(&v, p, sizeof(v));
	return v;
}

START_TEST(pokes_into_a_window)
{
	const unsigned char *file = fake_find(TID, PROC_FILE_MEM)->data;

	warm_pokes();
	ck_assert_int_eq(mapped, 2);
	errno = 7;
	ck_assert_int_eq(poke(AT, -1), 0);
	ck_assert_int_eq(errno, 7);
	ck_assert_int_eq(word_at(memory), -1);
	ck_assert_int_eq(word_at(file), 1);
	ck_assert_int_eq(peek(AT), -1);
	ck_assert_int_eq(cost(AT), 0);
	ck_assert_int_eq(poke(AT + 4088, 5), 0);
	ck_assert_int_eq(word_at(memory + 4088), 5);
	/* The file has another answer for a word of two. */
	ck_assert_int_ge(poke(AT + sizeof(long) / 2, 6), 1);
	ck_assert_int_eq(word_at(file + sizeof(long) / 2), 6);
}
END_TEST

/* What has only been read may be a page of many: the kernel is asked. */
START_TEST(reads_allow_no_store)
{
	const unsigned char *file = fake_find(TID, PROC_FILE_MEM)->data;

	warm();
	ck_assert_int_eq(cost(AT), 0);
	ck_assert_int_ge(poke(AT, 9), 1);
	ck_assert_int_eq(word_at(memory), 2);
	ck_assert_int_eq(word_at(file), 9);
	ck_assert_int_eq(poke(AT, 10), 0);
	ck_assert_int_eq(word_at(memory), 10);
}
END_TEST

START_TEST(pokes_after_a_change)
{
	const unsigned char *file = fake_find(TID, PROC_FILE_MEM)->data;

	warm_pokes();
	if (_i == 0)
		record.generation++;
	else
		record.sequence = _i == 1 ? 4 : 0;
	ck_assert_int_ge(poke(AT, 9), 1);
	ck_assert_int_eq(word_at(memory), 1);
	ck_assert_int_eq(word_at(file), 9);
	fake_find(TID, PROC_FILE_MEM)->error = -EIO;
	record.generation++;
	for (int i = 0; i < 3; i++)
		ck_errno(ptrace(PTRACE_POKEDATA, TID, word(AT), word(8)), EIO);
}
END_TEST

/* A page that is had again says nothing of the others in its window. */
START_TEST(pages_change_together)
{
	struct fake_file *f = fake_find(TID, PROC_FILE_MEM);

	for (int page = 0; page < 2; page++) {
		f->offset = AT + (uint64_t)page * 4096;
		for (int i = 0; i < OFTEN; i++)
			poke(f->offset, 1);
	}
	ck_assert_int_eq(cost(AT), 0);
	ck_assert_int_eq(poke(AT, 1), 0);
	record.generation++;
	poke(AT + 4096, 1);
	ck_assert_int_eq(poke(AT + 4096, 1), 0);
	f->offset = AT;
	ck_assert_int_ge(poke(AT, 1), 1);
	ck_assert_int_eq(poke(AT, 1), 0);
	record.generation++;
	f->offset = AT + 4096;
	poke(AT + 4096, 1);
	f->offset = AT;
	ck_assert_int_ge(cost(AT), 1);
}
END_TEST

static volatile sig_atomic_t taken;

/* The page at which a store arrives is another one now. */
static void
take_back(int sig)
{
	(void)sig;
	taken++;
	record.generation++;
	mprotect(memory, 4096, PROT_READ | PROT_WRITE);
}

/* A store during which the page is taken back is done again by the file. */
START_TEST(taken_during_the_store)
{
	const unsigned char *file = fake_find(TID, PROC_FILE_MEM)->data;
	const struct sigaction sa = {.sa_handler = take_back};
	struct sigaction old;

	warm_pokes();
	taken = 0;
	sigaction(SIGSEGV, &sa, &old);
	mprotect(memory, 4096, PROT_READ);
	ck_assert_int_ge(poke(AT, 9), 1);
	sigaction(SIGSEGV, &old, NULL);
	ck_assert_int_eq(taken, 1);
	ck_assert_int_eq(word_at(file), 9);
}
END_TEST

/* A kernel that lets nobody write a mapping is asked once. */
START_TEST(stores_are_refused)
{
	const unsigned char *file = fake_find(TID, PROC_FILE_MEM)->data;

	refuse_write = true;
	warm_pokes();
	ck_assert_int_eq(maps, 3);
	ck_assert_int_ge(poke(AT, 9), 1);
	ck_assert_int_eq(word_at(file), 9);
	ck_assert_int_eq(word_at(memory), 2);
	ck_assert_int_eq(cost(AT), 0);
	fake_find(TID, PROC_FILE_MEM)->offset = AT + WINDOW;
	for (int i = 0; i < OFTEN; i++)
		poke(AT + WINDOW, 1);
	ck_assert_int_eq(maps, 4);
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
	tcase_add_test(tc, pokes_into_a_window);
	tcase_add_test(tc, reads_allow_no_store);
	tcase_add_loop_test(tc, pokes_after_a_change, 0, 3);
	tcase_add_test(tc, pages_change_together);
	tcase_add_test(tc, taken_during_the_store);
	tcase_add_test(tc, stores_are_refused);
	tcase_add_test(tc, registers_from_the_record);
	tcase_add_test(tc, registers_that_change);
	tcase_add_test(tc, windows_come_and_go);
	tcase_add_test(tc, executed);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
