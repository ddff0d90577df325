/* SPDX-License-Identifier: MIT */
/* stat, statm, status and limits of a process or thread. */
#include "procfs_pid.h"

#include "clock.h"
#include "cpu.h"
#include "kprintf.h"
#include "procfs.h"
#include "seccomp.h"
#include "string.h"
#include "thread.h"
#include "tty.h"
#include "vm.h"

#define TICK (NSEC_PER_SEC / 100)

#define KB(pages) ((pages)*4)

/* Size of an address space in pages, by use. */
struct sizes {
	uint64_t total, data, stack, exec, present;
};

static int
add_area(void *arg, const struct area *a)
{
	struct sizes *z = arg;
	uint64_t n = (a->end - a->start) / 4096;

	z->total += n;
	if (a->flags & AREA_GROWSDOWN)
		z->stack += n;
	else if (a->prot & KS_WRITE && !(a->flags & AREA_SHARED))
		z->data += n;
	else if (a->prot & KS_EXEC)
		z->exec += n;
	return 0;
}

static void
measure(struct thread *t, struct sizes *z)
{
	memset(z, 0, sizeof(*z));
	if (!t->vm)
		return;
	vm_each_area(t->vm, add_area, z);
	z->present = t->vm->present;
}

/* How many pages belong to no file: takes a while if there are many. */
static uint64_t
anonymous(struct thread *t)
{
	struct vm_usage u = {0};

	if (t->vm)
		vm_usage(t->vm, &u);
	return u.anon;
}

static const char *
state_name(char letter)
{
	switch (letter) {
	case 'R':
		return "running";
	case 'S':
		return "sleeping";
	case 'D':
		return "disk sleep";
	case 'T':
		return "stopped";
	case 't':
		return "tracing stop";
	case 'Z':
		return "zombie";
	default:
		return "dead";
	}
}

/* The sets of signals that SH ignores and catches. */
static void
dispositions(const struct process *p, uint64_t *ignored, uint64_t *caught)
{
	*ignored = *caught = 0;
	if (p->sighand == NULL)
		return;
	for (int i = 0; i < NSIG; i++) {
		uint64_t h = p->sighand->action[i].handler;

		if (h == SIG_IGN)
			*ignored |= 1ull << i;
		else if (h != SIG_DFL)
			*caught |= 1ull << i;
	}
}

static int
parent_of(const struct process *p)
{
	return p->parent ? p->parent->pid : 0;
}

/* Fields 26 to 51: addresses, signals and the rest. */
static void
stat_rest(struct thread *t, const struct vm_layout *l, struct seq *s)
{
	uint64_t ignored, caught;

	ks_settle(&t->trace);
	dispositions(t->process, &ignored, &caught);
	seq_printf(s, " %lu %lu %lu %lu %lu", l->code_start, l->code_end,
		   l->stack_start, 0ul, 0ul);
	seq_printf(s, " %lu %lu %lu %lu", t->pending.set & 0x7fffffff,
		   t->blocked & 0x7fffffff, ignored & 0x7fffffff,
		   caught & 0x7fffffff);
	seq_printf(s, " 0 0 0 %d 0 0 0 0 0 0", t->exit_signal);
	seq_printf(s, " %lu %lu %lu %lu %lu %lu %lu %d\n", l->data_start,
		   l->data_end, l->brk_start, l->arg_start, l->arg_end,
		   l->env_start, l->env_end,
		   t->state >= THREAD_ZOMBIE ? t->exit_code : 0);
}

/* Linux's, of which programs ask for the second. */
#define PF_RANDOMIZE 0x400000U
#define PF_KTHREAD   0x200000U

static int
show_stat(struct thread *t, const struct usage *u, struct seq *s)
{
	static const struct vm_layout none;
	const struct process *p = t->process;
	const struct vm_layout *l = t->vm ? &t->vm->layout : &none;
	const struct usage *c = &p->dead_children;
	struct sizes z;

	measure(t, &z);
	seq_printf(s, "%d (%s) %c %d %d %d %d %d %u", t->tid, t->comm,
		   thread_state_letter(t), parent_of(p), p->pgid, p->sid,
		   p->tty ? (int)p->tty->rdev : 0, p->tty ? p->tty->pgrp : -1,
		   PF_RANDOMIZE | (t->kernel ? PF_KTHREAD : 0));
	seq_printf(s, " %lu %lu %lu %lu", u->minflt, c->minflt, u->majflt,
		   c->majflt);
	seq_printf(s, " %lld %lld %lld %lld", u->user_ns / TICK,
		   u->sys_ns / TICK, c->user_ns / TICK, c->sys_ns / TICK);
	seq_printf(s, " %d %d %d 0 %lld %lu %lu %lu", 20 + t->nice, t->nice,
		   p->nthreads, t->start_ns / TICK, z.total * 4096, z.present,
		   p->rlimit[RLIMIT_RSS].cur);
	stat_rest(t, l, s);
	return 0;
}

int
proc_show_stat(struct thread *t, struct seq *s)
{
	struct usage u;

	process_usage(t->process, &u);
	return show_stat(t, &u, s);
}

int
proc_show_task_stat(struct thread *t, struct seq *s)
{
	struct usage u;

	thread_usage(t, &u);
	return show_stat(t, &u, s);
}

int
proc_show_statm(struct thread *t, struct seq *s)
{
	struct sizes z;

	measure(t, &z);
	seq_printf(s, "%lu %lu %lu %lu 0 %lu 0\n", z.total, z.present,
		   z.present - anonymous(t), z.exec, z.data + z.stack);
	return 0;
}

static void
status_ids(struct thread *t, struct seq *s)
{
	const struct process *p = t->process;
	const struct cred *c = &t->cred;
	char letter = thread_state_letter(t);

	seq_printf(s, "Name:\t%s\n", t->comm);
	if (t->fs)
		seq_printf(s, "Umask:\t%04o\n", t->fs->umask);
	seq_printf(s, "State:\t%c (%s)\n", letter, state_name(letter));
	seq_printf(s, "Tgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\n", p->pid,
		   t->tid, parent_of(p));
	seq_printf(s, "TracerPid:\t%d\n", ks_tracer_pid(&t->trace));
	seq_printf(s, "Uid:\t%u\t%u\t%u\t%u\n", c->ruid, c->euid, c->suid,
		   c->fsuid);
	seq_printf(s, "Gid:\t%u\t%u\t%u\t%u\n", c->rgid, c->egid, c->sgid,
		   c->fsgid);
	seq_printf(s, "FDSize:\t%u\nGroups:\t", t->files ? t->files->size : 0);
	for (int i = 0; i < c->ngroups; i++)
		seq_printf(s, "%u ", c->groups[i]);
	seq_printf(s, "\nNStgid:\t%d\nNSpid:\t%d\nNSpgid:\t%d\nNSsid:\t%d\n",
		   p->pid, t->tid, p->pgid, p->sid);
	seq_printf(s, "Kthread:\t%d\n", t->kernel);
}

static void
status_memory(struct thread *t, struct seq *s)
{
	struct sizes z;
	uint64_t anon;

	if (!t->vm)
		return;
	measure(t, &z);
	anon = anonymous(t);
	seq_printf(s, "VmPeak:\t%8lu kB\nVmSize:\t%8lu kB\n",
		   KB(t->vm->peak_pages), KB(z.total));
	seq_printf(s, "VmLck:\t%8d kB\nVmPin:\t%8d kB\n", 0, 0);
	seq_printf(s, "VmHWM:\t%8lu kB\nVmRSS:\t%8lu kB\n",
		   KB(t->vm->peak_present), KB(z.present));
	seq_printf(s, "RssAnon:\t%8lu kB\nRssFile:\t%8lu kB\n", KB(anon),
		   KB(z.present - anon));
	seq_printf(s, "RssShmem:\t%8d kB\n", 0);
	seq_printf(s, "VmData:\t%8lu kB\nVmStk:\t%8lu kB\n", KB(z.data),
		   KB(z.stack));
	seq_printf(s, "VmExe:\t%8lu kB\nVmLib:\t%8d kB\n", KB(z.exec), 0);
	seq_printf(s, "VmPTE:\t%8d kB\nVmSwap:\t%8d kB\n", 4, 0);
}

static void
status_signals(struct thread *t, struct seq *s)
{
	const struct process *p = t->process;
	uint64_t ignored, caught;

	ks_settle(&t->trace);
	dispositions(p, &ignored, &caught);
	seq_printf(s, "Threads:\t%d\nSigQ:\t%u/%lu\n", p->nthreads,
		   sigqueue_count(), p->rlimit[RLIMIT_SIGPENDING].cur);
	seq_printf(s, "SigPnd:\t%016lx\nShdPnd:\t%016lx\nSigBlk:\t%016lx\n",
		   t->pending.set, p->pending.set, t->blocked);
	seq_printf(s, "SigIgn:\t%016lx\nSigCgt:\t%016lx\n", ignored, caught);
}

int
proc_show_status(struct thread *t, struct seq *s)
{
	const struct cred *c = &t->cred;

	status_ids(t, s);
	status_memory(t, s);
	status_signals(t, s);
	seq_printf(s, "CapInh:\t%016lx\nCapPrm:\t%016lx\nCapEff:\t%016lx\n",
		   c->cap_inheritable, c->cap_permitted, c->cap_effective);
	seq_printf(s, "CapBnd:\t%016lx\nCapAmb:\t%016lx\n", c->cap_bounding,
		   c->cap_ambient);
	seq_printf(s, "NoNewPrivs:\t%d\nSeccomp:\t%u\n", t->no_new_privs,
		   t->seccomp_mode);
	seq_printf(s, "Cpus_allowed:\t1\nCpus_allowed_list:\t0\n");
	seq_printf(s, "Mems_allowed:\t1\nMems_allowed_list:\t0\n");
	seq_printf(s, "voluntary_ctxt_switches:\t%lu\n", t->nvcsw);
	seq_printf(s, "nonvoluntary_ctxt_switches:\t%lu\n", t->nivcsw);
	return 0;
}

struct limit {
	const char *name, *unit;
};

static const struct limit limits[RLIM_NLIMITS] = {
    [RLIMIT_CPU] = {"Max cpu time", "seconds"},
    [RLIMIT_FSIZE] = {"Max file size", "bytes"},
    [RLIMIT_DATA] = {"Max data size", "bytes"},
    [RLIMIT_STACK] = {"Max stack size", "bytes"},
    [RLIMIT_CORE] = {"Max core file size", "bytes"},
    [RLIMIT_RSS] = {"Max resident set", "bytes"},
    [RLIMIT_NPROC] = {"Max processes", "processes"},
    [RLIMIT_NOFILE] = {"Max open files", "files"},
    [RLIMIT_MEMLOCK] = {"Max locked memory", "bytes"},
    [RLIMIT_AS] = {"Max address space", "bytes"},
    [RLIMIT_LOCKS] = {"Max file locks", "locks"},
    [RLIMIT_SIGPENDING] = {"Max pending signals", "signals"},
    [RLIMIT_MSGQUEUE] = {"Max msgqueue size", "bytes"},
    [RLIMIT_NICE] = {"Max nice priority", ""},
    [RLIMIT_RTPRIO] = {"Max realtime priority", ""},
    [RLIMIT_RTTIME] = {"Max realtime timeout", "us"},
};

static void
show_limit(struct seq *s, uint64_t v)
{
	if (v == RLIM_INFINITY)
		seq_printf(s, " %-20s", "unlimited");
	else
		seq_printf(s, " %-20lu", v);
}

int
proc_show_limits(struct thread *t, struct seq *s)
{
	seq_printf(s, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit",
		   "Hard Limit", "Units");
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		seq_printf(s, "%-25s", limits[i].name);
		show_limit(s, t->process->rlimit[i].cur);
		show_limit(s, t->process->rlimit[i].max);
		seq_printf(s, " %-10s\n", limits[i].unit);
	}
	return 0;
}

int
proc_show_children(struct thread *t, struct seq *s)
{
	struct process *c;

	if (t != t->process->leader)
		return 0;
	list_each(c, &t->process->children, sibling)
	    seq_printf(s, "%d ", c->pid);
	return 0;
}
