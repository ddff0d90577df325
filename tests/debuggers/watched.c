/* SPDX-License-Identifier: MIT */
/* Debugged: variables of each size that are read and written. */
#include <stdint.h>
#include <stdio.h>

struct pair {
	int first;
	long second;
};

static volatile int counter;
static volatile uint8_t byte;
static volatile uint16_t word;
static volatile uint64_t quad;
static struct pair pair;

static void
write_all(int n)
{
	counter = n;
	byte = (uint8_t)(n + 1);
	word = (uint16_t)(n * 2);
	quad = (uint64_t)n << 40;
	pair.first = n;
	pair.second = -n;
}

static uint64_t
read_all(void)
{
	uint64_t sum = (uint64_t)counter;

	sum += byte;
	sum += word;
	sum += quad;
	return sum;
}

static int
scoped(int n)
{
	int local;

	local = n;
	local *= 3;
	local -= 1;
	return local;
}

int
main(void)
{
	uint64_t sum = 0;
	int i;

	for (i = 1; i <= 4; i++) {
		write_all(i);
		sum += read_all();
		sum += (uint64_t)scoped(i);
	}
	printf("sum %llu\n", (unsigned long long)sum);
	return 0;
}
