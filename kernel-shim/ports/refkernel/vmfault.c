/* SPDX-License-Identifier: MIT */
/*
 * Page faults: the page that an area promises is made present.
 *
 * Of the pages of a private area those that may be shared with anybody (the
 * page cache, the zero frame, a relative after fork) are KS_COW; what is the
 * space's alone is KS_OWN.
 */
#include "area.h"
#include "errno.h"
#include "file.h"
#include "filemap.h"
#include "mem.h"
#include "thread.h"
#include "user.h"
#include "vm.h"

/* A growing stack keeps this distance from what is below it. */
#define STACK_GUARD (256 * (uint64_t)PAGE_SIZE)

/* How many pages of a file around the wanted one are mapped with it. */
#define FAULT_AROUND 16

/* The stack area above VA, grown down to it; or NULL. As on Linux, a debugger
 * that reads below the stack is held to its own limit. */
static struct area *
grow_stack(struct vm *vm, uint64_t va)
{
	size_t i = area_index(vm, va);
	struct area *a;
	uint64_t limit = RLIM_INFINITY;

	if (i == vm->n_areas)
		return NULL;
	a = vm->areas[i];
	if (!(a->flags & AREA_GROWSDOWN))
		return NULL;
	if (current != NULL && current->process != NULL)
		limit = current->process->rlimit[RLIMIT_STACK].cur;
	if (a->end - va > limit)
		return NULL;
	if (i > 0 && va - vm->areas[i - 1]->end < STACK_GUARD &&
	    vm->areas[i - 1]->prot != 0)
		return NULL;
	vm->pages += (a->start - va) >> PAGE_SHIFT;
	if (vm->pages > vm->peak_pages)
		vm->peak_pages = vm->pages;
	a->start = va;
	vm->changes++;
	return a;
}

/* Whether A allows ACCESS; with FORCE, a debugger's access. */
static bool
allowed(const struct area *a, unsigned access, bool force)
{
	if ((access & ~area_rights(a)) == 0)
		return true;
	if (!force || (access & KS_EXEC))
		return false;
	return access == KS_READ || !(a->flags & AREA_SHARED);
}

/*
 * The page is mapped: give it what it lacks for ACCESS. -EAGAIN: it is mapped
 * no more.
 */
static int
fault_present(struct vm *vm, struct area *a, uint64_t page, unsigned access,
	      const struct ks_xlat *x)
{
	int err;

	if (!(access & KS_WRITE) || (x->flags & KS_WRITE))
		return 0;
	if (x->flags & KS_COW) {
		a->flags |= AREA_ANON;
		return ks_cow_break(&vm->space, ks_uaddr(page),
				    !(a->prot & KS_WRITE));
	}
	if (a->flags & AREA_SHARED) {
		/* The file gave no more than to read: ask it for a store. */
		err = ks_unmap(&vm->space, page, PAGE_SIZE, area_put_leaf, vm);
		return err != 0 ? err : -EAGAIN;
	}
	if (a->prot & KS_WRITE)
		return ks_protect(&vm->space, page, PAGE_SIZE, KS_WRITE,
				  KS_WRITE);
	return 0; /* a forced write to a page that is KS_OWN */
}

/* Map PA at PAGE with FLAGS; its reference goes to the mapping, or away. */
static int
map_page(struct vm *vm, uint64_t page, ks_paddr_t pa, unsigned flags)
{
	int err;

	err =
	    ks_map(&vm->space, page, pa, PAGE_SIZE, flags | KS_USER, PAGE_SIZE);
	if (err == 0)
		area_count_page(vm);
	else
		frame_put(pa);
	return err == -EEXIST ? 0 : err;
}

static int
map_own(struct vm *vm, struct area *a, uint64_t page, ks_paddr_t pa)
{
	a->flags |= AREA_ANON;
	return map_page(vm, page, pa, area_rights(a) | KS_OWN);
}

/* What the pages of A may have that others use as well. */
static unsigned
shared_rights(const struct area *a)
{
	unsigned rights = area_rights(a);

	return a->flags & AREA_SHARED ? rights : rights & ~(unsigned)KS_WRITE;
}

/* Map such a frame with RIGHTS. */
static int
map_shared(struct vm *vm, struct area *a, uint64_t page, ks_paddr_t pa,
	   unsigned rights)
{
	return map_page(vm, page, pa,
			a->flags & AREA_SHARED ? rights : rights | KS_COW);
}

static int
fault_zero(struct vm *vm, struct area *a, uint64_t page, unsigned access)
{
	ks_paddr_t pa;
	int err;

	if (!(access & KS_WRITE)) {
		/* fork() has to know that there is something to share. */
		a->flags |= AREA_ANON;
		return map_shared(vm, a, page, frame_zero(), shared_rights(a));
	}
	err = frame_alloc(&pa);
	return err != 0 ? err : map_own(vm, a, page, pa);
}

/*
 * Map what the page cache has of the pages around PAGE as well: programs go
 * on to their neighbours, and a fault costs more than a mapping.
 */
static void
fault_around(struct vm *vm, struct area *a, uint64_t page)
{
	const uint64_t span = FAULT_AROUND * (uint64_t)PAGE_SIZE;
	uint64_t va = page & ~(span - 1), end = va + span;
	struct ks_xlat x;
	ks_paddr_t pa;

	if (a->file->ops != &regular_file_ops || (a->flags & AREA_SHARED))
		return;
	if (va < a->start)
		va = a->start;
	if (end > a->end)
		end = a->end;
	for (; va < end; va += PAGE_SIZE) {
		if (!pagecache_find(&a->file->inode->pages,
				    area_offset(a, va) >> PAGE_SHIFT, &pa) ||
		    ks_walk(&vm->space, ks_uaddr(va), &x) == 0)
			continue;
		frame_ref(pa);
		if (map_shared(vm, a, va, pa, shared_rights(a)) != 0)
			return;
	}
}

/* -EAGAIN: while the page was read in, the areas changed. */
static int
fault_file(struct vm *vm, struct area *a, uint64_t page, unsigned access)
{
	bool shared = a->flags & AREA_SHARED;
	unsigned rights = shared_rights(a);
	struct file *f = file_get(a->file);
	uint64_t changes = vm->changes;
	ks_paddr_t pa, own;
	struct ks_xlat x;
	int err;

	err = file_get_page(f, area_offset(a, page) >> PAGE_SHIFT,
			    access & rights, &rights, &pa);
	file_put(f);
	if (err != 0)
		return err;
	if (vm->changes != changes ||
	    ks_walk(&vm->space, ks_uaddr(page), &x) == 0) {
		frame_put(pa);
		return -EAGAIN;
	}
	if (shared || !(access & KS_WRITE)) {
		err = map_shared(vm, a, page, pa, rights);
		if (err == 0)
			fault_around(vm, a, page);
		return err;
	}
	err = frame_alloc_raw(&own);
	if (err == 0) {
		page_copy(pa_to_va(own), pa_to_va(pa));
		err = map_own(vm, a, page, own);
	}
	frame_put(pa);
	return err;
}

int
vm_fault(struct vm *vm, uint64_t va, unsigned access, bool force)
{
	uint64_t page = page_down(va);
	struct ks_xlat x;
	struct area *a;
	int err;

	if (va >= USER_END)
		return -EFAULT;
	if (current != NULL)
		current->minflt++;
	do {
		a = vm_find(vm, page);
		if (a == NULL)
			a = grow_stack(vm, page);
		if (a == NULL)
			return -EFAULT;
		if (!allowed(a, access, force))
			return -EACCES;
		if (ks_walk(&vm->space, ks_uaddr(page), &x) == 0)
			err = fault_present(vm, a, page, access, &x);
		else if (a->file == NULL)
			err = fault_zero(vm, a, page, access);
		else
			err = fault_file(vm, a, page, access);
	} while (err == -EAGAIN);
	return err;
}
