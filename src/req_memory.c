/* SPDX-License-Identifier: MIT */
/* PEEKTEXT, PEEKDATA, POKETEXT, POKEDATA: a word at any address. */
#define _GNU_SOURCE
#include <errno.h>

#include "maps.h"
#include "request.h"

/* Linux knows no finer error: a word that is not all there is EIO. */
static long
all_or_eio(ssize_t n)
{
	if (n == -ESRCH)
		return -ESRCH;
	return n == sizeof(long) ? 0 : -EIO;
}

long
ptl_quick_peek(struct ptl_session *s, const struct ptl_call *c)
{
	return ptl_maps_peek(s, c->addr, c->out) ? 0 : PTL_ASK;
}

long
ptl_peek(struct ptl_session *s, const struct ptl_call *c)
{
	uint64_t generation;
	ssize_t n;

	if (ptl_maps_peek(s, c->addr, c->out))
		return 0;
	if (ptl_maps_forked(s))
		return -ESRCH;
	generation = ptl_maps_before(s);
	n = ptl_pread(s, PTL_MEM, c->out, sizeof(*c->out), c->addr);
	if (n == sizeof(*c->out))
		ptl_maps_after(s, c->addr, sizeof(*c->out), generation,
			       PTL_READ_MEM);
	return all_or_eio(n);
}

long
ptl_quick_poke(struct ptl_session *s, const struct ptl_call *c)
{
	return ptl_maps_poke(s, c->addr, (long)c->data) ? 0 : PTL_ASK;
}

long
ptl_poke(struct ptl_session *s, const struct ptl_call *c)
{
	long word = (long)c->data;
	uint64_t generation;
	ssize_t n;

	if (ptl_maps_poke(s, c->addr, word))
		return 0;
	if (ptl_maps_forked(s))
		return -ESRCH;
	generation = ptl_maps_before(s);
	n = ptl_pwrite(s, PTL_MEM, &word, sizeof(word), c->addr);
	if (n == sizeof(word))
		ptl_maps_after(s, c->addr, sizeof(word), generation,
			       PTL_WROTE_MEM);
	return all_or_eio(n);
}
