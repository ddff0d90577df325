/* SPDX-License-Identifier: MIT */
/* Requests at random: beginning, resuming, ending, signals, waiting. */
#include "random.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct {
	const char *name;
	int code;
} resumes[] = {
    {"CONT", PTRACE_CONT},
    {"CONT", PTRACE_CONT},
    {"CONT", PTRACE_CONT},
    {"SYSCALL", PTRACE_SYSCALL},
    {"SYSCALL", PTRACE_SYSCALL},
    {"SYSCALL", PTRACE_SYSCALL},
    {"SINGLESTEP", PTRACE_SINGLESTEP},
    {"SINGLESTEP", PTRACE_SINGLESTEP},
    {"SYSEMU", 31},
    {"SYSEMU_SINGLESTEP", 32},
    {"LISTEN", PTRACE_LISTEN},
    {"DETACH", PTRACE_DETACH},
};

/* A signal for a resume: often none, mostly the one that stopped it. */
static int
resume_signal(int index)
{
	int status = known[index].status;

	switch (chance(8)) {
	case 0:
		return any_signal();
	case 1:
		return chance(4) == 0 ? 65 + (int)chance(300) : 0;
	case 2:
	case 3:
	case 4:
		return known[index].life == STOPPED && status >> 16 == 0 &&
			       WSTOPSIG(status) < 0x80 &&
			       WSTOPSIG(status) != SIGTRAP
			   ? WSTOPSIG(status)
			   : 0;
	default:
		return 0;
	}
}

static void
resume(int index)
{
	unsigned int which = chance(COUNT(resumes));
	int sig = resume_signal(index);
	long result;

	note("T%d %s %d", index, resumes[which].name, sig);
	result = request(resumes[which].code, BOARD->tasks[index].tid, 0,
			 (unsigned int)sig);
	note_result(result);
	if (result != 0)
		return;
	if (resumes[which].code == PTRACE_DETACH) {
		BOARD->tasks[index].clone_traced = 0;
		known[index].options = 0;
	}
	known[index].life = RUNS;
	known[index].steps = strstr(resumes[which].name, "STEP") != NULL;
}

static void
interrupt(int index)
{
	note("T%d INTERRUPT", index);
	note_result(request(PTRACE_INTERRUPT, BOARD->tasks[index].tid, 0, 0));
}

static void
attach(int index)
{
	int seize = (int)chance(2), bits = seize ? (int)chance(0x80) : 0;
	long result;

	note("T%d %s %#x", index, seize ? "SEIZE" : "ATTACH",
	     (unsigned int)bits);
	result = request(seize ? PTRACE_SEIZE : PTRACE_ATTACH,
			 BOARD->tasks[index].tid, 0, (unsigned int)bits);
	note_result(result);
	if (result == 0) {
		known[index].begun = 1;
		known[index].options = bits;
		BOARD->tasks[index].clone_traced =
		    (bits & PTRACE_O_TRACECLONE) != 0;
	}
}

static void
set_options(int index)
{
	unsigned int bits = chance(0x80);
	long result;

	if (chance(6) == 0)
		bits |= 1u << (8 + chance(12));
	if (chance(4) == 0)
		bits |= PTRACE_O_EXITKILL;
	note("T%d SETOPTIONS %#x", index, bits);
	result = request(PTRACE_SETOPTIONS, BOARD->tasks[index].tid, 0, bits);
	note_result(result);
	if (result == 0) {
		known[index].options = (int)bits;
		BOARD->tasks[index].clone_traced =
		    (bits & PTRACE_O_TRACECLONE) != 0;
	}
}

static void
send(int index)
{
	pid_t tid = BOARD->tasks[index].tid;
	union sigval value = {.sival_int = 7};
	int sig = chance(12) == 0 ? SIGKILL : any_signal();
	long result;

	/* What is sent to a process is for the kernel to give a thread. */
	if (BOARD->threads || chance(2) == 0) {
		note("T%d is sent %d", index, sig);
		result = syscall(SYS_tkill, tid, sig);
	} else if (chance(2) == 0) {
		note("T%d's process is sent %d", index, sig);
		result = kill(tid, sig);
	} else {
		note("T%d's process is sent %d with a value", index, sig);
		result = sigqueue(tid, sig, value);
	}
	note_result(result);
}

static void
kill_request(int index)
{
	note("T%d KILL", index);
	note_result(request(PTRACE_KILL, BOARD->tasks[index].tid, 0, 0));
}

/* A wait that finds nothing, since all is known. */
static void
wait_again(int index)
{
	static const int options[] = {
	    0,		 WUNTRACED,	     __WALL, __WCLONE,
	    __WNOTHREAD, __WALL | WUNTRACED, 0x40,   WNOWAIT,
	};
	int option = options[chance(COUNT(options))], status = 0x55, by_id;
	siginfo_t info;
	long result;

	memset(&info, 0, sizeof info);
	by_id = (int)chance(2);
	note("T%d %s %#x", index, by_id ? "waitid" : "waitpid",
	     (unsigned int)option);
	if (by_id)
		result = waitid(P_PID, (id_t)BOARD->tasks[index].tid, &info,
				WNOHANG | option |
				    (chance(4) ? WSTOPPED | WEXITED : 0));
	else
		result =
		    waitpid(BOARD->tasks[index].tid, &status, WNOHANG | option);
	note(" pid %s", who(info.si_pid));
	note_result(result);
}

static void
strangers(int index)
{
	static const int codes[] = {
	    PTRACE_CONT,
	    PTRACE_SYSCALL,
	    PTRACE_ATTACH,
	    PTRACE_SEIZE,
	    PTRACE_DETACH,
	    PTRACE_INTERRUPT,
	    PTRACE_GETEVENTMSG,
	    PTRACE_KILL,
	    PTRACE_LISTEN,
	    PTRACE_GETSIGINFO,
	    10,
	    500,
	    0x4211 + 5,
	    0x4300,
	};
	static const pid_t pids[] = {0, -1, -7, 0x7fffffff, 3999999};
	unsigned long space[32];
	int code = codes[chance(COUNT(codes))];
	pid_t pid = pids[chance(COUNT(pids))];

	if (chance(3) == 0) {
		note("self %#x", code);
		pid = getpid();
	} else if (chance(2) == 0) {
		note("T%d %#x", index, code);
		pid = BOARD->tasks[index].tid;
		/* Not those that change what is known of it. */
		if (code < 0x4300 && code != 10 && code != 500)
			code = 501;
	} else {
		note("pid %d %#x", pid, code);
	}
	note_result(request(code, pid, 0, (uintptr_t)space));
}

void
random_request(int index)
{
	static void (*const any[])(int) = {
	    resume,
	    resume,
	    interrupt,
	    attach,
	    set_options,
	    send,
	    wait_again,
	    random_data_request,
	    random_data_request,
	    strangers,
	    kill_request,
	};
	unsigned int dice = chance(100);

	if (known[index].life == STOPPED && dice < 50)
		resume(index);
	else if (known[index].life == STOPPED && dice < 75)
		random_data_request(index);
	else if (known[index].life == RUNS && dice < 40)
		send(index);
	else if (known[index].life == RUNS && dice < 65)
		interrupt(index);
	else if (dice < 97)
		any[chance(COUNT(any) - 1)](index);
	else
		kill_request(index);
}
