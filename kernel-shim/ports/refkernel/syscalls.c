/* SPDX-License-Identifier: MIT */
/*
 * The system call table, and the way through a system call.
 */
#include "syscall.h"

#include "calls_file.h"
#include "calls_mem.h"
#include "calls_thread.h"
#include "dispatch.h"
#include "errno.h"
#include "kprintf.h"
#include "seccomp.h"
#include "thread.h"
#include "trap.h"

typedef long syscall_fn(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
			uint64_t);

/*
 * A function takes fewer arguments than it is given: by the calling convention
 * they are all in registers, and each looks only at its own.
 */
#define CALL(nr, name) [nr] = (syscall_fn *)(void (*)(void))sys_##name,

static syscall_fn *const table[] = {CALLS_MEM(CALL) CALLS_FILE(CALL)
					CALLS_THREAD(CALL)};

#define N_CALLS (sizeof(table) / sizeof(table[0]))

bool syscall_log_unknown;

static long
unknown(const struct regs *r)
{
	if (syscall_log_unknown)
		kprintf("unknown system call %lu by %d (%s): %lx %lx %lx\n",
			r->orig_rax, current->tid, current->comm, r->rdi,
			r->rsi, r->rdx);
	return -ENOSYS;
}

static void
run(struct regs *r)
{
	/* As on Linux only 32 bits count, and -1 is no call at all. */
	uint32_t nr = (uint32_t)r->orig_rax;
	long ret;

	if (nr < N_CALLS && table[nr])
		ret = table[nr](r->rdi, r->rsi, r->rdx, r->r10, r->r8, r->r9);
	else if (nr != UINT32_MAX)
		ret = unknown(r);
	else
		return;
	r->rax = (uint64_t)ret;
}

/* True if the tracer is to see T; not if T is about to die. */
static bool
watched(const struct thread *t)
{
	return ks_wants_syscall(&t->trace) && !signal_fatal_pending(t);
}

/* With a tracer or filters. */
static void
run_watched(struct regs *r)
{
	struct thread *t = current;
	enum ks_verdict verdict = KS_RUN;

	if (watched(t))
		verdict = ks_on_syscall_entry(&t->trace);
	/* Killed in that stop: the call is not made. */
	if (verdict == KS_RUN && !signal_fatal_pending(t) &&
	    (!(t->work & WORK_SECCOMP) || seccomp_check(r)))
		run(r);
}

void
syscall_handle(struct regs *r)
{
	struct thread *t = current;

	if ((t->work & WORK_DISPATCH) && dispatch_taken(r))
		return;
	if (!(t->work & WORK_SECCOMP) && !ks_wants_syscall(&t->trace))
		run(r);
	else
		run_watched(r);
	/* A session may have begun meanwhile. The dying do not stop here. */
	if (watched(t))
		ks_on_syscall_exit(&t->trace);
}
