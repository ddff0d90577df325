/* SPDX-License-Identifier: MIT */
/* Visits to all leaves of a range, and what needs no more than that. */
#include "pt.h"

static int visit_table(struct ks_visit *v, ks_paddr_t table, unsigned level,
		       uint64_t upper, uint64_t va, uint64_t last);

/* Visit the entry AT and what is below it, as far as [VA, LAST] reaches. */
static int
visit_entry(struct ks_visit *v, struct ks_leaf *at, uint64_t va, uint64_t last)
{
	struct ks_machine *m = v->s->m;
	uint64_t live;
	int err = ks_pte_get(m, at->table, at->index, &at->e);

	if (err)
		return err;
	live = at->e;
	if (v->dying && ks_arch_dying(live))
		live = ks_arch_unkill(live);
	if (!ks_mapped(v->s, live))
		return 0;
	if (ks_arch_corrupt(m, ks_arch_reserved_base(m), live, at->level))
		return -EIO;
	if (ks_arch_is_leaf(live, at->level))
		return v->leaf(v, at);
	if (!ks_arch_present(live))
		return -EIO;
	err = visit_table(v, ks_arch_table(live), at->level - 1,
			  ks_arch_combine(at->upper, live), va, last);
	if (!err && v->table)
		err = v->table(v, at);
	return err;
}

/*
 * Move *VA on to the first address whose entry in TABLE is not zero, or to
 * LAST's entry. Most of a table is holes: they are passed at a run. -EIO: the
 * table is not in memory.
 */
static int
skip_holes(struct ks_machine *m, ks_paddr_t table, unsigned level, uint64_t *va,
	   uint64_t last)
{
	size_t bytes = KS_ARCH_ENTRIES * sizeof(uint64_t);
	unsigned from = ks_arch_index(*va, level), i = from;
	unsigned end = ks_arch_index(last, level);
	uint64_t size = ks_arch_size(level);
	uint64_t *p = ks_phys_at(m, table, bytes);

	if (!p)
		return -EIO;
	while (i < end && !ks_pte_load(&p[i]))
		i++;
	ks_phys_done(m, p, bytes);
	if (i > from)
		*va = (*va & ~(size - 1)) + (i - from) * size;
	return 0;
}

static int
visit_table(struct ks_visit *v, ks_paddr_t table, unsigned level,
	    uint64_t upper, uint64_t va, uint64_t last)
{
	for (;;) {
		int err = skip_holes(v->s->m, table, level, &va, last);
		struct ks_leaf at = {
		    .va = va & ~(ks_arch_size(level) - 1),
		    .upper = upper,
		    .table = table,
		    .index = ks_arch_index(va, level),
		    .level = level,
		};
		uint64_t end = va | (ks_arch_size(level) - 1);

		if (!err)
			err = visit_entry(v, &at, va, end < last ? end : last);
		if (err || end >= last)
			return err;
		va = end + 1;
	}
}

int
ks_visit(struct ks_visit *v, uint64_t va, uint64_t last)
{
	return visit_table(v, v->s->root, v->s->m->pt_levels,
			   KS_ARCH_ALL_RIGHTS, va, last);
}

static int
report_leaf(struct ks_visit *v, const struct ks_leaf *leaf)
{
	struct ks_xlat x = {
	    .pa = ks_arch_leaf_pa(leaf->e, leaf->level),
	    .leaf_size = ks_arch_size(leaf->level),
	    .flags = ks_leaf_flags(v->s, leaf->e, leaf->upper),
	};

	return v->fn(v->arg, leaf->va, &x);
}

int
ks_each_leaf(struct ks_space *s, uint64_t va, uint64_t size, ks_leaf_fn *fn,
	     void *arg)
{
	struct ks_visit v = {
	    .s = s,
	    .leaf = report_leaf,
	    .fn = fn,
	    .arg = arg,
	};
	uint64_t last;
	int err = ks_range_check(s, va, size, &last);

	if (err)
		return err;
	ks_space_lock(s);
	err = ks_visit(&v, va, last);
	ks_space_unlock(s);
	return err;
}

static int
protect_leaf(struct ks_visit *v, const struct ks_leaf *leaf)
{
	unsigned flags = ks_leaf_flags(v->s, leaf->e, KS_ARCH_ALL_RIGHTS);
	int ret;

	flags = (flags & ~v->mask) | (v->flags & v->mask);
	ret = ks_leaf_change(v->s, leaf, flags);
	if (ret > 0)
		v->changed = true;
	return ret < 0 ? ret : 0;
}

int
ks_protect(struct ks_space *s, uint64_t va, uint64_t size, unsigned flags,
	   unsigned mask)
{
	struct ks_visit v = {
	    .s = s,
	    .leaf = protect_leaf,
	    .flags = flags,
	    .mask = mask,
	};
	uint64_t last;
	int err = ks_range_check(s, va, size, &last);

	if (err)
		return err;
	ks_space_lock(s);
	err = ks_split_at(s, va);
	if (!err)
		err = ks_split_at(s, last + 1);
	if (!err)
		err = ks_visit(&v, va, last);
	if (v.changed) {
		s->m->ops->tlb_flush(s->m, s, ks_uaddr(va), size);
		ks_space_revoke_locked(s);
	}
	ks_space_unlock(s);
	return err;
}
