/* SPDX-License-Identifier: MIT */
/* Random numbers and the scripts of the tracees. */
#include "random.h"

#include <sched.h>
#include <signal.h>
#include <string.h>

static uint64_t state;

/* SplitMix64. */
static uint64_t
next_random(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

void
seed_random(uint64_t seed)
{
	state = seed;
	state = next_random() ^ seed << 32;
}

unsigned int
chance(unsigned int n)
{
	return (unsigned int)((next_random() >> 32) * n >> 32);
}

/*
 * No signal whose default action dumps core: the dump takes its time. SIGCHLD
 * comes of itself.
 */
int
any_signal(void)
{
	static const int signals[] = {
	    SIGUSR1, SIGUSR1, SIGUSR2, SIGTERM, SIGINT,	 SIGHUP,   SIGCONT,
	    SIGCONT, SIGSTOP, SIGSTOP, SIGTSTP, SIGTTIN, SIGWINCH, SIGURG,
	    SIGPIPE, SIGALRM, 34,      40,	64,
	};

	return signals[chance(sizeof signals / sizeof *signals)];
}

/*
 * How the next task is made; it becomes a thread, or not. Its end sends no
 * signal but SIGCHLD, which all block: it could come at any time.
 */
static int
clone_flags(struct task *task)
{
	task->thread = 0;
	switch (chance(6)) {
	case 0:
		task->thread = 1;
		BOARD->threads = 1;
		return CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
		       CLONE_THREAD | CLONE_SYSVSEM;
	case 1:
		return CLONE_VM | CLONE_VFORK | SIGCHLD;
	case 2:
	case 3:
		return 0;
	default:
		return SIGCHLD;
	}
}

static void
write_spawn(struct step *step, int parent, int *tasks)
{
	if (*tasks == MAX_TASKS) {
		step->kind = STEP_CALL;
		return;
	}
	step->kind = STEP_SPAWN;
	step->a = *tasks;
	step->b = clone_flags(&BOARD->tasks[*tasks]);
	BOARD->tasks[*tasks].parent = parent;
	++*tasks;
}

static void
write_step(struct step *step, int self, int *tasks)
{
	static const int kinds[] = {
	    STEP_CALL,	 STEP_CALL,  STEP_CALL,	   STEP_UNKNOWN, STEP_RAISE,
	    STEP_RAISE,	 STEP_RAISE, STEP_RAISE,   STEP_KILL,	 STEP_KILL,
	    STEP_TRAP,	 STEP_TRAP,  STEP_FAULT,   STEP_ILLEGAL, STEP_DIVIDE,
	    STEP_PAUSE,	 STEP_PAUSE, STEP_SLEEP,   STEP_FUTEX,	 STEP_WAIT,
	    STEP_BLOCK,	 STEP_BLOCK, STEP_HANDLE,  STEP_HANDLE,	 STEP_HANDLE,
	    STEP_HANDLE, STEP_SPAWN, STEP_SPAWN,   STEP_SPAWN,	 STEP_SPAWN,
	    STEP_EXEC,	 STEP_EXEC,  STEP_PENDING, STEP_EXIT,	 STEP_LEAVE,
	};

	step->kind = kinds[chance(sizeof kinds / sizeof *kinds)];
	step->a = any_signal();
	step->b = (int)chance(2);
	if (step->kind == STEP_SPAWN) {
		write_spawn(step, self, tasks);
	} else if (step->kind == STEP_HANDLE) {
		step->b = (int)chance(3);
	} else if (step->kind == STEP_EXEC) {
		step->b = chance(4) == 0;
	}
}

/* Which thread takes a process's signal is for the kernel to choose. */
static void
spare_threads(struct task *task)
{
	for (int i = 0; i < task->count; i++) {
		if (task->steps[i].kind == STEP_KILL)
			task->steps[i].kind = STEP_RAISE;
	}
}

int
write_scripts(void)
{
	int first = 1 + (int)chance(2), tasks = first;

	memset(BOARD->tasks, 0, sizeof BOARD->tasks);
	BOARD->threads = 0;
	for (int i = 0; i < tasks; i++) {
		struct task *task = &BOARD->tasks[i];

		if (i < first)
			task->parent = -1;
		task->count = 2 + (int)chance(MAX_STEPS - 1);
		for (int j = 0; j < task->count; j++)
			write_step(&task->steps[j], i, &tasks);
	}
	for (int i = 0; i < tasks && BOARD->threads; i++)
		spare_threads(&BOARD->tasks[i]);
	return first;
}
