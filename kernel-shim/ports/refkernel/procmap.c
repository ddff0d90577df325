/* SPDX-License-Identifier: MIT */
/* maps and smaps: the areas of an address space. */
#include "procfs.h"

#include "errno.h"
#include "mem.h"
#include "string.h"
#include "thread.h"
#include "vm.h"

/* Where the name begins, as on Linux. */
#define NAME_COLUMN 73

/* What seq_printf() has no conversion for: a name with its newlines escaped. */
static void
escape(struct seq *s, const char *name)
{
	for (; *name; name++) {
		if (*name == '\n')
			seq_printf(s, "\\012");
		else
			seq_write(s, name, 1);
	}
}

static const char *
area_name(const struct area *a, char *buf)
{
	char *path;

	if (a->file) {
		path = file_path(a->file, buf, PATH_MAX);
		return path ? path : "";
	}
	if (a->flags & AREA_HEAP)
		return "[heap]";
	return a->flags & AREA_STACK ? "[stack]" : "";
}

static void
show_line(const struct area *a, char *path, struct seq *s)
{
	struct inode *ino = a->file ? a->file->inode : NULL;
	const char *name = area_name(a, path);
	uint64_t dev = ino ? ino->sb->dev : 0;
	size_t start = s->len;

	seq_printf(
	    s, "%08lx-%08lx %c%c%c%c %08lx %02x:%02x %lu ", a->start, a->end,
	    a->prot & KS_READ ? 'r' : '-', a->prot & KS_WRITE ? 'w' : '-',
	    a->prot & KS_EXEC ? 'x' : '-', a->flags & AREA_SHARED ? 's' : 'p',
	    ino ? a->offset : 0, MAJOR(dev), MINOR(dev), ino ? ino->ino : 0);
	if (*name) {
		while (s->len - start < NAME_COLUMN && !s->error)
			seq_write(s, " ", 1);
		escape(s, name);
	}
	seq_write(s, "\n", 1);
}

static void
show_kb(struct seq *s, const char *name, uint64_t pages)
{
	seq_printf(s, "%-15s %8lu kB\n", name, pages * 4);
}

static void
show_flags(const struct area *a, struct seq *s)
{
	unsigned max = a->max_prot;

	seq_printf(
	    s, "VmFlags:%s%s%s%s%s%s%s", a->prot & KS_READ ? " rd" : "",
	    a->prot & KS_WRITE ? " wr" : "", a->prot & KS_EXEC ? " ex" : "",
	    a->flags & AREA_SHARED ? " sh" : "", max & KS_READ ? " mr" : "",
	    max & KS_WRITE ? " mw" : "", max & KS_EXEC ? " me" : "");
	seq_printf(s, "%s%s%s%s%s%s \n", a->flags & AREA_SHARED ? " ms" : "",
		   a->flags & AREA_GROWSDOWN ? " gd" : "",
		   a->flags & AREA_DONTFORK ? " dc" : "",
		   a->flags & AREA_NORESERVE ? " nr" : "",
		   a->flags & AREA_WIPEONFORK ? " wf" : "",
		   a->flags & AREA_DONTDUMP ? " dd" : "");
}

static void
show_details(struct vm *vm, const struct area *a, struct seq *s)
{
	static const char *const none[] = {
	    "KSM:",
	    "LazyFree:",
	    "AnonHugePages:",
	    "ShmemPmdMapped:",
	    "FilePmdMapped:",
	    "Shared_Hugetlb:",
	    "Private_Hugetlb:",
	    "Swap:",
	    "SwapPss:",
	    "Locked:",
	};
	struct vm_usage u;
	uint64_t private;

	vm_area_usage(vm, a, &u);
	private = u.present - u.shared;
	show_kb(s, "Size:", (a->end - a->start) / PAGE_SIZE);
	show_kb(s, "KernelPageSize:", 1);
	show_kb(s, "MMUPageSize:", 1);
	show_kb(s, "Rss:", u.present);
	show_kb(s, "Pss:", private + u.shared / 2);
	show_kb(s, "Pss_Dirty:", u.dirty);
	show_kb(s, "Shared_Clean:", u.shared);
	show_kb(s, "Shared_Dirty:", 0);
	/* A page of the program's own is dirty, whoever wrote it last. */
	show_kb(s, "Private_Clean:",
		private - (u.anon < private ? u.anon : private));
	show_kb(s, "Private_Dirty:", u.anon < private ? u.anon : private);
	show_kb(s, "Referenced:", u.present);
	show_kb(s, "Anonymous:", u.anon);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		show_kb(s, none[i], 0);
	seq_printf(s, "THPeligible:           0\n");
	show_flags(a, s);
}

static int
show_maps(struct thread *t, struct seq *s, bool details)
{
	struct vm *vm = t->vm;
	char *path;

	if (!vm)
		return 0;
	path = kmalloc(PATH_MAX);
	if (!path)
		return -ENOMEM;
	for (size_t i = 0; i < vm->n_areas; i++) {
		show_line(vm->areas[i], path, s);
		if (details)
			show_details(vm, vm->areas[i], s);
	}
	kfree(path);
	return 0;
}

static int
proc_show_maps(struct thread *t, struct seq *s)
{
	return show_maps(t, s, false);
}

static int
proc_show_smaps(struct thread *t, struct seq *s)
{
	return show_maps(t, s, true);
}

static const struct proc_node nodes[] = {
    {.name = "maps", .mode = S_IFREG | 0444, .show = proc_show_maps},
    {.name = "smaps", .mode = S_IFREG | 0444, .show = proc_show_smaps},
};

void
proc_map_init(void)
{
	procfs_add(PROC_PROCESS, nodes, sizeof(nodes) / sizeof(nodes[0]));
	procfs_add(PROC_TASK, nodes, sizeof(nodes) / sizeof(nodes[0]));
}
