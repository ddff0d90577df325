/* SPDX-License-Identifier: MIT */
/* Breakpoints and other traps of the processor. */
#include "cases.h"

#include <string.h>
#include <sys/mman.h>

__attribute__((noinline)) static int
add(int a, int b)
{
	__asm__ volatile("");
	return a + b;
}

static void
exit_with_sum(void)
{
	_exit(add(20, 3));
}

static struct user_regs_struct
regs_of(pid_t pid)
{
	struct user_regs_struct regs;

	get_regs(pid, &regs);
	return regs;
}

/* Plants int3 at ADDRESS and returns the word that was there. */
static long
plant(pid_t pid, const void *address)
{
	long old = peek(pid, address);

	must(pt(PTRACE_POKETEXT, pid, address, (old & ~0xffl) | 0xcc));
	return old;
}

static void
stops(void)
{
	pid_t pid = launch(exit_with_sum);
	const void *at = (const void *)(uintptr_t)add;
	siginfo_t info;

	plant(pid, at);
	cont(pid);
	expect(pid, STOPPED(SIGTRAP));
	info = signal_info(pid);
	equal(info.si_signo, SIGTRAP);
	equal(info.si_code, SI_KERNEL);
	equal(regs_of(pid).rip, (unsigned long)at + 1);
	equal((long)regs_of(pid).orig_rax, -1);
	equal(regs_of(pid).rdi, 20);
	end(pid);
}

static void
gone_past(void)
{
	pid_t pid = launch(exit_with_sum);
	const void *at = (const void *)(uintptr_t)add;
	struct user_regs_struct regs;
	long old = plant(pid, at);

	cont(pid);
	expect(pid, STOPPED(SIGTRAP));
	must(pt(PTRACE_POKETEXT, pid, at, old));
	regs = regs_of(pid);
	regs.rip--;
	set_regs(pid, &regs);
	step(pid);
	expect(pid, STOPPED(SIGTRAP));
	equal(signal_info(pid).si_code, TRAP_TRACE);
	plant(pid, at);
	cont(pid);
	expect(pid, EXITED(23));
}

static void
sum_many(void)
{
	int sum = 0;

	for (int i = 0; i < 50; i++)
		sum = add(sum, 1);
	_exit(sum);
}

static void
many_times(void)
{
	pid_t pid = launch(sum_many);
	const void *at = (const void *)(uintptr_t)add;
	struct user_regs_struct regs;
	long old = plant(pid, at);

	for (int i = 0; i < 50; i++) {
		cont(pid);
		expect(pid, STOPPED(SIGTRAP));
		regs = regs_of(pid);
		equal(regs.rdi, i);
		regs.rip--;
		set_regs(pid, &regs);
		must(pt(PTRACE_POKETEXT, pid, at, old));
		step(pid);
		expect(pid, STOPPED(SIGTRAP));
		plant(pid, at);
	}
	cont(pid);
	expect(pid, EXITED(50));
}

static void
fork_and_sum(void)
{
	pid_t pid = fork();

	if (pid == 0)
		exit_with_sum();
	_exit(next_status(pid) == KILLED_BY(SIGTRAP) ? 3 : 1);
}

static void
copied_by_fork(void)
{
	pid_t pid = launch(fork_and_sum);

	plant(pid, (const void *)(uintptr_t)add);
	cont(pid);
	expect(pid, STOPPED(SIGCHLD));
	cont(pid);
	expect(pid, EXITED(3));
	equal(add(1, 2), 3);
}

static void
rest_and_sum(void)
{
	kill(getpid(), SIGSTOP);
	exit_with_sum();
}

/* Set and taken away again and again; others run the same text meanwhile. */
static void
in_one_of_two(void)
{
	const void *at = (const void *)(uintptr_t)add;
	pid_t pid = launch(rest_and_sum), other = launch(rest_and_sum);
	long was = peek(pid, at), trap = (was & ~0xffl) | 0xcc;

	for (int i = 0; i < 8; i++) {
		equal(plant(pid, at), was);
		equal(peek(pid, at), trap);
		equal(peek(other, at), was);
		equal(add(i, 1), i + 1);
		must(pt(PTRACE_POKETEXT, pid, at, was));
		equal(peek(pid, at), was);
	}
	plant(pid, at);
	cont(other);
	expect(other, STOPPED(SIGSTOP));
	cont(other);
	expect(other, EXITED(23));
	cont(pid);
	expect(pid, STOPPED(SIGSTOP));
	cont(pid);
	expect(pid, STOPPED(SIGTRAP));
	end(pid);
}

static void
stepped_onto(void)
{
	pid_t pid = launch(exit_with_sum);
	const void *at = (const void *)(uintptr_t)add;
	struct user_regs_struct regs = regs_of(pid);

	plant(pid, at);
	regs.rip = (unsigned long)at;
	set_regs(pid, &regs);
	step(pid);
	expect(pid, STOPPED(SIGTRAP));
	equal(signal_info(pid).si_code, SI_KERNEL);
	equal(regs_of(pid).rip, (unsigned long)at + 1);
	end(pid);
}

/* clang-format off */
__asm__(".pushsection .text\n"
	"bad_opcode:	ud2\n"
	"privileged:	hlt\n"
	"division:	xorl %ecx, %ecx\n	movl $1, %eax\n"
	"		cltd\n	idivl %ecx\n"
	"two_bytes:	.byte 0xcd, 0x03\n"
	"forbidden:	.byte 0xcd, 0x20\n"
	"		ud2\n"
	".popsection");
/* clang-format on */
extern const char bad_opcode[], privileged[], division[], two_bytes[],
    forbidden[];

/* Runs a tracee at START to its signal, and tells where it stands then. */
static siginfo_t
trap_at(const char *start, int sig, unsigned long *ip)
{
	pid_t pid = launch(do_nothing);
	struct user_regs_struct regs = regs_of(pid);
	siginfo_t info;

	regs.rip = (unsigned long)start;
	regs.orig_rax = (unsigned long)-1;
	set_regs(pid, &regs);
	cont(pid);
	expect(pid, STOPPED(sig));
	info = signal_info(pid);
	*ip = (unsigned long)regs_of(pid).rip;
	end(pid);
	return info;
}

static void
illegal(void)
{
	unsigned long ip;
	siginfo_t info = trap_at(bad_opcode, SIGILL, &ip);

	equal(info.si_code, ILL_ILLOPN);
	equal((unsigned long)info.si_addr, (unsigned long)bad_opcode);
	equal(ip, (unsigned long)bad_opcode);
}

static void
protection(void)
{
	unsigned long ip;
	siginfo_t info = trap_at(privileged, SIGSEGV, &ip);

	equal(info.si_code, SI_KERNEL);
	equal((unsigned long)info.si_addr, 0);
	equal(ip, (unsigned long)privileged);
	info = trap_at(forbidden, SIGSEGV, &ip);
	equal(info.si_code, SI_KERNEL);
	equal(ip, (unsigned long)forbidden);
}

static void
divide(void)
{
	unsigned long ip;
	siginfo_t info = trap_at(division, SIGFPE, &ip);

	equal(info.si_code, FPE_INTDIV);
	equal((unsigned long)info.si_addr, ip);
}

static void
long_int3(void)
{
	unsigned long ip;
	siginfo_t info = trap_at(two_bytes, SIGTRAP, &ip);

	equal(info.si_code, SI_KERNEL);
	equal(ip, (unsigned long)two_bytes + 2);
}

static void
not_executable(void)
{
	unsigned long ip;
	siginfo_t info;
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(page != MAP_FAILED);
	page[0] = (char)0x90;
	info = trap_at(page, SIGSEGV, &ip);
	equal(info.si_code, SEGV_ACCERR);
	equal((unsigned long)info.si_addr, (unsigned long)page);
	equal(ip, (unsigned long)page);
}

static void
bad_jump(void)
{
	unsigned long ip;
	siginfo_t info = trap_at((const char *)0x1000, SIGSEGV, &ip);

	equal(info.si_code, SEGV_MAPERR);
	equal((unsigned long)info.si_addr, 0x1000);
	equal(ip, 0x1000);
}

static void
handle_trap(int sig)
{
	board[0] = sig;
}

static void
trap_itself(void)
{
	catch_signal(SIGTRAP, 0, handle_trap);
	__asm__ volatile("int3");
	_exit(board[0] == SIGTRAP ? 5 : 1);
}

static void
passed_on(void)
{
	pid_t pid = launch(trap_itself);

	cont(pid);
	expect(pid, STOPPED(SIGTRAP));
	must(pt(PTRACE_CONT, pid, 0, SIGTRAP));
	expect(pid, EXITED(5));
}

static void
suppressed(void)
{
	pid_t pid = launch(trap_itself);

	cont(pid);
	expect(pid, STOPPED(SIGTRAP));
	cont(pid);
	expect(pid, EXITED(1));
}

static const struct test_case cases[] = {
    {"POKETEXT, GETSIGINFO, GETREGS: int3 stops by SIGTRAP, SI_KERNEL, "
     "with the instruction pointer past it",
     stops},
    {"POKETEXT, SETREGS, SINGLESTEP: over a breakpoint and on", gone_past},
    {"POKETEXT, SETREGS, SINGLESTEP: fifty times", many_times},
    {"POKETEXT: a child has a copy of the breakpoint", copied_by_fork},
    {"POKETEXT: a breakpoint, set and taken away, is one tracee's alone",
     in_one_of_two},
    {"SINGLESTEP: onto a breakpoint is that, not a step", stepped_onto},
    {"GETSIGINFO: SIGILL, ILL_ILLOPN", illegal},
    {"GETSIGINFO: SIGSEGV of a privileged instruction", protection},
    {"GETSIGINFO: SIGFPE, FPE_INTDIV", divide},
    {"GETSIGINFO: int $3 of two bytes", long_int3},
    {"GETSIGINFO: a jump to a page that is not executable", not_executable},
    {"GETSIGINFO: a jump to no page", bad_jump},
    {"CONT: SIGTRAP passed on to a handler", passed_on},
    {"CONT: SIGTRAP suppressed", suppressed},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
