/* SPDX-License-Identifier: MIT */
/*
 * The table of frames, for the allocators alone: frame.c and heap.c.
 */
#ifndef FRAME_H
#define FRAME_H

#include <kshim/types.h>

enum frame_state {
	FRAME_RESERVED, /* not RAM, or the kernel's image */
	FRAME_FREE,	/* the first of a free block of 1 << order frames */
	FRAME_INSIDE,	/* a later frame of a block, free or not */
	FRAME_USED,	/* has refs references */
	FRAME_SLAB,	/* the heap's: small blocks of class ORDER */
	FRAME_LARGE,	/* the heap's: the first of 1 << order frames */
};

struct frame {
	uint32_t refs;	     /* USED: references; SLAB: blocks in use */
	uint32_t next, prev; /* FREE, SLAB: links of a list, 0 ends */
	uint8_t state;
	uint8_t order;
	uint16_t free; /* SLAB: offset of the first free block, or NONE */
};

#define FRAME_MAX_ORDER 10

/* Entry PFN; frame 0 is never given out. */
struct frame *frame_entry(uint64_t pfn);

/*
 * A block of 1 << ORDER frames, naturally aligned, not zeroed, state STATE in
 * its first entry. -ENOMEM.
 */
int block_alloc(unsigned order, enum frame_state state, uint64_t *out_pfn);
void block_free(uint64_t pfn, unsigned order);

/* Kept by heap.c for mem_census(). */
extern uint64_t heap_pages, heap_blocks;

#endif
