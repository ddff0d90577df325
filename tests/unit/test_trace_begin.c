/* SPDX-License-Identifier: MIT */
/* Who may trace whom, and how sessions begin. */
#include <stdio.h>
#include <string.h>

#include "tracer.h"

#define PAUSE 34

/* A child of ME that does nothing, with UID. */
static int32_t
sleeper(uint32_t uid)
{
	struct as *a = bed_as();

	as_sys(a, PAUSE);
	bed_exit(a, 6);
	return bed_spawn_as(uid);
}

static int
open_as(struct sim_thread *who, int32_t tid)
{
	return bed_try(who, tid, "trace", SIM_O_RDWR);
}

static void
end(int32_t pid)
{
	ck_assert_int_eq(sim_kill(me, pid, 9), 0);
	ck_assert_int_eq(bed_reap(pid), 9);
}

START_TEST(bad_paths)
{
	static const struct {
		const char *path;
		unsigned flags;
		int err;
	} bad[] = {
	    {"proc:99999/trace", 3, -3},    {"proc:0/trace", 3, -3},
	    {"proc:x/trace", 3, -22},	    {"proc:/trace", 3, -22},
	    {"proc:-1/trace", 3, -22},	    {"proc:1trace", 3, -22},
	    {"proc:self/nothing", 3, -2},   {"proc:self/trace", 3, -1},
	    {"proc:self/traceme", 1, -13},  {"proc:self/rusage", 2, -13},
	    {"proc:self/sigqueue", 2, -13},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(
		    sim_open(me, bad[i].path, bad[i].flags) == bad[i].err,
		    "%s: %d, not %d", bad[i].path,
		    sim_open(me, bad[i].path, bad[i].flags), bad[i].err);
}
END_TEST

/* The rules of ptrace(2) by user, capability and dumpability. */
START_TEST(permission)
{
	static const struct {
		uint32_t tracer, uid, euid, suid;
		bool dumpable;
		uint64_t caps;
		int err;
	} rules[] = {
	    {0, 0, 0, 0, true, 0, 0},  {0, 5, 6, 7, false, ~UINT64_C(0), 0},
	    {5, 5, 5, 5, true, 0, 0},  {5, 5, 5, 5, false, 0, -1},
	    {5, 6, 6, 6, true, 0, -1}, {5, 5, 6, 5, true, 0, -1},
	    {5, 5, 5, 6, true, 0, -1}, {5, 6, 5, 5, true, 0, -1},
	    {5, 0, 0, 0, true, 0, -1}, {5, 5, 5, 5, true, 1, -1},
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		int32_t pid = sleeper(rules[i].uid);
		struct sim_thread *tracer =
		    sim_host(sim, NULL, rules[i].tracer);
		struct ks_cred *c = sim_cred(sim_find(sim, pid));
		int fd;

		c->euid = rules[i].euid;
		c->suid = rules[i].suid;
		c->dumpable = rules[i].dumpable;
		c->caps_permitted = rules[i].caps;
		c->gid = c->egid = c->sgid = rules[i].uid;
		if (rules[i].uid != rules[i].tracer)
			c->gid = c->egid = c->sgid = rules[i].tracer;
		fd = open_as(tracer, pid);
		if (rules[i].err)
			ck_assert_msg(fd == rules[i].err, "rule %zu: %d", i,
				      fd);
		else
			ck_assert_msg(fd >= 0, "rule %zu: %d", i, fd);
		/* Memory asks for the ids in force, not the real ones. */
		fd = bed_try(tracer, pid, "mem", SIM_O_READ);
		if (rules[i].err)
			ck_assert_int_eq(fd, -13);
		else
			ck_assert_int_ge(fd, 0);
		sim_exit(tracer, 0);
		end(pid);
	}
}
END_TEST

START_TEST(group_matters)
{
	int32_t pid = sleeper(5);
	struct sim_thread *tracer = sim_host(sim, NULL, 5);

	sim_cred(sim_find(sim, pid))->sgid = 6;
	ck_assert_int_eq(open_as(tracer, pid), -1);
	sim_cred(sim_find(sim, pid))->sgid = 5;
	ck_assert_int_ge(open_as(tracer, pid), 0);
	sim_exit(tracer, 0);
	end(pid);
}
END_TEST

/* `trace` and `vm` ask for the real ids, `mem` for those of files. */
START_TEST(which_ids)
{
	int32_t pid = sleeper(5);
	struct sim_thread *who = sim_host(sim, NULL, 5);
	struct ks_cred *c = sim_cred(who);

	c->fsuid = 6;
	ck_assert_int_eq(bed_try(who, pid, "mem", SIM_O_READ), -13);
	ck_assert_int_ge(bed_try(who, pid, "vm", SIM_O_READ), 0);
	c->fsuid = 5;
	c->uid = 6;
	ck_assert_int_ge(bed_try(who, pid, "mem", SIM_O_READ), 0);
	ck_assert_int_eq(bed_try(who, pid, "vm", SIM_O_READ), -1);
	ck_assert_int_eq(open_as(who, pid), -1);
	c->uid = 5;
	sim_cred(sim_find(sim, pid))->caps_permitted = 4;
	c->caps_permitted = 4;
	ck_assert_int_eq(bed_try(who, pid, "mem", SIM_O_READ), -13);
	ck_assert_int_ge(bed_try(who, pid, "vm", SIM_O_READ), 0);
	c->caps_effective = 4;
	ck_assert_int_ge(bed_try(who, pid, "mem", SIM_O_READ), 0);
	ck_assert_int_ge(open_as(who, pid), 0);
	sim_exit(who, 0);
	end(pid);
}
END_TEST

/* What a tracee hides later its tracer sees if it had the capability. */
START_TEST(hidden_later)
{
	int32_t pid = sleeper(5);
	struct sim_thread *who = sim_host(sim, NULL, _i ? 0 : 5);
	int before, fd;
	uint64_t word;

	ck_assert_int_ge(open_as(who, pid), 0);
	before = bed_try(who, pid, "mem", SIM_O_READ);
	ck_assert_int_eq(sim_pread(who, before, &word, 8, SIM_TEXT), 8);
	sim_cred(sim_find(sim, pid))->dumpable = false;
	/* It is who began the session that counts. */
	sim_cred(who)->cap_ptrace = !_i;
	fd = bed_try(who, pid, "mem", SIM_O_READ);
	ck_assert_int_eq(sim_pread(who, before, &word, 8, SIM_TEXT),
			 _i ? 8 : -5);
	if (_i)
		ck_assert_int_ge(fd, 0);
	else
		ck_assert_int_eq(fd, -13);
	sim_cred(sim_find(sim, pid))->dumpable = true;
	ck_assert_int_eq(sim_pread(who, before, &word, 8, SIM_TEXT), 8);
	sim_exit(who, 0);
	end(pid);
}
END_TEST

START_TEST(one_tracer)
{
	int32_t pid = sleeper(0);
	struct sim_thread *other = sim_host(sim, NULL, 0);
	int fd = open_as(me, pid);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(open_as(other, pid), -16);
	ck_assert_int_eq(open_as(me, pid), -16);
	ck_assert_int_eq(bed_try(other, pid, "regs/user", SIM_O_READ), -1);
	sim_close(me, fd);
	fd = open_as(other, pid);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(open_as(me, pid), -16);
	ck_assert_int_eq(sim_close(other, fd), 0);
	end(pid);
}
END_TEST

START_TEST(not_oneself)
{
	struct as *a = bed_as();
	uint64_t path = bed_string("proc:self/trace");
	int32_t pid;

	ck_assert_int_eq(open_as(me, sim_tid(me)), -1);
	as_sys(a, 2, path, 2);
	as_mov_reg(a, RDI, RAX);
	as_sys_regs(a, 231);
	pid = bed_spawn();
	ck_assert_int_eq(bed_reap(pid), 0xff << 8);
}
END_TEST

START_TEST(events_are_ones_own)
{
	int32_t pid = sleeper(0);

	ck_assert_int_eq(bed_try(me, pid, "events", SIM_O_READ), -13);
	ck_assert_int_eq(bed_try(me, pid, "traceme", SIM_O_WRITE), -13);
	end(pid);
}
END_TEST

START_TEST(dead_cannot_be_traced)
{
	struct as *a = bed_as();
	int32_t pid;

	bed_exit(a, 0);
	pid = bed_spawn();
	sim_idle(sim);
	ck_assert_int_eq(state_of(pid), 'Z');
	ck_assert_int_lt(open_as(me, pid), 0);
	bed_reap(pid);
	ck_assert_int_eq(open_as(me, pid), -3);
}
END_TEST

/* traceme: the parent becomes the tracer; a second time is refused. */
START_TEST(traceme)
{
	struct as *a = bed_as();
	uint64_t path = bed_string("proc:self/traceme");
	int32_t pid;
	int fd;

	as_sys(a, 2, path, 1);
	as_mov_reg(a, RDI, RAX);
	as_mov(a, RSI, path);
	as_mov(a, RDX, 8);
	as_sys_regs(a, 1);
	as_mov_reg(a, R12, RAX);
	as_mov(a, RDI, 3);
	as_sys_regs(a, 1);
	as_mov_reg(a, R13, RAX);
	as_int3(a);
	bed_exit(a, 0);
	pid = bed_spawn();
	sim_idle(sim);
	ck_assert_int_eq(state_of(pid), 't');
	ck_assert_int_eq(ks_tracer_pid(sim_ks(sim_find(sim, pid))),
			 sim_tgid(me));
	fd = open_as(me, pid);
	ck_assert_uint_eq(expect(fd, PROC_STOP_SIGNAL).a, 5);
	ck_assert_uint_eq(get_regs(pid).r12, 8);
	ck_assert_int_eq((int64_t)get_regs(pid).r13, -1);
	go_signal(fd, 0, 0);
	expect_end(fd);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(pid), 0);
}
END_TEST

/* One with more rights than its parent is not traced by it. */
START_TEST(traceme_stronger)
{
	struct sim_thread *who = sim_host(sim, me, 0);
	uint64_t word = 0;
	int fd = sim_open(who, "proc:self/traceme", SIM_O_WRITE);

	sim_cred(me)->cap_ptrace = false;
	sim_cred(me)->caps_permitted = 4;
	ck_assert_int_eq(sim_write(who, fd, &word, 8), -1);
	sim_cred(who)->caps_permitted = 4;
	ck_assert_int_eq(sim_write(who, fd, &word, 8), 8);
	sim_exit(who, 0);
	sim_cred(me)->cap_ptrace = true;
}
END_TEST

START_TEST(traceme_orphan)
{
	struct sim_thread *orphan = sim_host(sim, NULL, 0);
	uint64_t word = 0;
	int fd = sim_open(orphan, "proc:self/traceme", SIM_O_WRITE);

	ck_assert_int_eq(sim_write(orphan, fd, &word, 4), -22);
	ck_assert_int_eq(sim_write(orphan, fd, &word, 8), -1);
	sim_exit(orphan, 0);
}
END_TEST

/* A setuid program executed under a tracer without rights gains none. */
START_TEST(setuid_exec)
{
	struct as *a = bed_as();
	struct sim_program p = {.path = "/bin/su", .set_uid = 1};
	struct sim_thread *tracer = sim_host(sim, NULL, 5);
	uint64_t path;
	int32_t pid;
	int fd;

	as_sys(a, PAUSE);
	p.text = a->code;
	p.text_len = a->len;
	ck_assert_int_eq(sim_install(sim, &p), 0);
	a = bed_as();
	path = bed_string("/bin/su");
	as_sys(a, 59, path);
	pid = bed_spawn_as(5);
	fd = _i ? bed_open(tracer, pid, "trace", SIM_O_RDWR) : -1;
	sim_idle(sim);
	ck_assert_uint_eq(sim_cred(sim_find(sim, pid))->euid, _i ? 5 : 0);
	if (!_i)
		fd = bed_try(tracer, pid, "trace", SIM_O_RDWR);
	ck_assert_int_eq(fd >= 0, _i);
	sim_exit(tracer, 0);
	end(pid);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("trace_begin");
	TCase *tc = tcase_create("begin");

	tcase_add_checked_fixture(tc, bed_setup, bed_teardown);
	tcase_add_test(tc, bad_paths);
	tcase_add_test(tc, permission);
	tcase_add_test(tc, group_matters);
	tcase_add_test(tc, which_ids);
	tcase_add_loop_test(tc, hidden_later, 0, 2);
	tcase_add_test(tc, one_tracer);
	tcase_add_test(tc, not_oneself);
	tcase_add_test(tc, events_are_ones_own);
	tcase_add_test(tc, dead_cannot_be_traced);
	tcase_add_test(tc, traceme);
	tcase_add_test(tc, traceme_stronger);
	tcase_add_test(tc, traceme_orphan);
	tcase_add_loop_test(tc, setuid_exec, 0, 2);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
