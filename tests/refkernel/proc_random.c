/* SPDX-License-Identifier: MIT */
/*
 * Hostile use of the `proc:` files by users without rights, for the refkernel
 * alone: random paths, offsets, lengths and flag words, by threads that race
 * each other while their victims are killed, execute and exit. The kernel goes
 * on, and nobody gets at the processes of others: the canaries.
 * Usage: [SEED [ROUNDS [OPERATIONS]]].
 */
#define _GNU_SOURCE
#include "proc_random.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

struct board *board;
pid_t canaries[CANARIES];
char self_path[4096];
volatile uint64_t *pattern;

/* ---- canaries: processes that nobody here may touch ---- */

static void
be_user(uid_t user)
{
	setgroups(0, NULL);
	syscall(SYS_setresgid, user, user, user);
	syscall(SYS_setresuid, user, user, user);
	prctl(PR_SET_DUMPABLE, 1);
}

__attribute__((noreturn)) static void
canary(int number)
{
	static uint64_t secret;

	if (number == 1)
		be_user(OTHER);
	if (number == 2) {
		be_user(USER);
		prctl(PR_SET_DUMPABLE, 0);
	}
	secret = PATTERN;
	*pattern = PATTERN;
	for (;;) {
		board->beats[number]++;
		if (*pattern != PATTERN ||
		    *(volatile uint64_t *)&secret != PATTERN)
			board->hurt[number] = 1;
		sched_yield();
	}
}

static volatile int unfinished;

static void *
fuzz(void *arg)
{
	struct fuzzer *f = arg;

	for (int i = 0; i < FDS; i++)
		f->fds[i] = -1;
	for (int i = 0; i < f->operations; i++)
		one_operation(f);
	__atomic_sub_fetch(&unfinished, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void
nothing(int sig)
{
	(void)sig;
}

/* One process of fuzzers; a signal gets those out that sleep in a file. */
static void
run_fuzzers(uint64_t seed, int number, int operations)
{
	struct sigaction action = {.sa_handler = nothing};
	struct fuzzer fuzzers[THREADS];
	pthread_t threads[THREADS];

	setpgid(0, 0);
	be_user((uid_t)(USER + number));
	sigaction(SIGALRM, &action, NULL);
	unfinished = THREADS;
	for (int i = 0; i < THREADS; i++) {
		struct fuzzer *f = &fuzzers[i];

		f->state = seed * 1000003 + (unsigned)(number * 10 + i + 1);
		f->number = number;
		f->operations = operations;
		f->page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		munmap(f->page + 4096, 4096);
		pthread_create(&threads[i], NULL, fuzz, f);
	}
	while (unfinished > 0) {
		usleep(20000);
		for (int i = 0; i < THREADS; i++)
			pthread_kill(threads[i], SIGALRM);
	}
	_exit(0);
}

/*
 * A victim whose parent had ended when it asked to be traced is this process's
 * tracee: the kernel keeps it until its events have been read.
 */
static void
reap_group(pid_t group)
{
	int events = open("proc:self/events", O_RDONLY | O_NONBLOCK);
	char buf[1024];
	pid_t pid;

	while ((pid = waitpid(-group, NULL, __WALL | WNOHANG)) >= 0) {
		while (read(events, buf, sizeof buf) > 0)
			;
		if (pid == 0)
			sched_yield();
	}
	close(events);
}

static int
run_round(uint64_t seed, int operations)
{
	pid_t pids[FUZZERS];
	int well = 1, status;

	for (int i = 0; i < FUZZERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			run_fuzzers(seed, i, operations);
		setpgid(pids[i], pids[i]);
	}
	for (int i = 0; i < FUZZERS; i++) {
		if (waitpid(pids[i], &status, 0) != pids[i] || status != 0)
			well = 0;
		kill(-pids[i], SIGKILL);
		reap_group(pids[i]);
	}
	return well;
}

static long
tracer_of(pid_t pid)
{
	char path[64], line[256];
	long tracer = -1;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof line, file))
		sscanf(line, "TracerPid: %ld", &tracer);
	if (file)
		fclose(file);
	return tracer;
}

static void
check_canary(int which)
{
	long beats = board->beats[which];
	int status;

	is_int(waitpid(canaries[which], &status, WNOHANG | WUNTRACED), 0,
	       "canary %d lives and is not stopped", which);
	is_int(tracer_of(canaries[which]), 0, "canary %d is not traced", which);
	while (board->beats[which] == beats &&
	       waitpid(canaries[which], &status, WNOHANG) == 0)
		sched_yield();
	ok(board->beats[which] != beats && !board->hurt[which],
	   "canary %d goes on and has its memory", which);
}

static int
is_refkernel(void)
{
	struct utsname u;

	uname(&u);
	return strstr(u.release, "proctrace") || strstr(u.version, "refkernel");
}

int
main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	int rounds = argc > 2 ? atoi(argv[2]) : 4;
	int operations = argc > 3 ? atoi(argv[3]) : 1500, well = 0;

	if (argc > 1 && strcmp(argv[1], "--victim") == 0)
		victim(4);
	if (!is_refkernel())
		skip_all("this is not the refkernel");
	readlink("/proc/self/exe", self_path, sizeof self_path - 1);
	board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pattern = mmap((void *)0x20000000000, 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	for (int i = 0; i < CANARIES; i++) {
		canaries[i] = fork();
		if (canaries[i] == 0)
			canary(i);
	}
	for (int i = 0; i < CANARIES; i++) {
		while (board->beats[i] == 0)
			sched_yield();
	}
	for (int i = 0; i < rounds; i++)
		well += run_round(seed + (unsigned)i, operations);
	is_int(well, rounds, "the fuzzers came to their end, seed %lu",
	       (unsigned long)seed);
	ok(!board->opened, "nothing was had of a canary %s", board->trouble);
	for (int i = 0; i < CANARIES; i++)
		check_canary(i);
	for (int i = 0; i < CANARIES; i++)
		kill(canaries[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	return done_testing();
}
