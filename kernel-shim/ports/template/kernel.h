/* SPDX-License-Identifier: MIT */
/*
 * A kernel's own structures, as far as the shim touches them: where each of
 * the shim's is embedded. Replace them by yours; the names below are an
 * example.
 */
#ifndef TEMPLATE_KERNEL_H
#define TEMPLATE_KERNEL_H

#include <kshim/fpu.h>
#include <kshim/frame.h>
#include <kshim/proc.h>
#include <kshim/regs.h>
#include <kshim/trace.h>

/* An address space. */
struct space {
	struct ks_space ks;
	/* your list of mappings, a reference count... */
};

/* A process: a thread group. */
struct process {
	struct ks_tracer tracer;
	int32_t tgid;
	/* your threads, descriptors, signal actions... */
};

/* A thread. */
struct thread {
	struct ks_thread ks;
	int32_t tid;
	struct process *process;
	struct space *space;
	struct ks_regs regs; /* or convert your trap frame */
	struct ks_debugregs debug;
	/* your kernel stack, saved floating point state, signals... */
};

/* An open file of the scheme. */
struct proc_file {
	struct ks_file ks;
	uint64_t offset;
};

static inline struct thread *
thread_of(struct ks_thread *t)
{
	return ks_container(t, struct thread, ks);
}

static inline struct process *
process_of(struct ks_tracer *tr)
{
	return ks_container(tr, struct process, tracer);
}

extern struct ks_machine machine;

/* hooks.c: where the kernel calls the shim. */
int kernel_boot(void);
void thread_made(struct thread *t);
void process_made(struct process *p);
uint64_t syscall_entry(struct thread *t);
void return_to_user(struct thread *t);
void kill_sent(struct thread *t);
void clone_done(struct thread *parent, struct thread *child,
		enum ks_clone kind);
void exec_done(struct thread *t, struct thread *old_leader, int32_t former);
void thread_exit(struct thread *t, int status, bool last);
int proc_open(struct thread *self, int32_t tid, const char *name,
	      unsigned flags, struct proc_file *out);
int64_t proc_read(struct thread *self, struct proc_file *f, void *buf,
		  size_t len);
void proc_close(struct proc_file *f);

/* registers.c */
void regs_get(struct ks_machine *m, struct ks_thread *t, struct ks_regs *out);
void regs_set(struct ks_machine *m, struct ks_thread *t,
	      const struct ks_regs *in);
int fpu_get(struct ks_machine *m, struct ks_thread *t, struct ks_fpu *out);
void fpu_changed(struct ks_machine *m, struct ks_thread *t);
void debug_get(struct ks_machine *m, struct ks_thread *t,
	       struct ks_debugregs *out);
int debug_set(struct ks_machine *m, struct ks_thread *t,
	      const struct ks_debugregs *in);
void step_set(struct ks_machine *m, struct ks_thread *t, int step);

#endif
