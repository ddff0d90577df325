/* SPDX-License-Identifier: MIT */
/* What the files of the scheme share; kshim/proc.h is their outside. */
#ifndef KSHIM_FILE_H
#define KSHIM_FILE_H

#include <kshim/proc.h>
#include <kshim/regs.h>

/*
 * Read or write one file. The caller has checked F's flags, that the
 * descriptor is in the hands of who opened it and, for files of a stop,
 * that F->t is in one; its lock is not held.
 */
typedef int64_t ks_file_fn(struct ks_file *f, struct ks_thread *self,
			   struct ks_io *io, uint64_t off);

ks_file_fn ks_trace_read, ks_trace_write;	/* file_trace.c */
ks_file_fn ks_command_write;			/* file_trace.c */
ks_file_fn ks_events_read, ks_events_write;	/* file_events.c */
ks_file_fn ks_traceme_write;			/* file_events.c */
ks_file_fn ks_memory_read, ks_memory_write;	/* file_mem.c */
ks_file_fn ks_regs_read, ks_regs_write;		/* file_regs.c */
ks_file_fn ks_xstate_read, ks_xstate_write;	/* file_regs.c */
ks_file_fn ks_siginfo_read, ks_siginfo_write;	/* file_signal.c */
ks_file_fn ks_sigmask_read, ks_sigmask_write;	/* file_signal.c */
ks_file_fn ks_sigqueue_read;			/* file_signal.c */
ks_file_fn ks_rusage_read;			/* file_signal.c */
ks_file_fn ks_syscall_read, ks_syscall_write;	/* file_syscall.c */
ks_file_fn ks_seccomp_read, ks_rseq_read;	/* file_seccomp.c */
ks_file_fn ks_dispatch_read, ks_dispatch_write; /* file_dispatch.c */
ks_file_fn ks_stop_read, ks_stop_write;		/* mapping.c */

/*
 * Take T's lock if F's caller traces T and T is in a stop; it keeps T there,
 * even from SIGKILL, until the lock is given back.
 * -ESRCH: T is dead. -EPERM: it is not the caller's tracee.
 * -ENOTRECOVERABLE: it is not in a stop. -EAGAIN: its stop is on the way.
 */
int ks_lock_stopped(struct ks_file *f);

/* Store the SIZE bytes at SRC, or what IO has room for, at its start. */
int64_t ks_io_out(struct ks_io *io, const void *src, size_t size);

/* Load exactly SIZE bytes. -EINVAL if IO has another size. */
int ks_io_in(struct ks_io *io, void *dst, size_t size);

/*
 * May SELF trace T or use its memory, by its own REAL ids or by those for
 * files? Anybody may use the memory of the own process. *OUT_CAPABLE is SELF's
 * cap_ptrace, if T is of another. 0, -EPERM. (access.c)
 */
int ks_access(struct ks_machine *m, struct ks_thread *self, struct ks_thread *t,
	      bool real, bool *out_capable);

/* May T have TR as its tracer, for which it asks? 0, -EPERM. */
int ks_access_asked(struct ks_machine *m, struct ks_thread *t,
		    struct ks_tracer *tr);

/* May T's tracer see its memory? With T's lock held, of a session. */
bool ks_access_shown(struct ks_thread *t);

/* F, a `mem` that may have been mapped, is closed. (mapping.c) */
void ks_mapping_close(struct ks_file *f);

/*
 * Make T, which has no tracer, a tracee of F's caller, if SELF may. With T's
 * lock held. 0, -EPERM.
 */
int ks_trace_begin(struct ks_file *f, struct ks_thread *self,
		   struct ks_thread *t);

/* End the session that F, an open `trace`, holds. (file_trace.c) */
void ks_trace_close(struct ks_file *f);

#endif
