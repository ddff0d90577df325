/* SPDX-License-Identifier: MIT */
/* What proc_random.c and the operations of its fuzzers share. */
#ifndef TESTS_PROC_RANDOM_H
#define TESTS_PROC_RANDOM_H

#include <stdint.h>
#include <sys/types.h>

#define USER	 12001 /* the fuzzers', and more for each round */
#define OTHER	 13001
#define FUZZERS	 2
#define THREADS	 3
#define VICTIMS	 4
#define CANARIES 3
#define FDS	 64
#define PATTERN	 0x5ca1ab1e0ddba11u

/* Shared by all. */
struct board {
	volatile long beats[CANARIES]; /* a canary lives */
	volatile int hurt[CANARIES];   /* its memory was changed */
	volatile int opened;	       /* a file of one was of use */
	volatile pid_t victims[FUZZERS][VICTIMS];
	char trouble[128];
};

extern struct board *board;
extern pid_t canaries[CANARIES];
extern char self_path[4096];
extern volatile uint64_t *pattern;

struct fuzzer {
	uint64_t state;
	int number; /* of the process */
	int operations;
	int fds[FDS];
	char *page; /* two, of which the second is not there */
};

/* One file operation, kill or new victim. */
void one_operation(struct fuzzer *f);

/* What the fuzzers may trace; WHAT tells how it lives and ends. */
__attribute__((noreturn)) void victim(unsigned what);

#endif
