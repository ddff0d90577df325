/* SPDX-License-Identifier: MIT */
/* System calls on memory, and exec; see syscall.h. */
#ifndef CALLS_MEM_H
#define CALLS_MEM_H

#include <stdint.h>

#define CALLS_MEM(X)                                                           \
	X(9, mmap)                                                             \
	X(10, mprotect)                                                        \
	X(11, munmap)                                                          \
	X(12, brk)                                                             \
	X(25, mremap)                                                          \
	X(26, msync)                                                           \
	X(27, mincore)                                                         \
	X(28, madvise)                                                         \
	X(59, execve)                                                          \
	X(149, mlock)                                                          \
	X(150, munlock)                                                        \
	X(151, mlockall)                                                       \
	X(152, munlockall)                                                     \
	X(322, execveat)                                                       \
	X(325, mlock2)

long sys_mmap(uint64_t addr, uint64_t len, uint64_t prot, uint64_t flags,
	      int fd, uint64_t offset);
long sys_mprotect(uint64_t addr, uint64_t len, uint64_t prot);
long sys_munmap(uint64_t addr, uint64_t len);
long sys_brk(uint64_t addr);
long sys_mremap(uint64_t old, uint64_t old_len, uint64_t new_len,
		uint64_t flags, uint64_t new);
long sys_msync(uint64_t addr, uint64_t len, int flags);
long sys_mincore(uint64_t addr, uint64_t len, uint64_t uvec);
long sys_madvise(uint64_t addr, uint64_t len, int advice);
long sys_mlock(uint64_t addr, uint64_t len);
long sys_mlock2(uint64_t addr, uint64_t len, int flags);
long sys_munlock(uint64_t addr, uint64_t len);
long sys_mlockall(int flags);
long sys_munlockall(void);
long sys_execve(uint64_t upath, uint64_t uargv, uint64_t uenvp);
long sys_execveat(int dirfd, uint64_t upath, uint64_t uargv, uint64_t uenvp,
		  int flags);

#endif
