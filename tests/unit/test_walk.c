/* SPDX-License-Identifier: MIT */
/*
 * The walker, on tables that are built by hand, bit by bit: what the mapper
 * would never make is tested too.
 */
#include "suite.h"

#include "ref_walk.h"

#define P   0x001ull
#define W   0x002ull
#define U   0x004ull
#define PS  0x080ull
#define NX  (1ull << 63)
#define PUW (P | W | U)

#define HELD (1ull << 58)

static struct ram ram;
static struct ks_space space;

/* Loop tests run once for each machine. */
#define MACHINES 6

static void
machine(int i)
{
	ks_paddr_t root;

	ram_init(&ram, 1024, i % 3, i < 3 ? 4 : 5);
	root = ram_frame(&ram);
	ks_space_adopt(&space, &ram.m, root);
}

/* Where the entry for VA at LEVEL is; makes the tables above, permissive. */
static ks_paddr_t
entry_at(uint64_t va, unsigned level)
{
	uint64_t table = space.root.v;

	for (unsigned l = ram.m.pt_levels;; l--) {
		ks_paddr_t at =
		    ks_paddr(table + 8 * (va >> (12 + 9 * (l - 1)) & 511));

		if (l == level)
			return at;
		if (!(ram_load64(&ram, at) & P))
			ram_store64(&ram, at, ram_frame(&ram).v | PUW);
		table = ram_load64(&ram, at) & 0xffffffffff000;
	}
}

static void
put(uint64_t va, unsigned level, uint64_t e)
{
	ram_store64(&ram, entry_at(va, level), e);
}

static int
walk(uint64_t va, struct ks_xlat *x)
{
	*x = (struct ks_xlat){0};
	return ks_walk(&space, ks_uaddr(va), x);
}

START_TEST(leaf_sizes)
{
	static const uint64_t size[] = {0, 1 << 12, 1 << 21, 1 << 30};
	struct ks_xlat x;

	machine(_i);
	for (unsigned level = 1; level <= 3; level++) {
		uint64_t va = (uint64_t)level << 40;

		put(va, level, 0x40000000 | PUW | (level > 1 ? PS : 0));
		ck_assert_int_eq(walk(va + 0xabc, &x), 0);
		ck_assert_uint_eq(x.pa.v, 0x40000abc);
		ck_assert_uint_eq(x.leaf_size, size[level]);
		ck_assert_uint_eq(x.flags,
				  KS_READ | KS_WRITE | KS_EXEC | KS_USER);
		ck_assert_int_eq(walk(va + size[level] - 1, &x), 0);
		ck_assert_uint_eq(x.pa.v, 0x40000000 + size[level] - 1);
		ck_assert_int_eq(walk(va + size[level], &x), -EFAULT);
	}
	ram_fini(&ram);
}
END_TEST

/* U, W and NX count wherever they are. */
START_TEST(rights_combine)
{
	const uint64_t va = 0x123456789000;

	machine(_i);
	put(va, 1, 0x5000 | PUW);
	for (unsigned level = 1; level <= ram.m.pt_levels; level++) {
		ks_paddr_t at = entry_at(va, level);
		uint64_t e = ram_load64(&ram, at);
		struct ks_xlat x;

		ram_store64(&ram, at, e & ~W);
		ck_assert_int_eq(walk(va, &x), 0);
		ck_assert_uint_eq(x.flags, KS_READ | KS_EXEC | KS_USER);
		ram_store64(&ram, at, e | NX);
		ck_assert_int_eq(walk(va, &x), 0);
		ck_assert_uint_eq(x.flags, KS_READ | KS_WRITE | KS_USER);
		ram_store64(&ram, at, e & ~U);
		ck_assert_int_eq(walk(va, &x), -EFAULT);
		ram_store64(&ram, at, e & ~P);
		ck_assert_int_eq(walk(va, &x), -EFAULT);
		ram_store64(&ram, at, e);
	}
	ram_fini(&ram);
}
END_TEST

START_TEST(not_user_addresses)
{
	struct ks_xlat x;
	struct ks_run run;
	uint64_t end;

	machine(_i);
	end = ram.m.pt_levels == 5 ? 1ull << 56 : 1ull << 47;
	/* Each would be found if its upper bits were dropped. */
	put(0, 1, 0x5000 | PUW);
	put(end - 4096, 1, 0x5000 | PUW);
	put(end, 1, 0x5000 | PUW);
	put(-4096ull, 1, 0x5000 | PUW);
	ck_assert_int_eq(walk(0, &x), 0);
	ck_assert_int_eq(walk(end - 1, &x), 0);
	ck_assert_int_eq(walk(end, &x), -EFAULT);
	ck_assert_int_eq(walk(end << 1, &x), -EFAULT);
	ck_assert_int_eq(walk(1ull << 63, &x), -EFAULT);
	ck_assert_int_eq(walk(-end, &x), -EFAULT);
	ck_assert_int_eq(walk(-1ull, &x), -EFAULT);
	ck_assert(ks_user_address(&ram.m, ks_uaddr(end - 1)));
	ck_assert(!ks_user_address(&ram.m, ks_uaddr(end)));
	/* A run ends where the user half does. */
	ck_assert_int_eq(ks_walk_run(&space, ks_uaddr(end - 8), 64, 0, &run),
			 0);
	ck_assert_uint_eq(run.len, 8);
	ck_assert_int_eq(ks_walk_run(&space, ks_uaddr(end), 64, 0, &run),
			 -EFAULT);
	ram_fini(&ram);
}
END_TEST

/* Every bit of every kind of entry, against the reference. */
START_TEST(each_bit)
{
	const uint64_t va = 0x3456789000;

	for (int variant = 0; variant < 8; variant++) {
		machine(_i);
		ram.m.nx = variant & 1;
		ram.m.huge_1g = variant & 2;
		ram.m.phys_bits = variant & 4 ? 32 : 52;
		put(va, 1, 0x7000 | PUW);
		for (unsigned n = 0; n < ram.m.pt_levels * 128; n++) {
			ks_paddr_t at = entry_at(va, n / 128 + 1);
			uint64_t e = ram_load64(&ram, at);
			struct ref_walk want;
			struct ks_xlat x;
			int err;

			if (n & 64 && n / 128 < 3)
				ram_store64(&ram, at, PUW | PS);
			ram_store64(&ram, at,
				    ram_load64(&ram, at) ^ 1ull << n % 64);
			want = ref_walk(&ram, space.root.v, va, false);
			err = walk(va, &x);
			if (!want.err && !want.u)
				want.err = -EFAULT;
			ck_assert_int_eq(err, want.err);
			if (!err) {
				ck_assert_uint_eq(x.pa.v, want.pa);
				ck_assert_uint_eq(x.leaf_size, want.size);
			}
			ram_store64(&ram, at, e);
		}
		ram_fini(&ram);
	}
}
END_TEST

START_TEST(tables_outside_memory)
{
	struct ks_xlat x;
	struct ks_run run;
	uint64_t end;

	machine(_i);
	end = (uint64_t)ram.frames << KS_PAGE_SHIFT;
	for (unsigned level = ram.m.pt_levels; level > 1; level--) {
		uint64_t va = (uint64_t)level << 40;

		put(va, level, end | PUW);
		ck_assert_int_eq(walk(va, &x), -EIO);
		put(va, level, 0x3ffffffff000 | PUW);
		ck_assert_int_eq(walk(va, &x), -EIO);
		ck_assert_int_eq(ks_walk_run(&space, ks_uaddr(va), 9, 0, &run),
				 -EIO);
		put(va, level, 0);
	}
	space.root.v = end;
	ck_assert_int_eq(walk(0, &x), -EIO);
	ram_fini(&ram);
}
END_TEST

/* A table that is its own child is walked like any other. */
START_TEST(loops_end)
{
	struct ks_xlat x;

	machine(_i);
	put(0, ram.m.pt_levels, space.root.v | PUW);
	ck_assert_int_eq(walk(0, &x), 0);
	ck_assert_uint_eq(x.pa.v, space.root.v);
	ram_fini(&ram);
}
END_TEST

START_TEST(runs)
{
	const uint64_t va = 0x40000000, mib = 1 << 20;
	const unsigned all = KS_READ | KS_WRITE | KS_EXEC | KS_USER;
	struct ks_run run;
	uint64_t i;

	machine(_i);
	/* 2 MiB of pages, then a leaf of 2 MiB, then pages: all contiguous. */
	for (i = 0; i < 512; i++)
		put(va + i * 4096, 1, (0x800000 + i * 4096) | PUW);
	put(va + 2 * mib, 2, 0xa00000 | PUW | PS);
	for (i = 0; i < 4; i++)
		put(va + 4 * mib + i * 4096, 1, (0xc00000 + i * 4096) | PUW);
	ck_assert_int_eq(
	    ks_walk_run(&space, ks_uaddr(va + 5), 64 * mib, 0, &run), 0);
	ck_assert_uint_eq(run.pa.v, 0x800005);
	ck_assert_uint_eq(run.len, 4 * mib + 4 * 4096 - 5);
	ck_assert_uint_eq(run.flags, all);

	/* Cut by the maximum, by a gap, by a right, by order. */
	ck_assert_int_eq(ks_walk_run(&space, ks_uaddr(va), 7, 0, &run), 0);
	ck_assert_uint_eq(run.len, 7);
	put(va + 3 * 4096, 1, 0x803000 | P | U);
	put(va + 6 * 4096, 1, 0x807000 | PUW);
	ck_assert_int_eq(ks_walk_run(&space, ks_uaddr(va), mib, KS_READ, &run),
			 0);
	ck_assert_uint_eq(run.len, 6 * 4096);
	ck_assert_uint_eq(run.flags, all & ~KS_WRITE);
	ck_assert_int_eq(ks_walk_run(&space, ks_uaddr(va), mib, KS_WRITE, &run),
			 0);
	ck_assert_uint_eq(run.len, 3 * 4096);
	ck_assert_uint_eq(run.flags, all);
	ck_assert_int_eq(
	    ks_walk_run(&space, ks_uaddr(va + 3 * 4096), mib, KS_WRITE, &run),
	    -EACCES);
	put(va + 4096, 1, 0x801000 | P | W);
	ck_assert_int_eq(ks_walk_run(&space, ks_uaddr(va), mib, 0, &run), 0);
	ck_assert_uint_eq(run.len, 4096);
	ck_assert_int_eq(ks_walk_run(&space, ks_uaddr(va + 4096), mib, 0, &run),
			 -EFAULT);
	ram_fini(&ram);
}
END_TEST

/* Pages without any right are found in a space of the mapper's only. */
START_TEST(held)
{
	const uint64_t va = 0x40000000;
	struct ks_xlat x;
	struct ks_run run;

	machine(_i);
	put(va, 1, 0x7000 | (PUW & ~P) | HELD);
	ck_assert_int_eq(walk(va, &x), -EFAULT);
	space.native = true;
	ck_assert_int_eq(walk(va, &x), 0);
	ck_assert_uint_eq(x.flags, KS_USER);
	ck_assert_int_eq(ks_walk_run(&space, ks_uaddr(va), 1, KS_READ, &run),
			 -EACCES);
	ck_assert_int_eq(ks_walk_run(&space, ks_uaddr(va), 1, 0, &run), 0);
	ck_assert_uint_eq(run.pa.v, 0x7000);
	put(va, 2, 0x7000 | HELD);
	ck_assert_int_eq(walk(va, &x), -EIO);
	ram_fini(&ram);
}
END_TEST

/* Where something was put, to go there again. */
static uint64_t places[4096];
static unsigned n_places;

static uint64_t
pick(unsigned n)
{
	return (uint64_t)rand() % n;
}

static uint64_t
random_address(void)
{
	static const int width[] = {20, 24, 30, 40, 46, 47, 52};
	uint64_t bits = (uint64_t)rand() << 31 ^ rand();

	return (bits & ((1ull << width[pick(7)]) - 1)) << 12 & 0xffffffffff000;
}

/* An entry for LEVEL: mostly good, now and then with a wrong bit. */
static uint64_t
random_entry(unsigned level)
{
	uint64_t e = PUW | (pick(4) ? 0 : NX) | (pick(2) ? 0x60 : 0);

	if (pick(8) == 0)
		e &= ~(P << pick(3));
	if (level > 1 && pick(3) == 0)
		e |= PS | (random_address() & ~((1ull << (3 + 9 * level)) - 1));
	else if (level == 1 || pick(6) == 0)
		e |= random_address();
	else
		e |= pick(60) << 12;
	if (pick(16) == 0)
		e |= 1ull << pick(64);
	if (pick(16) == 0)
		e = (e & ~P) | HELD;
	return e;
}

/* Fill tables at random, down from TABLE, which begins at VA. */
static void
random_tables(uint64_t table, unsigned level, uint64_t va)
{
	uint64_t span = 1ull << (3 + 9 * level);
	unsigned n = 1 + pick(level == 1 ? 12 : 4);

	while (n-- > 0 && n_places < 4096 && ram.n_free > 64) {
		unsigned i = pick(4) ? pick(512) : pick(2) * 511;
		uint64_t e = random_entry(level);

		if (level > 1 && !(e & PS) && pick(4)) {
			e = (e & 0xfff) | ram_frame(&ram).v;
			random_tables(e & ~0xfffull, level - 1, va + i * span);
		}
		for (unsigned k = 1 + pick(4); k > 0 && i < 512; k--, i++) {
			ram_store64(&ram, ks_paddr(table + 8 * i), e);
			places[n_places++ % 4096] = va + i * span;
			if (level == 1 || e & PS)
				e += span;
		}
	}
}

static unsigned
ref_flags(const struct ref_walk *w)
{
	return (w->r ? KS_READ : 0) | (w->w ? KS_WRITE : 0) |
	       (w->x ? KS_EXEC : 0) | (w->u ? KS_USER : 0);
}

/* The run from VA as the reference sees it, page by page. */
static int
ref_run(uint64_t va, uint64_t max, unsigned need, struct ks_run *out)
{
	uint64_t len = 0, step;

	for (; len < max; len += step) {
		uint64_t at = va + len;
		struct ref_walk w =
		    ref_walk(&ram, space.root.v, at, space.native);
		unsigned flags = ref_flags(&w);
		int err = w.err;

		step = 4096 - at % 4096;
		if (!ks_user_address(&ram.m, ks_uaddr(at)))
			err = -EFAULT;
		if (!err && !w.u)
			err = -EFAULT;
		if (!err && (flags & need) != need)
			err = -EACCES;
		if (err && len == 0)
			return err;
		if (err || (len && w.pa != out->pa.v + len))
			break;
		if (len == 0)
			*out = (struct ks_run){ks_paddr(w.pa), 0, flags};
		out->flags &= flags;
	}
	out->len = len < max ? len : max;
	return 0;
}

static void
compare_at(uint64_t va)
{
	const unsigned mask = KS_READ | KS_WRITE | KS_EXEC | KS_USER;
	struct ref_walk want = ref_walk(&ram, space.root.v, va, space.native);
	uint64_t max = 1 + (pick(2) ? pick(20000) : pick(5 << 20));
	unsigned need = pick(8);
	struct ks_run run = {0}, want_run = {0};
	struct ks_xlat x;
	int err = walk(va, &x);

	if (!ks_user_address(&ram.m, ks_uaddr(va)) || (!want.err && !want.u))
		want.err = -EFAULT;
	ck_assert_int_eq(err, want.err);
	if (!err) {
		ck_assert_uint_eq(x.pa.v, want.pa);
		ck_assert_uint_eq(x.leaf_size, want.size);
		ck_assert_uint_eq(x.flags & mask, ref_flags(&want));
	}
	err = ks_walk_run(&space, ks_uaddr(va), max, need, &run);
	ck_assert_int_eq(err, ref_run(va, max, need, &want_run));
	if (!err) {
		ck_assert_uint_eq(run.pa.v, want_run.pa.v);
		ck_assert_uint_eq(run.len, want_run.len);
		ck_assert_uint_eq(run.flags & mask, want_run.flags & mask);
	}
}

START_TEST(random_against_reference)
{
	srand(_i + 1);
	for (int round = 0; round < 6; round++) {
		machine(_i % MACHINES);
		space.native = pick(2);
		ram.m.nx = pick(4);
		ram.m.huge_1g = pick(4);
		ram.m.phys_bits = 32 + pick(21);
		n_places = 0;
		while (n_places < 400 && ram.n_free > 100)
			random_tables(space.root.v, ram.m.pt_levels, 0);
		for (unsigned i = 0; i < 3000; i++) {
			unsigned n = n_places < 4096 ? n_places : 4096;
			uint64_t va = places[pick(n)] + pick(8192);

			if (pick(2))
				va -= pick(1 << 22);
			compare_at(va);
		}
		ram_fini(&ram);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("walk");
	TCase *tc = tcase_create("walk");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, leaf_sizes, 0, MACHINES);
	tcase_add_loop_test(tc, rights_combine, 0, MACHINES);
	tcase_add_loop_test(tc, not_user_addresses, 0, MACHINES);
	tcase_add_loop_test(tc, each_bit, 0, MACHINES);
	tcase_add_loop_test(tc, tables_outside_memory, 0, MACHINES);
	tcase_add_loop_test(tc, loops_end, 0, MACHINES);
	tcase_add_loop_test(tc, runs, 0, MACHINES);
	tcase_add_loop_test(tc, held, 0, MACHINES);
	tcase_add_loop_test(tc, random_against_reference, 0, 2 * MACHINES);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
