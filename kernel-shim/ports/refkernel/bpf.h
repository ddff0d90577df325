/* SPDX-License-Identifier: MIT */
/*
 * Classic BPF, as seccomp uses it.
 */
#ifndef REFKERNEL_BPF_H
#define REFKERNEL_BPF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BPF_MAXINSNS 4096

struct bpf_insn {
	uint16_t code;
	uint8_t jt, jf;
	uint32_t k;
};

/*
 * True if the N instructions of P may be run over SIZE bytes of data: they are
 * known ones, jumps lead forward and inside, loads are aligned words inside
 * the data, no constant divisor is 0, and the last one returns.
 */
bool bpf_check(const struct bpf_insn *p, size_t n, size_t size);

/*
 * Run a program that has been checked over DATA, words in native order. False:
 * it looks at what lies behind the first KNOWN bytes. Else its answer is in
 * OUT.
 */
bool bpf_run(const struct bpf_insn *p, const void *data, size_t known,
	     uint32_t *out);

#endif
