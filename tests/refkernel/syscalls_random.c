/* SPDX-License-Identifier: MIT */
/*
 * Random system calls with hostile arguments, for the refkernel alone: what
 * counts is that the kernel goes on. Usage: [SEED [CHILDREN [CALLS [FIRST]]]].
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define CALL_MAX 460

static uint64_t state;
static char *page; /* two pages, the second of which is not there */

static uint64_t
next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Calls that would end the test rather than the kernel. */
static int
left_out(long nr)
{
	switch (nr) {
	case SYS_kill:
	case SYS_tkill:
	case SYS_reboot:
	case SYS_pause:
	case SYS_rt_sigsuspend:
	case SYS_setsid:
		return 1;
	}
	return 0;
}

static uint64_t
argument(void)
{
	static const uint64_t edges[] = {
	    0,
	    1,
	    0x7fffffff,
	    0x80000000,
	    ~0ull,
	    1ull << 47,
	    (1ull << 47) - 4096,
	    0xffff888000000000,
	    ~0ull << 63,
	    0xffffffff80000000,
	    0xffffffff80100000,
	    0x8000000000000000,
	    4096,
	    0xfffffffffffff000,
	    1ull << 32,
	};

	switch (next() % 8) {
	case 0:
		return next() % 16; /* a descriptor, a small number */
	case 1:
		return edges[next() % (sizeof(edges) / sizeof(edges[0]))];
	case 2:
		return (uintptr_t)page + next() % 4096;
	case 3:
		return (uintptr_t)page + 4096 - next() % 64;
	case 4:
		return (uintptr_t)page;
	case 5:
		return 1ull << next() % 64;
	case 6:
		return next();
	default:
		return next() % 4096;
	}
}

static void
scribble(void)
{
	for (int i = 0; i < 16; i++)
		((uint64_t *)page)[next() % 512] = argument();
	if (next() % 4 == 0)
		strcpy(page + next() % 4000, "/tmp/x");
}

static void
child(uint64_t seed, int calls)
{
	struct rlimit cpu = {2, 2}, as = {1 << 28, 1 << 28}, nproc = {64, 64};

	state = seed;
	setpgid(0, 0);
	setrlimit(RLIMIT_CPU, &cpu);
	setrlimit(RLIMIT_AS, &as);
	setrlimit(RLIMIT_NPROC, &nproc);
	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(page + 4096, 4096);
	alarm(2);
	for (int i = 0; i < calls; i++) {
		long nr = next() % CALL_MAX;

		if (left_out(nr))
			continue;
		scribble();
		syscall(nr, argument(), argument(), argument(), argument(),
			argument(), argument());
	}
	_exit(0);
}

int
main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
	int children = argc > 2 ? atoi(argv[2]) : 40;
	int calls = argc > 3 ? atoi(argv[3]) : 400;
	struct utsname u;
	int first = argc > 4 ? atoi(argv[4]) : 0;
	int done = 0;

	uname(&u);
	if (strstr(u.release, "proctrace") == NULL &&
	    strstr(u.version, "refkernel") == NULL)
		skip_all("this is not the refkernel");
	for (int i = 0; i < children; i++) {
		pid_t pid = fork();
		int status;

		if (pid == 0)
			child(seed * 0x9e3779b97f4a7c15 + first + i + 1, calls);
		for (int t = 0; t < 400; t++) {
			if (waitpid(pid, &status, WNOHANG) == pid)
				break;
			usleep(10000);
			if (t == 300)
				kill(pid, SIGKILL);
		}
		/* What it left running. */
		kill(-pid, SIGKILL);
		while (waitpid(-1, &status, WNOHANG) > 0)
			;
		done++;
	}
	is_int(done, children, "the kernel goes on");
	return done_testing();
}
