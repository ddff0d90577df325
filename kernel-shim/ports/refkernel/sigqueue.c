/* SPDX-License-Identifier: MIT */
/*
 * The queues of pending signals.
 */
#include "clock.h"
#include "errno.h"
#include "mem.h"
#include "ptimer.h"
#include "signal.h"
#include "thread.h"

static unsigned queued;

unsigned
sigqueue_count(void)
{
	return queued;
}

void
sigpending_init(struct sigpending *p)
{
	p->set = 0;
	list_init(&p->queue);
}

static void
sigqueue_free(struct sigqueue *q)
{
	list_del(&q->link);
	kfree(q);
	queued--;
}

void
sigpending_remove(struct sigpending *p, uint64_t mask)
{
	struct sigqueue *q, *tmp;

	if (!(p->set & mask))
		return;
	p->set &= ~mask;
	list_each_safe(q, tmp, &p->queue,
		       link) if (SIGMASK(q->info.si_signo) & mask)
	{
		if (q->timer)
			ptimer_dropped(q->timer);
		sigqueue_free(q);
	}
}

void
sigpending_flush(struct sigpending *p)
{
	sigpending_remove(p, ~0ULL);
}

/* An entry if there may be one; the kernel's own are not limited. */
static struct sigqueue *
sigqueue_alloc(const struct siginfo *info)
{
	uint64_t limit = current->process->rlimit[RLIMIT_SIGPENDING].cur;
	bool always = info->si_signo < SIGRTMIN && info->si_code >= 0;
	struct sigqueue *q;

	if (!always && queued >= limit)
		return NULL;
	q = kmalloc(sizeof(*q));
	if (q)
		queued++;
	return q;
}

int
sigpending_add(struct sigpending *p, const struct siginfo *info,
	       struct ptimer *timer)
{
	int sig = info->si_signo;
	struct sigqueue *q;

	if (sig < SIGRTMIN && (p->set & SIGMASK(sig)))
		return 0;
	if (sig != SIGKILL) {
		q = sigqueue_alloc(info);
		if (q) {
			q->info = *info;
			q->timer = timer;
			list_add_tail(&p->queue, &q->link);
			if (timer)
				ptimer_queued(timer);
		} else if (sig >= SIGRTMIN && info->si_code != SI_USER) {
			return -EAGAIN;
		}
	}
	p->set |= SIGMASK(sig);
	return 0;
}

static void
take(struct sigpending *p, struct sigqueue *q, struct siginfo *out)
{
	int sig = q->info.si_signo;
	struct sigqueue *other;

	*out = q->info;
	if (q->timer)
		ptimer_taken(q->timer, out);
	sigqueue_free(q);
	list_each(other, &p->queue, link)
	{
		if (other->info.si_signo == sig)
			return;
	}
	p->set &= ~SIGMASK(sig);
}

/* The next of MASK in P; its number, or 0. */
static int
take_next(struct sigpending *p, uint64_t mask, struct siginfo *out)
{
	uint64_t set = p->set & mask;
	struct sigqueue *q;
	int sig;

	if (!set)
		return 0;
	if (set & SIGMASK_SYNC)
		set &= SIGMASK_SYNC;
	sig = __builtin_ctzll(set) + 1;
	list_each(q, &p->queue, link)
	{
		if (q->info.si_signo == sig) {
			take(p, q, out);
			return sig;
		}
	}
	p->set &= ~SIGMASK(sig);
	*out = (struct siginfo){.si_signo = sig, .si_code = SI_USER};
	return sig;
}

int
sigpending_take_sync(struct sigpending *p, uint64_t blocked,
		     struct siginfo *out)
{
	struct sigqueue *q;

	if (!(p->set & SIGMASK_SYNC & ~blocked))
		return 0;
	list_each(q, &p->queue, link)
	{
		uint64_t bit = SIGMASK(q->info.si_signo);

		if (q->info.si_code > SI_USER &&
		    (bit & SIGMASK_SYNC & ~blocked)) {
			take(p, q, out);
			return out->si_signo;
		}
	}
	return 0;
}

int
signal_dequeue(uint64_t mask, struct siginfo *out)
{
	int sig = take_next(&current->pending, mask, out);

	if (!sig)
		sig = take_next(&current->process->pending, mask, out);
	if (sig && (SIGMASK(sig) & SIGMASK_STOP))
		current->jobctl |= JOBCTL_STOP_DEQUEUED;
	signal_recalc(current);
	return sig;
}

uint64_t
signal_pending_set(struct thread *t)
{
	return t->pending.set | t->process->pending.set;
}

void
sighand_put(struct sighand *h)
{
	if (--h->refs == 0)
		kfree(h);
}
