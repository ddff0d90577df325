/* SPDX-License-Identifier: MIT */
/* The system call in flight, as x86_64 Linux binaries make one. */
#include <kshim/regs.h>

#define ARCH_X86_64 UINT32_C(0xc000003e) /* Linux's AUDIT_ARCH_X86_64 */
#define MAX_ERRNO   4095

void
ks_regs_to_syscall(const struct ks_regs *r, uint32_t op,
		   struct proc_syscall *out)
{
	*out = (struct proc_syscall){
	    .op = op, .arch = ARCH_X86_64, .ip = r->rip, .sp = r->rsp};
	switch (op) {
	case PROC_SYSCALL_ENTRY:
	case PROC_SYSCALL_SECCOMP:
		out->nr = r->orig_rax;
		out->args[0] = r->rdi;
		out->args[1] = r->rsi;
		out->args[2] = r->rdx;
		out->args[3] = r->r10;
		out->args[4] = r->r8;
		out->args[5] = r->r9;
		break;
	case PROC_SYSCALL_EXIT:
		out->rval = (int64_t)r->rax;
		out->is_error = r->rax >= (uint64_t)-MAX_ERRNO;
		break;
	default:
		break;
	}
}

void
ks_regs_from_syscall(struct ks_regs *r, const struct proc_syscall *in)
{
	if (in->op == PROC_SYSCALL_EXIT) {
		r->rax = (uint64_t)in->rval;
		return;
	}
	r->orig_rax = in->nr;
	r->rdi = in->args[0];
	r->rsi = in->args[1];
	r->rdx = in->args[2];
	r->r10 = in->args[3];
	r->r8 = in->args[4];
	r->r9 = in->args[5];
}
