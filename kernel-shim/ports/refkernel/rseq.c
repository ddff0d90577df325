/* SPDX-License-Identifier: MIT */
#include "rseq.h"

#include <stddef.h>

#include "calls_thread.h"
#include "errno.h"
#include "thread.h"
#include "user.h"

#define RSEQ_FLAG_UNREGISTER 1
#define RSEQ_SIZE	     32 /* also the alignment */
#define CPU_UNINITIALIZED    UINT32_MAX

/* In user memory. */
struct rseq_user {
	uint32_t cpu_id_start;
	uint32_t cpu_id;
	uint64_t cs;
	uint32_t flags;
	uint32_t node_id;
	uint32_t mm_cid;
	uint32_t pad;
};
_Static_assert(sizeof(struct rseq_user) == RSEQ_SIZE, "struct rseq");

struct rseq_cs {
	uint32_t version;
	uint32_t flags;
	uint64_t start;
	uint64_t length; /* post_commit_offset */
	uint64_t abort;
};

/* The sequence that ends at once if R is in it. */
static int
abort_sequence(struct regs *r, uint64_t ua)
{
	uint64_t cs_addr = ua + offsetof(struct rseq_user, cs);
	uint64_t none = 0, at;
	struct rseq_cs cs;
	uint32_t sig;

	if (copy_in(&at, cs_addr, sizeof(at)))
		return -EFAULT;
	if (!at)
		return 0;
	if (copy_in(&cs, at, sizeof(cs)))
		return -EFAULT;
	if (cs.version || cs.start >= USER_END || cs.abort >= USER_END ||
	    cs.length > USER_END || cs.abort - cs.start < cs.length)
		return -EINVAL;
	if (copy_in(&sig, cs.abort - sizeof(sig), sizeof(sig)))
		return -EFAULT;
	if (sig != current->rseq.signature)
		return -EINVAL;
	if (copy_out(cs_addr, &none, sizeof(none)))
		return -EFAULT;
	if (r->rip - cs.start < cs.length)
		r->rip = cs.abort;
	return 0;
}

void
rseq_interrupted(struct regs *r)
{
	if (abort_sequence(r, current->rseq.addr))
		signal_force_kernel(SIGSEGV);
}

static int
unregister(uint64_t ua, uint32_t len, int flags, uint32_t sig)
{
	struct rseq_user u = {.cpu_id = CPU_UNINITIALIZED};
	const struct rseq *r = &current->rseq;

	if (flags & ~RSEQ_FLAG_UNREGISTER)
		return -EINVAL;
	if (r->addr != ua || !ua || r->len != len)
		return -EINVAL;
	if (r->signature != sig)
		return -EPERM;
	if (copy_out(ua, &u, sizeof(u)))
		return -EFAULT;
	current->rseq = (struct rseq){0};
	return 0;
}

long
sys_rseq(uint64_t ua, uint32_t len, int flags, uint32_t sig)
{
	/* There is one CPU, number 0, of node 0. */
	const struct rseq_user u = {0};
	const struct rseq *r = &current->rseq;

	if (flags & RSEQ_FLAG_UNREGISTER)
		return unregister(ua, len, flags, sig);
	if (flags)
		return -EINVAL;
	if (r->addr) {
		if (r->addr != ua || r->len != len)
			return -EINVAL;
		return r->signature != sig ? -EPERM : -EBUSY;
	}
	if (len != RSEQ_SIZE || ua % RSEQ_SIZE)
		return -EINVAL;
	if (copy_out(ua, &u, sizeof(u)))
		return -EFAULT;
	current->rseq = (struct rseq){ua, len, sig};
	return 0;
}
