/* SPDX-License-Identifier: MIT */
/*
 * Tests of libptrace over the simulated machine: the same calls that a
 * debugger makes, with what it would see on Linux.
 */
#ifndef TESTS_PT_H
#define TESTS_PT_H

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/types.h>
/* the header under test; no libc's */
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "bed.h"
#include "sim_io.h"

#ifndef __WALL
#define __WALL 0x40000000
#endif

/* Fixtures: a machine, ME as the caller of the library. */
void pt_setup(void);
void pt_teardown(void);
/* In the middle of a test, with another machine. */
void pt_restart(const struct sim_config *config);

#define STOPPED(sig)	  ((sig) << 8 | 0x7f)
#define STOPPED_EVENT(ev) (((ev) << 8 | SIGTRAP) << 8 | 0x7f)
#define STOPPED_SYSCALL	  STOPPED(SIGTRAP | 0x80)
#define EXITED(code)	  ((code) << 8)

/* PTRACE requests, all arguments as words; fails the test on an error. */
long pt(int request, pid_t pid, uintptr_t addr, uintptr_t data);
/* The same; the error is the result, negated. */
long pt_try(int request, pid_t pid, uintptr_t addr, uintptr_t data);
/* waitpid(PID, .., __WALL) gives PID with STATUS. */
void pt_wait(pid_t pid, int status);
/* The result of waitpid() with OPTIONS, negated errno. */
pid_t pt_wait_try(pid_t pid, int *status, int options);
/* PTRACE_ATTACH, wait for the SIGSTOP. */
void pt_attach(pid_t pid);
/* PTRACE_SEIZE with OPTIONS, then PTRACE_INTERRUPT and the stop. */
void pt_seize(pid_t pid, unsigned options);
/* Let it go to its end; it exits with CODE. */
void pt_finish(pid_t pid, int code);
struct user_regs_struct pt_regs(pid_t pid);
/* PTRACE_PEEKDATA, which must work. */
long pt_peek(pid_t pid, uint64_t va);
/* Emit: write traceme, so that the parent traces this program from here. */
void pt_emit_traceme(struct as *a);

#endif
