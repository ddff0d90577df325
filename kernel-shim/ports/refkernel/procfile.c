/* SPDX-License-Identifier: MIT */
/* The files and links of /proc. */
#include "procfile.h"

#include "cpu.h"
#include "errno.h"
#include "filemap.h"
#include "kprintf.h"
#include "mem.h"
#include "string.h"
#include "thread.h"

#define STORE_MAX 4096

/* ---- texts ---- */

static bool
seq_grow(struct seq *s, size_t n)
{
	size_t size = s->size ? s->size : 1024;
	char *buf;

	if (s->error)
		return false;
	while (size - s->len < n)
		size *= 2;
	if (size == s->size)
		return true;
	buf = krealloc(s->buf, size);
	if (!buf) {
		s->error = -ENOMEM;
		return false;
	}
	s->buf = buf;
	s->size = size;
	return true;
}

void
seq_write(struct seq *s, const void *data, size_t n)
{
	if (!seq_grow(s, n))
		return;
	memcpy(s->buf + s->len, data, n);
	s->len += n;
}

void
seq_printf(struct seq *s, const char *fmt, ...)
{
	va_list ap;
	int n;

	for (;;) {
		va_start(ap, fmt);
		n = s->error ? 0
			     : kvsnprintf(s->buf + s->len, s->size - s->len,
					  fmt, ap);
		va_end(ap);
		if (s->error)
			return;
		if ((size_t)n < s->size - s->len)
			break;
		if (!seq_grow(s, (size_t)n + 1))
			return;
	}
	s->len += (size_t)n;
}

/* Make the contents of F anew. */
static int
make_text(struct file *f, struct seq *s)
{
	const struct proc_inode *p = f->inode->priv;
	int err;

	s->len = 0;
	s->error = 0;
	if (p->thread && p->thread->state == THREAD_DEAD)
		return -ESRCH;
	if (p->kind == PROC_FDINFO) {
		struct fdtable *t = p->thread->files;
		struct file *of = fdtable_file(t, p->fd);

		if (!of)
			return -ENOENT;
		err = proc_show_fdinfo(of, t->cloexec[p->fd], s);
		file_put(of);
	} else if (p->node->show) {
		err = p->node->show(p->thread, s);
	} else {
		return -EINVAL;
	}
	return err ? err : s->error;
}

static int64_t
text_read(struct file *f, struct uio *io, uint64_t *pos)
{
	struct seq *s = f->priv;
	size_t before = io->left, n;
	int err;

	if (*pos == 0) {
		err = make_text(f, s);
		if (err)
			return err;
	}
	if (*pos >= s->len)
		return 0;
	n = s->len - *pos;
	if (n > io->left)
		n = io->left;
	err = uio_put(io, s->buf + *pos, n);
	*pos += before - io->left;
	return before != io->left ? (int64_t)(before - io->left) : err;
}

static int64_t
text_write(struct file *f, struct uio *io, uint64_t *pos)
{
	const struct proc_inode *p = f->inode->priv;
	size_t n = io->left < STORE_MAX ? io->left : STORE_MAX;
	int64_t r = -EINVAL;
	char *buf;

	if (!p->node || !p->node->store)
		return -EINVAL;
	if (p->thread && p->thread->state == THREAD_DEAD)
		return -ESRCH;
	buf = kmalloc(n + 1);
	if (!buf)
		return -ENOMEM;
	if (uio_get(io, buf, n)) {
		r = -EFAULT;
	} else {
		buf[n] = 0;
		r = p->node->store(p->thread, buf, n);
	}
	kfree(buf);
	if (r > 0)
		*pos += (uint64_t)r;
	return r;
}

static int64_t
text_seek(struct file *f, int64_t off, int whence)
{
	return whence == SEEK_END ? -EINVAL : generic_seek(f, off, whence, 0);
}

static void
text_release(struct file *f)
{
	struct seq *s = f->priv;

	kfree(s->buf);
	kfree(s);
}

static const struct file_ops text_ops = {
    .read = text_read,
    .write = text_write,
    .seek = text_seek,
    .release = text_release,
};

/* ---- nodes ---- */

static int
node_open(struct inode *ino, struct file *f)
{
	const struct proc_inode *p = ino->priv;

	if (p->kind == PROC_NODE && p->node->open)
		return p->node->open(p->thread, p->node, f);
	f->priv = kzalloc(sizeof(struct seq));
	if (!f->priv)
		return -ENOMEM;
	f->ops = &text_ops;
	return 0;
}

/*
 * The text of a link to D, as readlink in /proc shows it. Drops the reference
 * to D.
 */
static int
link_text(struct dentry *d, char *buf, size_t size, size_t *out_len)
{
	char *tmp = kmalloc(PATH_MAX), *path;
	int err = -ENOMEM;

	if (tmp) {
		path = dentry_path(d, tmp, PATH_MAX);
		err = path ? 0 : -ENAMETOOLONG;
	}
	if (!err) {
		*out_len = strlen(path);
		if (*out_len > size)
			*out_len = size;
		memcpy(buf, path, *out_len);
	}
	kfree(tmp);
	dentry_put(d);
	return err;
}

static int
node_readlink(struct inode *ino, char *buf, size_t size, size_t *out_len)
{
	const struct proc_inode *p = ino->priv;
	struct dentry *d;
	int err;

	if (p->node->link)
		return p->node->link(p->thread, buf, size, out_len);
	err = p->node->follow(p->thread, &d);
	return err ? err : link_text(d, buf, size, out_len);
}

static int
node_follow(struct inode *ino, struct dentry **out)
{
	const struct proc_inode *p = ino->priv;

	return p->node->follow(p->thread, out);
}

static bool
node_exempt(const struct inode *ino)
{
	const struct proc_inode *p = ino->priv;

	/* The text of a descriptor is of no table. */
	return p->node && p->node->exempt &&
	       p->node->exempt(p->thread, p->node);
}

static const struct inode_ops file_node_ops = {
    .exempt = node_exempt,
    .open = node_open,
    .release = proc_inode_release,
};

static const struct inode_ops link_node_ops = {
    .readlink = node_readlink,
    .release = proc_inode_release,
};

static const struct inode_ops object_node_ops = {
    .readlink = node_readlink,
    .follow = node_follow,
    .release = proc_inode_release,
};

const struct inode_ops *
proc_node_ops(const struct proc_node *n)
{
	if (n->follow)
		return &object_node_ops;
	return n->link ? &link_node_ops : &file_node_ops;
}

/* ---- descriptors ---- */

int
proc_next_fd(struct thread *t, int fd)
{
	struct fdtable *table = t->files;

	for (; table && (unsigned)fd < table->size; fd++) {
		if (table->files[fd])
			return fd;
	}
	return -1;
}

static int
fd_follow(struct inode *ino, struct dentry **out)
{
	const struct proc_inode *p = ino->priv;
	struct file *f = fdtable_file(p->thread->files, p->fd);

	if (!f)
		return -ENOENT;
	*out = dentry_get(f->dentry);
	file_put(f);
	return 0;
}

static int
fd_readlink(struct inode *ino, char *buf, size_t size, size_t *out_len)
{
	struct dentry *d;
	int err = fd_follow(ino, &d);

	return err ? err : link_text(d, buf, size, out_len);
}

static const struct inode_ops fd_ops = {
    .readlink = fd_readlink,
    .follow = fd_follow,
    .release = proc_inode_release,
};

int
proc_fd_inode(struct inode *dir, int fd, struct inode **out)
{
	const struct proc_inode *d = dir->priv;
	struct proc_inode model = *d;
	uint32_t mode = S_IFLNK;
	struct file *f = fdtable_file(d->thread->files, fd);

	if (!f)
		return -ENOENT;
	if (file_readable(f))
		mode |= 0500;
	if (file_writable(f))
		mode |= 0300;
	file_put(f);
	model.fd = fd;
	if (d->kind == PROC_FDS) {
		model.kind = PROC_FD;
		return proc_make(dir->sb, mode, &fd_ops, &model, (unsigned)fd,
				 out);
	}
	model.kind = PROC_FDINFO;
	return proc_make(dir->sb, S_IFREG | 0444, &file_node_ops, &model,
			 (unsigned)fd, out);
}
