/* SPDX-License-Identifier: MIT */
/* PTRACE_GETFPREGS, SETFPREGS, and the register sets of the FPU. */
#include "cases.h"

#include <elf.h>
#include <string.h>
#include <cpuid.h>

#ifndef NT_X86_XSTATE
#define NT_X86_XSTATE 0x202
#endif

#define XSTATE_MAX 16384
#define HEADER	   512 /* of the XSAVE image: XSTATE_BV first */
#define XCR0	   464 /* what Linux says in the software's bytes */

static long
regset(pid_t pid, int request, unsigned long type, void *base, size_t *length)
{
	struct iovec iov = {base, *length};
	long result = pt(request, pid, type, &iov);

	*length = iov.iov_len;
	return result;
}

static void
load_and_stop(void)
{
	const double number = 1.5;
	static const unsigned char pattern[16] = "0123456789abcdef";

	__asm__ volatile("fninit\n"
			 "fldl %0\n"
			 "fld1\n"
			 "movdqu %1, %%xmm0\n"
			 "movdqu %1, %%xmm15\n"
			 "int3\n"
			 "fninit\n"
			 "movdqu %%xmm7, %2\n"
			 :
			 : "m"(number), "m"(pattern), "m"(board[16])
			 : "memory", "xmm0", "xmm7", "xmm15");
}

/* The pointer makes the words of the board writable by the code above. */
static pid_t
loaded(void)
{
	pid_t pid = launch(load_and_stop);

	cont(pid);
	expect(pid, STOPPED(SIGTRAP));
	return pid;
}

static void
fpregs_values(void)
{
	pid_t pid = loaded();
	struct user_fpregs_struct fp;

	memset(&fp, 0xee, sizeof fp);
	must(pt(PTRACE_GETFPREGS, pid, 0, &fp));
	equal(fp.cwd, 0x37f);
	equal((fp.swd >> 11) & 7, 6); /* two values on the stack */
	equal(fp.ftw, 0xc0);
	equal(fp.mxcsr, 0x1f80);
	equal(fp.st_space[1], 0x80000000); /* 1.0 on top */
	equal(fp.st_space[2] & 0xffff, 0x3fff);
	equal(fp.st_space[5], 0xc0000000); /* 1.5 below */
	equal(memcmp(fp.xmm_space, "0123456789abcdef", 16), 0);
	equal(memcmp(&fp.xmm_space[60], "0123456789abcdef", 16), 0);
	end(pid);
}

static void
fpregs_written(void)
{
	pid_t pid = loaded();
	struct user_fpregs_struct fp, again;

	must(pt(PTRACE_GETFPREGS, pid, 0, &fp));
	memcpy(&fp.xmm_space[28], "through the test", 16);
	fp.mxcsr = 0x1fa0;
	must(pt(PTRACE_SETFPREGS, pid, 0, &fp));
	must(pt(PTRACE_GETFPREGS, pid, 0, &again));
	equal(again.mxcsr, 0x1fa0);
	equal(memcmp(&again.xmm_space[28], "through the test", 16), 0);
	cont(pid);
	expect(pid, EXITED(0));
	equal(memcmp((const void *)&board[16], "through the test", 16), 0);
}

static void
bad_mxcsr(void)
{
	pid_t pid = loaded();
	struct user_fpregs_struct fp;

	must(pt(PTRACE_GETFPREGS, pid, 0, &fp));
	fp.mxcsr = 0xffffffff;
	refused(pt(PTRACE_SETFPREGS, pid, 0, &fp), EINVAL);
	must(pt(PTRACE_GETFPREGS, pid, 0, &fp));
	equal(fp.mxcsr, 0x1f80);
	end(pid);
}

static void
prfpreg(void)
{
	pid_t pid = loaded();
	struct user_fpregs_struct fp, set;
	size_t length = sizeof set + 104;
	unsigned char bytes[sizeof set + 104];

	must(pt(PTRACE_GETFPREGS, pid, 0, &fp));
	must(regset(pid, PTRACE_GETREGSET, NT_PRFPREG, bytes, &length));
	equal(length, sizeof set);
	equal(memcmp(bytes, &fp, sizeof fp), 0);
	memcpy(&set, bytes, sizeof set);
	set.cwd = 0x27f;
	must(regset(pid, PTRACE_SETREGSET, NT_PRFPREG, &set, &length));
	must(pt(PTRACE_GETFPREGS, pid, 0, &fp));
	equal(fp.cwd, 0x27f);
	end(pid);
}

static void
prfpreg_partial(void)
{
	pid_t pid = loaded();
	struct user_fpregs_struct fp;
	unsigned char bytes[512];
	size_t length = 32;

	memset(bytes, 0xee, sizeof bytes);
	must(regset(pid, PTRACE_GETREGSET, NT_PRFPREG, bytes, &length));
	equal(length, 32);
	must(pt(PTRACE_GETFPREGS, pid, 0, &fp));
	equal(memcmp(bytes, &fp, 32), 0);
	equal(bytes[32], 0xee);
	end(pid);
}

static int
has_avx(void)
{
	unsigned int a, b, c, d;

	/* OSXSAVE and AVX. */
	return __get_cpuid(1, &a, &b, &c, &d) &&
	       (c & (1u << 27 | 1u << 28)) == (1u << 27 | 1u << 28);
}

static uint64_t
word_at(const unsigned char *bytes, size_t offset)
{
	uint64_t word;

	memcpy(&word, bytes + offset, sizeof word);
	return word;
}

static size_t
get_xstate(pid_t pid, unsigned char *bytes)
{
	size_t length = XSTATE_MAX;

	must(regset(pid, PTRACE_GETREGSET, NT_X86_XSTATE, bytes, &length));
	return length;
}

static void
xstate_layout(void)
{
	pid_t pid = loaded();
	struct user_fpregs_struct fp;
	unsigned char bytes[XSTATE_MAX];
	unsigned int a, b, c, d;
	size_t length;

	if (!has_avx())
		not_here("no AVX");
	must(pt(PTRACE_GETFPREGS, pid, 0, &fp));
	length = get_xstate(pid, bytes);
	check(length >= 832);
	/* The size of the image for the features enabled. */
	__cpuid_count(13, 0, a, b, c, d);
	check(length <= c && length % 8 == 0);
	/* But for the bytes that are the software's. */
	equal(memcmp(bytes, &fp, 416), 0);
	equal(word_at(bytes, XCR0) & 7, 7);
	equal(word_at(bytes, HEADER) & 3, 3);
	equal(word_at(bytes, HEADER + 8), 0); /* standard format */
	end(pid);
}

/* The AVX component is at 576 in the standard format. */
#define YMM 576

static void
load_ymm_and_stop(void)
{
	static unsigned char pattern[32] = "0123456789abcdefghijklmnopqrstu";

	/* As bytes, so that the compiler need not know AVX. */
	__asm__ volatile("vmovdqu %0, %%ymm3\n"
			 "int3\n"
			 "vmovdqu %%ymm3, %1\n"
			 :
			 : "m"(pattern), "m"(board[16])
			 : "memory", "xmm3");
}

static void
xstate_ymm(void)
{
	unsigned char bytes[XSTATE_MAX];
	size_t length;
	pid_t pid;

	if (!has_avx())
		not_here("no AVX");
	pid = launch(load_ymm_and_stop);
	cont(pid);
	expect(pid, STOPPED(SIGTRAP));
	length = get_xstate(pid, bytes);
	equal(word_at(bytes, HEADER) & 4, 4);
	equal(memcmp(bytes + 160 + 3 * 16, "0123456789abcdef", 16), 0);
	equal(memcmp(bytes + YMM + 3 * 16, "ghijklmnopqrstu", 16), 0);
	memcpy(bytes + YMM + 3 * 16, "half of register", 16);
	must(regset(pid, PTRACE_SETREGSET, NT_X86_XSTATE, bytes, &length));
	cont(pid);
	expect(pid, EXITED(0));
	equal(memcmp((const void *)&board[16], "0123456789abcdef", 16), 0);
	equal(memcmp((const void *)&board[18], "half of register", 16), 0);
}

static void
xstate_partial(void)
{
	unsigned char bytes[XSTATE_MAX];
	size_t length = 16;
	pid_t pid = loaded();

	if (!has_avx())
		not_here("no AVX");
	memset(bytes, 0xee, sizeof bytes);
	must(regset(pid, PTRACE_GETREGSET, NT_X86_XSTATE, bytes, &length));
	equal(length, 16);
	equal(bytes[0], 0x7f);
	equal(bytes[16], 0xee);
	/* To write takes the whole of it. */
	refused(regset(pid, PTRACE_SETREGSET, NT_X86_XSTATE, bytes, &length),
		EFAULT);
	end(pid);
}

static void
xstate_bad_header(void)
{
	unsigned char bytes[XSTATE_MAX];
	size_t length;
	pid_t pid = loaded();

	if (!has_avx())
		not_here("no AVX");
	length = get_xstate(pid, bytes);
	bytes[HEADER + 7] = 0x40; /* a feature that is none */
	refused(regset(pid, PTRACE_SETREGSET, NT_X86_XSTATE, bytes, &length),
		EINVAL);
	length = get_xstate(pid, bytes);
	bytes[HEADER + 16] = 1; /* reserved */
	refused(regset(pid, PTRACE_SETREGSET, NT_X86_XSTATE, bytes, &length),
		EINVAL);
	length = get_xstate(pid, bytes);
	memset(bytes + 24, 0xff, 4); /* MXCSR */
	refused(regset(pid, PTRACE_SETREGSET, NT_X86_XSTATE, bytes, &length),
		EINVAL);
	end(pid);
}

static void
xstate_initial(void)
{
	unsigned char bytes[XSTATE_MAX];
	struct user_fpregs_struct fp;
	size_t length;
	pid_t pid = loaded();

	if (!has_avx())
		not_here("no AVX");
	length = get_xstate(pid, bytes);
	bytes[HEADER] &= (unsigned char)~1; /* x87 in its initial state */
	must(regset(pid, PTRACE_SETREGSET, NT_X86_XSTATE, bytes, &length));
	must(pt(PTRACE_GETFPREGS, pid, 0, &fp));
	equal(fp.cwd, 0x37f);
	equal(fp.ftw, 0);
	equal(fp.st_space[1], 0);
	equal(memcmp(fp.xmm_space, "0123456789abcdef", 16), 0);
	end(pid);
}

static void
tracer_keeps_its_own(void)
{
	pid_t pid = loaded();
	struct user_fpregs_struct fp;
	double kept = 0.25;

	__asm__ volatile("movsd %0, %%xmm9" : : "m"(kept) : "xmm9");
	kept = 0;
	must(pt(PTRACE_GETFPREGS, pid, 0, &fp));
	memset(&fp.xmm_space[36], 0x55, 16);
	must(pt(PTRACE_SETFPREGS, pid, 0, &fp));
	must(pt(PTRACE_GETFPREGS, pid, 0, &fp));
	equal(fp.xmm_space[36], 0x55555555);
	end(pid);
}

static const struct test_case cases[] = {
    {"GETFPREGS: copy the tracee's floating-point registers", fpregs_values},
    {"SETFPREGS: modify them, which the tracee sees", fpregs_written},
    {"SETFPREGS: EINVAL for reserved bits of MXCSR", bad_mxcsr},
    {"GETREGSET, SETREGSET, GETFPREGS: NT_PRFPREG is the same", prfpreg},
    {"GETREGSET: NT_PRFPREG, the first bytes alone", prfpreg_partial},
    {"GETREGSET: NT_X86_XSTATE is an image as XSAVE makes it, with XCR0 "
     "at byte 464",
     xstate_layout},
    {"GETREGSET, SETREGSET: NT_X86_XSTATE, the upper halves of AVX",
     xstate_ymm},
    {"GETREGSET, SETREGSET: NT_X86_XSTATE, a part may be read but not "
     "written",
     xstate_partial},
    {"SETREGSET: NT_X86_XSTATE, EINVAL for a header that is none",
     xstate_bad_header},
    {"SETREGSET: NT_X86_XSTATE, a component that is not in XSTATE_BV is "
     "as initialised",
     xstate_initial},
    {"GETFPREGS, SETFPREGS: of a tracee that does not run",
     tracer_keeps_its_own},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
