/* SPDX-License-Identifier: MIT */
/* `dispatch`: which system calls of a thread come back to it as SIGSYS. */
#include "file.h"
#include "session.h"

int64_t
ks_dispatch_read(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
		 uint64_t off)
{
	struct proc_dispatch d;
	int err = ks_lock_stopped(f);

	(void)self;
	(void)off;
	if (err)
		return err;
	err = f->m->ops->dispatch_get(f->m, f->t, &d);
	ks_unlock_thread(f->t);
	return err ? err : ks_io_out(io, &d, sizeof(d));
}

int64_t
ks_dispatch_write(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
		  uint64_t off)
{
	struct proc_dispatch d;
	int err = ks_io_in(io, &d, sizeof(d));

	(void)self;
	(void)off;
	if (!err)
		err = ks_lock_stopped(f);
	if (err)
		return err;
	err = f->m->ops->dispatch_set(f->m, f->t, &d);
	ks_unlock_thread(f->t);
	return err ? err : (int64_t)sizeof(d);
}

int
ks_no_dispatch_get(struct ks_machine *m, struct ks_thread *t,
		   struct proc_dispatch *out)
{
	(void)m;
	(void)t;
	(void)out;
	return -ENOSYS;
}

int
ks_no_dispatch_set(struct ks_machine *m, struct ks_thread *t,
		   const struct proc_dispatch *d)
{
	(void)m;
	(void)t;
	(void)d;
	return -ENOSYS;
}
