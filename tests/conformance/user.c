/* SPDX-License-Identifier: MIT */
/* PTRACE_PEEKUSER and PTRACE_POKEUSER: the registers one by one. */
#include "cases.h"

#include <sys/syscall.h>

#define REG(name) offsetof(struct user_regs_struct, name)

/* The kernel's struct user has two words more than libc's. */
#define END (sizeof(struct user) + 16)

static unsigned long
peek_user(pid_t pid, size_t offset)
{
	unsigned long value;

	errno = 0;
	value = (unsigned long)pt(PTRACE_PEEKUSER, pid, offset, 0);
	equal(errno, 0);
	return value;
}

static void
poke_user(pid_t pid, size_t offset, unsigned long value)
{
	must(pt(PTRACE_POKEUSER, pid, offset, value));
}

static void
each_register(void)
{
	pid_t pid = launch(do_nothing);
	struct user_regs_struct regs;
	const unsigned char *bytes = (const unsigned char *)&regs;

	get_regs(pid, &regs);
	for (size_t i = 0; i < sizeof regs; i += 8)
		equal(peek_user(pid, i), *(const long *)(bytes + i));
	end(pid);
}

static void
bad_offsets(void)
{
	pid_t pid = launch(do_nothing);

	for (int i = 1; i < 8; i++)
		refused(pt(PTRACE_PEEKUSER, pid, i, 0), EIO);
	refused(pt(PTRACE_PEEKUSER, pid, END, 0), EIO);
	refused(pt(PTRACE_PEEKUSER, pid, END + 8, 0), EIO);
	refused(pt(PTRACE_PEEKUSER, pid, -8, 0), EIO);
	refused(pt(PTRACE_POKEUSER, pid, 4, 0), EIO);
	refused(pt(PTRACE_POKEUSER, pid, END, 0), EIO);
	refused(pt(PTRACE_POKEUSER, pid, -8, 0), EIO);
	end(pid);
}

static void
rest_of_area(void)
{
	pid_t pid = launch(do_nothing);

	for (size_t i = sizeof(struct user_regs_struct);
	     i < offsetof(struct user, u_debugreg); i += 8)
		equal(peek_user(pid, i), 0);
	refused(pt(PTRACE_POKEUSER, pid, offsetof(struct user, start_code), 1),
		EIO);
	end(pid);
}

static void
general_registers(void)
{
	const size_t all[] = {
	    REG(r15), REG(r14), REG(r13), REG(r12),	 REG(rbp), REG(rbx),
	    REG(r11), REG(r10), REG(r9),  REG(r8),	 REG(rax), REG(rcx),
	    REG(rdx), REG(rsi), REG(rdi), REG(orig_rax), REG(rip), REG(rsp)};
	pid_t pid = launch(do_nothing);

	for (size_t i = 0; i < COUNT(all); i++)
		poke_user(pid, all[i], 0x1111111100000000 + i);
	for (size_t i = 0; i < COUNT(all); i++)
		equal(peek_user(pid, all[i]), 0x1111111100000000 + i);
	end(pid);
}

static void
flags_register(void)
{
	pid_t pid = launch(do_nothing);
	unsigned long old = peek_user(pid, REG(eflags));

	/* CF PF AF ZF SF TF DF OF RF NT AC alone may change. */
	poke_user(pid, REG(eflags), ~0ul);
	equal(peek_user(pid, REG(eflags)), old | 0x54dd5);
	poke_user(pid, REG(eflags), 0);
	equal(peek_user(pid, REG(eflags)), old & ~0x54dd5ul);
	end(pid);
}

static void
bad_segments(void)
{
	pid_t pid = launch(do_nothing);

	refused(pt(PTRACE_POKEUSER, pid, REG(cs), 0), EIO);
	refused(pt(PTRACE_POKEUSER, pid, REG(cs), 0x10), EIO);
	refused(pt(PTRACE_POKEUSER, pid, REG(ss), 0), EIO);
	refused(pt(PTRACE_POKEUSER, pid, REG(ss), 0x18), EIO);
	refused(pt(PTRACE_POKEUSER, pid, REG(ds), 8), EIO);
	equal(peek_user(pid, REG(cs)), 0x33);
	equal(peek_user(pid, REG(ss)), 0x2b);
	end(pid);
}

static void
segment_bases(void)
{
	pid_t pid = launch(do_nothing);
	unsigned long old = peek_user(pid, REG(fs_base));

	check(old != 0);
	poke_user(pid, REG(gs_base), 0x123456789000);
	equal(peek_user(pid, REG(gs_base)), 0x123456789000);
	refused(pt(PTRACE_POKEUSER, pid, REG(gs_base), 0xffff800000000000),
		EIO);
	refused(pt(PTRACE_POKEUSER, pid, REG(fs_base), 0x800000000000), EIO);
	equal(peek_user(pid, REG(gs_base)), 0x123456789000);
	equal(peek_user(pid, REG(fs_base)), old);
	cont(pid);
	expect(pid, EXITED(0));
}

static void
loop(void)
{
	spin_forever();
}

static void
landing(void)
{
	_exit(7);
}

static void
instruction_pointer(void)
{
	pid_t pid = seize(loop, 0);

	until_state(pid, "R");
	must(pt(PTRACE_INTERRUPT, pid, 0, 0));
	expect(pid, EVENT(STOP));
	poke_user(pid, REG(rip), (unsigned long)landing);
	poke_user(pid, REG(rsp), (peek_user(pid, REG(rsp)) & ~15ul) - 264);
	/* If it was in a call still, that is not to be restarted. */
	poke_user(pid, REG(orig_rax), -1ul);
	cont(pid);
	expect(pid, EXITED(7));
}

static void
use_result(void)
{
	_exit(syscall(SYS_getppid) == 0x77 ? 5 : 1);
}

static void
at_entry(pid_t pid, long number)
{
	options(pid, PTRACE_O_TRACESYSGOOD);
	do {
		to_syscall(pid);
		expect(pid, SYSCALL_STOP);
	} while ((long)peek_user(pid, REG(orig_rax)) != number);
}

static void
inject_error(void)
{
	pid_t pid = launch(use_result);

	at_entry(pid, SYS_getppid);
	poke_user(pid, REG(orig_rax), -1ul);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal((long)peek_user(pid, REG(rax)), -ENOSYS);
	poke_user(pid, REG(rax), 0x77);
	cont(pid);
	expect(pid, EXITED(5));
}

static void
change_number(void)
{
	pid_t pid = launch(use_result);

	at_entry(pid, SYS_getppid);
	poke_user(pid, REG(orig_rax), SYS_exit_group);
	poke_user(pid, REG(rdi), 12);
	cont(pid);
	expect(pid, EXITED(12));
}

static const struct test_case cases[] = {
    {"PEEKUSER, GETREGS: the word at an offset in the tracee's USER area, "
     "which holds the registers",
     each_register},
    {"PEEKUSER, POKEUSER: the offset must be word-aligned and inside the "
     "area: EIO",
     bad_offsets},
    {"PEEKUSER, POKEUSER: the rest of the area reads 0 and is not written",
     rest_of_area},
    {"POKEUSER: each general register", general_registers},
    {"POKEUSER: some modifications are disallowed: the flags that are "
     "the kernel's",
     flags_register},
    {"POKEUSER: ... selectors that are not of user mode", bad_segments},
    {"POKEUSER: ... segment bases outside user space", segment_bases},
    {"POKEUSER: the instruction pointer", instruction_pointer},
    {"POKEUSER: orig_rax -1 at a system call's entry skips it; rax at the "
     "exit is its result",
     inject_error},
    {"POKEUSER: orig_rax and the arguments at the entry are what is run",
     change_number},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
