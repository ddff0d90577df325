/* SPDX-License-Identifier: MIT */
/*
 * Stores into `mem` as a tracer maps it, by the files alone: whatever has
 * become of a page that the tracer could write, and whoever has its frame by
 * now, a store reaches the tracee's own memory or nobody's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"
#include "tracee.h"

#define RW (PROT_READ | PROT_WRITE)

static void
nothing(void)
{
}

/* What T has at VA, by the file. */
static long
word_of(const struct tracee *t, const volatile void *va)
{
	long v = -1;

	if (pread(t->mem, &v, sizeof(v), (off_t)(uintptr_t)va) != sizeof(v))
		return -errno;
	return v;
}

/* ---- what the tracee does ---- */

static int step;

static void
leave_child(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	board[PID] = pid;
}

static void
changes(void)
{
	switch (step++) {
	case 0:
		leave_child();
		break;
	case 1:
		mprotect((void *)AT, PAGE, PROT_READ);
		break;
	case 2:
		mprotect((void *)AT, PAGE, PROT_NONE);
		break;
	case 3:
		mprotect((void *)AT, PAGE, RW);
		AT[0]++;
		break;
	case 4:
		madvise((void *)AT, PAGE, MADV_DONTNEED);
		break;
	case 5:
		mremap((void *)AT, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		       (void *)(AT + PAGE));
		break;
	}
}

static void
test_changes(void)
{
	uint64_t generation;
	struct tracee t, child;

	make_page();
	t = start(changes, RW);
	t.window[0] = 1;
	is_int(word_of(&t, AT), 1, "a store is the tracee's");
	is_int(AT[0], 1000, "and not his who has the page too");
	generation = t.stop->generation;
	t.window[1] = 2;
	is_int(t.stop->generation, generation, "the next one changes nothing");

	next(&t);
	ok(t.stop->generation != generation, "fork is told");
	t.window[0] = 3;
	is_int(word_of(&t, AT), 3, "after a fork: the tracee's");
	child.mem = open_file((pid_t)board[PID], "mem", O_RDONLY);
	is_int(word_of(&child, AT), 1, "the child has what was before");
	is_int(word_of(&child, AT + 1), 2, "all of it");
	close(child.mem);
	kill((pid_t)board[PID], SIGKILL);

	next(&t);
	t.window[0] = 4;
	is_int(word_of(&t, AT), 4, "a page that may be read alone");
	next(&t);
	t.window[0] = 5;
	is_int(word_of(&t, AT), 5, "a page without any right");
	next(&t);
	is_int(t.window[0], 6, "the tracee goes on with it");
	t.window[0] = 7;
	is_int(word_of(&t, AT), 7, "which is written to again");
	next(&t);
	t.window[1] = 8;
	is_int(word_of(&t, AT), 0, "discarded: zeros");
	is_int(word_of(&t, AT + 1), 8, "but for what was stored since");
	is_int(t.stop->lost, 0, "nothing was lost");
	next(&t);
	t.window[0] = 9;
	is_int(word_of(&t, AT), -EIO, "moved away: nothing is there");
	is_int(word_of(&t, AT + PAGE), 0, "nor is it written elsewhere");
	is_int(t.stop->lost, 1, "the loss is told");
	is_int(t.window[0], 9, "what was stored is the tracer's own");
	finish(&t);
	step = 0;
}

/* ---- pages that others have too ---- */

/* Something that is in the text of tracer and tracee. */
__attribute__((noinline, aligned(4096))) static int
in_text(int a)
{
	__asm__ volatile("");
	return a + 1;
}

static void
run_text(void)
{
	board[PID] = in_text(1);
}

static void
test_text(void)
{
	const volatile long *text = (const void *)(uintptr_t)in_text;
	volatile long *window;
	uint64_t generation;
	long was = *text;
	struct tracee t;

	t = start(run_text, RW);
	window = map(t.mem, text, RW);
	is_int(window[0], was, "text: before");
	window[0] = -1;
	is_int(word_of(&t, text), -1, "text: a breakpoint is the tracee's");
	is_int(*text, was, "text: nobody else's");
	generation = t.stop->generation;
	for (int i = 0; i < 3; i++)
		window[0] = i;
	is_int(t.stop->generation, generation, "text: copied once");
	window[0] = was;
	next(&t);
	is_int(board[PID], 2, "text: it runs");
	munmap((void *)window, PAGE);
	finish(&t);
}

static int shared_fd;

static void
map_shared(void)
{
	static const int prot[] = {PROT_READ, RW};

	if (step < 2)
		mmap((void *)AT, PAGE, prot[step], MAP_FIXED | MAP_SHARED,
		     shared_fd, 0);
	else
		ftruncate(shared_fd, 0);
	step++;
}

static void
map_again(struct tracee *t)
{
	munmap((void *)t->window, PAGE);
	t->window = map(t->mem, AT, RW);
}

static void
test_file(void)
{
	struct tracee t;
	long v = 50;
	int fd;

	fd = memfd_create("file", 0);
	pwrite(fd, &v, sizeof(v), 0);
	shared_fd = fd;
	t = start(map_shared, RW);
	next(&t);
	is_int(t.window[0], 50, "a file's page: read");
	t.window[0] = 51;
	pread(fd, &v, sizeof(v), 0);
	is_int(v, 50, "a file that is mapped to be read: not written to");
	is_int(t.stop->lost, 1, "but lost, as a write of `mem` is refused");
	v = 52;
	ok(pwrite(t.mem, &v, sizeof(v), (off_t)(uintptr_t)AT) < 0 &&
	       errno == EIO,
	   "which it is");
	next(&t);
	map_again(&t);
	t.window[0] = 53;
	pread(fd, &v, sizeof(v), 0);
	is_int(v, 53, "a file that the tracee may write: written to");
	next(&t);
	t.window[0] = 54;
	ftruncate(fd, PAGE);
	pread(fd, &v, sizeof(v), 0);
	is_int(v, 0, "a file that was cut: not its former page");
	is_int(t.stop->lost, 2, "but lost");
	close(fd);
	finish(&t);
	step = 0;
}

/* What has been read of the frame of zeros must not be written to there. */
static void
test_zeros(void)
{
	struct tracee t;
	volatile long *p;

	mmap((void *)AT, PAGE, RW, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1,
	     0);
	t = start(nothing, RW);
	is_int(t.window[0], 0, "zeros: read");
	t.window[0] = 60;
	is_int(word_of(&t, AT), 60, "zeros: written to");
	munmap((void *)(AT + PAGE), PAGE);
	t.window[PAGE / 8 - 1] = 61;
	p = mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	is_int(p[0] | p[PAGE / 8 - 1], 0, "zeros are zeros elsewhere");
	munmap((void *)p, PAGE);
	close(t.trace);
	t.trace = -1;
	is_int(t.window[0], 0, "zeros: after the session");
	t.window[0] = 62;
	p = mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	is_int(p[0], 0, "zeros are zeros elsewhere then too");
	munmap((void *)p, PAGE);
	is_int(word_of(&t, AT), 60, "zeros: the tracee keeps what it had");
	finish(&t);
}

/* ---- frames that are given to others ---- */

static void
unmap(void)
{
	munmap((void *)AT, PAGE);
}

static void
discard(void)
{
	madvise((void *)AT, PAGE, MADV_DONTNEED);
}

static void
execute(void)
{
	execl("/proc/self/exe", "self", "--spin", NULL);
}

static void
end(void)
{
	_exit(0);
}

static const struct loss {
	const char *name;
	void (*body)(void);
	uint64_t until; /* the event; 0: it stops again */
} losses[] = {
    {"munmap", unmap, 0},
    {"MADV_DONTNEED", discard, 0},
    {"exec", execute, PROC_STOP_EXEC},
    {"exit", end, PROC_EVENT_EXITED},
};

static void
test_losses(void)
{
	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		const struct loss *l = &losses[i];
		struct tracee t;

		make_page();
		t = start(l->body, RW);
		/* So that the frame is the tracee's alone. */
		munmap((void *)AT, PAGE);
		t.window[0] = 70;
		is_int(word_of(&t, AT), 70, "%s: before", l->name);
		if (l->until) {
			board[GO]++;
			resume(&t);
			await(&t, l->until);
		} else {
			next(&t);
		}
		fill_memory();
		t.window[0] = 71;
		t.window[1] = 72;
		ok(empty_memory(), "%s: his who has the frame now is whole",
		   l->name);
		finish(&t);
	}
}

/* ---- others than the tracer, and what was opened how ---- */

/* A debugger of the tracer gets at what is the tracer's, and no further. */
static int
attack(const struct tracee *t, pid_t tracer)
{
	long v = 80;
	struct iovec local = {&v, sizeof(v)};
	struct iovec remote = {(void *)t->window, sizeof(v)};
	int fd = open_file(tracer, "mem", O_RDWR);

	if (fd < 0)
		return 1;
	if (pwrite(fd, &v, sizeof(v), (off_t)(uintptr_t)t->window) >= 0)
		return 2;
	if (process_vm_writev(tracer, &local, 1, &remote, 1, 0) >= 0)
		return 3;
	/* Nor as a fork of it. */
	if (fault_of(t->window, true) != SIGSEGV)
		return 4;
	return 0;
}

static void
test_others(void)
{
	pid_t me = getpid(), pid;
	struct tracee t;
	int status;

	make_page();
	t = start(nothing, RW);
	for (int seen = 0; seen < 2; seen++) {
		if (seen)
			is_int(t.window[0], 1000, "others: it was read");
		pid = fork();
		if (pid == 0)
			_exit(attack(&t, me));
		waitpid(pid, &status, 0);
		is_int(status, 0, "others: nothing new is mapped for them");
		is_int(word_of(&t, AT), 1000, "others: nor written");
	}
	t.window[0] = 81;
	is_int(word_of(&t, AT), 81, "others: the tracer goes on");
	finish(&t);
}

static void
test_modes(void)
{
	volatile struct proc_stop *stop;
	volatile long *window;
	struct tracee t;
	pid_t pid;
	int fd, status;

	make_page();
	t = start(nothing, PROT_READ);
	fd = open_file(t.pid, "mem", O_RDONLY);
	ok(map(fd, AT, RW) == NULL && errno == EACCES,
	   "opened to be read: not mapped to be written");
	window = map(fd, AT, PROT_READ);
	ok(mprotect((void *)window, PAGE, RW) < 0 && errno == EACCES,
	   "nor made so");
	munmap((void *)window, PAGE);
	close(fd);
	ok(mmap(NULL, PAGE, RW, MAP_PRIVATE, t.mem, (off_t)(uintptr_t)AT) ==
		   MAP_FAILED &&
	       errno == EACCES,
	   "no private mapping");
	is_int(t.window[0], 1000, "mapped to be read");
	is_int(fault_of(t.window, true), SIGSEGV, "a store is refused");
	is_int(mprotect((void *)t.window, PAGE, RW), 0, "but not for ever");
	t.window[0] = 90;
	is_int(word_of(&t, AT), 90, "then it is the tracee's");
	fd = open_file(t.pid, "stop", O_RDWR);
	stop = map(fd, NULL, RW);
	close(fd);
	pid = fork();
	if (pid == 0) {
		stop->regs.r15 = 91;
		_exit(stop->sequence != 0 || stop->regs.r15 != 91);
	}
	waitpid(pid, &status, 0);
	is_int(status, 0, "stop: what a fork of the tracer stores is its own");
	ok(stop->sequence & 1, "stop: the tracer has the record");
	ok(stop->regs.r15 != 91, "stop: and not that");
	munmap((void *)stop, PAGE);
	finish(&t);
}

int
main(int argc, char **argv)
{
	int fd = open_file(getpid(), "mem", O_RDONLY);

	(void)argv;
	if (argc > 1)
		for (;;)
			;
	if (fd < 0)
		skip_all("no proc: files here");
	close(fd);
	make_board();
	test_changes();
	test_text();
	test_file();
	test_zeros();
	test_losses();
	test_others();
	test_modes();
	return done_testing();
}
