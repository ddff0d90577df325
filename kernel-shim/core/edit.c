/* SPDX-License-Identifier: MIT */
/*
 * What a tracer has written into its part of the record of a stop. It may write
 * whatever it likes and whenever: each word is loaded once, and what is loaded
 * has to pass the checks that a write of the file does. Here there is nobody to
 * tell of an error: what does not pass has no effect.
 */
#include "mem.h"
#include "session.h"

#include <kshim/fpu.h>
#include <kshim/regs.h>

#define WANTED (PROC_HAS_RUSAGE | PROC_HAS_FLOATS)

/* What structures are copied by. */
typedef uint64_t __attribute__((may_alias)) any_word;

static struct proc_edit *
edit_of(const struct proc_stop *r)
{
	return (struct proc_edit *)(void *)((unsigned char *)r +
					    PROC_EDIT_OFFSET);
}

static inline uint64_t
load(const any_word *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void
load_words(void *to, const void *from, size_t bytes)
{
	const any_word *at = from;
	any_word *word = to;

	for (size_t n = bytes / sizeof(*word); n > 0; n--)
		*word++ = load(at++);
}

uint64_t
ks_edit_wants(const struct proc_stop *r)
{
	return load(&edit_of(r)->wants) & WANTED;
}

bool
ks_edit_is_of(const struct proc_stop *r, uint64_t sequence)
{
	return __atomic_load_n(&edit_of(r)->at, __ATOMIC_SEQ_CST) == sequence;
}

static void
take_registers(struct ks_thread *t, const struct proc_edit *e, uint64_t words)
{
	const any_word *from = (const any_word *)(const void *)&e->regs;
	const uint64_t limit = ks_task_size(t->m);
	struct ks_regs regs;

	t->m->ops->regs_get(t->m, t, &regs);
	for (unsigned i = 0; i < KS_NREGS; i++)
		if (words >> i & 1)
			ks_regs_poke(&regs, i, load(&from[i]), limit);
	t->m->ops->regs_set(t->m, t, &regs);
}

static void
take_floats(struct ks_thread *t, const struct proc_edit *e)
{
	union {
		unsigned char image[KS_REDOX_FP_SIZE];
		any_word align;
	} floats;
	struct ks_fpu fpu;

	load_words(&floats, &e->floats, sizeof(floats));
	if (!t->m->ops->fpu_get(t->m, t, &fpu) &&
	    !ks_fpu_set_redox(&fpu, floats.image))
		t->m->ops->fpu_changed(t->m, t);
}

void
ks_edit_take(struct ks_thread *t, uint64_t sequence)
{
	const struct proc_edit *e = edit_of(t->record);
	uint64_t what, words;

	if (!ks_edit_is_of(t->record, sequence))
		return;
	what = load(&e->what);
	words = load(&e->words);
	if (words)
		take_registers(t, e, words);
	if (what & PROC_EDIT_FLOATS)
		take_floats(t, e);
	if (what & PROC_EDIT_SIGMASK)
		t->m->ops->sigmask_set(t->m, t,
				       load(&e->sigmask) & ~KS_UNBLOCKED);
	if ((what & PROC_EDIT_INFO) && t->has_info) {
		load_words(&t->info, &e->info, sizeof(t->info));
		t->info_due = false;
	}
}
