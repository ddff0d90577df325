/* SPDX-License-Identifier: MIT */
/* Frame mapping: the memory of another address space, run by run. */
#include <kshim/frame.h>

#include "mem.h"
#include "pt.h"

/* The longest run to look for: it bounds the walk under the lock. */
#define RUN_MAX ((uint64_t)64 << 20)
/*
 * About how much is copied under one hold of the lock. A longer run is copied
 * without it, its frames held by references: to cut it instead would slow
 * memcpy() down, which does better on one large block.
 */
#define LOCKED_MAX ((uint64_t)128 << 10)
/* How often a page may vanish between fault_in and the walk after it. */
#define FAULTS_MAX 8

/* A transfer in progress. */
struct access {
	struct ks_space *s;
	uint64_t va; /* where it stands */
	uint64_t end;
	unsigned need; /* enum ks_access */
	bool force;
	bool pin; /* call FN without the lock, holding the frames */
	ks_run_fn *fn;
	void *arg;
	bool ended;  /* FN wants no more */
	int64_t err; /* or failed, with this */
};

void *
ks_phys_map(struct ks_machine *m, ks_paddr_t pa, size_t len)
{
	if (ks_phys_direct(m, pa, len))
		return m->direct_base + pa.v;
	return m->ops->window_map ? m->ops->window_map(m, pa, len) : NULL;
}

void
ks_phys_unmap(struct ks_machine *m, void *va, size_t len)
{
	if ((uintptr_t)va - (uintptr_t)m->direct_base >= m->direct_size)
		m->ops->window_unmap(m, va, len);
}

/* Cut RUN to what a window holds, unless the direct map has it all. */
static void
cut_run(const struct ks_machine *m, struct ks_run *run)
{
	uint64_t max =
	    KS_WINDOW_PAGES * KS_PAGE_SIZE - (run->pa.v & KS_PAGE_MASK);

	if (ks_phys_direct(m, run->pa, run->len))
		return;
	if (run->len > max)
		run->len = max;
}

bool
ks_run_writable(struct ks_machine *m, const struct ks_run *run, bool faulted)
{
	if (ks_writable(run->flags, true))
		return true;
	return faulted && !(run->flags & KS_COW) &&
	       !m->ops->frame_shared(m, ks_paddr(run->pa.v & ~KS_PAGE_MASK));
}

/*
 * Under the lock: the run at A->va that may be accessed as it is. NEAR is where
 * the last one ended under the same lock. FAULTED is ks_run_writable()'s, which
 * is what a forced write needs in place of KS_WRITE.
 */
static int
find_run(const struct access *a, struct ks_leaf *near, bool faulted,
	 struct ks_run *out)
{
	uint64_t left = a->end - a->va;
	unsigned need = a->force ? a->need & KS_WRITE : a->need;
	int err;

	if (left > RUN_MAX)
		left = RUN_MAX;
	err = ks_walk_run_near(a->s, a->va, left, need, near, out);
	if (err != -EACCES || !a->force)
		return err;
	if (left > KS_PAGE_SIZE - (a->va & KS_PAGE_MASK))
		left = KS_PAGE_SIZE - (a->va & KS_PAGE_MASK);
	err = ks_walk_run_near(a->s, a->va, left, 0, near, out);
	if (err)
		return err;
	return ks_run_writable(a->s->m, out, faulted) ? 0 : -EACCES;
}

/* Take or drop a reference to each frame of RUN. */
static void
pin_run(struct ks_machine *m, const struct ks_run *run,
	void (*op)(struct ks_machine *m, ks_paddr_t pa))
{
	uint64_t pa = run->pa.v & ~KS_PAGE_MASK;

	for (; pa < run->pa.v + run->len; pa += KS_PAGE_SIZE)
		op(m, ks_paddr(pa));
}

/* Hand out RUN, which is at AT, and go on behind it. */
static void
use_run(struct access *a, const struct ks_run *run, void *at)
{
	int64_t ret = a->fn(a->arg, at, run->len);

	ks_phys_done(a->s->m, at, run->len);
	if (ret < 0)
		a->err = ret;
	else
		a->va += ret;
	a->ended = ret < (int64_t)run->len;
}

/* The same without the lock, which is held now and then no more. */
static void
use_pinned(struct access *a, const struct ks_run *run, void *at)
{
	struct ks_machine *m = a->s->m;

	pin_run(m, run, m->ops->frame_ref);
	ks_space_unlock(a->s);
	use_run(a, run, at);
	pin_run(m, run, m->ops->frame_put);
}

/*
 * Hand out runs until the lock has been held long enough. An error is that of
 * the page at A->va, which is not as it must be.
 */
static int
use_runs(struct access *a, bool faulted)
{
	uint64_t pause = a->va + LOCKED_MAX;
	struct ks_leaf near = {.level = 0};
	struct ks_run run;
	int err = 0;

	ks_space_lock(a->s);
	while (a->va < a->end && a->va < pause && !a->ended) {
		void *at;

		err = find_run(a, &near, faulted, &run);
		if (err)
			break;
		cut_run(a->s->m, &run);
		at = ks_phys_at(a->s->m, run.pa, run.len);
		if (!at) {
			err = -EIO;
			break;
		}
		if (a->pin || run.len > LOCKED_MAX) {
			use_pinned(a, &run, at);
			return 0;
		}
		use_run(a, &run, at);
		faulted = false;
	}
	ks_space_unlock(a->s);
	return err;
}

/*
 * While the page at hand is not as it must be, the port gets to fault it in;
 * another thread may undo that before the lock is taken again.
 */
static int64_t
visit(struct access *a, ks_uaddr_t va, size_t len)
{
	struct ks_machine *m = a->s->m;
	uint64_t user_end = ks_arch_user_end(m);
	int faults = 0;
	int err = 0;

	if (len == 0)
		return 0;
	if (va.v >= user_end)
		return -EFAULT;
	a->va = va.v;
	a->end = len < user_end - va.v ? va.v + len : user_end;
	while (a->va < a->end && !a->ended) {
		uint64_t before = a->va;

		err = use_runs(a, faults > 0);
		if (a->va != before)
			faults = 0;
		if (!err)
			continue;
		if (err == -EIO || faults++ == FAULTS_MAX)
			break;
		err = m->ops->fault_in(m, a->s, ks_uaddr(a->va), a->need,
				       a->force);
		if (err)
			break;
	}
	if (a->va != va.v)
		return a->va - va.v;
	if (a->ended)
		return a->err;
	return err == -EACCES ? -EFAULT : err;
}

int64_t
ks_mem_visit(struct ks_space *s, ks_uaddr_t va, size_t len, unsigned access,
	     bool force, ks_run_fn *fn, void *arg)
{
	struct access a = {
	    .s = s,
	    .need = access,
	    .force = force,
	    .pin = true,
	    .fn = fn,
	    .arg = arg,
	};

	return visit(&a, va, len);
}

/* Copying: ARG points to where the kernel's buffer stands. */
static int64_t
copy_from_run(void *arg, void *run, size_t len)
{
	unsigned char **buf = arg;

	memcpy(*buf, run, len);
	*buf += len;
	return len;
}

static int64_t
copy_to_run(void *arg, void *run, size_t len)
{
	const unsigned char **buf = arg;

	memcpy(run, *buf, len);
	*buf += len;
	return len;
}

int64_t
ks_mem_read(struct ks_space *s, ks_uaddr_t va, void *buf, size_t len,
	    bool force)
{
	unsigned char *to = buf;
	struct access a = {
	    .s = s,
	    .need = KS_READ,
	    .force = force,
	    .fn = copy_from_run,
	    .arg = &to,
	};

	return visit(&a, va, len);
}

/*
 * A few bytes within one page, which may be written as it is: no frame need be
 * held, and no run be looked for. False: nothing was done, go the long way.
 */
static bool
write_at_once(struct ks_space *s, ks_uaddr_t va, const void *buf, size_t len,
	      bool force)
{
	struct ks_xlat x;
	void *at = NULL;

	if (!len || len > KS_PAGE_SIZE - (va.v & KS_PAGE_MASK))
		return false;
	ks_space_lock(s);
	if (!ks_walk(s, va, &x) && ks_writable(x.flags, force))
		at = ks_phys_at(s->m, x.pa, len);
	if (at) {
		memcpy(at, buf, len);
		ks_phys_done(s->m, at, len);
	}
	ks_space_unlock(s);
	return at;
}

int64_t
ks_mem_write(struct ks_space *s, ks_uaddr_t va, const void *buf, size_t len,
	     bool force)
{
	const unsigned char *from = buf;
	struct access a = {
	    .s = s,
	    .need = KS_WRITE,
	    .force = force,
	    .fn = copy_to_run,
	    .arg = &from,
	};

	if (write_at_once(s, va, buf, len, force))
		return (int64_t)len;
	return visit(&a, va, len);
}
