/* SPDX-License-Identifier: MIT */
/* Traced: a program that aborts. */
#define _GNU_SOURCE
#include <stdlib.h>

int
main(void)
{
	abort();
}
