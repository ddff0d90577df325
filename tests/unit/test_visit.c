/* SPDX-License-Identifier: MIT */
/* The visitor of the memory of another address space. */
#include "suite.h"

#include <string.h>

#include "ram.h"

#define PAGE 0x1000ull
#define MIB2 0x200000ull
#define RW   (KS_READ | KS_WRITE | KS_USER)

static struct ram ram;
static struct ks_space space;
static unsigned char buf[1 << 20], want[1 << 20];

#define MACHINES 6

static void
machine(int i)
{
	ram_init(&ram, 4096, i % 3, i < 3 ? 4 : 5);
	ck_assert_int_eq(ks_space_init(&space, &ram.m, ks_paddr(0)), 0);
	for (size_t n = 0; n < sizeof(want); n++)
		want[n] = n * 7 + (n >> 8) * 13 + (n >> 16);
}

static int
put_leaf(void *arg, uint64_t va, const struct ks_xlat *x)
{
	(void)arg;
	(void)va;
	for (uint64_t off = 0; off < x->leaf_size; off += PAGE)
		ram.m.ops->frame_put(&ram.m, ks_paddr(x->pa.v + off));
	return 0;
}

/* Free all; nothing may be in use after that. */
static void
done(void)
{
	ck_assert(!ram.locked);
	ck_assert_int_eq(ks_unmap(&space, 0, 1ull << 47, put_leaf, NULL), 0);
	ks_space_fini(&space);
	ck_assert_uint_eq(ram_used(&ram), 0);
	ram_fini(&ram);
}

static void
map(uint64_t va, ks_paddr_t pa, uint64_t size, unsigned flags)
{
	ck_assert_int_eq(ks_map(&space, va, pa, size, flags, MIB2), 0);
}

/* A visitor that takes what it gets, and ends when told. */
struct taker {
	unsigned calls;
	uint64_t taken;
	uint64_t most;	/* take no more than so much in all */
	int64_t err;	/* then return this, if not 0 */
	uint64_t unmap; /* unmap this page while the run is held */
	unsigned char *to;
};

static int64_t
take(void *arg, void *run, size_t len)
{
	struct taker *t = arg;

	ck_assert(!ram.locked);
	ck_assert_uint_gt(len, 0);
	t->calls++;
	if (t->unmap)
		ck_assert_int_eq(
		    ks_unmap(&space, t->unmap, PAGE, put_leaf, NULL), 0);
	if (t->taken == t->most && t->err)
		return t->err;
	if (len > t->most - t->taken)
		len = t->most - t->taken;
	if (t->to)
		memcpy(t->to + t->taken, run, len);
	else
		memset(run, 'v', len);
	t->taken += len;
	return len;
}

static int64_t
visit(struct taker *t, uint64_t va, size_t len, unsigned access)
{
	return ks_mem_visit(&space, ks_uaddr(va), len, access, false, take, t);
}

START_TEST(visitor)
{
	struct taker t = {.most = ~0ull, .to = buf};
	size_t used;

	machine(_i);
	map(MIB2, ram_run(&ram, 512, MIB2), MIB2, RW);
	map(2 * MIB2 + PAGE, ram_frame(&ram), PAGE, RW);
	map(2 * MIB2, ram_frame(&ram), PAGE, RW);
	used = ram_used(&ram);
	ck_assert_int_eq(ks_mem_write(&space, ks_uaddr(2 * MIB2 - 90000), want,
				      90000 + PAGE, false),
			 90000 + PAGE);
	ck_assert_int_eq(visit(&t, 2 * MIB2 - 90000, 90000 + 2 * PAGE, KS_READ),
			 90000 + 2 * PAGE);
	ck_assert_mem_eq(buf, want, 90000 + PAGE);
	if (_i % 3 == RAM_DIRECT)
		ck_assert_uint_eq(t.calls, 3);
	/* Short; an error after something; an error at once. */
	t = (struct taker){.most = 5000, .to = buf};
	ck_assert_int_eq(visit(&t, 2 * MIB2, 2 * PAGE, KS_READ), 5000);
	t = (struct taker){.most = PAGE, .err = -EINTR, .to = buf};
	ck_assert_int_eq(visit(&t, 2 * MIB2, 2 * PAGE, KS_READ), PAGE);
	ck_assert_uint_eq(t.calls, 2);
	t = (struct taker){.err = -EINTR};
	ck_assert_int_eq(visit(&t, 2 * MIB2, 2 * PAGE, KS_READ), -EINTR);
	t = (struct taker){0};
	ck_assert_int_eq(visit(&t, 2 * MIB2, 2 * PAGE, KS_READ), 0);
	t = (struct taker){.most = ~0ull};
	ck_assert_int_eq(visit(&t, 2 * MIB2 + 9, 5, KS_WRITE), 5);
	ck_assert_int_eq(
	    ks_mem_read(&space, ks_uaddr(2 * MIB2), buf, 16, false), 16);
	ck_assert_mem_eq(buf + 9, "vvvvv", 5);
	ck_assert_uint_eq(ram_used(&ram), used);
	/* What is visited stays, even if it is unmapped meanwhile. */
	t = (struct taker){.most = ~0ull, .to = buf, .unmap = 2 * MIB2};
	ck_assert_int_eq(visit(&t, 2 * MIB2 + 8, 8, KS_READ), 8);
	ck_assert_uint_eq(ram_used(&ram), used - 1);
	done();
}
END_TEST

/* A run is one run: copies are not cut at the pages. */
START_TEST(contiguous_runs)
{
	struct taker t = {.most = ~0ull, .to = buf};
	ks_paddr_t pa;

	machine(_i);
	pa = ram_run(&ram, 32, 16 * PAGE);
	for (unsigned i = 0; i < 32; i++)
		map(i * PAGE, ks_paddr(pa.v + i * PAGE), PAGE,
		    i % 2 ? RW : RW | KS_SOFT1);
	ck_assert_int_eq(visit(&t, 5, 32 * PAGE - 5, KS_READ), 32 * PAGE - 5);
	ck_assert_uint_eq(t.calls, _i % 3 == RAM_DIRECT ? 1 : 2);
	done();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("visit");
	TCase *tc = tcase_create("visit");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, visitor, 0, MACHINES);
	tcase_add_loop_test(tc, contiguous_runs, 0, MACHINES);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
