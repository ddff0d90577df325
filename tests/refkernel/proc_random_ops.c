/* SPDX-License-Identifier: MIT */
/* The operations of proc_random.c's fuzzers, and their victims. */
#define _GNU_SOURCE
#include "proc_random.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/proc_scheme.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* clang-format off */
static const char *const names[] = {
	"trace", "mem", "regs/int", "regs/float", "regs/env", "vm",
	"regs/user", "regs/xstate", "regs/debug", "siginfo", "sigmask",
	"sigqueue", "sigqueue-shared", "syscall-info", "seccomp", "rseq",
	"stop", "command",
	/* Others may have these. */
	"rusage", "events", "exe", "stat", "status", "auxv", "environ",
	"task", "fd", "", "regs", "regs/", "trace/", "../../mem",
};
/* clang-format on */

/* Those that only a tracer, or who may be one, gets something of. */
#define GUARDED 18

static uint64_t
next(struct fuzzer *f)
{
	f->state ^= f->state << 13;
	f->state ^= f->state >> 7;
	f->state ^= f->state << 17;
	return f->state;
}

static unsigned
below(struct fuzzer *f, unsigned n)
{
	return (unsigned)((next(f) >> 32) % n);
}

/* ---- victims: what the fuzzers may trace ---- */

static void *
yield_forever(void *arg)
{
	for (;;)
		sched_yield();
	return arg;
}

void
victim(unsigned what)
{
	pthread_t thread;

	signal(SIGALRM, SIG_DFL);
	if (what % 5 == 0)
		write(open("proc:self/traceme", O_WRONLY), "12345678",
		      what % 3 ? 8 : what % 17);
	if (what % 2)
		pthread_create(&thread, NULL, yield_forever, NULL);
	for (int i = 0; i < 200; i++) {
		pid_t pid = what % 8 == 2 ? fork() : -1;

		if (pid == 0)
			_exit(1);
		if (pid > 0)
			waitpid(pid, NULL, 0);
		getppid();
		sched_yield();
	}
	if (what % 4 == 1)
		syscall(SYS_exit, 0);
	if (what % 4 == 2)
		execl(self_path, self_path, "--victim", NULL);
	if (what % 4 == 3)
		raise(SIGSEGV);
	_exit(3);
}

static void
new_victim(struct fuzzer *f)
{
	volatile pid_t *slot = &board->victims[f->number][below(f, VICTIMS)];
	pid_t old = *slot, pid;
	unsigned what = below(f, 1000);

	if (old > 0)
		kill(old, SIGKILL);
	while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
		;
	pid = fork();
	if (pid == 0)
		victim(what);
	*slot = pid;
}

static void
signal_victim(struct fuzzer *f)
{
	static const int signals[] = {SIGKILL, SIGSTOP, SIGCONT, SIGUSR1};
	pid_t pid = board->victims[f->number][below(f, VICTIMS)];

	if (pid > 0)
		kill(pid, signals[below(f, 4)]);
}

/* ---- the fuzzers ---- */

static pid_t
some_tid(struct fuzzer *f)
{
	switch (below(f, 8)) {
	case 0:
		return getpid();
	case 1:
		return (pid_t)syscall(SYS_gettid);
	case 2:
		return (pid_t)below(f, 100);
	case 3:
		return (pid_t)next(f);
	default:
		return board->victims[f->number][below(f, VICTIMS)] +
		       (below(f, 4) == 0);
	}
}

static void
make_path(struct fuzzer *f, char *path, size_t size, pid_t tid)
{
	static const char *const roots[] = {"proc:", "/proc/"};
	const char *root = roots[below(f, 2)];
	const char *name = names[below(f, sizeof names / sizeof *names)];

	if (below(f, 16) == 0)
		snprintf(path, size, "%sself/%s", root, name);
	else if (below(f, 16) == 0)
		snprintf(path, size, "%sself/command", root);
	else
		snprintf(path, size, "%s%d/%s", root, (int)tid, name);
	if (below(f, 32) == 0)
		path[below(f, (unsigned)strlen(path))] = (char)next(f);
}

static int
some_flags(struct fuzzer *f)
{
	int flags = (int)below(f, 3) | O_NONBLOCK;

	if (below(f, 8) == 0)
		flags |= O_TRUNC;
	if (below(f, 8) == 0)
		flags |= O_EXCL;
	if (below(f, 16) == 0)
		flags = (int)next(f) &
			(O_ACCMODE | O_CREAT | O_APPEND | O_DIRECTORY |
			 O_NOFOLLOW | O_CLOEXEC | O_PATH | O_SYNC);
	return flags;
}

/* A descriptor of this thread's or of another's, or none at all. */
static int *
some_fd(struct fuzzer *f)
{
	return &f->fds[below(f, FDS)];
}

static void *
some_pointer(struct fuzzer *f)
{
	switch (below(f, 8)) {
	case 0:
		return (void *)(uintptr_t)next(f);
	case 1:
		return f->page + 4096 - below(f, 80);
	default:
		return f->page + below(f, 2048);
	}
}

static size_t
some_length(struct fuzzer *f)
{
	/* clang-format off */
	static const size_t lengths[] = {
		0, 1, 7, 8, 9, 16, 56, 64, 160, 216, 416, 512, 832, 4096,
		8192, SIZE_MAX,
	};
	/* clang-format on */

	return lengths[below(f, sizeof lengths / sizeof *lengths)];
}

static uint64_t
some_offset(struct fuzzer *f)
{
	switch (below(f, 4)) {
	case 0:
		return below(f, 1000);
	case 1:
		return (uintptr_t)pattern;
	case 2:
		return (uintptr_t)f->page;
	default:
		return next(f) >> below(f, 64);
	}
}

/* Words for `trace` are mostly such that they mean something. */
static void
fill(struct fuzzer *f)
{
	uint64_t *words = (uint64_t *)f->page;

	for (int i = 0; i < 32; i++)
		words[i] = next(f);
	words[0] = next(f) & next(f) & UINT64_C(0x03ff000703ff133f);
	if (below(f, 4) == 0)
		words[0] = UINT64_C(1) << below(f, 64);
	words[1] = below(f, 70);
}

/* Nothing of a canary's may be read, written or mapped. */
static void
try_canary(struct fuzzer *f)
{
	int which = (int)below(f, CANARIES);
	const char *name = names[below(f, GUARDED)];
	char path[64], buf[512];
	int fd;

	snprintf(path, sizeof path, "proc:%d/%s", (int)canaries[which], name);
	fd = open(path, some_flags(f));
	if (fd < 0)
		return;
	fill(f);
	if (read(fd, buf, sizeof buf) > 0 || write(fd, f->page, 8) > 0 ||
	    pread(fd, buf, 8, (off_t)(uintptr_t)pattern) > 0 ||
	    pwrite(fd, f->page, 8, (off_t)(uintptr_t)pattern) > 0 ||
	    mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED) {
		board->opened = 1;
		snprintf(board->trouble, sizeof board->trouble, "%s", path);
	}
	close(fd);
}

/* A command for somebody, by what may be a `command`. */
static void
order(struct fuzzer *f, int fd)
{
	struct proc_command c = {.tid = some_tid(f)};

	fill(f);
	memcpy(&c.flags, f->page, 8);
	if (below(f, 2))
		c.flags |= PROC_FLAG_ATTACH;
	if (below(f, 4) == 0) {
		c.flags |= PROC_FLAG_SIGNAL;
		c.signal = below(f, 70);
	}
	write(fd, &c, sizeof c);
}

/* Loads and stores by the kernel, which fail where a program would end. */
static void
use_map(struct fuzzer *f, char *map, size_t length)
{
	for (int i = 0; i < 4; i++) {
		char *at = map + below(f, (unsigned)length);

		if (below(f, 2))
			access(at, F_OK);
		else
			syscall(SYS_clock_gettime, CLOCK_REALTIME, at);
	}
	munmap(map, length);
}

static void
use_file(struct fuzzer *f)
{
	struct pollfd pfd = {.fd = *some_fd(f), .events = POLLIN | POLLOUT};
	int fd = *some_fd(f);
	size_t length = some_length(f) % 65536;
	char *map;

	fill(f);
	switch (below(f, 9)) {
	case 8:
		order(f, fd);
		break;
	case 0:
		read(fd, some_pointer(f), some_length(f));
		break;
	case 1:
		write(fd, some_pointer(f), some_length(f));
		break;
	case 2:
		write(fd, f->page, below(f, 2) ? 8 : 16);
		break;
	case 3:
		pread(fd, some_pointer(f), some_length(f),
		      (off_t)some_offset(f));
		break;
	case 4:
		pwrite(fd, some_pointer(f), some_length(f),
		       (off_t)some_offset(f));
		break;
	case 5:
		lseek(fd, (off_t)some_offset(f), (int)below(f, 5));
		break;
	case 6:
		poll(&pfd, 1, 0);
		break;
	default:
		map = mmap(NULL, length, (int)below(f, 4), MAP_SHARED, fd,
			   (off_t)(some_offset(f) & ~UINT64_C(4095)));
		if (map != MAP_FAILED)
			use_map(f, map, length);
	}
}

void
one_operation(struct fuzzer *f)
{
	char path[128];
	int *fd = some_fd(f);

	switch (below(f, 16)) {
	case 0:
		new_victim(f);
		break;
	case 1:
		signal_victim(f);
		break;
	case 2:
		try_canary(f);
		break;
	case 3:
		if (*fd >= 0)
			close(*fd);
		*fd = -1;
		break;
	case 4:
	case 5:
	case 6:
	case 7:
		make_path(f, path, sizeof path, some_tid(f));
		if (*fd >= 0)
			close(*fd);
		*fd = open(path, some_flags(f));
		break;
	default:
		use_file(f);
	}
}
