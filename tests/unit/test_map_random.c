/* SPDX-License-Identifier: MIT */
/* The mapper: operations at random, against a plain model. */
#include "suite.h"

#include <string.h>

#include "ram.h"

#define KIB4 0x1000ull
#define MIB2 0x200000ull
#define GIB1 0x40000000ull
#define RW   (KS_READ | KS_WRITE | KS_USER)
#define RX   (KS_READ | KS_EXEC | KS_USER)

static struct ram ram;
static struct ks_space space;

#define MACHINES 6

static struct ks_xlat
at(uint64_t va)
{
	struct ks_xlat x = {0};

	if (ks_walk(&space, ks_uaddr(va), &x))
		x.flags = 0;
	return x;
}

/* The model: what each page of 8 MiB about a 1 GiB boundary must be. */
#define PAGES 2048
#define BASE  (GIB1 - 4 * MIB2 / 2)

static struct {
	uint64_t pa;
	unsigned flags; /* 0: not mapped */
} model[PAGES];

static unsigned
pick(unsigned n)
{
	return (unsigned)rand() % n;
}

static int
model_leaf(void *arg, uint64_t va, const struct ks_xlat *x)
{
	unsigned i = (va - BASE) / KIB4;
	unsigned *pages = arg;

	for (uint64_t off = 0; off < x->leaf_size; off += KIB4, i++) {
		ck_assert_uint_lt(i, PAGES);
		ck_assert_uint_eq(model[i].pa, x->pa.v + off);
		ck_assert_uint_eq(model[i].flags, x->flags);
		++*pages;
	}
	return 0;
}

/* How many tables are below TABLE, itself included; none may be empty. */
static size_t
count_tables(uint64_t table, unsigned level, bool root)
{
	size_t n = 1;
	bool any = root;

	for (unsigned i = 0; i < 512; i++) {
		uint64_t e = ram_load64(&ram, ks_paddr(table + 8 * i));

		any = any || e;
		if (level > 1 && (e & 0x81) == 1)
			n +=
			    count_tables(e & 0xffffffffff000, level - 1, false);
	}
	ck_assert(any);
	return n;
}

static void
check_model(void)
{
	unsigned pages = 0, want = 0;

	for (unsigned i = 0; i < PAGES; i++)
		want += model[i].flags != 0;
	/* ks_each_leaf() sees the same pages; so some walks are enough. */
	for (unsigned i = pick(8); i < PAGES; i += 8) {
		struct ks_xlat x = at(BASE + i * KIB4);

		ck_assert_uint_eq(x.flags, model[i].flags);
		if (x.flags)
			ck_assert_uint_eq(x.pa.v, model[i].pa);
	}
	ck_assert_int_eq(
	    ks_each_leaf(&space, BASE, PAGES * KIB4, model_leaf, &pages), 0);
	ck_assert_uint_eq(pages, want);
	ck_assert_uint_eq(count_tables(space.root.v, ram.m.pt_levels, true),
			  ram_used(&ram));
}

static void
random_map(unsigned first, unsigned n)
{
	static const unsigned flags[] = {RW, RX, KS_USER, RX | KS_COW};
	uint64_t leaf = pick(2) ? MIB2 : KIB4;
	unsigned f = flags[pick(4)];
	bool exists = false;
	uint64_t pa;
	int err;

	if (pick(2) && first >= 512) {
		first &= ~511u;
		n = (n | 511) + 1;
		n = first + n > PAGES ? PAGES - first : n;
	}
	pa = pick(4) ? GIB1 + first * KIB4 : pick(1 << 20) * KIB4;
	for (unsigned i = first; i < first + n; i++)
		exists = exists || model[i].flags;
	err = ks_map(&space, BASE + first * KIB4, ks_paddr(pa), n * KIB4, f,
		     leaf);
	if (exists)
		ck_assert_int_eq(err, -EEXIST);
	for (unsigned i = 0; !err && i < n; i++) {
		model[first + i].pa = pa + i * KIB4;
		model[first + i].flags = f;
	}
}

static void
random_unmap(unsigned first, unsigned n)
{
	unsigned pages = 0, want = 0;
	int err =
	    ks_unmap(&space, BASE + first * KIB4, n * KIB4, model_leaf, &pages);

	for (unsigned i = first; i < first + n; i++)
		want += model[i].flags != 0;
	ck_assert_uint_eq(pages, err ? 0 : want);
	for (unsigned i = first; !err && i < first + n; i++)
		model[i].flags = 0;
}

static void
random_protect(unsigned first, unsigned n)
{
	static const unsigned rwx = KS_READ | KS_WRITE | KS_EXEC;
	unsigned f = pick(2) ? pick(2) * (KS_READ | KS_WRITE) : KS_READ;
	unsigned mask = rwx | (pick(4) ? 0 : KS_COW);
	int err = ks_protect(&space, BASE + first * KIB4, n * KIB4, f, mask);

	for (unsigned i = first; !err && i < first + n; i++)
		if (model[i].flags) {
			model[i].flags = (model[i].flags & ~mask) | f;
			if (model[i].flags & KS_COW && f & KS_WRITE)
				model[i].flags &= ~KS_WRITE;
		}
}

START_TEST(random_against_model)
{
	srand(_i + 1);
	ram_init(&ram, 1024, _i % 3, _i < 3 ? 4 : 5);
	ck_assert_int_eq(ks_space_init(&space, &ram.m, ks_paddr(0)), 0);
	memset(model, 0, sizeof(model));
	for (int step = 0; step < 80; step++) {
		unsigned n = 1 + pick(pick(3) ? 40 : 900);
		unsigned first = pick(PAGES - n);

		ram.fail_at = pick(4) ? 0 : ram.calls + 1 + pick(4);
		switch (pick(5)) {
		case 0:
		case 1:
			random_map(first, n);
			break;
		case 2:
		case 3:
			random_unmap(first, n);
			break;
		case 4:
			random_protect(first, n);
			break;
		}
		check_model();
	}
	ks_space_fini(&space);
	ck_assert_uint_eq(ram_used(&ram), 0);
	ram_fini(&ram);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("map_random");
	TCase *tc = tcase_create("map_random");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, random_against_model, 0, MACHINES);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
