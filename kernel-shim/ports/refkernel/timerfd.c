/* SPDX-License-Identifier: MIT */
#include "anon.h"
#include "calls_file.h"
#include "clock.h"
#include "errno.h"
#include "file.h"
#include "mem.h"
#include "poll.h"
#include "user.h"

#define TFD_TIMER_ABSTIME	1
#define TFD_TIMER_CANCEL_ON_SET 2

struct timerfd {
	struct ktimer timer;
	int clock;
	int64_t interval;
	uint64_t expired; /* since the last read */
	struct waitq wait;
};

struct itimerspec {
	struct linux_timespec interval, value;
};

static const struct file_ops timerfd_ops;

/* Count the expiries up to now of a periodic timer, and arm the next. */
static void
expire(struct ktimer *timer)
{
	struct timerfd *t = ks_container(timer, struct timerfd, timer);
	int64_t late = clock_monotonic() - timer->expires;
	uint64_t n = 1;

	if (t->interval) {
		if (late > 0)
			n += (uint64_t)(late / t->interval);
		ktimer_set(timer, timer->expires + (int64_t)n * t->interval);
	}
	t->expired += n;
	wake_all(&t->wait);
}

static int64_t
timerfd_read(struct file *f, struct uio *io, uint64_t *pos)
{
	struct timerfd *t = f->priv;
	uint64_t v;
	int err;

	(void)pos;
	if (io->left < sizeof(v))
		return -EINVAL;
	while (!t->expired) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_on(&t->wait, NO_DEADLINE, WAIT_INTERRUPTIBLE);
		if (err)
			return err;
	}
	v = t->expired;
	t->expired = 0;
	return uio_put(io, &v, sizeof(v)) ? -EFAULT : (int64_t)sizeof(v);
}

static unsigned
timerfd_poll(struct file *f, struct poll_table *pt)
{
	struct timerfd *t = f->priv;

	poll_wait(pt, &t->wait);
	return t->expired ? POLLIN | POLLRDNORM : 0;
}

static void
timerfd_release(struct file *f)
{
	struct timerfd *t = f->priv;

	ktimer_cancel(&t->timer);
	kfree(t);
}

static const struct file_ops timerfd_ops = {
    .read = timerfd_read,
    .poll = timerfd_poll,
    .release = timerfd_release,
    .stream = true,
};

long
sys_timerfd_create(int clock, unsigned flags)
{
	struct timerfd *t;
	struct file *f;
	int64_t now;
	int fd;

	/* REALTIME, MONOTONIC, BOOTTIME; the _ALARM ones wake nothing here */
	if ((clock != 0 && clock != 1 && clock != 7) ||
	    clock_read(clock, &now) ||
	    flags & ~(unsigned)(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	t = kzalloc(sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->clock = clock;
	ktimer_init(&t->timer, expire);
	waitq_init(&t->wait);
	fd = anon_fd("anon_inode:[timerfd]", &timerfd_ops, t, O_RDWR | flags,
		     &f);
	if (fd < 0 && !f)
		kfree(t);
	return fd;
}

static struct linux_timespec
to_timespec(int64_t ns)
{
	return (struct linux_timespec){ns / NSEC_PER_SEC, ns % NSEC_PER_SEC};
}

static int
setting_out(struct timerfd *t, uint64_t ua)
{
	struct itimerspec its = {.interval = to_timespec(t->interval)};
	int64_t left = t->timer.expires - clock_monotonic();

	if (!list_empty(&t->timer.link))
		its.value = to_timespec(left > 0 ? left : 1);
	return copy_out(ua, &its, sizeof(its)) ? -EFAULT : 0;
}

static int
set(struct timerfd *t, unsigned flags, int64_t value, int64_t interval)
{
	ktimer_cancel(&t->timer);
	t->expired = 0;
	t->interval = interval;
	if (!value)
		return 0;
	if (flags & TFD_TIMER_ABSTIME)
		value = clock_to_monotonic(t->clock, value);
	else
		value = deadline_after(value);
	ktimer_set(&t->timer, value);
	return 0;
}

long
sys_timerfd_settime(int fd, unsigned flags, uint64_t uvalue, uint64_t uold)
{
	int64_t interval, value;
	struct file *f;
	long r;

	if (flags & ~(unsigned)(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET))
		return -EINVAL;
	r = timespec_in(uvalue, &interval);
	if (!r)
		r = timespec_in(uvalue + sizeof(struct linux_timespec), &value);
	if (r)
		return r;
	f = fd_get(fd);
	if (!f)
		return -EBADF;
	if (f->ops != &timerfd_ops)
		r = -EINVAL;
	if (!r && uold)
		r = setting_out(f->priv, uold);
	if (!r)
		r = set(f->priv, flags, value, interval);
	file_put(f);
	return r;
}

long
sys_timerfd_gettime(int fd, uint64_t uvalue)
{
	struct file *f = fd_get(fd);
	long r;

	if (!f)
		return -EBADF;
	r = f->ops == &timerfd_ops ? setting_out(f->priv, uvalue) : -EINVAL;
	file_put(f);
	return r;
}
