/* SPDX-License-Identifier: MIT */
/* The top of the kernel: run a thread in user mode and handle its traps. */
#include "sim_int.h"

enum { ILL_ILLOPN = 2, SEGV_MAPERR = 1, SEGV_ACCERR = 2, BUS_ADRERR = 2 };
#define SI_KERNEL 0x80

static void
fault_signal(struct sim_thread *t, int sig, int code, uint64_t addr)
{
	struct proc_siginfo info = {.signo = sig, .code = code};

	info.u.fault.addr = addr;
	sim_force(t, &info);
}

static void
page_fault(struct sim_thread *t, unsigned access)
{
	int err = sim_mm_fault(t->mm, t->fault_addr, access, false);

	if (err == -EFAULT)
		fault_signal(t, S_SEGV, SEGV_MAPERR, t->fault_addr);
	else if (err == -EACCES)
		fault_signal(t, S_SEGV, SEGV_ACCERR, t->fault_addr);
	else if (err)
		fault_signal(t, S_BUS, BUS_ADRERR, t->fault_addr);
}

static void
debug_trap(struct sim_thread *t)
{
	int code = ks_debug_trap(&t->debug, t->hw_dr6);

	/* A breakpoint of execution must not meet the same instruction again.
	 */
	if ((t->hw_dr6 & 15) && !(t->hw_dr6 >> 14 & 1))
		t->regs.rflags |= RFLAGS_RF;
	if (!code && (t->regs.rflags & RFLAGS_TF))
		code = 2; /* the program's own TF */
	if (code)
		fault_signal(t, S_TRAP, code, t->regs.rip);
}

static void
system_call(struct sim_thread *t)
{
	t->regs.rcx = t->regs.rip;
	t->regs.r11 = t->regs.rflags;
	t->regs.orig_rax = t->regs.rax;
	t->regs.rax = -(uint64_t)ENOSYS;
	if (!ks_wants_syscall(&t->kt) ||
	    ks_on_syscall_entry(&t->kt) == KS_RUN) {
		int64_t ret = sim_syscall(t);

		if (t->dead)
			return;
		t->regs.rax = ret;
	}
	if (ks_wants_syscall(&t->kt))
		ks_on_syscall_exit(&t->kt);
}

static void
trap(struct sim_thread *t, enum sim_trap kind)
{
	switch (kind) {
	case SIM_TRAP_NONE:
		sim_yield(t);
		break;
	case SIM_TRAP_SYSCALL:
		system_call(t);
		break;
	case SIM_TRAP_INT3: {
		struct proc_siginfo info = {
		    .signo = S_TRAP,
		    .code = SI_KERNEL,
		};

		sim_force(t, &info);
		break;
	}
	case SIM_TRAP_DEBUG:
		debug_trap(t);
		break;
	case SIM_TRAP_UD:
		fault_signal(t, S_ILL, ILL_ILLOPN, t->regs.rip);
		break;
	case SIM_TRAP_GP:
		fault_signal(t, S_SEGV, SI_KERNEL, 0);
		break;
	case SIM_TRAP_LOAD:
		page_fault(t, KS_READ);
		break;
	case SIM_TRAP_STORE:
		page_fault(t, KS_WRITE);
		break;
	case SIM_TRAP_FETCH:
		page_fault(t, KS_EXEC);
		break;
	}
}

/* All of T's life. */
void
sim_user_loop(struct sim_thread *t)
{
	while (!t->dead && sim_user_return(t))
		trap(t, sim_cpu_run(t, t->s->cfg.quantum));
}
