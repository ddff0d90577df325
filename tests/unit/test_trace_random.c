/* SPDX-License-Identifier: MIT */
/*
 * Several tracers and many processes do anything to one another, at random
 * from a seed. Nothing may crash, wait for ever or leak. TRACE_SEED and
 * TRACE_ROUNDS in the environment choose other runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pt.h"
#include "tracer.h"

#define HOSTS 3
#define FILES 24
#define STEPS 400

static uint64_t state;

static unsigned
pick(unsigned n)
{
	state = state * UINT64_C(6364136223846793005) +
		UINT64_C(1442695040888963407);
	return (unsigned)(state >> 33) % n;
}

static unsigned failing; /* enum sim_op */
static struct sim_thread *host[HOSTS];
static struct {
	unsigned owner;
	int fd;
} file[FILES];

/* What the programs do: forks, threads, signals, exec, waits, traps. */
static void
install_programs(void)
{
	struct as *a = bed_as();
	uint64_t path = bed_string("/bin/a"), me_path;
	size_t child, thread;

	as_sys(a, 57);
	as_cmp(a, RAX, 0);
	child = as_jz(a, 0);
	as_sys(a, 56, 0x10d00, SIM_DATA + 0x3000);
	as_cmp(a, RAX, 0);
	thread = as_jz(a, 0);
	as_sys(a, 61, UINT64_MAX, 0, 2, 0);
	as_sys(a, 58);
	as_sys(a, 60, 1);
	as_land(a, thread);
	for (int i = 0; i < 10; i++)
		as_sys(a, 24);
	as_sys(a, 59, path);
	as_sys(a, 231, 2);
	as_land(a, child);
	as_sys(a, 39);
	as_mov_reg(a, RDI, RAX);
	as_mov(a, RSI, 17);
	as_sys_regs(a, 62);
	as_int3(a);
	as_sys(a, 60, 3);
	bed_install("/bin/b");

	a = bed_as();
	me_path = bed_string("proc:self/traceme");
	as_sys(a, 2, me_path, 1);
	as_mov_reg(a, RDI, RAX);
	as_mov(a, RSI, me_path);
	as_mov(a, RDX, 8);
	as_sys_regs(a, 1);
	as_sys(a, 39);
	as_mov_reg(a, RDI, RAX);
	as_mov(a, RSI, 19);
	as_sys_regs(a, 62);
	as_sys(a, 34);
	as_sys(a, 231, 4);
	bed_install("/bin/a");
}

/* An id, mostly one that somebody has. */
static int32_t
any_tid(void)
{
	int32_t tid = 1 + (int32_t)pick(60);

	for (int i = 0; i < 60 && pick(20); i++, tid = tid % 60 + 1) {
		struct sim_thread *t = sim_find(sim, tid);

		if (t && sim_state(t) != 'H')
			break;
	}
	return tid;
}

static void
open_any(void)
{
	static const char *const names[] = {
	    "trace",	 "trace",	"trace",	"mem",
	    "vm",	 "regs/int",	"regs/float",	"regs/env",
	    "regs/user", "regs/xstate", "regs/debug",	"siginfo",
	    "sigmask",	 "sigqueue",	"syscall-info", "rusage",
	};
	unsigned i = pick(FILES), owner = pick(HOSTS);
	unsigned flags = SIM_O_NONBLOCK | (pick(8) ? SIM_O_RDWR : SIM_O_READ);
	const char *name = names[pick(16)];

	if (file[i].fd >= 0)
		return;
	flags |= pick(6) ? 0 : SIM_O_TRUNC;
	flags |= pick(6) ? 0 : SIM_O_EXCL;
	if (!strcmp(name, "sigqueue") || !strcmp(name, "rusage"))
		flags &= ~(unsigned)SIM_O_WRITE;
	file[i].owner = owner;
	if (pick(6))
		file[i].fd = bed_try(host[owner], any_tid(), name, flags);
	else if (pick(2))
		file[i].fd = sim_open(host[owner], "proc:self/events", flags);
	else
		file[i].fd =
		    sim_open(host[owner], "proc:self/command", SIM_O_WRITE);
}

static uint64_t
any_flags(void)
{
	static const uint64_t bits[] = {
	    PROC_STOP_PRE_SYSCALL, PROC_STOP_POST_SYSCALL, PROC_STOP_SINGLESTEP,
	    PROC_STOP_SIGNAL,	   PROC_STOP_BREAKPOINT,   PROC_STOP_EXIT,
	    PROC_STOP_EXEC,	   PROC_STOP_FORK,	   PROC_STOP_VFORK,
	    PROC_STOP_CLONE,	   PROC_STOP_VFORK_DONE,   PROC_STOP_GROUP,
	    PROC_STOP_BLOCKSTEP,   PROC_EVENT_CLONE,	   PROC_EVENT_EXITED,
	    PROC_FLAG_LEGACY,	   PROC_FLAG_EXITKILL,	   PROC_FLAG_IGNORE,
	    PROC_FLAG_HOLD,
	};
	uint64_t f = 0;

	for (int i = 0; i < 19; i++)
		f |= pick(3) ? 0 : bits[i];
	switch (pick(13)) {
	case 6:
		return PROC_FLAG_DETACH | PROC_FLAG_INTERRUPT;
	case 0:
		return f | PROC_FLAG_INTERRUPT;
	case 1:
		return f | PROC_FLAG_SETMASK;
	case 2:
		return PROC_FLAG_LISTEN;
	case 3:
		return PROC_FLAG_DETACH;
	case 4:
		return f | PROC_FLAG_INTERRUPT | PROC_FLAG_SETMASK;
	case 5:
		return 0;
	default:
		return f;
	}
}

static void
order_any(struct sim_thread *self, int fd)
{
	struct proc_command c = {.tid = any_tid(), .flags = any_flags()};

	if (pick(2))
		c.flags |= PROC_FLAG_ATTACH;
	if (!pick(4)) {
		c.flags |= PROC_FLAG_SIGNAL;
		c.signal = pick(70);
	}
	sim_write(self, fd, &c, sizeof(c));
}

static void
use_any(void)
{
	static unsigned char buf[4200];
	unsigned i = pick(FILES);
	struct sim_thread *self = host[file[i].owner];
	uint64_t word[2] = {any_flags(), pick(70)};

	if (file[i].fd < 0)
		return;
	switch (pick(8)) {
	case 6:
	case 7:
		order_any(self, file[i].fd);
		break;
	case 0:
		word[0] |= PROC_FLAG_SIGNAL;
		sim_write(self, file[i].fd, word, 16);
		break;
	case 1:
	case 2:
		sim_write(self, file[i].fd, word, 8);
		break;
	case 3:
		sim_pread(self, file[i].fd, buf, pick(sizeof(buf)),
			  pick(2) ? SIM_DATA + pick(0x5000) : 0);
		break;
	case 4:
		sim_read(self, file[i].fd, buf, sizeof(buf));
		break;
	case 5: {
		int64_t n = sim_pread(self, file[i].fd, buf, sizeof(buf),
				      pick(2) ? SIM_DATA + pick(0x5000) : 0);

		if (n > 0 && n < 1200)
			sim_pwrite(self, file[i].fd, buf, (size_t)n, 0);
		break;
	}
	}
}

static void
close_any(void)
{
	unsigned i = pick(FILES);

	if (file[i].fd >= 0)
		sim_close(host[file[i].owner], file[i].fd);
	file[i].fd = -1;
}

/* A tracer ends, and another takes its place. */
static void
replace_host(void)
{
	unsigned h = pick(HOSTS);

	sim_exit(host[h], 0);
	for (int i = 0; i < FILES; i++)
		if (file[i].owner == h)
			file[i].fd = -1;
	host[h] = sim_host(sim, pick(2) ? me : NULL, pick(3) ? 0 : 5);
	ck_assert_ptr_nonnull(host[h]);
}

static void
signal_any(void)
{
	static const int sigs[] = {9, 19, 18, 17, 10, 15, 20, 5, 11};

	if (sim_find(sim, any_tid()) && pick(3))
		sim_tgkill(me, 0, any_tid(), sigs[pick(9)]);
	else
		sim_kill(me, any_tid(), sigs[pick(9)]);
}

static void
step(void)
{
	unsigned h = pick(HOSTS);

	switch (pick(24)) {
	case 0:
	case 11:
		sim_spawn(sim, pick(2) ? host[h] : me,
			  pick(2) ? "/bin/a" : "/bin/b", pick(3) ? 0 : 5);
		break;
	case 1:
	case 2:
	case 3:
		open_any();
		break;
	case 4:
		close_any();
		break;
	case 5:
		signal_any();
		break;
	case 6:
		if (!pick(4))
			replace_host();
		break;
	case 7:
		sim_wait4(host[h], -1, NULL, SIM_WNOHANG | SIM_WUNTRACED, NULL);
		sim_wait4(me, -1, NULL, SIM_WNOHANG | SIM_WCONTINUED, NULL);
		break;
	case 14:
		/* One of the next port operations fails. */
		sim_fail_at(sim, failing, 1 + pick(100));
		break;
	case 8:
	case 9:
	case 10:
	case 12:
	case 13:
		sim_run(sim, NULL, NULL, pick(30));
		break;
	default:
		use_any();
	}
}

/* One run. What is left over at its end is the teardown's to find. */
static void
run(uint64_t seed)
{
	struct sim_config c = {.pid_max = 64};

	state = seed * UINT64_C(0x9e3779b97f4a7c15);
	c.seed = pick(3) ? pick(1000) : 0;
	c.quantum = 1 + pick(60);
	c.window = pick(2);
	c.fpu = (enum sim_fpu)pick(3);
	c.pt_levels = 4 + pick(2);
	failing = pick(3) ? 0 : SIM_OP_ALL;
	pt_restart(&c);
	sim_action(me, 17, SIM_IGNORE);
	install_programs();
	for (int i = 0; i < HOSTS; i++)
		host[i] = sim_host(sim, me, 0);
	for (int i = 0; i < FILES; i++)
		file[i].fd = -1;
	for (int i = 0; i < STEPS; i++)
		step();
}

static long
number(const char *name, long other)
{
	const char *s = getenv(name);

	return s ? atol(s) : other;
}

START_TEST(anything)
{
	long first = number("TRACE_SEED", 1), n = number("TRACE_ROUNDS", 60);

	for (long seed = first; seed < first + n; seed++) {
		if (getenv("TRACE_SEED"))
			fprintf(stderr, "seed %ld\n", seed);
		run((uint64_t)seed);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("trace_random");
	TCase *tc = tcase_create("random");

	tcase_set_timeout(tc, 300);
	tcase_add_checked_fixture(tc, pt_setup, pt_teardown);
	tcase_add_test(tc, anything);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
