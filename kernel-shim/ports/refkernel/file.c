/* SPDX-License-Identifier: MIT */
/* Open files. */
#include "file.h"

#include "cpu.h"
#include "cred.h"
#include "epoll.h"
#include "errno.h"
#include "flock.h"
#include "mem.h"
#include "poll.h"
#include "string.h"
#include "thread.h"
#include "vfs.h"

/* Flags of open(2) that say what to do and are not kept. */
#define OPEN_ONLY (O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC)

static const struct file_ops no_ops;

int
file_new(struct dentry *d, unsigned flags, struct file **out)
{
	struct file *f = kzalloc(sizeof(*f));
	int err = 0;

	if (!f)
		return -ENOMEM;
	f->dentry = dentry_get(d);
	f->inode = inode_get(d->inode);
	f->flags = flags;
	f->refs = 1;
	f->ops = d->inode->fops ? d->inode->fops : &no_ops;
	list_init(&f->epolls);
	if (flags & O_PATH)
		f->ops = &no_ops;
	else if (d->inode->ops->open)
		err = d->inode->ops->open(d->inode, f);
	if (err) {
		f->ops = &no_ops;
		file_put(f);
		return err;
	}
	f->flags &= ~OPEN_ONLY;
	*out = f;
	return 0;
}

int
file_anon(struct inode *ino, const char *name, const struct file_ops *ops,
	  void *priv, unsigned flags, struct file **out)
{
	struct file *f = kzalloc(sizeof(*f));
	struct dentry *d = f ? dentry_anon(ino, name) : NULL;

	if (!d) {
		kfree(f);
		inode_put(ino);
		return -ENOMEM;
	}
	f->dentry = d;
	f->inode = inode_get(ino);
	f->ops = ops;
	f->priv = priv;
	f->flags = flags;
	f->refs = 1;
	list_init(&f->epolls);
	*out = f;
	return 0;
}

int
file_open(struct dentry *d, unsigned flags, struct file **out)
{
	struct inode *ino = d->inode;
	unsigned mask = 0, mode = flags & O_ACCMODE;
	int err;

	if (flags & O_DIRECTORY && !S_ISDIR(ino->mode))
		return -ENOTDIR;
	if (flags & O_PATH)
		return file_new(d, flags, out);
	if (S_ISLNK(ino->mode))
		return -ELOOP;
	if (S_ISSOCK(ino->mode))
		return -ENXIO;
	if (S_ISDIR(ino->mode) && (mode != O_RDONLY || flags & O_TRUNC))
		return -EISDIR;
	if (mode == O_RDONLY || mode == O_RDWR)
		mask |= R_OK;
	if (mode == O_WRONLY || mode == O_RDWR ||
	    (flags & O_TRUNC && S_ISREG(ino->mode) && ino->ops->truncate))
		mask |= W_OK;
	err = inode_permission(ino, mask);
	if (err)
		return err;
	err = file_new(d, flags, out);
	if (!err && flags & O_TRUNC && S_ISREG(ino->mode) &&
	    ino->ops->truncate) {
		err = vfs_truncate(ino, 0);
		if (err)
			file_put(*out);
	}
	return err;
}

int
file_may_exec(struct inode *ino)
{
	if (!S_ISREG(ino->mode))
		return -EACCES;
	return inode_permission(ino, X_OK);
}

void
file_free(struct file *f)
{
	epoll_forget(f);
	async_forget(f);
	file_locks_release(f);
	if (f->ops->release)
		f->ops->release(f);
	inode_put(f->inode);
	dentry_put(f->dentry);
	kfree(f);
}

int64_t
file_read(struct file *f, struct uio *io, uint64_t *pos)
{
	if (!file_readable(f))
		return -EBADF;
	if (f->ops->readdir && !f->ops->read)
		return -EISDIR;
	if (!f->ops->read)
		return -EINVAL;
	if (f->ops->stream)
		return f->ops->read(f, io, NULL);
	return f->ops->read(f, io, pos ? pos : &f->pos);
}

int64_t
file_write(struct file *f, struct uio *io, uint64_t *pos)
{
	if (!file_writable(f))
		return -EBADF;
	if (!f->ops->write)
		return -EINVAL;
	if (f->ops->stream)
		return f->ops->write(f, io, NULL);
	return f->ops->write(f, io, pos ? pos : &f->pos);
}

int64_t
file_pread(struct file *f, void *buf, size_t len, uint64_t pos)
{
	struct uio io;

	uio_kernel(&io, buf, len);
	return file_read(f, &io, &pos);
}

int
file_get_page(struct file *f, uint64_t index, unsigned access, unsigned *rights,
	      ks_paddr_t *out_pa)
{
	if (!f->ops->get_page)
		return -ENODEV;
	return f->ops->get_page(f, index, access, rights, out_pa);
}

int
file_may_map(struct file *f, uint64_t len, unsigned prot, bool shared)
{
	if (f->flags & O_PATH)
		return -EBADF;
	if (!file_readable(f))
		return -EACCES;
	if (shared && prot & KS_WRITE && !file_writable(f))
		return -EACCES;
	if (!f->ops->get_page)
		return -ENODEV;
	return f->ops->mmap ? f->ops->mmap(f, len, prot, shared) : 0;
}

char *
file_path(struct file *f, char *buf, size_t size)
{
	return dentry_path(f->dentry, buf, size);
}

unsigned
file_poll(struct file *f, struct poll_table *pt)
{
	if (!f->ops->poll)
		return POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM;
	return f->ops->poll(f, pt);
}
