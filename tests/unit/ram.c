/* SPDX-License-Identifier: MIT */
#include "ram.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/*
 * Under the address sanitizer, memory without a direct map is poisoned but for
 * the windows that are open, so that a stale pointer is found.
 */
#if defined(__SANITIZE_ADDRESS__)
#define RAM_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RAM_ASAN 1
#endif
#endif
#ifdef RAM_ASAN
#include <sanitizer/asan_interface.h>
#define BEHIND_BACK __attribute__((no_sanitize_address))
#else
#define ASAN_POISON_MEMORY_REGION(p, n)	  ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define BEHIND_BACK
#endif

#define must(condition) ((condition) ? (void)0 : ram_die(#condition, __LINE__))

static _Noreturn void
ram_die(const char *what, int line)
{
	fprintf(stderr, "ram.c:%d: not so: %s\n", line, what);
	abort();
}

static struct ram *
ram_of(struct ks_machine *m)
{
	return ks_container(m, struct ram, m);
}

/* True if this call is the one to fail. */
static bool
fails(struct ram *r)
{
	return ++r->calls == r->fail_at;
}

static int
op_frame_alloc(struct ks_machine *m, ks_paddr_t *out_pa)
{
	struct ram *r = ram_of(m);
	static const uint64_t zero[KS_PAGE_SIZE / 8];
	uint32_t f;

	if (fails(r) || !r->n_free)
		return -ENOMEM;
	f = r->free[--r->n_free];
	must(r->refs[f] == 0);
	r->refs[f] = 1;
	*out_pa = ks_paddr((uint64_t)f << KS_PAGE_SHIFT);
	ram_store(r, *out_pa, zero, sizeof(zero));
	return 0;
}

/* The reference count of the frame at PA, which must be in use. */
static uint16_t *
refs_of(struct ram *r, ks_paddr_t pa)
{
	uint64_t f = pa.v >> KS_PAGE_SHIFT;

	must(!(pa.v & KS_PAGE_MASK) && f < r->frames && r->refs[f] > 0);
	return &r->refs[f];
}

static void
op_frame_ref(struct ks_machine *m, ks_paddr_t pa)
{
	++*refs_of(ram_of(m), pa);
}

static void
op_frame_put(struct ks_machine *m, ks_paddr_t pa)
{
	struct ram *r = ram_of(m);

	if (--*refs_of(r, pa) == 0)
		r->free[r->n_free++] = pa.v >> KS_PAGE_SHIFT;
}

static bool
op_frame_shared(struct ks_machine *m, ks_paddr_t pa)
{
	return *refs_of(ram_of(m), pa) > 1;
}

static void *
op_window_map(struct ks_machine *m, ks_paddr_t pa, size_t len)
{
	struct ram *r = ram_of(m);
	uint64_t size = (uint64_t)r->frames << KS_PAGE_SHIFT;
	int i = 0;

	must(len > 0 &&
	     (pa.v & KS_PAGE_MASK) + len <= KS_WINDOW_PAGES * KS_PAGE_SIZE);
	must(pa.v >= m->direct_size || len > m->direct_size - pa.v);
	if ((r->fail_windows && fails(r)) || pa.v >= size || len > size - pa.v)
		return NULL;
	while (i < KS_WINDOW_DEPTH && r->window[i].va)
		i++;
	must(i < KS_WINDOW_DEPTH);
	r->window[i].va = r->mem + pa.v;
	r->window[i].len = len;
	ASAN_UNPOISON_MEMORY_REGION(r->window[i].va, len);
	return r->window[i].va;
}

static void
op_window_unmap(struct ks_machine *m, void *va, size_t len)
{
	struct ram *r = ram_of(m);
	int i = 0;

	while (i < KS_WINDOW_DEPTH &&
	       (r->window[i].va != va || r->window[i].len != len))
		i++;
	must(i < KS_WINDOW_DEPTH);
	r->window[i].va = NULL;
	ASAN_POISON_MEMORY_REGION(va, len);
	for (i = 0; i < KS_WINDOW_DEPTH; i++)
		if (r->window[i].va)
			ASAN_UNPOISON_MEMORY_REGION(r->window[i].va,
						    r->window[i].len);
	ASAN_UNPOISON_MEMORY_REGION(r->mem, m->direct_size);
}

static void
op_tlb_flush(struct ks_machine *m, struct ks_space *s, ks_uaddr_t va,
	     uint64_t len)
{
	struct ram *r = ram_of(m);

	must(s->m == m && len > 0 && !((va.v | len) & KS_PAGE_MASK));
	r->flushes++;
	r->flush_va = va.v;
	r->flush_len = len;
}

static int
op_fault_in(struct ks_machine *m, struct ks_space *s, ks_uaddr_t va,
	    unsigned access, bool force)
{
	struct ram *r = ram_of(m);

	must(!r->locked);
	for (int i = 0; i < KS_WINDOW_DEPTH; i++)
		must(!r->window[i].va);
	r->faults++;
	if (fails(r))
		return -ENOMEM;
	return r->fault ? r->fault(r, s, va, access, force) : -EFAULT;
}

static void
op_lock_init(struct ks_machine *m, struct ks_lock *lock)
{
	(void)m;
	*lock = (struct ks_lock){{0}};
}

static void
op_lock(struct ks_machine *m, struct ks_lock *lock)
{
	must(!lock->word[0]);
	lock->word[0] = 1;
	ram_of(m)->locked = true;
}

static void
op_unlock(struct ks_machine *m, struct ks_lock *lock)
{
	must(lock->word[0]);
	lock->word[0] = 0;
	ram_of(m)->locked = false;
}

static void
unexpected(void)
{
	ram_die("an operation that concerns threads was called", __LINE__);
}

/* The operations above; all others abort. */
static const struct ks_port_ops *
ram_ops(void)
{
	static struct ks_port_ops ops;
	void (*op)(void) = unexpected;
	size_t at = offsetof(struct ks_port_ops, frame_alloc);

	for (; at < sizeof(ops); at += sizeof(op))
		memcpy((char *)&ops + at, &op, sizeof(op));
	ops.size = sizeof(ops);
	ops.version = KS_PORT_VERSION;
	ops.frame_alloc = op_frame_alloc;
	ops.frame_ref = op_frame_ref;
	ops.frame_put = op_frame_put;
	ops.frame_shared = op_frame_shared;
	ops.window_map = op_window_map;
	ops.window_unmap = op_window_unmap;
	ops.tlb_flush = op_tlb_flush;
	ops.fault_in = op_fault_in;
	ops.lock_init = op_lock_init;
	ops.lock = op_lock;
	ops.unlock = op_unlock;
	return &ops;
}

void
ram_init(struct ram *r, size_t frames, enum ram_map map, unsigned levels)
{
	size_t size = frames << KS_PAGE_SHIFT;

	*r = (struct ram){.frames = frames};
	r->mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	must(r->mem != MAP_FAILED);
	r->refs = calloc(frames, sizeof(*r->refs));
	r->free = calloc(frames, sizeof(*r->free));
	must(r->refs && r->free);
	while (r->n_free < frames - 1) {
		r->free[r->n_free] = frames - 1 - r->n_free;
		r->n_free++;
	}
	r->m.ops = ram_ops();
	if (map != RAM_WINDOW)
		r->m.direct_base = r->mem;
	if (map == RAM_DIRECT)
		r->m.direct_size = size;
	if (map == RAM_MIXED) /* the first frames given out are on both sides */
		r->m.direct_size = 5 * KS_PAGE_SIZE;
	r->m.phys_bits = 46;
	r->m.pt_levels = levels;
	r->m.nx = true;
	r->m.huge_1g = true;
	ASAN_POISON_MEMORY_REGION(r->mem + r->m.direct_size,
				  size - r->m.direct_size);
	must(ks_machine_init(&r->m) == 0);
}

void
ram_fini(struct ram *r)
{
	for (int i = 0; i < KS_WINDOW_DEPTH; i++)
		must(!r->window[i].va);
	ASAN_UNPOISON_MEMORY_REGION(r->mem, r->frames << KS_PAGE_SHIFT);
	munmap(r->mem, r->frames << KS_PAGE_SHIFT);
	free(r->refs);
	free(r->free);
}

size_t
ram_used(const struct ram *r)
{
	return r->frames - 1 - r->n_free;
}

ks_paddr_t
ram_frame(struct ram *r)
{
	return ram_run(r, 1, KS_PAGE_SIZE);
}

ks_paddr_t
ram_run(struct ram *r, size_t n, uint64_t align)
{
	size_t step = align >> KS_PAGE_SHIFT;
	size_t first = step, have = 0, kept = 0;

	while (first + n <= r->frames && have < n) {
		for (have = 0; have < n && !r->refs[first + have]; have++)
			;
		if (have < n)
			first += step;
	}
	must(have == n);
	for (size_t i = 0; i < r->n_free; i++)
		if (r->free[i] < first || r->free[i] >= first + n)
			r->free[kept++] = r->free[i];
	must(r->n_free - kept == n);
	r->n_free = kept;
	for (size_t i = 0; i < n; i++)
		r->refs[first + i] = 1;
	return ks_paddr((uint64_t)first << KS_PAGE_SHIFT);
}

unsigned
ram_refs(const struct ram *r, ks_paddr_t pa)
{
	return r->refs[pa.v >> KS_PAGE_SHIFT];
}

/*
 * Copies by hand, because the sanitizer checks memcpy(); by words where that
 * is possible, because much is copied.
 */
BEHIND_BACK static void
copy(volatile void *to, const volatile void *from, size_t len)
{
	size_t i = 0;

	if (!(((uintptr_t)to | (uintptr_t)from) & 7))
		for (; i + 8 <= len; i += 8)
			*(volatile uint64_t *)((volatile char *)to + i) =
			    *(const volatile uint64_t *)((const volatile char *)
							     from +
							 i);
	for (; i < len; i++)
		((volatile char *)to)[i] = ((const volatile char *)from)[i];
}

void
ram_load(const struct ram *r, ks_paddr_t pa, void *buf, size_t len)
{
	copy(buf, r->mem + pa.v, len);
}

void
ram_store(struct ram *r, ks_paddr_t pa, const void *buf, size_t len)
{
	copy(r->mem + pa.v, buf, len);
}

BEHIND_BACK uint64_t
ram_load64(const struct ram *r, ks_paddr_t pa)
{
	must(!(pa.v & 7));
	return *(const volatile uint64_t *)(r->mem + pa.v);
}

BEHIND_BACK void
ram_store64(struct ram *r, ks_paddr_t pa, uint64_t v)
{
	must(!(pa.v & 7));
	*(volatile uint64_t *)(r->mem + pa.v) = v;
}
