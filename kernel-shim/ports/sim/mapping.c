/* SPDX-License-Identifier: MIT */
/* Mappings of the shim's files: a few page table entries in each open file. */
#include <string.h>

#include "sim_int.h"

void
sim_mapping_drop(struct sim *s, struct sim_file *f)
{
	while (f->npages) {
		ks_paddr_t pa = f->page[--f->npages].pa;

		if (pa.v)
			sim_frame_put(s, pa);
	}
}

void
sim_mapping_revoke(struct ks_machine *m, struct ks_file *f)
{
	sim_mapping_drop(ks_container(m, struct sim, m),
			 ks_container(f, struct sim_file, kf));
}

static int
map(struct sim_thread *self, struct sim_file *f, bool write)
{
	const unsigned access = write ? KS_READ | KS_WRITE : KS_READ;

	if (!f)
		return -EBADF;
	return f->exe ? -ENODEV : ks_proc_map(&f->kf, &self->kt, access);
}

int
sim_map(struct sim_thread *self, int fd)
{
	struct sim_file *f = sim_file_at(self, fd);

	return map(self, f, f && (f->flags & SIM_O_WRITE));
}

int
sim_map_write(struct sim_thread *self, int fd)
{
	return map(self, sim_file_at(self, fd), true);
}

/* The frame for an entry, or none for zeros that are only read. */
static int
get_page(struct sim_thread *self, struct sim_file *f, uint64_t page, bool write,
	 ks_paddr_t *out_pa)
{
	const unsigned access = write ? KS_READ | KS_WRITE : KS_READ;

	if (!ks_proc_page(&f->kf, &self->kt, page, access, out_pa))
		return 0;
	out_pa->v = 0;
	return write ? sim_frame_alloc(self->s, out_pa) : 0;
}

static unsigned
entry_of(const struct sim_file *f, uint64_t page)
{
	unsigned i = 0;

	while (i < f->npages && f->page[i].off != page)
		i++;
	return i;
}

/* Entry I goes. */
static void
drop_entry(struct sim *s, struct sim_file *f, unsigned i)
{
	ks_paddr_t pa = f->page[i].pa;

	f->page[i] = f->page[--f->npages];
	if (pa.v)
		sim_frame_put(s, pa);
}

/*
 * The index of PAGE's entry, made by a page fault if there is none, or none
 * that can be written.
 */
static int
need_entry(struct sim_thread *self, struct sim_file *f, uint64_t page,
	   bool write)
{
	unsigned i = entry_of(f, page);
	ks_paddr_t pa;
	int err;

	if (i < f->npages && (!write || f->page[i].write))
		return (int)i;
	if (i < f->npages)
		drop_entry(self->s, f, i);
	err = get_page(self, f, page, write, &pa);
	if (err)
		return err;
	if (f->npages == SIM_MAPPED) {
		if (pa.v)
			sim_frame_put(self->s, pa);
		return -ENOMEM;
	}
	f->page[f->npages].off = page;
	f->page[f->npages].pa = pa;
	f->page[f->npages].write = write;
	return (int)f->npages++;
}

int
sim_mapped(struct sim_thread *self, int fd, uint64_t off, void *buf, size_t len)
{
	struct sim_file *f = sim_file_at(self, fd);
	uint64_t page = off & ~KS_PAGE_MASK;
	int i;

	if (!f || f->exe)
		return -EBADF;
	i = need_entry(self, f, page, false);
	if (i < 0)
		return i;
	memset(buf, 0, len);
	if (f->page[i].pa.v)
		sim_ram_read(self->s, f->page[i].pa.v + (off - page), buf, len);
	return 0;
}

int
sim_mapped_store(struct sim_thread *self, int fd, uint64_t off, const void *buf,
		 size_t len)
{
	struct sim_file *f = sim_file_at(self, fd);
	uint64_t page = off & ~KS_PAGE_MASK;
	int i;

	if (!f || f->exe || !(f->flags & SIM_O_WRITE))
		return -EBADF;
	i = need_entry(self, f, page, true);
	if (i < 0)
		return i;
	sim_ram_write(self->s, f->page[i].pa.v + (off - page), buf, len);
	return 0;
}

unsigned
sim_mapped_pages(struct sim_thread *self, int fd)
{
	struct sim_file *f = sim_file_at(self, fd);

	return f ? f->npages : 0;
}

void *
sim_map_page(struct sim_thread *self, int fd, bool write, int *out_fd)
{
	const unsigned access = write ? KS_READ | KS_WRITE : KS_READ;
	struct sim_file *f = sim_file_at(self, fd);
	int i;

	if (!f || f->exe || ks_proc_map(&f->kf, &self->kt, access))
		return NULL;
	i = need_entry(self, f, 0, write);
	if (i < 0 || !f->page[i].pa.v)
		return NULL;
	*out_fd = sim_file_dup(self, f);
	return *out_fd < 0 ? NULL : self->s->ram + f->page[i].pa.v;
}
