/* SPDX-License-Identifier: MIT */
/*
 * What is mapped of a tracee: the record of its stop, and windows onto its
 * memory, so that a request needs no system call. All of it is a cache: where
 * nothing can be mapped, or something has changed, the files answer.
 */
#ifndef PTL_MAPS_H
#define PTL_MAPS_H

#include "session.h"

#define PTL_WINDOWS	16
#define PTL_WINDOW_SIZE ((uint64_t)64 * 4096) /* a bit of `pages` for each */

struct ptl_window {
	uint64_t base; /* of the tracee, plus 1; 0: unused */
	char *at;      /* here; NULL: not mapped yet */
	bool stores;   /* it may be written */
	/*
	 * The pages which a read of `mem` could have since this generation: a
	 * load of one that cannot be had would show zeros. Of these, those
	 * that the tracee itself may read, as `vm` says, and those which a
	 * write of `mem` could have.
	 */
	uint64_t generation, pages, readable, writable;
};

struct ptl_maps {
	const struct proc_stop *record;
	struct proc_edit *edit; /* NULL: it cannot be written */
	uint64_t used;		/* PROC_HAS_* that were asked for lately */
	unsigned stops;		/* since then */
	uint64_t lost;	/* the record's count when the windows were made */
	bool no_window; /* the kernel has refused one */
	bool no_store;	/* or one that can be written */
	struct ptl_window window[PTL_WINDOWS];
};

/*
 * The registers of S, or the word at ADDR of its memory, without a system
 * call; or store that word. False: ask the files.
 */
bool ptl_maps_regs(const struct ptl_session *s, struct proc_user_regs *out);
bool ptl_maps_peek(const struct ptl_session *s, uint64_t addr, long *out);
bool ptl_maps_poke(const struct ptl_session *s, uint64_t addr, long word);

/* One register, at OFF of the structure, a multiple of 8. */
bool ptl_maps_reg(const struct ptl_session *s, size_t off, uint64_t *out);

/*
 * In which words REGS differ from the registers of S: all that do are among
 * the *OUT_N from *OUT_FIRST on. False: it cannot be told.
 */
bool ptl_maps_regs_differ(const struct ptl_session *s,
			  const struct proc_user_regs *regs, size_t *out_first,
			  size_t *out_n);

/* What `syscall-info`, `siginfo` and `sigmask` would say. */
bool ptl_maps_call(const struct ptl_session *s, struct proc_syscall *out);
bool ptl_maps_info(const struct ptl_session *s, struct proc_siginfo *out);
bool ptl_maps_mask(const struct ptl_session *s, uint64_t *out);
bool ptl_maps_debug(const struct ptl_session *s, struct proc_debug_regs *out);

/*
 * What `regs/float` and `rusage` would say: not at first, but
 * the kernel is told that it is wanted, and has it ready at later stops, until
 * nobody has asked for it at several.
 */
bool ptl_maps_floats(struct ptl_session *s, struct proc_float_regs *out);
bool ptl_maps_rusage(struct ptl_session *s, struct proc_rusage *out);

/*
 * The sequence of S's stop if its record has WHAT (PROC_HAS_*), which is wanted
 * from now on; else 0.
 */
uint64_t ptl_maps_wanted(struct ptl_session *s, uint64_t what);

/* S has stopped: what is not wanted any more need not be there. */
void ptl_maps_stopped(struct ptl_session *s);

/* True if S is certainly in its stop. */
bool ptl_maps_in_stop(const struct ptl_session *s);

/* ---- changes without a system call (edits.c) ---- */

/*
 * What the tracee has when it goes on, or is asked for it, is what is given
 * here. False: write the file, which also tells what may be wrong.
 */
bool ptl_edit_regs(struct ptl_session *s, const struct proc_user_regs *regs);
bool ptl_edit_reg(struct ptl_session *s, size_t off, uint64_t word);
bool ptl_edit_info(struct ptl_session *s, const struct proc_siginfo *info);
bool ptl_edit_mask(struct ptl_session *s, uint64_t mask);
bool ptl_edit_floats(struct ptl_session *s, const struct proc_float_regs *f);

/* ---- both ---- */

/* What structures are copied by. */
typedef uint64_t __attribute__((may_alias)) ptl_word;

static inline uint64_t
ptl_word_at(const ptl_word *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

/*
 * True if what was read since RECORD's sequence was SEQ is of that stop. All
 * of it was loaded with acquire, so that it comes before this load.
 */
static inline bool
ptl_still(const struct proc_stop *record, uint64_t seq)
{
	return __atomic_load_n(&record->sequence, __ATOMIC_RELAXED) == seq;
}

/* The edits of the stop that has SEQ, or NULL: there are none. */
static inline const struct proc_edit *
ptl_edits(const struct ptl_maps *m, uint64_t seq)
{
	return m->edit && m->edit->at == seq ? m->edit : NULL;
}

/* The same for N bytes, as `vm` would read them. BUF is the program's. */
bool ptl_maps_read(const struct ptl_session *s, uint64_t addr, void *buf,
		   size_t n);

/* What has been done with some of the memory by a file. */
enum ptl_did {
	PTL_READ_MEM,
	PTL_READ_VM,
	PTL_WROTE_MEM,
};

/*
 * The files are to be asked, about N bytes at ADDR of the memory: before that,
 * which gives the generation that the answer will be at least of; and after
 * it, if all were there.
 */
uint64_t ptl_maps_before(struct ptl_session *s);
void ptl_maps_after(struct ptl_session *s, uint64_t addr, size_t n,
		    uint64_t generation, enum ptl_did did);

/*
 * True if the caller is a fork of S's tracer, which the record tells: `mem`
 * does not. Then S is gone.
 */
bool ptl_maps_forked(const struct ptl_session *s);

/*
 * Map S's record, if that was not tried before: it takes as many calls as to
 * open a file and to read it. True if there is one.
 */
bool ptl_maps_need(struct ptl_session *s);

/*
 * Registers are stored at a pointer of the program's: what is mapped may not
 * be used where the kernel would find fault with it. It has stored N bytes at
 * P; and: it has done so before, in the same pages.
 */
void ptl_maps_stored(uintptr_t p, size_t n);
bool ptl_maps_can_store(uintptr_t p, size_t n);

/* Unmap all that there is of S. */
void ptl_maps_drop(struct ptl_session *s);

#endif
