/* SPDX-License-Identifier: MIT */
/*
 * Everything that there is gets used up, by one kind of thing after another:
 * calls fail or the program dies, and the kernel goes on. For the refkernel
 * alone, with little memory: on Linux others would suffer.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define MIB (1 << 20)

/* Each ends with 0 when a call has failed as it should, or is killed. */

static void
touch_memory(void)
{
	for (;;) {
		char *p = mmap(NULL, MIB, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			_exit(errno != ENOMEM);
		memset(p, 1, MIB);
	}
}

/* One page in each 2 MiB: as many page tables as pages. */
static void
touch_sparsely(void)
{
	const size_t size = 1ul << 40;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		_exit(errno != ENOMEM);
	for (size_t i = 0; i < size; i += 2 * MIB)
		p[i] = 1;
	_exit(1);
}

static void
many_areas(void)
{
	const size_t size = 150000 * 4096ul;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		_exit(errno != ENOMEM);
	for (size_t i = 0; i < size; i += 8192) {
		if (mprotect(p + i, 4096, PROT_READ) != 0)
			_exit(errno != ENOMEM);
	}
	_exit(1);
}

static void
shared_memory(void)
{
	int fd = memfd_create("all", 0);
	static char buf[MIB];

	while (write(fd, buf, MIB) > 0)
		;
	_exit(errno != ENOSPC && errno != ENOMEM);
}

static void
full_pipes(void)
{
	static char buf[65536];
	int fds[2];

	while (pipe2(fds, O_NONBLOCK) == 0) {
		if (write(fds[1], buf, sizeof(buf)) < 0)
			_exit(errno != ENOMEM);
	}
	_exit(errno != EMFILE && errno != ENOMEM && errno != ENFILE);
}

static void
full_sockets(void)
{
	static char buf[65536];
	int fds[2];

	while (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0) {
		if (write(fds[0], buf, sizeof(buf)) < 0)
			_exit(errno != ENOMEM);
	}
	_exit(errno != EMFILE && errno != ENOMEM && errno != ENFILE);
}

static void
many_events(void)
{
	struct epoll_event ev = {.events = EPOLLIN};
	struct rlimit files = {4096, 4096};
	int fd, epoll = epoll_create1(0);

	setrlimit(RLIMIT_NOFILE, &files);
	while ((fd = eventfd(0, 0)) >= 0) {
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev) != 0)
			_exit(errno != ENOMEM);
	}
	_exit(errno != EMFILE && errno != ENOMEM && errno != ENFILE);
}

static void *
sleeper(void *arg)
{
	pause();
	return arg;
}

static void
many_threads(void)
{
	pthread_attr_t attr;
	pthread_t t;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	while (pthread_create(&t, &attr, sleeper, NULL) == 0)
		;
	_exit(0);
}

static void
many_processes(void)
{
	pid_t parent = getpid(), pid;
	int n = 0;

	setpgid(0, 0);
	while ((pid = fork()) > 0)
		n++;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			pause();
		_exit(0);
	}
	printf("# %d processes, then errno %d\n", n, errno);
	fflush(stdout);
	if (errno != EAGAIN && errno != ENOMEM)
		_exit(1);
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	while (n > 0 && wait(NULL) > 0)
		n--;
	_exit(n);
}

static void
many_files(void)
{
	char name[32];
	int fd;

	for (int i = 0;; i++) {
		snprintf(name, sizeof(name), "%d", i);
		fd = open(name, O_WRONLY | O_CREAT, 0600);
		if (fd < 0)
			_exit(errno != ENOSPC && errno != ENOMEM);
		close(fd);
	}
}

static void
deep_directories(void)
{
	for (int i = 0; i < 20000; i++) {
		if (mkdir("d", 0700) != 0 || chdir("d") != 0)
			_exit(errno != ENOSPC && errno != ENOMEM);
	}
}

static void
queued_signals(void)
{
	union sigval v = {.sival_int = 1};
	struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
	sigset_t set;

	setrlimit(RLIMIT_SIGPENDING, &all);
	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	while (sigqueue(getpid(), SIGRTMIN, v) == 0)
		;
	_exit(errno != EAGAIN);
}

static void
no_descriptors(void)
{
	while (dup(0) >= 0)
		;
	_exit(errno != EMFILE);
}

static void
deep_stack(void)
{
	struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
	volatile char *p = __builtin_frame_address(0);

	setrlimit(RLIMIT_STACK, &all);
	for (;; p -= 4096)
		*p = 1;
}

/* All calls, with pointers to nowhere; those left out would stop the test. */
static void
every_call(void)
{
	static const long wild[] = {8, (long)0xffffffff80001000,
				    (long)(1ul << 63), -1};

	alarm(20);
	for (long nr = 0; nr < 470; nr++) {
		if (nr == SYS_exit || nr == SYS_exit_group || nr == SYS_pause ||
		    nr == SYS_rt_sigreturn || nr == SYS_alarm ||
		    nr == SYS_kill || nr == SYS_fork || nr == SYS_vfork ||
		    nr == SYS_clone || nr == SYS_tkill)
			continue;
		for (int i = 0; i < 4; i++) {
			long p = wild[i];

			syscall(nr, p, p, p, p, p, p);
		}
	}
	_exit(0);
}

/* Can memory be had, and processes? */
static int
all_is_well(void)
{
	char *p = mmap(NULL, 16 * MIB, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fds[2], status;
	pid_t pid;

	if (p == MAP_FAILED)
		return 0;
	memset(p, 1, 16 * MIB);
	munmap(p, 16 * MIB);
	if (pipe(fds) != 0)
		return 0;
	close(fds[0]);
	close(fds[1]);
	pid = fork();
	if (pid == 0)
		_exit(7);
	return waitpid(pid, &status, 0) == pid && status == 7 << 8;
}

/* What is to be killed when memory is short: not this, or what it starts. */
static void
set_score(const char *score)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	if (write(fd, score, strlen(score)) < 0)
		exit(99);
	close(fd);
}

static void
test(const char *name, void (*fn)(void))
{
	char dir[] = "/tmp/exhaust.XXXXXX", command[64];
	int status;
	pid_t pid;

	if (mkdtemp(dir) == NULL)
		exit(99);
	pid = fork();
	if (pid == 0) {
		set_score("0");
		if (chdir(dir) == 0)
			fn();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	ok(status == 0 || (status & 0x7f) == SIGKILL ||
	       (status & 0x7f) == SIGSEGV,
	   "%s: status %#x", name, status);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	is_int(system(command), 0, "what it left is removed");
	ok(all_is_well(), "all is well");
}

int
main(void)
{
	struct rlimit files = {1 << 18, 1 << 18};
	struct utsname u;

	uname(&u);
	if (strstr(u.version, "refkernel") == NULL)
		skip_all("this is not the refkernel");
	setrlimit(RLIMIT_NOFILE, &files);
	set_score("-1000");
	test("memory", touch_memory);
	test("page tables", touch_sparsely);
	test("areas", many_areas);
	test("shared memory", shared_memory);
	test("pipes", full_pipes);
	test("sockets", full_sockets);
	test("eventfds", many_events);
	test("threads", many_threads);
	test("processes", many_processes);
	test("files", many_files);
	test("directories", deep_directories);
	test("signals", queued_signals);
	test("descriptors", no_descriptors);
	test("the stack", deep_stack);
	test("every call, wild pointers", every_call);
	return done_testing();
}
