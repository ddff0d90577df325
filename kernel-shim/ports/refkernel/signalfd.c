/* SPDX-License-Identifier: MIT */
#include "anon.h"
#include "calls_file.h"
#include "cpu.h"
#include "errno.h"
#include "file.h"
#include "mem.h"
#include "poll.h"
#include "signal.h"
#include "string.h"
#include "thread.h"
#include "user.h"

struct signalfd {
	uint64_t mask;
};

/* struct signalfd_siginfo */
struct record {
	uint32_t signo;
	int32_t error, code;
	uint32_t pid, uid;
	int32_t fd;
	uint32_t tid, band, overrun, trapno;
	int32_t status, value_int;
	uint64_t value_ptr, utime, stime, addr;
	uint16_t addr_lsb, pad2;
	int32_t syscall;
	uint64_t call_addr;
	uint32_t arch;
	uint8_t pad[28];
};

_Static_assert(sizeof(struct record) == 128, "struct signalfd_siginfo");

static void
fill(struct record *r, const struct siginfo *i)
{
	memset(r, 0, sizeof(*r));
	r->signo = (uint32_t)i->si_signo;
	r->error = i->si_errno;
	r->code = i->si_code;
	r->pid = (uint32_t)i->si_pid;
	r->uid = i->si_uid;
	switch (i->si_code) {
	case SI_USER:
	case SI_TKILL:
	case SI_KERNEL:
		return;
	case SI_TIMER:
		r->pid = r->uid = 0;
		r->tid = (uint32_t)i->si_tid;
		r->overrun = (uint32_t)i->si_overrun;
		r->value_ptr = i->si_tvalue;
		r->value_int = (int32_t)i->si_tvalue;
		return;
	default:
		break;
	}
	if (i->si_signo == SIGCHLD && i->si_code > 0) {
		r->status = i->si_status;
		r->utime = (uint64_t)i->si_utime;
		r->stime = (uint64_t)i->si_stime;
	} else if (i->si_code < 0) {
		r->value_ptr = i->si_value;
		r->value_int = (int32_t)i->si_value;
	} else {
		r->pid = r->uid = 0;
		r->addr = i->si_addr;
	}
}

static int64_t
signalfd_read(struct file *f, struct uio *io, uint64_t *pos)
{
	struct signalfd *s = f->priv;
	int64_t done = 0;

	(void)pos;
	if (io->left < sizeof(struct record))
		return -EINVAL;
	while (io->left >= sizeof(struct record)) {
		struct siginfo info;
		struct record r;
		int err;

		if (signal_dequeue(s->mask, &info)) {
			fill(&r, &info);
			if (uio_put(io, &r, sizeof(r)))
				return done ? done : -EFAULT;
			done += sizeof(r);
			continue;
		}
		if (done)
			break;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_on(&current->process->signal_wait, NO_DEADLINE,
			      WAIT_INTERRUPTIBLE);
		if (err)
			return err;
	}
	return done;
}

static unsigned
signalfd_poll(struct file *f, struct poll_table *pt)
{
	struct signalfd *s = f->priv;

	poll_wait(pt, &current->process->signal_wait);
	return signal_pending_set(current) & s->mask ? POLLIN | POLLRDNORM : 0;
}

static void
signalfd_release(struct file *f)
{
	kfree(f->priv);
}

static const struct file_ops signalfd_ops = {
    .read = signalfd_read,
    .poll = signalfd_poll,
    .release = signalfd_release,
    .stream = true,
};

static long
create(uint64_t mask, unsigned flags)
{
	struct signalfd *s = kzalloc(sizeof(*s));
	struct file *f;
	int fd;

	if (!s)
		return -ENOMEM;
	s->mask = mask;
	fd = anon_fd("anon_inode:[signalfd]", &signalfd_ops, s, O_RDWR | flags,
		     &f);
	if (fd < 0 && !f)
		kfree(s);
	return fd;
}

static long
change(int fd, uint64_t mask)
{
	struct file *f = fd_get(fd);
	long r = fd;

	if (!f)
		return -EBADF;
	if (f->ops == &signalfd_ops)
		((struct signalfd *)f->priv)->mask = mask;
	else
		r = -EINVAL;
	file_put(f);
	return r;
}

long
sys_signalfd4(int fd, uint64_t umask, uint64_t size, unsigned flags)
{
	uint64_t mask;

	if (flags & ~(unsigned)(O_CLOEXEC | O_NONBLOCK) || size != sizeof(mask))
		return -EINVAL;
	if (copy_in(&mask, umask, sizeof(mask)))
		return -EFAULT;
	mask &= ~(SIGMASK(SIGKILL) | SIGMASK(SIGSTOP));
	return fd == -1 ? create(mask, flags) : change(fd, mask);
}

long
sys_signalfd(int fd, uint64_t mask, uint64_t size)
{
	return sys_signalfd4(fd, mask, size, 0);
}
