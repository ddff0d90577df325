/* SPDX-License-Identifier: MIT */
/*
 * The frame of a signal handler, as Linux lays it out on x86_64, and the way
 * back. From the top of the stack down: XSAVE image, then struct rt_sigframe.
 */
#include "calls_thread.h"
#include "cpu.h"
#include "errno.h"
#include "fpu.h"
#include "mem.h"
#include "string.h"
#include "thread.h"
#include "user.h"
#include "xlayout.h"

struct sigcontext {
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
	uint16_t cs, gs, fs, ss;
	uint64_t err, trapno, oldmask, cr2;
	uint64_t fpstate;
	uint64_t reserved[8];
};

struct rt_sigframe {
	uint64_t restorer;
	uint64_t uc_flags;
	uint64_t uc_link;
	struct sigaltstack uc_stack;
	struct sigcontext mc;
	uint64_t uc_sigmask;
	struct siginfo info;
};

_Static_assert(sizeof(struct sigcontext) == 256, "sigcontext");
_Static_assert(sizeof(struct rt_sigframe) == 440, "rt_sigframe");

/* What follows the FXSAVE image tells user mode of the rest. */
struct fpx_sw_bytes {
	uint32_t magic1;
	uint32_t extended_size;
	uint64_t xfeatures;
	uint32_t xstate_size;
	uint32_t padding[7];
};
#define FXSAVE_SW_OFFSET  464
#define FXSAVE_SIZE	  512
#define XSAVE_HEADER	  512
#define XSAVE_HEADER_SIZE 64
#define FP_XSTATE_MAGIC1  0x46505853
#define FP_XSTATE_MAGIC2  0x46505845

#define UC_FP_XSTATE	     1
#define UC_SIGCONTEXT_SS     2
#define UC_STRICT_RESTORE_SS 4

#define RED_ZONE 128

/* Bits of rflags that a handler may change in its frame. */
#define RFLAGS_SIGRETURN                                                       \
	(RFLAGS_AC | 0x800 /* OF */ | RFLAGS_DF | RFLAGS_TF | 0x80 | 0x40 |    \
	 0x10 | 0x4 | RFLAGS_CF | RFLAGS_RF)

static bool
has_xsave(void)
{
	return fpu_size > FXSAVE_SIZE;
}

static uint64_t
fpu_frame_size(void)
{
	return fpu_size + (has_xsave() ? sizeof(uint32_t) : 0);
}

static int
save_fpu(uint64_t ua)
{
	struct fpx_sw_bytes sw = {
	    .magic1 = FP_XSTATE_MAGIC1,
	    .extended_size = (uint32_t)fpu_frame_size(),
	    .xfeatures = fpu_xfeatures,
	    .xstate_size = (uint32_t)fpu_size,
	};
	uint32_t magic2 = FP_XSTATE_MAGIC2;

	thread_fpu_flush(current);
	if (copy_out(ua, current->fpu, fpu_size))
		return -EFAULT;
	if (!has_xsave())
		return 0;
	if (copy_out(ua + FXSAVE_SW_OFFSET, &sw, sizeof(sw)) ||
	    copy_out(ua + fpu_size, &magic2, sizeof(magic2)))
		return -EFAULT;
	return 0;
}

static void
save_context(struct rt_sigframe *f, const struct regs *r)
{
	f->uc_flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;
	if (has_xsave())
		f->uc_flags |= UC_FP_XSTATE;
	f->mc = (struct sigcontext){
	    .r8 = r->r8,
	    .r9 = r->r9,
	    .r10 = r->r10,
	    .r11 = r->r11,
	    .r12 = r->r12,
	    .r13 = r->r13,
	    .r14 = r->r14,
	    .r15 = r->r15,
	    .rdi = r->rdi,
	    .rsi = r->rsi,
	    .rbp = r->rbp,
	    .rbx = r->rbx,
	    .rdx = r->rdx,
	    .rax = r->rax,
	    .rcx = r->rcx,
	    .rsp = r->rsp,
	    .rip = r->rip,
	    .rflags = r->rflags,
	    .cs = (uint16_t)r->cs,
	    .ss = (uint16_t)r->ss,
	    .err = current->trap_error,
	    .trapno = current->trap_no,
	    .cr2 = current->trap_addr,
	};
	f->uc_sigmask =
	    current->restore_mask ? current->saved_mask : current->blocked;
	f->mc.oldmask = f->uc_sigmask;
}

static bool
on_altstack(uint64_t sp)
{
	const struct sigaltstack *s = &current->altstack;

	/* With AUTODISARM one is never known to be on it. */
	return !(s->flags & (int)SS_AUTODISARM) && sp > s->sp &&
	       sp - s->sp <= s->size;
}

/* Where the frame goes; 0: it would overflow the alternate stack. */
static uint64_t
frame_place(const struct regs *r, const struct sigaction *a, uint64_t *out_fp)
{
	const struct sigaltstack *s = &current->altstack;
	bool nested = on_altstack(r->rsp), entering = false;
	uint64_t sp = r->rsp - RED_ZONE;

	if ((a->flags & SA_ONSTACK) && s->size && !nested) {
		sp = s->sp + s->size;
		entering = true;
	}
	sp = (sp - fpu_frame_size()) & ~63ULL;
	*out_fp = sp;
	/* The ABI: rsp + 8 is a multiple of 16 on entry to a function. */
	sp = ((sp - sizeof(struct rt_sigframe)) & ~15ULL) - 8;
	if ((nested || entering) && (sp <= s->sp || sp - s->sp > s->size))
		return 0;
	return sp;
}

int
sigframe_setup(struct regs *r, int sig, const struct siginfo *info,
	       const struct sigaction *a)
{
	struct rt_sigframe f = {.restorer = a->restorer, .info = *info};
	uint64_t fp, sp = frame_place(r, a, &fp);

	if (!sp || !(a->flags & SA_RESTORER))
		return -EFAULT;
	save_context(&f, r);
	f.mc.fpstate = fp;
	f.uc_stack = current->altstack;
	if (save_fpu(fp) || copy_out(sp, &f, sizeof(f)))
		return -EFAULT;
	r->rdi = (uint64_t)sig;
	r->rsi = sp + offsetof(struct rt_sigframe, info);
	r->rdx = sp + offsetof(struct rt_sigframe, uc_flags);
	r->rax = 0; /* no vector registers, for varargs handlers */
	r->rip = a->handler;
	r->rsp = sp;
	r->cs = SEL_USER_CS;
	r->ss = SEL_USER_DS;
	r->rflags &= ~(uint64_t)(RFLAGS_DF | RFLAGS_RF | RFLAGS_TF);
	return 0;
}

static uint64_t
get64(const unsigned char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static void
put64(unsigned char *p, uint64_t v)
{
	memcpy(p, &v, sizeof(v));
}

/* True if there is a whole XSAVE image at UA, not just FXSAVE's 512 bytes. */
static bool
image_is_extended(uint64_t ua, const struct fpx_sw_bytes *sw)
{
	uint32_t magic2;

	return has_xsave() && sw->magic1 == FP_XSTATE_MAGIC1 &&
	       sw->xstate_size >= XSAVE_HEADER + XSAVE_HEADER_SIZE &&
	       sw->xstate_size <= fpu_size &&
	       sw->xstate_size <= sw->extended_size &&
	       !copy_in(&magic2, ua + sw->xstate_size, sizeof(magic2)) &&
	       magic2 == FP_XSTATE_MAGIC2;
}

/* Read the image at UA into AREA, in the standard format of XSAVE. */
static int
read_fpu(unsigned char *area, uint64_t ua)
{
	struct fpx_sw_bytes sw;
	uint64_t features = KS_XF_X87 | KS_XF_SSE;

	memset(area, 0, fpu_size);
	if (copy_in(area, ua, FXSAVE_SIZE))
		return -EFAULT;
	memcpy(&sw, area + FXSAVE_SW_OFFSET, sizeof(sw));
	if (image_is_extended(ua, &sw)) {
		if (copy_in(area, ua, sw.xstate_size))
			return -EFAULT;
		features = get64(area + XSAVE_HEADER);
		if (features & ~fpu_xfeatures)
			return -EINVAL; /* XRSTOR would */
		features &= sw.xfeatures;
	}
	if (has_xsave())
		put64(area + XSAVE_HEADER, features);
	return 0;
}

static int
restore_fpu(uint64_t ua)
{
	unsigned char *area;
	struct ks_fpu f;
	int err = xlayout_fpu(current, &f);

	thread_fpu_changed(current);
	if (err)
		return err;
	if (!ua) {
		fpu_fresh(current->fpu);
		return 0;
	}
	area = thread_fpu_alloc();
	if (!area)
		return -ENOMEM;
	err = read_fpu(area, ua);
	/* What the CPU would refuse is refused there. */
	if (!err && has_xsave())
		err = ks_fpu_set_xstate(&f, area, fpu_size);
	else if (!err)
		err = ks_fpu_set_fx(&f, area, FXSAVE_SIZE);
	kfree(area);
	return err;
}

static int
restore_context(struct regs *r, const struct sigcontext *c)
{
	r->r8 = c->r8, r->r9 = c->r9, r->r10 = c->r10, r->r11 = c->r11;
	r->r12 = c->r12, r->r13 = c->r13, r->r14 = c->r14, r->r15 = c->r15;
	r->rdi = c->rdi, r->rsi = c->rsi, r->rbp = c->rbp, r->rbx = c->rbx;
	r->rdx = c->rdx, r->rax = c->rax, r->rcx = c->rcx;
	r->rsp = c->rsp, r->rip = c->rip;
	r->rflags = (r->rflags & ~(uint64_t)RFLAGS_SIGRETURN) |
		    (c->rflags & RFLAGS_SIGRETURN);
	r->orig_rax = ~0ULL;
	/* There is no other code segment, and only flat data. */
	if ((c->cs | 3) != SEL_USER_CS || (c->ss | 3) != SEL_USER_DS)
		return -EINVAL;
	return 0;
}

long
sys_rt_sigreturn(void)
{
	struct regs *r = current->regs;
	struct rt_sigframe f;

	/* The handler's `ret` has popped the restorer. */
	if (copy_in(&f, r->rsp - 8, sizeof(f)))
		goto bad;
	signal_set_blocked(f.uc_sigmask);
	if (restore_context(r, &f.mc) || restore_fpu(f.mc.fpstate))
		goto bad;
	altstack_restore(&f.uc_stack);
	return (long)r->rax;
bad:
	signal_force_kernel(SIGSEGV);
	return 0;
}
