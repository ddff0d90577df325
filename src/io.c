/* SPDX-License-Identifier: MIT */
/* The one file that touches descriptors: the scheme as this kernel has it. */
#define _GNU_SOURCE
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hot.h"

#ifndef PTRACE_SCHEME_ROOT
#define PTRACE_SCHEME_ROOT "proc:"
#endif

/*
 * Descriptors that live on are put here or above: debuggers close, and
 * select() on, low numbers.
 */
#define FIRST_HIGH 512

#define PATH_MAX_HERE 512

/* The result of a call as these operations give it; errno stays as it was. */
#define RESULT(call)                                                           \
	do {                                                                   \
		int saved = errno;                                             \
		long result = (call);                                          \
		if (result < 0)                                                \
			result = -errno;                                       \
		errno = saved;                                                 \
		return result;                                                 \
	} while (0)

/*
 * The same for a call that would be a cancellation point. The others here are
 * none: they are system calls, made by syscall(). A thread that were cancelled
 * in them would leave the library's lock taken, and to forbid that takes as
 * long as a request that needs no call at all.
 */
#define NO_CANCEL(call)                                                        \
	do {                                                                   \
		int state, saved = errno;                                      \
		long result;                                                   \
                                                                               \
		pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);        \
		result = (call);                                               \
		if (result < 0)                                                \
			result = -errno;                                       \
		pthread_setcancelstate(state, &state);                         \
		errno = saved;                                                 \
		return result;                                                 \
	} while (0)

/* Store the path of NAME. Looks at the environment each time: it may change */
static int
path_of(char *path, const char *name)
{
	const char *root = secure_getenv("PTRACE_SCHEME_ROOT");
	size_t n, len = strlen(name);

	if (!root || !*root)
		root = PTRACE_SCHEME_ROOT;
	n = strlen(root);
	if (n + 1 + len >= PATH_MAX_HERE)
		return -ENAMETOOLONG;
	memcpy(path, root, n);
	if (path[n - 1] != ':' && path[n - 1] != '/')
		path[n++] = '/';
	memcpy(path + n, name, len + 1);
	return 0;
}

/* More descriptors than the soft limit has: the hard one is ours to use. */
static int
raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 ||
	    limit.rlim_cur >= limit.rlim_max)
		return -1;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit);
}

/* Where the limits are low: the upper half of what there is. */
static int
upper_half(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) < 0 ? 0
						    : (int)(limit.rlim_cur / 2);
}

static void
close_now(int fd)
{
	syscall(SYS_close, fd);
}

/* Move FD out of the program's way. Its new number, or -errno; FD is gone. */
static int
move_high(int fd, enum ptl_life life)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_HIGH);

	/* EINVAL: the limit is below that number. */
	if (high < 0 && (errno == EMFILE || errno == EINVAL) &&
	    life == PTL_KEPT && !raise_limit())
		high = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_HIGH);
	if (high < 0 && errno == EINVAL)
		high = fcntl(fd, F_DUPFD_CLOEXEC, upper_half());
	if (high < 0 && errno == EMFILE && life == PTL_CACHED) {
		close_now(fd);
		return -EMFILE;
	}
	/* The limit is low: then this is as good as it gets. */
	if (high < 0)
		return fd;
	close_now(fd);
	return high;
}

static int
open_now(const char *path, int how)
{
	return (int)syscall(SYS_openat, AT_FDCWD, path, how | O_LARGEFILE);
}

static int
host_open(const char *name, unsigned flags, enum ptl_life life)
{
	char path[PATH_MAX_HERE];
	int how = O_CLOEXEC, saved = errno, fd, err = path_of(path, name);

	if (err)
		return err;
	if (!(flags & PTL_WRITE))
		how |= O_RDONLY;
	else
		how |= flags & PTL_READ ? O_RDWR : O_WRONLY;
	if (flags & PTL_NONBLOCK)
		how |= O_NONBLOCK;
	if (flags & PTL_TRUNC)
		how |= O_TRUNC;
	fd = open_now(path, how);
	if (fd < 0 && errno == EMFILE && life == PTL_KEPT && !raise_limit())
		fd = open_now(path, how);
	if (fd < 0)
		fd = -errno;
	else if (life != PTL_BRIEF)
		fd = move_high(fd, life);
	errno = saved;
	return fd;
}

static void
host_close(int handle)
{
	int saved = errno;

	close_now(handle);
	errno = saved;
}

static bool
host_is_open(int handle)
{
	int saved = errno;
	bool open = fcntl(handle, F_GETFD) >= 0;

	errno = saved;
	return open;
}

PTL_HOT static ssize_t
host_read(int handle, void *buf, size_t n)
{
	RESULT(syscall(SYS_read, handle, buf, n));
}

PTL_HOT static ssize_t
host_write(int handle, const void *buf, size_t n)
{
	RESULT(syscall(SYS_write, handle, buf, n));
}

static ssize_t
host_pread(int handle, void *buf, size_t n, uint64_t off)
{
	/* No user address is so high; the kernel would say EINVAL. */
	if (off > INT64_MAX)
		return -EIO;
	if (sizeof(long) == sizeof(off))
		RESULT(syscall(SYS_pread64, handle, buf, n, off));
	NO_CANCEL(pread(handle, buf, n, (off_t)off));
}

static ssize_t
host_pwrite(int handle, const void *buf, size_t n, uint64_t off)
{
	if (off > INT64_MAX)
		return -EIO;
	if (sizeof(long) == sizeof(off))
		RESULT(syscall(SYS_pwrite64, handle, buf, n, off));
	NO_CANCEL(pwrite(handle, buf, n, (off_t)off));
}

static void *
host_map(int handle, uint64_t off, size_t n, bool write)
{
	int saved = errno, prot = write ? PROT_READ | PROT_WRITE : PROT_READ;
	void *at = MAP_FAILED;

	if (off <= INT64_MAX && (uint64_t)(off_t)off == off)
		at = mmap(NULL, n, prot, MAP_SHARED, handle, (off_t)off);
	errno = saved;
	return at == MAP_FAILED ? NULL : at;
}

static void
host_unmap(const void *at, size_t n)
{
	int saved = errno;

	munmap((void *)at, n);
	errno = saved;
}

static int
poll_now(struct pollfd *fds, unsigned n, int ms)
{
	NO_CANCEL(poll(fds, n, ms));
}

static int
host_poll(const int *handles, unsigned n, int ms)
{
	struct pollfd *fds = calloc(n ? n : 1, sizeof(*fds));
	int r;

	if (!fds)
		return -ENOMEM;
	for (unsigned i = 0; i < n; i++)
		fds[i] = (struct pollfd){.fd = handles[i], .events = POLLIN};
	r = poll_now(fds, n, ms);
	free(fds);
	return r < 0 ? r : 0;
}

static pid_t
host_getpid(void)
{
	return getpid();
}

static pid_t
host_getpgid(pid_t pid)
{
	RESULT(getpgid(pid));
}

/* The kernel shows whose a process is in the owner of its directory. */
static int
host_uid(pid_t tid, uid_t *out)
{
	char name[32], path[PATH_MAX_HERE];
	int saved = errno, err = 0;
	struct stat st;

	snprintf(name, sizeof(name), "%d", (int)tid);
	*out = 0;
	err = path_of(path, name);
	if (!err && stat(path, &st) < 0)
		err = -errno;
	if (!err)
		*out = st.st_uid;
	errno = saved;
	return err;
}

/*
 * A pidfd's own /proc file tells its process; one that is gone has no number,
 * and is nobody's child.
 */
static pid_t
pid_in(const char *path)
{
	char line[128];
	pid_t pid = -EBADF;
	FILE *f = fopen(path, "re");

	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, "Pid:", 4) != 0)
			continue;
		pid = (pid_t)strtol(line + 4, NULL, 10);
		if (pid <= 0)
			pid = -ECHILD;
	}
	if (f)
		fclose(f);
	return pid;
}

static pid_t
host_pidfd(int fd)
{
	char path[64];
	pid_t pid;
	int state, saved = errno;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	pid = pid_in(path);
	pthread_setcancelstate(state, &state);
	errno = saved;
	return pid;
}

static int
host_kill(pid_t pid, int sig)
{
	/* The thread's, as Linux: a leader that has ended takes no signal. */
	RESULT(sig ? syscall(SYS_tkill, pid, sig) : kill(pid, 0));
}

/*
 * The system calls themselves: the library's own functions have taken the
 * names in libc.
 */
static pid_t
host_wait4(pid_t pid, int *status, int options, struct rusage *ru)
{
	RESULT(syscall(SYS_wait4, pid, status, options, ru));
}

static int
host_waitid(int type, id_t id, siginfo_t *info, int options, struct rusage *ru)
{
	RESULT(syscall(SYS_waitid, type, id, info, options, ru));
}

const struct ptrace_io ptl_host_io = {
    .open = host_open,
    .close = host_close,
    .is_open = host_is_open,
    .read = host_read,
    .write = host_write,
    .pread = host_pread,
    .pwrite = host_pwrite,
    .map = host_map,
    .unmap = host_unmap,
    .poll = host_poll,
    .getpid = host_getpid,
    .getpgid = host_getpgid,
    .uid = host_uid,
    .pidfd = host_pidfd,
    .kill = host_kill,
    .wait4 = host_wait4,
    .waitid = host_waitid,
};
