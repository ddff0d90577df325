/* SPDX-License-Identifier: MIT */
/*
 * The system call table. Each area has a header with the prototypes of its
 * calls and a list of them:
 *
 *	calls_mem.h     CALLS_MEM(X)     memory and exec
 *	calls_file.h    CALLS_FILE(X)    files
 *	calls_thread.h  CALLS_THREAD(X)  the rest
 *
 * A list is a macro of lines X(NUMBER, NAME). `long sys_NAME(...)` takes its
 * own number of arguments, each of an integer type (pointers are uint64_t
 * user addresses), and returns a result, or -errno.
 */
#ifndef REFKERNEL_SYSCALL_H
#define REFKERNEL_SYSCALL_H

#include <stdbool.h>

/* Log unknown calls. */
extern bool syscall_log_unknown;

#endif
