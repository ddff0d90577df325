/* SPDX-License-Identifier: MIT */
/* `siginfo`, `sigmask`, `sigqueue`, `rusage`. */
#include "file.h"
#include "session.h"

/* The siginfo of a stop that is no signal. */
static void
make_info(struct ks_thread *t)
{
	struct ks_cred cred;

	t->m->ops->thread_cred(t->m, t, &cred);
	t->info = (struct proc_siginfo){.signo = KS_SIGTRAP};
	if (t->cause & (PROC_STOP_GROUP | PROC_STOP_TRAP)) {
		t->info.signo = t->m->ops->group_stop(t->m, t);
		if (!t->info.signo)
			t->info.signo = KS_SIGTRAP;
	}
	t->info.u.from.pid = t->m->ops->thread_tid(t->m, t);
	t->info.u.from.uid = cred.uid;
}

int64_t
ks_siginfo_read(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
		uint64_t off)
{
	struct proc_siginfo info = {0};
	int err = ks_lock_stopped(f);

	(void)self;
	(void)off;
	if (err)
		return err;
	if (!f->t->has_info) {
		err = -EINVAL;
	} else {
		if (f->t->info_due) {
			make_info(f->t);
			f->t->info_due = false;
			ks_record_set(f->t);
		}
		info = f->t->info;
	}
	ks_unlock_thread(f->t);
	return err ? err : ks_io_out(io, &info, sizeof(info));
}

int64_t
ks_siginfo_write(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
		 uint64_t off)
{
	struct proc_siginfo info;
	int err = ks_io_in(io, &info, sizeof(info));

	(void)self;
	(void)off;
	if (!err)
		err = ks_lock_stopped(f);
	if (err)
		return err;
	if (f->t->has_info) {
		f->t->info = info;
		f->t->info_due = false;
		ks_record_set(f->t);
	} else {
		err = -EINVAL;
	}
	ks_unlock_thread(f->t);
	return err ? err : (int64_t)sizeof(info);
}

int64_t
ks_sigmask_read(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
		uint64_t off)
{
	uint64_t mask;
	int err = ks_lock_stopped(f);

	(void)self;
	(void)off;
	if (err)
		return err;
	mask = f->m->ops->sigmask_get(f->m, f->t);
	ks_unlock_thread(f->t);
	return ks_io_out(io, &mask, sizeof(mask));
}

int64_t
ks_sigmask_write(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
		 uint64_t off)
{
	uint64_t mask;
	int err = ks_io_in(io, &mask, sizeof(mask));

	(void)self;
	(void)off;
	if (!err)
		err = ks_lock_stopped(f);
	if (err)
		return err;
	mask &= ~KS_UNBLOCKED;
	f->m->ops->sigmask_set(f->m, f->t, mask);
	ks_record_set(f->t);
	ks_unlock_thread(f->t);
	return sizeof(mask);
}

int64_t
ks_sigqueue_read(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
		 uint64_t off)
{
	struct proc_siginfo info;
	bool shared = f->id == KS_PROC_SIGQUEUE_SHARED;
	size_t done = 0;
	int err = 0;

	(void)self;
	if (off % sizeof(info) || io->len < sizeof(info))
		return -EINVAL;
	while (io->len - done >= sizeof(info)) {
		err = ks_lock_stopped(f);
		if (err)
			break;
		err = f->m->ops->sigqueue_get(
		    f->m, f->t, shared, (off + done) / sizeof(info), &info);
		ks_unlock_thread(f->t);
		if (err)
			break;
		err = io->out(io, done, &info, sizeof(info));
		if (err)
			break;
		done += sizeof(info);
	}
	return done || err == -ENOENT ? (int64_t)done : err;
}

int64_t
ks_rusage_read(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
	       uint64_t off)
{
	struct proc_rusage ru;
	int err = 0;

	(void)self;
	(void)off;
	ks_lock_thread(f->t);
	if (f->t->tracer != f->caller)
		err = f->t->state == KS_DEAD ? -ESRCH : -EPERM;
	else
		f->m->ops->rusage_get(f->m, f->t, &ru);
	if (!err)
		ks_record_asked(f->t, PROC_HAS_RUSAGE);
	ks_unlock_thread(f->t);
	return err ? err : ks_io_out(io, &ru, sizeof(ru));
}
