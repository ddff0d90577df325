/* SPDX-License-Identifier: MIT */
/*
 * The frame of the conformance programs. A case is a function that runs in a
 * process of its own and group of its own, and succeeds by returning; the
 * checks below end it when they fail. It is told by the requests that it is
 * about and the sentence of the manual page that it proves.
 */
#ifndef TESTS_CASES_H
#define TESTS_CASES_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

struct test_case {
	const char *proves; /* "REQUEST, REQUEST: sentence" */
	void (*run)(void);
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Which of the cases runs, from 0: for functions that prove several. */
extern size_t case_index;

/* Runs the cases, or the one whose number is argv[1]; main() returns this. */
int run_cases(const struct test_case *cases, size_t count, int argc,
	      char **argv);

/* ---- checks: the case fails, with a line that says where, if ... ---- */

/* ... CONDITION does not hold. */
#define check(condition)                                                       \
	check_true((condition) ? 1 : 0, #condition, __FILE__, __LINE__)

/* ... the integers differ. */
#define equal(got, want)                                                       \
	check_equal((long long)(got), (long long)(want), #got, __FILE__,       \
		    __LINE__)

/* ... CALL returns -1. The value is that of CALL. */
#define must(call) check_done((long)(call), #call, __FILE__, __LINE__)

/* ... CALL does not return -1 with errno CODE. */
#define refused(call, code)                                                    \
	check_refused((errno = 0, (long)(call)), code, #call, __FILE__,        \
		      __LINE__)

/* ... the next state of PID, a child or tracee, is not STATUS. */
#define expect(pid, status) equal(next_status(pid), status)

void check_true(int good, const char *text, const char *file, int line);
void check_equal(long long got, long long want, const char *text,
		 const char *file, int line);
long check_done(long result, const char *text, const char *file, int line);
void check_refused(long result, int code, const char *text, const char *file,
		   int line);

/* The case cannot be tried here. */
__attribute__((noreturn)) void not_here(const char *why);

/* ---- statuses ---- */

#define STOPPED(sig)   (0x7f | (sig) << 8)
#define EVENT(event)   (STOPPED(SIGTRAP) | PTRACE_EVENT_##event << 16)
#define GROUP(sig)     (STOPPED(sig) | PTRACE_EVENT_STOP << 16)
#define SYSCALL_STOP   STOPPED(SIGTRAP | 0x80)
#define EXITED(code)   ((code) << 8)
#define KILLED_BY(sig) (sig)

/* ---- requests; `pt` is ptrace() with integers for its pointers ---- */

#define pt(request, pid, addr, data)                                           \
	ptrace(request, pid, (void *)(uintptr_t)(addr),                        \
	       (void *)(uintptr_t)(data))

#define cont(pid)	    must(pt(PTRACE_CONT, pid, 0, 0))
#define to_syscall(pid)	    must(pt(PTRACE_SYSCALL, pid, 0, 0))
#define step(pid)	    must(pt(PTRACE_SINGLESTEP, pid, 0, 0))
#define options(pid, bits)  must(pt(PTRACE_SETOPTIONS, pid, 0, bits))
#define get_regs(pid, regs) must(pt(PTRACE_GETREGS, pid, 0, regs))
#define set_regs(pid, regs) must(pt(PTRACE_SETREGS, pid, 0, regs))

/* PTRACE_GETEVENTMSG, and the siginfo of the present stop. */
unsigned long event_message(pid_t pid);
siginfo_t signal_info(pid_t pid);

/* Peeks a word, whose value may be -1. */
long peek(pid_t pid, const volatile void *address);

/* ---- processes ---- */

/* 64 words shared by all processes of a case, zero at its start. */
extern volatile long *board;

/* Sets, or waits for, a word of the board that is not 0. */
void post(int index, long value);
long await(int index);

/* A child that runs BODY and exits with 0. */
pid_t child(void (*body)(void));

/* The same, that has made itself a tracee and stopped itself by SIGSTOP. */
pid_t launch(void (*body)(void));

/* The same, seized with the option BITS while it runs. */
pid_t seize(void (*body)(void), unsigned long bits);

/* Waits for the next state of PID, as by __WALL, and returns the status. */
int next_status(pid_t pid);

/* Kills PID and takes its status, so that it is gone. */
void end(pid_t pid);

/* Waits until the letter of the thread's state is one of STATES. */
void until_state(pid_t tid, const char *states);

/* The state's letter; 0 if there is no such thread. */
char state_of(pid_t tid);

/* The number after NAME in /proc/PID/status; -1 if there is none. */
long status_number(pid_t pid, const char *name);

/* Runs this program anew, to exit with CODE (or to pause, if CODE is -1). */
void exec_self(int code);

/* Users of no name. */
#define ALICE 12001
#define BOB   12002

/* The case is for root alone. */
void need_root(void);

/*
 * Becomes USER, for good, of GROUP alone. A change of ids makes the process not
 * dumpable: DUMPABLE says whether it is afterwards.
 */
void become_user(uid_t user, gid_t group, int dumpable);
void be_alice(void);

/* Alice instead of root, so that nothing is allowed for another reason. */
void without_rights(void);

/* Bodies. */
void sleep_forever(void);
void spin_forever(void);
void do_nothing(void);

/* Stops by SIGUSR1 while HELPER runs in a thread beside, and waits for that. */
void stop_beside(void *(*helper)(void *arg));

/* The calling thread's id; the handler that counts at board[60 + n]. */
pid_t thread_id(void);
void catch_signal(int sig, int flags, void (*handler)(int));
void ignore_signal_handler(int sig);

#endif
