/* SPDX-License-Identifier: MIT */
/* What a tracee has registered: filters of system calls, and rseq(2). */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>

#include "request.h"

/* struct sock_filter, and the most of them in a filter. */
#define INSN_SIZE 8
#define MAX_INSNS 4096

/*
 * Read S's filter INDEX. The bytes read, header included, or -errno as Linux
 * has it; a kernel without the file is like one whose tracee has no filter.
 */
static ssize_t
load(const struct ptl_session *s, uint64_t index, void *buf, size_t n)
{
	ssize_t r = ptl_read_once(s->tid, PROC_FILE_SECCOMP, buf, n, index);

	if (r == -EIO)
		return -EINVAL;
	if (r == 0)
		return -ENOENT;
	return r;
}

long
ptl_seccomp_filter(struct ptl_session *s, const struct ptl_call *c)
{
	const size_t head = sizeof(struct proc_seccomp);
	const size_t size = head + MAX_INSNS * INSN_SIZE;
	unsigned char *buf;
	ssize_t r;

	if (c->data && ptl_bad_pointer(c->data))
		return -EFAULT;
	buf = malloc(size);
	if (!buf)
		return -ENOMEM;
	r = load(s, c->addr, buf, size);
	if (r > (ssize_t)head && c->data)
		memcpy((void *)c->data, buf + head, (size_t)r - head);
	free(buf);
	return r < 0 ? r : (r - (ssize_t)head) / INSN_SIZE;
}

long
ptl_seccomp_metadata(struct ptl_session *s, const struct ptl_call *c)
{
	struct __ptrace_seccomp_metadata meta = {0, 0};
	size_t size = sizeof(meta);
	struct proc_seccomp head;
	ssize_t r;

	if (c->addr < size)
		size = c->addr;
	if (size < sizeof(meta.filter_off))
		return -EINVAL;
	if (ptl_bad_pointer(c->data))
		return -EFAULT;
	memcpy(&meta.filter_off, (const void *)c->data,
	       sizeof(meta.filter_off));
	r = load(s, meta.filter_off, &head, sizeof(head));
	if (r < 0)
		return r;
	meta.flags = head.flags;
	memcpy((void *)c->data, &meta, size);
	return (long)size;
}

long
ptl_get_rseq(struct ptl_session *s, const struct ptl_call *c)
{
	struct __ptrace_rseq_configuration config = {0};
	size_t size = sizeof(config);
	struct proc_rseq wire;
	ssize_t r;

	r = ptl_read_once(s->tid, PROC_FILE_RSEQ, &wire, sizeof(wire), 0);
	if (r != sizeof(wire))
		return r < 0 ? r : -EIO;
	config.rseq_abi_pointer = wire.pointer;
	config.rseq_abi_size = wire.size;
	config.signature = wire.signature;
	config.flags = wire.flags;
	if (c->addr < size)
		size = c->addr;
	if (size && ptl_bad_pointer(c->data))
		return -EFAULT;
	memcpy((void *)c->data, &config, size);
	return sizeof(config);
}
