/* SPDX-License-Identifier: MIT */
/* The first stack of a program, for exec.c alone. */
#ifndef EXECSTACK_H
#define EXECSTACK_H

#include <stdbool.h>
#include <stdint.h>

struct exec_strings;
struct vm;

struct exec_info {
	uint64_t vdso;	  /* where it is */
	const char *path; /* AT_EXECFN */
	const struct exec_strings *argv, *envp;
	uint64_t phdr, phnum, entry; /* of the program */
	uint64_t base;		     /* of its interpreter, or 0 */
	bool exec_stack;
	uint32_t euid, egid; /* of the program */
	bool hidden;	     /* a part of it may be executed, not read */
};

/*
 * Make VM's stack with arguments, environment and auxiliary vector, and fill
 * in its layout. -E2BIG, -ENOMEM.
 */
int stack_build(struct vm *vm, const struct exec_info *info);

#endif
