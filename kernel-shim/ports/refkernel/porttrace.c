/* SPDX-License-Identifier: MIT */
/*
 * The port operations on threads; kshim/port_trace.h has their contracts. With
 * one CPU and no preemption each is atomic.
 */
#include "port.h"

#include "cpu.h"
#include "errno.h"
#include "sched.h"
#include "seccomp.h"
#include "string.h"
#include "thread.h"
#include "vm.h"
#include "xlayout.h"
#include "yama.h"

static struct thread *
thread_of(struct ks_thread *t)
{
	return list_entry(t, struct thread, trace);
}

static struct process *
process_of(struct ks_tracer *tr)
{
	return list_entry(tr, struct process, tracer);
}

struct ks_thread *
port_thread_get(struct ks_machine *m, int32_t tid)
{
	struct thread *t = thread_find(tid);

	(void)m;
	return t ? &thread_get(t)->trace : NULL;
}

void
port_thread_ref(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	thread_get(thread_of(t));
}

void
port_thread_put(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	thread_put(thread_of(t));
}

int32_t
port_thread_tid(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	return thread_of(t)->tid;
}

int32_t
port_thread_tgid(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	return thread_of(t)->process->pid;
}

struct ks_tracer *
port_thread_process(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	return &thread_of(t)->process->tracer;
}

struct ks_tracer *
port_thread_parent(struct ks_machine *m, struct ks_thread *t)
{
	struct process *parent = thread_of(t)->process->parent;

	(void)m;
	return parent ? &process_get(parent)->tracer : NULL;
}

int
port_trace_allowed(struct ks_machine *m, struct ks_tracer *tr,
		   struct ks_thread *t, bool asked)
{
	struct process *p = thread_of(t)->process;

	(void)m;
	/* It never comes to where it could stop. */
	if (thread_of(t)->kernel)
		return -EPERM;
	/* A leader that has ended, in a process that lives. */
	if (thread_of(t)->state == THREAD_ZOMBIE && p->nthreads > 0)
		return -EPERM;
	return yama_allows(process_of(tr), p, asked);
}

void
port_thread_cred(struct ks_machine *m, struct ks_thread *t, struct ks_cred *out)
{
	const struct cred *c = &thread_of(t)->cred;

	(void)m;
	*out = (struct ks_cred){
	    .may_suspend =
		cred_capable(c, CAP_SYS_ADMIN) && !thread_of(t)->seccomp,
	    .uid = c->ruid,
	    .euid = c->euid,
	    .suid = c->suid,
	    .fsuid = c->fsuid,
	    .gid = c->rgid,
	    .egid = c->egid,
	    .sgid = c->sgid,
	    .fsgid = c->fsgid,
	    .cap_ptrace = cred_capable(c, CAP_SYS_PTRACE),
	    .caps_permitted = c->cap_permitted,
	    .caps_effective = c->cap_effective,
	    .dumpable = thread_of(t)->process->dumpable == 1,
	};
}

struct ks_space *
port_space_get(struct ks_machine *m, struct ks_thread *t)
{
	struct vm *vm = thread_of(t)->vm;

	(void)m;
	return vm ? &vm_hold(vm)->space : NULL;
}

void
port_space_put(struct ks_machine *m, struct ks_space *s)
{
	(void)m;
	vm_drop(vm_of(s));
}

void
port_tracer_ref(struct ks_machine *m, struct ks_tracer *tr)
{
	(void)m;
	process_get(process_of(tr));
}

void
port_tracer_put(struct ks_machine *m, struct ks_tracer *tr)
{
	(void)m;
	process_put(process_of(tr));
}

int32_t
port_tracer_tgid(struct ks_machine *m, struct ks_tracer *tr)
{
	(void)m;
	return process_of(tr)->pid;
}

int
port_thread_sleep(struct ks_machine *m, struct ks_thread *kt)
{
	struct thread *t = thread_of(kt);
	unsigned due = t->work & WORK_SIGNAL;

	(void)m;
	while (!t->trace_woken && !signal_fatal_pending(t)) {
		t->state = THREAD_TRACED;
		schedule();
	}
	/*
	 * Signals sent meanwhile left the thread alone. But one that is gone
	 * may have broken a call off, which is still to be restarted.
	 */
	signal_recalc(t);
	t->work |= due;
	/* As on Linux, who is let go looks for signals and joins a stop. */
	if (!ks_traced(kt)) {
		t->work |= WORK_SIGNAL;
		if (signal_group_stop(t))
			t->jobctl |= JOBCTL_STOP_PENDING;
	}
	if (!t->trace_woken)
		return -EINTR;
	t->trace_woken = false;
	return 0;
}

void
port_thread_wake(struct ks_machine *m, struct ks_thread *kt)
{
	struct thread *t = thread_of(kt);

	(void)m;
	t->trace_woken = true;
	if (t->state == THREAD_TRACED)
		thread_make_runnable(t);
}

void
port_thread_kick(struct ks_machine *m, struct ks_thread *kt)
{
	struct thread *t = thread_of(kt);

	(void)m;
	t->work |= WORK_NOTIFY;
	if (t->state == THREAD_STOPPED ||
	    (t->state == THREAD_SLEEPING && t->wait_mode == WAIT_INTERRUPTIBLE))
		thread_make_runnable(t);
}

void
port_tracer_wake(struct ks_machine *m, struct ks_tracer *tr,
		 struct ks_thread *t)
{
	(void)m;
	(void)t;
	wake_all(&process_of(tr)->tracer_wait);
}

static void
send_sigchld(struct process *p, struct thread *t, int code, int status)
{
	struct siginfo info = {
	    .si_signo = SIGCHLD,
	    .si_code = code,
	    .si_cpid = t->tid,
	    .si_cuid = t->cred.ruid,
	    .si_status = status,
	};
	struct usage u;

	thread_usage(t, &u);
	info.si_utime = u.user_ns / 10000000;
	info.si_stime = u.sys_ns / 10000000;
	signal_send_process(p, &info);
}

void
port_tracer_signal(struct ks_machine *m, struct ks_tracer *tr,
		   struct ks_thread *kt, int code, int status)
{
	struct process *p = process_of(tr);
	const struct sigaction *a = &p->sighand->action[SIGCHLD - 1];

	(void)m;
	if (a->handler != SIG_IGN &&
	    (code < CLD_TRAPPED || !(a->flags & SA_NOCLDSTOP)) &&
	    !signal_is_ignored(p, SIGCHLD))
		send_sigchld(p, thread_of(kt), code, status);
	wake_all(&p->child_wait);
}

void
port_thread_released(struct ks_machine *m, struct ks_thread *t,
		     struct ks_tracer *tr)
{
	(void)m;
	thread_unheld(thread_of(t), process_of(tr));
}

void
port_signal_send(struct ks_machine *m, struct ks_thread *t,
		 const struct proc_siginfo *wire, bool force)
{
	struct siginfo info;

	(void)m;
	memcpy(&info, wire, sizeof(info));
	if (force)
		signal_force_to(thread_of(t), &info);
	else
		signal_send_thread(thread_of(t), &info);
}

int
port_group_stop(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	return signal_group_stop(thread_of(t));
}

uint64_t
port_sigmask_get(struct ks_machine *m, struct ks_thread *kt)
{
	const struct thread *t = thread_of(kt);

	(void)m;
	return t->restore_mask ? t->saved_mask : t->blocked;
}

void
port_sigmask_set(struct ks_machine *m, struct ks_thread *kt, uint64_t mask)
{
	struct thread *t = thread_of(kt);

	(void)m;
	t->restore_mask = false;
	t->blocked = mask;
	signal_recalc(t);
}

int
port_sigqueue_get(struct ks_machine *m, struct ks_thread *kt, bool shared,
		  uint64_t index, struct proc_siginfo *out)
{
	struct thread *t = thread_of(kt);
	struct sigpending *p = shared ? &t->process->pending : &t->pending;
	struct sigqueue *q;

	(void)m;
	list_each(q, &p->queue, link)
	{
		if (index-- == 0) {
			memcpy(out, &q->info, sizeof(*out));
			return 0;
		}
	}
	return -ENOENT;
}

/* As wait4() would tell: of the process and the children it waited for. */
bool
port_rusage_get(struct ks_machine *m, struct ks_thread *t,
		struct proc_rusage *out)
{
	struct process *p = thread_of(t)->process;
	struct usage u;

	(void)m;
	process_usage(p, &u);
	usage_add(&u, &p->dead_children);
	*out = (struct proc_rusage){
	    .utime_sec = u.user_ns / NSEC_PER_SEC,
	    .utime_usec = u.user_ns % NSEC_PER_SEC / 1000,
	    .stime_sec = u.sys_ns / NSEC_PER_SEC,
	    .stime_usec = u.sys_ns % NSEC_PER_SEC / 1000,
	    .maxrss_kib = (int64_t)u.maxrss_kb,
	    .minflt = (int64_t)u.minflt,
	    .majflt = (int64_t)u.majflt,
	    .nvcsw = (int64_t)u.nvcsw,
	    .nivcsw = (int64_t)u.nivcsw,
	};
	return p->nthreads == 1;
}

int64_t
port_seccomp_get(struct ks_machine *m, struct ks_thread *self,
		 struct ks_thread *t, uint64_t index, size_t pos, void *buf,
		 size_t n, uint64_t *out_flags)
{
	const struct thread *me = thread_of(self);

	(void)m;
	if (!cred_capable(&me->cred, CAP_SYS_ADMIN) || me->seccomp)
		return -EACCES;
	return seccomp_copy(thread_of(t), index, pos, buf, n, out_flags);
}

int
port_rseq_get(struct ks_machine *m, struct ks_thread *t, struct proc_rseq *out)
{
	const struct rseq *r = &thread_of(t)->rseq;

	(void)m;
	*out = (struct proc_rseq){
	    .pointer = r->addr,
	    .size = r->len,
	    .signature = r->signature,
	};
	return 0;
}

int
port_dispatch_get(struct ks_machine *m, struct ks_thread *t,
		  struct proc_dispatch *out)
{
	(void)m;
	dispatch_get(thread_of(t), out);
	return 0;
}

int
port_dispatch_set(struct ks_machine *m, struct ks_thread *t,
		  const struct proc_dispatch *d)
{
	(void)m;
	return dispatch_set(thread_of(t), d);
}

void
port_regs_get(struct ks_machine *m, struct ks_thread *kt, struct ks_regs *out)
{
	struct thread *t = thread_of(kt);
	const struct regs *r = t->regs;

	(void)m;
	*out = (struct ks_regs){
	    r->r15, r->r14,	 r->r13, r->r12, r->rbp,    r->rbx, r->r11,
	    r->r10, r->r9,	 r->r8,	 r->rax, r->rcx,    r->rdx, r->rsi,
	    r->rdi, r->orig_rax, r->rip, r->cs,	 r->rflags, r->rsp, r->ss,
	    0,	    0,		 0,	 0,	 0,	    0,
	};
	if (t->step)
		out->rflags &= ~(uint64_t)RFLAGS_TF;
	thread_get_bases(t, &out->fs_base, &out->gs_base);
}

/*
 * The data segments are not used in long mode and not stored. A code segment
 * other than user mode's one makes the return to it fault, as on Linux.
 */
void
port_regs_set(struct ks_machine *m, struct ks_thread *kt,
	      const struct ks_regs *in)
{
	struct thread *t = thread_of(kt);
	struct regs *r = t->regs;

	(void)m;
	*r = (struct regs){
	    in->r15,	in->r14, in->r13, in->r12,	in->rbp, in->rbx,
	    in->r11,	in->r10, in->r9,  in->r8,	in->rax, in->rcx,
	    in->rdx,	in->rsi, in->rdi, in->orig_rax, in->rip, in->cs,
	    in->rflags, in->rsp, in->ss,
	};
	if (in->rflags & RFLAGS_TF)
		t->step = false; /* the program's own now */
	else if (t->step)
		r->rflags |= RFLAGS_TF;
	thread_set_bases(t, in->fs_base, in->gs_base);
}

int
port_fpu_get(struct ks_machine *m, struct ks_thread *t, struct ks_fpu *out)
{
	(void)m;
	return xlayout_fpu(thread_of(t), out);
}

void
port_fpu_changed(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	thread_fpu_changed(thread_of(t));
}

void
port_debug_get(struct ks_machine *m, struct ks_thread *t,
	       struct ks_debugregs *out)
{
	(void)m;
	*out = thread_of(t)->debug;
}

int
port_debug_set(struct ks_machine *m, struct ks_thread *t,
	       const struct ks_debugregs *in)
{
	(void)m;
	thread_of(t)->debug = *in;
	if (thread_of(t) == current)
		debug_load(current);
	return 0;
}

/* Stepping to the next branch is not in the hardware that QEMU emulates. */
void
port_step_set(struct ks_machine *m, struct ks_thread *t, int step)
{
	(void)m;
	thread_set_step(thread_of(t), step != KS_STEP_NONE);
}
