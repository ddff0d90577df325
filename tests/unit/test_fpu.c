/* SPDX-License-Identifier: MIT */
/*
 * FPU export. The machine is a fixed one, with the components and CPUID
 * answers of a server processor (AVX-512, PKRU, AMX, two supervisor states).
 * Images are compared as bytes, so that a big-endian host is tested too.
 */
#include "suite.h"

#include <kshim/fpu.h>
#include <string.h>

#define XCR0 UINT64_C(0x602e7)
#define XSS  UINT64_C(0x1800)
#define SIZE 11008
#define AREA 16384
#define MASK 0x2ffffu

/* Loop tests run for each format of the saved area. */
enum { FX, STANDARD, COMPACTED, FORMATS };

static struct ks_xlayout layout, no_xsave;
static unsigned char area[AREA], before[AREA], image[AREA], other[AREA];
static struct ks_fpu fpu;

static void
cpuid(void *arg, uint32_t leaf, uint32_t sub, uint32_t out[4])
{
	static const uint32_t leaves[][4] = {
	    {2, 0x100, 0x240, 0}, {5, 0x40, 0x440, 0},	{6, 0x200, 0x480, 0},
	    {7, 0x400, 0x680, 0}, {9, 8, 0xa80, 0},	{11, 0x10, 0, 1},
	    {12, 0x18, 0, 1},	  {17, 0x40, 0xac0, 2}, {18, 0x2000, 0xb00, 6},
	};

	(void)arg;
	ck_assert_uint_eq(leaf, 0xd);
	memset(out, 0, 16);
	for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++)
		if (leaves[i][0] == sub)
			memcpy(out, leaves[i] + 1, 12);
}

static uint64_t
get(const unsigned char *p, int bytes)
{
	uint64_t v = 0;

	while (bytes-- > 0)
		v = v << 8 | p[bytes];
	return v;
}

static void
set(unsigned char *p, int bytes, uint64_t v)
{
	for (; bytes-- > 0; v >>= 8)
		*p++ = (unsigned char)v;
}

static uint32_t seed;

static unsigned
rnd(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 16;
}

static void
scramble(unsigned char *p, size_t n)
{
	while (n-- > 0)
		*p++ = (unsigned char)rnd();
}

static void
start(int format)
{
	memset(&layout, 0, sizeof(layout));
	ck_assert_int_eq(ks_xlayout_init(&layout, XCR0, XSS, MASK, cpuid, NULL),
			 0);
	ck_assert_int_eq(ks_xlayout_init(&no_xsave, 0, 0, 0, NULL, NULL), 0);
	no_xsave.mxcsr_mask = MASK;
	ck_assert_uint_le(layout.area_size, AREA);
	seed = 1;
	scramble(area, sizeof(area));
	fpu = (struct ks_fpu){format == FX ? &no_xsave : &layout, area};
	ks_fpu_reset(&fpu, format == COMPACTED);
}

/* A valid random NT_X86_XSTATE image with the components BV. */
static void
make_image(unsigned char *p, uint64_t bv)
{
	scramble(p, SIZE);
	memset(p + 512, 0, 64);
	set(p + 512, 8, bv);
	set(p + 24, 4, rnd() & 0xffbf);
	set(p + 28, 4, MASK);
}

/* The area must not change over a call that fails with ERR. */
#define fails(call, err)                                                       \
	do {                                                                   \
		memcpy(before, area, sizeof(area));                            \
		ck_assert_int_eq(call, -(err));                                \
		ck_assert_mem_eq(before, area, sizeof(area));                  \
	} while (0)

START_TEST(layout_from_cpuid)
{
	start(STANDARD);
	ck_assert_uint_eq(layout.user, XCR0);
	ck_assert_uint_eq(layout.size, SIZE);
	ck_assert_uint_eq(ks_fpu_xstate_size(&layout), SIZE);
	ck_assert_uint_eq(layout.comp[18].offset, 0xb00);
	ck_assert(layout.comp[17].align64 && !layout.comp[9].align64);
	ck_assert_uint_eq(layout.comp[12].size, 0x18);
	/* 576 + 256 + 64 + 512 + 1024 + 8 + 16 + 24, to 64, + 64 + 8192 */
	ck_assert_uint_eq(layout.area_size, SIZE);
	ck_assert_uint_eq(ks_fpu_xstate_size(&no_xsave), 0);
	ck_assert_int_eq(ks_xlayout_init(&no_xsave, 0, 0, 0, NULL, NULL), 0);
	ck_assert_uint_eq(no_xsave.mxcsr_mask, 0xffbf);
	ck_assert_uint_eq(no_xsave.area_size, 512);
}
END_TEST

/* Each is one thing wrong with a layout. */
static void
break_layout(int i)
{
	switch (i) {
	case 0:
		layout.user &= ~KS_XF_SSE;
		break;
	case 1:
		layout.user |= UINT64_C(1) << 32;
		break;
	case 2:
		layout.user |= UINT64_C(1) << 11;
		break;
	case 3:
		layout.user |= UINT64_C(1) << 8; /* has no size */
		break;
	case 4:
		layout.comp[2].offset = 512;
		break;
	case 5:
		layout.comp[18].size += 8;
		break;
	case 6:
		layout.comp[18].offset = UINT32_MAX - 7;
		break;
	case 7:
		layout.size = 512;
		break;
	case 8:
		layout.size -= 4;
		break;
	case 9:
		layout.area_size = layout.size - 8;
		break;
	case 10:
		layout.mxcsr_mask = 0;
		break;
	case 11:
		layout.comp[12].size = 1u << 25;
		break;
	}
}

START_TEST(layout_errors)
{
	start(STANDARD);
	ck_assert_int_eq(ks_xlayout_check(&layout), 0);
	break_layout(_i);
	ck_assert_int_eq(ks_xlayout_check(&layout), -EINVAL);
	no_xsave.area_size = 511;
	ck_assert_int_eq(ks_xlayout_check(&no_xsave), -EINVAL);
}
END_TEST

START_TEST(fresh_state)
{
	start(_i);
	ck_assert_int_eq(ks_fpu_get_fx(&fpu, image), 0);
	ck_assert_uint_eq(get(image, 8), 0x37f);
	ck_assert_uint_eq(get(image + 24, 8), (uint64_t)MASK << 32 | 0x1f80);
	for (int i = 32; i < 512; i++)
		ck_assert_uint_eq(image[i], 0);
	if (_i == FX)
		return;
	scramble(image, SIZE);
	ck_assert_int_eq(ks_fpu_get_xstate(&fpu, 0, image, SIZE), SIZE);
	ck_assert_uint_eq(get(image, 2), 0x37f);
	ck_assert_uint_eq(get(image + 464, 8), XCR0);
	for (int i = 472; i < SIZE; i++)
		ck_assert_uint_eq(image[i], 0);
}
END_TEST

START_TEST(fx_round_trip)
{
	start(_i);
	make_image(image, 0);
	ck_assert_int_eq(ks_fpu_set_fx(&fpu, image, 512), 0);
	ck_assert_int_eq(ks_fpu_get_fx(&fpu, other), 0);
	ck_assert_mem_eq(image, other, 416);
	for (int i = 416; i < 512; i++)
		ck_assert_uint_eq(other[i], 0);
	/* A regset's excess is cut, in words. */
	ck_assert_int_eq(ks_fpu_set_fx(&fpu, image, 520), 0);
	if (_i != FX)
		ck_assert_uint_eq(get(area + 512, 8), 3);
}
END_TEST

START_TEST(fx_errors)
{
	start(_i);
	make_image(image, 0);
	fails(ks_fpu_set_fx(&fpu, image, 504), EINVAL);
	fails(ks_fpu_set_fx(&fpu, image, 516), EINVAL);
	fails(ks_fpu_set_fx(&fpu, image, 0), EINVAL);
	for (int bit = 0; bit < 32; bit++) {
		set(image + 24, 4, UINT64_C(1) << bit);
		if (MASK >> bit & 1)
			ck_assert_int_eq(ks_fpu_set_fx(&fpu, image, 512), 0);
		else
			fails(ks_fpu_set_fx(&fpu, image, 512), EINVAL);
	}
}
END_TEST

START_TEST(redox_reserved_fields)
{
	static unsigned char old[SIZE], now[512], in[416], out[416];

	start(_i);
	make_image(old, 0);
	ck_assert_int_eq(ks_fpu_set_fx(&fpu, old, 512), 0);
	ck_assert_int_eq(ks_fpu_get_redox(&fpu, out), 0);
	for (int i = 0; i < 416; i++)
		if (i == 5 || (i >= 32 && i < 160 && i % 16 >= 10))
			ck_assert_uint_eq(out[i], 0);
		else
			ck_assert_uint_eq(out[i], old[i]);

	scramble(in, sizeof(in));
	set(in + 24, 4, 0x1fa0);
	ck_assert_int_eq(ks_fpu_set_redox(&fpu, in), 0);
	ck_assert_int_eq(ks_fpu_get_fx(&fpu, now), 0);
	ck_assert_uint_eq(get(now, 2),
			  (get(old, 2) & 0xe0c0) | (get(in, 2) & 0x1f3f));
	for (int i = 2; i < 416; i++)
		if (i == 5 || (i >= 28 && i < 32) ||
		    (i >= 32 && i < 160 && i % 16 >= 10))
			ck_assert_uint_eq(now[i], old[i]);
		else
			ck_assert_uint_eq(now[i], in[i]);
	set(in + 24, 4, 0x40000);
	fails(ks_fpu_set_redox(&fpu, in), EINVAL);
}
END_TEST

/* What IMAGE must read back as, from Linux's rules. */
static void
expect(unsigned char *p, const unsigned char *from, uint64_t bv)
{
	memset(p, 0, SIZE);
	set(p, 2, 0x37f);
	set(p + 24, 8, (uint64_t)MASK << 32 | 0x1f80);
	if (bv & 1) {
		memcpy(p, from, 24);
		memcpy(p + 32, from + 32, 128);
	}
	if (bv & 2)
		memcpy(p + 160, from + 160, 256);
	if (bv & 6)
		memcpy(p + 24, from + 24, 4);
	for (int i = 2; i < KS_XCOMP_MAX; i++)
		if (bv >> i & 1)
			memcpy(p + layout.comp[i].offset,
			       from + layout.comp[i].offset,
			       layout.comp[i].size);
	set(p + 464, 8, XCR0);
	set(p + 512, 8, bv);
}

START_TEST(xstate_round_trip)
{
	start(_i);
	for (int n = 0; n < 500; n++) {
		static unsigned char want[SIZE];
		uint64_t bv = (rnd() | (uint64_t)rnd() << 16) & XCR0;
		uint64_t off, len;

		make_image(image, bv);
		ck_assert_int_eq(ks_fpu_set_xstate(&fpu, image, SIZE), 0);
		scramble(other, SIZE);
		ck_assert_int_eq(ks_fpu_get_xstate(&fpu, 0, other, SIZE + 8),
				 SIZE);
		expect(want, image, bv);
		ck_assert_mem_eq(want, other, SIZE);

		off = rnd() % (SIZE + 16);
		len = rnd() % (SIZE / 4);
		scramble(other, SIZE);
		memcpy(image, other, SIZE);
		if (off > SIZE)
			len = 0;
		else if (len > SIZE - off)
			len = SIZE - off;
		ck_assert_int_eq(ks_fpu_get_xstate(&fpu, off, other, len),
				 (int64_t)len);
		if (len)
			ck_assert_mem_eq(want + off, other, len);
		ck_assert_mem_eq(image + len, other + len, SIZE - len);
	}
}
END_TEST

START_TEST(xstate_errors)
{
	start(_i);
	make_image(image, XCR0);
	ck_assert_int_eq(ks_fpu_set_xstate(&fpu, image, SIZE + 8), 0);
	make_image(image, XCR0);
	fails(ks_fpu_set_xstate(&fpu, image, SIZE - 8), EFAULT);
	fails(ks_fpu_set_xstate(&fpu, image, 0), EFAULT);
	fails(ks_fpu_set_xstate(&fpu, image, SIZE - 4), EINVAL);
	fails(ks_fpu_set_xstate(&fpu, image, SIZE + 4), EINVAL);
	for (int bit = 0; bit < 64; bit++) {
		make_image(image, UINT64_C(1) << bit);
		if (XCR0 >> bit & 1)
			ck_assert_int_eq(ks_fpu_set_xstate(&fpu, image, SIZE),
					 0);
		else
			fails(ks_fpu_set_xstate(&fpu, image, SIZE), EINVAL);
	}
	for (int i = 520; i < 576; i++) {
		make_image(image, XCR0);
		image[i] = 0x80;
		fails(ks_fpu_set_xstate(&fpu, image, SIZE), EINVAL);
	}
	/* MXCSR counts with x87, SSE or AVX state only. */
	for (int i = 0; i < 8; i++) {
		make_image(image, UINT64_C(0x20) | i);
		set(image + 24, 4, 0x41f80);
		if (i)
			fails(ks_fpu_set_xstate(&fpu, image, SIZE), EINVAL);
		else
			ck_assert_int_eq(ks_fpu_set_xstate(&fpu, image, SIZE),
					 0);
	}
}
END_TEST

START_TEST(no_xstate_without_xsave)
{
	start(FX);
	fails(ks_fpu_set_xstate(&fpu, image, SIZE), ENODEV);
	ck_assert_int_eq(ks_fpu_get_xstate(&fpu, 0, image, SIZE), -ENODEV);
}
END_TEST

/* An area as the processor leaves it: stale bytes where nothing is in use. */
START_TEST(init_state_is_exported)
{
	start(_i);
	scramble(area, 512);
	scramble(area + 576, layout.area_size - 576);
	set(area + 24, 4, 0x1f80);
	ck_assert_int_eq(ks_fpu_get_xstate(&fpu, 0, image, SIZE), SIZE);
	expect(other, area, 0);
	ck_assert_mem_eq(image, other, SIZE);
	/* Setting x87 and SSE alone brings nothing stale back. */
	make_image(image, 0);
	ck_assert_int_eq(ks_fpu_set_fx(&fpu, image, 512), 0);
	ck_assert_int_eq(ks_fpu_get_xstate(&fpu, 0, other, SIZE), SIZE);
	expect(before, image, 3);
	ck_assert_mem_eq(before, other, SIZE);
}
END_TEST

/* XSAVE stores MXCSR though SSE is in its initial state; XRSTOR loads it. */
START_TEST(mxcsr_of_the_standard_format)
{
	start(STANDARD);
	set(area + 24, 4, 0x9fc0);
	ck_assert_int_eq(ks_fpu_get_fx(&fpu, image), 0);
	ck_assert_uint_eq(get(image + 24, 4), 0x9fc0);
	ck_assert_int_eq(ks_fpu_get_xstate(&fpu, 0, image, SIZE), SIZE);
	ck_assert_uint_eq(get(image + 24, 4), 0x9fc0);
	ck_assert_uint_eq(get(image + 512, 8), KS_XF_SSE);
	ck_assert_int_eq(ks_fpu_set_xstate(&fpu, image, SIZE), 0);
	ck_assert_uint_eq(get(area + 24, 4), 0x9fc0);
	/* An image without SSE and AVX resets it, also for XRSTOR. */
	make_image(image, KS_XF_X87);
	ck_assert_int_eq(ks_fpu_set_xstate(&fpu, image, SIZE), 0);
	ck_assert_uint_eq(get(area + 24, 4), 0x1f80);

	start(COMPACTED);
	set(area + 24, 4, 0x9fc0);
	ck_assert_int_eq(ks_fpu_get_fx(&fpu, image), 0);
	ck_assert_uint_eq(get(image + 24, 4), 0x1f80);
}
END_TEST

START_TEST(compacted_places)
{
	/* x87, SSE, AVX, ZMM high, a supervisor state, AMX configuration */
	const uint64_t comp = 0x20000 | 0x1000 | 0x40 | 7;

	start(COMPACTED);
	set(area + 520, 8, comp | UINT64_C(1) << 63);
	set(area + 512, 8, comp);
	set(area + 576, 8, 0xa0);
	set(area + 576 + 256, 8, 0xa1);
	set(area + 576 + 256 + 512 + 24 + 40, 8, 0xa2); /* to 64 */
	ck_assert_int_eq(ks_fpu_get_xstate(&fpu, 0, image, SIZE), SIZE);
	ck_assert_uint_eq(get(image + 0x240, 8), 0xa0);
	ck_assert_uint_eq(get(image + 0x480, 8), 0xa1);
	ck_assert_uint_eq(get(image + 0xac0, 8), 0xa2);
	ck_assert_uint_eq(get(image + 464, 8), comp & XCR0);
	ck_assert_uint_eq(get(image + 512, 8), comp & XCR0);
	/* There is no room for another component. */
	make_image(image, UINT64_C(1) << 9);
	fails(ks_fpu_set_xstate(&fpu, image, SIZE), EINVAL);
	/* Supervisor state is none of the tracer's. */
	make_image(image, KS_XF_AVX);
	ck_assert_int_eq(ks_fpu_set_xstate(&fpu, image, SIZE), 0);
	ck_assert_uint_eq(get(area + 512, 8), 0x1000 | KS_XF_AVX);
	ck_assert_mem_eq(area + 576, image + 0x240, 256);
}
END_TEST

START_TEST(corrupt_area)
{
	static const uint64_t bad[][2] = {
	    {UINT64_C(1) << 11, 0},		/* a supervisor bit, standard */
	    {UINT64_C(1) << 40, 0},	{0, 1}, /* neither format */
	    {0, UINT64_C(1) << 63 | 8},		/* an unknown component */
	    {4, UINT64_C(1) << 63 | 3},		/* in use, not held */
	};

	start(STANDARD);
	set(area + 512, 8, bad[_i][0]);
	set(area + 520, 8, bad[_i][1]);
	make_image(image, 7);
	fails(ks_fpu_get_fx(&fpu, other), EIO);
	fails(ks_fpu_get_redox(&fpu, other), EIO);
	fails((int)ks_fpu_get_xstate(&fpu, 0, other, SIZE), EIO);
	fails(ks_fpu_set_fx(&fpu, image, 512), EIO);
	fails(ks_fpu_set_redox(&fpu, image), EIO);
	fails(ks_fpu_set_xstate(&fpu, image, SIZE), EIO);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("fpu");
	TCase *tc = tcase_create("fpu");

	tcase_add_test(tc, layout_from_cpuid);
	tcase_add_loop_test(tc, layout_errors, 0, 12);
	tcase_add_loop_test(tc, fresh_state, 0, FORMATS);
	tcase_add_loop_test(tc, fx_round_trip, 0, FORMATS);
	tcase_add_loop_test(tc, fx_errors, 0, FORMATS);
	tcase_add_loop_test(tc, redox_reserved_fields, 0, FORMATS);
	tcase_add_loop_test(tc, xstate_round_trip, STANDARD, FORMATS);
	tcase_add_loop_test(tc, xstate_errors, STANDARD, FORMATS);
	tcase_add_test(tc, no_xstate_without_xsave);
	tcase_add_loop_test(tc, init_state_is_exported, STANDARD, FORMATS);
	tcase_add_test(tc, mxcsr_of_the_standard_format);
	tcase_add_test(tc, compacted_places);
	tcase_add_loop_test(tc, corrupt_area, 0, 5);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
