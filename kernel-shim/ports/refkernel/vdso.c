/* SPDX-License-Identifier: MIT */
#include "vdso.h"

#include "clock.h"
#include "errno.h"
#include "file.h"
#include "kprintf.h"
#include "mem.h"
#include "string.h"
#include "vm.h"

#define VDSO_PAGES 4

extern const char vdso_image[], vdso_image_end[];

struct vdso_data *vdso_data;

/*
 * The data page and the code are frames like any others, so that a debugger
 * that writes into them gets a copy of its tracee's own.
 */
static ks_paddr_t frames[1 + VDSO_PAGES];
static struct file *vvar_file, *code_file;

static int
get_frame(unsigned n, ks_paddr_t *out_pa)
{
	frame_ref(frames[n]);
	*out_pa = frames[n];
	return 0;
}

static int
vvar_page(struct file *f, uint64_t index, unsigned access, unsigned *rights,
	  ks_paddr_t *out_pa)
{
	(void)f;
	(void)access;
	(void)rights;
	return index == 0 ? get_frame(0, out_pa) : -ENXIO;
}

static int
code_page(struct file *f, uint64_t index, unsigned access, unsigned *rights,
	  ks_paddr_t *out_pa)
{
	(void)f;
	(void)access;
	(void)rights;
	return index < VDSO_PAGES ? get_frame(1 + (unsigned)index, out_pa)
				  : -ENXIO;
}

static const struct file_ops vvar_ops = {.get_page = vvar_page};
static const struct file_ops code_ops = {.get_page = code_page};

/* What /proc/PID/maps shows as NAME, with no device and inode. */
static struct file *
make_file(const char *name, const struct file_ops *ops)
{
	static struct superblock sb = {.type = "vdso", .source = "vdso"};
	static const struct inode_ops inode_ops;
	struct inode *ino = inode_new(&sb, S_IFREG | 0444, &inode_ops);
	struct file *f;

	if (!ino || file_anon(ino, name, ops, NULL, O_RDONLY, &f))
		panic("no memory for the vDSO");
	ino->ino = 0;
	return f;
}

static size_t
image_pages(void)
{
	size_t size = (size_t)(vdso_image_end - vdso_image);

	ASSERT(size <= VDSO_PAGES * PAGE_SIZE);
	return page_up(size) / PAGE_SIZE;
}

void
vdso_init(void)
{
	size_t size = (size_t)(vdso_image_end - vdso_image), done, n;
	unsigned i;

	for (i = 0; i <= VDSO_PAGES; i++)
		if (frame_alloc(&frames[i]))
			panic("no memory for the vDSO");
	for (i = 0; i < image_pages(); i++) {
		done = i * PAGE_SIZE;
		n = size - done < PAGE_SIZE ? size - done : PAGE_SIZE;
		memcpy(pa_to_va(frames[1 + i]), vdso_image + done, n);
	}
	vdso_data = pa_to_va(frames[0]);
	clock_tell_vdso();
	vvar_file = make_file("[vvar]", &vvar_ops);
	code_file = make_file("[vdso]", &code_ops);
}

int
vdso_map(struct vm *vm, uint64_t *out_addr)
{
	const unsigned max = KS_READ | KS_WRITE | KS_EXEC;
	uint64_t size = image_pages() * PAGE_SIZE, at;
	int err;

	/* Find room for both, side by side. */
	err = vm_map(vm, 0, PAGE_SIZE + size, KS_READ, max, AREA_DONTDUMP,
		     vvar_file, 0, 0, &at);
	if (err)
		return err;
	*out_addr = at + PAGE_SIZE;
	return vm_map(vm, *out_addr, size, KS_READ | KS_EXEC, max, 0, code_file,
		      0, VM_FIXED, &at);
}
