/* SPDX-License-Identifier: MIT */
/* process_vm_readv(2), process_vm_writev(2). */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/uio.h>

#include "maps.h"
#include "request.h"

#define PUBLIC __attribute__((visibility("default")))

/* Linux's IOV_MAX, which not every libc shows. */
#define SEGMENTS_MAX 1024

/* A place in the caller's list of segments. */
struct cursor {
	const struct iovec *iov;
	unsigned long left; /* segments */
	size_t done;	    /* bytes of the first one */
};

/* The next segment that is not empty, or false. */
static bool
next(struct cursor *c, char **out, size_t *out_len)
{
	while (c->left && c->done == c->iov->iov_len) {
		c->iov++;
		c->left--;
		c->done = 0;
	}
	if (!c->left)
		return false;
	*out = (char *)c->iov->iov_base + c->done;
	*out_len = c->iov->iov_len - c->done;
	return true;
}

/* Handle of PID's memory: that of a tracee stays open, *OUT_BRIEF: not. */
struct target {
	struct ptl_session *s;
	int handle; /* where there is no session */
};

static int
open_target(pid_t pid, struct target *t)
{
	char name[PTL_NAME_MAX];

	t->handle = -1;
	t->s = ptl_find(pid);
	/* Callers go on by PTRACE_PEEKDATA, but not after EFAULT. */
	if (t->s && t->s->run != PTL_GHOST)
		return ptl_state.mode == PTL_BASE ? -ENOSYS : 0;
	t->s = NULL;
	if (pid <= 0)
		return -ESRCH;
	ptl_name(name, pid, PROC_FILE_VM);
	t->handle = ptl_state.io->open(name, PTL_READ | PTL_WRITE, PTL_BRIEF);
	if (t->handle >= 0)
		return 0;
	switch (t->handle) {
	case -EACCES:
	case -EPERM:
		return -EPERM;
	case -EINVAL:
	case -ENOENT:
		return ptl_state.io->kill(pid, 0) == -ESRCH ? -ESRCH : -ENOSYS;
	default:
		return t->handle;
	}
}

/* Small pieces, of which debuggers read many, need not be system calls. */
static ssize_t
read_tracee(struct ptl_session *s, char *local, size_t n, uint64_t remote)
{
	uint64_t generation;
	ssize_t r;

	if (ptl_maps_read(s, remote, local, n))
		return (ssize_t)n;
	generation = ptl_maps_before(s);
	r = ptl_pread(s, PTL_VM, local, n, remote);
	if (r > 0 && (size_t)r == n) {
		ptl_maps_stored((uintptr_t)local, n);
		ptl_maps_after(s, remote, n, generation, PTL_READ_VM);
	}
	return r;
}

static ssize_t
move(struct target *t, char *local, size_t n, uint64_t remote, bool writes)
{
	ssize_t r;

	if (t->s && writes)
		r = ptl_pwrite(t->s, PTL_VM, local, n, remote);
	else if (t->s)
		r = read_tracee(t->s, local, n, remote);
	else if (writes)
		r = ptl_state.io->pwrite(t->handle, local, n, remote);
	else
		r = ptl_state.io->pread(t->handle, local, n, remote);
	if (r == 0 || r == -EIO)
		return -EFAULT;
	return r;
}

/* Segment by segment, until one cannot be had. */
static ssize_t
transfer(struct target *t, struct cursor *local, struct cursor *remote,
	 bool writes)
{
	char *here, *there;
	size_t n, m, total = 0;
	ssize_t r;

	while (next(local, &here, &n) && next(remote, &there, &m)) {
		if (n > m)
			n = m;
		r = move(t, here, n, (uintptr_t)there, writes);
		if (r < 0)
			return total ? (ssize_t)total : r;
		total += (size_t)r;
		local->done += (size_t)r;
		remote->done += (size_t)r;
		if ((size_t)r < n)
			break;
	}
	return (ssize_t)total;
}

/* The bytes of all segments, or -EINVAL, -EFAULT. */
static ssize_t
sum(const struct iovec *iov, unsigned long n)
{
	size_t total = 0;

	if (n > SEGMENTS_MAX)
		return -EINVAL;
	if (n && ptl_bad_pointer((uintptr_t)iov))
		return -EFAULT;
	for (unsigned long i = 0; i < n; i++) {
		if (iov[i].iov_len > SSIZE_MAX - total)
			return -EINVAL;
		total += iov[i].iov_len;
	}
	return (ssize_t)total;
}

static ssize_t
copy(pid_t pid, struct cursor *local, struct cursor *remote,
     unsigned long flags, bool writes)
{
	struct target t;
	ssize_t r;

	if (flags)
		return -EINVAL;
	r = sum(local->iov, local->left);
	if (r <= 0)
		return r;
	r = sum(remote->iov, remote->left);
	if (r <= 0)
		return r;
	if (!ptl_enter())
		return -EAGAIN;
	r = open_target(pid, &t);
	if (!r)
		r = transfer(&t, local, remote, writes);
	if (t.handle >= 0)
		ptl_state.io->close(t.handle);
	ptl_leave();
	return r;
}

static ssize_t
entry(pid_t pid, struct cursor local, struct cursor remote, unsigned long flags,
      bool writes)
{
	ssize_t r = copy(pid, &local, &remote, flags, writes);

	if (r >= 0)
		return r;
	errno = (int)-r;
	return -1;
}

PUBLIC ssize_t
process_vm_readv(pid_t pid, const struct iovec *local, unsigned long nlocal,
		 const struct iovec *remote, unsigned long nremote,
		 unsigned long flags)
{
	return entry(pid, (struct cursor){local, nlocal, 0},
		     (struct cursor){remote, nremote, 0}, flags, false);
}

PUBLIC ssize_t
process_vm_writev(pid_t pid, const struct iovec *local, unsigned long nlocal,
		  const struct iovec *remote, unsigned long nremote,
		  unsigned long flags)
{
	return entry(pid, (struct cursor){local, nlocal, 0},
		     (struct cursor){remote, nremote, 0}, flags, true);
}
