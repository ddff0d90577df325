/* SPDX-License-Identifier: MIT */
#include "yama.h"

#include "cred.h"
#include "errno.h"
#include "procfs.h"
#include "thread.h"

#define RELATED	   1 /* what the scopes ask for */
#define PRIVILEGED 2
#define NOBODY	   3
#define ANY	   (-1)

static int scope;

static bool
descends(struct process *p, const struct process *from)
{
	for (; p && p->pid > 1; p = p->parent) {
		if (p == from)
			return true;
	}
	return false;
}

/* P has said that TRACER may, or an ancestor of it. */
static bool
is_named(struct process *tracer, const struct process *p)
{
	struct process *named;

	if (p->ptracer == 0)
		return false;
	if (p->ptracer == ANY)
		return true;
	named = process_find(p->ptracer);
	return named && descends(tracer, named);
}

int
yama_allows(struct process *tracer, struct process *p, bool asked)
{
	bool able = cred_capable(&tracer->leader->cred, CAP_SYS_PTRACE);

	switch (scope) {
	case RELATED:
		if (asked || able || descends(p, tracer) || is_named(tracer, p))
			return 0;
		return -EPERM;
	case PRIVILEGED:
		return able ? 0 : -EPERM;
	case NOBODY:
		return -EPERM;
	default:
		return 0;
	}
}

long
yama_set_ptracer(struct process *p, uint64_t pid)
{
	if (pid == UINT64_MAX) {
		p->ptracer = ANY;
	} else {
		if (pid && !(pid <= INT32_MAX && thread_find((int)pid)))
			return -EINVAL;
		p->ptracer = pid ? thread_find((int)pid)->process->pid : 0;
	}
	return 0;
}

void
yama_forget(struct process *p)
{
	struct process *q;

	list_each(q, &all_processes, link) if (q->ptracer == p->pid)
	    q->ptracer = 0;
}

int
yama_show(struct thread *t, struct seq *s)
{
	(void)t;
	seq_printf(s, "%d\n", scope);
	return 0;
}

int64_t
yama_store(struct thread *t, const char *buf, size_t len)
{
	int wanted = buf[0] - '0';

	(void)t;
	if (!capable(CAP_SYS_PTRACE))
		return -EPERM;
	if (wanted < 0 || wanted > NOBODY || (buf[1] && buf[1] != '\n'))
		return -EINVAL;
	if (scope == NOBODY && wanted != NOBODY)
		return -EINVAL;
	scope = wanted;
	return (int64_t)len;
}
