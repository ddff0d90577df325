/* SPDX-License-Identifier: MIT */
/* The host's standard streams: virtio serial ports. */
#ifndef REFKERNEL_CONSOLE_H
#define REFKERNEL_CONSOLE_H

#include <stdbool.h>

#include "fs_abi.h"

struct file;
struct fdtable;

/* Find the ports. -ENODEV: QEMU has not got them. */
int console_init(void);

/*
 * Descriptors 0, 1 and 2 of the first process, into the current table. TTY:
 * the first port is a terminal with window size WS and all three are it; else
 * 0 and 1 are streams over the first port, and 2 over the second.
 */
int console_open_std(unsigned tty_mask, const struct linux_winsize *ws);

/* Wait until the host has taken all output: before power-off. */
void console_flush(void);

#endif
