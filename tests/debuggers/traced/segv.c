/* SPDX-License-Identifier: MIT */
/* Traced: a fault caught on another stack, then one that kills. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static char stack[65536];

static void
on_fault(int sig)
{
	(void)sig;
	write(1, "fault\n", 6);
}

int
main(void)
{
	stack_t ss = {.ss_sp = stack, .ss_size = sizeof(stack)};
	struct sigaction sa = {.sa_handler = on_fault,
			       .sa_flags = SA_ONSTACK | (int)SA_RESETHAND};

	sigaltstack(&ss, NULL);
	sigaction(SIGSEGV, &sa, NULL);
	*(volatile int *)16 = 1;
	return 0;
}
