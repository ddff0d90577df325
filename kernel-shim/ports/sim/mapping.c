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

int
sim_map(struct sim_thread *self, int fd)
{
	struct sim_file *f = sim_file_at(self, fd);

	if (!f)
		return -EBADF;
	return f->exe ? -ENODEV : ks_proc_map(&f->kf, &self->kt);
}

/* The page fault. */
static int
enter(struct sim_thread *self, struct sim_file *f, uint64_t page)
{
	ks_paddr_t pa;

	if (f->npages == SIM_MAPPED)
		return -ENOMEM;
	if (ks_proc_page(&f->kf, &self->kt, page, &pa))
		pa.v = 0;
	f->page[f->npages].off = page;
	f->page[f->npages++].pa = pa;
	return 0;
}

int
sim_mapped(struct sim_thread *self, int fd, uint64_t off, void *buf, size_t len)
{
	struct sim_file *f = sim_file_at(self, fd);
	uint64_t page = off & ~KS_PAGE_MASK;
	unsigned i = 0;
	int err;

	if (!f || f->exe)
		return -EBADF;
	while (i < f->npages && f->page[i].off != page)
		i++;
	if (i == f->npages) {
		err = enter(self, f, page);
		if (err)
			return err;
	}
	memset(buf, 0, len);
	if (f->page[i].pa.v)
		sim_ram_read(self->s, f->page[i].pa.v + (off - page), buf, len);
	return 0;
}

unsigned
sim_mapped_pages(struct sim_thread *self, int fd)
{
	struct sim_file *f = sim_file_at(self, fd);

	return f ? f->npages : 0;
}
