/* SPDX-License-Identifier: MIT */
/*
 * Hardware breakpoints: the CPU's debug registers hold the running thread's.
 */
#include "sched.h"
#include "thread.h"

void
debug_load(const struct thread *t)
{
	const uint64_t *a = t->debug.addr;

	/* DR7 last: by then the addresses are right. */
	__asm__ volatile("mov %0, %%dr7" : : "r"((uint64_t)0x400));
	if (!t->debug.dr7)
		return;
	__asm__ volatile("mov %0, %%dr0" : : "r"(a[0]));
	__asm__ volatile("mov %0, %%dr1" : : "r"(a[1]));
	__asm__ volatile("mov %0, %%dr2" : : "r"(a[2]));
	__asm__ volatile("mov %0, %%dr3" : : "r"(a[3]));
	__asm__ volatile("mov %0, %%dr7" : : "r"(ks_debug_hw_dr7(&t->debug)));
}

/*
 * The flag of single step may be the program's own; then it stays when the
 * tracer stops stepping, and only then the tracer sees it.
 */
void
thread_set_step(struct thread *t, bool on)
{
	if (on && !t->step) {
		if (t->regs->rflags & RFLAGS_TF)
			return;
		t->regs->rflags |= RFLAGS_TF;
		t->step = true;
	} else if (!on && t->step) {
		t->regs->rflags &= ~(uint64_t)RFLAGS_TF;
		t->step = false;
	}
}
