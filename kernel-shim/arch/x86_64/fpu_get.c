/* SPDX-License-Identifier: MIT */
#include <kshim/fpu.h>

#include "../../core/mem.h"
#include "xsave.h"

/* The part of an image from OFF on that the reader has room for. */
struct window {
	unsigned char *out;
	uint64_t off, len;
};

/* Bytes [at, at + n) of the image are those at FROM. */
static void
put(const struct window *w, uint64_t at, const unsigned char *from, uint64_t n)
{
	uint64_t end = at + n;
	uint64_t skip = at < w->off ? w->off - at : 0;

	if (end > w->off + w->len)
		end = w->off + w->len;
	if (at + skip < end)
		memcpy(w->out + (at + skip - w->off), from + skip,
		       (size_t)(end - at - skip));
}

/*
 * The components BV of F in the standard format, without a header; W holds
 * zeros, which is the initial state of everything but two words.
 */
static void
put_components(const struct ks_fpu *f, uint64_t bv, const struct window *w)
{
	unsigned char word[4];

	if (bv & KS_XF_X87) {
		put(w, FX_FCW, f->area + FX_FCW, FX_MXCSR - FX_FCW);
		put(w, FX_ST, f->area + FX_ST, FX_XMM - FX_ST);
	} else {
		le16_put(word, FCW_INIT);
		put(w, FX_FCW, word, 2);
	}
	if (bv & KS_XF_SSE)
		put(w, FX_XMM, f->area + FX_XMM, FX_SOFTWARE - FX_XMM);
	le32_put(word, f->layout->mxcsr_mask);
	put(w, FX_MXCSR_MASK, word, 4);
	for (unsigned i = 2; i < KS_XCOMP_MAX; i++)
		if (bv >> i & 1)
			put(w, f->layout->comp[i].offset,
			    ks_xsave_component(f, i), f->layout->comp[i].size);
}

/*
 * MXCSR is not like the rest. XSAVE and XRSTOR of the standard format always
 * store and load it; in the compacted format it belongs to SSE, and Linux
 * takes it for AVX's too (SDM volume 1, 13.7 to 13.11).
 */
static uint32_t
mxcsr(const struct ks_fpu *f, uint64_t bv)
{
	if (!(bv & (KS_XF_SSE | KS_XF_AVX)) && f->layout->user &&
	    ks_xsave_is_compacted(f))
		return MXCSR_INIT;
	return le32_get(f->area + FX_MXCSR);
}

static void
put_mxcsr(const struct window *w, uint32_t v)
{
	unsigned char word[4];

	le32_put(word, v);
	put(w, FX_MXCSR, word, sizeof(word));
}

int
ks_fpu_get_fx(const struct ks_fpu *f, unsigned char out[KS_FXSAVE_SIZE])
{
	struct window w = {out, 0, KS_FXSAVE_SIZE};
	uint64_t have, bv;
	int err = ks_xsave_look(f, &have, &bv);

	if (err)
		return err;
	bv &= KS_XF_X87 | KS_XF_SSE;
	memset(out, 0, KS_FXSAVE_SIZE);
	put_components(f, bv, &w);
	put_mxcsr(&w, mxcsr(f, bv));
	return 0;
}

int
ks_fpu_get_redox(const struct ks_fpu *f, unsigned char out[KS_REDOX_FP_SIZE])
{
	unsigned char fx[KS_FXSAVE_SIZE];
	int err = ks_fpu_get_fx(f, fx);

	if (err)
		return err;
	fx[FX_RESERVED] = 0;
	for (int i = 0; i < 8; i++)
		memset(fx + FX_ST + 16 * i + 10, 0, 6);
	memcpy(out, fx, KS_REDOX_FP_SIZE);
	return 0;
}

/* XSTATE_BV; and, as Linux has it, which components there are at all. */
static void
put_header(const struct window *w, uint64_t have, uint64_t bv)
{
	unsigned char word[8];

	le64_put(word, have);
	put(w, FX_LINUX_MASK, word, sizeof(word));
	le64_put(word, bv);
	put(w, XSAVE_BV, word, sizeof(word));
}

int64_t
ks_fpu_get_xstate(const struct ks_fpu *f, uint64_t off, void *out, size_t len)
{
	uint64_t size = f->layout->size, have, bv, shown;
	struct window w = {out, off, len};
	int err;

	if (!f->layout->user)
		return -ENODEV;
	err = ks_xsave_look(f, &have, &bv);
	if (err)
		return err;
	if (off >= size)
		return 0;
	if (w.len > size - off)
		w.len = size - off;
	memset(out, 0, (size_t)w.len);
	put_components(f, bv, &w);
	put_mxcsr(&w, mxcsr(f, bv));
	/*
	 * A tracer that writes the image back must not lose MXCSR for want of
	 * a bit, so show SSE in use, as XSAVEC does.
	 */
	shown = bv;
	if (!(bv & (KS_XF_SSE | KS_XF_AVX)) && mxcsr(f, bv) != MXCSR_INIT)
		shown |= KS_XF_SSE;
	put_header(&w, have, shown);
	return (int64_t)w.len;
}
