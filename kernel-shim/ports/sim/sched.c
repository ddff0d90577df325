/* SPDX-License-Identifier: MIT */
/*
 * Scheduling. Each thread with code has a thread of the host, so that it can
 * sleep anywhere in the kernel; but a baton goes round, and only who has it
 * runs. It always goes by way of the test's thread.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "sim_int.h"

#define STACK_SIZE ((size_t)256 << 10)

static void
take(sem_t *baton)
{
	while (sem_wait(baton))
		;
}

static void *
host_main(void *arg)
{
	struct sim_thread *t = arg;

	take(&t->baton);
	sim_user_loop(t);
	t->finished = true;
	sem_post(&t->s->baton);
	return NULL;
}

/* Give T a thread of the host, which waits for the baton. -EAGAIN. */
int
sim_thread_start(struct sim_thread *t)
{
	size_t size = STACK_SIZE;
	pthread_attr_t attr;
	int err;

#ifdef PTHREAD_STACK_MIN
	if (size < (size_t)PTHREAD_STACK_MIN)
		size = PTHREAD_STACK_MIN;
#endif
	if (pthread_attr_init(&attr))
		return -EAGAIN;
	err = pthread_attr_setstacksize(&attr, size);
	if (!err)
		err = pthread_create(&t->host, &attr, host_main, t);
	pthread_attr_destroy(&attr);
	if (err)
		return -EAGAIN;
	t->has_host = true;
	sim_thread_get(t);
	return 0;
}

/* Put T, which can run, at the end of the run queue. */
void
sim_ready(struct sim_thread *t)
{
	struct sim *s = t->s;

	if (t->queued || !t->has_host || t->sleep == SIM_GONE)
		return;
	t->sleep = SIM_RUNS;
	if (s->current == t)
		return;
	t->queued = true;
	t->run_next = NULL;
	if (s->run_tail)
		s->run_tail->run_next = t;
	else
		s->run_head = t;
	s->run_tail = t;
	s->run_count++;
}

/* Take the INDEX-th thread out of the run queue. */
static struct sim_thread *
unqueue(struct sim *s, unsigned index)
{
	struct sim_thread **at = &s->run_head, *last = NULL, *t;

	while (index--) {
		last = *at;
		at = &last->run_next;
	}
	t = *at;
	*at = t->run_next;
	if (s->run_tail == t)
		s->run_tail = last;
	t->queued = false;
	s->run_count--;
	return t;
}

static unsigned
pick(struct sim *s)
{
	unsigned n = s->run_count < 8 ? s->run_count : 8;

	if (!s->cfg.seed)
		return 0;
	s->random = s->random * UINT64_C(6364136223846793005) +
		    UINT64_C(1442695040888963407);
	return (s->random >> 33) % n;
}

/* Wake who slept until now, and find the next timer. False: there is none. */
static bool
run_timers(struct sim *s)
{
	s->timer = 0;
	for (int i = 0; i < SIM_HASH; i++)
		for (struct sim_thread *t = s->hash[i]; t; t = t->hash_next) {
			if (!t->wake_at || t->sleep != SIM_INTR)
				continue;
			if (t->wake_at <= s->clock)
				sim_ready(t);
			else if (!s->timer || t->wake_at < s->timer)
				s->timer = t->wake_at;
		}
	return s->run_head || s->timer;
}

/* Nobody can run: let time pass until the next timer. */
static bool
skip_time(struct sim *s)
{
	if (!run_timers(s))
		return false;
	if (!s->run_head) {
		s->clock = s->timer;
		run_timers(s);
	}
	return true;
}

bool
sim_step(struct sim *s)
{
	struct sim_thread *t;

	if (s->current)
		sim_bug("the machine is run from within");
	if (s->timer && s->clock >= s->timer)
		run_timers(s);
	if (!s->run_head && !skip_time(s))
		return false;
	t = unqueue(s, pick(s));
	s->current = t;
	sem_post(&t->baton);
	take(&s->baton);
	s->current = NULL;
	if (t->finished) {
		pthread_join(t->host, NULL);
		t->has_host = false;
		sim_thread_put(t);
	} else if (t->sleep == SIM_RUNS) {
		sim_ready(t);
	}
	return true;
}

bool
sim_run(struct sim *s, bool (*cond)(void *arg), void *arg, unsigned long limit)
{
	for (unsigned long i = 0; i < limit; i++) {
		if (cond && cond(arg))
			return true;
		if (!sim_step(s))
			break;
	}
	return cond && cond(arg);
}

void
sim_idle(struct sim *s)
{
	sim_run(s, NULL, NULL, ULONG_MAX);
}

/* Give the baton away, and come back when it is T's turn again. */
static void
pass(struct sim_thread *t)
{
	if (t->s->used.locks)
		sim_bug("a thread sleeps with a lock of the shim's");
	if (t->s->current != t)
		sim_bug("a thread sleeps that does not run");
	sem_post(&t->s->baton);
	take(&t->baton);
}

void
sim_yield(struct sim_thread *t)
{
	pass(t);
}

/* Sleep until sim_ready(T); look at the condition again after that. */
void
sim_block(struct sim_thread *t, enum sim_sleep kind)
{
	t->sleep = kind;
	pass(t);
	t->sleep = SIM_RUNS;
}

int
sim_block_intr(struct sim_thread *t)
{
	if (sim_signal_due(t))
		return -ERESTARTSYS;
	sim_block(t, SIM_INTR);
	return sim_signal_due(t) ? -ERESTARTSYS : 0;
}
