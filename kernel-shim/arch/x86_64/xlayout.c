/* SPDX-License-Identifier: MIT */
#include "../../core/mem.h"
#include "xsave.h"

#define ALL ((UINT64_C(1) << KS_XCOMP_MAX) - 1)

/* Where component C begins if the one before it ends at OFFSET. */
static uint32_t
begin(const struct ks_xcomp *c, uint32_t offset)
{
	return c->align64 ? (offset + 63) & ~UINT32_C(63) : offset;
}

/*
 * Offset of component I (2 and up) in a compacted image whose XCOMP_BV is
 * COMP_BV; with I KS_XCOMP_MAX, the image's size.
 */
static uint32_t
compacted(const struct ks_xlayout *l, uint64_t comp_bv, unsigned i)
{
	uint32_t offset = XSAVE_EXTENDED;

	for (unsigned j = 2; j < i; j++)
		if (comp_bv >> j & 1)
			offset = begin(&l->comp[j], offset) + l->comp[j].size;
	return i < KS_XCOMP_MAX ? begin(&l->comp[i], offset) : offset;
}

/* A component is sane: it cannot make the sums below wrap. */
static bool
component_ok(const struct ks_xlayout *l, unsigned i)
{
	const struct ks_xcomp *c = &l->comp[i];

	if (c->size == 0 || c->size > UINT32_C(1) << 24)
		return false;
	if (l->supervisor >> i & 1)
		return true;
	return c->offset >= XSAVE_EXTENDED && c->offset <= l->size &&
	       c->size <= l->size - c->offset;
}

int
ks_xlayout_check(const struct ks_xlayout *l)
{
	uint64_t both = l->user | l->supervisor;

	if (l->mxcsr_mask == 0)
		return -EINVAL;
	if (l->user == 0)
		return l->supervisor || l->area_size < KS_FXSAVE_SIZE ? -EINVAL
								      : 0;
	if ((l->user & 3) != 3 || (l->user & l->supervisor) || (both & ~ALL))
		return -EINVAL;
	/* Linux's NT_X86_XSTATE is made of words of 8 bytes. */
	if (l->size < KS_XSAVE_MIN_SIZE || l->size % 8 ||
	    l->area_size < l->size)
		return -EINVAL;
	for (unsigned i = 2; i < KS_XCOMP_MAX; i++)
		if (both >> i & 1 && !component_ok(l, i))
			return -EINVAL;
	return 0;
}

int
ks_xlayout_init(struct ks_xlayout *l, uint64_t xcr0, uint64_t xss,
		uint32_t mxcsr_mask, ks_cpuid_fn *cpuid, void *arg)
{
	uint32_t r[4], end;

	memset(l, 0, sizeof(*l));
	l->mxcsr_mask = mxcsr_mask ? mxcsr_mask : 0xffbf;
	l->area_size = KS_FXSAVE_SIZE;
	if (xcr0 == 0)
		return ks_xlayout_check(l);
	l->user = xcr0;
	l->supervisor = xss;
	l->size = KS_XSAVE_MIN_SIZE;
	for (unsigned i = 2; i < KS_XCOMP_MAX; i++) {
		if (!((xcr0 | xss) >> i & 1))
			continue;
		/* SDM volume 2, CPUID: size, offset, flags of a component. */
		cpuid(arg, 0xd, i, r);
		l->comp[i].size = r[0];
		l->comp[i].offset = r[1];
		l->comp[i].align64 = r[2] >> 1 & 1;
		end = r[1] + r[0];
		if (xcr0 >> i & 1 && end > l->size)
			l->size = end;
	}
	l->area_size = compacted(l, xcr0 | xss, KS_XCOMP_MAX);
	if (l->area_size < l->size)
		l->area_size = l->size;
	return ks_xlayout_check(l);
}

bool
ks_xsave_is_compacted(const struct ks_fpu *f)
{
	return le64_get(f->area + XSAVE_COMP_BV) & XCOMP_COMPACTED;
}

int
ks_xsave_look(const struct ks_fpu *f, uint64_t *out_have, uint64_t *out_bv)
{
	const struct ks_xlayout *l = f->layout;
	uint64_t comp_bv, bv, may;

	if (l->user == 0) {
		*out_have = *out_bv = KS_XF_X87 | KS_XF_SSE;
		return 0;
	}
	bv = le64_get(f->area + XSAVE_BV);
	comp_bv = le64_get(f->area + XSAVE_COMP_BV);
	may = l->user;
	if (comp_bv & XCOMP_COMPACTED) {
		comp_bv &= ~XCOMP_COMPACTED;
		if (comp_bv & ~(l->user | l->supervisor) ||
		    compacted(l, comp_bv, KS_XCOMP_MAX) > l->area_size)
			return -EIO;
		/* The legacy region is there whether it is in use or not. */
		may = comp_bv | KS_XF_X87 | KS_XF_SSE;
	} else if (comp_bv) {
		return -EIO;
	}
	if (bv & ~may)
		return -EIO;
	*out_have = may & l->user;
	*out_bv = bv & l->user;
	return 0;
}

unsigned char *
ks_xsave_component(const struct ks_fpu *f, unsigned i)
{
	uint64_t comp_bv = le64_get(f->area + XSAVE_COMP_BV);

	if (comp_bv & XCOMP_COMPACTED)
		return f->area + compacted(f->layout, comp_bv, i);
	return f->area + f->layout->comp[i].offset;
}
