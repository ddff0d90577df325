/* SPDX-License-Identifier: MIT */
/* The files of the scheme, as a test uses them as the tracer ME. */
#ifndef TESTS_TRACER_H
#define TESTS_TRACER_H

#include <sys/proc_scheme.h>

#include "bed.h"

#define SYSCALLS (PROC_STOP_PRE_SYSCALL | PROC_STOP_POST_SYSCALL)

/* Open `trace` of TID, which seizes it. */
int seize(int32_t tid);
/* Open `trace` of TID with O_TRUNC and let it come to its stop. */
int freeze(int32_t tid);
/* Write FLAGS to `trace`; fails the test if that does. */
void go(int fd, uint64_t flags);
void go_signal(int fd, uint64_t flags, int sig);
/* The result of such a write. */
int64_t go_try(int fd, uint64_t flags);

/* The next event of `trace`; its cause must be CAUSE. */
struct proc_event expect(int fd, uint64_t cause);
/* A read of `trace` gives the error ERR. */
void expect_error(int fd, int err);
/* The tracee dies; the event of that, if there is one, is read. */
void expect_end(int fd);
/* Nothing more happens, and nothing is queued. */
void expect_quiet(int fd);
/* The next event of `events`. */
struct proc_tracer_event expect_any(int fd, int32_t tid, uint64_t cause);

struct proc_user_regs get_regs(int32_t tid);
void set_regs(int32_t tid, const struct proc_user_regs *r);
/* Read or write a whole file of TID once; the result of that. */
int64_t read_file(int32_t tid, const char *name, void *buf, size_t len);
int64_t write_file(int32_t tid, const char *name, const void *buf, size_t len);

/* The letter of sim_state(), 0 if TID does not exist. */
char state_of(int32_t tid);

#endif
