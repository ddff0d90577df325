/* SPDX-License-Identifier: MIT */
/*
 * Exceptions of user code become signals, with Linux's codes.
 */
#include "fpu.h"
#include "signal.h"
#include "thread.h"
#include "trap.h"

/* Status bits and masks of x87 and SSE: invalid, denormal, zero ... */
#define FP_INVALID   0x01
#define FP_DENORMAL  0x02
#define FP_ZERODIV   0x04
#define FP_OVERFLOW  0x08
#define FP_UNDERFLOW 0x10
#define FP_INEXACT   0x20

static int
fp_code(unsigned vector)
{
	const unsigned char *area = current->fpu;
	unsigned err;

	thread_fpu_flush(current);
	if (vector == TRAP_MF) {
		unsigned cwd = area[0] | area[1] << 8;
		unsigned swd = area[2] | area[3] << 8;

		err = swd & ~cwd;
	} else {
		unsigned mxcsr = area[24] | area[25] << 8;

		err = ~(mxcsr >> 7) & mxcsr;
	}
	if (err & FP_INVALID)
		return FPE_FLTINV;
	if (err & FP_ZERODIV)
		return FPE_FLTDIV;
	if (err & FP_OVERFLOW)
		return FPE_FLTOVF;
	if (err & (FP_DENORMAL | FP_UNDERFLOW))
		return FPE_FLTUND;
	return err & FP_INEXACT ? FPE_FLTRES : 0;
}

/* True if DR6 tells of an execution breakpoint: type 0 in DR7. */
static bool
hit_execution(uint64_t dr6)
{
	uint64_t dr7 = ks_debug_hw_dr7(&current->debug);
	unsigned i;

	for (i = 0; i < 4; i++)
		if ((dr6 >> i & 1) && (dr7 >> 2 * i & 3) &&
		    !(dr7 >> (16 + 4 * i) & 3))
			return true;
	return false;
}

static void
debug_trap(struct regs *r)
{
	uint64_t dr6;
	int code;

	__asm__ volatile("mov %%dr6, %0" : "=r"(dr6));
	__asm__ volatile("mov %0, %%dr6" : : "r"(KS_DR6_INIT));
	/* It comes before the instruction, which is to run next time. */
	if (hit_execution(dr6))
		r->rflags |= RFLAGS_RF;
	code = ks_debug_trap(&current->debug, dr6);
	if (code)
		signal_force_fault(SIGTRAP, code, r->rip);
}

void
signal_trap(struct regs *r, unsigned vector, uint64_t error)
{
	int code;

	current->trap_no = vector;
	current->trap_error = error;
	switch (vector) {
	case TRAP_DE:
		signal_force_fault(SIGFPE, FPE_INTDIV, r->rip);
		break;
	case TRAP_DB:
		debug_trap(r);
		break;
	case TRAP_BP:
		signal_force_kernel(SIGTRAP);
		break;
	case TRAP_UD:
		signal_force_fault(SIGILL, ILL_ILLOPN, r->rip);
		break;
	case TRAP_MF:
	case TRAP_XM:
		code = fp_code(vector);
		if (code) /* else it was cleared meanwhile: try again */
			signal_force_fault(SIGFPE, code, r->rip);
		break;
	case TRAP_AC:
		signal_force_fault(SIGBUS, BUS_ADRALN, 0);
		break;
	case TRAP_NP:
	case TRAP_SS:
		signal_force_kernel(SIGBUS);
		break;
	default:
		signal_force_kernel(SIGSEGV);
		break;
	}
}

void
signal_page_fault(uint64_t error, uint64_t addr, int sig, int code)
{
	current->trap_no = TRAP_PF;
	current->trap_error = error | PF_USER;
	current->trap_addr = addr;
	signal_force_fault(sig, code, addr);
}

void
signal_no_call(struct regs *r, int code, uint32_t data)
{
	struct siginfo info = {
	    .si_signo = SIGSYS,
	    .si_code = code,
	    .si_errno = (int32_t)data,
	    .si_call_addr = r->rip,
	    .si_syscall = (int32_t)r->orig_rax,
	    .si_arch = AUDIT_ARCH_X86_64,
	};

	r->rax = r->orig_rax;
	signal_force(&info);
}
