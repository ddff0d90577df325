/* SPDX-License-Identifier: MIT */
/* The cache of names. */
#include "path.h"

#include "cred.h"
#include "errno.h"
#include "mem.h"
#include "string.h"
#include "cpu.h"
#include "thread.h"
#include "file.h"

#define BUCKETS	   8192u
#define MAX_UNUSED 20000u

static struct list table[BUCKETS];
static struct list unused = LIST_INIT(unused);
static size_t n_unused;

static struct list *
bucket(const struct dentry *dir, uint32_t hash)
{
	struct list *b =
	    &table[(hash ^ (uint32_t)((uint64_t)dir >> 6)) % BUCKETS];

	if (!b->next)
		list_init(b);
	return b;
}

static uint32_t
hash_name(const char *name, size_t len)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)name[i]) * 16777619u;
	return h;
}

struct dentry *
dentry_get(struct dentry *d)
{
	if (!d->refs++ && !list_empty(&d->lru)) {
		list_del(&d->lru);
		n_unused--;
	}
	return d;
}

/* Free D, which nobody uses; return its parent, whose reference it held. */
static struct dentry *
destroy(struct dentry *d)
{
	struct dentry *parent = d->parent == d ? NULL : d->parent;

	list_del(&d->hash);
	if (!list_empty(&d->lru)) {
		list_del(&d->lru);
		n_unused--;
	}
	if (d->inode)
		inode_put(d->inode);
	kfree(d->name);
	kfree(d);
	return parent;
}

/*
 * Is D worth keeping? Absent names are where they cannot come: elsewhere they
 * would hold on to directories that are removed.
 */
static bool
worth_keeping(const struct dentry *d)
{
	return !list_empty(&d->hash) && (d->inode || d->sb->readonly);
}

void
dentry_put(struct dentry *d)
{
	while (d && !--d->refs) {
		if (worth_keeping(d)) {
			list_add_tail(&unused, &d->lru);
			n_unused++;
			break;
		}
		d = destroy(d);
	}
	if (n_unused > MAX_UNUSED)
		dentry_shrink(MAX_UNUSED / 8);
}

size_t
dentry_shrink(size_t wanted)
{
	size_t n = 0;

	for (; n < wanted && !list_empty(&unused); n++) {
		struct dentry *d = list_first(&unused, struct dentry, lru);
		struct dentry *parent = destroy(d);

		if (parent && !--parent->refs) {
			list_add_tail(&unused, &parent->lru);
			n_unused++;
		}
	}
	return n;
}

/* A new entry; PARENT's reference is not taken. */
static struct dentry *
alloc(struct dentry *parent, const char *name, size_t len)
{
	struct dentry *d = kzalloc(sizeof(*d));
	char *copy = kmalloc(len ? len : 1);

	if (!d || !copy) {
		kfree(d);
		kfree(copy);
		return NULL;
	}
	memcpy(copy, name, len);
	d->name = copy;
	d->len = (uint32_t)len;
	d->name_hash = hash_name(name, len);
	d->parent = parent ? parent : d;
	d->refs = 1;
	list_init(&d->hash);
	list_init(&d->lru);
	return d;
}

struct dentry *
dentry_anon(struct inode *ino, const char *name)
{
	struct dentry *d = alloc(NULL, name, strlen(name));

	if (d) {
		d->inode = ino;
		d->sb = ino->sb;
	}
	return d;
}

struct dentry *
dentry_root(struct inode *ino)
{
	return dentry_anon(ino, "");
}

static struct dentry *
find_cached(struct dentry *dir, const char *name, size_t len, uint32_t hash)
{
	struct dentry *d;

	list_each(d, bucket(dir, hash), hash)
	{
		if (d->name_hash == hash && d->parent == dir && d->len == len &&
		    !memcmp(d->name, name, len))
			return dentry_get(d);
	}
	return NULL;
}

int
dentry_lookup(struct dentry *dir, const char *name, size_t len,
	      struct dentry **out)
{
	struct inode *ino = NULL;
	struct dentry *d;
	int err;

	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	d = find_cached(dir, name, len, hash_name(name, len));
	if (d) {
		*out = d;
		return 0;
	}
	if (!dir->inode->ops->lookup)
		return -ENOTDIR;
	err = dir->unlinked
		  ? -ENOENT
		  : dir->inode->ops->lookup(dir->inode, name, len, &ino);
	if (err && err != -ENOENT)
		return err;
	d = find_cached(dir, name, len, hash_name(name, len));
	if (d) { /* another thread has looked it up meanwhile */
		if (ino)
			inode_put(ino);
		*out = d;
		return 0;
	}
	d = alloc(dir, name, len);
	if (!d) {
		if (ino)
			inode_put(ino);
		return -ENOMEM;
	}
	dentry_get(dir);
	d->inode = ino;
	d->sb = dir->sb;
	if (!dir->sb->nocache)
		list_add_head(bucket(dir, d->name_hash), &d->hash);
	*out = d;
	return 0;
}

void
dentry_unhash(struct dentry *d)
{
	list_del(&d->hash);
	d->unlinked = true;
}

void
dentry_move(struct dentry *d, struct dentry *to)
{
	struct dentry *parent = d->parent;
	char *name = d->name;
	uint32_t len = d->len, hash = d->name_hash;

	dentry_unhash(to);
	list_del(&d->hash);
	d->parent = to->parent;
	d->name = to->name;
	d->len = to->len;
	d->name_hash = to->name_hash;
	to->parent = parent;
	to->name = name;
	to->len = len;
	to->name_hash = hash;
	list_add_head(bucket(d->parent, d->name_hash), &d->hash);
}

char *
dentry_path(struct dentry *d, char *buf, size_t size)
{
	static const char deleted[] = " (deleted)";
	struct dentry *root =
	    current && current->fs ? current->fs->root : root_dentry;
	char *p = buf + size, *end;

	if (size < 16)
		return NULL;
	*--p = 0;
	end = p;
	if (d->unlinked) {
		p -= sizeof(deleted) - 1;
		memcpy(p, deleted, sizeof(deleted) - 1);
		end = p;
	}
	while (d != root) {
		if (d->parent == d && d->covers) {
			d = d->covers;
			continue;
		}
		if (d->parent == d && !d->len)
			break;
		if ((size_t)(p - buf) < d->len + 1u)
			return NULL;
		p -= d->len;
		memcpy(p, d->name, d->len);
		if (d->parent == d)
			return p; /* an object without a directory */
		*--p = '/';
		d = d->parent;
	}
	if (p == end)
		*--p = '/';
	return p;
}
