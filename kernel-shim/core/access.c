/* SPDX-License-Identifier: MIT */
/*
 * The permission rules: ptrace(2), "Ptrace access mode checking", modes
 * PTRACE_MODE_ATTACH_REALCREDS and PTRACE_MODE_ATTACH_FSCREDS.
 */
#include "file.h"

static bool
ids_match(const struct ks_cred *t, uint32_t uid, uint32_t gid)
{
	return t->uid == uid && t->euid == uid && t->suid == uid &&
	       t->gid == gid && t->egid == gid && t->sgid == gid;
}

static bool
allowed(const struct ks_cred *self, const struct ks_cred *t, bool real)
{
	uint64_t caps = real ? self->caps_permitted : self->caps_effective;
	uint32_t uid = real ? self->uid : self->fsuid;
	uint32_t gid = real ? self->gid : self->fsgid;

	if (self->cap_ptrace)
		return true;
	if (!ids_match(t, uid, gid) || !t->dumpable)
		return false;
	return (t->caps_permitted & ~caps) == 0;
}

int
ks_access(struct ks_machine *m, struct ks_thread *self, struct ks_thread *t,
	  bool real, bool *out_capable)
{
	struct ks_cred self_cred, cred;

	if (m->ops->thread_tgid(m, self) == m->ops->thread_tgid(m, t))
		return 0;
	m->ops->thread_cred(m, self, &self_cred);
	*out_capable = self_cred.cap_ptrace;
	m->ops->thread_cred(m, t, &cred);
	if (!allowed(&self_cred, &cred, real))
		return -EPERM;
	return m->ops->trace_allowed(m, m->ops->thread_process(m, self), t,
				     false);
}

int
ks_access_asked(struct ks_machine *m, struct ks_thread *t, struct ks_tracer *tr)
{
	struct ks_thread *leader =
	    m->ops->thread_get(m, m->ops->tracer_tgid(m, tr));
	struct ks_cred cred, tracer;

	/* Without a leader the process is about to end. */
	if (!leader)
		return -EPERM;
	m->ops->thread_cred(m, leader, &tracer);
	m->ops->thread_put(m, leader);
	m->ops->thread_cred(m, t, &cred);
	if (!tracer.cap_ptrace &&
	    (cred.caps_permitted & ~tracer.caps_permitted) != 0)
		return -EPERM;
	return m->ops->trace_allowed(m, tr, t, true);
}

bool
ks_access_shown(struct ks_thread *t)
{
	struct ks_cred cred;

	if (t->capable)
		return true;
	t->m->ops->thread_cred(t->m, t, &cred);
	return cred.dumpable;
}
