/* SPDX-License-Identifier: MIT */
/*
 * Names: the tree of directory entries and the walk over it. An entry holds
 * its parent and its inode; unused ones stay cached (absent names as well)
 * until memory is short. A file system is mounted on an entry.
 */
#ifndef REFKERNEL_PATH_H
#define REFKERNEL_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "inode.h"
#include "list.h"

struct dentry {
	struct dentry *parent; /* itself for the root of a file system */
	struct inode *inode;   /* NULL: there is no such name */
	struct superblock *sb;
	struct dentry *mounted; /* root of the file system mounted here */
	struct dentry *covers;	/* of such a root: where it is mounted */
	struct list hash;	/* by parent and name; or alone: not cached */
	struct list lru;	/* while refs is 0 */
	unsigned refs;
	bool unlinked;
	uint32_t name_hash;
	uint32_t len;
	char *name; /* LEN bytes, no NUL */
};

struct dentry *dentry_get(struct dentry *d);
void dentry_put(struct dentry *d);

/* An entry with no parent and no name for INO, whose reference it takes. */
struct dentry *dentry_root(struct inode *ino);
/* Likewise with a name, for pipes, sockets and memfds ("pipe:[7]"). */
struct dentry *dentry_anon(struct inode *ino, const char *name);

/* The root of all, and of proc. Set by fs_init(). */
extern struct dentry *root_dentry;
extern struct dentry *proc_root;

/* Mount the file system whose root is ROOT on PATH; the reference is taken. */
int fs_mount(const char *path, struct dentry *root);

/* Call FN for each mount, that of the root first. */
void fs_each_mount(void (*fn)(void *arg, const char *path,
			      const struct superblock *sb),
		   void *arg);

/* Mount everything, make the devices. Before the first process. */
int fs_init(void);

/* Drop all that is only cached, at power-off: what stays is a leak. */
void fs_fini(void);

/* Forget unused names until about WANTED are gone. */
size_t dentry_shrink(size_t wanted);

enum walk_flag {
	WALK_FOLLOW = 1,    /* follow a link in the last place */
	WALK_DIRECTORY = 2, /* -ENOTDIR for anything else */
	WALK_ABSENT_OK = 4, /* the last name may be absent */
	WALK_EMPTY_OK = 8,  /* "" is the start itself */
	WALK_NO_MAGIC = 16, /* -ELOOP at a link to an object */
};

/*
 * Find the entry of the kernel string PATH, beginning at directory START if it
 * is relative (NULL: the current directory). A path that begins with "proc:"
 * begins at the root of proc. With WALK_ABSENT_OK *OUT can have no inode: then
 * it can be created there. The entry is returned with a reference.
 */
int path_walk(struct dentry *start, const char *path, unsigned flags,
	      struct dentry **out);

/*
 * The same for a path in user memory and a directory descriptor as the *at
 * calls have them.
 */
int path_walk_user(int dirfd, uint64_t upath, unsigned flags,
		   struct dentry **out);

/* The same for a path in kernel memory. */
int path_walk_at(int dirfd, const char *path, unsigned flags,
		 struct dentry **out);

/* Copy a path in from user memory; kfree(*OUT). -EFAULT, -ENAMETOOLONG,
 * -ENOMEM. */
int path_copy_in(uint64_t upath, char **out);

/*
 * The absolute path of D, within the current root, at the end of BUF; the
 * start is returned, terminated. " (deleted)" is appended for an unlinked one.
 * NULL: SIZE is too small.
 */
char *dentry_path(struct dentry *d, char *buf, size_t size);

/* Look one name up in the cache or the file system; as path_walk(). */
int dentry_lookup(struct dentry *dir, const char *name, size_t len,
		  struct dentry **out);

/* D has lost its name. */
void dentry_unhash(struct dentry *d);
/* D gets the place and name of TO, which loses them. */
void dentry_move(struct dentry *d, struct dentry *to);

#endif
