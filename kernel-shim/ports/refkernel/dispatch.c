/* SPDX-License-Identifier: MIT */
#include "dispatch.h"

#include <sys/proc_scheme.h>

#include "cpu.h"
#include "errno.h"
#include "regs.h"
#include "signal.h"
#include "thread.h"
#include "user.h"

enum { SELECTOR_ALLOW, SELECTOR_BLOCK };

void
dispatch_get(const struct thread *t, struct proc_dispatch *out)
{
	const struct dispatch *d = &t->dispatch;
	bool on = t->work & WORK_DISPATCH;

	*out = (struct proc_dispatch){
	    .mode = on ? PROC_DISPATCH_OUTSIDE : PROC_DISPATCH_OFF,
	    .selector = d->selector,
	    .offset = d->offset,
	    .len = d->len,
	};
}

static bool
is_good(const struct proc_dispatch *d)
{
	bool ends = d->offset + d->len > d->offset; /* and has not wrapped */

	switch (d->mode) {
	case PROC_DISPATCH_OFF:
		return !d->offset && !d->len && !d->selector;
	case PROC_DISPATCH_OUTSIDE:
		return !d->offset || ends;
	case PROC_DISPATCH_INSIDE:
		return d->len && ends;
	default:
		return false;
	}
}

int
dispatch_set(struct thread *t, const struct proc_dispatch *d)
{
	if (!is_good(d))
		return -EINVAL;
	if (!user_range(d->selector, 1))
		return -EFAULT;
	t->dispatch = (struct dispatch){d->selector, d->offset, d->len};
	if (d->mode == PROC_DISPATCH_INSIDE) {
		t->dispatch.offset = d->offset + d->len;
		t->dispatch.len = -d->len;
	}
	t->work &= ~(unsigned)WORK_DISPATCH;
	if (d->mode != PROC_DISPATCH_OFF)
		t->work |= WORK_DISPATCH;
	return 0;
}

bool
dispatch_taken(struct regs *r)
{
	const struct dispatch *d = &current->dispatch;
	uint8_t byte = SELECTOR_BLOCK;

	if (r->rip - d->offset < d->len)
		return false;
	/* Neither handler nor tracer can stop these two. */
	if (d->selector && copy_in(&byte, d->selector, sizeof(byte)))
		process_exit(SIGSEGV);
	if (byte == SELECTOR_ALLOW)
		return false;
	if (byte != SELECTOR_BLOCK)
		process_exit(SIGSYS);
	signal_no_call(r, SYS_USER_DISPATCH, 0);
	return true;
}
