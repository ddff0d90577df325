/* SPDX-License-Identifier: MIT */
/* What stands in /proc itself, /proc/sys and /sys. */
#include "clock.h"
#include "errno.h"
#include "file.h"
#include "kprintf.h"
#include "mem.h"
#include "procfs.h"
#include "procfs_pid.h"
#include "random.h"
#include "thread.h"
#include "yama.h"

#define LINK	(S_IFLNK | 0777)
#define TEXT	(S_IFREG | 0444)
#define TUNABLE (S_IFREG | 0644)

static int
link_self(struct thread *t, char *buf, size_t size, size_t *out_len)
{
	(void)t;
	*out_len = (size_t)ksnprintf(buf, size, "%d", current->process->pid);
	return 0;
}

static int
link_thread_self(struct thread *t, char *buf, size_t size, size_t *out_len)
{
	(void)t;
	*out_len = (size_t)ksnprintf(buf, size, "%d/task/%d",
				     current->process->pid, current->tid);
	return 0;
}

static int
link_mounts(struct thread *t, char *buf, size_t size, size_t *out_len)
{
	(void)t;
	*out_len = (size_t)ksnprintf(buf, size, "self/mounts");
	return 0;
}

static int
show_meminfo(struct thread *t, struct seq *s)
{
	struct mem_census c;

	(void)t;
	mem_census(&c);
	seq_printf(s, "MemTotal:       %8lu kB\n", c.total * 4);
	seq_printf(s, "MemFree:        %8lu kB\n", c.free * 4);
	seq_printf(s, "MemAvailable:   %8lu kB\n", c.free * 4);
	seq_printf(s, "Buffers:               0 kB\n");
	seq_printf(s, "SwapTotal:             0 kB\n");
	seq_printf(s, "SwapFree:              0 kB\n");
	return 0;
}

static int
show_cpuinfo(struct thread *t, struct seq *s)
{
	(void)t;
	seq_printf(s, "processor\t: 0\nvendor_id\t: AuthenticAMD\n");
	seq_printf(s, "cpu cores\t: 1\nsiblings\t: 1\n\n");
	return 0;
}

static int
show_uptime(struct thread *t, struct seq *s)
{
	uint64_t ns = (uint64_t)clock_monotonic();
	unsigned long sec = ns / NSEC_PER_SEC;
	unsigned long part = ns % NSEC_PER_SEC / 10000000;

	(void)t;
	seq_printf(s, "%lu.%02lu 0.00\n", sec, part);
	return 0;
}

static int
show_loadavg(struct thread *t, struct seq *s)
{
	(void)t;
	seq_printf(s, "0.00 0.00 0.00 1/%lu %d\n",
		   (unsigned long)thread_count(), current->tid);
	return 0;
}

static int
show_stat(struct thread *t, struct seq *s)
{
	unsigned long born;

	(void)t;
	born = (unsigned long)((clock_realtime() - clock_monotonic()) /
			       NSEC_PER_SEC);
	seq_printf(s, "cpu  0 0 0 0 0 0 0 0 0 0\n");
	seq_printf(s, "cpu0 0 0 0 0 0 0 0 0 0 0\n");
	seq_printf(s, "btime %lu\n", born);
	return 0;
}

static int
show_version(struct thread *t, struct seq *s)
{
	(void)t;
	seq_printf(s, "Linux version 6.1.0-proctrace #1 proctrace refkernel\n");
	return 0;
}

static int
show_filesystems(struct thread *t, struct seq *s)
{
	(void)t;
	seq_printf(s, "nodev\tproc\nnodev\tsysfs\nnodev\ttmpfs\nnodev\t9p\n");
	return 0;
}

/* A file with one constant line, which may be written to no effect. */
#define LINE(name, text)                                                       \
	static int show_##name(struct thread *t, struct seq *s)                \
	{                                                                      \
		(void)t;                                                       \
		seq_printf(s, "%s\n", text);                                   \
		return 0;                                                      \
	}

LINE(pid_max, "4194304")
LINE(osrelease, "6.1.0-proctrace")
LINE(ostype, "Linux")
LINE(hostname, "refkernel")
LINE(core_pattern, "core")
LINE(zero, "0")
LINE(threads_max, "65536")
LINE(overcommit, "1")
LINE(cap_last_cap, "40")
LINE(online, "0")

static int
show_boot_id(struct thread *t, struct seq *s)
{
	static unsigned char id[16];
	static bool made;

	(void)t;
	if (!made)
		random_bytes(id, sizeof(id));
	made = true;
	for (unsigned i = 0; i < sizeof(id); i++)
		seq_printf(s, "%s%02x",
			   i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			   id[i]);
	seq_printf(s, "\n");
	return 0;
}

static const struct proc_node root_nodes[] = {
    {.name = "self", .mode = LINK, .link = link_self},
    {.name = "thread-self", .mode = LINK, .link = link_thread_self},
    {.name = "mounts", .mode = LINK, .link = link_mounts},
    {.name = "meminfo", .mode = TEXT, .show = show_meminfo},
    {.name = "cpuinfo", .mode = TEXT, .show = show_cpuinfo},
    {.name = "uptime", .mode = TEXT, .show = show_uptime},
    {.name = "loadavg", .mode = TEXT, .show = show_loadavg},
    {.name = "stat", .mode = TEXT, .show = show_stat},
    {.name = "version", .mode = TEXT, .show = show_version},
    {.name = "filesystems", .mode = TEXT, .show = show_filesystems},
    {.name = "sys/kernel/pid_max", .mode = TUNABLE, .show = show_pid_max},
    {.name = "sys/kernel/osrelease", .mode = TEXT, .show = show_osrelease},
    {.name = "sys/kernel/ostype", .mode = TEXT, .show = show_ostype},
    {.name = "sys/kernel/hostname", .mode = TEXT, .show = show_hostname},
    {.name = "sys/kernel/core_pattern",
     .mode = TEXT,
     .show = show_core_pattern},
    {.name = "sys/kernel/randomize_va_space", .mode = TEXT, .show = show_zero},
    {.name = "sys/kernel/threads-max", .mode = TEXT, .show = show_threads_max},
    {.name = "sys/kernel/cap_last_cap",
     .mode = TEXT,
     .show = show_cap_last_cap},
    {.name = "sys/kernel/random/boot_id", .mode = TEXT, .show = show_boot_id},
    {.name = "sys/kernel/yama/ptrace_scope",
     .mode = TUNABLE,
     .show = yama_show,
     .store = yama_store},
    {.name = "sys/vm/overcommit_memory", .mode = TEXT, .show = show_overcommit},
};

static const struct proc_node sys_nodes[] = {
    {.name = "devices/system/cpu/online", .mode = TEXT, .show = show_online},
    {.name = "devices/system/cpu/possible", .mode = TEXT, .show = show_online},
    {.name = "kernel/mm/transparent_hugepage/use_zero_page",
     .mode = TEXT,
     .show = show_zero},
};

void
proc_root_init(void)
{
	procfs_add(PROC_ROOT, root_nodes,
		   sizeof(root_nodes) / sizeof(root_nodes[0]));
	procfs_add(PROC_SYS, sys_nodes,
		   sizeof(sys_nodes) / sizeof(sys_nodes[0]));
}
