/* SPDX-License-Identifier: MIT */
#include "irq.h"

#include "cpu.h"
#include "kprintf.h"
#include "mem.h"
#include "trap.h"

#define LAPIC_PA  0xfee00000u
#define IOAPIC_PA 0xfec00000u

#define LAPIC_ENABLE	    0x100
#define IRQ_SPURIOUS_VECTOR 0xff

/* IO-APIC: a register number goes to SELECT, its value is at WINDOW. */
#define IOAPIC_SELECT  0x00
#define IOAPIC_WINDOW  0x10
#define IOAPIC_LINE(n) (0x10 + 2 * (n))
#define IOAPIC_LEVEL   0x8000
#define IOAPIC_MASKED  0x10000

struct handler {
	void (*fn)(void *arg);
	void *arg;
};

static struct handler lines[IRQ_LINES];
static struct handler timer;

static volatile uint32_t *
reg(uint64_t pa, unsigned off)
{
	return (volatile uint32_t *)((char *)pa_to_va(ks_paddr(pa)) + off);
}

uint32_t
lapic_read(unsigned off)
{
	return *reg(LAPIC_PA, off);
}

void
lapic_write(unsigned off, uint32_t v)
{
	*reg(LAPIC_PA, off) = v;
}

static void
ioapic_write(unsigned r, uint32_t v)
{
	*reg(IOAPIC_PA, IOAPIC_SELECT) = r;
	*reg(IOAPIC_PA, IOAPIC_WINDOW) = v;
}

void
irq_init(void)
{
	for (unsigned i = 0; i < IRQ_LINES; i++)
		ioapic_write(IOAPIC_LINE(i), IOAPIC_MASKED);
	lapic_write(LAPIC_SPURIOUS, LAPIC_ENABLE | IRQ_SPURIOUS_VECTOR);
}

void
irq_route(unsigned gsi, bool level, void (*fn)(void *arg), void *arg)
{
	ASSERT(gsi < IRQ_LINES);
	lines[gsi] = (struct handler){fn, arg};
	ioapic_write(IOAPIC_LINE(gsi) + 1, lapic_read(LAPIC_ID));
	ioapic_write(IOAPIC_LINE(gsi),
		     (IRQ_VECTOR_BASE + gsi) | (level ? IOAPIC_LEVEL : 0));
}

void
irq_timer(void (*fn)(void *arg), void *arg)
{
	timer = (struct handler){fn, arg};
}

void
irq_handle(unsigned vector)
{
	const struct handler *h = NULL;

	if (vector == IRQ_SPURIOUS_VECTOR)
		return; /* wants no EOI */
	if (vector == IRQ_TIMER_VECTOR)
		h = &timer;
	else if (vector - IRQ_VECTOR_BASE < IRQ_LINES)
		h = &lines[vector - IRQ_VECTOR_BASE];
	if (h == NULL || h->fn == NULL)
		panic("interrupt %u has no handler", vector);
	h->fn(h->arg);
	lapic_write(LAPIC_EOI, 0);
}
