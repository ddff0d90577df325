/* SPDX-License-Identifier: MIT */
/* mremap(2) and madvise(2). */
#include "area.h"
#include "calls_mem.h"
#include "errno.h"
#include "file.h"
#include "mem.h"
#include "thread.h"
#include "user.h"
#include "vm.h"

#define MREMAP_MAYMOVE	 1
#define MREMAP_FIXED	 2
#define MREMAP_DONTUNMAP 4

/* Make A longer by LEN where it is. */
static int
grow(struct vm *vm, const struct area *a, uint64_t len)
{
	uint64_t at;

	return vm_map(vm, a->end, len, a->prot, a->max_prot,
		      a->flags & ~(unsigned)AREA_ANON, a->file,
		      area_offset(a, a->end), VM_NOREPLACE, &at);
}

/* Move [OLD, OLD + OLD_LEN), within one area, to a new place. */
static long
move(struct vm *vm, uint64_t old, uint64_t old_len, uint64_t new_len,
     uint64_t flags, uint64_t new)
{
	struct area *a = vm_find(vm, old), *b;
	struct file *f = a->file != NULL ? file_get(a->file) : NULL;
	unsigned anon = a->flags & AREA_ANON;
	int err;

	err = vm_map(vm, new, new_len, a->prot, a->max_prot, a->flags, f,
		     area_offset(a, old), flags & MREMAP_FIXED ? VM_FIXED : 0,
		     &new);
	if (f != NULL)
		file_put(f);
	if (err != 0)
		return err;
	b = vm_find(vm, new);
	b->flags |= anon;
	err = vm_move(vm, old, new, old_len < new_len ? old_len : new_len);
	if (err != 0) {
		vm_unmap(vm, new, new_len);
		return err;
	}
	if (!(flags & MREMAP_DONTUNMAP))
		vm_unmap(vm, old, old_len);
	return (long)new;
}

static int
check(uint64_t old, uint64_t old_len, uint64_t new_len, uint64_t flags,
      uint64_t new)
{
	bool fixed = flags & MREMAP_FIXED;

	if (flags & ~(uint64_t)7 || (old & (PAGE_SIZE - 1)) != 0 ||
	    new_len == 0 || old_len == 0)
		return -EINVAL;
	if ((flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) &&
	    !(flags & MREMAP_MAYMOVE))
		return -EINVAL;
	if ((flags & MREMAP_DONTUNMAP) && old_len != new_len)
		return -EINVAL;
	if (!fixed)
		return 0;
	if ((new &(PAGE_SIZE - 1)) != 0 || !user_range(new, new_len))
		return -EINVAL;
	return new < old + old_len &&old < new + new_len ? -EINVAL : 0;
}

long
sys_mremap(uint64_t old, uint64_t old_len, uint64_t new_len, uint64_t flags,
	   uint64_t new)
{
	struct vm *vm = current->vm;
	struct area *a;
	int err;

	if (old_len > USER_END || new_len > USER_END)
		return -EINVAL;
	old_len = page_up(old_len);
	new_len = page_up(new_len);
	err = check(old, old_len, new_len, flags, new);
	if (err != 0)
		return err;
	a = vm_find(vm, old);
	if (a == NULL || old + old_len > a->end)
		return -EFAULT;
	if (!(flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))) {
		if (new_len < old_len)
			err = vm_unmap(vm, old + new_len, old_len - new_len);
		if (new_len <= old_len)
			return err != 0 ? err : (long)old;
		if (old + old_len == a->end &&
		    grow(vm, a, new_len - old_len) == 0)
			return (long)old;
		if (!(flags & MREMAP_MAYMOVE))
			return -ENOMEM;
	}
	if (flags & MREMAP_FIXED) {
		/* What is there goes first; that may not be A's part. */
		err = vm_unmap(vm, new, new_len);
		if (err != 0)
			return err;
	}
	return move(vm, old, old_len, new_len, flags, new);
}

/* ---- madvise ---- */

#define MADV_NORMAL	    0
#define MADV_RANDOM	    1
#define MADV_SEQUENTIAL	    2
#define MADV_WILLNEED	    3
#define MADV_DONTNEED	    4
#define MADV_FREE	    8
#define MADV_REMOVE	    9
#define MADV_DONTFORK	    10
#define MADV_DOFORK	    11
#define MADV_MERGEABLE	    12
#define MADV_UNMERGEABLE    13
#define MADV_HUGEPAGE	    14
#define MADV_NOHUGEPAGE	    15
#define MADV_DONTDUMP	    16
#define MADV_DODUMP	    17
#define MADV_WIPEONFORK	    18
#define MADV_KEEPONFORK	    19
#define MADV_COLD	    20
#define MADV_PAGEOUT	    21
#define MADV_POPULATE_READ  22
#define MADV_POPULATE_WRITE 23

/* Clear and set flags of all areas in a range. */
static int
change_flags(struct vm *vm, uint64_t start, uint64_t end, unsigned clear,
	     unsigned set)
{
	int err;

	err = area_split(vm, start);
	if (err == 0)
		err = area_split(vm, end);
	if (err != 0)
		return err;
	for (size_t i = area_index(vm, start);
	     i < vm->n_areas && vm->areas[i]->start < end; i++)
		vm->areas[i]->flags = (vm->areas[i]->flags & ~clear) | set;
	return 0;
}

static int
populate(struct vm *vm, uint64_t start, uint64_t end, unsigned access)
{
	int err = 0;

	for (; err == 0 && start < end; start += PAGE_SIZE)
		err = vm_fault(vm, start, access, false);
	return err == -EACCES ? -EINVAL : err;
}

static int
advise(struct vm *vm, uint64_t start, uint64_t end, int advice)
{
	switch (advice) {
	case MADV_DONTNEED:
	case MADV_FREE:
		return vm_discard(vm, start, end - start);
	case MADV_DONTFORK:
		return change_flags(vm, start, end, 0, AREA_DONTFORK);
	case MADV_DOFORK:
		return change_flags(vm, start, end, AREA_DONTFORK, 0);
	case MADV_WIPEONFORK:
		return change_flags(vm, start, end, 0, AREA_WIPEONFORK);
	case MADV_KEEPONFORK:
		return change_flags(vm, start, end, AREA_WIPEONFORK, 0);
	case MADV_DONTDUMP:
		return change_flags(vm, start, end, 0, AREA_DONTDUMP);
	case MADV_DODUMP:
		return change_flags(vm, start, end, AREA_DONTDUMP, 0);
	case MADV_POPULATE_READ:
		return populate(vm, start, end, KS_READ);
	case MADV_POPULATE_WRITE:
		return populate(vm, start, end, KS_WRITE);
	default:
		return 0; /* a mere hint */
	}
}

static bool
known(int advice)
{
	return (advice >= MADV_NORMAL && advice <= MADV_DONTNEED) ||
	       advice == MADV_FREE ||
	       (advice >= MADV_DONTFORK && advice <= MADV_POPULATE_WRITE);
}

long
sys_madvise(uint64_t addr, uint64_t len, int advice)
{
	struct vm *vm = current->vm;
	uint64_t end;

	if ((addr & (PAGE_SIZE - 1)) != 0 || !known(advice))
		return -EINVAL;
	if (len == 0)
		return 0;
	if (!user_range(addr, len) || !user_range(addr, page_up(len)))
		return -EINVAL;
	end = addr + page_up(len);
	if (!area_covers(vm, addr, end))
		return -ENOMEM;
	return advise(vm, addr, end, advice);
}
