/* SPDX-License-Identifier: MIT */
/*
 * A directory is a list of names with a reference to each inode. Regular files
 * are in tmpfs_file.c.
 */
#include "tmpfs.h"

#include "cpu.h"
#include "cred.h"
#include "dev.h"
#include "errno.h"
#include "file.h"
#include "filemap.h"
#include "kprintf.h"
#include "list.h"
#include "mem.h"
#include "pipe.h"
#include "string.h"
#include "thread.h"

#define TMPFS_MAGIC 0x01021994

struct name {
	struct list link;
	struct inode *inode;
	uint64_t pos; /* in readdir's order */
	uint32_t len;
	char text[];
};

/* What an inode's priv is: of a directory, a link. */
struct dir {
	struct list names;    /* oldest first */
	struct inode *parent; /* not referenced: it cannot go before */
	uint64_t last_pos;
};

static const struct inode_ops dir_ops, link_ops, node_ops;
static const struct file_ops dir_file_ops;

#define MOUNTS_MAX 8

static struct inode *roots[MOUNTS_MAX];
static uint64_t n_mounts;

static struct name *
find(struct inode *dir, const char *text, size_t len)
{
	struct dir *d = dir->priv;
	struct name *n;

	list_each(n, &d->names, link)
	{
		if (n->len == len && !memcmp(n->text, text, len))
			return n;
	}
	return NULL;
}

/* Give WHAT, whose reference is taken on success, a name. */
static int
add(struct inode *dir, const char *text, size_t len, struct inode *what)
{
	struct dir *d = dir->priv;
	struct name *n = kmalloc(sizeof(*n) + len);

	if (!n)
		return -ENOSPC;
	n->inode = what;
	n->len = (uint32_t)len;
	n->pos = ++d->last_pos;
	memcpy(n->text, text, len);
	list_add_tail(&d->names, &n->link);
	dir->size += 20;
	inode_touch(dir);
	return 0;
}

/* Take a name away; its inode reference is the caller's then. */
static void
take(struct inode *dir, struct name *n)
{
	list_del(&n->link);
	kfree(n);
	dir->size -= 20;
	inode_touch(dir);
}

static int
tmpfs_lookup(struct inode *dir, const char *text, size_t len,
	     struct inode **out)
{
	struct name *n = find(dir, text, len);

	if (!n)
		return -ENOENT;
	*out = inode_get(n->inode);
	return 0;
}

static int
make_dir(struct inode *ino, struct inode *parent)
{
	struct dir *d = kzalloc(sizeof(*d));

	if (!d)
		return -ENOSPC;
	list_init(&d->names);
	d->parent = parent ? parent : ino;
	ino->priv = d;
	ino->ops = &dir_ops;
	ino->fops = &dir_file_ops;
	ino->nlink = 2;
	ino->size = 40;
	return 0;
}

/* An inode of the type in MODE, that belongs to the current user. */
static int
make(struct superblock *sb, uint32_t mode, uint64_t rdev, struct inode *parent,
     struct inode **out)
{
	struct inode *ino;
	int err = 0;

	if (sb->most_inodes && sb->inodes >= sb->most_inodes)
		return -ENOSPC;
	ino = inode_new(sb, mode, &node_ops);
	if (!ino)
		return -ENOSPC;
	sb->inodes++;
	ino->rdev = rdev;
	ino->uid = current->cred.fsuid;
	ino->gid = current->cred.fsgid;
	if (parent && parent->mode & S_ISGID) {
		ino->gid = parent->gid;
		if (S_ISDIR(mode))
			ino->mode |= S_ISGID;
	}
	if (S_ISREG(mode)) {
		ino->ops = &tmpfs_file_ops;
		ino->fops = &regular_file_ops;
	} else if (S_ISDIR(mode)) {
		err = make_dir(ino, parent);
	}
	if (err)
		inode_put(ino);
	else
		*out = ino;
	return err;
}

/* Add INO, just made, to DIR, and return it; or drop it. */
static int
publish(struct inode *dir, const char *text, size_t len, struct inode *ino,
	struct inode **out)
{
	int err = add(dir, text, len, ino);

	if (err) {
		inode_put(ino);
		return err;
	}
	if (S_ISDIR(ino->mode))
		dir->nlink++;
	*out = inode_get(ino);
	return 0;
}

static int
tmpfs_create(struct inode *dir, const char *text, size_t len, uint32_t mode,
	     uint64_t rdev, struct inode **out)
{
	struct inode *ino;
	int err = make(dir->sb, mode, rdev, dir, &ino);

	return err ? err : publish(dir, text, len, ino, out);
}

static int
tmpfs_symlink(struct inode *dir, const char *text, size_t len,
	      const char *target, struct inode **out)
{
	struct inode *ino;
	int err = make(dir->sb, S_IFLNK | 0777, 0, dir, &ino);

	if (err)
		return err;
	ino->ops = &link_ops;
	ino->size = strlen(target);
	ino->priv = kstrdup(target);
	if (!ino->priv) {
		inode_put(ino);
		return -ENOSPC;
	}
	return publish(dir, text, len, ino, out);
}

static int
tmpfs_link(struct inode *dir, const char *text, size_t len, struct inode *what)
{
	int err = add(dir, text, len, what);

	if (err)
		return err;
	inode_get(what);
	what->nlink++;
	what->ctime = dir->ctime;
	return 0;
}

static int
tmpfs_unlink(struct inode *dir, const char *text, size_t len,
	     struct inode *what)
{
	struct name *n = find(dir, text, len);

	if (!n)
		return -ENOENT;
	if (S_ISDIR(what->mode)) {
		struct dir *d = what->priv;

		if (!list_empty(&d->names))
			return -ENOTEMPTY;
		dir->nlink--;
		what->nlink--;
	}
	take(dir, n);
	what->nlink--;
	what->ctime = dir->ctime;
	inode_put(what);
	return 0;
}

static int
tmpfs_rename(struct inode *from, const char *text, size_t len,
	     struct inode *what, struct inode *to, const char *ntext,
	     size_t nlen, struct inode *target)
{
	int err;

	if (target) {
		err = tmpfs_unlink(to, ntext, nlen, target);
		if (err)
			return err;
	}
	err = add(to, ntext, nlen, what);
	if (err)
		return err;
	take(from, find(from, text, len));
	if (S_ISDIR(what->mode)) {
		((struct dir *)what->priv)->parent = to;
		from->nlink--;
		to->nlink++;
	}
	what->ctime = from->ctime;
	return 0;
}

static int
tmpfs_readlink(struct inode *ino, char *buf, size_t size, size_t *out_len)
{
	*out_len = ino->size < size ? ino->size : size;
	memcpy(buf, ino->priv, *out_len);
	return 0;
}

static int
node_open(struct inode *ino, struct file *f)
{
	return S_ISFIFO(ino->mode) ? fifo_open(ino, f) : dev_open(ino, f);
}

static void
node_release(struct inode *ino)
{
	fifo_free(ino);
	ino->sb->inodes--;
}

static void
dir_free(struct inode *ino)
{
	struct dir *d = ino->priv;
	struct name *n, *tmp;

	ino->sb->inodes--;
	list_each_safe(n, tmp, &d->names, link)
	{
		inode_put(n->inode);
		kfree(n);
	}
	kfree(d);
}

static void
link_free(struct inode *ino)
{
	kfree(ino->priv);
	ino->sb->inodes--;
}

static int
dir_readdir(struct file *f, struct dir_sink *sink, uint64_t *pos)
{
	struct dir *d = f->inode->priv;
	struct name *n;

	if (*pos == 0) {
		if (!sink->emit(sink, ".", 1, f->inode->ino, DT_DIR, 1))
			return 0;
		*pos = 1;
	}
	if (*pos == 1) {
		if (!sink->emit(sink, "..", 2, d->parent->ino, DT_DIR, 2))
			return 0;
		*pos = 2;
	}
	list_each(n, &d->names, link)
	{
		if (n->pos + 2 <= *pos)
			continue;
		if (!sink->emit(sink, n->text, n->len, n->inode->ino,
				(n->inode->mode & S_IFMT) >> 12, n->pos + 2))
			return 0;
		*pos = n->pos + 2;
	}
	return 0;
}

static int64_t
dir_seek(struct file *f, int64_t off, int whence)
{
	return generic_seek(f, off, whence, 0);
}

static int
tmpfs_statfs(struct superblock *sb, struct linux_statfs *out)
{
	memset(out, 0, sizeof(*out));
	out->type = TMPFS_MAGIC;
	out->bsize = out->frsize = PAGE_SIZE;
	if (sb->most_pages) {
		out->blocks = (int64_t)sb->most_pages;
		out->bfree = (int64_t)(sb->most_pages - sb->pages);
		out->files = (int64_t)sb->most_inodes;
		out->ffree = (int64_t)(sb->most_inodes - sb->inodes);
	}
	out->bavail = out->bfree;
	out->namelen = NAME_MAX;
	return 0;
}

static struct superblock memory_sb = {
    .type = "tmpfs",
    .source = "tmpfs",
    .dev = MAKEDEV(0, 1),
    .statfs = tmpfs_statfs,
};

int
tmpfs_new(uint32_t mode, const char *source, struct dentry **out_root)
{
	struct superblock *sb = kzalloc(sizeof(*sb));
	struct mem_census c;
	struct inode *ino;
	int err = -ENOMEM;

	ASSERT(n_mounts < MOUNTS_MAX);
	if (!sb)
		return err;
	*sb = memory_sb;
	mem_census(&c);
	sb->most_pages = sb->most_inodes = c.total / 2;
	sb->source = source;
	sb->dev = MAKEDEV(0, 30 + n_mounts);
	err = make(sb, S_IFDIR | mode, 0, NULL, &ino);
	if (err) {
		kfree(sb);
		return err;
	}
	roots[n_mounts++] = ino;
	*out_root = dentry_root(ino);
	return *out_root ? 0 : -ENOMEM;
}

void
tmpfs_fini(void)
{
	struct dir *root;
	struct name *n;

	for (uint64_t i = 0; i < n_mounts; i++) {
		root = roots[i]->priv;
		while (!list_empty(&root->names)) {
			n = list_first(&root->names, struct name, link);
			/* A tree may be deeper than the kernel's stack. */
			if (S_ISDIR(n->inode->mode))
				list_splice(
				    &root->names,
				    &((struct dir *)n->inode->priv)->names);
			list_del(&n->link);
			inode_put(n->inode);
			kfree(n);
		}
	}
}

int
tmpfs_file(uint32_t mode, struct inode **out)
{
	int err = make(&memory_sb, S_IFREG | mode, 0, NULL, out);

	if (!err)
		(*out)->nlink = 0;
	return err;
}

static const struct inode_ops dir_ops = {
    .lookup = tmpfs_lookup,
    .create = tmpfs_create,
    .symlink = tmpfs_symlink,
    .link = tmpfs_link,
    .unlink = tmpfs_unlink,
    .rename = tmpfs_rename,
    .release = dir_free,
};

static const struct inode_ops link_ops = {
    .readlink = tmpfs_readlink,
    .release = link_free,
};

static const struct inode_ops node_ops = {
    .open = node_open,
    .release = node_release,
};

static const struct file_ops dir_file_ops = {
    .readdir = dir_readdir,
    .seek = dir_seek,
};
