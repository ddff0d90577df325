/* SPDX-License-Identifier: MIT */
/* The port operations: memory, address spaces, locks, threads. */
#include <stdlib.h>
#include <string.h>

#include "sim_int.h"

static struct sim *
of(struct ks_machine *m)
{
	return m->ctx;
}

static struct sim_thread *
thread_of(struct ks_thread *t)
{
	return ks_container(t, struct sim_thread, kt);
}

static struct sim_proc *
proc_of(struct ks_tracer *tr)
{
	return ks_container(tr, struct sim_proc, tracer);
}

/* True if this call of the operation OP is the one that is to fail. */
static bool
fails(struct ks_machine *m, enum sim_op op)
{
	struct sim *s = of(m);

	if (!(s->fail_ops & op) || !s->fail_n || --s->fail_n)
		return false;
	s->failed = true;
	return true;
}

/* A rule of the contract: the caller of this operation holds no lock. */
static void
no_lock(struct ks_machine *m)
{
	if (of(m)->used.locks)
		sim_bug("an operation that may sleep, with a lock held");
}

static int
frame_alloc(struct ks_machine *m, ks_paddr_t *out_pa)
{
	if (fails(m, SIM_OP_FRAME))
		return -ENOMEM;
	return sim_frame_alloc(of(m), out_pa);
}

static void
frame_ref(struct ks_machine *m, ks_paddr_t pa)
{
	sim_frame_ref(of(m), pa);
}

static void
frame_put(struct ks_machine *m, ks_paddr_t pa)
{
	sim_frame_put(of(m), pa);
}

static bool
frame_shared(struct ks_machine *m, ks_paddr_t pa)
{
	return sim_frame_shared(of(m), pa);
}

static void *
window_map(struct ks_machine *m, ks_paddr_t pa, size_t len)
{
	if (!of(m)->cfg.window || fails(m, SIM_OP_WINDOW))
		return NULL;
	return sim_window_map(of(m), pa, len);
}

static void
window_unmap(struct ks_machine *m, void *va, size_t len)
{
	sim_window_unmap(of(m), va, len);
}

static void
tlb_flush(struct ks_machine *m, struct ks_space *space, ks_uaddr_t va,
	  uint64_t len)
{
	sim_tlb_flush(of(m), space, va.v, len);
}

static int
fault_in(struct ks_machine *m, struct ks_space *space, ks_uaddr_t va,
	 unsigned access, bool force)
{
	struct sim_mm *mm = ks_container(space, struct sim_mm, space);
	int err;

	no_lock(m);
	if (fails(m, SIM_OP_FAULT))
		return -EFAULT;
	err = sim_mm_fault(mm, va.v, access, force);
	return err == -EACCES ? -EFAULT : err;
}

static void
lock_init(struct ks_machine *m, struct ks_lock *lock)
{
	(void)m;
	lock->word[0] = 0;
}

static void
lock(struct ks_machine *m, struct ks_lock *lock)
{
	/* One runs at a time, and nobody sleeps with a lock. */
	if (lock->word[0])
		sim_bug("a lock is taken twice");
	lock->word[0] = 1;
	of(m)->used.locks++;
}

static void
unlock(struct ks_machine *m, struct ks_lock *lock)
{
	if (!lock->word[0])
		sim_bug("a lock that is not held is released");
	lock->word[0] = 0;
	of(m)->used.locks--;
}

static struct ks_thread *
thread_get(struct ks_machine *m, int32_t tid)
{
	struct sim_thread *t = sim_find(of(m), tid);

	if (!t || fails(m, SIM_OP_THREAD))
		return NULL;
	sim_thread_get(t);
	return &t->kt;
}

static void
thread_ref(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	sim_thread_get(thread_of(t));
}

static void
thread_put(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	sim_thread_put(thread_of(t));
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
	return thread_of(t)->proc->tgid;
}

static struct ks_tracer *
thread_process(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	return &thread_of(t)->proc->tracer;
}

static struct ks_tracer *
thread_parent(struct ks_machine *m, struct ks_thread *t)
{
	struct sim_proc *parent = thread_of(t)->proc->parent;

	(void)m;
	if (!parent)
		return NULL;
	sim_proc_get(parent);
	return &parent->tracer;
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

static void
thread_cred(struct ks_machine *m, struct ks_thread *t, struct ks_cred *out)
{
	(void)m;
	*out = thread_of(t)->proc->cred;
}

static struct ks_space *
space_get(struct ks_machine *m, struct ks_thread *t)
{
	struct sim_mm *mm = thread_of(t)->mm;

	if (!mm || fails(m, SIM_OP_SPACE))
		return NULL;
	sim_mm_get(mm);
	return &mm->space;
}

static void
space_put(struct ks_machine *m, struct ks_space *space)
{
	(void)m;
	sim_mm_put(ks_container(space, struct sim_mm, space));
}

static void
tracer_ref(struct ks_machine *m, struct ks_tracer *tr)
{
	(void)m;
	sim_proc_get(proc_of(tr));
}

static void
tracer_put(struct ks_machine *m, struct ks_tracer *tr)
{
	(void)m;
	sim_proc_put(proc_of(tr));
}

static int32_t
tracer_tgid(struct ks_machine *m, struct ks_tracer *tr)
{
	(void)m;
	return proc_of(tr)->tgid;
}

static int
thread_sleep(struct ks_machine *m, struct ks_thread *kt)
{
	struct sim_thread *t = thread_of(kt);

	no_lock(m);
	while (!t->wake && !t->killed)
		sim_block(t, SIM_TRACED);
	if (t->killed)
		return -EINTR;
	t->wake = false;
	return 0;
}

static void
thread_wake(struct ks_machine *m, struct ks_thread *kt)
{
	struct sim_thread *t = thread_of(kt);

	(void)m;
	t->wake = true;
	if (t->sleep == SIM_TRACED)
		sim_ready(t);
}

static void
thread_kick(struct ks_machine *m, struct ks_thread *kt)
{
	struct sim_thread *t = thread_of(kt);

	(void)m;
	t->kick = true;
	if (t->sleep == SIM_INTR || t->sleep == SIM_JOB)
		sim_ready(t);
}

static void
tracer_wake(struct ks_machine *m, struct ks_tracer *tr, struct ks_thread *t)
{
	(void)m;
	(void)t;
	sim_proc_wake(proc_of(tr));
}

static void
tracer_signal(struct ks_machine *m, struct ks_tracer *tr, struct ks_thread *t,
	      int code, int status)
{
	(void)m;
	sim_notify(proc_of(tr), thread_of(t), code, status);
}

static void
thread_released(struct ks_machine *m, struct ks_thread *t, struct ks_tracer *tr)
{
	(void)m;
	sim_released(thread_of(t), proc_of(tr));
}

static void
signal_send(struct ks_machine *m, struct ks_thread *t,
	    const struct proc_siginfo *info, bool force)
{
	(void)m;
	if (force)
		sim_force(thread_of(t), info);
	else
		sim_send(thread_of(t), info, false);
}

static int
group_stop(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	return thread_of(t)->proc->group_stop;
}

static uint64_t
sigmask_get(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	return thread_of(t)->sigmask;
}

static void
sigmask_set(struct ks_machine *m, struct ks_thread *t, uint64_t mask)
{
	(void)m;
	thread_of(t)->sigmask = mask;
}

static int
sigqueue_get(struct ks_machine *m, struct ks_thread *kt, bool shared,
	     uint64_t index, struct proc_siginfo *out)
{
	struct sim_thread *t = thread_of(kt);
	struct sim_sigq *q = shared ? t->proc->queue : t->queue;

	while (q && index--)
		q = q->next;
	if (!q || fails(m, SIM_OP_SIGQUEUE))
		return -ENOENT;
	*out = q->info;
	return 0;
}

static bool
rusage_get(struct ks_machine *m, struct ks_thread *t, struct proc_rusage *out)
{
	(void)m;
	sim_rusage(thread_of(t), out);
	return thread_of(t)->proc->alive == 1;
}

/* Its threads have no filters, and nothing registered. */
static int64_t
seccomp_get(struct ks_machine *m, struct ks_thread *self, struct ks_thread *t,
	    uint64_t index, size_t pos, void *buf, size_t n,
	    uint64_t *out_flags)
{
	(void)m;
	(void)self;
	(void)t;
	(void)index;
	(void)pos;
	(void)buf;
	(void)n;
	(void)out_flags;
	return -EINVAL;
}

static int
rseq_get(struct ks_machine *m, struct ks_thread *t, struct proc_rseq *out)
{
	(void)m;
	(void)t;
	*out = (struct proc_rseq){0};
	return 0;
}

static void
regs_get(struct ks_machine *m, struct ks_thread *t, struct ks_regs *out)
{
	(void)m;
	*out = thread_of(t)->regs;
}

static void
regs_set(struct ks_machine *m, struct ks_thread *t, const struct ks_regs *in)
{
	(void)m;
	thread_of(t)->regs = *in;
}

static int
fpu_get(struct ks_machine *m, struct ks_thread *t, struct ks_fpu *out)
{
	if (fails(m, SIM_OP_FPU))
		return -ENODEV;
	out->layout = &of(m)->layout;
	out->area = thread_of(t)->fpu;
	return 0;
}

static void
fpu_changed(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	(void)t; /* the CPU works on the saved area */
}

static void
debug_get(struct ks_machine *m, struct ks_thread *t, struct ks_debugregs *out)
{
	(void)m;
	*out = thread_of(t)->debug;
}

static int
debug_set(struct ks_machine *m, struct ks_thread *kt,
	  const struct ks_debugregs *in)
{
	struct sim_thread *t = thread_of(kt);

	if (fails(m, SIM_OP_DEBUG))
		return -ENOSPC;
	t->debug = *in;
	t->hw_dr7 = ks_debug_hw_dr7(in);
	return 0;
}

static void
step_set(struct ks_machine *m, struct ks_thread *t, int step)
{
	(void)m;
	thread_of(t)->step = step;
}

const struct ks_port_ops sim_ops = {
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
    .mapping_revoke = sim_mapping_revoke,
    .lock_init = lock_init,
    .lock = lock,
    .unlock = unlock,
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
    .seccomp_get = seccomp_get,
    .rseq_get = rseq_get,
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
