/* SPDX-License-Identifier: MIT */
/*
 * A circular doubly linked list, its links embedded in the members.
 */
#ifndef REFKERNEL_LIST_H
#define REFKERNEL_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* A head or a link. A link in no list points to itself. */
struct list {
	struct list *next, *prev;
};

#define LIST_INIT(name)                                                        \
	{                                                                      \
		&(name), &(name)                                               \
	}

#define list_entry(ptr, type, member)                                          \
	((type *)((char *)(ptr)-offsetof(type, member)))

/* Visit each member; the body may not unlink. */
#define list_each(pos, head, member)                                           \
	for (pos = list_entry((head)->next, __typeof__(*pos), member);         \
	     &pos->member != (head);                                           \
	     pos = list_entry(pos->member.next, __typeof__(*pos), member))

/* Likewise, but the body may unlink POS itself. */
#define list_each_safe(pos, tmp, head, member)                                 \
	for (pos = list_entry((head)->next, __typeof__(*pos), member),         \
	    tmp = list_entry(pos->member.next, __typeof__(*pos), member);      \
	     &pos->member != (head); pos = tmp,                                \
	    tmp = list_entry(tmp->member.next, __typeof__(*tmp), member))

/* The first member of a list that is not empty. */
#define list_first(head, type, member) list_entry((head)->next, type, member)

static inline void
list_init(struct list *l)
{
	l->next = l->prev = l;
}

static inline bool
list_empty(const struct list *l)
{
	return l->next == l;
}

/* Link L in before AT: at the tail, if AT is the head. */
static inline void
list_insert(struct list *at, struct list *l)
{
	l->prev = at->prev;
	l->next = at;
	at->prev->next = l;
	at->prev = l;
}

static inline void
list_add_tail(struct list *head, struct list *l)
{
	list_insert(head, l);
}

static inline void
list_add_head(struct list *head, struct list *l)
{
	list_insert(head->next, l);
}

/* Unlink L, which may be in no list. */
static inline void
list_del(struct list *l)
{
	l->prev->next = l->next;
	l->next->prev = l->prev;
	list_init(l);
}

/* Move all members of FROM to the tail of TO. */
static inline void
list_splice(struct list *to, struct list *from)
{
	if (list_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	list_init(from);
}

#endif
