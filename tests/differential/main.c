/* SPDX-License-Identifier: MIT */
/* usage: random [-v] FIRST LAST: run the sequences of these seeds. */
#include "random.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the order of enum step_kind. */
static const char *const step_names[] = {
    "call",    "unknown", "raise", "kill",  "trap",  "fault", "illegal",
    "divide",  "pause",	  "sleep", "futex", "wait",  "block", "handle",
    "pending", "spawn",	  "exec",  "exit",  "leave",
};

/* FNV-1a. */
static uint64_t
hash(const char *text, size_t n)
{
	uint64_t h = 0xcbf29ce484222325u;

	while (n-- > 0)
		h = (h ^ (unsigned char)*text++) * 0x100000001b3u;
	return h;
}

/* Ends all that is left of a sequence. */
static void
clean_up(pid_t tracer)
{
	kill(-tracer, SIGKILL);
	while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR)
		;
}

/*
 * The sequence of a seed: its tracer is a process of its own, whose children
 * become this one's when it ends.
 */
static void
run_one(uint64_t seed)
{
	int status = 0;
	pid_t pid;

	BOARD->length = 0;
	memset(known, 0, sizeof known);
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		alarm(100);
		run_sequence(seed);
	}
	setpgid(pid, pid);
	waitpid(pid, &status, 0);
	note("tracer: %#x\n", status);
	if (settle(0) != 0)
		note("no rest after the tracer's end\n");
	for (int i = 0; i < MAX_TASKS; i++) {
		char letter =
		    BOARD->tasks[i].tid ? letter_of(BOARD->tasks[i].tid) : 0;

		if (letter)
			note("  T%d is %c\n", i, letter);
	}
	clean_up(pid);
}

/* What the tracees were to do, and how far they came. */
static void
print_scripts(void)
{
	for (int i = 0; i < MAX_TASKS; i++) {
		const struct task *task = &BOARD->tasks[i];

		if (task->count == 0)
			continue;
		printf("# T%d of %d:", i, task->parent);
		for (int j = 0; j < task->count; j++)
			printf(" %s(%d %#x)", step_names[task->steps[j].kind],
			       task->steps[j].a,
			       (unsigned int)task->steps[j].b);
		printf(" next %d\n", task->next);
	}
}

static int
make_board(const char *self)
{
	int fd = memfd_create("board", 0);
	char *slash;

	if (fd < 0 || ftruncate(fd, sizeof(struct board)) != 0 ||
	    dup2(fd, BOARD_FD) < 0)
		return -1;
	close(fd);
	if (mmap(BOARD, sizeof(struct board), PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_FIXED_NOREPLACE, BOARD_FD, 0) != BOARD)
		return -1;
	/* The leaf is this program's neighbour. */
	snprintf(BOARD->leaf, sizeof BOARD->leaf, "%s", self);
	slash = strrchr(BOARD->leaf, '/');
	if (!slash)
		return -1;
	snprintf(slash + 1,
		 sizeof BOARD->leaf - (size_t)(slash + 1 - BOARD->leaf),
		 "differential_leaf");
	return access(BOARD->leaf, X_OK);
}

int
main(int argc, char **argv)
{
	const struct rlimit none = {0, 0};
	int verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
	unsigned long first, last;

	if (argc != verbose + 3) {
		fprintf(stderr, "usage: random [-v] FIRST LAST\n");
		return 2;
	}
	first = strtoul(argv[verbose + 1], NULL, 10);
	last = strtoul(argv[verbose + 2], NULL, 10);
	if (make_board(argv[0]) != 0) {
		perror("random: the board");
		return 99;
	}
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	for (unsigned long seed = first; seed <= last; seed++) {
		run_one(seed);
		printf("sequence %lu: %016lx %zu\n", seed,
		       (unsigned long)hash(BOARD->text, BOARD->length),
		       BOARD->length);
		if (verbose)
			print_scripts();
		if (verbose)
			fwrite(BOARD->text, 1, BOARD->length, stdout);
		fflush(stdout);
	}
	return 0;
}
