/* SPDX-License-Identifier: MIT */
/* The check of what a port has filled in. */
#include <kshim/port.h>

#include "mem.h"

/* True if AT is the member of an operation that not every port needs. */
static bool
may_lack(size_t at, bool windows)
{
	if (at == offsetof(struct ks_port_ops, window_map) ||
	    at == offsetof(struct ks_port_ops, window_unmap))
		return !windows;
	return at == offsetof(struct ks_port_ops, lock_init) ||
	       at == offsetof(struct ks_port_ops, lock) ||
	       at == offsetof(struct ks_port_ops, unlock);
}

/*
 * True if no operation is missing. All members behind the version are function
 * pointers; so the check cannot forget one. Windows are needed only where the
 * direct map is not, and then both operations; of locks all or none.
 */
static bool
ops_complete(const struct ks_port_ops *ops, bool windows)
{
	size_t at = offsetof(struct ks_port_ops, frame_alloc);
	void (*op)(void);

	if (ops->size != sizeof(*ops) || ops->version != KS_PORT_VERSION)
		return false;
	for (; at < sizeof(*ops); at += sizeof(op)) {
		memcpy(&op, (const char *)ops + at, sizeof(op));
		if (!op && !may_lack(at, windows))
			return false;
	}
	return !ops->window_map == !ops->window_unmap &&
	       !ops->lock == !ops->unlock && !ops->lock == !ops->lock_init;
}

int
ks_machine_init(struct ks_machine *m)
{
	if (!m->ops || !ops_complete(m->ops, m->direct_size == 0))
		return -EINVAL;
	if (m->phys_bits < 32 || m->phys_bits > 52)
		return -EINVAL;
	if (m->pt_levels != 4 && m->pt_levels != 5)
		return -EINVAL;
	if (m->direct_size > (uint64_t)1 << m->phys_bits ||
	    (m->direct_size && !m->direct_base))
		return -EINVAL;
	return 0;
}
