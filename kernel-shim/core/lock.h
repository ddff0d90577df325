/* SPDX-License-Identifier: MIT */
/* The port's locks, where it has any. */
#ifndef KSHIM_CORE_LOCK_H
#define KSHIM_CORE_LOCK_H

#include <kshim/port.h>

static inline void
ks_lock_init(struct ks_machine *m, struct ks_lock *lock)
{
	if (m->ops->lock_init)
		m->ops->lock_init(m, lock);
}

static inline void
ks_lock(struct ks_machine *m, struct ks_lock *lock)
{
	if (m->ops->lock)
		m->ops->lock(m, lock);
}

static inline void
ks_unlock(struct ks_machine *m, struct ks_lock *lock)
{
	if (m->ops->unlock)
		m->ops->unlock(m, lock);
}

#endif
