/* SPDX-License-Identifier: MIT */
/* The few files of /sys that C libraries read. */
#ifndef REFKERNEL_SYSFS_H
#define REFKERNEL_SYSFS_H

struct dentry;

int sysfs_init(struct dentry **out_root);

#endif
