/* SPDX-License-Identifier: MIT */
/* /proc/PID: the links, names and memory of a process. */
#include "procfs.h"

#include <kshim/frame.h>

#include "clock.h"
#include "cpu.h"
#include "errno.h"
#include "kprintf.h"
#include "mem.h"
#include "pidfd.h"
#include "procfs_pid.h"
#include "string.h"
#include "thread.h"
#include "vm.h"

/* Most of the command line and environment that is shown. */
#define ARGS_MAX (256u << 10)

static int
follow_exe(struct thread *t, struct dentry **out)
{
	if (!t->vm || !t->vm->exe)
		return -ENOENT;
	*out = dentry_get(t->vm->exe->dentry);
	return 0;
}

static int
follow_cwd(struct thread *t, struct dentry **out)
{
	if (!t->fs)
		return -ENOENT;
	*out = dentry_get(t->fs->cwd);
	return 0;
}

static int
follow_root(struct thread *t, struct dentry **out)
{
	if (!t->fs)
		return -ENOENT;
	*out = dentry_get(t->fs->root);
	return 0;
}

/* The memory [START, END) of T's program. */
static int
show_memory(struct thread *t, struct seq *s, uint64_t start, uint64_t end)
{
	struct vm *vm = t->vm;
	char *buf;

	if (!vm || start >= end)
		return 0;
	if (end - start > ARGS_MAX)
		end = start + ARGS_MAX;
	buf = kmalloc(PAGE_SIZE);
	if (!buf)
		return -ENOMEM;
	vm_get(vm);
	while (start < end) {
		size_t n = end - start < PAGE_SIZE ? end - start : PAGE_SIZE;
		int64_t got =
		    ks_mem_read(&vm->space, ks_uaddr(start), buf, n, true);

		if (got <= 0)
			break;
		seq_write(s, buf, (size_t)got);
		start += (uint64_t)got;
	}
	vm_put(vm);
	kfree(buf);
	return 0;
}

static int
show_cmdline(struct thread *t, struct seq *s)
{
	const struct vm_layout *l = t->vm ? &t->vm->layout : NULL;

	return l ? show_memory(t, s, l->arg_start, l->arg_end) : 0;
}

static int
show_environ(struct thread *t, struct seq *s)
{
	const struct vm_layout *l = t->vm ? &t->vm->layout : NULL;

	return l ? show_memory(t, s, l->env_start, l->env_end) : 0;
}

static int
show_auxv(struct thread *t, struct seq *s)
{
	if (t->vm)
		seq_write(s, t->vm->auxv, t->vm->n_auxv * sizeof(uint64_t));
	return 0;
}

static int
show_comm(struct thread *t, struct seq *s)
{
	seq_printf(s, "%s\n", t->comm);
	return 0;
}

static int64_t
store_comm(struct thread *t, const char *buf, size_t len)
{
	if (t->process != current->process)
		return -EINVAL;
	strlcpy(t->comm, buf, sizeof(t->comm));
	if (strchr(t->comm, '\n'))
		*strchr(t->comm, '\n') = 0;
	return (int64_t)len;
}

static int
show_personality(struct thread *t, struct seq *s)
{
	seq_printf(s, "%08x\n", t->process->personality);
	return 0;
}

static int
show_oom_score_adj(struct thread *t, struct seq *s)
{
	seq_printf(s, "%ld\n", (long)t->process->oom_score_adj);
	return 0;
}

static int64_t
store_oom_score_adj(struct thread *t, const char *buf, size_t len)
{
	bool negative = *buf == '-';
	int64_t v = 0;

	for (buf += negative; *buf >= '0' && *buf <= '9' && v < 10000; buf++)
		v = v * 10 + *buf - '0';
	if (v > 1000)
		return -EINVAL;
	t->process->oom_score_adj = negative ? -v : v;
	return (int64_t)len;
}

static int
show_zero(struct thread *t, struct seq *s)
{
	(void)t;
	seq_printf(s, "0");
	return 0;
}

static int
show_loginuid(struct thread *t, struct seq *s)
{
	(void)t;
	seq_printf(s, "4294967295");
	return 0;
}

static int
show_cgroup(struct thread *t, struct seq *s)
{
	(void)t;
	seq_printf(s, "0::/\n");
	return 0;
}

/* For fs_each_mount(); ARG is the seq. */
static void
mount_line(void *arg, const char *path, const struct superblock *sb)
{
	seq_printf(arg, "%s %s %s %s,relatime 0 0\n", sb->source, path,
		   sb->type, sb->readonly ? "ro" : "rw");
}

static void
mountinfo_line(void *arg, const char *path, const struct superblock *sb)
{
	const char *mode = sb->readonly ? "ro" : "rw";
	unsigned minor = MINOR(sb->dev);

	seq_printf(arg, "%u %u 0:%u / %s %s,relatime - %s %s %s\n", minor,
		   path[1] ? 20u : 1u, minor, path, mode, sb->type, sb->source,
		   mode);
}

static int
show_mounts(struct thread *t, struct seq *s)
{
	(void)t;
	fs_each_mount(mount_line, s);
	return 0;
}

static int
show_mountinfo(struct thread *t, struct seq *s)
{
	(void)t;
	fs_each_mount(mountinfo_line, s);
	return 0;
}

int
proc_show_fdinfo(struct file *f, unsigned cloexec, struct seq *s)
{
	int pid;

	seq_printf(s, "pos:\t%lu\nflags:\t0%o\nmnt_id:\t%u\nino:\t%lu\n",
		   f->pos, f->flags | (cloexec ? O_CLOEXEC : 0),
		   MINOR(f->inode->sb->dev), f->inode->ino);
	if (pidfd_pid(f, &pid))
		seq_printf(s, "Pid:\t%d\nNSpid:\t%d\n", pid, pid);
	return 0;
}

/* ---- the table; what tells of one thread is in task/TID too ---- */

#define FILE(n, m, ...)                                                        \
	{                                                                      \
		.name = n, .mode = S_IFREG | (m), __VA_ARGS__                  \
	}
#define LINK(n, ...)                                                           \
	{                                                                      \
		.name = n, .mode = S_IFLNK | 0777, __VA_ARGS__                 \
	}

static const struct proc_node nodes[] = {
    LINK("exe", .follow = follow_exe),
    LINK("cwd", .follow = follow_cwd),
    LINK("root", .follow = follow_root),
    FILE("auxv", 0400, .show = show_auxv),
    FILE("cgroup", 0444, .show = show_cgroup),
    FILE("cmdline", 0444, .show = show_cmdline),
    FILE("comm", 0644, .show = show_comm, .store = store_comm),
    FILE("environ", 0400, .show = show_environ),
    FILE("limits", 0444, .show = proc_show_limits),
    FILE("loginuid", 0644, .show = show_loginuid),
    FILE("mountinfo", 0444, .show = show_mountinfo),
    FILE("mounts", 0444, .show = show_mounts),
    FILE("oom_score_adj", 0644, .show = show_oom_score_adj,
	 .store = store_oom_score_adj),
    FILE("personality", 0400, .show = show_personality),
    FILE("stat", 0444, .show = proc_show_stat),
    FILE("statm", 0444, .show = proc_show_statm),
    FILE("status", 0444, .show = proc_show_status),
    FILE("wchan", 0444, .show = show_zero),
};

static const struct proc_node task_nodes[] = {
    FILE("children", 0444, .show = proc_show_children),
    FILE("stat", 0444, .show = proc_show_task_stat),
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

void
proc_pid_init(void)
{
	procfs_add(PROC_PROCESS, nodes, COUNT(nodes));
	/* The first of a name counts. */
	procfs_add(PROC_TASK, task_nodes, COUNT(task_nodes));
	procfs_add(PROC_TASK, nodes, COUNT(nodes));
}
