/* SPDX-License-Identifier: MIT */
/*
 * The host's root as a file system. What was seen once (names, attributes,
 * contents) is taken to stay as it is.
 */
#include "p9.h"

#include "cpu.h"
#include "dev.h"
#include "errno.h"
#include "file.h"
#include "filemap.h"
#include "mem.h"
#include "p9_rpc.h"
#include "string.h"
#include "thread.h"

#define GETATTR_BASIC 0x7ff
#define ROOT_FID      1

/* Most files of the host that are kept open. */
#define MAX_OPEN 400

struct p9_node {
	uint32_t fid;
	uint32_t open_fid; /* P9_NOFID: not open */
	unsigned readers;  /* while there are some it stays open */
	struct list opened;
	char *link; /* the text of a link, once read */
	size_t link_len;
};

static struct list opened = LIST_INIT(opened); /* oldest use first */
static unsigned n_opened;
static uint32_t last_fid;

static const struct inode_ops dir_ops, file_ops, link_ops, other_ops;
static const struct file_ops dir_file_ops;

static struct p9_node *
node_of(struct inode *ino)
{
	return ino->priv;
}

static void
clunk(uint32_t fid)
{
	struct p9_reply r;

	bool sleeps = current->io_sleeps;

	current->io_sleeps = false; /* who gives up an inode can be anywhere */
	p9_begin(P9_TCLUNK);
	p9_u32(fid);
	if (!p9_call(&r)) /* the fid is gone whatever the answer */
		p9_end(&r);
	current->io_sleeps = sleeps;
}

/* A new fid for NAME below FID, or with LEN 0 for FID's own file. */
static int
walk(uint32_t fid, const char *name, size_t len, uint32_t *out)
{
	uint32_t nfid = ++last_fid;
	struct p9_reply r;
	int err;

	p9_begin(P9_TWALK);
	p9_u32(fid);
	p9_u32(nfid);
	p9_u16(len ? 1 : 0);
	if (len)
		p9_string(name, len);
	err = p9_call(&r);
	if (err)
		return err;
	if (p9_get(&r, 2) != (len ? 1 : 0))
		err = -ENOENT;
	p9_end(&r);
	if (!err)
		*out = nfid;
	return err;
}

static int
lopen(uint32_t fid, uint32_t flags)
{
	struct p9_reply r;
	int err;

	p9_begin(P9_TLOPEN);
	p9_u32(fid);
	p9_u32(flags);
	err = p9_call(&r);
	if (!err)
		p9_end(&r);
	return err;
}

static void
get_time(struct p9_reply *r, struct linux_timespec *ts)
{
	ts->sec = (int64_t)p9_get(r, 8);
	ts->nsec = (int64_t)p9_get(r, 8);
}

static int
get_attributes(struct inode *ino)
{
	struct p9_reply r;
	int err;

	p9_begin(P9_TGETATTR);
	p9_u32(node_of(ino)->fid);
	p9_u64(GETATTR_BASIC);
	err = p9_call(&r);
	if (err)
		return err;
	p9_get(&r, 8); /* which are valid: all that were asked for */
	p9_get(&r, 5); /* type and version of the qid */
	ino->ino = p9_get(&r, 8);
	ino->mode = (uint32_t)p9_get(&r, 4);
	ino->uid = (uint32_t)p9_get(&r, 4);
	ino->gid = (uint32_t)p9_get(&r, 4);
	ino->nlink = (uint32_t)p9_get(&r, 8);
	ino->rdev = p9_get(&r, 8);
	ino->size = p9_get(&r, 8);
	p9_get(&r, 8); /* the block size for input and output */
	ino->blocks = p9_get(&r, 8);
	get_time(&r, &ino->atime);
	get_time(&r, &ino->mtime);
	get_time(&r, &ino->ctime);
	p9_end(&r);
	return r.bad ? -EIO : 0;
}

static void
set_operations(struct inode *ino)
{
	switch (ino->mode & S_IFMT) {
	case S_IFREG:
		ino->ops = &file_ops;
		ino->fops = &regular_file_ops;
		break;
	case S_IFDIR:
		ino->ops = &dir_ops;
		ino->fops = &dir_file_ops;
		break;
	case S_IFLNK:
		ino->ops = &link_ops;
		break;
	default:
		ino->ops = &other_ops;
		break;
	}
}

/* An inode for FID, which is clunked on error. */
static int
make_inode(struct superblock *sb, uint32_t fid, struct inode **out)
{
	struct inode *ino = inode_new(sb, 0, &other_ops);
	struct p9_node *n = kzalloc(sizeof(*n));
	int err;

	if (!ino || !n) {
		clunk(fid);
		kfree(ino); /* it has nothing yet to be put */
		kfree(n);
		return -ENOMEM;
	}
	n->fid = fid;
	n->open_fid = P9_NOFID;
	list_init(&n->opened);
	ino->priv = n;
	err = get_attributes(ino);
	if (err) {
		inode_put(ino);
		return err;
	}
	set_operations(ino);
	*out = ino;
	return 0;
}

static int
p9_lookup(struct inode *dir, const char *name, size_t len, struct inode **out)
{
	uint32_t fid = P9_NOFID;
	int err = walk(node_of(dir)->fid, name, len, &fid);

	return err ? err : make_inode(dir->sb, fid, out);
}

static void
close_node(struct p9_node *n)
{
	list_del(&n->opened);
	n_opened--;
	clunk(n->open_fid);
	n->open_fid = P9_NOFID;
}

/* Close the one that has not been used for longest. */
static void
close_oldest(void)
{
	struct p9_node *n;

	list_each(n, &opened, opened)
	{
		if (!n->readers) {
			close_node(n);
			return;
		}
	}
}

/* Have the file of N open for reading. */
static int
open_node(struct p9_node *n)
{
	uint32_t fid = P9_NOFID;
	int err;

	if (n->open_fid == P9_NOFID) {
		err = walk(n->fid, NULL, 0, &fid);
		if (err)
			return err;
		err = lopen(fid, O_RDONLY);
		if (err || n->open_fid != P9_NOFID) {
			clunk(fid); /* not needed: another thread has */
			return err;
		}
		n->open_fid = fid;
		if (++n_opened > MAX_OPEN)
			close_oldest();
	}
	list_del(&n->opened);
	list_add_tail(&opened, &n->opened);
	return 0;
}

static int
p9_open(struct inode *ino, struct file *f)
{
	(void)f;
	return open_node(node_of(ino));
}

/*
 * Read the page into PA, and in the same exchange as many of those after it as
 * are in the file and not in the cache.
 */
static int
p9_read_page(struct inode *ino, uint64_t index, ks_paddr_t pa)
{
	uint64_t end = (ino->size + PAGE_SIZE - 1) / PAGE_SIZE;
	ks_paddr_t frames[P9_READ_PAGES] = {pa}, other;
	struct p9_node *node = node_of(ino);
	int64_t got;
	size_t n;
	int err = open_node(node);

	if (err)
		return err;
	node->readers++;
	for (n = 1; n < P9_READ_PAGES && index + n < end; n++) {
		if (pagecache_find(&ino->pages, index + n, &other) ||
		    frame_alloc(&frames[n]))
			break;
	}
	got = p9_read_frames(node->open_fid, index * PAGE_SIZE, frames, n);
	node->readers--;
	for (size_t i = 1; i < n; i++) {
		if (got <= (int64_t)(i * PAGE_SIZE) ||
		    pagecache_find(&ino->pages, index + i, &other) ||
		    pagecache_insert(&ino->pages, index + i, frames[i]))
			frame_put(frames[i]);
	}
	pagecache_clean(&ino->pages);
	return got < 0 ? (int)got : 0;
}

/* Ask for the text of link N. */
static int
read_link(struct p9_node *n)
{
	struct p9_reply r;
	const char *text;
	size_t len;
	int err;

	p9_begin(P9_TREADLINK);
	p9_u32(n->fid);
	err = p9_call(&r);
	if (err)
		return err;
	len = p9_get(&r, 2);
	text = p9_bytes(&r, len);
	if (!text)
		err = -EIO;
	else if (!n->link) /* or another thread was here meanwhile */
		n->link = kmalloc(len ? len : 1);
	if (text && n->link) {
		memcpy(n->link, text, len);
		n->link_len = len;
	}
	p9_end(&r);
	return err ? err : n->link ? 0 : -ENOMEM;
}

static int
p9_readlink(struct inode *ino, char *buf, size_t size, size_t *out_len)
{
	struct p9_node *n = node_of(ino);
	int err = n->link ? 0 : read_link(n);

	if (err)
		return err;
	*out_len = n->link_len < size ? n->link_len : size;
	memcpy(buf, n->link, *out_len);
	return 0;
}

static void
p9_release(struct inode *ino)
{
	struct p9_node *n = node_of(ino);

	if (n->open_fid != P9_NOFID)
		close_node(n);
	clunk(n->fid);
	kfree(n->link);
	kfree(n);
}

static int
dir_open(struct inode *ino, struct file *f)
{
	uint32_t fid = P9_NOFID;
	int err = walk(node_of(ino)->fid, NULL, 0, &fid);

	if (err)
		return err;
	err = lopen(fid, O_RDONLY | O_DIRECTORY);
	if (err) {
		clunk(fid);
		return err;
	}
	f->priv = (void *)(uintptr_t)fid;
	return 0;
}

static void
dir_release(struct file *f)
{
	clunk((uint32_t)(uintptr_t)f->priv);
}

static int
dir_readdir(struct file *f, struct dir_sink *sink, uint64_t *pos)
{
	struct p9_reply r;
	size_t count;
	int err;

	p9_begin(P9_TREADDIR);
	p9_u32((uint32_t)(uintptr_t)f->priv);
	p9_u64(*pos);
	p9_u32(P9_REPLY_MAX - 64);
	err = p9_call(&r);
	if (err)
		return err;
	count = p9_get(&r, 4);
	if (count < (size_t)(r.end - r.p))
		r.end = r.p + count;
	while (r.p < r.end) {
		uint64_t ino, next;
		unsigned type;
		const char *name;
		size_t len;

		p9_get(&r, 5);
		ino = p9_get(&r, 8);
		next = p9_get(&r, 8);
		type = (unsigned)p9_get(&r, 1);
		len = p9_get(&r, 2);
		name = p9_bytes(&r, len);
		if (r.bad || !sink->emit(sink, name, len, ino, type, next))
			break;
		*pos = next;
	}
	p9_end(&r);
	return r.bad ? -EIO : 0;
}

static int
p9_statfs(struct superblock *sb, struct linux_statfs *out)
{
	struct p9_reply r;
	int err;

	p9_begin(P9_TSTATFS);
	p9_u32(ROOT_FID);
	err = p9_call(&r);
	if (err)
		return err;
	(void)sb;
	memset(out, 0, sizeof(*out));
	out->type = (int64_t)p9_get(&r, 4);
	out->bsize = (int64_t)p9_get(&r, 4);
	out->blocks = (int64_t)p9_get(&r, 8);
	out->bfree = (int64_t)p9_get(&r, 8);
	out->bavail = (int64_t)p9_get(&r, 8);
	out->files = (int64_t)p9_get(&r, 8);
	out->ffree = (int64_t)p9_get(&r, 8);
	p9_get(&r, 8); /* fsid */
	out->namelen = (int64_t)p9_get(&r, 4);
	out->frsize = out->bsize;
	p9_end(&r);
	return r.bad ? -EIO : 0;
}

int
p9_mount(struct dentry **out_root)
{
	static struct superblock sb = {
	    .type = "9p",
	    .source = "root",
	    .dev = MAKEDEV(0, 20),
	    .readonly = true,
	    .statfs = p9_statfs,
	};
	struct inode *ino;
	struct p9_reply r;
	int err = p9_connect();

	if (err)
		return err;
	p9_begin(P9_TATTACH);
	last_fid = ROOT_FID;
	p9_u32(ROOT_FID);
	p9_u32(P9_NOFID);
	p9_string("root", 4);
	p9_string("", 0);
	p9_u32(0);
	err = p9_call(&r);
	if (err)
		return err;
	p9_end(&r);
	err = make_inode(&sb, ROOT_FID, &ino);
	if (err)
		return err;
	*out_root = dentry_root(ino);
	return *out_root ? 0 : -ENOMEM;
}

static const struct inode_ops dir_ops = {
    .lookup = p9_lookup,
    .open = dir_open,
    .release = p9_release,
};

static const struct inode_ops file_ops = {
    .read_page = p9_read_page,
    .open = p9_open,
    .release = p9_release,
};

static const struct inode_ops link_ops = {
    .readlink = p9_readlink,
    .release = p9_release,
};

static const struct inode_ops other_ops = {
    .open = dev_open,
    .release = p9_release,
};

static const struct file_ops dir_file_ops = {
    .readdir = dir_readdir,
    .release = dir_release,
};
