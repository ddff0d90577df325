/* SPDX-License-Identifier: MIT */
/* PTRACE_GETREGS, SETREGS, GETREGSET, SETREGSET and ARCH_PRCTL. */
#include "cases.h"

#include <elf.h>
#include <string.h>
#include <sys/syscall.h>

#define REQ_ARCH_PRCTL 30

static struct user_regs_struct
regs_of(pid_t pid)
{
	struct user_regs_struct regs;

	memset(&regs, 0xee, sizeof regs);
	get_regs(pid, &regs);
	return regs;
}

static long
regset(pid_t pid, int request, unsigned long type, void *base, size_t *length)
{
	struct iovec iov = {base, *length};
	long result = pt(request, pid, type, &iov);

	*length = iov.iov_len;
	return result;
}

/* clang-format off */
__asm__(".pushsection .text\n"
	"load_all:\n"
	"	movq $1, %rax\n	movq $2, %rbx\n	movq $3, %rcx\n"
	"	movq $4, %rdx\n	movq $5, %rsi\n	movq $6, %rdi\n"
	"	movq $7, %rbp\n	movq $8, %r8\n	movq $9, %r9\n"
	"	movq $10, %r10\n	movq $11, %r11\n	movq $12, %r12\n"
	"	movq $13, %r13\n	movq $14, %r14\n	movq $15, %r15\n"
	"	int3\n"
	"loaded:\n"
	"	nop\n"
	".popsection");
/* clang-format on */
extern const char loaded[];

static void
load_registers(void)
{
	__asm__ volatile("jmp load_all");
}

static void
values(void)
{
	pid_t pid = launch(load_registers);
	struct user_regs_struct regs;

	cont(pid);
	expect(pid, STOPPED(SIGTRAP));
	regs = regs_of(pid);
	check(regs.rax == 1 && regs.rbx == 2 && regs.rcx == 3);
	check(regs.rdx == 4 && regs.rsi == 5 && regs.rdi == 6);
	check(regs.rbp == 7 && regs.r8 == 8 && regs.r9 == 9);
	check(regs.r10 == 10 && regs.r11 == 11 && regs.r12 == 12);
	check(regs.r13 == 13 && regs.r14 == 14 && regs.r15 == 15);
	equal(regs.rip, (unsigned long)loaded);
	equal((long)regs.orig_rax, -1);
	equal(regs.cs, 0x33);
	equal(regs.ss, 0x2b);
	check(regs.fs_base != 0);
	end(pid);
}

static void
written(void)
{
	pid_t pid = launch(load_registers);
	struct user_regs_struct regs, again;

	cont(pid);
	expect(pid, STOPPED(SIGTRAP));
	regs = regs_of(pid);
	regs.r15 = 0x1515151515151515;
	regs.rbx = 0xbb;
	regs.rcx = 0xcc;
	regs.r11 = 0x11;
	set_regs(pid, &regs);
	step(pid);
	expect(pid, STOPPED(SIGTRAP));
	again = regs_of(pid);
	equal(again.r15, 0x1515151515151515);
	equal(again.rbx, 0xbb);
	equal(again.rcx, 0xcc);
	equal(again.r11, 0x11);
	equal(again.rip, (unsigned long)loaded + 1);
	end(pid);
}

static void
bad_pointer(void)
{
	pid_t pid = launch(do_nothing);

	refused(pt(PTRACE_GETREGS, pid, 0, 8), EFAULT);
	refused(pt(PTRACE_SETREGS, pid, 0, 8), EFAULT);
	refused(pt(PTRACE_GETREGSET, pid, NT_PRSTATUS, 8), EFAULT);
	refused(pt(PTRACE_GETSIGINFO, pid, 0, 8), EFAULT);
	refused(pt(PTRACE_GETEVENTMSG, pid, 0, 8), EFAULT);
	refused(pt(PTRACE_GETFPREGS, pid, 0, 8), EFAULT);
	end(pid);
}

static void
bad_selector(void)
{
	pid_t pid = launch(do_nothing);
	struct user_regs_struct regs = regs_of(pid), again;

	regs.cs = 0x10;
	refused(pt(PTRACE_SETREGS, pid, 0, &regs), EIO);
	again = regs_of(pid);
	equal(again.cs, 0x33);
	end(pid);
}

static void
flags_masked(void)
{
	pid_t pid = launch(do_nothing);
	struct user_regs_struct regs = regs_of(pid);
	unsigned long old = (unsigned long)regs.eflags;

	/* IOPL, VM and IF stay. */
	regs.eflags = (old | 0x3000 | 0x20000) & ~0x200ul;
	set_regs(pid, &regs);
	equal(regs_of(pid).eflags, old);
	end(pid);
}

static void
same_by_regset(void)
{
	pid_t pid = launch(do_nothing);
	struct user_regs_struct regs = regs_of(pid), set;
	size_t length = sizeof set;

	must(regset(pid, PTRACE_GETREGSET, NT_PRSTATUS, &set, &length));
	equal(length, sizeof set);
	equal(memcmp(&regs, &set, sizeof regs), 0);
	set.rbx = 0x4242;
	must(regset(pid, PTRACE_SETREGSET, NT_PRSTATUS, &set, &length));
	equal(length, sizeof set);
	equal(regs_of(pid).rbx, 0x4242);
	end(pid);
}

static void
regset_partial(void)
{
	pid_t pid = launch(do_nothing);
	struct user_regs_struct regs = regs_of(pid);
	unsigned long words[40];
	size_t length = 3 * 8;

	memset(words, 0xee, sizeof words);
	must(regset(pid, PTRACE_GETREGSET, NT_PRSTATUS, words, &length));
	equal(length, 3 * 8);
	equal(words[0], regs.r15);
	equal(words[2], regs.r13);
	equal(words[3], 0xeeeeeeeeeeeeeeee);
	words[0] = 0x15;
	words[1] = 0x14;
	words[2] = 0x13;
	length = 2 * 8;
	must(regset(pid, PTRACE_SETREGSET, NT_PRSTATUS, words, &length));
	equal(length, 2 * 8);
	equal(regs_of(pid).r15, 0x15);
	equal(regs_of(pid).r14, 0x14);
	equal(regs_of(pid).r13, regs.r13);
	end(pid);
}

static void
regset_long(void)
{
	pid_t pid = launch(do_nothing);
	unsigned long words[40];
	size_t length = sizeof words;

	memset(words, 0xee, sizeof words);
	must(regset(pid, PTRACE_GETREGSET, NT_PRSTATUS, words, &length));
	equal(length, sizeof(struct user_regs_struct));
	equal(words[27], 0xeeeeeeeeeeeeeeee);
	length = sizeof words;
	must(regset(pid, PTRACE_SETREGSET, NT_PRSTATUS, words, &length));
	equal(length, sizeof(struct user_regs_struct));
	end(pid);
}

static void
regset_errors(void)
{
	pid_t pid = launch(do_nothing);
	unsigned long words[40];
	size_t length = 12;

	refused(regset(pid, PTRACE_GETREGSET, NT_PRSTATUS, words, &length),
		EINVAL);
	length = 8;
	/* NT_386_IOPERM, of a process without. */
	refused(regset(pid, PTRACE_GETREGSET, 0x201, words, &length), ENXIO);
	refused(regset(pid, PTRACE_SETREGSET, 0x201, words, &length),
		EOPNOTSUPP);
	refused(regset(pid, PTRACE_GETREGSET, 0x7777, words, &length), EINVAL);
	refused(regset(pid, PTRACE_SETREGSET, 0x7777, words, &length), EINVAL);
	refused(regset(pid, PTRACE_GETREGSET, NT_PRSTATUS, (void *)8, &length),
		EFAULT);
	length = 0;
	must(regset(pid, PTRACE_GETREGSET, NT_PRSTATUS, words, &length));
	equal(length, 0);
	end(pid);
}

static void
call_and_check(void)
{
	_exit(syscall(SYS_getppid) == 0x77 ? 5 : 1);
}

static void
at_entry(pid_t pid, unsigned long number)
{
	options(pid, PTRACE_O_TRACESYSGOOD);
	do {
		to_syscall(pid);
		expect(pid, SYSCALL_STOP);
	} while (regs_of(pid).orig_rax != number);
}

static void
skip_call(void)
{
	pid_t pid = launch(call_and_check);
	struct user_regs_struct regs;

	at_entry(pid, SYS_getppid);
	regs = regs_of(pid);
	regs.orig_rax = (unsigned long)-1;
	regs.rax = 0x77;
	set_regs(pid, &regs);
	/* What rax is at the entry is the result of a call skipped. */
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal(regs_of(pid).rax, 0x77);
	cont(pid);
	expect(pid, EXITED(5));
}

static void
unknown_call(void)
{
	pid_t pid = launch(call_and_check);
	struct user_regs_struct regs;

	at_entry(pid, SYS_getppid);
	regs = regs_of(pid);
	regs.orig_rax = 100000;
	regs.rax = 0x77;
	set_regs(pid, &regs);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal(regs_of(pid).orig_rax, 100000);
	equal((long)regs_of(pid).rax, -ENOSYS);
	end(pid);
}

static void
other_call(void)
{
	pid_t pid = launch(call_and_check);
	struct user_regs_struct regs;

	at_entry(pid, SYS_getppid);
	regs = regs_of(pid);
	regs.orig_rax = SYS_lseek;
	regs.rdi = (unsigned long)-1;
	regs.rsi = 0;
	regs.rdx = 0;
	set_regs(pid, &regs);
	to_syscall(pid);
	expect(pid, SYSCALL_STOP);
	equal((long)regs_of(pid).rax, -EBADF);
	regs = regs_of(pid);
	regs.rax = 0x77;
	set_regs(pid, &regs);
	cont(pid);
	expect(pid, EXITED(5));
}

/* clang-format off */
__asm__(".pushsection .text\n"
	"wait_for_rcx:\n"
	"	movq $0, %rcx\n"
	"loop:\n"
	"	cmpq $0, %rcx\n"
	"	je loop\n"
	"	movq %rcx, %rax\n"
	"	ret\n"
	"loop_end:\n"
	".popsection");
/* clang-format on */
extern long wait_for_rcx(void);
extern const char loop[], loop_end[];

static void
exit_with_rcx(void)
{
	_exit((int)wait_for_rcx());
}

static void
in_user_code(void)
{
	pid_t pid = seize(exit_with_rcx, 0);
	struct user_regs_struct regs;

	for (;;) {
		must(pt(PTRACE_INTERRUPT, pid, 0, 0));
		expect(pid, EVENT(STOP));
		regs = regs_of(pid);
		if (regs.rip >= (unsigned long)loop &&
		    regs.rip < (unsigned long)loop_end)
			break;
		cont(pid);
	}
	equal((long)regs.orig_rax, -1);
	regs.rcx = 21;
	set_regs(pid, &regs);
	cont(pid);
	expect(pid, EXITED(21));
}

static void
arch_prctl_request(void)
{
	pid_t pid = launch(do_nothing);
	unsigned long base = 1;

	/* ARCH_GET_FS, ARCH_GET_GS, ARCH_SET_GS: the data names it. */
	must(pt(REQ_ARCH_PRCTL, pid, &base, 0x1003));
	equal(base, regs_of(pid).fs_base);
	must(pt(REQ_ARCH_PRCTL, pid, 0x123000, 0x1001));
	equal(regs_of(pid).gs_base, 0x123000);
	must(pt(REQ_ARCH_PRCTL, pid, &base, 0x1004));
	equal(base, 0x123000);
	refused(pt(REQ_ARCH_PRCTL, pid, 0x123000, 0x9999), EINVAL);
	refused(pt(REQ_ARCH_PRCTL, pid, 0xffff888000000000, 0x1001), EPERM);
	end(pid);
}

static void
thread_area(void)
{
	pid_t pid = launch(do_nothing);
	unsigned int descriptor[4] = {0};

	refused(pt(25, pid, -1, descriptor), EIO);
	refused(pt(26, pid, -1, descriptor), EIO);
	refused(pt(25, pid, 0, descriptor), EINVAL);
	end(pid);
}

static const struct test_case cases[] = {
    {"GETREGS: copy the tracee's general-purpose registers", values},
    {"SETREGS: modify them, rcx and r11 too", written},
    {"GETREGS, SETREGS, GETREGSET, GETSIGINFO, GETEVENTMSG, GETFPREGS: "
     "EFAULT for data that is not memory of the tracer",
     bad_pointer},
    {"SETREGS: some modifications are disallowed: the code selector",
     bad_selector},
    {"SETREGS: ... system flags keep their values", flags_masked},
    {"GETREGSET, SETREGSET: NT_PRSTATUS is the general-purpose registers",
     same_by_regset},
    {"GETREGSET, SETREGSET: a short iovec moves the first registers",
     regset_partial},
    {"GETREGSET, SETREGSET: iov_len becomes the number of bytes used",
     regset_long},
    {"GETREGSET, SETREGSET: EINVAL for a size or type that is none",
     regset_errors},
    {"SETREGS: orig_rax -1 at the entry skips the call, whose result is "
     "rax",
     skip_call},
    {"SETREGS: a number that is no call gives -ENOSYS", unknown_call},
    {"SETREGS: another call runs in place of it", other_call},
    {"SETREGS: takes effect in code that is not in a call", in_user_code},
    {"ARCH_PRCTL: as arch_prctl in the tracee", arch_prctl_request},
    {"GET_THREAD_AREA, SET_THREAD_AREA: errors", thread_area},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
