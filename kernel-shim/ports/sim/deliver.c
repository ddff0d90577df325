/* SPDX-License-Identifier: MIT */
/* The way back to user mode: stops, signals, handlers, restarted calls. */
#include <string.h>

#include "sim_int.h"

#define DEFAULT_IGNORED                                                        \
	(SIG_BIT(S_CHLD) | SIG_BIT(S_CONT) | SIG_BIT(S_URG) | SIG_BIT(S_WINCH))
#define DEFAULT_STOPS                                                          \
	(SIG_BIT(S_STOP) | SIG_BIT(S_TSTP) | SIG_BIT(S_TTIN) | SIG_BIT(S_TTOU))
#define UNBLOCKABLE (SIG_BIT(S_KILL) | SIG_BIT(S_STOP))
#define NR_RESTART  219

/* What a handler finds on its stack, from the return address up. */
struct frame {
	uint64_t restorer;
	uint64_t mask;
	struct ks_regs regs;
	struct proc_siginfo info;
};

/* The negated result of the call that T is in says that it is to go on. */
static int64_t
restart_code(const struct sim_thread *t)
{
	int64_t code = -(int64_t)t->regs.rax;

	if (t->regs.orig_rax == NO_SYSCALL)
		return 0;
	return code == ERESTARTSYS || code == ERESTARTNOINTR ||
		       code == ERESTARTNOHAND || code == ERESTART_RESTARTBLOCK
		   ? code
		   : 0;
}

/* No handler ran: the call is made again. */
static void
restart(struct sim_thread *t)
{
	int64_t code = restart_code(t);

	if (!code)
		return;
	t->regs.rax =
	    code == ERESTART_RESTARTBLOCK ? NR_RESTART : t->regs.orig_rax;
	t->regs.rip -= 2;
	t->regs.orig_rax = NO_SYSCALL;
}

static void
restart_for_handler(struct sim_thread *t, const struct sim_action *a)
{
	int64_t code = restart_code(t);

	if (!code)
		return;
	if (code == ERESTARTNOINTR ||
	    (code == ERESTARTSYS && (a->flags & SIM_SA_RESTART)))
		restart(t);
	else
		t->regs.rax = -(uint64_t)EINTR;
}

/* Let T go on in the handler of INFO's signal. */
static void
run_handler(struct sim_thread *t, const struct proc_siginfo *info)
{
	struct sim_action *a = &t->proc->action[info->signo];
	struct frame f = {.restorer = a->restorer, .mask = t->sigmask};
	uint64_t sp = ((t->regs.rsp - 128 - sizeof(f)) & ~UINT64_C(15)) - 8;

	restart_for_handler(t, a);
	f.regs = t->regs;
	f.info = *info;
	if (sim_copy_out(t, sp, &f, sizeof(f))) {
		struct proc_siginfo segv = {.signo = S_SEGV, .code = 0x80};

		a = &t->proc->action[S_SEGV];
		if (info->signo == S_SEGV)
			a->handler = 0;
		sim_force(t, &segv);
		return;
	}
	t->regs.rip = a->handler;
	t->regs.rsp = sp;
	t->regs.rax = 0;
	t->regs.rdi = info->signo;
	t->regs.rsi = sp + offsetof(struct frame, info);
	t->regs.rdx = sp + offsetof(struct frame, mask);
	t->regs.rflags &= ~(RFLAGS_TF | RFLAGS_RF);
	t->sigmask |= a->mask & ~UNBLOCKABLE;
	if (!(a->flags & SIM_SA_NODEFER))
		t->sigmask |= SIG_BIT(info->signo);
	if (a->flags & (uint64_t)(uint32_t)SIM_SA_RESETHAND)
		a->handler = 0;
	if (ks_traced(&t->kt))
		ks_on_handler(&t->kt);
}

int64_t
sim_sigreturn(struct sim_thread *t)
{
	const uint64_t may = 0x50dd5; /* the flags that a program owns */
	struct frame f;

	/* The handler's ret took the restorer away. */
	if (sim_copy_in(t, &f, t->regs.rsp - 8, sizeof(f))) {
		sim_group_exit(t->proc, S_SEGV);
		return 0;
	}
	f.regs.rflags = (t->regs.rflags & ~may) | (f.regs.rflags & may);
	f.regs.cs = t->regs.cs;
	f.regs.ss = t->regs.ss;
	t->regs = f.regs;
	t->regs.orig_rax = NO_SYSCALL;
	t->sigmask = f.mask & ~UNBLOCKABLE;
	return (int64_t)t->regs.rax;
}

/* Do what INFO's signal asks for. */
static void
act(struct sim_thread *t, const struct proc_siginfo *info, bool *handled)
{
	int sig = info->signo;
	uint64_t handler = t->proc->action[sig].handler;

	if (handler > 1) {
		*handled = true;
		run_handler(t, info);
	} else if (handler == 1 || SIG_BIT(sig) & DEFAULT_IGNORED) {
		return;
	} else if (SIG_BIT(sig) & DEFAULT_STOPS) {
		sim_job_stop(t, sig);
	} else {
		sim_group_exit(t->proc, sig); /* nobody wants a core */
	}
}

/* Take one signal. False: there is none. */
static bool
take_signal(struct sim_thread *t, bool *handled)
{
	struct proc_siginfo info;
	int sig = sim_dequeue(t, &info);

	if (!sig)
		return false;
	if (ks_traced(&t->kt)) {
		sig = ks_on_signal(&t->kt, &info, t->proc->action[sig].handler);
		if (!sig)
			return true;
		info.signo = sig;
		if (t->sigmask & SIG_BIT(sig)) {
			sim_send(t, &info, false);
			return true;
		}
	}
	act(t, &info, handled);
	return true;
}

/* Before T goes back to user mode. False: it is dead. */
bool
sim_user_return(struct sim_thread *t)
{
	bool handled = false;

	for (;;) {
		t->kick = false;
		if (t->killed || t->proc->dying) {
			/* who makes room for an exec ends with 0 */
			sim_thread_exit(t, t->proc->status);
			return false;
		}
		if (ks_wants_return(&t->kt))
			ks_on_user_return(&t->kt);
		else if (t->proc->group_stop &&
			 (t->stop_pending || t->in_stop || !ks_traced(&t->kt)))
			sim_job_join(t);
		else if (!take_signal(t, &handled))
			break;
	}
	if (!handled)
		restart(t);
	t->regs.orig_rax = NO_SYSCALL;
	return true;
}
