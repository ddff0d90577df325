/* SPDX-License-Identifier: MIT */
/* A cursor over the memory that a read fills or a write takes from. */
#ifndef REFKERNEL_UIO_H
#define REFKERNEL_UIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fs_abi.h"

/*
 * The memory is a list of pieces, all of the current process or all of the
 * kernel. `left` is what remains; the owner of the list keeps it alive.
 */
struct uio {
	const struct linux_iovec *iov;
	size_t off;		/* into the first piece */
	size_t left;		/* bytes over all pieces */
	bool kernel;		/* the addresses are the kernel's */
	struct linux_iovec one; /* for a list of one */
};

/* Most bytes of one call, as on Linux. */
#define RW_MAX 0x7ffff000u

/*
 * Copy in the N pieces at UA, check that they are user memory and cut their
 * sum to RW_MAX. The caller frees *OUT. -EINVAL, -ENOMEM, -EFAULT.
 */
int iov_in(uint64_t ua, uint64_t n, struct linux_iovec **out);

/* One piece of user memory; the caller has checked that it is. */
static inline void
uio_user(struct uio *u, uint64_t ua, size_t len)
{
	u->one = (struct linux_iovec){ua, len};
	u->iov = &u->one;
	u->off = 0;
	u->left = len;
	u->kernel = false;
}

/* One piece of kernel memory. */
void uio_kernel(struct uio *u, void *buf, size_t len);
/* COUNT pieces of user memory; the caller has limited their sum. */
void uio_vec(struct uio *u, const struct linux_iovec *iov, size_t count);

/*
 * Copy N bytes (at most u->left) out of the kernel, into it, or write zeros,
 * and move on. -EFAULT: the cursor has moved over what was copied before the
 * bad page, and *U tells how far that is.
 */
int uio_put(struct uio *u, const void *src, size_t n);
int uio_get(struct uio *u, void *dst, size_t n);
int uio_zero(struct uio *u, size_t n);

#endif
