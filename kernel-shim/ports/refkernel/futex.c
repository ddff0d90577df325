/* SPDX-License-Identifier: MIT */
/*
 * Futexes. A waiter is known by what its word is: a place in an address space
 * or, where the memory is shared, the frame, so that processes meet.
 *
 * Nothing sleeps between the comparison of the word and joining the queue,
 * which is all the atomicity that is needed.
 */
#include "futex.h"

#include "calls_thread.h"
#include "errno.h"
#include "thread.h"
#include "user.h"
#include "vm.h"

#define FUTEX_WAIT	     0
#define FUTEX_WAKE	     1
#define FUTEX_REQUEUE	     3
#define FUTEX_CMP_REQUEUE    4
#define FUTEX_WAKE_OP	     5
#define FUTEX_WAIT_BITSET    9
#define FUTEX_WAKE_BITSET    10
#define FUTEX_PRIVATE_FLAG   128
#define FUTEX_CLOCK_REALTIME 256
#define FUTEX_BITSET_ANY     UINT32_MAX
#define FUTEX_CMD_MASK	     127
#define FUTEX_WAITERS	     0x80000000u
#define FUTEX_OWNER_DIED     0x40000000u
#define FUTEX_TID_MASK	     0x3fffffffu

#define ROBUST_LIMIT 2048
#define N_QUEUES     64

/* What a word is. Two are the same futex if all members are equal. */
struct key {
	uint64_t space; /* the address space; 0: SHARED is a frame's address */
	uint64_t where;
};

struct futex_waiter {
	struct list link;
	struct waitq q; /* with this thread only */
	struct key key;
	uint32_t bitset;
	bool woken;
};

static struct list queues[N_QUEUES];

static struct list *
queue_of(const struct key *k)
{
	struct list *q =
	    &queues[(k->where >> 2 ^ k->where >> 12 ^ k->space >> 6) %
		    N_QUEUES];

	if (!q->next)
		list_init(q);
	return q;
}

static bool
same(const struct key *a, const struct key *b)
{
	return a->space == b->space && a->where == b->where;
}

/* WRITE: the page must be the process's own for it to have one identity. */
static int
get_key(uint64_t ua, bool private, struct key *out)
{
	struct ks_xlat x;
	struct area *a;
	int err;

	if (ua % sizeof(uint32_t))
		return -EINVAL;
	if (!user_range(ua, sizeof(uint32_t)))
		return -EFAULT;
	out->space = (uint64_t)current->vm;
	out->where = ua;
	if (private)
		return 0;
	err = vm_fault(current->vm, ua, KS_READ, false);
	if (err)
		return -EFAULT;
	a = vm_find(current->vm, ua);
	if (!a || !(a->flags & AREA_SHARED))
		return 0;
	if (ks_walk(&current->vm->space, ks_uaddr(ua), &x))
		return -EFAULT;
	out->space = 0;
	out->where = x.pa.v;
	return 0;
}

static int
wake(const struct key *k, int n, uint32_t bitset)
{
	struct list *q = queue_of(k);
	struct futex_waiter *w, *tmp;
	int woken = 0;

	list_each_safe(w, tmp, q, link)
	{
		if (!same(&w->key, k) || !(w->bitset & bitset))
			continue;
		list_del(&w->link);
		w->woken = true;
		wake_all(&w->q);
		if (++woken >= n)
			break;
	}
	return woken;
}

static long
futex_wake(uint64_t ua, bool private, int n, uint32_t bitset)
{
	struct key k;
	int err;

	if (!bitset)
		return -EINVAL;
	err = get_key(ua, private, &k);
	return err ? err : wake(&k, n, bitset);
}

int
futex_wake_addr(uint64_t ua, int n)
{
	long ret = futex_wake(ua, true, n, FUTEX_BITSET_ANY);

	/* It may be waited for by its shared name. */
	if (ret <= 0)
		ret = futex_wake(ua, false, n, FUTEX_BITSET_ANY);
	return (int)ret;
}

static long
wait_key(const struct key *k, int64_t deadline, uint32_t bitset)
{
	struct futex_waiter w = {.key = *k, .bitset = bitset};
	int err = 0;

	waitq_init(&w.q);
	list_add_tail(queue_of(k), &w.link);
	while (!w.woken && !err)
		err = wait_on(&w.q, deadline, WAIT_INTERRUPTIBLE);
	list_del(&w.link);
	return w.woken ? 0 : err;
}

static long
futex_wait(uint64_t ua, bool private, uint32_t val, int64_t deadline,
	   uint32_t bitset)
{
	struct key k;
	uint32_t now;
	int err;

	if (!bitset)
		return -EINVAL;
	err = get_key(ua, private, &k);
	if (!err)
		err = user_load32(ua, &now);
	if (err)
		return err;
	if (now != val)
		return -EAGAIN;
	return wait_key(&k, deadline, bitset);
}

/* arg[]: address, private, value, bitset. */
static long
restart_wait(struct restart *r)
{
	long ret;

	r->fn = NULL;
	ret = futex_wait(r->arg[0], r->arg[1], (uint32_t)r->arg[2], r->deadline,
			 (uint32_t)r->arg[3]);
	if (ret != -ERESTARTSYS)
		return ret;
	r->fn = restart_wait;
	return -ERESTART_RESTARTBLOCK;
}

static long
call_wait(uint64_t ua, int op, uint32_t val, uint64_t timeout, uint32_t bitset)
{
	bool private = op & FUTEX_PRIVATE_FLAG;
	int64_t deadline = NO_DEADLINE, ns;
	long ret;

	if (timeout) {
		int err = timespec_in(timeout, &ns);

		if (err)
			return err;
		if ((op & FUTEX_CMD_MASK) == FUTEX_WAIT)
			deadline = deadline_after(ns);
		else if (op & FUTEX_CLOCK_REALTIME)
			deadline = clock_to_monotonic(0, ns);
		else
			deadline = ns;
	}
	ret = futex_wait(ua, private, val, deadline, bitset);
	if (ret != -ERESTARTSYS || deadline == NO_DEADLINE)
		return ret;
	current->restart = (struct restart){
	    .fn = restart_wait,
	    .arg = {ua, private, val, bitset},
	    .deadline = deadline,
	};
	return -ERESTART_RESTARTBLOCK;
}

static long
requeue(uint64_t ua, uint64_t ua2, bool private, int n_wake, int n_move,
	const uint32_t *expected)
{
	struct futex_waiter *w, *tmp;
	struct key k, k2;
	uint32_t now;
	int err, woken, moved = 0;

	if (n_wake < 0 || n_move < 0)
		return -EINVAL;
	err = get_key(ua, private, &k);
	if (!err)
		err = get_key(ua2, private, &k2);
	if (!err && expected)
		err = user_load32(ua, &now);
	if (err)
		return err;
	if (expected && now != *expected)
		return -EAGAIN;
	woken = n_wake ? wake(&k, n_wake, FUTEX_BITSET_ANY) : 0;
	list_each_safe(w, tmp, queue_of(&k), link)
	{
		if (moved >= n_move)
			break;
		if (!same(&w->key, &k))
			continue;
		moved++;
		if (same(&k, &k2))
			continue;
		list_del(&w->link);
		w->key = k2;
		list_add_tail(queue_of(&k2), &w->link);
	}
	return expected ? woken + moved : woken;
}

/* The operation and comparison that FUTEX_WAKE_OP encodes in VAL3. */
static int
modify(uint64_t ua, uint32_t val3, bool *out_cond)
{
	unsigned op = val3 >> 28 & 7, cmp = val3 >> 24 & 15;
	int32_t arg = (int32_t)(val3 << 8) >> 20;
	int32_t cmparg = (int32_t)(val3 << 20) >> 20, old;
	uint32_t now, was, new;
	int err;

	if (val3 >> 31) {
		if (arg < 0 || arg > 31)
			return -EINVAL;
		arg = (int32_t)(1u << arg);
	}
	if (op > 4 || cmp > 5)
		return -ENOSYS;
	do {
		err = user_load32(ua, &now);
		if (err)
			return err;
		new = op == 0	? (uint32_t)arg
		      : op == 1 ? now + (uint32_t)arg
		      : op == 2 ? now | (uint32_t)arg
		      : op == 3 ? now & ~(uint32_t)arg
				: now ^ (uint32_t)arg;
		err = user_cmpxchg32(ua, now, new, &was);
		if (err)
			return err;
	} while (was != now);
	old = (int32_t)now;
	*out_cond = cmp == 0   ? old == cmparg
		    : cmp == 1 ? old != cmparg
		    : cmp == 2 ? old < cmparg
		    : cmp == 3 ? old <= cmparg
		    : cmp == 4 ? old > cmparg
			       : old >= cmparg;
	return 0;
}

static long
wake_op(uint64_t ua, uint64_t ua2, bool private, int n, int n2, uint32_t val3)
{
	struct key k, k2;
	bool cond;
	int err = get_key(ua, private, &k), woken;

	if (!err)
		err = get_key(ua2, private, &k2);
	if (!err)
		err = modify(ua2, val3, &cond);
	if (err)
		return err;
	woken = wake(&k, n, FUTEX_BITSET_ANY);
	if (cond)
		woken += wake(&k2, n2, FUTEX_BITSET_ANY);
	return woken;
}

long
sys_futex(uint64_t ua, int op, uint32_t val, uint64_t timeout, uint64_t ua2,
	  uint32_t val3)
{
	bool private = op & FUTEX_PRIVATE_FLAG;
	int cmd = op & FUTEX_CMD_MASK;

	if ((op & FUTEX_CLOCK_REALTIME) && cmd != FUTEX_WAIT_BITSET)
		return -ENOSYS;
	switch (cmd) {
	case FUTEX_WAIT:
		return call_wait(ua, op, val, timeout, FUTEX_BITSET_ANY);
	case FUTEX_WAIT_BITSET:
		return call_wait(ua, op, val, timeout, val3);
	case FUTEX_WAKE:
		return futex_wake(ua, private, (int)val, FUTEX_BITSET_ANY);
	case FUTEX_WAKE_BITSET:
		return futex_wake(ua, private, (int)val, val3);
	case FUTEX_REQUEUE:
		return requeue(ua, ua2, private, (int)val, (int)timeout, NULL);
	case FUTEX_CMP_REQUEUE:
		return requeue(ua, ua2, private, (int)val, (int)timeout, &val3);
	case FUTEX_WAKE_OP:
		return wake_op(ua, ua2, private, (int)val, (int)timeout, val3);
	default:
		return -ENOSYS;
	}
}

/* The owner of the futex at UA died: say so in it, wake one who waits. */
static int
orphan(uint64_t ua)
{
	uint32_t now, new, was;

	if (user_load32(ua, &now))
		return -EFAULT;
	do {
		if ((now & FUTEX_TID_MASK) != (uint32_t)current->tid)
			return 0;
		new = (now & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
		if (user_cmpxchg32(ua, now, new, &was))
			return -EFAULT;
		if (was == now)
			break;
		now = was;
	} while (true);
	if (now & FUTEX_WAITERS)
		futex_wake_addr(ua, 1);
	return 0;
}

/*
 * The list: a head with the first entry, the offset of the futex word from
 * an entry, and an entry that is being locked or unlocked just now. Bit 0 of
 * a pointer tells a PI futex, which is treated alike.
 */
void
futex_exit_robust(void)
{
	uint64_t head = current->robust.head, h[3], entry, next;
	int n = 0;

	current->robust.head = 0;
	if (!head || copy_in(h, head, sizeof(h)))
		return;
	entry = h[0] & ~1ULL;
	while (entry != head && n++ < ROBUST_LIMIT) {
		bool more = !copy_in(&next, entry, sizeof(next));

		if (entry != (h[2] & ~1ULL) && orphan(entry + h[1]))
			return;
		if (!more)
			return;
		entry = next & ~1ULL;
	}
	if (h[2])
		orphan((h[2] & ~1ULL) + h[1]);
}

long
sys_set_robust_list(uint64_t head, uint64_t len)
{
	if (len != 24)
		return -EINVAL;
	current->robust = (struct robust){head, len};
	return 0;
}

long
sys_get_robust_list(int tid, uint64_t head, uint64_t len)
{
	struct thread *t = tid ? thread_find(tid) : current;

	if (!t)
		return -ESRCH;
	if (t->process != current->process && !capable(CAP_SYS_PTRACE))
		return -EPERM;
	if (copy_out(len, &(uint64_t){24}, 8) ||
	    copy_out(head, &t->robust.head, 8))
		return -EFAULT;
	return 0;
}
