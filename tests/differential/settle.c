/* SPDX-License-Identifier: MIT */
/* Waiting until nothing moves, and what was learnt meanwhile. */
#include "random.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* So often is looked before it is said that there is no rest. */
#define PASSES 40000

/* States of one task that one settling can learn. */
#define MAX_NEWS 6

struct known known[MAX_TASKS];

static struct {
	int count;
	int continued;
	int statuses[MAX_NEWS];
	int codes[MAX_NEWS]; /* by waitid, else 0 */
} news[MAX_TASKS];

char
letter_of(pid_t tid)
{
	char path[40], line[512], *p;
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, line, sizeof line - 1);
	close(fd);
	if (n <= 0)
		return 0;
	line[n] = 0;
	p = strrchr(line, ')');
	return p && p[1] == ' ' ? p[2] : 0;
}

/* The wait status that a siginfo stands for. */
static int
status_of(const siginfo_t *info)
{
	switch (info->si_code) {
	case CLD_EXITED:
		return (info->si_status & 0xff) << 8;
	case CLD_KILLED:
	case CLD_DUMPED:
		return info->si_status & 0x7f;
	case CLD_CONTINUED:
		return 0xffff;
	default:
		return info->si_status << 8 | 0x7f;
	}
}

static int
wait_by_id(pid_t tid, int more, int *out_status, int *out_code)
{
	siginfo_t info;
	int options = WEXITED | WSTOPPED | WCONTINUED | WNOHANG | __WALL;

	memset(&info, 0, sizeof info);
	if (waitid(P_PID, (id_t)tid, &info, options | more) != 0)
		return -1;
	*out_status = status_of(&info);
	*out_code = info.si_code == CLD_DUMPED ? CLD_KILLED : info.si_code;
	return info.si_pid;
}

/* One look at TID: as waitpid(). */
static int
look(pid_t tid, int form, int *out_status, int *out_code)
{
	int options = WNOHANG | WUNTRACED | WCONTINUED | __WALL;
	struct rusage usage;
	int got, code = 0;

	*out_code = 0;
	switch (form) {
	case 0:
		return waitpid(tid, out_status, options);
	case 1:
		return wait4(tid, out_status, options, &usage);
	case 2:
		return wait_by_id(tid, 0, out_status, out_code);
	default:
		got = wait_by_id(tid, WNOWAIT, out_status, out_code);
		if (got <= 0)
			return got;
		return wait_by_id(tid, 0, out_status, &code);
	}
}

static void
learn(int index, int status, int code)
{
	struct known *k = &known[index];
	int parent = BOARD->tasks[index].parent, n = news[index].count;

	if (WIFCONTINUED(status)) {
		news[index].continued++;
		return;
	}
	if (!WIFSTOPPED(status)) {
		k->life = GONE;
	} else {
		/* A tracee from its birth has the options of its parent. */
		if (!k->begun && parent >= 0) {
			k->options = known[parent].options;
			BOARD->tasks[index].clone_traced =
			    BOARD->tasks[parent].clone_traced;
		}
		k->begun = 1;
		k->life = STOPPED;
		k->status = status;
	}
	if (n < MAX_NEWS) {
		news[index].statuses[n] = status;
		news[index].codes[n] = code;
		news[index].count++;
	}
}

/* Looks at one task. 0 if it rests. */
static int
visit(int index, int form)
{
	struct task *task = &BOARD->tasks[index];
	int status = 0, code = 0;
	pid_t tid = task->tid;
	char letter;

	if (tid == 0 || known[index].life == GONE)
		return 0;
	letter = letter_of(tid);
	if (look(tid, form, &status, &code) == tid) {
		learn(index, status, code);
		return 1;
	}
	if (known[index].life == NOBODY)
		known[index].life = RUNS;
	if (letter == 0 && letter_of(tid) == 0) {
		known[index].life = GONE;
		return 1;
	}
	if (letter == 'D')
		return !task->in_vfork;
	return !strchr("STtZ", letter);
}

static void
tell(void)
{
	for (int i = 0; i < MAX_TASKS; i++) {
		for (int j = 0; j < news[i].count; j++) {
			if (news[i].codes[j])
				note("  code %d", news[i].codes[j]);
			note_status(i, news[i].statuses[j]);
		}
		/* With other news it may or may not have come first. */
		if (news[i].continued && !news[i].count && !BOARD->threads)
			note("  T%d continued\n", i);
	}
}

int
settle(int form)
{
	const struct timespec shortly = {0, 50000};
	int pass, rest = 0, moved;

	memset(news, 0, sizeof news);
	for (pass = 0; rest < 2 && pass < PASSES; pass++) {
		moved = 0;
		for (int i = 0; i < MAX_TASKS; i++)
			moved |= visit(i, form);
		rest = moved ? 0 : rest + 1;
		if (pass < 6)
			sched_yield();
		else if (rest < 2)
			nanosleep(&shortly, NULL);
	}
	tell();
	return rest < 2 ? -1 : 0;
}
