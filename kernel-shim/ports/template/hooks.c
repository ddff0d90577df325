/* SPDX-License-Identifier: MIT */
/*
 * Where a kernel calls the shim, in the order in which things happen. Only the
 * calls and what surrounds them are shown; the comments name what is yours.
 */
#include "kernel.h"

/* At boot, before the first process. */
int
kernel_boot(void)
{
	return ks_machine_init(&machine);
}

/* A thread was allocated; nobody can find it yet. */
void
thread_made(struct thread *t)
{
	ks_thread_init(&t->ks, &machine);
	t->debug.dr6 = KS_DR6_INIT;
}

void
process_made(struct process *p)
{
	ks_tracer_init(&p->tracer, &machine);
}

/*
 * The handler of the syscall instruction. The frame is complete: orig_rax is
 * the number. Returns what rax shall be.
 */
uint64_t
syscall_entry(struct thread *t)
{
	t->regs.orig_rax = t->regs.rax;
	t->regs.rax = -(uint64_t)ENOSYS;
	if (!ks_wants_syscall(&t->ks) ||
	    ks_on_syscall_entry(&t->ks) == KS_RUN) {
		/* seccomp filters, which may call ks_on_seccomp() */
		/* then the call of number t->regs.orig_rax, read again */
	}
	if (ks_wants_syscall(&t->ks))
		ks_on_syscall_exit(&t->ks);
	return t->regs.rax;
}

/* The end of every way back to user mode, with interrupts on. */
void
return_to_user(struct thread *t)
{
	struct proc_siginfo info = {0};
	uint64_t handler = 0;
	int sig;

	while (ks_wants_return(&t->ks))
		ks_on_user_return(&t->ks);
	/* a job control stop: sleep unless ks_on_group_stop() says true */
	/* SIGCONT, and who begins one: ks_on_group_change() of each thread */
	/* take a signal off the queues: INFO; none: return */
	if (!info.signo)
		return;
	sig = ks_on_signal(&t->ks, &info, handler);
	/* SIG 0: nothing to do; blocked: queue it again; else act upon it */
	if (sig && handler > 1) {
		/* set up the frame, then */
		ks_on_handler(&t->ks);
	}
	/* and once more from the top */
}

/* The child has its id and its memory, and cannot run yet. */
void
clone_done(struct thread *parent, struct thread *child, enum ks_clone kind)
{
	ks_on_clone(&parent->ks, &child->ks, kind, false);
	/* let CHILD run */
	ks_on_cloned(&parent->ks);
	/* vfork: wait for CHILD, then ks_on_vfork_done() */
}

/*
 * The new image and registers are there. T was not the leader if OLD_LEADER is
 * given, and has just taken that id: neither could be found meanwhile.
 */
void
exec_done(struct thread *t, struct thread *old_leader, int32_t former)
{
	if (old_leader)
		ks_on_exec_leader(&t->ks, &old_leader->ks);
	ks_on_exec(&t->ks, former);
}

/* SIGKILL has been sent to T, or its process ends. */
void
kill_sent(struct thread *t)
{
	/* mark it so that thread_sleep() ends, and wake it, then */
	ks_on_kill(&t->ks);
}

/* T ends. LAST: no other thread of its process is alive. */
void
thread_exit(struct thread *t, int status, bool last)
{
	ks_on_exit(&t->ks, status);
	/* give back memory; wake a vfork parent */
	if (last) {
		ks_on_tracer_exit(&t->process->tracer);
		/* only now close descriptors: see docs/PORTING.md */
	}
	/* a leader waits here, dead, until all others have been reaped */
	ks_on_death(&t->ks, status);
	if (!ks_holds(&t->ks)) {
		/* tell the parent, call ks_on_child() for it; or reap T */
	}
}

/* Your file system has taken "TID/NAME" apart. */
int
proc_open(struct thread *self, int32_t tid, const char *name, unsigned flags,
	  struct proc_file *out)
{
	int id = ks_proc_lookup(name);

	if (id < 0)
		return id;
	out->offset = 0;
	return ks_proc_open(&machine, &self->ks, tid, (enum ks_proc_id)id,
			    flags, &out->ks);
}

/* BUF is kernel memory here; a kernel writes a struct ks_io for user memory. */
int64_t
proc_read(struct thread *self, struct proc_file *f, void *buf, size_t len)
{
	struct ks_io_kernel io;
	int64_t n;

	ks_io_kernel(&io, buf, len);
	n = ks_proc_read(&f->ks, &self->ks, &io.io, f->offset);
	/* -EAGAIN: wait for tracer_wake(), a signal or O_NONBLOCK; again */
	if (n > 0 && ks_proc_seekable(&f->ks))
		f->offset += (uint64_t)n;
	return n;
}

void
proc_close(struct proc_file *f)
{
	ks_proc_close(&f->ks);
}
