/* SPDX-License-Identifier: MIT */
#include "poll.h"

#include "calls_file.h"
#include "clock.h"
#include "cpu.h"
#include "errno.h"
#include "file.h"
#include "mem.h"
#include "signal.h"
#include "thread.h"
#include "user.h"

#define NSEC_PER_MSEC 1000000

/* More waiters, when those in struct poller are used up. */
#define CHUNK 60

struct poller_more {
	struct poller_more *next;
	unsigned n;
	struct waiter waiters[CHUNK];
};

static void
enter(struct poll_table *pt, struct waitq *q)
{
	struct poller *p = (struct poller *)pt;
	struct poller_more *m = p->more;

	if (p->n < POLLER_INLINE) {
		waiter_add(&p->waiters[p->n++], q);
		return;
	}
	if (!m || m->n == CHUNK) {
		m = kzalloc(sizeof(*m));
		if (!m) {
			pt->error = -ENOMEM;
			return;
		}
		m->next = p->more;
		p->more = m;
	}
	waiter_add(&m->waiters[m->n++], q);
}

void
poller_init(struct poller *p)
{
	p->pt.enter = enter;
	p->pt.error = 0;
	p->n = 0;
	p->more = NULL;
}

void
poller_fini(struct poller *p)
{
	struct poller_more *m;

	for (unsigned i = 0; i < p->n; i++)
		waiter_remove(&p->waiters[i]);
	while ((m = p->more)) {
		for (unsigned i = 0; i < m->n; i++)
			waiter_remove(&m->waiters[i]);
		p->more = m->next;
		kfree(m);
	}
}

int
poll_deadline(uint64_t ua, int64_t *out_deadline)
{
	int64_t ns;
	int err;

	*out_deadline = NO_DEADLINE;
	if (!ua)
		return 0;
	err = timespec_in(ua, &ns);
	if (!err)
		*out_deadline = deadline_after(ns);
	return err;
}

int
poll_write_rest(uint64_t ua, int64_t deadline)
{
	int64_t left = deadline - clock_monotonic();

	if (!ua)
		return 0;
	return timespec_out(ua, left > 0 ? left : 0);
}

/* Look at all N once; how many have something to tell. */
static unsigned
scan(struct linux_pollfd *fds, unsigned n, struct poll_table *pt)
{
	unsigned count = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned ready = POLLNVAL;
		struct file *f;

		fds[i].revents = 0;
		if (fds[i].fd < 0)
			continue;
		f = fd_get(fds[i].fd);
		if (f) {
			ready = f->flags & O_PATH ? POLLNVAL : file_poll(f, pt);
			ready &= (uint16_t)fds[i].events | POLLERR | POLLHUP |
				 POLLNVAL;
			file_put(f);
		}
		fds[i].revents = (int16_t)ready;
		if (ready) {
			count++;
			pt = NULL; /* it will not wait */
		}
	}
	return count;
}

static long
wait_ready(struct linux_pollfd *fds, unsigned n, int64_t deadline)
{
	struct poll_table *pt;
	struct poller p;
	long r = 0;

	poller_init(&p);
	for (pt = &p.pt;; pt = NULL) {
		unsigned count = scan(fds, n, pt);

		if (count || r) {
			r = count ? (long)count : r == -ETIMEDOUT ? 0 : r;
			break;
		}
		if (p.pt.error) {
			r = p.pt.error;
			break;
		}
		r = wait_sleep(deadline, WAIT_INTERRUPTIBLE);
	}
	poller_fini(&p);
	return r;
}

static long
do_poll(uint64_t ufds, unsigned n, int64_t deadline)
{
	struct linux_pollfd *fds, few[16];
	size_t size = n * sizeof(*fds);
	long r;

	if (n > current->process->rlimit[RLIMIT_NOFILE].cur)
		return -EINVAL;
	fds = n <= 16 ? few : kmalloc(size);
	if (!fds)
		return -ENOMEM;
	r = copy_in(fds, ufds, size);
	if (!r)
		r = wait_ready(fds, n, deadline);
	for (unsigned i = 0; r >= 0 && i < n; i++) {
		if (copy_out(ufds + i * sizeof(*fds) + 6, &fds[i].revents, 2))
			r = -EFAULT;
	}
	if (fds != few)
		kfree(fds);
	return r;
}

static long
restart_poll(struct restart *restart)
{
	long r = do_poll(restart->arg[0], (unsigned)restart->arg[1],
			 restart->deadline);

	return r == -ERESTARTSYS ? -ERESTART_RESTARTBLOCK : r;
}

long
sys_poll(uint64_t fds, unsigned n, int timeout)
{
	struct restart *restart = &current->restart;
	int64_t deadline = NO_DEADLINE;
	long r;

	if (timeout >= 0)
		deadline = deadline_after((int64_t)timeout * NSEC_PER_MSEC);
	r = do_poll(fds, n, deadline);
	if (r != -ERESTARTSYS)
		return r;
	restart->fn = restart_poll;
	restart->arg[0] = fds;
	restart->arg[1] = n;
	restart->deadline = deadline;
	return -ERESTART_RESTARTBLOCK;
}

long
sys_ppoll(uint64_t fds, unsigned n, uint64_t timeout, uint64_t mask,
	  uint64_t size)
{
	int64_t deadline;
	long r;

	r = poll_deadline(timeout, &deadline);
	if (!r)
		r = signal_mask_user(mask, size);
	if (r)
		return r;
	r = do_poll(fds, n, deadline);
	signal_mask_restore(r == -ERESTARTSYS);
	poll_write_rest(timeout, deadline); /* as Linux: errors do not count */
	return r == -ERESTARTSYS ? -ERESTARTNOHAND : r;
}
