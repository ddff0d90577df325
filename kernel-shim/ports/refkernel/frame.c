/* SPDX-License-Identifier: MIT */
/*
 * Physical memory: a buddy allocator. Free blocks of 2^order frames are on the
 * list of their order; a block that is freed joins its buddy, the block whose
 * number differs in one bit, as long as that is free too.
 */
#include "frame.h"

#include "errno.h"
#include "kprintf.h"
#include "mem.h"
#include "pagecache.h"
#include "string.h"

/* How many pages to take from the page cache when memory is short. */
#define SHRINK_BATCH 256

static struct frame *table;
static uint64_t table_size; /* entries */
static uint32_t free_list[FRAME_MAX_ORDER + 1];
static struct mem_census census;
static ks_paddr_t zero_frame;

struct frame *
frame_entry(uint64_t pfn)
{
	ASSERT(pfn != 0 && pfn < table_size);
	return &table[pfn];
}

static void
list_push(uint64_t pfn, unsigned order)
{
	struct frame *f = &table[pfn];

	f->state = FRAME_FREE;
	f->order = order;
	f->prev = 0;
	f->next = free_list[order];
	if (f->next != 0)
		table[f->next].prev = pfn;
	free_list[order] = pfn;
}

static void
list_unlink(uint64_t pfn)
{
	struct frame *f = &table[pfn];

	if (f->prev != 0)
		table[f->prev].next = f->next;
	else
		free_list[f->order] = f->next;
	if (f->next != 0)
		table[f->next].prev = f->prev;
	f->state = FRAME_INSIDE;
}

static bool
take_block(unsigned order, uint64_t *out_pfn)
{
	unsigned have = order;
	uint64_t pfn;

	while (have <= FRAME_MAX_ORDER && free_list[have] == 0)
		have++;
	if (have > FRAME_MAX_ORDER)
		return false;
	pfn = free_list[have];
	list_unlink(pfn);
	while (have > order) {
		have--;
		list_push(pfn + (1u << have), have);
	}
	census.free -= 1u << order;
	*out_pfn = pfn;
	return true;
}

int
block_alloc(unsigned order, enum frame_state state, uint64_t *out_pfn)
{
	while (!take_block(order, out_pfn)) {
		if (pagecache_shrink(SHRINK_BATCH) == 0)
			return -ENOMEM;
	}
	table[*out_pfn].state = state;
	table[*out_pfn].order = order;
	table[*out_pfn].refs = 0;
	return 0;
}

void
block_free(uint64_t pfn, unsigned order)
{
	census.free += 1u << order;
	for (; order < FRAME_MAX_ORDER; order++) {
		uint64_t buddy = pfn ^ 1u << order;

		if (buddy >= table_size || table[buddy].state != FRAME_FREE ||
		    table[buddy].order != order)
			break;
		list_unlink(buddy);
		table[pfn].state = FRAME_INSIDE;
		pfn &= ~((uint64_t)1 << order);
	}
	list_push(pfn, order);
}

int
frame_alloc_raw(ks_paddr_t *out_pa)
{
	uint64_t pfn;
	int err;

	err = block_alloc(0, FRAME_USED, &pfn);
	if (err != 0)
		return err;
	table[pfn].refs = 1;
	census.frames++;
	*out_pa = ks_paddr(pfn << PAGE_SHIFT);
	return 0;
}

static void
clear(void *page)
{
	uint64_t *p = page;

	for (int i = 0; i < 512; i += 8) {
		p[i] = p[i + 1] = p[i + 2] = p[i + 3] = 0;
		p[i + 4] = p[i + 5] = p[i + 6] = p[i + 7] = 0;
	}
}

int
frame_alloc(ks_paddr_t *out_pa)
{
	int err;

	err = frame_alloc_raw(out_pa);
	if (err == 0)
		clear(pa_to_va(*out_pa));
	return err;
}

/* Memory that is not a frame (device, ROM) is never counted. */
static bool
is_ram(ks_paddr_t pa)
{
	uint64_t pfn = pa.v >> PAGE_SHIFT;

	return pfn < table_size && table[pfn].state == FRAME_USED;
}

void
frame_ref(ks_paddr_t pa)
{
	if (!is_ram(pa))
		return;
	ASSERT(table[pa.v >> PAGE_SHIFT].refs < UINT32_MAX);
	table[pa.v >> PAGE_SHIFT].refs++;
}

void
frame_put(ks_paddr_t pa)
{
	struct frame *f;

	if (!is_ram(pa))
		return;
	f = &table[pa.v >> PAGE_SHIFT];
	ASSERT(f->refs > 0);
	if (--f->refs > 0)
		return;
	census.frames--;
	block_free(pa.v >> PAGE_SHIFT, 0);
}

unsigned
frame_refs(ks_paddr_t pa)
{
	return is_ram(pa) ? table[pa.v >> PAGE_SHIFT].refs : 0;
}

ks_paddr_t
frame_zero(void)
{
	frame_ref(zero_frame);
	return zero_frame;
}

void
page_copy(void *to, const void *from)
{
	memcpy(to, from, PAGE_SIZE);
}

/* Give out [FIRST, END) frame numbers in blocks as large as they align. */
static void
add_range(uint64_t first, uint64_t end)
{
	while (first < end) {
		unsigned order = FRAME_MAX_ORDER;

		while ((first & ((1u << order) - 1)) != 0 ||
		       first + (1u << order) > end)
			order--;
		for (uint64_t i = 1; i < 1u << order; i++)
			table[first + i].state = FRAME_INSIDE;
		list_push(first, order);
		census.total += 1u << order;
		census.free += 1u << order;
		first += 1u << order;
	}
}

void
mem_init(const struct mem_range *ranges, size_t n, uint64_t kernel_end)
{
	uint64_t top = 0, start;

	for (size_t i = 0; i < n; i++) {
		if (ranges[i].end > top)
			top = ranges[i].end;
	}
	/* The table itself lies behind the kernel. */
	table_size = top >> PAGE_SHIFT;
	table = pa_to_va(ks_paddr(page_up(kernel_end)));
	memset(table, 0, table_size * sizeof(*table));
	start = page_up(page_up(kernel_end) + table_size * sizeof(*table));
	for (size_t i = 0; i < n; i++) {
		uint64_t from = page_up(ranges[i].start);

		if (from < start)
			from = start;
		if (from < page_down(ranges[i].end))
			add_range(from >> PAGE_SHIFT,
				  ranges[i].end >> PAGE_SHIFT);
	}
	if (frame_alloc(&zero_frame) != 0)
		panic("no memory");
}

void
mem_census(struct mem_census *out)
{
	*out = census;
	out->heap_pages = heap_pages;
	out->heap_blocks = heap_blocks;
}
