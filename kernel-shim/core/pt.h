/* SPDX-License-Identifier: MIT */
/*
 * Private to core/: what the walker and the mapper share. The lock of the
 * space is the caller's business.
 */
#ifndef KSHIM_CORE_PT_H
#define KSHIM_CORE_PT_H

#include <kshim/frame.h>
#include <kshim/page.h>
#include <pte.h>

/* Is all of LEN bytes at PA in the direct map? */
static inline bool
ks_phys_direct(const struct ks_machine *m, ks_paddr_t pa, size_t len)
{
	return pa.v < m->direct_size && len <= m->direct_size - pa.v;
}

/*
 * ks_phys_map() without a call where the direct map has it: the walker's
 * time is spent here.
 */
static inline void *
ks_phys_at(struct ks_machine *m, ks_paddr_t pa, size_t len)
{
	if (ks_phys_direct(m, pa, len))
		return m->direct_base + pa.v;
	return ks_phys_map(m, pa, len);
}

static inline void
ks_phys_done(struct ks_machine *m, void *va, size_t len)
{
	if ((uintptr_t)va - (uintptr_t)m->direct_base >= m->direct_size)
		ks_phys_unmap(m, va, len);
}

/*
 * Entries are read and written whole: another CPU walks beside us, and a table
 * is filled before the entry that points to it is seen.
 */
static inline uint64_t
ks_pte_load(const uint64_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static inline void
ks_pte_store(uint64_t *p, uint64_t e)
{
	__atomic_store_n(p, e, __ATOMIC_RELEASE);
}

/* Read the entry at PA, which is not in the direct map. -EIO as below. */
int ks_pte_get_far(struct ks_machine *m, ks_paddr_t pa, uint64_t *out_e);

/* Read entry I of TABLE. -EIO: the table is not in memory. */
static inline int
ks_pte_get(struct ks_machine *m, ks_paddr_t table, unsigned i, uint64_t *out_e)
{
	ks_paddr_t pa = ks_paddr(table.v + i * sizeof(uint64_t));

	if (ks_phys_direct(m, pa, sizeof(*out_e))) {
		*out_e = ks_pte_load((void *)(m->direct_base + pa.v));
		return 0;
	}
	return ks_pte_get_far(m, pa, out_e);
}

/* Write entry I of TABLE. -EIO: the table is not in memory. */
int ks_pte_set(struct ks_machine *m, ks_paddr_t table, unsigned i, uint64_t e);

/*
 * Write entry I of TABLE and give what it was, with the accessed and dirty
 * bits that the CPU set until that very moment. -EIO as above.
 */
int ks_pte_swap(struct ks_machine *m, ks_paddr_t table, unsigned i, uint64_t e,
		uint64_t *out_old);

/* Set BITS in entry I of TABLE, which is in memory. */
void ks_pte_or(struct ks_machine *m, ks_paddr_t table, unsigned i,
	       uint64_t bits);

/* An entry: where a walk ended. */
struct ks_leaf {
	uint64_t va;	  /* where what it maps begins */
	uint64_t e;	  /* the entry */
	uint64_t upper;	  /* rights of the levels above: ks_arch_combine() */
	ks_paddr_t table; /* it lies in */
	unsigned index;	  /* there */
	unsigned level;	  /* 0: no walk has ended here */
};

/*
 * Find the leaf of VA, of either half. -EFAULT: nothing is mapped. -EIO.
 */
int ks_descend(const struct ks_space *s, uint64_t va, struct ks_leaf *out);

/*
 * As ks_walk_run(), beginning at the table of LEAF if that has VA too. LEAF is
 * of level 0 or what the last call left, and the lock has been held since.
 */
int ks_walk_run_near(const struct ks_space *s, uint64_t va, uint64_t max,
		     unsigned need, struct ks_leaf *leaf, struct ks_run *out);

/* Do FLAGS alone say that a write, or a forced one, may go into the page? */
static inline bool
ks_writable(unsigned flags, bool force)
{
	return flags & (KS_WRITE | (force ? KS_OWN : 0));
}

/*
 * May a forced write go into the page of RUN as it is? The frame must belong to
 * the space alone, or be one that the space itself may write: KS_OWN or
 * KS_WRITE says so. FAULTED: the port has just had its chance to make the page
 * private. Where its own code did that, a frame that has no other user is taken
 * for it: what is shared with a file or another space has at least that second
 * reference. Under the lock. (frame.c)
 */
bool ks_run_writable(struct ks_machine *m, const struct ks_run *run,
		     bool faulted);

/* The flags of the leaf E below UPPER, as S may interpret them. */
static inline unsigned
ks_leaf_flags(const struct ks_space *s, uint64_t e, uint64_t upper)
{
	unsigned flags = ks_arch_flags(e, ks_arch_combine(upper, e));

	return s->native
		   ? flags
		   : flags & ~(unsigned)(KS_COW | KS_OWN | KS_SOFT1 | KS_SOFT2);
}

/* True if E ends a walk of S at a leaf or a table, false if it is a hole. */
static inline bool
ks_mapped(const struct ks_space *s, uint64_t e)
{
	return ks_arch_present(e) || (s->native && ks_arch_held(e));
}

/* Give LEAF other flags. 1: changed, 0: the same. -EIO. */
int ks_leaf_change(struct ks_space *s, const struct ks_leaf *leaf,
		   unsigned flags);

/*
 * Check a range for the mapper: page aligned, not empty, in one half. Gives the
 * last byte, because the end may be 2^64. -EINVAL.
 */
int ks_range_check(const struct ks_space *s, uint64_t va, uint64_t size,
		   uint64_t *out_last);

/*
 * A visit to all entries of a range, in order. leaf() gets each leaf; table(),
 * which may be NULL, each entry that points to a table, after what is below it.
 * Non-zero ends the visit. With DYING, entries that ks_unmap() has killed are
 * visited as if they lived.
 */
struct ks_visit {
	struct ks_space *s;
	int (*leaf)(struct ks_visit *v, const struct ks_leaf *leaf);
	int (*table)(struct ks_visit *v, const struct ks_leaf *entry);
	bool dying;
	/* What the functions above need. */
	ks_leaf_fn *fn;
	void *arg;
	unsigned flags;
	unsigned mask;
	bool changed;
};

/* Visit [VA, LAST]. The first non-zero result, or -EIO (corrupt), or 0. */
int ks_visit(struct ks_visit *v, uint64_t va, uint64_t last);

/* As ks_unmap(), of a range that has been checked, under the lock. */
int ks_unmap_locked(struct ks_space *s, uint64_t va, uint64_t last,
		    ks_leaf_fn *fn, void *arg);

/*
 * Make VA, a multiple of 4 KiB, the first byte of a leaf: split the large
 * leaves that it is within. What is mapped does not change. -ENOMEM, -EIO; not
 * mapped is 0.
 */
int ks_split_at(struct ks_space *s, uint64_t va);

/* As ks_space_revoke(), under the lock. Costs a load where nobody maps. */
void ks_space_revoke_locked(struct ks_space *s);

/* Replace the large LEAF by a table of leaves of the level below. */
int ks_split_leaf(struct ks_space *s, const struct ks_leaf *leaf);

#endif
