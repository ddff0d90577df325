/* SPDX-License-Identifier: MIT */
/* The pages of one file that are in memory: a radix tree of frames. */
#ifndef REFKERNEL_PAGECACHE_H
#define REFKERNEL_PAGECACHE_H

#include <stddef.h>
#include <stdint.h>

#include <kshim/types.h>

#include "list.h"

struct pc_node;

struct pagecache {
	struct pc_node *root;
	unsigned height; /* levels below the root */
	uint64_t count;	 /* frames held */
	struct list lru; /* clean caches only, see pagecache_clean() */
};

/* The frame of page INDEX, without a new reference; false if there is none. */
bool pagecache_find(struct pagecache *pc, uint64_t index, ks_paddr_t *out_pa);

/*
 * Put a frame at INDEX, where there is none; the cache takes over the caller's
 * reference. -ENOMEM: the caller keeps it.
 */
int pagecache_insert(struct pagecache *pc, uint64_t index, ks_paddr_t pa);

/* Drop all frames from INDEX on, and their references. */
void pagecache_truncate(struct pagecache *pc, uint64_t index);

/*
 * Say that PC can be read again from where it came, so that its frames may be
 * taken when memory is short; to be called at each use.
 */
void pagecache_clean(struct pagecache *pc);

/*
 * Free clean frames that nobody else uses, oldest file first, until WANTED are
 * free; return how many were freed. For the frame allocator: may be called
 * wherever a frame is allocated, allocates nothing.
 */
size_t pagecache_shrink(size_t wanted);

#endif
