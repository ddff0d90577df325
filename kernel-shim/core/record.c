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

#include <kshim/fpu.h>
#include <kshim/regs.h>

#define FIRST_EVEN 2 /* 0 is the end */

/* What structures are copied by. */
typedef uint64_t __attribute__((may_alias)) any_word;

struct proc_stop *
ks_record_ref(struct ks_machine *m, struct proc_stop *r)
{
	m->ops->frame_ref(m, ks_shown_frame(m, r));
	return r;
}

void
ks_record_put(struct ks_machine *m, struct proc_stop *r)
{
	m->ops->frame_put(m, ks_shown_frame(m, r));
}

/*
 * From odd to even: readers turn away. From even to odd: all is written. The
 * count is T's own: in its page the tracer may write.
 */
static void
next_sequence(struct ks_thread *t, int order)
{
	__atomic_store_n(&t->record->sequence, ++t->sequence, order);
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

/* The registers and what follows from them. T's sequence is even. */
static void
write_registers(struct ks_thread *t)
{
	struct proc_stop *r = t->record;
	struct proc_syscall call;
	struct ks_regs regs;

	_Static_assert(sizeof(regs) == sizeof(r->regs), "ks_regs_to_user()");
	t->m->ops->regs_get(t->m, t, &regs);
	ks_call_get(t, &regs, &call);
	store(&r->regs, &regs, sizeof(regs));
	store(&r->call, &call, sizeof(call));
}

/* What is made up only when somebody asks is not there before that. */
static uint64_t
write_info(struct ks_thread *t)
{
	if (!t->has_info)
		return 0;
	if (t->info_due)
		return PROC_TAKES_INFO;
	store(&t->record->info, &t->info, sizeof(t->info));
	return PROC_TAKES_INFO | PROC_HAS_INFO;
}

static uint64_t
write_rusage(struct ks_thread *t)
{
	struct proc_rusage ru;

	/* What others add to while T is stopped is not to be had here. */
	if (!t->m->ops->rusage_get(t->m, t, &ru))
		return 0;
	store(&t->record->rusage, &ru, sizeof(ru));
	return PROC_HAS_RUSAGE;
}

static uint64_t
write_floats(struct ks_thread *t)
{
	union {
		unsigned char image[KS_REDOX_FP_SIZE];
		any_word align;
	} floats;
	struct ks_fpu fpu;

	if (t->m->ops->fpu_get(t->m, t, &fpu) ||
	    ks_fpu_get_redox(&fpu, floats.image))
		return 0;
	store(&t->record->floats, &floats, sizeof(floats));
	return PROC_HAS_FLOATS;
}

/* Always: a debugger that takes its breakpoints back looks at each thread's. */
static void
write_debug(struct ks_thread *t)
{
	struct proc_debug_regs wire;
	struct ks_debugregs debug;

	t->m->ops->debug_get(t->m, t, &debug);
	ks_debug_to_wire(&debug, &wire);
	store(&t->record->debug, &wire, sizeof(wire));
}

/* All of T's record. T's sequence is even, and odd after it. */
static void
write_stop(struct ks_thread *t)
{
	const uint64_t wants = ks_edit_wants(t->record);
	uint64_t mask = t->m->ops->sigmask_get(t->m, t);
	uint64_t has = write_info(t) | PROC_HAS_DEBUG;

	write_registers(t);
	write_debug(t);
	store(&t->record->sigmask, &mask, sizeof(mask));
	if (wants & PROC_HAS_RUSAGE)
		has |= write_rusage(t);
	if (wants & PROC_HAS_FLOATS)
		has |= write_floats(t);
	t->recorded = has;
	store(&t->record->has, &has, sizeof(has));
	next_sequence(t, __ATOMIC_RELEASE);
}

int
ks_shown_alloc(struct ks_machine *m, void **out)
{
	ks_paddr_t pa;
	int err;

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
	*out = m->direct_base + pa.v;
	memset(*out, 0, KS_PAGE_SIZE);
	return 0;
}

ks_paddr_t
ks_shown_frame(struct ks_machine *m, const void *page)
{
	return ks_paddr(
	    (uint64_t)((const unsigned char *)page - m->direct_base));
}

int
ks_record_need(struct ks_thread *t)
{
	void *page;
	int err;

	if (t->record)
		return 0;
	err = ks_shown_alloc(t->m, &page);
	if (err)
		return err;
	t->record = page;
	t->record->sequence = t->sequence = FIRST_EVEN;
	if (t->at_rest)
		write_stop(t);
	return 0;
}

void
ks_record_rest(struct ks_thread *t)
{
	if (t->state != KS_STOPPED || t->at_rest)
		return;
	t->at_rest = true;
	if (t->record)
		write_stop(t);
}

/*
 * The sequence becomes even first, and the tracer looks at it last: either it
 * sees that it came too late, or what it has written is seen here.
 */
static void
close_stop(struct ks_thread *t)
{
	next_sequence(t, __ATOMIC_SEQ_CST);
	ks_edit_take(t, t->sequence - 1);
}

/* What another thread of the tracer has left there meanwhile is not lost. */
void
ks_record_set(struct ks_thread *t)
{
	if (!t->record || !t->at_rest)
		return;
	close_stop(t);
	write_stop(t);
}

void
ks_record_asked(struct ks_thread *t, uint64_t what)
{
	if (t->record && t->at_rest && !(t->recorded & what) &&
	    (ks_edit_wants(t->record) & what))
		ks_record_set(t);
}

void
ks_record_settle(struct ks_thread *t)
{
	if (t->record && t->at_rest && ks_edit_is_of(t->record, t->sequence))
		ks_record_set(t);
}

void
ks_record_run(struct ks_thread *t)
{
	if (t->record && t->at_rest)
		close_stop(t);
	t->at_rest = false;
}

void
ks_record_end(struct ks_thread *t)
{
	if (!t->record)
		return;
	if (t->at_rest)
		close_stop(t);
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
