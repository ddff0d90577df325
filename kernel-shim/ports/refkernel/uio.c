/* SPDX-License-Identifier: MIT */
#include "uio.h"

#include "errno.h"
#include "mem.h"
#include "string.h"
#include "user.h"

void
uio_kernel(struct uio *u, void *buf, size_t len)
{
	uio_user(u, (uint64_t)buf, len);
	u->kernel = true;
}

void
uio_vec(struct uio *u, const struct linux_iovec *iov, size_t count)
{
	u->iov = iov;
	u->off = 0;
	u->left = 0;
	u->kernel = false;
	for (size_t i = 0; i < count; i++)
		u->left += iov[i].len;
}

/* The next piece that has bytes left, cut to MAX. */
static size_t
piece(struct uio *u, size_t max, uint64_t *out_at)
{
	size_t n;

	while (u->off == u->iov->len) {
		u->iov++;
		u->off = 0;
	}
	n = u->iov->len - u->off;
	*out_at = u->iov->base + u->off;
	return n < max ? n : max;
}

static void
advance(struct uio *u, size_t n)
{
	u->off += n;
	u->left -= n;
}

int
uio_put(struct uio *u, const void *src, size_t n)
{
	const char *from = src;

	while (n) {
		uint64_t at;
		size_t k = piece(u, n, &at), bad = 0;

		if (u->kernel)
			memcpy((void *)at, from, k);
		else
			bad = copy_out_some(at, from, k);
		advance(u, k - bad);
		if (bad)
			return -EFAULT;
		from += k;
		n -= k;
	}
	return 0;
}

int
uio_get(struct uio *u, void *dst, size_t n)
{
	char *to = dst;

	while (n) {
		uint64_t at;
		size_t k = piece(u, n, &at), bad = 0;

		if (u->kernel)
			memcpy(to, (const void *)at, k);
		else
			bad = copy_in_some(to, at, k);
		advance(u, k - bad);
		if (bad)
			return -EFAULT;
		to += k;
		n -= k;
	}
	return 0;
}

int
uio_zero(struct uio *u, size_t n)
{
	static const char zeros[512];

	while (n) {
		size_t k = n < sizeof(zeros) ? n : sizeof(zeros);
		int err = uio_put(u, zeros, k);

		if (err)
			return err;
		n -= k;
	}
	return 0;
}

int
iov_in(uint64_t ua, uint64_t n, struct linux_iovec **out)
{
	struct linux_iovec *v;
	uint64_t sum = 0;
	int err = 0;

	if (n > IOV_MAX)
		return -EINVAL;
	v = kmalloc(n ? n * sizeof(*v) : 1);
	if (!v)
		return -ENOMEM;
	if (copy_in(v, ua, n * sizeof(*v)))
		err = -EFAULT;
	for (uint64_t i = 0; i < n && !err; i++) {
		if ((int64_t)v[i].len < 0)
			err = -EINVAL;
		else if (!user_range(v[i].base, v[i].len))
			err = -EFAULT;
		else if (v[i].len > RW_MAX - sum)
			v[i].len = RW_MAX - sum;
		sum += v[i].len;
	}
	if (err)
		kfree(v);
	else
		*out = v;
	return err;
}
