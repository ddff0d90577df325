/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "fake_io.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

struct fake fake;
bool fake_old;

struct fake_file *
fake_find(int tid, const char *name)
{
	char path[48];

	if (tid)
		snprintf(path, sizeof(path), "%d/%s", tid, name);
	else
		snprintf(path, sizeof(path), "self/%s", name);
	for (int i = 0; i < fake.nfiles; i++)
		if (!strcmp(fake.file[i].name, path))
			return &fake.file[i];
	return NULL;
}

struct fake_file *
fake_add(int tid, const char *name, const void *data, size_t size)
{
	struct fake_file *f = fake_find(tid, name);

	if (!f) {
		f = &fake.file[fake.nfiles++];
		memset(f, 0, sizeof(*f));
		if (tid)
			snprintf(f->name, sizeof(f->name), "%d/%s", tid, name);
		else
			snprintf(f->name, sizeof(f->name), "self/%s", name);
	}
	if (data)
		memcpy(f->data, data, size);
	f->size = size;
	return f;
}

void
fake_thread(int tid)
{
	fake_add(tid, PROC_FILE_TRACE, NULL, 0);
	fake_add(tid, PROC_FILE_MEM, NULL, 4096);
	fake_add(tid, PROC_FILE_VM, NULL, 4096);
	fake_add(tid, PROC_FILE_REGS_USER, NULL, sizeof(struct proc_user_regs));
	fake_add(tid, PROC_FILE_REGS_FLOAT, NULL,
		 sizeof(struct proc_float_regs));
	fake_add(tid, PROC_FILE_REGS_ENV, NULL, sizeof(struct proc_env_regs));
	fake_add(tid, PROC_FILE_REGS_XSTATE, NULL, 832);
	fake_add(tid, PROC_FILE_REGS_DEBUG, NULL,
		 sizeof(struct proc_debug_regs));
	fake_add(tid, PROC_FILE_SIGINFO, NULL, sizeof(struct proc_siginfo));
	fake_add(tid, PROC_FILE_SIGMASK, NULL, sizeof(uint64_t));
	fake_add(tid, PROC_FILE_SIGQUEUE, NULL, 0);
	fake_add(tid, PROC_FILE_SYSCALL, NULL, sizeof(struct proc_syscall));
	fake_add(tid, PROC_FILE_RUSAGE, NULL, sizeof(struct proc_rusage));
}

static void
start(void)
{
	memset(&fake, 0, sizeof(fake));
	memset(fake.handle, -1, sizeof(fake.handle));
	fake.pid = FAKE_PID;
}

void
fake_start(void)
{
	ptl_reset(NULL);
	start();
	fake_add(0, PROC_FILE_EVENTS, NULL, 0);
	fake_add(0, PROC_FILE_TRACEME, NULL, 8);
	if (!fake_old)
		fake_add(0, PROC_FILE_COMMAND, NULL, 0);
	ptl_reset(&fake_io);
}

void
fake_start_base(void)
{
	ptl_reset(NULL);
	start();
	ptl_reset(&fake_io);
}

void
fake_event(int tid, uint64_t cause, uint64_t a)
{
	fake.event[fake.nevents++] =
	    (struct proc_tracer_event){tid, tid, {.cause = cause, .a = a}};
}

const struct fake_write *
fake_last(void)
{
	return fake.nwritten ? &fake.written[fake.nwritten - 1] : NULL;
}

void
fake_close_all(void)
{
	for (int i = 0; i < 1024; i++) {
		if (fake.handle[i] >= 0)
			fake.file[fake.handle[i]].opens--;
		fake.handle[i] = -1;
	}
}

int
fake_open_handles(void)
{
	int n = 0;

	for (int i = 0; i < 1024; i++)
		n += fake.handle[i] >= 0;
	return n;
}

void
fake_stopped(uint64_t cause, uint64_t a, unsigned options)
{
	int st;

	fake_start();
	fake_thread(TID);
	ck_assert_int_eq(ptrace(PTRACE_SEIZE, TID, NULL, word(options)), 0);
	fake_event(TID, cause, a);
	ck_assert_int_eq(waitpid(TID, &st, __WALL), TID);
}

static bool
is(const struct fake_file *f, const char *name)
{
	return !strcmp(strchr(f->name, '/') + 1, name);
}

static int
fake_open(const char *name, unsigned flags, enum ptl_life life)
{
	int index = -1;

	(void)flags;
	fake.calls++;
	for (int i = 0; i < fake.nfiles; i++)
		if (!strcmp(fake.file[i].name, name))
			index = i;
	if (index < 0)
		return -ENOENT;
	if (fake.file[index].open_error)
		return fake.file[index].open_error;
	if (life == PTL_CACHED && fake.room && fake_open_handles() >= fake.room)
		return -EMFILE;
	for (int h = 0; h < 1024; h++) {
		if (fake.handle[h] >= 0)
			continue;
		/* The blocking handle of `events` is known by bit 10. */
		fake.handle[h] = index;
		fake.owner[h] = fake.pid;
		fake.file[index].opens++;
		return h | (flags & PTL_NONBLOCK ? 0 : 1024);
	}
	return -EMFILE;
}

static void
fake_close(int handle)
{
	handle &= 1023;
	fake.calls++;
	if (fake.handle[handle] < 0)
		return;
	fake.file[fake.handle[handle]].opens--;
	fake.handle[handle] = -1;
}

static bool
fake_is_open(int handle)
{
	return fake.handle[handle & 1023] >= 0;
}

static ssize_t
read_events(void *buf, size_t n, bool blocks)
{
	size_t done = 0;

	while (fake.first_event == fake.nevents && blocks)
		if (!fake.on_sleep || !fake.on_sleep())
			return -EINTR;
	if (fake.first_event == fake.nevents)
		return -EAGAIN;
	while (fake.first_event < fake.nevents &&
	       n - done >= sizeof(fake.event[0])) {
		memcpy((char *)buf + done, &fake.event[fake.first_event++],
		       sizeof(fake.event[0]));
		done += sizeof(fake.event[0]);
	}
	return (ssize_t)done;
}

/* On a base kernel the events of a tracee come from its `trace`. */
static ssize_t
read_trace(const struct fake_file *f, void *buf)
{
	int tid = -1;

	sscanf(f->name, "%d/", &tid);
	for (int i = fake.first_event; i < fake.nevents; i++) {
		if (fake.event[i].tid != tid)
			continue;
		fake.event[i].tid = 0;
		memcpy(buf, &fake.event[i].ev, sizeof(fake.event[i].ev));
		return sizeof(fake.event[i].ev);
	}
	return -EAGAIN;
}

static ssize_t
fake_pread(int handle, void *buf, size_t n, uint64_t off)
{
	struct fake_file *f;

	fake.calls++;
	if (fake.handle[handle & 1023] < 0)
		return -EBADF;
	f = &fake.file[fake.handle[handle & 1023]];
	if (f->error)
		return f->error;
	if (fake.pid != fake.owner[handle & 1023] && !is(f, PROC_FILE_MEM))
		return -EPERM;
	if (is(f, PROC_FILE_EVENTS))
		return read_events(buf, n, handle & 1024);
	if (is(f, PROC_FILE_TRACE))
		return read_trace(f, buf);
	if (off < f->offset || off - f->offset >= f->size)
		return is(f, PROC_FILE_MEM) || is(f, PROC_FILE_VM) ? -EIO : 0;
	off -= f->offset;
	if (n > f->size - off)
		n = f->size - off;
	memcpy(buf, f->data + off, n);
	return (ssize_t)n;
}

static ssize_t
fake_read(int handle, void *buf, size_t n)
{
	return fake_pread(handle, buf, n, 0);
}

static ssize_t
write_trace(const struct fake_file *f, const void *buf, size_t n)
{
	struct fake_write *w = &fake.written[fake.nwritten++];

	memset(w, 0, sizeof(*w));
	sscanf(f->name, "%d/", &w->tid);
	memcpy(&w->w, buf, n);
	w->size = n;
	return (ssize_t)n;
}

/* What is in the way of a `trace` is so of a command to the same thread. */
static ssize_t
write_command(const void *buf, size_t n)
{
	struct fake_write *w = &fake.written[fake.nwritten];
	const uint64_t apart = PROC_FLAG_ATTACH | PROC_FLAG_HOLD;
	const struct proc_command *c = buf;
	const struct fake_file *f = fake_find(c->tid, PROC_FILE_TRACE);

	ck_assert_uint_eq(n, sizeof(*c));
	ck_assert_uint_eq(c->pad, 0);
	if (!f)
		return -ESRCH;
	if (f->error || (f->open_error && (c->flags & PROC_FLAG_ATTACH)))
		return f->error ? f->error : f->open_error;
	fake.nwritten++;
	*w = (struct fake_write){.tid = c->tid, .command = true};
	w->w = (struct proc_resume){c->flags & ~apart, c->signal};
	w->apart = c->flags & apart;
	w->size = c->flags & PROC_FLAG_SIGNAL ? sizeof(w->w) : 8;
	if (!(c->flags & PROC_FLAG_SIGNAL))
		ck_assert_uint_eq(c->signal, 0);
	return (ssize_t)n;
}

static ssize_t
fake_pwrite(int handle, const void *buf, size_t n, uint64_t off)
{
	struct fake_file *f;

	fake.calls++;
	if (fake.handle[handle & 1023] < 0)
		return -EBADF;
	f = &fake.file[fake.handle[handle & 1023]];
	if (f->error)
		return f->error;
	if (fake.pid != fake.owner[handle & 1023])
		return -EPERM;
	if (is(f, PROC_FILE_TRACE))
		return write_trace(f, buf, n);
	if (is(f, PROC_FILE_COMMAND))
		return write_command(buf, n);
	if (is(f, PROC_FILE_EVENTS)) {
		fake.wakes++;
		return (ssize_t)n;
	}
	if (off < f->offset || off - f->offset >= f->size)
		return -EIO;
	off -= f->offset;
	if (n > f->size - off)
		n = f->size - off;
	memcpy(f->data + off, buf, n);
	return (ssize_t)n;
}

static ssize_t
fake_write(int handle, const void *buf, size_t n)
{
	return fake_pwrite(handle, buf, n, 0);
}

static int
fake_poll(const int *handles, unsigned n, int ms)
{
	(void)handles;
	(void)n;
	(void)ms;
	return fake.on_sleep && fake.on_sleep() ? 0 : -EINTR;
}

static pid_t
fake_getpid(void)
{
	return fake.pid;
}

/* Groups are by hundreds. */
static pid_t
fake_getpgid(pid_t pid)
{
	return (pid ? pid : fake.pid) / 100 * 100;
}

static int
fake_uid(pid_t tid, uid_t *out)
{
	(void)tid;
	*out = fake.uid;
	return 0;
}

static pid_t
fake_pidfd(int fd)
{
	return fd >= 1000 ? fd - 1000 : -EBADF;
}

static int
fake_kill(pid_t pid, int sig)
{
	if (!fake_find(pid, PROC_FILE_TRACE))
		return -ESRCH;
	if (sig)
		fake.killed = pid;
	return 0;
}

static int
find_child(pid_t pid)
{
	for (int i = 0; i < fake.nchildren; i++)
		if (fake.child[i].pid &&
		    (pid == -1 || pid == fake.child[i].pid))
			return i;
	return -1;
}

static pid_t
fake_wait4(pid_t pid, int *status, int options, struct rusage *ru)
{
	int i = find_child(pid);

	(void)ru;
	fake.waits++;
	while (i < 0 && fake.living && !(options & WNOHANG))
		if (!fake.on_sleep || !fake.on_sleep())
			return -EINTR;
		else
			i = find_child(pid);
	if (i < 0)
		return fake.living ? 0 : -ECHILD;
	pid = fake.child[i].pid;
	fake.child[i].pid = 0;
	if (status)
		*status = fake.child[i].status;
	return pid;
}

static int
fake_waitid(int type, id_t id, siginfo_t *info, int options, struct rusage *ru)
{
	int status = 0;
	pid_t r =
	    fake_wait4(type == P_PID ? (pid_t)id : -1, &status, options, ru);

	info->si_pid = 0;
	if (r < 0)
		return r;
	if (r > 0) {
		info->si_signo = SIGCHLD;
		info->si_pid = r;
		info->si_code = CLD_EXITED;
		info->si_status = WEXITSTATUS(status);
	}
	return 0;
}

const struct ptrace_io fake_io = {
    .open = fake_open,
    .close = fake_close,
    .is_open = fake_is_open,
    .read = fake_read,
    .write = fake_write,
    .pread = fake_pread,
    .pwrite = fake_pwrite,
    .poll = fake_poll,
    .getpid = fake_getpid,
    .getpgid = fake_getpgid,
    .uid = fake_uid,
    .pidfd = fake_pidfd,
    .kill = fake_kill,
    .wait4 = fake_wait4,
    .waitid = fake_waitid,
};
