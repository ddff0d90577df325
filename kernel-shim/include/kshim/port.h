/* SPDX-License-Identifier: MIT */
/*
 * The port contract: all that the shim asks of a kernel.
 *
 * A port fills one const struct ks_port_ops and one struct ks_machine, calls
 * ks_machine_init() once at boot, embeds a struct ks_space in each address
 * space, a struct ks_thread in each thread and a struct ks_tracer in each
 * process (thread group), and calls the hooks in kshim/trace.h at the places
 * named there. docs/PORTING.md walks through it.
 *
 * Every operation gets the machine first, so that several machines can live
 * in one program (the tests do that). An operation that can fail returns 0 or
 * a negated errno of kshim/errno.h. Unless its comment says otherwise an
 * operation does not sleep and may be called with the shim's locks held.
 */
#ifndef KSHIM_PORT_H
#define KSHIM_PORT_H

#include <kshim/types.h>

struct ks_machine;
struct ks_space;
struct ks_thread;
struct ks_tracer;
struct ks_file;
struct ks_cred;
struct ks_regs;
struct ks_fpu;
struct ks_debugregs;
struct proc_siginfo;
struct proc_dispatch;
struct proc_rseq;
struct proc_rusage;

#define KS_PORT_VERSION 5

/* Access wanted of a page, and the effective rights of a mapping. */
enum ks_access {
	KS_READ = 1,
	KS_WRITE = 2,
	KS_EXEC = 4,
};

/* A lock: spins or whatever the port wants; room for a pointer and a word. */
struct ks_lock {
	uintptr_t word[2];
};

struct ks_port_ops {
	uint32_t size;	  /* sizeof(struct ks_port_ops) */
	uint32_t version; /* KS_PORT_VERSION */

	/* ---- physical memory (kshim/page.h, kshim/frame.h) ---- */

	/* A zeroed 4 KiB frame with one reference, or -ENOMEM. */
	int (*frame_alloc)(struct ks_machine *m, ks_paddr_t *out_pa);
	/* Take one more reference to the 4 KiB frame at PA. */
	void (*frame_ref)(struct ks_machine *m, ks_paddr_t pa);
	/* Drop a reference; the last one frees the frame. */
	void (*frame_put)(struct ks_machine *m, ks_paddr_t pa);
	/* True if the frame at PA has more than one reference. */
	bool (*frame_shared)(struct ks_machine *m, ks_paddr_t pa);
	/*
	 * Map LEN bytes of physical memory at PA (within at most
	 * KS_WINDOW_PAGES pages) into the kernel's address space, private to
	 * this CPU until the unmap, and return where; NULL if PA is not
	 * memory or no window is free. Not called for what the machine's
	 * direct map covers. Calls nest at most KS_WINDOW_DEPTH deep.
	 */
	void *(*window_map)(struct ks_machine *m, ks_paddr_t pa, size_t len);
	void (*window_unmap)(struct ks_machine *m, void *va, size_t len);
	/* On all CPUs, forget translations of [VA, VA + LEN) of SPACE. */
	void (*tlb_flush)(struct ks_machine *m, struct ks_space *space,
			  ks_uaddr_t va, uint64_t len);

	/* ---- address spaces ---- */

	/*
	 * Make the page at VA present in SPACE for ACCESS (enum ks_access), as
	 * a fault by the debugged program would: demand-zero, file pages,
	 * copy-on-write. With FORCE, a write to a private mapping without
	 * write permission gets a private copy all the same (a breakpoint in
	 * text), and a read of a mapping without read permission succeeds.
	 * Called with SPACE pinned and no shim lock held; may sleep.
	 * -EFAULT: nothing is mapped there, or the mapping refuses.
	 */
	int (*fault_in)(struct ks_machine *m, struct ks_space *space,
			ks_uaddr_t va, unsigned access, bool force);

	/*
	 * Remove the page table entries of all mappings of the file F, on all
	 * CPUs, and drop their references; see ks_proc_page(). The mappings
	 * stay, and fault again. Called with the lock of another space held
	 * than of the one that F is mapped into. Never called by a kernel
	 * that does not map such files.
	 */
	void (*mapping_revoke)(struct ks_machine *m, struct ks_file *f);

	/*
	 * ---- locks ----
	 *
	 * All three are NULL where nothing runs beside the shim: one CPU, and
	 * the kernel is not preempted.
	 */

	void (*lock_init)(struct ks_machine *m, struct ks_lock *lock);
	void (*lock)(struct ks_machine *m, struct ks_lock *lock);
	void (*unlock)(struct ks_machine *m, struct ks_lock *lock);

	/* ---- threads (kshim/trace.h) ---- */

#include <kshim/port_trace.h>
};

#define KS_WINDOW_PAGES 16
#define KS_WINDOW_DEPTH 4

/*
 * One machine. The port owns it and keeps it alive; the shim only reads it
 * after ks_machine_init().
 */
struct ks_machine {
	const struct ks_port_ops *ops;
	void *ctx; /* the port's own */
	/*
	 * The direct map: physical [0, direct_size) is at direct_base. Where
	 * there is none, direct_size is 0 and window_map is used.
	 */
	unsigned char *direct_base;
	uint64_t direct_size;
	/* Bits of a physical address, 32 to 52: higher ones are reserved. */
	unsigned phys_bits;
	/* Levels of the page tables, 4 or 5. */
	unsigned pt_levels;
	/* True where EFER.NXE is set, else PTE bit 63 is reserved. */
	bool nx;
	/* True where 1 GiB leaves exist, else PS in level 3 is reserved. */
	bool huge_1g;
};

/*
 * Check M and its operations once, at boot. -EINVAL: a size, version or
 * operation is missing or a width is out of range.
 */
int ks_machine_init(struct ks_machine *m);

/* The operations of a kernel that has no such thing: -ENOSYS. */
int64_t ks_no_seccomp(struct ks_machine *m, struct ks_thread *self,
		      struct ks_thread *t, uint64_t index, size_t pos,
		      void *buf, size_t n, uint64_t *out_flags);
int ks_no_rseq(struct ks_machine *m, struct ks_thread *t,
	       struct proc_rseq *out);
int ks_no_dispatch_get(struct ks_machine *m, struct ks_thread *t,
		       struct proc_dispatch *out);
int ks_no_dispatch_set(struct ks_machine *m, struct ks_thread *t,
		       const struct proc_dispatch *d);

#endif
