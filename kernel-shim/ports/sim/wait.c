/* SPDX-License-Identifier: MIT */
/* wait4 */
#include <string.h>

#include "sim_int.h"

void
sim_rusage(struct sim_thread *t, struct proc_rusage *out)
{
	memset(out, 0, sizeof(*out));
	out->utime_usec = t->ticks % 1000000;
	out->utime_sec = t->ticks / 1000000;
	out->maxrss_kib = 64;
}

/* What wait may report of the child C, or -1; it is taken unless WNOWAIT. */
static int
report(struct sim_proc *c, int options, bool traced)
{
	bool keep = options & SIM_WNOWAIT;

	if (c->zombie)
		return c->status;
	if ((options & SIM_WUNTRACED) && c->stop_report && !traced) {
		c->stop_report = keep;
		return c->group_stop << 8 | 0x7f;
	}
	if ((options & SIM_WCONTINUED) && c->cont_report) {
		c->cont_report = keep;
		return 0xffff;
	}
	return -1;
}

/* One look at the children of P: a pid, 0 for nothing yet, or -ECHILD. */
static int32_t
look(struct sim_proc *p, int32_t pid, int *out_status, int options,
     struct proc_rusage *out_ru)
{
	int32_t found = -ECHILD;

	for (struct sim_proc *c = p->children; c; c = c->sibling) {
		bool traced;
		int status;

		if (pid > 0 && c->tgid != pid)
			continue;
		found = 0;
		traced = ks_tracer_pid(&c->leader->kt) == p->tgid;
		status = report(c, options, traced);
		if (status < 0)
			continue;
		found = c->tgid;
		if (out_status)
			*out_status = status;
		if (out_ru)
			sim_rusage(c->leader, out_ru);
		if (c->zombie && !(options & SIM_WNOWAIT))
			sim_thread_reap(c->leader);
		break;
	}
	return found;
}

/*
 * Wait on behalf of T, whose code sleeps; without code, -EAGAIN is given where
 * it would.
 */
int32_t
sim_do_wait(struct sim_thread *t, int32_t pid, int *out_status, int options,
	    struct proc_rusage *out_ru)
{
	for (;;) {
		int32_t ret = look(t->proc, pid, out_status, options, out_ru);

		if (ret || (options & SIM_WNOHANG))
			return ret;
		if (t->proc->host)
			return -EAGAIN;
		ret = sim_block_intr(t);
		if (ret)
			return ret;
	}
}
