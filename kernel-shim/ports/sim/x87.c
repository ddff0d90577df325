/* SPDX-License-Identifier: MIT */
/*
 * Floating point state. It is always in the thread's saved area, in the form
 * in which FXSAVE or XSAVE left it (SDM volume 1, 10.5.1 and 13.4).
 */
#include <string.h>

#include "sim_int.h"

#define AVX_SIZE 256

void
sim_layout_init(struct ks_xlayout *l, enum sim_fpu kind)
{
	memset(l, 0, sizeof(*l));
	l->mxcsr_mask = 0xffff;
	l->area_size = KS_FXSAVE_SIZE;
	if (kind == SIM_FPU_FX)
		return;
	l->user = KS_XF_X87 | KS_XF_SSE | KS_XF_AVX;
	l->comp[2].offset = KS_XSAVE_MIN_SIZE;
	l->comp[2].size = AVX_SIZE;
	l->size = KS_XSAVE_MIN_SIZE + AVX_SIZE;
	l->area_size = l->size;
}

/*
 * Component BIT is about to be changed: it is no longer in its initial state,
 * which a saved area need not show in its bytes (SDM volume 1, 13.6).
 */
static void
leave_init(struct sim_thread *t, unsigned bit)
{
	unsigned char *fx = t->fpu;

	if (!t->s->layout.user || (fx[512] >> bit & 1))
		return;
	fx[512] |= 1u << bit;
	if (bit == 1) {
		memset(fx + 160, 0, 256);
		return;
	}
	memset(fx, 0, 24);
	fx[0] = 0x7f;
	fx[1] = 0x03;
	memset(fx + 32, 0, 128);
}

void
sim_x87_push(struct sim_thread *t, const unsigned char value[10])
{
	unsigned char *fx = t->fpu;
	unsigned top;

	leave_init(t, 0);
	top = ((fx[3] >> 3) - 1) & 7;
	memmove(fx + 48, fx + 32, 7 * 16);
	memset(fx + 32, 0, 16);
	memcpy(fx + 32, value, 10);
	fx[3] = (fx[3] & ~0x38) | top << 3;
	fx[4] |= 1u << top;
}

void
sim_xmm_set(struct sim_thread *t, unsigned reg, uint64_t v)
{
	unsigned char *to = t->fpu + 160 + 16 * reg;

	leave_init(t, 1);
	memset(to, 0, 16);
	for (int i = 0; i < 8; i++)
		to[i] = v >> 8 * i & 0xff;
}
