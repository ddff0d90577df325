/* SPDX-License-Identifier: MIT */
/*
 * Files of a tracee. Handles stay open in a cache; where the kernel allows no
 * more of them, the one that was not used lately makes room (the clock
 * algorithm).
 */
#define _GNU_SOURCE
#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "maps.h"

#define PLACES_MAX 65536

struct ptl_place {
	struct ptl_session *s; /* NULL: free */
	enum ptl_file file;
	int handle; /* if free: the next free place */
	bool used;  /* since the hand came by */
};

static const char *const file_name[PTL_NFILES] = {
    [PTL_MEM] = PROC_FILE_MEM,
    [PTL_VM] = PROC_FILE_VM,
    [PTL_REGS_USER] = PROC_FILE_REGS_USER,
    [PTL_REGS_INT] = PROC_FILE_REGS_INT,
    [PTL_REGS_FLOAT] = PROC_FILE_REGS_FLOAT,
    [PTL_REGS_ENV] = PROC_FILE_REGS_ENV,
    [PTL_REGS_XSTATE] = PROC_FILE_REGS_XSTATE,
    [PTL_REGS_DEBUG] = PROC_FILE_REGS_DEBUG,
    [PTL_SIGINFO] = PROC_FILE_SIGINFO,
    [PTL_SIGMASK] = PROC_FILE_SIGMASK,
    [PTL_SYSCALL] = PROC_FILE_SYSCALL,
    [PTL_DISPATCH] = PROC_FILE_DISPATCH,
    [PTL_RUSAGE] = PROC_FILE_RUSAGE,
};

void
ptl_name(char *buf, pid_t tid, const char *name)
{
	char digits[12];
	size_t n = 0, at = 0, len = strlen(name);

	/* Many are opened: snprintf() would be a good part of the cost. */
	do
		digits[n++] = (char)('0' + tid % 10);
	while ((tid /= 10) > 0);
	while (n)
		buf[at++] = digits[--n];
	buf[at++] = '/';
	memcpy(buf + at, name, len + 1);
}

int
ptl_errno(int err)
{
	switch (err) {
	case -EPERM:
	case -EACCES:
	case -EBADF:
		/* The handle is the parent's, or the session is over. */
		ptl_forked();
		return -ESRCH;
	case -ENODEV:
	case -ENOTRECOVERABLE:
		return -ESRCH;
	case -ENOENT:
	case -ENOSYS:
		return -EIO;
	default:
		return err;
	}
}

/* The handle in place I is closed. */
static void
forget(int32_t i)
{
	struct ptl_place *p = &ptl_state.place[i];

	p->s->file[p->file] = -1;
	p->s->nfiles--;
	p->s = NULL;
	p->handle = ptl_state.free_place;
	ptl_state.free_place = i;
}

static void
release(int32_t i)
{
	ptl_state.io->close(ptl_state.place[i].handle);
	forget(i);
}

/* Close the first handle that was not used since the hand came by last. */
static bool
evict(void)
{
	for (int32_t n = 0; n < 2 * ptl_state.nplaces; n++) {
		struct ptl_place *p = &ptl_state.place[ptl_state.hand];
		int32_t i = ptl_state.hand;

		ptl_state.hand = (ptl_state.hand + 1) % ptl_state.nplaces;
		if (p->s && !p->used) {
			release(i);
			return true;
		}
		p->used = false;
	}
	return false;
}

/* A free place, or -ENOMEM. */
static int32_t
find_place(void)
{
	int32_t n = ptl_state.nplaces ? 2 * ptl_state.nplaces : 16;
	struct ptl_place *p;

	if (ptl_state.free_place < 0 && ptl_state.nplaces == PLACES_MAX)
		evict();
	if (ptl_state.free_place < 0) {
		p = realloc(ptl_state.place, (size_t)n * sizeof(*p));
		if (!p)
			return evict() ? ptl_state.free_place : -ENOMEM;
		ptl_state.place = p;
		for (int32_t i = n; i-- > ptl_state.nplaces;) {
			p[i].s = NULL;
			p[i].handle = ptl_state.free_place;
			ptl_state.free_place = i;
		}
		ptl_state.nplaces = n;
	}
	return ptl_state.free_place;
}

void
ptl_forget_closed(void)
{
	for (int32_t i = 0; i < ptl_state.nplaces; i++)
		if (ptl_state.place[i].s &&
		    !ptl_state.io->is_open(ptl_state.place[i].handle))
			forget(i);
}

bool
ptl_forget_handle(int handle)
{
	for (int32_t i = 0; i < ptl_state.nplaces; i++)
		if (ptl_state.place[i].s &&
		    ptl_state.place[i].handle == handle) {
			forget(i);
			return true;
		}
	return false;
}

void
ptl_free_places(void)
{
	free(ptl_state.place);
	ptl_state.place = NULL;
	ptl_state.nplaces = ptl_state.hand = 0;
	ptl_state.free_place = -1;
}

/* What a kernel says of a name that it does not know, in one word. */
static int
no_file(int err)
{
	return err == -EINVAL ? -ENOENT : err;
}

static int
open_file(struct ptl_session *s, enum ptl_file file)
{
	char name[PTL_NAME_MAX];
	int32_t i = find_place();
	struct ptl_place *p;
	int handle;

	if (i < 0)
		return i;
	ptl_name(name, s->tid, file_name[file]);
	do {
		handle = ptl_state.io->open(
		    name, file == PTL_RUSAGE ? PTL_READ : PTL_READ | PTL_WRITE,
		    PTL_CACHED);
	} while ((handle == -EMFILE || handle == -ENFILE) && evict());
	if (handle < 0)
		return no_file(handle);
	ptl_check_new(handle);
	/* Another one may have been freed meanwhile. */
	i = ptl_state.free_place;
	p = &ptl_state.place[i];
	ptl_state.free_place = p->handle;
	*p = (struct ptl_place){s, file, handle, true};
	s->file[file] = i;
	s->nfiles++;
	return handle;
}

int
ptl_handle(struct ptl_session *s, enum ptl_file file)
{
	struct ptl_place *p;

	if (s->file[file] < 0)
		return open_file(s, file);
	p = &ptl_state.place[s->file[file]];
	p->used = true;
	return p->handle;
}

void
ptl_close_files(struct ptl_session *s)
{
	ptl_maps_drop(s);
	for (int i = 0; s->nfiles && i < PTL_NFILES; i++)
		if (s->file[i] >= 0)
			release(s->file[i]);
}

void
ptl_close_memory(struct ptl_session *s)
{
	ptl_maps_drop(s);
	if (s->file[PTL_MEM] >= 0)
		release(s->file[PTL_MEM]);
	if (s->file[PTL_VM] >= 0)
		release(s->file[PTL_VM]);
}

static bool
is_memory(enum ptl_file file)
{
	return file == PTL_MEM || file == PTL_VM;
}

/*
 * ENODEV of a register file: the processor has no such state. Memory may be
 * refused to a tracer too.
 */
static int
file_errno(enum ptl_file file, ssize_t err)
{
	if (err == -ENODEV && !is_memory(file))
		return -ENODEV;
	if (is_memory(file) && (err == -EACCES || err == -EPERM) &&
	    !ptl_forked())
		return file == PTL_MEM ? -EIO : -EPERM;
	return ptl_errno((int)err);
}

/*
 * True if the operation on FILE, of N bytes, whose result is R, shall be tried
 * once more with another handle: memory is that of the program which ran when
 * it was opened; and a debugger may have closed what it has not opened.
 */
static bool
is_stale(struct ptl_session *s, enum ptl_file file, ssize_t r, size_t n)
{
	if (r == -EBADF)
		return ptl_regain();
	if (r != 0 || !n || !is_memory(file))
		return false;
	ptl_close_memory(s);
	return true;
}

ssize_t
ptl_pread(struct ptl_session *s, enum ptl_file file, void *buf, size_t n,
	  uint64_t off)
{
	int h = ptl_handle(s, file);
	ssize_t r = h < 0 ? h : ptl_state.io->pread(h, buf, n, off);

	if (is_stale(s, file, r, n)) {
		h = ptl_handle(s, file);
		r = h < 0 ? h : ptl_state.io->pread(h, buf, n, off);
	}
	return r < 0 ? file_errno(file, r) : r;
}

ssize_t
ptl_pwrite(struct ptl_session *s, enum ptl_file file, const void *buf, size_t n,
	   uint64_t off)
{
	int h = ptl_handle(s, file);
	ssize_t r = h < 0 ? h : ptl_state.io->pwrite(h, buf, n, off);

	if (is_stale(s, file, r, n)) {
		h = ptl_handle(s, file);
		r = h < 0 ? h : ptl_state.io->pwrite(h, buf, n, off);
	}
	return r < 0 ? file_errno(file, r) : r;
}

int
ptl_load(struct ptl_session *s, enum ptl_file file, void *buf, size_t n)
{
	ssize_t r = ptl_pread(s, file, buf, n, 0);

	if (r < 0)
		return (int)r;
	return (size_t)r == n ? 0 : -EIO;
}

int
ptl_store(struct ptl_session *s, enum ptl_file file, const void *buf, size_t n)
{
	ssize_t r = ptl_pwrite(s, file, buf, n, 0);

	if (r < 0)
		return (int)r;
	return (size_t)r == n ? 0 : -EIO;
}

ssize_t
ptl_read_once(pid_t tid, const char *file, void *buf, size_t n, uint64_t off)
{
	char name[PTL_NAME_MAX];
	ssize_t r;
	int h;

	ptl_name(name, tid, file);
	h = ptl_state.io->open(name, PTL_READ, PTL_BRIEF);
	if (h < 0)
		return ptl_errno(no_file(h));
	r = ptl_state.io->pread(h, buf, n, off);
	ptl_state.io->close(h);
	/* Filters it may not see. */
	if (r == -EACCES)
		return r;
	return r < 0 ? ptl_errno((int)r) : r;
}
