/* SPDX-License-Identifier: MIT */
/*
 * A kernel's side of the wire, by script: files with contents, a queue of
 * events, a list of real children; and a record of what was written. For tests
 * of libptrace's own logic.
 */
#ifndef TESTS_FAKE_IO_H
#define TESTS_FAKE_IO_H

#include <stdbool.h>
#include <sys/proc_scheme.h>

#include "../../src/io.h"

#define FAKE_PID   100 /* the tracer */
#define FAKE_FILES 64
#define FAKE_DEPTH 64

/* One file: what a read gives, or why it cannot be had. */
struct fake_file {
	char name[48];
	int open_error, error; /* of open, of read and write */
	unsigned char data[4096];
	size_t size;
	uint64_t offset; /* of data in the file */
	int opens;	 /* how often it is open */
};

/* One write to a `trace`, or to `command`, as that would be to a `trace`. */
struct fake_write {
	int tid;
	struct proc_resume w;
	size_t size;
	bool command;
	uint64_t apart; /* what there is of PROC_FLAG_ATTACH and HOLD */
};

struct fake_child {
	int pid, status;
};

struct fake {
	struct fake_file file[FAKE_FILES];
	int nfiles;
	int handle[1024]; /* index of its file, -1: free */
	int owner[1024];  /* who opened it: others get EPERM */
	struct proc_tracer_event event[FAKE_DEPTH];
	int first_event, nevents;
	struct fake_child child[FAKE_DEPTH]; /* with something to tell */
	int nchildren, living; /* living: those with nothing to tell */
	struct fake_write written[FAKE_DEPTH];
	int nwritten;
	int killed; /* by SIGKILL, last */
	int pid;
	uid_t uid;	  /* of everybody */
	int calls, waits; /* file operations; the kernel's wait */
	int wakes;
	int room; /* of cached handles; 0: no limit */
	/* Called where a read would sleep; false: a signal comes. */
	bool (*on_sleep)(void);
};

extern struct fake fake;
extern const struct ptrace_io fake_io;

/* Kernels from now on have no `command`. */
extern bool fake_old;

/* A new kernel with the files of the caller, under the library. */
void fake_start(void);

/* The same with the base files alone. */
void fake_start_base(void);

/* File NAME of TID with SIZE bytes of DATA (NULL: zeros). */
struct fake_file *fake_add(int tid, const char *name, const void *data,
			   size_t size);
struct fake_file *fake_find(int tid, const char *name);

/* A thread that can be traced, with all files. */
void fake_thread(int tid);

/* Queue an event. */
void fake_event(int tid, uint64_t cause, uint64_t a);

/* The last write to a `trace` or `command`. */
const struct fake_write *fake_last(void);

/* TID, seized with OPTIONS, in a stop for CAUSE that wait has told. */
#define TID 200
void fake_stopped(uint64_t cause, uint64_t a, unsigned options);

/* An argument of ptrace(). */
static inline void *
word(uintptr_t n)
{
	return (void *)n;
}

#define ck_errno(call, expected)                                               \
	do {                                                                   \
		errno = 0;                                                     \
		ck_assert_int_eq((call), -1);                                  \
		ck_assert_int_eq(errno, expected);                             \
	} while (0)

/* The program closes all descriptors that there are. */
void fake_close_all(void);

/* How many handles are open. */
int fake_open_handles(void);

#endif
