/* SPDX-License-Identifier: MIT */
/* The program that a tracee executes: it goes on with the task of argv[1]. */
#include "random.h"

#include <sys/mman.h>
#include <sys/syscall.h>

void leaf(const long *stack);

__asm__(".globl _start\n"
	"_start:\n"
	"	mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call leaf\n");

void
leaf(const long *stack)
{
	const char *index = (const char *)stack[2];

	raw_call(SYS_mmap, (long)BOARD, sizeof *BOARD, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_FIXED, BOARD_FD, 0);
	run_task(&BOARD->tasks[index[0] - '0']);
}
