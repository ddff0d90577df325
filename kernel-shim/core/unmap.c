/* SPDX-License-Identifier: MIT */
/*
 * Unmapping. No frame may be freed while a CPU can still reach it through its
 * TLB, and there is no memory to note the frames in. So it goes in two visits:
 * the first takes the present bit from every leaf, and from every entry whose
 * table then holds nothing, but leaves the addresses in place ("dying"); then
 * the TLB is flushed; the second visit collects what died.
 */
#include "pt.h"

static int
kill(struct ks_visit *v, const struct ks_leaf *at)
{
	uint64_t old;
	int err = ks_pte_swap(v->s->m, at->table, at->index, 0, &old);

	if (err)
		return err;
	v->changed = true;
	return ks_pte_set(v->s->m, at->table, at->index, ks_arch_kill(old));
}

/* 1 if nothing is mapped by TABLE, 0 or -EIO. */
static int
table_empty(const struct ks_space *s, ks_paddr_t table)
{
	size_t bytes = KS_ARCH_ENTRIES * sizeof(uint64_t);
	uint64_t *p = ks_phys_at(s->m, table, bytes);
	unsigned i = 0;

	if (!p)
		return -EIO;
	while (i < KS_ARCH_ENTRIES && !ks_mapped(s, ks_pte_load(&p[i])))
		i++;
	ks_phys_done(s->m, p, bytes);
	return i == KS_ARCH_ENTRIES;
}

static int
kill_table(struct ks_visit *v, const struct ks_leaf *at)
{
	int empty;

	/* Other spaces have copies of the root's upper half. */
	if (at->level == v->s->m->pt_levels && at->index >= KS_ARCH_ENTRIES / 2)
		return 0;
	empty = table_empty(v->s, ks_arch_table(at->e));
	return empty > 0 ? kill(v, at) : empty;
}

static int
revive(struct ks_visit *v, const struct ks_leaf *at)
{
	if (!ks_arch_dying(at->e))
		return 0;
	return ks_pte_set(v->s->m, at->table, at->index, ks_arch_unkill(at->e));
}

static int
reap_leaf(struct ks_visit *v, const struct ks_leaf *leaf)
{
	struct ks_machine *m = v->s->m;
	uint64_t e = ks_arch_unkill(leaf->e);
	struct ks_xlat x = {
	    .pa = ks_arch_leaf_pa(e, leaf->level),
	    .leaf_size = ks_arch_size(leaf->level),
	    .flags = ks_leaf_flags(v->s, e, leaf->upper),
	};
	int err;

	if (!ks_arch_dying(leaf->e))
		return 0;
	err = ks_pte_set(m, leaf->table, leaf->index, 0);
	if (!err && v->fn)
		v->fn(v->arg, leaf->va, &x);
	return err;
}

static int
reap_table(struct ks_visit *v, const struct ks_leaf *at)
{
	struct ks_machine *m = v->s->m;
	int err;

	if (!ks_arch_dying(at->e))
		return 0;
	err = ks_pte_set(m, at->table, at->index, 0);
	if (!err)
		m->ops->frame_put(m, ks_arch_table(at->e));
	return err;
}

int
ks_unmap_locked(struct ks_space *s, uint64_t va, uint64_t last, ks_leaf_fn *fn,
		void *arg)
{
	struct ks_visit first = {
	    .s = s,
	    .leaf = kill,
	    .table = kill_table,
	};
	struct ks_visit undo = {
	    .s = s,
	    .leaf = revive,
	    .table = revive,
	    .dying = true,
	};
	struct ks_visit second = {
	    .s = s,
	    .leaf = reap_leaf,
	    .table = reap_table,
	    .dying = true,
	    .fn = fn,
	    .arg = arg,
	};
	int err = ks_visit(&first, va, last);

	if (err) {
		ks_visit(&undo, va, last);
		return err;
	}
	if (!first.changed)
		return 0;
	s->m->ops->tlb_flush(s->m, s, ks_uaddr(va), last - va + 1);
	ks_space_revoke_locked(s);
	return ks_visit(&second, va, last);
}

int
ks_unmap(struct ks_space *s, uint64_t va, uint64_t size, ks_leaf_fn *fn,
	 void *arg)
{
	uint64_t last;
	int err = ks_range_check(s, va, size, &last);

	if (err)
		return err;
	ks_space_lock(s);
	err = ks_split_at(s, va);
	if (!err)
		err = ks_split_at(s, last + 1);
	if (!err)
		err = ks_unmap_locked(s, va, last, fn, arg);
	ks_space_unlock(s);
	return err;
}
