/* SPDX-License-Identifier: MIT */
#include <kshim/regs.h>

/* DR6 (SDM volume 3, 17.2.3): all other bits read as in KS_DR6_INIT. */
#define DR6_STEP UINT64_C(0x4000)

/* DR7 (17.2.4): per slot two bits that enable and four of type and length. */
#define DR7_FIXED UINT64_C(0x400)

enum {
	TYPE_EXEC = 0,
	TYPE_WRITE = 1,
	TYPE_IO = 2,
	TYPE_ACCESS = 3,
};

static bool
enabled(uint64_t dr7, unsigned slot)
{
	return dr7 >> 2 * slot & 3;
}

static unsigned
kind_of(uint64_t dr7, unsigned slot)
{
	return dr7 >> (16 + 4 * slot) & 15;
}

/* Bytes that a breakpoint covers: LEN is encoded 0, 1, 3 for 1, 2, 4. */
static uint64_t
length(unsigned kind)
{
	static const unsigned char lengths[4] = {1, 2, 8, 4};

	return lengths[kind >> 2 & 3];
}

/* -EINVAL if KIND of breakpoint cannot be at ADDR. */
static int
check(uint64_t addr, unsigned kind, uint64_t limit)
{
	unsigned type = kind & 3;
	uint64_t len = length(kind);

	if (type == TYPE_IO || (type == TYPE_EXEC && len != 1))
		return -EINVAL;
	/* An aligned one that begins below a page's end ends there too. */
	return addr >= limit || addr & (len - 1) ? -EINVAL : 0;
}

void
ks_debug_to_wire(const struct ks_debugregs *d, struct proc_debug_regs *out)
{
	for (unsigned i = 0; i < 4; i++)
		out->dr[i] = d->addr[i];
	out->dr[4] = out->dr[5] = 0;
	out->dr[6] = d->dr6;
	out->dr[7] = d->dr7;
}

/*
 * Linux makes a breakpoint of a slot when its address is written or when DR7
 * enables it. From then on its type and length are those of the last DR7
 * written, enabled or not; before that DR7's bits for it are not looked at.
 */
static void
use_slots(struct ks_debugregs *d, const struct ks_debugregs *old)
{
	for (unsigned i = 0; i < 4; i++) {
		if (!d->kind[i] && d->addr[i] != old->addr[i])
			d->kind[i] = KS_DR_USED | TYPE_WRITE;
		if (d->dr7 == old->dr7)
			continue;
		if (d->kind[i] || enabled(d->dr7, i))
			d->kind[i] = (uint8_t)(KS_DR_USED | kind_of(d->dr7, i));
	}
}

int
ks_debug_from_wire(struct ks_debugregs *d, const struct proc_debug_regs *in,
		   uint64_t limit)
{
	struct ks_debugregs new = *d;
	unsigned i;
	int err;

	if (in->dr[4] || in->dr[5])
		return -EIO;
	for (i = 0; i < 4; i++)
		new.addr[i] = in->dr[i];
	new.dr6 = in->dr[6];
	new.dr7 = in->dr[7];
	use_slots(&new, d);
	for (i = 0; i < 4; i++) {
		err = new.kind[i] ? check(new.addr[i], new.kind[i], limit) : 0;
		if (err)
			return err;
	}
	*d = new;
	return 0;
}

uint64_t
ks_debug_hw_dr7(const struct ks_debugregs *d)
{
	uint64_t dr7 = DR7_FIXED;

	/* The global bits: the local ones do not outlive a task switch. */
	for (unsigned i = 0; i < 4; i++)
		if (enabled(d->dr7, i))
			dr7 |= UINT64_C(2) << 2 * i |
			       (uint64_t)kind_of(d->dr7, i) << (16 + 4 * i);
	return dr7;
}

int
ks_debug_trap(struct ks_debugregs *d, uint64_t hw_dr6)
{
	uint64_t seen = 0;

	/* The processor reports matches of disabled slots too (17.2.3). */
	for (unsigned i = 0; i < 4; i++)
		if (enabled(d->dr7, i))
			seen |= hw_dr6 & UINT64_C(1) << i;
	/* As Linux, which takes them for noise after a single step. */
	if (hw_dr6 & DR6_STEP)
		seen = DR6_STEP;
	d->dr6 = KS_DR6_INIT | seen;
	if (seen & DR6_STEP)
		return 2;
	return seen ? 4 : 0;
}
