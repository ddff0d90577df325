/* SPDX-License-Identifier: MIT */
/* Outcomes as text, without what differs from run to run. */
#include "random.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

void
note(const char *format, ...)
{
	struct board *board = BOARD;
	size_t room = TEXT_SIZE - board->length;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(board->text + board->length, room, format, ap);
	va_end(ap);
	if (n > 0)
		board->length += (size_t)n < room ? (size_t)n : room - 1;
}

void
note_result(long result)
{
	if (result == -1)
		note(" = -1 errno %d\n", errno);
	else
		note(" = %ld\n", result);
}

const char *
who(pid_t tid)
{
	static char name[8];

	for (int i = 0; i < MAX_TASKS; i++) {
		if (tid && BOARD->tasks[i].tid == tid) {
			snprintf(name, sizeof name, "T%d", i);
			return name;
		}
	}
	if (tid == getpid())
		return "tracer";
	return tid == 0 ? "0" : "other";
}

void
note_status(int index, int status)
{
	note("  T%d", index);
	if (WIFEXITED(status))
		note(" exited %d", WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		note(" killed %d", WTERMSIG(status));
	else if (WIFCONTINUED(status))
		note(" continued");
	else
		note(" stopped %#x event %d", WSTOPSIG(status), status >> 16);
	note("\n");
}

/* Those that the kernel makes for a fault tell an address. */
static int
has_address(const siginfo_t *info)
{
	return info->si_code > 0 && info->si_code < SIGTRAP &&
	       (info->si_signo == SIGSEGV || info->si_signo == SIGBUS ||
		info->si_signo == SIGILL || info->si_signo == SIGFPE ||
		info->si_signo == SIGTRAP);
}

void
note_siginfo(const void *data)
{
	siginfo_t info;

	memcpy(&info, data, sizeof info);
	note(" signo %d", info.si_signo);
	if (info.si_signo == SIGCHLD)
		return;
	note(" code %#x errno %d", (unsigned int)info.si_code, info.si_errno);
	if (has_address(&info))
		note_address((uintptr_t)info.si_addr);
	else if (info.si_code != 0x80)
		note(" pid %s uid %d", who(info.si_pid), (int)info.si_uid);
}

void
note_address(uint64_t address)
{
	static const struct {
		const char *name, *place;
	} places[] = {
	    {"call", at_call},	     {"spawn", at_spawn},
	    {"trap", at_trap},	     {"fault", at_fault},
	    {"illegal", at_illegal}, {"divide", at_divide},
	    {"handler", at_handler}, {"restorer", at_restorer},
	};
	uint64_t offset = address - (uintptr_t)BOARD;

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		if (address == (uintptr_t)places[i].place) {
			note(" at %s", places[i].name);
			return;
		}
	}
	if (address < 0x1000)
		note(" at %#x", (unsigned int)address);
	else if (offset < sizeof(struct board))
		note(" at board");
	else
		note(" at -");
}
