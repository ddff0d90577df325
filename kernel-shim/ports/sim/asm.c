/* SPDX-License-Identifier: MIT */
#include "asm.h"

#include <stdlib.h>
#include <string.h>

#define REX_W 0x48
#define REX_R 0x04
#define REX_B 0x01

void
as_init(struct as *a, uint64_t base)
{
	memset(a, 0, sizeof(*a));
	a->base = base;
}

uint64_t
as_here(const struct as *a)
{
	return a->base + a->len;
}

void
as_byte(struct as *a, unsigned byte)
{
	if (a->len == sizeof(a->code))
		abort();
	a->code[a->len++] = byte;
}

static void
put_le(struct as *a, uint64_t v, int n)
{
	for (int i = 0; i < n; i++)
		as_byte(a, v >> 8 * i & 0xff);
}

static void
bytes2(struct as *a, unsigned b0, unsigned b1)
{
	as_byte(a, b0);
	as_byte(a, b1);
}

/* OPCODE with register operands: REG in the middle, RM at the end. */
static void
op_reg(struct as *a, unsigned opcode, unsigned reg, unsigned rm)
{
	as_byte(a, REX_W | (reg & 8 ? REX_R : 0) | (rm & 8 ? REX_B : 0));
	as_byte(a, opcode);
	as_byte(a, 0xc0 | (reg & 7) << 3 | (rm & 7));
}

/* OPCODE with REG and memory at BASE + DISP. */
static void
op_mem(struct as *a, unsigned opcode, unsigned reg, unsigned base, int32_t disp)
{
	as_byte(a, REX_W | (reg & 8 ? REX_R : 0) | (base & 8 ? REX_B : 0));
	as_byte(a, opcode);
	as_byte(a, 0x80 | (reg & 7) << 3 | (base & 7));
	if ((base & 7) == RSP)
		as_byte(a, 0x24);
	put_le(a, (uint32_t)disp, 4);
}

void
as_nop(struct as *a)
{
	as_byte(a, 0x90);
}

void
as_int3(struct as *a)
{
	as_byte(a, 0xcc);
}

void
as_ud2(struct as *a)
{
	bytes2(a, 0x0f, 0x0b);
}

void
as_hlt(struct as *a)
{
	as_byte(a, 0xf4);
}

void
as_syscall(struct as *a)
{
	bytes2(a, 0x0f, 0x05);
}

void
as_ret(struct as *a)
{
	as_byte(a, 0xc3);
}

void
as_pushf(struct as *a)
{
	as_byte(a, 0x9c);
}

void
as_popf(struct as *a)
{
	as_byte(a, 0x9d);
}

void
as_fld1(struct as *a)
{
	bytes2(a, 0xd9, 0xe8);
}

void
as_fldpi(struct as *a)
{
	bytes2(a, 0xd9, 0xeb);
}

void
as_push(struct as *a, enum as_reg r)
{
	if (r & 8)
		as_byte(a, 0x41);
	as_byte(a, 0x50 | (r & 7));
}

void
as_pop(struct as *a, enum as_reg r)
{
	if (r & 8)
		as_byte(a, 0x41);
	as_byte(a, 0x58 | (r & 7));
}

void
as_inc(struct as *a, enum as_reg r)
{
	op_reg(a, 0xff, 0, r);
}

void
as_dec(struct as *a, enum as_reg r)
{
	op_reg(a, 0xff, 1, r);
}

void
as_jmp_reg(struct as *a, enum as_reg r)
{
	op_reg(a, 0xff, 4, r);
}

void
as_movq_xmm(struct as *a, unsigned xmm, enum as_reg r)
{
	as_byte(a, 0x66);
	as_byte(a, REX_W | (xmm & 8 ? REX_R : 0) | (r & 8 ? REX_B : 0));
	bytes2(a, 0x0f, 0x6e);
	as_byte(a, 0xc0 | (xmm & 7) << 3 | (r & 7));
}

void
as_mov(struct as *a, enum as_reg r, uint64_t v)
{
	as_byte(a, REX_W | (r & 8 ? REX_B : 0));
	as_byte(a, 0xb8 | (r & 7));
	put_le(a, v, 8);
}

void
as_mov_reg(struct as *a, enum as_reg dst, enum as_reg src)
{
	op_reg(a, 0x89, src, dst);
}

void
as_load(struct as *a, enum as_reg dst, enum as_reg base, int32_t disp)
{
	op_mem(a, 0x8b, dst, base, disp);
}

void
as_store(struct as *a, enum as_reg base, int32_t disp, enum as_reg src)
{
	op_mem(a, 0x89, src, base, disp);
}

void
as_add(struct as *a, enum as_reg r, int8_t v)
{
	op_reg(a, 0x83, 0, r);
	as_byte(a, (uint8_t)v);
}

void
as_cmp(struct as *a, enum as_reg r, int8_t v)
{
	op_reg(a, 0x83, 7, r);
	as_byte(a, (uint8_t)v);
}

void
as_add_reg(struct as *a, enum as_reg dst, enum as_reg src)
{
	op_reg(a, 0x01, src, dst);
}

/* The last four bytes are a displacement: to TARGET, or open. */
static size_t
displacement(struct as *a, uint64_t target)
{
	uint64_t rel = target ? target - (as_here(a) + 4) : 0;

	put_le(a, rel, 4);
	return a->len;
}

size_t
as_jmp(struct as *a, uint64_t target)
{
	as_byte(a, 0xe9);
	return displacement(a, target);
}

size_t
as_jz(struct as *a, uint64_t target)
{
	bytes2(a, 0x0f, 0x84);
	return displacement(a, target);
}

size_t
as_jnz(struct as *a, uint64_t target)
{
	bytes2(a, 0x0f, 0x85);
	return displacement(a, target);
}

size_t
as_call(struct as *a, uint64_t target)
{
	as_byte(a, 0xe8);
	return displacement(a, target);
}

void
as_land(struct as *a, size_t at)
{
	uint32_t rel = a->len - at;

	for (int i = 0; i < 4; i++)
		a->code[at - 4 + i] = rel >> 8 * i & 0xff;
}

void
as_sys_regs(struct as *a, uint64_t nr)
{
	as_mov(a, RAX, nr);
	as_syscall(a);
}

void
as_sys_words(struct as *a, const uint64_t *words, size_t n)
{
	static const enum as_reg arg[] = {RDI, RSI, RDX, R10, R8, R9};

	for (size_t i = 1; i < n; i++)
		as_mov(a, arg[i - 1], words[i]);
	as_sys_regs(a, words[0]);
}
