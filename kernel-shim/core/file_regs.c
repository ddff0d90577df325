/* SPDX-License-Identifier: MIT */
/* Below `regs`: the registers of a thread in a stop. */
#include "file.h"
#include "session.h"

#include <kshim/fpu.h>
#include <kshim/frame.h>

/* The images that fit on the stack. regs/float is bytes, see kshim/fpu.h. */
union image {
	struct proc_int_regs ints;
	struct proc_env_regs env;
	struct proc_user_regs user;
	struct proc_debug_regs debug;
	unsigned char floats[KS_REDOX_FP_SIZE];
};

static size_t
image_size(enum ks_proc_id id)
{
	switch (id) {
	case KS_PROC_REGS_INT:
		return sizeof(struct proc_int_regs);
	case KS_PROC_REGS_ENV:
		return sizeof(struct proc_env_regs);
	case KS_PROC_REGS_USER:
		return sizeof(struct proc_user_regs);
	case KS_PROC_REGS_DEBUG:
		return sizeof(struct proc_debug_regs);
	default:
		return KS_REDOX_FP_SIZE;
	}
}

static int
get(struct ks_thread *t, enum ks_proc_id id, union image *out)
{
	struct ks_machine *m = t->m;
	struct ks_debugregs debug;
	struct ks_regs regs;
	struct ks_fpu fpu;
	int err = 0;

	if (id == KS_PROC_REGS_FLOAT) {
		ks_record_asked(t, PROC_HAS_FLOATS);
		err = m->ops->fpu_get(m, t, &fpu);
		return err ? err : ks_fpu_get_redox(&fpu, out->floats);
	}
	if (id == KS_PROC_REGS_DEBUG) {
		m->ops->debug_get(m, t, &debug);
		ks_debug_to_wire(&debug, &out->debug);
		return 0;
	}
	m->ops->regs_get(m, t, &regs);
	if (id == KS_PROC_REGS_INT)
		ks_regs_to_int(&regs, t->sys_op == PROC_SYSCALL_ENTRY,
			       &out->ints);
	else if (id == KS_PROC_REGS_ENV)
		ks_regs_to_env(&regs, &out->env);
	else
		ks_regs_to_user(&regs, &out->user);
	return 0;
}

static int
set_fpu(struct ks_thread *t, const union image *in)
{
	struct ks_machine *m = t->m;
	struct ks_fpu fpu;
	int err = m->ops->fpu_get(m, t, &fpu);

	if (!err)
		err = ks_fpu_set_redox(&fpu, in->floats);
	if (!err) {
		m->ops->fpu_changed(m, t);
		ks_record_set(t);
	}
	return err;
}

static int
set_debug(struct ks_thread *t, const union image *in)
{
	struct ks_machine *m = t->m;
	struct ks_debugregs debug;
	int err;

	m->ops->debug_get(m, t, &debug);
	err = ks_debug_from_wire(&debug, &in->debug, ks_task_size(m));
	if (!err)
		err = m->ops->debug_set(m, t, &debug);
	if (!err)
		ks_record_set(t);
	return err;
}

/* Give T the registers of REGS, and say so to who maps its record. */
static void
give(struct ks_thread *t, const struct ks_regs *regs)
{
	t->m->ops->regs_set(t->m, t, regs);
	ks_record_set(t);
}

static int
set(struct ks_thread *t, enum ks_proc_id id, const union image *in)
{
	struct ks_machine *m = t->m;
	uint64_t limit = ks_task_size(m);
	struct ks_regs regs;
	int err;

	if (id == KS_PROC_REGS_FLOAT)
		return set_fpu(t, in);
	if (id == KS_PROC_REGS_DEBUG)
		return set_debug(t, in);
	m->ops->regs_get(m, t, &regs);
	if (id == KS_PROC_REGS_INT)
		err = ks_regs_from_int(&regs, t->sys_op == PROC_SYSCALL_ENTRY,
				       &in->ints, limit);
	else if (id == KS_PROC_REGS_ENV)
		err = ks_regs_from_env(&regs, &in->env, limit);
	else
		err = ks_regs_from_user(&regs, &in->user, limit);
	if (!err)
		give(t, &regs);
	return err;
}

int64_t
ks_regs_read(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
	     uint64_t off)
{
	union image image;
	int err = ks_lock_stopped(f);

	(void)self;
	(void)off;
	if (err)
		return err;
	err = get(f->t, f->id, &image);
	ks_unlock_thread(f->t);
	return err ? err : ks_io_out(io, &image, image_size(f->id));
}

/* Is the write of LEN bytes at OFF of regs/user one of some registers? */
static bool
is_part(size_t len, uint64_t off)
{
	const size_t whole = sizeof(struct proc_user_regs);

	return len && len < whole && off <= whole - len &&
	       !((len | off) % sizeof(uint64_t));
}

/* Some registers: the others stay. */
static int64_t
write_part(struct ks_file *f, struct ks_io *io, uint64_t off)
{
	struct ks_machine *m = f->m;
	uint64_t words[KS_NREGS];
	struct ks_regs regs;
	int err = io->in(io, 0, words, io->len);

	if (!err)
		err = ks_lock_stopped(f);
	if (err)
		return err;
	m->ops->regs_get(m, f->t, &regs);
	err = ks_regs_from_words(&regs, (unsigned)(off / sizeof(words[0])),
				 words, (unsigned)(io->len / sizeof(words[0])),
				 ks_task_size(m));
	if (!err)
		give(f->t, &regs);
	ks_unlock_thread(f->t);
	return err ? err : (int64_t)io->len;
}

int64_t
ks_regs_write(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
	      uint64_t off)
{
	union image image;
	int err;

	(void)self;
	if (f->id == KS_PROC_REGS_USER && is_part(io->len, off))
		return write_part(f, io, off);
	err = ks_io_in(io, &image, image_size(f->id));
	if (!err)
		err = ks_lock_stopped(f);
	if (err)
		return err;
	err = set(f->t, f->id, &image);
	ks_unlock_thread(f->t);
	return err ? err : (int64_t)image_size(f->id);
}

/*
 * An XSAVE image is too large for a kernel stack: it passes through a frame.
 * What is longer is cut, as Linux cuts what is longer than the state.
 */
static int
frame_get(struct ks_machine *m, ks_paddr_t *out_pa, unsigned char **out)
{
	int err = m->ops->frame_alloc(m, out_pa);

	if (err)
		return err;
	*out = ks_phys_map(m, *out_pa, KS_PAGE_SIZE);
	if (*out)
		return 0;
	m->ops->frame_put(m, *out_pa);
	return -ENOMEM;
}

static void
frame_put(struct ks_machine *m, ks_paddr_t pa, unsigned char *buf)
{
	ks_phys_unmap(m, buf, KS_PAGE_SIZE);
	m->ops->frame_put(m, pa);
}

int64_t
ks_xstate_read(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
	       uint64_t off)
{
	struct ks_machine *m = f->m;
	unsigned char *buf;
	struct ks_fpu fpu;
	ks_paddr_t pa;
	int64_t n;
	int err;

	(void)self;
	if (off)
		return 0;
	err = frame_get(m, &pa, &buf);
	if (err)
		return err;
	n = ks_lock_stopped(f);
	if (!n) {
		n = m->ops->fpu_get(m, f->t, &fpu);
		if (!n)
			n = ks_fpu_get_xstate(&fpu, 0, buf, KS_PAGE_SIZE);
		ks_unlock_thread(f->t);
	}
	if (n > 0)
		n = ks_io_out(io, buf, (size_t)n);
	frame_put(m, pa, buf);
	return n;
}

int64_t
ks_xstate_write(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
		uint64_t off)
{
	struct ks_machine *m = f->m;
	size_t len = io->len;
	unsigned char *buf;
	struct ks_fpu fpu;
	ks_paddr_t pa;
	int err;

	(void)self;
	if (off || len % sizeof(uint64_t))
		return -EINVAL;
	if (len > KS_PAGE_SIZE)
		len = KS_PAGE_SIZE;
	err = frame_get(m, &pa, &buf);
	if (err)
		return err;
	err = io->in(io, 0, buf, len);
	if (!err)
		err = ks_lock_stopped(f);
	if (!err) {
		err = m->ops->fpu_get(m, f->t, &fpu);
		if (!err)
			err = ks_fpu_set_xstate(&fpu, buf, len);
		if (!err) {
			m->ops->fpu_changed(m, f->t);
			ks_record_set(f->t);
		}
		ks_unlock_thread(f->t);
	}
	frame_put(m, pa, buf);
	return err ? err : (int64_t)io->len;
}
