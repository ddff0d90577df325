/* SPDX-License-Identifier: MIT */
/* Traced: the smallest program. */
#define _GNU_SOURCE
#include <unistd.h>

int
main(void)
{
	write(1, "hello\n", 6);
	return 0;
}
