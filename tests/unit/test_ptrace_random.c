/* SPDX-License-Identifier: MIT */
/*
 * Any request of any process with any address, at random from a seed: an error
 * or an answer, and nothing lost. TRACE_SEED and TRACE_ROUNDS choose others.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "pt.h"

#define STEPS 300

static uint64_t state;
static unsigned char buffer[8192];
static struct iovec iov;

static unsigned
pick(unsigned n)
{
	state = state * UINT64_C(6364136223846793005) +
		UINT64_C(1442695040888963407);
	return (unsigned)(state >> 33) % n;
}

static void
install_programs(void)
{
	struct as *a = bed_as();
	uint64_t path = bed_string("/bin/b");
	size_t child, thread;

	as_sys(a, 57);
	as_cmp(a, RAX, 0);
	child = as_jz(a, 0);
	as_sys(a, 56, 0x10d00, SIM_DATA + 0x3000);
	as_cmp(a, RAX, 0);
	thread = as_jz(a, 0);
	as_sys(a, 61, UINT64_MAX, 0, 0, 0);
	as_sys(a, 58);
	as_sys(a, 60, 1);
	as_land(a, thread);
	for (int i = 0; i < 10; i++)
		as_sys(a, 24);
	as_sys(a, 59, path);
	as_sys(a, 231, 2);
	as_land(a, child);
	as_int3(a);
	as_sys(a, 60, 3);
	bed_install("/bin/a");
	a = bed_as();
	as_fldpi(a);
	as_sys(a, 39);
	as_sys(a, 34);
	bed_exit(a, 4);
	bed_install("/bin/b");
}

static pid_t
any_pid(void)
{
	int32_t tid = 1 + (int32_t)pick(60);

	if (!pick(30))
		return (pid_t)pick(4) - 2;
	for (int i = 0; i < 60 && pick(20); i++, tid = tid % 60 + 1) {
		struct sim_thread *t = sim_find(sim, tid);

		if (t && sim_state(t) != 'H')
			break;
	}
	return tid;
}

static uintptr_t
any_address(void)
{
	switch (pick(6)) {
	case 0:
		return SIM_TEXT + pick(100);
	case 1:
		return SIM_DATA + pick(0x4010);
	case 2:
		return pick(1000);
	case 3:
		return pick(120) * 8;
	case 4:
		return (uintptr_t)0 - pick(5000);
	default:
		return pick(2) ? 1 : 0x202;
	}
}

/* Requests whose data is a number, and those where it is a pointer. */
static void
request(void)
{
	static const int numbers[] = {
	    PTRACE_PEEKTEXT,   PTRACE_PEEKDATA,
	    PTRACE_PEEKUSER,   PTRACE_POKETEXT,
	    PTRACE_POKEDATA,   PTRACE_POKEUSER,
	    PTRACE_CONT,       PTRACE_CONT,
	    PTRACE_CONT,       PTRACE_SYSCALL,
	    PTRACE_SYSCALL,    PTRACE_SYSCALL,
	    PTRACE_SINGLESTEP, PTRACE_SINGLEBLOCK,
	    PTRACE_SYSEMU,     PTRACE_SYSEMU_SINGLESTEP,
	    PTRACE_ATTACH,     PTRACE_ATTACH,
	    PTRACE_SEIZE,      PTRACE_SEIZE,
	    PTRACE_DETACH,     PTRACE_INTERRUPT,
	    PTRACE_LISTEN,     PTRACE_SETOPTIONS,
	    PTRACE_KILL,       0x1234,
	};
	static const int pointers[] = {
	    PTRACE_GETREGS,	     PTRACE_SETREGS,	      PTRACE_GETFPREGS,
	    PTRACE_SETFPREGS,	     PTRACE_GETSIGINFO,	      PTRACE_SETSIGINFO,
	    PTRACE_GETEVENTMSG,	     PTRACE_GETSIGMASK,	      PTRACE_SETSIGMASK,
	    PTRACE_GET_SYSCALL_INFO, PTRACE_SET_SYSCALL_INFO,
	};
	pid_t pid = any_pid();
	unsigned n;

	if (pick(3)) {
		static const unsigned masks[] = {0,    0,	 0xff,
						 0x7e, 0x100000, 0x20};
		int r = numbers[pick(sizeof(numbers) / sizeof(int))];
		uintptr_t data = pick(4) ? 0 : pick(70);

		if (r == PTRACE_SETOPTIONS || r == PTRACE_SEIZE)
			data = masks[pick(6)];
		pt_try(r, pid, r == PTRACE_SEIZE ? 0 : any_address(), data);
		return;
	}
	n = pick(sizeof(pointers) / sizeof(int) + 2);
	if (n < sizeof(pointers) / sizeof(int)) {
		pt_try(pointers[n], pid, pick(3) ? 8 : pick(128),
		       (uintptr_t)buffer);
		return;
	}
	iov.iov_base = buffer;
	iov.iov_len = pick(2) ? sizeof(buffer) : pick(1000);
	pt_try(n & 1 ? PTRACE_GETREGSET : PTRACE_SETREGSET, pid,
	       pick(3) ? pick(4) : 0x202, (uintptr_t)&iov);
}

static void
step(void)
{
	static const int sigs[] = {9, 19, 18, 17, 10, 15, 20, 5, 11};
	static const int options[] = {0, WUNTRACED, WCONTINUED};
	int status;

	switch (pick(12)) {
	case 0:
		sim_spawn(sim, me, pick(2) ? "/bin/a" : "/bin/b", 0);
		break;
	case 1:
		sim_kill(me, any_pid(), sigs[pick(9)]);
		break;
	case 2:
	case 3:
		sim_run(sim, NULL, NULL, pick(30));
		break;
	case 4:
	case 5:
	case 6:
		pt_wait_try(pick(3) ? -1 : any_pid(), &status,
			    WNOHANG | (int)__WALL | options[pick(3)]);
		break;
	default:
		request();
	}
}

static void
run(uint64_t seed)
{
	struct sim_config c = {.pid_max = 64};

	state = seed * UINT64_C(0x9e3779b97f4a7c15);
	c.seed = pick(3) ? pick(1000) : 0;
	c.quantum = 1 + pick(60);
	c.window = pick(2);
	c.fpu = (enum sim_fpu)pick(3);
	pt_restart(&c);
	sim_action(me, 17, pick(2) ? SIM_IGNORE : SIM_DEFAULT);
	install_programs();
	for (int i = 0; i < STEPS; i++)
		step();
}

/* In the end everybody is heard of, if nothing is left that could stop. */
static void
end_all(void)
{
	int status;
	pid_t r;

	for (int32_t tid = 1; tid < 64; tid++) {
		struct sim_thread *t = sim_find(sim, tid);

		if (t && t != me)
			sim_kill(me, tid, SIGKILL);
	}
	sim_idle(sim);
	while (sim_signal(me, NULL))
		;
	/* Exit stops, which SIGKILL does not end. */
	while ((r = pt_wait_try(-1, &status, (int)__WALL)) > 0)
		if (WIFSTOPPED(status))
			pt_try(PTRACE_CONT, r, 0, 0);
	ck_assert_int_eq(r, -ECHILD);
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
		end_all();
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ptrace_random");
	TCase *tc = tcase_create("random");

	tcase_set_timeout(tc, 300);
	tcase_add_checked_fixture(tc, pt_setup, pt_teardown);
	tcase_add_test(tc, anything);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
