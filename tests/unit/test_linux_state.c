/* SPDX-License-Identifier: MIT */
/*
 * Registers, debug registers and FPU images against the Linux that this runs
 * on: random requests go to ptrace(2) and to the shim's functions, and must
 * give the same errors and the same state. Skipped where ptrace is forbidden.
 */
#include "suite.h"

#include <cpuid.h>
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kshim/fpu.h>
#include <kshim/regs.h>

#define LIMIT	  UINT64_C(0x7ffffffff000)
#define IMAGE_MAX 16384

static pid_t child;
static uint32_t seed = 1;

static unsigned
rnd(unsigned below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static uint64_t
rnd64(void)
{
	uint64_t v = rnd(1 << 22);

	v = v << 22 | rnd(1 << 22);
	return v << 20 | rnd(1 << 20);
}

static void
end_child(void)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	child = 0;
}

/* A child that waits for us in a stop. 0 if we may not trace. */
static int
new_child(void)
{
	int status;

	if (child)
		end_child();
	child = fork();
	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0))
			_exit(1);
		raise(SIGSTOP);
		_exit(0);
	}
	waitpid(child, &status, 0);
	return WIFSTOPPED(status);
}

static int
answer(long r)
{
	return r == -1 ? -errno : 0;
}

static int
poke(size_t offset, uint64_t v)
{
	return answer(ptrace(PTRACE_POKEUSER, child, offset, v));
}

START_TEST(registers)
{
	static const uint64_t values[] = {
	    0,
	    1,
	    2,
	    3,
	    0x10,
	    0x23,
	    0x2b,
	    0x33,
	    0x10000,
	    0x10033,
	    0xffff,
	    LIMIT - 1,
	    LIMIT,
	    UINT64_C(1) << 47,
	    ~UINT64_C(0),
	};
	struct user_regs_struct host;
	struct proc_user_regs seen;
	struct ks_regs regs;

	ck_assert(new_child());
	ck_assert_int_eq(ptrace(PTRACE_GETREGS, child, 0, &host), 0);
	memcpy(&regs, &host, sizeof(regs));
	for (int n = 0; n < 20000; n++) {
		unsigned i = rnd(sizeof(values) / sizeof(values[0]) + 4);
		unsigned reg = rnd(KS_NREGS);
		uint64_t v = rnd64();

		if (i < sizeof(values) / sizeof(values[0]))
			v = values[i];
		ck_assert_msg(
		    ks_regs_poke(&regs, reg, v, LIMIT) == poke(8 * reg, v),
		    "register %u, value %#llx", reg, (unsigned long long)v);
		ptrace(PTRACE_GETREGS, child, 0, &host);
		ks_regs_to_user(&regs, &seen);
		ck_assert_mem_eq(&seen, &host, sizeof(host));
	}
	end_child();
}
END_TEST

static uint64_t
random_dr(int n)
{
	static const uint64_t edge[] = {LIMIT - 8, LIMIT - 1, LIMIT,
					~UINT64_C(0)};

	if (n == 6)
		return rnd64();
	if (n == 7)
		return (rnd64() & UINT64_C(0xffffffffffffff00)) |
		       (rnd(4) ? rnd(256) & rnd(256) & rnd(256) : 0);
	return rnd(4) ? 0x1000 + rnd(64) : edge[rnd(4)] - rnd(4);
}

START_TEST(debug_registers)
{
	const size_t at = offsetof(struct user, u_debugreg);
	struct ks_debugregs dr = {.dr6 = KS_DR6_INIT};
	struct proc_debug_regs w;
	int good = 0;

	ck_assert(new_child());
	for (int n = 0; n < 4000; n++) {
		static const int which[] = {0, 1, 2, 3, 6, 7, 7, 7};
		int i = which[rnd(8)], ours, host;
		uint64_t v = random_dr(i);

		/* To write what is there says less to us than to Linux. */
		ks_debug_to_wire(&dr, &w);
		if (w.dr[i] == v)
			continue;
		w.dr[i] = v;
		ours = ks_debug_from_wire(&dr, &w, LIMIT);
		host = poke(at + 8 * i, v);
		ck_assert_msg(ours == host, "dr%d = %#llx: %d not %d", i,
			      (unsigned long long)v, ours, host);
		good += i == 7 && !ours;
		/*
		 * Linux takes an enabling back slot by slot, and leaves traces
		 * of it in the types of disabled ones.
		 */
		if (i == 7 && host) {
			ck_assert(new_child());
			dr = (struct ks_debugregs){.dr6 = KS_DR6_INIT};
		}
		ks_debug_to_wire(&dr, &w);
		for (i = 0; i < 8; i++) {
			errno = 0;
			v = ptrace(PTRACE_PEEKUSER, child, at + 8 * i, 0);
			ck_assert_uint_eq(w.dr[i], v);
		}
	}
	ck_assert_int_gt(good, 50);
	end_child();
}
END_TEST

static unsigned char host_image[IMAGE_MAX], our_image[IMAGE_MAX];
static unsigned char area[2 * IMAGE_MAX];
static struct ks_xlayout layout;

static void
host_cpuid(void *arg, uint32_t leaf, uint32_t sub, uint32_t out[4])
{
	(void)arg;
	__cpuid_count(leaf, sub, out[0], out[1], out[2], out[3]);
}

static int
regset(int request, int type, void *p, size_t len)
{
	struct iovec iov = {p, len};
	int err = answer(ptrace(request, child, type, &iov));

	return err ? err : request == PTRACE_GETREGSET ? (int)iov.iov_len : 0;
}

/* Random bytes, and a header that is right more often than not. */
static void
random_image(unsigned char *p, size_t len)
{
	/* Linux keeps PKRU, and may withhold AMX, from this image. */
	uint64_t bv = rnd64() & layout.user & ~UINT64_C(0x60200);
	uint32_t word = rnd(1 << 16) & layout.mxcsr_mask;

	for (size_t i = 0; i < len; i++)
		p[i] = (unsigned char)rnd(256);
	memcpy(p + 28, &layout.mxcsr_mask, 4);
	if (!rnd(8))
		word |= 1u << rnd(32);
	memcpy(p + 24, &word, 4);
	if (!rnd(8))
		bv |= UINT64_C(1) << (20 + rnd(44));
	memset(p + 512, 0, 64);
	memcpy(p + 512, &bv, 8);
	if (!rnd(8))
		p[520 + rnd(56)] = 1;
}

static void
compare_fpu(const struct ks_fpu *fpu, size_t size)
{
	ck_assert_int_eq(regset(PTRACE_GETREGSET, NT_X86_XSTATE, host_image,
				sizeof(host_image)),
			 (int)size);
	ck_assert_int_eq(ks_fpu_get_xstate(fpu, 0, our_image, size),
			 (int64_t)size);
	ck_assert_mem_eq(our_image, host_image, size);
	ck_assert_int_eq(ptrace(PTRACE_GETFPREGS, child, 0, host_image), 0);
	ck_assert_int_eq(ks_fpu_get_fx(fpu, our_image), 0);
	ck_assert_mem_eq(our_image, host_image, 512);
}

START_TEST(fpu_images)
{
	struct ks_fpu fpu = {&layout, area};
	uint64_t xcr0;
	uint32_t mask;
	int size;

	ck_assert(new_child());
	size = regset(PTRACE_GETREGSET, NT_X86_XSTATE, host_image, IMAGE_MAX);
	if (size == -ENODEV)
		return;
	ck_assert_int_ge(size, KS_XSAVE_MIN_SIZE);
	memcpy(&xcr0, host_image + 464, 8);
	memcpy(&mask, host_image + 28, 4);
	ck_assert_int_eq(
	    ks_xlayout_init(&layout, xcr0, 0, mask, host_cpuid, NULL), 0);
	ck_assert_uint_eq(layout.size, (unsigned)size);
	ck_assert_uint_le(layout.area_size, sizeof(area));
	ks_fpu_reset(&fpu, true);
	memset(host_image, 0, sizeof(host_image));
	ck_assert_int_eq(
	    regset(PTRACE_SETREGSET, NT_X86_XSTATE, host_image, size), 0);
	for (int n = 0; n < 4000; n++) {
		static const int off[] = {-512, -8, -4, -1, 4, 8};
		static unsigned char image[IMAGE_MAX + 8];
		bool fx = rnd(4) == 0;
		size_t len = fx ? 512 : size;

		random_image(image, sizeof(image));
		if (!rnd(16))
			len += off[rnd(6)];
		if (fx)
			ck_assert_int_eq(
			    ks_fpu_set_fx(&fpu, image, len),
			    regset(PTRACE_SETREGSET, NT_PRFPREG, image, len));
		else
			ck_assert_int_eq(ks_fpu_set_xstate(&fpu, image, len),
					 regset(PTRACE_SETREGSET, NT_X86_XSTATE,
						image, len));
		compare_fpu(&fpu, size);
	}
	end_child();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("linux_state");
	TCase *tc = tcase_create("linux_state");

	if (!new_child()) {
		puts("skipped: ptrace is not allowed here");
		return 77;
	}
	end_child();
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, registers);
	tcase_add_test(tc, debug_registers);
	tcase_add_test(tc, fpu_images);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
