/* SPDX-License-Identifier: MIT */
/*
 * What a tracer writes into its part of the record of a stop: when it takes
 * effect, that nothing else does, and that a tracer which writes nonsense harms
 * nobody.
 */
#include <string.h>

#include "tracer.h"

#define MASK                                                                   \
	(PROC_STOP_BREAKPOINT | PROC_STOP_SIGNAL | PROC_STOP_EXIT |            \
	 PROC_EVENT_EXITED)
#define REG(name) (offsetof(struct proc_user_regs, name) / 8)
#define SIGUSR1	  10

static int32_t pid;
static int fd, sfd; /* trace, stop */
static uint64_t word;

/* RBX to WORD and a stop, again and again. */
static void
begin(void)
{
	struct as *a = bed_as();
	uint64_t again;

	word = bed_room(8);
	as_mov(a, RBP, word);
	again = as_here(a);
	as_int3(a);
	as_store(a, RBP, 0, RBX);
	as_jmp(a, again);
	pid = bed_spawn();
	fd = seize(pid);
	go(fd, MASK);
	expect(fd, PROC_STOP_BREAKPOINT);
	sfd = bed_open(me, pid, PROC_FILE_STOP, SIM_O_RDWR);
	ck_assert_int_eq(sim_map(me, sfd), 0);
}

static void
finish(void)
{
	sim_kill(me, pid, 9);
	if (fd >= 0)
		sim_close(me, fd);
	sim_close(me, sfd);
	bed_reap(pid);
}

static struct proc_stop
record(void)
{
	struct proc_stop s;

	ck_assert_int_eq(sim_mapped(me, sfd, 0, &s, sizeof(s)), 0);
	return s;
}

static void
put(size_t off, const void *from, size_t n)
{
	ck_assert_int_eq(
	    sim_mapped_store(me, sfd, PROC_EDIT_OFFSET + off, from, n), 0);
}

/* E as a whole, for the stop that the record tells of. */
static void
write_edit(struct proc_edit *e)
{
	e->at = record().sequence;
	put(0, e, sizeof(*e));
}

static void
edit_rbx(uint64_t v)
{
	struct proc_edit e = {.words = UINT64_C(1) << REG(rbx), .regs.rbx = v};

	write_edit(&e);
}

static void
next(void)
{
	go(fd, MASK);
	expect(fd, PROC_STOP_BREAKPOINT);
}

START_TEST(before_it_goes_on)
{
	begin();
	edit_rbx(7);
	/* The record is of what was; a file is of what shall be. */
	ck_assert_uint_eq(record().regs.rbx, 0);
	next();
	ck_assert_uint_eq(bed_peek(pid, word), 7);
	ck_assert_uint_eq(record().regs.rbx, 7);
	/* It was for that stop alone. */
	next();
	ck_assert_uint_eq(bed_peek(pid, word), 7);
	finish();
}
END_TEST

START_TEST(before_a_file_is_used)
{
	struct proc_user_regs regs;
	uint64_t before;

	begin();
	edit_rbx(7);
	before = record().sequence;
	regs = get_regs(pid);
	ck_assert_uint_eq(regs.rbx, 7);
	ck_assert_uint_eq(record().regs.rbx, 7);
	ck_assert(record().sequence & 1);
	ck_assert_uint_ne(record().sequence, before);
	/* What is written later is what counts. */
	edit_rbx(8);
	regs.rbx = 9;
	set_regs(pid, &regs);
	next();
	ck_assert_uint_eq(bed_peek(pid, word), 9);
	finish();
}
END_TEST

START_TEST(another_stop)
{
	struct proc_edit e = {.words = UINT64_C(1) << REG(rbx), .regs.rbx = 5};

	begin();
	write_edit(&e);
	next();
	/* This one is late. */
	e.regs.rbx = 6;
	put(0, &e, sizeof(e));
	next();
	ck_assert_uint_eq(bed_peek(pid, word), 5);
	/* This one is early: it waits for its stop to end. */
	e.at = record().sequence + 2;
	put(0, &e, sizeof(e));
	next();
	ck_assert_uint_eq(bed_peek(pid, word), 5);
	next();
	ck_assert_uint_eq(bed_peek(pid, word), 6);
	finish();
}
END_TEST

/* Whoever lets it go: a detach, a close, a death. */
START_TEST(the_session_ends)
{
	struct proc_edit e = {.words = UINT64_C(1) << REG(rdi), .regs.rdi = 40};
	struct as *a = bed_as();

	as_sys_regs(a, 60);
	pid = bed_spawn();
	fd = freeze(pid);
	sfd = bed_open(me, pid, PROC_FILE_STOP, SIM_O_RDWR);
	ck_assert_int_eq(sim_map(me, sfd), 0);
	write_edit(&e);
	if (_i == 0)
		go(fd, PROC_FLAG_DETACH);
	else if (_i == 1)
		sim_close(me, fd);
	else
		go(fd, PROC_FLAG_SETMASK | MASK);
	if (_i < 2) {
		ck_assert_uint_eq(record().sequence, 0);
		ck_assert_int_eq(bed_reap(pid), 40 << 8);
	} else {
		sim_kill(me, pid, 9);
		expect(fd, PROC_STOP_EXIT);
		ck_assert_uint_eq(get_regs(pid).rdi, 40);
		go(fd, MASK);
		expect_end(fd);
	}
	if (_i != 1)
		sim_close(me, fd);
	if (_i == 2)
		bed_reap(pid);
	sim_close(me, sfd);
}
END_TEST

/* As a write of the file, less the errors: what may not be is not done. */
START_TEST(registers_that_may_not_be)
{
	struct proc_user_regs was, now;
	struct proc_edit e = {.words = UINT64_MAX};

	begin();
	was = get_regs(pid);
	memset(&e.regs, 0xff, sizeof(e.regs));
	e.regs.cs = e.regs.ss = 0x10;
	e.regs.ds = e.regs.es = e.regs.fs = e.regs.gs = 0x10;
	write_edit(&e);
	now = get_regs(pid);
	ck_assert_uint_eq(now.rbx, UINT64_MAX);
	ck_assert_uint_eq(now.rip, UINT64_MAX);
	ck_assert_uint_eq(now.cs, was.cs);
	ck_assert_uint_eq(now.ss, was.ss);
	ck_assert_uint_eq(now.ds, was.ds);
	ck_assert_uint_eq(now.fs_base, was.fs_base);
	ck_assert_uint_eq(now.gs_base, was.gs_base);
	/* Neither the I/O privilege level, nor interrupts off. */
	ck_assert_uint_eq(now.rflags & 0x3200, was.rflags & 0x3200);
	finish();
}
END_TEST

START_TEST(wild_words)
{
	struct proc_edit e;
	struct proc_stop s;

	begin();
	/* What the kernel writes the tracer may spoil for itself alone. */
	memset(&e, 0xa5, sizeof(e));
	memset(&s, 0x5a, sizeof(s));
	s.sequence = 1;
	e.at = 1;
	ck_assert_int_eq(sim_mapped_store(me, sfd, 0, &s, sizeof(s)), 0);
	put(0, &e, sizeof(e));
	next();
	ck_assert_uint_ne(record().sequence, 3);
	edit_rbx(7);
	next();
	ck_assert_uint_eq(bed_peek(pid, word), 7);
	e.at = record().sequence;
	put(0, &e, sizeof(e));
	go(fd, MASK);
	sim_idle(sim);
	finish();
}
END_TEST

START_TEST(signal_mask)
{
	/* All, but that of the int3, which would be unblocked by force. */
	const uint64_t all = ~UINT64_C(0x10);
	struct proc_edit e = {.what = PROC_EDIT_SIGMASK, .sigmask = all};
	uint64_t mask;

	begin();
	ck_assert_uint_eq(record().sigmask, 0);
	write_edit(&e);
	next();
	ck_assert_int_eq(read_file(pid, "sigmask", &mask, 8), 8);
	ck_assert_uint_eq(mask, all & ~UINT64_C(0x40100));
	ck_assert_uint_eq(record().sigmask, mask);
	/* It blocks now; and then no more. */
	sim_kill(me, pid, SIGUSR1);
	next();
	e.sigmask = 0;
	write_edit(&e);
	go(fd, MASK);
	expect(fd, PROC_STOP_SIGNAL);
	finish();
}
END_TEST

START_TEST(signal_info)
{
	struct proc_edit e = {.what = PROC_EDIT_INFO, .info.signo = SIGUSR1};
	struct proc_siginfo info;

	begin();
	ck_assert(record().has & PROC_TAKES_INFO);
	e.info.code = -1;
	e.info.u.from.u.value = 99;
	write_edit(&e);
	ck_assert_int_eq(read_file(pid, "siginfo", &info, sizeof(info)), 128);
	ck_assert_mem_eq(&info, &e.info, sizeof(info));
	/* It is delivered as it stands: it ends the program. */
	write_edit(&e);
	go_signal(fd, MASK, SIGUSR1);
	expect(fd, PROC_STOP_EXIT);
	go(fd, MASK);
	expect_end(fd);
	finish();
}
END_TEST

/*
 * No siginfo that is left at a stop makes another signal of it, and none at all
 * that there is not: also where the tracer says no number, or is gone.
 */
START_TEST(wild_number)
{
	static const int32_t wild[] = {0, -1, 9, 65, 0x40000000, INT32_MIN};
	struct proc_edit e = {.what = PROC_EDIT_INFO};

	begin();
	sim_kill(me, pid, SIGUSR1);
	go(fd, MASK);
	expect(fd, PROC_STOP_SIGNAL);
	e.info.signo = wild[_i % 6];
	if (_i < 12)
		write_edit(&e);
	else
		ck_assert_int_eq(write_file(pid, "siginfo", &e.info, 128), 128);
	if (_i < 6) {
		go(fd, MASK);
		expect(fd, PROC_STOP_EXIT);
		go(fd, MASK);
		expect_end(fd);
	} else {
		sim_close(me, fd);
		fd = -1;
		sim_idle(sim);
	}
	finish();
}
END_TEST

/* A group stop of a legacy session has none, and takes none. */
START_TEST(no_signal_info)
{
	struct proc_edit e = {.what = PROC_EDIT_INFO, .info.signo = SIGUSR1};
	struct proc_siginfo info;

	begin();
	go(fd, MASK | PROC_STOP_GROUP | PROC_FLAG_LEGACY);
	expect(fd, PROC_STOP_BREAKPOINT);
	sim_kill(me, pid, 19);
	go(fd, MASK | PROC_STOP_GROUP | PROC_FLAG_LEGACY);
	expect(fd, PROC_STOP_SIGNAL);
	go(fd, MASK | PROC_STOP_GROUP | PROC_FLAG_LEGACY);
	expect(fd, PROC_STOP_GROUP);
	ck_assert(!(record().has & (PROC_HAS_INFO | PROC_TAKES_INFO)));
	write_edit(&e);
	ck_assert_int_eq(read_file(pid, "siginfo", &info, sizeof(info)), -22);
	finish();
}
END_TEST

START_TEST(floats)
{
	struct proc_edit e = {.wants = PROC_HAS_FLOATS};
	struct proc_float_regs f, got;

	begin();
	ck_assert(!(record().has & PROC_HAS_FLOATS));
	write_edit(&e);
	next();
	ck_assert(record().has & PROC_HAS_FLOATS);
	ck_assert_int_eq(read_file(pid, "regs/float", &f, sizeof(f)),
			 sizeof(f));
	got = record().floats;
	ck_assert_mem_eq(&got, &f, sizeof(f));
	memset(f.xmm[3], 7, 16);
	e.what = PROC_EDIT_FLOATS;
	e.floats = f;
	write_edit(&e);
	next();
	got = record().floats;
	ck_assert_mem_eq(got.xmm[3], f.xmm[3], 16);
	/* A bit of MXCSR that is not there: none of it. */
	memset(&e.floats, 0xff, sizeof(e.floats));
	write_edit(&e);
	next();
	got = record().floats;
	ck_assert_mem_eq(&got, &f, sizeof(f));
	/* Wanted no more. */
	e = (struct proc_edit){0};
	write_edit(&e);
	next();
	ck_assert(!(record().has & PROC_HAS_FLOATS));
	finish();
}
END_TEST

/* Wanted in a stop, it is there once the file has been asked. */
START_TEST(wanted_now)
{
	struct proc_edit e = {.wants = PROC_HAS_RUSAGE};
	struct proc_rusage ru, seen;

	begin();
	write_edit(&e);
	ck_assert(!(record().has & PROC_HAS_RUSAGE));
	ck_assert_int_eq(read_file(pid, "rusage", &ru, sizeof(ru)), sizeof(ru));
	ck_assert(record().has & PROC_HAS_RUSAGE);
	seen = record().rusage;
	ck_assert_mem_eq(&seen, &ru, sizeof(ru));
	finish();
}
END_TEST

START_TEST(debug_registers)
{
	struct proc_debug_regs d, got;

	begin();
	ck_assert(record().has & PROC_HAS_DEBUG);
	ck_assert_int_eq(read_file(pid, "regs/debug", &d, sizeof(d)),
			 sizeof(d));
	d.dr[0] = word;
	d.dr[7] = 0xd0001;
	ck_assert_int_eq(write_file(pid, "regs/debug", &d, sizeof(d)),
			 sizeof(d));
	got = record().debug;
	ck_assert_mem_eq(&got, &d, sizeof(d));
	/* It stops at the store, and says so. */
	go(fd, MASK);
	expect(fd, PROC_STOP_SIGNAL);
	got = record().debug;
	ck_assert_uint_eq(got.dr[0], word);
	ck_assert_uint_eq(got.dr[6] & 0xf, 1);
	finish();
}
END_TEST

/* The state of the queue, as `events` shows it where it is mapped. */
START_TEST(queue)
{
	struct proc_tracer_event ev;
	uint64_t state = 0, one = 1;
	int e =
	    bed_open(me, sim_tgid(me), "events", SIM_O_RDWR | SIM_O_NONBLOCK);
	int r =
	    bed_open(me, sim_tgid(me), "events", SIM_O_READ | SIM_O_NONBLOCK);

	ck_assert_int_eq(sim_map(me, e), -13);
	ck_assert_int_eq(sim_map(me, r), 0);
	ck_assert_int_eq(sim_mapped(me, r, 0, &state, 8), 0);
	ck_assert_uint_eq(state, PROC_EVENTS_NONE);
	begin();
	ck_assert_int_eq(sim_mapped(me, r, 0, &state, 8), 0);
	ck_assert_uint_eq(state, PROC_EVENTS_NONE);
	go(fd, MASK);
	sim_idle(sim);
	ck_assert_int_eq(sim_mapped(me, r, 0, &state, 8), 0);
	ck_assert_uint_eq(state, PROC_EVENTS_SOME);
	ck_assert_int_eq(sim_read(me, e, &ev, sizeof(ev)), sizeof(ev));
	ck_assert_int_eq(sim_mapped(me, r, 0, &state, 8), 0);
	ck_assert_uint_eq(state, PROC_EVENTS_NONE);
	ck_assert_int_eq(sim_write(me, e, &one, sizeof(one)), sizeof(one));
	ck_assert_int_eq(sim_mapped(me, r, 0, &state, 8), 0);
	ck_assert_uint_eq(state, PROC_EVENTS_SOME);
	ck_assert_int_eq(sim_read(me, e, &ev, sizeof(ev)), 0);
	/* A child of the tracer's own is an event too. */
	finish();
	ck_assert_int_eq(sim_mapped(me, r, 0, &state, 8), 0);
	ck_assert_uint_eq(state, PROC_EVENTS_SOME);
	while (sim_read(me, e, &ev, sizeof(ev)) > 0)
		;
	ck_assert_int_eq(sim_mapped(me, r, 0, &state, 8), 0);
	ck_assert_uint_eq(state, PROC_EVENTS_NONE);
	sim_close(me, e);
	sim_close(me, r);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("trace_edit");
	TCase *tc = tcase_create("edit");

	tcase_add_checked_fixture(tc, bed_setup, bed_teardown);
	tcase_add_test(tc, before_it_goes_on);
	tcase_add_test(tc, before_a_file_is_used);
	tcase_add_test(tc, another_stop);
	tcase_add_loop_test(tc, the_session_ends, 0, 3);
	tcase_add_test(tc, registers_that_may_not_be);
	tcase_add_test(tc, wild_words);
	tcase_add_test(tc, signal_mask);
	tcase_add_test(tc, signal_info);
	tcase_add_loop_test(tc, wild_number, 0, 18);
	tcase_add_test(tc, no_signal_info);
	tcase_add_test(tc, floats);
	tcase_add_test(tc, wanted_now);
	tcase_add_test(tc, debug_registers);
	tcase_add_test(tc, queue);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
