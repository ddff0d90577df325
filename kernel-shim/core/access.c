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
	uint32_t uid = real ? self->uid : self->fsuid;
	uint32_t gid = real ? self->gid : self->fsgid;

	if (self->cap_ptrace)
		return true;
	if (!ids_match(t, uid, gid) || !t->dumpable)
		return false;
	return (t->caps_permitted & ~self->caps_permitted) == 0;
}

int
ks_access(struct ks_machine *m, struct ks_thread *self, struct ks_thread *t,
	  bool attach)
{
	struct ks_cred self_cred, cred;

	if (m->ops->thread_tgid(m, self) == m->ops->thread_tgid(m, t))
		return attach ? -EPERM : 0;
	m->ops->thread_cred(m, self, &self_cred);
	m->ops->thread_cred(m, t, &cred);
	if (!allowed(&self_cred, &cred, attach))
		return -EPERM;
	return m->ops->trace_allowed(m, m->ops->thread_process(m, self), t,
				     false);
}
