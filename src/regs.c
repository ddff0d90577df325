/* SPDX-License-Identifier: MIT */
/* All integer registers, whichever files the kernel has for them. */
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "maps.h"
#include "request.h"

/* The registers that both structures have, in pairs of offsets. */
#define PAIR(name)                                                             \
	{                                                                      \
		offsetof(struct proc_int_regs, name),                          \
		    offsetof(struct proc_user_regs, name)                      \
	}
static const struct {
	size_t base, user;
} pairs[] = {
    PAIR(r15), PAIR(r14), PAIR(r13),	PAIR(r12), PAIR(rbp),
    PAIR(rbx), PAIR(r11), PAIR(r10),	PAIR(r9),  PAIR(r8),
    PAIR(rax), PAIR(rcx), PAIR(rdx),	PAIR(rsi), PAIR(rdi),
    PAIR(rip), PAIR(cs),  PAIR(rflags), PAIR(rsp), PAIR(ss),
};

static void
copy(void *to, const void *from, bool to_user)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		size_t t = to_user ? pairs[i].user : pairs[i].base;
		size_t f = to_user ? pairs[i].base : pairs[i].user;

		memcpy((char *)to + t, (const char *)from + f,
		       sizeof(uint64_t));
	}
}

/*
 * A base kernel has no orig_rax: at an entry stop rax is the number, and
 * Linux would show -ENOSYS there. At other stops no call is in flight.
 */
static int
base_get(struct ptl_session *s, struct proc_user_regs *out)
{
	struct proc_int_regs regs;
	struct proc_env_regs env;
	int err = ptl_load(s, PTL_REGS_INT, &regs, sizeof(regs));

	if (err)
		return err;
	memset(out, 0, sizeof(*out));
	copy(out, &regs, true);
	out->orig_rax = UINT64_MAX;
	if (s->stop.cause == PROC_STOP_PRE_SYSCALL) {
		out->orig_rax = s->call = regs.rax;
		out->rax = (uint64_t)-ENOSYS;
	} else if (s->stop.cause == PROC_STOP_POST_SYSCALL) {
		out->orig_rax = s->call;
	}
	err = ptl_load(s, PTL_REGS_ENV, &env, sizeof(env));
	if (err == -ESRCH)
		return err;
	if (!err) {
		out->fs_base = env.fsbase;
		out->gs_base = env.gsbase;
	}
	return 0;
}

static int
base_set(struct ptl_session *s, const struct proc_user_regs *in)
{
	struct proc_env_regs env = {in->fs_base, in->gs_base};
	struct proc_int_regs regs;
	int err;

	copy(&regs, in, false);
	if (s->stop.cause == PROC_STOP_PRE_SYSCALL)
		regs.rax = in->orig_rax;
	err = ptl_store(s, PTL_REGS_INT, &regs, sizeof(regs));
	if (err)
		return err;
	err = ptl_store(s, PTL_REGS_ENV, &env, sizeof(env));
	return err == -ESRCH ? err : 0;
}

int
ptl_regs_ask(struct ptl_session *s, struct proc_user_regs *out)
{
	if (ptl_state.mode == PTL_BASE)
		return base_get(s, out);
	return ptl_load(s, PTL_REGS_USER, out, sizeof(*out));
}

int
ptl_regs_get(struct ptl_session *s, struct proc_user_regs *out)
{
	return ptl_maps_regs(s, out) ? 0 : ptl_regs_ask(s, out);
}

/* Set the registers in N bytes at OFF of regs/user. */
static int
set_part(struct ptl_session *s, size_t off, const void *words, size_t n)
{
	ssize_t r = ptl_pwrite(s, PTL_REGS_USER, words, n, off);

	if (r < 0)
		return (int)r;
	return (size_t)r == n ? 0 : -EIO;
}

int
ptl_regs_poke(struct ptl_session *s, size_t off, uint64_t word)
{
	struct proc_user_regs regs;
	int err;

	if (ptl_state.mode != PTL_BASE)
		return set_part(s, off, &word, sizeof(word));
	err = base_get(s, &regs);
	if (err)
		return err;
	memcpy((char *)&regs + off, &word, sizeof(word));
	return base_set(s, &regs);
}

int
ptl_regs_set(struct ptl_session *s, const struct proc_user_regs *regs)
{
	if (ptl_state.mode == PTL_BASE)
		return base_set(s, regs);
	return ptl_store(s, PTL_REGS_USER, regs, sizeof(*regs));
}

int
ptl_regs_change(struct ptl_session *s, const struct proc_user_regs *regs)
{
	const size_t word = sizeof(uint64_t);
	size_t first, n;

	if (ptl_edit_regs(s, regs))
		return 0;
	if (!ptl_maps_regs_differ(s, regs, &first, &n))
		return ptl_regs_set(s, regs);
	/* They may be what they shall be: then nothing could fail. */
	return n ? set_part(s, first * word, (const char *)regs + first * word,
			    n * word)
		 : 0;
}
