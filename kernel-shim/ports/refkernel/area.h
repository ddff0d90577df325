/* SPDX-License-Identifier: MIT */
/*
 * The list of areas of an address space, for the vm files alone. Nothing here
 * sleeps or touches page tables.
 */
#ifndef AREA_H
#define AREA_H

#include "vm.h"

/* As Linux's default for vm.max_map_count. */
#define AREA_MAX 65530

/* The index of the first area that ends above VA; n_areas if none does. */
size_t area_index(const struct vm *vm, uint64_t va);

/*
 * Enter a copy of A, which overlaps no other, joining it with its neighbours
 * where they are alike. A's reference to its file is taken over. -ENOMEM: it
 * is not.
 */
int area_add(struct vm *vm, const struct area *a);

/* Make sure that no area crosses VA. -ENOMEM. */
int area_split(struct vm *vm, uint64_t va);

/* Take area I out; then free it, which may sleep. */
struct area *area_detach(struct vm *vm, size_t i);
void area_release(struct area *a);

/* Join area I with the one before it, if they are alike. */
void area_join(struct vm *vm, size_t i);

/* True if [START, END) has no hole. */
bool area_covers(const struct vm *vm, uint64_t start, uint64_t end);

/* The highest free range of LEN bytes below mmap_base, else above; or 0. */
uint64_t area_find_gap(const struct vm *vm, uint64_t len);

/* True if no area touches [START, END). */
bool area_free(const struct vm *vm, uint64_t start, uint64_t end);

/* The offset in A's file of VA. */
static inline uint64_t
area_offset(const struct area *a, uint64_t va)
{
	return a->offset + (va - a->start);
}

/* A ks_leaf_fn: the page of struct vm *ARG that was at X is unmapped. */
int area_put_leaf(void *arg, uint64_t va, const struct ks_xlat *x);

/* One more page is mapped in VM. */
static inline void
area_count_page(struct vm *vm)
{
	if (++vm->present > vm->peak_present)
		vm->peak_present = vm->present;
}

/* The flags of a page of A that may be used as A's protection says. */
unsigned area_rights(const struct area *a);

#endif
