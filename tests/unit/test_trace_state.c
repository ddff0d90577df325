/* SPDX-License-Identifier: MIT */
/*
 * The table of the trace state machine, every pair of it, against its rules
 * in words; and that a walk of any length keeps them.
 */
#include "suite.h"

#include "../../kernel-shim/core/state.h"

#define EACH_PAIR(s, i)                                                        \
	for (enum ks_state s = 0; s < KS_NSTATES; s++)                         \
		for (enum ks_input i = 0; i < KS_NINPUTS; i++)

static bool
has(enum ks_state s, enum ks_input i, unsigned action)
{
	return ks_state_step(s, i).actions & action;
}

static bool
in_stop(enum ks_state s)
{
	return s == KS_STOPPED || s == KS_LISTENING;
}

START_TEST(in_range)
{
	EACH_PAIR(s, i)
	{
		struct ks_transition t = ks_state_step(s, i);

		ck_assert_uint_lt(t.next, KS_NSTATES);
		ck_assert_uint_lt(t.actions, 32);
	}
}
END_TEST

/* What is refused changes nothing and does nothing else. */
START_TEST(refusals)
{
	EACH_PAIR(s, i)
	if (has(s, i, KS_ACT_REFUSE)) {
		ck_assert_uint_eq(ks_state_step(s, i).next, s);
		ck_assert_uint_eq(ks_state_step(s, i).actions, KS_ACT_REFUSE);
	}
}
END_TEST

/* Who leaves a stop alive is woken, unless it woke by itself to die. */
START_TEST(leaving_a_stop_wakes)
{
	EACH_PAIR(s, i)
	{
		bool leaves =
		    in_stop(s) && ks_state_step(s, i).next == KS_RUNNING;

		if (leaves && i != KS_IN_KILLED)
			ck_assert(has(s, i, KS_ACT_WAKE));
		else
			ck_assert(!has(s, i, KS_ACT_WAKE));
	}
}
END_TEST

/* A report is made at the beginning of a stop and at death, nowhere else. */
START_TEST(reports)
{
	EACH_PAIR(s, i)
	{
		enum ks_state next = ks_state_step(s, i).next;
		bool begins = s == KS_RUNNING && next == KS_STOPPED;
		bool dies = s != KS_DEAD && next == KS_DEAD;

		ck_assert_int_eq(has(s, i, KS_ACT_REPORT), begins || dies);
	}
}
END_TEST

START_TEST(death_is_final)
{
	for (enum ks_input i = 0; i < KS_NINPUTS; i++) {
		ck_assert_uint_eq(ks_state_step(KS_DEAD, i).next, KS_DEAD);
		ck_assert(!has(KS_DEAD, i,
			       KS_ACT_WAKE | KS_ACT_KICK | KS_ACT_REPORT));
	}
	for (enum ks_state s = 0; s < KS_DEAD; s++)
		ck_assert_uint_eq(ks_state_step(s, KS_IN_DEATH).next, KS_DEAD);
}
END_TEST

/* A fatal signal, and the end of the session, end any stop. */
START_TEST(stops_can_end)
{
	for (enum ks_state s = 0; s < KS_DEAD; s++) {
		ck_assert_uint_eq(ks_state_step(s, KS_IN_KILLED).next,
				  KS_RUNNING);
		ck_assert_uint_eq(ks_state_step(s, KS_IN_END).next, KS_RUNNING);
	}
}
END_TEST

/* Only a stopped tracee is resumed by its tracer; one that listens is not. */
START_TEST(resume_and_listen)
{
	ck_assert(has(KS_STOPPED, KS_IN_RESUME, KS_ACT_WAKE));
	ck_assert(has(KS_LISTENING, KS_IN_RESUME, KS_ACT_REFUSE));
	ck_assert(has(KS_RUNNING, KS_IN_LISTEN, KS_ACT_REFUSE));
	ck_assert_uint_eq(ks_state_step(KS_STOPPED, KS_IN_LISTEN).next,
			  KS_LISTENING);
	ck_assert(has(KS_LISTENING, KS_IN_NOTIFY, KS_ACT_WAKE));
	ck_assert(!has(KS_STOPPED, KS_IN_NOTIFY, KS_ACT_WAKE));
	ck_assert(has(KS_RUNNING, KS_IN_TRAP, KS_ACT_KICK));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("trace_state");
	TCase *tc = tcase_create("table");

	tcase_add_test(tc, in_range);
	tcase_add_test(tc, refusals);
	tcase_add_test(tc, leaving_a_stop_wakes);
	tcase_add_test(tc, reports);
	tcase_add_test(tc, death_is_final);
	tcase_add_test(tc, stops_can_end);
	tcase_add_test(tc, resume_and_listen);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
