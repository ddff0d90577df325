/* SPDX-License-Identifier: MIT */
/*
 * What libptrace needs of the world: the files of the scheme, and the kernel's
 * own waiting. Everything else in this directory is free of descriptors, so
 * that tests can put a simulated machine here. Not installed.
 *
 * Each operation returns a negated errno when it fails.
 */
#ifndef PTL_IO_H
#define PTL_IO_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* How long a handle lives, and so where its descriptor should be. */
enum ptl_life {
	PTL_BRIEF,  /* for one request */
	PTL_CACHED, /* as long as there is room: -EMFILE if there is none */
	PTL_KEPT,   /* until it is closed: out of the program's way */
};

/* ptrace_io.flags of open: */
enum ptl_open {
	PTL_READ = 1,
	PTL_WRITE = 2,
	PTL_NONBLOCK = 4,
	PTL_TRUNC = 8, /* `trace` on a base kernel: stop the tracee */
};

struct ptrace_io {
	/*
	 * NAME is relative to the scheme's root, such as "12/regs/int". A
	 * handle, not negative. -ENOENT or -EINVAL: no such file here.
	 */
	int (*open)(const char *name, unsigned flags, enum ptl_life life);
	void (*close)(int handle);
	/* Is it open still? The program may have closed it. */
	bool (*is_open)(int handle);
	ssize_t (*read)(int handle, void *buf, size_t n);
	ssize_t (*write)(int handle, const void *buf, size_t n);
	ssize_t (*pread)(int handle, void *buf, size_t n, uint64_t off);
	ssize_t (*pwrite)(int handle, const void *buf, size_t n, uint64_t off);
	/*
	 * Map N bytes at OFF of HANDLE, shared, to read, and with WRITE to
	 * write; NULL: cannot be. The mapping outlives the handle. Both NULL:
	 * there is no such thing.
	 */
	void *(*map)(int handle, uint64_t off, size_t n, bool write);
	void (*unmap)(const void *at, size_t n);
	/* Sleep until one of N can be read, or for MS. 0 or -EINTR. */
	int (*poll)(const int *handles, unsigned n, int ms);

	/* The caller's process, a process's group (0: the caller's). */
	pid_t (*getpid)(void);
	pid_t (*getpgid)(pid_t pid);
	/* The uid of thread TID, the process behind a pidfd. */
	int (*uid)(pid_t tid, uid_t *out);
	pid_t (*pidfd)(int fd);
	/* SIG to the thread TID, not its process; 0: is there one? */
	int (*kill)(pid_t tid, int sig);

	/* The kernel's own, for real children. waitid() needs an INFO. */
	pid_t (*wait4)(pid_t pid, int *status, int options, struct rusage *ru);
	int (*waitid)(int type, id_t id, siginfo_t *info, int options,
		      struct rusage *ru);
};

/* The files and calls of the kernel that this runs on. */
extern const struct ptrace_io ptl_host_io;

/*
 * Forget all sessions, close their handles, and go on with IO (NULL: the
 * host's). For tests; no other thread may be in the library.
 */
void ptl_reset(const struct ptrace_io *io);

#endif
