/* SPDX-License-Identifier: MIT */
/*
 * The host's files by 9P2000.L over virtio, read-only. QEMU:
 * -fsdev local,id=root,path=/,security_model=none,readonly=on,multidevs=remap
 * -device virtio-9p-device,fsdev=root,mount_tag=root
 */
#ifndef REFKERNEL_P9_H
#define REFKERNEL_P9_H

struct dentry;

/* Attach to the first 9p device; its root directory. -ENODEV, -EIO. */
int p9_mount(struct dentry **out_root);

#endif
