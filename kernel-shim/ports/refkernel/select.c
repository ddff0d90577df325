/* SPDX-License-Identifier: MIT */
#include "calls_file.h"

#include "clock.h"
#include "cpu.h"
#include "errno.h"
#include "file.h"
#include "mem.h"
#include "poll.h"
#include "signal.h"
#include "string.h"
#include "thread.h"
#include "user.h"

#define MAX_FDS 65536

enum { IN, OUT, EX, SETS };

/* What of a poll makes a descriptor ready in each set. */
static const unsigned wanted[SETS] = {
    [IN] = POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR,
    [OUT] = POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR,
    [EX] = POLLPRI,
};

struct sets {
	int n;
	size_t size; /* bytes of one set */
	uint64_t ua[SETS];
	uint8_t *in[SETS];
	uint8_t *out[SETS];
};

static bool
has(const uint8_t *set, int fd)
{
	return set[fd / 8] >> (fd % 8) & 1;
}

/* Look at all once. A count, or -EBADF. */
static long
scan(struct sets *s, struct poll_table *pt)
{
	long count = 0;

	for (int fd = 0; fd < s->n; fd++) {
		struct file *f;
		unsigned ready;

		if (!has(s->in[IN], fd) && !has(s->in[OUT], fd) &&
		    !has(s->in[EX], fd))
			continue;
		f = fd_get(fd);
		if (!f || f->flags & O_PATH) {
			if (f)
				file_put(f);
			return -EBADF;
		}
		ready = file_poll(f, pt);
		file_put(f);
		for (int k = 0; k < SETS; k++) {
			if (!has(s->in[k], fd) || !(ready & wanted[k]))
				continue;
			s->out[k][fd / 8] |= (uint8_t)(1u << (fd % 8));
			count++;
			pt = NULL;
		}
	}
	return count;
}

static long
wait_ready(struct sets *s, int64_t deadline)
{
	struct poll_table *pt;
	struct poller p;
	long r = 0, count;

	poller_init(&p);
	for (pt = &p.pt;; pt = NULL) {
		count = scan(s, pt);
		if (count || r)
			break;
		r = p.pt.error;
		if (!r)
			r = wait_sleep(deadline, WAIT_INTERRUPTIBLE);
		else
			break;
	}
	poller_fini(&p);
	if (count)
		return count;
	return r == -ETIMEDOUT ? 0 : r;
}

static long
do_select(int n, const uint64_t ua[SETS], int64_t deadline)
{
	struct sets s = {.n = n};
	uint8_t *buf;
	long r = 0;

	if (n < 0)
		return -EINVAL;
	if (n > MAX_FDS)
		s.n = MAX_FDS;
	s.size = ((size_t)s.n + 63) / 64 * 8;
	buf = kzalloc(s.size ? s.size * 2 * SETS : 1);
	if (!buf)
		return -ENOMEM;
	for (int k = 0; k < SETS && !r; k++) {
		s.in[k] = buf + s.size * (size_t)k;
		s.out[k] = buf + s.size * (size_t)(SETS + k);
		if (ua[k])
			r = copy_in(s.in[k], ua[k], s.size);
	}
	if (!r)
		r = wait_ready(&s, deadline);
	for (int k = 0; k < SETS && r >= 0; k++) {
		if (ua[k] && copy_out(ua[k], s.out[k], s.size))
			r = -EFAULT;
	}
	kfree(buf);
	return r == -ERESTARTSYS ? -ERESTARTNOHAND : r;
}

long
sys_select(int n, uint64_t in, uint64_t out, uint64_t ex, uint64_t timeout)
{
	const uint64_t ua[SETS] = {in, out, ex};
	int64_t deadline = NO_DEADLINE, ns, left;
	long r;

	if (timeout) {
		r = timeval_in(timeout, &ns);
		if (r)
			return r;
		deadline = deadline_after(ns);
	}
	r = do_select(n, ua, deadline);
	left = deadline - clock_monotonic();
	if (timeout)
		timeval_out(timeout, left > 0 ? left : 0);
	return r;
}

long
sys_pselect6(int n, uint64_t in, uint64_t out, uint64_t ex, uint64_t timeout,
	     uint64_t umask)
{
	const uint64_t ua[SETS] = {in, out, ex};
	uint64_t mask[2] = {0, 0}; /* where, and how large */
	int64_t deadline;
	long r;

	if (umask && copy_in(mask, umask, sizeof(mask)))
		return -EFAULT;
	r = poll_deadline(timeout, &deadline);
	if (!r)
		r = signal_mask_user(mask[0], mask[1]);
	if (r)
		return r;
	r = do_select(n, ua, deadline);
	signal_mask_restore(r == -ERESTARTNOHAND);
	poll_write_rest(timeout, deadline);
	return r;
}
