/* SPDX-License-Identifier: MIT */
/* The table of sessions, and whose it is. */
#define _GNU_SOURCE
#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "events.h"

struct ptl_state ptl_state = {
    .io = &ptl_host_io,
    .own = {-1, -1, -1},
    .free_place = -1,
    .due = PTL_DUE_ALL,
};

/* All but the lock and the io is as at the start again. */
static void
empty(void)
{
	for (unsigned i = 0; i < ptl_state.nbuckets; i++) {
		struct ptl_session *s, *next;

		for (s = ptl_state.bucket[i]; s; s = next) {
			next = s->next;
			ptl_close_files(s);
			if (s->trace >= 0)
				ptl_state.io->close(s->trace);
			free(s);
		}
	}
	free(ptl_state.bucket);
	free(ptl_state.spare);
	ptl_state.spare = NULL;
	ptl_free_places();
	if (ptl_state.shown)
		ptl_state.io->unmap(ptl_state.shown, PTL_PAGE);
	ptl_state.shown = NULL;
	ptl_state.in_vain = 0;
	ptl_state.xstate_size = 0;
	for (int i = 0; i < PTL_NOWN; i++) {
		if (ptl_state.own[i] >= 0)
			ptl_state.io->close(ptl_state.own[i]);
		ptl_state.own[i] = -1;
	}
	ptl_state.bucket = NULL;
	ptl_state.nbuckets = ptl_state.count = ptl_state.ghosts = 0;
	ptl_state.first = ptl_state.last = NULL;
	__atomic_store_n(&ptl_state.pid, 0, __ATOMIC_RELAXED);
	ptl_state.mode = PTL_UNKNOWN;
	ptl_state.due = PTL_DUE_ALL;
	ptl_state.reading = false;
	ptl_state.sleepers = 0;
}

/* Also asked without the lock, by those who wait for it. */
bool
ptl_is_parents(void)
{
	pid_t pid = __atomic_load_n(&ptl_state.pid, __ATOMIC_RELAXED);

	return pid && ptl_state.io->getpid() != pid;
}

void
ptl_set_owner(void)
{
	if (!ptl_state.pid)
		__atomic_store_n(&ptl_state.pid, ptl_state.io->getpid(),
				 __ATOMIC_RELAXED);
}

bool
ptl_forked(void)
{
	if (!ptl_is_parents())
		return false;
	empty();
	return true;
}

bool
ptl_enter(void)
{
	if (!ptl_lock_take(&ptl_state.lock, ptl_is_parents))
		return false;
	/* The owner that stayed behind may have been in the middle. */
	if (ptl_lock_is_heirs(&ptl_state.lock))
		ptl_forked();
	return true;
}

void
ptl_reset(const struct ptrace_io *io)
{
	empty();
	ptl_state.io = io ? io : &ptl_host_io;
}

static void
link_in(struct ptl_session *s)
{
	struct ptl_session **b = ptl_bucket(s->tid);

	s->next = *b;
	*b = s;
	ptl_state.count++;
}

static void
link_out(struct ptl_session *s)
{
	struct ptl_session **b = ptl_bucket(s->tid);

	while (*b != s)
		b = &(*b)->next;
	*b = s->next;
	ptl_state.count--;
}

/* Room for one more, with chains of one on average. */
static bool
grow(void)
{
	unsigned old = ptl_state.nbuckets, n = old ? old * 2 : 16;
	struct ptl_session **from = ptl_state.bucket, **to;

	if (ptl_state.count < old)
		return true;
	to = calloc(n, sizeof(*to));
	if (!to)
		return old != 0;
	ptl_state.bucket = to;
	ptl_state.nbuckets = n;
	ptl_state.count = 0;
	for (unsigned i = 0; i < old; i++) {
		struct ptl_session *s, *next;

		for (s = from[i]; s; s = next) {
			next = s->next;
			link_in(s);
		}
	}
	free(from);
	return true;
}

struct ptl_session *
ptl_add(pid_t tid, pid_t tgid)
{
	struct ptl_session *s;

	if (!grow())
		return NULL;
	s = ptl_state.spare;
	ptl_state.spare = NULL;
	if (!s)
		s = malloc(sizeof(*s));
	if (!s)
		return NULL;
	ptl_set_owner();
	*s = (struct ptl_session){.tid = tid, .tgid = tgid, .trace = -1};
	memset(s->file, -1, sizeof(s->file));
	link_in(s);
	return s;
}

void
ptl_drop(struct ptl_session *s)
{
	if (s->run == PTL_GHOST)
		ptl_state.ghosts--;
	ptl_unqueue(s);
	ptl_close_files(s);
	if (s->trace >= 0)
		ptl_state.io->close(s->trace);
	link_out(s);
	/* The next one is often not far. */
	if (ptl_state.spare)
		free(s);
	else
		ptl_state.spare = s;
}

void
ptl_rename(struct ptl_session *s, pid_t tid)
{
	struct ptl_session *other = ptl_find(tid);

	if (other == s)
		return;
	if (other)
		ptl_drop(other);
	link_out(s);
	s->tid = tid;
	link_in(s);
	/* Names opened before were of the former id. */
	ptl_close_files(s);
}

void
ptl_queue(struct ptl_session *s)
{
	if (s->queued)
		return;
	s->queued = true;
	s->before = ptl_state.last;
	s->after = NULL;
	if (ptl_state.last)
		ptl_state.last->after = s;
	else
		ptl_state.first = s;
	ptl_state.last = s;
}

void
ptl_unqueue(struct ptl_session *s)
{
	if (!s->queued)
		return;
	s->queued = false;
	if (s->before)
		s->before->after = s->after;
	else
		ptl_state.first = s->after;
	if (s->after)
		s->after->before = s->before;
	else
		ptl_state.last = s->before;
}

bool
ptl_each(bool (*fn)(struct ptl_session *s, void *arg), void *arg)
{
	for (unsigned i = 0; i < ptl_state.nbuckets; i++)
		for (struct ptl_session *s = ptl_state.bucket[i]; s;
		     s = s->next)
			if (fn(s, arg))
				return true;
	return false;
}

int
ptl_traced(pid_t tid, struct ptl_session **out)
{
	*out = ptl_find(tid);
	if (!*out && ptl_poll_events() > 0)
		*out = ptl_find(tid);
	return *out && (*out)->run != PTL_GHOST ? ptl_claim(*out) : -ESRCH;
}

int
ptl_stopped(pid_t tid, struct ptl_session **out)
{
	*out = ptl_find(tid);
	if (*out && (*out)->run == PTL_STOPPED && !ptl_may_exit(*out))
		return ptl_claim(*out);
	/* It may be in a stop that wait has not come to. */
	if (ptl_poll_events() != 0)
		*out = ptl_find(tid);
	return *out && (*out)->run == PTL_STOPPED ? ptl_claim(*out) : -ESRCH;
}
