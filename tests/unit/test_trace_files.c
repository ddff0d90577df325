/* SPDX-License-Identifier: MIT */
/* Every file of the scheme: who may, when, how much, and what it says. */
#include <stdio.h>
#include <string.h>

#include "tracer.h"

#define PAUSE	       34
#define EPERM_	       (-1)
#define EACCES_	       (-13)
#define ESRCH_	       (-3)
#define EIO_	       (-5)
#define EBADF_	       (-9)
#define EFAULT_	       (-14)
#define EINVAL_	       (-22)
#define UNRECOVERABLE_ (-131)

static int32_t pid;
static int trace;

/* A tracee, stopped before its first instruction. */
static void
setup(void)
{
	struct as *a;

	bed_begin(NULL);
	a = bed_as();
	bed_string("some data");
	as_sys(a, 39);
	as_sys(a, PAUSE);
	bed_exit(a, 0);
	pid = bed_spawn();
	trace = freeze(pid);
}

/* The files that exist, and the size of each; 0: not fixed. */
static const struct {
	const char *name;
	size_t size;
	bool writable;
	bool in_stop;
} files[] = {
    {"regs/int", 160, true, true},     {"regs/float", 416, true, true},
    {"regs/env", 16, true, true},      {"regs/user", 216, true, true},
    {"regs/debug", 64, true, true},    {"regs/xstate", 832, true, true},
    {"siginfo", 128, true, true},      {"sigmask", 8, true, true},
    {"sigqueue", 0, false, true},      {"sigqueue-shared", 0, false, true},
    {"syscall-info", 96, false, true}, {"rusage", 144, false, false},
    {"rseq", 24, false, true},
};
#define NFILES ((int)(sizeof(files) / sizeof(files[0])))

START_TEST(sizes)
{
	unsigned char buf[2048];
	int64_t n = read_file(pid, files[_i].name, buf, sizeof(buf));

	ck_assert_int_eq(n, (int64_t)files[_i].size);
	if (!files[_i].size)
		return;
	/* As much as the buffer holds. */
	ck_assert_int_eq(read_file(pid, files[_i].name, buf, 8), 8);
	ck_assert_int_eq(read_file(pid, files[_i].name, buf, 5), 5);
	ck_assert_int_eq(read_file(pid, files[_i].name, buf, 0), 0);
}
END_TEST

/* What was read can be written back; no other size can. */
START_TEST(write_back)
{
	unsigned char buf[2048], again[2048];
	const char *name = files[_i].name;
	int64_t size = (int64_t)files[_i].size;

	if (!files[_i].writable)
		return;
	ck_assert_int_eq(read_file(pid, name, buf, sizeof(buf)), size);
	ck_assert_int_eq(write_file(pid, name, buf, (size_t)size), size);
	ck_assert_int_eq(read_file(pid, name, again, sizeof(again)), size);
	ck_assert_mem_eq(buf, again, (size_t)size);
	ck_assert_int_lt(write_file(pid, name, buf, (size_t)size - 1), 0);
	ck_assert_int_lt(write_file(pid, name, buf, 0), 0);
	if (strcmp(name, "regs/xstate") != 0)
		ck_assert_int_eq(write_file(pid, name, buf, (size_t)size + 1),
				 EINVAL_);
	ck_assert_int_eq(read_file(pid, name, again, sizeof(again)), size);
	ck_assert_mem_eq(buf, again, (size_t)size);
}
END_TEST

/* Not while it runs, nor for another than its tracer, nor when it is dead. */
START_TEST(when_and_who)
{
	unsigned char buf[2048];
	struct sim_thread *other = sim_host(sim, NULL, 0);
	const char *name = files[_i].name;
	int fd = bed_open(me, pid, name, SIM_O_READ);

	ck_assert_int_eq(bed_try(other, pid, name, SIM_O_READ), EPERM_);
	go(trace, PROC_EVENT_EXITED);
	sim_idle(sim);
	ck_assert_int_eq(sim_read(me, fd, buf, sizeof(buf)),
			 files[_i].in_stop ? UNRECOVERABLE_
					   : (int64_t)files[_i].size);
	sim_kill(me, pid, 9);
	sim_idle(sim);
	ck_assert_int_eq(sim_read(me, fd, buf, sizeof(buf)),
			 files[_i].in_stop ? ESRCH_ : (int64_t)files[_i].size);
	sim_close(me, trace);
	ck_assert_int_eq(sim_read(me, fd, buf, sizeof(buf)), ESRCH_);
	sim_close(me, fd);
	sim_exit(other, 0);
	bed_reap(pid);
}
END_TEST

/* The rights of the descriptor, and seeking where there is none. */
START_TEST(descriptor_rights)
{
	char buf[256];
	int fd = bed_open(me, pid, "regs/user", SIM_O_READ);

	ck_assert_int_eq(sim_write(me, fd, buf, 216), EBADF_);
	sim_close(me, fd);
	fd = bed_open(me, pid, "regs/user", SIM_O_WRITE);
	ck_assert_int_eq(sim_read(me, fd, buf, 216), EBADF_);
	sim_close(me, fd);
	fd = sim_dup(me, trace, "regs/user", SIM_O_READ);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(sim_read(me, fd, buf, sizeof(buf)), 216);
	sim_close(me, fd);
	ck_assert_int_eq(sim_dup(me, trace, "nothing", SIM_O_READ), EINVAL_);
	fd = bed_open(me, pid, "exe", SIM_O_READ);
	ck_assert_int_eq(sim_read(me, fd, buf, sizeof(buf)), 10);
	ck_assert_mem_eq(buf, "/bin/test1", 10);
	sim_close(me, fd);
}
END_TEST

/* Wrong images change nothing. */
START_TEST(bad_images)
{
	struct proc_user_regs user, was = get_regs(pid);
	struct proc_env_regs env = {UINT64_MAX, 0};
	struct proc_debug_regs dr = {{0}};
	struct proc_int_regs ints;
	unsigned char f[832];

	user = was;
	user.cs = 8;
	user.rbx = 5;
	ck_assert_int_eq(write_file(pid, "regs/user", &user, sizeof(user)),
			 EIO_);
	ck_assert_int_eq(write_file(pid, "regs/env", &env, sizeof(env)), EIO_);
	ck_assert_int_eq(read_file(pid, "regs/int", &ints, 160), 160);
	ints.ss = 0;
	ints.rbx = 5;
	ck_assert_int_eq(write_file(pid, "regs/int", &ints, 160), EIO_);
	user = get_regs(pid);
	ck_assert_mem_eq(&user, &was, sizeof(user));
	dr.dr[0] = UINT64_MAX;
	ck_assert_int_eq(write_file(pid, "regs/debug", &dr, 64), EINVAL_);
	dr.dr[0] = 0;
	dr.dr[7] = 0x20001; /* input and output */
	ck_assert_int_eq(write_file(pid, "regs/debug", &dr, 64), EINVAL_);
	ck_assert_int_eq(read_file(pid, "regs/float", f, 416), 416);
	f[26] = 0xff; /* reserved bits of MXCSR */
	ck_assert_int_eq(write_file(pid, "regs/float", f, 416), EINVAL_);
	ck_assert_int_eq(read_file(pid, "regs/xstate", f, 832), 832);
	f[520] = 1; /* XCOMP_BV */
	ck_assert_int_eq(write_file(pid, "regs/xstate", f, 832), EINVAL_);
	f[520] = 0;
	ck_assert_int_eq(write_file(pid, "regs/xstate", f, 824), EFAULT_);
	ck_assert_int_eq(write_file(pid, "regs/xstate", f, 831), EINVAL_);
}
END_TEST

/* The trap flag, IOPL and the like are not the tracer's. */
START_TEST(flags_register)
{
	struct proc_user_regs r = get_regs(pid);
	uint64_t was = r.rflags;

	r.rflags = was | 0x3000 | 0x20000 | 0x40;
	set_regs(pid, &r);
	ck_assert_uint_eq(get_regs(pid).rflags, was | 0x40);
	r.rflags = 0;
	set_regs(pid, &r);
	ck_assert_uint_eq(get_regs(pid).rflags & 0x202, 0x202);
}
END_TEST

START_TEST(mem_reads)
{
	unsigned char buf[64], *big = malloc(64 << 10);
	int fd = bed_open(me, pid, "mem", SIM_O_RDWR);

	ck_assert_int_eq(sim_pread(me, fd, buf, 9, SIM_DATA), 9);
	ck_assert_mem_eq(buf, "some data", 9);
	ck_assert_int_eq(sim_pread(me, fd, buf, 0, SIM_DATA), 0);
	ck_assert_int_eq(sim_pread(me, fd, buf, 0, 0), 0);
	ck_assert_int_eq(sim_pread(me, fd, buf, 1, 0), EIO_);
	ck_assert_int_eq(sim_pread(me, fd, buf, 8, UINT64_MAX - 3), EIO_);
	ck_assert_int_eq(
	    sim_pread(me, fd, buf, 8, UINT64_C(0xffff800000000000)), EIO_);
	ck_assert_int_eq(
	    sim_pread(me, fd, buf, 8, UINT64_C(0x800000000000) - 4), EIO_);
	/* All of the data, and short where it ends. */
	ck_assert_int_eq(sim_pread(me, fd, big, 64 << 10, SIM_DATA + 1),
			 0x4000 - 1);
	/* The top of the stack: an offset beyond 32 bits. */
	ck_assert_int_eq(sim_pread(me, fd, buf, 64, SIM_STACK - 32), 32);
	sim_close(me, fd);
	free(big);
}
END_TEST

/* The file's own offset, of 64 bits, goes on with each read. */
START_TEST(mem_offset)
{
	char buf[16] = {0};
	int fd = bed_open(me, pid, "mem", SIM_O_RDWR);

	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(
		    sim_pread(me, fd, buf + 3 * i, 3, SIM_DATA + 3 * i), 3);
	ck_assert_str_eq(buf, "some data");
	ck_assert_int_eq(sim_read(me, fd, buf, 1), EIO_); /* at 0 */
	sim_close(me, fd);
}
END_TEST

/* Memory can be read while the tracee runs, and by others with the right. */
START_TEST(mem_of_others)
{
	struct sim_thread *root = sim_host(sim, NULL, 0);
	struct sim_thread *user = sim_host(sim, NULL, 7);
	char buf[8];
	int fd;

	go(trace, 0);
	sim_idle(sim);
	fd = bed_open(root, pid, "mem", SIM_O_READ);
	ck_assert_int_eq(sim_pread(root, fd, buf, 4, SIM_DATA), 4);
	ck_assert_int_eq(bed_try(user, pid, "mem", SIM_O_READ), EACCES_);
	ck_assert_int_eq(bed_try(user, pid, "vm", SIM_O_READ), EPERM_);
	sim_exit(root, 0);
	sim_exit(user, 0);
}
END_TEST

/* `mem` goes into read-only private memory, `vm` does not. */
START_TEST(forced_and_not)
{
	unsigned char was[4], now[4];
	int mem = bed_open(me, pid, "mem", SIM_O_RDWR);
	int vm = bed_open(me, pid, "vm", SIM_O_RDWR);

	ck_assert_int_eq(sim_pread(me, vm, was, 4, SIM_TEXT), 4);
	ck_assert_int_eq(sim_pwrite(me, vm, "\xcc", 1, SIM_TEXT), EFAULT_);
	ck_assert_int_eq(sim_pwrite(me, mem, "\xcc", 1, SIM_TEXT), 1);
	ck_assert_int_eq(sim_pread(me, vm, now, 4, SIM_TEXT), 4);
	ck_assert_uint_eq(now[0], 0xcc);
	ck_assert_mem_eq(now + 1, was + 1, 3);
	/* It still is not writable for the program, nor for vm. */
	ck_assert_int_eq(sim_pwrite(me, vm, "\x90", 1, SIM_TEXT), EFAULT_);
	ck_assert_int_eq(sim_pwrite(me, vm, "x", 1, SIM_DATA), 1);
	ck_assert_int_eq(sim_pread(me, vm, was, 1, 0x1000), EFAULT_);
	sim_close(me, mem);
	sim_close(me, vm);
}
END_TEST

/* A write that the CPU has seen before it: no stale translation stays. */
START_TEST(write_is_seen)
{
	struct as *a = bed_as();
	uint64_t word = bed_room(8), one = 1;
	int32_t p;
	int fd;

	as_mov(a, RBX, word);
	uint64_t loop = as_here(a);
	as_sys(a, 24);
	as_load(a, RAX, RBX, 0);
	as_cmp(a, RAX, 0);
	as_jz(a, loop);
	bed_exit(a, 7);
	p = bed_spawn();
	sim_run(sim, NULL, NULL, 20);
	fd = bed_open(me, p, "mem", SIM_O_RDWR);
	ck_assert_int_eq(sim_pwrite(me, fd, &one, 8, word), 8);
	sim_close(me, fd);
	ck_assert_int_eq(bed_reap(p), 7 << 8);
}
END_TEST

START_TEST(trace_writes)
{
	static const uint64_t bad[] = {
	    UINT64_C(1) << 6,
	    UINT64_C(1) << 12 << 1,
	    UINT64_C(1) << 26,
	    UINT64_C(1) << 40,
	    UINT64_C(1) << 63,
	    PROC_EVENT_CHILD,
	    PROC_FLAG_SIGNAL,
	    PROC_FLAG_LISTEN | PROC_FLAG_INTERRUPT,
	    PROC_FLAG_DETACH | PROC_FLAG_SETMASK,
	    PROC_FLAG_DETACH | PROC_FLAG_LISTEN,
	};
	struct proc_resume r = {0, 65};
	unsigned char buf[32] = {0};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(go_try(trace, bad[i]), EINVAL_);
	for (size_t n = 1; n < 32; n++)
		if (n != 8)
			ck_assert_int_eq(sim_write(me, trace, buf, n), EINVAL_);
	ck_assert_int_eq(sim_write(me, trace, &r, 16), EINVAL_);
	r.flags = PROC_FLAG_SIGNAL;
	ck_assert_int_eq(sim_write(me, trace, &r, 16), EINVAL_);
	/* None of this has resumed it. */
	ck_assert_int_eq(state_of(pid), 't');
	/* The empty write does. */
	ck_assert_int_eq(sim_write(me, trace, buf, 0), 0);
	sim_idle(sim);
	ck_assert_int_eq(state_of(pid), 'S');
}
END_TEST

START_TEST(trace_reads)
{
	struct proc_event ev[4];
	struct sim_pollfd p = {trace, KS_READ | KS_WRITE, 0};
	int fd;

	ck_assert_int_eq(sim_read(me, trace, ev, 55), EINVAL_);
	ck_assert_int_eq(sim_poll(me, &p, 1, 0), 1);
	ck_assert_uint_eq(p.revents, KS_WRITE);
	go(trace, PROC_STOP_PRE_SYSCALL);
	p.events = KS_READ;
	ck_assert_int_eq(sim_poll(me, &p, 1, -1), 1);
	ck_assert_int_eq(sim_read(me, trace, ev, sizeof(ev)), 56);
	ck_assert_uint_eq(ev[0].cause, PROC_STOP_PRE_SYSCALL);
	/* Nothing will come while it is stopped. */
	ck_assert_int_eq(sim_read(me, trace, ev, sizeof(ev)), -35);
	sim_close(me, trace);
	fd = bed_open(me, pid, "trace", SIM_O_RDWR | SIM_O_NONBLOCK);
	ck_assert_int_eq(sim_read(me, fd, ev, sizeof(ev)), -11);
	sim_close(me, fd);
}
END_TEST

START_TEST(syscall_info)
{
	struct proc_syscall sc;

	ck_assert_int_eq(read_file(pid, "syscall-info", &sc, sizeof(sc)), 96);
	ck_assert_uint_eq(sc.op, PROC_SYSCALL_NONE);
	ck_assert_int_eq(write_file(pid, "syscall-info", &sc, sizeof(sc)),
			 EINVAL_);
	go(trace, SYSCALLS);
	expect(trace, PROC_STOP_PRE_SYSCALL);
	ck_assert_int_eq(read_file(pid, "syscall-info", &sc, sizeof(sc)), 96);
	ck_assert_uint_eq(sc.op, PROC_SYSCALL_ENTRY);
	ck_assert_uint_eq(sc.arch, 0xc000003e);
	ck_assert_uint_eq(sc.nr, 39);
	ck_assert_uint_eq(sc.ip, get_regs(pid).rip);
	sc.nr = 102;
	ck_assert_int_eq(write_file(pid, "syscall-info", &sc, sizeof(sc)), 96);
	ck_assert_uint_eq(get_regs(pid).orig_rax, 102);
	sc.op = PROC_SYSCALL_EXIT;
	ck_assert_int_eq(write_file(pid, "syscall-info", &sc, sizeof(sc)),
			 EINVAL_);
	go(trace, SYSCALLS);
	expect(trace, PROC_STOP_POST_SYSCALL);
	ck_assert_int_eq(read_file(pid, "syscall-info", &sc, sizeof(sc)), 96);
	ck_assert_uint_eq(sc.op, PROC_SYSCALL_EXIT);
	ck_assert_int_eq(sc.rval, 0);
	sc.rval = -5;
	ck_assert_int_eq(write_file(pid, "syscall-info", &sc, sizeof(sc)), 96);
	ck_assert_int_eq(read_file(pid, "syscall-info", &sc, sizeof(sc)), 96);
	ck_assert_uint_eq(sc.is_error, 1);
	ck_assert_int_eq((int64_t)get_regs(pid).rax, -5);
}
END_TEST

START_TEST(signal_files)
{
	struct proc_siginfo info[3];
	uint64_t mask = UINT64_MAX;
	int fd;

	ck_assert_int_eq(write_file(pid, "sigmask", &mask, 8), 8);
	ck_assert_int_eq(read_file(pid, "sigmask", &mask, 8), 8);
	ck_assert_uint_eq(mask, UINT64_MAX & ~UINT64_C(0x40100));
	sim_tgkill(me, pid, pid, 10);
	sim_tgkill(me, pid, pid, 12);
	sim_kill(me, pid, 15);
	ck_assert_int_eq(read_file(pid, "sigqueue", info, sizeof(info)), 256);
	ck_assert_int_eq(info[0].signo, 10);
	ck_assert_int_eq(info[1].signo, 12);
	ck_assert_int_eq(read_file(pid, "sigqueue-shared", info, 128), 128);
	ck_assert_int_eq(info[0].signo, 15);
	ck_assert_int_eq(read_file(pid, "sigqueue", info, 127), EINVAL_);
	fd = bed_open(me, pid, "sigqueue", SIM_O_READ);
	ck_assert_int_eq(sim_pread(me, fd, info, sizeof(info), 128), 128);
	ck_assert_int_eq(info[0].signo, 12);
	ck_assert_int_eq(sim_pread(me, fd, info, sizeof(info), 256), 0);
	ck_assert_int_eq(sim_pread(me, fd, info, sizeof(info), 64), EINVAL_);
	sim_close(me, fd);
}
END_TEST

/* A blocked SIGTRAP of a step unblocks itself, as a forced signal does. */
START_TEST(blocked_trap)
{
	uint64_t mask = UINT64_MAX;

	ck_assert_int_eq(write_file(pid, "sigmask", &mask, 8), 8);
	go(trace, PROC_STOP_SINGLESTEP);
	expect(trace, PROC_STOP_SINGLESTEP);
}
END_TEST

/* Events that nobody reads hold the tracee up; none is lost. */
START_TEST(full_queue)
{
	struct as *a = bed_as();
	int32_t p;
	int fd, n = 0;
	struct proc_event ev;

	for (int i = 0; i < 12; i++)
		as_sys(a, 56, 0x10d00, SIM_DATA + 0x3000);
	as_sys(a, 60, 0);
	p = bed_spawn();
	fd = freeze(p);
	go(fd, PROC_EVENT_CLONE);
	sim_idle(sim);
	while (sim_read(me, fd, &ev, sizeof(ev)) == sizeof(ev)) {
		ck_assert_uint_eq(ev.cause, PROC_EVENT_CLONE);
		n++;
	}
	ck_assert_int_eq(n, 12);
	sim_kill(me, p, 9);
	sim_close(me, fd);
}
END_TEST

static void
add_all_files(TCase *tc)
{
	tcase_add_loop_test(tc, sizes, 0, NFILES);
	tcase_add_loop_test(tc, write_back, 0, NFILES);
	tcase_add_loop_test(tc, when_and_who, 0, NFILES);
}

int
main(void)
{
	Suite *s = suite_create("trace_files");
	TCase *tc = tcase_create("files");

	tcase_add_checked_fixture(tc, setup, bed_teardown);
	add_all_files(tc);
	tcase_add_test(tc, descriptor_rights);
	tcase_add_test(tc, bad_images);
	tcase_add_test(tc, flags_register);
	tcase_add_test(tc, mem_reads);
	tcase_add_test(tc, mem_offset);
	tcase_add_test(tc, mem_of_others);
	tcase_add_test(tc, forced_and_not);
	tcase_add_test(tc, write_is_seen);
	tcase_add_test(tc, trace_writes);
	tcase_add_test(tc, trace_reads);
	tcase_add_test(tc, syscall_info);
	tcase_add_test(tc, signal_files);
	tcase_add_test(tc, blocked_trap);
	tcase_add_test(tc, full_queue);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
