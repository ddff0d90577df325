/* SPDX-License-Identifier: MIT */
/* Who is killed when there is no memory left: as on Linux, who has most. */
#include "oom.h"

#include <stdbool.h>

#include "cpu.h"
#include "kprintf.h"
#include "mem.h"
#include "signal.h"
#include "thread.h"
#include "vm.h"

#define NEVER (-1000) /* an oom_score_adj */

/* Pages of P, of which a thread is left. */
static int64_t
pages(const struct process *p)
{
	const struct thread *t;

	list_each(t, &p->threads, link)
	{
		if (t->vm)
			return (int64_t)t->vm->present;
	}
	return 0;
}

/* Will P, which has been killed, give its memory back by itself? */
static bool
is_going(const struct process *p)
{
	const struct thread *t;

	list_each(t, &p->threads, link)
	{
		if (t->vm && t != current && t->state == THREAD_RUNNABLE)
			return true;
	}
	return false;
}

void
out_of_memory(void)
{
	struct process *p, *victim = NULL;
	struct mem_census c;
	int64_t score, most = 0;

	current->work |= WORK_RESCHED;
	mem_census(&c);
	list_each(p, &all_processes, link)
	{
		if (p->flags & PROCESS_GROUP_EXIT && is_going(p))
			return;
		if (p->flags & (PROCESS_GROUP_EXIT | PROCESS_UNKILLABLE) ||
		    p->oom_score_adj == NEVER)
			continue;
		score = pages(p) + p->oom_score_adj * (int64_t)(c.total / 1000);
		if (!victim || score >= most) { /* of equals the youngest */
			victim = p;
			most = score;
		}
	}
	if (!victim)
		victim = current->process;
	kprintf("out of memory: killing %d (%s)\n", victim->pid,
		victim->leader->comm);
	signal_kernel_process(victim, SIGKILL);
}
