/* SPDX-License-Identifier: MIT */
/*
 * The tracees of this process, and what is known of each. One table for all
 * threads, under one lock, which is never held across a read that blocks.
 */
#ifndef PTL_SESSION_H
#define PTL_SESSION_H

#include <stdbool.h>
#include <sys/proc_scheme.h>
#include <sys/ptrace.h>

#include "io.h"
#include "hot.h"
#include "lock.h"

/* Files of a tracee that stay open once used. */
enum ptl_file {
	PTL_MEM,
	PTL_VM,
	PTL_REGS_USER,
	PTL_REGS_INT,
	PTL_REGS_FLOAT,
	PTL_REGS_ENV,
	PTL_REGS_XSTATE,
	PTL_REGS_DEBUG,
	PTL_SIGINFO,
	PTL_SIGMASK,
	PTL_SYSCALL,
	PTL_DISPATCH,
	PTL_RUSAGE,
	PTL_NFILES
};

enum ptl_run {
	PTL_RUNNING,
	PTL_STOPPED,
	PTL_LISTENING, /* stopped, but PTRACE_LISTEN */
	PTL_DEAD,      /* not reported yet */
	PTL_GHOST,     /* reported; the kernel's wait will say so once more */
};

struct ptl_maps;

struct ptl_session {
	struct ptl_session *next;	    /* in its bucket */
	struct ptl_session *before, *after; /* in the queue of reports */
	pid_t tid, tgid;
	int trace; /* handle, -1: not open, as where there is `command` */
	int32_t file[PTL_NFILES]; /* index of its place in the cache, -1 */
	unsigned nfiles;	  /* of them that are open */
	/*
	 * Linux's tracer is a thread. Which one called fork() the kernel does
	 * not tell, so a child that called TRACEME is the thread's that first
	 * waits for it by its id or makes a request.
	 */
	const char *owner;
	enum ptl_run run;
	bool queued;		/* has something that wait shall report */
	bool seized;		/* not PTRACE_ATTACH or TRACEME */
	bool sysemu;		/* skip the system call at its entry stop */
	bool info_set;		/* PTRACE_SETSIGINFO in this stop */
	int info_code;		/* and the si_code that it gave */
	unsigned options;	/* PTRACE_O_* */
	struct proc_event stop; /* which it is in, or its death */
	int code;		/* of the stop, as wait tells: status >> 8 */
	uint64_t message;	/* PTRACE_GETEVENTMSG */
	struct ptl_maps *maps;	/* what is mapped; NULL: nothing */
	bool unmapped;		/* it was tried, and cannot be */
	unsigned uses;		/* of memory by files, until it is mapped */
	/* On a base kernel alone: */
	uint64_t call; /* number of the system call in flight */
	bool exiting;  /* its exit stop was seen */
	int exit_status;
};

/* What the kernel serves. */
enum ptl_mode {
	PTL_UNKNOWN,
	PTL_FULL, /* `events` and all */
	PTL_BASE, /* not `events`: the base files at most */
};

/* Files of this process. */
enum ptl_own {
	PTL_EVENTS,	/* which blocks */
	PTL_EVENTS_NOW, /* which does not */
	PTL_COMMAND,	/* not every kernel has it */
	PTL_NOWN
};

struct ptl_place;

#define PTL_STORED 8
#define PTL_PAGE   4096

struct ptl_state {
	const struct ptrace_io *io;
	struct ptl_lock lock;
	pid_t pid; /* whose state this is; 0: nobody's yet */
	enum ptl_mode mode;
	/* What a read would find, mapped; NULL: not so many found nothing. */
	const struct proc_events *shown;
	unsigned in_vain;  /* reads that found nothing, until it is mapped */
	int own[PTL_NOWN]; /* handles, -1: none */
	int highest;	   /* number that a handle has had */
	struct ptl_session *spare; /* the last that was dropped, or NULL */
	struct ptl_session **bucket;
	unsigned nbuckets, count;
	unsigned ghosts;		  /* of them */
	struct ptl_session *first, *last; /* queue of reports */
	struct ptl_place *place;	  /* cache of handles */
	int32_t nplaces, hand, free_place;
	unsigned mappings;  /* of all sessions */
	size_t xstate_size; /* of the image; 0: not known yet */
	/* Pages of this process that the kernel has lately stored into. */
	uintptr_t stored[PTL_STORED];
	/* Waiting, see wait_loop.c. */
	unsigned due;	     /* PTL_DUE_*: ask the kernel's wait */
	unsigned child_news; /* counts PROC_EVENT_CHILD */
	bool reading;	     /* a thread sleeps in a read of `events` */
	int sleepers;	     /* threads that sleep on `news` */
	int news;	     /* counts what a sleeper may look for */
};

extern struct ptl_state ptl_state;

/*
 * Enter and leave the library. False: this thread is inside already, that is,
 * this is a signal handler.
 */
PTL_HOT bool ptl_enter(void);

static inline void
ptl_leave(void)
{
	ptl_lock_give(&ptl_state.lock);
}

/* True if the process is not the one whose state this is, but its fork. */
bool ptl_is_parents(void);

/*
 * True if the process is not the one whose state this is, but its fork: then
 * the state has been emptied.
 */
bool ptl_forked(void);

/* The state is this process's from now on, if it is nobody's. */
void ptl_set_owner(void);

/* Where the sessions of TID's bucket begin; there are buckets. */
static inline struct ptl_session **
ptl_bucket(pid_t tid)
{
	/* Ids come one after another: their low bits spread well. */
	return &ptl_state.bucket[(unsigned)tid & (ptl_state.nbuckets - 1)];
}

/* The session of TID, or NULL. */
static inline struct ptl_session *
ptl_find(pid_t tid)
{
	struct ptl_session *s;

	if (!ptl_state.nbuckets)
		return NULL;
	for (s = *ptl_bucket(tid); s; s = s->next)
		if (s->tid == tid)
			return s;
	return NULL;
}

/* A new session, running, with no handle; NULL: no memory. */
struct ptl_session *ptl_add(pid_t tid, pid_t tgid);

/* Close S's handles and forget it. If `trace` was one, it is traced no more. */
void ptl_drop(struct ptl_session *s);

/* S is TID from now on; a session of that name is dropped. */
void ptl_rename(struct ptl_session *s, pid_t tid);

/* Put S at the end of the queue of reports, or take it off. */
PTL_HOT void ptl_queue(struct ptl_session *s);
PTL_HOT void ptl_unqueue(struct ptl_session *s);

/*
 * Visit all sessions in the table, until FN returns true, which this returns
 * then. FN must not add or drop.
 */
bool ptl_each(bool (*fn)(struct ptl_session *s, void *arg), void *arg);

/*
 * The session of TID, of this thread, in a trace stop. -ESRCH: none, as Linux
 * says. Looks for news first where that may help.
 */
PTL_HOT int ptl_stopped(pid_t tid, struct ptl_session **out);

/*
 * True if S may have gone from its stop to another by itself: by a SIGKILL to
 * that of its exit.
 */
static inline bool
ptl_may_exit(const struct ptl_session *s)
{
	return s->options & PTRACE_O_TRACEEXIT &&
	       s->stop.cause != PROC_STOP_EXIT;
}

/* The session of TID, of this thread, in any state, else -ESRCH. */
int ptl_traced(pid_t tid, struct ptl_session **out);

/* ---- whose (owner.c) ---- */

/* S is the calling thread's: it is let go when that ends. */
void ptl_own(struct ptl_session *s);

/* S is the calling thread's if it is nobody's. -ESRCH: it is another's. */
PTL_HOT int ptl_claim(struct ptl_session *s);

/* ---- commands (command.c) ---- */

/*
 * Command S by FLAGS, and SIGNAL with PROC_FLAG_SIGNAL. With PROC_FLAG_DETACH
 * on a kernel without `command`, a tracee that runs is let go by ptl_drop().
 * 0, or -errno of the kernel.
 */
PTL_HOT int ptl_order(struct ptl_session *s, uint64_t flags, uint64_t signal);

/* The same; the error is ptrace's. */
PTL_HOT int ptl_command(struct ptl_session *s, uint64_t flags, uint64_t signal);

/*
 * S is said to be a tracee of this process. If it is one that is alive, it
 * stays until it is let go, with MASK. 0, or -errno of the kernel.
 */
int ptl_hold(struct ptl_session *s, uint64_t mask);

/* The handle of S's `trace`, opened on the first call; or -errno. */
int ptl_trace(struct ptl_session *s);

/* ---- the files of this process (own.c) ---- */

/*
 * Open those of `events` and `command` that are not open; which there are. For
 * the first time, or after ptl_regain().
 */
void ptl_open_own(void);

/*
 * The kernel says EBADF: the program has closed what it has not opened. Forget
 * all handles that are closed, before their numbers are given out again, and
 * open those of this process anew. False: they were a parent's anyway, or that
 * could not be done.
 */
bool ptl_regain(void);

/*
 * HANDLE is new, and nobody's yet. It may have the number of one that the
 * program has closed: that is forgotten, and whatever else was closed with it.
 */
void ptl_check_new(int handle);

/* ---- files (files.c) ---- */

/* The handle of FILE of S, opened if it was not; or -errno of the kernel. */
int ptl_handle(struct ptl_session *s, enum ptl_file file);

/*
 * Read or write a file of S at OFF. A byte count, or an errno as Linux's
 * ptrace gives it: -EIO where this kernel has no such file.
 */
ssize_t ptl_pread(struct ptl_session *s, enum ptl_file file, void *buf,
		  size_t n, uint64_t off);
ssize_t ptl_pwrite(struct ptl_session *s, enum ptl_file file, const void *buf,
		   size_t n, uint64_t off);

/* The same for a whole structure: 0 or -errno. */
int ptl_load(struct ptl_session *s, enum ptl_file file, void *buf, size_t n);
int ptl_store(struct ptl_session *s, enum ptl_file file, const void *buf,
	      size_t n);

/* Read once from file NAME of TID. */
ssize_t ptl_read_once(pid_t tid, const char *name, void *buf, size_t n,
		      uint64_t off);

/* Close S's files; after an execution, those of its memory. */
void ptl_close_files(struct ptl_session *s);
void ptl_close_memory(struct ptl_session *s);

/* Forget those of all sessions that are closed; the one with this number. */
void ptl_forget_closed(void);
bool ptl_forget_handle(int handle);

/* Close all, for ptl_reset(). */
void ptl_free_places(void);

/* The error that ptrace gives for ERR of a file operation. */
int ptl_errno(int err);

/* Store "TID/NAME" in BUF of PTL_NAME_MAX bytes; TID is not negative. */
#define PTL_NAME_MAX 48
void ptl_name(char *buf, pid_t tid, const char *name);

#endif
