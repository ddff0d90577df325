/* SPDX-License-Identifier: MIT */
#include "inode.h"

#include "clock.h"
#include "cpu.h"
#include "cred.h"
#include "errno.h"
#include "flock.h"
#include "mem.h"
#include "path.h"
#include "string.h"
#include "thread.h"

struct inode *
inode_new(struct superblock *sb, uint32_t mode, const struct inode_ops *ops)
{
	struct inode *ino = kzalloc(sizeof(*ino));

	if (!ino)
		return NULL;
	ino->ops = ops;
	ino->sb = sb;
	ino->ino = ++sb->next_ino;
	ino->mode = mode;
	ino->nlink = 1;
	ino->refs = 1;
	inode_touch(ino);
	ino->atime = ino->mtime;
	return ino;
}

struct inode *
inode_get(struct inode *ino)
{
	ino->refs++;
	return ino;
}

void
inode_put(struct inode *ino)
{
	if (--ino->refs)
		return;
	if (ino->ops->release)
		ino->ops->release(ino);
	pagecache_truncate(&ino->pages, 0);
	file_locks_free(ino);
	kfree(ino);
}

struct linux_timespec
now_timespec(void)
{
	int64_t now = clock_realtime();

	return (struct linux_timespec){now / NSEC_PER_SEC, now % NSEC_PER_SEC};
}

void
inode_touch(struct inode *ino)
{
	ino->mtime = ino->ctime = now_timespec();
}

int
inode_permission(struct inode *ino, unsigned mask)
{
	const struct cred *c = &current->cred;
	uint32_t mode = ino->mode;

	if (mask & W_OK && ino->sb->readonly &&
	    (S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode)))
		return -EROFS;
	if (ino->ops->exempt && ino->ops->exempt(ino))
		return 0;
	if (c->fsuid == ino->uid)
		mode >>= 6;
	else if (in_group(ino->gid))
		mode >>= 3;
	if ((mode & mask) == mask)
		return 0;
	if (!capable(CAP_DAC_OVERRIDE))
		return -EACCES;
	if (mask & X_OK && !S_ISDIR(ino->mode) && !(ino->mode & 0111))
		return -EACCES;
	return 0;
}

int
inode_stat(struct inode *ino, struct linux_stat *out)
{
	int err = ino->ops->refresh ? ino->ops->refresh(ino) : 0;

	if (err)
		return err;
	memset(out, 0, sizeof(*out));
	out->dev = ino->sb->dev;
	out->ino = ino->ino;
	out->nlink = ino->nlink;
	out->mode = ino->mode;
	out->uid = ino->uid;
	out->gid = ino->gid;
	out->rdev = ino->rdev;
	out->size = (int64_t)ino->size;
	out->blksize = PAGE_SIZE;
	out->blocks = (int64_t)ino->blocks;
	out->atim = ino->atime;
	out->mtim = ino->mtime;
	out->ctim = ino->ctime;
	return 0;
}

int
inode_get_page(struct inode *ino, uint64_t index, ks_paddr_t *out_pa)
{
	ks_paddr_t pa, other;
	int err;

	if (index >= (ino->size + PAGE_SIZE - 1) / PAGE_SIZE)
		return -ENXIO;
	if (pagecache_find(&ino->pages, index, &pa)) {
		frame_ref(pa);
		*out_pa = pa;
		return 0;
	}
	if (!ino->ops->read_page && ino->sb->most_pages &&
	    ino->sb->pages >= ino->sb->most_pages)
		return -ENOSPC;
	err = frame_alloc(&pa);
	if (err)
		return err;
	/* One reference is for the caller: memory may get short below. */
	frame_ref(pa);
	if (ino->ops->read_page)
		err = ino->ops->read_page(ino, index, pa);
	if (!err && pagecache_find(&ino->pages, index, &other)) {
		/* Another thread has read it meanwhile. */
		frame_put(pa);
		frame_put(pa);
		frame_ref(other);
		*out_pa = other;
		return 0;
	}
	if (!err)
		err = pagecache_insert(&ino->pages, index, pa);
	if (err) {
		frame_put(pa);
		frame_put(pa);
		return err;
	}
	if (!ino->ops->read_page) {
		ino->blocks += PAGE_SIZE / 512;
		ino->sb->pages++;
	}
	*out_pa = pa;
	return 0;
}
