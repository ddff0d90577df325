/* SPDX-License-Identifier: MIT */
#include <kshim/regs.h>

#define REG(name) (offsetof(struct ks_regs, name) / sizeof(uint64_t))

/* What a tracer may do to a register. */
enum policy {
	FREE,	      /* any value; the kernel copes with a wild rip */
	USER_FLAGS,   /* the bits of FLAGS_USER; the others keep theirs */
	SELECTOR,     /* 16 bits: null, or of ring 3 */
	SELECTOR_SET, /* 16 bits: of ring 3 */
	BASE,	      /* a user address */
};

static const unsigned char policies[KS_NREGS] = {
    [REG(cs)] = SELECTOR_SET,	[REG(ss)] = SELECTOR_SET,
    [REG(ds)] = SELECTOR,	[REG(es)] = SELECTOR,
    [REG(fs)] = SELECTOR,	[REG(gs)] = SELECTOR,
    [REG(fs_base)] = BASE,	[REG(gs_base)] = BASE,
    [REG(rflags)] = USER_FLAGS,
};

/* CF PF AF ZF SF TF DF OF NT RF AC. */
#define FLAGS_USER UINT64_C(0x54dd5)

_Static_assert(FREE == 0, "what the table leaves out");
_Static_assert(sizeof(struct ks_regs) == sizeof(struct proc_user_regs) &&
		   REG(orig_rax) == 15 && REG(rip) == 16 && REG(gs) == 26,
	       "ks_regs is Linux's user_regs_struct");

static uint64_t *
word(struct ks_regs *r, unsigned reg)
{
	return (uint64_t *)(void *)r + reg;
}

int
ks_regs_check(unsigned reg, uint64_t v, uint64_t limit)
{
	uint16_t selector = (uint16_t)v;
	bool ring3 = (selector & 3) == 3;

	switch (policies[reg]) {
	case SELECTOR:
		return selector == 0 || ring3 ? 0 : -EIO;
	case SELECTOR_SET:
		return ring3 ? 0 : -EIO;
	case BASE:
		return v < limit ? 0 : -EIO;
	}
	return 0;
}

/* As ks_regs_poke(), V having been checked. */
static void
store(struct ks_regs *r, unsigned reg, uint64_t v)
{
	uint64_t *w = word(r, reg);

	switch (policies[reg]) {
	case SELECTOR:
	case SELECTOR_SET:
		v &= 0xffff;
		break;
	case USER_FLAGS:
		v = (*w & ~FLAGS_USER) | (v & FLAGS_USER);
		break;
	}
	*w = v;
}

int
ks_regs_poke(struct ks_regs *r, unsigned reg, uint64_t v, uint64_t limit)
{
	int err = ks_regs_check(reg, v, limit);

	if (!err)
		store(r, reg, v);
	return err;
}

int
ks_regs_from_words(struct ks_regs *r, unsigned first, const uint64_t *in,
		   unsigned n, uint64_t limit)
{
	const uint64_t *old = word(r, first);
	unsigned i;
	int err;

	for (i = 0; i < n; i++) {
		if (in[i] == old[i])
			continue;
		err = ks_regs_check(first + i, in[i], limit);
		if (err)
			return err;
	}
	for (i = 0; i < n; i++)
		if (in[i] != old[i])
			store(r, first + i, in[i]);
	return 0;
}

static int
replace(struct ks_regs *r, struct ks_regs *new, uint64_t limit)
{
	return ks_regs_from_words(r, 0, word(new, 0), KS_NREGS, limit);
}

/* The registers that each pair of structures has in common. */
#define COPY_INT(to, from)                                                     \
	do {                                                                   \
		(to)->r15 = (from)->r15, (to)->r14 = (from)->r14;              \
		(to)->r13 = (from)->r13, (to)->r12 = (from)->r12;              \
		(to)->rbp = (from)->rbp, (to)->rbx = (from)->rbx;              \
		(to)->r11 = (from)->r11, (to)->r10 = (from)->r10;              \
		(to)->r9 = (from)->r9, (to)->r8 = (from)->r8;                  \
		(to)->rax = (from)->rax, (to)->rcx = (from)->rcx;              \
		(to)->rdx = (from)->rdx, (to)->rsi = (from)->rsi;              \
		(to)->rdi = (from)->rdi, (to)->rip = (from)->rip;              \
		(to)->cs = (from)->cs, (to)->rflags = (from)->rflags;          \
		(to)->rsp = (from)->rsp, (to)->ss = (from)->ss;                \
	} while (0)

#define COPY_REST(to, from)                                                    \
	do {                                                                   \
		(to)->orig_rax = (from)->orig_rax;                             \
		(to)->fs_base = (from)->fs_base;                               \
		(to)->gs_base = (from)->gs_base;                               \
		(to)->ds = (from)->ds, (to)->es = (from)->es;                  \
		(to)->fs = (from)->fs, (to)->gs = (from)->gs;                  \
	} while (0)

void
ks_regs_to_user(const struct ks_regs *r, struct proc_user_regs *out)
{
	COPY_INT(out, r);
	COPY_REST(out, r);
}

int
ks_regs_from_user(struct ks_regs *r, const struct proc_user_regs *in,
		  uint64_t limit)
{
	struct ks_regs new;

	COPY_INT(&new, in);
	COPY_REST(&new, in);
	return replace(r, &new, limit);
}

void
ks_regs_to_int(const struct ks_regs *r, bool entry, struct proc_int_regs *out)
{
	COPY_INT(out, r);
	if (entry)
		out->rax = r->orig_rax;
}

int
ks_regs_from_int(struct ks_regs *r, bool entry, const struct proc_int_regs *in,
		 uint64_t limit)
{
	struct ks_regs new = *r;

	COPY_INT(&new, in);
	if (entry)
		new.orig_rax = in->rax;
	return replace(r, &new, limit);
}

void
ks_regs_to_env(const struct ks_regs *r, struct proc_env_regs *out)
{
	out->fsbase = r->fs_base;
	out->gsbase = r->gs_base;
}

int
ks_regs_from_env(struct ks_regs *r, const struct proc_env_regs *in,
		 uint64_t limit)
{
	struct ks_regs new = *r;

	new.fs_base = in->fsbase;
	new.gs_base = in->gsbase;
	return replace(r, &new, limit);
}
