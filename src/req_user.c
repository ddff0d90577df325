/* SPDX-License-Identifier: MIT */
/* The user area: registers one by one, and the classic sets of them. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>

#include "maps.h"
#include "request.h"

/* Linux's own struct user has two more words, which read as 0. */
#define USER_SIZE (sizeof(struct user) + 16)
#define DEBUGREG  offsetof(struct user, u_debugreg)
#define FXSAVE	  sizeof(struct user_fpregs_struct)

_Static_assert(sizeof(struct user_regs_struct) == sizeof(struct proc_user_regs),
	       "regs/user is PTRACE_GETREGS's structure");
_Static_assert(sizeof(struct user) == 912 && DEBUGREG == 848, "struct user");

static bool
bad_offset(uintptr_t off)
{
	return off & 7 || off >= USER_SIZE;
}

/* The number of the debug register at OFF, or -1. */
static int
debug_register(uintptr_t off)
{
	if (off < DEBUGREG || off >= sizeof(struct user))
		return -1;
	return (int)((off - DEBUGREG) / 8);
}

static int
load_debug(struct ptl_session *s, struct proc_debug_regs *out)
{
	if (ptl_maps_debug(s, out))
		return 0;
	return ptl_load(s, PTL_REGS_DEBUG, out, sizeof(*out));
}

long
ptl_quick_peekuser(struct ptl_session *s, const struct ptl_call *c)
{
	struct proc_debug_regs debug;
	uint64_t word = 0;
	int n;

	if (bad_offset(c->addr))
		return PTL_ASK;
	n = debug_register(c->addr);
	if (n >= 0) {
		if (!ptl_maps_debug(s, &debug))
			return PTL_ASK;
		word = debug.dr[n];
	} else if (c->addr >= sizeof(struct proc_user_regs) ||
		   !ptl_maps_reg(s, c->addr, &word)) {
		return PTL_ASK;
	}
	*c->out = (long)word;
	return 0;
}

long
ptl_peekuser(struct ptl_session *s, const struct ptl_call *c)
{
	struct proc_user_regs regs;
	struct proc_debug_regs debug;
	uint64_t word = 0;
	int err = 0, n;

	if (bad_offset(c->addr))
		return -EIO;
	n = debug_register(c->addr);
	if (c->addr < sizeof(regs)) {
		err = ptl_regs_get(s, &regs);
		if (!err)
			memcpy(&word, (char *)&regs + c->addr, sizeof(word));
	} else if (n >= 0) {
		err = load_debug(s, &debug);
		if (!err)
			word = debug.dr[n];
	}
	if (!err)
		*c->out = (long)word;
	return err;
}

static long
poke_debug_register(struct ptl_session *s, int n, uint64_t word)
{
	struct proc_debug_regs debug;
	int err;

	if (n == 4 || n == 5)
		return -EIO;
	err = load_debug(s, &debug);
	if (err)
		return err;
	debug.dr[n] = word;
	return ptl_store(s, PTL_REGS_DEBUG, &debug, sizeof(debug));
}

/* A debug register that is what it shall be could not have an error. */
long
ptl_quick_pokeuser(struct ptl_session *s, const struct ptl_call *c)
{
	struct proc_debug_regs debug;
	int n = debug_register(c->addr);

	if (bad_offset(c->addr))
		return PTL_ASK;
	if (c->addr < sizeof(struct proc_user_regs))
		return ptl_edit_reg(s, c->addr, c->data) ? 0 : PTL_ASK;
	return n >= 0 && n != 4 && n != 5 && ptl_maps_debug(s, &debug) &&
		       debug.dr[n] == c->data
		   ? 0
		   : PTL_ASK;
}

long
ptl_pokeuser(struct ptl_session *s, const struct ptl_call *c)
{
	int n;

	if (bad_offset(c->addr))
		return -EIO;
	if (c->addr < sizeof(struct proc_user_regs))
		return ptl_regs_poke(s, c->addr, c->data);
	n = debug_register(c->addr);
	return n < 0 ? -EIO : poke_debug_register(s, n, c->data);
}

/* The kernel has found no fault with the N bytes at DATA: nor need we. */
static long
know(uintptr_t data, size_t n)
{
	ptl_maps_stored(data, n);
	return 0;
}

long
ptl_quick_getregs(struct ptl_session *s, const struct ptl_call *c)
{
	struct proc_user_regs *out = (struct proc_user_regs *)c->data;

	return ptl_maps_can_store(c->data, sizeof(*out)) &&
		       ptl_maps_regs(s, out)
		   ? 0
		   : PTL_ASK;
}

long
ptl_getregs(struct ptl_session *s, const struct ptl_call *c)
{
	struct proc_user_regs *out = (struct proc_user_regs *)c->data;
	int err;

	if (ptl_bad_pointer(c->data))
		return -EFAULT;
	/* What is mapped was looked at: the pointer is the kernel's to check */
	err = ptl_regs_ask(s, out);
	return err ? err : know(c->data, sizeof(*out));
}

long
ptl_quick_setregs(struct ptl_session *s, const struct ptl_call *c)
{
	const struct proc_user_regs *regs = (const void *)c->data;

	/* Only the kernel can look at a pointer that may be bad. */
	return ptl_maps_can_store(c->data, sizeof(*regs)) &&
		       ptl_edit_regs(s, regs)
		   ? 0
		   : PTL_ASK;
}

long
ptl_setregs(struct ptl_session *s, const struct ptl_call *c)
{
	const struct proc_user_regs *regs = (const void *)c->data;

	long err;

	if (ptl_bad_pointer(c->data))
		return -EFAULT;
	if (ptl_maps_can_store(c->data, sizeof(*regs)))
		return ptl_regs_change(s, regs);
	err = ptl_regs_set(s, regs);
	return err ? err : know(c->data, sizeof(*regs));
}

long
ptl_quick_getfpregs(struct ptl_session *s, const struct ptl_call *c)
{
	struct proc_float_regs *out = (void *)c->data;

	if (!ptl_maps_can_store(c->data, FXSAVE) || !ptl_maps_floats(s, out))
		return PTL_ASK;
	memset((char *)out + sizeof(*out), 0, FXSAVE - sizeof(*out));
	return 0;
}

long
ptl_getfpregs(struct ptl_session *s, const struct ptl_call *c)
{
	const size_t n = sizeof(struct proc_float_regs);
	long err;

	if (ptl_bad_pointer(c->data))
		return -EFAULT;
	ptl_maps_wanted(s, PROC_HAS_FLOATS);
	err = ptl_load(s, PTL_REGS_FLOAT, (void *)c->data, n);
	if (err)
		return err;
	/* The rest of the image is the kernel's to use: 0 to us. */
	memset((char *)c->data + n, 0, FXSAVE - n);
	return know(c->data, FXSAVE);
}

long
ptl_quick_setfpregs(struct ptl_session *s, const struct ptl_call *c)
{
	const struct proc_float_regs *regs = (const void *)c->data;

	return ptl_maps_can_store(c->data, sizeof(*regs)) &&
		       ptl_edit_floats(s, regs)
		   ? 0
		   : PTL_ASK;
}

long
ptl_setfpregs(struct ptl_session *s, const struct ptl_call *c)
{
	const size_t n = sizeof(struct proc_float_regs);
	long err;

	if (ptl_bad_pointer(c->data))
		return -EFAULT;
	ptl_maps_wanted(s, PROC_HAS_FLOATS);
	err = ptl_store(s, PTL_REGS_FLOAT, (const void *)c->data, n);
	return err ? err : know(c->data, n);
}

#define ARCH_SET_GS 0x1001
#define ARCH_SET_FS 0x1002
#define ARCH_GET_FS 0x1003
#define ARCH_GET_GS 0x1004

long
ptl_quick_arch_prctl(struct ptl_session *s, const struct ptl_call *c)
{
	size_t off = offsetof(struct proc_user_regs, fs_base);
	uint64_t base;

	if (c->data == ARCH_GET_GS)
		off = offsetof(struct proc_user_regs, gs_base);
	else if (c->data != ARCH_GET_FS)
		return PTL_ASK;
	if (ptl_bad_pointer(c->addr) || !ptl_maps_reg(s, off, &base))
		return PTL_ASK;
	memcpy((void *)c->addr, &base, sizeof(base));
	return 0;
}

long
ptl_arch_prctl(struct ptl_session *s, const struct ptl_call *c)
{
	struct proc_env_regs env;
	bool fs = c->data == ARCH_GET_FS || c->data == ARCH_SET_FS;
	uint64_t base;
	int err;

	if (c->data < ARCH_SET_GS || c->data > ARCH_GET_GS)
		return -EINVAL;
	err = ptl_load(s, PTL_REGS_ENV, &env, sizeof(env));
	if (err)
		return err;
	if (c->data == ARCH_GET_FS || c->data == ARCH_GET_GS) {
		if (ptl_bad_pointer(c->addr))
			return -EFAULT;
		base = fs ? env.fsbase : env.gsbase;
		memcpy((void *)c->addr, &base, sizeof(base));
		return 0;
	}
	if (fs)
		env.fsbase = c->addr;
	else
		env.gsbase = c->addr;
	err = ptl_store(s, PTL_REGS_ENV, &env, sizeof(env));
	/* The kernel's word for an address that is not the user's. */
	return err == -EIO ? -EPERM : err;
}

/*
 * Descriptors of thread areas in the GDT, which 32-bit programs use. A 64-bit
 * one has them too, but empty; here it can have no others.
 */
#define AREA_FIRST 12
#define AREA_LAST  14

struct area {
	uint32_t entry, base, limit;
	uint32_t flags;
};

#define AREA_EMPTY 0x28 /* read-only and not present */

static int
bad_area(uintptr_t entry, uintptr_t pointer)
{
	if ((int)entry < 0)
		return -EIO;
	if ((int)entry < AREA_FIRST || (int)entry > AREA_LAST)
		return -EINVAL;
	return ptl_bad_pointer(pointer) ? -EFAULT : 0;
}

long
ptl_get_thread_area(struct ptl_session *s, const struct ptl_call *c)
{
	const struct area empty = {(uint32_t)c->addr, 0, 0, AREA_EMPTY};
	int err = bad_area(c->addr, c->data);

	(void)s;
	if (!err)
		memcpy((void *)c->data, &empty, sizeof(empty));
	return err;
}

long
ptl_set_thread_area(struct ptl_session *s, const struct ptl_call *c)
{
	struct area area;
	int err = bad_area(c->addr, c->data);

	(void)s;
	if (err)
		return err;
	memcpy(&area, (const void *)c->data, sizeof(area));
	return area.base || area.limit ? -EIO : 0;
}
