/* SPDX-License-Identifier: MIT */
/* Mapping memory and splitting large leaves. */
#include "pt.h"

/* What is left to map. */
struct map_op {
	struct ks_space *s;
	uint64_t va;
	uint64_t pa;
	uint64_t left;
	unsigned flags;
	unsigned top; /* the highest level for a leaf */
	bool user;    /* the tables must let user mode through */
};

/* True if the next leaf can be one of LEVEL. */
static bool
leaf_fits(const struct map_op *op, unsigned level)
{
	uint64_t size = ks_arch_size(level);

	return level <= op->top && op->left >= size &&
	       !((op->va | op->pa) & (size - 1));
}

/*
 * Make sure that entry I of TABLE, now E, points to a table, and that user mode
 * gets through if it must.
 */
static int
need_table(const struct map_op *op, ks_paddr_t table, unsigned i, uint64_t e,
	   ks_paddr_t *out_child)
{
	struct ks_machine *m = op->s->m;
	ks_paddr_t child = ks_arch_table(e);
	int err;

	if (ks_arch_present(e)) {
		*out_child = child;
		if (!op->user || ks_arch_user(e))
			return 0;
		return ks_pte_set(m, table, i, ks_arch_let_user(e));
	}
	err = m->ops->frame_alloc(m, &child);
	if (err)
		return err;
	err = ks_pte_set(m, table, i, ks_arch_table_entry(child, op->user));
	if (err)
		m->ops->frame_put(m, child);
	*out_child = child;
	return err;
}

/* Map what belongs into TABLE, of LEVEL. The range is known to be empty. */
static int
map_table(struct map_op *op, ks_paddr_t table, unsigned level)
{
	struct ks_machine *m = op->s->m;
	uint64_t size = ks_arch_size(level);
	unsigned i = ks_arch_index(op->va, level);
	int err = 0;

	for (; !err && op->left && i < KS_ARCH_ENTRIES; i++) {
		ks_paddr_t child;
		uint64_t e;

		err = ks_pte_get(m, table, i, &e);
		if (err)
			break;
		if (!ks_arch_present(e) && leaf_fits(op, level)) {
			e = ks_arch_leaf(m, ks_paddr(op->pa), op->flags, level);
			err = ks_pte_set(m, table, i, e);
			op->va += size;
			op->pa += size;
			op->left -= size;
			continue;
		}
		err = need_table(op, table, i, e, &child);
		if (!err)
			err = map_table(op, child, level - 1);
	}
	return err;
}

static int
refuse_leaf(struct ks_visit *v, const struct ks_leaf *leaf)
{
	(void)v;
	(void)leaf;
	return -EEXIST;
}

/* The level of the largest leaf of at most LEAF bytes, 0 if LEAF is none. */
static unsigned
leaf_level(const struct ks_machine *m, uint64_t leaf)
{
	unsigned level = 1;

	while (level <= KS_ARCH_LEAF_LEVEL && ks_arch_size(level) != leaf)
		level++;
	if (level > KS_ARCH_LEAF_LEVEL)
		return 0;
	return level == 3 && !m->huge_1g ? 2 : level;
}

int
ks_map(struct ks_space *s, uint64_t va, ks_paddr_t pa, uint64_t size,
       unsigned flags, uint64_t leaf)
{
	struct map_op op = {s,
			    va,
			    pa.v,
			    size,
			    flags,
			    leaf_level(s->m, leaf),
			    flags & KS_USER || va < ks_arch_user_end(s->m)};
	struct ks_visit empty = {.s = s, .leaf = refuse_leaf};
	uint64_t pa_end = (uint64_t)1 << s->m->phys_bits;
	uint64_t last;
	int err = ks_range_check(s, va, size, &last);

	if (err)
		return err;
	if (!op.top || pa.v & KS_PAGE_MASK || pa.v >= pa_end ||
	    size > pa_end - pa.v)
		return -EINVAL;
	ks_space_lock(s);
	err = ks_visit(&empty, va, last);
	if (!err) {
		err = map_table(&op, s->root, s->m->pt_levels);
		if (err)
			ks_unmap_locked(s, va, last, NULL, NULL);
	}
	ks_space_unlock(s);
	return err;
}

int
ks_split_leaf(struct ks_space *s, const struct ks_leaf *leaf)
{
	struct ks_machine *m = s->m;
	uint64_t e, old, late;
	ks_paddr_t table;
	int err = m->ops->frame_alloc(m, &table);

	if (err)
		return err;
	for (unsigned i = 0; !err && i < KS_ARCH_ENTRIES; i++) {
		e = ks_arch_leaf_part(leaf->e, leaf->level, i);
		err = ks_pte_set(m, table, i, e);
	}
	e = ks_arch_table_entry(table, ks_arch_user(leaf->e));
	if (!err)
		err = ks_pte_swap(m, leaf->table, leaf->index, e, &old);
	if (err) {
		m->ops->frame_put(m, table);
		return err;
	}
	late = ks_arch_cpu_bits(old & ~leaf->e);
	for (unsigned i = 0; late && i < KS_ARCH_ENTRIES; i++)
		ks_pte_or(m, table, i, late);
	return 0;
}

int
ks_split_at(struct ks_space *s, uint64_t va)
{
	for (;;) {
		struct ks_leaf leaf;
		int err = ks_descend(s, va, &leaf);

		if (err)
			return err == -EFAULT ? 0 : err;
		if (!(va & (ks_arch_size(leaf.level) - 1)))
			return 0;
		err = ks_split_leaf(s, &leaf);
		if (err)
			return err;
	}
}
