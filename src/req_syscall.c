/* SPDX-License-Identifier: MIT */
/* The system call in flight. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>

#include "maps.h"
#include "request.h"

typedef struct __ptrace_syscall_info sysinfo;

#define SYSINFO_SIZE 88
_Static_assert(sizeof(sysinfo) == SYSINFO_SIZE || sizeof(void *) == 4,
	       "struct ptrace_syscall_info");

/*
 * Linux goes by si_code: without TRACESYSGOOD it knows no system call stop, and
 * PTRACE_SETSIGINFO can make it forget one.
 */
static unsigned
op_of(const struct ptl_session *s)
{
	const int code = s->info_set ? s->info_code : s->code;
	const bool is_call = code == (SIGTRAP | 0x80);

	switch (s->stop.cause) {
	case PROC_STOP_SECCOMP:
		return code == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)
			   ? PTRACE_SYSCALL_INFO_SECCOMP
			   : PTRACE_SYSCALL_INFO_NONE;
	case PROC_STOP_PRE_SYSCALL:
		return is_call ? PTRACE_SYSCALL_INFO_ENTRY
			       : PTRACE_SYSCALL_INFO_NONE;
	case PROC_STOP_POST_SYSCALL:
		return is_call ? PTRACE_SYSCALL_INFO_EXIT
			       : PTRACE_SYSCALL_INFO_NONE;
	default:
		return PTRACE_SYSCALL_INFO_NONE;
	}
}

/* Fill INFO; how many bytes of it count. */
static size_t
convert(const struct ptl_session *s, const struct proc_syscall *w,
	sysinfo *info)
{
	memset(info, 0, sizeof(*info));
	info->op = (uint8_t)op_of(s);
	info->arch = w->arch;
	info->instruction_pointer = w->ip;
	info->stack_pointer = w->sp;
	switch (info->op) {
	case PTRACE_SYSCALL_INFO_ENTRY:
		info->entry.nr = w->nr;
		memcpy(info->entry.args, w->args, sizeof(w->args));
		return offsetof(sysinfo, entry) + sizeof(info->entry);
	case PTRACE_SYSCALL_INFO_EXIT:
		info->exit.rval = w->rval;
		info->exit.is_error = w->is_error != 0;
		return offsetof(sysinfo, exit.is_error) + 1;
	case PTRACE_SYSCALL_INFO_SECCOMP:
		info->seccomp.nr = w->nr;
		memcpy(info->seccomp.args, w->args, sizeof(w->args));
		info->seccomp.ret_data = w->data;
		return offsetof(sysinfo, seccomp.ret_data) +
		       sizeof(info->seccomp.ret_data);
	default:
		return offsetof(sysinfo, entry);
	}
}

/* W for the program, as much as it has room for; how much there is. */
static long
give(const struct ptl_session *s, const struct proc_syscall *w,
     const struct ptl_call *c)
{
	sysinfo info;
	size_t size = convert(s, w, &info);

	if (c->addr) {
		if (ptl_bad_pointer(c->data))
			return -EFAULT;
		memcpy((void *)c->data, &info, c->addr < size ? c->addr : size);
	}
	return (long)size;
}

long
ptl_quick_get_syscall_info(struct ptl_session *s, const struct ptl_call *c)
{
	struct proc_syscall w;

	if (ptl_bad_pointer(c->data) || !ptl_maps_call(s, &w))
		return PTL_ASK;
	return give(s, &w, c);
}

long
ptl_get_syscall_info(struct ptl_session *s, const struct ptl_call *c)
{
	struct proc_syscall w;
	int err = ptl_load(s, PTL_SYSCALL, &w, sizeof(w));

	if (err)
		return err;
	return give(s, &w, c);
}

long
ptl_set_syscall_info(struct ptl_session *s, const struct ptl_call *c)
{
	struct proc_syscall w;
	sysinfo info;
	int err;

	if (c->addr < SYSINFO_SIZE)
		return -EINVAL;
	if (ptl_bad_pointer(c->data))
		return -EFAULT;
	memcpy(&info, (const void *)c->data, sizeof(info));
	if (info.__pad[0] || info.__pad[1] || info.__pad[2])
		return -EINVAL;
	err =
	    ptl_maps_call(s, &w) ? 0 : ptl_load(s, PTL_SYSCALL, &w, sizeof(w));
	if (err)
		return err;
	if (info.op != op_of(s) || info.op == PTRACE_SYSCALL_INFO_NONE)
		return -EINVAL;
	if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
		w.rval = info.exit.rval;
		w.is_error = info.exit.is_error;
	} else {
		if ((uint64_t)(int32_t)info.entry.nr != info.entry.nr)
			return -ERANGE;
		/* -1 skips the call: the arguments are of no use then. */
		if (info.entry.nr != UINT64_MAX)
			memcpy(w.args, info.entry.args, sizeof(w.args));
		w.nr = info.entry.nr;
	}
	return ptl_store(s, PTL_SYSCALL, &w, sizeof(w));
}

/* The modes are the wire's. -EINVAL where the kernel has no dispatch. */
long
ptl_get_dispatch(struct ptl_session *s, const struct ptl_call *c)
{
	struct __ptrace_sud_config config;
	struct proc_dispatch w;
	int err;

	if (c->addr != sizeof(config))
		return -EINVAL;
	err = ptl_load(s, PTL_DISPATCH, &w, sizeof(w));
	if (err)
		return err == -ENOSYS ? -EINVAL : err;
	if (ptl_bad_pointer(c->data))
		return -EFAULT;
	config.mode = w.mode;
	config.selector = w.selector;
	config.offset = w.offset;
	config.len = w.len;
	memcpy((void *)c->data, &config, sizeof(config));
	return 0;
}

long
ptl_set_dispatch(struct ptl_session *s, const struct ptl_call *c)
{
	struct __ptrace_sud_config config;
	struct proc_dispatch w;
	int err;

	if (c->addr != sizeof(config))
		return -EINVAL;
	if (ptl_bad_pointer(c->data))
		return -EFAULT;
	memcpy(&config, (const void *)c->data, sizeof(config));
	w.mode = config.mode;
	w.selector = config.selector;
	w.offset = config.offset;
	w.len = config.len;
	err = ptl_store(s, PTL_DISPATCH, &w, sizeof(w));
	return err == -ENOSYS ? -EINVAL : err;
}
