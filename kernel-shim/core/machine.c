/* SPDX-License-Identifier: MIT */
/* The check of what a port has filled in. */
#include <kshim/port.h>

#include "mem.h"

/*
 * True if no operation is missing. All members behind the version are function
 * pointers; so the check cannot forget one. Windows are needed only where the
 * direct map is not, and then both operations.
 */
static bool
ops_complete(const struct ks_port_ops *ops, bool windows)
{
	const size_t window_map = offsetof(struct ks_port_ops, window_map);
	const size_t window_unmap = offsetof(struct ks_port_ops, window_unmap);
	size_t at = offsetof(struct ks_port_ops, frame_alloc);
	void (*op)(void);

	if (ops->size != sizeof(*ops) || ops->version != KS_PORT_VERSION)
		return false;
	for (; at < sizeof(*ops); at += sizeof(op)) {
		if (!windows && (at == window_map || at == window_unmap))
			continue;
		memcpy(&op, (const char *)ops + at, sizeof(op));
		if (!op)
			return false;
	}
	return !ops->window_map == !ops->window_unmap;
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
