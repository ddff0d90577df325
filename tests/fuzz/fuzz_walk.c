/* SPDX-License-Identifier: MIT */
/*
 * Page tables of any content: the walker agrees with the reference and touches
 * nothing but memory. For libFuzzer, or with standalone.c.
 *
 * The input is two bytes that choose the machine and then records of 10 bytes,
 * all little-endian: u16 what (bits 14 and 15) and where (frame << 9 | index),
 * u64 value:
 *   0  store the value as an entry
 *   1  store it with an address within memory
 *   2  walk to the value and compare with the reference
 *   3  get a run there, read and write it, visit the leaves about it
 */
#include "../unit/ref_walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES 16
#define RECORD 10

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(condition) ((condition) ? (void)0 : die(#condition, __LINE__))

static _Noreturn void
die(const char *what, int line)
{
	fprintf(stderr, "fuzz_walk.c:%d: not so: %s\n", line, what);
	abort();
}

static uint64_t
little(const uint8_t *p, int n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

static void
compare(const struct ram *r, const struct ks_space *s, uint64_t va)
{
	const unsigned mask = KS_READ | KS_WRITE | KS_EXEC;
	struct ref_walk w = ref_walk(r, s->root.v, va, s->native);
	unsigned want =
	    (w.r ? KS_READ : 0) | (w.w ? KS_WRITE : 0) | (w.x ? KS_EXEC : 0);
	struct ks_xlat x;
	int err = ks_walk(s, ks_uaddr(va), &x);

	if (!ks_user_address(&r->m, ks_uaddr(va)) || (!w.err && !w.u))
		w.err = -EFAULT;
	must(err == w.err);
	if (err)
		return;
	must(x.pa.v == w.pa && x.leaf_size == w.size);
	must((x.flags & mask) == want && (x.flags & KS_USER));
}

static int
count_leaf(void *arg, uint64_t va, const struct ks_xlat *x)
{
	unsigned *n = arg;

	must(!(va & (x->leaf_size - 1)) && !(x->pa.v & (x->leaf_size - 1)));
	++*n;
	return 0;
}

static int64_t
take_run(void *arg, void *run, size_t len)
{
	uint8_t *sum = arg;

	for (size_t i = 0; i < len; i += 64)
		*sum ^= ((uint8_t *)run)[i];
	return len;
}

static void
use(struct ks_space *s, uint64_t va, unsigned what)
{
	static uint8_t buf[5 * KS_PAGE_SIZE];
	size_t len = 1 + what * 37 % sizeof(buf);
	unsigned need = what & 7, leaves = 0;
	struct ks_run run;
	uint8_t sum = 0;
	int64_t ret;

	if (ks_walk_run(s, ks_uaddr(va), len, need, &run) == 0) {
		must(run.len > 0 && run.len <= len);
		must((run.flags & need) == need);
	}
	ret = ks_mem_read(s, ks_uaddr(va), buf, len, what & 8);
	must(ret <= (int64_t)len && ret != 0);
	ret = ks_mem_visit(s, ks_uaddr(va), len, KS_READ, what & 8, take_run,
			   &sum);
	must(ret <= (int64_t)len && ret != 0);
	ret = ks_mem_write(s, ks_uaddr(va), buf, len, what & 8);
	must(ret <= (int64_t)len && ret != 0);
	/* 16 pages: tables may have loops. */
	ks_each_leaf(s, va & ~(16 * KS_PAGE_SIZE - 1), 16 * KS_PAGE_SIZE,
		     count_leaf, &leaves);
	must(leaves <= 16);
}

/* The machine that the first bytes choose, empty. */
static struct ram *
machine(const uint8_t *data)
{
	static struct ram rams[2][2];
	static const uint64_t zero[FRAMES * KS_PAGE_SIZE / 8];
	struct ram *r = &rams[data[0] & 1][data[0] >> 1 & 1];

	if (!r->mem) {
		ram_init(r, FRAMES, data[0] & 2 ? RAM_WINDOW : RAM_DIRECT,
			 data[0] & 1 ? 5 : 4);
		while (r->n_free)
			ram_frame(r);
		r->refs[0] = 1;
	}
	ram_store(r, ks_paddr(0), zero, sizeof(zero));
	r->m.nx = data[0] & 4;
	r->m.huge_1g = data[0] & 8;
	r->m.phys_bits = 32 + data[1] % 21;
	return r;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ks_space s;
	struct ram *r;

	if (size < 2)
		return 0;
	r = machine(data);
	ks_space_adopt(&s, &r->m, ks_paddr(0));
	s.native = data[0] & 16;
	for (size_t at = 2; at + RECORD <= size; at += RECORD) {
		unsigned where = little(data + at, 2);
		uint64_t value = little(data + at + 2, 8);
		ks_paddr_t entry = ks_paddr((where & 0x1fff) * 8);

		switch (where >> 14) {
		case 1:
			value &= ~0xffffffff0000ull | 1ull << 48 | 1ull << 51;
			/* fall through */
		case 0:
			ram_store64(r, entry, value);
			break;
		case 2:
			compare(r, &s, value);
			break;
		case 3:
			use(&s, value, where & 0x3fff);
			break;
		}
	}
	return 0;
}
