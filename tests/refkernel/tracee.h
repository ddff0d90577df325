/* SPDX-License-Identifier: MIT */
/*
 * A tracee that does one thing after the other, held by the files of the scheme
 * alone, whose `stop` and `mem` are mapped.
 */
#ifndef TESTS_TRACEE_H
#define TESTS_TRACEE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/proc_scheme.h>
#include <sys/types.h>

#define PAGE 4096
#define AT   ((volatile long *)0x10000000) /* the page in question */

/* Words between tracer and tracee. */
extern volatile long *board;

enum { GO, DONE, PID };

struct tracee {
	pid_t pid;
	int trace, mem;
	const volatile struct proc_stop *stop;
	volatile long *window; /* onto AT */
};

/* Make the board. */
void make_board(void);

/* proc:PID/NAME; -1 and errno. */
int open_file(pid_t pid, const char *name, int flags);
/* Map the page at AT of FD, shared; NULL and errno. */
volatile void *map(int fd, const volatile void *at, int prot);

/*
 * A tracee that does BODY at each command, seized and stopped, with AT mapped
 * by PROT.
 */
struct tracee start(void (*body)(void), int prot);
/* Let it do its next thing and stop it. */
void next(const struct tracee *t);
void finish(struct tracee *t);

/* Write FLAGS to `trace`. */
void command(const struct tracee *t, uint64_t flags);
/* The next event of these kinds. */
void await(const struct tracee *t, uint64_t causes);
void halt(const struct tracee *t);
void resume(const struct tracee *t);

/* AT, private, with 1000 in its first word. */
void make_page(void);

#define CANARY 0x5ca1ab1e

/*
 * Fill most of what memory is free with the canary, in another process; end
 * that. False: a canary was not what it had been.
 */
void fill_memory(void);
bool empty_memory(void);

/* The signal that a load from *AT, or a store of 1, ends in; 0. */
int fault_of(volatile long *at, bool write);

#endif
