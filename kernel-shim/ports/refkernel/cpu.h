/* SPDX-License-Identifier: MIT */
/*
 * The CPU: descriptor tables, control registers, instructions C has not.
 *
 * There is one CPU, and the kernel never uses the GS segment: FS and GS are
 * always the current thread's, and there is no SWAPGS and so no window in
 * which a trap could find the wrong base.
 */
#ifndef CPU_H
#define CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct thread;

/* entry.S knows the first two members. */
struct cpu {
	uint64_t kstack;   /* top of the current thread's kernel stack */
	uint64_t user_rsp; /* scratch for the system call entry */
	struct thread *thread;
};

extern struct cpu this_cpu;

/* The running thread. */
#define current (this_cpu.thread)

#define MSR_APIC_BASE 0x1b
#define MSR_EFER      0xc0000080
#define MSR_STAR      0xc0000081
#define MSR_LSTAR     0xc0000082
#define MSR_SFMASK    0xc0000084
#define MSR_FS_BASE   0xc0000100
#define MSR_GS_BASE   0xc0000101

struct cpu_features {
	bool nx, huge_1g, smep, smap, fsgsbase, xsave, umip;
	unsigned phys_bits;
};

extern struct cpu_features cpu_features;

/* Load the descriptor tables, switch on what the CPU has. Called once. */
void cpu_init(void);

/*
 * Enter and leave user mode with the kernel stack whose top (the end of a
 * struct regs) is at TOP. Part of the context switch.
 */
void cpu_set_kstack(uint64_t top);

static inline uint64_t
rdmsr(uint32_t msr)
{
	uint32_t lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return (uint64_t)hi << 32 | lo;
}

static inline void
wrmsr(uint32_t msr, uint64_t v)
{
	__asm__ volatile("wrmsr"
			 :
			 : "c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32))
			 : "memory");
}

static inline uint64_t
rdtsc(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi)::"memory");
	return (uint64_t)hi << 32 | lo;
}

static inline uint8_t
inb(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port) : "memory");
	return v;
}

static inline void
outb(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port) : "memory");
}

static inline void
outw(uint16_t port, uint16_t v)
{
	__asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port) : "memory");
}

static inline uint64_t
read_cr2(void)
{
	uint64_t v;

	__asm__ volatile("mov %%cr2, %0" : "=r"(v));
	return v;
}

static inline uint64_t
read_cr3(void)
{
	uint64_t v;

	__asm__ volatile("mov %%cr3, %0" : "=r"(v)::"memory");
	return v;
}

static inline void
write_cr3(uint64_t v)
{
	__asm__ volatile("mov %0, %%cr3" : : "r"(v) : "memory");
}

static inline void
invlpg(uint64_t va)
{
	__asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

static inline void
cpuid(uint32_t leaf, uint32_t sub, uint32_t out[4])
{
	__asm__ volatile("cpuid"
			 : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]),
			   "=d"(out[3])
			 : "a"(leaf), "c"(sub));
}

/* Wait, with interrupts on, until one was taken; then they are off again. */
static inline void
cpu_idle(void)
{
	__asm__ volatile("sti; hlt; cli" ::: "memory");
}

/*
 * The bases of FS and GS, which user mode can also change by itself. Setting
 * a non-canonical one is the caller's error: check with addr_canonical().
 */
static inline uint64_t
cpu_fs_base(void)
{
	uint64_t v;

	if (!cpu_features.fsgsbase)
		return rdmsr(MSR_FS_BASE);
	__asm__ volatile("rdfsbase %0" : "=r"(v));
	return v;
}

static inline uint64_t
cpu_gs_base(void)
{
	uint64_t v;

	if (!cpu_features.fsgsbase)
		return rdmsr(MSR_GS_BASE);
	__asm__ volatile("rdgsbase %0" : "=r"(v));
	return v;
}

static inline void
cpu_set_fs_base(uint64_t v)
{
	if (cpu_features.fsgsbase)
		__asm__ volatile("wrfsbase %0" : : "r"(v));
	else
		wrmsr(MSR_FS_BASE, v);
}

static inline void
cpu_set_gs_base(uint64_t v)
{
	if (cpu_features.fsgsbase)
		__asm__ volatile("wrgsbase %0" : : "r"(v));
	else
		wrmsr(MSR_GS_BASE, v);
}

#endif
