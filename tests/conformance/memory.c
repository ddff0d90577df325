/* SPDX-License-Identifier: MIT */
/* PTRACE_PEEKTEXT, PEEKDATA, POKETEXT, POKEDATA. */
#include "cases.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE 4096

/* Shared with the tracees by fork, so at the same addresses. */
static unsigned char *page;
static volatile long word = 0x1122334455667788;
static const volatile long constant = 0x0102030405060708;

static void
make_pages(int protection, size_t length)
{
	page = mmap(NULL, length + PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(page != MAP_FAILED);
	for (size_t i = 0; i < length; i++)
		page[i] = (unsigned char)(i * 7 + i / 256);
	must(munmap(page + length, PAGE));
	must(mprotect(page, length, protection));
}

static void
poke(pid_t pid, const volatile void *address, unsigned long value)
{
	must(pt(PTRACE_POKEDATA, pid, address, value));
}

static void
text_is_data(void)
{
	pid_t pid = launch(do_nothing);

	errno = 0;
	equal(pt(PTRACE_PEEKTEXT, pid, &word, 0), 0x1122334455667788);
	equal(errno, 0);
	equal(peek(pid, &word), 0x1122334455667788);
	must(pt(PTRACE_POKETEXT, pid, &word, 42));
	equal(peek(pid, &word), 42);
	must(pt(PTRACE_POKEDATA, pid, &word, 43));
	equal(pt(PTRACE_PEEKTEXT, pid, &word, 0), 43);
	/* In the tracee's memory alone. */
	equal(word, 0x1122334455667788);
	end(pid);
}

static void
any_alignment(void)
{
	pid_t pid;
	long want;

	make_pages(PROT_READ, 2 * PAGE);
	pid = launch(do_nothing);
	for (int i = 0; i < 16; i++) {
		memcpy(&want, page + 40 + i, sizeof want);
		equal(peek(pid, page + 40 + i), want);
	}
	end(pid);
}

static void
across_pages(void)
{
	pid_t pid;
	long want;

	make_pages(PROT_READ | PROT_WRITE, 2 * PAGE);
	pid = launch(do_nothing);
	for (int i = 1; i < 8; i++) {
		memcpy(&want, page + PAGE - i, sizeof want);
		equal(peek(pid, page + PAGE - i), want);
	}
	poke(pid, page + PAGE - 3, 0x8877665544332211);
	equal(peek(pid, page + PAGE - 3), (long)0x8877665544332211);
	memcpy(&want, page + PAGE - 11, sizeof want);
	equal(peek(pid, page + PAGE - 11), want);
	end(pid);
}

static void
end_of_mapping(void)
{
	pid_t pid;
	long before;

	make_pages(PROT_READ | PROT_WRITE, PAGE);
	pid = launch(do_nothing);
	before = peek(pid, page + PAGE - 8);
	refused(pt(PTRACE_PEEKDATA, pid, page + PAGE - 7, 0), EIO);
	refused(pt(PTRACE_PEEKDATA, pid, page + PAGE, 0), EIO);
	refused(pt(PTRACE_POKEDATA, pid, page + PAGE, 0), EIO);
	equal(peek(pid, page + PAGE - 8), before);
	end(pid);
}

static void
bad_addresses(void)
{
	const unsigned long bad[] = {0,
				     1,
				     0x7ffffffffffc,
				     0x7ffffffff000,
				     0x800000000000,
				     0xdead000000000000,
				     0xffff888000000000,
				     0xffffffff80000000,
				     -8ul,
				     -4ul,
				     -1ul};
	pid_t pid = launch(do_nothing);

	for (size_t i = 0; i < COUNT(bad); i++) {
		refused(pt(PTRACE_PEEKDATA, pid, bad[i], 0), EIO);
		refused(pt(PTRACE_PEEKTEXT, pid, bad[i], 0), EIO);
		refused(pt(PTRACE_POKEDATA, pid, bad[i], 0), EIO);
		refused(pt(PTRACE_POKETEXT, pid, bad[i], 0), EIO);
	}
	end(pid);
}

static void
minus_one(void)
{
	pid_t pid = launch(do_nothing);

	poke(pid, &word, -1ul);
	errno = 0;
	equal(pt(PTRACE_PEEKDATA, pid, &word, 0), -1);
	equal(errno, 0);
	errno = 0;
	equal(pt(PTRACE_PEEKDATA, pid, 8, 0), -1);
	equal(errno, EIO);
	end(pid);
}

static void
data_is_ignored(void)
{
	pid_t pid = launch(do_nothing);

	errno = 0;
	equal(pt(PTRACE_PEEKDATA, pid, &word, 1), 0x1122334455667788);
	equal(errno, 0);
	end(pid);
}

static void
read_only(void)
{
	pid_t pid;

	make_pages(PROT_READ, PAGE);
	pid = launch(do_nothing);
	poke(pid, page + 16, 0x1234);
	equal(peek(pid, page + 16), 0x1234);
	poke(pid, (void *)&constant, 0x5678);
	equal(peek(pid, &constant), 0x5678);
	equal(constant, 0x0102030405060708);
	end(pid);
}

static void
no_access(void)
{
	pid_t pid;
	long want;

	make_pages(PROT_READ, PAGE);
	memcpy(&want, page + 16, sizeof want);
	must(mprotect(page, PAGE, PROT_NONE));
	pid = launch(do_nothing);
	equal(peek(pid, page + 16), want);
	poke(pid, page + 16, 0x1234);
	equal(peek(pid, page + 16), 0x1234);
	end(pid);
}

static void
not_touched_yet(void)
{
	pid_t pid;

	page = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(page != MAP_FAILED);
	pid = launch(do_nothing);
	for (int i = 0; i < 64; i += 2) {
		equal(peek(pid, page + i * PAGE + 8), 0);
		poke(pid, page + (i + 1) * PAGE + 8, (unsigned long)i + 1);
	}
	for (int i = 0; i < 64; i += 2)
		equal(peek(pid, page + (i + 1) * PAGE + 8), i + 1);
	end(pid);
}

static void
shared_mapping(void)
{
	pid_t pid = launch(do_nothing);

	poke(pid, &board[5], 99);
	equal(board[5], 99);
	board[5] = 100;
	equal(peek(pid, &board[5]), 100);
	end(pid);
}

static void
shared_read_only(void)
{
	char name[] = "/tmp/conformance.XXXXXX";
	int fd = (int)must(mkstemp(name));
	pid_t pid;

	must(unlink(name));
	must(ftruncate(fd, PAGE));
	must(pwrite(fd, "12345678", 8, 0));
	page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	check(page != MAP_FAILED);
	pid = launch(do_nothing);
	equal(peek(pid, page), 0x3837363534333231);
	refused(pt(PTRACE_POKEDATA, pid, page, 7), EIO);
	equal(page[0], '1');
	end(pid);
}

static void
private_file(void)
{
	char name[] = "/tmp/conformance.XXXXXX";
	int fd = (int)must(mkstemp(name));
	char bytes[8];
	pid_t pid;

	must(unlink(name));
	must(ftruncate(fd, PAGE));
	must(pwrite(fd, "12345678", 8, 0));
	page = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	check(page != MAP_FAILED);
	pid = launch(do_nothing);
	poke(pid, page, 7);
	equal(peek(pid, page), 7);
	equal(page[0], '1');
	equal(must(pread(fd, bytes, 8, 0)), 8);
	equal(memcmp(bytes, "12345678", 8), 0);
	end(pid);
}

/* Kept out of line, so that it has an address to write to. */
__attribute__((noinline)) static int
function(int value)
{
	__asm__ volatile("");
	return value + 1;
}

static int file;

/* A file's page, mapped one way after the other at the same place. */
static void
map_in_turn(void)
{
	const int fixed = MAP_FIXED | MAP_SHARED;

	mmap(page, PAGE, PROT_READ, fixed, file, 0);
	kill(getpid(), SIGSTOP);
	mmap(page, PAGE, PROT_READ | PROT_WRITE, fixed, file, 0);
	kill(getpid(), SIGSTOP);
	mmap(page, PAGE, PROT_READ, MAP_FIXED | MAP_PRIVATE, file, 0);
	kill(getpid(), SIGSTOP);
}

static void
to_next_mapping(pid_t pid, long value)
{
	cont(pid);
	expect(pid, STOPPED(SIGSTOP));
	equal(peek(pid, page), value);
}

static long
word_in_file(void)
{
	long v;

	equal(pread(file, &v, sizeof v, 0), sizeof v);
	return v;
}

static void
file_in_turn(void)
{
	long v = 9;
	pid_t pid;

	make_pages(PROT_READ, PAGE);
	file = (int)must(memfd_create("file", 0));
	must(pwrite(file, &v, sizeof v, 0));
	must(ftruncate(file, PAGE));
	pid = launch(map_in_turn);
	to_next_mapping(pid, 9);
	for (int i = 0; i < 8; i++)
		refused(pt(PTRACE_POKEDATA, pid, page, i), EIO);
	equal(word_in_file(), 9);
	to_next_mapping(pid, 9);
	for (int i = 0; i < 8; i++)
		poke(pid, page, 10 + i);
	equal(word_in_file(), 17);
	to_next_mapping(pid, 17);
	for (int i = 0; i < 8; i++)
		poke(pid, page, 20 + i);
	equal(peek(pid, page), 27);
	equal(word_in_file(), 17);
	end(pid);
}

static void
exit_with_function(void)
{
	_exit(function(1));
}

static void
text_is_private(void)
{
	pid_t pid = launch(exit_with_function);
	pid_t other = launch(exit_with_function);

	/* mov $9, %eax; ret */
	must(pt(PTRACE_POKETEXT, pid, function, 0xc300000009b8));
	cont(other);
	expect(other, EXITED(2));
	cont(pid);
	expect(pid, EXITED(9));
	equal(function(1), 2);
}

static void
after_poke_fork(void)
{
	pid_t pid = launch(exit_with_function);

	poke(pid, (void *)(uintptr_t)function, 0xc300000009b8);
	equal(function(1), 2);
	cont(pid);
	expect(pid, EXITED(9));
}

static void
own_stack(void)
{
	volatile long local = 5;
	pid_t pid = launch(do_nothing);

	equal(peek(pid, &local), 5);
	poke(pid, &local, 6);
	equal(peek(pid, &local), 6);
	equal(local, 5);
	end(pid);
}

static const struct test_case cases[] = {
    {"PEEKTEXT, PEEKDATA, POKETEXT, POKEDATA: text and data are one "
     "address space, so these are the same",
     text_is_data},
    {"PEEKDATA: a word at any address, aligned or not", any_alignment},
    {"PEEKDATA, POKEDATA: ... across pages too", across_pages},
    {"PEEKDATA, POKEDATA: EIO for a word that is not all mapped",
     end_of_mapping},
    {"PEEKTEXT, PEEKDATA, POKETEXT, POKEDATA: EIO for an address that is "
     "not accessible, the kernel's and non-canonical ones too",
     bad_addresses},
    {"PEEKDATA: -1 may be data; errno tells an error from it", minus_one},
    {"PEEKDATA: data is ignored, the word is the result of the call",
     data_is_ignored},
    {"POKEDATA: writes memory that the tracee may only read", read_only},
    {"PEEKDATA, POKEDATA: reaches memory that the tracee may not access",
     no_access},
    {"PEEKDATA, POKEDATA: memory that was never touched", not_touched_yet},
    {"PEEKDATA, POKEDATA: a shared mapping is shared still", shared_mapping},
    {"POKEDATA: EIO for a read-only mapping of a shared file",
     shared_read_only},
    {"POKEDATA: a private mapping's file is not changed", private_file},
    {"POKEDATA: a file is changed while the tracee may change it",
     file_in_turn},
    {"POKETEXT: text is changed in that process alone", text_is_private},
    {"POKETEXT: the tracer's own text is not changed", after_poke_fork},
    {"PEEKDATA, POKEDATA: the stack", own_stack},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
