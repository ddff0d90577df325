/* SPDX-License-Identifier: MIT */
/* The tree of files as it is at boot. */
#include "path.h"

#include "dev.h"
#include "errno.h"
#include "mem.h"
#include "p9.h"
#include "procfs.h"
#include "tmpfs.h"
#include "tty.h"
#include "vfs.h"

struct node {
	const char *path;
	uint32_t mode;
	unsigned major, minor;
	const char *target;
};

static const struct node nodes[] = {
    {"/dev/null", S_IFCHR | 0666, 1, 3, NULL},
    {"/dev/zero", S_IFCHR | 0666, 1, 5, NULL},
    {"/dev/full", S_IFCHR | 0666, 1, 7, NULL},
    {"/dev/random", S_IFCHR | 0666, 1, 8, NULL},
    {"/dev/urandom", S_IFCHR | 0666, 1, 9, NULL},
    {"/dev/kmsg", S_IFCHR | 0644, 1, 11, NULL},
    {"/dev/tty", S_IFCHR | 0666, 5, 0, NULL},
    {"/dev/console", S_IFCHR | 0600, 5, 1, NULL},
    {"/dev/ttyS0", S_IFCHR | 0660, 4, 64, NULL},
    {"/dev/ptmx", S_IFCHR | 0666, 5, 2, NULL},
    {"/dev/fd", S_IFLNK, 0, 0, "/proc/self/fd"},
    {"/dev/stdin", S_IFLNK, 0, 0, "/proc/self/fd/0"},
    {"/dev/stdout", S_IFLNK, 0, 0, "/proc/self/fd/1"},
    {"/dev/stderr", S_IFLNK, 0, 0, "/proc/self/fd/2"},
    {"/dev/shm", S_IFDIR | 01777, 0, 0, NULL},
    {"/dev/pts", S_IFDIR | 0755, 0, 0, NULL},
};

static int
make_node(const struct node *n)
{
	struct dentry *d;
	int err = path_walk(NULL, n->path, WALK_ABSENT_OK, &d);

	if (err)
		return err;
	if (n->target)
		err = vfs_symlink(d, n->target);
	else
		err = vfs_create(d, n->mode, MAKEDEV(n->major, n->minor));
	dentry_put(d);
	return err;
}

struct mount {
	const char *path;
	struct superblock *sb;
};

static struct mount mounts[8];
static unsigned n_mounts;

/* Mount ROOT on PATH, which is a constant. */
static int
mount(const char *path, struct dentry *root)
{
	int err = fs_mount(path, root);

	if (!err)
		mounts[n_mounts++] = (struct mount){path, root->sb};
	return err;
}

void
fs_each_mount(void (*fn)(void *arg, const char *path,
			 const struct superblock *sb),
	      void *arg)
{
	fn(arg, "/", root_dentry->sb);
	for (unsigned i = 0; i < n_mounts; i++)
		fn(arg, mounts[i].path, mounts[i].sb);
}

static int
mount_tmpfs(const char *path, uint32_t mode)
{
	struct dentry *root;
	int err = tmpfs_new(mode, "tmpfs", &root);

	return err ? err : mount(path, root);
}

static int
mount_all(void)
{
	struct dentry *root;
	int err;

	err = mount_tmpfs("/dev", 0755);
	for (size_t i = 0; !err && i < sizeof(nodes) / sizeof(nodes[0]); i++)
		err = make_node(&nodes[i]);
	if (!err)
		err = mount_tmpfs("/tmp", 01777);
	if (!err)
		err = procfs_init(&proc_root);
	if (!err)
		err = mount("/proc", proc_root);
	if (!err)
		err = sysfs_init(&root);
	if (!err)
		err = mount("/sys", root);
	if (!err)
		err = pty_init(&root);
	return err ? err : mount("/dev/pts", root);
}

int
fs_init(void)
{
	int err = p9_mount(&root_dentry);

	if (!err)
		err = mount_all();
	if (!err)
		err = dev_mem_init();
	return err;
}

void
fs_fini(void)
{
	while (dentry_shrink(SIZE_MAX))
		;
	tmpfs_fini();
	pagecache_shrink(SIZE_MAX);
}
