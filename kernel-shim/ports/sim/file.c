/* SPDX-License-Identifier: MIT */
/* Descriptors of the files of `proc:`, for programs and for the test. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "sim_int.h"

/* So many instructions of others does an operation of the test wait for. */
#define PATIENCE UINT64_C(50000000)

static void
file_put(struct sim *s, struct sim_file *f)
{
	if (--f->refs)
		return;
	sim_mapping_drop(s, f);
	if (!f->exe)
		ks_proc_close(&f->kf);
	free(f->exe);
	free(f);
	s->used.files--;
}

struct sim_file *
sim_file_at(struct sim_thread *t, int fd)
{
	return fd >= 0 && fd < t->proc->nfiles ? t->proc->files[fd] : NULL;
}

/* Find a free descriptor, above those that the console has. */
static int
free_slot(struct sim_proc *p)
{
	int n = p->nfiles, fd = 3;
	struct sim_file **grown;

	while (fd < n && p->files[fd])
		fd++;
	if (fd < n)
		return fd;
	if (n >= SIM_NFILES)
		return -EMFILE;
	n = n ? 2 * n : 16;
	grown = realloc(p->files, n * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	memset(grown + p->nfiles, 0, (n - p->nfiles) * sizeof(*grown));
	p->files = grown;
	p->nfiles = n;
	return fd;
}

int
sim_files_copy(struct sim_proc *to, struct sim_proc *from)
{
	if (!from->files)
		return 0;
	to->files = calloc(from->nfiles, sizeof(*to->files));
	if (!to->files)
		return -ENOMEM;
	to->nfiles = from->nfiles;
	for (int fd = 0; fd < to->nfiles; fd++) {
		to->files[fd] = from->files[fd];
		if (to->files[fd])
			to->files[fd]->refs++;
	}
	return 0;
}

void
sim_files_free(struct sim_proc *p)
{
	for (int fd = 0; fd < p->nfiles; fd++)
		if (p->files[fd])
			file_put(p->s, p->files[fd]);
	free(p->files);
	p->files = NULL;
	p->nfiles = 0;
}

/* Split "proc:TID/NAME": the id and the name. */
static int
parse(struct sim_thread *t, const char *path, int32_t *out_tid,
      const char **out_name)
{
	char *end;
	long tid;

	if (strncmp(path, "proc:", 5))
		return -ENOENT;
	path += 5;
	if (!strncmp(path, "self/", 5)) {
		*out_tid = t->proc->tgid;
		*out_name = path + 5;
		return 0;
	}
	if (*path < '0' || *path > '9')
		return -EINVAL;
	tid = strtol(path, &end, 10);
	if (*end != '/' || tid > INT32_MAX)
		return -EINVAL;
	*out_tid = tid;
	*out_name = end + 1;
	return 0;
}

static int
open_exe(struct sim_thread *t, int32_t tid, struct sim_file *f)
{
	struct sim_thread *of = sim_find(t->s, tid);

	if (!of || of->dead)
		return -ESRCH;
	f->exe = strdup(of->proc->program ? of->proc->program->p.path : "");
	return f->exe ? 0 : -ENOMEM;
}

static unsigned
shim_flags(unsigned flags)
{
	return (flags & SIM_O_READ ? KS_O_READ : 0) |
	       (flags & SIM_O_WRITE ? KS_O_WRITE : 0) |
	       (flags & SIM_O_TRUNC ? KS_O_TRUNC : 0) |
	       (flags & SIM_O_EXCL ? KS_O_EXCL : 0);
}

static int
open_file(struct sim_thread *t, const char *path, struct sim_file *f)
{
	const char *name;
	int32_t tid;
	int id, err = parse(t, path, &tid, &name);

	if (err)
		return err;
	if (!strcmp(name, PROC_FILE_EXE))
		return open_exe(t, tid, f);
	id = ks_proc_lookup(name);
	if (id < 0)
		return id;
	/* The test's own thread id where it means itself. */
	if (!strncmp(path, "proc:self/", 10))
		tid = id == KS_PROC_TRACEME ? t->tid : t->proc->tgid;
	return ks_proc_open(&t->s->m, &t->kt, tid, id, shim_flags(f->flags),
			    &f->kf);
}

/* Put a new file in FD's slot; OPEN made it or said why not. */
static int
install(struct sim_thread *t, struct sim_file *f, int fd, int err)
{
	if (err) {
		free(f->exe);
		free(f);
		return err;
	}
	t->proc->files[fd] = f;
	t->s->used.files++;
	return fd;
}

static struct sim_file *
new_file(unsigned flags)
{
	struct sim_file *f = calloc(1, sizeof(*f));

	if (f) {
		f->refs = 1;
		f->flags = flags;
	}
	return f;
}

int
sim_file_open(struct sim_thread *t, const char *path, unsigned flags)
{
	int fd = free_slot(t->proc);
	struct sim_file *f;

	if (fd < 0)
		return fd;
	f = new_file(flags);
	if (!f)
		return -ENOMEM;
	return install(t, f, fd, open_file(t, path, f));
}

int
sim_file_dup(struct sim_thread *t, struct sim_file *f)
{
	int fd = free_slot(t->proc);

	if (fd < 0)
		return fd;
	f->refs++;
	t->proc->files[fd] = f;
	return fd;
}

int
sim_dup(struct sim_thread *self, int fd, const char *name, unsigned flags)
{
	struct sim_file *old = sim_file_at(self, fd), *f;
	int new = free_slot(self->proc);

	if (!old || old->exe)
		return -EBADF;
	if (new < 0)
		return new;
	f = new_file(flags);
	if (!f)
		return -ENOMEM;
	return install(
	    self, f, new,
	    ks_proc_dup(&old->kf, &self->kt, name, shim_flags(flags), &f->kf));
}

int64_t
sim_file_close(struct sim_thread *t, int fd)
{
	struct sim_file *f = sim_file_at(t, fd);

	if (!f)
		return -EBADF;
	t->proc->files[fd] = NULL;
	file_put(t->s, f);
	return 0;
}

static int64_t
read_exe(struct sim_file *f, struct ks_io *io, uint64_t off)
{
	size_t len = strlen(f->exe);
	size_t n = off < len ? len - off : 0;

	if (n > io->len)
		n = io->len;
	return n && io->out(io, 0, f->exe + off, n) ? -EFAULT : (int64_t)n;
}

static int64_t
once(struct sim_thread *t, struct sim_file *f, struct ks_io *io, bool write,
     uint64_t off)
{
	if (!(f->flags & (write ? SIM_O_WRITE : SIM_O_READ)))
		return -EBADF;
	if (f->exe)
		return write ? -EBADF : read_exe(f, io, off);
	return write ? ks_proc_write(&f->kf, &t->kt, io, off)
		     : ks_proc_read(&f->kf, &t->kt, io, off);
}

/* Wait until an operation of T may go otherwise than -EAGAIN. */
static int
wait_more(struct sim_thread *t, uint64_t until)
{
	if (!t->proc->host)
		return sim_block_intr(t);
	if (sim_caught(t))
		return -EINTR;
	return t->s->clock < until && sim_step(t->s) ? 0 : -EDEADLK;
}

/* Read or write at OFF, or at the file's own offset where OFF is NULL. */
int64_t
sim_file_io(struct sim_thread *t, int fd, struct ks_io *io, bool write,
	    const uint64_t *off)
{
	struct sim_file *f = sim_file_at(t, fd);
	uint64_t until = t->s->clock + PATIENCE;
	int64_t ret;

	if (!f)
		return -EBADF;
	f->refs++;
	for (;;) {
		int err;

		ret = once(t, f, io, write, off ? *off : f->off);
		if (ret != -EAGAIN || (f->flags & SIM_O_NONBLOCK))
			break;
		err = wait_more(t, until);
		if (err) {
			ret = err;
			break;
		}
	}
	if (ret > 0 && !off)
		f->off += ret;
	file_put(t->s, f);
	return ret;
}

int
sim_open(struct sim_thread *self, const char *path, unsigned flags)
{
	return sim_file_open(self, path, flags);
}

int
sim_close(struct sim_thread *self, int fd)
{
	return sim_file_close(self, fd);
}

static int64_t
host_io(struct sim_thread *self, int fd, void *buf, size_t len, bool write,
	const uint64_t *off)
{
	struct ks_io_kernel k;

	ks_io_kernel(&k, buf, len);
	return sim_file_io(self, fd, &k.io, write, off);
}

int64_t
sim_read(struct sim_thread *self, int fd, void *buf, size_t len)
{
	return host_io(self, fd, buf, len, false, NULL);
}

int64_t
sim_write(struct sim_thread *self, int fd, const void *buf, size_t len)
{
	return host_io(self, fd, (void *)buf, len, true, NULL);
}

int64_t
sim_pread(struct sim_thread *self, int fd, void *buf, size_t len, uint64_t off)
{
	return host_io(self, fd, buf, len, false, &off);
}

int64_t
sim_pwrite(struct sim_thread *self, int fd, const void *buf, size_t len,
	   uint64_t off)
{
	return host_io(self, fd, (void *)buf, len, true, &off);
}

static int
poll_once(struct sim_thread *self, struct sim_pollfd *fds, unsigned n)
{
	int ready = 0;

	for (unsigned i = 0; i < n; i++) {
		struct sim_file *f = sim_file_at(self, fds[i].fd);

		fds[i].revents = 0;
		if (f)
			fds[i].revents =
			    fds[i].events &
			    (f->exe ? KS_READ : ks_proc_poll(&f->kf));
		ready += fds[i].revents != 0;
	}
	return ready;
}

int
sim_poll(struct sim_thread *self, struct sim_pollfd *fds, unsigned n,
	 long timeout)
{
	uint64_t until = self->s->clock + PATIENCE;

	for (;;) {
		int ready = poll_once(self, fds, n), err;

		if (ready || timeout == 0)
			return ready;
		err = wait_more(self, until);
		if (err == -EDEADLK && timeout > 0)
			return 0;
		if (err)
			return err;
		if (timeout > 0)
			timeout--;
	}
}

int32_t
sim_wait4(struct sim_thread *self, int32_t pid, int *out_status, int options,
	  struct proc_rusage *out_ru)
{
	uint64_t until = self->s->clock + PATIENCE;

	for (;;) {
		int32_t ret =
		    sim_do_wait(self, pid, out_status, options, out_ru);
		int err;

		if (ret != -EAGAIN)
			return ret;
		err = wait_more(self, until);
		if (err)
			return err;
	}
}
