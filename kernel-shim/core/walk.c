/* SPDX-License-Identifier: MIT */
/* The page-table walker. */
#include <kshim/page.h>

#include "pt.h"

bool
ks_user_address(const struct ks_machine *m, ks_uaddr_t va)
{
	return va.v < ks_arch_user_end(m);
}

/* As ks_descend(), from the table of LEAF if that has VA. */
static inline int
descend_near(const struct ks_space *s, uint64_t va, struct ks_leaf *leaf)
{
	struct ks_machine *m = s->m;
	uint64_t reserved = ks_arch_reserved_base(m);
	uint64_t upper = KS_ARCH_ALL_RIGHTS;
	ks_paddr_t table = s->root;
	unsigned level = m->pt_levels;

	if (leaf->level &&
	    !((va ^ leaf->va) >> ks_arch_shift(leaf->level + 1))) {
		upper = leaf->upper;
		table = leaf->table;
		level = leaf->level;
	}
	for (;; level--) {
		unsigned i = ks_arch_index(va, level);
		uint64_t e;
		int err = ks_pte_get(m, table, i, &e);

		if (err)
			return err;
		if (level > 1 && ks_arch_plain_table(reserved, e)) {
			upper = ks_arch_combine(upper, e);
			table = ks_arch_table(e);
			continue;
		}
		if (!ks_mapped(s, e))
			return -EFAULT;
		/* What is not plain is a leaf, or no entry of the mapper's. */
		if (!ks_arch_is_leaf(e, level) ||
		    ks_arch_corrupt(m, reserved, e, level))
			return -EIO;
		*leaf = (struct ks_leaf){
		    .va = va & ~(ks_arch_size(level) - 1),
		    .e = e,
		    .upper = upper,
		    .table = table,
		    .index = i,
		    .level = level,
		};
		return 0;
	}
}

int
ks_descend(const struct ks_space *s, uint64_t va, struct ks_leaf *out)
{
	out->level = 0;
	return descend_near(s, va, out);
}

int
ks_walk(const struct ks_space *s, ks_uaddr_t va, struct ks_xlat *out)
{
	struct ks_leaf leaf = {.level = 0};
	uint64_t size;
	int err;

	if (!ks_user_address(s->m, va))
		return -EFAULT;
	err = descend_near(s, va.v, &leaf);
	if (err)
		return err;
	if (!ks_arch_user(ks_arch_combine(leaf.upper, leaf.e)))
		return -EFAULT;
	size = ks_arch_size(leaf.level);
	out->pa = ks_arch_leaf_pa(leaf.e, leaf.level);
	out->pa.v += va.v & (size - 1);
	out->leaf_size = size;
	out->flags = ks_leaf_flags(s, leaf.e, leaf.upper);
	return 0;
}

/*
 * Lengthen RUN, which ends with LEAF, by the entries that follow in the same
 * table, as long as the memory is contiguous, NEED is met and MAX not reached.
 * Returns true if the run may go on in another table.
 */
static bool
extend_in_table(const struct ks_space *s, const struct ks_leaf *leaf,
		uint64_t max, unsigned need, struct ks_run *run)
{
	struct ks_machine *m = s->m;
	uint64_t reserved = ks_arch_reserved_base(m);
	uint64_t size = ks_arch_size(leaf->level);
	uint64_t next = run->pa.v + run->len;
	uint64_t same = leaf->e + size;
	size_t bytes = KS_ARCH_ENTRIES * sizeof(uint64_t);
	const uint64_t *table = ks_phys_at(m, leaf->table, bytes);
	unsigned i = leaf->index + 1;
	bool more = true;

	if (!table)
		return false;
	for (; i < KS_ARCH_ENTRIES && run->len < max; i++) {
		uint64_t e = ks_pte_load(&table[i]);
		unsigned flags;

		/* Mostly the entry before, but for the address. */
		if (e != same || next >> m->phys_bits) {
			more = ks_arch_present(e) &&
			       !ks_arch_is_leaf(e, leaf->level);
			if (more || !ks_mapped(s, e) ||
			    ks_arch_corrupt(m, reserved, e, leaf->level) ||
			    ks_arch_leaf_pa(e, leaf->level).v != next)
				break;
			flags = ks_leaf_flags(s, e, leaf->upper);
			if ((flags & need) != need || !(flags & KS_USER))
				break;
			run->flags &= flags;
			more = true;
		}
		run->len += size;
		next += size;
		same = e + size;
	}
	ks_phys_done(m, (void *)table, bytes);
	return more && run->len < max;
}

int
ks_walk_run_near(const struct ks_space *s, uint64_t va, uint64_t max,
		 unsigned need, struct ks_leaf *leaf, struct ks_run *out)
{
	struct ks_run run = {.flags = ~0u};
	int err;

	if (!ks_user_address(s->m, ks_uaddr(va)))
		return -EFAULT;
	if (max > ks_arch_user_end(s->m) - va)
		max = ks_arch_user_end(s->m) - va;
	do {
		uint64_t at = va + run.len;
		uint64_t pa, into;
		unsigned flags;

		err = descend_near(s, at, leaf);
		if (err)
			break;
		flags = ks_leaf_flags(s, leaf->e, leaf->upper);
		into = at - leaf->va;
		pa = ks_arch_leaf_pa(leaf->e, leaf->level).v + into;
		if (!(flags & KS_USER))
			err = -EFAULT;
		else if ((flags & need) != need)
			err = -EACCES;
		else if (run.len && pa != run.pa.v + run.len)
			err = -EFAULT; /* elsewhere: the run ends here */
		if (err)
			break;
		if (!run.len)
			run.pa.v = pa;
		run.len += ks_arch_size(leaf->level) - into;
		run.flags &= flags;
	} while (run.len < max && extend_in_table(s, leaf, max, need, &run));
	if (!run.len)
		return err;
	if (run.len > max)
		run.len = max;
	*out = run;
	return 0;
}

int
ks_walk_run(const struct ks_space *s, ks_uaddr_t va, uint64_t max,
	    unsigned need, struct ks_run *out)
{
	struct ks_leaf leaf = {.level = 0};

	return ks_walk_run_near(s, va.v, max, need, &leaf, out);
}
