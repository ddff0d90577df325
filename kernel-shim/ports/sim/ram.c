/* SPDX-License-Identifier: MIT */
/*
 * RAM: frames with reference counts. Memory that must not be touched is
 * poisoned where the compiler has AddressSanitizer: frames that are free, and
 * without a direct map all that no window is open on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "sim_int.h"

#if defined(__SANITIZE_ADDRESS__)
#define SIM_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIM_ASAN 1
#endif
#endif

#ifdef SIM_ASAN
#include <sanitizer/asan_interface.h>
#define poison(p, n)   ASAN_POISON_MEMORY_REGION(p, n)
#define unpoison(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#define poison(p, n)   ((void)(p), (void)(n))
#define unpoison(p, n) ((void)(p), (void)(n))
#endif

void
sim_bug(const char *what)
{
	fprintf(stderr, "sim: %s\n", what);
	abort();
}

/* The frame that PA is in. */
static struct sim_frame *
frame_at(struct sim *s, ks_paddr_t pa)
{
	uint64_t i = pa.v >> KS_PAGE_SHIFT;

	if (i == 0 || i >= s->nframes)
		sim_bug("a frame outside RAM");
	return &s->frames[i];
}

int
sim_ram_init(struct sim *s)
{
	s->ram_size = s->cfg.ram & ~KS_PAGE_MASK;
	s->nframes = s->ram_size >> KS_PAGE_SHIFT;
	s->frame_next = 1; /* an address of 0 is nothing */
	s->frames = calloc(s->nframes, sizeof(*s->frames));
	if (!s->frames)
		return -ENOMEM;
	s->ram = mmap(NULL, s->ram_size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (s->ram == MAP_FAILED) {
		free(s->frames);
		return -ENOMEM;
	}
	poison(s->ram, s->ram_size);
	return 0;
}

void
sim_ram_fini(struct sim *s)
{
	unpoison(s->ram, s->ram_size);
	munmap(s->ram, s->ram_size);
	free(s->frames);
}

bool
sim_is_ram(const struct sim *s, uint64_t pa, uint64_t len)
{
	return pa < s->ram_size && len <= s->ram_size - pa;
}

int
sim_frame_alloc(struct sim *s, ks_paddr_t *out_pa)
{
	uint32_t i = s->frame_free;

	if (i)
		s->frame_free = s->frames[i].next;
	else if (s->frame_next < s->nframes)
		i = s->frame_next++;
	else
		return -ENOMEM;
	s->frames[i].refs = 1;
	*out_pa = ks_paddr((uint64_t)i << KS_PAGE_SHIFT);
	unpoison(s->ram + out_pa->v, KS_PAGE_SIZE);
	memset(s->ram + out_pa->v, 0, KS_PAGE_SIZE);
	if (s->cfg.window)
		poison(s->ram + out_pa->v, KS_PAGE_SIZE);
	s->used.frames++;
	return 0;
}

void
sim_frame_ref(struct sim *s, ks_paddr_t pa)
{
	struct sim_frame *f = frame_at(s, pa);

	if (!f->refs)
		sim_bug("a reference to a free frame");
	f->refs++;
}

void
sim_frame_put(struct sim *s, ks_paddr_t pa)
{
	struct sim_frame *f = frame_at(s, pa);

	if (!f->refs)
		sim_bug("a free frame is freed");
	if (--f->refs)
		return;
	if (f->windows)
		sim_bug("a frame is freed under a window");
	poison(s->ram + (pa.v & ~KS_PAGE_MASK), KS_PAGE_SIZE);
	f->next = s->frame_free;
	s->frame_free = pa.v >> KS_PAGE_SHIFT;
	s->used.frames--;
}

bool
sim_frame_shared(struct sim *s, ks_paddr_t pa)
{
	return frame_at(s, pa)->refs > 1;
}

void *
sim_window_map(struct sim *s, ks_paddr_t pa, size_t len)
{
	uint64_t first = pa.v >> KS_PAGE_SHIFT;
	uint64_t last = (pa.v + len - 1) >> KS_PAGE_SHIFT;

	if (!sim_is_ram(s, pa.v, len) || s->used.windows == KS_WINDOW_DEPTH)
		return NULL;
	if (!len || last - first >= KS_WINDOW_PAGES)
		sim_bug("a window of a wrong size");
	for (uint64_t i = first; i <= last; i++) {
		s->frames[i].windows++;
		unpoison(s->ram + (i << KS_PAGE_SHIFT), KS_PAGE_SIZE);
	}
	s->used.windows++;
	return s->ram + pa.v;
}

void
sim_window_unmap(struct sim *s, void *va, size_t len)
{
	uint64_t off = (unsigned char *)va - s->ram;
	uint64_t last = (off + len - 1) >> KS_PAGE_SHIFT;

	for (uint64_t i = off >> KS_PAGE_SHIFT; i <= last; i++) {
		if (!s->frames[i].windows)
			sim_bug("a window that is not open is closed");
		if (--s->frames[i].windows == 0)
			poison(s->ram + (i << KS_PAGE_SHIFT), KS_PAGE_SIZE);
	}
	s->used.windows--;
}

void
sim_ram_read(struct sim *s, uint64_t pa, void *buf, size_t len)
{
	bool hidden = s->cfg.window && !s->frames[pa >> KS_PAGE_SHIFT].windows;
	unsigned char *page = s->ram + (pa & ~KS_PAGE_MASK);

	if (hidden)
		unpoison(page, KS_PAGE_SIZE);
	memcpy(buf, s->ram + pa, len);
	if (hidden)
		poison(page, KS_PAGE_SIZE);
}

void
sim_ram_write(struct sim *s, uint64_t pa, const void *buf, size_t len)
{
	bool hidden = s->cfg.window && !s->frames[pa >> KS_PAGE_SHIFT].windows;
	unsigned char *page = s->ram + (pa & ~KS_PAGE_MASK);

	if (hidden)
		unpoison(page, KS_PAGE_SIZE);
	memcpy(s->ram + pa, buf, len);
	if (hidden)
		poison(page, KS_PAGE_SIZE);
}
