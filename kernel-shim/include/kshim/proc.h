/* SPDX-License-Identifier: MIT */
/*
 * The files of the `proc:` scheme that the shim serves. docs/proc-scheme.md
 * specifies each. A kernel finds the thread and the name in a path, calls
 * ks_proc_open() and from then on hands each operation on the descriptor to
 * the functions here. None of them sleeps for an event: -EAGAIN means that
 * the port shall wait for tracer_wake() (or fail, with O_NONBLOCK) and call
 * again. They may sleep in fault_in.
 */
#ifndef KSHIM_PROC_H
#define KSHIM_PROC_H

#include <kshim/trace.h>

/* Which file. The table ks_proc_files[] has one entry for each. */
enum ks_proc_id {
	KS_PROC_TRACE,
	KS_PROC_MEM,
	KS_PROC_VM,
	KS_PROC_REGS_INT,
	KS_PROC_REGS_FLOAT,
	KS_PROC_REGS_ENV,
	KS_PROC_REGS_USER,
	KS_PROC_REGS_XSTATE,
	KS_PROC_REGS_DEBUG,
	KS_PROC_SIGINFO,
	KS_PROC_SIGMASK,
	KS_PROC_SIGQUEUE,
	KS_PROC_SIGQUEUE_SHARED,
	KS_PROC_SYSCALL,
	KS_PROC_RUSAGE,
	KS_PROC_SECCOMP,
	KS_PROC_RSEQ,
	KS_PROC_DISPATCH,
	KS_PROC_STOP,
	KS_PROC_EVENTS,
	KS_PROC_TRACEME,
	KS_PROC_COMMAND,
	KS_PROC_NFILES
};

struct ks_proc_file {
	const char *name; /* below PID/, such as "regs/int" */
	/*
	 * Permission bits, such as 0600, for who lists them. They bind who
	 * opens `mem` and does not trace; else ks_proc_open() alone decides.
	 */
	uint16_t mode;
	bool extension; /* not in the base ABI */
};

extern const struct ks_proc_file ks_proc_files[KS_PROC_NFILES];

/* The id of NAME, or -ENOENT. */
int ks_proc_lookup(const char *name);

enum ks_open_flag {
	KS_O_READ = 1,
	KS_O_WRITE = 2,
	KS_O_TRUNC = 4, /* `trace`: stop the tracee */
	KS_O_EXCL = 8,	/* `trace`: kill the tracee on close */
};

/* An open file; the port embeds it in its own. */
struct ks_file {
	struct ks_machine *m;
	struct ks_thread *t;	  /* held */
	struct ks_tracer *caller; /* held: who opened it */
	uint32_t session; /* `trace`, a mapped `mem`, `stop`: which of t's */
	uint32_t execs;	  /* `mem`: the program of t's it is of */
	struct ks_space *space; /* held, `mem` and `vm` */
	/* A mapped `mem`: */
	struct proc_stop *record; /* its session's, held; NULL: not mapped */
	struct ks_link of_thread; /* in t's list; under its lock */
	struct ks_link of_space;  /* in the space's, if it has given pages */
	uint32_t revoked;	  /* counts mapping_revoke(); see below */
	enum ks_proc_id id;
	unsigned flags;
	bool limited; /* `mem` of a tracer that may not see what is hidden */
};

/*
 * The caller's buffer, in user memory or wherever. OUT stores N bytes from SRC
 * at the buffer's offset OFF, IN loads; 0 or -EFAULT. May sleep.
 */
struct ks_io {
	int (*out)(struct ks_io *io, size_t off, const void *src, size_t n);
	int (*in)(struct ks_io *io, size_t off, void *dst, size_t n);
	size_t len; /* bytes of the buffer */
};

/* An io whose buffer is kernel memory. */
struct ks_io_kernel {
	struct ks_io io;
	unsigned char *buf;
};
void ks_io_kernel(struct ks_io_kernel *k, void *buf, size_t len);

/*
 * Open file ID of thread TID for a thread of CALLER's process, SELF.
 * -ESRCH: no such thread, or it is dead. -EPERM: not allowed. -EBUSY: `trace`
 * of a thread that somebody else traces, or that is open already. -ESRCH:
 * registers and the like of a thread that CALLER does not trace. -EINVAL.
 */
int ks_proc_open(struct ks_machine *m, struct ks_thread *self, int32_t tid,
		 enum ks_proc_id id, unsigned flags, struct ks_file *out);

/* Open the sibling file NAME of the same thread (Redox's dup). */
int ks_proc_dup(struct ks_file *f, struct ks_thread *self, const char *name,
		unsigned flags, struct ks_file *out);

/*
 * Read or write at OFF (ignored but by mem, vm, regs/xstate and sigqueue).
 * A byte count or a negated errno; -EAGAIN: nothing to read yet.
 */
int64_t ks_proc_read(struct ks_file *f, struct ks_thread *self,
		     struct ks_io *io, uint64_t off);
int64_t ks_proc_write(struct ks_file *f, struct ks_thread *self,
		      struct ks_io *io, uint64_t off);

/* KS_READ if a read, KS_WRITE if a write, would not give -EAGAIN. */
unsigned ks_proc_poll(struct ks_file *f);

/* True if the file can be sought: 64-bit offsets (`mem`). */
bool ks_proc_seekable(const struct ks_file *f);

/*
 * Mapping: a tracer can map `stop`, `events` and `mem` (at the offset of the
 * tracee's address, shared), to do without a system call. ACCESS is of enum
 * ks_access: KS_READ, or with KS_WRITE where F was opened for that.
 *
 * ks_proc_map() says whether SELF may map F for ACCESS now. -EACCES: SELF's
 * process does not trace the thread, or F is not open for that. -ENODEV: no
 * file for mapping, or no direct map. -ENOMEM.
 *
 * ks_proc_page() gives the frame, with a reference, for the page at OFF when
 * SELF has faulted by ACCESS in a mapping of F. It may be entered with the
 * rights of ACCESS and no others, whatever the mapping has: a store into a page
 * that was entered to be read is a fault again, by KS_WRITE, whose frame
 * may be another one. -EACCES: there is no right any more, or no page; then the
 * port maps a page of zeros in its place (a fresh one, if ACCESS has KS_WRITE),
 * for the fault is not the program's: the record of the stop tells it. May
 * sleep, but not after it has found the frame. A port with several CPUs
 * compares F->revoked before it enters the frame, under what its
 * mapping_revoke() takes, with what it was before the call, and begins again if
 * it differs.
 */
int ks_proc_map(struct ks_file *f, struct ks_thread *self, unsigned access);
int ks_proc_page(struct ks_file *f, struct ks_thread *self, uint64_t off,
		 unsigned access, ks_paddr_t *out_pa);

/* Ends the session where F is its `trace`. */
void ks_proc_close(struct ks_file *f);

#endif
