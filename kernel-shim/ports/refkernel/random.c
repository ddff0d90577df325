/* SPDX-License-Identifier: MIT */
/* ChaCha20 (RFC 8439) with a key from the CPU; each call changes the key. */
#include "random.h"

#include <stdbool.h>
#include <stdint.h>

#include "cpu.h"
#include "string.h"

#define CPUID_RDRAND (1u << 30) /* leaf 1, ecx */

static uint32_t state[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
static bool seeded;

static uint64_t
hardware(void)
{
	uint32_t id[4];
	uint64_t v = 0;

	cpuid(1, 0, id);
	if (id[2] & CPUID_RDRAND)
		__asm__ volatile("rdrand %0" : "=r"(v)::"cc");
	return v ^ rdtsc() * 0x9e3779b97f4a7c15u;
}

static uint32_t
rotate(uint32_t v, unsigned n)
{
	return v << n | v >> (32 - n);
}

static void
quarter(uint32_t *x, unsigned a, unsigned b, unsigned c, unsigned d)
{
	x[a] += x[b];
	x[d] = rotate(x[d] ^ x[a], 16);
	x[c] += x[d];
	x[b] = rotate(x[b] ^ x[c], 12);
	x[a] += x[b];
	x[d] = rotate(x[d] ^ x[a], 8);
	x[c] += x[d];
	x[b] = rotate(x[b] ^ x[c], 7);
}

static void
block(uint32_t out[16])
{
	memcpy(out, state, sizeof(state));
	for (unsigned i = 0; i < 10; i++) {
		quarter(out, 0, 4, 8, 12);
		quarter(out, 1, 5, 9, 13);
		quarter(out, 2, 6, 10, 14);
		quarter(out, 3, 7, 11, 15);
		quarter(out, 0, 5, 10, 15);
		quarter(out, 1, 6, 11, 12);
		quarter(out, 2, 7, 8, 13);
		quarter(out, 3, 4, 9, 14);
	}
	for (unsigned i = 0; i < 16; i++)
		out[i] += state[i];
	state[12]++;
}

void
random_bytes(void *buf, size_t n)
{
	uint32_t out[16];
	char *to = buf;

	for (unsigned i = 4; !seeded && i < 16; i += 2) {
		uint64_t v = hardware();

		memcpy(&state[i], &v, sizeof(v));
	}
	seeded = true;
	state[13] ^= (uint32_t)rdtsc();
	while (n) {
		size_t k = n < sizeof(out) ? n : sizeof(out);

		block(out);
		memcpy(to, out, k);
		to += k;
		n -= k;
	}
	/* What was given out cannot be computed from the new key. */
	block(out);
	memcpy(&state[4], out, 8 * sizeof(uint32_t));
}
