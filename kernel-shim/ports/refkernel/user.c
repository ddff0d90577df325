/* SPDX-License-Identifier: MIT */
#include "user.h"

#include "cpu.h"
#include "errno.h"

size_t user_copy(void *to, const void *from, size_t n);
long user_str(char *to, const char *from, size_t max);
int user_load(uint32_t *out, const uint32_t *from);
int user_store(uint32_t *to, uint32_t v);
int user_cmpxchg(uint32_t *at, uint32_t old, uint32_t new, uint32_t *out);

/*
 * Between open and close the kernel may touch user pages. A fault in between
 * may sleep: the trap frame keeps the AC flag.
 */
static inline bool
window_open(void)
{
	const bool smap = cpu_features.smap;

	if (smap)
		__asm__ volatile("stac" ::: "memory");
	return smap;
}

static inline void
window_close(bool smap)
{
	if (smap)
		__asm__ volatile("clac" ::: "memory");
}

/* The bytes from UA on, at most N, that are user addresses. */
static size_t
clip(uint64_t ua, size_t n)
{
	if (ua >= USER_END)
		return 0;
	return n < USER_END - ua ? n : USER_END - ua;
}

size_t
copy_in_some(void *dst, uint64_t ua, size_t n)
{
	size_t can = clip(ua, n), left;
	bool smap;

	smap = window_open();
	left = user_copy(dst, (const void *)ua, can);
	window_close(smap);
	return n - can + left;
}

size_t
copy_out_some(uint64_t ua, const void *src, size_t n)
{
	size_t can = clip(ua, n), left;
	bool smap;

	smap = window_open();
	left = user_copy((void *)ua, src, can);
	window_close(smap);
	return n - can + left;
}

int
copy_in(void *dst, uint64_t ua, size_t n)
{
	return copy_in_some(dst, ua, n) == 0 ? 0 : -EFAULT;
}

int
copy_out(uint64_t ua, const void *src, size_t n)
{
	return copy_out_some(ua, src, n) == 0 ? 0 : -EFAULT;
}

long
copy_in_str(char *dst, uint64_t ua, size_t max)
{
	size_t can = clip(ua, max);
	bool smap;
	long len;

	smap = window_open();
	len = user_str(dst, (const char *)ua, can);
	window_close(smap);
	if (len < 0)
		return -EFAULT;
	if ((size_t)len < can)
		return len;
	return can < max ? -EFAULT : -ENAMETOOLONG;
}

static bool
bad_word(uint64_t ua)
{
	return (ua & 3) != 0 || !user_range(ua, 4);
}

int
user_load32(uint64_t ua, uint32_t *out)
{
	bool smap;
	int err;

	if (bad_word(ua))
		return -EFAULT;
	smap = window_open();
	err = user_load(out, (const uint32_t *)ua);
	window_close(smap);
	return err == 0 ? 0 : -EFAULT;
}

int
user_store32(uint64_t ua, uint32_t v)
{
	bool smap;
	int err;

	if (bad_word(ua))
		return -EFAULT;
	smap = window_open();
	err = user_store((uint32_t *)ua, v);
	window_close(smap);
	return err == 0 ? 0 : -EFAULT;
}

int
user_cmpxchg32(uint64_t ua, uint32_t old, uint32_t new, uint32_t *out)
{
	bool smap;
	int err;

	if (bad_word(ua))
		return -EFAULT;
	smap = window_open();
	err = user_cmpxchg((uint32_t *)ua, old, new, out);
	window_close(smap);
	return err == 0 ? 0 : -EFAULT;
}
