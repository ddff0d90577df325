/* SPDX-License-Identifier: MIT */
/*
 * The record of a stop: a page that the tracer maps, in which it finds whether
 * the tracee is in a stop, and the registers, without a system call. It is a
 * sequence lock whose writer is the kernel; an even sequence says that the
 * tracee runs too, so that a reader looks at one word for both.
 *
 * The page lives as long as somebody maps it. When the session ends it says so
 * and is never written again: the next session has another.
 */
#include "mem.h"
#include "session.h"

#include <kshim/regs.h>

#define FIRST_EVEN 2 /* 0 is the end */

/* What structures are copied by. */
typedef uint64_t __attribute__((may_alias)) any_word;

ks_paddr_t
ks_record_frame(struct ks_machine *m, const struct proc_stop *r)
{
	return ks_paddr((uint64_t)((const unsigned char *)r - m->direct_base));
}

struct proc_stop *
ks_record_ref(struct ks_machine *m, struct proc_stop *r)
{
	m->ops->frame_ref(m, ks_record_frame(m, r));
	return r;
}

void
ks_record_put(struct ks_machine *m, struct proc_stop *r)
{
	m->ops->frame_put(m, ks_record_frame(m, r));
}

/* From odd to even: readers turn away. From even to odd: all is written. */
static void
next_sequence(struct proc_stop *r)
{
	__atomic_store_n(&r->sequence, r->sequence + 1, __ATOMIC_RELEASE);
}

static inline void
store_word(any_word *to, any_word word)
{
	__atomic_store_n(to, word, __ATOMIC_RELEASE);
}

/*
 * Words with release, so that who sees one sees the sequence that was before
 * it, or a later one. Every stop does this: four at a time.
 */
static void
store(void *to, const void *from, size_t bytes)
{
	const any_word *word = from;
	size_t n = bytes / sizeof(*word);
	any_word *at = to;

	for (; n >= 4; n -= 4, at += 4, word += 4) {
		store_word(&at[0], word[0]);
		store_word(&at[1], word[1]);
		store_word(&at[2], word[2]);
		store_word(&at[3], word[3]);
	}
	for (; n > 0; n--)
		store_word(at++, *word++);
}

/* The registers and what follows from them. R is of an even sequence. */
static void
write_registers(struct ks_thread *t, struct proc_stop *r)
{
	struct proc_syscall call;
	struct ks_regs regs;

	_Static_assert(sizeof(regs) == sizeof(r->regs), "ks_regs_to_user()");
	t->m->ops->regs_get(t->m, t, &regs);
	ks_call_get(t, &regs, &call);
	store(&r->regs, &regs, sizeof(regs));
	store(&r->call, &call, sizeof(call));
}

/* What is made up only when somebody asks is not there before that. */
static void
write_info(struct ks_thread *t, struct proc_stop *r)
{
	const uint64_t has = t->has_info && t->info.signo;

	store(&r->has_info, &has, sizeof(has));
	if (has)
		store(&r->info, &t->info, sizeof(t->info));
}

static void
write_stop(struct ks_thread *t, struct proc_stop *r)
{
	write_registers(t, r);
	write_info(t, r);
	next_sequence(r);
}

int
ks_record_need(struct ks_thread *t)
{
	struct ks_machine *m = t->m;
	struct proc_stop *r;
	ks_paddr_t pa;
	int err;

	if (t->record)
		return 0;
	if (!m->direct_size)
		return -ENODEV;
	err = m->ops->frame_alloc(m, &pa);
	if (err)
		return err;
	/* It is written when nothing may fail: no window will do. */
	if (pa.v >= m->direct_size) {
		m->ops->frame_put(m, pa);
		return -ENODEV;
	}
	r = (struct proc_stop *)(void *)(m->direct_base + pa.v);
	memset(r, 0, sizeof(*r));
	r->sequence = FIRST_EVEN;
	if (t->at_rest)
		write_stop(t, r);
	t->record = r;
	return 0;
}

void
ks_record_rest(struct ks_thread *t)
{
	if (t->state != KS_STOPPED || t->at_rest)
		return;
	t->at_rest = true;
	if (t->record)
		write_stop(t, t->record);
}

void
ks_record_set(struct ks_thread *t, bool info)
{
	struct proc_stop *r = t->record;

	if (!r || !t->at_rest)
		return;
	next_sequence(r);
	if (info)
		write_info(t, r);
	else
		write_registers(t, r);
	next_sequence(r);
}

void
ks_record_run(struct ks_thread *t)
{
	if (t->record && t->at_rest)
		next_sequence(t->record);
	t->at_rest = false;
}

void
ks_record_end(struct ks_thread *t)
{
	if (!t->record)
		return;
	__atomic_store_n(&t->record->sequence, 0, __ATOMIC_SEQ_CST);
	ks_record_put(t->m, t->record);
	t->record = NULL;
}

void
ks_record_change(struct proc_stop *r, bool lost)
{
	if (lost)
		__atomic_fetch_add(&r->lost, 1, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&r->generation, 1, __ATOMIC_SEQ_CST);
}
