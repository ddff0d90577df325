/* SPDX-License-Identifier: MIT */
/*
 * Linux's Yama: who may trace whom, beyond the rules of ptrace(2), as the
 * number in /proc/sys/kernel/yama/ptrace_scope says: 0 no more rules; 1 a
 * process its descendants, and those that named it; 2 nobody without
 * CAP_SYS_PTRACE; 3 nobody, for good.
 */
#ifndef REFKERNEL_YAMA_H
#define REFKERNEL_YAMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct process;
struct seq;
struct thread;

/* May TRACER trace P? ASKED: P asks for it. 0 or -EPERM. */
int yama_allows(struct process *tracer, struct process *p, bool asked);

/* prctl(PR_SET_PTRACER): PID and its descendants; -1: all; 0: none. */
long yama_set_ptracer(struct process *p, uint64_t pid);

/* P is about to end: nobody names it any more. */
void yama_forget(struct process *p);

/* The file. */
int yama_show(struct thread *t, struct seq *s);
int64_t yama_store(struct thread *t, const char *buf, size_t len);

#endif
