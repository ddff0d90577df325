/* SPDX-License-Identifier: MIT */
/*
 * The wire between libptrace and a kernel: the files of the `proc:` scheme.
 * docs/proc-scheme.md is the specification; this header is its C form and the
 * only one that both halves include. All numbers are in the native byte order
 * of the kernel.
 *
 * The base is Redox's ABI of June 2020 (kernel e18a8779, syscall 4cc3baa).
 * Names marked "ext" are extensions; a kernel that serves just the base
 * answers ENOENT or EINVAL to them.
 */
#ifndef SYS_PROC_SCHEME_H
#define SYS_PROC_SCHEME_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define PROC_ASSERT(cond, text) static_assert(cond, text)
#else
#define PROC_ASSERT(cond, text) _Static_assert(cond, text)
#endif

/* Tables, whose columns the formatter would tear apart. */
/* clang-format off */

/* ---- file names, relative to PID/ or TID/ ---- */

#define PROC_FILE_TRACE      "trace"      /* w: resume, r: events */
#define PROC_FILE_MEM        "mem"        /* rw, offset = address */
#define PROC_FILE_REGS_INT   "regs/int"   /* rw, struct proc_int_regs */
#define PROC_FILE_REGS_FLOAT "regs/float" /* rw, struct proc_float_regs */
#define PROC_FILE_REGS_ENV   "regs/env"   /* rw, struct proc_env_regs */
#define PROC_FILE_EXE        "exe"        /* r: path of the program */

#define PROC_FILE_EVENTS      "events"      /* ext r, mapped: of the caller only */
#define PROC_FILE_TRACEME     "traceme"     /* ext w: of the caller only */
#define PROC_FILE_COMMAND     "command"     /* ext w, struct proc_command */
#define PROC_FILE_VM          "vm"          /* ext rw: mem, but no force */
#define PROC_FILE_REGS_USER   "regs/user"   /* ext rw, struct proc_user_regs */
#define PROC_FILE_REGS_XSTATE "regs/xstate" /* ext rw: XSAVE image, standard */
#define PROC_FILE_REGS_DEBUG  "regs/debug"  /* ext rw, struct proc_debug_regs */
#define PROC_FILE_SIGINFO     "siginfo"     /* ext rw, struct proc_siginfo */
#define PROC_FILE_SIGMASK     "sigmask"     /* ext rw, uint64_t */
#define PROC_FILE_SIGQUEUE    "sigqueue"    /* ext r: thread's pending */
#define PROC_FILE_SIGQUEUE_SHARED "sigqueue-shared" /* ext r: process's */
#define PROC_FILE_SYSCALL     "syscall-info" /* ext rw, struct proc_syscall */
#define PROC_FILE_RUSAGE      "rusage"      /* ext r, struct proc_rusage */
#define PROC_FILE_SECCOMP     "seccomp"     /* ext r, struct proc_seccomp */
#define PROC_FILE_RSEQ        "rseq"	      /* ext r, struct proc_rseq */
#define PROC_FILE_DISPATCH    "dispatch"      /* ext rw, struct proc_dispatch */
#define PROC_FILE_STOP        "stop"	      /* ext r, mapped rw: struct proc_stop */

/* ---- flags: the word written to `trace`, the cause read from it ---- */

/* Stops, of which the tracee sleeps until the next write. */
#define PROC_STOP_PRE_SYSCALL  UINT64_C(0x1)
#define PROC_STOP_POST_SYSCALL UINT64_C(0x2)
#define PROC_STOP_SINGLESTEP   UINT64_C(0x4)
#define PROC_STOP_SIGNAL       UINT64_C(0x8)  /* a signal, b handler */
#define PROC_STOP_BREAKPOINT   UINT64_C(0x10)
#define PROC_STOP_EXIT         UINT64_C(0x20) /* a status, as wait(2) */

/* Events, after which the tracee goes on. */
#define PROC_EVENT_CLONE            UINT64_C(0x100) /* a new pid */
#define PROC_EVENT_ADDRSPACE_SWITCH UINT64_C(0x200)

/* Skip what the tracee just stopped at: the system call, the signal. */
#define PROC_FLAG_IGNORE UINT64_C(0x1000)

#define PROC_STOP_MASK_BASE  UINT64_C(0xff)
#define PROC_EVENT_MASK_BASE UINT64_C(0xf00)
#define PROC_FLAG_MASK_BASE  UINT64_C(0xf000)

/* ext: stops. */
#define PROC_STOP_EXEC       (UINT64_C(1) << 16) /* a former tid */
#define PROC_STOP_FORK       (UINT64_C(1) << 17) /* a tid of the child */
#define PROC_STOP_VFORK      (UINT64_C(1) << 18) /* likewise */
#define PROC_STOP_CLONE      (UINT64_C(1) << 19) /* likewise */
#define PROC_STOP_VFORK_DONE (UINT64_C(1) << 20) /* likewise */
#define PROC_STOP_SECCOMP    (UINT64_C(1) << 21) /* a the filter's data */
#define PROC_STOP_GROUP      (UINT64_C(1) << 22) /* a signal: group stop */
#define PROC_STOP_TRAP       (UINT64_C(1) << 23) /* on demand: FLAG_INTERRUPT, \
						    a seized child's start, the \
						    end of a group stop */
#define PROC_STOP_STEP_IN    (UINT64_C(1) << 24) /* a step into a handler */
#define PROC_STOP_BLOCKSTEP  (UINT64_C(1) << 25) /* step to the next branch */

/* ext: events. */
#define PROC_EVENT_EXITED (UINT64_C(1) << 32) /* a status as wait(2), b and c \
						 user and system time in us, \
						 d largest rss in KiB, f 1: \
						 its id passed on by an exec */
#define PROC_EVENT_CHILD  (UINT64_C(1) << 33) /* `events` only: a child of the \
						 reader changed state; tid 0 */
#define PROC_EVENT_RENAMED (UINT64_C(1) << 34) /* an exec has changed its id; \
						  a the former one */

/* ext: flags of a write. */
#define PROC_FLAG_SIGNAL     (UINT64_C(1) << 48) /* struct proc_resume */
#define PROC_FLAG_INTERRUPT  (UINT64_C(1) << 49) /* do not resume: stop it */
#define PROC_FLAG_LISTEN     (UINT64_C(1) << 50) /* stay, but hear SIGCONT */
#define PROC_FLAG_SETMASK    (UINT64_C(1) << 51) /* do not resume: set mask */
#define PROC_FLAG_DETACH     (UINT64_C(1) << 52) /* resume and end the session */
/* ext: flags that last until the next mask: properties of the session. */
#define PROC_FLAG_LEGACY     (UINT64_C(1) << 53) /* SIGSTOP to new children, \
						    SIGTRAP after an exec */
#define PROC_FLAG_EXITKILL   (UINT64_C(1) << 54) /* SIGKILL when tracer ends */
#define PROC_FLAG_NO_SECCOMP (UINT64_C(1) << 55) /* suspend its filters */
#define PROC_FLAG_HOLD       (UINT64_C(1) << 57) /* dead, it stays until \
						    DETACH | INTERRUPT */
/* ext: of `command` alone. */
#define PROC_FLAG_ATTACH     (UINT64_C(1) << 56) /* begin the session first */

#define PROC_STOP_MASK  (PROC_STOP_MASK_BASE | UINT64_C(0xffff0000))
#define PROC_EVENT_MASK (PROC_EVENT_MASK_BASE | (UINT64_C(0xffff) << 32))
#define PROC_FLAG_MASK  (PROC_FLAG_MASK_BASE | (UINT64_C(0xffff) << 48))

/* clang-format on */

/* ---- structures ---- */

/* regs/int. At a pre-syscall stop rax is the system call's number. */
struct proc_int_regs {
	uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8;
	uint64_t rax, rcx, rdx, rsi, rdi, rip, cs, rflags, rsp, ss;
};

/* regs/float: FXSAVE64 less its last 96 bytes. */
struct __attribute__((packed)) proc_float_regs {
	uint16_t fcw, fsw;
	uint8_t ftw, reserved;
	uint16_t fop;
	uint64_t fip, fdp;
	uint32_t mxcsr, mxcsr_mask;
	uint8_t st[8][16];
	uint8_t xmm[16][16];
};

/* regs/env. */
struct __attribute__((packed)) proc_env_regs {
	uint64_t fsbase, gsbase;
};

/* Read from `trace`. */
struct proc_event {
	uint64_t cause; /* one PROC_STOP_* or PROC_EVENT_* bit */
	uint64_t a, b, c, d, e, f;
};

/* ext: read from `events`, one or more at once. */
struct proc_tracer_event {
	int32_t tid;  /* of the tracee; 0 for PROC_EVENT_CHILD */
	int32_t tgid; /* its process */
	struct proc_event ev;
};

/* ext: written to `trace` with PROC_FLAG_SIGNAL. */
struct proc_resume {
	uint64_t flags;
	uint64_t signal; /* deliver this one; 0 none */
};

/* ext: command: FLAGS and SIGNAL, as `trace` has them, for a thread. */
struct proc_command {
	int32_t tid;
	uint32_t pad; /* 0 */
	uint64_t flags;
	uint64_t signal; /* with PROC_FLAG_SIGNAL, else 0 */
};

/* ext: siginfo, in the layout of Linux's 64-bit siginfo_t. */
struct proc_siginfo {
	int32_t signo, err, code, pad;
	union {
		struct {
			int32_t pid;
			uint32_t uid;
			union {
				int32_t status; /* SIGCHLD */
				uint64_t value; /* queued; at offset 24 */
			} u;
			uint64_t utime, stime;
		} from;
		struct {
			int32_t timerid, overrun;
			uint64_t value;
		} timer;
		struct {
			uint64_t addr;
			int16_t addr_lsb;
			uint8_t pad[6];
			uint64_t lower, upper;
		} fault;
		struct {
			uint64_t band;
			int32_t fd;
		} poll;
		struct {
			uint64_t call_addr;
			int32_t syscall;
			uint32_t arch;
		} sys;
		uint8_t bytes[112];
	} u;
};

/* ext: regs/user, Linux's user_regs_struct of x86_64. */
struct proc_user_regs {
	uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8;
	uint64_t rax, rcx, rdx, rsi, rdi, orig_rax, rip, cs, rflags, rsp, ss;
	uint64_t fs_base, gs_base, ds, es, fs, gs;
};

/* ext: regs/debug, DR0 to DR7 as the tracee sees them; 4 and 5 read 0. */
struct proc_debug_regs {
	uint64_t dr[8];
};

/* ext: syscall-info: the system call in flight. */
enum {
	PROC_SYSCALL_NONE = 0, /* not in a system call stop */
	PROC_SYSCALL_ENTRY = 1,
	PROC_SYSCALL_EXIT = 2,
	PROC_SYSCALL_SECCOMP = 3,
};

struct proc_syscall {
	uint32_t op;   /* PROC_SYSCALL_* */
	uint32_t arch; /* AUDIT_ARCH_* of the tracee */
	uint64_t ip, sp;
	uint64_t nr;	   /* entry, seccomp */
	uint64_t args[6];  /* entry, seccomp */
	int64_t rval;	   /* exit */
	uint32_t is_error; /* exit: rval is a negated errno */
	uint32_t data;	   /* seccomp: SECCOMP_RET_DATA */
};

/* ext: rusage, as Linux's 64-bit struct rusage. */
struct proc_rusage {
	int64_t utime_sec, utime_usec, stime_sec, stime_usec;
	int64_t maxrss_kib, ixrss, idrss, isrss, minflt, majflt, nswap;
	int64_t inblock, oublock, msgsnd, msgrcv, nsignals, nvcsw, nivcsw;
};

/* ext: seccomp: followed by the filter, 8 bytes an instruction. */
struct proc_seccomp {
	uint64_t flags; /* SECCOMP_FILTER_FLAG_LOG alone */
};

/* ext: rseq: what rseq(2) has registered; all 0: nothing. */
struct proc_rseq {
	uint64_t pointer;
	uint32_t size, signature, flags, pad;
};

/*
 * ext: dispatch: system call user dispatch. Calls from outside [offset,
 * offset + len) become SIGSYS if the byte at selector says so (or there is
 * none). PROC_DISPATCH_INSIDE is written alone: it reads as its complement.
 */
enum {
	PROC_DISPATCH_OFF = 0,
	PROC_DISPATCH_OUTSIDE = 1,
	PROC_DISPATCH_INSIDE = 2,
};

struct proc_dispatch {
	uint64_t mode, selector, offset, len;
};

/*
 * ext: events, mapped: what a read would find.
 */
enum {
	PROC_EVENTS_NONE = 1, /* it would block */
	PROC_EVENTS_SOME = 2,
};

struct proc_events {
	uint64_t state; /* PROC_EVENTS_*; 0: the reader's is another queue */
};

/*
 * ext: stop: what a tracee says of itself, in a page that its tracer maps. The
 * kernel writes while the tracer reads: what was read counts if `sequence` is
 * odd and is the same before and after.
 */
enum {
	PROC_HAS_INFO = 1,   /* `info`; without it `siginfo` has to say */
	PROC_TAKES_INFO = 2, /* `siginfo` can be written */
	PROC_HAS_DEBUG = 4,  /* `debug` */
	PROC_HAS_RUSAGE = 8, /* `rusage`; from here on only if it is wanted */
	PROC_HAS_FLOATS = 16,
};

struct proc_stop {
	uint64_t sequence;   /* odd: in a stop; 0: the session is over */
	uint64_t generation; /* counts what mappings of `mem` have lost */
	uint64_t lost;	     /* of these: pages that could not be had */
	uint64_t has;	     /* PROC_HAS_*, PROC_TAKES_INFO */
	/* While in a stop: */
	struct proc_user_regs regs;
	struct proc_syscall call;
	struct proc_siginfo info;
	uint64_t sigmask;
	struct proc_debug_regs debug;
	struct proc_rusage rusage;
	struct proc_float_regs floats;
};

/*
 * ext: the tracer's part of the same page, at PROC_EDIT_OFFSET: what shall
 * take effect before the tracee goes on, or a file of it is used. It counts
 * while `at` is the record's `sequence`.
 */
#define PROC_EDIT_OFFSET 2048

enum {
	PROC_EDIT_INFO = 1, /* as a write of `siginfo` */
	PROC_EDIT_SIGMASK = 2,
	PROC_EDIT_FLOATS = 4,
};

struct proc_edit {
	uint64_t wants; /* PROC_HAS_*: what shall be in the record */
	uint64_t at;
	uint64_t what;	/* PROC_EDIT_* */
	uint64_t words; /* bit n: word n of `regs`, as a write of `regs/user` */
	struct proc_user_regs regs;
	struct proc_siginfo info;
	uint64_t sigmask;
	struct proc_float_regs floats;
};

/* ---- the ABI, checked ---- */

PROC_ASSERT(sizeof(struct proc_int_regs) == 160, "IntRegisters");
PROC_ASSERT(offsetof(struct proc_int_regs, rax) == 80, "rax");
PROC_ASSERT(offsetof(struct proc_int_regs, rip) == 120, "rip");
PROC_ASSERT(offsetof(struct proc_int_regs, ss) == 152, "ss");
PROC_ASSERT(sizeof(struct proc_float_regs) == 416, "FloatRegisters");
PROC_ASSERT(offsetof(struct proc_float_regs, fip) == 8, "fip");
PROC_ASSERT(offsetof(struct proc_float_regs, mxcsr) == 24, "mxcsr");
PROC_ASSERT(offsetof(struct proc_float_regs, st) == 32, "st");
PROC_ASSERT(offsetof(struct proc_float_regs, xmm) == 160, "xmm");
PROC_ASSERT(sizeof(struct proc_env_regs) == 16, "EnvRegisters");
PROC_ASSERT(offsetof(struct proc_env_regs, gsbase) == 8, "gsbase");
PROC_ASSERT(sizeof(struct proc_event) == 56, "PtraceEvent");
PROC_ASSERT(offsetof(struct proc_event, a) == 8, "a");
PROC_ASSERT(offsetof(struct proc_event, f) == 48, "f");
PROC_ASSERT(sizeof(struct proc_tracer_event) == 64, "tracer event");
PROC_ASSERT(offsetof(struct proc_tracer_event, ev) == 8, "ev");
PROC_ASSERT(sizeof(struct proc_resume) == 16, "resume");
PROC_ASSERT(sizeof(struct proc_command) == 24, "command");
PROC_ASSERT(offsetof(struct proc_command, flags) == 8, "flags of a command");
PROC_ASSERT(sizeof(struct proc_siginfo) == 128, "siginfo");
PROC_ASSERT(offsetof(struct proc_siginfo, u) == 16, "siginfo.u");
PROC_ASSERT(offsetof(struct proc_siginfo, u.from.u.value) == 24, "si_value");
PROC_ASSERT(offsetof(struct proc_siginfo, u.fault.upper) == 40, "si_upper");
PROC_ASSERT(sizeof(struct proc_user_regs) == 216, "user_regs_struct");
PROC_ASSERT(offsetof(struct proc_user_regs, orig_rax) == 120, "orig_rax");
PROC_ASSERT(offsetof(struct proc_user_regs, gs) == 208, "gs");
PROC_ASSERT(sizeof(struct proc_debug_regs) == 64, "debug registers");
PROC_ASSERT(sizeof(struct proc_syscall) == 96, "syscall-info");
PROC_ASSERT(sizeof(struct proc_rusage) == 144, "rusage");
PROC_ASSERT(sizeof(struct proc_seccomp) == 8, "seccomp");
PROC_ASSERT(sizeof(struct proc_rseq) == 24, "rseq");
PROC_ASSERT(sizeof(struct proc_dispatch) == 32, "dispatch");
PROC_ASSERT(offsetof(struct proc_dispatch, len) == 24, "len");
PROC_ASSERT(sizeof(struct proc_stop) == 1104, "stop");
PROC_ASSERT(offsetof(struct proc_stop, generation) == 8, "generation");
PROC_ASSERT(offsetof(struct proc_stop, lost) == 16, "lost");
PROC_ASSERT(offsetof(struct proc_stop, has) == 24, "has");
PROC_ASSERT(offsetof(struct proc_stop, regs) == 32, "registers of a stop");
PROC_ASSERT(offsetof(struct proc_stop, call) == 248, "system call of a stop");
PROC_ASSERT(offsetof(struct proc_stop, info) == 344, "siginfo of a stop");
PROC_ASSERT(offsetof(struct proc_stop, sigmask) == 472, "mask of a stop");
PROC_ASSERT(offsetof(struct proc_stop, debug) == 480, "debug registers of it");
PROC_ASSERT(offsetof(struct proc_stop, rusage) == 544, "rusage of a stop");
PROC_ASSERT(offsetof(struct proc_stop, floats) == 688, "floats of a stop");
PROC_ASSERT(sizeof(struct proc_edit) == 800, "edit");
PROC_ASSERT(offsetof(struct proc_edit, regs) == 32, "registers of an edit");
PROC_ASSERT(offsetof(struct proc_edit, info) == 248, "siginfo of an edit");
PROC_ASSERT(offsetof(struct proc_edit, sigmask) == 376, "mask of an edit");
PROC_ASSERT(offsetof(struct proc_edit, floats) == 384, "floats of an edit");
PROC_ASSERT(sizeof(struct proc_stop) <= PROC_EDIT_OFFSET, "two parts");
PROC_ASSERT((PROC_STOP_MASK & PROC_EVENT_MASK) == 0 &&
		(PROC_STOP_MASK & PROC_FLAG_MASK) == 0 &&
		(PROC_EVENT_MASK & PROC_FLAG_MASK) == 0,
	    "the three kinds of bits are apart");

#endif
