/* SPDX-License-Identifier: MIT */
/*
 * FPU export: the x87, SSE, AVX... state of a thread in the forms in which a
 * tracer reads and writes it. Pure functions over bytes, with no floating
 * point instruction; x86 semantics on any host.
 *
 * An image is memory as the processor's FXSAVE and XSAVE write it, so it is
 * little-endian on every host, unlike the structures of the wire, which are in
 * the order of the kernel. That holds for the 416 bytes of regs/float too.
 * struct ks_xlayout and all arguments are plain numbers of the host.
 *
 * The caller keeps the thread stopped and its state flushed to memory over a
 * call, and afterwards sees to it that the CPU loads what was written.
 */
#ifndef KSHIM_FPU_H
#define KSHIM_FPU_H

#include <kshim/types.h>

#define KS_FXSAVE_SIZE	  512
#define KS_XSAVE_MIN_SIZE 576 /* legacy region and header */
#define KS_REDOX_FP_SIZE  416
#define KS_XCOMP_MAX	  32 /* state components that are supported */

/* State components, bits of XCR0 (SDM volume 1, 13.1). */
#define KS_XF_X87 UINT64_C(1)
#define KS_XF_SSE UINT64_C(2)
#define KS_XF_AVX UINT64_C(4)

/* One state component from number 2 up (SDM volume 1, 13.2). */
struct ks_xcomp {
	uint32_t offset; /* in the standard format; 0 for a supervisor one */
	uint32_t size;	 /* bytes; 0: the processor has not got it */
	bool align64;	 /* begins on 64 bytes in the compacted format */
};

/*
 * What the processor's XSAVE writes. Made once by ks_xlayout_init(), or by
 * hand, then constant. Where USER is 0 there is no XSAVE and a saved area is a
 * plain FXSAVE image.
 */
struct ks_xlayout {
	uint64_t user;	     /* XCR0: what a tracer may read and write */
	uint64_t supervisor; /* IA32_XSS: in compacted areas only */
	uint32_t size;	     /* of the standard format with all of USER */
	uint32_t area_size;  /* of a thread's saved area */
	uint32_t mxcsr_mask; /* as FXSAVE stores it; the others are reserved */
	struct ks_xcomp comp[KS_XCOMP_MAX];
};

/*
 * A thread's state as the port saved it: FXSAVE where the layout has no XSAVE,
 * else XSAVE, XSAVEOPT (standard format) or XSAVEC, XSAVES (compacted format),
 * told apart by the image's XCOMP_BV.
 */
struct ks_fpu {
	const struct ks_xlayout *layout;
	unsigned char *area; /* layout->area_size bytes */
};

/* CPUID with LEAF in eax and SUBLEAF in ecx; OUT gets eax ebx ecx edx. */
typedef void ks_cpuid_fn(void *arg, uint32_t leaf, uint32_t subleaf,
			 uint32_t out[4]);

/*
 * Fill L for a processor whose XCR0 is XCR0 (0: no XSAVE) and whose IA32_XSS
 * is XSS, with what its CPUID leaf 0xd says. MXCSR_MASK is the word at offset
 * 28 of an FXSAVE image; 0 there means 0xffbf (SDM volume 1, 11.6.6).
 * area_size is what either format needs. -EINVAL: ks_xlayout_check() fails.
 */
int ks_xlayout_init(struct ks_xlayout *l, uint64_t xcr0, uint64_t xss,
		    uint32_t mxcsr_mask, ks_cpuid_fn *cpuid, void *arg);

/*
 * -EINVAL if L contradicts itself: x87 or SSE is missing, a component has no
 * size, overlaps the header or reaches past the end.
 */
int ks_xlayout_check(const struct ks_xlayout *l);

/*
 * Bytes of an NT_X86_XSTATE image; 0 where there is no XSAVE.
 */
size_t ks_fpu_xstate_size(const struct ks_xlayout *l);

/*
 * Write the state of a new program to F's area, in the standard format or
 * COMPACTED. Not COMPACTED where there is no XSAVE.
 */
void ks_fpu_reset(const struct ks_fpu *f, bool compacted);

/*
 * The functions below return -EIO, with nothing written, if the saved area is
 * not what its layout allows. A component that is in its initial state reads
 * as its initial values.
 */

/* Linux's user_fpregs_struct (NT_PRFPREG, PTRACE_GETFPREGS). */
int ks_fpu_get_fx(const struct ks_fpu *f, unsigned char out[KS_FXSAVE_SIZE]);

/*
 * As PTRACE_SETFPREGS and PTRACE_SETREGSET of NT_PRFPREG with LEN bytes.
 * -EINVAL, and nothing is written: LEN is not 512 (more is cut if it is a
 * multiple of 8), or a reserved bit of MXCSR is set. The last 96 bytes, and
 * mxcsr_mask, are ignored.
 */
int ks_fpu_set_fx(const struct ks_fpu *f, const void *in, size_t len);

/*
 * Redox's FloatRegisters. Reading, reserved fields are zero: the byte at 5 and
 * the top 48 bits of each st slot. Writing, these, mxcsr_mask and the reserved
 * bits of fcw keep the thread's values. -EINVAL: a reserved bit of MXCSR is
 * set; nothing is written.
 */
int ks_fpu_get_redox(const struct ks_fpu *f,
		     unsigned char out[KS_REDOX_FP_SIZE]);
int ks_fpu_set_redox(const struct ks_fpu *f,
		     const unsigned char in[KS_REDOX_FP_SIZE]);

/*
 * Read at most LEN bytes from offset OFF of Linux's NT_X86_XSTATE: the
 * standard format, with the mask of all components at byte 464. Returns the
 * bytes written, 0 past the end. -ENODEV: there is no XSAVE.
 */
int64_t ks_fpu_get_xstate(const struct ks_fpu *f, uint64_t off, void *out,
			  size_t len);

/*
 * As PTRACE_SETREGSET of NT_X86_XSTATE with LEN bytes; what the image's
 * XSTATE_BV leaves out goes to its initial state. After an error nothing is
 * changed. -ENODEV: there is no XSAVE. -EFAULT: LEN is below
 * ks_fpu_xstate_size() (more is cut). -EINVAL: LEN is not a multiple of 8, a
 * component is not among those of the thread, XCOMP_BV or a reserved byte of
 * the header is not 0, or a reserved bit of MXCSR is set while x87, SSE or AVX
 * state is given.
 */
int ks_fpu_set_xstate(const struct ks_fpu *f, const void *in, size_t len);

#endif
