/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "maps.h"

#include <stdlib.h>
#include <string.h>

#define PAGE	    PTL_PAGE
#define WINDOW_MASK (PTL_WINDOW_SIZE - 1)
#define BASE(addr)  (((addr) & ~WINDOW_MASK) + 1)

/* Not for tracees of whom little is asked: a mapping is three system calls. */
#define USES_BEFORE 3

/* Of all tracees: a process can have only so many, and wants some itself. */
#define MAPPINGS_MAX 8192

static uintptr_t *
known_page(uintptr_t page)
{
	return &ptl_state.stored[page % PTL_STORED];
}

void
ptl_maps_stored(uintptr_t p, size_t n)
{
	*known_page(p / PAGE) = p / PAGE;
	*known_page((p + n - 1) / PAGE) = (p + n - 1) / PAGE;
}

bool
ptl_maps_can_store(uintptr_t p, size_t n)
{
	return p >= PAGE && *known_page(p / PAGE) == p / PAGE &&
	       *known_page((p + n - 1) / PAGE) == (p + n - 1) / PAGE;
}

static struct ptl_window *
window_of(const struct ptl_maps *m, uint64_t addr)
{
	return (struct ptl_window *)&m
	    ->window[addr / PTL_WINDOW_SIZE % PTL_WINDOWS];
}

/* The bits of the pages of N bytes at ADDR, N not 0; 0: not in one window. */
static uint64_t
page_bits(uint64_t addr, size_t n)
{
	uint64_t first = (addr & WINDOW_MASK) / PAGE;
	uint64_t last = ((addr & WINDOW_MASK) + n - 1) / PAGE;

	if (last >= PTL_WINDOW_SIZE / PAGE)
		return 0;
	return UINT64_MAX << first & UINT64_MAX >> (63 - last);
}

bool
ptl_maps_peek(const struct ptl_session *s, uint64_t addr, long *out)
{
	const struct proc_stop *r;
	const struct ptl_window *w;
	uint64_t seq, generation;

	if (!s->maps)
		return false;
	r = s->maps->record;
	w = window_of(s->maps, addr);
	seq = ptl_word_at(&r->sequence);
	generation = ptl_word_at(&r->generation);
	if (!(seq & 1) || !w->at || w->base != BASE(addr) ||
	    w->generation != generation || addr % sizeof(*out) ||
	    !(w->pages & page_bits(addr, sizeof(*out))))
		return false;
	*out = __atomic_load_n(
	    (const long *)(const void *)(w->at + (addr & WINDOW_MASK)),
	    __ATOMIC_ACQUIRE);
	return ptl_still(r, seq) && ptl_word_at(&r->generation) == generation;
}

/* By loads that are in order with that of the record's generation. */
static void
copy(char *to, const char *from, size_t n)
{
	uint64_t w[4];

	for (; n && (uintptr_t)from & 7; n--)
		*to++ = __atomic_load_n(from++, __ATOMIC_ACQUIRE);
	for (; n >= sizeof(w); n -= sizeof(w)) {
		const uint64_t *words = (const uint64_t *)(const void *)from;

		w[0] = ptl_word_at(&words[0]);
		w[1] = ptl_word_at(&words[1]);
		w[2] = ptl_word_at(&words[2]);
		w[3] = ptl_word_at(&words[3]);
		memcpy(to, w, sizeof(w));
		to += sizeof(w);
		from += sizeof(w);
	}
	for (; n >= sizeof(w[0]); n -= sizeof(w[0])) {
		w[0] = ptl_word_at((const ptl_word *)(const void *)from);
		memcpy(to, w, sizeof(w[0]));
		to += sizeof(w[0]);
		from += sizeof(w[0]);
	}
	while (n--)
		*to++ = __atomic_load_n(from++, __ATOMIC_ACQUIRE);
}

bool
ptl_maps_read(const struct ptl_session *s, uint64_t addr, void *buf, size_t n)
{
	uint64_t seq, generation, bits;
	const struct ptl_window *w;
	const struct proc_stop *r;

	if (!s->maps || n == 0 || n > PAGE ||
	    !ptl_maps_can_store((uintptr_t)buf, n))
		return false;
	r = s->maps->record;
	w = window_of(s->maps, addr);
	seq = ptl_word_at(&r->sequence);
	generation = ptl_word_at(&r->generation);
	bits = page_bits(addr, n);
	if (!(seq & 1) || !w->at || w->base != BASE(addr) ||
	    w->generation != generation || !bits || (bits & ~w->readable))
		return false;
	copy(buf, w->at + (addr & WINDOW_MASK), n);
	return ptl_still(r, seq) && ptl_word_at(&r->generation) == generation;
}

static void
close_window(struct ptl_window *w)
{
	if (w->at) {
		ptl_state.io->unmap(w->at, PTL_WINDOW_SIZE);
		ptl_state.mappings--;
	}
	*w = (struct ptl_window){0};
}

static void *
map(int handle, uint64_t off, size_t n, bool write)
{
	void *at = NULL;

	if (handle >= 0 && ptl_state.mappings < MAPPINGS_MAX)
		at = ptl_state.io->map(handle, off, n, write);
	if (at)
		ptl_state.mappings++;
	return at;
}

static void *
map_record(struct ptl_session *s, bool write)
{
	char name[PTL_NAME_MAX];
	int handle;
	void *at;

	ptl_name(name, s->tid, PROC_FILE_STOP);
	handle = ptl_state.io->open(
	    name, write ? PTL_READ | PTL_WRITE : PTL_READ, PTL_BRIEF);
	at = map(handle, 0, PAGE, write);
	if (handle >= 0)
		ptl_state.io->close(handle);
	return at;
}

/* Map S's record. Where that cannot be had, nobody asks again. */
static void
begin(struct ptl_session *s)
{
	struct ptl_maps *m = calloc(1, sizeof(*m));
	char *page;

	if (!m)
		return;
	page = map_record(s, true);
	if (page)
		m->edit = (struct proc_edit *)(void *)(page + PROC_EDIT_OFFSET);
	else
		page = map_record(s, false);
	m->record = (struct proc_stop *)(void *)page;
	if (page)
		s->maps = m;
	else
		free(m);
}

void
ptl_maps_want(struct ptl_session *s)
{
	if (s->maps || s->uses > USES_BEFORE || !ptl_state.io->map ||
	    ptl_state.mode != PTL_FULL)
		return;
	if (s->uses++ == USES_BEFORE - 1)
		begin(s);
}

bool
ptl_maps_forked(const struct ptl_session *s)
{
	return s->maps && !ptl_word_at(&s->maps->record->sequence) &&
	       ptl_forked();
}

uint64_t
ptl_maps_before(struct ptl_session *s)
{
	uint64_t generation, lost;
	struct ptl_maps *m;

	ptl_maps_want(s);
	m = s->maps;
	if (!m)
		return 0;
	/* In this order: what is lost later makes the generation too old. */
	generation = ptl_word_at(&m->record->generation);
	lost = ptl_word_at(&m->record->lost);
	if (lost == m->lost)
		return generation;
	/* A window has pages of zeros in place of what it could not have. */
	for (int i = 0; i < PTL_WINDOWS; i++)
		close_window(&m->window[i]);
	m->lost = lost;
	return generation;
}

void
ptl_maps_after(struct ptl_session *s, uint64_t addr, size_t n,
	       uint64_t generation, bool readable)
{
	struct ptl_maps *m = s->maps;
	uint64_t bits = page_bits(addr, n);
	struct ptl_window *w;

	if (!m || m->no_window || !bits)
		return;
	w = window_of(m, addr);
	if (w->base != BASE(addr)) {
		close_window(w);
		w->base = BASE(addr);
	} else if (!w->at) {
		w->at = map(ptl_handle(s, PTL_MEM), addr & ~WINDOW_MASK,
			    PTL_WINDOW_SIZE, false);
		m->no_window = !w->at;
	}
	if (w->generation != generation)
		w->pages = w->readable = 0;
	w->generation = generation;
	w->pages |= bits;
	if (readable)
		w->readable |= bits;
}

void
ptl_maps_drop(struct ptl_session *s)
{
	struct ptl_maps *m = s->maps;

	if (!m)
		return;
	for (int i = 0; i < PTL_WINDOWS; i++)
		close_window(&m->window[i]);
	ptl_state.io->unmap(m->record, PAGE);
	ptl_state.mappings--;
	free(m);
	s->maps = NULL;
	/* It was worth it once. */
	s->uses = USES_BEFORE - 1;
}
