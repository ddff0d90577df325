/* SPDX-License-Identifier: MIT */
#include "xlayout.h"

#include "cpu.h"
#include "errno.h"
#include "fpu.h"
#include "string.h"
#include "thread.h"

#define FX_MXCSR_MASK 28

static void
cpuid_fn(void *arg, uint32_t leaf, uint32_t sub, uint32_t out[4])
{
	(void)arg;
	cpuid(leaf, sub, out);
}

static int
make(struct ks_xlayout *l)
{
	unsigned char fx[KS_FXSAVE_SIZE] __attribute__((aligned(16)));
	uint32_t mask;

	__asm__ volatile("fxsave64 %0" : "=m"(fx));
	memcpy(&mask, fx + FX_MXCSR_MASK, sizeof(mask));
	return ks_xlayout_init(l, cpu_features.xsave ? fpu_xfeatures : 0, 0,
			       mask, cpuid_fn, NULL);
}

const struct ks_xlayout *
xlayout(void)
{
	static struct ks_xlayout layout;
	static bool made;

	if (!made && make(&layout))
		return NULL;
	made = true;
	return &layout;
}

int
xlayout_fpu(struct thread *t, struct ks_fpu *out)
{
	out->layout = xlayout();
	if (!out->layout)
		return -ENODEV;
	thread_fpu_flush(t);
	out->area = t->fpu;
	return 0;
}
