/* SPDX-License-Identifier: MIT */
/*
 * The shim's files in /proc/PID and /proc/PID/task/TID: `trace`, `mem`,
 * `regs/int` and so on. The shim does the work and never waits; waiting for
 * an event is done here.
 */
#include <kshim/proc.h>

#include "area.h"
#include "errno.h"
#include "file.h"
#include "mem.h"
#include "poll.h"
#include "port.h"
#include "procfs.h"
#include "thread.h"

/* An open file of the shim's. */
struct trace_file {
	struct ks_file k;
	struct file *file;
	struct vm *vm; /* held: where it is mapped; NULL: nowhere yet */
};

/* The shim's view of a uio. It transfers in order, from the beginning. */
struct trace_io {
	struct ks_io io;
	struct uio *uio;
};

static int
io_out(struct ks_io *io, size_t off, const void *src, size_t n)
{
	(void)off;
	return uio_put(ks_container(io, struct trace_io, io)->uio, src, n);
}

static int
io_in(struct ks_io *io, size_t off, void *dst, size_t n)
{
	(void)off;
	return uio_get(ks_container(io, struct trace_io, io)->uio, dst, n);
}

/* Woken when the opener, the tracer, has something to read. */
static struct waitq *
queue_of(const struct ks_file *k)
{
	return &list_entry(k->caller, struct process, tracer)->tracer_wait;
}

static int64_t
transfer(struct file *f, struct uio *u, uint64_t *pos,
	 int64_t (*fn)(struct ks_file *, struct ks_thread *, struct ks_io *,
		       uint64_t))
{
	struct trace_io t = {{io_out, io_in, u->left}, u};
	struct ks_file *k = f->priv;
	int64_t n;
	int err;

	for (;;) {
		n = fn(k, &current->trace, &t.io, *pos);
		if (n != -EAGAIN || (f->flags & O_NONBLOCK))
			break;
		err = wait_on(queue_of(k), NO_DEADLINE, WAIT_INTERRUPTIBLE);
		if (err)
			return err;
	}
	if (n > 0)
		*pos += (uint64_t)n;
	return n;
}

static int64_t
trace_read(struct file *f, struct uio *u, uint64_t *pos)
{
	return transfer(f, u, pos, ks_proc_read);
}

static int64_t
trace_write(struct file *f, struct uio *u, uint64_t *pos)
{
	return transfer(f, u, pos, ks_proc_write);
}

static unsigned
trace_poll(struct file *f, struct poll_table *pt)
{
	struct ks_file *k = f->priv;
	unsigned ready;

	poll_wait(pt, queue_of(k));
	ready = ks_proc_poll(k);
	return (ready & KS_READ ? POLLIN | POLLRDNORM : 0) |
	       (ready & KS_WRITE ? POLLOUT | POLLWRNORM : 0);
}

/* Any 64 bits are an address; there is no end to seek from. */
static int64_t
trace_seek(struct file *f, int64_t off, int whence)
{
	if (!ks_proc_seekable(f->priv))
		return -EBADF;
	if (whence == SEEK_CUR)
		off += (int64_t)f->pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	f->pos = (uint64_t)off;
	return off;
}

/* All entries go, however large the mapping is: most of it is empty. */
void
port_mapping_revoke(struct ks_machine *m, struct ks_file *f)
{
	struct trace_file *tf = ks_container(f, struct trace_file, k);

	(void)m;
	for (size_t i = 0; i < tf->vm->n_areas; i++) {
		const struct area *a = tf->vm->areas[i];

		if (a->file == tf->file)
			ks_unmap(&tf->vm->space, a->start, a->end - a->start,
				 area_put_leaf, tf->vm);
	}
}

/* Shared and not to be executed, or not at all. */
static int
trace_mmap(struct file *f, uint64_t len, unsigned prot, bool shared)
{
	struct trace_file *tf = f->priv;
	int err;

	(void)len;
	if (!shared || (prot & KS_EXEC))
		return -EACCES;
	err = ks_proc_map(&tf->k, &current->trace, prot | KS_READ);
	if (err || tf->vm == current->vm)
		return err;
	/*
	 * The opener has executed a program since. Its former memory may have
	 * others, who made it none of their own: they lose what is shown there.
	 */
	if (tf->vm) {
		port_mapping_revoke(&machine, &tf->k);
		vm_drop(tf->vm);
	}
	tf->vm = vm_hold(current->vm);
	return 0;
}

/*
 * What the tracer may see no more is zeros, for it cannot know beforehand, and
 * what it stores there is its own. A fork of the tracer's finds no session in a
 * record of zeros, and no queue in `events`; another process that reads or
 * writes the tracer's memory gets nothing new mapped there.
 */
static int
trace_get_page(struct file *f, uint64_t index, unsigned access,
	       unsigned *rights, ks_paddr_t *out_pa)
{
	struct trace_file *tf = f->priv;
	bool mine = tf->k.caller == &current->process->tracer;
	int err;

	if (mine && tf->vm != current->vm)
		return -EACCES;
	*rights &= access | ~(unsigned)KS_WRITE;
	err = ks_proc_page(&tf->k, &current->trace, index << PAGE_SHIFT, access,
			   out_pa);
	if (!err || (!mine && tf->k.id == KS_PROC_MEM))
		return err;
	if (access & KS_WRITE)
		return frame_alloc(out_pa);
	*out_pa = frame_zero();
	return 0;
}

static void
trace_release(struct file *f)
{
	struct trace_file *tf = f->priv;

	ks_proc_close(&tf->k);
	if (tf->vm)
		vm_drop(tf->vm);
	kfree(tf);
}

static const struct file_ops trace_ops = {
    .read = trace_read,
    .write = trace_write,
    .poll = trace_poll,
    .seek = trace_seek,
    .mmap = trace_mmap,
    .get_page = trace_get_page,
    .release = trace_release,
};

static int
trace_open(struct thread *t, const struct proc_node *n, struct file *f)
{
	struct trace_file *tf;
	unsigned flags = 0;
	int err;

	/* It has no memory, and never comes to where it could stop. */
	if (t->kernel)
		return n->arg == KS_PROC_MEM || n->arg == KS_PROC_VM ? -ESRCH
								     : -EPERM;
	tf = kzalloc(sizeof(*tf));
	if (!tf)
		return -ENOMEM;
	if (file_readable(f))
		flags |= KS_O_READ;
	if (file_writable(f))
		flags |= KS_O_WRITE;
	if (f->flags & O_TRUNC)
		flags |= KS_O_TRUNC;
	if (f->flags & O_EXCL)
		flags |= KS_O_EXCL;
	err = ks_proc_open(&machine, &current->trace, t->tid,
			   (enum ks_proc_id)n->arg, flags, &tf->k);
	if (err) {
		kfree(tf);
		return err;
	}
	tf->file = f;
	f->ops = &trace_ops;
	f->priv = tf;
	return 0;
}

/* The shim knows who may; the mode of `mem` is for who does not trace. */
static bool
trace_exempt(struct thread *t, const struct proc_node *n)
{
	return n->arg != KS_PROC_MEM ||
	       ks_tracer_pid(&t->trace) == current->process->pid;
}

void
proc_trace_init(void)
{
	static struct proc_node nodes[KS_PROC_NFILES];
	int i;

	for (i = 0; i < KS_PROC_NFILES; i++) {
		nodes[i].name = ks_proc_files[i].name;
		nodes[i].mode = S_IFREG | ks_proc_files[i].mode;
		nodes[i].open = trace_open;
		nodes[i].exempt = trace_exempt;
		nodes[i].arg = i;
	}
	procfs_add(PROC_PROCESS, nodes, KS_PROC_NFILES);
	procfs_add(PROC_TASK, nodes, KS_PROC_NFILES);
}
