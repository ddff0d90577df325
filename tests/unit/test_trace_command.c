/* SPDX-License-Identifier: MIT */
/* `command`: any tracee of the caller's process, by its id. */
#include <string.h>

#include "tracer.h"

#define PAUSE	34
#define EPERM_	(-1)
#define ESRCH_	(-3)
#define EACCES_ (-13)
#define EBUSY_	(-16)
#define EINVAL_ (-22)

#define ATTACH (PROC_FLAG_ATTACH | PROC_FLAG_SETMASK)
#define BASIC  (PROC_STOP_SIGNAL | PROC_EVENT_EXITED)
#define LET_GO (PROC_FLAG_DETACH | PROC_FLAG_INTERRUPT)

static int command, events;

static void
setup(void)
{
	bed_begin(NULL);
	command = sim_open(me, "proc:self/command", SIM_O_WRITE);
	events = sim_open(me, "proc:self/events", SIM_O_READ);
	ck_assert_int_ge(command, 0);
	ck_assert_int_ge(events, 0);
}

static int64_t
order_as(struct sim_thread *who, int fd, int32_t tid, uint64_t flags)
{
	struct proc_command c = {.tid = tid, .flags = flags};

	return sim_write(who, fd, &c, sizeof(c));
}

static int64_t
try_order(int32_t tid, uint64_t flags)
{
	return order_as(me, command, tid, flags);
}

static void
order(int32_t tid, uint64_t flags)
{
	ck_assert_int_eq(try_order(tid, flags), sizeof(struct proc_command));
}

static void
order_signal(int32_t tid, uint64_t flags, int sig)
{
	struct proc_command c = {tid, 0, flags | PROC_FLAG_SIGNAL,
				 (uint64_t)sig};

	ck_assert_int_eq(sim_write(me, command, &c, sizeof(c)), sizeof(c));
}

/* A child of ME that does nothing, with UID. */
static int32_t
sleeper_of(uint32_t uid)
{
	struct as *a = bed_as();

	as_sys(a, PAUSE);
	bed_exit(a, 6);
	return bed_spawn_as(uid);
}

static int32_t
sleeper(void)
{
	return sleeper_of(0);
}

static void
end(int32_t pid)
{
	ck_assert_int_eq(sim_kill(me, pid, 9), 0);
	ck_assert_int_eq(bed_reap(pid), 9);
}

static int32_t
tracer_of(int32_t tid)
{
	return ks_tracer_pid(sim_ks(sim_find(sim, tid)));
}

/* The whole life of a session without a descriptor of its own. */
START_TEST(attach)
{
	int32_t pid = sleeper();

	order(pid, ATTACH | PROC_FLAG_INTERRUPT | BASIC);
	ck_assert_int_eq(tracer_of(pid), sim_tgid(me));
	expect_any(events, pid, PROC_STOP_TRAP);
	ck_assert_int_eq(state_of(pid), 't');
	order(pid, BASIC);
	sim_kill(me, pid, 10);
	ck_assert_uint_eq(expect_any(events, pid, PROC_STOP_SIGNAL).ev.a, 10);
	order_signal(pid, BASIC, 0);
	sim_idle(sim);
	ck_assert_int_eq(state_of(pid), 'S');
	order(pid, PROC_FLAG_INTERRUPT);
	expect_any(events, pid, PROC_STOP_TRAP);
	order(pid, PROC_FLAG_DETACH);
	ck_assert_int_eq(tracer_of(pid), 0);
	ck_assert_int_eq(try_order(pid, PROC_FLAG_DETACH), EPERM_);
	sim_idle(sim);
	ck_assert_int_eq(state_of(pid), 'S');
	end(pid);
}
END_TEST

START_TEST(legacy)
{
	int32_t pid = sleeper();

	order(pid, ATTACH | PROC_FLAG_INTERRUPT | PROC_FLAG_LEGACY | BASIC);
	ck_assert_uint_eq(expect_any(events, pid, PROC_STOP_SIGNAL).ev.a, 19);
	order_signal(pid, PROC_FLAG_DETACH, 15);
	ck_assert_int_eq(bed_reap(pid), 15);
}
END_TEST

/* What is no command does nothing. */
START_TEST(refused)
{
	static const struct proc_command bad[] = {
	    {0, 1, 0, 0},
	    {0, 0, PROC_FLAG_ATTACH | PROC_FLAG_DETACH, 0},
	    {0, 0, PROC_FLAG_ATTACH | PROC_FLAG_LISTEN, 0},
	    {0, 0, PROC_FLAG_ATTACH | UINT64_C(1) << 63, 0},
	    {0, 0, PROC_FLAG_ATTACH | PROC_EVENT_CHILD, 0},
	    {0, 0, PROC_FLAG_ATTACH, 9},
	    {0, 0, PROC_FLAG_ATTACH | PROC_FLAG_SIGNAL, 65},
	    {0, 0, PROC_FLAG_DETACH | PROC_FLAG_SETMASK, 0},
	    {0, 0, PROC_FLAG_DETACH | PROC_FLAG_LISTEN, 0},
	};
	unsigned char buf[32] = {0};
	int32_t pid = sleeper();
	int fd;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct proc_command c = bad[i];

		c.tid = pid;
		ck_assert_msg(sim_write(me, command, &c, sizeof(c)) == EINVAL_,
			      "command %zu", i);
	}
	for (size_t n = 0; n < sizeof(buf); n++)
		if (n != sizeof(struct proc_command))
			ck_assert_int_eq(sim_write(me, command, buf, n),
					 EINVAL_);
	ck_assert_int_eq(tracer_of(pid), 0);
	/* An open `trace` has attached. */
	fd = bed_open(me, pid, "trace", SIM_O_RDWR);
	ck_assert_int_eq(go_try(fd, ATTACH), EINVAL_);
	sim_close(me, fd);
	ck_assert_int_eq(sim_open(me, "proc:self/command", SIM_O_READ),
			 EACCES_);
	ck_assert_int_eq(bed_try(me, pid, "command", SIM_O_WRITE), EACCES_);
	end(pid);
}
END_TEST

START_TEST(who)
{
	struct sim_thread *user = sim_host(sim, NULL, 5);
	int theirs = sim_open(user, "proc:self/command", SIM_O_WRITE);
	int32_t pid = sleeper(), own = sleeper_of(5);

	ck_assert_int_eq(order_as(user, theirs, pid, ATTACH), EPERM_);
	ck_assert_int_eq(order_as(user, theirs, pid, 0), EPERM_);
	ck_assert_int_eq(order_as(user, theirs, sim_tid(user), ATTACH), EPERM_);
	ck_assert_int_eq(order_as(user, theirs, 99999, ATTACH), ESRCH_);
	ck_assert_int_eq(order_as(user, theirs, 0, ATTACH), ESRCH_);
	ck_assert_int_eq(order_as(user, theirs, -1, 0), ESRCH_);
	/* What cannot be done whole is not done at all. */
	ck_assert_int_eq(
	    order_as(user, theirs, own, ATTACH | PROC_FLAG_NO_SECCOMP),
	    EACCES_);
	ck_assert_int_eq(tracer_of(own), 0);
	ck_assert_int_eq(order_as(user, theirs, own, ATTACH), 24);
	ck_assert_int_eq(order_as(user, theirs, own, ATTACH), EBUSY_);
	ck_assert_int_eq(try_order(own, ATTACH), EBUSY_);
	ck_assert_int_eq(try_order(own, PROC_FLAG_DETACH), EPERM_);
	ck_assert_int_eq(bed_try(me, own, "trace", SIM_O_RDWR), EBUSY_);
	sim_cred(sim_find(sim, own))->dumpable = false;
	/* It was allowed when it began. */
	ck_assert_int_eq(order_as(user, theirs, own, PROC_FLAG_INTERRUPT), 24);
	sim_exit(user, 0);
	ck_assert_int_eq(tracer_of(own), 0);
	end(own);
	end(pid);
}
END_TEST

/* A fork of the tracer has the descriptor, and no use for it. */
START_TEST(in_a_fork)
{
	struct as *a;
	struct proc_command c = {.flags = ATTACH};
	int32_t victim = sleeper(), pid, child;
	uint64_t path, buf;
	size_t parent;

	a = bed_as();
	path = bed_string("proc:self/command");
	c.tid = victim;
	buf = bed_bytes(&c, sizeof(c));
	as_sys(a, 2, path, 1);
	as_mov_reg(a, R12, RAX);
	as_sys(a, 57);
	as_cmp(a, RAX, 0);
	parent = as_jz(a, 0);
	as_sys(a, 61, UINT64_MAX, 0, 0, 0);
	as_sys(a, PAUSE);
	as_land(a, parent);
	as_mov_reg(a, RDI, R12);
	as_mov(a, RSI, buf);
	as_mov(a, RDX, sizeof(c));
	as_sys_regs(a, 1);
	as_mov_reg(a, R13, RAX);
	as_int3(a);
	pid = bed_spawn();
	order(pid, ATTACH | BASIC | PROC_STOP_FORK | PROC_FLAG_INTERRUPT);
	expect_any(events, pid, PROC_STOP_TRAP);
	order(pid, BASIC | PROC_STOP_FORK);
	child = (int32_t)expect_any(events, pid, PROC_STOP_FORK).ev.a;
	expect_any(events, child, PROC_STOP_TRAP);
	order(child, BASIC);
	ck_assert_uint_eq(expect_any(events, child, PROC_STOP_SIGNAL).ev.a, 5);
	ck_assert_int_eq((int64_t)get_regs(child).r13, EPERM_);
	ck_assert_int_eq(tracer_of(victim), 0);
	sim_kill(me, child, 9);
	expect_any(events, child, PROC_EVENT_EXITED);
	order(pid, PROC_FLAG_DETACH | PROC_FLAG_INTERRUPT);
	end(pid);
	end(victim);
}
END_TEST

/* Only in a stop; with FLAG_INTERRUPT in any state. */
START_TEST(detach_in_any_state)
{
	int32_t pid = sleeper();

	order(pid, ATTACH | BASIC | PROC_STOP_GROUP);
	sim_idle(sim);
	ck_assert_int_eq(try_order(pid, PROC_FLAG_DETACH), ESRCH_);
	if (_i) {
		sim_kill(me, pid, 19);
		expect_any(events, pid, PROC_STOP_SIGNAL);
		order(pid, BASIC | PROC_STOP_GROUP);
		expect_any(events, pid, PROC_STOP_GROUP);
		order(pid, PROC_FLAG_LISTEN);
		ck_assert_int_eq(try_order(pid, PROC_FLAG_DETACH), ESRCH_);
	}
	order(pid, PROC_FLAG_DETACH | PROC_FLAG_INTERRUPT);
	ck_assert_int_eq(tracer_of(pid), 0);
	sim_idle(sim);
	ck_assert_int_eq(state_of(pid), _i ? 'T' : 'S');
	end(pid);
}
END_TEST

/* What it was told when it was resumed holds, though it has not run since. */
START_TEST(resumed_before)
{
	int32_t pid = sleeper();

	order(pid, ATTACH | BASIC);
	sim_idle(sim);
	sim_kill(me, pid, 10);
	expect_any(events, pid, PROC_STOP_SIGNAL);
	order(pid, BASIC | PROC_FLAG_IGNORE);
	order(pid, PROC_FLAG_DETACH | PROC_FLAG_INTERRUPT);
	sim_idle(sim);
	ck_assert_int_eq(state_of(pid), 'S');
	end(pid);
}
END_TEST

/*
 * A death that was read: the parent is told and the numbers are gone, but with
 * FLAG_HOLD only after the session has been ended.
 */
START_TEST(hold)
{
	struct proc_rusage ru;
	int32_t pid = sleeper();

	order(pid, ATTACH | BASIC | (_i ? PROC_FLAG_HOLD : 0));
	sim_idle(sim);
	sim_kill(me, pid, 9);
	expect_any(events, pid, PROC_EVENT_EXITED);
	ck_assert_int_eq(read_file(pid, "rusage", &ru, sizeof(ru)),
			 _i ? (int64_t)sizeof(ru) : EPERM_);
	ck_assert_int_eq(try_order(pid, 0), ESRCH_);
	if (_i) {
		ck_assert_int_eq(sim_wait4(me, pid, NULL, SIM_WNOHANG, NULL),
				 0);
		ck_assert_int_eq(try_order(pid, ATTACH), EBUSY_);
		ck_assert_int_eq(try_order(pid, PROC_FLAG_DETACH), ESRCH_);
		order(pid, LET_GO);
	}
	ck_assert_int_eq(try_order(pid, PROC_FLAG_DETACH), ESRCH_);
	ck_assert_int_eq(try_order(pid, ATTACH), EPERM_);
	ck_assert_int_eq(bed_reap(pid), 9);
	ck_assert_int_eq(try_order(pid, PROC_FLAG_DETACH), ESRCH_);
}
END_TEST

/* A tracer that ends lets go of the dead that it holds. */
START_TEST(tracer_ends)
{
	struct sim_thread *other = sim_host(sim, NULL, 0);
	int theirs = sim_open(other, "proc:self/command", SIM_O_WRITE);
	int32_t dead = sleeper(), live = sleeper(), killed = sleeper();

	order_as(other, theirs, dead, ATTACH | BASIC | PROC_FLAG_HOLD);
	order_as(other, theirs, live, ATTACH | BASIC | PROC_FLAG_HOLD);
	order_as(other, theirs, killed, ATTACH | BASIC | PROC_FLAG_EXITKILL);
	sim_kill(me, dead, 9);
	sim_idle(sim);
	ck_assert_int_eq(sim_wait4(me, dead, NULL, SIM_WNOHANG, NULL), 0);
	sim_exit(other, 0);
	ck_assert_int_eq(bed_reap(dead), 9);
	ck_assert_int_eq(bed_reap(killed), 9);
	sim_idle(sim);
	ck_assert_int_eq(state_of(live), 'S');
	end(live);
}
END_TEST

/* Children have the flag of their parent. */
START_TEST(children)
{
	const uint64_t mask = BASIC | PROC_STOP_FORK | PROC_FLAG_HOLD;
	struct as *a = bed_as();
	int32_t pid, child;

	as_sys(a, 57);
	as_sys(a, PAUSE);
	pid = bed_spawn();
	order(pid, ATTACH | PROC_FLAG_INTERRUPT | mask);
	expect_any(events, pid, PROC_STOP_TRAP);
	order(pid, mask);
	child = (int32_t)expect_any(events, pid, PROC_STOP_FORK).ev.a;
	expect_any(events, child, PROC_STOP_TRAP);
	sim_kill(me, child, 9);
	expect_any(events, child, PROC_EVENT_EXITED);
	ck_assert_int_eq(state_of(child), 'Z');
	ck_assert_int_eq(tracer_of(child), sim_tgid(me));
	order(child, LET_GO);
	ck_assert_int_eq(tracer_of(child), 0);
	order(pid, PROC_FLAG_DETACH);
	end(pid);
}
END_TEST

/* By `trace` and by `command`: one session, which ends with either. */
START_TEST(both_ways)
{
	int32_t pid = sleeper();
	int fd;

	order(pid, ATTACH | BASIC);
	fd = bed_open(me, pid, "trace", SIM_O_RDWR);
	order(pid, PROC_FLAG_INTERRUPT);
	expect(fd, PROC_STOP_TRAP);
	go(fd, BASIC);
	if (_i) {
		sim_close(me, fd);
		ck_assert_int_eq(try_order(pid, PROC_FLAG_INTERRUPT), EPERM_);
	} else {
		order(pid, PROC_FLAG_DETACH | PROC_FLAG_INTERRUPT);
		ck_assert_int_lt(go_try(fd, BASIC), 0);
		sim_close(me, fd);
	}
	ck_assert_int_eq(tracer_of(pid), 0);
	end(pid);
}
END_TEST

/* With O_EXCL, whoever resumed it, the close kills. */
START_TEST(exclusive)
{
	int32_t pid = sleeper();
	int fd;

	order(pid, ATTACH | BASIC);
	fd = bed_open(me, pid, "trace", SIM_O_RDWR | SIM_O_EXCL);
	if (_i)
		order(pid, PROC_FLAG_DETACH | PROC_FLAG_INTERRUPT);
	sim_close(me, fd);
	sim_idle(sim);
	ck_assert_int_eq(state_of(pid), _i ? 'S' : 'Z');
	if (_i)
		sim_kill(me, pid, 9);
	ck_assert_int_eq(bed_reap(pid), 9);
}
END_TEST

/* Who has the id of a tracee that is gone is none. */
START_TEST(reused_id)
{
	const struct sim_config c = {.pid_max = 8};
	int32_t pid, next;

	bed_end();
	bed_begin(&c);
	command = sim_open(me, "proc:self/command", SIM_O_WRITE);
	pid = sleeper();
	order(pid, ATTACH | BASIC | PROC_FLAG_HOLD);
	sim_kill(me, pid, 9);
	sim_idle(sim);
	/* As long as it is held nobody gets it. */
	for (int i = 0; i < 10; i++) {
		next = sleeper();
		ck_assert_int_ne(next, pid);
		end(next);
	}
	order(pid, LET_GO);
	ck_assert_int_eq(bed_reap(pid), 9);
	do {
		next = sleeper();
		ck_assert_int_eq(try_order(next, PROC_FLAG_INTERRUPT), EPERM_);
		ck_assert_int_eq(try_order(next, PROC_FLAG_DETACH), EPERM_);
		end(next);
	} while (next != pid);
}
END_TEST

/* A thread that executes a program is commanded by its new id. */
START_TEST(renamed)
{
	const uint64_t mask = BASIC | PROC_STOP_CLONE | PROC_FLAG_HOLD |
			      (_i ? PROC_STOP_EXEC : 0);
	struct as *a = bed_as();
	uint64_t path;
	size_t in_child;
	int32_t pid, tid;

	bed_exit(a, 8);
	bed_install("/bin/new");
	a = bed_as();
	path = bed_string("/bin/new");
	as_sys(a, 56, 0x10d00, SIM_DATA + 0x3000);
	as_cmp(a, RAX, 0);
	in_child = as_jz(a, 0);
	bed_loop(a);
	as_land(a, in_child);
	as_sys(a, 59, path);
	pid = bed_spawn();
	order(pid, ATTACH | PROC_FLAG_INTERRUPT | mask);
	expect_any(events, pid, PROC_STOP_TRAP);
	order(pid, mask);
	tid = (int32_t)expect_any(events, pid, PROC_STOP_CLONE).ev.a;
	expect_any(events, tid, PROC_STOP_TRAP);
	order(pid, mask);
	order(tid, mask);
	/* The leader is not held: nobody could name it. */
	ck_assert_uint_eq(expect_any(events, pid, PROC_EVENT_EXITED).ev.f, 1);
	expect_any(events, pid, _i ? PROC_STOP_EXEC : PROC_EVENT_RENAMED);
	ck_assert_int_eq(try_order(tid, mask), ESRCH_);
	if (_i)
		order(pid, mask);
	ck_assert_uint_eq(expect_any(events, pid, PROC_EVENT_EXITED).ev.a,
			  8 << 8);
	order(pid, LET_GO);
	ck_assert_int_eq(bed_reap(pid), 8 << 8);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("trace_command");
	TCase *tc = tcase_create("command");

	tcase_add_checked_fixture(tc, setup, bed_teardown);
	tcase_add_test(tc, attach);
	tcase_add_test(tc, legacy);
	tcase_add_test(tc, refused);
	tcase_add_test(tc, who);
	tcase_add_test(tc, in_a_fork);
	tcase_add_loop_test(tc, detach_in_any_state, 0, 2);
	tcase_add_test(tc, resumed_before);
	tcase_add_loop_test(tc, hold, 0, 2);
	tcase_add_test(tc, tracer_ends);
	tcase_add_test(tc, children);
	tcase_add_loop_test(tc, both_ways, 0, 2);
	tcase_add_loop_test(tc, exclusive, 0, 2);
	tcase_add_test(tc, reused_id);
	tcase_add_loop_test(tc, renamed, 0, 2);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
