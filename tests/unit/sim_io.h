/* SPDX-License-Identifier: MIT */
/* libptrace on the simulated machine: its io is the machine's files. */
#ifndef TESTS_SIM_IO_H
#define TESTS_SIM_IO_H

#include <sim.h>

struct ptrace_io;
extern const struct ptrace_io sim_io;

/*
 * Who calls the library. Another process's calls find a library that knows
 * nothing, as after a fork.
 */
void sim_io_become(struct sim_thread *self);

/* The scheme as Redox had it: no extension is served from now on. */
void sim_io_base(bool on);

/*
 * The file operations so far: open, close, read, write, poll. For the cost of
 * a request.
 */
unsigned long sim_io_count(void);

#endif
