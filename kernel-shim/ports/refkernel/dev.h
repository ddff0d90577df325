/* SPDX-License-Identifier: MIT */
/* Character devices: what opening a device node leads to. */
#ifndef REFKERNEL_DEV_H
#define REFKERNEL_DEV_H

#include <stdint.h>

struct file;
struct inode;

/* Set up F, which was opened on a node with the device number of F's inode. */
typedef int dev_open_fn(struct inode *ino, struct file *f);

/* Serve all minors in [FIRST, FIRST + COUNT) of MAJOR. */
int dev_register(unsigned major, unsigned first, unsigned count,
		 dev_open_fn *fn);

/* The open operation of an inode that is a device: -ENXIO if none. */
int dev_open(struct inode *ino, struct file *f);

/* null, zero, full, random, urandom, kmsg. */
int dev_mem_init(void);

#endif
