/* SPDX-License-Identifier: MIT */
/* The record of a tracee's stop, as far as it has been mapped. */
#define _GNU_SOURCE
#include "maps.h"

#include <string.h>

/* Asked for in none of so many stops, it is wanted no more. */
#define STOPS_UNUSED 16

static void
copy_words(ptl_word *to, const ptl_word *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = ptl_word_at(&from[i]);
}

/* The sequence of S's stop, or 0: it cannot be told that it is in one. */
static inline uint64_t
stop_of(const struct ptl_session *s)
{
	uint64_t seq = s->maps ? ptl_word_at(&s->maps->record->sequence) : 0;

	return seq & 1 ? seq : 0;
}

bool
ptl_maps_in_stop(const struct ptl_session *s)
{
	return stop_of(s) != 0;
}

/* Copy N words at OFF of S's record, if S is in the stop of SEQ; 0: in none. */
static bool
from_record(const struct ptl_session *s, uint64_t seq, size_t off, void *to,
	    size_t n)
{
	const ptl_word *from;

	if (!seq)
		return false;
	from = (const ptl_word *)(const void *)s->maps->record;
	copy_words(to, from + off / sizeof(*from), n);
	return ptl_still(s->maps->record, seq);
}

#define FROM_RECORD(s, seq, member, out)                                       \
	from_record(s, seq, offsetof(struct proc_stop, member), out,           \
		    sizeof(*(out)) / sizeof(ptl_word))

bool
ptl_maps_regs(const struct ptl_session *s, struct proc_user_regs *out)
{
	const uint64_t seq = stop_of(s);
	ptl_word *to = (ptl_word *)(void *)out;
	const struct proc_edit *e;
	const ptl_word *from;

	if (!FROM_RECORD(s, seq, regs, out))
		return false;
	e = ptl_edits(s->maps, seq);
	if (!e)
		return true;
	from = (const ptl_word *)(const void *)&e->regs;
	for (uint64_t left = e->words; left; left &= left - 1) {
		int i = __builtin_ctzll(left);

		to[i] = from[i];
	}
	return true;
}

bool
ptl_maps_reg(const struct ptl_session *s, size_t off, uint64_t *out)
{
	const uint64_t seq = stop_of(s);
	const size_t i = off / sizeof(*out);
	const struct proc_edit *e;

	if (!seq)
		return false;
	e = ptl_edits(s->maps, seq);
	if (e && e->words >> i & 1) {
		*out = ((const ptl_word *)(const void *)&e->regs)[i];
		return true;
	}
	return from_record(s, seq, offsetof(struct proc_stop, regs) + off, out,
			   1);
}

bool
ptl_maps_regs_differ(const struct ptl_session *s,
		     const struct proc_user_regs *regs, size_t *out_first,
		     size_t *out_n)
{
	const ptl_word *now, *new = (const ptl_word *)(const void *)regs;
	size_t first = 0, end = sizeof(*regs) / sizeof(*new);
	struct proc_user_regs old;

	if (!ptl_maps_regs(s, &old))
		return false;
	now = (const ptl_word *)(const void *)&old;
	while (end > 0 && now[end - 1] == new[end - 1])
		end--;
	while (first < end && now[first] == new[first])
		first++;
	*out_first = first;
	*out_n = end - first;
	return true;
}

bool
ptl_maps_call(const struct ptl_session *s, struct proc_syscall *out)
{
	const uint64_t seq = stop_of(s);
	const struct proc_edit *e;

	if (!seq)
		return false;
	e = ptl_edits(s->maps, seq);
	/* What follows from changed registers the kernel knows. */
	return !(e && e->words) && FROM_RECORD(s, seq, call, out);
}

/* Has the record of S's stop WHAT? */
static bool
has(const struct ptl_session *s, uint64_t what)
{
	return ptl_word_at(&s->maps->record->has) & what;
}

bool
ptl_maps_info(const struct ptl_session *s, struct proc_siginfo *out)
{
	const uint64_t seq = stop_of(s);
	const struct proc_edit *e;

	if (!seq)
		return false;
	e = ptl_edits(s->maps, seq);
	if (e && e->what & PROC_EDIT_INFO) {
		memcpy(out, &e->info, sizeof(*out));
		return true;
	}
	return has(s, PROC_HAS_INFO) && FROM_RECORD(s, seq, info, out);
}

bool
ptl_maps_mask(const struct ptl_session *s, uint64_t *out)
{
	const uint64_t seq = stop_of(s);
	const struct proc_edit *e;

	if (!seq)
		return false;
	e = ptl_edits(s->maps, seq);
	if (e && e->what & PROC_EDIT_SIGMASK) {
		*out = e->sigmask;
		return true;
	}
	return FROM_RECORD(s, seq, sigmask, out);
}

uint64_t
ptl_maps_wanted(struct ptl_session *s, uint64_t what)
{
	const uint64_t seq = stop_of(s);
	struct ptl_maps *m = s->maps;

	if (!m || !m->edit)
		return 0;
	m->used |= what;
	if (!(m->edit->wants & what))
		__atomic_fetch_or(&m->edit->wants, what, __ATOMIC_RELEASE);
	return seq && has(s, what) ? seq : 0;
}

bool
ptl_maps_floats(struct ptl_session *s, struct proc_float_regs *out)
{
	const uint64_t seq = ptl_maps_wanted(s, PROC_HAS_FLOATS);
	const struct proc_edit *e;

	if (!seq)
		return false;
	/* What the kernel makes of those that were changed it knows alone. */
	e = ptl_edits(s->maps, seq);
	return !(e && e->what & PROC_EDIT_FLOATS) &&
	       FROM_RECORD(s, seq, floats, out);
}

bool
ptl_maps_debug(const struct ptl_session *s, struct proc_debug_regs *out)
{
	const uint64_t seq = stop_of(s);

	return seq && has(s, PROC_HAS_DEBUG) && FROM_RECORD(s, seq, debug, out);
}

bool
ptl_maps_rusage(struct ptl_session *s, struct proc_rusage *out)
{
	const uint64_t seq = ptl_maps_wanted(s, PROC_HAS_RUSAGE);

	return FROM_RECORD(s, seq, rusage, out);
}

void
ptl_maps_stopped(struct ptl_session *s)
{
	struct ptl_maps *m = s->maps;

	if (!m || !m->edit || ++m->stops < STOPS_UNUSED)
		return;
	__atomic_fetch_and(&m->edit->wants, m->used, __ATOMIC_RELEASE);
	m->used = 0;
	m->stops = 0;
}
