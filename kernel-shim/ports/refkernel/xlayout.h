/* SPDX-License-Identifier: MIT */
/*
 * The layout of this CPU's XSAVE areas, for the shim's functions on them.
 */
#ifndef REFKERNEL_XLAYOUT_H
#define REFKERNEL_XLAYOUT_H

#include <kshim/fpu.h>

struct thread;

/* Never changes once made; NULL if the CPU contradicts itself. */
const struct ks_xlayout *xlayout(void);

/* T's saved state, brought up to date. -ENODEV. */
int xlayout_fpu(struct thread *t, struct ks_fpu *out);

#endif
