/* SPDX-License-Identifier: MIT */
/*
 * Changes of address spaces: map, unmap, protect, move, discard, break.
 */
#include "area.h"
#include "errno.h"
#include "file.h"
#include "mem.h"
#include "user.h"
#include "vm.h"

/* Pages of vm_move() that are moved in one go. */
#define MOVE_BATCH 256

/* Round and check a range. 0, or -EINVAL. */
static int
range(uint64_t addr, uint64_t len, uint64_t *out_end)
{
	if (addr & (PAGE_SIZE - 1) || len == 0 || !user_range(addr, len) ||
	    !user_range(addr, page_up(len)))
		return -EINVAL;
	*out_end = addr + page_up(len);
	return 0;
}

static int
place(struct vm *vm, uint64_t hint, uint64_t len, unsigned vflags,
      uint64_t *out_addr)
{
	uint64_t end;

	if (vflags & (VM_FIXED | VM_NOREPLACE)) {
		if (hint & (PAGE_SIZE - 1))
			return -EINVAL;
		if (range(hint, len, &end) != 0)
			return -ENOMEM;
		*out_addr = hint;
		if (vflags & VM_NOREPLACE)
			return area_free(vm, hint, end) ? 0 : -EEXIST;
		return vm_unmap(vm, hint, len);
	}
	hint = page_down(hint);
	if (hint != 0 && user_range(hint, len) &&
	    area_free(vm, hint, hint + len)) {
		*out_addr = hint;
		return 0;
	}
	*out_addr = area_find_gap(vm, len);
	return *out_addr != 0 ? 0 : -ENOMEM;
}

int
vm_map(struct vm *vm, uint64_t hint, uint64_t len, unsigned prot,
       unsigned max_prot, unsigned aflags, struct file *file, uint64_t offset,
       unsigned vflags, uint64_t *out_addr)
{
	struct area a;
	int err;

	if (len == 0)
		return -EINVAL;
	if (len > USER_END)
		return -ENOMEM;
	len = page_up(len);
	if (file != NULL && file->ops->get_page == NULL)
		return -ENODEV;
	err = place(vm, hint, len, vflags, out_addr);
	if (err != 0)
		return err;
	a = (struct area){
	    .start = *out_addr,
	    .end = *out_addr + len,
	    .prot = prot,
	    .max_prot = max_prot,
	    .flags = aflags,
	    .file = file,
	    .offset = offset,
	};
	if ((prot & KS_WRITE) && !(aflags & AREA_SHARED))
		a.flags |= AREA_ACCOUNT;
	if (file != NULL)
		file_get(file);
	err = area_add(vm, &a);
	if (err != 0 && file != NULL)
		file_put(file);
	return err;
}

int
vm_unmap(struct vm *vm, uint64_t addr, uint64_t len)
{
	struct area *gone = NULL, *a;
	uint64_t end;
	size_t i;
	int err;

	err = range(addr, len, &end);
	if (err != 0)
		return err;
	if (area_free(vm, addr, end))
		return 0;
	err = area_split(vm, addr);
	if (err == 0)
		err = area_split(vm, end);
	if (err != 0)
		return err;
	err = ks_unmap(&vm->space, addr, end - addr, area_put_leaf, vm);
	if (err != 0)
		return err;
	i = area_index(vm, addr);
	while (i < vm->n_areas && vm->areas[i]->start < end) {
		a = area_detach(vm, i);
		a->next = gone;
		gone = a;
	}
	/* This may sleep, and others may change VM meanwhile. */
	while (gone != NULL) {
		a = gone;
		gone = a->next;
		area_release(a);
	}
	return 0;
}

/* Make the pages of A follow its new protection. */
static int
protect_pages(struct vm *vm, const struct area *a, unsigned old)
{
	uint64_t len = a->end - a->start;
	unsigned mask = KS_READ | KS_WRITE | KS_EXEC;
	unsigned rights = area_rights(a);

	if (!(a->prot & KS_WRITE) || (old & KS_WRITE))
		return ks_protect(
		    &vm->space, a->start, len, rights & ~(unsigned)KS_WRITE,
		    a->prot & KS_WRITE ? mask & ~(unsigned)KS_WRITE : mask);
	/* To write a file's page is the file's to allow: ask it again. */
	if (a->flags & AREA_SHARED)
		return ks_unmap(&vm->space, a->start, len, area_put_leaf, vm);
	return ks_protect(&vm->space, a->start, len,
			  (rights & ~(unsigned)KS_WRITE) | KS_COW,
			  mask | KS_COW);
}

int
vm_protect(struct vm *vm, uint64_t addr, uint64_t len, unsigned prot)
{
	uint64_t end;
	size_t i;
	int err;

	err = range(addr, len, &end);
	if (err != 0)
		return err;
	if (!area_covers(vm, addr, end))
		return -ENOMEM;
	for (i = area_index(vm, addr);
	     i < vm->n_areas && vm->areas[i]->start < end; i++) {
		if (prot & ~vm->areas[i]->max_prot)
			return -EACCES;
	}
	err = area_split(vm, addr);
	if (err == 0)
		err = area_split(vm, end);
	for (i = area_index(vm, addr);
	     err == 0 && i < vm->n_areas && vm->areas[i]->start < end; i++) {
		unsigned old = vm->areas[i]->prot;

		vm->areas[i]->prot = prot;
		if ((prot & KS_WRITE) && !(vm->areas[i]->flags & AREA_SHARED))
			vm->areas[i]->flags |= AREA_ACCOUNT;
		err = protect_pages(vm, vm->areas[i], old);
	}
	vm->changes++;
	/* Downwards, so that the indexes below stay what they are. */
	for (i = area_index(vm, end); i > 0 && vm->areas[i - 1]->end >= addr;
	     i--)
		area_join(vm, i);
	return err;
}

/* Pages on their way from one address to another. */
struct move {
	struct vm *vm;
	struct {
		uint64_t va;
		ks_paddr_t pa;
		unsigned flags;
	} page[MOVE_BATCH];
	size_t n;
};

static int
collect_leaf(void *arg, uint64_t va, const struct ks_xlat *x)
{
	struct move *m = arg;

	m->page[m->n].va = va;
	m->page[m->n].pa = x->pa;
	m->page[m->n].flags = x->flags & ~(unsigned)(KS_ACCESSED | KS_DIRTY);
	m->n++;
	return 0;
}

/* Map what [FROM, FROM + LEN) has at TO too. */
static int
copy_batch(struct move *m, uint64_t from, uint64_t to, uint64_t len)
{
	int err;

	m->n = 0;
	ks_each_leaf(&m->vm->space, from, len, collect_leaf, m);
	for (size_t i = 0; i < m->n; i++) {
		err = ks_map(&m->vm->space, to + (m->page[i].va - from),
			     m->page[i].pa, PAGE_SIZE, m->page[i].flags,
			     PAGE_SIZE);
		if (err != 0)
			return err;
		frame_ref(m->page[i].pa);
		area_count_page(m->vm);
	}
	return 0;
}

int
vm_move(struct vm *vm, uint64_t from, uint64_t to, uint64_t len)
{
	const uint64_t batch = MOVE_BATCH * (uint64_t)PAGE_SIZE;
	struct move *m = kmalloc(sizeof(*m));
	int err = 0;

	if (m == NULL)
		return -ENOMEM;
	m->vm = vm;
	for (uint64_t done = 0; err == 0 && done < len; done += batch)
		err = copy_batch(m, from + done, to + done,
				 len - done < batch ? len - done : batch);
	/* One of the two places loses its pages: the old, or after an error
	 * the new. */
	ks_unmap(&vm->space, err == 0 ? from : to, len, area_put_leaf, vm);
	vm->changes++;
	kfree(m);
	return err;
}

int
vm_discard(struct vm *vm, uint64_t addr, uint64_t len)
{
	uint64_t end;
	int err;

	err = range(addr, len, &end);
	if (err != 0)
		return err;
	if (!area_covers(vm, addr, end))
		return -ENOMEM;
	vm->changes++;
	return ks_unmap(&vm->space, addr, end - addr, area_put_leaf, vm);
}

uint64_t
vm_brk(struct vm *vm, uint64_t addr)
{
	struct vm_layout *l = &vm->layout;
	uint64_t old = page_up(l->brk), new = page_up(addr), at;
	int err = 0;

	if (addr < l->brk_start || addr >= USER_END)
		return l->brk;
	if (new < old)
		err = vm_unmap(vm, new, old - new);
	else if (new > old && !area_free(vm, old, new + PAGE_SIZE))
		err = -ENOMEM;
	else if (new > old)
		err = vm_map(vm, old, new - old, KS_READ | KS_WRITE,
			     KS_READ | KS_WRITE | KS_EXEC, AREA_HEAP, NULL, 0,
			     VM_NOREPLACE, &at);
	if (err == 0)
		l->brk = addr;
	return l->brk;
}
