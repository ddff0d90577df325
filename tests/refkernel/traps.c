/* SPDX-License-Identifier: MIT */
/* What exceptions of a program become: signal, code, address, registers. */
#define _GNU_SOURCE
#include <fenv.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "tap.h"

#define TRAPNO 20 /* index of REG_TRAPNO, REG_ERR, REG_CR2 */
#define ERR    19
#define CR2    22

static sigjmp_buf jump;
static siginfo_t got;
static greg_t regs[NGREG];
static volatile int n_traps;

static void
on_trap(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	got = *info;
	memcpy(regs, ((ucontext_t *)uc)->uc_mcontext.gregs, sizeof(regs));
	n_traps++;
	siglongjmp(jump, 1);
}

/* Run CODE, which traps, and keep what the handler saw. */
#define TRAP(code)                                                             \
	do {                                                                   \
		memset(&got, 0, sizeof(got));                                  \
		if (!sigsetjmp(jump, 1)) {                                     \
			code;                                                  \
		}                                                              \
	} while (0)

static void
expect(const char *what, int sig, int code, int trapno)
{
	is_int(got.si_signo, sig, "%s: signal", what);
	is_int(got.si_code, code, "%s: code", what);
	is_int(regs[TRAPNO], trapno, "%s: trap number", what);
}

/* A label before the instruction, to compare addresses. */
static uint64_t here;

static void
test_faults(void)
{
	char *p =
	    mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	TRAP(*(volatile char *)0x10 = 1);
	expect("null store", SIGSEGV, SEGV_MAPERR, 14);
	is_int((long)got.si_addr, 0x10, "its address");
	is_int(regs[ERR], 6, "user write, not present");
	is_int(regs[CR2], 0x10, "cr2");
	TRAP(*p = 1);
	expect("store to read-only", SIGSEGV, SEGV_ACCERR, 14);
	ok(got.si_addr == p, "its address");
	TRAP((void)*(volatile char *)0xffffffff80000000);
	expect("kernel address", SIGSEGV, SEGV_MAPERR, 14);
	is_int((uint64_t)got.si_addr, 0xffffffff80000000, "its address");
	TRAP((void)*(volatile char *)0x8000000000000000);
	expect("non-canonical", SIGSEGV, SI_KERNEL, 13);
	is_int((long)got.si_addr, 0, "no address");
	TRAP(((void (*)(void))p)());
	expect("execute data", SIGSEGV, SEGV_ACCERR, 14);
	is_int(regs[ERR] & 0x14, 0x14, "user instruction fetch");
	TRAP(((void (*)(void))0x8000000000000000)());
	expect("call non-canonical", SIGSEGV, SI_KERNEL, 13);
	munmap(p, 4096);
}

static void
test_instructions(void)
{
	TRAP(__asm__ volatile("lea 1f(%%rip), %%rax\n\tmov %%rax, %0\n"
			      "1:\tud2"
			      : "=m"(here)::"rax"));
	expect("ud2", SIGILL, ILL_ILLOPN, 6);
	is_int((uint64_t)got.si_addr, here, "its address is the instruction");
	TRAP(__asm__ volatile("lea 1f(%%rip), %%rax\n\tmov %%rax, %0\n"
			      "\tint3\n1:"
			      : "=m"(here)::"rax"));
	expect("int3", SIGTRAP, SI_KERNEL, 3);
	is_int(regs[REG_RIP], here, "rip is after the int3");
	TRAP(__asm__ volatile("hlt"));
	expect("hlt", SIGSEGV, SI_KERNEL, 13);
	TRAP(__asm__ volatile("int $0x21"));
	expect("int 0x21", SIGSEGV, SI_KERNEL, 13);
	TRAP(__asm__ volatile("xor %%edx, %%edx\n\tmov $1, %%eax\n\t"
			      "xor %%ecx, %%ecx\n\tdiv %%ecx" ::
				  : "rax", "rcx", "rdx"));
	expect("division by 0", SIGFPE, FPE_INTDIV, 0);
	is_int((uint64_t)got.si_addr, regs[REG_RIP], "its address is rip");
}

static void
test_float(void)
{
	volatile double zero = 0, one = 1, out = 0;
	uint32_t on = 0x1f80 & ~0x200u, off = 0x1f80;

	TRAP(__asm__ volatile("ldmxcsr %0" ::"m"(on)); out = one / zero);
	if (got.si_signo)
		expect("SSE division by 0", SIGFPE, FPE_FLTDIV, 19);
	else /* as QEMU's emulated one */
		skip("the CPU does not raise SSE exceptions");
	__asm__ volatile("ldmxcsr %0" ::"m"(off));
	TRAP(__asm__ volatile("fninit\n\tpushq $0x33b\n\tfldcw (%%rsp)\n\t"
			      "pop %%rax\n\tfld1\n\tfldz\n\t"
			      "fdivrp\n\tfwait" ::
				  : "rax", "memory"));
	expect("x87 division by 0", SIGFPE, FPE_FLTDIV, 16);
	__asm__ volatile("fninit");
	(void)out;
}

static volatile int steps;
static uint64_t step_rips[8];

static void
on_step(int sig, siginfo_t *info, void *ucv)
{
	ucontext_t *uc = ucv;

	(void)sig;
	got = *info;
	if (steps < 8)
		step_rips[steps] = (uint64_t)uc->uc_mcontext.gregs[REG_RIP];
	if (++steps == 4)
		uc->uc_mcontext.gregs[REG_EFL] &= ~0x100;
}

static void
test_own_step(void)
{
	struct sigaction sa = {.sa_flags = SA_SIGINFO};

	sa.sa_sigaction = on_step;
	sigaction(SIGTRAP, &sa, NULL);
	__asm__ volatile("pushfq\n\torl $0x100, (%%rsp)\n\tpopfq\n\t"
			 "lea 1f(%%rip), %%rax\n"
			 "1:\tmov %%rax, %0\n\tnop\n\tnop\n\tnop\n\tnop"
			 : "=m"(here)::"rax", "memory", "cc");
	is_int(steps, 4, "a program can single step itself");
	is_int(got.si_code, TRAP_TRACE, "TRAP_TRACE");
	is_int((uint64_t)got.si_addr, step_rips[3], "si_addr is rip");
	is_int(step_rips[0], here, "the first stop is one instruction on");
}

static void
on_call_step(int sig, siginfo_t *info, void *ucv)
{
	ucontext_t *uc = ucv;

	(void)sig;
	(void)info;
	if (++steps > 50)
		uc->uc_mcontext.gregs[REG_EFL] &= ~0x100;
}

static void
test_step_syscall(void)
{
	struct sigaction sa = {.sa_flags = SA_SIGINFO};
	long pid;

	steps = 0;
	sa.sa_sigaction = on_call_step;
	sigaction(SIGTRAP, &sa, NULL);
	__asm__ volatile("pushfq\n\torl $0x100, (%%rsp)\n\tpopfq\n\t"
			 "mov $39, %%eax\n\tsyscall\n\tnop\n\t"
			 "mov %%rax, %0\n\t"
			 "pushfq\n\tandl $~0x100, (%%rsp)\n\tpopfq"
			 : "=r"(pid)::"rax", "rcx", "r11", "memory", "cc");
	is_int(pid, getpid(), "stepping over a system call");
	ok(steps >= 6 && steps < 12, "gives a trap for each instruction");
}

/* Each is run in a child that it kills. */
static int
death(void (*fn)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int i;

		for (i = 1; i < 32; i++)
			signal(i, SIG_DFL);
		fn();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return status;
}

static void
overflow_stack(void)
{
	volatile char big[65536];

	big[0] = 1;
	if (big[0])
		overflow_stack();
	big[1] = 1;
}

static void
syscall_noncanonical(void)
{
	__asm__ volatile("mov $39, %%eax\n\t"
			 "mov $0x7ffffffff000, %%rcx\n\tsyscall\n\t" ::
			     : "rax", "rcx", "r11");
}

static void
bad_selectors(void)
{
	__asm__ volatile("pushq $0x2b\n\tpushq $0\n\tpushfq\n\t"
			 "pushq $0x10\n\tpushq $0\n\tiretq" ::
			     : "memory");
}

static void
bad_rip_in_frame(int sig, siginfo_t *info, void *ucv)
{
	ucontext_t *uc = ucv;

	(void)sig;
	(void)info;
	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)0x8000000000000000;
}

static void
bad_cs_in_frame(int sig, siginfo_t *info, void *ucv)
{
	ucontext_t *uc = ucv;

	(void)sig;
	(void)info;
	uc->uc_mcontext.gregs[REG_CSGSFS] = 0x10;
}

static void
return_to(void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction sa = {.sa_flags = SA_SIGINFO};

	sa.sa_sigaction = handler;
	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
}

static void
return_noncanonical(void)
{
	return_to(bad_rip_in_frame);
}

static void
return_kernel_cs(void)
{
	return_to(bad_cs_in_frame);
}

static void
wild_calls(void)
{
	int nr;

	for (nr = 0; nr < 64; nr++)
		if (nr != 15 && nr != 22 && nr != 34 && nr != 57 && nr != 58 &&
		    nr != 60 && nr != 62 && nr != 61 && nr != 56)
			syscall(nr, -1L, 0xffff800000000001, -1L, 8, -1L, -1L);
}

static void
test_deaths(void)
{
	int s = death(overflow_stack);

	ok(WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV, "stack overflow");
	s = death(syscall_noncanonical);
	ok(WIFEXITED(s), "a system call does not mind rcx");
	s = death(bad_selectors);
	ok(WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV, "iret to the kernel");
	s = death(return_noncanonical);
	ok(WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV,
	   "sigreturn to a non-canonical address");
	s = death(return_kernel_cs);
	ok(WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV,
	   "sigreturn to the kernel's code segment");
	s = death(wild_calls);
	ok(WIFEXITED(s), "wild pointers to system calls");
}

int
main(void)
{
	struct sigaction sa = {.sa_flags = SA_SIGINFO};
	int sigs[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
	unsigned i;

	sa.sa_sigaction = on_trap;
	for (i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		sigaction(sigs[i], &sa, NULL);
	test_faults();
	test_instructions();
	test_float();
	test_own_step();
	test_step_syscall();
	test_deaths();
	return done_testing();
}
