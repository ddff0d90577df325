/* SPDX-License-Identifier: MIT */
/*
 * Credentials and capabilities, with Linux's rules.
 */
#include "cred.h"

#include "calls_thread.h"
#include "errno.h"
#include "thread.h"
#include "user.h"
#include "vm.h"

#define UNCHANGED UINT32_MAX

#define SECBIT_NO_SETUID_FIXUP 0x04
#define SECBIT_KEEP_CAPS       0x10
#define SECBIT_NOROOT	       0x01

#define CAPS_FS                                                                \
	((1ULL << CAP_CHOWN) | (1ULL << CAP_DAC_OVERRIDE) | (1ULL << 2) |      \
	 (1ULL << 3) | (1ULL << 4) | (1ULL << 9) | (1ULL << 27) |              \
	 (1ULL << 32))

void
cred_init(struct cred *c)
{
	*c = (struct cred){
	    .cap_permitted = CAP_FULL,
	    .cap_effective = CAP_FULL,
	    .cap_bounding = CAP_FULL,
	};
}

bool
cred_capable(const struct cred *c, int cap)
{
	return c->cap_effective >> cap & 1;
}

bool
capable(int cap)
{
	return cred_capable(&current->cred, cap);
}

bool
in_group(uint32_t gid)
{
	const struct cred *c = &current->cred;
	int i;

	if (c->fsgid == gid)
		return true;
	for (i = 0; i < c->ngroups; i++)
		if (c->groups[i] == gid)
			return true;
	return false;
}

void
cred_exec(struct cred *c)
{
	bool root =
	    !(c->securebits & SECBIT_NOROOT) && (c->ruid == 0 || c->euid == 0);

	c->suid = c->fsuid = c->euid;
	c->sgid = c->fsgid = c->egid;
	if (root) {
		c->cap_permitted = c->cap_inheritable | c->cap_bounding;
		c->cap_effective = c->euid == 0 ? c->cap_permitted : 0;
		c->cap_ambient = 0;
	} else {
		c->cap_permitted = c->cap_ambient;
		c->cap_effective = c->cap_ambient;
	}
	c->securebits &= ~SECBIT_KEEP_CAPS;
}

/* User ids have changed from OLD: capabilities come and go with 0. */
static void
fix_caps(struct cred *c, const struct cred *old)
{
	bool was = old->ruid == 0 || old->euid == 0 || old->suid == 0;
	bool is = c->ruid == 0 || c->euid == 0 || c->suid == 0;

	if (c->securebits & SECBIT_NO_SETUID_FIXUP)
		return;
	if (was && !is) {
		if (!(c->securebits & SECBIT_KEEP_CAPS))
			c->cap_permitted = c->cap_effective = 0;
		c->cap_ambient = 0;
	}
	if (old->euid == 0 && c->euid != 0)
		c->cap_effective = 0;
	if (old->euid != 0 && c->euid == 0)
		c->cap_effective = c->cap_permitted;
}

void
cred_hide(void)
{
	current->process->dumpable = 0;
	/* What tracers have mapped they must ask for anew. */
	ks_space_revoke(&current->vm->space);
}

/* C becomes the current thread's; a changed identity is not to be dumped. */
static void
commit(struct cred *c)
{
	const struct cred old = current->cred;

	fix_caps(c, &old);
	if (c->euid != old.euid || c->egid != old.egid ||
	    c->fsuid != old.fsuid || c->fsgid != old.fsgid) {
		cred_hide();
		current->pdeath_signal = 0;
	}
	current->cred = *c;
}

long
sys_setuid(uint32_t uid)
{
	struct cred c = current->cred;

	if (uid == UNCHANGED)
		return -EINVAL;
	if (capable(CAP_SETUID))
		c.ruid = c.suid = uid;
	else if (uid != c.ruid && uid != c.suid)
		return -EPERM;
	c.euid = c.fsuid = uid;
	commit(&c);
	return 0;
}

long
sys_setgid(uint32_t gid)
{
	struct cred c = current->cred;

	if (gid == UNCHANGED)
		return -EINVAL;
	if (capable(CAP_SETGID))
		c.rgid = c.sgid = gid;
	else if (gid != c.rgid && gid != c.sgid)
		return -EPERM;
	c.egid = c.fsgid = gid;
	commit(&c);
	return 0;
}

long
sys_setreuid(uint32_t ruid, uint32_t euid)
{
	struct cred c = current->cred, old = c;
	bool may = capable(CAP_SETUID);

	if (ruid != UNCHANGED) {
		if (!may && ruid != old.ruid && ruid != old.euid)
			return -EPERM;
		c.ruid = ruid;
	}
	if (euid != UNCHANGED) {
		if (!may && euid != old.ruid && euid != old.euid &&
		    euid != old.suid)
			return -EPERM;
		c.euid = euid;
	}
	if (ruid != UNCHANGED || (euid != UNCHANGED && euid != old.ruid))
		c.suid = c.euid;
	c.fsuid = c.euid;
	commit(&c);
	return 0;
}

long
sys_setregid(uint32_t rgid, uint32_t egid)
{
	struct cred c = current->cred, old = c;
	bool may = capable(CAP_SETGID);

	if (rgid != UNCHANGED) {
		if (!may && rgid != old.rgid && rgid != old.egid)
			return -EPERM;
		c.rgid = rgid;
	}
	if (egid != UNCHANGED) {
		if (!may && egid != old.rgid && egid != old.egid &&
		    egid != old.sgid)
			return -EPERM;
		c.egid = egid;
	}
	if (rgid != UNCHANGED || (egid != UNCHANGED && egid != old.rgid))
		c.sgid = c.egid;
	c.fsgid = c.egid;
	commit(&c);
	return 0;
}

/* Without the capability an id may only become one of the three old ones. */
static bool
one_of(uint32_t id, uint32_t r, uint32_t e, uint32_t s)
{
	return id == UNCHANGED || id == r || id == e || id == s;
}

long
sys_setresuid(uint32_t r, uint32_t e, uint32_t s)
{
	struct cred c = current->cred;

	if (!capable(CAP_SETUID) && !(one_of(r, c.ruid, c.euid, c.suid) &&
				      one_of(e, c.ruid, c.euid, c.suid) &&
				      one_of(s, c.ruid, c.euid, c.suid)))
		return -EPERM;
	if (r != UNCHANGED)
		c.ruid = r;
	if (e != UNCHANGED)
		c.euid = e;
	if (s != UNCHANGED)
		c.suid = s;
	c.fsuid = c.euid;
	commit(&c);
	return 0;
}

long
sys_setresgid(uint32_t r, uint32_t e, uint32_t s)
{
	struct cred c = current->cred;

	if (!capable(CAP_SETGID) && !(one_of(r, c.rgid, c.egid, c.sgid) &&
				      one_of(e, c.rgid, c.egid, c.sgid) &&
				      one_of(s, c.rgid, c.egid, c.sgid)))
		return -EPERM;
	if (r != UNCHANGED)
		c.rgid = r;
	if (e != UNCHANGED)
		c.egid = e;
	if (s != UNCHANGED)
		c.sgid = s;
	c.fsgid = c.egid;
	commit(&c);
	return 0;
}

long
sys_setfsuid(uint32_t uid)
{
	struct cred c = current->cred;
	uint32_t old = c.fsuid;

	if (uid == UNCHANGED || (!one_of(uid, c.ruid, c.euid, c.suid) &&
				 uid != old && !capable(CAP_SETUID)))
		return old;
	c.fsuid = uid;
	if (old == 0 && uid != 0)
		c.cap_effective &= ~CAPS_FS;
	if (old != 0 && uid == 0)
		c.cap_effective |= c.cap_permitted & CAPS_FS;
	commit(&c);
	return old;
}

long
sys_setfsgid(uint32_t gid)
{
	struct cred c = current->cred;
	uint32_t old = c.fsgid;

	if (gid == UNCHANGED || (!one_of(gid, c.rgid, c.egid, c.sgid) &&
				 gid != old && !capable(CAP_SETGID)))
		return old;
	c.fsgid = gid;
	commit(&c);
	return old;
}

long
sys_getuid(void)
{
	return current->cred.ruid;
}

long
sys_geteuid(void)
{
	return current->cred.euid;
}

long
sys_getgid(void)
{
	return current->cred.rgid;
}

long
sys_getegid(void)
{
	return current->cred.egid;
}

static long
three_out(uint64_t ur, uint64_t ue, uint64_t us, uint32_t r, uint32_t e,
	  uint32_t s)
{
	if (copy_out(ur, &r, 4) || copy_out(ue, &e, 4) || copy_out(us, &s, 4))
		return -EFAULT;
	return 0;
}

long
sys_getresuid(uint64_t r, uint64_t e, uint64_t s)
{
	const struct cred *c = &current->cred;

	return three_out(r, e, s, c->ruid, c->euid, c->suid);
}

long
sys_getresgid(uint64_t r, uint64_t e, uint64_t s)
{
	const struct cred *c = &current->cred;

	return three_out(r, e, s, c->rgid, c->egid, c->sgid);
}

long
sys_getgroups(int size, uint64_t list)
{
	const struct cred *c = &current->cred;

	if (size < 0)
		return -EINVAL;
	if (size) {
		if (size < c->ngroups)
			return -EINVAL;
		if (copy_out(list, c->groups, 4 * (size_t)c->ngroups))
			return -EFAULT;
	}
	return c->ngroups;
}

long
sys_setgroups(int size, uint64_t list)
{
	struct cred c = current->cred;

	if (!capable(CAP_SETGID))
		return -EPERM;
	if ((unsigned)size > CRED_NGROUPS)
		return -EINVAL;
	if (copy_in(c.groups, list, 4 * (size_t)size))
		return -EFAULT;
	c.ngroups = size;
	current->cred = c;
	return 0;
}

/* ---- capabilities ---- */

#define CAP_VERSION_1 0x19980330
#define CAP_VERSION_2 0x20071026
#define CAP_VERSION_3 0x20080522

struct cap_header {
	uint32_t version;
	int32_t pid;
};

struct cap_data {
	uint32_t effective, permitted, inheritable;
};

/* How many struct cap_data; an unknown version is corrected in place. */
static int
cap_words(uint64_t uheader, struct cap_header *h)
{
	uint32_t ours = CAP_VERSION_3;

	if (copy_in(h, uheader, sizeof(*h)))
		return -EFAULT;
	if (h->version == CAP_VERSION_1)
		return 1;
	if (h->version == CAP_VERSION_2 || h->version == CAP_VERSION_3)
		return 2;
	if (copy_out(uheader, &ours, sizeof(ours)))
		return -EFAULT;
	return -EINVAL;
}

long
sys_capget(uint64_t uheader, uint64_t udata)
{
	struct cap_data d[2] = {0};
	struct cap_header h;
	int words = cap_words(uheader, &h), i;
	const struct thread *t;

	if (words < 0)
		return words == -EINVAL && !udata ? 0 : words;
	if (h.pid < 0)
		return -EINVAL;
	t = h.pid ? thread_find(h.pid) : current;
	if (!t)
		return -ESRCH;
	for (i = 0; i < 2; i++) {
		d[i].effective = (uint32_t)(t->cred.cap_effective >> 32 * i);
		d[i].permitted = (uint32_t)(t->cred.cap_permitted >> 32 * i);
		d[i].inheritable =
		    (uint32_t)(t->cred.cap_inheritable >> 32 * i);
	}
	return udata ? copy_out(udata, d, sizeof(d[0]) * (size_t)words) : 0;
}

long
sys_capset(uint64_t uheader, uint64_t udata)
{
	struct cred c = current->cred;
	uint64_t e = 0, p = 0, inh = 0;
	struct cap_data d[2] = {0};
	struct cap_header h;
	int words = cap_words(uheader, &h), i;

	if (words < 0)
		return words;
	if (h.pid && h.pid != current->tid)
		return -EPERM;
	if (copy_in(d, udata, sizeof(d[0]) * (size_t)words))
		return -EFAULT;
	for (i = 0; i < 2; i++) {
		e |= (uint64_t)d[i].effective << 32 * i;
		p |= (uint64_t)d[i].permitted << 32 * i;
		inh |= (uint64_t)d[i].inheritable << 32 * i;
	}
	e &= CAP_FULL, p &= CAP_FULL, inh &= CAP_FULL;
	if ((p & ~c.cap_permitted) || (e & ~p))
		return -EPERM;
	if (!capable(CAP_SETPCAP) &&
	    (inh & ~(c.cap_inheritable | c.cap_permitted)))
		return -EPERM;
	if (inh & ~(c.cap_inheritable | c.cap_bounding))
		return -EPERM;
	c.cap_effective = e;
	c.cap_permitted = p;
	c.cap_inheritable = inh;
	c.cap_ambient &= p & inh;
	current->cred = c;
	return 0;
}
