/* SPDX-License-Identifier: MIT */
/* Frame mapping: reading and writing the memory of another address space. */
#include "suite.h"

#include <string.h>

#include "ram.h"

#define PAGE 0x1000ull
#define MIB2 0x200000ull
#define RW   (KS_READ | KS_WRITE | KS_USER)
#define RX   (KS_READ | KS_EXEC | KS_USER)

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

/* Free all; nothing may be in use after that but HELD frames. */
static void
done(size_t held)
{
	ck_assert(!ram.locked);
	ck_assert_int_eq(ks_unmap(&space, 0, 1ull << 47, put_leaf, NULL), 0);
	ks_space_fini(&space);
	ck_assert_uint_eq(ram_used(&ram), held);
	ram_fini(&ram);
}

static void
map(uint64_t va, ks_paddr_t pa, uint64_t size, unsigned flags)
{
	ck_assert_int_eq(ks_map(&space, va, pa, size, flags, MIB2), 0);
}

static int64_t
get(uint64_t va, size_t len)
{
	memset(buf, 0xee, sizeof(buf));
	return ks_mem_read(&space, ks_uaddr(va), buf, len, false);
}

static int64_t
set(uint64_t va, const void *p, size_t len, bool force)
{
	return ks_mem_write(&space, ks_uaddr(va), p, len, force);
}

static ks_paddr_t
pa_of(uint64_t va)
{
	struct ks_xlat x;

	ck_assert_int_eq(ks_walk(&space, ks_uaddr(va), &x), 0);
	return x.pa;
}

/* Pages scattered, contiguous and large, at every kind of offset. */
START_TEST(read_and_write)
{
	static const size_t len[] = {1,	   7,	 8,	4095,  4096,
				     4097, 8192, 65536, 65537, 1 << 20};
	static const uint64_t off[] = {0, 1, 8, 4088, 4095, 4096, 123456};

	machine(_i);
	for (uint64_t va = 0; va < MIB2; va += 2 * PAGE) {
		map(va + PAGE, ram_frame(&ram), PAGE, RW);
		map(va, ram_frame(&ram), PAGE, RW);
	}
	map(MIB2, ram_run(&ram, 512, MIB2), MIB2, RW);
	for (unsigned n = 0; n < 10 * 7 * 2; n++) {
		uint64_t va = n % 2 ? MIB2 - len[n / 14] / 2 : 0;
		size_t l = len[n / 14];

		va += off[n / 2 % 7];
		ck_assert_int_eq(set(va, want, l, false), (int64_t)l);
		ck_assert_int_eq(get(va, l), (int64_t)l);
		ck_assert_mem_eq(buf, want, l);
		ck_assert_uint_eq(buf[l == sizeof(buf) ? 0 : l],
				  l == sizeof(buf) ? want[0] : 0xee);
		ck_assert_int_eq(set(va, want + 1, l - 1, false),
				 (int64_t)l - 1);
		ck_assert_int_eq(get(va, l), (int64_t)l);
		ck_assert_mem_eq(buf, want + 1, l - 1);
		ck_assert_uint_eq(buf[l - 1], want[l - 1]);
	}
	ck_assert_uint_eq(ram.faults, 0);
	done(0);
}
END_TEST

START_TEST(edges)
{
	uint64_t end;

	machine(_i);
	end = ram.m.pt_levels == 5 ? 1ull << 56 : 1ull << 47;
	ck_assert_int_eq(get(0, 0), 0);
	ck_assert_int_eq(get(-1ull, 0), 0);
	ck_assert_int_eq(get(0, 1), -EFAULT);
	ck_assert_uint_eq(ram.faults, 1);
	ck_assert_int_eq(get(end, 1), -EFAULT);
	ck_assert_int_eq(get(-1ull, 8), -EFAULT);
	ck_assert_int_eq(get(1ull << 63, SIZE_MAX), -EFAULT);
	ck_assert_uint_eq(ram.faults, 1);
	map(end - PAGE, ram_frame(&ram), PAGE, RW);
	ck_assert_int_eq(set(end - 5, want, 100, false), 5);
	ck_assert_int_eq(get(end - 5, 100), 5);
	ck_assert_mem_eq(buf, want, 5);
	/* Short at a hole, at what is the kernel's and at what is read-only. */
	map(PAGE, ram_frame(&ram), PAGE, RW);
	map(3 * PAGE, ram_frame(&ram), PAGE, KS_READ | KS_USER);
	map(4 * PAGE, ram_frame(&ram), PAGE, KS_READ | KS_WRITE);
	ck_assert_int_eq(get(PAGE + 1, 3 * PAGE), PAGE - 1);
	ck_assert_int_eq(get(3 * PAGE, 3 * PAGE), PAGE);
	ck_assert_int_eq(set(3 * PAGE, want, 3 * PAGE, false), -EFAULT);
	ck_assert_int_eq(get(4 * PAGE, 1), -EFAULT);
	ck_assert_int_eq(ks_mem_read(&space, ks_uaddr(4 * PAGE), buf, 1, true),
			 -EFAULT);
	ck_assert_int_eq(ks_unmap(&space, end - PAGE, PAGE, put_leaf, NULL), 0);
	done(0);
}
END_TEST

/* Demand-zero below 64 MiB, refused above. */
static int
fault_zero(struct ram *r, struct ks_space *s, ks_uaddr_t va, unsigned access,
	   bool force)
{
	ks_paddr_t pa;
	int err;

	(void)access;
	(void)force;
	if (va.v >= 32 * MIB2)
		return -EFAULT;
	err = r->m.ops->frame_alloc(&r->m, &pa);
	if (err)
		return err;
	err = ks_map(s, va.v & ~KS_PAGE_MASK, pa, PAGE, RW, PAGE);
	if (err)
		r->m.ops->frame_put(&r->m, pa);
	return err;
}

START_TEST(demand_zero)
{
	machine(_i);
	ram.fault = fault_zero;
	ck_assert_int_eq(get(5, 3 * PAGE), 3 * PAGE);
	ck_assert_uint_eq(ram.faults, 4);
	memset(want, 0, 3 * PAGE);
	ck_assert_mem_eq(buf, want, 3 * PAGE);
	ck_assert_int_eq(set(32 * MIB2 - PAGE - 1, want, 3 * PAGE, false),
			 PAGE + 1);
	done(0);
}
END_TEST

/* Every operation that may fail does so once: short or refused, none lost. */
START_TEST(failures)
{
	unsigned n;
	int64_t got;

	machine(_i);
	ram.fault = fault_zero;
	for (n = 1, got = 0; got != 3 * PAGE; n++) {
		ck_assert_uint_lt(n, 100);
		ram.fail_at = ram.calls + n;
		ram.fail_windows = true;
		got = set(MIB2 - PAGE, want, 3 * PAGE, false);
		ck_assert(got == -ENOMEM || got == -EIO || got == -EFAULT ||
			  got == PAGE || got == 2 * PAGE || got == 3 * PAGE);
		ram.fail_windows = false;
		ram.fail_at = 0;
		ck_assert_int_eq(ks_unmap(&space, 0, 32 * MIB2, put_leaf, NULL),
				 0);
	}
	ck_assert_uint_gt(n, 8);
	done(0);
}
END_TEST

/* The area that the copy-on-write port below knows. */
struct area {
	ks_paddr_t file; /* the page of a file, which has a reference to it */
	bool shared;	 /* MAP_SHARED */
	unsigned prot;
};

/*
 * What a kernel does: one page at PAGE is mapped privately or shared from a
 * page of a file.
 */
static int
fault_cow(struct ram *r, struct ks_space *s, ks_uaddr_t va, unsigned access,
	  bool force)
{
	struct area *a = r->arg;
	struct ks_xlat x;

	if (va.v >> KS_PAGE_SHIFT != 1)
		return -EFAULT;
	if ((access & ~a->prot) && (!force || a->shared))
		return -EACCES;
	if (!ks_walk(s, ks_uaddr(PAGE), &x)) {
		if (!(access & KS_WRITE))
			return 0;
		return ks_cow_break(s, va, !(a->prot & KS_WRITE));
	}
	r->m.ops->frame_ref(&r->m, a->file);
	return ks_map(s, PAGE, a->file, PAGE,
		      KS_USER | a->prot | (a->shared ? 0 : KS_COW), PAGE);
}

START_TEST(writes_break_cow)
{
	struct area a = {.prot = KS_READ | KS_WRITE};

	machine(_i);
	a.file = ram_frame(&ram);
	ram_store64(&ram, a.file, 42);
	ram.fault = fault_cow;
	ram.arg = &a;
	ck_assert_int_eq(get(PAGE, 8), 8);
	ck_assert_uint_eq(pa_of(PAGE).v, a.file.v);
	ck_assert_int_eq(set(PAGE + 1, "x", 1, false), 1);
	ck_assert_uint_ne(pa_of(PAGE).v, a.file.v);
	ck_assert_int_eq(get(PAGE, 8), 8);
	ck_assert_uint_eq(buf[1], 'x');
	ck_assert_uint_eq(ram_load64(&ram, a.file), 42);
	ck_assert_uint_eq(ram_refs(&ram, a.file), 1);
	done(1);
}
END_TEST

/* A breakpoint: text is private and not writable. */
START_TEST(forced_writes)
{
	struct area a = {.prot = KS_READ | KS_EXEC};
	struct ks_xlat x;
	unsigned long faults;

	machine(_i);
	a.file = ram_frame(&ram);
	ram_store64(&ram, a.file, 42);
	ram.fault = fault_cow;
	ram.arg = &a;
	ck_assert_int_eq(set(PAGE, "x", 1, false), -EFAULT);
	ck_assert_int_eq(set(PAGE, "xy", 2, true), 2);
	ck_assert_uint_eq(ram_load64(&ram, a.file), 42);
	ck_assert_int_eq(ks_walk(&space, ks_uaddr(PAGE), &x), 0);
	ck_assert_uint_eq(x.flags, RX | KS_OWN);
	ck_assert_int_eq(get(PAGE, 2), 2);
	ck_assert_mem_eq(buf, "xy", 2);
	/* The frame is known to be private now: the port is not asked. */
	faults = ram.faults;
	ck_assert_int_eq(set(PAGE, "z", 1, true), 1);
	ck_assert_uint_eq(ram.faults, faults);
	/* Even if somebody else maps it, as a debugger does. */
	ram.m.ops->frame_ref(&ram.m, x.pa);
	ck_assert_int_eq(set(PAGE, "q", 1, true), 1);
	ram.m.ops->frame_put(&ram.m, x.pa);
	/* After a fork it is shared: broken again. */
	ck_assert_int_eq(
	    ks_protect(&space, PAGE, PAGE, KS_COW, KS_COW | KS_WRITE), 0);
	ram.m.ops->frame_ref(&ram.m, x.pa);
	ck_assert_int_eq(set(PAGE, "w", 1, true), 1);
	ck_assert_uint_ne(pa_of(PAGE).v, x.pa.v);
	ram_load(&ram, x.pa, buf, 1);
	ck_assert_uint_eq(buf[0], 'q');
	ram.m.ops->frame_put(&ram.m, x.pa);
	done(1);
}
END_TEST

/* A word: where no more than a walk is needed, and each place where it is. */
START_TEST(words)
{
	struct area a = {.prot = KS_READ | KS_WRITE};
	const uint64_t kernel = 4 * PAGE, rights = 5 * PAGE, big = MIB2;
	ks_paddr_t run;
	uint64_t word;

	machine(_i);
	run = ram_run(&ram, 512, MIB2);
	map(big, run, MIB2, RW);
	map(kernel, ram_frame(&ram), PAGE, KS_READ | KS_WRITE);
	map(rights, ram_frame(&ram), PAGE, RX);
	ck_assert_int_eq(set(big + 5 * PAGE - 8, want, 8, false), 8);
	memcpy(&word, want, sizeof(word));
	ck_assert_uint_eq(ram_load64(&ram, ks_paddr(run.v + 5 * PAGE - 8)),
			  word);
	ck_assert_uint_eq(ram.faults, 0);
	/* Into the next page, which is not there. */
	ck_assert_int_eq(set(big + MIB2 - 4, want, 8, true), 4);
	ck_assert_uint_eq(ram.faults, 1);
	ck_assert_int_eq(set(2 * PAGE, want, 8, true), -EFAULT);
	ck_assert_int_eq(set(kernel, want, 8, true), -EFAULT);
	ck_assert_int_eq(set(rights, want, 8, false), -EFAULT);
	ck_assert_int_eq(set(1ull << 63, want, 8, true), -EFAULT);
	ck_assert_uint_eq(ram.faults, 4);
	ck_assert_int_eq(get(rights, 8), 8);
	ck_assert(memcmp(buf, want, 8) != 0);
	/* Not the page of the file. */
	a.file = ram_frame(&ram);
	ram_store64(&ram, a.file, 42);
	ram.fault = fault_cow;
	ram.arg = &a;
	ck_assert_int_eq(get(PAGE, 8), 8);
	ck_assert_int_eq(set(PAGE, want, 8, true), 8);
	ck_assert_int_eq(get(PAGE, 8), 8);
	ck_assert_mem_eq(buf, want, 8);
	ck_assert_uint_eq(ram_load64(&ram, a.file), 42);
	done(1);
}
END_TEST

/* Without any right, a debugger reads and writes all the same. */
START_TEST(forced_without_rights)
{
	struct area a = {.prot = 0};

	machine(_i);
	a.file = ram_frame(&ram);
	ram_store(&ram, a.file, "*", 1);
	ram.fault = fault_cow;
	ram.arg = &a;
	ck_assert_int_eq(get(PAGE, 1), -EFAULT);
	ck_assert_int_eq(ks_mem_read(&space, ks_uaddr(PAGE), buf, 8, true), 8);
	ck_assert_uint_eq(buf[0], '*');
	ck_assert_int_eq(set(PAGE, "x", 1, true), 1);
	ck_assert_int_eq(ks_mem_read(&space, ks_uaddr(PAGE), buf, 8, true), 8);
	ck_assert_uint_eq(buf[0], 'x');
	ck_assert_int_eq(get(PAGE, 1), -EFAULT);
	ram_load(&ram, a.file, buf, 1);
	ck_assert_uint_eq(buf[0], '*');
	done(1);
}
END_TEST

/* A port that says 0 and does nothing. */
static int
fault_lies(struct ram *r, struct ks_space *s, ks_uaddr_t va, unsigned access,
	   bool force)
{
	(void)r;
	(void)s;
	(void)va;
	(void)access;
	(void)force;
	return 0;
}

/* A frame that is shared is never written, whatever the port says. */
START_TEST(forced_never_into_shared)
{
	struct area a = {.prot = KS_READ, .shared = true};

	machine(_i);
	a.file = ram_frame(&ram);
	ram_store64(&ram, a.file, 42);
	ram.fault = fault_cow;
	ram.arg = &a;
	ck_assert_int_eq(get(PAGE, 8), 8);
	ck_assert_int_eq(set(PAGE, "x", 1, true), -EFAULT);
	ram.fault = fault_lies;
	ck_assert_int_eq(set(PAGE, "x", 1, true), -EFAULT);
	ck_assert_int_eq(ks_protect(&space, PAGE, PAGE, KS_COW, KS_COW), 0);
	ram.m.ops->frame_put(&ram.m, a.file);
	ck_assert_int_eq(set(PAGE, "x", 1, true), -EFAULT);
	/* A page of the port's own making, with no mark of the mapper's. */
	ck_assert_int_eq(ks_protect(&space, PAGE, PAGE, 0, KS_COW), 0);
	ck_assert_uint_eq(ram_load64(&ram, a.file), 42);
	ck_assert_int_eq(set(PAGE, "x", 1, true), 1);
	ck_assert_uint_ne(ram_load64(&ram, a.file), 42);
	done(0);
}
END_TEST

/* Another thread unmaps what fault_in has made, so many times. */
static int
fault_undone(struct ram *r, struct ks_space *s, ks_uaddr_t va, unsigned access,
	     bool force)
{
	int *times = r->arg;
	int err = fault_zero(r, s, va, access, force);

	if (!err && (*times)-- > 0)
		err = ks_unmap(s, va.v & ~KS_PAGE_MASK, PAGE, put_leaf, NULL);
	return err;
}

START_TEST(pages_that_vanish)
{
	int times = 3;

	machine(_i);
	ram.fault = fault_undone;
	ram.arg = &times;
	ck_assert_int_eq(get(0, 8), 8);
	ck_assert_uint_eq(ram.faults, 4);
	times = 1000;
	ck_assert_int_eq(get(PAGE - 8, 16), 8);
	ck_assert_int_eq(get(PAGE, 8), -EFAULT);
	done(0);
}
END_TEST

/* Memory that is none, and tables that are corrupt. */
START_TEST(not_memory)
{
	machine(_i);
	map(0, ks_paddr(1ull << 40), PAGE, RW);
	ck_assert_int_eq(get(0, 8), -EIO);
	ck_assert_int_eq(set(0, want, 8, true), -EIO);
	ck_assert_uint_eq(ram.faults, 0);
	ck_assert_int_eq(ks_unmap(&space, 0, PAGE, NULL, NULL), 0);
	for (unsigned i = 0; i < 256; i++)
		ram_store64(&ram, ks_paddr(space.root.v + 8 * i),
			    (1ull << 45) + 7);
	ck_assert_int_eq(get(0, 8), -EIO);
	ck_assert_uint_eq(ram.faults, 0);
	ck_assert(!ks_phys_map(&ram.m, ks_paddr(1ull << 45), 8));
	ck_assert(!ks_phys_map(&ram.m, ks_paddr(~0ull), 8));
	ram_fini(&ram);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("frame");
	TCase *tc = tcase_create("frame");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, read_and_write, 0, MACHINES);
	tcase_add_loop_test(tc, edges, 0, MACHINES);
	tcase_add_loop_test(tc, demand_zero, 0, MACHINES);
	tcase_add_loop_test(tc, failures, 0, MACHINES);
	tcase_add_loop_test(tc, writes_break_cow, 0, MACHINES);
	tcase_add_loop_test(tc, forced_writes, 0, MACHINES);
	tcase_add_loop_test(tc, words, 0, MACHINES);
	tcase_add_loop_test(tc, forced_without_rights, 0, MACHINES);
	tcase_add_loop_test(tc, forced_never_into_shared, 0, MACHINES);
	tcase_add_loop_test(tc, pages_that_vanish, 0, MACHINES);
	tcase_add_loop_test(tc, not_memory, 0, MACHINES);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
