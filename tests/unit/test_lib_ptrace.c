/* SPDX-License-Identifier: MIT */
/* libptrace's requests: what goes over the wire, and which errno comes back. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "fake_io.h"
#include "suite.h"

#define TID 200

#define NT_PRSTATUS   1
#define NT_PRFPREG    2
#define NT_X86_XSTATE 0x202

static const uint64_t basic =
    PROC_STOP_SIGNAL | PROC_STOP_GROUP | PROC_EVENT_EXITED;
static const uint64_t both = PROC_STOP_PRE_SYSCALL | PROC_STOP_POST_SYSCALL;
static const uint64_t step = PROC_STOP_SINGLESTEP | PROC_STOP_STEP_IN;

#define ck_errno(call, expected)                                               \
	do {                                                                   \
		errno = 0;                                                     \
		ck_assert_int_eq((call), -1);                                  \
		ck_assert_int_eq(errno, expected);                             \
	} while (0)

static void *
word(uintptr_t n)
{
	return (void *)n;
}

/* A tracee, seized with OPTIONS, in a stop for CAUSE. */
static void
stopped(uint64_t cause, uint64_t a, unsigned options)
{
	int st;

	fake_start();
	fake_thread(TID);
	ck_assert_int_eq(ptrace(PTRACE_SEIZE, TID, NULL, word(options)), 0);
	fake_event(TID, cause, a);
	ck_assert_int_eq(waitpid(TID, &st, __WALL), TID);
}

/* What each resuming request writes, by the stop that it leaves. */
static const struct {
	uint64_t cause, a;
	int request;
	unsigned sig;
	uint64_t flags;
	uint64_t stops;
} resumes[] = {
    {PROC_STOP_SIGNAL, 2, PTRACE_CONT, 2, 0, 0},
    {PROC_STOP_SIGNAL, 2, PTRACE_CONT, 0, PROC_FLAG_IGNORE, 0},
    {PROC_STOP_SIGNAL, 2, PTRACE_CONT, 10, PROC_FLAG_SIGNAL, 0},
    {PROC_STOP_SIGNAL, 2, PTRACE_SYSCALL, 2, 0, both},
    {PROC_STOP_SIGNAL, 2, PTRACE_SINGLESTEP, 0, PROC_FLAG_IGNORE, step},
    {PROC_STOP_SIGNAL, 2, PTRACE_SINGLEBLOCK, 2, 0, step | PROC_STOP_BLOCKSTEP},
    {PROC_STOP_SIGNAL, 2, PTRACE_SYSEMU, 2, 0, PROC_STOP_PRE_SYSCALL},
    {PROC_STOP_SIGNAL, 2, PTRACE_SYSEMU_SINGLESTEP, 2, 0,
     PROC_STOP_PRE_SYSCALL | step},
    {PROC_STOP_SINGLESTEP, 0, PTRACE_CONT, 0, 0, 0},
    {PROC_STOP_SINGLESTEP, 0, PTRACE_CONT, 5, PROC_FLAG_SIGNAL, 0},
    {PROC_STOP_PRE_SYSCALL, 0, PTRACE_SYSCALL, 0, 0, both},
    {PROC_STOP_PRE_SYSCALL, 0, PTRACE_SYSCALL, 12, PROC_FLAG_SIGNAL, both},
    {PROC_STOP_POST_SYSCALL, 0, PTRACE_CONT, 64, PROC_FLAG_SIGNAL, 0},
    {PROC_STOP_EXEC, TID, PTRACE_CONT, 12, 0, 0},
    {PROC_STOP_GROUP, 19, PTRACE_CONT, 19, 0, 0},
    {PROC_STOP_STEP_IN, 0, PTRACE_SINGLESTEP, 5, 0, step},
};

START_TEST(resume)
{
	const struct fake_write *w;

	stopped(resumes[_i].cause, resumes[_i].a, 0);
	ck_assert_int_eq(
	    ptrace(resumes[_i].request, TID, NULL, word(resumes[_i].sig)), 0);
	w = fake_last();
	ck_assert_uint_eq(w->w.flags,
			  basic | resumes[_i].flags | resumes[_i].stops);
	if (resumes[_i].flags & PROC_FLAG_SIGNAL) {
		ck_assert_uint_eq(w->size, 16);
		ck_assert_uint_eq(w->w.signal, resumes[_i].sig);
	} else {
		ck_assert_uint_eq(w->size, 8);
	}
	ck_errno(ptrace(PTRACE_CONT, TID, NULL, NULL), ESRCH);
}
END_TEST

static const struct {
	unsigned option;
	uint64_t bit;
} options[] = {
    {PTRACE_O_TRACESYSGOOD, 0},
    {PTRACE_O_TRACEFORK, PROC_STOP_FORK},
    {PTRACE_O_TRACEVFORK, PROC_STOP_VFORK},
    {PTRACE_O_TRACECLONE, PROC_STOP_CLONE},
    {PTRACE_O_TRACEEXEC, PROC_STOP_EXEC},
    {PTRACE_O_TRACEVFORKDONE, PROC_STOP_VFORK_DONE},
    {PTRACE_O_TRACEEXIT, PROC_STOP_EXIT},
    {PTRACE_O_TRACESECCOMP, PROC_STOP_SECCOMP},
    {PTRACE_O_EXITKILL, PROC_FLAG_EXITKILL},
    {PTRACE_O_SUSPEND_SECCOMP, PROC_FLAG_NO_SECCOMP},
};

START_TEST(option)
{
	stopped(PROC_STOP_SIGNAL, 2, 0);
	ck_assert_int_eq(
	    ptrace(PTRACE_SETOPTIONS, TID, NULL, word(options[_i].option)), 0);
	ck_assert_uint_eq(fake_last()->w.flags,
			  PROC_FLAG_SETMASK | basic | options[_i].bit);
	ck_assert_int_eq(ptrace(PTRACE_SYSCALL, TID, NULL, NULL), 0);
	ck_assert_uint_eq(fake_last()->w.flags,
			  PROC_FLAG_IGNORE | basic | both | options[_i].bit);
}
END_TEST

START_TEST(suspend_is_for_root)
{
	stopped(PROC_STOP_SIGNAL, 2, 0);
	fake.uid = 7;
	ck_errno(ptrace(PTRACE_SETOPTIONS, TID, NULL,
			word(PTRACE_O_SUSPEND_SECCOMP)),
		 EPERM);
	fake_thread(300);
	ck_errno(
	    ptrace(PTRACE_SEIZE, 300, NULL, word(PTRACE_O_SUSPEND_SECCOMP)),
	    EPERM);
}
END_TEST

START_TEST(thread_areas)
{
	uint32_t area[4] = {0};

	stopped(PROC_STOP_SIGNAL, 2, 0);
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

static void *
other_thread(void *arg)
{
	(void)arg;
	ck_errno(ptrace(PTRACE_CONT, TID, NULL, NULL), ESRCH);
	ck_errno(waitpid(TID, NULL, __WALL | WNOHANG | (int)__WNOTHREAD),
		 ECHILD);
	ck_assert_int_eq(waitpid(TID, NULL, __WALL | WNOHANG), 0);
	return NULL;
}

START_TEST(tracer_is_a_thread)
{
	pthread_t thread;

	stopped(PROC_STOP_SIGNAL, 2, 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, other_thread, NULL), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, NULL), 0);
}
END_TEST

START_TEST(sysemu_skips)
{
	int st;

	stopped(PROC_STOP_SIGNAL, 2, 1);
	ck_assert_int_eq(ptrace(PTRACE_SYSEMU, TID, NULL, NULL), 0);
	fake_event(TID, PROC_STOP_PRE_SYSCALL, 0);
	ck_assert_int_eq(waitpid(TID, &st, 0), TID);
	ck_assert_int_eq(st, 0x857f);
	/* However it goes on: this call is skipped. */
	ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, NULL), 0);
	ck_assert_uint_eq(fake_last()->w.flags, basic | PROC_FLAG_IGNORE);
	fake_event(TID, PROC_STOP_PRE_SYSCALL, 0);
	ck_assert_int_eq(waitpid(TID, &st, 0), TID);
	ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, NULL), 0);
	ck_assert_uint_eq(fake_last()->w.flags, basic);
}
END_TEST

START_TEST(attach)
{
	int st;

	fake_start();
	fake_thread(TID);
	ck_assert_int_eq(ptrace(PTRACE_ATTACH, TID, NULL, NULL), 0);
	ck_assert_uint_eq(fake_last()->w.flags, basic | PROC_FLAG_SETMASK |
						    PROC_FLAG_INTERRUPT |
						    PROC_FLAG_LEGACY);
	ck_errno(ptrace(PTRACE_ATTACH, TID, NULL, NULL), EPERM);
	ck_errno(ptrace(PTRACE_SEIZE, TID, NULL, NULL), EPERM);
	ck_errno(ptrace(PTRACE_INTERRUPT, TID, NULL, NULL), EIO);
	fake_event(TID, PROC_STOP_SIGNAL, 19);
	ck_assert_int_eq(waitpid(TID, &st, 0), TID);
	ck_errno(ptrace(PTRACE_LISTEN, TID, NULL, NULL), EIO);
	ck_errno(ptrace(PTRACE_DETACH, TID, NULL, word(65)), EIO);
	ck_assert_int_eq(ptrace(PTRACE_DETACH, TID, NULL, NULL), 0);
	ck_assert_uint_eq(fake_last()->w.flags,
			  PROC_FLAG_DETACH | PROC_FLAG_IGNORE);
	ck_assert_int_eq(fake_find(TID, PROC_FILE_TRACE)->opens, 0);
	ck_errno(ptrace(PTRACE_DETACH, TID, NULL, NULL), ESRCH);
}
END_TEST

/* Why `trace` cannot be opened, and what ATTACH says of it. */
static const struct {
	int error;
	bool exists;
	int result;
} refusals[] = {
    {-EPERM, true, EPERM},   {-EACCES, true, EPERM},  {-EBUSY, true, EPERM},
    {-ESRCH, true, EPERM},   {-ENOENT, true, ENOSYS}, {-ENOENT, false, ESRCH},
    {-EINVAL, false, ESRCH}, {-ESRCH, false, ESRCH},  {-ENOMEM, true, ENOMEM},
};

START_TEST(refused)
{
	fake_start();
	if (refusals[_i].exists)
		fake_add(TID, PROC_FILE_TRACE, NULL, 0)->open_error =
		    refusals[_i].error;
	ck_errno(ptrace(PTRACE_ATTACH, TID, NULL, NULL), refusals[_i].result);
	ck_errno(ptrace(PTRACE_SEIZE, TID, NULL, NULL), refusals[_i].result);
	ck_errno(ptrace(PTRACE_SEIZE, TID, word(1), NULL),
		 refusals[_i].exists ? EIO : ESRCH);
	ck_errno(ptrace(PTRACE_SEIZE, TID, NULL, word(0x400)),
		 refusals[_i].exists ? EIO : ESRCH);
	ck_errno(ptrace(PTRACE_ATTACH, 0, NULL, NULL), ESRCH);
	ck_errno(ptrace(PTRACE_ATTACH, -1, NULL, NULL), ESRCH);
	ck_assert_int_eq(fake.nwritten, 0);
}
END_TEST

/* Requests that Linux refuses for a stopped tracee, and how. */
static const struct {
	int request;
	uintptr_t addr, data;
	int error;
} errors[] = {
    {999, 0, 0, EIO},
    {-1, 0, 0, EIO},
    {PTRACE_GETFPXREGS, 0, 0, EIO},
    {PTRACE_CONT, 0, 65, EIO},
    {PTRACE_CONT, 0, -1, EIO},
    {PTRACE_DETACH, 0, 65, EIO},
    {PTRACE_SETOPTIONS, 0, 0x400, EINVAL},
    {PTRACE_SETOPTIONS, 0, -1, EINVAL},
    {PTRACE_PEEKUSER, 1, 0, EIO},
    {PTRACE_PEEKUSER, 928, 0, EIO},
    {PTRACE_PEEKUSER, -8, 0, EIO},
    {PTRACE_POKEUSER, 216, 0, EIO},
    {PTRACE_POKEUSER, 848 + 32, 0, EIO},
    {PTRACE_POKEUSER, 848 + 40, 0, EIO},
    {PTRACE_POKEUSER, 928, 0, EIO},
    {PTRACE_PEEKDATA, 0x10000, 0, EIO},
    {PTRACE_PEEKDATA, 4097 - sizeof(long), 0, EIO},
    {PTRACE_POKEDATA, -8, 0, EIO},
    {PTRACE_GETREGS, 0, 0, EFAULT},
    {PTRACE_SETREGS, 0, 0, EFAULT},
    {PTRACE_GETFPREGS, 0, 0, EFAULT},
    {PTRACE_SETFPREGS, 0, 0, EFAULT},
    {PTRACE_GETSIGINFO, 0, 0, EFAULT},
    {PTRACE_SETSIGINFO, 0, 0, EFAULT},
    {PTRACE_GETEVENTMSG, 0, 0, EFAULT},
    {PTRACE_GETSIGMASK, 4, 0, EINVAL},
    {PTRACE_GETSIGMASK, 8, 0, EFAULT},
    {PTRACE_SETSIGMASK, 16, 0, EINVAL},
    {PTRACE_PEEKSIGINFO, 0, 0, EFAULT},
    {PTRACE_GETREGSET, NT_PRSTATUS, 0, EFAULT},
    {PTRACE_GET_SYSCALL_INFO, 88, 0, EFAULT},
    {PTRACE_SET_SYSCALL_INFO, 80, 0, EINVAL},
    {PTRACE_SET_SYSCALL_INFO, 88, 0, EFAULT},
    {PTRACE_SECCOMP_GET_FILTER, 0, 0, EINVAL},
    {PTRACE_SECCOMP_GET_METADATA, 16, 0, EINVAL},
    {PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG, 31, 0, EINVAL},
    {PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG, 40, 0, EINVAL},
    {PTRACE_ARCH_PRCTL, 0, 0x1003, EFAULT},
    {PTRACE_ARCH_PRCTL, 0, 0x1009, EINVAL},
    {PTRACE_LISTEN, 0, 0, EIO},
};

START_TEST(error)
{
	stopped(PROC_STOP_SIGNAL, 2, 0);
	fake.nwritten = 0;
	ck_errno(ptrace(errors[_i].request, TID, word(errors[_i].addr),
			word(errors[_i].data)),
		 errors[_i].error);
	ck_assert_int_eq(fake.nwritten, 0);
	/* No tracee is found before the request is looked at. */
	ck_errno(ptrace(errors[_i].request, 77, word(errors[_i].addr),
			word(errors[_i].data)),
		 ESRCH);
	ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, NULL), 0);
	ck_errno(ptrace(errors[_i].request, TID, word(errors[_i].addr),
			word(errors[_i].data)),
		 ESRCH);
}
END_TEST

START_TEST(peek_and_poke)
{
	struct fake_file *mem;
	long minus = -1;
	int calls;

	stopped(PROC_STOP_SIGNAL, 2, 0);
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

	stopped(PROC_STOP_SIGNAL, 2, 0);
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

	stopped(PROC_STOP_SIGNAL, 2, 0);
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

	stopped(PROC_STOP_PRE_SYSCALL, 0, no_good ? 0 : PTRACE_O_TRACESYSGOOD);
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

	stopped(PROC_STOP_EXEC, TID, PTRACE_O_TRACEEXEC);
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

	stopped(PROC_STOP_SIGNAL, 2, 0);
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

	stopped(PROC_STOP_SIGNAL, 2, 0);
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

START_TEST(listening)
{
	int st;

	stopped(PROC_STOP_GROUP, SIGSTOP, 0);
	ck_assert_int_eq(ptrace(PTRACE_LISTEN, TID, NULL, NULL), 0);
	ck_assert_uint_eq(fake_last()->w.flags, PROC_FLAG_LISTEN);
	ck_errno(ptrace(PTRACE_CONT, TID, NULL, NULL), ESRCH);
	ck_assert_int_eq(ptrace(PTRACE_INTERRUPT, TID, NULL, NULL), 0);
	fake_event(TID, PROC_STOP_TRAP, SIGTRAP);
	ck_assert_int_eq(waitpid(TID, &st, 0), TID);
	ck_assert_int_eq(st, 0x80057f);
	ck_assert_int_eq(ptrace(PTRACE_CONT, TID, NULL, NULL), 0);
}
END_TEST

START_TEST(traceme)
{
	fake_start();
	ck_assert_int_eq(ptrace(PTRACE_TRACEME, 0, NULL, NULL), 0);
	/* open, write, close: a tracer may count them */
	ck_assert_int_eq(fake.calls, 3);
	fake_find(0, PROC_FILE_TRACEME)->error = -EPERM;
	ck_errno(ptrace(PTRACE_TRACEME, 0, NULL, NULL), EPERM);
	fake_start_base();
	ck_errno(ptrace(PTRACE_TRACEME, 0, NULL, NULL), ENOSYS);
}
END_TEST

START_TEST(killed_meanwhile)
{
	struct user_regs_struct regs;

	stopped(PROC_STOP_SIGNAL, 2, 0);
	fake_find(TID, PROC_FILE_TRACE)->error = -ESRCH;
	fake_find(TID, PROC_FILE_REGS_USER)->error = -ENOTRECOVERABLE;
	ck_errno(ptrace(PTRACE_CONT, TID, NULL, NULL), ESRCH);
	ck_errno(ptrace(PTRACE_GETREGS, TID, NULL, &regs), ESRCH);
	ck_assert_int_eq(ptrace(PTRACE_KILL, TID, NULL, NULL), 0);
	ck_assert_int_eq(fake.killed, TID);
}
END_TEST

/* With no room for all handles the least used make room. */
START_TEST(little_room)
{
	struct user_regs_struct regs;
	siginfo_t si;
	uint64_t mask;

	stopped(PROC_STOP_SIGNAL, 2, 0);
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

START_TEST(new_program)
{
	struct fake_file *mem;

	stopped(PROC_STOP_SIGNAL, 2, 0);
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

	stopped(PROC_STOP_SIGNAL, 2, 0);
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

#define LENGTH(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("requests");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, resume, 0, LENGTH(resumes));
	tcase_add_loop_test(tc, option, 0, LENGTH(options));
	tcase_add_loop_test(tc, refused, 0, LENGTH(refusals));
	tcase_add_loop_test(tc, error, 0, LENGTH(errors));
	tcase_add_loop_test(tc, syscall_info, 0, 2);
	tcase_add_test(tc, suspend_is_for_root);
	tcase_add_test(tc, thread_areas);
	tcase_add_test(tc, tracer_is_a_thread);
	tcase_add_test(tc, sysemu_skips);
	tcase_add_test(tc, attach);
	tcase_add_test(tc, peek_and_poke);
	tcase_add_test(tc, user_area);
	tcase_add_test(tc, regsets);
	tcase_add_test(tc, siginfo);
	tcase_add_test(tc, changed_siginfo);
	tcase_add_test(tc, queued_signals);
	tcase_add_test(tc, listening);
	tcase_add_test(tc, traceme);
	tcase_add_test(tc, killed_meanwhile);
	tcase_add_test(tc, little_room);
	tcase_add_test(tc, new_program);
	tcase_add_test(tc, vm);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
