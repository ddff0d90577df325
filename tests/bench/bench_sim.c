/* SPDX-License-Identifier: MIT */
/*
 * What ptrace requests and reads of `mem` cost through the whole stack, the
 * library, the files of the scheme and the frame mapping, over the simulated
 * machine: so without the price of a kernel entry. It is CPU time, since other
 * programs may run beside it. One line of CSV each: name,
 * size or number of tracees, ns or MB/s, and what it is compared with.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../unit/pt.h"

#define TRACEES 4096
#define PAUSE	34
#define SAMPLES 9

static pid_t pid[TRACEES];

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

/* No assertion of Check's here: each costs a system call. */
static void
one(int request, int i)
{
	static struct user_regs_struct regs;
	long r;

	if (request == PTRACE_PEEKDATA)
		r = ptrace(request, pid[i], (void *)(uintptr_t)SIM_DATA, NULL);
	else
		r = ptrace(request, pid[i], NULL, &regs);
	if (r == -1)
		abort();
}

/* The best of some samples: ns for REQUEST, over N tracees in turn. */
static double
cost(int request, int n)
{
	enum { ROUNDS = 8192 };
	double best = 1e18;

	for (int sample = 0; sample < SAMPLES; sample++) {
		double t = now();

		for (int k = 0; k < ROUNDS; k++)
			one(request, k % n);
		t = (now() - t) / ROUNDS;
		best = t < best ? t : best;
	}
	return best;
}

/*
 * Work that is the same whatever N is, of about as many instructions as a
 * request: what the processor's present speed is measured by.
 */
static void
reference(void)
{
	static volatile uint64_t word[64];

	for (int i = 0; i < 64; i++)
		word[i] = word[63 - i] * 3 + 1;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * N tracees there are, but one is asked: how much do the others cost? The
 * processor's speed changes by half from one moment to the next where others
 * share it, so that each sample is taken beside one of the reference; the
 * median of their ratios.
 */
static double
cost_of_one(int request, int which)
{
	enum { ROUNDS = 64, SHORT_SAMPLES = 4001 };
	static double ratio[SHORT_SAMPLES];

	for (int sample = 0; sample < SHORT_SAMPLES; sample++) {
		double t0 = now(), t1, t2;

		for (int k = 0; k < ROUNDS; k++)
			one(request, which);
		t1 = now();
		for (int k = 0; k < ROUNDS; k++)
			reference();
		t2 = now();
		ratio[sample] = (t1 - t0) / (t2 - t1);
	}
	qsort(ratio, SHORT_SAMPLES, sizeof(*ratio), by_value);
	return ratio[SHORT_SAMPLES / 2];
}

static void
install(void)
{
	struct as *a = bed_as();

	bed_string("data");
	as_sys(a, PAUSE);
	bed_install("/bin/pause");
}

static void
add_tracees(int from, int to)
{
	for (int i = from; i < to; i++) {
		pid[i] = sim_spawn(sim, me, "/bin/pause", 0);
		ck_assert_int_gt(pid[i], 0);
		pt(PTRACE_ATTACH, pid[i], 0, 0);
	}
	for (int i = from; i < to; i++)
		pt_wait(pid[i], STOPPED(SIGSTOP));
}

START_TEST(requests)
{
	struct sim_config c = {.ram = UINT64_C(512) << 20};
	int have = 0;

	pt_restart(&c);
	install();
	for (int n = 1; n <= TRACEES; n *= 4) {
		add_tracees(have, n);
		have = n;
		printf("PEEKDATA,%d,%.0f,ns,one of them %.3f references\n", n,
		       cost(PTRACE_PEEKDATA, n),
		       cost_of_one(PTRACE_PEEKDATA, n / 2));
		printf("GETREGS,%d,%.0f,ns,one of them %.3f references\n", n,
		       cost(PTRACE_GETREGS, n),
		       cost_of_one(PTRACE_GETREGS, n / 2));
		fflush(stdout);
	}
}
END_TEST

#define AREA (UINT64_C(64) << 20)

/* One pass of reads of LEN bytes at a time over ROUNDS places: ns. */
static double
read_mem(int fd, unsigned char *buf, uint64_t at, size_t len, size_t rounds)
{
	double t = now();

	for (size_t k = 0; k < rounds; k++)
		if (sim_pread(me, fd, buf, len, at + k * len) != (int64_t)len)
			abort();
	return now() - t;
}

static double
copy_mem(unsigned char *buf, const unsigned char *from, size_t len,
	 size_t rounds)
{
	double t = now();

	for (size_t k = 0; k < rounds; k++) {
		memcpy(buf, from + k * len, len);
		__asm__ volatile("" : : "r"(buf) : "memory");
	}
	return now() - t;
}

/* Both, by turns: MB/s of the best pass of each, the median of the ratios. */
static void
compare(const char *name, int fd, unsigned char *buf, uint64_t at,
	const unsigned char *from, size_t len)
{
	enum { PASSES = 15 };
	size_t rounds = AREA / len < 4096 ? AREA / len : 4096;
	double mem = 1e18, copy = 1e18, ratio[PASSES];

	for (int pass = 0; pass < PASSES; pass++) {
		double m = read_mem(fd, buf, at, len, rounds);
		double c = copy_mem(buf, from, len, rounds);

		mem = m < mem ? m : mem;
		copy = c < copy ? c : copy;
		ratio[pass] = c / m;
	}
	qsort(ratio, PASSES, sizeof(*ratio), by_value);
	printf("%s,%zu,%.0f,MB/s,memcpy %.0f: %.0f %% of its rate\n", name, len,
	       (double)(rounds * len) * 1e3 / mem,
	       (double)(rounds * len) * 1e3 / copy, 100 * ratio[PASSES / 2]);
	fflush(stdout);
}

START_TEST(memory)
{
	struct sim_config c = {.ram = UINT64_C(256) << 20, .window = _i};
	unsigned char *buf = aligned_alloc(4096, AREA),
		      *from = aligned_alloc(4096, AREA);
	uint64_t out, at;
	struct as *a;
	pid_t p;
	int fd;

	ck_assert(buf && from);
	pt_restart(&c);
	a = bed_as();
	out = bed_room(8);
	as_sys(a, 9, 0, AREA, 3, 0x22, 0, 0);
	as_mov(a, RBX, out);
	as_store(a, RBX, 0, RAX);
	as_sys(a, PAUSE);
	p = bed_spawn();
	sim_idle(sim);
	at = bed_peek(p, out);
	fd = bed_open(me, p, "mem", SIM_O_RDWR);
	memset(from, 7, AREA);
	memset(buf, 9, AREA);
	for (size_t off = 0; off < AREA; off += 1 << 20)
		sim_pwrite(me, fd, from, 1 << 20, at + off);
	for (size_t len = 1; len <= AREA; len *= 4)
		compare(_i ? "mem by window" : "mem", fd, buf, at, from, len);
	sim_close(me, fd);
	free(buf);
	free(from);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("bench_sim");
	TCase *tc = tcase_create("bench");

	tcase_set_timeout(tc, 600);
	tcase_add_checked_fixture(tc, pt_setup, pt_teardown);
	tcase_add_test(tc, requests);
	tcase_add_loop_test(tc, memory, 0, 2);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
