/* SPDX-License-Identifier: MIT */
/*
 * A backtrace by frame pointers. The names come from `nm -n` of the kernel,
 * which `run` hands over as a fw_cfg file: no table in the kernel, and no need
 * of a heap that may be what broke.
 */
#include "kprintf.h"

#include "cpu.h"
#include "fwcfg.h"
#include "mem.h"
#include "power.h"
#include "string.h"

#define SYMBOL_MAX 64

extern char kernel_start[], text_end[], kernel_end[];

struct symbol {
	uint64_t addr;
	char name[SYMBOL_MAX];
};

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Read one line "ADDRESS TYPE NAME"; false at the end of the file. */
static bool
read_symbol(uint32_t *left, struct symbol *out)
{
	unsigned field = 0;
	size_t n = 0;

	out->addr = 0;
	while (*left > 0) {
		char c = fwcfg_byte();

		(*left)--;
		if (c == '\n') {
			out->name[n] = '\0';
			return true;
		}
		if (c == ' ')
			field++;
		else if (field == 0)
			out->addr = out->addr << 4 | hex_digit(c);
		else if (field == 2 && n + 1 < sizeof(out->name))
			out->name[n++] = c;
	}
	return false;
}

static void
print_place(uint64_t rip)
{
	struct symbol best = {0}, s;
	uint32_t left;

	if (fwcfg_open("opt/proctrace/symbols", &left)) {
		while (read_symbol(&left, &s) && s.addr <= rip)
			best = s;
	}
	if (best.addr != 0)
		kprintf("  %016lx %s+0x%lx\n", rip, best.name, rip - best.addr);
	else
		kprintf("  %016lx\n", rip);
}

static bool
in_text(uint64_t a)
{
	return a >= (uint64_t)kernel_start && a < (uint64_t)text_end;
}

/* Kernel stacks are in the direct map or in the kernel's own memory. */
static bool
good_frame(uint64_t rbp)
{
	if (rbp & 7)
		return false;
	return (rbp >= DIRECT_BASE &&
		rbp < DIRECT_BASE + machine.direct_size) ||
	       (rbp >= (uint64_t)kernel_start && rbp < (uint64_t)kernel_end);
}

void
backtrace(uint64_t rip, uint64_t rbp)
{
	int depth = 0;

	/* The first place may be nonsense: a call through a bad pointer. */
	do {
		/* A return address may lie behind the end of its function. */
		print_place(rip - 1);
		if (!good_frame(rbp))
			break;
		rip = ((uint64_t *)rbp)[1];
		rbp = ((uint64_t *)rbp)[0];
	} while (in_text(rip) && ++depth < 32);
}

void
panic(const char *fmt, ...)
{
	static bool again;
	char why[256];
	va_list ap;

	__asm__ volatile("cli");
	if (again)
		power_fail();
	again = true;
	va_start(ap, fmt);
	kvsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	kprintf("panic: %s\n", why);
	backtrace((uint64_t)__builtin_return_address(0),
		  *(uint64_t *)__builtin_frame_address(0));
	power_fail();
}
