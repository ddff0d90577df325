/* SPDX-License-Identifier: MIT */
/* ptrace(2): the table of requests and the entry point. */
#define _GNU_SOURCE
#include <sys/ptrace.h>

#include <errno.h>
#include <stdarg.h>

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

static const struct {
	enum need need;
	ptl_request *fn;
	ptl_quick *quick; /* tried first, if not NULL */
	bool record;	  /* it is in the record of the stop, if mapped */
} requests[END] = {
    OLD(PTRACE_PEEKTEXT) = {STOPPED, ptl_peek, ptl_quick_peek},
    OLD(PTRACE_PEEKDATA) = {STOPPED, ptl_peek, ptl_quick_peek},
    OLD(PTRACE_PEEKUSER) = {STOPPED, ptl_peekuser, ptl_quick_peekuser, true},
    OLD(PTRACE_POKETEXT) = {STOPPED, ptl_poke, ptl_quick_poke},
    OLD(PTRACE_POKEDATA) = {STOPPED, ptl_poke, ptl_quick_poke},
    OLD(PTRACE_POKEUSER) = {STOPPED, ptl_pokeuser, ptl_quick_pokeuser, true},
    OLD(PTRACE_CONT) = {STOPPED, ptl_resume},
    OLD(PTRACE_KILL) = {TRACED, ptl_kill},
    OLD(PTRACE_SINGLESTEP) = {STOPPED, ptl_resume},
    OLD(PTRACE_GETREGS) = {STOPPED, ptl_getregs, ptl_quick_getregs, true},
    OLD(PTRACE_SETREGS) = {STOPPED, ptl_setregs, ptl_quick_setregs, true},
    OLD(PTRACE_GETFPREGS) = {STOPPED, ptl_getfpregs, ptl_quick_getfpregs, true},
    OLD(PTRACE_SETFPREGS) = {STOPPED, ptl_setfpregs, ptl_quick_setfpregs, true},
    OLD(PTRACE_ATTACH) = {ANY, ptl_attach},
    OLD(PTRACE_DETACH) = {STOPPED, ptl_detach},
    OLD(PTRACE_OLDSETOPTIONS) = {STOPPED, ptl_setoptions, ptl_quick_setoptions},
    OLD(PTRACE_SYSCALL) = {STOPPED, ptl_resume},
    OLD(PTRACE_GET_THREAD_AREA) = {STOPPED, ptl_get_thread_area},
    OLD(PTRACE_SET_THREAD_AREA) = {STOPPED, ptl_set_thread_area},
    OLD(PTRACE_ARCH_PRCTL) = {STOPPED, ptl_arch_prctl, ptl_quick_arch_prctl,
			      true},
    OLD(PTRACE_SYSEMU) = {STOPPED, ptl_resume},
    OLD(PTRACE_SYSEMU_SINGLESTEP) = {STOPPED, ptl_resume},
    OLD(PTRACE_SINGLEBLOCK) = {STOPPED, ptl_resume},
    NEW(PTRACE_SETOPTIONS) = {STOPPED, ptl_setoptions, ptl_quick_setoptions},
    NEW(PTRACE_GETEVENTMSG) = {STOPPED, ptl_geteventmsg, ptl_quick_geteventmsg},
    NEW(PTRACE_GETSIGINFO) = {STOPPED, ptl_getsiginfo, ptl_quick_getsiginfo,
			      true},
    NEW(PTRACE_SETSIGINFO) = {STOPPED, ptl_setsiginfo, ptl_quick_setsiginfo,
			      true},
    NEW(PTRACE_GETREGSET) = {STOPPED, ptl_getregset, ptl_quick_getregset, true},
    NEW(PTRACE_SETREGSET) = {STOPPED, ptl_setregset},
    NEW(PTRACE_SEIZE) = {ANY, ptl_seize},
    NEW(PTRACE_INTERRUPT) = {TRACED, ptl_interrupt},
    NEW(PTRACE_LISTEN) = {STOPPED, ptl_listen},
    NEW(PTRACE_PEEKSIGINFO) = {STOPPED, ptl_peeksiginfo},
    NEW(PTRACE_GETSIGMASK) = {STOPPED, ptl_getsigmask, ptl_quick_getsigmask,
			      true},
    NEW(PTRACE_SETSIGMASK) = {STOPPED, ptl_setsigmask, ptl_quick_setsigmask,
			      true},
    NEW(PTRACE_SECCOMP_GET_FILTER) = {STOPPED, ptl_seccomp_filter},
    NEW(PTRACE_SECCOMP_GET_METADATA) = {STOPPED, ptl_seccomp_metadata},
    NEW(PTRACE_GET_SYSCALL_INFO) = {STOPPED, ptl_get_syscall_info,
				    ptl_quick_syscall_info, true},
    NEW(PTRACE_GET_RSEQ_CONFIGURATION) = {STOPPED, ptl_get_rseq},
    NEW(PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG) = {STOPPED, ptl_set_dispatch},
    NEW(PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG) = {STOPPED, ptl_get_dispatch},
    NEW(PTRACE_SET_SYSCALL_INFO) = {STOPPED, ptl_set_syscall_info},
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

	if (i == END || !requests[i].quick ||
	    !ptl_lock_try(&ptl_state.lock, self))
		return PTL_ASK;
	s = ptl_find(c->pid);
	if (s && s->maps && s->run == PTL_STOPPED && s->owner == self)
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
