/* SPDX-License-Identifier: MIT */
/*
 * The processor: the instructions of asm.h, TF, debug registers. An
 * instruction works on a copy of the registers, so that a fault leaves no
 * trace.
 */
#include <string.h>

#include "sim_int.h"

enum { OP_ADD = 0, OP_SUB = 5, OP_XOR = 6, OP_CMP = 7 };

/* One instruction in execution. */
struct insn {
	struct sim_thread *t;
	struct ks_regs r;
	unsigned rex;
	bool branched;
	uint64_t watch[2]; /* data accessed: address, length */
	bool wrote;
	enum sim_trap trap;
};

/* The register that instructions call N. */
static uint64_t *
reg(struct ks_regs *r, unsigned n)
{
	uint64_t *const all[16] = {
	    &r->rax, &r->rcx, &r->rdx, &r->rbx, &r->rsp, &r->rbp,
	    &r->rsi, &r->rdi, &r->r8,  &r->r9,	&r->r10, &r->r11,
	    &r->r12, &r->r13, &r->r14, &r->r15,
	};

	return all[n & 15];
}

/* The next LEN bytes of code as a little-endian number. */
static uint64_t
fetch(struct insn *in, unsigned len)
{
	unsigned char b[8];
	uint64_t v = 0;

	if (in->trap)
		return 0;
	if (sim_load(in->t, in->r.rip, b, len, KS_EXEC)) {
		in->trap = SIM_TRAP_FETCH;
		return 0;
	}
	in->r.rip += len;
	for (unsigned i = len; i--;)
		v = v << 8 | b[i];
	return v;
}

static int64_t
fetch_signed(struct insn *in, unsigned len)
{
	unsigned unused = 64 - 8 * len;

	return (int64_t)(fetch(in, len) << unused) >> unused;
}

static uint64_t
load(struct insn *in, uint64_t va)
{
	uint64_t v = 0;

	if (!in->trap && sim_load(in->t, va, &v, 8, KS_READ))
		in->trap = SIM_TRAP_LOAD;
	in->watch[0] = va;
	in->watch[1] = 8;
	return v;
}

static void
store(struct insn *in, uint64_t va, uint64_t v)
{
	if (!in->trap && sim_store(in->t, va, &v, 8))
		in->trap = SIM_TRAP_STORE;
	in->watch[0] = va;
	in->watch[1] = 8;
	in->wrote = true;
}

static void
push(struct insn *in, uint64_t v)
{
	store(in, in->r.rsp - 8, v);
	in->r.rsp -= 8;
}

static uint64_t
pop(struct insn *in)
{
	uint64_t v = load(in, in->r.rsp);

	in->r.rsp += 8;
	return v;
}

static void
set_flags(struct insn *in, uint64_t v)
{
	in->r.rflags &= ~(RFLAGS_ZF | RFLAGS_SF);
	in->r.rflags |= v ? 0 : RFLAGS_ZF;
	in->r.rflags |= v >> 63 ? RFLAGS_SF : 0;
}

static void
jump(struct insn *in, bool taken, int64_t rel)
{
	if (in->trap || !taken)
		return;
	in->r.rip += rel;
	in->branched = true;
}

/* Condition CC of jcc: those of ZF and SF. */
static bool
condition(struct insn *in, unsigned cc)
{
	bool set;

	switch (cc >> 1) {
	case 2:
		set = in->r.rflags & RFLAGS_ZF;
		break;
	case 4:
		set = in->r.rflags & RFLAGS_SF;
		break;
	default:
		in->trap = SIM_TRAP_UD;
		return false;
	}
	return set != (cc & 1);
}

static void
alu(struct insn *in, unsigned op, uint64_t *dst, uint64_t v)
{
	uint64_t res = *dst;

	switch (op) {
	case OP_ADD:
		res += v;
		break;
	case OP_SUB:
	case OP_CMP:
		res -= v;
		break;
	case OP_XOR:
		res ^= v;
		break;
	default:
		in->trap = SIM_TRAP_UD;
		return;
	}
	set_flags(in, res);
	if (op != OP_CMP)
		*dst = res;
}

/* mov between a register and [base + disp32]. */
static void
mov_memory(struct insn *in, unsigned op, unsigned modrm)
{
	unsigned base = (modrm & 7) | (in->rex & 1 ? 8 : 0);
	uint64_t *r = reg(&in->r, (modrm >> 3 & 7) | (in->rex & 4 ? 8 : 0));
	uint64_t va;

	if (modrm >> 6 != 2) {
		in->trap = SIM_TRAP_UD;
		return;
	}
	if ((modrm & 7) == 4 && fetch(in, 1) != 0x24) {
		in->trap = in->trap ? in->trap : SIM_TRAP_UD;
		return;
	}
	va = *reg(&in->r, base) + fetch_signed(in, 4);
	if (op == 0x89)
		store(in, va, *r);
	else
		*r = load(in, va);
}

/* Instructions with a REX.W prefix. */
static void
wide(struct insn *in)
{
	unsigned op = fetch(in, 1), modrm, mid;
	uint64_t *rm, *r;

	if (op >= 0xb8 && op <= 0xbf) {
		*reg(&in->r, (op & 7) | (in->rex & 1 ? 8 : 0)) = fetch(in, 8);
		return;
	}
	modrm = fetch(in, 1);
	mid = modrm >> 3 & 7;
	if ((op == 0x89 || op == 0x8b) && modrm >> 6 != 3) {
		mov_memory(in, op, modrm);
		return;
	}
	if (modrm >> 6 != 3 && !in->trap)
		in->trap = SIM_TRAP_UD;
	rm = reg(&in->r, (modrm & 7) | (in->rex & 1 ? 8 : 0));
	r = reg(&in->r, mid | (in->rex & 4 ? 8 : 0));
	if (in->trap)
		return;
	if (op == 0x89)
		*rm = *r;
	else if (op == 0x83)
		alu(in, mid, rm, fetch_signed(in, 1));
	else if (op == 0xff && mid < 2)
		alu(in, mid ? OP_SUB : OP_ADD, rm, 1);
	else if (op == 0xff && mid == 4)
		jump(in, true, *rm - in->r.rip);
	else if ((op & 7) == 1 && op < 0x40)
		alu(in, op >> 3, rm, *r);
	else
		in->trap = SIM_TRAP_UD;
}

static void
x87(struct insn *in)
{
	static const unsigned char one[10] = {[7] = 0x80, [8] = 0xff, 0x3f};
	static const unsigned char pi[10] = {0x35, 0xc2, 0x68, 0x21, 0xa2,
					     0xda, 0x0f, 0xc9, 0x00, 0x40};
	static const unsigned char zero[10];
	unsigned op = fetch(in, 1);

	if (in->trap)
		return;
	if (op == 0xe8)
		sim_x87_push(in->t, one);
	else if (op == 0xeb)
		sim_x87_push(in->t, pi);
	else if (op == 0xee)
		sim_x87_push(in->t, zero);
	else
		in->trap = SIM_TRAP_UD;
}

/* movq xmm, r: 66 REX.W 0f 6e. */
static void
movq(struct insn *in)
{
	unsigned modrm;

	in->rex = fetch(in, 1);
	if (fetch(in, 2) != 0x6e0f || !(in->rex & 8)) {
		in->trap = in->trap ? in->trap : SIM_TRAP_UD;
		return;
	}
	modrm = fetch(in, 1);
	if (!in->trap)
		sim_xmm_set(in->t, (modrm >> 3 & 7) | (in->rex & 4 ? 8 : 0),
			    *reg(&in->r, (modrm & 7) | (in->rex & 1 ? 8 : 0)));
}

/* Instructions that begin with 0f. */
static void
two_bytes(struct insn *in)
{
	unsigned op = fetch(in, 1);

	if (in->trap)
		return;
	if (op == 0x05) {
		in->trap = SIM_TRAP_SYSCALL;
		return;
	}
	if (op >> 4 == 8) {
		int64_t rel = fetch_signed(in, 4);

		jump(in, condition(in, op & 15), rel);
		return;
	}
	in->trap = SIM_TRAP_UD;
}

static void
popf(struct insn *in)
{
	/* CF PF AF ZF SF TF DF OF; RF is cleared */
	const uint64_t may = 0xdd5;
	uint64_t v = pop(in);

	in->r.rflags = (in->r.rflags & ~may) | (v & may);
}

static void
call(struct insn *in)
{
	int64_t rel = fetch_signed(in, 4);

	push(in, in->r.rip);
	jump(in, true, rel);
}

static void
ret(struct insn *in)
{
	uint64_t to = pop(in);

	jump(in, true, to - in->r.rip);
}

static void
execute(struct insn *in)
{
	unsigned op = fetch(in, 1);
	unsigned high = 0;

	if (in->trap)
		return;
	if (op == 0x41) {
		high = 8;
		op = fetch(in, 1);
	} else if (op >> 3 == 9) {
		in->rex = op;
		wide(in);
		return;
	}
	if (op >= 0x50 && op <= 0x57)
		push(in, *reg(&in->r, (op & 7) | high));
	else if (op >= 0x58 && op <= 0x5f)
		*reg(&in->r, (op & 7) | high) = pop(in);
	else if (op >> 4 == 7) {
		int64_t rel = fetch_signed(in, 1);

		jump(in, condition(in, op & 15), rel);
	} else if (op == 0x0f)
		two_bytes(in);
	else if (op == 0x66)
		movq(in);
	else if (op == 0x9c)
		push(in, in->r.rflags & ~RFLAGS_RF);
	else if (op == 0x9d)
		popf(in);
	else if (op == 0xc3)
		ret(in);
	else if (op == 0xcc)
		in->trap = SIM_TRAP_INT3;
	else if (op == 0xd9)
		x87(in);
	else if (op == 0xe8)
		call(in);
	else if (op == 0xe9)
		jump(in, true, fetch_signed(in, 4));
	else if (op == 0xeb)
		jump(in, true, fetch_signed(in, 1));
	else if (op == 0xf4)
		in->trap = SIM_TRAP_GP;
	else if (op != 0x90)
		in->trap = in->trap ? in->trap : SIM_TRAP_UD;
}

/*
 * The breakpoints that the access [VA, VA + LEN) of KIND (0 execution, 1 a
 * write, 3 a read) meets, as bits of DR6.
 */
static uint64_t
debug_hits(const struct sim_thread *t, uint64_t va, uint64_t len, unsigned kind)
{
	uint64_t hits = 0;

	for (unsigned i = 0; i < 4; i++) {
		unsigned rw = t->hw_dr7 >> (16 + 4 * i) & 3;
		unsigned code = t->hw_dr7 >> (18 + 4 * i) & 3;
		uint64_t size = code == 2 ? 8 : code + 1;
		uint64_t at = t->debug.addr[i];

		if (!(t->hw_dr7 >> 2 * i & 3))
			continue;
		if (kind == 0 ? rw != 0 : rw != 3 && !(rw == 1 && kind == 1))
			continue;
		if (at < va + len && va < at + size)
			hits |= UINT64_C(1) << i;
	}
	return hits;
}

/* One instruction of T. */
static enum sim_trap
step(struct sim_thread *t)
{
	struct insn in = {.t = t, .r = t->regs};
	bool tf = (t->regs.rflags & RFLAGS_TF) || t->step != KS_STEP_NONE;
	uint64_t dr6 = 0;

	if (t->hw_dr7 & 0xff && !(t->regs.rflags & RFLAGS_RF)) {
		t->hw_dr6 = debug_hits(t, t->regs.rip, 1, 0);
		if (t->hw_dr6)
			return SIM_TRAP_DEBUG;
	}
	in.r.rflags &= ~RFLAGS_RF;
	execute(&in);
	if (in.trap && in.trap != SIM_TRAP_SYSCALL && in.trap != SIM_TRAP_INT3)
		return in.trap;
	t->regs = in.r;
	if (in.trap)
		return in.trap;
	if (t->hw_dr7 & 0xff && in.watch[1])
		dr6 = debug_hits(t, in.watch[0], in.watch[1], in.wrote ? 1 : 3);
	if (tf && (t->step != KS_STEP_BLOCK || in.branched))
		dr6 |= UINT64_C(1) << 14;
	t->hw_dr6 = dr6;
	return dr6 ? SIM_TRAP_DEBUG : SIM_TRAP_NONE;
}

/* Run T for at most SLICE instructions or until it traps. */
enum sim_trap
sim_cpu_run(struct sim_thread *t, unsigned slice)
{
	for (unsigned i = 0; i < slice; i++) {
		enum sim_trap trap;

		t->s->clock++;
		t->ticks++;
		trap = step(t);
		if (trap)
			return trap;
	}
	return SIM_TRAP_NONE;
}
