/* SPDX-License-Identifier: MIT */
/*
 * What tests over the simulated machine begin and end with: a machine, the
 * test as a process ME of it, small programs. Each test ends with the census:
 * bed_end() fails it if a frame, thread, file... was not given back.
 */
#ifndef TESTS_BED_H
#define TESTS_BED_H

#include <asm.h>
#include <sim.h>

#include "suite.h"

extern struct sim *sim;
extern struct sim_thread *me; /* uid 0 */

/* CONFIG may be NULL. */
void bed_begin(const struct sim_config *config);
void bed_end(void);
/* The same as Check's fixtures, without options. */
void bed_setup(void);
void bed_teardown(void);

/* A new program, to be filled in. */
struct as *bed_as(void);
/* Install the program of the last bed_as() under PATH. */
void bed_install(const char *path);
/* Install it and make a child of ME that executes it, with UID. Its pid. */
int32_t bed_spawn(void);
int32_t bed_spawn_as(uint32_t uid);

/* Emit: exit(STATUS). */
void bed_exit(struct as *a, int status);
/* Emit: for ever. */
void bed_loop(struct as *a);
/* A string in the data of the next program, and its address there. */
uint64_t bed_string(const char *s);
/* LEN bytes there, at a multiple of 8. */
uint64_t bed_bytes(const void *bytes, size_t len);
/* LEN zero bytes there. */
uint64_t bed_room(size_t len);

/* The u64 at VA of process PID, past all rights. */
uint64_t bed_peek(int32_t pid, uint64_t va);

/* Open proc:TID/NAME for SELF; fails the test if that does. */
int bed_open(struct sim_thread *self, int32_t tid, const char *name,
	     unsigned flags);
/* The same, but the error is the result. */
int bed_try(struct sim_thread *self, int32_t tid, const char *name,
	    unsigned flags);
/* Wait for the child PID of ME to die; its status. */
int bed_reap(int32_t pid);

#endif
