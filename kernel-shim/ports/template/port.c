/* SPDX-License-Identifier: MIT */
/*
 * The port operations, to be filled in. The contract is in kshim/port.h and
 * kshim/port_trace.h; here is said how a kernel usually does each.
 *
 * As they stand they are honest: what could fail says -ENOSYS, what must give
 * an object gives none, and what needs none does nothing. A kernel that boots
 * with this answers ESRCH to every open of a tracing file.
 */
#include "kernel.h"

/* ---- physical memory ---- */

/* From your page allocator; zeroed, with a count of 1. */
static int
frame_alloc(struct ks_machine *m, ks_paddr_t *out_pa)
{
	(void)m;
	(void)out_pa;
	return -ENOSYS;
}

/* The count of the frame: an array beside RAM, or your struct page. */
static void
frame_ref(struct ks_machine *m, ks_paddr_t pa)
{
	(void)m;
	(void)pa;
}

static void
frame_put(struct ks_machine *m, ks_paddr_t pa)
{
	(void)m;
	(void)pa;
}

/*
 * More than one user. A page cache counts as one, so that a private file page
 * is never written in place. True is the safe answer: it costs a copy.
 */
static bool
frame_shared(struct ks_machine *m, ks_paddr_t pa)
{
	(void)m;
	(void)pa;
	return true;
}

/*
 * Where the direct map ends (or there is none): some pages of kernel addresses
 * that belong to this CPU; write their entries, flush them, return the address
 * of the very byte. NULL where PA is not memory. Not called if direct_size
 * covers all memory.
 */
static void *
window_map(struct ks_machine *m, ks_paddr_t pa, size_t len)
{
	(void)m;
	(void)pa;
	(void)len;
	return NULL;
}

static void
window_unmap(struct ks_machine *m, void *va, size_t len)
{
	(void)m;
	(void)va;
	(void)len;
}

/*
 * invlpg each page, or reload CR3 where LEN is large; and an interrupt to the
 * other CPUs that have SPACE loaded, until all have answered.
 */
static void
tlb_flush(struct ks_machine *m, struct ks_space *space, ks_uaddr_t va,
	  uint64_t len)
{
	(void)m;
	(void)space;
	(void)va;
	(void)len;
}

/* ---- address spaces ---- */

/*
 * Your page fault handler, called for another process: find the mapping of VA,
 * check ACCESS against its rights, make the page present. With FORCE a read is
 * always allowed, and a write where the mapping is private: give the space a
 * copy of the frame, mapped without KS_WRITE (ks_cow_break() with KEEP_RO).
 */
static int
fault_in(struct ks_machine *m, struct ks_space *space, ks_uaddr_t va,
	 unsigned access, bool force)
{
	(void)m;
	(void)space;
	(void)va;
	(void)access;
	(void)force;
	return -ENOSYS;
}

/*
 * Walk the areas that map F; nothing, while nobody can map it. The lock of
 * another space is held: docs/PORTING.md says what that means on several CPUs.
 */
static void
mapping_revoke(struct ks_machine *m, struct ks_file *f)
{
	(void)m;
	(void)f;
}

/* ---- locks ---- */

/*
 * A spin lock that also keeps this CPU from being preempted, and interrupts
 * out if an interrupt handler of yours calls the shim (thread_wake() alone
 * does not). On one CPU without preemption: nothing.
 */
static void
lock_init(struct ks_machine *m, struct ks_lock *lock)
{
	(void)m;
	lock->word[0] = 0;
}

static void
lock_take(struct ks_machine *m, struct ks_lock *lock)
{
	(void)m;
	lock->word[0] = 1;
}

static void
lock_give(struct ks_machine *m, struct ks_lock *lock)
{
	(void)m;
	lock->word[0] = 0;
}

/* ---- threads ---- */

/*
 * Look TID up and take a reference, under the lock of your table of ids. A
 * dead thread stays there until it is reaped.
 */
static struct ks_thread *
thread_get(struct ks_machine *m, int32_t tid)
{
	(void)m;
	(void)tid;
	return NULL;
}

static void
thread_ref(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	(void)t;
}

/* The last one frees the structure; it may come with the shim's locks held. */
static void
thread_put(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	(void)t;
}

static int32_t
thread_tid(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	return thread_of(t)->tid;
}

static int32_t
thread_tgid(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	return thread_of(t)->process->tgid;
}

static struct ks_tracer *
thread_process(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	return &thread_of(t)->process->tracer;
}

/* Hold the parent, so that it stays valid though it exits meanwhile. */
static struct ks_tracer *
thread_parent(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	(void)t;
	return NULL;
}

/* No rules but those of ptrace(2). */
static int
trace_allowed(struct ks_machine *m, struct ks_tracer *tr, struct ks_thread *t,
	      bool asked)
{
	(void)m;
	(void)tr;
	(void)t;
	(void)asked;
	return 0;
}

/* A kernel without users says all 0, cap_ptrace, may_suspend and dumpable. */
static void
thread_cred(struct ks_machine *m, struct ks_thread *t, struct ks_cred *out)
{
	(void)m;
	(void)t;
	*out = (struct ks_cred){.dumpable = false};
}

/* NULL once the thread has given its memory back. */
static struct ks_space *
space_get(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	(void)t;
	return NULL;
}

static void
space_put(struct ks_machine *m, struct ks_space *s)
{
	(void)m;
	(void)s;
}

static void
tracer_ref(struct ks_machine *m, struct ks_tracer *tr)
{
	(void)m;
	(void)tr;
}

static void
tracer_put(struct ks_machine *m, struct ks_tracer *tr)
{
	(void)m;
	(void)tr;
}

static int32_t
tracer_tgid(struct ks_machine *m, struct ks_tracer *tr)
{
	(void)m;
	return process_of(tr)->tgid;
}

/*
 * T is the current thread. A flag under the scheduler's lock that thread_wake()
 * sets and this consumes; no ordinary signal ends the sleep. -EINTR as soon as
 * SIGKILL is pending.
 */
static int
thread_sleep(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	(void)t;
	return -EINTR;
}

static void
thread_wake(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	(void)t;
}

/*
 * As if a signal had come that is then found to be none: set the flag that
 * makes the way back to user mode take the slow path, end an interruptible
 * sleep, and interrupt the CPU that T runs on.
 */
static void
thread_kick(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	(void)t;
}

/* Wake the wait queue that reads and polls of these files sleep on. */
static void
tracer_wake(struct ks_machine *m, struct ks_tracer *tr, struct ks_thread *t)
{
	(void)m;
	(void)tr;
	(void)t;
}

/* Your SIGCHLD to TR's process, about T. */
static void
tracer_signal(struct ks_machine *m, struct ks_tracer *tr, struct ks_thread *t,
	      int code, int status)
{
	(void)m;
	(void)tr;
	(void)t;
	(void)code;
	(void)status;
}

/* What you did not do after ks_on_death(), because ks_holds(T) was true. */
static void
thread_released(struct ks_machine *m, struct ks_thread *t, struct ks_tracer *tr)
{
	(void)m;
	(void)t;
	(void)tr;
}

/* Your tgkill() past its checks; FORCE as for a trap of T's own. */
static void
signal_send(struct ks_machine *m, struct ks_thread *t,
	    const struct proc_siginfo *info, bool force)
{
	(void)m;
	(void)t;
	(void)info;
	(void)force;
}

/* 0 for a kernel without job control. */
static int
group_stop(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	(void)t;
	return 0;
}

static uint64_t
sigmask_get(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	(void)t;
	return 0;
}

static void
sigmask_set(struct ks_machine *m, struct ks_thread *t, uint64_t mask)
{
	(void)m;
	(void)t;
	(void)mask;
}

static int
sigqueue_get(struct ks_machine *m, struct ks_thread *t, bool shared,
	     uint64_t index, struct proc_siginfo *out)
{
	(void)m;
	(void)t;
	(void)shared;
	(void)index;
	(void)out;
	return -ENOENT;
}

static bool
rusage_get(struct ks_machine *m, struct ks_thread *t, struct proc_rusage *out)
{
	(void)m;
	(void)t;
	*out = (struct proc_rusage){0};
	return false;
}

static const struct ks_port_ops ops = {
    .size = sizeof(struct ks_port_ops),
    .version = KS_PORT_VERSION,
    .frame_alloc = frame_alloc,
    .frame_ref = frame_ref,
    .frame_put = frame_put,
    .frame_shared = frame_shared,
    .window_map = window_map,
    .window_unmap = window_unmap,
    .tlb_flush = tlb_flush,
    .fault_in = fault_in,
    .mapping_revoke = mapping_revoke,
    .lock_init = lock_init,
    .lock = lock_take,
    .unlock = lock_give,
    .thread_get = thread_get,
    .thread_ref = thread_ref,
    .thread_put = thread_put,
    .thread_tid = thread_tid,
    .thread_tgid = thread_tgid,
    .thread_process = thread_process,
    .thread_parent = thread_parent,
    .thread_cred = thread_cred,
    .trace_allowed = trace_allowed,
    .space_get = space_get,
    .space_put = space_put,
    .tracer_ref = tracer_ref,
    .tracer_put = tracer_put,
    .tracer_tgid = tracer_tgid,
    .thread_sleep = thread_sleep,
    .thread_wake = thread_wake,
    .thread_kick = thread_kick,
    .tracer_wake = tracer_wake,
    .tracer_signal = tracer_signal,
    .thread_released = thread_released,
    .signal_send = signal_send,
    .group_stop = group_stop,
    .sigmask_get = sigmask_get,
    .sigmask_set = sigmask_set,
    .sigqueue_get = sigqueue_get,
    .rusage_get = rusage_get,
    .seccomp_get = ks_no_seccomp,
    .rseq_get = ks_no_rseq,
    .dispatch_get = ks_no_dispatch_get,
    .dispatch_set = ks_no_dispatch_set,
    .regs_get = regs_get,
    .regs_set = regs_set,
    .fpu_get = fpu_get,
    .fpu_changed = fpu_changed,
    .debug_get = debug_get,
    .debug_set = debug_set,
    .step_set = step_set,
};

/* direct_base and direct_size: your map of all memory, if there is one. */
struct ks_machine machine = {
    .ops = &ops,
    .phys_bits = 52, /* CPUID 80000008h */
    .pt_levels = 4,
    .nx = true,
    .huge_1g = true,
};
