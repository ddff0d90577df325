/* SPDX-License-Identifier: MIT */
/* Breaking copy-on-write. */
#include "mem.h"
#include "pt.h"

/* Copy the 4 KiB frame SRC to DST. -EIO: one is not memory. */
static int
copy_frame(struct ks_machine *m, ks_paddr_t dst, ks_paddr_t src)
{
	void *to = ks_phys_at(m, dst, KS_PAGE_SIZE);
	void *from = ks_phys_at(m, src, KS_PAGE_SIZE);

	if (to && from)
		memcpy(to, from, KS_PAGE_SIZE);
	if (from)
		ks_phys_done(m, from, KS_PAGE_SIZE);
	if (to)
		ks_phys_done(m, to, KS_PAGE_SIZE);
	return to && from ? 0 : -EIO;
}

/* Find the 4 KiB leaf of VA, splitting large ones. */
static int
descend_to_page(struct ks_space *s, uint64_t va, struct ks_leaf *out)
{
	for (;;) {
		int err = ks_descend(s, va, out);

		if (!err && out->level > 1 &&
		    ks_leaf_flags(s, out->e, out->upper) & KS_COW)
			err = ks_split_leaf(s, out);
		else
			return err;
		if (err)
			return err;
	}
}

/* Put LEAF, of VA, on a copy of its frame, with FLAGS. */
static int
replace_frame(struct ks_space *s, const struct ks_leaf *leaf, uint64_t va,
	      unsigned flags)
{
	struct ks_machine *m = s->m;
	ks_paddr_t old_pa = ks_arch_leaf_pa(leaf->e, 1);
	ks_paddr_t new_pa;
	uint64_t old;
	int err = m->ops->frame_alloc(m, &new_pa);

	if (err)
		return err;
	err = copy_frame(m, new_pa, old_pa);
	if (!err)
		err = ks_pte_swap(m, leaf->table, leaf->index,
				  ks_arch_leaf(m, new_pa, flags, 1), &old);
	if (err) {
		m->ops->frame_put(m, new_pa);
		return err;
	}
	m->ops->tlb_flush(m, s, ks_uaddr(va), KS_PAGE_SIZE);
	ks_space_revoke_locked(s);
	m->ops->frame_put(m, old_pa);
	return 0;
}

/* Under the lock; VA begins a page. */
static int
cow_break(struct ks_space *s, uint64_t va, bool keep_ro)
{
	struct ks_machine *m = s->m;
	struct ks_leaf leaf;
	unsigned flags;
	int err = descend_to_page(s, va, &leaf);

	if (err)
		return err;
	flags = ks_leaf_flags(s, leaf.e, KS_ARCH_ALL_RIGHTS);
	if (!(flags & KS_COW))
		return 0;
	flags = (flags & ~(unsigned)KS_COW) | KS_OWN;
	if (!keep_ro)
		flags |= KS_WRITE;
	if (m->ops->frame_shared(m, ks_arch_leaf_pa(leaf.e, 1)))
		return replace_frame(s, &leaf, va, flags);
	/*
	 * Rights only grow: a CPU that has the old entry in its TLB faults,
	 * forgets it and walks again (SDM 5.10.4.3).
	 */
	err = ks_leaf_change(s, &leaf, flags);
	return err < 0 ? err : 0;
}

int
ks_cow_break(struct ks_space *s, ks_uaddr_t va, bool keep_ro)
{
	int err;

	if (!ks_user_address(s->m, va))
		return -EFAULT;
	ks_space_lock(s);
	err = cow_break(s, va.v & ~KS_PAGE_MASK, keep_ro);
	ks_space_unlock(s);
	return err;
}
