/* SPDX-License-Identifier: MIT */
/*
 * The x86_64 page-table entry, behind names that core/ uses on every
 * architecture. Facts from the Intel SDM, volume 3A, chapter 5 ("Paging").
 *
 * The mapper's own use of the bits that the CPU ignores:
 *
 *   present entry       9 KS_COW, 10 KS_SOFT1, 11 KS_SOFT2, 52 KS_OWN
 *   entry not present   58 held: a leaf without any right, kept in place;
 *                       57 dying: unmapped, waiting for the TLB flush;
 *                       the rest as it was when the entry was present
 */
#ifndef KSHIM_ARCH_PTE_H
#define KSHIM_ARCH_PTE_H

#include <kshim/page.h>

#define PTE_BIT(n)    ((uint64_t)1 << (n))
#define PTE_P	      PTE_BIT(0)
#define PTE_W	      PTE_BIT(1)
#define PTE_U	      PTE_BIT(2)
#define PTE_PWT	      PTE_BIT(3)
#define PTE_PCD	      PTE_BIT(4)
#define PTE_A	      PTE_BIT(5)
#define PTE_D	      PTE_BIT(6)
#define PTE_PS	      PTE_BIT(7) /* levels 2 and 3: a leaf */
#define PTE_PAT_4K    PTE_BIT(7) /* level 1 */
#define PTE_G	      PTE_BIT(8)
#define PTE_COW	      PTE_BIT(9)
#define PTE_SOFT1     PTE_BIT(10)
#define PTE_SOFT2     PTE_BIT(11)
#define PTE_PAT_LARGE PTE_BIT(12) /* leaves of levels 2 and 3 */
#define PTE_OWN	      PTE_BIT(52)
#define PTE_DYING     PTE_BIT(57)
#define PTE_HELD      PTE_BIT(58)
#define PTE_NX	      PTE_BIT(63)
#define PTE_ADDR      (PTE_BIT(52) - PTE_BIT(12))

#define KS_ARCH_ENTRIES	   512
#define KS_ARCH_LEAF_LEVEL 3 /* the highest level that can hold a leaf */

/* How far a virtual address is shifted for the index at LEVEL (1 is lowest). */
static inline unsigned
ks_arch_shift(unsigned level)
{
	return 3 + 9 * level;
}

/* The memory that one entry at LEVEL covers. */
static inline uint64_t
ks_arch_size(unsigned level)
{
	return (uint64_t)1 << ks_arch_shift(level);
}

static inline unsigned
ks_arch_index(uint64_t va, unsigned level)
{
	return va >> ks_arch_shift(level) & (KS_ARCH_ENTRIES - 1);
}

/* The end of the user half: bit 47 (or 56) and all above it are equal. */
static inline uint64_t
ks_arch_user_end(const struct ks_machine *m)
{
	return (uint64_t)1 << (ks_arch_shift(m->pt_levels) + 8);
}

static inline bool
ks_arch_present(uint64_t e)
{
	return e & PTE_P;
}

/* Not present, but a leaf that the mapper keeps. */
static inline bool
ks_arch_held(uint64_t e)
{
	return (e & (PTE_P | PTE_HELD | PTE_DYING)) == PTE_HELD;
}

static inline bool
ks_arch_dying(uint64_t e)
{
	return (e & (PTE_P | PTE_DYING)) == PTE_DYING;
}

/* True if E, at LEVEL, ends the walk. */
static inline bool
ks_arch_is_leaf(uint64_t e, unsigned level)
{
	return level == 1 || (e & PTE_PS);
}

/* The bits that are reserved at every level of M. */
static inline uint64_t
ks_arch_reserved_base(const struct ks_machine *m)
{
	uint64_t bad = PTE_ADDR & ~(((uint64_t)1 << m->phys_bits) - 1);

	return m->nx ? bad : bad | PTE_NX;
}

/*
 * True if the CPU would raise a reserved-bit fault at E (SDM 5.7: error code
 * bit 3). BASE is ks_arch_reserved_base(M).
 */
static inline bool
ks_arch_corrupt(const struct ks_machine *m, uint64_t base, uint64_t e,
		unsigned level)
{
	if (e & base)
		return true;
	if (level == 1 || !(e & PTE_PS))
		return false;
	if (level > KS_ARCH_LEAF_LEVEL || (level == 3 && !m->huge_1g))
		return true;
	return e & (ks_arch_size(level) - PTE_BIT(13));
}

/*
 * True if E, above level 1, points to a table and has no reserved bit set, at
 * whatever level: all the common case needs, in one comparison.
 */
static inline bool
ks_arch_plain_table(uint64_t base, uint64_t e)
{
	return (e & (base | PTE_P | PTE_PS)) == PTE_P;
}

/* The table that E, not a leaf, points to. */
static inline ks_paddr_t
ks_arch_table(uint64_t e)
{
	return ks_paddr(e & PTE_ADDR);
}

/* Where the memory of the leaf E begins. */
static inline ks_paddr_t
ks_arch_leaf_pa(uint64_t e, unsigned level)
{
	return ks_paddr(e & PTE_ADDR & ~(ks_arch_size(level) - 1));
}

/*
 * The rights of all entries on the way to a leaf, as one word: U and W hold
 * where every level has them, execution where no level has NX (SDM 5.6).
 * Begin with KS_ARCH_ALL_RIGHTS.
 */
#define KS_ARCH_ALL_RIGHTS (~(uint64_t)0)

static inline uint64_t
ks_arch_combine(uint64_t rights, uint64_t e)
{
	return rights & (e ^ PTE_NX);
}

static inline bool
ks_arch_user(uint64_t rights)
{
	return rights & PTE_U;
}

/* enum ks_map_flag of the leaf E; RIGHTS include those of E. */
static inline unsigned
ks_arch_flags(uint64_t e, uint64_t rights)
{
	unsigned f = 0;

	if (e & PTE_P) {
		f |= KS_READ;
		f |= rights & PTE_W ? KS_WRITE : 0;
		f |= rights & PTE_NX ? KS_EXEC : 0;
	}
	f |= rights & PTE_U ? KS_USER : 0;
	f |= e & PTE_COW ? KS_COW : 0;
	f |= e & PTE_PCD ? KS_NOCACHE : 0;
	f |= e & PTE_G ? KS_GLOBAL : 0;
	f |= e & PTE_A ? KS_ACCESSED : 0;
	f |= e & PTE_D ? KS_DIRTY : 0;
	f |= e & PTE_SOFT1 ? KS_SOFT1 : 0;
	f |= e & PTE_SOFT2 ? KS_SOFT2 : 0;
	f |= e & PTE_OWN ? KS_OWN : 0;
	return f;
}

/* A leaf at LEVEL. No right at all makes it held: see the top of the file. */
static inline uint64_t
ks_arch_leaf(const struct ks_machine *m, ks_paddr_t pa, unsigned flags,
	     unsigned level)
{
	uint64_t e = pa.v;

	e |= flags & (KS_READ | KS_WRITE | KS_EXEC) ? PTE_P : PTE_HELD;
	e |= (flags & (KS_WRITE | KS_COW)) == KS_WRITE ? PTE_W : 0;
	e |= flags & KS_USER ? PTE_U : 0;
	e |= flags & KS_NOCACHE ? PTE_PCD | PTE_PWT : 0;
	e |= flags & KS_GLOBAL ? PTE_G : 0;
	e |= flags & KS_COW ? PTE_COW : 0;
	e |= flags & KS_SOFT1 ? PTE_SOFT1 : 0;
	e |= flags & KS_SOFT2 ? PTE_SOFT2 : 0;
	e |= (flags & (KS_OWN | KS_COW)) == KS_OWN ? PTE_OWN : 0;
	e |= !(flags & KS_EXEC) && m->nx ? PTE_NX : 0;
	return level > 1 ? e | PTE_PS : e;
}

/* The leaf E with other FLAGS: the CPU's bits and the memory type stay. */
static inline uint64_t
ks_arch_leaf_change(const struct ks_machine *m, uint64_t e, unsigned flags,
		    unsigned level)
{
	uint64_t keep =
	    PTE_A | PTE_D | (level == 1 ? PTE_PAT_4K : PTE_PAT_LARGE);

	return ks_arch_leaf(m, ks_arch_leaf_pa(e, level), flags, level) |
	       (e & keep);
}

/* Part I of the leaf E of LEVEL, as a leaf of the level below. */
static inline uint64_t
ks_arch_leaf_part(uint64_t e, unsigned level, unsigned i)
{
	uint64_t part = e;

	if (level - 1 == 1) {
		/* The PAT bit moves; where it was is a bit of the address. */
		part &= ~(PTE_PS | PTE_PAT_LARGE);
		part |= e & PTE_PAT_LARGE ? PTE_PAT_4K : 0;
	}
	return part + i * ks_arch_size(level - 1);
}

/* An entry that points to a table. The leaves alone limit what is allowed. */
static inline uint64_t
ks_arch_table_entry(ks_paddr_t table, bool user)
{
	return table.v | PTE_P | PTE_W | PTE_A | (user ? PTE_U : 0);
}

/* The table entry E, with user mode let through. */
static inline uint64_t
ks_arch_let_user(uint64_t e)
{
	return e | PTE_U;
}

/* Of BITS, those that the CPU sets by itself. */
static inline uint64_t
ks_arch_cpu_bits(uint64_t bits)
{
	return bits & (PTE_A | PTE_D);
}

/* The entry E as ks_unmap() leaves it until the TLB is flushed. */
static inline uint64_t
ks_arch_kill(uint64_t e)
{
	if (e & PTE_P)
		e &= ~(PTE_P | PTE_HELD);
	return e | PTE_DYING;
}

/* What E was before ks_arch_kill(). */
static inline uint64_t
ks_arch_unkill(uint64_t e)
{
	e &= ~PTE_DYING;
	return e & PTE_HELD ? e : e | PTE_P;
}

#endif
