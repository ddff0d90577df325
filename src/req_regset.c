/* SPDX-License-Identifier: MIT */
/* GETREGSET, SETREGSET: sets of registers by the names of core file notes. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#include "maps.h"
#include "request.h"

#define NT_PRSTATUS   1
#define NT_PRFPREG    2
#define NT_386_IOPERM 0x201
#define NT_X86_XSTATE 0x202

/* The largest XSAVE image that is met: AMX's tiles and all. */
#define XSTATE_MAX 16384

/* Store up to N bytes at BUF: how many, or -errno. */
static ssize_t
get(struct ptl_session *s, uintptr_t type, char *buf, size_t n)
{
	struct proc_user_regs regs;
	char image[sizeof(struct user_fpregs_struct)];
	struct ptl_call c = {.data = (uintptr_t)image};
	long err;

	switch (type) {
	case NT_PRSTATUS:
		if (n > sizeof(regs))
			n = sizeof(regs);
		err = ptl_regs_get(s, &regs);
		if (!err && n)
			memcpy(buf, &regs, n);
		return err ? err : (ssize_t)n;
	case NT_PRFPREG:
		if (n > sizeof(image))
			n = sizeof(image);
		err = ptl_getfpregs(s, &c);
		if (!err && n)
			memcpy(buf, image, n);
		return err ? err : (ssize_t)n;
	case NT_386_IOPERM: /* as a tracee that may use no port */
		return -ENXIO;
	default:
		return n ? ptl_pread(s, PTL_REGS_XSTATE, buf, n, 0) : 0;
	}
}

/* How long the kernel's image is, for all threads: it is asked once. */
static ssize_t
xstate_size(struct ptl_session *s)
{
	char image[XSTATE_MAX];
	ssize_t size = (ssize_t)ptl_state.xstate_size;

	if (size)
		return size;
	size = ptl_pread(s, PTL_REGS_XSTATE, image, sizeof(image), 0);
	if (size > 0)
		ptl_state.xstate_size = (size_t)size;
	return size;
}

/* A longer buffer is cut to that. */
static ssize_t
set_xstate(struct ptl_session *s, const char *buf, size_t n)
{
	ssize_t size = xstate_size(s);

	if (size < 0)
		return size;
	if (n < (size_t)size)
		return -EFAULT;
	return ptl_pwrite(s, PTL_REGS_XSTATE, buf, (size_t)size, 0);
}

static ssize_t
set(struct ptl_session *s, uintptr_t type, const char *buf, size_t n)
{
	struct proc_user_regs regs;
	struct ptl_call c = {.data = (uintptr_t)buf};
	long err = 0;

	switch (type) {
	case NT_PRSTATUS:
		if (n > sizeof(regs))
			n = sizeof(regs);
		/* Those that are not given keep their values. */
		if (n < sizeof(regs))
			err = ptl_regs_get(s, &regs);
		if (!err && n) {
			memcpy(&regs, buf, n);
			err = ptl_regs_change(s, &regs);
		}
		return err ? err : (ssize_t)n;
	case NT_PRFPREG:
		if (n > sizeof(struct user_fpregs_struct))
			n = sizeof(struct user_fpregs_struct);
		if (n < sizeof(struct user_fpregs_struct))
			return -EINVAL;
		err = ptl_setfpregs(s, &c);
		return err ? err : (ssize_t)n;
	case NT_386_IOPERM:
		return -EOPNOTSUPP;
	default:
		return set_xstate(s, buf, n);
	}
}

/* The checks that both have in common, in Linux's order. */
static int
check(const struct ptl_call *c, struct iovec **out)
{
	struct iovec *iov = (struct iovec *)c->data;

	if (ptl_bad_pointer(c->data))
		return -EFAULT;
	if (c->addr != NT_PRSTATUS && c->addr != NT_PRFPREG &&
	    c->addr != NT_386_IOPERM && c->addr != NT_X86_XSTATE)
		return -EINVAL;
	if (iov->iov_len % sizeof(uint64_t))
		return -EINVAL;
	if (iov->iov_len && ptl_bad_pointer((uintptr_t)iov->iov_base))
		return -EFAULT;
	*out = iov;
	return 0;
}

long
ptl_quick_getregset(struct ptl_session *s, const struct ptl_call *c)
{
	struct proc_user_regs regs;
	struct iovec *iov;
	size_t n;

	if (c->addr != NT_PRSTATUS || check(c, &iov))
		return PTL_ASK;
	n = iov->iov_len < sizeof(regs) ? iov->iov_len : sizeof(regs);
	if (!n || !ptl_maps_regs(s, &regs))
		return PTL_ASK;
	memcpy(iov->iov_base, &regs, n);
	iov->iov_len = n;
	return 0;
}

long
ptl_getregset(struct ptl_session *s, const struct ptl_call *c)
{
	struct iovec *iov;
	ssize_t n = check(c, &iov);

	if (!n)
		n = get(s, c->addr, iov->iov_base, iov->iov_len);
	if (n < 0)
		return n;
	iov->iov_len = (size_t)n;
	return 0;
}

long
ptl_setregset(struct ptl_session *s, const struct ptl_call *c)
{
	struct iovec *iov;
	ssize_t n = check(c, &iov);

	if (!n)
		n = set(s, c->addr, iov->iov_base, iov->iov_len);
	if (n < 0)
		return n;
	iov->iov_len = (size_t)n;
	return 0;
}
