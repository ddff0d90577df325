/* SPDX-License-Identifier: MIT */
/*
 * Credentials. Each thread has its own, as on Linux.
 */
#ifndef REFKERNEL_CRED_H
#define REFKERNEL_CRED_H

#include <stdbool.h>
#include <stdint.h>

#define CRED_NGROUPS 32 /* most supplementary groups */

#define CAP_CHOWN	 0
#define CAP_DAC_OVERRIDE 1
#define CAP_FOWNER	 3
#define CAP_FSETID	 4
#define CAP_KILL	 5
#define CAP_SETGID	 6
#define CAP_SETUID	 7
#define CAP_SETPCAP	 8
#define CAP_SYS_CHROOT	 18
#define CAP_SYS_PTRACE	 19
#define CAP_SYS_ADMIN	 21
#define CAP_SYS_NICE	 23
#define CAP_SYS_RESOURCE 24
#define CAP_SYS_TIME	 25
#define CAP_MKNOD	 27
#define CAP_LAST	 40
#define CAP_FULL	 ((1ULL << (CAP_LAST + 1)) - 1)

struct cred {
	uint32_t ruid, euid, suid, fsuid;
	uint32_t rgid, egid, sgid, fsgid;
	uint64_t cap_permitted, cap_effective, cap_inheritable;
	uint64_t cap_bounding, cap_ambient;
	uint32_t securebits;
	int ngroups;
	uint32_t groups[CRED_NGROUPS];
};

/* True if C's effective set has capability CAP. */
bool cred_capable(const struct cred *c, int cap);
/* The same for the current thread. */
bool capable(int cap);
/* True if the current thread's fsgid or a supplementary group is GID. */
bool in_group(uint32_t gid);
/* What exec does to C: saved ids, capability sets of uid 0 and others. */
void cred_exec(struct cred *c);
/* The current process is not to be dumped from now on. */
void cred_hide(void);
/* Root with all capabilities. */
void cred_init(struct cred *c);

#endif
