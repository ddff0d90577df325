/* SPDX-License-Identifier: MIT */
/*
 * A machine that is nothing but RAM: the port for the tests of page tables and
 * frame mapping. It counts references and windows and fails on demand.
 */
#ifndef TESTS_RAM_H
#define TESTS_RAM_H

#include <kshim/frame.h>
#include <kshim/page.h>

/* What of the RAM the direct map covers; the rest is reached by windows. */
enum ram_map {
	RAM_DIRECT,
	RAM_WINDOW,
	RAM_MIXED,
};

struct ram;

typedef int ram_fault_fn(struct ram *r, struct ks_space *s, ks_uaddr_t va,
			 unsigned access, bool force);

struct ram {
	struct ks_machine m;
	unsigned char *mem;
	size_t frames; /* number 0 is never given out */
	uint16_t *refs;
	uint32_t *free; /* a stack of frames */
	size_t n_free;
	struct {
		unsigned char *va; /* NULL: not in use */
		size_t len;
	} window[KS_WINDOW_DEPTH];
	bool locked;
	unsigned long calls;   /* of frame_alloc and fault_in */
	unsigned long fail_at; /* this one fails; 0: none */
	bool fail_windows;     /* calls of window_map count too */
	unsigned long flushes;
	uint64_t flush_va, flush_len; /* of the last */
	ram_fault_fn *fault;	      /* NULL: -EFAULT */
	unsigned long faults;
	void *arg; /* the test's */
};

/*
 * Make R a machine with FRAMES frames of memory, touched only where used, and
 * LEVELS levels of tables.
 */
void ram_init(struct ram *r, size_t frames, enum ram_map map, unsigned levels);
void ram_fini(struct ram *r);

/* How many frames are in use. */
size_t ram_used(const struct ram *r);

/* A frame, with what was in it; aborts if there is none. */
ks_paddr_t ram_frame(struct ram *r);

/*
 * N contiguous frames, the first a multiple of ALIGN bytes; aborts if there
 * are none.
 */
ks_paddr_t ram_run(struct ram *r, size_t n, uint64_t align);
unsigned ram_refs(const struct ram *r, ks_paddr_t pa);

/* Read and write physical memory behind the shim's back. */
void ram_load(const struct ram *r, ks_paddr_t pa, void *buf, size_t len);
void ram_store(struct ram *r, ks_paddr_t pa, const void *buf, size_t len);
uint64_t ram_load64(const struct ram *r, ks_paddr_t pa);
void ram_store64(struct ram *r, ks_paddr_t pa, uint64_t v);

#endif
