/* SPDX-License-Identifier: MIT */
/*
 * Exceptions, interrupts, and the way back to user mode.
 *
 * entry.S completes a struct regs and calls, with interrupts off:
 *	trap_handle()	  (trap.c)	exceptions and interrupts
 *	syscall_handle()  (syscalls.c)	the system call instruction
 * and before every return to user mode
 *	user_return()	  (signal.c)	signals, tracing, time slices
 */
#ifndef TRAP_H
#define TRAP_H

#include "regs.h"

/* Exception vectors. */
enum trap_vector {
	TRAP_DE = 0,
	TRAP_DB = 1,
	TRAP_NMI = 2,
	TRAP_BP = 3,
	TRAP_OF = 4,
	TRAP_BR = 5,
	TRAP_UD = 6,
	TRAP_NM = 7,
	TRAP_DF = 8,
	TRAP_TS = 10,
	TRAP_NP = 11,
	TRAP_SS = 12,
	TRAP_GP = 13,
	TRAP_PF = 14,
	TRAP_MF = 16,
	TRAP_AC = 17,
	TRAP_MC = 18,
	TRAP_XM = 19,
};

/* Bits of a page fault's error code. */
#define PF_PRESENT  1
#define PF_WRITE    2
#define PF_USER	    4
#define PF_RESERVED 8
#define PF_INSTR    16

void trap_init(void);

void trap_handle(struct regs *r, unsigned vector, uint64_t error);
void syscall_handle(struct regs *r);
void user_return(struct regs *r);

/*
 * Where a new thread's kernel stack returns to: calls user_return() and goes
 * to user mode with the struct regs that RSP points to.
 */
void trap_return(void);

/*
 * Call FN, with interrupts off, when interrupt line GSI of the IO-APIC fires;
 * LEVEL: level triggered, else edge. FN may wake threads, but never sleeps.
 */
void irq_route(unsigned gsi, bool level, void (*fn)(void *arg), void *arg);

/* The same for the local APIC's timer, which the caller programs. */
void irq_timer(void (*fn)(void *arg), void *arg);

/* The vector for the local APIC timer's LVT entry. */
#define IRQ_TIMER_VECTOR 0xf0

/* Local APIC registers, by byte offset. */
uint32_t lapic_read(unsigned reg);
void lapic_write(unsigned reg, uint32_t v);

#define LAPIC_ID	  0x20
#define LAPIC_EOI	  0xb0
#define LAPIC_SPURIOUS	  0xf0
#define LAPIC_LVT_TIMER	  0x320
#define LAPIC_TIMER_INIT  0x380
#define LAPIC_TIMER_COUNT 0x390
#define LAPIC_TIMER_DIV	  0x3e0

#endif
