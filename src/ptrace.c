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
} requests[END] = {
    OLD(PTRACE_PEEKTEXT) = {STOPPED, ptl_peek},
    OLD(PTRACE_PEEKDATA) = {STOPPED, ptl_peek},
    OLD(PTRACE_PEEKUSER) = {STOPPED, ptl_peekuser},
    OLD(PTRACE_POKETEXT) = {STOPPED, ptl_poke},
    OLD(PTRACE_POKEDATA) = {STOPPED, ptl_poke},
    OLD(PTRACE_POKEUSER) = {STOPPED, ptl_pokeuser},
    OLD(PTRACE_CONT) = {STOPPED, ptl_resume},
    OLD(PTRACE_KILL) = {TRACED, ptl_kill},
    OLD(PTRACE_SINGLESTEP) = {STOPPED, ptl_resume},
    OLD(PTRACE_GETREGS) = {STOPPED, ptl_getregs},
    OLD(PTRACE_SETREGS) = {STOPPED, ptl_setregs},
    OLD(PTRACE_GETFPREGS) = {STOPPED, ptl_getfpregs},
    OLD(PTRACE_SETFPREGS) = {STOPPED, ptl_setfpregs},
    OLD(PTRACE_ATTACH) = {ANY, ptl_attach},
    OLD(PTRACE_DETACH) = {STOPPED, ptl_detach},
    OLD(PTRACE_OLDSETOPTIONS) = {STOPPED, ptl_setoptions},
    OLD(PTRACE_SYSCALL) = {STOPPED, ptl_resume},
    OLD(PTRACE_GET_THREAD_AREA) = {STOPPED, ptl_get_thread_area},
    OLD(PTRACE_SET_THREAD_AREA) = {STOPPED, ptl_set_thread_area},
    OLD(PTRACE_ARCH_PRCTL) = {STOPPED, ptl_arch_prctl},
    OLD(PTRACE_SYSEMU) = {STOPPED, ptl_resume},
    OLD(PTRACE_SYSEMU_SINGLESTEP) = {STOPPED, ptl_resume},
    OLD(PTRACE_SINGLEBLOCK) = {STOPPED, ptl_resume},
    NEW(PTRACE_SETOPTIONS) = {STOPPED, ptl_setoptions},
    NEW(PTRACE_GETEVENTMSG) = {STOPPED, ptl_geteventmsg},
    NEW(PTRACE_GETSIGINFO) = {STOPPED, ptl_getsiginfo},
    NEW(PTRACE_SETSIGINFO) = {STOPPED, ptl_setsiginfo},
    NEW(PTRACE_GETREGSET) = {STOPPED, ptl_getregset},
    NEW(PTRACE_SETREGSET) = {STOPPED, ptl_setregset},
    NEW(PTRACE_SEIZE) = {ANY, ptl_seize},
    NEW(PTRACE_INTERRUPT) = {TRACED, ptl_interrupt},
    NEW(PTRACE_LISTEN) = {STOPPED, ptl_listen},
    NEW(PTRACE_PEEKSIGINFO) = {STOPPED, ptl_peeksiginfo},
    NEW(PTRACE_GETSIGMASK) = {STOPPED, ptl_getsigmask},
    NEW(PTRACE_SETSIGMASK) = {STOPPED, ptl_setsigmask},
    NEW(PTRACE_SECCOMP_GET_FILTER) = {STOPPED, ptl_seccomp_filter},
    NEW(PTRACE_SECCOMP_GET_METADATA) = {STOPPED, ptl_seccomp_metadata},
    NEW(PTRACE_GET_SYSCALL_INFO) = {STOPPED, ptl_get_syscall_info},
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
	return known ? requests[i].fn(s, c) : -EIO;
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
 * so nothing need be done about cancellation and errno. False: the long way.
 */
static bool
from_maps(const struct ptl_call *c)
{
	const char *self = ptl_thread();
	const struct ptl_session *s;
	bool done = false;

	if (!ptl_lock_try(&ptl_state.lock, self))
		return false;
	s = ptl_find(c->pid);
	if (s && s->maps && s->run == PTL_STOPPED && s->owner == self) {
		if (c->request != PTRACE_GETREGS)
			done = ptl_maps_peek(s, c->addr, c->out);
		else if (ptl_maps_can_store(c->data,
					    sizeof(struct proc_user_regs)))
			done = ptl_maps_regs(s, (void *)c->data);
	}
	ptl_lock_give(&ptl_state.lock);
	return done;
}

static bool
peeks_memory(int request)
{
	return request == PTRACE_PEEKTEXT || request == PTRACE_PEEKDATA;
}

PTL_HOT __attribute__((visibility("default"))) long
ptrace(int request, ...)
{
	struct ptl_call c = {.request = request};
	long r, word = 0;
	int saved, cancel;
	va_list ap;

	if (request != PTRACE_TRACEME) {
		va_start(ap, request);
		c.pid = va_arg(ap, pid_t);
		c.addr = (uintptr_t)va_arg(ap, void *);
		c.data = (uintptr_t)va_arg(ap, void *);
		va_end(ap);
		c.out = &word;
	}
	if (peeks_memory(request) && from_maps(&c)) {
		errno = 0;
		return word;
	}
	if (request == PTRACE_GETREGS && from_maps(&c))
		return 0;
	saved = errno;
	if (request == PTRACE_TRACEME) {
		r = ptl_traceme();
	} else {
		cancel = ptl_forbid_cancel();
		r = ptl_ptrace(&c);
		ptl_allow_cancel(cancel);
	}
	if (r < 0) {
		errno = (int)-r;
		return -1;
	}
	if (peeks_memory(request) || request == PTRACE_PEEKUSER) {
		/* The word may be -1: this tells it from an error. */
		errno = 0;
		return word;
	}
	errno = saved;
	return r;
}
