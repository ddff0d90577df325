/* SPDX-License-Identifier: MIT */
#include "cpu.h"

#include "fpu.h"
#include "kprintf.h"
#include "regs.h"

/* CR4. */
#define CR4_PAE	       0x20
#define CR4_PGE	       0x80
#define CR4_OSFXSR     0x200
#define CR4_OSXMMEXCPT 0x400
#define CR4_UMIP       0x800
#define CR4_FSGSBASE   0x10000
#define CR4_OSXSAVE    0x40000
#define CR4_SMEP       0x100000
#define CR4_SMAP       0x200000

/* Interrupt stack table slots, see idt_fill() in trap.c. */
#define IST_SIZE 4096

struct tss {
	uint32_t reserved0;
	uint64_t rsp[3];
	uint64_t reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3;
	uint16_t iomap;
} __attribute__((packed));

struct cpu this_cpu;
struct cpu_features cpu_features;
bool cpu_has_smap; /* a copy that entry.S can name */

void syscall_entry(void);

static struct tss tss;
static char ist_stack[3][IST_SIZE] __attribute__((aligned(16)));

static uint64_t gdt[] = {
    [0x10 / 8] = 0x00af9b000000ffff, /* kernel code, 64 bits */
    [0x18 / 8] = 0x00cf93000000ffff, /* kernel data */
    /* SYSRET wants user data and code in this order above its base, 0x20. */
    [0x28 / 8] = 0x00cff3000000ffff, /* user data */
    [0x30 / 8] = 0x00affb000000ffff, /* user code, 64 bits */
    [SEL_TSS / 8] = 0,
    [SEL_TSS / 8 + 1] = 0,
};

static void
load_gdt(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) gdtr = {sizeof(gdt) - 1, (uint64_t)gdt};
	uint64_t base = (uint64_t)&tss;

	/* An available 64-bit TSS, present (SDM 3A 8.2.3). */
	gdt[SEL_TSS / 8] = (sizeof(tss) - 1) | (base & 0xffffff) << 16 |
			   (uint64_t)0x89 << 40 | (base >> 24 & 0xff) << 56;
	gdt[SEL_TSS / 8 + 1] = base >> 32;
	for (int i = 0; i < 3; i++)
		tss.ist[i] = (uint64_t)ist_stack[i] + IST_SIZE;
	tss.iomap = sizeof(tss); /* no port is for user mode */
	__asm__ volatile("lgdt %0; ltr %w1"
			 :
			 : "m"(gdtr), "r"(SEL_TSS)
			 : "memory");
}

static void
find_features(void)
{
	uint32_t r[4], max;

	cpuid(0x80000000, 0, r);
	max = r[0];
	cpuid(0x80000001, 0, r);
	cpu_features.nx = r[3] & (1u << 20);
	cpu_features.huge_1g = r[3] & (1u << 26);
	cpu_features.phys_bits = 36;
	if (max >= 0x80000008) {
		cpuid(0x80000008, 0, r);
		cpu_features.phys_bits = r[0] & 0xff;
	}
	cpuid(1, 0, r);
	cpu_features.xsave = r[2] & (1u << 26);
	cpuid(0, 0, r);
	if (r[0] >= 7) {
		cpuid(7, 0, r);
		cpu_features.fsgsbase = r[1] & 1u;
		cpu_features.smep = r[1] & (1u << 7);
		cpu_features.smap = r[1] & (1u << 20);
		cpu_features.umip = r[2] & (1u << 2);
	}
	if (!cpu_features.nx)
		panic("the CPU has no NX");
}

void
cpu_init(void)
{
	uint64_t cr4 = CR4_PAE | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT;

	find_features();
	cpu_has_smap = cpu_features.smap;
	if (cpu_features.umip)
		cr4 |= CR4_UMIP;
	if (cpu_features.fsgsbase)
		cr4 |= CR4_FSGSBASE;
	if (cpu_features.xsave)
		cr4 |= CR4_OSXSAVE;
	if (cpu_features.smep)
		cr4 |= CR4_SMEP;
	if (cpu_features.smap)
		cr4 |= CR4_SMAP;
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4) : "memory");
	load_gdt();

	/* SYSCALL loads CS from bits 32 up, SYSRET from bits 48 up. */
	wrmsr(MSR_STAR, (uint64_t)0x23 << 48 | (uint64_t)SEL_KERNEL_CS << 32);
	wrmsr(MSR_LSTAR, (uint64_t)syscall_entry);
	wrmsr(MSR_SFMASK, RFLAGS_TF | RFLAGS_IF | RFLAGS_DF | RFLAGS_IOPL |
			      RFLAGS_NT | RFLAGS_AC);
	fpu_init();
}

void
cpu_set_kstack(uint64_t top)
{
	this_cpu.kstack = top;
	tss.rsp[0] = top;
}
