/* SPDX-License-Identifier: MIT */
/* The mapper, operation by operation. */
#include "suite.h"

#include "ref_walk.h"

#define KIB4 0x1000ull
#define MIB2 0x200000ull
#define GIB1 0x40000000ull
#define RW   (KS_READ | KS_WRITE | KS_USER)
#define RX   (KS_READ | KS_EXEC | KS_USER)

static struct ram ram;
static struct ks_space space;
static size_t empty; /* frames in use by an empty space */

#define MACHINES 6

static void
machine(int i)
{
	ram_init(&ram, 1024, i % 3, i < 3 ? 4 : 5);
	ck_assert_int_eq(ks_space_init(&space, &ram.m, ks_paddr(0)), 0);
	empty = ram_used(&ram);
	ck_assert_uint_eq(empty, 1);
}

static void
done(void)
{
	ks_space_fini(&space);
	ck_assert_uint_eq(ram_used(&ram), 0);
	ram_fini(&ram);
}

static struct ks_xlat
at(uint64_t va)
{
	struct ks_xlat x = {0};

	if (ks_walk(&space, ks_uaddr(va), &x))
		x.flags = 0;
	return x;
}

static int
map(uint64_t va, uint64_t pa, uint64_t size, unsigned flags, uint64_t leaf)
{
	return ks_map(&space, va, ks_paddr(pa), size, flags, leaf);
}

/* What a visit saw, as text would be too long: count, bytes and order. */
struct seen {
	unsigned n;
	uint64_t bytes;
	uint64_t next;	       /* no leaf may begin before */
	unsigned long flushes; /* when the first was seen */
	struct ks_xlat last;
};

static int
see(void *arg, uint64_t va, const struct ks_xlat *x)
{
	struct seen *s = arg;

	ck_assert_uint_ge(va, s->next);
	if (s->n++ == 0)
		s->flushes = ram.flushes;
	s->bytes += x->leaf_size;
	s->next = va + x->leaf_size;
	s->last = *x;
	return 0;
}

START_TEST(leaves_as_large_as_allowed)
{
	struct seen s = {0};

	machine(_i);
	/* 4 KiB short of 2 MiB, then 2 MiB, then 1 GiB, 2 MiB and 8 KiB. */
	ck_assert_int_eq(map(GIB1 - MIB2 - KIB4, GIB1 - MIB2 - KIB4,
			     GIB1 + 2 * MIB2 + 3 * KIB4, RW, GIB1),
			 0);
	ck_assert_uint_eq(at(GIB1 - MIB2 - 1).leaf_size, KIB4);
	ck_assert_uint_eq(at(GIB1 - 1).leaf_size, MIB2);
	ck_assert_uint_eq(at(GIB1).leaf_size, GIB1);
	ck_assert_uint_eq(at(2 * GIB1 + 5).leaf_size, MIB2);
	ck_assert_uint_eq(at(2 * GIB1 + MIB2).leaf_size, KIB4);
	ck_assert_uint_eq(at(2 * GIB1 + MIB2 + 9).pa.v, 2 * GIB1 + MIB2 + 9);
	ck_assert_uint_eq(at(2 * GIB1 + MIB2 + 2 * KIB4).flags, 0);
	ck_assert_int_eq(ks_each_leaf(&space, 0, 4 * GIB1, see, &s), 0);
	ck_assert_uint_eq(s.n, 6);
	ck_assert_uint_eq(s.bytes, GIB1 + 2 * MIB2 + 3 * KIB4);
	ck_assert_int_eq(ks_unmap(&space, 0, 4 * GIB1, NULL, NULL), 0);
	ck_assert_uint_eq(ram_used(&ram), empty);

	/* The limit holds, and so does what the machine has. */
	ck_assert_int_eq(map(0, 0, GIB1, RW, MIB2), 0);
	ck_assert_uint_eq(at(0).leaf_size, MIB2);
	ram.m.huge_1g = false;
	ck_assert_int_eq(map(GIB1, 0, GIB1, RW, GIB1), 0);
	ck_assert_uint_eq(at(GIB1).leaf_size, MIB2);
	ck_assert_int_eq(map(2 * GIB1, 0, MIB2, RW, KIB4), 0);
	ck_assert_uint_eq(at(2 * GIB1).leaf_size, KIB4);
	done();
}
END_TEST

START_TEST(flags_come_back)
{
	static const unsigned want[] = {
	    KS_READ | KS_USER,
	    RW,
	    RX,
	    RW | KS_EXEC,
	    RX | KS_COW,
	    RW | KS_NOCACHE,
	    RX | KS_GLOBAL,
	    RW | KS_SOFT1,
	    RX | KS_SOFT2,
	    RW | KS_OWN,
	    KS_USER,
	    KS_USER | KS_COW,
	};

	machine(_i);
	for (unsigned i = 0; i < sizeof(want) / sizeof(*want); i++)
		for (uint64_t leaf = KIB4; leaf <= GIB1; leaf <<= 9) {
			ck_assert_int_eq(map(0, leaf, leaf, want[i], leaf), 0);
			ck_assert_uint_eq(at(5).flags, want[i]);
			ck_assert_uint_eq(at(5).pa.v, leaf + 5);
			ck_assert_int_eq(ks_unmap(&space, 0, leaf, NULL, NULL),
					 0);
		}
	/* Copy-on-write withholds KS_WRITE and ends KS_OWN. */
	ck_assert_int_eq(map(0, 0, KIB4, RW | KS_COW | KS_OWN, KIB4), 0);
	ck_assert_uint_eq(at(0).flags, KS_READ | KS_USER | KS_COW);
	/* The CPU's bits are not set by mapping. */
	ck_assert_int_eq(map(KIB4, 0, KIB4, RW | KS_ACCESSED | KS_DIRTY, KIB4),
			 0);
	ck_assert_uint_eq(at(KIB4).flags, RW);
	done();
}
END_TEST

START_TEST(bad_arguments)
{
	uint64_t end;

	machine(_i);
	end = ram.m.pt_levels == 5 ? 1ull << 56 : 1ull << 47;
	ck_assert_int_eq(map(1, 0, KIB4, RW, KIB4), -EINVAL);
	ck_assert_int_eq(map(0, 1, KIB4, RW, KIB4), -EINVAL);
	ck_assert_int_eq(map(0, 0, 0, RW, KIB4), -EINVAL);
	ck_assert_int_eq(map(0, 0, KIB4 + 1, RW, KIB4), -EINVAL);
	ck_assert_int_eq(map(0, 0, KIB4, RW, 0), -EINVAL);
	ck_assert_int_eq(map(0, 0, KIB4, RW, MIB2 + 1), -EINVAL);
	ck_assert_int_eq(map(0, 1ull << 46, KIB4, RW, KIB4), -EINVAL);
	ck_assert_int_eq(map(0, (1ull << 46) - KIB4, 2 * KIB4, RW, KIB4),
			 -EINVAL);
	ck_assert_int_eq(map(end - KIB4, 0, 2 * KIB4, RW, KIB4), -EINVAL);
	ck_assert_int_eq(map(end, 0, KIB4, RW, KIB4), -EINVAL);
	ck_assert_int_eq(map(-end - KIB4, 0, 2 * KIB4, RW, KIB4), -EINVAL);
	ck_assert_int_eq(map(-KIB4, 0, 2 * KIB4, RW, KIB4), -EINVAL);
	ck_assert_int_eq(ks_unmap(&space, 0, 0, NULL, NULL), -EINVAL);
	ck_assert_int_eq(ks_unmap(&space, 5, KIB4, NULL, NULL), -EINVAL);
	ck_assert_int_eq(ks_protect(&space, 0, 5, 0, 0), -EINVAL);
	ck_assert_int_eq(ks_each_leaf(&space, end, KIB4, see, NULL), -EINVAL);
	ck_assert_uint_eq(ram_used(&ram), empty);
	/* The last pages of both halves can be mapped. */
	ck_assert_int_eq(map(end - KIB4, 0, KIB4, RW, KIB4), 0);
	ck_assert_int_eq(map(-KIB4, 0, KIB4, KS_READ, KIB4), 0);
	ck_assert_int_eq(ks_unmap(&space, -KIB4, KIB4, NULL, NULL), 0);
	ck_assert_int_eq(ks_unmap(&space, 0, end, NULL, NULL), 0);
	ram_fini(&ram);
}
END_TEST

START_TEST(nothing_is_replaced)
{
	machine(_i);
	ck_assert_int_eq(map(MIB2, MIB2, MIB2, RW, MIB2), 0);
	ck_assert_int_eq(map(MIB2 + KIB4, 0, KIB4, RW, KIB4), -EEXIST);
	ck_assert_int_eq(map(0, 0, GIB1, RW, GIB1), -EEXIST);
	ck_assert_int_eq(map(0, 0, MIB2 + KIB4, RW, KIB4), -EEXIST);
	ck_assert_uint_eq(at(MIB2 - 1).flags, 0);
	ck_assert_uint_eq(at(MIB2).leaf_size, MIB2);
	/* A held page is there as well. */
	ck_assert_int_eq(map(0, 0, KIB4, KS_USER, KIB4), 0);
	ck_assert_int_eq(map(0, 0, KIB4, RW, KIB4), -EEXIST);
	done();
}
END_TEST

START_TEST(unmap_flushes_then_reports)
{
	struct seen s = {0};

	machine(_i);
	ck_assert_int_eq(ks_unmap(&space, 0, GIB1, see, &s), 0);
	ck_assert_uint_eq(ram.flushes, 0);
	ck_assert_int_eq(map(0, 0, MIB2, RW, MIB2), 0);
	ck_assert_int_eq(map(MIB2, MIB2, 5 * KIB4, KS_USER, KIB4), 0);
	ck_assert_uint_eq(ram.flushes, 0);
	ck_assert_int_eq(ks_unmap(&space, MIB2 - KIB4, 3 * KIB4, see, &s), 0);
	ck_assert_uint_eq(s.n, 3);
	ck_assert_uint_eq(s.bytes, 3 * KIB4);
	ck_assert_uint_eq(s.flushes, 1);
	ck_assert_uint_eq(ram.flushes, 1);
	ck_assert_uint_eq(ram.flush_va, MIB2 - KIB4);
	ck_assert_uint_eq(ram.flush_len, 3 * KIB4);
	ck_assert_uint_eq(s.last.pa.v, MIB2 + KIB4);
	ck_assert_uint_eq(s.last.flags, KS_USER);
	ck_assert_uint_eq(at(MIB2 - KIB4 - 1).pa.v, MIB2 - KIB4 - 1);
	ck_assert_uint_eq(at(MIB2 - KIB4 - 1).leaf_size, KIB4);
	ck_assert_uint_eq(at(MIB2 - KIB4).flags, 0);
	done();
}
END_TEST

START_TEST(splitting_keeps_what_is_there)
{
	const unsigned flags = RX | KS_COW | KS_NOCACHE | KS_SOFT2;

	machine(_i);
	ck_assert_int_eq(map(GIB1, 2 * GIB1, GIB1, flags, GIB1), 0);
	ck_assert_int_eq(ks_protect(&space, GIB1 + 5 * MIB2 + KIB4, KIB4,
				    KS_USER, KS_READ | KS_EXEC),
			 0);
	for (uint64_t off = 0; off < GIB1; off += off < 8 * MIB2 ? KIB4 : MIB2)
		if (off != 5 * MIB2 + KIB4) {
			ck_assert_uint_eq(at(GIB1 + off).pa.v, 2 * GIB1 + off);
			ck_assert_uint_eq(at(GIB1 + off).flags, flags);
		}
	ck_assert_uint_eq(at(GIB1 + 5 * MIB2 + KIB4).flags,
			  flags & ~(KS_READ | KS_EXEC));
	done();
}
END_TEST

/* The CPU's bits survive a change of rights and a split. */
START_TEST(accessed_and_dirty)
{
	uint64_t table;

	machine(_i);
	ck_assert_int_eq(map(0, 0, MIB2, RW, MIB2), 0);
	table = space.root.v;
	for (unsigned l = ram.m.pt_levels; l > 2; l--)
		table = ram_load64(&ram, ks_paddr(table)) & 0xffffffffff000;
	/* A, D and the PAT bit of a large leaf */
	ram_store64(&ram, ks_paddr(table),
		    ram_load64(&ram, ks_paddr(table)) | 0x1060);
	ck_assert_int_eq(ks_protect(&space, 0, MIB2, 0, KS_WRITE), 0);
	ck_assert_uint_eq(at(0).flags,
			  KS_READ | KS_USER | KS_ACCESSED | KS_DIRTY);
	ck_assert_int_eq(ks_protect(&space, 0, KIB4, KS_EXEC, KS_EXEC), 0);
	ck_assert_uint_eq(at(KIB4).flags,
			  KS_READ | KS_USER | KS_ACCESSED | KS_DIRTY);
	ck_assert_uint_eq(at(KIB4).pa.v, KIB4);
	table = ram_load64(&ram, ks_paddr(table)) & 0xffffffffff000;
	ck_assert_uint_eq(ram_load64(&ram, ks_paddr(table + 8)) & 0x1ff8,
			  0x10e0); /* the PAT bit of a page */
	done();
}
END_TEST

START_TEST(no_rights_and_back)
{
	struct seen s = {0};

	machine(_i);
	ck_assert_int_eq(map(MIB2, MIB2, MIB2, RW, MIB2), 0);
	ck_assert_int_eq(
	    ks_protect(&space, MIB2, MIB2, 0, KS_READ | KS_WRITE | KS_EXEC), 0);
	ck_assert_uint_eq(at(MIB2).flags, KS_USER);
	ck_assert_uint_eq(at(MIB2).pa.v, MIB2);
	ck_assert_int_eq(ref_walk(&ram, space.root.v, MIB2, false).err,
			 -EFAULT);
	ck_assert_int_eq(ks_each_leaf(&space, 0, GIB1, see, &s), 0);
	ck_assert_uint_eq(s.bytes, MIB2);
	ck_assert_int_eq(ks_protect(&space, MIB2 + KIB4, KIB4,
				    KS_READ | KS_WRITE, KS_READ | KS_WRITE),
			 0);
	ck_assert_uint_eq(at(MIB2).flags, KS_USER);
	ck_assert_uint_eq(at(MIB2 + KIB4).flags, RW);
	ck_assert_uint_eq(at(MIB2 + KIB4).pa.v, MIB2 + KIB4);
	s = (struct seen){0};
	ck_assert_int_eq(ks_unmap(&space, 0, GIB1, see, &s), 0);
	ck_assert_uint_eq(s.n, 512);
	ck_assert_uint_eq(ram_used(&ram), empty);
	done();
}
END_TEST

/* The tables below the root's upper half are shared, and so stay. */
START_TEST(kernel_half)
{
	const uint64_t base = -(1ull << 46);
	struct ks_space other;
	struct seen s = {0};

	machine(_i);
	ck_assert_int_eq(map(base, MIB2, MIB2, KS_READ | KS_WRITE, MIB2), 0);
	ck_assert_int_eq(map(0, 0, KIB4, RW, KIB4), 0);
	ck_assert_int_eq(ks_space_init(&other, &ram.m, space.root), 0);
	ck_assert_int_eq(ks_unmap(&space, base, MIB2, NULL, NULL), 0);
	/* Seen by the other space at once; the user half is not. */
	ck_assert_int_eq(map(base, 0, 7 * KIB4, KS_READ | KS_GLOBAL, KIB4), 0);
	ck_assert_int_eq(ks_each_leaf(&other, base, GIB1, see, &s), 0);
	ck_assert_uint_eq(s.n, 7);
	ck_assert_uint_eq(s.last.flags, KS_READ | KS_GLOBAL);
	ck_assert_int_eq(ref_walk(&ram, other.root.v, 0, true).err, -EFAULT);
	ck_assert(!ref_walk(&ram, other.root.v, base, true).u);
	/* User mode gets through to what is for it, and to nothing else. */
	ck_assert_int_eq(map(base + MIB2, 0, KIB4, KS_READ | KS_USER, KIB4), 0);
	ck_assert(ref_walk(&ram, space.root.v, base + MIB2, true).u);
	ck_assert(!ref_walk(&ram, space.root.v, base, true).u);
	ks_space_fini(&other);
	s = (struct seen){0};
	ck_assert_int_eq(ks_each_leaf(&space, base, GIB1, see, &s), 0);
	ck_assert_uint_eq(s.n, 8);
	ram_fini(&ram);
}
END_TEST

/* A failure at every allocation in turn changes nothing. */
START_TEST(failures_change_nothing)
{
	unsigned n;
	int err;

	machine(_i);
	ck_assert_int_eq(map(GIB1, GIB1, GIB1, RW, GIB1), 0);
	empty = ram_used(&ram);
	for (n = 1, err = -1; err; n++) {
		ram.fail_at = ram.calls + n;
		err = map(GIB1 - 2 * MIB2 - KIB4, 0, 2 * MIB2 + KIB4, RW, KIB4);
		if (err) {
			ck_assert_int_eq(err, -ENOMEM);
			ck_assert_uint_eq(ram_used(&ram), empty);
			ck_assert_uint_eq(at(GIB1 - KIB4).flags, 0);
		}
	}
	/* Three tables of pages, and one above them. */
	ck_assert_uint_eq(n, 6);
	for (n = 1, err = -1; err; n++) {
		struct seen s = {0};

		ram.fail_at = ram.calls + n;
		err = ks_unmap(&space, GIB1 + KIB4, GIB1 - 2 * KIB4, see, &s);
		if (err) {
			ck_assert_int_eq(err, -ENOMEM);
			ck_assert_uint_eq(s.n, 0);
			ck_assert_uint_eq(at(GIB1 + KIB4).pa.v, GIB1 + KIB4);
		} else {
			ck_assert_uint_eq(s.bytes, GIB1 - 2 * KIB4);
		}
	}
	/* What had been split before a failure stayed so. */
	ck_assert_uint_eq(n, 4);
	ck_assert_int_eq(ks_unmap(&space, 0, 3 * GIB1, NULL, NULL), 0);
	ck_assert_uint_eq(ram_used(&ram), 1);
	for (n = 1; n <= 2; n++) {
		struct ks_space s;

		ram.fail_at = ram.calls + 1;
		ck_assert_int_eq(ks_space_init(&s, &ram.m, space.root),
				 -ENOMEM);
	}
	done();
}
END_TEST

/* Corrupt tables stop every operation, with nothing unmapped. */
START_TEST(corrupt)
{
	uint64_t table;
	struct seen s = {0};

	machine(_i);
	ck_assert_int_eq(map(0, 0, 2 * MIB2, RW, MIB2), 0);
	table = space.root.v;
	for (unsigned l = ram.m.pt_levels; l > 2; l--)
		table = ram_load64(&ram, ks_paddr(table)) & 0xffffffffff000;
	ram_store64(&ram, ks_paddr(table + 16), 1ull << 51 | 7);
	ck_assert_int_eq(ks_unmap(&space, 0, GIB1, see, &s), -EIO);
	ck_assert_uint_eq(s.n, 0);
	ck_assert_uint_eq(at(0).flags, RW);
	ck_assert_uint_eq(at(MIB2).flags, RW);
	ck_assert_int_eq(ks_each_leaf(&space, 0, GIB1, see, &s), -EIO);
	ck_assert_int_eq(ks_protect(&space, 0, GIB1, 0, KS_WRITE), -EIO);
	ck_assert_int_eq(map(2 * MIB2, 0, KIB4, RW, KIB4), -EIO);
	ram_store64(&ram, ks_paddr(table + 16), 0x3ffffffff000 | 7);
	ck_assert_int_eq(ks_unmap(&space, 0, GIB1, see, &s), -EIO);
	ck_assert_int_eq(ks_cow_break(&space, ks_uaddr(2 * MIB2), false), -EIO);
	ram_store64(&ram, ks_paddr(table + 16), 0);
	done();
}
END_TEST

START_TEST(cow)
{
	ks_paddr_t pa;
	struct ks_xlat x;
	unsigned long flushes;

	machine(_i);
	pa = ram_frame(&ram);
	ram_store64(&ram, pa, 42);
	ck_assert_int_eq(map(KIB4, pa.v, KIB4, RX | KS_COW | KS_SOFT1, KIB4),
			 0);
	ck_assert_int_eq(ks_cow_break(&space, ks_uaddr(0), false), -EFAULT);
	ck_assert_int_eq(ks_cow_break(&space, ks_uaddr(-1ull), false), -EFAULT);

	/* Shared: a copy. No memory: no change. */
	ram.m.ops->frame_ref(&ram.m, pa);
	ram.fail_at = ram.calls + 1;
	ck_assert_int_eq(ks_cow_break(&space, ks_uaddr(KIB4), false), -ENOMEM);
	ck_assert_uint_eq(at(KIB4).flags, RX | KS_COW | KS_SOFT1);
	flushes = ram.flushes;
	ck_assert_int_eq(ks_cow_break(&space, ks_uaddr(KIB4 + 7), false), 0);
	ck_assert_uint_eq(ram.flushes, flushes + 1);
	x = at(KIB4);
	ck_assert_uint_ne(x.pa.v, pa.v);
	ck_assert_uint_eq(x.flags, RX | KS_WRITE | KS_OWN | KS_SOFT1);
	ck_assert_uint_eq(ram_load64(&ram, x.pa), 42);
	ck_assert_uint_eq(ram_refs(&ram, pa), 1);
	ck_assert_uint_eq(ram_refs(&ram, x.pa), 1);
	ck_assert_int_eq(ks_cow_break(&space, ks_uaddr(KIB4), false), 0);
	ck_assert_uint_eq(at(KIB4).pa.v, x.pa.v);

	/* Not shared: in place, and with no right to write if so wished. */
	ck_assert_int_eq(
	    ks_protect(&space, KIB4, KIB4, KS_COW, KS_COW | KS_WRITE), 0);
	ck_assert_uint_eq(at(KIB4).flags, RX | KS_COW | KS_SOFT1);
	ck_assert_int_eq(ks_cow_break(&space, ks_uaddr(KIB4), true), 0);
	ck_assert_uint_eq(at(KIB4).flags, RX | KS_OWN | KS_SOFT1);
	ck_assert_uint_eq(at(KIB4).pa.v, x.pa.v);
	ram.m.ops->frame_put(&ram.m, x.pa);
	ram.m.ops->frame_put(&ram.m, pa);
	done();
}
END_TEST

/* One page of a large leaf is broken: the leaf is split, the rest stays. */
START_TEST(cow_large)
{
	ks_paddr_t pa;

	machine(_i);
	pa = ram_run(&ram, 512, MIB2);
	ram_store64(&ram, ks_paddr(pa.v + 3 * KIB4), 42);
	ck_assert_int_eq(map(GIB1, pa.v, MIB2, RX | KS_COW, MIB2), 0);
	ram.m.ops->frame_ref(&ram.m, ks_paddr(pa.v + 3 * KIB4));
	ck_assert_int_eq(ks_cow_break(&space, ks_uaddr(GIB1 + 3 * KIB4), false),
			 0);
	ck_assert_uint_eq(at(GIB1).flags, RX | KS_COW);
	ck_assert_uint_eq(at(GIB1 + 4 * KIB4).pa.v, pa.v + 4 * KIB4);
	ck_assert_uint_eq(ram_load64(&ram, at(GIB1 + 3 * KIB4).pa), 42);
	ck_assert_uint_eq(ram_refs(&ram, ks_paddr(pa.v + 3 * KIB4)), 1);
	ram_fini(&ram);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("map");
	TCase *tc = tcase_create("map");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, leaves_as_large_as_allowed, 0, MACHINES);
	tcase_add_loop_test(tc, flags_come_back, 0, MACHINES);
	tcase_add_loop_test(tc, bad_arguments, 0, MACHINES);
	tcase_add_loop_test(tc, nothing_is_replaced, 0, MACHINES);
	tcase_add_loop_test(tc, unmap_flushes_then_reports, 0, MACHINES);
	tcase_add_loop_test(tc, splitting_keeps_what_is_there, 0, MACHINES);
	tcase_add_loop_test(tc, accessed_and_dirty, 0, MACHINES);
	tcase_add_loop_test(tc, no_rights_and_back, 0, MACHINES);
	tcase_add_loop_test(tc, kernel_half, 0, MACHINES);
	tcase_add_loop_test(tc, failures_change_nothing, 0, MACHINES);
	tcase_add_loop_test(tc, corrupt, 0, MACHINES);
	tcase_add_loop_test(tc, cow, 0, MACHINES);
	tcase_add_loop_test(tc, cow_large, 0, MACHINES);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
