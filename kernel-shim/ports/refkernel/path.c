/* SPDX-License-Identifier: MIT */
/* The walk from a path to its entry. */
#include "path.h"

#include "cpu.h"
#include "errno.h"
#include "file.h"
#include "mem.h"
#include "string.h"
#include "thread.h"
#include "user.h"

#define MAX_LINKS 40

struct dentry *root_dentry;
struct dentry *proc_root;

/* A walk under way. */
struct walk {
	struct dentry *at; /* referenced */
	unsigned links;	   /* followed so far */
	unsigned flags;
};

static int walk_string(struct walk *w, const char *s, bool final);

static struct dentry *
current_root(void)
{
	return current && current->fs ? current->fs->root : root_dentry;
}

/* Make D, a reference to which is given, the place of W. */
static void
step(struct walk *w, struct dentry *d)
{
	while (d->mounted) {
		struct dentry *m = dentry_get(d->mounted);

		dentry_put(d);
		d = m;
	}
	dentry_put(w->at);
	w->at = d;
}

static void
step_up(struct walk *w)
{
	struct dentry *d = w->at;

	if (d == current_root())
		return;
	while (d->parent == d && d->covers)
		d = d->covers;
	step(w, dentry_get(d->parent));
}

/* W is at directory entry LINK's parent; go where LINK leads. */
static int
follow(struct walk *w, struct dentry *link, bool final)
{
	struct inode *ino = link->inode;
	struct dentry *target;
	char *text;
	size_t len;
	int err;

	if (++w->links > MAX_LINKS)
		return -ELOOP;
	if (ino->ops->follow) {
		if (w->flags & WALK_NO_MAGIC)
			return -ELOOP;
		err = ino->ops->follow(ino, &target);
		if (!err)
			step(w, target);
		return err;
	}
	if (!ino->ops->readlink)
		return -EINVAL;
	text = kmalloc(PATH_MAX);
	if (!text)
		return -ENOMEM;
	err = ino->ops->readlink(ino, text, PATH_MAX - 1, &len);
	if (!err) {
		text[len] = 0;
		err = len ? walk_string(w, text, final) : -ENOENT;
	}
	kfree(text);
	return err;
}

/* Go to NAME in the directory where W is. LAST: nothing comes after it. */
static int
walk_name(struct walk *w, const char *name, size_t len, bool last, bool slash)
{
	struct dentry *d;
	int err;

	if (!w->at->inode)
		return -ENOENT;
	if (!S_ISDIR(w->at->inode->mode))
		return -ENOTDIR;
	err = inode_permission(w->at->inode, X_OK);
	if (err)
		return err;
	if (len == 1 && name[0] == '.')
		return 0;
	if (len == 2 && name[0] == '.' && name[1] == '.') {
		step_up(w);
		return 0;
	}
	err = dentry_lookup(w->at, name, len, &d);
	if (err)
		return err;
	if (!d->inode) {
		if (last && w->flags & WALK_ABSENT_OK) {
			step(w, d);
			return 0;
		}
		dentry_put(d);
		return -ENOENT;
	}
	if (S_ISLNK(d->inode->mode) &&
	    (!last || slash || w->flags & WALK_FOLLOW)) {
		err = follow(w, d, last);
		dentry_put(d);
		return err;
	}
	step(w, d);
	return 0;
}

/* FINAL: the last name of S is the last of all. */
static int
walk_string(struct walk *w, const char *s, bool final)
{
	bool slash = false;
	int err = 0;

	if (*s == '/')
		step(w, dentry_get(current_root()));
	while (!err) {
		const char *end;

		while (*s == '/')
			s++;
		if (!*s)
			break;
		for (end = s; *end && *end != '/'; end++)
			;
		slash = *end == '/';
		const char *next = end;
		while (*next == '/')
			next++;
		err =
		    walk_name(w, s, (size_t)(end - s), final && !*next, slash);
		s = next;
	}
	if (!err && slash && final && w->at->inode &&
	    !S_ISDIR(w->at->inode->mode))
		err = -ENOTDIR;
	return err;
}

int
path_walk(struct dentry *start, const char *path, unsigned flags,
	  struct dentry **out)
{
	struct walk w = {.flags = flags};
	int err;

	if (!start)
		start = current && current->fs ? current->fs->cwd : root_dentry;
	if (!strncmp(path, "proc:", 5)) {
		start = proc_root;
		path += 5;
		while (*path == '/')
			path++;
		w.flags |= WALK_EMPTY_OK;
	}
	if (!*path && !(w.flags & WALK_EMPTY_OK))
		return -ENOENT;
	w.at = dentry_get(start);
	err = walk_string(&w, path, true);
	if (!err && w.flags & WALK_DIRECTORY && w.at->inode &&
	    !S_ISDIR(w.at->inode->mode))
		err = -ENOTDIR;
	if (err)
		dentry_put(w.at);
	else
		*out = w.at;
	return err;
}

int
path_copy_in(uint64_t upath, char **out)
{
	char *s = kmalloc(PATH_MAX);
	long n;

	if (!s)
		return -ENOMEM;
	n = copy_in_str(s, upath, PATH_MAX);
	if (n < 0) {
		kfree(s);
		return (int)n;
	}
	*out = s;
	return 0;
}

int
path_walk_at(int dirfd, const char *path, unsigned flags, struct dentry **out)
{
	struct file *dir = NULL;
	int err;

	if (*path != '/' && dirfd != AT_FDCWD && strncmp(path, "proc:", 5)) {
		dir = fd_get(dirfd);
		if (!dir)
			return -EBADF;
		if (*path && !S_ISDIR(dir->inode->mode)) {
			file_put(dir);
			return -ENOTDIR;
		}
	}
	err = path_walk(dir ? dir->dentry : NULL, path, flags, out);
	if (dir)
		file_put(dir);
	return err;
}

int
path_walk_user(int dirfd, uint64_t upath, unsigned flags, struct dentry **out)
{
	char *path = NULL;
	int err = path_copy_in(upath, &path);

	if (err)
		return err;
	current->io_sleeps = true;
	err = path_walk_at(dirfd, path, flags, out);
	current->io_sleeps = false;
	kfree(path);
	return err;
}

int
fs_mount(const char *path, struct dentry *root)
{
	struct dentry *d;
	int err = path_walk(NULL, path, WALK_FOLLOW | WALK_DIRECTORY, &d);

	if (err)
		return err;
	root->covers = d; /* the reference stays */
	d->mounted = root;
	return 0;
}
