/* SPDX-License-Identifier: MIT */
/* Lists: a head and its members form a ring. */
#ifndef KSHIM_CORE_LINK_H
#define KSHIM_CORE_LINK_H

#include <kshim/types.h>

static inline void
ks_link_init(struct ks_link *l)
{
	l->prev = l->next = l;
}

static inline bool
ks_link_empty(const struct ks_link *l)
{
	return l->next == l;
}

static inline void
ks_link_append(struct ks_link *list, struct ks_link *l)
{
	l->prev = list->prev;
	l->next = list;
	list->prev->next = l;
	list->prev = l;
}

static inline void
ks_link_remove(struct ks_link *l)
{
	l->prev->next = l->next;
	l->next->prev = l->prev;
	ks_link_init(l);
}

#endif
