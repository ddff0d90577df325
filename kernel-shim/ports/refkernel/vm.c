/* SPDX-License-Identifier: MIT */
/*
 * The life of an address space: made, copied, switched to, freed.
 */
#include "vm.h"

#include "area.h"
#include "cpu.h"
#include "errno.h"
#include "file.h"
#include "kprintf.h"
#include "mem.h"
#include "user.h"

/* Where Linux puts mappings when it does not randomise. */
#define MMAP_BASE 0x7ffff7fff000u

static struct vm *all_vms;
static uint64_t loaded_root; /* what CR3 was set to last */

int
vm_new(struct vm **out_vm)
{
	struct vm *vm = kzalloc(sizeof(*vm));
	int err;

	if (vm == NULL)
		return -ENOMEM;
	err = ks_space_init(&vm->space, &machine, kernel_space.root);
	if (err != 0) {
		kfree(vm);
		return err;
	}
	vm->users = 1;
	vm->refs = 1;
	vm->mmap_base = MMAP_BASE;
	vm->next = all_vms;
	if (all_vms != NULL)
		all_vms->prev = vm;
	all_vms = vm;
	*out_vm = vm;
	return 0;
}

struct vm *
vm_get(struct vm *vm)
{
	vm->users++;
	return vm;
}

/* All that is mapped goes; who still holds VM finds it empty. */
static void
empty(struct vm *vm)
{
	if (vm->next != NULL)
		vm->next->prev = vm->prev;
	if (vm->prev != NULL)
		vm->prev->next = vm->next;
	else
		all_vms = vm->next;
	if (loaded_root == vm->space.root.v)
		vm_switch(NULL);
	ks_space_revoke(&vm->space);
	/* Nobody uses it any more: no entry need be cleared, nothing flushed.
	 */
	for (size_t i = 0; i < vm->n_areas; i++)
		ks_each_leaf(&vm->space, vm->areas[i]->start,
			     vm->areas[i]->end - vm->areas[i]->start,
			     area_put_leaf, vm);
	ASSERT(vm->present == 0);
	ks_space_fini(&vm->space);
	/* Its lower half has nothing in it. */
	vm->space.root = kernel_space.root;
	while (vm->n_areas > 0)
		area_release(area_detach(vm, vm->n_areas - 1));
	kfree(vm->areas);
	vm->areas = NULL;
	if (vm->exe != NULL)
		file_put(vm->exe);
	vm->exe = NULL;
}

void
vm_put(struct vm *vm)
{
	if (--vm->users > 0)
		return;
	empty(vm);
	vm_drop(vm);
}

struct vm *
vm_hold(struct vm *vm)
{
	vm->refs++;
	return vm;
}

void
vm_drop(struct vm *vm)
{
	if (--vm->refs == 0)
		kfree(vm);
}

void
vm_switch(struct vm *vm)
{
	uint64_t root = (vm != NULL ? &vm->space : &kernel_space)->root.v;

	if (root == loaded_root)
		return;
	loaded_root = root;
	write_cr3(root);
}

/* ---- fork ---- */

static int
share_leaf(void *arg, uint64_t va, const struct ks_xlat *x)
{
	struct vm *child = arg;
	unsigned flags = x->flags & (KS_USER | KS_READ | KS_EXEC | KS_COW);
	int err;

	err = ks_map(&child->space, va, x->pa, PAGE_SIZE, flags, PAGE_SIZE);
	if (err != 0)
		return err;
	frame_ref(x->pa);
	area_count_page(child);
	return 0;
}

/*
 * Let CHILD have the pages of A. What can be had again from the file, or is
 * the file's own, it will fault in itself.
 */
static int
share_pages(struct vm *vm, const struct area *a, struct vm *child)
{
	uint64_t len = a->end - a->start;
	int err;

	if (!(a->flags & AREA_ANON) || (a->flags & AREA_WIPEONFORK))
		return 0;
	err = ks_protect(&vm->space, a->start, len, KS_COW, KS_WRITE | KS_COW);
	if (err != 0)
		return err;
	return ks_each_leaf(&vm->space, a->start, len, share_leaf, child);
}

static int
fork_area(struct vm *vm, const struct area *a, struct vm *child)
{
	int err;

	if (a->flags & AREA_DONTFORK)
		return 0;
	if (a->file != NULL)
		file_get(a->file);
	err = area_add(child, a);
	if (err != 0) {
		if (a->file != NULL)
			file_put(a->file);
		return err;
	}
	return share_pages(vm, a, child);
}

int
vm_fork(struct vm *from, struct vm **out_vm)
{
	struct vm *vm;
	int err;

	err = vm_new(&vm);
	if (err != 0)
		return err;
	vm->mmap_base = from->mmap_base;
	vm->layout = from->layout;
	vm->n_auxv = from->n_auxv;
	for (size_t i = 0; i < from->n_auxv; i++)
		vm->auxv[i] = from->auxv[i];
	if (from->exe != NULL)
		vm->exe = file_get(from->exe);
	for (size_t i = 0; err == 0 && i < from->n_areas; i++)
		err = fork_area(from, from->areas[i], vm);
	if (err != 0) {
		vm_put(vm);
		return err;
	}
	*out_vm = vm;
	return 0;
}

/* ---- questions ---- */

static int
count_leaf(void *arg, uint64_t va, const struct ks_xlat *x)
{
	struct vm_usage *u = arg;

	(void)va;
	u->present++;
	if (frame_refs(x->pa) > 1)
		u->shared++;
	if (x->flags & KS_DIRTY)
		u->dirty++;
	if (x->flags & KS_OWN)
		u->anon++;
	return 0;
}

void
vm_usage(struct vm *vm, struct vm_usage *out)
{
	*out = (struct vm_usage){0};
	ks_each_leaf(&vm->space, 0, USER_END, count_leaf, out);
}

void
vm_area_usage(struct vm *vm, const struct area *a, struct vm_usage *out)
{
	*out = (struct vm_usage){0};
	ks_each_leaf(&vm->space, a->start, a->end - a->start, count_leaf, out);
}

static void
truncate_area(struct vm *vm, const struct area *a, uint64_t size)
{
	uint64_t from = page_up(size);
	uint64_t len = a->end - a->start;

	from = from > a->offset ? from - a->offset : 0;
	if (from < len)
		ks_unmap(&vm->space, a->start + from, len - from, area_put_leaf,
			 vm);
}

void
vm_truncate(struct inode *inode, uint64_t size)
{
	for (struct vm *vm = all_vms; vm != NULL; vm = vm->next) {
		vm->changes++;
		for (size_t i = 0; i < vm->n_areas; i++) {
			const struct area *a = vm->areas[i];

			if (a->file != NULL && a->file->inode == inode)
				truncate_area(vm, a, size);
		}
	}
}
