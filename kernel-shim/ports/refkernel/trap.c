/* SPDX-License-Identifier: MIT */
#include "trap.h"

#include "cpu.h"
#include "cputime.h"
#include "errno.h"
#include "irq.h"
#include "kprintf.h"
#include "mem.h"
#include "oom.h"
#include "signal.h"
#include "thread.h"
#include "user.h"
#include "vm.h"

struct gate {
	uint16_t offset_low, selector;
	uint8_t ist, type;
	uint16_t offset_mid;
	uint32_t offset_high, reserved;
};

/* An instruction that may fault, and where to go on when it does. */
struct fixup {
	uint64_t insn, target;
};

extern char trap_stubs[];
extern const struct fixup ex_table_start[], ex_table_end[];

static struct gate idt[256];

void
trap_init(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) idtr = {sizeof(idt) - 1, (uint64_t)idt};

	for (unsigned v = 0; v < 256; v++) {
		uint64_t stub = (uint64_t)trap_stubs + v * 16;
		/* User mode may say INT3 and INTO; for the rest it gets #GP. */
		unsigned dpl = v == TRAP_BP || v == TRAP_OF ? 3 : 0;

		idt[v] = (struct gate){
		    .offset_low = stub,
		    .selector = SEL_KERNEL_CS,
		    .type = 0x8e | dpl << 5, /* present, interrupt gate */
		    .offset_mid = stub >> 16,
		    .offset_high = stub >> 32,
		};
	}
	idt[TRAP_DB].ist = 1;
	idt[TRAP_DF].ist = 2;
	idt[TRAP_NMI].ist = 3;
	idt[TRAP_MC].ist = 3;
	__asm__ volatile("lidt %0" : : "m"(idtr));
	irq_init();
}

static void
dump(const struct regs *r, unsigned vector, uint64_t error)
{
	kprintf("trap %u, error %lx, cr2 %lx\n", vector, error, read_cr2());
	kprintf("rip %016lx rsp %016lx flags %08lx cs %lx ss %lx\n", r->rip,
		r->rsp, r->rflags, r->cs, r->ss);
	kprintf("rax %016lx rbx %016lx rcx %016lx rdx %016lx\n", r->rax, r->rbx,
		r->rcx, r->rdx);
	kprintf("rsi %016lx rdi %016lx rbp %016lx r8  %016lx\n", r->rsi, r->rdi,
		r->rbp, r->r8);
	kprintf("r9  %016lx r10 %016lx r11 %016lx r12 %016lx\n", r->r9, r->r10,
		r->r11, r->r12);
	kprintf("r13 %016lx r14 %016lx r15 %016lx cr3 %lx\n", r->r13, r->r14,
		r->r15, read_cr3());
}

/* Let R go on behind an instruction that may fault. False: it may not. */
static bool
fix_up(struct regs *r)
{
	for (const struct fixup *f = ex_table_start; f < ex_table_end; f++) {
		if (f->insn == r->rip) {
			r->rip = f->target;
			return true;
		}
	}
	return false;
}

static bool
may_fault(const struct regs *r)
{
	for (const struct fixup *f = ex_table_start; f < ex_table_end; f++) {
		if (f->insn == r->rip)
			return true;
	}
	return false;
}

static unsigned
fault_access(uint64_t error)
{
	if (error & PF_INSTR)
		return KS_EXEC;
	return error & PF_WRITE ? KS_WRITE : KS_READ;
}

/*
 * The page at ADDR is needed. A program sleeps while a file is read; where the
 * kernel touches its memory nothing else may happen meanwhile.
 */
static int
fault_in(uint64_t addr, unsigned access, bool sleep)
{
	bool before = current->io_sleeps;
	int err;

	current->io_sleeps = sleep;
	err = vm_fault(current->vm, addr, access, false);
	current->io_sleeps = before;
	return err;
}

static void
user_page_fault(uint64_t error, uint64_t addr)
{
	int err = -EFAULT;

	/*
	 * User mode's access with the kernel's rights, to what is there: the
	 * emulated IRET makes such ones, SMAP refuses them, over and over.
	 */
	if ((error & (PF_USER | PF_PRESENT)) == PF_PRESENT)
		err = -EACCES;
	else if (!(error & PF_RESERVED) && addr < USER_END)
		err = fault_in(addr, fault_access(error), true);
	switch (err) {
	case 0:
		current->minflt++;
		return;
	case -EACCES:
		signal_page_fault(error, addr, SIGSEGV, SEGV_ACCERR);
		return;
	case -ENXIO:
	case -EIO:
	case -ENOSPC:
		signal_page_fault(error, addr, SIGBUS, BUS_ADRERR);
		return;
	case -ENOMEM:
		out_of_memory();
		return;
	default:
		signal_page_fault(error, addr, SIGSEGV, SEGV_MAPERR);
	}
}

/* The kernel touched user memory, or has a bug. */
static void
kernel_page_fault(struct regs *r, uint64_t error, uint64_t addr)
{
	if (addr < USER_END && may_fault(r) && current != NULL &&
	    current->vm != NULL) {
		if (fault_in(addr, fault_access(error), false) == 0)
			return;
		fix_up(r);
		return;
	}
	dump(r, TRAP_PF, error);
	panic("page fault in the kernel");
}

static void
kernel_trap(struct regs *r, unsigned vector, uint64_t error)
{
	/*
	 * A watchpoint of the current thread, which the kernel hit on the
	 * program's behalf: Linux does not report those.
	 */
	if (vector == TRAP_DB) {
		__asm__ volatile("mov %0, %%dr6" : : "r"((uint64_t)0xffff0ff0));
		return;
	}
	if (vector == TRAP_GP && fix_up(r))
		return;
	dump(r, vector, error);
	panic("trap %u in the kernel", vector);
}

void
trap_handle(struct regs *r, unsigned vector, uint64_t error)
{
	bool user = regs_user(r);
	uint64_t addr;

	if (vector == TRAP_PF) {
		addr = read_cr2();
		if (!user) {
			kernel_page_fault(r, error, addr);
			return;
		}
		user_page_fault(error, addr);
		cputime_faulted = r->rip;
		return;
	}
	if (vector >= IRQ_VECTOR_BASE) {
		if (user)
			cputime_sample(r);
		irq_handle(vector);
	} else if (!user || vector == TRAP_DF || vector == TRAP_NMI ||
		   vector == TRAP_MC)
		kernel_trap(r, vector, error);
	else
		signal_trap(r, vector, error);
}
