/* SPDX-License-Identifier: MIT */
/*
 * The refkernel as a port of the shim: see kshim/port.h. Memory is port.c's,
 * threads are porttrace.c's.
 */
#ifndef PORT_H
#define PORT_H

#include <kshim/port.h>

extern const struct ks_port_ops port_ops;

/* kshim/port_trace.h describes each. */
struct ks_thread *port_thread_get(struct ks_machine *m, int32_t tid);
void port_thread_ref(struct ks_machine *m, struct ks_thread *t);
void port_thread_put(struct ks_machine *m, struct ks_thread *t);
int32_t port_thread_tid(struct ks_machine *m, struct ks_thread *t);
int32_t port_thread_tgid(struct ks_machine *m, struct ks_thread *t);
struct ks_tracer *port_thread_process(struct ks_machine *m,
				      struct ks_thread *t);
struct ks_tracer *port_thread_parent(struct ks_machine *m, struct ks_thread *t);
int port_trace_allowed(struct ks_machine *m, struct ks_tracer *tr,
		       struct ks_thread *t, bool asked);
void port_thread_cred(struct ks_machine *m, struct ks_thread *t,
		      struct ks_cred *out);
struct ks_space *port_space_get(struct ks_machine *m, struct ks_thread *t);
void port_space_put(struct ks_machine *m, struct ks_space *s);
void port_mapping_revoke(struct ks_machine *m, struct ks_file *f);
int32_t port_tracer_tgid(struct ks_machine *m, struct ks_tracer *tr);
void port_tracer_ref(struct ks_machine *m, struct ks_tracer *tr);
void port_tracer_put(struct ks_machine *m, struct ks_tracer *tr);
int port_thread_sleep(struct ks_machine *m, struct ks_thread *t);
void port_thread_wake(struct ks_machine *m, struct ks_thread *t);
void port_thread_kick(struct ks_machine *m, struct ks_thread *t);
void port_tracer_wake(struct ks_machine *m, struct ks_tracer *tr,
		      struct ks_thread *t);
void port_tracer_signal(struct ks_machine *m, struct ks_tracer *tr,
			struct ks_thread *t, int code, int status);
void port_thread_released(struct ks_machine *m, struct ks_thread *t,
			  struct ks_tracer *tr);
void port_signal_send(struct ks_machine *m, struct ks_thread *t,
		      const struct proc_siginfo *info, bool group);
int port_group_stop(struct ks_machine *m, struct ks_thread *t);
uint64_t port_sigmask_get(struct ks_machine *m, struct ks_thread *t);
void port_sigmask_set(struct ks_machine *m, struct ks_thread *t, uint64_t mask);
int port_sigqueue_get(struct ks_machine *m, struct ks_thread *t, bool shared,
		      uint64_t index, struct proc_siginfo *out);
bool port_rusage_get(struct ks_machine *m, struct ks_thread *t,
		     struct proc_rusage *out);
int64_t port_seccomp_get(struct ks_machine *m, struct ks_thread *self,
			 struct ks_thread *t, uint64_t index, size_t pos,
			 void *buf, size_t n, uint64_t *out_flags);
int port_rseq_get(struct ks_machine *m, struct ks_thread *t,
		  struct proc_rseq *out);
int port_dispatch_get(struct ks_machine *m, struct ks_thread *t,
		      struct proc_dispatch *out);
int port_dispatch_set(struct ks_machine *m, struct ks_thread *t,
		      const struct proc_dispatch *d);
void port_regs_get(struct ks_machine *m, struct ks_thread *t,
		   struct ks_regs *out);
void port_regs_set(struct ks_machine *m, struct ks_thread *t,
		   const struct ks_regs *in);
int port_fpu_get(struct ks_machine *m, struct ks_thread *t, struct ks_fpu *out);
void port_fpu_changed(struct ks_machine *m, struct ks_thread *t);
void port_debug_get(struct ks_machine *m, struct ks_thread *t,
		    struct ks_debugregs *out);
int port_debug_set(struct ks_machine *m, struct ks_thread *t,
		   const struct ks_debugregs *in);
void port_step_set(struct ks_machine *m, struct ks_thread *t, int step);

#endif
