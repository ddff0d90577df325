/* SPDX-License-Identifier: MIT */
/*
 * Restartable sequences: code of a program that begins anew when it was
 * preempted or a signal was delivered in it.
 */
#ifndef REFKERNEL_RSEQ_H
#define REFKERNEL_RSEQ_H

#include <stdint.h>

struct regs;

/* What a thread has registered; addr is 0 if nothing. */
struct rseq {
	uint64_t addr;
	uint32_t len;
	uint32_t signature;
};

/*
 * The current thread, which has registered, was interrupted at R: if that is
 * within a sequence, it goes on at its abort address. A bad registration is
 * SIGSEGV.
 */
void rseq_interrupted(struct regs *r);

#endif
