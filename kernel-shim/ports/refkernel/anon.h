/* SPDX-License-Identifier: MIT */
/* Files that are only a descriptor: eventfd, epoll and their like. */
#ifndef REFKERNEL_ANON_H
#define REFKERNEL_ANON_H

struct file;
struct file_ops;

/*
 * Install a file with OPS and PRIV; FLAGS are open's. The descriptor, or
 * -errno: then PRIV is still the caller's if *OUT_FILE is NULL, and else has
 * been released by OPS. The file is not referenced for the caller.
 */
int anon_fd(const char *name, const struct file_ops *ops, void *priv,
	    unsigned flags, struct file **out_file);

#endif
