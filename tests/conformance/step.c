/* SPDX-License-Identifier: MIT */
/* PTRACE_SINGLESTEP and PTRACE_SINGLEBLOCK, on code whose length is known. */
#include "cases.h"

#include <sys/syscall.h>

/* clang-format off */
__asm__(".pushsection .text\n"
	"nops:\n"
	"	nop\n	nop\n	nop\n	nop\n"
	"call_getppid:\n"
	"	movl $110, %eax\n" /* 5 bytes */
	"	syscall\n"	   /* 2 bytes */
	"after_call:\n"
	"	nop\n"
	"	ud2\n"
	"flags:\n"
	"	pushfq\n"
	"	popq %rbx\n"
	"	nop\n"
	"	ud2\n"
	"block:\n"
	"	nop\n	nop\n	jmp 1f\n	ud2\n"
	"1:	nop\n	nop\n	jmp 2f\n	ud2\n"
	"2:	nop\n	ud2\n"
	"repeat:\n"
	"	rep stosb\n"
	"	ud2\n"
	"fault:\n"
	"	movq (%rdi), %rax\n"
	"	ud2\n"
	"move_ss:\n"
	"	movl %ss, %eax\n	movl %eax, %ss\n	nop\n	nop\n"
	"	ud2\n"
	".popsection");
/* clang-format on */
extern const char nops[], call_getppid[], after_call[], flags[], block[],
    repeat[], fault[], move_ss[];

static struct user_regs_struct
regs_of(pid_t pid)
{
	struct user_regs_struct regs;

	get_regs(pid, &regs);
	return regs;
}

static unsigned long
ip(pid_t pid)
{
	return (unsigned long)regs_of(pid).rip;
}

/* A tracee that stands before the code at START. */
static pid_t
stand_at(const char *start)
{
	pid_t pid = launch(do_nothing);
	struct user_regs_struct regs = regs_of(pid);

	regs.rip = (unsigned long)start;
	regs.orig_rax = (unsigned long)-1;
	set_regs(pid, &regs);
	return pid;
}

static void
single(pid_t pid)
{
	step(pid);
	expect(pid, STOPPED(SIGTRAP));
}

static void
one_instruction(void)
{
	pid_t pid = stand_at(nops);

	for (unsigned long i = 1; i <= 4; i++) {
		single(pid);
		equal(ip(pid), (unsigned long)nops + i);
	}
	end(pid);
}

static void
step_siginfo(void)
{
	pid_t pid = stand_at(nops);
	siginfo_t info;

	single(pid);
	info = signal_info(pid);
	equal(info.si_signo, SIGTRAP);
	equal(info.si_code, TRAP_TRACE);
	equal((unsigned long)info.si_addr, (unsigned long)nops + 1);
	end(pid);
}

static void
over_system_call(void)
{
	pid_t pid = stand_at(call_getppid);

	single(pid);
	equal(ip(pid), (unsigned long)call_getppid + 5);
	single(pid);
	equal(ip(pid), (unsigned long)after_call);
	equal((long)regs_of(pid).rax, getpid());
	/* Told at the exit from the call, not by the processor. */
	equal(signal_info(pid).si_code, TRAP_BRKPT);
	single(pid);
	equal(ip(pid), (unsigned long)after_call + 1);
	end(pid);
}

static void
trap_flag_hidden(void)
{
	pid_t pid = stand_at(flags);

	equal(regs_of(pid).eflags & 0x100, 0);
	single(pid);
	equal(regs_of(pid).eflags & 0x100, 0);
	single(pid);
	equal(regs_of(pid).eflags & 0x100, 0);
	end(pid);
}

static void
trap_flag_gone(void)
{
	pid_t pid = stand_at(nops);

	single(pid);
	cont(pid);
	/* The next trap is the ud2 at the end. */
	expect(pid, STOPPED(SIGILL));
	equal(ip(pid), (unsigned long)after_call + 1);
	end(pid);
}

static void
own_trap_flag(void)
{
	pid_t pid = stand_at(nops);
	struct user_regs_struct regs = regs_of(pid);

	regs.eflags |= 0x100;
	set_regs(pid, &regs);
	equal(regs_of(pid).eflags & 0x100, 0x100);
	cont(pid);
	expect(pid, STOPPED(SIGTRAP));
	equal(ip(pid), (unsigned long)nops + 1);
	equal(regs_of(pid).eflags & 0x100, 0x100);
	end(pid);
}

static void
through_repeat(void)
{
	pid_t pid = stand_at(repeat);
	struct user_regs_struct regs = regs_of(pid);

	regs.rcx = 3;
	regs.rdi = (unsigned long)&board[8];
	regs.rax = 0x55;
	set_regs(pid, &regs);
	for (int i = 2; i >= 0; i--) {
		single(pid);
		equal(regs_of(pid).rcx, i);
	}
	equal(ip(pid), (unsigned long)repeat + 2);
	equal(board[8], 0x555555);
	end(pid);
}

static void
into_fault(void)
{
	pid_t pid = stand_at(fault);
	struct user_regs_struct regs = regs_of(pid);

	regs.rdi = 16;
	set_regs(pid, &regs);
	step(pid);
	expect(pid, STOPPED(SIGSEGV));
	equal(ip(pid), (unsigned long)fault);
	equal((unsigned long)signal_info(pid).si_addr, 16);
	end(pid);
}

static void
handler(int sig)
{
	post(0, sig);
}

static void
handle_and_raise(void)
{
	catch_signal(SIGUSR1, 0, handler);
	raise(SIGUSR1);
}

static void
into_handler(void)
{
	pid_t pid = launch(handle_and_raise);
	struct user_regs_struct regs;

	cont(pid);
	expect(pid, STOPPED(SIGUSR1));
	must(pt(PTRACE_SINGLESTEP, pid, 0, SIGUSR1));
	expect(pid, STOPPED(SIGTRAP));
	regs = regs_of(pid);
	/* The handler's first instruction is still to come. */
	equal(regs.rip, (unsigned long)handler);
	equal(regs.rdi, SIGUSR1);
	equal(board[0], 0);
	cont(pid);
	expect(pid, EXITED(0));
	equal(board[0], SIGUSR1);
}

static void
call_exit(void)
{
	_exit(9);
}

static void
until_exit(void)
{
	pid_t pid = launch(call_exit);
	int status, count = 0;

	do {
		step(pid);
		status = next_status(pid);
		count++;
	} while (status == STOPPED(SIGTRAP) && count < 100000);
	equal(status, EXITED(9));
	check(count > 3);
}

static void
many_steps(void)
{
	pid_t pid = launch(spin_forever);
	unsigned long last = 0, now;

	for (int i = 0; i < 300; i++) {
		single(pid);
		now = ip(pid);
		check(now != last || i == 0);
		last = now;
	}
	end(pid);
}

static void
shadow_of_ss(void)
{
	pid_t pid = stand_at(move_ss);

	single(pid);
	equal(ip(pid), (unsigned long)move_ss + 2);
	single(pid);
	/* No trap after a load of ss: the next instruction runs too. */
	equal(ip(pid), (unsigned long)move_ss + 5);
	end(pid);
}

static void
blocks(void)
{
	pid_t pid = stand_at(block);
	unsigned long at;
	int stops = 0;

	/* Where there is no hardware for it, each instruction is a stop. */
	do {
		must(pt(PTRACE_SINGLEBLOCK, pid, 0, 0));
		expect(pid, STOPPED(SIGTRAP));
		equal(signal_info(pid).si_code, TRAP_TRACE);
		at = ip(pid);
		check(at > (unsigned long)block);
		stops++;
	} while (at < (unsigned long)block + 12);
	equal(at, (unsigned long)block + 12);
	check(stops == 2 || stops == 6);
	end(pid);
}

static const struct test_case cases[] = {
    {"SINGLESTEP: stops after execution of a single instruction",
     one_instruction},
    {"SINGLESTEP, GETSIGINFO: si_code is TRAP_TRACE, si_addr the next "
     "instruction",
     step_siginfo},
    {"SINGLESTEP: a system call is one instruction", over_system_call},
    {"SINGLESTEP, GETREGS: the trap flag of a step is not seen in the "
     "registers",
     trap_flag_hidden},
    {"SINGLESTEP, CONT: the step does not outlast its resume", trap_flag_gone},
    {"SETREGS, CONT: a trap flag that the tracer sets is the tracee's own",
     own_trap_flag},
    {"SINGLESTEP: each round of a repeated string instruction", through_repeat},
    {"SINGLESTEP: an instruction that faults reports its signal", into_fault},
    {"SINGLESTEP: with a signal that has a handler stops before the "
     "handler's first instruction",
     into_handler},
    {"SINGLESTEP: through libc, to the exit", until_exit},
    {"SINGLESTEP, GETREGS: hundreds of steps", many_steps},
    {"SINGLESTEP: a load of ss holds the trap back for one instruction",
     shadow_of_ss},
    {"SINGLEBLOCK: stops at the next branch that is taken, or, like "
     "SINGLESTEP, before",
     blocks},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
