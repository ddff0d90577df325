/* SPDX-License-Identifier: MIT */
/* `seccomp` and `rseq`: what a thread has registered with its kernel. */
#include "file.h"
#include "session.h"

/* So much of a filter is copied with the thread held in its stop. */
#define CHUNK 256

/* A piece of F's filter INDEX, as the port gives it. */
static int64_t
piece(struct ks_file *f, struct ks_thread *self, uint64_t index, size_t pos,
      void *buf, uint64_t *out_flags)
{
	int err = ks_lock_stopped(f);
	int64_t n;

	if (err)
		return err;
	n = f->m->ops->seccomp_get(f->m, self, f->t, index, pos, buf, CHUNK,
				   out_flags);
	ks_unlock_thread(f->t);
	return n;
}

int64_t
ks_seccomp_read(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
		uint64_t off)
{
	struct proc_seccomp head;
	unsigned char buf[CHUNK];
	size_t done = 0, n;
	int64_t got;
	int err;

	if (io->len < sizeof(head))
		return -EINVAL;
	do {
		got = piece(f, self, off, done ? done - sizeof(head) : 0, buf,
			    &head.flags);
		if (got < 0)
			return got == -ENOENT ? 0 : got;
		if (!done) {
			err = io->out(io, 0, &head, sizeof(head));
			if (err)
				return err;
			done = sizeof(head);
		}
		n = (size_t)got < io->len - done ? (size_t)got : io->len - done;
		err = n ? io->out(io, done, buf, n) : 0;
		if (err)
			return err;
		done += n;
	} while (n == CHUNK);
	return (int64_t)done;
}

int64_t
ks_rseq_read(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
	     uint64_t off)
{
	struct proc_rseq rseq;
	int err = ks_lock_stopped(f);

	(void)self;
	(void)off;
	if (err)
		return err;
	err = f->m->ops->rseq_get(f->m, f->t, &rseq);
	ks_unlock_thread(f->t);
	return err ? err : ks_io_out(io, &rseq, sizeof(rseq));
}

int64_t
ks_no_seccomp(struct ks_machine *m, struct ks_thread *self, struct ks_thread *t,
	      uint64_t index, size_t pos, void *buf, size_t n,
	      uint64_t *out_flags)
{
	(void)m;
	(void)self;
	(void)t;
	(void)index;
	(void)pos;
	(void)buf;
	(void)n;
	(void)out_flags;
	return -ENOSYS;
}

int
ks_no_rseq(struct ks_machine *m, struct ks_thread *t, struct proc_rseq *out)
{
	(void)m;
	(void)t;
	(void)out;
	return -ENOSYS;
}
