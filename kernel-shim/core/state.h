/* SPDX-License-Identifier: MIT */
/*
 * The trace state machine: what each input does to a tracee in each state. A
 * pure table; sessions, queues and sleeping are elsewhere.
 */
#ifndef KSHIM_STATE_H
#define KSHIM_STATE_H

#include <kshim/trace.h>

enum ks_input {
	KS_IN_STOP,   /* the tracee reaches a stop */
	KS_IN_RESUME, /* the tracer lets it go on */
	KS_IN_LISTEN, /* the tracer lets it wait for a change */
	KS_IN_TRAP,   /* the tracer wants it to stop */
	KS_IN_NOTIFY, /* its group stop has changed */
	KS_IN_END,    /* the session ends */
	KS_IN_KILLED, /* a fatal signal woke it */
	KS_IN_DEATH,  /* it is dead */
	KS_NINPUTS
};

enum ks_action {
	KS_ACT_REPORT = 1,  /* queue the event and tell the tracer */
	KS_ACT_WAKE = 2,    /* thread_wake(): it may leave its stop */
	KS_ACT_KICK = 4,    /* thread_kick(): it comes to ks_on_user_return() */
	KS_ACT_DUE = 8,	    /* note what ks_on_user_return() shall do */
	KS_ACT_REFUSE = 16, /* not in this state: nothing changes */
};

struct ks_transition {
	uint8_t next;	 /* enum ks_state */
	uint8_t actions; /* enum ks_action */
};

extern const struct ks_transition ks_transition[KS_NSTATES][KS_NINPUTS];

/* What INPUT does in STATE; both in range. */
static inline struct ks_transition
ks_state_step(enum ks_state state, enum ks_input input)
{
	return ks_transition[state][input];
}

#endif
