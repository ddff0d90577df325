/* SPDX-License-Identifier: MIT */
/*
 * `stop` and `mem` as a tracer maps them, by the files alone: a mapping never
 * shows what its owner may not see. The refkernel has these files; elsewhere
 * there is nothing to test.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"
#include "tracee.h"

static void
nothing(void)
{
}

/* ---- the record ---- */

static void
test_record(void)
{
	struct proc_user_regs regs;
	struct proc_stop copy;
	struct tracee t = start(nothing, PROT_READ);
	uint64_t seq = t.stop->sequence;
	int fd = open_file(t.pid, "regs/user", O_RDWR);
	volatile struct proc_stop *write_to;

	ok(seq & 1, "stop: the sequence is odd in a stop");
	is_int(read(fd, &regs, sizeof(regs)), sizeof(regs), "regs/user");
	ok(!memcmp(&regs, (void *)&t.stop->regs, sizeof(regs)),
	   "stop: the registers");
	regs.r12 = 0x123456789;
	pwrite(fd, &regs, sizeof(regs), 0);
	is_int(t.stop->regs.r12, 0x123456789, "stop: a register was set");
	ok((t.stop->sequence & 1) && t.stop->sequence != seq,
	   "stop: the sequence tells of it");
	seq = t.stop->sequence;
	close(fd);
	fd = open_file(t.pid, "stop", O_RDONLY);
	is_int(read(fd, &copy, sizeof(copy)), sizeof(copy), "stop: read");
	ok(copy.sequence == seq && copy.regs.r12 == regs.r12,
	   "stop: a read gives the same");
	ok(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) ==
		   MAP_FAILED &&
	       errno == EACCES,
	   "stop: not to be written");
	close(fd);
	fd = open_file(t.pid, "stop", O_RDWR);
	write_to = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ok(write_to != MAP_FAILED && write_to->regs.r12 == regs.r12,
	   "stop: opened for writing it can be mapped so");
	write_to->regs.r12 = 1;
	is_int(t.stop->regs.r12, 1, "stop: what is written is seen");
	close(fd);
	resume(&t);
	ok(!(t.stop->sequence & 1), "stop: even when it runs");
	halt(&t);
	ok((t.stop->sequence & 1) && t.stop->sequence != seq,
	   "stop: another stop, another sequence");
	command(&t, PROC_FLAG_DETACH);
	is_int(t.stop->sequence, 0, "stop: 0 after the session");
	is_int(t.window[0], 0, "mem: zeros after the session");
	munmap((void *)write_to, PAGE);
	finish(&t);
}

/* ---- the memory ---- */

static int step;

static void
changes(void)
{
	pid_t pid;

	switch (step++) {
	case 0:
		AT[0] = 1;
		break;
	case 1:
		munmap((void *)AT, PAGE);
		break;
	case 2:
		make_page();
		break;
	case 3:
		mprotect((void *)AT, PAGE, PROT_NONE);
		break;
	case 4:
		mprotect((void *)AT, PAGE, PROT_READ | PROT_WRITE);
		pid = fork();
		if (pid == 0)
			for (;;)
				pause();
		board[PID] = pid;
		AT[0] = 4;
		break;
	case 5:
		mremap((void *)AT, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		       (void *)(AT + PAGE));
		break;
	}
}

/* Unmapped and mapped again: what zeros stood for is asked for anew. */
static void
map_again(struct tracee *t)
{
	munmap((void *)t->window, PAGE);
	t->window = map(t->mem, AT, PROT_READ);
}

static void
test_changes(void)
{
	struct tracee t;
	uint64_t generation;

	make_page();
	t = start(changes, PROT_READ);
	is_int(t.window[0], 1000, "mem: mapped");
	next(&t);
	is_int(t.window[0], 1, "mem: what was written since");
	generation = t.stop->generation;
	next(&t);
	ok(t.stop->generation != generation, "mem: munmap is told");
	is_int(t.stop->lost, 0, "mem: nothing was asked for that is not there");
	is_int(t.window[0], 0, "mem: unmapped, zeros");
	is_int(t.stop->lost, 1, "mem: a page that was lost is told");
	next(&t);
	map_again(&t);
	is_int(t.window[0], 1000, "mem: mapped again");
	generation = t.stop->generation;
	next(&t);
	ok(t.stop->generation != generation, "mem: mprotect is told");
	is_int(t.window[0], 1000, "mem: no right, but a debugger's");
	generation = t.stop->generation;
	next(&t);
	ok(t.stop->generation != generation, "mem: fork and copy are told");
	is_int(t.window[0], 4, "mem: the tracee's own copy");
	kill((pid_t)board[PID], SIGKILL);
	generation = t.stop->generation;
	next(&t);
	ok(t.stop->generation != generation, "mem: mremap is told");
	is_int(t.window[0], 0, "mem: moved away, zeros");
	finish(&t);
	step = 0;
}

static void
execute(void)
{
	execl("/proc/self/exe", "self", "--spin", NULL);
}

static void
test_exec(void)
{
	struct tracee t;

	make_page();
	t = start(execute, PROT_READ);
	is_int(t.window[0], 1000, "exec: before");
	board[GO]++;
	resume(&t);
	await(&t, PROC_STOP_MASK);
	is_int(t.window[0], 0, "exec: the former program is not seen");
	ok(t.stop->sequence & 1, "exec: the record is the new program's");
	ok(map(t.mem, AT, PROT_READ) == NULL && errno == EACCES,
	   "exec: nor mapped by a descriptor of before");
	finish(&t);
}

/* ---- the end ---- */

/* SECRET: the frame was in the tracer's tables when the tracee ended. */
static void
test_exit(bool secret)
{
	const char *what = secret ? "exit, seen before" : "exit, not seen";
	struct tracee t;

	make_page();
	t = start(nothing, PROT_READ);
	if (secret)
		is_int(t.window[0], 1000, "%s: before", what);
	kill(t.pid, SIGKILL);
	await(&t, PROC_EVENT_EXITED);
	fill_memory();
	is_int(t.window[0], 0, "%s: zeros, nobody else's page", what);
	ok(!(t.stop->sequence & 1), "%s: not in a stop", what);
	/* It has the descriptors too. */
	ok(empty_memory(), "%s: nor is that written to", what);
	close(t.trace);
	t.trace = -1;
	is_int(t.stop->sequence, 0, "%s: the record says so", what);
	is_int(t.stop->regs.r15, t.stop->regs.r15, "%s: and is there", what);
	finish(&t);
}

static void
test_detach(void)
{
	struct tracee t;
	long seen;

	make_page();
	t = start(nothing, PROT_READ);
	is_int(t.window[0], 1000, "detach: before");
	close(t.trace);
	t.trace = -1;
	is_int(t.stop->sequence, 0, "detach: the record says so");
	is_int(t.window[0], 0, "detach: zeros");
	is_int(pread(t.mem, &seen, sizeof(seen), (off_t)(uintptr_t)AT),
	       sizeof(seen), "detach: `mem` was opened, and can be read");
	ok(map(t.mem, AT, PROT_READ) == NULL && errno == EACCES,
	   "detach: but not be mapped");
	t.trace = open_file(t.pid, "trace", O_RDWR);
	is_int(t.stop->sequence, 0, "detach: another session, another record");
	is_int(t.window[0], 0, "detach: nor does it have that window");
	finish(&t);
}

/* ---- others than the tracer ---- */

static void
test_others(void)
{
	struct tracee t;
	int status, fd;
	pid_t pid;

	make_page();
	t = start(nothing, PROT_READ);
	is_int(t.window[0], 1000, "fork of the tracer: before");
	pid = fork();
	if (pid == 0)
		_exit(t.stop->sequence != 0		     ? 1
		      : fault_of(t.window, false) != SIGSEGV ? 2
							     : 0);
	waitpid(pid, &status, 0);
	is_int(status, 0, "a fork of the tracer sees neither");
	is_int(t.window[0], 1000, "but the tracer does");
	pid = fork();
	if (pid == 0) {
		fd = open_file(t.pid, "mem", O_RDONLY);
		if (fd < 0 || map(fd, AT, PROT_READ) != NULL || errno != EACCES)
			_exit(1);
		_exit(open_file(t.pid, "stop", O_RDONLY) >= 0 ||
		      errno != EPERM);
	}
	waitpid(pid, &status, 0);
	is_int(status, 0, "who does not trace maps neither");
	fd = open_file(getpid(), "mem", O_RDONLY);
	ok(map(fd, AT, PROT_READ) == NULL, "nobody maps himself");
	close(fd);
	finish(&t);
}

/* A tracer that dies leaves its tracee as it was, and its mappings go. */
static void
test_tracer_dies(void)
{
	struct tracee t;
	int status;
	pid_t pid;

	make_page();
	pid = fork();
	if (pid == 0) {
		t = start(nothing, PROT_READ);
		board[PID] = t.pid;
		_exit(t.window[0] != 1000 || !(t.stop->sequence & 1));
	}
	waitpid(pid, &status, 0);
	is_int(status, 0, "the tracer dies");
	board[GO] = 1;
	while (board[DONE] < 2)
		;
	ok(1, "its tracee goes on");
	kill((pid_t)board[PID], SIGKILL);
}

int
main(int argc, char **argv)
{
	int fd = open_file(getpid(), "mem", O_RDONLY);

	(void)argv;
	if (argc > 1)
		for (;;)
			;
	if (fd < 0) {
		skip_all("no proc: files here");
	}
	close(fd);
	make_board();
	test_record();
	test_changes();
	test_exec();
	test_exit(true);
	test_exit(false);
	test_detach();
	test_others();
	test_tracer_dies();
	return done_testing();
}
