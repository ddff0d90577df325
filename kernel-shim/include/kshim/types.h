/* SPDX-License-Identifier: MIT */
/*
 * Types shared by every part of the shim. An address is wrapped in a struct,
 * so that a physical address cannot be passed where a user address is meant.
 */
#ifndef KSHIM_TYPES_H
#define KSHIM_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kshim/errno.h>

/* A physical address. */
typedef struct {
	uint64_t v;
} ks_paddr_t;

/* A virtual address in the user half of some address space. */
typedef struct {
	uint64_t v;
} ks_uaddr_t;

static inline ks_paddr_t
ks_paddr(uint64_t v)
{
	return (ks_paddr_t){v};
}

static inline ks_uaddr_t
ks_uaddr(uint64_t v)
{
	return (ks_uaddr_t){v};
}

/* A place in a list, or its head. */
struct ks_link {
	struct ks_link *prev, *next;
};

/* The structure of type TYPE whose member MEMBER is at PTR. */
#define ks_container(ptr, type, member)                                        \
	((type *)((char *)(ptr)-offsetof(type, member)))

#define KS_PAGE_SHIFT 12
#define KS_PAGE_SIZE  ((uint64_t)1 << KS_PAGE_SHIFT)
#define KS_PAGE_MASK  (KS_PAGE_SIZE - 1)

#endif
