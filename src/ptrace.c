/* SPDX-License-Identifier: MIT */
/* ptrace(2): the table of requests and the entry point. */
#define _GNU_SOURCE
#include <sys/ptrace.h>

#include <errno.h>
#include <stdarg.h>

#include "request.h"

enum need {
	ANY,	 /* no session: the request makes one */
	TRACED,	 /* a tracee in any state */
	STOPPED, /* a tracee in a stop */
};

static const struct {
	int request;
	enum need need;
	ptl_request *fn;
} requests[] = {
    {PTRACE_PEEKTEXT, STOPPED, ptl_peek},
    {PTRACE_PEEKDATA, STOPPED, ptl_peek},
    {PTRACE_PEEKUSER, STOPPED, ptl_peekuser},
    {PTRACE_POKETEXT, STOPPED, ptl_poke},
    {PTRACE_POKEDATA, STOPPED, ptl_poke},
    {PTRACE_POKEUSER, STOPPED, ptl_pokeuser},
    {PTRACE_CONT, STOPPED, ptl_resume},
    {PTRACE_KILL, TRACED, ptl_kill},
    {PTRACE_SINGLESTEP, STOPPED, ptl_resume},
    {PTRACE_GETREGS, STOPPED, ptl_getregs},
    {PTRACE_SETREGS, STOPPED, ptl_setregs},
    {PTRACE_GETFPREGS, STOPPED, ptl_getfpregs},
    {PTRACE_SETFPREGS, STOPPED, ptl_setfpregs},
    {PTRACE_ATTACH, ANY, ptl_attach},
    {PTRACE_DETACH, STOPPED, ptl_detach},
    {PTRACE_OLDSETOPTIONS, STOPPED, ptl_setoptions},
    {PTRACE_SYSCALL, STOPPED, ptl_resume},
    {PTRACE_GET_THREAD_AREA, STOPPED, ptl_get_thread_area},
    {PTRACE_SET_THREAD_AREA, STOPPED, ptl_set_thread_area},
    {PTRACE_ARCH_PRCTL, STOPPED, ptl_arch_prctl},
    {PTRACE_SYSEMU, STOPPED, ptl_resume},
    {PTRACE_SYSEMU_SINGLESTEP, STOPPED, ptl_resume},
    {PTRACE_SINGLEBLOCK, STOPPED, ptl_resume},
    {PTRACE_SETOPTIONS, STOPPED, ptl_setoptions},
    {PTRACE_GETEVENTMSG, STOPPED, ptl_geteventmsg},
    {PTRACE_GETSIGINFO, STOPPED, ptl_getsiginfo},
    {PTRACE_SETSIGINFO, STOPPED, ptl_setsiginfo},
    {PTRACE_GETREGSET, STOPPED, ptl_getregset},
    {PTRACE_SETREGSET, STOPPED, ptl_setregset},
    {PTRACE_SEIZE, ANY, ptl_seize},
    {PTRACE_INTERRUPT, TRACED, ptl_interrupt},
    {PTRACE_LISTEN, STOPPED, ptl_listen},
    {PTRACE_PEEKSIGINFO, STOPPED, ptl_peeksiginfo},
    {PTRACE_GETSIGMASK, STOPPED, ptl_getsigmask},
    {PTRACE_SETSIGMASK, STOPPED, ptl_setsigmask},
    {PTRACE_SECCOMP_GET_FILTER, STOPPED, ptl_seccomp_filter},
    {PTRACE_SECCOMP_GET_METADATA, STOPPED, ptl_seccomp_metadata},
    {PTRACE_GET_SYSCALL_INFO, STOPPED, ptl_get_syscall_info},
    {PTRACE_GET_RSEQ_CONFIGURATION, STOPPED, ptl_get_rseq},
    {PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG, STOPPED, ptl_set_dispatch},
    {PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG, STOPPED, ptl_get_dispatch},
    {PTRACE_SET_SYSCALL_INFO, STOPPED, ptl_set_syscall_info},
};

static long
dispatch(const struct ptl_call *c)
{
	const size_t n = sizeof(requests) / sizeof(requests[0]);
	struct ptl_session *s = NULL;
	size_t i = 0;
	int err = 0;

	while (i < n && requests[i].request != c->request)
		i++;
	/* Linux looks for the tracee before it looks at the request. */
	if (i == n || requests[i].need == STOPPED)
		err = ptl_stopped(c->pid, &s);
	else if (requests[i].need == TRACED)
		err = ptl_traced(c->pid, &s);
	if (err)
		return err;
	return i == n ? -EIO : requests[i].fn(s, c);
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

__attribute__((visibility("default"))) long
ptrace(int request, ...)
{
	struct ptl_call c = {.request = request};
	int saved = errno, cancel;
	long r, word = 0;
	va_list ap;

	if (request == PTRACE_TRACEME) {
		r = ptl_traceme();
	} else {
		va_start(ap, request);
		c.pid = va_arg(ap, pid_t);
		c.addr = (uintptr_t)va_arg(ap, void *);
		c.data = (uintptr_t)va_arg(ap, void *);
		va_end(ap);
		c.out = &word;
		cancel = ptl_forbid_cancel();
		r = ptl_ptrace(&c);
		ptl_allow_cancel(cancel);
	}
	if (r < 0) {
		errno = (int)-r;
		return -1;
	}
	if (request == PTRACE_PEEKTEXT || request == PTRACE_PEEKDATA ||
	    request == PTRACE_PEEKUSER) {
		/* The word may be -1: this tells it from an error. */
		errno = 0;
		return word;
	}
	errno = saved;
	return r;
}
