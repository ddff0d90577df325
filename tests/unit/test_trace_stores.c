/* SPDX-License-Identifier: MIT */
/*
 * `mem`, mapped to be written: whose memory a store goes to, after everything
 * that can happen to the page.
 */
#include "mapped.h"

static void
store(uint64_t v)
{
	ck_assert_int_eq(sim_mapped_store(me, mfd, word, &v, sizeof(v)), 0);
}

/* The word that TID has at VA, whatever its rights are. */
static uint64_t
word_of(int32_t tid, uint64_t va)
{
	int h = bed_open(me, tid, PROC_FILE_MEM, SIM_O_READ);
	uint64_t v;

	ck_assert_int_eq(sim_pread(me, h, &v, sizeof(v), va), sizeof(v));
	sim_close(me, h);
	return v;
}

static long
frames(void)
{
	struct sim_census c;

	sim_census(sim, &c);
	return c.frames;
}

/* Read, and then written: what all share is copied first. */
START_TEST(store_is_the_tracees)
{
	uint64_t generation;
	int32_t other;
	long before;

	begin();
	other = sim_spawn(sim, me, "/bin/test1", 0);
	ck_assert_int_gt(other, 0);
	ck_assert_uint_eq(load(), 0);
	generation = record().generation;
	store(77);
	ck_assert_uint_gt(record().generation, generation);
	ck_assert_uint_eq(load(), 77);
	ck_assert_uint_eq(word_of(pid, word), 77);
	ck_assert_uint_eq(word_of(other, word), 0);
	/* It is the tracee's own from now on. */
	generation = record().generation;
	before = frames();
	store(78);
	ck_assert_uint_eq(word_of(pid, word), 78);
	ck_assert_uint_eq(record().generation, generation);
	ck_assert_int_eq(frames(), before);
	/* The tracee's own store is no change. */
	ck_assert(!next());
	ck_assert_uint_eq(load(), 5);
	store(79);
	ck_assert_uint_eq(word_of(pid, word), 79);
	/* Forked, whose child has what was stored, and copied. */
	ck_assert(next());
	store(80);
	ck_assert_uint_eq(word_of(pid, word), 80);
	/* Without any right. */
	ck_assert(next());
	store(81);
	ck_assert_uint_eq(word_of(pid, word), 81);
	ck_assert_uint_eq(record().lost, 0);
	/* Unmapped: a page of nobody's. */
	ck_assert(next());
	store(82);
	ck_assert_uint_eq(load(), 82);
	ck_assert_uint_eq(record().lost, 1);
	sim_kill(me, other, 9);
	bed_reap(other);
	finish();
}
END_TEST

/* When the session is over a store goes nowhere; the tracee may live on. */
START_TEST(store_after_the_end)
{
	begin();
	store(77);
	if (_i == 0) {
		go(fd, PROC_FLAG_DETACH);
	} else {
		sim_close(me, fd);
		fd = -1;
	}
	ck_assert_int_eq(sim_mapped_pages(me, mfd), 0);
	store(99);
	ck_assert_uint_eq(load(), 99);
	ck_assert_uint_eq(word_of(pid, word), 77);
	finish();
}
END_TEST

/* The frame that was the tracee's is somebody else's when the store comes. */
START_TEST(store_after_death)
{
	long before;

	begin();
	store(77);
	before = frames();
	sim_kill(me, pid, 9);
	sim_idle(sim);
	ck_assert_int_eq(sim_mapped_pages(me, mfd), 0);
	ck_assert_int_lt(frames(), before);
	before = frames();
	store(0x5ca1ab1e);
	ck_assert_int_eq(frames(), before + 1);
	finish();
}
END_TEST

/* What is shared after a fork is neither the child's nor written to. */
START_TEST(store_after_fork)
{
	struct as *a = bed_as();
	int32_t child;
	size_t jump;

	word = bed_room(8);
	as_mov(a, RBP, word);
	as_int3(a);
	as_sys(a, 57);
	as_cmp(a, RAX, 0);
	jump = as_jz(a, 0);
	as_int3(a);
	bed_exit(a, 3);
	as_land(a, jump);
	bed_loop(a);
	map_spawned();
	store(70);
	ck_assert_int_eq(sim_mapped_pages(me, mfd), 1);
	ck_assert(next());
	child = (int32_t)record().regs.rax;
	ck_assert_uint_eq(load(), 70);
	store(71);
	ck_assert_uint_eq(word_of(pid, word), 71);
	ck_assert_uint_eq(word_of(child, word), 70);
	sim_kill(me, child, 9);
	finish();
	sim_idle(sim);
}
END_TEST

/* A breakpoint is the tracee's alone, and copies the page of text once. */
START_TEST(store_into_text)
{
	const uint64_t traps = UINT64_C(0xcccccccccccccccc);
	uint64_t was, generation, text = SIM_TEXT + 64;
	int32_t other;
	long before;

	begin();
	other = sim_spawn(sim, me, "/bin/test1", 0);
	word = text;
	was = load();
	ck_assert_uint_eq(was, word_of(other, text));
	store(traps);
	ck_assert_uint_eq(word_of(pid, text), traps);
	ck_assert_uint_eq(word_of(other, text), was);
	before = frames();
	generation = record().generation;
	for (int i = 0; i < 4; i++) {
		store(i & 1 ? traps : was);
		ck_assert_uint_eq(load(), i & 1 ? traps : was);
	}
	ck_assert_int_eq(frames(), before);
	ck_assert_uint_eq(record().generation, generation);
	ck_assert_uint_eq(word_of(other, text), was);
	sim_kill(me, other, 9);
	bed_reap(other);
	finish();
}
END_TEST

START_TEST(opened_to_be_read)
{
	begin();
	store(5);
	sim_close(me, mfd);
	mfd = bed_open(me, pid, PROC_FILE_MEM, SIM_O_READ);
	ck_assert_int_eq(sim_map_write(me, mfd), -EACCES);
	ck_assert_int_eq(sim_map(me, mfd), 0);
	ck_assert_uint_eq(load(), 5);
	ck_assert_int_eq(sim_mapped_store(me, mfd, word, &word, 8), -EBADF);
	finish();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("trace_stores");
	TCase *tc = tcase_create("stores");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, bed_setup, bed_teardown);
	tcase_add_test(tc, store_is_the_tracees);
	tcase_add_loop_test(tc, store_after_the_end, 0, 2);
	tcase_add_test(tc, store_after_death);
	tcase_add_test(tc, store_after_fork);
	tcase_add_test(tc, store_into_text);
	tcase_add_test(tc, opened_to_be_read);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
