/* SPDX-License-Identifier: MIT */
/*
 * Programs that mean harm: jumps to where nobody may go, frames that lie,
 * steps across every way into and out of the kernel, too many processes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "tap.h"

#define FLAG_TF 0x100

/* The wait status of a child that runs FN with ARG, and exits with 0. */
static int
in_child(void (*fn)(uintptr_t), uintptr_t arg)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		fn(arg);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return status;
}

/* ---- jumps ---- */

static void
by_call(uintptr_t to)
{
	((void (*)(void))to)();
}

static void
by_ret(uintptr_t to)
{
	__asm__ volatile("push %0\n\tret" ::"r"(to) : "memory");
}

static void
by_iret(uintptr_t to)
{
	__asm__ volatile("mov %%rsp, %%rax\n\tpushq $0x2b\n\tpush %%rax\n\t"
			 "pushfq\n\tpushq $0x33\n\tpush %0\n\tiretq" ::"r"(to)
			 : "rax", "memory");
}

static void
by_far_ret(uintptr_t to)
{
	__asm__ volatile("pushq $0x10\n\tpush %0\n\tlretq" ::"r"(to)
			 : "memory");
}

static void
nothing(int sig)
{
	(void)sig;
}

/* Where a handler is to begin. */
static void
by_handler(uintptr_t to)
{
	signal(SIGUSR1, (void (*)(int))to);
	raise(SIGUSR1);
}

/* Where a handler is to return to: there is no way back to be taken. */
static void
by_restorer(uintptr_t to)
{
	struct {
		void (*handler)(int);
		unsigned long flags;
		uintptr_t restorer;
		uint64_t mask;
	} sa = {nothing, 0x04000000 /* SA_RESTORER */, to, 0};

	syscall(SYS_rt_sigaction, SIGUSR1, &sa, 0, 8);
	raise(SIGUSR1);
}

static void
test_jumps(void)
{
	static const struct {
		const char *name;
		void (*fn)(uintptr_t);
	} ways[] = {
	    {"call", by_call},	     {"ret", by_ret},
	    {"iretq", by_iret},	     {"lretq", by_far_ret},
	    {"handler", by_handler}, {"restorer", by_restorer},
	};
	static const uintptr_t places[] = {
	    0x10,	    0x7ffffffff000,	1ul << 47,
	    1ul << 63,	    0xffff888000000000, 0xffffffff80000000,
	    (uintptr_t)-16,
	};

	for (size_t w = 0; w < sizeof(ways) / sizeof(ways[0]); w++) {
		int bad = 0;

		for (size_t p = 0; p < sizeof(places) / sizeof(places[0]); p++)
			bad +=
			    in_child(ways[w].fn, places[p]) != SIGSEGV &&
			    in_child(ways[w].fn, places[p]) != (SIGSEGV | 0x80);
		is_int(bad, 0, "to nowhere by %s: SIGSEGV", ways[w].name);
	}
}

/* ---- frames ---- */

/* The XSAVE area of a frame: the software's bytes, then the header. */
struct xframe {
	uint8_t legacy[464];
	uint32_t magic1, extended_size;
	uint64_t features;
	uint32_t xstate_size, padding[7];
	uint64_t xstate_bv, xcomp_bv, reserved[6];
};

static uintptr_t lie;

static void
spoil(int sig, siginfo_t *info, void *ucv)
{
	ucontext_t *uc = ucv;
	struct xframe *x = (struct xframe *)uc->uc_mcontext.fpregs;

	(void)sig;
	(void)info;
	switch (lie) {
	case 0:
		x->xcomp_bv = 1ull << 63;
		break;
	case 1:
		x->xstate_bv |= 1ull << 62;
		break;
	case 2:
		memset(x->reserved, 0xff, sizeof(x->reserved));
		break;
	case 3:
		memset(&x->legacy[24], 0xff, 4); /* MXCSR */
		break;
	case 4:
		uc->uc_mcontext.fpregs = (fpregset_t)8;
		break;
	case 5:
		uc->uc_mcontext.fpregs = (fpregset_t)0xffffffff80000000;
		break;
	case 6:
		uc->uc_mcontext.fpregs = (fpregset_t)(1ul << 63);
		break;
	case 7:
		uc->uc_mcontext.gregs[REG_RIP] = 1l << 62;
		break;
	case 8:
		uc->uc_mcontext.gregs[REG_CSGSFS] = 0x2b << 16 | 0x08;
		break;
	case 9: /* only the legacy state is valid */
		x->magic1 = 0;
		memset(&x->xstate_bv, 0xff, 64);
		break;
	case 10:
		x->xstate_size = 0xffffffff;
		break;
	case 11:
		x->features = 0;
		break;
	case 12:
		uc->uc_mcontext.fpregs = NULL;
		break;
	case 13: /* IOPL, NT, VM, and whatever else there is */
		uc->uc_mcontext.gregs[REG_EFL] |= ~(uint64_t)FLAG_TF & ~0x40000;
		break;
	case 14:
		uc->uc_mcontext.gregs[REG_RSP] = 1l << 62;
		break;
	}
}

static void
with_lie(uintptr_t what)
{
	struct sigaction sa = {.sa_flags = SA_SIGINFO};

	lie = what;
	sa.sa_sigaction = spoil;
	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
}

static void
test_frames(void)
{
	static const char *const lies[] = {
	    "compacted format",
	    "a state component that there is not",
	    "reserved bytes of the XSAVE header",
	    "reserved bits of MXCSR",
	    "a wild pointer to the state",
	    "the kernel's address for it",
	    "a non-canonical one",
	    "a non-canonical rip",
	    "the kernel's code segment",
	};
	static const char *const accepted[] = {
	    "without magic the header is ignored",
	    "as with a size that is too large",
	    "as without features",
	    "without state it is the initial one",
	    "flags that are not the program's are ignored",
	};

	int s = in_child(with_lie, 14) & 0x7f;

	ok(s == SIGSEGV || s == SIGBUS, "a frame with a non-canonical rsp");
	for (uintptr_t i = 0; i < 9; i++)
		is_int(in_child(with_lie, i) & 0x7f, SIGSEGV, "a frame with %s",
		       lies[i]);
	for (uintptr_t i = 0; i < 5; i++)
		is_int(in_child(with_lie, 9 + i), 0, "a frame: %s",
		       accepted[i]);
}

/* ---- steps ---- */

static volatile int steps;

static void
on_step(int sig, siginfo_t *info, void *ucv)
{
	ucontext_t *uc = ucv;

	(void)sig;
	(void)info;
	if (++steps > 100)
		uc->uc_mcontext.gregs[REG_EFL] &= ~FLAG_TF;
}

/* Run ASM text between setting and clearing TF; what else it changes. */
#define STEP(text, ...)                                                        \
	__asm__ volatile("pushfq\n\torl $0x100, (%%rsp)\n\tpopfq\n\t" text     \
			 "\n\tpushfq\n\tandl $~0x100, (%%rsp)\n\tpopfq"        \
			 :                                                     \
			 : "r"(page)                                           \
			 : "rax", "rcx", "r11", "rdi", "rsi", "rdx", "memory", \
			   "cc", ##__VA_ARGS__)

static char *page;

static void
set_flag(int sig, siginfo_t *info, void *ucv)
{
	ucontext_t *uc = ucv;

	(void)sig;
	(void)info;
	uc->uc_mcontext.gregs[REG_EFL] |= FLAG_TF;
}

static void
is_stepped(int least, const char *what)
{
	ok(steps >= least && steps < 30, "steps over %s (%d)", what, steps);
	steps = 0;
}

#define IRET_HERE                                                              \
	"mov %%rsp, %%rax\n\tpushq $0x2b\n\tpush %%rax\n\tpushfq\n\t"          \
	"pushq $0x33\n\tlea 1f(%%rip), %%rax\n\tpush %%rax\n\t"                \
	"iretq\n1:\tnop"

static void
iret_here(uintptr_t arg)
{
	(void)arg;
	__asm__ volatile(IRET_HERE ::: "rax", "memory", "cc");
}

static void
test_steps(void)
{
	struct sigaction sa = {.sa_flags = SA_SIGINFO};

	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sa.sa_sigaction = on_step;
	sigaction(SIGTRAP, &sa, NULL);
	STEP("movl $39, %%eax\n\tsyscall\n\tnop");
	is_stepped(5, "a system call");
	STEP("movl $9999, %%eax\n\tsyscall\n\tnop");
	is_stepped(5, "one that there is not");
	if (in_child(iret_here, 0) == 0) {
		STEP(IRET_HERE);
		is_stepped(10, "an iretq that keeps the flag");
	} else { /* QEMU's reads the stack with the kernel's rights */
		skip("the emulated CPU has no iretq for programs");
	}
	STEP("movb $1, (%0)\n\tnop");
	is_stepped(4, "a page fault");
	STEP("mov %%ss, %%eax\n\tmov %%eax, %%ss\n\tnop\n\tnop");
	is_stepped(4, "a load of ss");
	STEP("mov %%ss, %%edx\n\tmovl $39, %%eax\n\tmov %%edx, %%ss\n\t"
	     "syscall\n\tnop");
	is_stepped(5, "a system call right after one");
	STEP("xor %%edi, %%edi\n\tmovl $12, %%eax\n\tsyscall\n\t"
	     "movl $24, %%eax\n\tsyscall");
	is_stepped(6, "two calls");
	sa.sa_sigaction = set_flag;
	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	__asm__ volatile("pushfq\n\tandl $~0x100, (%%rsp)\n\tpopfq" ::
			     : "memory", "cc");
	ok(steps > 0, "a sigreturn can set the flag");
}

/* ---- too many ---- */

/*
 * Fork, and so do all descendants; all hold PIPE open, and write to it whether
 * a fork worked. The depth is limited so that it ends for sure.
 */
static void
bomb(int pipe)
{
	struct rlimit few = {60, 60};
	uid_t uid = 50000 + (uid_t)getpid() % 10000; /* nobody else's */
	int depth = 0;
	char what;
	pid_t pid;

	if (getuid() == 0 && setresuid(uid, uid, uid) != 0)
		_exit(1);
	setrlimit(RLIMIT_NPROC, &few);
	for (int i = 0; i < 100 && depth < 6; i++) {
		pid = fork();
		if (pid < 0 && errno != EAGAIN)
			_exit(1);
		if (pid == 0)
			depth++;
		what = pid < 0 ? 'E' : 'f';
		if (write(pipe, &what, 1) != 1)
			_exit(1);
		if (pid < 0)
			sched_yield();
	}
	_exit(0);
}

static void
test_bomb(void)
{
	long refused = 0, forked = 0;
	int fds[2], status, bad = 0;
	char what;
	pid_t pid;

	if (pipe(fds) != 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
		exit(99);
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		bomb(fds[1]);
	}
	close(fds[1]);
	/* Until all of them are gone. */
	while (read(fds[0], &what, 1) == 1) {
		refused += what == 'E';
		forked += what == 'f';
	}
	close(fds[0]);
	while (wait(&status) > 0)
		bad += status != 0;
	ok(forked > 0, "a fork bomb goes off");
	ok(refused > 0, "at the limit it gets EAGAIN");
	is_int(bad, 0, "and nothing else");
	pid = fork();
	if (pid == 0)
		_exit(5);
	waitpid(pid, &status, 0);
	is_int(status, 5 << 8, "then all is as before");
}

int
main(void)
{
	test_jumps();
	test_frames();
	test_steps();
	test_bomb();
	return done_testing();
}
