/* SPDX-License-Identifier: MIT */
/*
 * The vDSO in address spaces.
 */
#ifndef REFKERNEL_VDSO_H
#define REFKERNEL_VDSO_H

#include <stdint.h>

#include "vdso/data.h"

struct vm;

/* Make its pages and files. Once, after the file systems are there. */
void vdso_init(void);

/* What it tells the time by. NULL before vdso_init(). */
extern struct vdso_data *vdso_data;

/* Map it with its data page into VM; where it is goes to OUT_ADDR. */
int vdso_map(struct vm *vm, uint64_t *out_addr);

#endif
