/* SPDX-License-Identifier: MIT */
#include "pagecache.h"

#include "errno.h"
#include "mem.h"

#define FANOUT_SHIFT 6
#define FANOUT	     (1u << FANOUT_SHIFT)

/* A slot is a node, or in the lowest level a frame; 0: nothing. */
struct pc_node {
	uint64_t slot[FANOUT];
};

/* Caches whose frames can be read again, the longest unused one first. */
static struct list clean = LIST_INIT(clean);

/* Being inserted into: an allocation there must not shrink it. */
static const struct pagecache *busy;

static bool
covers(const struct pagecache *pc, uint64_t index)
{
	unsigned bits = (pc->height + 1) * FANOUT_SHIFT;

	return pc->root && (bits >= 64 || index >> bits == 0);
}

static unsigned
slot_of(uint64_t index, unsigned level)
{
	return index >> (level * FANOUT_SHIFT) & (FANOUT - 1);
}

static struct pc_node *
child(const struct pc_node *n, unsigned i)
{
	return (struct pc_node *)n->slot[i];
}

bool
pagecache_find(struct pagecache *pc, uint64_t index, ks_paddr_t *out_pa)
{
	struct pc_node *n = pc->root;

	if (!covers(pc, index))
		return false;
	for (unsigned level = pc->height; level && n; level--)
		n = child(n, slot_of(index, level));
	if (!n || !n->slot[slot_of(index, 0)])
		return false;
	*out_pa = ks_paddr(n->slot[slot_of(index, 0)]);
	return true;
}

/* Make the tree high enough for INDEX. */
static int
grow(struct pagecache *pc, uint64_t index)
{
	while (!covers(pc, index)) {
		struct pc_node *n = kzalloc(sizeof(*n));

		if (!n)
			return -ENOMEM;
		if (pc->root) {
			n->slot[0] = (uint64_t)pc->root;
			pc->height++;
		}
		pc->root = n;
	}
	return 0;
}

/* The slot of page INDEX, all of the way to it made; NULL: no memory. */
static uint64_t *
make_slot(struct pagecache *pc, uint64_t index)
{
	struct pc_node *n;

	if (grow(pc, index))
		return NULL;
	n = pc->root;
	for (unsigned level = pc->height; level; level--) {
		uint64_t *s = &n->slot[slot_of(index, level)];

		if (!*s)
			*s = (uint64_t)kzalloc(sizeof(*n));
		if (!*s)
			return NULL;
		n = (struct pc_node *)*s;
	}
	return &n->slot[slot_of(index, 0)];
}

int
pagecache_insert(struct pagecache *pc, uint64_t index, ks_paddr_t pa)
{
	uint64_t *slot;

	busy = pc;
	slot = make_slot(pc, index);
	busy = NULL;
	if (!slot)
		return -ENOMEM;
	*slot = pa.v;
	pc->count++;
	return 0;
}

/*
 * Drop the frames at and after INDEX below N, which is at LEVEL; all of them
 * if UNUSED is not set, else those with no other reference. True: N is empty.
 */
static bool
drop(struct pagecache *pc, struct pc_node *n, unsigned level, uint64_t index,
     bool unused)
{
	bool empty = true;

	for (unsigned i = 0; i < FANOUT; i++) {
		unsigned first = slot_of(index, level);

		if (!n->slot[i])
			continue;
		if (i < first) {
			empty = false;
			continue;
		}
		if (level) {
			if (drop(pc, child(n, i), level - 1,
				 i == first ? index : 0, unused)) {
				kfree(child(n, i));
				n->slot[i] = 0;
			}
		} else if (!unused || frame_refs(ks_paddr(n->slot[i])) == 1) {
			frame_put(ks_paddr(n->slot[i]));
			n->slot[i] = 0;
			pc->count--;
		}
		empty = empty && !n->slot[i];
	}
	return empty;
}

void
pagecache_truncate(struct pagecache *pc, uint64_t index)
{
	if (covers(pc, index) && drop(pc, pc->root, pc->height, index, false)) {
		kfree(pc->root);
		pc->root = NULL;
		pc->height = 0;
	}
	if (!pc->count && pc->lru.next)
		list_del(&pc->lru);
}

void
pagecache_clean(struct pagecache *pc)
{
	if (!pc->lru.next)
		list_init(&pc->lru);
	list_del(&pc->lru);
	list_add_tail(&clean, &pc->lru);
}

size_t
pagecache_shrink(size_t wanted)
{
	struct pagecache *pc, *tmp;
	size_t freed = 0;

	list_each_safe(pc, tmp, &clean, lru)
	{
		uint64_t before = pc->count;

		if (freed >= wanted)
			break;
		if (pc == busy)
			continue;
		if (pc->root && drop(pc, pc->root, pc->height, 0, true)) {
			kfree(pc->root);
			pc->root = NULL;
			pc->height = 0;
		}
		freed += before - pc->count;
		if (!pc->count)
			list_del(&pc->lru);
	}
	return freed;
}
