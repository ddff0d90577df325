/* SPDX-License-Identifier: MIT */
/* Messages of 9P2000.L and their exchange; see p9_rpc.c on sleeping. */
#ifndef REFKERNEL_P9_RPC_H
#define REFKERNEL_P9_RPC_H

#include <stddef.h>
#include <stdint.h>

#include <kshim/types.h>

enum p9_type {
	P9_RLERROR = 7,
	P9_TSTATFS = 8,
	P9_TLOPEN = 12,
	P9_TREADLINK = 22,
	P9_TGETATTR = 24,
	P9_TREADDIR = 40,
	P9_TVERSION = 100,
	P9_TATTACH = 104,
	P9_TWALK = 110,
	P9_TREAD = 116,
	P9_TCLUNK = 120,
};

#define P9_NOFID (~(uint32_t)0)

/* Frames that one read can fill. */
#define P9_READ_PAGES 30

/* What a readdir can return in one message. */
#define P9_REPLY_MAX (32u << 10)

/* A reply being taken apart; `bad` once it was too short. */
struct p9_reply {
	const uint8_t *p, *end;
	bool bad;
	struct p9_request *request;
};

/* Find the device, agree on the version. -ENODEV, -EIO, -ENOMEM. */
int p9_connect(void);

/*
 * Begin a request, add to it, exchange it. p9_call() returns 0 with what
 * follows the reply's header in *R, which is given back by p9_end(), or the
 * host's error, or -EIO. p9_begin() and p9_call() may sleep.
 */
void p9_begin(enum p9_type type);
void p9_u16(uint16_t v);
void p9_u32(uint32_t v);
void p9_u64(uint64_t v);
void p9_string(const char *s, size_t len);
int p9_call(struct p9_reply *r);
void p9_end(struct p9_reply *r);

/*
 * Read at OFFSET of the open FID into N frames; the number of bytes, or
 * -errno.
 */
int64_t p9_read_frames(uint32_t fid, uint64_t offset, const ks_paddr_t *pa,
		       size_t n);

uint64_t p9_get(struct p9_reply *r, size_t bytes);
/* The next N bytes, or NULL. */
const void *p9_bytes(struct p9_reply *r, size_t n);

#endif
