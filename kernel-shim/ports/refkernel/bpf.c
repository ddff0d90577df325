/* SPDX-License-Identifier: MIT */
#include "bpf.h"

#include "string.h"

#define MEM_WORDS 16

/* Instruction codes: class, size or operation, mode or source. */
enum {
	LD_W_ABS = 0x20,
	LD_IMM = 0x00,
	LD_MEM = 0x60,
	LD_LEN = 0x80,
	LDX_IMM = 0x01,
	LDX_MEM = 0x61,
	LDX_LEN = 0x81,
	ST = 0x02,
	STX = 0x03,
	ALU = 0x04,
	JMP = 0x05,
	RET_K = 0x06,
	RET_A = 0x16,
	TAX = 0x07,
	TXA = 0x87,
};

#define CLASS(code) ((code)&7)
#define OP(code)    ((code)&0xf0)
#define SRC_X	    0x08

enum {
	OP_ADD = 0x00,
	OP_SUB = 0x10,
	OP_MUL = 0x20,
	OP_DIV = 0x30,
	OP_OR = 0x40,
	OP_AND = 0x50,
	OP_LSH = 0x60,
	OP_RSH = 0x70,
	OP_NEG = 0x80,
	OP_XOR = 0xa0,
	OP_JA = 0x00,
	OP_JEQ = 0x10,
	OP_JGT = 0x20,
	OP_JGE = 0x30,
	OP_JSET = 0x40,
};

static bool
check_alu(const struct bpf_insn *i)
{
	switch (OP(i->code)) {
	case OP_DIV:
		return (i->code & SRC_X) || i->k != 0;
	case OP_LSH:
	case OP_RSH:
		return (i->code & SRC_X) || i->k < 32;
	case OP_NEG:
		return !(i->code & SRC_X);
	case OP_ADD:
	case OP_SUB:
	case OP_MUL:
	case OP_OR:
	case OP_AND:
	case OP_XOR:
		return true;
	default:
		return false;
	}
}

/* LEFT instructions follow. */
static bool
check_jump(const struct bpf_insn *i, size_t left)
{
	switch (OP(i->code)) {
	case OP_JA:
		return !(i->code & SRC_X) && i->k < left;
	case OP_JEQ:
	case OP_JGT:
	case OP_JGE:
	case OP_JSET:
		return i->jt < left && i->jf < left;
	default:
		return false;
	}
}

static bool
check_insn(const struct bpf_insn *i, size_t left, size_t size)
{
	if (i->code > 0xff)
		return false;
	if (CLASS(i->code) == ALU)
		return check_alu(i);
	if (CLASS(i->code) == JMP)
		return check_jump(i, left);
	switch (i->code) {
	case LD_W_ABS:
		return i->k % 4 == 0 && i->k < size;
	case LD_MEM:
	case LDX_MEM:
	case ST:
	case STX:
		return i->k < MEM_WORDS;
	case LD_IMM:
	case LDX_IMM:
	case LD_LEN:
	case LDX_LEN:
	case RET_K:
	case RET_A:
	case TAX:
	case TXA:
		return true;
	default:
		return false;
	}
}

bool
bpf_check(const struct bpf_insn *p, size_t n, size_t size)
{
	size_t i;

	if (n == 0 || n > BPF_MAXINSNS)
		return false;
	for (i = 0; i < n; i++)
		if (!check_insn(&p[i], n - i - 1, size))
			return false;
	return p[n - 1].code == RET_K || p[n - 1].code == RET_A;
}

static uint32_t
alu(unsigned op, uint32_t a, uint32_t b)
{
	switch (op) {
	case OP_ADD:
		return a + b;
	case OP_SUB:
		return a - b;
	case OP_MUL:
		return a * b;
	case OP_DIV:
		return a / b;
	case OP_OR:
		return a | b;
	case OP_AND:
		return a & b;
	case OP_LSH:
		return b < 32 ? a << b : 0;
	case OP_RSH:
		return b < 32 ? a >> b : 0;
	case OP_XOR:
		return a ^ b;
	default:
		return -a;
	}
}

static uint32_t
jump(const struct bpf_insn *i, uint32_t a, uint32_t b)
{
	bool yes;

	switch (OP(i->code)) {
	case OP_JA:
		return i->k;
	case OP_JEQ:
		yes = a == b;
		break;
	case OP_JGT:
		yes = a > b;
		break;
	case OP_JGE:
		yes = a >= b;
		break;
	default:
		yes = a & b;
		break;
	}
	return yes ? i->jt : i->jf;
}

/* The length that LD LEN gives: that of seccomp's data. */
#define DATA_LEN 64

/* What a load that does not look at the data gives. */
static uint32_t
load(const struct bpf_insn *i, const uint32_t *mem)
{
	switch (i->code) {
	case LD_MEM:
	case LDX_MEM:
		return mem[i->k];
	case LD_LEN:
	case LDX_LEN:
		return DATA_LEN;
	default:
		return i->k;
	}
}

bool
bpf_run(const struct bpf_insn *i, const void *data, size_t known, uint32_t *out)
{
	uint32_t a = 0, x = 0, mem[MEM_WORDS] = {0}, b;

	*out = 0;
	for (;; i++) {
		b = i->code & SRC_X ? x : i->k;
		switch (CLASS(i->code)) {
		case ALU:
			if (OP(i->code) == OP_DIV && b == 0)
				return true;
			a = alu(OP(i->code), a, b);
			continue;
		case JMP:
			i += jump(i, a, b);
			continue;
		}
		switch (i->code) {
		case LD_W_ABS:
			if (i->k >= known)
				return false;
			memcpy(&a, (const char *)data + i->k, sizeof(a));
			break;
		case LD_IMM:
		case LD_MEM:
		case LD_LEN:
			a = load(i, mem);
			break;
		case LDX_IMM:
		case LDX_MEM:
		case LDX_LEN:
			x = load(i, mem);
			break;
		case ST:
			mem[i->k] = a;
			break;
		case STX:
			mem[i->k] = x;
			break;
		case TAX:
			x = a;
			break;
		case TXA:
			a = x;
			break;
		default:
			*out = i->code == RET_K ? i->k : a;
			return true;
		}
	}
}
