/* SPDX-License-Identifier: MIT */
/*
 * A small assembler for programs of the simulated machine. The encodings are
 * x86_64's own, a subset:
 *
 *   nop int3 ud2 hlt syscall  mov r, imm64  mov r, r  mov r, [r + disp32]
 *   mov [r + disp32], r  add sub cmp xor (r, r)  add sub cmp (r, imm8)
 *   inc dec  push pop pushf popf  jmp rel8/rel32 jz jnz rel8/rel32  call ret
 *   jmp r  fld1 fldpi fldz  movq xmm, r
 */
#ifndef SIM_ASM_H
#define SIM_ASM_H

#include <stddef.h>
#include <stdint.h>

enum as_reg {
	RAX,
	RCX,
	RDX,
	RBX,
	RSP,
	RBP,
	RSI,
	RDI,
	R8,
	R9,
	R10,
	R11,
	R12,
	R13,
	R14,
	R15,
};

struct as {
	uint64_t base; /* where the code will be */
	size_t len;
	unsigned char code[4000];
};

void as_init(struct as *a, uint64_t base);
/* The address of the next instruction. */
uint64_t as_here(const struct as *a);
void as_byte(struct as *a, unsigned byte);

void as_nop(struct as *a);
void as_int3(struct as *a);
void as_ud2(struct as *a);
void as_hlt(struct as *a);
void as_syscall(struct as *a);
void as_ret(struct as *a);
void as_pushf(struct as *a);
void as_popf(struct as *a);
void as_fld1(struct as *a);
void as_fldpi(struct as *a);
void as_push(struct as *a, enum as_reg r);
void as_pop(struct as *a, enum as_reg r);
void as_inc(struct as *a, enum as_reg r);
void as_dec(struct as *a, enum as_reg r);
void as_jmp_reg(struct as *a, enum as_reg r);
void as_movq_xmm(struct as *a, unsigned xmm, enum as_reg r);

void as_mov(struct as *a, enum as_reg r, uint64_t v);
void as_mov_reg(struct as *a, enum as_reg dst, enum as_reg src);
void as_load(struct as *a, enum as_reg dst, enum as_reg base, int32_t disp);
void as_store(struct as *a, enum as_reg base, int32_t disp, enum as_reg src);
void as_add(struct as *a, enum as_reg r, int8_t v);
void as_cmp(struct as *a, enum as_reg r, int8_t v);
void as_add_reg(struct as *a, enum as_reg dst, enum as_reg src);

/* To TARGET; with TARGET 0 a place to fill in by as_land(). */
size_t as_jmp(struct as *a, uint64_t target);
size_t as_jz(struct as *a, uint64_t target);
size_t as_jnz(struct as *a, uint64_t target);
size_t as_call(struct as *a, uint64_t target);
/* Let the jump that returned AT go to the next instruction. */
void as_land(struct as *a, size_t at);

/* A system call: its number, then its arguments. */
#define as_sys(a, ...)                                                         \
	as_sys_words(a, (const uint64_t[]){__VA_ARGS__},                       \
		     sizeof((const uint64_t[]){__VA_ARGS__}) /                 \
			 sizeof(uint64_t))
void as_sys_words(struct as *a, const uint64_t *words, size_t n);
/* The same with the arguments as they stand in the registers. */
void as_sys_regs(struct as *a, uint64_t nr);

#endif
