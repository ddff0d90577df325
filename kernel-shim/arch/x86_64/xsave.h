/* SPDX-License-Identifier: MIT */
/*
 * The layout of FXSAVE and XSAVE images (SDM volume 1, 10.5 and 13.4), and
 * where things are in them. Private to this directory.
 */
#ifndef KS_XSAVE_H
#define KS_XSAVE_H

#include <kshim/fpu.h>

enum {
	FX_FCW = 0,
	FX_RESERVED = 5,
	FX_MXCSR = 24,
	FX_MXCSR_MASK = 28,
	FX_ST = 32,
	FX_XMM = 160,
	FX_SOFTWARE = 416,   /* the processor leaves the rest alone */
	FX_LINUX_MASK = 464, /* Linux's xfeatures, in what it hands out */
	XSAVE_BV = 512,
	XSAVE_COMP_BV = 520,
	XSAVE_RESERVED = 528,
	XSAVE_EXTENDED = 576, /* components from number 2 up */
};

/* Of XCOMP_BV: the image is compacted. */
#define XCOMP_COMPACTED (UINT64_C(1) << 63)

#define FCW_INIT     0x37f
#define FCW_RESERVED 0xe0c0
#define MXCSR_INIT   0x1f80

static inline uint16_t
le16_get(const unsigned char *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t
le32_get(const unsigned char *p)
{
	return le16_get(p) | (uint32_t)le16_get(p + 2) << 16;
}

static inline uint64_t
le64_get(const unsigned char *p)
{
	return le32_get(p) | (uint64_t)le32_get(p + 4) << 32;
}

static inline void
le16_put(unsigned char *p, uint16_t v)
{
	p[0] = (unsigned char)v;
	p[1] = (unsigned char)(v >> 8);
}

static inline void
le32_put(unsigned char *p, uint32_t v)
{
	le16_put(p, (uint16_t)v);
	le16_put(p + 2, (uint16_t)(v >> 16));
}

static inline void
le64_put(unsigned char *p, uint64_t v)
{
	le32_put(p, (uint32_t)v);
	le32_put(p + 4, (uint32_t)(v >> 32));
}

/*
 * Look at a saved area: OUT_HAVE gets the user components that it has room
 * for, OUT_BV those of them that are not in their initial state. -EIO.
 */
int ks_xsave_look(const struct ks_fpu *f, uint64_t *out_have, uint64_t *out_bv);

/* Where component I (2 and up, one that the area has) is in it. */
unsigned char *ks_xsave_component(const struct ks_fpu *f, unsigned i);

/* True if F's area is in the compacted format. */
bool ks_xsave_is_compacted(const struct ks_fpu *f);

#endif
