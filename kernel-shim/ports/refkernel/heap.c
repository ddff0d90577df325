/* SPDX-License-Identifier: MIT */
/*
 * The heap. Blocks up to half a page come from slabs: pages cut into blocks of
 * one size, the free ones linked by offsets. A page with free blocks is on
 * the list of its class. Larger blocks are frames of their own.
 */
#include "frame.h"
#include "kprintf.h"
#include "mem.h"
#include "string.h"

#define NONE	    0xffff
#define SMALL_SHIFT 4 /* the smallest block is 16 bytes */
#define CLASSES	    8 /* 16, 32, ... 2048 */
#define SMALL_MAX   (1u << (SMALL_SHIFT + CLASSES - 1))

uint64_t heap_pages, heap_blocks;

static uint32_t partial[CLASSES];

static unsigned
log2_up(size_t v)
{
	return v <= 1 ? 0 : 64 - __builtin_clzl(v - 1);
}

static unsigned
class_of(size_t size)
{
	return size <= 16 ? 0 : log2_up(size) - SMALL_SHIFT;
}

static size_t
class_size(unsigned c)
{
	return (size_t)1 << (c + SMALL_SHIFT);
}

static char *
page_of(uint64_t pfn)
{
	return pa_to_va(ks_paddr(pfn << PAGE_SHIFT));
}

static void
slab_link(uint64_t pfn, unsigned c)
{
	struct frame *f = frame_entry(pfn);

	f->prev = 0;
	f->next = partial[c];
	if (f->next != 0)
		frame_entry(f->next)->prev = pfn;
	partial[c] = pfn;
}

static void
slab_unlink(uint64_t pfn, unsigned c)
{
	struct frame *f = frame_entry(pfn);

	if (f->prev != 0)
		frame_entry(f->prev)->next = f->next;
	else
		partial[c] = f->next;
	if (f->next != 0)
		frame_entry(f->next)->prev = f->prev;
}

static bool
slab_new(unsigned c)
{
	size_t size = class_size(c);
	uint64_t pfn;
	char *page;

	if (block_alloc(0, FRAME_SLAB, &pfn) != 0)
		return false;
	heap_pages++;
	frame_entry(pfn)->order = c;
	frame_entry(pfn)->free = 0;
	page = page_of(pfn);
	for (size_t off = 0; off < PAGE_SIZE; off += size)
		*(uint16_t *)(page + off) =
		    off + size < PAGE_SIZE ? off + size : NONE;
	slab_link(pfn, c);
	return true;
}

static void *
small_alloc(unsigned c)
{
	struct frame *f;
	uint64_t pfn;
	char *p;

	if (partial[c] == 0 && !slab_new(c))
		return NULL;
	pfn = partial[c];
	f = frame_entry(pfn);
	p = page_of(pfn) + f->free;
	f->free = *(uint16_t *)p;
	f->refs++;
	if (f->free == NONE)
		slab_unlink(pfn, c);
	return p;
}

static void
small_free(uint64_t pfn, void *p)
{
	struct frame *f = frame_entry(pfn);
	unsigned c = f->order;
	uint16_t off = (uint64_t)p & (PAGE_SIZE - 1);

	ASSERT(f->refs > 0 && off % class_size(c) == 0);
	if (f->free == NONE)
		slab_link(pfn, c);
	*(uint16_t *)p = f->free;
	f->free = off;
	if (--f->refs == 0) {
		slab_unlink(pfn, c);
		block_free(pfn, 0);
		heap_pages--;
	}
}

void *
kmalloc(size_t size)
{
	unsigned order;
	uint64_t pfn;
	void *p;

	if (size <= SMALL_MAX) {
		p = small_alloc(class_of(size));
		heap_blocks += p != NULL;
		return p;
	}
	order = log2_up((size + PAGE_SIZE - 1) >> PAGE_SHIFT);
	if (order > FRAME_MAX_ORDER ||
	    block_alloc(order, FRAME_LARGE, &pfn) != 0)
		return NULL;
	heap_pages += 1u << order;
	heap_blocks++;
	return page_of(pfn);
}

void *
kzalloc(size_t size)
{
	void *p = kmalloc(size);

	if (p != NULL)
		memset(p, 0, size);
	return p;
}

void
kfree(void *p)
{
	uint64_t pfn;
	struct frame *f;

	if (p == NULL)
		return;
	pfn = va_to_pa(p).v >> PAGE_SHIFT;
	f = frame_entry(pfn);
	heap_blocks--;
	if (f->state == FRAME_SLAB) {
		small_free(pfn, p);
		return;
	}
	ASSERT(f->state == FRAME_LARGE && ((uint64_t)p & (PAGE_SIZE - 1)) == 0);
	heap_pages -= 1u << f->order;
	block_free(pfn, f->order);
}

static size_t
block_size(void *p)
{
	struct frame *f = frame_entry(va_to_pa(p).v >> PAGE_SHIFT);

	return f->state == FRAME_SLAB ? class_size(f->order)
				      : (size_t)PAGE_SIZE << f->order;
}

void *
krealloc(void *p, size_t size)
{
	size_t old = p == NULL ? 0 : block_size(p);
	void *q;

	if (p != NULL && size <= old && size > old / 4)
		return p;
	q = kmalloc(size);
	if (q == NULL)
		return NULL;
	if (p != NULL)
		memcpy(q, p, old < size ? old : size);
	kfree(p);
	return q;
}

char *
kstrdup(const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = kmalloc(n);

	if (p != NULL)
		memcpy(p, s, n);
	return p;
}
