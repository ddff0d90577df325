/* SPDX-License-Identifier: MIT */
#ifndef REFKERNEL_EPOLL_H
#define REFKERNEL_EPOLL_H

struct file;

/* F goes: take it out of all epoll sets. */
void epoll_forget(struct file *f);

#endif
