/* SPDX-License-Identifier: MIT */
/*
 * Sessions, queues and stops: what the hooks and the files of the scheme
 * share. The lock of a thread comes before the lock of a tracer.
 */
#ifndef KSHIM_SESSION_H
#define KSHIM_SESSION_H

#include <kshim/trace.h>

#include "link.h"
#include "lock.h"
#include "state.h"

/* Linux's si_code values that the shim itself makes. */
#define KS_SI_USER    0
#define KS_SI_KERNEL  0x80
#define KS_TRAP_BRKPT 1
#define KS_TRAP_TRACE 2

/* Signals that no mask blocks. */
#define KS_UNBLOCKED                                                           \
	((UINT64_C(1) << (KS_SIGKILL - 1)) | (UINT64_C(1) << (KS_SIGSTOP - 1)))

/* The bits of a mask that last from write to write in a new session. */
#define KS_LASTING                                                             \
	(PROC_FLAG_LEGACY | PROC_FLAG_EXITKILL | PROC_FLAG_NO_SECCOMP |        \
	 PROC_FLAG_HOLD)
#define KS_SYSCALL_BITS (PROC_STOP_PRE_SYSCALL | PROC_STOP_POST_SYSCALL)
#define KS_STEP_BITS	(PROC_STOP_SINGLESTEP | PROC_STOP_BLOCKSTEP)
/* Stops at a signal, which the tracer may change or suppress. */
#define KS_SIGNAL_STOPS                                                        \
	(PROC_STOP_SIGNAL | PROC_STOP_SINGLESTEP | PROC_STOP_BREAKPOINT)

/* The step that MASK asks for. */
static inline int
ks_step_of(uint64_t mask)
{
	if (mask & PROC_STOP_BLOCKSTEP)
		return KS_STEP_BLOCK;
	return mask & PROC_STOP_SINGLESTEP ? KS_STEP_INSN : KS_STEP_NONE;
}

static inline void
ks_lock_thread(struct ks_thread *t)
{
	ks_lock(t->m, &t->lock);
}

static inline void
ks_unlock_thread(struct ks_thread *t)
{
	ks_unlock(t->m, &t->lock);
}

static inline void
ks_lock_tracer(struct ks_tracer *tr)
{
	ks_lock(tr->m, &tr->lock);
}

static inline void
ks_unlock_tracer(struct ks_tracer *tr)
{
	ks_unlock(tr->m, &tr->lock);
}

/*
 * Make T a tracee of TR; CAPABLE: who asks for it has cap_ptrace. The session
 * holds T. With T's lock held.
 * -EPERM: T has a session, is dead, or TR is exiting.
 */
int ks_session_begin(struct ks_thread *t, struct ks_tracer *tr, bool capable);

/* What is left to do when the lock has been given back. */
struct ks_ended {
	struct ks_tracer *tracer; /* NULL: there was no session */
	bool was_dead;
};

/*
 * End T's session: a stopped T goes on with RESUME (its flags) and SIGNAL;
 * one that was resumed before goes on as it was told then.
 * With T's lock held; ks_session_ended() follows without it.
 */
struct ks_ended ks_session_end(struct ks_thread *t, uint64_t resume,
			       uint64_t signal);
void ks_session_ended(struct ks_thread *t, struct ks_ended ended);

/* Write T's hooks word anew from its state. With T's lock held. */
static inline void
ks_update_hooks(struct ks_thread *t)
{
	uint64_t hooks = 0;

	if (t->tracer && t->state != KS_DEAD) {
		hooks |= KS_HOOK_TRACED;
		if ((t->mask & KS_SYSCALL_BITS) || t->step != KS_STEP_NONE)
			hooks |= KS_HOOK_SYSCALL;
		if (t->due)
			hooks |= KS_HOOK_RETURN;
	}
	__atomic_store_n(&t->hooks, hooks, __ATOMIC_RELAXED);
}

/* Arm or disarm T's single step. With T's lock held, T stopped or current. */
static inline void
ks_arm_step(struct ks_thread *t, int step)
{
	if (t->step == step)
		return;
	t->step = step;
	t->m->ops->step_set(t->m, t, step);
}

/* Feed T's state machine; false if INPUT was refused. With T's lock held. */
bool ks_feed(struct ks_thread *t, enum ks_input input);

/* Make T stop at its next return to user mode. With T's lock held. */
void ks_make_due(struct ks_thread *t, enum ks_input input, unsigned due);

/* ---- the record of a stop (record.c); all with T's lock held ---- */

/* T has a record from now on. Errors as ks_shown_alloc(). */
int ks_record_need(struct ks_thread *t);

/*
 * A page of zeros that the shim writes and a tracer maps, and its frame.
 * -ENODEV: no direct map. -ENOMEM.
 */
int ks_shown_alloc(struct ks_machine *m, void **out);
ks_paddr_t ks_shown_frame(struct ks_machine *m, const void *page);

/* A reference to R's frame, or one less. */
struct proc_stop *ks_record_ref(struct ks_machine *m, struct proc_stop *r);
void ks_record_put(struct ks_machine *m, struct proc_stop *r);

/* T, in a stop, is about to sleep: its registers are complete. */
void ks_record_rest(struct ks_thread *t);
/* In its stop T's registers, siginfo or mask were set. */
void ks_record_set(struct ks_thread *t);
/* WHAT (PROC_HAS_*) was asked of a file: if the tracer wants it, record it. */
void ks_record_asked(struct ks_thread *t, uint64_t what);
/*
 * What the tracer has changed in the record takes effect now, if T is in a
 * stop: before T's registers, siginfo or mask are looked at.
 */
void ks_record_settle(struct ks_thread *t);
/* What `syscall-info` says of T, whose registers are REGS. (file_syscall.c) */
void ks_call_get(const struct ks_thread *t, const struct ks_regs *regs,
		 struct proc_syscall *out);
/* T leaves its stop. */
void ks_record_run(struct ks_thread *t);
/* T's session ends. */
void ks_record_end(struct ks_thread *t);

/* What mappings showed has changed; LOST: there is a page no more. Any lock. */
void ks_record_change(struct proc_stop *r, bool lost);

/* ---- the tracer's part of it (edit.c), likewise ---- */

/* What of PROC_HAS_* it wants. */
uint64_t ks_edit_wants(const struct proc_stop *r);
/* Was anything written into R for the stop that had SEQUENCE? */
bool ks_edit_is_of(const struct proc_stop *r, uint64_t sequence);
/* Carry that out, for T, whose record it is. */
void ks_edit_take(struct ks_thread *t, uint64_t sequence);

/* ---- mappings of `mem` (mapping.c) ---- */

/* Take back what mappings of T's memory show. With T's lock held. */
void ks_mappings_revoke(struct ks_thread *t);

/* ---- events (event.c) ---- */

/*
 * Queue the event EV of T and tell the tracer that there is one. With T's lock
 * held and a tracer. An event that finds the queue full is dropped: callers
 * keep room for a stop and a death (ks_queue_crowded()).
 */
void ks_event_push(struct ks_thread *t, const struct proc_event *ev);

/* True if only a stop and a death still fit. With T's lock held, a tracer. */
bool ks_queue_crowded(struct ks_thread *t);

/* What a read of TR's `events` would find may have changed. TR's lock held. */
void ks_events_changed(struct ks_tracer *tr);

/* TR's `events` can be mapped from now on. Errors as ks_shown_alloc(). */
int ks_events_need(struct ks_tracer *tr);

/* Forget the unread events of T. With T's lock held and a tracer. */
void ks_event_clear(struct ks_thread *t);

/* The oldest event of T; false: none. With the tracer's lock held. */
bool ks_event_pop(struct ks_thread *t, struct proc_event *out);

/* Put EV back as the oldest. With the tracer's lock held. */
void ks_event_unpop(struct ks_thread *t, const struct proc_event *ev);

/* ---- stops (stop.c) ---- */

/*
 * The current thread T enters a stop with CAUSE: its event is queued and its
 * tracer told. INFO may be NULL. With T's lock held; T must then sleep by
 * ks_stop_sleep() without it. False, and nothing was done: no session.
 */
bool ks_stop_begin(struct ks_thread *t, uint64_t cause, uint64_t a, uint64_t b,
		   const struct proc_siginfo *info);

/* Sleep until T's stop is over. False: T is to die. No lock held. */
bool ks_stop_sleep(struct ks_thread *t);

/* Both, where CAUSE is in T's mask. No lock held. */
void ks_stop(struct ks_thread *t, uint64_t cause, uint64_t a);

#endif
