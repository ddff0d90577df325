/* SPDX-License-Identifier: MIT */
#include "seccomp.h"

#include "bpf.h"
#include "calls_thread.h"
#include "errno.h"
#include "mem.h"
#include "string.h"
#include "thread.h"
#include "user.h"

#define RET_KILL_PROCESS 0x80000000u
#define RET_KILL_THREAD	 0x00000000u
#define RET_TRAP	 0x00030000u
#define RET_ERRNO	 0x00050000u
#define RET_USER_NOTIF	 0x7fc00000u
#define RET_TRACE	 0x7ff00000u
#define RET_LOG		 0x7ffc0000u
#define RET_ALLOW	 0x7fff0000u
#define RET_ACTION	 0xffff0000u
#define RET_DATA	 0x0000ffffu

#define SET_MODE_STRICT	       0
#define SET_MODE_FILTER	       1
#define GET_ACTION_AVAIL       2
#define FILTER_FLAG_TSYNC      1
#define FILTER_FLAG_LOG	       2
#define FILTER_FLAG_SPEC_ALLOW 4

#define CALLS 512 /* a bound of their numbers */

/* Filters form a tree: threads that forked share the older ones. */
struct seccomp {
	unsigned refs;
	struct seccomp *older;
	unsigned flags; /* FILTER_FLAG_LOG */
	/* By number: calls that this and the older ones always allow. */
	uint8_t allowed[CALLS / 8];
	size_t n;
	struct bpf_insn insn[];
};

/* What a filter sees of a system call. */
struct seccomp_data {
	int32_t nr;
	uint32_t arch;
	uint64_t ip;
	uint64_t args[6];
};

static bool
allowed(const struct seccomp *s, uint64_t nr)
{
	return nr < CALLS && s->allowed[nr / 8] >> nr % 8 & 1;
}

/*
 * Most calls are allowed by most filters, whatever their arguments: those are
 * found once, when the filter is set.
 */
static void
find_allowed(struct seccomp *s)
{
	struct seccomp_data data = {.arch = AUDIT_ARCH_X86_64};
	uint32_t ret;

	memset(s->allowed, 0, sizeof(s->allowed));
	for (data.nr = 0; data.nr < CALLS; data.nr++)
		if ((!s->older || allowed(s->older, (uint64_t)data.nr)) &&
		    bpf_run(s->insn, &data, offsetof(struct seccomp_data, ip),
			    &ret) &&
		    ret == RET_ALLOW)
			s->allowed[data.nr / 8] |= 1u << data.nr % 8;
}

static void
put(struct seccomp *s)
{
	while (s && --s->refs == 0) {
		struct seccomp *older = s->older;

		kfree(s);
		s = older;
	}
}

void
seccomp_fork(struct thread *t)
{
	t->seccomp = current->seccomp;
	t->seccomp_mode = current->seccomp_mode;
	if (t->seccomp)
		t->seccomp->refs++;
	t->work |= current->work & WORK_SECCOMP;
}

void
seccomp_exit(struct thread *t)
{
	put(t->seccomp);
	t->seccomp = NULL;
	t->seccomp_mode = SECCOMP_MODE_DISABLED;
	t->work &= ~(unsigned)WORK_SECCOMP;
}

static int
filter_in(uint64_t uprog, struct seccomp **out)
{
	struct {
		uint16_t len;
		uint16_t pad[3];
		uint64_t insns;
	} prog;
	struct seccomp *s;
	int err = -EINVAL;

	if (copy_in(&prog, uprog, sizeof(prog)))
		return -EFAULT;
	if (!prog.insns || prog.len == 0 || prog.len > BPF_MAXINSNS)
		return -EINVAL;
	s = kmalloc(sizeof(*s) + prog.len * sizeof(s->insn[0]));
	if (!s)
		return -ENOMEM;
	if (copy_in(s->insn, prog.insns, prog.len * sizeof(s->insn[0])))
		err = -EFAULT;
	else if (bpf_check(s->insn, prog.len, sizeof(struct seccomp_data)))
		err = 0;
	if (err) {
		kfree(s);
		return err;
	}
	s->n = prog.len;
	s->refs = 1;
	*out = s;
	return 0;
}

static bool
is_ancestor(const struct seccomp *old, const struct seccomp *s)
{
	for (; s; s = s->older)
		if (s == old)
			return true;
	return !old;
}

/* A thread whose filters are not the caller's older ones; 0: there is none. */
static int
tsync_obstacle(void)
{
	struct thread *t;

	list_each(t, &current->process->threads,
		  link) if (!t->exiting && t != current &&
			    (t->seccomp_mode == SECCOMP_MODE_STRICT ||
			     !is_ancestor(t->seccomp,
					  current->seccomp))) return t->tid;
	return 0;
}

static void
tsync(void)
{
	struct thread *t;

	list_each(t, &current->process->threads, link)
	{
		if (t->exiting || t == current)
			continue;
		put(t->seccomp);
		seccomp_fork(t);
		t->work |= WORK_SECCOMP;
		if (current->no_new_privs)
			t->no_new_privs = true;
	}
}

static long
add_filter(unsigned flags, uint64_t uprog)
{
	const unsigned known =
	    FILTER_FLAG_TSYNC | FILTER_FLAG_LOG | FILTER_FLAG_SPEC_ALLOW;
	struct seccomp *s;
	int err, tid;

	if (flags & ~known)
		return -EINVAL;
	if (current->seccomp_mode == SECCOMP_MODE_STRICT)
		return -EINVAL;
	if (!current->no_new_privs && !capable(CAP_SYS_ADMIN))
		return -EACCES;
	err = filter_in(uprog, &s);
	if (err)
		return err;
	tid = flags & FILTER_FLAG_TSYNC ? tsync_obstacle() : 0;
	if (tid) {
		put(s);
		return tid;
	}
	s->flags = flags & FILTER_FLAG_LOG;
	s->older = current->seccomp;
	find_allowed(s);
	current->seccomp = s;
	current->seccomp_mode = SECCOMP_MODE_FILTER;
	current->work |= WORK_SECCOMP;
	if (flags & FILTER_FLAG_TSYNC)
		tsync();
	return 0;
}

long
seccomp_set(uint64_t mode, unsigned flags, uint64_t uprog)
{
	if (mode == SECCOMP_MODE_FILTER)
		return add_filter(flags, uprog);
	if (mode != SECCOMP_MODE_STRICT ||
	    current->seccomp_mode == SECCOMP_MODE_FILTER)
		return -EINVAL;
	current->seccomp_mode = SECCOMP_MODE_STRICT;
	current->work |= WORK_SECCOMP;
	return 0;
}

static long
action_available(uint64_t ua)
{
	uint32_t action;

	if (copy_in(&action, ua, sizeof(action)))
		return -EFAULT;
	switch (action) {
	case RET_KILL_PROCESS:
	case RET_KILL_THREAD:
	case RET_TRAP:
	case RET_ERRNO:
	case RET_TRACE:
	case RET_LOG:
	case RET_ALLOW:
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

long
sys_seccomp(unsigned op, unsigned flags, uint64_t ua)
{
	switch (op) {
	case SET_MODE_STRICT:
		return flags || ua ? -EINVAL
				   : seccomp_set(SECCOMP_MODE_STRICT, 0, 0);
	case SET_MODE_FILTER:
		return add_filter(flags, ua);
	case GET_ACTION_AVAIL:
		return flags ? -EINVAL : action_available(ua);
	default:
		return -EINVAL;
	}
}

/* The strictest answer of all filters; of equal ones the newest's. */
static uint32_t
run_filters(const struct regs *r)
{
	const struct seccomp_data data = {
	    .nr = (int32_t)r->orig_rax,
	    .arch = AUDIT_ARCH_X86_64,
	    .ip = r->rip,
	    .args = {r->rdi, r->rsi, r->rdx, r->r10, r->r8, r->r9},
	};
	const struct seccomp *s;
	uint32_t worst = RET_ALLOW, ret;

	/* KILL_PROCESS is the least as a signed number, as Linux compares. */
	for (s = current->seccomp; s; s = s->older) {
		bpf_run(s->insn, &data, sizeof(data), &ret);
		if ((int32_t)(ret & RET_ACTION) < (int32_t)(worst & RET_ACTION))
			worst = ret;
	}
	return worst;
}

/*
 * As a fatal SIGSYS, which neither handler nor tracer can stop. The last
 * thread takes the process with it; then, as on Linux, a tracer sees the call
 * return its own number first.
 */
static _Noreturn void
kill(struct regs *r, uint32_t action)
{
	if (action != RET_KILL_PROCESS && current->process->nthreads > 1)
		thread_exit(SIGSYS);
	r->rax = r->orig_rax;
	ks_on_syscall_exit(&current->trace);
	process_exit(SIGSYS);
}

static bool
filter(struct regs *r, bool again)
{
	uint32_t ret = run_filters(r), data = ret & RET_DATA;

	switch (ret & RET_ACTION) {
	case RET_ALLOW:
	case RET_LOG:
		return true;
	case RET_ERRNO:
		r->rax = (uint64_t) - (int64_t)(data < 4095 ? data : 4095);
		return false;
	case RET_TRAP:
		signal_no_call(r, SYS_SECCOMP, data);
		return false;
	case RET_TRACE:
		if (again) /* after the tracer has had its say */
			return true;
		if (ks_on_seccomp(&current->trace, data)) {
			r->rax = (uint64_t)-ENOSYS;
			return false;
		}
		if ((int64_t)r->orig_rax < 0)
			return false;
		return filter(r, true);
	case RET_USER_NOTIF:
		r->rax = (uint64_t)-ENOSYS;
		return false;
	default:
		kill(r, ret & RET_ACTION);
	}
}

/* read, write, _exit, sigreturn. */
static bool
strict(const struct regs *r)
{
	uint64_t nr = r->orig_rax;

	if (nr == 0 || nr == 1 || nr == 60 || nr == 15)
		return true;
	process_exit(SIGKILL);
}

bool
seccomp_check(struct regs *r)
{
	if (ks_seccomp_suspended(&current->trace))
		return true;
	if (current->seccomp_mode == SECCOMP_MODE_STRICT)
		return strict(r);
	return allowed(current->seccomp, r->orig_rax) || filter(r, false);
}

int64_t
seccomp_copy(const struct thread *t, uint64_t index, size_t pos, void *buf,
	     size_t n, uint64_t *out_flags)
{
	const struct seccomp *s;
	uint64_t count = 0;
	size_t size;

	if (t->seccomp_mode != SECCOMP_MODE_FILTER)
		return -EINVAL;
	for (s = t->seccomp; s; s = s->older)
		count++;
	if (index >= count)
		return -ENOENT;
	for (s = t->seccomp; --count > index;)
		s = s->older;
	*out_flags = s->flags;
	size = s->n * sizeof(s->insn[0]);
	if (pos >= size)
		return 0;
	if (n > size - pos)
		n = size - pos;
	memcpy(buf, (const char *)s->insn + pos, n);
	return (int64_t)n;
}
