/* SPDX-License-Identifier: MIT */
/* Regular files in memory: nothing but their page cache. */
#include "errno.h"
#include "inode.h"
#include "mem.h"
#include "string.h"
#include "tmpfs.h"
#include "vm.h"

static int
file_truncate(struct inode *ino, uint64_t size)
{
	uint64_t old = ino->size, before = ino->pages.count;
	ks_paddr_t pa;

	ino->size = size;
	if (size < old) {
		pagecache_truncate(&ino->pages,
				   (size + PAGE_SIZE - 1) / PAGE_SIZE);
		if (size % PAGE_SIZE &&
		    pagecache_find(&ino->pages, size / PAGE_SIZE, &pa))
			memset((char *)pa_to_va(pa) + size % PAGE_SIZE, 0,
			       PAGE_SIZE - size % PAGE_SIZE);
		vm_truncate(ino, size);
	}
	ino->blocks -= (before - ino->pages.count) * (PAGE_SIZE / 512);
	ino->sb->pages -= before - ino->pages.count;
	inode_touch(ino);
	return 0;
}

static int
file_allocate(struct inode *ino, uint64_t off, uint64_t end, bool grow)
{
	uint64_t i = off / PAGE_SIZE, old = ino->size;
	const struct superblock *sb = ino->sb;
	ks_paddr_t pa;
	int err = 0;

	if (end > old && grow)
		ino->size = end;
	if (end > ino->size)
		end = ino->size;
	/* At once, rather than after all that there is was taken. */
	if (sb->most_pages && end > off &&
	    (end - off) / PAGE_SIZE >
		sb->most_pages - sb->pages + ino->pages.count)
		err = -ENOSPC;
	for (; i * PAGE_SIZE < end && !err; i++) {
		err = inode_get_page(ino, i, &pa);
		if (!err)
			frame_put(pa);
	}
	if (err)
		file_truncate(ino, old);
	return err == -ENOMEM ? -ENOSPC : err;
}

static void
file_release(struct inode *ino)
{
	ino->sb->pages -= ino->pages.count;
	ino->sb->inodes--;
}

const struct inode_ops tmpfs_file_ops = {
    .truncate = file_truncate,
    .allocate = file_allocate,
    .release = file_release,
};
