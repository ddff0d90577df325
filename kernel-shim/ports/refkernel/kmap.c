/* SPDX-License-Identifier: MIT */
#include "kmap.h"

#include "cpu.h"
#include "kprintf.h"
#include "mem.h"
#include "port.h"
#include "vm.h"

#define LEAF_4K ((uint64_t)1 << 12)
#define LEAF_2M ((uint64_t)1 << 21)
#define LEAF_1G ((uint64_t)1 << 30)

extern char kernel_start[], text_end[], rodata_end[], kernel_end[];

struct ks_space kernel_space;
struct ks_machine machine;

static void
map(uint64_t va, uint64_t pa, uint64_t size, unsigned flags, uint64_t leaf)
{
	int err;

	if (size == 0)
		return;
	err = ks_map(&kernel_space, va, ks_paddr(pa), size,
		     flags | KS_READ | KS_GLOBAL, leaf);
	if (err != 0)
		panic("cannot map the kernel: %d", err);
}

static void
map_image(char *from, char *to, unsigned flags)
{
	map((uint64_t)from, (uint64_t)from - KERNEL_BASE, to - from, flags,
	    LEAF_4K);
}

void
kmap_init(uint64_t top)
{
	uint64_t low = top < DEVICE_BASE ? top : DEVICE_BASE;
	uint64_t leaf = cpu_features.huge_1g ? LEAF_1G : LEAF_2M;

	/* Whole large leaves, and the devices too, for pa_to_va(). */
	if (top < DEVICE_END)
		top = DEVICE_END;
	machine = (struct ks_machine){
	    .ops = &port_ops,
	    .direct_base = (unsigned char *)DIRECT_BASE,
	    .direct_size = top,
	    .phys_bits = cpu_features.phys_bits,
	    .pt_levels = 4,
	    .nx = true,
	    .huge_1g = cpu_features.huge_1g,
	};
	if (ks_machine_init(&machine) != 0)
		panic("the shim refuses the port");
	if (ks_space_init(&kernel_space, &machine, ks_paddr(0)) != 0)
		panic("no memory");
	low = (low + LEAF_2M - 1) & ~(LEAF_2M - 1);
	map(DIRECT_BASE, 0, low, KS_WRITE, leaf);
	map(DIRECT_BASE + DEVICE_BASE, DEVICE_BASE, DEVICE_END - DEVICE_BASE,
	    KS_WRITE | KS_NOCACHE, LEAF_2M);
	map(DIRECT_BASE + DEVICE_END, DEVICE_END, top - DEVICE_END, KS_WRITE,
	    LEAF_2M);
	map_image(kernel_start, text_end, KS_EXEC);
	map_image(text_end, rodata_end, 0);
	map_image(rodata_end, kernel_end, KS_WRITE);
	write_cr3(kernel_space.root.v);
}
