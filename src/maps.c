/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "maps.h"

#include <stdlib.h>
#include <string.h>

#define PAGE	    PTL_PAGE
#define WINDOW_MASK (PTL_WINDOW_SIZE - 1)
#define BASE(addr)  (((addr) & ~WINDOW_MASK) + 1)

/* Not for tracees of whose memory little is asked. */
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

/* The bit of the page of ADDR in its window. */
static inline uint64_t
page_bit(uint64_t addr)
{
	return UINT64_C(1) << (addr & WINDOW_MASK) / PAGE;
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

/* What a look into a window may count on, if it has not changed after it. */
struct view {
	const struct proc_stop *r;
	const struct ptl_window *w;
	uint64_t seq, generation;
};

/* The window that ADDR is in, of S in a stop; false: there is none. */
static inline bool
look(const struct ptl_session *s, uint64_t addr, struct view *v)
{
	if (!s->maps)
		return false;
	v->r = s->maps->record;
	v->w = window_of(s->maps, addr);
	v->seq = ptl_word_at(&v->r->sequence);
	v->generation = ptl_word_at(&v->r->generation);
	return (v->seq & 1) && v->w->at && v->w->base == BASE(addr) &&
	       v->w->generation == v->generation;
}

static inline bool
unchanged(const struct view *v)
{
	return ptl_still(v->r, v->seq) &&
	       ptl_word_at(&v->r->generation) == v->generation;
}

static long *
word_of(const struct view *v, uint64_t addr)
{
	return (long *)(void *)(v->w->at + (addr & WINDOW_MASK));
}

bool
ptl_maps_peek(const struct ptl_session *s, uint64_t addr, long *out)
{
	struct view v;

	if (!look(s, addr, &v) || addr % sizeof(*out) ||
	    !(v.w->pages & page_bit(addr)))
		return false;
	*out = __atomic_load_n(word_of(&v, addr), __ATOMIC_ACQUIRE);
	return unchanged(&v);
}

/*
 * Where the page is taken back meanwhile, the word goes to one of three places,
 * and none is another's. Before it was taken: into the page as it was, which is
 * a poke that came before the change. After it: the store is a fault, and what
 * that asks is what a write of `mem` asks, so it is a poke that came after the
 * change; or the page cannot be had, and the word is in one that nobody else
 * has. Which it was the numbers do not say: the files do it again, with the
 * same word. The store is before the look at both for everybody, and the kernel
 * changes them before it takes a page.
 */
bool
ptl_maps_poke(const struct ptl_session *s, uint64_t addr, long word)
{
	struct view v;

	if (!look(s, addr, &v) || addr % sizeof(word) ||
	    !(v.w->writable & page_bit(addr)))
		return false;
	__atomic_store_n(word_of(&v, addr), word, __ATOMIC_SEQ_CST);
	return __atomic_load_n(&v.r->sequence, __ATOMIC_SEQ_CST) == v.seq &&
	       __atomic_load_n(&v.r->generation, __ATOMIC_SEQ_CST) ==
		   v.generation;
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
	struct view v;
	uint64_t bits;

	if (n == 0 || n > PAGE || !ptl_maps_can_store((uintptr_t)buf, n) ||
	    !look(s, addr, &v))
		return false;
	bits = page_bits(addr, n);
	if (!bits || (bits & ~v.w->readable))
		return false;
	copy(buf, v.w->at + (addr & WINDOW_MASK), n);
	return unchanged(&v);
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

bool
ptl_maps_need(struct ptl_session *s)
{
	if (!s->maps && !s->unmapped && ptl_state.io->map &&
	    ptl_state.mode == PTL_FULL) {
		begin(s);
		s->unmapped = !s->maps;
	}
	return s->maps;
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

	if (++s->uses < USES_BEFORE || !ptl_maps_need(s))
		return 0;
	m = s->maps;
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

/* Map W, to be written too where the kernel allows it. */
static void
open_window(struct ptl_session *s, struct ptl_window *w, uint64_t addr)
{
	struct ptl_maps *m = s->maps;
	const uint64_t off = addr & ~WINDOW_MASK;
	int mem = ptl_handle(s, PTL_MEM);

	w->stores = !m->no_store;
	if (w->stores)
		w->at = map(mem, off, PTL_WINDOW_SIZE, true);
	if (w->at)
		return;
	w->stores = false;
	w->at = map(mem, off, PTL_WINDOW_SIZE, false);
	m->no_store = w->at;
	m->no_window = !w->at;
}

void
ptl_maps_after(struct ptl_session *s, uint64_t addr, size_t n,
	       uint64_t generation, enum ptl_did did)
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
		open_window(s, w, addr);
	}
	if (w->generation != generation)
		w->pages = w->readable = w->writable = 0;
	w->generation = generation;
	w->pages |= bits;
	if (did == PTL_READ_VM)
		w->readable |= bits;
	if (did == PTL_WROTE_MEM && w->stores)
		w->writable |= bits;
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
}
