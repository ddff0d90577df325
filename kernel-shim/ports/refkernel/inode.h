/* SPDX-License-Identifier: MIT */
/*
 * Inodes: the objects of a file system, whatever their names. Counted; the
 * last inode_put() calls `release` and frees the structure with kfree().
 */
#ifndef REFKERNEL_INODE_H
#define REFKERNEL_INODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kshim/types.h>

#include "fs_abi.h"
#include "pagecache.h"

struct dentry;
struct file;
struct file_ops;
struct inode;

/* A mounted file system. All of them live until power-off. */
struct superblock {
	const char *type;   /* "9p", "tmpfs": as in /proc/filesystems */
	const char *source; /* as in /proc/mounts */
	uint64_t dev;	    /* st_dev */
	bool readonly;
	bool nocache; /* names come and go by themselves: proc, devpts */
	int (*statfs)(struct superblock *sb, struct linux_statfs *out);
	uint64_t next_ino;
	/* In memory: what it holds, and its most; most 0: no limit. */
	uint64_t pages, most_pages, inodes, most_inodes;
};

/*
 * How readdir hands out an entry; false: no room, stop before this one. It may
 * not sleep or touch user memory.
 */
struct dir_sink {
	bool (*emit)(struct dir_sink *s, const char *name, size_t len,
		     uint64_t ino, unsigned type, uint64_t next_pos);
};

/*
 * All may be NULL: then the call is refused as Linux would (-EPERM, -ENOTDIR,
 * -EROFS ...). Names are not terminated, never "." or "..". Rights have been
 * checked by the caller. Inodes are returned with a reference.
 */
struct inode_ops {
	int (*lookup)(struct inode *dir, const char *name, size_t len,
		      struct inode **out);
	/* MODE's type says what to make: file, directory, device, fifo. */
	int (*create)(struct inode *dir, const char *name, size_t len,
		      uint32_t mode, uint64_t rdev, struct inode **out);
	int (*symlink)(struct inode *dir, const char *name, size_t len,
		       const char *target, struct inode **out);
	int (*link)(struct inode *dir, const char *name, size_t len,
		    struct inode *what);
	/* Also rmdir: WHAT is the inode that has the name now. */
	int (*unlink)(struct inode *dir, const char *name, size_t len,
		      struct inode *what);
	/* TARGET: the inode that has the new name now, or NULL. */
	int (*rename)(struct inode *from, const char *name, size_t len,
		      struct inode *what, struct inode *to, const char *nname,
		      size_t nlen, struct inode *target);
	/* Put at most SIZE bytes in BUF; not terminated. */
	int (*readlink)(struct inode *ino, char *buf, size_t size,
			size_t *out_len);
	/* True: the current thread has all rights, whatever the mode. */
	bool (*exempt)(const struct inode *ino);
	/* A link that leads to an object rather than to a path. */
	int (*follow)(struct inode *ino, struct dentry **out);
	/* Bring the fields below up to date, for stat. */
	int (*refresh)(struct inode *ino);
	int (*truncate)(struct inode *ino, uint64_t size);
	/*
	 * Have all pages from OFF to END, which may be beyond the end of the
	 * file only if GROW is set.
	 */
	int (*allocate)(struct inode *ino, uint64_t off, uint64_t end,
			bool grow);
	/*
	 * Fill page INDEX, which lies within the file; the frame is zeroed. May
	 * add the pages after it to the cache as well.
	 */
	int (*read_page)(struct inode *ino, uint64_t index, ks_paddr_t pa);
	/* Set up F: its fops and priv; f->inode is set. */
	int (*open)(struct inode *ino, struct file *f);
	void (*release)(struct inode *ino);
};

struct inode {
	const struct inode_ops *ops;
	const struct file_ops *fops; /* of a file opened on it, by default */
	struct superblock *sb;
	uint64_t ino;
	uint32_t mode; /* with the type */
	uint32_t nlink;
	uint32_t uid;
	uint32_t gid;
	uint64_t rdev;
	uint64_t size;
	uint64_t blocks; /* of 512 bytes */
	struct linux_timespec atime, mtime, ctime;
	unsigned refs;
	struct pagecache pages;	  /* regular files */
	struct file_locks *locks; /* flock and fcntl, or NULL */
	void *priv;		  /* the file system's */
};

/* A new inode with one reference, a fresh number and the time; or NULL. */
struct inode *inode_new(struct superblock *sb, uint32_t mode,
			const struct inode_ops *ops);
struct inode *inode_get(struct inode *ino);
void inode_put(struct inode *ino);

/*
 * May the current thread do MASK (R_OK, W_OK, X_OK) to INO? 0, -EACCES, or
 * -EROFS for writing on a read-only file system.
 */
int inode_permission(struct inode *ino, unsigned mask);

/* As stat(2). */
int inode_stat(struct inode *ino, struct linux_stat *out);

/* The wall clock. */
struct linux_timespec now_timespec(void);

/* Set mtime and ctime to now. */
void inode_touch(struct inode *ino);

/*
 * A referenced frame of page INDEX of a regular file, from the cache or read
 * into it. -ENXIO: beyond the end of the file. -EIO, -ENOMEM; -ENOSPC: no room
 * for a page that was a hole. For a file that can be written the frame is the
 * file's own: stores into it change the file.
 */
int inode_get_page(struct inode *ino, uint64_t index, ks_paddr_t *out_pa);

#endif
