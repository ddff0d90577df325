/* SPDX-License-Identifier: MIT */
/*
 * What a translation costs, and how reading memory through page tables compares
 * with memcpy(). The RAM is sparse: only the tables and the data that is read
 * are ever touched.
 */
#include "../unit/ram.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KIB4	 ((uint64_t)1 << 12)
#define MIB	 ((uint64_t)1 << 20)
#define MIB2	 ((uint64_t)1 << 21)
#define GIB	 ((uint64_t)1 << 30)
#define RW	 (KS_READ | KS_WRITE | KS_USER)
#define PLACES	 4096
#define DATA	 (64 * MIB) /* mapped three times */
#define LARGE_AT GIB
#define PAGES_AT (2 * GIB)
#define MIXED_AT (3 * GIB)
#define MIXED	 (KIB4 << 3 | KIB4) /* how pages are out of order */

static struct ram ram;
static struct ks_space space;
static uint64_t places[PLACES];

static void
must(int err, const char *what)
{
	if (!err)
		return;
	fprintf(stderr, "bench_walk: %s: error %d\n", what, err);
	exit(EXIT_FAILURE);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

static uint64_t
pick(uint64_t n)
{
	static uint64_t state = 88172645463325252;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % n;
}

/* Nanoseconds for one translation of PLACES; the best of several rounds. */
static double
time_walks(void)
{
	double best = 1e9;

	for (int round = 0; round < 15; round++) {
		double start = now(), ns;
		struct ks_xlat x;

		for (int again = 0; again < 16; again++)
			for (unsigned i = 0; i < PLACES; i++)
				must(ks_walk(&space, ks_uaddr(places[i]), &x),
				     "walk");
		ns = (now() - start) * 1e9 / (16 * PLACES);
		if (ns < best)
			best = ns;
	}
	return best;
}

static void
bench_walks(uint64_t mapped)
{
	printf("%8llu MiB", (unsigned long long)(mapped / MIB));
	for (uint64_t leaf = KIB4; leaf <= MIB2; leaf <<= 9) {
		if (leaf > mapped) {
			printf("         -         -");
			continue;
		}
		must(ks_map(&space, 0, ks_paddr(0), mapped, RW, leaf), "map");
		for (unsigned i = 0; i < PLACES; i++)
			places[i] = i * leaf % mapped;
		printf("  %8.2f", time_walks());
		for (unsigned i = 0; i < PLACES; i++)
			places[i] = pick(mapped);
		printf("  %8.2f", time_walks());
		must(ks_unmap(&space, 0, mapped, NULL, NULL), "unmap");
	}
	putchar('\n');
}

static unsigned char *buf;
static const unsigned char *plain;

/* Keep the compiler from dropping a copy that nobody reads. */
static void
copied(void)
{
	__asm__ volatile("" : : "r"(buf) : "memory");
}

static void
read_plain(uint64_t at, size_t len)
{
	memcpy(buf, plain + at, len);
	copied();
}

/* In the order of the pages that are mixed: no walker could undercut it. */
static void
read_by_page(uint64_t at, size_t len)
{
	for (uint64_t done = 0, n; done < len; done += n) {
		n = KIB4 - (at + done) % KIB4;
		if (n > len - done)
			n = len - done;
		memcpy(buf + done, plain + ((at + done) ^ MIXED), n);
	}
	copied();
}

static void
read_mem(uint64_t va, size_t len)
{
	if (ks_mem_read(&space, ks_uaddr(va), buf, len, false) != (int64_t)len)
		must(1, "read");
}

static void
read_large(uint64_t at, size_t len)
{
	read_mem(LARGE_AT + at, len);
}

static void
read_pages(uint64_t at, size_t len)
{
	read_mem(PAGES_AT + at, len);
}

static void
read_mixed(uint64_t at, size_t len)
{
	read_mem(MIXED_AT + at, len);
}

/*
 * Bytes per nanosecond of each way to read LEN bytes. The ways take turns, so
 * that what else the host does spoils none; the best of several rounds counts.
 */
enum { PLAIN, LARGE, PAGES, BY_PAGE, PAGES_MIXED, WAYS };

static void
time_reads(size_t len, double out[WAYS])
{
	static void (*const way[WAYS])(uint64_t, size_t) = {
	    [PLAIN] = read_plain,	[LARGE] = read_large,
	    [PAGES] = read_pages,	[BY_PAGE] = read_by_page,
	    [PAGES_MIXED] = read_mixed,
	};
	size_t times = 1 + 8 * MIB / (len + 256);

	for (int w = 0; w < WAYS; w++)
		out[w] = 0;
	for (int i = 0; i < 15 * WAYS; i++) {
		double start = now(), rate;

		for (size_t k = 0; k < times; k++)
			way[i % WAYS](len < MIB ? k % 16 * (len | 64) : 0, len);
		rate = (double)len * times / ((now() - start) * 1e9);
		if (rate > out[i % WAYS])
			out[i % WAYS] = rate;
	}
}

/* The same memory three times: large leaves, pages, pages out of order. */
static void
map_data(ks_paddr_t data)
{
	must(ks_map(&space, LARGE_AT, data, DATA, RW, MIB2), "map");
	must(ks_map(&space, PAGES_AT, data, DATA, RW, KIB4), "map");
	for (uint64_t at = 0; at < DATA; at += KIB4)
		must(ks_map(&space, MIXED_AT + at,
			    ks_paddr(data.v + (at ^ MIXED)), KIB4, RW, KIB4),
		     "map");
}

static void
bench_reads(void)
{
	static const size_t sizes[] = {1,    8,	      64,	512,
				       4096, 16384,   65536,	262144,
				       MIB,  4 * MIB, 16 * MIB, DATA};
	ks_paddr_t data = ram_run(&ram, DATA / KIB4, MIB2);

	buf = malloc(DATA);
	if (!buf)
		exit(EXIT_FAILURE);
	plain = ram.mem + data.v;
	memset(ram.mem + data.v, 1, DATA);
	memset(buf, 1, DATA);
	map_data(data);
	printf("\nks_mem_read, GB/s (and %% of memcpy in the same order)\n"
	       "%8s  %6s  %13s  %14s  %7s  %13s\n",
	       "bytes", "memcpy", "2 MiB leaves", "4 KiB leaves", "memcpy",
	       "4 KiB leaves");
	printf("%8s  %6s  %13s  %14s  %7s  %13s\n", "", "", "", "", "by page",
	       "out of order");
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		double r[WAYS];

		time_reads(sizes[i], r);
		printf("%8zu  %6.2f  %6.2f (%3.0f%%)   %6.2f (%3.0f%%)  "
		       "%7.2f  %6.2f (%3.0f%%)\n",
		       sizes[i], r[PLAIN], r[LARGE], 100 * r[LARGE] / r[PLAIN],
		       r[PAGES], 100 * r[PAGES] / r[PLAIN], r[BY_PAGE],
		       r[PAGES_MIXED], 100 * r[PAGES_MIXED] / r[BY_PAGE]);
	}
	free(buf);
}

int
main(int argc, char **argv)
{
	unsigned levels = argc > 1 && !strcmp(argv[1], "-5") ? 5 : 4;

	ram_init(&ram, 2 * GIB / KIB4, RAM_DIRECT, levels);
	must(ks_space_init(&space, &ram.m, ks_paddr(0)), "space");
	printf("ks_walk, %u levels, ns per translation\n"
	       "%12s  %18s  %18s\n%12s  %8s  %8s  %8s  %8s\n",
	       levels, "", "4 KiB leaves", "2 MiB leaves", "mapped", "in order",
	       "random", "in order", "random");
	for (uint64_t mapped = MIB; mapped <= 64 * GIB; mapped *= 4)
		bench_walks(mapped);
	bench_reads();
	ks_space_fini(&space);
	ram_fini(&ram);
	return EXIT_SUCCESS;
}
