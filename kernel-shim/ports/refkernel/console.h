/* SPDX-License-Identifier: MIT */
/*
 * The host's standard streams: ports of a virtio serial device. QEMU:
 *	-chardev stdio,id=in,signal=off
 *	-chardev file,id=out,path=/dev/stdout,append=on
 *	-chardev file,id=err,path=/dev/stderr,append=on
 *	-device virtio-serial-device
 *	-device virtserialport,nr=1,chardev=in
 *	-device virtserialport,nr=2,chardev=out
 *	-device virtserialport,nr=3,chardev=err
 *	-device virtserialport,nr=4,chardev=line
 * A chardev that is closed is the end of the input; as nothing can be sent to
 * it any more, input and output have one each.
 */
#ifndef REFKERNEL_CONSOLE_H
#define REFKERNEL_CONSOLE_H

#include "fs_abi.h"

/* Find the device and open its ports. -ENODEV, -ENOMEM. */
int console_init(void);

/*
 * Install descriptors 0, 1 and 2 in the current table. Bits 1, 2, 4 of
 * TTY_MASK: that one is the terminal /dev/console, with window size WS; else
 * it is a stream over its port. The terminal shows what is sent to it on the
 * first output that is a terminal of the host.
 */
int console_open_std(unsigned tty_mask, const struct linux_winsize *ws);

/* /dev/ttyS0, if the host has port 4 for it; else opening it is -ENXIO. */
int serial_line_init(void);

/* Wait until the host has taken all output: before power-off. */
void console_flush(void);

#endif
