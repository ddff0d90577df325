/* SPDX-License-Identifier: MIT */
/*
 * The processor's use of page tables: a walk that shares no code with the
 * shim's, and a TLB that forgets nothing unless it is told to.
 */
#include <string.h>

#include "sim_int.h"

#define BIT(n) (UINT64_C(1) << (n))
enum { P = 1, W = 2, U = 4, A = 32, D = 64, PS = 128 };
#define NX	BIT(63)
#define ADDRESS (BIT(52) - BIT(12))

static bool
reserved(const struct ks_machine *m, uint64_t e, unsigned level)
{
	uint64_t bad = ADDRESS & ~(BIT(m->phys_bits) - 1);

	if (!m->nx)
		bad |= NX;
	if ((e & PS) && level == 2)
		bad |= BIT(21) - BIT(13);
	if ((e & PS) && level == 3)
		bad |= m->huge_1g ? BIT(30) - BIT(13) : PS;
	if (level > 3)
		bad |= PS;
	return e & bad;
}

/* Walk as the processor does, without the TLB; RIGHTS are those found. */
static enum sim_fault
walk(struct sim_mm *mm, uint64_t va, unsigned access, uint64_t *out_pa,
     unsigned *out_rights)
{
	struct sim *s = mm->s;
	uint64_t table = mm->space.root.v;
	uint64_t all = ~UINT64_C(0), any = 0, e, at;
	unsigned level = s->m.pt_levels, shift;

	if (va >> (level * 9 + 11))
		return SIM_NOT_PRESENT;
	for (;; level--) {
		shift = 3 + 9 * level;
		at = table + (va >> shift & 511) * 8;
		if (!sim_is_ram(s, at, 8))
			return SIM_RESERVED;
		sim_ram_read(s, at, &e, 8);
		if (!(e & P))
			return SIM_NOT_PRESENT;
		if (reserved(&s->m, e, level))
			return SIM_RESERVED;
		all &= e;
		any |= e;
		if (level == 1 || (e & PS))
			break;
		e |= A;
		sim_ram_write(s, at, &e, 8);
		table = e & ADDRESS;
	}
	if (!(all & U) || ((access & KS_WRITE) && !(all & W)) ||
	    ((access & KS_EXEC) && (any & NX)))
		return SIM_NO_RIGHT;
	e |= A | (access & KS_WRITE ? D : 0);
	sim_ram_write(s, at, &e, 8);
	*out_pa = (e & ADDRESS & ~(BIT(shift) - 1)) | (va & (BIT(shift) - 1));
	*out_rights = KS_READ | (any & NX ? 0 : KS_EXEC) |
		      (all & W && e & D ? KS_WRITE : 0);
	return sim_is_ram(s, *out_pa, 1) ? SIM_OK : SIM_RESERVED;
}

enum sim_fault
sim_mmu(struct sim_mm *mm, uint64_t va, unsigned access, uint64_t *out_pa)
{
	uint64_t page = va >> KS_PAGE_SHIFT;
	struct sim_tlb *e = &mm->s->tlb[page % SIM_TLB];
	unsigned rights;
	enum sim_fault f;

	if (e->mm == mm && e->page == page && !(access & ~e->rights)) {
		*out_pa = e->pa | (va & KS_PAGE_MASK);
		return SIM_OK;
	}
	f = walk(mm, va, access, out_pa, &rights);
	if (f)
		return f;
	*e = (struct sim_tlb){mm, page, *out_pa & ~KS_PAGE_MASK, rights};
	return SIM_OK;
}

void
sim_tlb_flush(struct sim *s, struct ks_space *space, uint64_t va, uint64_t len)
{
	struct sim_mm *mm = ks_container(space, struct sim_mm, space);

	for (unsigned i = 0; i < SIM_TLB; i++) {
		struct sim_tlb *e = &s->tlb[i];
		uint64_t at = e->page << KS_PAGE_SHIFT;

		if (e->mm == mm && at + KS_PAGE_SIZE > va &&
		    (at < va || at - va < len))
			e->mm = NULL;
	}
}

/* Translate both ends of an access that may cross a page. */
static enum sim_fault
translate(struct sim_thread *t, uint64_t va, size_t len, unsigned access,
	  uint64_t pa[2])
{
	enum sim_fault f;

	t->fault_addr = va;
	f = sim_mmu(t->mm, va, access, &pa[0]);
	if (f || (va & KS_PAGE_MASK) + len <= KS_PAGE_SIZE)
		return f;
	t->fault_addr = (va & ~KS_PAGE_MASK) + KS_PAGE_SIZE;
	return sim_mmu(t->mm, t->fault_addr, access, &pa[1]);
}

enum sim_fault
sim_load(struct sim_thread *t, uint64_t va, void *buf, size_t len,
	 unsigned access)
{
	size_t first = KS_PAGE_SIZE - (va & KS_PAGE_MASK);
	uint64_t pa[2];
	enum sim_fault f = translate(t, va, len, access, pa);

	if (f)
		return f;
	if (first > len)
		first = len;
	sim_ram_read(t->s, pa[0], buf, first);
	if (first < len)
		sim_ram_read(t->s, pa[1], (char *)buf + first, len - first);
	return SIM_OK;
}

enum sim_fault
sim_store(struct sim_thread *t, uint64_t va, const void *buf, size_t len)
{
	size_t first = KS_PAGE_SIZE - (va & KS_PAGE_MASK);
	uint64_t pa[2];
	enum sim_fault f = translate(t, va, len, KS_WRITE, pa);

	if (f)
		return f;
	if (first > len)
		first = len;
	sim_ram_write(t->s, pa[0], buf, first);
	if (first < len)
		sim_ram_write(t->s, pa[1], (const char *)buf + first,
			      len - first);
	return SIM_OK;
}
