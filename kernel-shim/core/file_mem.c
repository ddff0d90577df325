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

/* Has the thread begun another program? This memory is the old one's. */
static bool
is_old(const struct ks_file *f)
{
	return __atomic_load_n(&f->t->execs, __ATOMIC_RELAXED) != f->execs;
}

/* Linux's answers for /proc/PID/mem, and for process_vm_readv(). */
static int
no_memory(const struct ks_file *f)
{
	bool force = f->id == KS_PROC_MEM;

	if (__atomic_load_n(&f->t->state, __ATOMIC_RELAXED) == KS_DEAD)
		return force ? 0 : -ESRCH;
	return force ? -EIO : -EFAULT;
}

static int64_t
transfer(struct ks_file *f, struct ks_io *io, uint64_t off, unsigned access,
	 ks_run_fn *fn)
{
	struct cursor c = {io, 0, 0};
	int64_t n;

	if (is_old(f))
		return 0;
	n = ks_mem_visit(f->space, ks_uaddr(off), io->len, access,
			 f->id == KS_PROC_MEM, fn, &c);
	return n == -EFAULT && !c.err ? no_memory(f) : n;
}

/*
 * A word at most, in one page: it is fetched first. Then nothing sleeps between
 * the walk and the copy.
 */
static int64_t
write_word(struct ks_file *f, struct ks_io *io, uint64_t off)
{
	uint64_t word;
	int64_t n = io->in(io, 0, &word, io->len);

	if (n)
		return n;
	if (is_old(f))
		return 0;
	n = ks_mem_write(f->space, ks_uaddr(off), &word, io->len,
			 f->id == KS_PROC_MEM);
	return n == -EFAULT ? no_memory(f) : n;
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
	if (io->len && io->len <= sizeof(uint64_t) &&
	    io->len <= KS_PAGE_SIZE - (off & KS_PAGE_MASK))
		return write_word(f, io, off);
	return transfer(f, io, off, KS_WRITE, copy_in);
}
