/* SPDX-License-Identifier: MIT */
/*
 * Threads and processes as objects: numbers, references, the lists of all.
 */
#include "thread.h"

#include "cputime.h"
#include "errno.h"
#include "file.h"
#include "fpu.h"
#include "kprintf.h"
#include "mem.h"
#include "sched.h"
#include "string.h"

struct list all_processes = LIST_INIT(all_processes);

/*
 * A number is free again when no thread has it and no process has it as its
 * group or session.
 */
static struct {
	struct thread *thread; /* once it can be found */
	unsigned holds;
} pids[PID_MAX];

static int last_pid;
static unsigned n_threads, n_processes;

/* A free number, held. */
static int
pid_alloc(void)
{
	int i, nr = last_pid;

	for (i = 1; i < PID_MAX; i++) {
		if (++nr >= PID_MAX)
			nr = 300; /* as on Linux: low ones are not reused */
		if (!pids[nr].thread && !pids[nr].holds) {
			pids[nr].holds = 1;
			last_pid = nr;
			return nr;
		}
	}
	return -EAGAIN;
}

void
pid_hold(int nr)
{
	pids[nr].holds++;
}

void
pid_drop(int nr)
{
	pids[nr].holds--;
}

struct thread *
thread_find(int tid)
{
	return tid > 0 && tid < PID_MAX ? pids[tid].thread : NULL;
}

struct process *
process_find(int pid)
{
	struct thread *t = thread_find(pid);

	return t && t->process->pid == pid ? t->process : NULL;
}

unsigned
thread_count(void)
{
	return n_threads;
}

unsigned
process_count(void)
{
	return n_processes;
}

void *
thread_fpu_alloc(void)
{
	size_t size = 64;

	while (size < fpu_size)
		size *= 2; /* which aligns it */
	return kmalloc(size);
}

int
thread_new(void (*fn)(void *arg), void *arg, struct thread **out)
{
	struct thread *t = kzalloc(sizeof(*t));
	int tid;

	if (!t)
		return -ENOMEM;
	t->kstack = kmalloc(KSTACK_SIZE);
	t->fpu = thread_fpu_alloc();
	if (!t->kstack || !t->fpu) {
		kfree(t->kstack);
		kfree(t->fpu);
		kfree(t);
		return -ENOMEM;
	}
	tid = pid_alloc();
	if (tid < 0) {
		kfree(t->kstack);
		kfree(t->fpu);
		kfree(t);
		return tid;
	}
	t->tid = tid;
	t->refs = 1;
	t->regs = (struct regs *)(t->kstack + KSTACK_SIZE) - 1;
	memset(t->regs, 0, sizeof(*t->regs));
	t->state = THREAD_SLEEPING;
	t->start_ns = clock_monotonic();
	t->timer_slack = 50000;
	t->altstack.flags = SS_DISABLE;
	t->exit_signal = -1;
	list_init(&t->run);
	list_init(&t->link);
	sigpending_init(&t->pending);
	fpu_fresh(t->fpu);
	t->debug.dr6 = KS_DR6_INIT;
	ks_thread_init(&t->trace, &machine);
	sched_setup(t, fn, arg);
	n_threads++;
	*out = t;
	return 0;
}

void
thread_put(struct thread *t)
{
	ASSERT(t->refs > 0);
	if (--t->refs > 0)
		return;
	ASSERT(t != current && pids[t->tid].thread != t);
	sched_forget(t);
	if (t->process)
		process_put(t->process);
	kfree(t->kstack);
	kfree(t->fpu);
	kfree(t);
	n_threads--;
}

void
thread_publish(struct thread *t)
{
	pids[t->tid].thread = t;
	pid_drop(t->tid);
}

void
thread_unhash(struct thread *t)
{
	if (pids[t->tid].thread == t)
		pids[t->tid].thread = NULL;
	else
		pid_drop(t->tid);
}

void
thread_swap_tids(struct thread *t, struct thread *leader)
{
	int tid = t->tid;

	t->tid = leader->tid;
	leader->tid = tid;
	pids[t->tid].thread = t;
	pids[leader->tid].thread = leader;
}

static void
rlimits_init(struct rlimit *r)
{
	int i;

	for (i = 0; i < RLIM_NLIMITS; i++)
		r[i] = (struct rlimit){RLIM_INFINITY, RLIM_INFINITY};
	r[RLIMIT_STACK].cur = 8 << 20;
	r[RLIMIT_CORE].cur = 0;
	r[RLIMIT_NPROC] = (struct rlimit){PID_MAX / 2, PID_MAX / 2};
	r[RLIMIT_NOFILE] = (struct rlimit){1024, 1 << 20};
	r[RLIMIT_MEMLOCK] = (struct rlimit){8 << 20, 8 << 20};
	r[RLIMIT_SIGPENDING] = (struct rlimit){PID_MAX / 2, PID_MAX / 2};
	r[RLIMIT_MSGQUEUE] = (struct rlimit){819200, 819200};
	r[RLIMIT_NICE] = (struct rlimit){0, 0};
	r[RLIMIT_RTPRIO] = (struct rlimit){0, 0};
}

int
process_new(struct thread *leader, struct process **out)
{
	struct process *p = kzalloc(sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->sighand = kzalloc(sizeof(*p->sighand));
	if (!p->sighand) {
		kfree(p);
		return -ENOMEM;
	}
	p->sighand->refs = 1;
	p->refs = 2; /* the leader's, and until it has been reaped */
	p->pid = leader->tid;
	p->leader = thread_get(leader);
	leader->process = p;
	p->nthreads = p->quick_threads = 1;
	p->dumpable = 1;
	p->start_ns = leader->start_ns;
	list_init(&p->threads);
	list_add_tail(&p->threads, &leader->link);
	list_init(&p->children);
	list_init(&p->sibling);
	list_init(&p->timers);
	waitq_init(&p->child_wait);
	waitq_init(&p->death_wait);
	waitq_init(&p->signal_wait);
	sigpending_init(&p->pending);
	rlimits_init(p->rlimit);
	waitq_init(&p->tracer_wait);
	ks_tracer_init(&p->tracer, &machine);
	itimers_init(p);
	cpu_limit_init(p);
	list_add_tail(&all_processes, &p->link);
	n_processes++;
	*out = p;
	return 0;
}

struct process *
process_get(struct process *p)
{
	p->refs++;
	return p;
}

void
process_put(struct process *p)
{
	ASSERT(p->refs > 0);
	if (--p->refs > 0)
		return;
	ASSERT(!p->leader);
	sigpending_flush(&p->pending);
	sighand_put(p->sighand);
	kfree(p);
	n_processes--;
}

void
process_unhash(struct process *p)
{
	struct thread *leader = p->leader;

	list_del(&p->link);
	list_del(&p->sibling);
	thread_unhash(leader);
	if (p->pgid)
		pid_drop(p->pgid);
	if (p->sid)
		pid_drop(p->sid);
	p->leader = NULL;
	thread_put(leader);
	process_put(p);
}

static void
add_thread_usage(struct usage *u, struct thread *t)
{
	uint64_t user, sys;

	cputime_get(t, &user, &sys);
	u->user_ns += clock_tsc_to_ns(user);
	u->sys_ns += clock_tsc_to_ns(sys);
	u->nvcsw += t->nvcsw;
	u->nivcsw += t->nivcsw;
	u->minflt += t->minflt;
	u->majflt += t->majflt;
}

void
thread_usage(struct thread *t, struct usage *out)
{
	*out = (struct usage){0};
	add_thread_usage(out, t);
}

void
process_usage(struct process *p, struct usage *out)
{
	struct thread *t;

	*out = p->dead_threads;
	list_each(t, &p->threads, link) add_thread_usage(out, t);
}

void
usage_add(struct usage *to, const struct usage *u)
{
	to->user_ns += u->user_ns;
	to->sys_ns += u->sys_ns;
	to->nvcsw += u->nvcsw;
	to->nivcsw += u->nivcsw;
	to->minflt += u->minflt;
	to->majflt += u->majflt;
	if (u->maxrss_kb > to->maxrss_kb)
		to->maxrss_kb = u->maxrss_kb;
}
