/* SPDX-License-Identifier: MIT */
/*
 * Open files, tables of descriptors and what else clone(CLONE_FS) shares.
 * Everything here is counted.
 */
#ifndef REFKERNEL_FILE_H
#define REFKERNEL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kshim/types.h>

#include "async.h"
#include "fs_abi.h"
#include "inode.h"
#include "path.h"
#include "uio.h"

struct poll_table;
struct vm;
struct process;

/*
 * Operations of an open file; NULL ones are refused (-EINVAL, ioctl -ENOTTY,
 * mmap -ENODEV). All may sleep. A count or -errno is returned.
 */
struct file_ops {
	/*
	 * Transfer at most io->left bytes at *POS and advance it. A file with
	 * `stream` set has no position: POS is NULL.
	 */
	int64_t (*read)(struct file *f, struct uio *io, uint64_t *pos);
	int64_t (*write)(struct file *f, struct uio *io, uint64_t *pos);
	/* What is ready now (POLLIN ...); enter its queues in PT if not NULL.
	 */
	unsigned (*poll)(struct file *f, struct poll_table *pt);
	int64_t (*ioctl)(struct file *f, unsigned cmd, uint64_t arg);
	int64_t (*seek)(struct file *f, int64_t off, int whence);
	/* Emit entries from *POS on (0: "."), and advance it. */
	int (*readdir)(struct file *f, struct dir_sink *sink, uint64_t *pos);
	/*
	 * A referenced frame for page INDEX of a mapping, for an ACCESS of enum
	 * ks_access. *RIGHTS is what the mapping would allow; a file may take
	 * from it what is not in ACCESS, and is then asked again. KS_WRITE is
	 * only ever of a shared mapping. -ENXIO: beyond the end (SIGBUS).
	 */
	int (*get_page)(struct file *f, uint64_t index, unsigned access,
			unsigned *rights, ks_paddr_t *out_pa);
	/*
	 * Who gets SIGIO if nobody was named: a process, or negative a group,
	 * or 0. NULL: there is no O_ASYNC.
	 */
	int32_t (*async_owner)(struct file *f);
	/* May a mapping be made? 0 or -errno. NULL with get_page: always. */
	int (*mmap)(struct file *f, uint64_t len, unsigned prot, bool shared);
	/* A descriptor was closed (not necessarily the last). */
	void (*flush)(struct file *f);
	/* The last reference went. */
	void (*release)(struct file *f);
	bool stream; /* no position: seeking is -ESPIPE */
};

struct file {
	const struct file_ops *ops;
	struct inode *inode;   /* never NULL */
	struct dentry *dentry; /* never NULL */
	unsigned flags;	       /* O_ACCMODE, O_APPEND, O_NONBLOCK, O_PATH ... */
	unsigned refs;
	uint64_t pos;
	struct file_owner owner;
	struct async *async; /* NULL: O_ASYNC is off */
	struct list epolls;  /* the epoll items that watch this file */
	void *priv;	     /* of ops */
};

static inline bool
file_readable(const struct file *f)
{
	unsigned m = f->flags & O_ACCMODE;

	return !(f->flags & O_PATH) && (m == O_RDONLY || m == O_RDWR);
}

static inline bool
file_writable(const struct file *f)
{
	unsigned m = f->flags & O_ACCMODE;

	return !(f->flags & O_PATH) && (m == O_WRONLY || m == O_RDWR);
}

/*
 * A file on entry D with FLAGS, whose open operation has run. D is referenced
 * anew. No check of rights: see file_open().
 */
int file_new(struct dentry *d, unsigned flags, struct file **out);

/*
 * A file that no directory has: INO's reference is taken (also on error), NAME
 * is what /proc/PID/fd shows.
 */
int file_anon(struct inode *ino, const char *name, const struct file_ops *ops,
	      void *priv, unsigned flags, struct file **out);

/* Open D as open(2) does: rights, O_TRUNC, O_DIRECTORY. */
int file_open(struct dentry *d, unsigned flags, struct file **out);

static inline struct file *
file_get(struct file *f)
{
	f->refs++;
	return f;
}

/* What file_put() does of the last reference. */
void file_free(struct file *f);

static inline void
file_put(struct file *f)
{
	if (--f->refs == 0)
		file_free(f);
}

/* May INO be executed? -EACCES. */
int file_may_exec(struct inode *ino);

/*
 * Transfer at *POS, or with POS NULL at the file's own position. Checks that F
 * was opened for it: -EBADF; -EISDIR, -EINVAL.
 */
int64_t file_read(struct file *f, struct uio *io, uint64_t *pos);
int64_t file_write(struct file *f, struct uio *io, uint64_t *pos);

/* Read LEN bytes at POS into kernel memory; short at the end of the file. */
int64_t file_pread(struct file *f, void *buf, size_t len, uint64_t pos);

/*
 * The page provider of mappings; see get_page above. -ENODEV if the file
 * cannot be mapped.
 */
int file_get_page(struct file *f, uint64_t index, unsigned access,
		  unsigned *rights, ks_paddr_t *out_pa);

/* May F be mapped so? -EACCES, -ENODEV; checks the modes of mmap(2). */
int file_may_map(struct file *f, uint64_t len, unsigned prot, bool shared);

/* Its path for /proc/PID/maps and exe; as dentry_path(). */
char *file_path(struct file *f, char *buf, size_t size);

/* ---- tables of descriptors ---- */

struct fdtable {
	unsigned refs;
	unsigned size;
	unsigned lowest; /* none below it is free */
	struct file **files;
	uint8_t *cloexec; /* one byte a descriptor */
};

struct fdtable *fdtable_new(void);
struct fdtable *fdtable_get(struct fdtable *t);
void fdtable_put(struct fdtable *t);
/* For fork. */
int fdtable_copy(struct fdtable *t, struct fdtable **out);
/* For exec: close what is close-on-exec. *T is made private first if shared. */
int fdtable_exec(struct fdtable **t);

/* The file of FD in the current table, referenced, or NULL. */
struct file *fd_get(int fd);
/* Its entry, referenced; -EBADF. */
int fd_dentry(int fd, struct dentry **out);
/* The same in any table. */
struct file *fdtable_file(struct fdtable *t, int fd);
/* The lowest free descriptor not below MIN gets F; F's reference is taken,
 * also on error. -EMFILE, -ENOMEM. */
int fd_install(struct file *f, int min, bool cloexec);
/* Two at once, whose numbers go to the two words at UFDS. */
int fd_install_pair(struct file *a, struct file *b, bool cloexec,
		    uint64_t ufds);
int fd_close(int fd);
/* FD (>= 0) becomes F, whose reference is taken also on error; FD or -errno. */
int fd_replace(int fd, struct file *f, bool cloexec);

/* ---- current directory, root, umask ---- */

struct fs_state {
	unsigned refs;
	uint32_t umask;
	struct dentry *cwd;
	struct dentry *root;
};

struct fs_state *fs_state_new(struct dentry *root, struct dentry *cwd);
struct fs_state *fs_state_get(struct fs_state *fs);
void fs_state_put(struct fs_state *fs);
int fs_state_copy(struct fs_state *fs, struct fs_state **out);

#endif
