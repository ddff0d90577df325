/* SPDX-License-Identifier: MIT */
/*
 * `stop` and `mem`, mapped: what a page shows, when it is taken back; and that
 * nothing leaks, whatever fails.
 */
#include <errno.h>
#include <string.h>

#include "mapped.h"

START_TEST(record_of_a_stop)
{
	struct proc_user_regs regs;
	struct proc_stop s;
	uint64_t seq;

	begin();
	s = record();
	seq = s.sequence;
	ck_assert(seq & 1);
	regs = get_regs(pid);
	ck_assert_mem_eq(&s.regs, &regs, sizeof(regs));
	regs.r12 = 77;
	set_regs(pid, &regs);
	ck_assert_uint_eq(record().regs.r12, 77);
	ck_assert(record().sequence & 1);
	ck_assert_uint_ne(record().sequence, seq);
	seq = record().sequence;
	go(fd, MASK);
	ck_assert(!(record().sequence & 1));
	expect(fd, PROC_STOP_BREAKPOINT);
	regs = get_regs(pid);
	s = record();
	ck_assert_mem_eq(&s.regs, &regs, sizeof(regs));
	ck_assert_uint_gt(record().sequence, seq);
	finish();
}
END_TEST

/* What the tracer stores in the record is the kernel's to read. */
START_TEST(record_is_written)
{
	const size_t at = offsetof(struct proc_stop, regs.r15);
	const uint64_t v = 77;
	struct proc_stop s;
	int wfd;

	begin();
	wfd = bed_open(me, pid, PROC_FILE_STOP, SIM_O_RDWR);
	ck_assert_int_eq(sim_map(me, wfd), 0);
	ck_assert_int_eq(sim_mapped_store(me, wfd, at, &v, sizeof(v)), 0);
	ck_assert_uint_eq(record().regs.r15, v);
	ck_assert_int_eq(sim_read(me, sfd, &s, sizeof(s)), sizeof(s));
	ck_assert_uint_eq(s.regs.r15, v);
	ck_assert_int_eq(sim_write(me, wfd, &s, sizeof(s)), -EINVAL);
	/* The other one was opened to be read. */
	ck_assert_int_eq(sim_map_write(me, sfd), -EACCES);
	/* When all is over a store goes nowhere. */
	sim_close(me, fd);
	fd = -1;
	ck_assert_int_eq(sim_mapped_store(me, wfd, at, &v, sizeof(v)), 0);
	ck_assert_uint_eq(record().sequence, 0);
	sim_close(me, wfd);
	finish();
}
END_TEST

/* Some registers, which the others survive; or none of them. */
START_TEST(some_registers)
{
	struct proc_user_regs was, now;
	const uint64_t bad[] = {5, 8};
	uint64_t ip[2] = {0, 0x33};
	int rfd;

	begin();
	rfd = bed_open(me, pid, "regs/user", SIM_O_RDWR);
	was = get_regs(pid);
	ip[0] = was.rip + 1;
	ck_assert_int_eq(sim_pwrite(me, rfd, ip, 16, 128), 16);
	now = get_regs(pid);
	ck_assert_uint_eq(now.rip, was.rip + 1);
	was.rip = now.rip;
	ck_assert_mem_eq(&now, &was, sizeof(now));
	ck_assert_uint_eq(record().regs.rip, now.rip);
	ck_assert_uint_eq(record().call.ip, now.rip);
	ck_assert_int_eq(sim_pwrite(me, rfd, bad, 16, 128), -EIO);
	ck_assert_int_eq(sim_pwrite(me, rfd, ip, 16, 208), -EINVAL);
	ck_assert_int_eq(sim_pwrite(me, rfd, ip, 8, 216), -EINVAL);
	ck_assert_int_eq(sim_pwrite(me, rfd, ip, 8, UINT64_MAX - 7), -EINVAL);
	ck_assert_int_eq(sim_pwrite(me, rfd, ip, 8, 4), -EINVAL);
	ck_assert_int_eq(sim_pwrite(me, rfd, ip, 12, 0), -EINVAL);
	now = get_regs(pid);
	ck_assert_mem_eq(&now, &was, sizeof(now));
	/* All of them are all of them wherever the descriptor stands. */
	now.rbx = 77;
	ck_assert_int_eq(sim_pwrite(me, rfd, &now, sizeof(now), 216), 216);
	ck_assert_uint_eq(get_regs(pid).rbx, 77);
	sim_close(me, rfd);
	finish();
}
END_TEST

/* Sessions have records of their own. */
START_TEST(record_of_a_session)
{
	int old;

	begin();
	old = sfd;
	sim_close(me, fd);
	ck_assert_uint_eq(record().sequence, 0);
	fd = freeze(pid);
	sfd = bed_open(me, pid, PROC_FILE_STOP, SIM_O_READ);
	ck_assert_int_eq(sim_map(me, sfd), 0);
	ck_assert(record().sequence & 1);
	sim_close(me, sfd);
	sfd = old;
	ck_assert_uint_eq(record().sequence, 0);
	ck_assert_int_eq(sim_map(me, old), -EACCES);
	finish();
}
END_TEST

/* Dead and held, it is ESRCH as of the other files. */
START_TEST(record_of_the_dead)
{
	struct proc_stop r;

	begin();
	ck_assert_int_eq(sim_read(me, sfd, &r, sizeof(r)), sizeof(r));
	ck_assert_int_eq(sim_kill(me, pid, 9), 0);
	sim_idle(sim);
	ck_assert_int_eq(sim_read(me, sfd, &r, sizeof(r)), -ESRCH);
	finish();
}
END_TEST

START_TEST(page_is_the_tracees)
{
	begin();
	ck_assert_uint_eq(load(), 0);
	/* The zero page, copied on the first write. */
	ck_assert(next());
	ck_assert_uint_eq(load(), 5);
	/* Forked, and copied again. */
	ck_assert(next());
	ck_assert_uint_eq(load(), 6);
	/* Without any right; a debugger reads it all the same. */
	ck_assert(next());
	ck_assert_uint_eq(load(), 6);
	ck_assert_uint_eq(record().lost, 0);
	/* Unmapped. */
	ck_assert(next());
	ck_assert_uint_eq(load(), 0);
	ck_assert_uint_eq(record().lost, 1);
	finish();
}
END_TEST

/* A page that nobody has looked at since costs a change nothing. */
START_TEST(nothing_to_take)
{
	begin();
	go(fd, MASK);
	expect(fd, PROC_STOP_BREAKPOINT);
	ck_assert_uint_eq(record().generation, 0);
	ck_assert_uint_eq(load(), 5);
	ck_assert_int_eq(sim_mapped_pages(me, mfd), 1);
	finish();
}
END_TEST

static void
expect_zeros(void)
{
	ck_assert_int_eq(sim_mapped_pages(me, mfd), 0);
	ck_assert_uint_eq(load(), 0);
	ck_assert_int_eq(sim_map(me, mfd), -EACCES);
}

START_TEST(end_of_the_session)
{
	begin();
	load();
	next();
	ck_assert_uint_eq(load(), 5);
	if (_i == 0) {
		go(fd, PROC_FLAG_DETACH);
	} else if (_i == 1) {
		sim_close(me, fd);
		fd = -1;
	} else {
		sim_kill(me, pid, 9);
		sim_idle(sim);
		ck_assert(!(record().sequence & 1));
	}
	expect_zeros();
	finish();
}
END_TEST

START_TEST(another_program)
{
	uint64_t path;
	struct as *a;

	a = bed_as();
	bed_room(8);
	bed_loop(a);
	bed_install("/bin/next");
	a = bed_as();
	word = bed_room(8);
	path = bed_string("/bin/next");
	as_mov(a, RBP, word);
	as_store(a, RBP, 0, RBP);
	as_int3(a);
	as_sys(a, 59, path, 0, 0);
	pid = bed_spawn();
	fd = seize(pid);
	go(fd, MASK);
	expect(fd, PROC_STOP_BREAKPOINT);
	sfd = bed_open(me, pid, PROC_FILE_STOP, SIM_O_READ);
	mfd = bed_open(me, pid, PROC_FILE_MEM, SIM_O_RDWR);
	ck_assert_int_eq(sim_map(me, sfd), 0);
	ck_assert_int_eq(sim_map(me, mfd), 0);
	ck_assert_uint_eq(load(), word);
	go(fd, MASK);
	expect(fd, PROC_STOP_EXEC);
	ck_assert(record().sequence & 1);
	expect_zeros();
	finish();
}
END_TEST

START_TEST(who_may)
{
	struct sim_thread *other;
	uint64_t v = 0;
	int other_fd;

	begin();
	other = sim_host(sim, me, 0);
	other_fd = bed_open(other, pid, PROC_FILE_MEM, SIM_O_RDWR);
	ck_assert_int_eq(sim_map(other, other_fd), -EACCES);
	ck_assert_int_eq(sim_mapped(other, other_fd, word, &v, 8), 0);
	v = 66;
	ck_assert_int_eq(sim_mapped_store(other, other_fd, word, &v, 8), 0);
	ck_assert_uint_eq(bed_peek(pid, word), 0);
	ck_assert_int_eq(bed_try(other, pid, PROC_FILE_STOP, SIM_O_READ),
			 -EPERM);
	sim_exit(other, 0);
	bed_reap(sim_tgid(other));
	other_fd = bed_open(me, pid, PROC_FILE_REGS_USER, SIM_O_READ);
	ck_assert_int_eq(sim_map(me, other_fd), -ENODEV);
	sim_close(me, other_fd);
	finish();
}
END_TEST

START_TEST(no_direct_map)
{
	const struct sim_config c = {.window = true};

	bed_end();
	bed_begin(&c);
	emit_program();
	pid = bed_spawn();
	fd = seize(pid);
	sfd = bed_open(me, pid, PROC_FILE_STOP, SIM_O_READ);
	mfd = bed_open(me, pid, PROC_FILE_MEM, SIM_O_RDWR);
	ck_assert_int_eq(sim_map(me, sfd), -ENODEV);
	ck_assert_int_eq(sim_map(me, mfd), -ENODEV);
	finish();
}
END_TEST

/* Whatever cannot be had; what is shown is right or told to be lost. */
static void
try_all(void)
{
	struct proc_stop s = {0};
	uint64_t v = 0;

	emit_program();
	bed_install("/bin/mapped");
	pid = sim_spawn(sim, me, "/bin/mapped", 0);
	if (pid < 0)
		return;
	fd = bed_try(me, pid, "trace", SIM_O_RDWR);
	if (fd < 0 || go_try(fd, MASK) < 0)
		return;
	sim_idle(sim);
	sfd = bed_try(me, pid, PROC_FILE_STOP, SIM_O_READ);
	mfd = bed_try(me, pid, PROC_FILE_MEM, SIM_O_RDWR);
	if (sfd < 0 || mfd < 0 || sim_map(me, sfd) || sim_map(me, mfd))
		return;
	for (int i = 0; i < 5 && state_of(pid) == 't'; i++) {
		sim_mapped(me, mfd, word, &v, sizeof(v));
		sim_mapped(me, sfd, 0, &s, sizeof(s));
		sim_mapped_store(me, mfd, word + 8, &v, sizeof(v));
		if (i == 1 && s.lost == 0 && (s.sequence & 1))
			ck_assert_uint_eq(v, 5);
		go_try(fd, MASK);
		sim_idle(sim);
	}
}

START_TEST(what_fails)
{
	static const unsigned ops[] = {SIM_OP_FRAME, SIM_OP_FAULT, SIM_OP_SPACE,
				       SIM_OP_THREAD};
	bool failed = true;

	for (unsigned long n = 1; failed; n++) {
		bed_end();
		bed_begin(NULL);
		sim_fail_at(sim, ops[_i], n);
		try_all();
		failed = sim_failed(sim);
		sim_fail_at(sim, 0, 0);
		ck_assert_uint_lt(n, 10000);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("trace_mapping");
	TCase *tc = tcase_create("mapping");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, bed_setup, bed_teardown);
	tcase_add_test(tc, record_of_a_stop);
	tcase_add_test(tc, record_is_written);
	tcase_add_test(tc, some_registers);
	tcase_add_test(tc, record_of_a_session);
	tcase_add_test(tc, record_of_the_dead);
	tcase_add_test(tc, page_is_the_tracees);
	tcase_add_test(tc, nothing_to_take);
	tcase_add_loop_test(tc, end_of_the_session, 0, 3);
	tcase_add_test(tc, another_program);
	tcase_add_test(tc, who_may);
	tcase_add_test(tc, no_direct_map);
	tcase_add_loop_test(tc, what_fails, 0, 4);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
