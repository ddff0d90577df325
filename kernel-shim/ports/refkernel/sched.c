/* SPDX-License-Identifier: MIT */
/*
 * The scheduler: one queue, first come, first served. A thread that idles
 * does so on its own stack, so that waking it again costs no switch. A slice
 * outlasts sleep, so that a thread which wakes another and stops it at once,
 * again and again, cannot keep it from the CPU: a tracer its tracee, say.
 */
#include "sched.h"

#include <stddef.h>

#include "cpu.h"
#include "cputime.h"
#include "fpu.h"
#include "kprintf.h"
#include "string.h"
#include "thread.h"
#include "trap.h"
#include "vm.h"

#define SLICE_NS 4000000

static struct list run_queue = LIST_INIT(run_queue);
static int64_t slice_end = TIME_MAX; /* no slice: nobody else is waiting */
static struct thread *switched_from;
static struct thread *fpu_owner; /* whose state is in the registers */
static bool fpu_dirty;		 /* it may be newer than the save area */

/*
 * From NOW, T runs while others wait. Only such time counts, and what is left
 * of a slice is kept through sleep. Its end is looked for at the ticks of the
 * CPU time and here: to set the timer for each would cost more than it gives.
 */
static void
slice_start(struct thread *t, int64_t now)
{
	if (t->slice_left <= 0)
		t->work |= WORK_RESCHED;
	slice_end = now + t->slice_left;
}

static void
enqueue(struct thread *t)
{
	t->state = THREAD_RUNNABLE;
	list_add_tail(&run_queue, &t->run);
	/* One that idles starts its slice in schedule(). */
	if (slice_end == TIME_MAX && current->state == THREAD_RUNNABLE &&
	    t != current)
		slice_start(current, clock_monotonic());
}

void
thread_make_runnable(struct thread *t)
{
	if (t->state != THREAD_RUNNABLE)
		enqueue(t);
}

void
thread_wake(struct thread *t)
{
	t->woken = true;
	if (t->state == THREAD_SLEEPING)
		enqueue(t);
}

void
sched_tick(int64_t now)
{
	bool idle = current->state != THREAD_RUNNABLE;

	/* Now, if the next tick would be further off its end. */
	if (slice_end != TIME_MAX && now >= slice_end - CPUTIME_TICK / 2)
		current->work |= WORK_RESCHED;
	ktimer_program(cputime_tick(now, idle));
}

void
thread_fpu_flush(struct thread *t)
{
	if (fpu_owner == t && fpu_dirty) {
		fpu_save(t->fpu);
		fpu_dirty = false;
	}
}

void
thread_fpu_changed(struct thread *t)
{
	if (fpu_owner == t) {
		fpu_owner = NULL;
		fpu_dirty = false;
	}
}

void
sched_forget(struct thread *t)
{
	if (fpu_owner == t)
		thread_fpu_changed(t);
}

void
sched_setup(struct thread *t, void (*fn)(void *), void *arg)
{
	uint64_t *sp = (uint64_t *)t->regs;

	*--sp = (uint64_t)thread_entry;
	*--sp = 0; /* rbp */
	*--sp = (uint64_t)fn;
	*--sp = (uint64_t)arg;
	*--sp = 0; /* r13 */
	*--sp = 0;
	*--sp = 0;
	t->ksp = (uint64_t)sp;
	t->slice_left = SLICE_NS;
}

void
sched_finish(void)
{
	struct thread *from = switched_from;

	switched_from = NULL;
	if (from &&
	    (from->state == THREAD_ZOMBIE || from->state == THREAD_DEAD))
		thread_put(from);
}

static void
switch_to(struct thread *next)
{
	struct thread *prev = current;

	prev->fs_base = cpu_fs_base();
	prev->gs_base = cpu_gs_base();
	if (!next->kernel) {
		cpu_set_fs_base(next->fs_base);
		cpu_set_gs_base(next->gs_base);
	}
	if (prev->debug.dr7 || next->debug.dr7)
		debug_load(next);
	if (next->vm)
		vm_switch(next->vm);
	cpu_set_kstack((uint64_t)(next->regs + 1));
	switched_from = prev;
	this_cpu.thread = next;
	context_switch(&prev->ksp, next->ksp);
	sched_finish();
}

void
schedule(void)
{
	uint64_t tsc = cputime_end();
	int64_t now = clock_at(tsc);
	struct thread *next;

	if (slice_end != TIME_MAX)
		current->slice_left = slice_end - now;
	if (current->state == THREAD_RUNNABLE) {
		current->slice_left = SLICE_NS;
		enqueue(current);
		current->nivcsw++;
	} else {
		current->nvcsw++;
	}
	current->work &= ~(unsigned)WORK_RESCHED;
	if (current->rseq.addr)
		current->work |= WORK_RSEQ;
	if (list_empty(&run_queue)) {
		slice_end = TIME_MAX;
		do
			cpu_idle();
		while (list_empty(&run_queue));
		tsc = rdtsc();
		now = clock_at(tsc);
	}
	next = list_first(&run_queue, struct thread, run);
	list_del(&next->run);
	if (list_empty(&run_queue))
		slice_end = TIME_MAX;
	else
		slice_start(next, now);
	if (cputime_due <= now || cputime_due == TIME_MAX)
		ktimer_program(cputime_tick(now, false));
	cputime_begin(next, tsc);
	if (next != current)
		switch_to(next);
}

/* What the CPU must hold of the current thread in user mode. */
static void
load_user_state(void)
{
	if (fpu_owner != current) {
		if (fpu_owner)
			thread_fpu_flush(fpu_owner);
		fpu_load(current->fpu);
		fpu_owner = current;
	}
	fpu_dirty = true;
}

static void
preempted(struct regs *r)
{
	current->work &= ~(unsigned)WORK_RSEQ;
	rseq_interrupted(r);
}

void
user_return(struct regs *r)
{
	const unsigned work =
	    WORK_RESCHED | WORK_SIGNAL | WORK_NOTIFY | WORK_RSEQ;

	while ((current->work & work) || ks_wants_return(&current->trace)) {
		if (current->work & WORK_RESCHED)
			schedule();
		else if (current->work & WORK_RSEQ)
			preempted(r);
		else
			signal_deliver(r);
	}
	load_user_state();
}

void
thread_get_bases(struct thread *t, uint64_t *out_fs, uint64_t *out_gs)
{
	*out_fs = t == current ? cpu_fs_base() : t->fs_base;
	*out_gs = t == current ? cpu_gs_base() : t->gs_base;
}

void
thread_set_bases(struct thread *t, uint64_t fs, uint64_t gs)
{
	t->fs_base = fs;
	t->gs_base = gs;
	if (t == current) {
		cpu_set_fs_base(fs);
		cpu_set_gs_base(gs);
	}
}

char
thread_state_letter(const struct thread *t)
{
	switch (t->state) {
	case THREAD_RUNNABLE:
		return 'R';
	case THREAD_SLEEPING:
		return t->wait_mode == WAIT_INTERRUPTIBLE ? 'S' : 'D';
	case THREAD_STOPPED:
		return 'T';
	case THREAD_TRACED:
		return 't';
	case THREAD_ZOMBIE:
		return 'Z';
	case THREAD_DEAD:
		break;
	}
	return 'X';
}

/* The boot code becomes the first thread, init, of which it makes process 1. */
void
sched_init(void)
{
	struct thread *t;
	struct process *p;

	if (thread_new(NULL, NULL, &t) || process_new(t, &p))
		panic("no memory for the first thread");
	t->kernel = true;
	cred_init(&t->cred);
	strlcpy(t->comm, "init", sizeof(t->comm));
	thread_publish(t);
	p->flags |= PROCESS_UNKILLABLE;
	t->state = THREAD_RUNNABLE;
	t->slice_left = SLICE_NS;
	t->stamp = rdtsc();
	this_cpu.thread = t;
	cpu_set_kstack((uint64_t)(t->regs + 1));
}
