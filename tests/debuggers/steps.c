/* SPDX-License-Identifier: MIT */
/* Debugged: calls, loops, recursion and a system call to step through. */
#include <stdio.h>
#include <sys/syscall.h>

static int total;

static int
add(int a, int b)
{
	int sum;

	sum = a + b;
	total += sum;
	return sum;
}

static long
factorial(int n)
{
	long rest;

	if (n < 2)
		return 1;
	rest = factorial(n - 1);
	return n * rest;
}

/* The instructions are the same whatever compiles them. */
static long
kernel_call(long number)
{
	long result;

	__asm__ volatile(".globl before_call, after_call\n"
			 "before_call:\n\t"
			 "mov %1, %%rax\n\t"
			 "syscall\n"
			 "after_call:\n\t"
			 "mov %%rax, %0\n\t"
			 "nop"
			 : "=r"(result)
			 : "r"(number)
			 : "rax", "rcx", "r11", "memory");
	return result;
}

int
main(int argc, char **argv)
{
	const char *names[] = {"one", "two", "three"};
	int i;

	for (i = 0; i < 10; i++)
		add(i, argc);
	printf("total %d\n", total);
	printf("%ld\n", factorial(5));
	for (i = 0; i < 3; i++)
		printf("%s %s\n", argv[0] ? "name" : "none", names[i]);
	printf("%d\n", kernel_call(SYS_getuid) >= 0);
	return total % 7;
}
