/* SPDX-License-Identifier: MIT */
/* QEMU's firmware configuration device: named files, read byte by byte. */
#ifndef FWCFG_H
#define FWCFG_H

#include <stdbool.h>
#include <stdint.h>

/* Begin to read the file NAME; false if there is none. */
bool fwcfg_open(const char *name, uint32_t *out_size);

/* The next byte of the file opened last. */
char fwcfg_byte(void);

#endif
