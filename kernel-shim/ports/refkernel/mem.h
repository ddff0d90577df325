/* SPDX-License-Identifier: MIT */
/*
 * Physical memory: frames with reference counts, and the kernel's heap.
 * Nothing here sleeps.
 */
#ifndef MEM_H
#define MEM_H

#include <kshim/port.h>

#define KERNEL_BASE 0xffffffff80000000u
#define DIRECT_BASE 0xffff888000000000u
#define PAGE_SIZE   4096u
#define PAGE_SHIFT  12

static inline uint64_t
page_down(uint64_t v)
{
	return v & ~(uint64_t)(PAGE_SIZE - 1);
}

static inline uint64_t
page_up(uint64_t v)
{
	return page_down(v + PAGE_SIZE - 1);
}

/* The one machine, for the shim's calls. */
extern struct ks_machine machine;

/* Physical memory through the direct map, and back. */
static inline void *
pa_to_va(ks_paddr_t pa)
{
	return (void *)(DIRECT_BASE + pa.v);
}

static inline ks_paddr_t
va_to_pa(const void *va)
{
	return ks_paddr((uint64_t)va - DIRECT_BASE);
}

/* ---- frames ---- */

/*
 * A 4 KiB frame with one reference; frame_alloc() zeroes it, frame_alloc_raw()
 * does not. When memory is short clean pages of the page cache are dropped
 * first. -ENOMEM.
 */
int frame_alloc(ks_paddr_t *out_pa);
int frame_alloc_raw(ks_paddr_t *out_pa);

/* One more reference; one less: the last one frees the frame. */
void frame_ref(ks_paddr_t pa);
void frame_put(ks_paddr_t pa);

/* The number of references; 0 if PA is not a frame of RAM or is free. */
unsigned frame_refs(ks_paddr_t pa);

/* One more reference to / contents of the frame that is always zero. */
ks_paddr_t frame_zero(void);

void page_copy(void *to, const void *from);

/* ---- heap ---- */

/*
 * SIZE bytes, 16-aligned (a power of two from 64 to 4096: aligned to itself;
 * above 4096: page aligned and physically contiguous). NULL when there is no
 * memory or SIZE is above 4 MiB. kfree(NULL) does nothing.
 */
void *kmalloc(size_t size);
void *kzalloc(size_t size);
void kfree(void *p);
/* Grow or shrink P, like realloc(); P stays valid when this returns NULL. */
void *krealloc(void *p, size_t size);
char *kstrdup(const char *s);

/* ---- boot and census ---- */

struct mem_range {
	uint64_t start, end;
};

/* Take over the RAM in RANGES; [0, kernel_end) stays reserved. */
void mem_init(const struct mem_range *ranges, size_t n, uint64_t kernel_end);

struct mem_census {
	uint64_t total, free; /* frames */
	uint64_t frames;      /* frames with references */
	uint64_t heap_pages;  /* pages that the heap holds */
	uint64_t heap_blocks; /* live kmalloc() blocks */
};

void mem_census(struct mem_census *out);

#endif
