/* SPDX-License-Identifier: MIT */
/*
 * The error numbers that the shim returns, negated. They are Linux's generic
 * ones, because they cross the wire. A port that has an errno.h of its own
 * includes it first; a number that differs is then a compile error.
 */
#ifndef KSHIM_ERRNO_H
#define KSHIM_ERRNO_H

#ifndef EPERM
#define EPERM		1
#define ENOENT		2
#define ESRCH		3
#define EINTR		4
#define EIO		5
#define ENXIO		6
#define E2BIG		7
#define EBADF		9
#define ECHILD		10
#define EAGAIN		11
#define ENOMEM		12
#define EACCES		13
#define EFAULT		14
#define EBUSY		16
#define EEXIST		17
#define ENODEV		19
#define ENOTDIR		20
#define EISDIR		21
#define EINVAL		22
#define ENOSPC		28
#define ESPIPE		29
#define ERANGE		34
#define ENOSYS		38
#define ENOTRECOVERABLE 131
#endif

_Static_assert(EPERM == 1 && ESRCH == 3 && EAGAIN == 11 && EFAULT == 14 &&
		   EBUSY == 16 && EINVAL == 22 && ENOSYS == 38,
	       "the port's error numbers are not Linux's");

#endif
