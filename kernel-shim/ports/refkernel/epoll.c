/* SPDX-License-Identifier: MIT */
/*
 * An item is on its set's list of the ready whenever its file may be: a
 * wake-up puts it there, epoll_wait() looks again and takes it off.
 */
#include "epoll.h"

#include "anon.h"
#include "calls_file.h"
#include "clock.h"
#include "cpu.h"
#include "errno.h"
#include "file.h"
#include "mem.h"
#include "poll.h"
#include "signal.h"
#include "thread.h"
#include "user.h"

#define EPOLL_CTL_ADD 1
#define EPOLL_CTL_DEL 2
#define EPOLL_CTL_MOD 3

#define EPOLLEXCLUSIVE (1u << 28)
#define EPOLLWAKEUP    (1u << 29)
#define EPOLLONESHOT   (1u << 30)
#define EPOLLET	       (1u << 31)
#define EPOLL_FLAGS    (EPOLLEXCLUSIVE | EPOLLWAKEUP | EPOLLONESHOT | EPOLLET)

#define NSEC_PER_MSEC 1000000
#define ITEM_QUEUES   2 /* no file has more */
#define MAX_DEPTH     4

struct epoll_event {
	uint32_t events;
	uint64_t data;
} __attribute__((packed));

struct epoll {
	struct file *file;
	struct list items;
	struct list ready;
	struct waitq wait; /* in epoll_wait(), or of a poll on the set */
};

struct item;

struct item_waiter {
	struct waiter w;
	struct item *item;
};

struct item {
	struct list link;      /* of epoll->items */
	struct list ready;     /* of epoll->ready, or alone */
	struct list file_link; /* of file->epolls */
	struct epoll *set;
	struct file *file; /* not a reference: it goes when the file does */
	int fd;
	struct epoll_event event;
	struct item_waiter waiters[ITEM_QUEUES];
	unsigned n_waiters;
};

/* Enters an item in the queues of its file. */
struct item_table {
	struct poll_table pt;
	struct item *item;
};

static const struct file_ops epoll_ops;

static void
set_ready(struct item *it)
{
	if (list_empty(&it->ready))
		list_add_tail(&it->set->ready, &it->ready);
	wake_all(&it->set->wait);
}

static void
on_wake(struct waiter *w)
{
	set_ready(((struct item_waiter *)w)->item);
}

static void
enter(struct poll_table *pt, struct waitq *q)
{
	struct item *it = ((struct item_table *)pt)->item;
	struct item_waiter *iw;

	if (it->n_waiters == ITEM_QUEUES) {
		pt->error = -ENOMEM;
		return;
	}
	iw = &it->waiters[it->n_waiters++];
	iw->item = it;
	waiter_add_fn(&iw->w, q, on_wake);
}

static void
item_free(struct item *it)
{
	for (unsigned i = 0; i < it->n_waiters; i++)
		waiter_remove(&it->waiters[i].w);
	list_del(&it->link);
	list_del(&it->ready);
	list_del(&it->file_link);
	kfree(it);
}

void
epoll_forget(struct file *f)
{
	while (!list_empty(&f->epolls))
		item_free(list_first(&f->epolls, struct item, file_link));
}

static unsigned
item_poll(struct item *it, struct poll_table *pt)
{
	return file_poll(it->file, pt) &
	       (it->event.events | POLLERR | POLLHUP) & ~EPOLL_FLAGS;
}

static struct item *
find(struct epoll *e, int fd, struct file *f)
{
	struct item *it;

	list_each(it, &e->items, link)
	{
		if (it->fd == fd && it->file == f)
			return it;
	}
	return NULL;
}

/* How deep sets of sets go below F. */
static unsigned
depth(struct file *f)
{
	struct epoll *e = f->priv;
	struct item *it;
	unsigned max = 0, d;

	if (f->ops != &epoll_ops)
		return 0;
	list_each(it, &e->items, link)
	{
		d = depth(it->file);
		if (d > max)
			max = d;
	}
	return max + 1;
}

static bool
contains(struct file *f, struct file *what)
{
	struct epoll *e = f->priv;
	struct item *it;

	if (f == what)
		return true;
	if (f->ops != &epoll_ops)
		return false;
	list_each(it, &e->items, link)
	{
		if (contains(it->file, what))
			return true;
	}
	return false;
}

static int
add(struct epoll *e, int fd, struct file *f, const struct epoll_event *ev)
{
	struct item *it;
	struct item_table t = {.pt.enter = enter};

	if (!f->ops->poll)
		return -EPERM;
	if (contains(f, e->file) || depth(f) > MAX_DEPTH)
		return -ELOOP;
	it = kzalloc(sizeof(*it));
	if (!it)
		return -ENOMEM;
	it->set = e;
	it->fd = fd;
	it->file = f;
	it->event = *ev;
	list_init(&it->ready);
	list_add_tail(&e->items, &it->link);
	list_add_tail(&f->epolls, &it->file_link);
	t.item = it;
	if (item_poll(it, &t.pt))
		set_ready(it);
	if (t.pt.error)
		item_free(it);
	return t.pt.error;
}

static int
control(struct epoll *e, int op, int fd, struct file *f,
	const struct epoll_event *ev)
{
	struct item *it = find(e, fd, f);

	if (op == EPOLL_CTL_ADD)
		return it ? -EEXIST : add(e, fd, f, ev);
	if (op != EPOLL_CTL_DEL && op != EPOLL_CTL_MOD)
		return -EINVAL;
	if (!it)
		return -ENOENT;
	if (op == EPOLL_CTL_DEL) {
		item_free(it);
		return 0;
	}
	it->event = *ev;
	if (item_poll(it, NULL))
		set_ready(it);
	return 0;
}

long
sys_epoll_ctl(int epfd, int op, int fd, uint64_t uevent)
{
	struct epoll_event ev = {0, 0};
	struct file *set, *f;
	long r;

	if (op != EPOLL_CTL_DEL && copy_in(&ev, uevent, sizeof(ev)))
		return -EFAULT;
	set = fd_get(epfd);
	f = fd_get(fd);
	if (!set || !f || f->flags & O_PATH)
		r = -EBADF;
	else if (set->ops != &epoll_ops || set == f)
		r = -EINVAL;
	else
		r = control(set->priv, op, fd, f, &ev);
	if (set)
		file_put(set);
	if (f)
		file_put(f);
	return r;
}

/* Copy out what is ready, at most MAX. A count or -EFAULT. */
static long
collect(struct epoll *e, uint64_t uevents, int max)
{
	struct list seen;
	long n = 0;

	list_init(&seen);
	while (n < max && !list_empty(&e->ready)) {
		struct item *it = list_first(&e->ready, struct item, ready);
		struct epoll_event ev = {item_poll(it, NULL), it->event.data};

		list_del(&it->ready);
		if (!ev.events)
			continue;
		if (copy_out(uevents + (uint64_t)n * sizeof(ev), &ev,
			     sizeof(ev))) {
			list_add_head(&e->ready, &it->ready);
			n = n ? n : -EFAULT;
			break;
		}
		n++;
		if (it->event.events & EPOLLONESHOT)
			it->event.events &= EPOLL_FLAGS;
		else if (!(it->event.events & EPOLLET))
			list_add_tail(&seen, &it->ready);
	}
	/* Level triggered ones are looked at again the next time. */
	list_splice(&e->ready, &seen);
	return n;
}

static long
wait_events(struct epoll *e, uint64_t uevents, int max, int64_t deadline)
{
	long n, err = 0;

	for (;;) {
		n = collect(e, uevents, max);
		if (n || err)
			break;
		err = wait_on(&e->wait, deadline, WAIT_INTERRUPTIBLE);
	}
	if (n)
		return n;
	return err == -ETIMEDOUT ? 0 : err == -ERESTARTSYS ? -EINTR : err;
}

static long
do_wait(int epfd, uint64_t uevents, int max, int64_t deadline, uint64_t mask,
	uint64_t size)
{
	struct file *f;
	long r;

	if (max <= 0 || (uint64_t)max > INT32_MAX / sizeof(struct epoll_event))
		return -EINVAL;
	f = fd_get(epfd);
	if (!f)
		return -EBADF;
	r = f->ops == &epoll_ops ? 0 : -EINVAL;
	if (!r)
		r = signal_mask_user(mask, size);
	if (!r) {
		r = wait_events(f->priv, uevents, max, deadline);
		signal_mask_restore(r == -EINTR);
	}
	file_put(f);
	return r;
}

static int64_t
deadline_of(int timeout)
{
	return timeout < 0 ? NO_DEADLINE
			   : deadline_after((int64_t)timeout * NSEC_PER_MSEC);
}

long
sys_epoll_wait(int epfd, uint64_t events, int n, int timeout)
{
	return do_wait(epfd, events, n, deadline_of(timeout), 0, 0);
}

long
sys_epoll_pwait(int epfd, uint64_t events, int n, int timeout, uint64_t mask,
		uint64_t size)
{
	return do_wait(epfd, events, n, deadline_of(timeout), mask, size);
}

long
sys_epoll_pwait2(int epfd, uint64_t events, int n, uint64_t timeout,
		 uint64_t mask, uint64_t size)
{
	int64_t deadline;
	int err = poll_deadline(timeout, &deadline);

	return err ? err : do_wait(epfd, events, n, deadline, mask, size);
}

static unsigned
epoll_poll(struct file *f, struct poll_table *pt)
{
	struct epoll *e = f->priv;
	struct item *it;

	poll_wait(pt, &e->wait);
	list_each(it, &e->ready, ready)
	{
		if (item_poll(it, NULL))
			return POLLIN | POLLRDNORM;
	}
	return 0;
}

static void
epoll_release(struct file *f)
{
	struct epoll *e = f->priv;

	while (!list_empty(&e->items))
		item_free(list_first(&e->items, struct item, link));
	kfree(e);
}

static const struct file_ops epoll_ops = {
    .poll = epoll_poll,
    .release = epoll_release,
    .stream = true,
};

long
sys_epoll_create1(unsigned flags)
{
	struct epoll *e;
	int fd;

	if (flags & ~(unsigned)O_CLOEXEC)
		return -EINVAL;
	e = kzalloc(sizeof(*e));
	if (!e)
		return -ENOMEM;
	list_init(&e->items);
	list_init(&e->ready);
	waitq_init(&e->wait);
	fd = anon_fd("anon_inode:[eventpoll]", &epoll_ops, e,
		     O_RDWR | (flags & O_CLOEXEC), &e->file);
	if (fd < 0 && !e->file)
		kfree(e);
	return fd;
}

long
sys_epoll_create(int size)
{
	return size > 0 ? sys_epoll_create1(0) : -EINVAL;
}
