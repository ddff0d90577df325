/* SPDX-License-Identifier: MIT */
#include "elf.h"

#include <kshim/frame.h>

#include "area.h"
#include "errno.h"
#include "file.h"
#include "mem.h"
#include "string.h"
#include "user.h"
#include "vm.h"

#define MACHINE_X86_64 62
#define SEGMENTS_MAX   (65536 / sizeof(struct elf_segment))

/* Read all of BUF; a file that ends before is no program. */
static int
read_all(struct file *f, void *buf, size_t len, uint64_t pos)
{
	int64_t n = file_pread(f, buf, len, pos);

	if (n < 0)
		return (int)n;
	return (size_t)n == len ? 0 : -ENOEXEC;
}

static bool
header_good(const struct elf_header *h)
{
	static const unsigned char ident[] = {0x7f, 'E', 'L', 'F', 2, 1, 1};

	return memcmp(h->ident, ident, sizeof(ident)) == 0 &&
	       (h->type == ET_EXEC || h->type == ET_DYN) &&
	       h->machine == MACHINE_X86_64 &&
	       h->phentsize == sizeof(struct elf_segment) && h->phnum > 0 &&
	       h->phnum <= SEGMENTS_MAX;
}

int
elf_open(struct file *f, struct elf *out)
{
	size_t size;
	int err;

	out->file = f;
	out->seg = NULL;
	err = read_all(f, &out->head, sizeof(out->head), 0);
	if (err != 0)
		return err;
	if (!header_good(&out->head))
		return -ENOEXEC;
	size = out->head.phnum * sizeof(struct elf_segment);
	out->seg = kmalloc(size);
	if (out->seg == NULL)
		return -ENOMEM;
	err = read_all(f, out->seg, size, out->head.phoff);
	if (err != 0)
		elf_close(out);
	return err;
}

void
elf_close(struct elf *e)
{
	kfree(e->seg);
	e->seg = NULL;
}

const struct elf_segment *
elf_find(const struct elf *e, uint32_t type)
{
	for (unsigned i = 0; i < e->head.phnum; i++) {
		if (e->seg[i].type == type)
			return &e->seg[i];
	}
	return NULL;
}

static unsigned
segment_prot(const struct elf_segment *s)
{
	return (s->flags & PF_R ? KS_READ : 0) |
	       (s->flags & PF_W ? KS_WRITE : 0) |
	       (s->flags & PF_X ? KS_EXEC : 0);
}

static int
map(struct vm *vm, uint64_t addr, uint64_t len, unsigned prot, struct file *f,
    uint64_t offset)
{
	uint64_t at;

	if (len == 0)
		return 0;
	return vm_map(vm, addr, len, prot, KS_READ | KS_WRITE | KS_EXEC, 0, f,
		      offset, VM_NOREPLACE, &at);
}

/* Zero from the end of the file's part to the end of its page. */
static int
clear_tail(struct vm *vm, uint64_t from)
{
	static const char zeros[PAGE_SIZE];
	size_t len = page_up(from) - from;
	int64_t n = ks_mem_write(&vm->space, ks_uaddr(from), zeros, len, true);

	if (n < 0)
		return (int)n;
	return (size_t)n == len ? 0 : -EFAULT;
}

static int
load_segment(struct vm *vm, const struct elf *e, const struct elf_segment *s,
	     uint64_t bias)
{
	uint64_t start = s->vaddr + bias;
	uint64_t file_end = start + s->filesz, end = start + s->memsz;
	uint64_t mapped = page_down(start);
	unsigned prot = segment_prot(s);
	int err = 0;

	if (s->filesz > 0) {
		err = map(vm, page_down(start),
			  page_up(file_end) - page_down(start), prot, e->file,
			  page_down(s->offset));
		mapped = page_up(file_end);
	}
	/* Only what can be written is expected to be clean. */
	if (err == 0 && s->filesz > 0 && end > file_end && (prot & KS_WRITE))
		err = clear_tail(vm, file_end);
	if (err == 0 && page_up(end) > mapped)
		err = map(vm, mapped, page_up(end) - mapped, prot, NULL, 0);
	return err;
}

static bool
segment_good(const struct elf_segment *s)
{
	return s->filesz <= s->memsz && s->memsz <= USER_END &&
	       s->vaddr <= USER_END - s->memsz &&
	       ((s->vaddr ^ s->offset) & (PAGE_SIZE - 1)) == 0 &&
	       s->offset + s->filesz >= s->offset;
}

/* The addresses in the file that the segments span, and their alignment. */
static int
find_span(const struct elf *e, uint64_t *out_start, uint64_t *out_end,
	  uint64_t *out_align)
{
	*out_start = UINT64_MAX;
	*out_end = 0;
	*out_align = PAGE_SIZE;
	for (unsigned i = 0; i < e->head.phnum; i++) {
		const struct elf_segment *s = &e->seg[i];

		if (s->type != PT_LOAD || s->memsz == 0)
			continue;
		if (!segment_good(s))
			return -ENOEXEC;
		if (page_down(s->vaddr) < *out_start)
			*out_start = page_down(s->vaddr);
		if (s->vaddr + s->memsz > *out_end)
			*out_end = s->vaddr + s->memsz;
		if (s->align > *out_align && (s->align & (s->align - 1)) == 0)
			*out_align = s->align;
	}
	return *out_end != 0 ? 0 : -ENOEXEC;
}

static void
note_segment(const struct elf *e, const struct elf_segment *s,
	     struct elf_image *img)
{
	uint64_t start = s->vaddr + img->bias;
	uint64_t file_end = start + s->filesz;

	if (s->flags & PF_X) {
		if (img->code_start == 0 || start < img->code_start)
			img->code_start = start;
		if (file_end > img->code_end)
			img->code_end = file_end;
	} else {
		if (start > img->data_start)
			img->data_start = start;
		if (file_end > img->data_end)
			img->data_end = file_end;
	}
	if (start + s->memsz > img->end)
		img->end = start + s->memsz;
	if (e->head.phoff >= s->offset && e->head.phoff < s->offset + s->filesz)
		img->phdr = e->head.phoff - s->offset + start;
}

int
elf_load(struct vm *vm, const struct elf *e, uint64_t base,
	 struct elf_image *out)
{
	uint64_t start, end, align;
	int err;

	err = find_span(e, &start, &end, &align);
	if (err != 0)
		return err;
	*out = (struct elf_image){0};
	if (e->head.type == ET_DYN) {
		if (base == 0)
			base = area_find_gap(vm, page_up(end - start) + align -
						     PAGE_SIZE);
		if (base == 0)
			return -ENOMEM;
		base = (base + align - 1) & ~(align - 1);
		out->bias = base - start;
	}
	if (!user_range(start + out->bias, end - start))
		return -ENOMEM;
	for (unsigned i = 0; i < e->head.phnum; i++) {
		const struct elf_segment *s = &e->seg[i];

		if (s->type != PT_LOAD || s->memsz == 0)
			continue;
		err = load_segment(vm, e, s, out->bias);
		if (err != 0)
			return err;
		note_segment(e, s, out);
	}
	out->entry = e->head.entry + out->bias;
	return 0;
}
