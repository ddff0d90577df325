/* SPDX-License-Identifier: MIT */
#include "port.h"

#include "cpu.h"
#include "mem.h"
#include "vm.h"

/* Above this many pages it is cheaper to drop the whole TLB. */
#define FLUSH_PAGES 32

static int
port_frame_alloc(struct ks_machine *m, ks_paddr_t *out_pa)
{
	(void)m;
	return frame_alloc(out_pa);
}

static void
port_frame_ref(struct ks_machine *m, ks_paddr_t pa)
{
	(void)m;
	frame_ref(pa);
}

static void
port_frame_put(struct ks_machine *m, ks_paddr_t pa)
{
	(void)m;
	frame_put(pa);
}

static bool
port_frame_shared(struct ks_machine *m, ks_paddr_t pa)
{
	(void)m;
	return frame_refs(pa) > 1;
}

/*
 * A space that is not loaded has nothing cached: loading CR3 drops all that is
 * not global.
 */
static void
port_tlb_flush(struct ks_machine *m, struct ks_space *space, ks_uaddr_t va,
	       uint64_t len)
{
	(void)m;
	if (space != &kernel_space && space->root.v != read_cr3())
		return;
	if (len > FLUSH_PAGES * PAGE_SIZE) {
		write_cr3(read_cr3());
		return;
	}
	for (uint64_t off = 0; off < len; off += PAGE_SIZE)
		invlpg(va.v + off);
}

static int
port_fault_in(struct ks_machine *m, struct ks_space *space, ks_uaddr_t va,
	      unsigned access, bool force)
{
	(void)m;
	/* One that has been emptied has no tables of its own any more. */
	if (vm_of(space)->users == 0)
		return -EFAULT;
	return vm_fault(vm_of(space), va.v, access, force);
}

/*
 * There is one CPU, and the kernel is not preempted: no locks, since nothing
 * interrupts what the shim would do under one.
 */
const struct ks_port_ops port_ops = {
    .size = sizeof(struct ks_port_ops),
    .version = KS_PORT_VERSION,
    .frame_alloc = port_frame_alloc,
    .frame_ref = port_frame_ref,
    .frame_put = port_frame_put,
    .frame_shared = port_frame_shared,
    .tlb_flush = port_tlb_flush,
    .fault_in = port_fault_in,
    .mapping_revoke = port_mapping_revoke,
    .thread_get = port_thread_get,
    .thread_ref = port_thread_ref,
    .thread_put = port_thread_put,
    .thread_tid = port_thread_tid,
    .thread_tgid = port_thread_tgid,
    .thread_process = port_thread_process,
    .thread_parent = port_thread_parent,
    .thread_cred = port_thread_cred,
    .trace_allowed = port_trace_allowed,
    .space_get = port_space_get,
    .space_put = port_space_put,
    .tracer_tgid = port_tracer_tgid,
    .tracer_ref = port_tracer_ref,
    .tracer_put = port_tracer_put,
    .thread_sleep = port_thread_sleep,
    .thread_wake = port_thread_wake,
    .thread_kick = port_thread_kick,
    .tracer_wake = port_tracer_wake,
    .tracer_signal = port_tracer_signal,
    .thread_released = port_thread_released,
    .signal_send = port_signal_send,
    .group_stop = port_group_stop,
    .sigmask_get = port_sigmask_get,
    .sigmask_set = port_sigmask_set,
    .sigqueue_get = port_sigqueue_get,
    .rusage_get = port_rusage_get,
    .seccomp_get = port_seccomp_get,
    .rseq_get = port_rseq_get,
    .dispatch_get = port_dispatch_get,
    .dispatch_set = port_dispatch_set,
    .regs_get = port_regs_get,
    .regs_set = port_regs_set,
    .fpu_get = port_fpu_get,
    .fpu_changed = port_fpu_changed,
    .debug_get = port_debug_get,
    .debug_set = port_debug_set,
    .step_set = port_step_set,
};
