/* SPDX-License-Identifier: MIT */
/* A tracee of ME whose `stop` and `mem` are mapped. */
#ifndef TESTS_MAPPED_H
#define TESTS_MAPPED_H

#include "tracer.h"

#define MASK (PROC_STOP_BREAKPOINT | PROC_STOP_EXEC | PROC_EVENT_EXITED)

extern int32_t pid;
extern int fd, sfd, mfd; /* trace, stop, mem */
extern uint64_t word;	 /* in its memory */

/* Emit: stops before and after each change of WORD's page. */
struct as *emit_program(void);
/* The last program, in the first of its stops, with both files mapped. */
void map_spawned(void);
/* Both. */
void begin(void);
void finish(void);

struct proc_stop record(void);
/* What the mapping of `mem` shows for WORD. */
uint64_t load(void);
/* On to the next stop. Returns whether the pages of `mem` were taken back. */
bool next(void);

#endif
