/* SPDX-License-Identifier: MIT */
/* The simulated machine by itself: nobody traces anybody here. */
#include <string.h>

#include "bed.h"

#define SIGKILL_ 9
#define SIGSEGV_ 11

START_TEST(runs_and_exits)
{
	struct as *a = bed_as();
	uint64_t hello = bed_string("hello\n");

	as_sys(a, 1, 1, hello, 6);
	bed_exit(a, 7);
	ck_assert_int_eq(bed_reap(bed_spawn()), 7 << 8);
	ck_assert_str_eq(sim_console(sim), "hello\n");
	ck_assert_int_eq(sim_wait4(me, -1, NULL, 0, NULL), -10);
}
END_TEST

START_TEST(instructions)
{
	struct as *a = bed_as();
	uint64_t out = bed_room(64);
	uint64_t loop;
	int32_t pid;

	as_mov(a, RBX, out);
	as_mov(a, RCX, 10);
	as_mov(a, RAX, 0);
	loop = as_here(a);
	as_add(a, RAX, 3);
	as_dec(a, RCX);
	as_jnz(a, loop);
	as_store(a, RBX, 0, RAX);
	as_push(a, RAX);
	as_pop(a, R12);
	as_store(a, RBX, 8, R12);
	as_load(a, R13, RBX, 8);
	as_add_reg(a, R13, RAX);
	as_store(a, RBX, 16, R13);
	as_cmp(a, R13, 60);
	size_t skip = as_jz(a, 0);
	as_hlt(a);
	as_land(a, skip);
	size_t over = as_jmp(a, 0);
	uint64_t fn = as_here(a);
	as_inc(a, R13);
	as_ret(a);
	as_land(a, over);
	as_call(a, fn);
	as_store(a, RBX, 24, R13);
	as_sys(a, 34);
	bed_exit(a, 0);
	pid = bed_spawn();
	sim_idle(sim);
	ck_assert_uint_eq(bed_peek(pid, out), 30);
	ck_assert_uint_eq(bed_peek(pid, out + 8), 30);
	ck_assert_uint_eq(bed_peek(pid, out + 16), 60);
	ck_assert_uint_eq(bed_peek(pid, out + 24), 61);
	ck_assert_int_eq(sim_state(sim_find(sim, pid)), 'S');
	ck_assert_int_eq(sim_kill(me, pid, SIGKILL_), 0);
	ck_assert_int_eq(bed_reap(pid), SIGKILL_);
}
END_TEST

/* Each ends by the signal that Linux would send. */
static const struct {
	unsigned char text[12];
	size_t len;
	int status;
} deaths[] = {
    {{0xcc}, 1, 5},				/* int3 */
    {{0x0f, 0x0b}, 2, 4},			/* ud2 */
    {{0xf4}, 1, 11},				/* hlt */
    {{0x48, 0x8b, 0x80, 0, 0, 0, 0}, 7, 11},	/* load 0 */
    {{0x48, 0x89, 0x80, 0, 0, 0x40, 0}, 7, 11}, /* store text */
    {{0xe9, 0xfb, 0xff, 0xff, 0x7f}, 5, 11},	/* jump away */
    {{0x9c, 0x81}, 2, 4},			/* no such code */
};

START_TEST(dies_of_signals)
{
	struct as *a = bed_as();

	for (size_t i = 0; i < deaths[_i].len; i++)
		as_byte(a, deaths[_i].text[i]);
	ck_assert_int_eq(bed_reap(bed_spawn()), deaths[_i].status);
}
END_TEST

START_TEST(fork_copies_on_write)
{
	struct as *a = bed_as();
	uint64_t word = bed_room(8), status = bed_room(8);
	size_t child;

	as_mov(a, RBX, word);
	as_mov(a, RCX, 1);
	as_store(a, RBX, 0, RCX);
	as_sys(a, 57);
	as_cmp(a, RAX, 0);
	child = as_jz(a, 0);
	as_mov_reg(a, RDI, RAX);
	as_mov(a, RSI, status);
	as_mov(a, RDX, 0);
	as_mov(a, R10, 0);
	as_sys_regs(a, 61);
	as_load(a, RDI, RBX, 0);
	as_sys_regs(a, 231);
	as_land(a, child);
	as_mov(a, RCX, 2);
	as_store(a, RBX, 0, RCX);
	as_load(a, RDI, RBX, 0);
	as_sys_regs(a, 60);
	ck_assert_int_eq(bed_reap(bed_spawn()), 1 << 8);
}
END_TEST

START_TEST(text_is_shared)
{
	struct as *a = bed_as();
	int32_t one, two;
	uint64_t word;

	bed_loop(a);
	bed_install("/bin/loop");
	one = sim_spawn(sim, me, "/bin/loop", 0);
	two = sim_spawn(sim, me, "/bin/loop", 0);
	sim_run(sim, NULL, NULL, 4);
	ck_assert_uint_ne(sim_frame_of(sim_find(sim, one), SIM_TEXT), 0);
	ck_assert_uint_eq(sim_frame_of(sim_find(sim, one), SIM_TEXT),
			  sim_frame_of(sim_find(sim, two), SIM_TEXT));
	word = 0x9090909090909090;
	ck_assert_int_eq(sim_poke(sim_find(sim, one), SIM_TEXT, &word, 8), 0);
	ck_assert_uint_ne(sim_frame_of(sim_find(sim, one), SIM_TEXT),
			  sim_frame_of(sim_find(sim, two), SIM_TEXT));
	ck_assert_uint_ne(bed_peek(two, SIM_TEXT), word);
}
END_TEST

START_TEST(vfork_shares_and_waits)
{
	struct as *a = bed_as();
	uint64_t word = bed_room(8);
	size_t child;

	as_mov(a, RBX, word);
	as_sys(a, 58);
	as_cmp(a, RAX, 0);
	child = as_jz(a, 0);
	as_load(a, RDI, RBX, 0);
	as_sys_regs(a, 231);
	as_land(a, child);
	as_sys(a, 24);
	as_sys(a, 24);
	as_mov(a, RCX, 9);
	as_store(a, RBX, 0, RCX);
	as_sys(a, 60, 0);
	ck_assert_int_eq(bed_reap(bed_spawn()), 9 << 8);
}
END_TEST

/* Threads share memory; the process ends with its last one. */
START_TEST(threads)
{
	struct as *a = bed_as();
	uint64_t word = bed_room(8), wait;
	size_t child;

	as_mov(a, RBX, word);
	as_sys(a, 56, 0x10d00, SIM_DATA + 0x3000);
	as_cmp(a, RAX, 0);
	child = as_jz(a, 0);
	wait = as_here(a);
	as_sys(a, 24);
	as_load(a, RDI, RBX, 0);
	as_cmp(a, RDI, 0);
	as_jz(a, wait);
	as_sys(a, 60, 1);
	as_land(a, child);
	as_sys(a, 186);
	as_store(a, RBX, 0, RAX);
	as_sys(a, 39);
	as_store(a, RBX, 8, RAX);
	for (int i = 0; i < 8; i++)
		as_sys(a, 24);
	as_sys(a, 60, 5);
	ck_assert_int_eq(bed_reap(bed_spawn()), 1 << 8);
}
END_TEST

START_TEST(exec_from_thread)
{
	struct as *a = bed_as();
	uint64_t path;
	size_t child;
	int32_t pid;

	as_sys(a, 39);
	as_mov_reg(a, RDI, RAX);
	as_sys(a, 186);
	bed_exit(a, 33);
	bed_install("/bin/new");
	a = bed_as();
	path = bed_string("/bin/new");
	as_sys(a, 56, 0x10d00, SIM_DATA + 0x3000);
	as_cmp(a, RAX, 0);
	child = as_jz(a, 0);
	bed_loop(a);
	as_land(a, child);
	as_sys(a, 59, path);
	as_hlt(a);
	pid = bed_spawn();
	ck_assert_int_eq(bed_reap(pid), 33 << 8);
}
END_TEST

/* A handler runs, returns, and the interrupted call says EINTR. */
START_TEST(handlers)
{
	struct as *a = bed_as();
	uint64_t act[4] = {0, 0, 0, 0}, actp, word;
	int32_t pid;
	uint64_t handler, restorer;
	size_t over = as_jmp(a, 0);

	handler = as_here(a);
	as_mov(a, RBX, SIM_DATA + 0x800);
	as_store(a, RBX, 0, RDI);
	as_ret(a);
	restorer = as_here(a);
	as_sys(a, 15);
	as_land(a, over);
	act[0] = handler;
	act[2] = restorer;
	actp = bed_bytes(act, sizeof(act));
	word = SIM_DATA + 0x800;
	as_sys(a, 13, 10, actp, 0, 8);
	as_mov(a, R12, 77);
	as_sys(a, 34);
	as_mov(a, RBX, word);
	as_store(a, RBX, 8, RAX);
	as_mov_reg(a, RDI, R12);
	as_sys_regs(a, 231);
	pid = bed_spawn();
	sim_idle(sim);
	ck_assert_int_eq(sim_kill(me, pid, 10), 0);
	ck_assert_int_eq(bed_reap(pid), 77 << 8);
}
END_TEST

START_TEST(nanosleep_restarts)
{
	struct as *a = bed_as();
	int64_t ts[2] = {0, 5000};
	uint64_t tsp = bed_bytes(ts, sizeof(ts));
	int32_t pid;
	uint64_t clock;

	as_sys(a, 35, tsp, 0);
	as_mov_reg(a, RDI, RAX);
	as_sys_regs(a, 231);
	pid = bed_spawn();
	sim_run(sim, NULL, NULL, 1);
	clock = sim_clock(sim);
	ck_assert_int_eq(sim_kill(me, pid, 19), 0);
	sim_run(sim, NULL, NULL, 1);
	ck_assert_int_eq(sim_state(sim_find(sim, pid)), 'T');
	ck_assert_int_eq(sim_kill(me, pid, 18), 0);
	ck_assert_int_eq(bed_reap(pid), 0);
	ck_assert_uint_ge(sim_clock(sim), clock + 4900);
}
END_TEST

START_TEST(job_control)
{
	struct as *a = bed_as();
	struct proc_siginfo info;
	int32_t pid;
	int status;

	bed_loop(a);
	pid = bed_spawn();
	sim_action(me, 17, SIM_CATCH);
	ck_assert_int_eq(sim_kill(me, pid, 19), 0);
	sim_idle(sim);
	ck_assert_int_eq(sim_wait4(me, pid, &status, 2, NULL), pid);
	ck_assert_int_eq(status, 0x137f);
	ck_assert_int_eq(sim_wait4(me, pid, &status, 3, NULL), 0);
	ck_assert_int_eq(sim_signal(me, &info), 17);
	ck_assert_int_eq(info.code, 5);
	ck_assert_int_eq(info.u.from.u.status, 19);
	ck_assert_int_eq(sim_kill(me, pid, 18), 0);
	ck_assert_int_eq(sim_wait4(me, pid, &status, 8, NULL), pid);
	ck_assert_int_eq(status, 0xffff);
	ck_assert_int_eq(sim_signal(me, &info), 17);
	ck_assert_int_eq(info.code, 6);
	ck_assert_int_eq(sim_kill(me, pid, 15), 0);
	ck_assert_int_eq(bed_reap(pid), 15);
	ck_assert_int_eq(sim_signal(me, &info), 17);
	ck_assert_int_eq(info.code, 2);
}
END_TEST

/* TF set by the program itself is SIGTRAP. */
START_TEST(trap_flag)
{
	struct as *a = bed_as();

	as_mov(a, RAX, 0x302);
	as_push(a, RAX);
	as_popf(a);
	as_nop(a);
	as_nop(a);
	bed_exit(a, 0);
	ck_assert_int_eq(bed_reap(bed_spawn()), 5);
}
END_TEST

START_TEST(memory_calls)
{
	struct as *a = bed_as();
	uint64_t out = bed_room(16);
	int32_t pid;

	as_sys(a, 9, 0, 8192, 3, 0x22, 0, 0);
	as_mov(a, RBX, out);
	as_store(a, RBX, 0, RAX);
	as_mov_reg(a, R12, RAX);
	as_store(a, R12, 4092, RBX); /* over the edge of a page */
	as_mov_reg(a, RDI, R12);
	as_mov(a, RSI, 4096);
	as_mov(a, RDX, 1);
	as_sys_regs(a, 10);
	as_load(a, RCX, R12, 4092);
	as_store(a, RBX, 8, RCX);
	as_store(a, R12, 0, RBX);
	bed_exit(a, 0);
	pid = bed_spawn();
	ck_assert_int_eq(bed_reap(pid), SIGSEGV_);
}
END_TEST

/* Who runs when follows from the seed alone. */
START_TEST(deterministic)
{
	uint64_t clock[3];

	for (int round = 0; round < 3; round++) {
		struct sim_config c = {.seed = round < 2 ? 5 : 6,
				       .quantum = 7,
				       .window = round & 1};
		struct as *a;

		bed_end();
		bed_begin(&c);
		a = bed_as();
		for (int i = 0; i < 3; i++)
			as_sys(a, 57);
		for (int i = 0; i < 20; i++)
			as_nop(a);
		as_sys(a, 61, UINT64_MAX, 0, 0, 0);
		bed_exit(a, 0);
		bed_reap(bed_spawn());
		sim_idle(sim);
		clock[round] = sim_clock(sim);
	}
	ck_assert_uint_eq(clock[0], clock[1]);
	ck_assert_uint_gt(clock[2], 100);
}
END_TEST

START_TEST(many_threads)
{
	struct as *a = bed_as();
	int n = 64;
	int32_t pid;

	as_mov(a, R12, n);
	uint64_t again = as_here(a);
	as_sys(a, 57);
	as_cmp(a, RAX, 0);
	size_t child = as_jz(a, 0);
	as_dec(a, R12);
	as_jnz(a, again);
	as_mov(a, R12, n);
	again = as_here(a);
	as_sys(a, 61, UINT64_MAX, 0, 0, 0);
	as_dec(a, R12);
	as_jnz(a, again);
	bed_exit(a, 3);
	as_land(a, child);
	as_sys(a, 24);
	bed_exit(a, 0);
	pid = bed_spawn();
	ck_assert_int_eq(bed_reap(pid), 3 << 8);
}
END_TEST

/* Ids wrap, and none is used twice at a time. */
START_TEST(ids_wrap)
{
	struct sim_config c = {.pid_max = 16};
	struct as *a;
	int32_t held, pid = 0;

	bed_end();
	bed_begin(&c);
	a = bed_as();
	bed_loop(a);
	held = bed_spawn();
	a = bed_as();
	bed_exit(a, 0);
	bed_install("/bin/true");
	for (int i = 0; i < 40; i++) {
		pid = sim_spawn(sim, me, "/bin/true", 0);
		ck_assert_int_gt(pid, 1);
		ck_assert_int_ne(pid, held);
		ck_assert_int_eq(bed_reap(pid), 0);
	}
	for (int i = 0; pid > 0 && i < 40; i++)
		pid = sim_spawn(sim, me, "/bin/true", 0);
	ck_assert_int_lt(pid, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("sim");
	TCase *tc = tcase_create("machine");

	tcase_add_checked_fixture(tc, bed_setup, bed_teardown);
	tcase_add_test(tc, runs_and_exits);
	tcase_add_test(tc, instructions);
	tcase_add_loop_test(tc, dies_of_signals, 0,
			    sizeof(deaths) / sizeof(deaths[0]));
	tcase_add_test(tc, fork_copies_on_write);
	tcase_add_test(tc, text_is_shared);
	tcase_add_test(tc, vfork_shares_and_waits);
	tcase_add_test(tc, threads);
	tcase_add_test(tc, exec_from_thread);
	tcase_add_test(tc, handlers);
	tcase_add_test(tc, nanosleep_restarts);
	tcase_add_test(tc, job_control);
	tcase_add_test(tc, trap_flag);
	tcase_add_test(tc, memory_calls);
	tcase_add_test(tc, deterministic);
	tcase_add_test(tc, many_threads);
	tcase_add_test(tc, ids_wrap);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
