/* SPDX-License-Identifier: MIT */
#include "state.h"

#define GO(next, actions)                                                      \
	{                                                                      \
		KS_##next, (actions)                                           \
	}
#define NO(state)                                                              \
	{                                                                      \
		KS_##state, KS_ACT_REFUSE                                      \
	}

/*
 * A tracee that listens is woken by whatever makes a new stop: it runs the few
 * instructions of the kernel from its old stop to the new one.
 */
const struct ks_transition ks_transition[KS_NSTATES][KS_NINPUTS] =
    {
	[KS_RUNNING] =
	    {
		[KS_IN_STOP] = GO(STOPPED, KS_ACT_REPORT),
		[KS_IN_RESUME] = GO(RUNNING, 0),
		[KS_IN_LISTEN] = NO(RUNNING),
		[KS_IN_TRAP] = GO(RUNNING, KS_ACT_DUE | KS_ACT_KICK),
		[KS_IN_NOTIFY] = GO(RUNNING, KS_ACT_DUE | KS_ACT_KICK),
		[KS_IN_END] = GO(RUNNING, KS_ACT_KICK),
		[KS_IN_KILLED] = GO(RUNNING, 0),
		[KS_IN_DEATH] = GO(DEAD, KS_ACT_REPORT),
	    },
	[KS_STOPPED] =
	    {
		[KS_IN_STOP] = NO(STOPPED),
		[KS_IN_RESUME] = GO(RUNNING, KS_ACT_WAKE),
		[KS_IN_LISTEN] = GO(LISTENING, 0),
		[KS_IN_TRAP] = GO(STOPPED, KS_ACT_DUE),
		[KS_IN_NOTIFY] = GO(STOPPED, KS_ACT_DUE),
		[KS_IN_END] = GO(RUNNING, KS_ACT_WAKE | KS_ACT_KICK),
		[KS_IN_KILLED] = GO(RUNNING, 0),
		[KS_IN_DEATH] = GO(DEAD, KS_ACT_REPORT),
	    },
	[KS_LISTENING] =
	    {
		[KS_IN_STOP] = NO(LISTENING),
		[KS_IN_RESUME] = NO(LISTENING),
		[KS_IN_LISTEN] = NO(LISTENING),
		[KS_IN_TRAP] = GO(RUNNING, KS_ACT_DUE | KS_ACT_WAKE),
		[KS_IN_NOTIFY] = GO(RUNNING, KS_ACT_DUE | KS_ACT_WAKE),
		[KS_IN_END] = GO(RUNNING, KS_ACT_WAKE | KS_ACT_KICK),
		[KS_IN_KILLED] = GO(RUNNING, 0),
		[KS_IN_DEATH] = GO(DEAD, KS_ACT_REPORT),
	    },
	[KS_DEAD] =
	    {
		[KS_IN_STOP] = NO(DEAD),
		[KS_IN_RESUME] = NO(DEAD),
		[KS_IN_LISTEN] = NO(DEAD),
		[KS_IN_TRAP] = NO(DEAD),
		[KS_IN_NOTIFY] = NO(DEAD),
		[KS_IN_END] = GO(DEAD, 0),
		[KS_IN_KILLED] = NO(DEAD),
		[KS_IN_DEATH] = NO(DEAD),
	    },
};
