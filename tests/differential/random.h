/* SPDX-License-Identifier: MIT */
/*
 * The random differential test: what a tracer learns of a few small programs,
 * by requests that a seed determines, is text; it must be the same on Linux
 * and on the refkernel.
 *
 * Each sequence has a board, memory that its processes share. There stand the
 * scripts that the tracees follow, who follows them, and the text. All that
 * runs between two requests comes to rest before the next, so that the text
 * depends on the seed alone.
 */
#ifndef TESTS_RANDOM_H
#define TESTS_RANDOM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <stdint.h>
#include <sys/types.h>

#define MAX_TASKS  8
#define MAX_STEPS  10
#define STACK_SIZE 8192
#define TEXT_SIZE  (96 << 10)

/* The same in the program that the tracees execute. */
#define BOARD	 ((struct board *)0x10000000000)
#define BOARD_FD 300

/* What a script says. A and B are the step's numbers. */
enum step_kind {
	STEP_CALL,    /* getppid */
	STEP_UNKNOWN, /* a system call that there is not */
	STEP_RAISE,   /* signal A to itself, the thread */
	STEP_KILL,    /* signal A to its process */
	STEP_TRAP,    /* int3 */
	STEP_FAULT,   /* a load from where nothing is */
	STEP_ILLEGAL, /* ud2 */
	STEP_DIVIDE,  /* by zero */
	STEP_PAUSE,
	STEP_SLEEP,   /* for longer than any test */
	STEP_FUTEX,   /* waits for ever */
	STEP_WAIT,    /* wait4 for any child */
	STEP_BLOCK,   /* signal A; unblocks it if B */
	STEP_HANDLE,  /* signal A; B: 0 default, 1 ignored, 2 handler */
	STEP_PENDING, /* sigtimedwait of signal A without waiting */
	STEP_SPAWN,   /* task A by the flags B of clone(2) */
	STEP_EXEC,    /* executes the leaf, which goes on; B: nothing */
	STEP_EXIT,    /* the thread, with A */
	STEP_LEAVE,   /* the process, with A */
};

struct step {
	int kind, a, b;
};

struct task {
	volatile int tid;  /* the kernel's, before the task runs */
	volatile int next; /* the step */
	volatile int in_vfork;
	int count;
	int thread; /* of its spawner's process */
	int parent; /* the spawner; -1: the tracer */
	/* It is traced with TRACECLONE; the tracer says so. */
	volatile int clone_traced;
	struct step steps[MAX_STEPS];
};

struct board {
	struct task tasks[MAX_TASKS];
	int threads; /* some task is a thread */
	char leaf[256];
	volatile long scratch[16];
	volatile int futex;
	size_t length;
	char text[TEXT_SIZE];
	char stacks[MAX_TASKS][STACK_SIZE] __attribute__((aligned(16)));
};

/* ---- script.c: freestanding; runs in tracees ---- */

/* Follows the script of a task. Does not return. */
__attribute__((noreturn)) void run_task(struct task *task);

/* What SIG does: 0 its default, 1 nothing, 2 it is caught. */
void set_action(int sig, int what);

/* The system call NR, with nothing of a libc. */
long raw_call(long nr, long a, long b, long c, long d, long e, long f);

/* Places that an instruction pointer is told by. */
extern const char at_call[], at_spawn[], at_trap[], at_fault[], at_illegal[],
    at_divide[], at_handler[], at_restorer[];

/* ---- generate.c ---- */

void seed_random(uint64_t seed);

/* A number below N. */
unsigned int chance(unsigned int n);

/* One of the signals that the test is about. */
int any_signal(void);

/* Writes the scripts; returns how many tasks there are from the start. */
int write_scripts(void);

/* ---- show.c ---- */

__attribute__((format(printf, 1, 2))) void note(const char *format, ...);

/* Ends a line: the result of a request and errno, or just the error. */
void note_result(long result);

/* The name of a task by its thread id, or of another process. */
const char *who(pid_t tid);

void note_status(int index, int status);
void note_siginfo(const void *info);
void note_address(uint64_t address);

/* ---- settle.c ---- */

enum life { NOBODY, RUNS, STOPPED, GONE };

struct known {
	enum life life;
	int status;  /* of the last stop */
	int options; /* those in force, if it is traced */
	int begun;   /* its options have been set */
	int steps;   /* its last resume was a step */
};

extern struct known known[MAX_TASKS];

/*
 * Waits until all rest, and notes what changed. FORM is how to wait: one of
 * four. -1: they do not come to rest.
 */
int settle(int form);

/* The letter of a thread's state, 0 if there is none. */
char letter_of(pid_t tid);

/* ---- tracer.c, requests.c, registers.c ---- */

/* Runs the sequence of a seed in this process, which is left by _exit(). */
__attribute__((noreturn)) void run_sequence(uint64_t seed);

/* One request, of those that are tried at random, for task INDEX. */
void random_request(int index);

/* The same, of those that are about registers and the system call. */
void random_data_request(int index);

/* ptrace() with integers for its pointers. */
long request(int code, pid_t pid, uintptr_t addr, uintptr_t data);

#endif
