/* SPDX-License-Identifier: MIT */
#include "tracer.h"

int
seize(int32_t tid)
{
	return bed_open(me, tid, "trace", SIM_O_RDWR);
}

int
freeze(int32_t tid)
{
	int fd = bed_open(me, tid, "trace", SIM_O_RDWR | SIM_O_TRUNC);

	sim_idle(sim);
	return fd;
}

int64_t
go_try(int fd, uint64_t flags)
{
	return sim_write(me, fd, &flags, sizeof(flags));
}

void
go(int fd, uint64_t flags)
{
	ck_assert_int_eq(go_try(fd, flags), 8);
}

void
go_signal(int fd, uint64_t flags, int sig)
{
	struct proc_resume r = {flags | PROC_FLAG_SIGNAL, (uint64_t)sig};

	ck_assert_int_eq(sim_write(me, fd, &r, sizeof(r)), sizeof(r));
}

struct proc_event
expect(int fd, uint64_t cause)
{
	struct proc_event ev = {0};
	int64_t n = sim_read(me, fd, &ev, sizeof(ev));

	ck_assert_int_eq(n, sizeof(ev));
	ck_assert_msg(ev.cause == cause, "cause is %#llx, not %#llx",
		      (unsigned long long)ev.cause, (unsigned long long)cause);
	return ev;
}

void
expect_error(int fd, int err)
{
	struct proc_event ev;

	ck_assert_int_eq(sim_read(me, fd, &ev, sizeof(ev)), err);
}

void
expect_end(int fd)
{
	struct proc_event ev = {0};

	if (sim_read(me, fd, &ev, sizeof(ev)) > 0)
		ck_assert_uint_eq(ev.cause, PROC_EVENT_EXITED);
	expect_error(fd, -3);
}

void
expect_quiet(int fd)
{
	struct sim_pollfd p = {.fd = fd, .events = KS_READ};

	sim_idle(sim);
	ck_assert_int_eq(sim_poll(me, &p, 1, 0), 0);
}

struct proc_tracer_event
expect_any(int fd, int32_t tid, uint64_t cause)
{
	struct proc_tracer_event ev = {0};
	int64_t n = sim_read(me, fd, &ev, sizeof(ev));

	ck_assert_int_eq(n, sizeof(ev));
	ck_assert_msg(ev.ev.cause == cause, "cause is %#llx, not %#llx",
		      (unsigned long long)ev.ev.cause,
		      (unsigned long long)cause);
	ck_assert_int_eq(ev.tid, tid);
	return ev;
}

int64_t
read_file(int32_t tid, const char *name, void *buf, size_t len)
{
	int fd = bed_try(me, tid, name, SIM_O_READ);
	int64_t n = fd;

	if (fd >= 0) {
		n = sim_read(me, fd, buf, len);
		sim_close(me, fd);
	}
	return n;
}

int64_t
write_file(int32_t tid, const char *name, const void *buf, size_t len)
{
	int fd = bed_try(me, tid, name, SIM_O_WRITE);
	int64_t n = fd;

	if (fd >= 0) {
		n = sim_write(me, fd, buf, len);
		sim_close(me, fd);
	}
	return n;
}

struct proc_user_regs
get_regs(int32_t tid)
{
	struct proc_user_regs r;

	ck_assert_int_eq(read_file(tid, "regs/user", &r, sizeof(r)), sizeof(r));
	return r;
}

void
set_regs(int32_t tid, const struct proc_user_regs *r)
{
	ck_assert_int_eq(write_file(tid, "regs/user", r, sizeof(*r)),
			 sizeof(*r));
}

char
state_of(int32_t tid)
{
	struct sim_thread *t = sim_find(sim, tid);

	return t ? sim_state(t) : 0;
}
