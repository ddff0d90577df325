/* SPDX-License-Identifier: MIT */
/*
 * Access to the memory of the current process by address. Any address may be
 * passed: what is not mapped user memory is -EFAULT. All of these may sleep
 * (a page may have to be read in).
 */
#ifndef USER_H
#define USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define USER_END 0x00007ffffffff000u

/* True if [UA, UA + N) lies in the user half; says nothing of mappings. */
static inline bool
user_range(uint64_t ua, uint64_t n)
{
	return ua <= USER_END && n <= USER_END - ua;
}

/* Copy N bytes; 0 or -EFAULT, after which part may have been copied. */
int copy_in(void *dst, uint64_t ua, size_t n);
int copy_out(uint64_t ua, const void *src, size_t n);

/* As copy_in() and copy_out(), but return how many bytes were not copied. */
size_t copy_in_some(void *dst, uint64_t ua, size_t n);
size_t copy_out_some(uint64_t ua, const void *src, size_t n);

/*
 * Copy a string with its NUL to DST of MAX bytes. The length without the NUL;
 * -EFAULT; -ENAMETOOLONG if no NUL is within MAX.
 */
long copy_in_str(char *dst, uint64_t ua, size_t max);

/*
 * Atomic operations on an aligned 32-bit word, for futexes. -EFAULT.
 * user_cmpxchg(): if *UA is OLD make it NEW; what was there to *OUT.
 */
int user_load32(uint64_t ua, uint32_t *out);
int user_store32(uint64_t ua, uint32_t v);
int user_cmpxchg32(uint64_t ua, uint32_t old, uint32_t new, uint32_t *out);

#endif
