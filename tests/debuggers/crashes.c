/* SPDX-License-Identifier: MIT */
/* Debugged: dies of what its argument says. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int *nowhere = (int *)16;
static volatile int zero;

static int
deep(int n)
{
	volatile char room[4096];

	if (n < 0)
		return 0;
	room[0] = (char)n;
	return deep(n + 1) + room[0];
}

static void
die(const char *how)
{
	void (*wild)(void) = (void (*)(void))0x123456;

	if (!strcmp(how, "segv"))
		*nowhere = 1;
	else if (!strcmp(how, "divide"))
		zero = 1 / zero;
	else if (!strcmp(how, "abort"))
		abort();
	else if (!strcmp(how, "stack"))
		deep(0);
	else if (!strcmp(how, "illegal"))
		__asm__ volatile("ud2");
	else if (!strcmp(how, "trap"))
		__asm__ volatile("int3");
	else if (!strcmp(how, "jump"))
		wild();
	else if (!strcmp(how, "privileged"))
		__asm__ volatile("hlt");
	else if (!strcmp(how, "noncanonical"))
		*(volatile int *)0x8000000000000000 = 1;
}

int
main(int argc, char **argv)
{
	if (argc > 1)
		die(argv[1]);
	puts("alive");
	return 0;
}
