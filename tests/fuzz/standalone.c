/* SPDX-License-Identifier: MIT */
/*
 * Runs a libFuzzer program without libFuzzer, always the same way:
 *
 *	fuzz_NAME [-n COUNT] FILE...
 *
 * Each FILE is tried as it is; then COUNT (10000) inputs made from them by
 * changing a few bytes, cutting and joining.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	size_t size;
	uint8_t data[INPUT_MAX];
};

static uint64_t state = 88172645463325252;

/* Marsaglia's xorshift: the same numbers on every host. */
static size_t
pick(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 16) % n;
}

static void
try(const struct input *in)
{
	/* Of its own size, so that a sanitizer sees a read past the end. */
	uint8_t *copy = malloc(in->size ? in->size : 1);

	if (!copy)
		abort();
	memcpy(copy, in->data, in->size);
	LLVMFuzzerTestOneInput(copy, in->size);
	free(copy);
}

static void
read_input(const char *path, struct input *out)
{
	FILE *f = fopen(path, "rb");

	if (!f) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	out->size = fread(out->data, 1, sizeof(out->data), f);
	fclose(f);
}

/* Change IN; OTHER is what is joined to it. */
static void
mutate(struct input *in, const struct input *other)
{
	size_t from, n;

	switch (pick(8)) {
	case 0:
		in->size = pick(in->size + 1);
		break;
	case 1:
		from = pick(other->size + 1);
		n = other->size - from;
		if (n > INPUT_MAX - in->size)
			n = INPUT_MAX - in->size;
		memcpy(in->data + in->size, other->data + from, n);
		in->size += n;
		break;
	case 2:
		for (n = pick(20); in->size && n > 0; n--)
			in->data[pick(in->size)] = pick(256);
		break;
	default:
		for (n = 1 + pick(4); in->size && n > 0; n--)
			in->data[pick(in->size)] ^= 1 << pick(8);
	}
}

int
main(int argc, char **argv)
{
	long count = 10000;
	int first = 1;
	int files;
	struct input *seeds;
	static struct input in;

	if (argc > 2 && !strcmp(argv[1], "-n")) {
		count = strtol(argv[2], NULL, 10);
		first = 3;
	}
	files = argc - first;
	seeds = calloc(files + 1, sizeof(*seeds)); /* and an empty one */
	if (!seeds)
		abort();
	for (int i = 0; i < files; i++) {
		read_input(argv[first + i], &seeds[i]);
		try(&seeds[i]);
	}
	for (long i = 0; i < count; i++) {
		if (i % 16 == 0)
			in = seeds[pick(files + 1)];
		mutate(&in, &seeds[pick(files + 1)]);
		try(&in);
	}
	printf("%d files and %ld inputs made from them: passed\n", files,
	       count);
	free(seeds);
	return EXIT_SUCCESS;
}
