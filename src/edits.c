/* SPDX-License-Identifier: MIT */
/*
 * Changes of a tracee that cost no system call: they are left in the record of
 * its stop, where the kernel finds them before it lets the tracee go on. Only
 * what can have no error is left there. The kernel writes `sequence` and then
 * looks for edits; here it is the other way round, so that one of the two sees
 * the other. All callers hold the lock of the library.
 */
#define _GNU_SOURCE
#include "maps.h"

#include <signal.h>
#include <string.h>

#define WORD(name) (offsetof(struct proc_user_regs, name) / sizeof(uint64_t))
#define BIT(name)  (UINT64_C(1) << WORD(name))

/* Registers that may have any value: the first 15, up to rdi, and these. */
#define FREE_WORDS ((BIT(orig_rax) - 1) | BIT(orig_rax) | BIT(rip) | BIT(rsp))

/* Signals that nobody blocks. */
#define NEVER (UINT64_C(1) << (SIGKILL - 1) | UINT64_C(1) << (SIGSTOP - 1))

#define NWORDS (sizeof(struct proc_user_regs) / sizeof(uint64_t))

/* S's edits, empty or of the stop that it is in; NULL: there can be none. */
static struct proc_edit *
begin(struct ptl_session *s, uint64_t *out_seq)
{
	struct proc_edit *e = s->maps ? s->maps->edit : NULL;
	uint64_t seq;

	if (!e)
		return NULL;
	seq = ptl_word_at(&s->maps->record->sequence);
	if (!(seq & 1))
		return NULL;
	if (e->at != seq) {
		e->what = e->words = 0;
		__atomic_store_n(&e->at, seq, __ATOMIC_RELEASE);
	}
	*out_seq = seq;
	return e;
}

/* The kernel shall find BITS in *WORD. False: it has looked already. */
static bool
end(struct ptl_session *s, uint64_t seq, uint64_t *word, uint64_t bits)
{
	__atomic_store_n(word, *word | bits, __ATOMIC_SEQ_CST);
	return __atomic_load_n(&s->maps->record->sequence, __ATOMIC_SEQ_CST) ==
	       seq;
}

bool
ptl_edit_regs(struct ptl_session *s, const struct proc_user_regs *regs)
{
	const ptl_word *new = (const ptl_word *)(const void *)regs;
	const ptl_word *old;
	uint64_t seq, bits = 0;
	struct proc_edit *e = begin(s, &seq);
	ptl_word *to;

	if (!e)
		return false;
	old = (const ptl_word *)(const void *)&s->maps->record->regs;
	for (unsigned i = 0; i < NWORDS; i++)
		if (new[i] != ptl_word_at(&old[i]))
			bits |= UINT64_C(1) << i;
	/* One that was changed before may change back. */
	bits |= e->words;
	if (bits & ~FREE_WORDS)
		return false;
	to = (ptl_word *)(void *)&e->regs;
	for (unsigned i = 0; i < NWORDS; i++)
		if (bits >> i & 1)
			to[i] = new[i];
	return end(s, seq, &e->words, bits);
}

bool
ptl_edit_reg(struct ptl_session *s, size_t off, uint64_t word)
{
	const uint64_t bit = UINT64_C(1) << off / sizeof(word);
	struct proc_edit *e;
	uint64_t seq;

	if (!(bit & FREE_WORDS))
		return false;
	e = begin(s, &seq);
	if (!e)
		return false;
	((ptl_word *)(void *)&e->regs)[off / sizeof(word)] = word;
	return end(s, seq, &e->words, bit);
}

bool
ptl_edit_info(struct ptl_session *s, const struct proc_siginfo *info)
{
	struct proc_edit *e;
	uint64_t seq;

	e = begin(s, &seq);
	if (!e || !(ptl_word_at(&s->maps->record->has) & PROC_TAKES_INFO))
		return false;
	memcpy(&e->info, info, sizeof(*info));
	return end(s, seq, &e->what, PROC_EDIT_INFO);
}

bool
ptl_edit_mask(struct ptl_session *s, uint64_t mask)
{
	struct proc_edit *e;
	uint64_t seq;

	e = begin(s, &seq);
	if (!e)
		return false;
	/* It reads back as the kernel will have it. */
	e->sigmask = mask & ~NEVER;
	return end(s, seq, &e->what, PROC_EDIT_SIGMASK);
}

bool
ptl_edit_floats(struct ptl_session *s, const struct proc_float_regs *f)
{
	const struct proc_stop *r;
	struct proc_edit *e;
	uint64_t seq;

	e = begin(s, &seq);
	if (!e)
		return false;
	/* The one error that there can be: reserved bits. */
	r = s->maps->record;
	if (ptl_maps_wanted(s, PROC_HAS_FLOATS) != seq ||
	    f->mxcsr & ~r->floats.mxcsr_mask)
		return false;
	memcpy(&e->floats, f, sizeof(*f));
	return end(s, seq, &e->what, PROC_EDIT_FLOATS);
}
