/* SPDX-License-Identifier: MIT */
/*
 * Address spaces: areas (what may be there) over page tables (what is).
 *
 * All of these may sleep unless noted, since a page may come from a file.
 * The kernel is not preemptive, so what does not sleep is atomic.
 */
#ifndef VM_H
#define VM_H

#include <kshim/page.h>

struct file;
struct inode;

enum area_flag {
	AREA_SHARED = 1,
	AREA_GROWSDOWN = 2,
	AREA_STACK = 4, /* the main thread's, "[stack]" */
	AREA_HEAP = 8,	/* brk's, "[heap]" */
	AREA_ANON = 16, /* private, and pages of its own have been made */
	AREA_NORESERVE = 32,
	AREA_DONTFORK = 64,
	AREA_WIPEONFORK = 128,
	AREA_DONTDUMP = 256,
	AREA_ACCOUNT = 512, /* private, is or was writable: kept apart */
};

/* [start, end), page aligned, never empty. */
struct area {
	uint64_t start, end;
	unsigned prot;	   /* KS_READ, KS_WRITE, KS_EXEC */
	unsigned max_prot; /* what mprotect() may make of it */
	unsigned flags;	   /* enum area_flag */
	struct file *file; /* a reference; NULL: demand-zero */
	uint64_t offset;   /* in FILE, of START; bytes */
	struct area *next; /* of several that are being freed */
};

/* What exec leaves behind for /proc and PR_SET_MM. User addresses. */
struct vm_layout {
	uint64_t code_start, code_end, data_start, data_end;
	uint64_t brk_start, brk;
	uint64_t stack_start;
	uint64_t arg_start, arg_end, env_start, env_end;
};

#define VM_AUXV_WORDS 48

struct vm {
	struct ks_space space;
	unsigned users; /* threads, and who looks at what is mapped */
	unsigned refs;	/* who holds the structure; the users together one */
	struct area **areas; /* by address */
	size_t n_areas, max_areas;
	uint64_t changes;   /* counts changes of areas */
	uint64_t mmap_base; /* mappings are placed below, downwards */
	uint64_t pages;	    /* total size of the areas, in pages */
	uint64_t peak_pages;
	uint64_t present, peak_present; /* pages that are mapped now */
	struct file *exe;		/* a reference; NULL before exec */
	struct vm_layout layout;
	uint64_t auxv[VM_AUXV_WORDS];
	size_t n_auxv;		/* words used */
	struct vm *next, *prev; /* all address spaces */
};

/* The kernel's page table root, for threads without an address space. */
extern struct ks_space kernel_space;

/* An empty address space with one user. -ENOMEM. */
int vm_new(struct vm **out_vm);

/* A copy-on-write copy, with one user. -ENOMEM. */
int vm_fork(struct vm *from, struct vm **out_vm);

/* Begin and end to use VM. The last vm_put() unmaps all. */
struct vm *vm_get(struct vm *vm);
void vm_put(struct vm *vm);

/* Hold and drop the structure alone: what was mapped may be gone. */
struct vm *vm_hold(struct vm *vm);
void vm_drop(struct vm *vm);

/* The address space of the page tables S. */
static inline struct vm *
vm_of(struct ks_space *s)
{
	return ks_container(s, struct vm, space);
}

/* Make the CPU use VM; NULL: the kernel's tables only. Does not sleep. */
void vm_switch(struct vm *vm);

#define VM_FIXED     1 /* at HINT, replacing what is there */
#define VM_NOREPLACE 2 /* at HINT; -EEXIST if something is there */

/*
 * Make an area of LEN bytes (rounded up). AFLAGS is of enum area_flag. FILE
 * may be NULL; a reference is taken. OFFSET is page aligned. Where it is goes
 * to OUT_ADDR. Permissions of FILE are the caller's to check. -EINVAL,
 * -ENOMEM, -EEXIST, -ENODEV: FILE cannot be mapped.
 */
int vm_map(struct vm *vm, uint64_t hint, uint64_t len, unsigned prot,
	   unsigned max_prot, unsigned aflags, struct file *file,
	   uint64_t offset, unsigned vflags, uint64_t *out_addr);

/* Unmap a range, which may have holes. -EINVAL, -ENOMEM. */
int vm_unmap(struct vm *vm, uint64_t addr, uint64_t len);

/* -ENOMEM: there is a hole. -EACCES: the file was not opened for that. */
int vm_protect(struct vm *vm, uint64_t addr, uint64_t len, unsigned prot);

/* The page tables' part of mremap(): move [FROM, FROM + LEN) to TO. */
int vm_move(struct vm *vm, uint64_t from, uint64_t to, uint64_t len);

/* Give back the pages in a range (MADV_DONTNEED). -ENOMEM: a hole. */
int vm_discard(struct vm *vm, uint64_t addr, uint64_t len);

/* The break becomes ADDR if it can; returns the break there is. */
uint64_t vm_brk(struct vm *vm, uint64_t addr);

/*
 * Make the page at VA present for ACCESS (enum ks_access), which need not be
 * the current address space. FORCE: see fault_in in kshim/port.h.
 * -EFAULT: nothing is mapped there. -EACCES: the area does not allow it.
 * -ENXIO: beyond the end of the file (SIGBUS). -EIO, -ENOMEM.
 */
int vm_fault(struct vm *vm, uint64_t va, unsigned access, bool force);

/* The area that contains VA, or NULL. Good until the next change or sleep. */
struct area *vm_find(const struct vm *vm, uint64_t va);

/* Call FN for each area in order until it returns non-zero, which returns. */
int vm_each_area(const struct vm *vm, int (*fn)(void *arg, const struct area *),
		 void *arg);

/* Pages present, of the whole address space or of one area. No sleep. */
struct vm_usage {
	uint64_t present; /* pages */
	uint64_t shared;  /* of these, with frames others use too */
	uint64_t dirty;
	uint64_t anon; /* of these, not of a file */
};

void vm_usage(struct vm *vm, struct vm_usage *out);
void vm_area_usage(struct vm *vm, const struct area *a, struct vm_usage *out);

/* INODE was cut to SIZE bytes: forget mapped pages beyond, everywhere. */
void vm_truncate(struct inode *inode, uint64_t size);

#endif
