/* SPDX-License-Identifier: MIT */
#include "area.h"

#include "errno.h"
#include "file.h"
#include "mem.h"
#include "string.h"
#include "user.h"

size_t
area_index(const struct vm *vm, uint64_t va)
{
	size_t lo = 0, hi = vm->n_areas;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (vm->areas[mid]->end <= va)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct area *
vm_find(const struct vm *vm, uint64_t va)
{
	size_t i = area_index(vm, va);

	if (i == vm->n_areas || vm->areas[i]->start > va)
		return NULL;
	return vm->areas[i];
}

int
vm_each_area(const struct vm *vm, int (*fn)(void *arg, const struct area *),
	     void *arg)
{
	for (size_t i = 0; i < vm->n_areas; i++) {
		int r = fn(arg, vm->areas[i]);

		if (r != 0)
			return r;
	}
	return 0;
}

unsigned
area_rights(const struct area *a)
{
	/* x86 has no page that can be written or executed, but not read. */
	return a->prot == 0 ? 0 : a->prot | KS_READ;
}

int
area_put_leaf(void *arg, uint64_t va, const struct ks_xlat *x)
{
	struct vm *vm = arg;

	(void)va;
	vm->present--;
	frame_put(x->pa);
	return 0;
}

static int
make_room(struct vm *vm)
{
	size_t max = vm->max_areas == 0 ? 32 : vm->max_areas * 2;
	struct area **v;

	if (vm->n_areas < vm->max_areas)
		return 0;
	if (vm->n_areas >= AREA_MAX)
		return -ENOMEM;
	v = krealloc(vm->areas, max * sizeof(*v));
	if (v == NULL)
		return -ENOMEM;
	vm->areas = v;
	vm->max_areas = max;
	return 0;
}

/* Put A at index I. */
static void
insert_at(struct vm *vm, size_t i, struct area *a)
{
	memmove(&vm->areas[i + 1], &vm->areas[i],
		(vm->n_areas - i) * sizeof(*vm->areas));
	vm->areas[i] = a;
	vm->n_areas++;
	vm->changes++;
}

static bool
alike(const struct area *a, const struct area *b)
{
	return a->end == b->start && a->prot == b->prot &&
	       a->max_prot == b->max_prot && a->file == b->file &&
	       (a->flags & ~AREA_ANON) == (b->flags & ~AREA_ANON) &&
	       (a->file == NULL || area_offset(a, b->start) == b->offset);
}

void
area_join(struct vm *vm, size_t i)
{
	struct area *a, *b;

	if (i == 0 || i >= vm->n_areas)
		return;
	a = vm->areas[i - 1];
	b = vm->areas[i];
	if (!alike(a, b))
		return;
	a->flags |= b->flags & AREA_ANON;
	a->end = b->end;
	vm->pages += (b->end - b->start) >> PAGE_SHIFT;
	area_release(area_detach(vm, i));
}

int
area_add(struct vm *vm, const struct area *a)
{
	size_t i = area_index(vm, a->start);
	struct area *copy;

	if (make_room(vm) != 0)
		return -ENOMEM;
	copy = kmalloc(sizeof(*copy));
	if (copy == NULL)
		return -ENOMEM;
	*copy = *a;
	insert_at(vm, i, copy);
	vm->pages += (a->end - a->start) >> PAGE_SHIFT;
	if (vm->pages > vm->peak_pages)
		vm->peak_pages = vm->pages;
	area_join(vm, i + 1);
	area_join(vm, i);
	return 0;
}

int
area_split(struct vm *vm, uint64_t va)
{
	size_t i = area_index(vm, va);
	struct area *a, *high;

	if (i == vm->n_areas || vm->areas[i]->start >= va)
		return 0;
	a = vm->areas[i];
	if (make_room(vm) != 0)
		return -ENOMEM;
	high = kmalloc(sizeof(*high));
	if (high == NULL)
		return -ENOMEM;
	*high = *a;
	high->offset = area_offset(a, va);
	high->start = va;
	a->end = va;
	if (high->file != NULL)
		file_get(high->file);
	insert_at(vm, i + 1, high);
	return 0;
}

struct area *
area_detach(struct vm *vm, size_t i)
{
	struct area *a = vm->areas[i];

	vm->n_areas--;
	memmove(&vm->areas[i], &vm->areas[i + 1],
		(vm->n_areas - i) * sizeof(*vm->areas));
	vm->changes++;
	vm->pages -= (a->end - a->start) >> PAGE_SHIFT;
	return a;
}

void
area_release(struct area *a)
{
	if (a->file != NULL)
		file_put(a->file);
	kfree(a);
}

bool
area_covers(const struct vm *vm, uint64_t start, uint64_t end)
{
	for (size_t i = area_index(vm, start); start < end; i++) {
		if (i == vm->n_areas || vm->areas[i]->start > start)
			return false;
		start = vm->areas[i]->end;
	}
	return true;
}

bool
area_free(const struct vm *vm, uint64_t start, uint64_t end)
{
	size_t i = area_index(vm, start);

	return i == vm->n_areas || vm->areas[i]->start >= end;
}

/* The highest gap within [LOW, HIGH). */
static uint64_t
gap_within(const struct vm *vm, uint64_t low, uint64_t high, uint64_t len)
{
	size_t i = area_index(vm, high);

	/* A stack may still grow down to HIGH; it keeps its distance. */
	if (i < vm->n_areas && vm->areas[i]->start < high)
		high = vm->areas[i]->start;
	for (;;) {
		uint64_t below = i == 0 ? 0 : vm->areas[i - 1]->end;

		if (below < low)
			below = low;
		if (high >= below && high - below >= len)
			return high - len;
		if (i == 0 || below == low)
			return 0;
		high = vm->areas[--i]->start;
	}
}

#define LOWEST_MAP 0x10000

uint64_t
area_find_gap(const struct vm *vm, uint64_t len)
{
	uint64_t at = gap_within(vm, LOWEST_MAP, vm->mmap_base, len);

	return at != 0 ? at : gap_within(vm, vm->mmap_base, USER_END, len);
}
