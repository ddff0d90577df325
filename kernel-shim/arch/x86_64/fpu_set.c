/* SPDX-License-Identifier: MIT */
#include <kshim/fpu.h>

#include "../../core/mem.h"
#include "xsave.h"

size_t
ks_fpu_xstate_size(const struct ks_xlayout *l)
{
	return l->user ? l->size : 0;
}

void
ks_fpu_reset(const struct ks_fpu *f, bool compacted)
{
	const struct ks_xlayout *l = f->layout;

	memset(f->area, 0, l->area_size);
	le16_put(f->area + FX_FCW, FCW_INIT);
	le32_put(f->area + FX_MXCSR, MXCSR_INIT);
	le32_put(f->area + FX_MXCSR_MASK, l->mxcsr_mask);
	if (compacted)
		le64_put(f->area + XSAVE_COMP_BV,
			 XCOMP_COMPACTED | l->user | l->supervisor);
}

/* Add BV to the components that the area holds and has in use. */
static void
mark(const struct ks_fpu *f, uint64_t bv)
{
	unsigned char *head;

	if (!f->layout->user)
		return;
	head = f->area + XSAVE_BV;
	le64_put(head, le64_get(head) | bv);
	head = f->area + XSAVE_COMP_BV;
	/* XRSTOR refuses a component that is in use but not held. */
	if (ks_xsave_is_compacted(f))
		le64_put(head, le64_get(head) | bv);
}

/* Replace x87 and SSE state, all of it, by the 416 bytes at FX. */
static void
set_legacy(const struct ks_fpu *f, const unsigned char *fx)
{
	memcpy(f->area, fx, FX_SOFTWARE);
	le32_put(f->area + FX_MXCSR_MASK, f->layout->mxcsr_mask);
	mark(f, KS_XF_X87 | KS_XF_SSE);
}

static bool
mxcsr_ok(const struct ks_fpu *f, const unsigned char *fx)
{
	return !(le32_get(fx + FX_MXCSR) & ~f->layout->mxcsr_mask);
}

int
ks_fpu_set_fx(const struct ks_fpu *f, const void *in, size_t len)
{
	uint64_t have, bv;
	int err = ks_xsave_look(f, &have, &bv);

	if (err)
		return err;
	if (len % 8 || len < KS_FXSAVE_SIZE || !mxcsr_ok(f, in))
		return -EINVAL;
	set_legacy(f, in);
	return 0;
}

int
ks_fpu_set_redox(const struct ks_fpu *f,
		 const unsigned char in[KS_REDOX_FP_SIZE])
{
	unsigned char fx[KS_FXSAVE_SIZE];
	uint16_t fcw;
	unsigned slot;
	int err = ks_fpu_get_fx(f, fx);

	if (err)
		return err;
	if (!mxcsr_ok(f, in))
		return -EINVAL;
	fcw = le16_get(fx + FX_FCW) & FCW_RESERVED;
	fcw |= le16_get(in + FX_FCW) & (uint16_t)~FCW_RESERVED;
	le16_put(fx + FX_FCW, fcw);
	memcpy(fx + 2, in + 2, FX_RESERVED - 2);
	memcpy(fx + FX_RESERVED + 1, in + FX_RESERVED + 1,
	       FX_MXCSR_MASK - FX_RESERVED - 1);
	for (slot = FX_ST; slot < FX_XMM; slot += 16)
		memcpy(fx + slot, in + slot, 10);
	memcpy(fx + FX_XMM, in + FX_XMM, FX_SOFTWARE - FX_XMM);
	set_legacy(f, fx);
	return 0;
}

/* What Linux asks of an image: its errors, in its order. */
static int
check_xstate(const struct ks_fpu *f, const unsigned char *in, size_t len,
	     uint64_t have)
{
	const uint64_t with_mxcsr = KS_XF_X87 | KS_XF_SSE | KS_XF_AVX;
	uint64_t bv;

	if (len % 8)
		return -EINVAL;
	if (len < f->layout->size)
		return -EFAULT;
	bv = le64_get(in + XSAVE_BV);
	if (bv & ~have)
		return -EINVAL;
	for (unsigned i = XSAVE_COMP_BV; i < XSAVE_EXTENDED; i++)
		if (in[i])
			return -EINVAL;
	if (bv & with_mxcsr && !mxcsr_ok(f, in))
		return -EINVAL;
	return 0;
}

int
ks_fpu_set_xstate(const struct ks_fpu *f, const void *in_image, size_t len)
{
	const struct ks_xlayout *l = f->layout;
	const unsigned char *in = in_image;
	unsigned char *head;
	uint64_t have, bv;
	int err;

	if (!l->user)
		return -ENODEV;
	err = ks_xsave_look(f, &have, &bv);
	if (err)
		return err;
	err = check_xstate(f, in, len, have);
	if (err)
		return err;
	bv = le64_get(in + XSAVE_BV);
	if (bv & KS_XF_X87) {
		memcpy(f->area + FX_FCW, in + FX_FCW, FX_MXCSR - FX_FCW);
		memcpy(f->area + FX_ST, in + FX_ST, FX_XMM - FX_ST);
	}
	if (bv & KS_XF_SSE)
		memcpy(f->area + FX_XMM, in + FX_XMM, FX_SOFTWARE - FX_XMM);
	/* XRSTOR of the standard format loads it whatever XSTATE_BV says. */
	le32_put(f->area + FX_MXCSR, bv & (KS_XF_SSE | KS_XF_AVX)
					 ? le32_get(in + FX_MXCSR)
					 : MXCSR_INIT);
	le32_put(f->area + FX_MXCSR_MASK, l->mxcsr_mask);
	for (unsigned i = 2; i < KS_XCOMP_MAX; i++)
		if (bv >> i & 1)
			memcpy(ks_xsave_component(f, i), in + l->comp[i].offset,
			       l->comp[i].size);
	head = f->area + XSAVE_BV;
	le64_put(head, le64_get(head) & l->supervisor);
	mark(f, bv);
	return 0;
}
