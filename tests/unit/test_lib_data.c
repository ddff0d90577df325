/* SPDX-License-Identifier: MIT */
/* libptrace's requests that move data: memory, registers, signals, calls. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "fake_io.h"
#include "suite.h"

#define NT_PRSTATUS   1
#define NT_PRFPREG    2
#define NT_X86_XSTATE 0x202

START_TEST(peek_and_poke)
{
	struct fake_file *mem;
	long minus = -1;
	int calls;

	fake_stopped(PROC_STOP_SIGNAL, 2, 0);
	mem = fake_find(TID, PROC_FILE_MEM);
	mem->offset = 0x7000;
	memcpy(mem->data + 3, &minus, sizeof(minus));
	errno = 5;
	ck_assert_int_eq(ptrace(PTRACE_PEEKDATA, TID, word(0x7003), NULL), -1);
	ck_assert_int_eq(errno, 0);
	calls = fake.calls;
	ck_assert_int_eq(
	    ptrace(PTRACE_POKETEXT, TID, word(0x7011), word(0x12345678)), 0);
	ck_assert_int_eq(ptrace(PTRACE_PEEKTEXT, TID, word(0x7011), NULL),
			 0x12345678);
	ck_assert_int_eq(fake.calls - calls, 2);
}
END_TEST

START_TEST(user_area)
{
	struct proc_user_regs *regs;
	struct user_regs_struct out;
	struct proc_debug_regs *debug;
	int calls;

	fake_stopped(PROC_STOP_SIGNAL, 2, 0);
	regs = (void *)fake_find(TID, PROC_FILE_REGS_USER)->data;
	debug = (void *)fake_find(TID, PROC_FILE_REGS_DEBUG)->data;
	regs->orig_rax = 59;
	regs->fs_base = 0x1234;
	ck_assert_int_eq(ptrace(PTRACE_PEEKUSER, TID,
				word(offsetof(struct user, regs.orig_rax)),
				NULL),
			 59);
	calls = fake.calls;
	ck_assert_int_eq(ptrace(PTRACE_GETREGS, TID, NULL, &out), 0);
	ck_assert_int_eq(fake.calls - calls, 1);
	ck_assert_uint_eq(out.fs_base, 0x1234);
	ck_assert_int_eq(ptrace(PTRACE_POKEUSER, TID,
				word(offsetof(struct user, regs.rip)),
				word(0x4000)),
			 0);
	ck_assert_uint_eq(regs->rip, 0x4000);
	ck_assert_uint_eq(regs->orig_rax, 59);
	ck_assert_int_eq(ptrace(PTRACE_POKEUSER, TID,
				word(offsetof(struct user, u_debugreg[7])),
				word(0x155)),
			 0);
	ck_assert_uint_eq(debug->dr[7], 0x155);
	ck_assert_int_eq(ptrace(PTRACE_PEEKUSER, TID,
				word(offsetof(struct user, u_debugreg[7])),
				NULL),
			 0x155);
	ck_assert_int_eq(ptrace(PTRACE_PEEKUSER, TID, word(216), NULL), 0);
	ck_assert_int_eq(ptrace(PTRACE_PEEKUSER, TID, word(920), NULL), 0);
	fake_find(TID, PROC_FILE_REGS_USER)->error = -EIO;
	ck_errno(ptrace(PTRACE_SETREGS, TID, NULL, &out), EIO);
}
END_TEST

START_TEST(regsets)
{
	unsigned char buf[8192];
	struct iovec iov = {buf, 13};

	fake_stopped(PROC_STOP_SIGNAL, 2, 0);
	ck_errno(ptrace(PTRACE_GETREGSET, TID, word(NT_PRSTATUS), &iov),
		 EINVAL);
	iov.iov_len = 16;
	ck_errno(ptrace(PTRACE_GETREGSET, TID, word(77), &iov), EINVAL);
	ck_assert_int_eq(ptrace(PTRACE_GETREGSET, TID, word(NT_PRSTATUS), &iov),
			 0);
	ck_assert_uint_eq(iov.iov_len, 16);
	memset(buf, 0x11, 16);
	ck_assert_int_eq(ptrace(PTRACE_SETREGSET, TID, word(NT_PRSTATUS), &iov),
			 0);
	ck_assert_uint_eq(fake_find(TID, PROC_FILE_REGS_USER)->data[15], 0x11);
	ck_assert_uint_eq(fake_find(TID, PROC_FILE_REGS_USER)->data[16], 0);
	iov.iov_len = sizeof(buf);
	ck_assert_int_eq(ptrace(PTRACE_GETREGSET, TID, word(NT_PRSTATUS), &iov),
			 0);
	ck_assert_uint_eq(iov.iov_len, 216);
	iov.iov_len = 504;
	ck_errno(ptrace(PTRACE_SETREGSET, TID, word(NT_PRFPREG), &iov), EINVAL);
	iov.iov_len = sizeof(buf);
	ck_assert_int_eq(ptrace(PTRACE_GETREGSET, TID, word(NT_PRFPREG), &iov),
			 0);
	ck_assert_uint_eq(iov.iov_len, 512);
	iov.iov_len = sizeof(buf);
	ck_assert_int_eq(
	    ptrace(PTRACE_GETREGSET, TID, word(NT_X86_XSTATE), &iov), 0);
	ck_assert_uint_eq(iov.iov_len, 832);
	iov.iov_len = 824;
	ck_errno(ptrace(PTRACE_SETREGSET, TID, word(NT_X86_XSTATE), &iov),
		 EFAULT);
	iov.iov_len = sizeof(buf);
	ck_assert_int_eq(
	    ptrace(PTRACE_SETREGSET, TID, word(NT_X86_XSTATE), &iov), 0);
	ck_assert_uint_eq(iov.iov_len, 832);
}
END_TEST

START_TEST(syscall_info)
{
	struct proc_syscall w = {.op = PROC_SYSCALL_ENTRY,
				 .arch = 0xc000003e,
				 .ip = 0x1000,
				 .sp = 0x2000,
				 .nr = 1,
				 .args = {1, 2, 3, 4, 5, 6}};
	struct __ptrace_syscall_info info;
	const int no_good = _i;

	fake_stopped(PROC_STOP_PRE_SYSCALL, 0,
		     no_good ? 0 : PTRACE_O_TRACESYSGOOD);
	fake_add(TID, PROC_FILE_SYSCALL, &w, sizeof(w));
	memset(&info, 0x55, sizeof(info));
	ck_assert_int_eq(
	    ptrace(PTRACE_GET_SYSCALL_INFO, TID, word(sizeof(info)), &info),
	    no_good ? 24 : 80);
	ck_assert_uint_eq(info.op, !no_good);
	ck_assert_uint_eq(info.arch, 0xc000003e);
	ck_assert_uint_eq(info.instruction_pointer, 0x1000);
	if (no_good) {
		ck_errno(ptrace(PTRACE_SET_SYSCALL_INFO, TID, word(88), &info),
			 EINVAL);
		return;
	}
	ck_assert_uint_eq(info.entry.args[5], 6);
	ck_assert_int_eq(ptrace(PTRACE_GET_SYSCALL_INFO, TID, NULL, NULL), 80);
	info.entry.nr = 2;
	ck_assert_int_eq(ptrace(PTRACE_SET_SYSCALL_INFO, TID, word(88), &info),
			 0);
	memcpy(&w, fake_find(TID, PROC_FILE_SYSCALL)->data, sizeof(w));
	ck_assert_uint_eq(w.nr, 2);
	info.entry.nr = (uint64_t)1 << 40;
	ck_errno(ptrace(PTRACE_SET_SYSCALL_INFO, TID, word(88), &info), ERANGE);
	info.op = PTRACE_SYSCALL_INFO_EXIT;
	ck_errno(ptrace(PTRACE_SET_SYSCALL_INFO, TID, word(88), &info), EINVAL);
}
END_TEST

START_TEST(siginfo)
{
	struct proc_siginfo info = {.signo = SIGTRAP};
	siginfo_t si;

	fake_stopped(PROC_STOP_EXEC, TID, PTRACE_O_TRACEEXEC);
	fake_add(TID, PROC_FILE_SIGINFO, &info, sizeof(info));
	ck_assert_int_eq(ptrace(PTRACE_GETSIGINFO, TID, NULL, &si), 0);
	ck_assert_int_eq(si.si_signo, SIGTRAP);
	ck_assert_int_eq(si.si_code, SIGTRAP | PTRACE_EVENT_EXEC << 8);
	si.si_code = 77;
	ck_assert_int_eq(ptrace(PTRACE_SETSIGINFO, TID, NULL, &si), 0);
	ck_assert_int_eq(ptrace(PTRACE_GETSIGINFO, TID, NULL, &si), 0);
	ck_assert_int_eq(si.si_code, 77);
}
END_TEST

START_TEST(changed_siginfo)
{
	siginfo_t si;

	fake_stopped(PROC_STOP_SIGNAL, 2, 0);
	memset(&si, 0, sizeof(si));
	si.si_signo = 2;
	ck_assert_int_eq(ptrace(PTRACE_SETSIGINFO, TID, NULL, &si), 0);
	ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, word(2)), 0);
	ck_assert(fake_last()->w.flags & PROC_FLAG_SIGNAL);
}
END_TEST

START_TEST(queued_signals)
{
	struct proc_siginfo queue[3] = {{.signo = 40}, {.signo = 41}};
	struct __ptrace_peeksiginfo_args args = {0, 0, 5};
	siginfo_t si[5];

	fake_stopped(PROC_STOP_SIGNAL, 2, 0);
	fake_add(TID, PROC_FILE_SIGQUEUE, queue, 2 * sizeof(queue[0]));
	ck_assert_int_eq(ptrace(PTRACE_PEEKSIGINFO, TID, &args, si), 2);
	ck_assert_int_eq(si[1].si_signo, 41);
	args.off = 1;
	ck_assert_int_eq(ptrace(PTRACE_PEEKSIGINFO, TID, &args, si), 1);
	args.off = UINT64_MAX;
	ck_assert_int_eq(ptrace(PTRACE_PEEKSIGINFO, TID, &args, si), 0);
	args.nr = -1;
	ck_errno(ptrace(PTRACE_PEEKSIGINFO, TID, &args, si), EINVAL);
	args = (struct __ptrace_peeksiginfo_args){0, 2, 1};
	ck_errno(ptrace(PTRACE_PEEKSIGINFO, TID, &args, si), EINVAL);
}
END_TEST

START_TEST(thread_areas)
{
	uint32_t area[4] = {0};

	fake_stopped(PROC_STOP_SIGNAL, 2, 0);
	ck_errno(ptrace(PTRACE_GET_THREAD_AREA, TID, word(-1), area), EIO);
	ck_errno(ptrace(PTRACE_GET_THREAD_AREA, TID, word(11), area), EINVAL);
	ck_errno(ptrace(PTRACE_SET_THREAD_AREA, TID, word(15), area), EINVAL);
	ck_errno(ptrace(PTRACE_GET_THREAD_AREA, TID, word(12), NULL), EFAULT);
	ck_assert_int_eq(ptrace(PTRACE_GET_THREAD_AREA, TID, word(12), area),
			 0);
	ck_assert_uint_eq(area[0], 12);
	ck_assert_uint_eq(area[3], 0x28);
	ck_assert_int_eq(ptrace(PTRACE_SET_THREAD_AREA, TID, word(12), area),
			 0);
}
END_TEST

START_TEST(new_program)
{
	struct fake_file *mem;

	fake_stopped(PROC_STOP_SIGNAL, 2, 0);
	mem = fake_find(TID, PROC_FILE_MEM);
	ck_assert_int_eq(ptrace(PTRACE_PEEKDATA, TID, word(8), NULL), 0);
	ck_assert_int_eq(mem->opens, 1);
	ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, NULL), 0);
	fake_event(TID, PROC_STOP_EXEC, TID);
	ck_assert_int_eq(waitpid(TID, NULL, 0), TID);
	ck_assert_int_eq(mem->opens, 0);
}
END_TEST

START_TEST(vm)
{
	char a[10], b[10], text[] = "hello, world";
	struct iovec local[2] = {{a, 4}, {b, 3}};
	struct iovec remote[2] = {{word(0x7000), 5}, {word(0x7100), 100}};
	struct fake_file *f;

	fake_stopped(PROC_STOP_SIGNAL, 2, 0);
	f = fake_find(TID, PROC_FILE_VM);
	f->offset = 0x7000;
	memcpy(f->data, text, 5);
	memcpy(f->data + 0x100, text + 5, 5);
	ck_assert_int_eq(process_vm_readv(TID, local, 2, remote, 2, 0), 7);
	ck_assert(!memcmp(a, "hell", 4) && !memcmp(b, "o, ", 3));
	remote[0].iov_base = word(0x7000 + 4096 - 2);
	ck_assert_int_eq(process_vm_readv(TID, local, 2, remote, 2, 0), 2);
	remote[0].iov_base = word(8);
	ck_errno(process_vm_readv(TID, local, 2, remote, 2, 0), EFAULT);
	ck_errno(process_vm_readv(TID, local, 2, remote, 2, 1), EINVAL);
	ck_errno(process_vm_readv(TID, local, 1025, remote, 2, 0), EINVAL);
	ck_errno(process_vm_readv(TID, NULL, 1, remote, 2, 0), EFAULT);
	ck_errno(process_vm_readv(9999, local, 2, remote, 2, 0), ESRCH);
	ck_assert_int_eq(process_vm_readv(9999, local, 0, remote, 2, 0), 0);
	remote[0].iov_base = word(0x7000);
	ck_assert_int_eq(process_vm_writev(TID, local, 1, remote, 1, 0), 4);
	/* One that is not traced: its file is opened for this alone. */
	fake_add(300, PROC_FILE_VM, text, sizeof(text));
	fake_add(300, PROC_FILE_TRACE, NULL, 0);
	remote[0].iov_base = word(0);
	ck_assert_int_eq(process_vm_readv(300, local, 1, remote, 1, 0), 4);
	ck_assert_int_eq(fake_find(300, PROC_FILE_VM)->opens, 0);
	fake_find(300, PROC_FILE_VM)->open_error = -EACCES;
	ck_errno(process_vm_readv(300, local, 1, remote, 1, 0), EPERM);
}
END_TEST

/* With no room for all handles the least used make room. */
START_TEST(little_room)
{
	struct user_regs_struct regs;
	siginfo_t si;
	uint64_t mask;

	fake_stopped(PROC_STOP_SIGNAL, 2, 0);
	fake.room = fake_open_handles() + 2;
	for (int i = 0; i < 20; i++) {
		ck_assert_int_eq(ptrace(PTRACE_GETREGS, TID, NULL, &regs), 0);
		ck_assert_int_eq(ptrace(PTRACE_GETSIGINFO, TID, NULL, &si), 0);
		ck_assert_int_eq(ptrace(PTRACE_GETSIGMASK, TID, word(8), &mask),
				 0);
		ck_assert_int_le(fake_open_handles(), fake.room);
	}
	ptl_reset(NULL);
	ck_assert_int_eq(fake_open_handles(), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("data");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, syscall_info, 0, 2);
	tcase_add_test(tc, peek_and_poke);
	tcase_add_test(tc, user_area);
	tcase_add_test(tc, regsets);
	tcase_add_test(tc, siginfo);
	tcase_add_test(tc, changed_siginfo);
	tcase_add_test(tc, queued_signals);
	tcase_add_test(tc, thread_areas);
	tcase_add_test(tc, new_program);
	tcase_add_test(tc, vm);
	tcase_add_test(tc, little_room);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
