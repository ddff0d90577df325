/* SPDX-License-Identifier: MIT */
/* Tables of descriptors, and the current directory. */
#include "file.h"

#include "cpu.h"
#include "errno.h"
#include "flock.h"
#include "mem.h"
#include "string.h"
#include "thread.h"
#include "user.h"

#define FIRST_SIZE 64u
#define MAX_SIZE   (1u << 20)

struct fdtable *
fdtable_new(void)
{
	struct fdtable *t = kzalloc(sizeof(*t));

	if (t)
		t->refs = 1;
	return t;
}

struct fdtable *
fdtable_get(struct fdtable *t)
{
	t->refs++;
	return t;
}

static void
drop(struct fdtable *t, struct file *f)
{
	file_locks_close(f, t);
	if (f->ops->flush)
		f->ops->flush(f);
	file_put(f);
}

void
fdtable_put(struct fdtable *t)
{
	if (--t->refs)
		return;
	for (unsigned i = 0; i < t->size; i++) {
		if (t->files[i])
			drop(t, t->files[i]);
	}
	kfree(t->files);
	kfree(t->cloexec);
	kfree(t);
}

/* Make room for descriptor FD. */
static int
grow(struct fdtable *t, unsigned fd)
{
	unsigned size = t->size ? t->size : FIRST_SIZE;
	struct file **files;
	uint8_t *cloexec;

	if (fd < t->size)
		return 0;
	while (size <= fd)
		size *= 2;
	if (size > MAX_SIZE)
		return -EMFILE;
	files = krealloc(t->files, size * sizeof(*files));
	if (!files)
		return -ENOMEM;
	t->files = files;
	cloexec = krealloc(t->cloexec, size);
	if (!cloexec)
		return -ENOMEM;
	t->cloexec = cloexec;
	memset(files + t->size, 0, (size - t->size) * sizeof(*files));
	memset(cloexec + t->size, 0, size - t->size);
	t->size = size;
	return 0;
}

int
fdtable_copy(struct fdtable *t, struct fdtable **out)
{
	struct fdtable *n = fdtable_new();
	int err = n ? 0 : -ENOMEM;

	if (!err && t->size)
		err = grow(n, t->size - 1);
	if (err) {
		if (n)
			fdtable_put(n);
		return err;
	}
	for (unsigned i = 0; i < t->size; i++) {
		if (t->files[i])
			n->files[i] = file_get(t->files[i]);
		n->cloexec[i] = t->cloexec[i];
	}
	n->lowest = t->lowest;
	*out = n;
	return 0;
}

/* Take FD, which is open, out of T. */
static struct file *
take(struct fdtable *t, unsigned fd)
{
	struct file *f = t->files[fd];

	t->files[fd] = NULL;
	t->cloexec[fd] = 0;
	if (fd < t->lowest)
		t->lowest = fd;
	return f;
}

int
fdtable_exec(struct fdtable **t)
{
	struct fdtable *n = *t;
	int err;

	if (n->refs > 1) {
		err = fdtable_copy(*t, &n);
		if (err)
			return err;
		fdtable_put(*t);
		*t = n;
	}
	for (unsigned i = 0; i < n->size; i++) {
		if (n->files[i] && n->cloexec[i])
			drop(n, take(n, i));
	}
	return 0;
}

struct file *
fdtable_file(struct fdtable *t, int fd)
{
	if (!t || (unsigned)fd >= t->size || !t->files[fd])
		return NULL;
	return file_get(t->files[fd]);
}

struct file *
fd_get(int fd)
{
	return fdtable_file(current->files, fd);
}

int
fd_dentry(int fd, struct dentry **out)
{
	struct file *f = fd_get(fd);

	if (!f)
		return -EBADF;
	*out = dentry_get(f->dentry);
	file_put(f);
	return 0;
}

static uint64_t
fd_limit(void)
{
	return current->process->rlimit[RLIMIT_NOFILE].cur;
}

int
fd_install(struct file *f, int min, bool cloexec)
{
	struct fdtable *t = current->files;
	unsigned fd = (unsigned)min;
	bool lowest = fd <= t->lowest;
	int err;

	if (lowest)
		fd = t->lowest;
	while (fd < t->size && t->files[fd])
		fd++;
	err = fd >= fd_limit() ? -EMFILE : grow(t, fd);
	if (err) {
		file_put(f);
		return err;
	}
	t->files[fd] = f;
	t->cloexec[fd] = cloexec;
	if (lowest)
		t->lowest = fd + 1;
	return (int)fd;
}

int
fd_install_pair(struct file *a, struct file *b, bool cloexec, uint64_t ufds)
{
	int32_t fds[2];

	fds[0] = fd_install(a, 0, cloexec);
	if (fds[0] < 0) {
		file_put(b);
		return fds[0];
	}
	fds[1] = fd_install(b, 0, cloexec);
	if (fds[1] >= 0 && !copy_out(ufds, fds, sizeof(fds)))
		return 0;
	fd_close(fds[0]);
	if (fds[1] < 0)
		return fds[1];
	fd_close(fds[1]);
	return -EFAULT;
}

int
fd_close(int fd)
{
	struct fdtable *t = current->files;

	if ((unsigned)fd >= t->size || !t->files[fd])
		return -EBADF;
	drop(t, take(t, (unsigned)fd));
	return 0;
}

int
fd_replace(int fd, struct file *f, bool cloexec)
{
	struct fdtable *t = current->files;
	struct file *old;
	int err;

	err = (uint64_t)fd >= fd_limit() ? -EBADF : grow(t, (unsigned)fd);
	if (err) {
		file_put(f);
		return err;
	}
	old = t->files[fd];
	t->files[fd] = f;
	t->cloexec[fd] = cloexec;
	if (old)
		drop(t, old);
	return fd;
}

/* ---- current directory ---- */

struct fs_state *
fs_state_new(struct dentry *root, struct dentry *cwd)
{
	struct fs_state *fs = kzalloc(sizeof(*fs));

	if (!fs)
		return NULL;
	fs->refs = 1;
	fs->umask = 022;
	fs->root = dentry_get(root);
	fs->cwd = dentry_get(cwd);
	return fs;
}

struct fs_state *
fs_state_get(struct fs_state *fs)
{
	fs->refs++;
	return fs;
}

void
fs_state_put(struct fs_state *fs)
{
	if (--fs->refs)
		return;
	dentry_put(fs->root);
	dentry_put(fs->cwd);
	kfree(fs);
}

int
fs_state_copy(struct fs_state *fs, struct fs_state **out)
{
	*out = fs_state_new(fs->root, fs->cwd);
	if (!*out)
		return -ENOMEM;
	(*out)->umask = fs->umask;
	return 0;
}
