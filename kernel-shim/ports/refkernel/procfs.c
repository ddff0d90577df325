/* SPDX-License-Identifier: MIT */
/* The directories of /proc. Inodes are made at each walk, and hold a thread. */
#include "procfs.h"

#include "cpu.h"
#include "errno.h"
#include "filemap.h"
#include "kprintf.h"
#include "list.h"
#include "mem.h"
#include "procfile.h"
#include "string.h"
#include "thread.h"

#define MAX_TABLES 4

struct table {
	const struct proc_node *nodes;
	size_t count;
};

static struct table tables[PROC_DIRS][MAX_TABLES];

static const struct inode_ops dir_ops;
static const struct file_ops dir_file_ops;

void
procfs_add(enum proc_dir dir, const struct proc_node *nodes, size_t count)
{
	for (unsigned i = 0; i < MAX_TABLES; i++) {
		if (tables[dir][i].nodes)
			continue;
		tables[dir][i] = (struct table){nodes, count};
		return;
	}
	panic("too many tables of proc nodes");
}

/* The Ith node of DIR over all tables, or NULL. */
static const struct proc_node *
nth_node(enum proc_dir dir, size_t i)
{
	for (unsigned k = 0; k < MAX_TABLES; k++) {
		if (i < tables[dir][k].count)
			return &tables[dir][k].nodes[i];
		i -= tables[dir][k].count;
	}
	return NULL;
}

/*
 * A number that stays the same for the same object: the thread, what kind of
 * thing it is, and which one.
 */
static uint64_t
number(const struct thread *t, enum proc_kind kind, unsigned which)
{
	uint64_t tid = t ? (uint64_t)t->tid : 0;

	return (tid << 24 | (uint64_t)kind << 20 | which) + 1;
}

static int
make(struct superblock *sb, uint32_t mode, const struct inode_ops *ops,
     const struct proc_inode *model, unsigned which, struct inode **out)
{
	struct inode *ino = inode_new(sb, mode, ops);
	struct proc_inode *p = kmalloc(sizeof(*p));

	if (!ino || !p) {
		kfree(ino);
		kfree(p);
		return -ENOMEM;
	}
	*p = *model;
	if (p->thread)
		thread_get(p->thread);
	/* Of what may not be dumped all is root's but the plain directories. */
	if (p->thread &&
	    (p->thread->process->dumpable == 1 || mode == (S_IFDIR | 0555))) {
		ino->uid = p->thread->cred.euid;
		ino->gid = p->thread->cred.egid;
	}
	ino->priv = p;
	ino->ino = number(p->thread, p->kind, which);
	*out = ino;
	return 0;
}

static int
make_dir(struct superblock *sb, const struct proc_inode *model, uint32_t mode,
	 unsigned which, struct inode **out)
{
	int err = make(sb, S_IFDIR | mode, &dir_ops, model, which, out);

	if (!err) {
		(*out)->fops = &dir_file_ops;
		(*out)->nlink = 2;
	}
	return err;
}

/* ---- names that tables give ---- */

/*
 * If N lies in the directory with prefix PRE (such as "sys/kernel"), return
 * what comes after it.
 */
static const char *
below(const struct proc_node *n, const char *pre, size_t pre_len)
{
	if (!pre_len)
		return n->name;
	if (strncmp(n->name, pre, pre_len) || n->name[pre_len] != '/')
		return NULL;
	return n->name + pre_len + 1;
}

static size_t
component(const char *s)
{
	const char *slash = strchr(s, '/');

	return slash ? (size_t)(slash - s) : strlen(s);
}

/* True if the first component of PATH is the LEN bytes at NAME, not empty. */
static bool
begins_with(const char *path, const char *name, size_t len)
{
	/* Most differ at once: it is asked of all nodes in turn. */
	return *path == *name && !strncmp(path, name, len) &&
	       (!path[len] || path[len] == '/');
}

static int
lookup_node(struct inode *dir, const char *name, size_t len, struct inode **out)
{
	const struct proc_inode *d = dir->priv;
	struct proc_inode model = *d;
	const struct proc_node *n;

	for (unsigned i = 0; (n = nth_node(d->dir, i)); i++) {
		const char *rest = below(n, d->prefix, d->prefix_len);

		if (!rest || !begins_with(rest, name, len))
			continue;
		if (rest[len]) {
			model.prefix = n->name;
			model.prefix_len = (size_t)(rest - n->name) + len;
			return make_dir(dir->sb, &model, 0555, 512 + i, out);
		}
		model.kind = PROC_NODE;
		model.node = n;
		return make(dir->sb, n->mode, proc_node_ops(n), &model, i, out);
	}
	return -ENOENT;
}

/* True if a node before number I has the same component. */
static bool
listed(const struct proc_inode *d, const char *rest, unsigned i)
{
	size_t len = component(rest);

	while (i--) {
		const struct proc_node *n = nth_node(d->dir, i);
		const char *r = below(n, d->prefix, d->prefix_len);

		if (r && component(r) == len && !memcmp(r, rest, len))
			return true;
	}
	return false;
}

/* List the nodes, at positions from BASE on. False: no more room. */
static bool
list_nodes(struct file *f, struct dir_sink *sink, uint64_t *pos, uint64_t base)
{
	const struct proc_inode *d = f->inode->priv;
	const struct proc_node *n;

	for (;; ++*pos) {
		unsigned i = (unsigned)(*pos - base);
		const char *rest;
		size_t len;
		unsigned type;

		n = nth_node(d->dir, i);
		if (!n)
			return true;
		rest = below(n, d->prefix, d->prefix_len);
		if (!rest || listed(d, rest, i))
			continue;
		len = component(rest);
		type = rest[len] ? DT_DIR : (n->mode & S_IFMT) >> 12;
		if (!sink->emit(sink, rest, len,
				number(d->thread, PROC_NODE, i), type,
				*pos + 1))
			return false;
	}
}

/* ---- processes, threads and descriptors ---- */

/* NAME as a number, or -1. */
static int
parse(const char *name, size_t len)
{
	int v = 0;

	if (!len || len > 8 || (len > 1 && name[0] == '0'))
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return -1;
		v = v * 10 + name[i] - '0';
	}
	return v;
}

/* The thread TID if it belongs to the process of LEADER. */
static struct thread *
find_task(const struct thread *leader, int tid)
{
	struct thread *t = thread_find(tid);

	return t && t->process == leader->process ? t : NULL;
}

static int
lookup_number(struct inode *dir, int n, struct inode **out)
{
	const struct proc_inode *d = dir->priv;
	struct proc_inode model = {.kind = PROC_PREFIX};

	switch (d->kind) {
	case PROC_PREFIX:
		if (d->dir != PROC_ROOT || d->prefix_len || n <= 0)
			return -ENOENT;
		/* A thread's own directory can be found, is not listed. */
		model.thread = thread_find(n);
		model.dir = PROC_PROCESS;
		break;
	case PROC_TASKS:
		model.thread = find_task(d->thread, n);
		model.dir = PROC_TASK;
		break;
	default:
		return proc_fd_inode(dir, n, out);
	}
	if (!model.thread)
		return -ENOENT;
	return make_dir(dir->sb, &model, 0555, 0, out);
}

struct fixed {
	const char *name;
	enum proc_kind kind;
	uint32_t mode;
};

/* Directories within a thread's, that are not of tables. */
static const struct fixed fixed_dirs[] = {
    {"fd", PROC_FDS, 0500},
    {"fdinfo", PROC_FDINFOS, 0555},
    {"task", PROC_TASKS, 0555}, /* of a process only */
};

static unsigned
fixed_count(const struct proc_inode *d)
{
	if (d->prefix_len || d->kind != PROC_PREFIX)
		return 0;
	return d->dir == PROC_PROCESS ? 3 : d->dir == PROC_TASK ? 2 : 0;
}

static int
proc_lookup(struct inode *dir, const char *name, size_t len, struct inode **out)
{
	const struct proc_inode *d = dir->priv;
	int n = parse(name, len);

	if (d->thread && d->thread->state == THREAD_DEAD)
		return -ENOENT;
	if (n >= 0)
		return lookup_number(dir, n, out);
	for (unsigned i = 0; i < fixed_count(d); i++) {
		const struct fixed *x = &fixed_dirs[i];
		struct proc_inode model = *d;

		if (strlen(x->name) != len || memcmp(x->name, name, len))
			continue;
		model.kind = x->kind;
		return make_dir(dir->sb, &model, x->mode, 0, out);
	}
	return d->kind == PROC_PREFIX ? lookup_node(dir, name, len, out)
				      : -ENOENT;
}

/* The lowest number from N on in directory D, or -1. */
static int
next_number(const struct proc_inode *d, int n)
{
	struct process *p;
	struct thread *t;
	int best = -1;

	if (d->kind == PROC_TASKS) {
		list_each(t, &d->thread->process->threads, link)
		{
			if (t->tid >= n && (best < 0 || t->tid < best))
				best = t->tid;
		}
		return best;
	}
	if (d->kind != PROC_PREFIX)
		return proc_next_fd(d->thread, n);
	if (d->dir != PROC_ROOT || d->prefix_len)
		return -1;
	list_each(p, &all_processes, link)
	{
		if (p->pid >= n && p->pid > 0 && (best < 0 || p->pid < best))
			best = p->pid;
	}
	return best;
}

/* List what has a number, at positions BASE + number. */
static bool
list_numbers(struct file *f, struct dir_sink *sink, uint64_t *pos,
	     uint64_t base)
{
	const struct proc_inode *d = f->inode->priv;
	bool fds = d->kind == PROC_FDS || d->kind == PROC_FDINFOS;
	int n = (int)(*pos - base);
	char name[16];

	while ((n = next_number(d, n)) >= 0) {
		unsigned type = d->kind == PROC_FDS	  ? DT_LNK
				: d->kind == PROC_FDINFOS ? DT_REG
							  : DT_DIR;
		uint64_t nr = fds ? number(d->thread, d->kind, (unsigned)n)
				  : number(thread_find(n), PROC_PREFIX, 0);

		ksnprintf(name, sizeof(name), "%d", n);
		if (!sink->emit(sink, name, strlen(name), nr, type,
				base + (uint64_t)n + 1))
			return false;
		*pos = base + (uint64_t)++n;
	}
	return true;
}

#define POS_FIXED  2
#define POS_NODES  16
#define POS_NUMBER 4096

static int
proc_readdir(struct file *f, struct dir_sink *sink, uint64_t *pos)
{
	const struct proc_inode *d = f->inode->priv;

	if (d->thread && d->thread->state == THREAD_DEAD)
		return -ENOENT;
	if (*pos == 0) {
		if (!sink->emit(sink, ".", 1, f->inode->ino, DT_DIR, 1))
			return 0;
		*pos = 1;
	}
	if (*pos == 1) {
		if (!sink->emit(sink, "..", 2, 1, DT_DIR, 2))
			return 0;
		*pos = POS_FIXED;
	}
	for (; *pos < POS_FIXED + fixed_count(d); ++*pos) {
		const char *name = fixed_dirs[*pos - POS_FIXED].name;

		if (!sink->emit(
			sink, name, strlen(name),
			number(d->thread, fixed_dirs[*pos - POS_FIXED].kind, 0),
			DT_DIR, *pos + 1))
			return 0;
	}
	if (*pos < POS_NODES)
		*pos = POS_NODES;
	if (*pos < POS_NUMBER && d->kind == PROC_PREFIX &&
	    !list_nodes(f, sink, pos, POS_NODES))
		return 0;
	if (*pos < POS_NUMBER)
		*pos = POS_NUMBER;
	list_numbers(f, sink, pos, POS_NUMBER);
	return 0;
}

static int64_t
proc_dir_seek(struct file *f, int64_t off, int whence)
{
	return generic_seek(f, off, whence, 0);
}

void
proc_inode_release(struct inode *ino)
{
	struct proc_inode *p = ino->priv;

	if (p->thread)
		thread_put(p->thread);
	kfree(p);
}

/* Its own descriptors a process may see, even if it is not dumpable. */
static bool
dir_exempt(const struct inode *ino)
{
	const struct proc_inode *d = ino->priv;

	return d->kind == PROC_FDS && d->thread->process == current->process;
}

static const struct inode_ops dir_ops = {
    .exempt = dir_exempt,
    .lookup = proc_lookup,
    .release = proc_inode_release,
};

static const struct file_ops dir_file_ops = {
    .readdir = proc_readdir,
    .seek = proc_dir_seek,
};

int
proc_make(struct superblock *sb, uint32_t mode, const struct inode_ops *ops,
	  const struct proc_inode *model, unsigned which, struct inode **out)
{
	return make(sb, mode, ops, model, which, out);
}

static int
make_root(struct superblock *sb, enum proc_dir dir, struct dentry **out_root)
{
	struct proc_inode model = {.kind = PROC_PREFIX, .dir = dir};
	struct inode *ino;
	int err = make_dir(sb, &model, 0555, 0, &ino);

	if (err)
		return err;
	*out_root = dentry_root(ino);
	return *out_root ? 0 : -ENOMEM;
}

int
procfs_init(struct dentry **out_root)
{
	static struct superblock sb = {
	    .type = "proc",
	    .source = "proc",
	    .dev = MAKEDEV(0, 22),
	    .nocache = true,
	};

	proc_root_init();
	proc_pid_init();
	proc_map_init();
	proc_trace_init();
	return make_root(&sb, PROC_ROOT, out_root);
}

int
sysfs_init(struct dentry **out_root)
{
	static struct superblock sb = {
	    .type = "sysfs",
	    .source = "sysfs",
	    .dev = MAKEDEV(0, 23),
	    .nocache = true,
	};

	return make_root(&sb, PROC_SYS, out_root);
}
