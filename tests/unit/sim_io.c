/* SPDX-License-Identifier: MIT */
#include "sim_io.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "../../src/io.h"
#include "bed.h"

static struct sim_thread *self;
static bool base;
static unsigned long count;

void
sim_io_become(struct sim_thread *t)
{
	/* The handles stay open where they are, in the process left. */
	self = NULL;
	ptl_reset(&sim_io);
	self = t;
}

void
sim_io_base(bool on)
{
	base = on;
}

unsigned long
sim_io_count(void)
{
	return count;
}

/* The files of Redox's ABI. */
static bool
in_base(const char *name)
{
	static const char *const names[] = {
	    PROC_FILE_TRACE,	  PROC_FILE_MEM,      PROC_FILE_REGS_INT,
	    PROC_FILE_REGS_FLOAT, PROC_FILE_REGS_ENV, PROC_FILE_EXE,
	};
	const char *slash = strchr(name, '/');

	for (size_t i = 0; slash && i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(slash + 1, names[i]))
			return true;
	return false;
}

static int
io_open(const char *name, unsigned flags, enum ptl_life life)
{
	char path[96];
	unsigned how = 0;

	(void)life;
	count++;
	if (base && !in_base(name))
		return -EINVAL;
	if (flags & PTL_READ)
		how |= SIM_O_READ;
	if (flags & PTL_WRITE)
		how |= SIM_O_WRITE;
	if (flags & PTL_NONBLOCK)
		how |= SIM_O_NONBLOCK;
	if (flags & PTL_TRUNC)
		how |= SIM_O_TRUNC;
	snprintf(path, sizeof(path), "proc:%s", name);
	return sim_open(self, path, how);
}

static void
io_close(int handle)
{
	count++;
	if (self)
		sim_close(self, handle);
}

static bool
io_is_open(int handle)
{
	struct sim_pollfd fd = {handle, KS_READ | KS_WRITE, 0};

	return sim_poll(self, &fd, 1, 0) > 0;
}

static ssize_t
io_read(int handle, void *buf, size_t n)
{
	count++;
	return (ssize_t)sim_read(self, handle, buf, n);
}

static ssize_t
io_write(int handle, const void *buf, size_t n)
{
	uint64_t flags;

	count++;
	if (base && n >= sizeof(flags)) {
		memcpy(&flags, buf, sizeof(flags));
		if (n == sizeof(flags) && flags >> 16)
			return -EINVAL;
	}
	return (ssize_t)sim_write(self, handle, buf, n);
}

static ssize_t
io_pread(int handle, void *buf, size_t n, uint64_t off)
{
	count++;
	return (ssize_t)sim_pread(self, handle, buf, n, off);
}

static ssize_t
io_pwrite(int handle, const void *buf, size_t n, uint64_t off)
{
	count++;
	return (ssize_t)sim_pwrite(self, handle, buf, n, off);
}

/* What is mapped, and the descriptor that holds it. */
static struct {
	void *at;
	int fd;
} shown[64];

/* No windows: the machine's memory is not one piece. */
static void *
io_map(int handle, uint64_t off, size_t n, bool write)
{
	unsigned i = 0;
	int fd = -1;

	count++;
	while (i < sizeof(shown) / sizeof(shown[0]) && shown[i].at)
		i++;
	if (off || n != KS_PAGE_SIZE || i == sizeof(shown) / sizeof(shown[0]))
		return NULL;
	shown[i].at = sim_map_page(self, handle, write, &fd);
	shown[i].fd = fd;
	return shown[i].at;
}

static void
io_unmap(const void *at, size_t n)
{
	unsigned i = 0;

	(void)n;
	count++;
	while (shown[i].at != at)
		i++;
	shown[i].at = NULL;
	io_close(shown[i].fd);
}

static int
io_poll(const int *handles, unsigned n, int ms)
{
	struct sim_pollfd fds[64];
	int r;

	count++;
	if (n > sizeof(fds) / sizeof(fds[0]))
		n = sizeof(fds) / sizeof(fds[0]);
	for (unsigned i = 0; i < n; i++)
		fds[i] = (struct sim_pollfd){handles[i], KS_READ, 0};
	r = sim_poll(self, fds, n, ms);
	return r < 0 ? r : 0;
}

static pid_t
io_getpid(void)
{
	return sim_tgid(self);
}

/* There is one group. */
static pid_t
io_getpgid(pid_t pid)
{
	(void)pid;
	return sim_tgid(me);
}

static int
io_uid(pid_t tid, uid_t *out)
{
	struct sim_thread *t = sim_find(sim, tid);

	if (!t)
		return -ESRCH;
	*out = sim_cred(t)->uid;
	return 0;
}

static pid_t
io_pidfd(int fd)
{
	(void)fd;
	return -EBADF;
}

static int
io_kill(pid_t pid, int sig)
{
	return sim_kill(self, pid, sig);
}

static void
convert_usage(const struct proc_rusage *in, struct rusage *out)
{
	if (!out)
		return;
	memset(out, 0, sizeof(*out));
	out->ru_utime.tv_sec = (time_t)in->utime_sec;
	out->ru_utime.tv_usec = (suseconds_t)in->utime_usec;
	out->ru_maxrss = (long)in->maxrss_kib;
}

static pid_t
io_wait4(pid_t pid, int *status, int options, struct rusage *ru)
{
	struct proc_rusage p;
	int32_t r = sim_wait4(self, pid, status, options, &p);

	if (r > 0)
		convert_usage(&p, ru);
	return r;
}

static int
io_waitid(int type, id_t id, siginfo_t *info, int options, struct rusage *ru)
{
	struct proc_rusage p;
	int status;
	int32_t r = sim_wait4(self, type == P_PID ? (int32_t)id : -1, &status,
			      options, &p);

	if (r < 0)
		return r;
	info->si_pid = r;
	if (!r)
		return 0;
	convert_usage(&p, ru);
	info->si_signo = SIGCHLD;
	info->si_uid = 0;
	if (status == 0xffff) {
		info->si_code = CLD_CONTINUED;
		info->si_status = SIGCONT;
	} else if ((status & 0xff) == 0x7f) {
		info->si_code = CLD_STOPPED;
		info->si_status = status >> 8;
	} else if (status & 0x7f) {
		info->si_code = CLD_KILLED;
		info->si_status = status & 0x7f;
	} else {
		info->si_code = CLD_EXITED;
		info->si_status = status >> 8;
	}
	return 0;
}

const struct ptrace_io sim_io = {
    .open = io_open,
    .close = io_close,
    .is_open = io_is_open,
    .read = io_read,
    .write = io_write,
    .pread = io_pread,
    .pwrite = io_pwrite,
    .map = io_map,
    .unmap = io_unmap,
    .poll = io_poll,
    .getpid = io_getpid,
    .getpgid = io_getpgid,
    .uid = io_uid,
    .pidfd = io_pidfd,
    .kill = io_kill,
    .wait4 = io_wait4,
    .waitid = io_waitid,
};
