/* SPDX-License-Identifier: MIT */
/*
 * Programs: ELF files and scripts.
 */
#ifndef EXEC_H
#define EXEC_H

#include <stddef.h>

/* Kernel copies of the argument and environment strings. */
struct exec_strings {
	char **v; /* n pointers to kmalloc()ed strings */
	size_t n;
	size_t bytes; /* with the NULs */
};

/*
 * Replace the current process's program by the file at PATH, relative to
 * directory descriptor DIRFD (or AT_FDCWD). The strings stay the caller's.
 * On 0 the trap frame is the new program's. After the point of no return an
 * error kills the process with SIGKILL. May sleep. Errors as execve(2).
 */
int exec_program(int dirfd, const char *path, struct exec_strings *argv,
		 struct exec_strings *envp, unsigned flags);

#endif
