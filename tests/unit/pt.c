/* SPDX-License-Identifier: MIT */
#include "pt.h"

#include "../../src/io.h"

static void
use_machine(void)
{
	sim_io_base(false);
	sim_io_become(me);
	ptl_reset(&sim_io);
}

void
pt_setup(void)
{
	bed_begin(NULL);
	use_machine();
}

void
pt_teardown(void)
{
	ptl_reset(&sim_io);
	bed_end();
}

void
pt_restart(const struct sim_config *config)
{
	pt_teardown();
	bed_begin(config);
	use_machine();
}

long
pt_try(int request, pid_t pid, uintptr_t addr, uintptr_t data)
{
	long r;

	errno = 0;
	r = ptrace(request, pid, (void *)addr, (void *)data);
	return r == -1 && errno ? -errno : r;
}

long
pt(int request, pid_t pid, uintptr_t addr, uintptr_t data)
{
	long r;

	errno = 0;
	r = ptrace(request, pid, (void *)addr, (void *)data);
	ck_assert_msg(!(r == -1 && errno), "request %#x of %d: errno %d",
		      request, (int)pid, errno);
	return r;
}

pid_t
pt_wait_try(pid_t pid, int *status, int options)
{
	pid_t r = waitpid(pid, status, options);

	return r < 0 ? -errno : r;
}

void
pt_wait(pid_t pid, int status)
{
	int got = -1;
	pid_t r = pt_wait_try(pid, &got, (int)__WALL);

	ck_assert_msg(r == pid, "wait for %d: %d, status %#x, not %#x",
		      (int)pid, (int)r, got, status);
	ck_assert_msg(got == status, "status of %d is %#x, not %#x", (int)pid,
		      got, status);
}

void
pt_attach(pid_t pid)
{
	pt(PTRACE_ATTACH, pid, 0, 0);
	pt_wait(pid, STOPPED(SIGSTOP));
}

void
pt_seize(pid_t pid, unsigned options)
{
	pt(PTRACE_SEIZE, pid, 0, options);
	pt(PTRACE_INTERRUPT, pid, 0, 0);
	pt_wait(pid, STOPPED_EVENT(PTRACE_EVENT_STOP));
}

void
pt_finish(pid_t pid, int code)
{
	pt(PTRACE_CONT, pid, 0, 0);
	pt_wait(pid, EXITED(code));
}

struct user_regs_struct
pt_regs(pid_t pid)
{
	struct user_regs_struct r;

	pt(PTRACE_GETREGS, pid, 0, (uintptr_t)&r);
	return r;
}

long
pt_peek(pid_t pid, uint64_t va)
{
	return pt(PTRACE_PEEKDATA, pid, (uintptr_t)va, 0);
}

void
pt_emit_traceme(struct as *a)
{
	uint64_t path = bed_string("proc:self/traceme");

	as_sys(a, 2, path, 1);
	as_mov_reg(a, RDI, RAX);
	as_mov_reg(a, R12, RAX);
	as_mov(a, RSI, path);
	as_mov(a, RDX, 8);
	as_sys_regs(a, 1);
	as_mov_reg(a, RDI, R12);
	as_sys_regs(a, 3);
}
