/* SPDX-License-Identifier: MIT */
/* `mem` and `vm`: the memory of a thread. */
#include "file.h"

#include <kshim/frame.h>

/* A copy on its way: the io, and how far it is. */
struct cursor {
	struct ks_io *io;
	size_t done;
	int err; /* of the caller's buffer, not of the memory */
};

static int64_t
copy_out(void *arg, void *run, size_t len)
{
	struct cursor *c = arg;

	c->err = c->io->out(c->io, c->done, run, len);
	if (c->err)
		return c->err;
	c->done += len;
	return (int64_t)len;
}

static int64_t
copy_in(void *arg, void *run, size_t len)
{
	struct cursor *c = arg;

	c->err = c->io->in(c->io, c->done, run, len);
	if (c->err)
		return c->err;
	c->done += len;
	return (int64_t)len;
}

static int64_t
transfer(struct ks_file *f, struct ks_io *io, uint64_t off, unsigned access,
	 ks_run_fn *fn)
{
	struct cursor c = {io, 0, 0};
	bool force = f->id == KS_PROC_MEM;
	int64_t n;

	/* The thread has begun another program: this memory is the old one's */
	if (__atomic_load_n(&f->t->execs, __ATOMIC_RELAXED) != f->execs)
		return 0;
	n = ks_mem_visit(f->space, ks_uaddr(off), io->len, access, force, fn,
			 &c);
	if (n != -EFAULT || c.err)
		return n;
	/* Linux's answers for /proc/PID/mem, and for process_vm_readv(). */
	if (__atomic_load_n(&f->t->state, __ATOMIC_RELAXED) == KS_DEAD)
		return force ? 0 : -ESRCH;
	return force ? -EIO : n;
}

int64_t
ks_memory_read(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
	       uint64_t off)
{
	(void)self;
	return transfer(f, io, off, KS_READ, copy_out);
}

int64_t
ks_memory_write(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
		uint64_t off)
{
	(void)self;
	return transfer(f, io, off, KS_WRITE, copy_in);
}
