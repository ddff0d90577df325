/* SPDX-License-Identifier: MIT */
/* The system calls on mappings: checks and flags; vmmap.c does the work. */
#include "calls_mem.h"

#include "area.h"
#include "errno.h"
#include "file.h"
#include "mem.h"
#include "thread.h"
#include "tmpfs.h"
#include "user.h"
#include "vm.h"

#define PROT_READ      1
#define PROT_WRITE     2
#define PROT_EXEC      4
#define PROT_GROWSDOWN 0x01000000
#define PROT_GROWSUP   0x02000000

#define MAP_SHARED	    0x01
#define MAP_PRIVATE	    0x02
#define MAP_SHARED_VALIDATE 0x03
#define MAP_TYPE	    0x0f
#define MAP_FIXED	    0x10
#define MAP_ANONYMOUS	    0x20
#define MAP_GROWSDOWN	    0x0100
#define MAP_NORESERVE	    0x4000
#define MAP_POPULATE	    0x8000
#define MAP_HUGETLB	    0x40000
#define MAP_FIXED_NOREPLACE 0x100000

#define ALL_PROT (KS_READ | KS_WRITE | KS_EXEC)

_Static_assert(KS_READ == PROT_READ && KS_WRITE == PROT_WRITE &&
		   KS_EXEC == PROT_EXEC,
	       "protections are used as they come");

/* May the process map LEN bytes more? */
static int
check_limits(const struct vm *vm, uint64_t len, bool reserve)
{
	uint64_t limit = current->process->rlimit[RLIMIT_AS].cur;
	struct mem_census c;

	if (len > USER_END)
		return -ENOMEM;
	if (limit != RLIM_INFINITY &&
	    (vm->pages << PAGE_SHIFT) + page_up(len) > limit)
		return -ENOMEM;
	/* Linux's heuristic: refuse what could never be had. */
	mem_census(&c);
	if (reserve && page_up(len) >> PAGE_SHIFT > c.total)
		return -ENOMEM;
	return 0;
}

/* The file to map, referenced; NULL for private anonymous memory. */
static int
get_file(uint64_t flags, int fd, uint64_t len, struct file **out)
{
	struct inode *ino;
	int err;

	*out = NULL;
	if (!(flags & MAP_ANONYMOUS)) {
		*out = fd_get(fd);
		return *out != NULL ? 0 : -EBADF;
	}
	if ((flags & MAP_TYPE) == MAP_PRIVATE)
		return 0;
	err = tmpfs_file(S_IFREG | 0600, &ino);
	if (err != 0)
		return err;
	ino->size = page_up(len);
	return file_anon(ino, "/dev/zero", ino->fops, NULL, O_RDWR, out);
}

static unsigned
max_prot(const struct file *f, bool shared)
{
	if (f != NULL && shared && !file_writable(f))
		return KS_READ | KS_EXEC;
	return ALL_PROT;
}

static void
populate(struct vm *vm, uint64_t addr, uint64_t len, unsigned prot)
{
	unsigned access = prot & KS_WRITE ? KS_WRITE : KS_READ;

	for (uint64_t off = 0; off < len && prot != 0; off += PAGE_SIZE) {
		if (vm_fault(vm, addr + off, access, false) != 0)
			return;
	}
}

static int
check_type(uint64_t flags)
{
	switch (flags & MAP_TYPE) {
	case MAP_SHARED:
	case MAP_PRIVATE:
	case MAP_SHARED_VALIDATE:
		break;
	default:
		return -EINVAL;
	}
	return flags & MAP_HUGETLB ? -ENOMEM : 0;
}

long
sys_mmap(uint64_t addr, uint64_t len, uint64_t prot, uint64_t flags, int fd,
	 uint64_t offset)
{
	bool shared = (flags & MAP_TYPE) != MAP_PRIVATE;
	bool reserve =
	    !shared && (prot & PROT_WRITE) && !(flags & MAP_NORESERVE);
	struct vm *vm = current->vm;
	unsigned aflags, vflags = 0;
	struct file *f;
	uint64_t at;
	int err;

	err = check_type(flags);
	if (err != 0)
		return err;
	prot &= ALL_PROT;
	if (len == 0 || (offset & (PAGE_SIZE - 1)) != 0)
		return -EINVAL;
	if (offset + page_up(len) < offset)
		return -EOVERFLOW;
	err = check_limits(vm, len, reserve);
	if (err == 0)
		err = get_file(flags, fd, len, &f);
	if (err != 0)
		return err;
	if (f != NULL && !(flags & MAP_ANONYMOUS))
		err = file_may_map(f, len, prot, shared);
	aflags = (shared ? AREA_SHARED : 0) |
		 (flags & MAP_GROWSDOWN ? AREA_GROWSDOWN : 0) |
		 (flags & MAP_NORESERVE ? AREA_NORESERVE : 0);
	if (flags & MAP_FIXED_NOREPLACE)
		vflags = VM_NOREPLACE;
	else if (flags & MAP_FIXED)
		vflags = VM_FIXED;
	if (err == 0)
		err =
		    vm_map(vm, addr, len, prot, max_prot(f, shared), aflags, f,
			   flags & MAP_ANONYMOUS ? 0 : offset, vflags, &at);
	if (f != NULL)
		file_put(f);
	if (err != 0)
		return err;
	if (flags & MAP_POPULATE)
		populate(vm, at, len, prot);
	return (long)at;
}

long
sys_munmap(uint64_t addr, uint64_t len)
{
	return vm_unmap(current->vm, addr, len);
}

long
sys_mprotect(uint64_t addr, uint64_t len, uint64_t prot)
{
	struct vm *vm = current->vm;

	if ((addr & (PAGE_SIZE - 1)) != 0 ||
	    (prot & ~(uint64_t)(ALL_PROT | PROT_GROWSDOWN)) != 0)
		return -EINVAL;
	if (len == 0)
		return 0;
	if (!user_range(addr, len))
		return -ENOMEM;
	/* glibc makes the whole stack executable by its lowest page so. */
	if (prot & PROT_GROWSDOWN) {
		struct area *a = vm_find(vm, addr);

		if (a == NULL || !(a->flags & AREA_GROWSDOWN))
			return -EINVAL;
		len += addr - a->start;
		addr = a->start;
	}
	return vm_protect(vm, addr, len, prot & ALL_PROT);
}

long
sys_brk(uint64_t addr)
{
	struct vm *vm = current->vm;
	uint64_t grow = addr > vm->layout.brk ? addr - vm->layout.brk : 0;
	uint64_t limit = current->process->rlimit[RLIMIT_DATA].cur;

	if (check_limits(vm, grow, true) != 0 ||
	    (addr > vm->layout.brk_start &&
	     addr - vm->layout.brk_start > limit))
		return (long)vm->layout.brk;
	return (long)vm_brk(vm, addr);
}

#define MS_ASYNC      1
#define MS_INVALIDATE 2
#define MS_SYNC	      4

long
sys_msync(uint64_t addr, uint64_t len, int flags)
{
	if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) ||
	    (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC) ||
	    (addr & (PAGE_SIZE - 1)) != 0)
		return -EINVAL;
	if (!user_range(addr, len))
		return -ENOMEM;
	/* What is mapped shared is the file's memory itself. */
	return area_covers(current->vm, addr, addr + page_up(len)) ? 0
								   : -ENOMEM;
}

long
sys_mincore(uint64_t addr, uint64_t len, uint64_t uvec)
{
	struct vm *vm = current->vm;
	struct ks_xlat x;
	uint64_t pages = page_up(len) >> PAGE_SHIFT;

	if ((addr & (PAGE_SIZE - 1)) != 0)
		return -EINVAL;
	if (!user_range(addr, len) || !area_covers(vm, addr, addr + len))
		return -ENOMEM;
	for (uint64_t i = 0; i < pages; i++) {
		uint64_t va = addr + (i << PAGE_SHIFT);
		unsigned char present =
		    ks_walk(&vm->space, ks_uaddr(va), &x) == 0;

		if (copy_out(uvec + i, &present, 1) != 0)
			return -EFAULT;
	}
	return 0;
}

/* ---- nothing is ever swapped: all memory is locked ---- */

static long
check_lock(uint64_t addr, uint64_t len)
{
	uint64_t start = page_down(addr), end;

	if (addr + len < addr)
		return -EINVAL;
	if (!user_range(addr, len))
		return -ENOMEM;
	end = page_up(addr + len);
	return area_covers(current->vm, start, end) ? 0 : -ENOMEM;
}

long
sys_mlock(uint64_t addr, uint64_t len)
{
	long err = check_lock(addr, len);

	if (err == 0 && len > 0)
		populate(current->vm, page_down(addr),
			 page_up(addr + len) - page_down(addr), KS_READ);
	return err;
}

long
sys_mlock2(uint64_t addr, uint64_t len, int flags)
{
	if (flags & ~1)
		return -EINVAL;
	return flags & 1 ? check_lock(addr, len) : sys_mlock(addr, len);
}

long
sys_munlock(uint64_t addr, uint64_t len)
{
	return check_lock(addr, len);
}

long
sys_mlockall(int flags)
{
	return flags == 0 || (flags & ~7) != 0 || flags == 4 ? -EINVAL : 0;
}

long
sys_munlockall(void)
{
	return 0;
}
