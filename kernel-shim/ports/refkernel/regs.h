/* SPDX-License-Identifier: MIT */
/*
 * The trap frame: one layout for every way into the kernel.
 *
 * It is always complete and always at the very top of the thread's kernel
 * stack, so that a tracer can read and change all of it at every stop. The
 * order is that of Linux's struct pt_regs; the assembler in entry.S knows it.
 */
#ifndef REGS_H
#define REGS_H

#include <stdbool.h>
#include <stdint.h>

struct regs {
	uint64_t r15, r14, r13, r12, rbp, rbx;
	uint64_t r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	/*
	 * In a system call its number; else ~0. (While trap.c runs, the error
	 * code of an exception is here.)
	 */
	uint64_t orig_rax;
	/* From here on as the CPU pushes it. */
	uint64_t rip, cs, rflags, rsp, ss;
};

_Static_assert(sizeof(struct regs) == 168, "entry.S knows the layout");

/* The selectors are Linux's: debuggers and libc know their values. */
#define SEL_KERNEL_CS 0x10
#define SEL_KERNEL_DS 0x18
#define SEL_USER_DS   0x2b
#define SEL_USER_CS   0x33
#define SEL_TSS	      0x40

#define RFLAGS_CF   0x1
#define RFLAGS_ONE  0x2 /* reads as one */
#define RFLAGS_TF   0x100
#define RFLAGS_IF   0x200
#define RFLAGS_DF   0x400
#define RFLAGS_IOPL 0x3000
#define RFLAGS_NT   0x4000
#define RFLAGS_RF   0x10000
#define RFLAGS_AC   0x40000

/* What user mode may change: CF PF AF ZF SF TF DF OF NT RF AC ID. */
#define RFLAGS_USER 0x254dd5

/* True if R was saved on the way in from user mode. */
static inline bool
regs_user(const struct regs *r)
{
	return (r->cs & 3) != 0;
}

#endif
