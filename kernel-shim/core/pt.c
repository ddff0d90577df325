/* SPDX-License-Identifier: MIT */
/* Address spaces as such, and the entries of their tables. */
#include "pt.h"

#include "link.h"
#include "lock.h"

void
ks_space_lock(struct ks_space *s)
{
	ks_lock(s->m, &s->lock);
}

void
ks_space_unlock(struct ks_space *s)
{
	ks_unlock(s->m, &s->lock);
}

void
ks_space_adopt(struct ks_space *s, struct ks_machine *m, ks_paddr_t root)
{
	*s = (struct ks_space){.m = m, .root = root};
	ks_lock_init(m, &s->lock);
	ks_link_init(&s->mappings);
}

int
ks_space_init(struct ks_space *s, struct ks_machine *m, ks_paddr_t kernel_root)
{
	ks_paddr_t root;
	int err = m->ops->frame_alloc(m, &root);

	if (err)
		return err;
	for (unsigned i = KS_ARCH_ENTRIES / 2;
	     kernel_root.v && i < KS_ARCH_ENTRIES; i++) {
		uint64_t e;

		err = ks_pte_get(m, kernel_root, i, &e);
		if (!err)
			err = ks_pte_set(m, root, i, e);
		if (err) {
			m->ops->frame_put(m, root);
			return err;
		}
	}
	ks_space_adopt(s, m, root);
	s->native = true;
	return 0;
}

/* Free TABLE, of LEVEL, and the tables below it in its first N entries. */
static void
free_tables(struct ks_machine *m, ks_paddr_t table, unsigned level, unsigned n)
{
	for (unsigned i = 0; level > 1 && i < n; i++) {
		uint64_t e;

		if (ks_pte_get(m, table, i, &e))
			break;
		if (ks_arch_present(e) && !ks_arch_is_leaf(e, level))
			free_tables(m, ks_arch_table(e), level - 1,
				    KS_ARCH_ENTRIES);
	}
	m->ops->frame_put(m, table);
}

void
ks_space_fini(struct ks_space *s)
{
	free_tables(s->m, s->root, s->m->pt_levels, KS_ARCH_ENTRIES / 2);
	s->root.v = 0;
}

int
ks_pte_get_far(struct ks_machine *m, ks_paddr_t pa, uint64_t *out_e)
{
	uint64_t *p = ks_phys_map(m, pa, sizeof(*p));

	if (!p)
		return -EIO;
	*out_e = ks_pte_load(p);
	ks_phys_unmap(m, p, sizeof(*p));
	return 0;
}

int
ks_pte_set(struct ks_machine *m, ks_paddr_t table, unsigned i, uint64_t e)
{
	ks_paddr_t pa = ks_paddr(table.v + i * sizeof(e));
	uint64_t *p = ks_phys_at(m, pa, sizeof(*p));

	if (!p)
		return -EIO;
	ks_pte_store(p, e);
	ks_phys_done(m, p, sizeof(*p));
	return 0;
}

int
ks_pte_swap(struct ks_machine *m, ks_paddr_t table, unsigned i, uint64_t e,
	    uint64_t *out_old)
{
	ks_paddr_t pa = ks_paddr(table.v + i * sizeof(e));
	uint64_t *p = ks_phys_at(m, pa, sizeof(*p));

	if (!p)
		return -EIO;
	*out_old = __atomic_exchange_n(p, e, __ATOMIC_ACQ_REL);
	ks_phys_done(m, p, sizeof(*p));
	return 0;
}

void
ks_pte_or(struct ks_machine *m, ks_paddr_t table, unsigned i, uint64_t bits)
{
	ks_paddr_t pa = ks_paddr(table.v + i * sizeof(bits));
	uint64_t *p = ks_phys_at(m, pa, sizeof(*p));

	if (!p)
		return;
	__atomic_fetch_or(p, bits, __ATOMIC_RELEASE);
	ks_phys_done(m, p, sizeof(*p));
}

int
ks_leaf_change(struct ks_space *s, const struct ks_leaf *leaf, unsigned flags)
{
	uint64_t e = ks_arch_leaf_change(s->m, leaf->e, flags, leaf->level);
	uint64_t old, late;
	int err;

	if (e == leaf->e)
		return 0;
	err = ks_pte_swap(s->m, leaf->table, leaf->index, e, &old);
	if (err)
		return err;
	late = ks_arch_cpu_bits(old & ~e);
	if (late)
		ks_pte_or(s->m, leaf->table, leaf->index, late);
	return 1;
}

int
ks_range_check(const struct ks_space *s, uint64_t va, uint64_t size,
	       uint64_t *out_last)
{
	uint64_t end = ks_arch_user_end(s->m);
	uint64_t last = va + (size - 1);

	if (size == 0 || ((va | size) & KS_PAGE_MASK) || last < va)
		return -EINVAL;
	/* The upper half begins at -END: all above bit 46 (or 55) are ones. */
	if (va < end ? last >= end : va < -end)
		return -EINVAL;
	*out_last = last;
	return 0;
}
