/* SPDX-License-Identifier: MIT */
/* Address spaces: mappings, page faults, fork. */
#include <stdlib.h>
#include <string.h>

#include "sim_int.h"

#define ANY (KS_READ | KS_WRITE | KS_EXEC)

static struct sim_vma *
find(struct sim_mm *mm, uint64_t va)
{
	for (struct sim_vma *v = mm->vmas; v; v = v->next)
		if (va >= v->start && va < v->end)
			return v;
	return NULL;
}

struct sim_mm *
sim_mm_new(struct sim *s)
{
	struct sim_mm *mm = calloc(1, sizeof(*mm));

	if (!mm)
		return NULL;
	mm->s = s;
	mm->users = 1;
	mm->refs = 1;
	if (ks_space_init(&mm->space, &s->m, ks_paddr(0))) {
		free(mm);
		return NULL;
	}
	s->used.spaces++;
	return mm;
}

void
sim_mm_get(struct sim_mm *mm)
{
	mm->refs++;
}

/*
 * Emptying an address space cannot fail in a kernel, which keeps windows for
 * that: so no failure is injected.
 */
static unsigned
spare(struct sim *s)
{
	unsigned ops = s->fail_ops;

	s->fail_ops = 0;
	return ops;
}

void
sim_mm_put(struct sim_mm *mm)
{
	struct sim *s = mm->s;
	unsigned ops;

	if (--mm->refs)
		return;
	ops = spare(s);
	sim_tlb_flush(s, &mm->space, 0, UINT64_MAX);
	ks_space_fini(&mm->space);
	s->used.spaces--;
	free(mm);
	s->fail_ops = ops;
}

static int
free_leaf(void *arg, uint64_t va, const struct ks_xlat *x)
{
	struct sim_mm *mm = arg;

	(void)va;
	if (x->leaf_size != KS_PAGE_SIZE)
		sim_bug("a large leaf in a process");
	sim_frame_put(mm->s, x->pa);
	return 0;
}

void
sim_mm_use(struct sim_mm *mm)
{
	mm->users++;
}

void
sim_mm_unuse(struct sim_mm *mm)
{
	struct sim *s = mm->s;
	unsigned ops;

	if (--mm->users)
		return;
	ops = spare(s);
	while (mm->vmas) {
		struct sim_vma *v = mm->vmas;

		if (ks_unmap(&mm->space, v->start, v->end - v->start, free_leaf,
			     mm))
			sim_bug("an address space cannot be emptied");
		mm->vmas = v->next;
		free(v);
	}
	sim_mm_put(mm);
	s->fail_ops = ops;
}

int
sim_mm_add(struct sim_mm *mm, uint64_t start, uint64_t end, unsigned prot,
	   struct sim_object *object, unsigned part, bool shared)
{
	struct sim_vma *v = calloc(1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	v->start = start;
	v->end = end;
	v->prot = prot;
	v->object = object;
	v->part = part;
	v->base = start;
	v->shared = shared;
	v->next = mm->vmas;
	mm->vmas = v;
	return 0;
}

/* Make VA, if it is within a mapping, the beginning of one. */
static int
split(struct sim_mm *mm, uint64_t va)
{
	struct sim_vma *v = find(mm, va), *rest;

	if (!v || v->start == va)
		return 0;
	rest = malloc(sizeof(*rest));
	if (!rest)
		return -ENOMEM;
	*rest = *v;
	rest->start = va;
	v->end = va;
	v->next = rest;
	return 0;
}

static bool
bad_range(const struct sim_mm *mm, uint64_t start, uint64_t end)
{
	return (start | end) & KS_PAGE_MASK || start >= end ||
	       !ks_user_address(&mm->s->m, ks_uaddr(end - 1));
}

int
sim_mm_protect(struct sim_mm *mm, uint64_t start, uint64_t end, unsigned prot)
{
	int err;

	if (bad_range(mm, start, end))
		return -EINVAL;
	if (split(mm, start) || split(mm, end))
		return -ENOMEM;
	for (uint64_t va = start; va < end; va += KS_PAGE_SIZE)
		if (!find(mm, va))
			return -ENOMEM;
	err = ks_protect(&mm->space, start, end - start, prot, ANY);
	if (err)
		return err;
	for (struct sim_vma *v = mm->vmas; v; v = v->next)
		if (v->start >= start && v->end <= end)
			v->prot = prot;
	return 0;
}

int
sim_mm_unmap(struct sim_mm *mm, uint64_t start, uint64_t end)
{
	struct sim_vma **at = &mm->vmas;
	int err;

	if (bad_range(mm, start, end))
		return -EINVAL;
	if (split(mm, start) || split(mm, end))
		return -ENOMEM;
	err = ks_unmap(&mm->space, start, end - start, free_leaf, mm);
	if (err)
		return err;
	while (*at) {
		struct sim_vma *v = *at;

		if (v->start >= start && v->end <= end) {
			*at = v->next;
			free(v);
		} else {
			at = &v->next;
		}
	}
	return 0;
}

/* Where LEN bytes can be mapped. */
uint64_t
sim_mm_gap(struct sim_mm *mm, uint64_t len)
{
	uint64_t at = UINT64_C(0x7f0000000000);
	bool moved;

	do {
		moved = false;
		for (struct sim_vma *v = mm->vmas; v; v = v->next)
			if (at < v->end && v->start < at + len) {
				at = v->end;
				moved = true;
			}
	} while (moved);
	return at;
}

/* Map the absent page VA of V. */
static int
map_page(struct sim_mm *mm, struct sim_vma *v, uint64_t va)
{
	uint64_t index = (va - v->base) >> KS_PAGE_SHIFT;
	unsigned flags = v->prot | KS_USER;
	ks_paddr_t pa;
	int err;

	if (v->object && index < v->object->npages[v->part]) {
		pa = v->object->page[v->part][index];
		sim_frame_ref(mm->s, pa);
		flags |= v->shared ? 0 : KS_COW;
	} else {
		err = sim_frame_alloc(mm->s, &pa);
		if (err)
			return err;
		flags |= v->shared ? 0 : KS_OWN;
	}
	err = ks_map(&mm->space, va, pa, KS_PAGE_SIZE, flags, KS_PAGE_SIZE);
	if (err)
		sim_frame_put(mm->s, pa);
	return err;
}

int
sim_mm_fault(struct sim_mm *mm, uint64_t va, unsigned access, bool force)
{
	struct sim_vma *v = find(mm, va);
	bool keep_ro = false;
	struct ks_xlat x;
	int err;

	if (!v)
		return -EFAULT;
	if (force && (access & KS_WRITE) && !(v->prot & KS_WRITE)) {
		if (v->shared)
			return -EACCES;
		keep_ro = true;
	} else if (!force && (!v->prot || access & ~(v->prot | KS_READ))) {
		return -EACCES;
	}
	va &= ~KS_PAGE_MASK;
	err = ks_walk(&mm->space, ks_uaddr(va), &x);
	if (err == -EFAULT) {
		err = map_page(mm, v, va);
		if (!err)
			err = ks_walk(&mm->space, ks_uaddr(va), &x);
	}
	if (err || !(access & KS_WRITE) || !(x.flags & KS_COW))
		return err;
	return ks_cow_break(&mm->space, ks_uaddr(va), keep_ro);
}

/* For ks_each_leaf(): the child ARG gets the page too. */
static int
share_leaf(void *arg, uint64_t va, const struct ks_xlat *x)
{
	struct sim_mm *child = arg;
	unsigned flags = x->flags & (ANY | KS_USER | KS_COW);
	int err =
	    ks_map(&child->space, va, x->pa, KS_PAGE_SIZE, flags, KS_PAGE_SIZE);

	if (!err)
		sim_frame_ref(child->s, x->pa);
	return err;
}

struct sim_mm *
sim_mm_fork(struct sim_mm *mm)
{
	struct sim_mm *child = sim_mm_new(mm->s);

	if (!child)
		return NULL;
	for (struct sim_vma *v = mm->vmas; v; v = v->next) {
		uint64_t size = v->end - v->start;
		int err = sim_mm_add(child, v->start, v->end, v->prot,
				     v->object, v->part, v->shared);

		if (!err)
			child->vmas->base = v->base;
		if (!err && !v->shared)
			err = ks_protect(&mm->space, v->start, size, KS_COW,
					 KS_COW);
		if (!err)
			err = ks_each_leaf(&mm->space, v->start, size,
					   share_leaf, child);
		if (err) {
			sim_mm_unuse(child);
			return NULL;
		}
	}
	return child;
}

/* Copy within one page, as user mode would. */
static int
copy_page(struct sim_thread *t, void *buf, uint64_t va, size_t len, bool out)
{
	unsigned access = out ? KS_WRITE : KS_READ;

	for (int i = 0; i < 4; i++) {
		enum sim_fault f = out ? sim_store(t, va, buf, len)
				       : sim_load(t, va, buf, len, access);
		if (!f)
			return 0;
		if (f == SIM_RESERVED || sim_mm_fault(t->mm, va, access, false))
			break;
	}
	return -EFAULT;
}

static int
copy(struct sim_thread *t, unsigned char *buf, uint64_t va, size_t len,
     bool out)
{
	while (len) {
		size_t n = KS_PAGE_SIZE - (va & KS_PAGE_MASK);
		int err;

		if (n > len)
			n = len;
		err = t->mm ? copy_page(t, buf, va, n, out) : -EFAULT;
		if (err)
			return err;
		buf += n;
		va += n;
		len -= n;
	}
	return 0;
}

int
sim_copy_in(struct sim_thread *t, void *buf, uint64_t va, size_t len)
{
	return copy(t, buf, va, len, false);
}

int
sim_copy_out(struct sim_thread *t, uint64_t va, const void *buf, size_t len)
{
	return copy(t, (unsigned char *)buf, va, len, true);
}
