/* SPDX-License-Identifier: MIT */
/*
 * `stop`, `events` and `mem`, mapped by the tracer.
 *
 * A mapped `mem` is in the list of its thread, for the end of the session, and
 * while there may be page table entries for it in the list of the address space
 * too, for changes of that. Whatever takes a page or a right of the space away
 * takes all entries of all mappings back: they come again one fault at a time,
 * each of which asks for the right anew. Where nobody maps, a change costs one
 * look at an empty list.
 *
 * Locks: the thread's, then the space's. The port may take that of the space
 * that a page is mapped into under both.
 */
#include "file.h"
#include "pt.h"
#include "session.h"

/* How often a page may vanish between fault_in and the walk after it. */
#define FAULTS_MAX 8

/* F's pages are taken back. Under the lock of its space, in whose list it is */
static void
revoke(struct ks_file *f)
{
	ks_link_remove(&f->of_space);
	f->revoked++;
	ks_record_change(f->record, false);
	f->m->ops->mapping_revoke(f->m, f);
}

void
ks_space_revoke_locked(struct ks_space *s)
{
	while (!ks_link_empty(&s->mappings))
		revoke(
		    ks_container(s->mappings.next, struct ks_file, of_space));
}

void
ks_space_revoke(struct ks_space *s)
{
	ks_space_lock(s);
	ks_space_revoke_locked(s);
	ks_space_unlock(s);
}

void
ks_mappings_revoke(struct ks_thread *t)
{
	struct ks_link *l;

	for (l = t->mappings.next; l != &t->mappings; l = l->next) {
		struct ks_file *f = ks_container(l, struct ks_file, of_thread);

		ks_space_lock(f->space);
		if (!ks_link_empty(&f->of_space))
			revoke(f);
		ks_space_unlock(f->space);
	}
	/* Also what has no entry now: it was of the former program. */
	if (t->record)
		ks_record_change(t->record, false);
}

/* A process that maps itself would fault for ever. */
static bool
is_own(struct ks_file *f, struct ks_thread *self)
{
	struct ks_space *s = f->m->ops->space_get(f->m, self);
	bool own = s == f->space;

	if (s)
		f->m->ops->space_put(f->m, s);
	return own;
}

/* Does F's opener trace its thread? With that one's lock held. */
static int
check_session(const struct ks_file *f)
{
	const struct ks_thread *t = f->t;

	if (t->tracer != f->caller || t->state == KS_DEAD)
		return -EACCES;
	if (f->id == KS_PROC_STOP)
		return f->session == t->session ? 0 : -EACCES;
	return f->execs == t->execs && ks_access_shown(f->t) ? 0 : -EACCES;
}

/* F shows memory in this session, whose record tells of changes. */
static void
bind(struct ks_file *f)
{
	struct ks_thread *t = f->t;

	f->session = t->session;
	if (f->record == t->record)
		return;
	if (f->record) {
		ks_record_put(f->m, f->record);
	} else {
		ks_link_init(&f->of_space);
		ks_link_append(&t->mappings, &f->of_thread);
	}
	f->record = ks_record_ref(f->m, t->record);
}

/* Is F open for ACCESS, and SELF of who opened it? */
static bool
may_use(const struct ks_file *f, struct ks_thread *self, unsigned access)
{
	return f->m->ops->thread_process(f->m, self) == f->caller &&
	       (!(access & KS_WRITE) || (f->flags & KS_O_WRITE));
}

int
ks_proc_map(struct ks_file *f, struct ks_thread *self, unsigned access)
{
	int err;

	if (f->id != KS_PROC_MEM && f->id != KS_PROC_STOP &&
	    f->id != KS_PROC_EVENTS)
		return -ENODEV;
	if (!may_use(f, self, access))
		return -EACCES;
	if (f->id == KS_PROC_EVENTS)
		return access & KS_WRITE ? -EACCES : ks_events_need(f->caller);
	if (f->id == KS_PROC_MEM && is_own(f, self))
		return -ENODEV;
	ks_lock_thread(f->t);
	err = check_session(f);
	if (!err)
		err = ks_record_need(f->t);
	if (!err && f->id == KS_PROC_MEM)
		bind(f);
	ks_unlock_thread(f->t);
	return err;
}

/*
 * The frame at VA, referenced. With the lock of F's thread held. -EFAULT: it is
 * not there, or not yet one that may be written as it is; FAULTED: the port has
 * just had its chance to make it so.
 */
static int
find_frame(struct ks_file *f, uint64_t va, unsigned access, bool faulted,
	   ks_paddr_t *out_pa)
{
	struct ks_machine *m = f->m;
	struct ks_run run;
	int err;

	if (f->session != f->t->session)
		return -EACCES;
	ks_space_lock(f->space);
	/* As a forced read: whatever the rights are. */
	err = ks_walk_run(f->space, ks_uaddr(va), KS_PAGE_SIZE, 0, &run);
	if (!err && run.pa.v >= m->direct_size)
		err = -EIO;
	if (!err && (access & KS_WRITE) && !ks_run_writable(m, &run, faulted))
		err = -EFAULT;
	if (!err) {
		m->ops->frame_ref(m, run.pa);
		if (ks_link_empty(&f->of_space))
			ks_link_append(&f->space->mappings, &f->of_space);
		*out_pa = run.pa;
	}
	ks_space_unlock(f->space);
	return err;
}

static int
memory_page(struct ks_file *f, uint64_t va, unsigned access, ks_paddr_t *out_pa)
{
	const unsigned need = access & KS_WRITE ? KS_WRITE : KS_READ;
	int faults = 0, err;

	if (!ks_user_address(f->m, ks_uaddr(va)))
		return -EFAULT;
	for (;;) {
		ks_lock_thread(f->t);
		err = check_session(f);
		if (!err)
			err = find_frame(f, va, access, faults > 0, out_pa);
		ks_unlock_thread(f->t);
		if (err != -EFAULT || faults++ == FAULTS_MAX)
			return err;
		err = f->m->ops->fault_in(f->m, f->space, ks_uaddr(va), need,
					  true);
		if (err)
			return err;
	}
}

static int
record_page(struct ks_file *f, ks_paddr_t *out_pa)
{
	struct ks_thread *t = f->t;
	int err = -EACCES;

	ks_lock_thread(t);
	/* Of one that is dead too, until it has been waited for. */
	if (t->tracer == f->caller && t->session == f->session && t->record) {
		ks_record_ref(f->m, t->record);
		*out_pa = ks_shown_frame(f->m, t->record);
		err = 0;
	}
	ks_unlock_thread(t);
	return err;
}

static int
events_page(struct ks_file *f, ks_paddr_t *out_pa)
{
	struct ks_tracer *tr = f->caller;
	int err = -EACCES;

	ks_lock_tracer(tr);
	if (tr->events) {
		*out_pa = ks_shown_frame(f->m, tr->events);
		f->m->ops->frame_ref(f->m, *out_pa);
		err = 0;
	}
	ks_unlock_tracer(tr);
	return err;
}

int
ks_proc_page(struct ks_file *f, struct ks_thread *self, uint64_t off,
	     unsigned access, ks_paddr_t *out_pa)
{
	if (!may_use(f, self, access))
		return -EACCES;
	if (f->id == KS_PROC_EVENTS)
		return off || access & KS_WRITE ? -EACCES
						: events_page(f, out_pa);
	if (f->id == KS_PROC_STOP)
		return off == 0 ? record_page(f, out_pa) : -EACCES;
	if (!f->record || is_own(f, self))
		return -EACCES;
	if (!memory_page(f, off, access, out_pa))
		return 0;
	ks_record_change(f->record, true);
	return -EACCES;
}

int64_t
ks_stop_read(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
	     uint64_t off)
{
	struct proc_stop copy;
	int err;

	(void)self;
	(void)off;
	ks_lock_thread(f->t);
	if (f->t->state == KS_DEAD)
		err = -ESRCH;
	else
		err = check_session(f) ? -EPERM : ks_record_need(f->t);
	if (!err)
		copy = *f->t->record;
	ks_unlock_thread(f->t);
	return err ? err : ks_io_out(io, &copy, sizeof(copy));
}

/* It is written where it is mapped, or not at all. */
int64_t
ks_stop_write(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
	      uint64_t off)
{
	(void)f;
	(void)self;
	(void)io;
	(void)off;
	return -EINVAL;
}

void
ks_mapping_close(struct ks_file *f)
{
	if (!f->record)
		return;
	ks_lock_thread(f->t);
	ks_link_remove(&f->of_thread);
	ks_space_lock(f->space);
	if (!ks_link_empty(&f->of_space))
		ks_link_remove(&f->of_space);
	ks_space_unlock(f->space);
	ks_unlock_thread(f->t);
	ks_record_put(f->m, f->record);
}
