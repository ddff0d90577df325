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

/*
 * R is of an even sequence. Each word is stored with release, so that who
 * sees it sees that sequence, or a later one.
 */
static void
write_stop(struct ks_thread *t, struct proc_stop *r)
{
	const size_t first = offsetof(struct proc_stop, has_info);
	const uint64_t *from;
	struct proc_stop now;
	struct ks_regs regs;
	uint64_t *to;

	t->m->ops->regs_get(t->m, t, &regs);
	ks_regs_to_user(&regs, &now.regs);
	ks_call_get(t, &regs, &now.call);
	now.info = t->info;
	/* What is made up only when somebody asks is not there before that. */
	now.has_info = t->has_info && t->info.signo;
	from = (const uint64_t *)(const void *)&now;
	to = (uint64_t *)(void *)r;
	for (size_t i = first / 8; i < sizeof(now) / 8; i++)
		__atomic_store_n(&to[i], from[i], __ATOMIC_RELEASE);
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
ks_record_set(struct ks_thread *t)
{
	if (!t->record || !t->at_rest)
		return;
	next_sequence(t->record);
	write_stop(t, t->record);
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
