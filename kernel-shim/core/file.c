/* SPDX-License-Identifier: MIT */
/* The files of the scheme: names, opening, closing and dispatch. */
#include "file.h"
#include "mem.h"
#include "session.h"

const struct ks_proc_file ks_proc_files[KS_PROC_NFILES] = {
    [KS_PROC_TRACE] = {PROC_FILE_TRACE, 0600, false},
    [KS_PROC_MEM] = {PROC_FILE_MEM, 0600, false},
    [KS_PROC_VM] = {PROC_FILE_VM, 0600, true},
    [KS_PROC_REGS_INT] = {PROC_FILE_REGS_INT, 0600, false},
    [KS_PROC_REGS_FLOAT] = {PROC_FILE_REGS_FLOAT, 0600, false},
    [KS_PROC_REGS_ENV] = {PROC_FILE_REGS_ENV, 0600, false},
    [KS_PROC_REGS_USER] = {PROC_FILE_REGS_USER, 0600, true},
    [KS_PROC_REGS_XSTATE] = {PROC_FILE_REGS_XSTATE, 0600, true},
    [KS_PROC_REGS_DEBUG] = {PROC_FILE_REGS_DEBUG, 0600, true},
    [KS_PROC_SIGINFO] = {PROC_FILE_SIGINFO, 0600, true},
    [KS_PROC_SIGMASK] = {PROC_FILE_SIGMASK, 0600, true},
    [KS_PROC_SIGQUEUE] = {PROC_FILE_SIGQUEUE, 0400, true},
    [KS_PROC_SIGQUEUE_SHARED] = {PROC_FILE_SIGQUEUE_SHARED, 0400, true},
    [KS_PROC_SYSCALL] = {PROC_FILE_SYSCALL, 0600, true},
    [KS_PROC_RUSAGE] = {PROC_FILE_RUSAGE, 0400, true},
    [KS_PROC_SECCOMP] = {PROC_FILE_SECCOMP, 0400, true},
    [KS_PROC_RSEQ] = {PROC_FILE_RSEQ, 0400, true},
    [KS_PROC_DISPATCH] = {PROC_FILE_DISPATCH, 0600, true},
    [KS_PROC_STOP] = {PROC_FILE_STOP, 0600, true},
    [KS_PROC_EVENTS] = {PROC_FILE_EVENTS, 0600, true},
    [KS_PROC_TRACEME] = {PROC_FILE_TRACEME, 0200, true},
    [KS_PROC_COMMAND] = {PROC_FILE_COMMAND, 0200, true},
};

static const struct {
	ks_file_fn *read, *write;
} ops[KS_PROC_NFILES] = {
    [KS_PROC_TRACE] = {ks_trace_read, ks_trace_write},
    [KS_PROC_MEM] = {ks_memory_read, ks_memory_write},
    [KS_PROC_VM] = {ks_memory_read, ks_memory_write},
    [KS_PROC_REGS_INT] = {ks_regs_read, ks_regs_write},
    [KS_PROC_REGS_FLOAT] = {ks_regs_read, ks_regs_write},
    [KS_PROC_REGS_ENV] = {ks_regs_read, ks_regs_write},
    [KS_PROC_REGS_USER] = {ks_regs_read, ks_regs_write},
    [KS_PROC_REGS_XSTATE] = {ks_xstate_read, ks_xstate_write},
    [KS_PROC_REGS_DEBUG] = {ks_regs_read, ks_regs_write},
    [KS_PROC_SIGINFO] = {ks_siginfo_read, ks_siginfo_write},
    [KS_PROC_SIGMASK] = {ks_sigmask_read, ks_sigmask_write},
    [KS_PROC_SIGQUEUE] = {ks_sigqueue_read, NULL},
    [KS_PROC_SIGQUEUE_SHARED] = {ks_sigqueue_read, NULL},
    [KS_PROC_SYSCALL] = {ks_syscall_read, ks_syscall_write},
    [KS_PROC_RUSAGE] = {ks_rusage_read, NULL},
    [KS_PROC_SECCOMP] = {ks_seccomp_read, NULL},
    [KS_PROC_RSEQ] = {ks_rseq_read, NULL},
    [KS_PROC_DISPATCH] = {ks_dispatch_read, ks_dispatch_write},
    [KS_PROC_STOP] = {ks_stop_read, ks_stop_write},
    [KS_PROC_EVENTS] = {ks_events_read, ks_events_write},
    [KS_PROC_TRACEME] = {NULL, ks_traceme_write},
    [KS_PROC_COMMAND] = {NULL, ks_command_write},
};

static bool
same_name(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

int
ks_proc_lookup(const char *name)
{
	for (int id = 0; id < KS_PROC_NFILES; id++)
		if (same_name(name, ks_proc_files[id].name))
			return id;
	return -ENOENT;
}

int64_t
ks_io_out(struct ks_io *io, const void *src, size_t size)
{
	int err;

	if (size > io->len)
		size = io->len;
	err = size ? io->out(io, 0, src, size) : 0;
	return err ? err : (int64_t)size;
}

int
ks_io_in(struct ks_io *io, void *dst, size_t size)
{
	return io->len == size ? io->in(io, 0, dst, size) : -EINVAL;
}

static int
kernel_out(struct ks_io *io, size_t off, const void *src, size_t n)
{
	memcpy(ks_container(io, struct ks_io_kernel, io)->buf + off, src, n);
	return 0;
}

static int
kernel_in(struct ks_io *io, size_t off, void *dst, size_t n)
{
	memcpy(dst, ks_container(io, struct ks_io_kernel, io)->buf + off, n);
	return 0;
}

void
ks_io_kernel(struct ks_io_kernel *k, void *buf, size_t len)
{
	*k = (struct ks_io_kernel){{kernel_out, kernel_in, len}, buf};
}

int
ks_lock_stopped(struct ks_file *f)
{
	struct ks_thread *t = f->t;
	int err = 0;

	ks_lock_thread(t);
	if (t->state == KS_DEAD)
		err = -ESRCH;
	else if (t->tracer != f->caller)
		err = -EPERM;
	else if (t->due & KS_DUE_FREEZE)
		err = -EAGAIN;
	else if (t->state != KS_STOPPED)
		err = -ENOTRECOVERABLE;
	if (err)
		ks_unlock_thread(t);
	else
		ks_record_settle(t);
	return err;
}

int
ks_trace_begin(struct ks_file *f, struct ks_thread *self, struct ks_thread *t)
{
	bool capable = false;
	int err;

	if (f->m->ops->thread_process(f->m, t) == f->caller)
		return -EPERM;
	err = ks_access(f->m, self, t, true, &capable);
	return err ? err : ks_session_begin(t, f->caller, capable);
}

/* Open `trace`: take over the session that the caller has, or begin one. */
static int
open_trace(struct ks_file *f, struct ks_thread *self)
{
	struct ks_thread *t = f->t;
	int err = 0;

	ks_lock_thread(t);
	if (t->tracer && (t->tracer != f->caller || t->has_handle))
		err = -EBUSY;
	else if (!t->tracer)
		err = ks_trace_begin(f, self, t);
	if (!err) {
		t->has_handle = true;
		t->kill_on_close = f->flags & KS_O_EXCL;
		f->session = t->session;
		if ((f->flags & KS_O_TRUNC) && t->state == KS_RUNNING)
			ks_make_due(t, KS_IN_TRAP, KS_DUE_FREEZE);
	}
	ks_unlock_thread(t);
	return err;
}

/*
 * May F's opener use T's memory by `mem`? Its tracer may, whoever it is by now,
 * but a tracer that is lesser only what is not hidden, here and later.
 */
static int
may_open_mem(struct ks_file *f, struct ks_thread *self)
{
	struct ks_thread *t = f->t;
	bool mine, shown, capable;

	ks_lock_thread(t);
	mine = t->tracer == f->caller;
	shown = mine && ks_access_shown(t);
	f->limited = mine && !t->capable;
	ks_unlock_thread(t);
	if (mine)
		return shown ? 0 : -EACCES;
	return ks_access(f->m, self, t, false, &capable) ? -EACCES : 0;
}

/*
 * Open `mem`, with proc(5)'s answers, or `vm`, with process_vm_readv()'s: bound
 * to the memory that the thread has now.
 */
static int
open_memory(struct ks_file *f, struct ks_thread *self)
{
	struct ks_thread *t = f->t;
	bool capable;
	int err = f->id == KS_PROC_MEM
		      ? may_open_mem(f, self)
		      : ks_access(f->m, self, t, true, &capable);

	if (err)
		return err;
	f->execs = __atomic_load_n(&t->execs, __ATOMIC_RELAXED);
	f->space = f->m->ops->space_get(f->m, t);
	return f->space ? 0 : -ESRCH;
}

static int
open_by_kind(struct ks_file *f, struct ks_thread *self)
{
	int err = 0;

	switch (f->id) {
	case KS_PROC_TRACE:
		return open_trace(f, self);
	case KS_PROC_MEM:
	case KS_PROC_VM:
		return open_memory(f, self);
	case KS_PROC_EVENTS:
	case KS_PROC_TRACEME:
	case KS_PROC_COMMAND:
		if (f->m->ops->thread_process(f->m, f->t) != f->caller)
			return -EACCES;
		if (f->id == KS_PROC_EVENTS) {
			ks_lock_tracer(f->caller);
			f->caller->listens = true;
			ks_unlock_tracer(f->caller);
		}
		return 0;
	default:
		ks_lock_thread(f->t);
		if (f->t->tracer != f->caller)
			err = -EPERM;
		f->session = f->t->session;
		ks_unlock_thread(f->t);
		return err;
	}
}

/* Open ID of T, which is held; the reference passes to OUT on success. */
static int
open_thread(struct ks_machine *m, struct ks_thread *self, struct ks_thread *t,
	    enum ks_proc_id id, unsigned flags, struct ks_file *out)
{
	int err;

	*out = (struct ks_file){.m = m, .t = t, .id = id, .flags = flags};
	out->caller = m->ops->thread_process(m, self);
	if (((flags & KS_O_READ) && !ops[id].read) ||
	    ((flags & KS_O_WRITE) && !ops[id].write))
		return -EACCES;
	err = open_by_kind(out, self);
	if (!err)
		m->ops->tracer_ref(m, out->caller);
	return err;
}

int
ks_proc_open(struct ks_machine *m, struct ks_thread *self, int32_t tid,
	     enum ks_proc_id id, unsigned flags, struct ks_file *out)
{
	struct ks_thread *t;
	int err;

	if ((unsigned)id >= KS_PROC_NFILES)
		return -EINVAL;
	t = m->ops->thread_get(m, tid);
	if (!t)
		return -ESRCH;
	err = open_thread(m, self, t, id, flags, out);
	if (err)
		m->ops->thread_put(m, t);
	return err;
}

int
ks_proc_dup(struct ks_file *f, struct ks_thread *self, const char *name,
	    unsigned flags, struct ks_file *out)
{
	int err, id = ks_proc_lookup(name);

	if (id < 0)
		return -EINVAL;
	f->m->ops->thread_ref(f->m, f->t);
	err = open_thread(f->m, self, f->t, (enum ks_proc_id)id, flags, out);
	if (err)
		f->m->ops->thread_put(f->m, f->t);
	return err;
}

/* It was opened by one who may not see what is hidden. */
static int
check_shown(struct ks_file *f)
{
	struct ks_cred cred;

	f->m->ops->thread_cred(f->m, f->t, &cred);
	return cred.dumpable ? 0 : -EIO;
}

/*
 * A descriptor that a fork or a socket has taken into another process is of no
 * use there, but for memory, which is bound when it is opened.
 */
static inline int
check_use(struct ks_file *f, struct ks_thread *self, unsigned flag)
{
	if (!(f->flags & flag))
		return -EBADF;
	if (f->id != KS_PROC_MEM && f->id != KS_PROC_VM &&
	    f->m->ops->thread_process(f->m, self) != f->caller)
		return -EPERM;
	return f->limited ? check_shown(f) : 0;
}

int64_t
ks_proc_read(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
	     uint64_t off)
{
	int err = check_use(f, self, KS_O_READ);

	return err ? err : ops[f->id].read(f, self, io, off);
}

int64_t
ks_proc_write(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
	      uint64_t off)
{
	int err = check_use(f, self, KS_O_WRITE);

	return err ? err : ops[f->id].write(f, self, io, off);
}

unsigned
ks_proc_poll(struct ks_file *f)
{
	unsigned ready = KS_READ | KS_WRITE;
	struct ks_thread *t = f->t;

	if (f->id == KS_PROC_TRACE) {
		ks_lock_thread(t);
		if (t->session == f->session && t->tracer &&
		    t->state != KS_DEAD && !t->queue.count)
			ready = KS_WRITE;
		ks_unlock_thread(t);
	} else if (f->id == KS_PROC_EVENTS) {
		ks_lock_tracer(f->caller);
		if (ks_link_empty(&f->caller->pending) &&
		    !f->caller->child_changed && !f->caller->woken)
			ready = KS_WRITE;
		ks_unlock_tracer(f->caller);
	}
	return ready;
}

bool
ks_proc_seekable(const struct ks_file *f)
{
	return f->id == KS_PROC_MEM || f->id == KS_PROC_VM;
}

void
ks_proc_close(struct ks_file *f)
{
	if (f->id == KS_PROC_TRACE)
		ks_trace_close(f);
	ks_mapping_close(f);
	if (f->space)
		f->m->ops->space_put(f->m, f->space);
	f->m->ops->thread_put(f->m, f->t);
	f->m->ops->tracer_put(f->m, f->caller);
}
