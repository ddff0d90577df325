/* SPDX-License-Identifier: MIT */
#include "pidfd.h"

#include "anon.h"
#include "calls_thread.h"
#include "errno.h"
#include "file.h"
#include "poll.h"
#include "thread.h"

static unsigned
pidfd_poll(struct file *f, struct poll_table *pt)
{
	struct process *p = f->priv;

	poll_wait(pt, &p->death_wait);
	return p->flags & PROCESS_DEAD ? POLLIN | POLLRDNORM : 0;
}

static void
pidfd_release(struct file *f)
{
	process_put(f->priv);
}

static const struct file_ops pidfd_ops = {
    .poll = pidfd_poll,
    .release = pidfd_release,
    .stream = true,
};

bool
pidfd_pid(const struct file *f, int *out_pid)
{
	const struct process *p = f->priv;

	if (f->ops != &pidfd_ops)
		return false;
	/* Its id may be another's by now. */
	*out_pid = process_find(p->pid) == p ? p->pid : -1;
	return true;
}

int
pidfd_get(int fd, int *out_pid)
{
	struct file *f = fd_get(fd);
	bool is;

	if (!f)
		return -EBADF;
	is = pidfd_pid(f, out_pid);
	file_put(f);
	return is ? 0 : -EBADF;
}

long
sys_pidfd_open(int pid, unsigned flags)
{
	struct process *p;
	struct file *f;
	int fd;

	/* PIDFD_NONBLOCK, for waitid(), is not offered. */
	if (flags || pid <= 0)
		return -EINVAL;
	p = process_find(pid);
	if (!p)
		return thread_find(pid) ? -EINVAL : -ESRCH;
	process_get(p);
	fd = anon_fd("anon_inode:[pidfd]", &pidfd_ops, p, O_RDWR | O_CLOEXEC,
		     &f);
	if (fd < 0 && !f)
		process_put(p);
	return fd;
}

long
sys_pidfd_send_signal(int fd, int sig, uint64_t info, unsigned flags)
{
	int pid, err;

	if (flags)
		return -EINVAL;
	err = pidfd_get(fd, &pid);
	if (err)
		return err;
	if (pid < 0)
		return -ESRCH;
	return info ? sys_rt_sigqueueinfo(pid, sig, info) : sys_kill(pid, sig);
}
