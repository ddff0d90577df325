/* SPDX-License-Identifier: MIT */
/* The port operations on registers, to be filled in; see port.c. */
#include "kernel.h"

/* ---- registers ---- */

/*
 * From the trap frame at the top of T's kernel stack, whichever way T came in.
 * Make every way in save the same frame: a system call that saves half of the
 * registers cannot be debugged.
 */
void
regs_get(struct ks_machine *m, struct ks_thread *t, struct ks_regs *out)
{
	(void)m;
	*out = thread_of(t)->regs;
}

/*
 * The way out must then use all of the frame: a sysret that takes rip from rcx
 * loses what the tracer wrote (return by iret once this was called).
 */
void
regs_set(struct ks_machine *m, struct ks_thread *t, const struct ks_regs *in)
{
	(void)m;
	thread_of(t)->regs = *in;
}

/* Save the state first, if T was the last to use the unit on some CPU. */
int
fpu_get(struct ks_machine *m, struct ks_thread *t, struct ks_fpu *out)
{
	(void)m;
	(void)t;
	(void)out;
	return -ENODEV;
}

/* What is in the saved area counts from now on, not what is in a CPU. */
void
fpu_changed(struct ks_machine *m, struct ks_thread *t)
{
	(void)m;
	(void)t;
}

void
debug_get(struct ks_machine *m, struct ks_thread *t, struct ks_debugregs *out)
{
	(void)m;
	*out = thread_of(t)->debug;
}

/*
 * Load DR0 to DR3 and ks_debug_hw_dr7() whenever T is switched to. -ENOSPC
 * where there are no debug registers.
 */
int
debug_set(struct ks_machine *m, struct ks_thread *t,
	  const struct ks_debugregs *in)
{
	(void)m;
	(void)t;
	(void)in;
	return -ENOSPC;
}

/*
 * TF in T's frame; for KS_STEP_BLOCK also BTF in MSR_DEBUGCTL. Remember who set
 * TF, so that regs_get and signal frames do not show the tracer's.
 */
void
step_set(struct ks_machine *m, struct ks_thread *t, int step)
{
	(void)m;
	(void)t;
	(void)step;
}
