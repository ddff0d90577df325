/* SPDX-License-Identifier: MIT */
/* What a process is not allowed to exceed, and what it is told when it does. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static volatile sig_atomic_t seen;
static struct rlimit in_handler;

static void
on_signal(int sig)
{
	seen++;
	if (sig == SIGXCPU)
		getrlimit(RLIMIT_CPU, &in_handler);
}

/* Set the soft and the hard limit of WHAT. */
static void
limit(int what, rlim_t cur, rlim_t max)
{
	struct rlimit r = {cur, max};

	setrlimit(what, &r);
}

/* The wait status of a child that runs FN, and exits with what it returns. */
static int
in_child(int (*fn)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(fn());
	waitpid(pid, &status, 0);
	return status;
}

static void
use_cpu(void)
{
	for (volatile int i = 0;; i++)
		;
}

static int
soft_cpu(void)
{
	limit(RLIMIT_CPU, 1, 10);
	use_cpu();
	return 0;
}

static int
hard_cpu(void)
{
	signal(SIGXCPU, SIG_IGN);
	limit(RLIMIT_CPU, 1, 1);
	use_cpu();
	return 0;
}

static int
caught_cpu(void)
{
	signal(SIGXCPU, on_signal);
	limit(RLIMIT_CPU, 1, 10);
	while (seen == 0)
		;
	return in_handler.rlim_cur == 2 ? 5 : 6;
}

static int
inherited_cpu(void)
{
	int status;
	pid_t pid;

	limit(RLIMIT_CPU, 1, 1);
	pid = fork();
	if (pid == 0)
		use_cpu();
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 99;
}

static void
test_cpu(void)
{
	is_int(in_child(soft_cpu) & 0x7f, SIGXCPU,
	       "the soft limit of CPU time is SIGXCPU");
	is_int(in_child(hard_cpu), SIGKILL, "the hard one is SIGKILL");
	is_int(in_child(caught_cpu), 5 << 8,
	       "SIGXCPU can be caught: the limit is then a second later");
	is_int(in_child(inherited_cpu), SIGKILL << 8, "children inherit it");
}

static int
file_size(void)
{
	char buf[3000] = {0};
	struct stat st;
	int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);

	signal(SIGXFSZ, on_signal);
	limit(RLIMIT_FSIZE, 5000, RLIM_INFINITY);
	if (write(fd, buf, 3000) != 3000)
		return 1;
	if (write(fd, buf, 3000) != 2000 || seen != 0)
		return 2;
	if (write(fd, buf, 1) != -1 || errno != EFBIG || seen != 1)
		return 3;
	if (pwrite(fd, buf, 100, 4900) != 100 || seen != 1)
		return 4;
	if (ftruncate(fd, 5001) != -1 || errno != EFBIG || seen != 2)
		return 5;
	if (ftruncate(fd, 4000) != 0 || ftruncate(fd, 5000) != 0 || seen != 2)
		return 6;
	if (fallocate(fd, 0, 0, 6000) != -1 || errno != EFBIG || seen != 3)
		return 7;
	if (fstat(fd, &st) != 0 || st.st_size != 5000)
		return 8;
	return 0;
}

static int
file_size_death(void)
{
	int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);

	limit(RLIMIT_CORE, 0, 0);
	limit(RLIMIT_FSIZE, 0, 0);
	return write(fd, "x", 1) == 1;
}

static int
descriptors(void)
{
	int fds[2], last = dup(0);

	limit(RLIMIT_NOFILE, (rlim_t)last + 1, (rlim_t)last + 1);
	if (dup(0) != -1 || errno != EMFILE)
		return 1;
	if (pipe(fds) != -1 || errno != EMFILE)
		return 2;
	if (dup2(0, last + 1) != -1 || errno != EBADF)
		return 3;
	close(last);
	if (pipe(fds) != -1 || errno != EMFILE)
		return 4;
	return dup(0) != last;
}

static int
memory(void)
{
	void *p;

	limit(RLIMIT_AS, 1 << 28, 1 << 28);
	p = mmap(NULL, 1 << 28, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p != MAP_FAILED || errno != ENOMEM)
		return 1;
	limit(RLIMIT_DATA, 0, 0);
	return sbrk(1 << 20) != (void *)-1 || errno != ENOMEM;
}

static int
raised(void)
{
	struct rlimit r = {5, 4};

	if (setrlimit(RLIMIT_CORE, &r) != -1 || errno != EINVAL)
		return 1;
	limit(RLIMIT_CORE, 5, 10);
	if (getuid() == 0 && setresuid(54321, 54321, 54321) != 0)
		return 2;
	r = (struct rlimit){10, 10};
	if (setrlimit(RLIMIT_CORE, &r) != 0)
		return 3;
	r = (struct rlimit){10, 11};
	if (setrlimit(RLIMIT_CORE, &r) != -1 || errno != EPERM)
		return 4;
	return getrlimit(RLIMIT_CORE, &r) != 0 || r.rlim_cur != 10;
}

static int
niceness(void)
{
	int before = getpriority(PRIO_PROCESS, 0), status;
	pid_t pid;

	if (nice(3) != before + 3 || getpriority(PRIO_PROCESS, 0) != before + 3)
		return 1;
	pid = fork();
	if (pid == 0)
		_exit(getpriority(PRIO_PROCESS, 0) != before + 3);
	if (setpriority(PRIO_PROCESS, (id_t)pid, 10) != 0 ||
	    getpriority(PRIO_PROCESS, (id_t)pid) != 10)
		return 2;
	waitpid(pid, &status, 0);
	if (status != 0 && status != 1 << 8) /* it may see the 10 */
		return 3;
	if (setpriority(PRIO_PROCESS, 0, 100) != 0 ||
	    getpriority(PRIO_PROCESS, 0) != 19)
		return 4;
	if (getuid() == 0 && setresuid(54321, 54321, 54321) != 0)
		return 5;
	limit(RLIMIT_NICE, 0, 0);
	if (setpriority(PRIO_PROCESS, 0, 0) != -1 || errno != EACCES)
		return 6;
	return setpriority(PRIO_PROCESS, 1, 19) != -1;
}

int
main(void)
{
	test_cpu();
	is_int(in_child(file_size), 0, "the size of files: EFBIG, SIGXFSZ");
	is_int(in_child(file_size_death) & 0x7f, SIGXFSZ, "SIGXFSZ kills");
	is_int(in_child(descriptors), 0, "descriptors: EMFILE");
	is_int(in_child(memory), 0, "memory: ENOMEM");
	is_int(in_child(raised), 0, "a hard limit is raised by root alone");
	is_int(in_child(niceness), 0, "the nice value is kept and inherited");
	return done_testing();
}
