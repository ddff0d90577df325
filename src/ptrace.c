/* SPDX-License-Identifier: MIT */
/* ptrace(2): the table of requests and the entry point. */
#define _GNU_SOURCE
#include <sys/ptrace.h>

#include <errno.h>
#include <stdarg.h>

#include "events.h"
#include "maps.h"
#include "request.h"

enum need {
	ANY,	 /* no session: the request makes one */
	TRACED,	 /* a tracee in any state */
	STOPPED, /* a tracee in a stop */
};

/* Two ranges of numbers: the old requests, and those from 0x4200 on. */
#define NEW_FIRST 0x4200
#define OLD(r)	  [r]
#define NEW(r)	  [OLD_END + (r)-NEW_FIRST]
#define OLD_END	  40
#define END	  (OLD_END + 0x20)

/* A request for the files, or also for what is mapped, or for the record. */
#define FILES(need, name)                                                      \
	{                                                                      \
		need, ptl_##name, NULL, false                                  \
	}
#define QUICK(name)                                                            \
	{                                                                      \
		STOPPED, ptl_##name, ptl_quick_##name, false                   \
	}
#define RECORD(name)                                                           \
	{                                                                      \
		STOPPED, ptl_##name, ptl_quick_##name, true                    \
	}

static const struct {
	enum need need;
	ptl_request *fn;
	ptl_quick *quick; /* tried first, if not NULL */
	bool record;	  /* it is in the record of the stop, if mapped */
} requests[END] = {
    OLD(PTRACE_PEEKTEXT) = QUICK(peek),
    OLD(PTRACE_PEEKDATA) = QUICK(peek),
    OLD(PTRACE_PEEKUSER) = RECORD(peekuser),
    OLD(PTRACE_POKETEXT) = QUICK(poke),
    OLD(PTRACE_POKEDATA) = QUICK(poke),
    OLD(PTRACE_POKEUSER) = RECORD(pokeuser),
    OLD(PTRACE_CONT) = FILES(STOPPED, resume),
    OLD(PTRACE_KILL) = FILES(TRACED, kill),
    OLD(PTRACE_SINGLESTEP) = FILES(STOPPED, resume),
    OLD(PTRACE_GETREGS) = RECORD(getregs),
    OLD(PTRACE_SETREGS) = RECORD(setregs),
    OLD(PTRACE_GETFPREGS) = RECORD(getfpregs),
    OLD(PTRACE_SETFPREGS) = RECORD(setfpregs),
    OLD(PTRACE_ATTACH) = FILES(ANY, attach),
    OLD(PTRACE_DETACH) = FILES(STOPPED, detach),
    OLD(PTRACE_OLDSETOPTIONS) = QUICK(setoptions),
    OLD(PTRACE_SYSCALL) = FILES(STOPPED, resume),
    OLD(PTRACE_GET_THREAD_AREA) = FILES(STOPPED, get_thread_area),
    OLD(PTRACE_SET_THREAD_AREA) = FILES(STOPPED, set_thread_area),
    OLD(PTRACE_ARCH_PRCTL) = RECORD(arch_prctl),
    OLD(PTRACE_SYSEMU) = FILES(STOPPED, resume),
    OLD(PTRACE_SYSEMU_SINGLESTEP) = FILES(STOPPED, resume),
    OLD(PTRACE_SINGLEBLOCK) = FILES(STOPPED, resume),
    NEW(PTRACE_SETOPTIONS) = QUICK(setoptions),
    NEW(PTRACE_GETEVENTMSG) = QUICK(geteventmsg),
    NEW(PTRACE_GETSIGINFO) = RECORD(getsiginfo),
    NEW(PTRACE_SETSIGINFO) = RECORD(setsiginfo),
    NEW(PTRACE_GETREGSET) = RECORD(getregset),
    NEW(PTRACE_SETREGSET) = FILES(STOPPED, setregset),
    NEW(PTRACE_SEIZE) = FILES(ANY, seize),
    NEW(PTRACE_INTERRUPT) = FILES(TRACED, interrupt),
    NEW(PTRACE_LISTEN) = FILES(STOPPED, listen),
    NEW(PTRACE_PEEKSIGINFO) = FILES(STOPPED, peeksiginfo),
    NEW(PTRACE_GETSIGMASK) = RECORD(getsigmask),
    NEW(PTRACE_SETSIGMASK) = RECORD(setsigmask),
    NEW(PTRACE_SECCOMP_GET_FILTER) = FILES(STOPPED, seccomp_filter),
    NEW(PTRACE_SECCOMP_GET_METADATA) = FILES(STOPPED, seccomp_metadata),
    NEW(PTRACE_GET_SYSCALL_INFO) = RECORD(get_syscall_info),
    NEW(PTRACE_GET_RSEQ_CONFIGURATION) = FILES(STOPPED, get_rseq),
    NEW(PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG) = FILES(STOPPED, set_dispatch),
    NEW(PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG) = FILES(STOPPED, get_dispatch),
    NEW(PTRACE_SET_SYSCALL_INFO) = FILES(STOPPED, set_syscall_info),
};

/* The place of REQUEST in the table, or END. */
static unsigned
place_of(int request)
{
	if (request >= 0 && request < OLD_END)
		return (unsigned)request;
	if (request >= NEW_FIRST && request < NEW_FIRST + END - OLD_END)
		return (unsigned)(request - NEW_FIRST + OLD_END);
	return END;
}

static long
dispatch(const struct ptl_call *c)
{
	unsigned i = place_of(c->request);
	struct ptl_session *s = NULL;
	bool known = i < END && requests[i].fn;
	int err = 0;

	/* Linux looks for the tracee before it looks at the request. */
	if (!known || requests[i].need == STOPPED)
		err = ptl_stopped(c->pid, &s);
	else if (requests[i].need == TRACED)
		err = ptl_traced(c->pid, &s);
	if (err)
		return err;
	if (!known)
		return -EIO;
	/* To map the record costs no more than to open a file. */
	if (requests[i].record && !s->maps && ptl_maps_need(s)) {
		long r = requests[i].quick(s, c);

		if (r != PTL_ASK)
			return r;
	}
	return requests[i].fn(s, c);
}

long
ptl_ptrace(const struct ptl_call *c)
{
	long r;

	/* In a signal handler, in the middle of another call. */
	if (!ptl_enter())
		return -EAGAIN;
	r = dispatch(c);
	ptl_leave();
	return r;
}

/*
 * Requests that what is mapped can answer: no more than memory is touched, and
 * so errno stays what it is, and no other thread need be waited for.
 */
static long
from_maps(const struct ptl_call *c)
{
	const char *self = ptl_thread();
	unsigned i = place_of(c->request);
	struct ptl_session *s;
	long r = PTL_ASK;

	if (i == END || !requests[i].quick || !ptl_lock_try(&ptl_state.lock))
		return PTL_ASK;
	s = ptl_find(c->pid);
	if (s && s->maps && s->run == PTL_STOPPED && s->owner == self &&
	    (!ptl_may_exit(s) || ptl_no_events()))
		r = requests[i].quick(s, c);
	ptl_lock_give(&ptl_state.lock);
	return r;
}

static long
finish(const struct ptl_call *c, long r, long word)
{
	switch (c->request) {
	case PTRACE_PEEKTEXT:
	case PTRACE_PEEKDATA:
	case PTRACE_PEEKUSER:
		/* The word may be -1: this tells it from an error. */
		errno = 0;
		return word;
	default:
		return r;
	}
}

PTL_HOT __attribute__((visibility("default"))) long
ptrace(int request, ...)
{
	struct ptl_call c = {.request = request};
	long r, word = 0;
	int saved;
	va_list ap;

	if (request != PTRACE_TRACEME) {
		va_start(ap, request);
		c.pid = va_arg(ap, pid_t);
		c.addr = (uintptr_t)va_arg(ap, void *);
		c.data = (uintptr_t)va_arg(ap, void *);
		va_end(ap);
		c.out = &word;
		r = from_maps(&c);
		if (r != PTL_ASK)
			return finish(&c, r, word);
	}
	saved = errno;
	r = request == PTRACE_TRACEME ? ptl_traceme() : ptl_ptrace(&c);
	errno = r < 0 ? (int)-r : saved;
	return r < 0 ? -1 : finish(&c, r, word);
}
