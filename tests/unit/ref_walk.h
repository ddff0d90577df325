/* SPDX-License-Identifier: MIT */
/*
 * A second page-table walker, written from the SDM's figures one bit at a time
 * and with nothing of the shim's, to compare the first with.
 */
#ifndef TESTS_REF_WALK_H
#define TESTS_REF_WALK_H

#include "ram.h"

struct ref_walk {
	int err;
	uint64_t pa;
	uint64_t size;
	bool r, w, x, u;
};

static inline bool
ref_bits(uint64_t e, int from, int to)
{
	for (int b = from; b <= to; b++)
		if (e >> b & 1)
			return true;
	return false;
}

/* Walk as the CPU does, for either half. NATIVE: bit 58 can hold a leaf. */
static inline struct ref_walk
ref_walk(const struct ram *r, uint64_t root, uint64_t va, bool native)
{
	struct ref_walk bad_io = {.err = -EIO}, none = {.err = -EFAULT};
	struct ref_walk out = {.r = true, .w = true, .x = true, .u = true};
	uint64_t table = root;

	for (int level = r->m.pt_levels; level >= 1; level--) {
		int shift = 12 + 9 * (level - 1);
		uint64_t entry = table + 8 * (va >> shift & 511);
		uint64_t e;
		bool held;

		if (entry + 8 > (uint64_t)r->frames * 4096)
			return bad_io;
		e = ram_load64(r, ks_paddr(entry));
		held = native && !ref_bits(e, 0, 0) && ref_bits(e, 58, 58) &&
		       !ref_bits(e, 57, 57);
		if (!ref_bits(e, 0, 0) && !held)
			return none;
		if (ref_bits(e, r->m.phys_bits, 51))
			return bad_io;
		if (ref_bits(e, 63, 63) && !r->m.nx)
			return bad_io;
		out.w = out.w && ref_bits(e, 1, 1);
		out.u = out.u && ref_bits(e, 2, 2);
		out.x = out.x && !ref_bits(e, 63, 63);
		if (level > 1 && !ref_bits(e, 7, 7)) {
			if (held)
				return bad_io;
			table = e & 0xffffffffff000;
			continue;
		}
		if (level > 3 || (level == 3 && !r->m.huge_1g))
			return bad_io;
		if (level > 1 && ref_bits(e, 13, shift - 1))
			return bad_io;
		if (held)
			out.r = out.w = out.x = false;
		out.size = (uint64_t)1 << shift;
		out.pa =
		    (e & 0xffffffffff000) / out.size * out.size + va % out.size;
		return out;
	}
	return bad_io;
}

#endif
