/* SPDX-License-Identifier: MIT */
/*
 * Page tables: one walker for all uses, and a mapper that a kernel can build
 * its address spaces with. The format is arch/'s; this contract is not.
 */
#ifndef KSHIM_PAGE_H
#define KSHIM_PAGE_H

#include <kshim/port.h>

/*
 * An address space. The port embeds it in its own structure, begins it with
 * ks_space_init() or ks_space_adopt() and touches no member but root.
 *
 * Every function below that changes the tables, and ks_each_leaf(), holds the
 * lock meanwhile. ks_walk() and ks_walk_run() take no lock: they may run beside
 * changes and see the state before or after. A table is freed only after
 * tlb_flush() has returned; so a walk is safe where that flush waits for the
 * walking CPU (interrupts are off), and otherwise under ks_space_lock().
 */
struct ks_space {
	struct ks_machine *m;
	ks_paddr_t root; /* the top level table */
	struct ks_lock lock;
	bool native; /* made by ks_space_init(): software bits have a meaning */
	struct ks_link mappings; /* ks_file.of_space: `mem`, with pages of S */
};

/*
 * Take all pages of S from those who have mapped them (kshim/proc.h). For a
 * port that frees what S has mapped without ks_unmap(); before that.
 */
void ks_space_revoke(struct ks_space *s);

/* Flags of a mapping; KS_READ, KS_WRITE and KS_EXEC of enum ks_access too. */
enum ks_map_flag {
	KS_USER = 8,	   /* user mode may use it */
	KS_COW = 16,	   /* shared copy-on-write: KS_WRITE is withheld */
	KS_NOCACHE = 32,   /* device memory */
	KS_GLOBAL = 64,	   /* kept over a change of address space */
	KS_ACCESSED = 128, /* seen by the CPU (reported, not set) */
	KS_DIRTY = 256,	   /* likewise */
	KS_SOFT1 = 512,	   /* two bits for the port's own use */
	KS_SOFT2 = 1024,
	/*
	 * The frame is this space's alone: a forced write may go into it
	 * whatever KS_WRITE says. ks_cow_break() sets it, setting KS_COW
	 * clears it. A port that lets a second space (a fork) have the frame
	 * must set KS_COW in both.
	 */
	KS_OWN = 2048,
};

/* One translation. */
struct ks_xlat {
	ks_paddr_t pa;	    /* of the very byte asked for */
	uint64_t leaf_size; /* bytes: 4 KiB, 2 MiB or 1 GiB */
	unsigned flags;	    /* KS_READ.., combined over all levels */
};

/* A run of physically contiguous memory. */
struct ks_run {
	ks_paddr_t pa;
	uint64_t len;	/* bytes, at least 1 */
	unsigned flags; /* what all its pages allow */
};

/*
 * True if VA lies in the user half: canonical and below the kernel's half,
 * for M's number of levels.
 */
bool ks_user_address(const struct ks_machine *m, ks_uaddr_t va);

/*
 * Translate VA as user mode would see it. A leaf that is not for user mode is
 * refused. -EFAULT: not a user address, or nothing is mapped there. -EIO: the
 * tables are corrupt (a reserved bit is set, or a table lies outside memory).
 * Takes no lock and allocates nothing. A page that is mapped without any right
 * (PROT_NONE) is found, with none of KS_READ, KS_WRITE and KS_EXEC.
 */
int ks_walk(const struct ks_space *s, ks_uaddr_t va, struct ks_xlat *out);

/*
 * Translate the longest run of physically contiguous bytes that begins at VA,
 * is at most MAX (not 0) bytes long and whose every page has all of NEED
 * (KS_READ, KS_WRITE, KS_EXEC). Errors as ks_walk(), for the first page;
 * -EACCES if the first page lacks a right.
 */
int ks_walk_run(const struct ks_space *s, ks_uaddr_t va, uint64_t max,
		unsigned need, struct ks_run *out);

/* Hold S against changes. Not recursive; nothing that sleeps in between. */
void ks_space_lock(struct ks_space *s);
void ks_space_unlock(struct ks_space *s);

/*
 * Make S empty: one table for the top level. If KERNEL_ROOT is not 0, the
 * entries of the upper half are copied from that table: all of them must be
 * there by then, later ones are not copied. -ENOMEM.
 */
int ks_space_init(struct ks_space *s, struct ks_machine *m,
		  ks_paddr_t kernel_root);

/*
 * Begin S with tables at ROOT that something else built (a boot loader, a
 * kernel with page-table code of its own): bits that the CPU ignores are then
 * not interpreted, so KS_COW, KS_OWN and KS_SOFT* are never reported.
 */
void ks_space_adopt(struct ks_space *s, struct ks_machine *m, ks_paddr_t root);

/*
 * Free the tables of the user half and the root; not the frames mapped. No CPU
 * may have S loaded.
 */
void ks_space_fini(struct ks_space *s);

/*
 * Map SIZE bytes (a multiple of 4 KiB) at VA to contiguous memory at PA with
 * FLAGS. LEAF is the largest leaf to use: 4 KiB, 2 MiB or 1 GiB. Replaces
 * nothing: -EEXIST if a page in the range is mapped. -EINVAL: not aligned, or
 * not within one half. -ENOMEM. After an error nothing is changed. VA may be
 * in the kernel half.
 */
int ks_map(struct ks_space *s, uint64_t va, ks_paddr_t pa, uint64_t size,
	   unsigned flags, uint64_t leaf);

/*
 * Called for each leaf found, with the lock of the space held: may neither
 * sleep nor change that space. VA and X->pa are where the leaf begins. Non-zero
 * stops the walk (not ks_unmap(), which ignores it).
 */
typedef int ks_leaf_fn(void *arg, uint64_t va, const struct ks_xlat *x);

/*
 * Unmap [VA, VA + SIZE) and flush the TLB once; then call FN (may be NULL) for
 * each leaf that was there, so that FN may free the frames, and free tables
 * that became empty (not those that the root's upper half points to: other
 * spaces share them). A large leaf that is only partly covered is split first.
 * -ENOMEM (splitting only), -EINVAL, -EIO (corrupt); nothing is unmapped then.
 */
int ks_unmap(struct ks_space *s, uint64_t va, uint64_t size, ks_leaf_fn *fn,
	     void *arg);

/*
 * Change the rights of what is mapped in [VA, VA + SIZE): the bits in MASK
 * become those in FLAGS; one TLB flush. Holes are skipped. -ENOMEM (splitting
 * a large leaf), -EINVAL, -EIO; nothing is changed then.
 */
int ks_protect(struct ks_space *s, uint64_t va, uint64_t size, unsigned flags,
	       unsigned mask);

/*
 * Call FN for each leaf that touches [VA, VA + SIZE), in order, and return its
 * first non-zero result, or 0. Leaves of the kernel's are reported too.
 * -EINVAL, -EIO (corrupt).
 */
int ks_each_leaf(struct ks_space *s, uint64_t va, uint64_t size, ks_leaf_fn *fn,
		 void *arg);

/*
 * Give the 4 KiB page at VA, mapped KS_COW, to S alone and make it writable:
 * in place if nobody shares the frame, else as a copy; the reference to the
 * old frame is dropped. With KEEP_RO the page stays unwritable and loses
 * KS_COW (a forced write). Either way it gets KS_OWN. 0 also if it is not
 * KS_COW any more. A large leaf is split. -EFAULT: not mapped. -ENOMEM:
 * unchanged. -EIO: corrupt.
 */
int ks_cow_break(struct ks_space *s, ks_uaddr_t va, bool keep_ro);

#endif
