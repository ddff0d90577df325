/* SPDX-License-Identifier: MIT */
/*
 * Interrupt controllers: the local APIC and the IO-APIC. For the drivers'
 * side see trap.h.
 */
#ifndef IRQ_H
#define IRQ_H

/* Line GSI has vector IRQ_VECTOR_BASE + GSI. */
#define IRQ_VECTOR_BASE 32
#define IRQ_LINES	24

/* Part of trap_init(); needs the device window of kmap.h. */
void irq_init(void);

/* The interrupt VECTOR was taken. */
void irq_handle(unsigned vector);

#endif
