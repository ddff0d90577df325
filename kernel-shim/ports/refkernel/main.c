/* SPDX-License-Identifier: MIT */
/*
 * From the boot code to the first program, and from its end to power-off.
 */
#include <stdint.h>

#include "clock.h"
#include "calls_thread.h"
#include "config.h"
#include "console.h"
#include "cpu.h"
#include "errno.h"
#include "exec.h"
#include "file.h"
#include "kmap.h"
#include "kprintf.h"
#include "mem.h"
#include "path.h"
#include "power.h"
#include "string.h"
#include "syscall.h"
#include "thread.h"
#include "trap.h"
#include "vdso.h"
#include "vm.h"

#define RANGES_MAX 32
#define MEMMAP_RAM 1

/* What QEMU hands over (Xen's public/arch-x86/hvm/start_info.h). */
struct start_info {
	uint32_t magic, version, flags, nr_modules;
	uint64_t modlist, cmdline, rsdp, memmap;
	uint32_t memmap_entries, reserved;
};

struct memmap_entry {
	uint64_t addr, size;
	uint32_t type, reserved;
};

#define START_INFO_MAGIC 0x336ec578

extern char kernel_end[];

void kmain(uint64_t start_info_pa);

static uint64_t
find_memory(uint64_t start_info_pa)
{
	const struct start_info *si = pa_to_va(ks_paddr(start_info_pa));
	const struct memmap_entry *e = pa_to_va(ks_paddr(si->memmap));
	struct mem_range ranges[RANGES_MAX];
	uint64_t top = 0;
	size_t n = 0;

	if (si->magic != START_INFO_MAGIC || si->version < 1)
		panic("no memory map: is this PVH?");
	for (uint32_t i = 0; i < si->memmap_entries && n < RANGES_MAX; i++) {
		if (e[i].type != MEMMAP_RAM)
			continue;
		ranges[n].start = e[i].addr;
		ranges[n].end = e[i].addr + e[i].size;
		if (ranges[n].end > top)
			top = ranges[n].end;
		n++;
	}
	mem_init(ranges, n, (uint64_t)kernel_end - KERNEL_BASE);
	return top;
}

/* All values of KEY in the configuration, as the vector of a program. */
static struct exec_strings
config_strings(const char *key)
{
	struct exec_strings s = {0};
	size_t n = 0;

	while (config_get(key, n) != NULL)
		n++;
	s.v = kmalloc((n + 1) * sizeof(*s.v));
	for (; s.v != NULL && s.n < n; s.n++) {
		s.v[s.n] = kstrdup(config_get(key, s.n));
		if (s.v[s.n] == NULL)
			break;
		s.bytes += strlen(s.v[s.n]) + 1;
	}
	if (s.v == NULL || s.n < n)
		panic("no memory for the configuration");
	return s;
}

static void
strings_free(struct exec_strings *s)
{
	for (size_t i = 0; i < s->n; i++)
		kfree(s->v[i]);
	kfree(s->v);
}

/* Standard streams and the current directory, as `run` has them. */
static int
set_up_files(void)
{
	struct linux_winsize ws = {
	    .row = config_num("rows", 10, 24),
	    .col = config_num("cols", 10, 80),
	};
	const char *cwd = config_get("cwd", 0);
	struct dentry *d;

	/* A directory that is not there any more, as below /tmp: stay at /. */
	if (cwd != NULL &&
	    path_walk(NULL, cwd, WALK_FOLLOW | WALK_DIRECTORY, &d) == 0) {
		dentry_put(current->fs->cwd);
		current->fs->cwd = d;
	}
	current->fs->umask = config_num("umask", 8, 022);
	return console_open_std(config_num("tty", 10, 0), &ws);
}

/* The first program: a child of init, in a session of its own. */
static void
first_program(void *arg)
{
	struct exec_strings argv = config_strings("arg");
	struct exec_strings envp = config_strings("env");
	const char *path = config_get("program", 0);
	int err;

	(void)arg;
	sys_setsid();
	err = set_up_files();
	if (err != 0)
		panic("no standard streams: %d", err);
	if (path == NULL)
		panic("the configuration names no program");
	err = exec_program(AT_FDCWD, path, &argv, &envp, 0);
	strings_free(&argv);
	strings_free(&envp);
	if (err != 0) {
		kprintf("run: cannot execute %s: error %d\n", path, -err);
		process_exit((err == -ENOENT ? 127 : 126) << 8);
	}
}

static void
census(void)
{
	struct mem_census c;

	fs_fini();
	config_fini();
	mem_census(&c);
	kprintf("census: frames %lu heap-pages %lu heap-blocks %lu free %lu "
		"of %lu threads %u processes %u\n",
		c.frames, c.heap_pages, c.heap_blocks, c.free, c.total,
		thread_count(), process_count());
}

/* Reap orphans until the first program is gone, then everything else. */
static _Noreturn void
init(void)
{
	struct thread *first;
	int pid, status, result = 0, first_pid;

	if (kthread_create("run", first_program, NULL, &first) != 0)
		panic("no first process");
	first_pid = first->tid;
	do {
		pid = process_reap(&status);
		if (pid == first_pid)
			result = status;
	} while (pid != first_pid && pid != -ECHILD);
	/* Again for each that went: it may have made another meanwhile. */
	do
		process_kill_all();
	while (process_reap(&status) != -ECHILD);
	console_flush();
	if (config_num("census", 10, 0))
		census();
	power_off(result);
}

void
kmain(uint64_t start_info_pa)
{
	uint64_t top;

	cpu_init();
	top = find_memory(start_info_pa);
	kmap_init(top);
	trap_init();
	config_init();
	syscall_log_unknown = config_num("log-unknown", 10, 0);
	clock_init();
	sched_init();
	if (fs_init() != 0)
		panic("cannot mount the host's files");
	vdso_init();
	current->fs = fs_state_new(root_dentry, root_dentry);
	current->files = fdtable_new();
	if (current->fs == NULL || current->files == NULL)
		panic("no memory for init");
	if (console_init() != 0 || serial_line_init() != 0)
		panic("no console");
	init();
}
