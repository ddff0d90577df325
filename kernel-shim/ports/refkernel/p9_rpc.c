/* SPDX-License-Identifier: MIT */
/*
 * The CPU idles while the host works on a request: no other thread runs, so
 * that a caller can be anywhere in the kernel, and needs no lock.
 */
#include "p9_rpc.h"

#include "cpu.h"
#include "errno.h"
#include "mem.h"
#include "string.h"
#include "virtio.h"

#define HEADER	    7 /* size, type, tag */
#define READ_HEADER (HEADER + 4)
#define MSIZE	    (READ_HEADER + P9_READ_PAGES * PAGE_SIZE + 64)
#define REQUEST_MAX 1024
#define NOTAG	    0xffff

static struct virtq queue;
static uint8_t *request, *reply;
static size_t request_len;

void
p9_begin(enum p9_type type)
{
	request_len = 4;
	p9_u8((uint8_t)type);
	p9_u16(type == P9_TVERSION ? NOTAG : 0);
}

static void
put(const void *p, size_t n)
{
	memcpy(request + request_len, p, n);
	request_len += n;
}

void
p9_u8(uint8_t v)
{
	put(&v, 1);
}

void
p9_u16(uint16_t v)
{
	put(&v, 2);
}

void
p9_u32(uint32_t v)
{
	put(&v, 4);
}

void
p9_u64(uint64_t v)
{
	put(&v, 8);
}

void
p9_string(const char *s, size_t len)
{
	p9_u16((uint16_t)len);
	put(s, len);
}

const void *
p9_bytes(struct p9_reply *r, size_t n)
{
	const uint8_t *p = r->p;

	if ((size_t)(r->end - p) < n) {
		r->bad = true;
		return NULL;
	}
	r->p += n;
	return p;
}

uint64_t
p9_get(struct p9_reply *r, size_t bytes)
{
	const void *p = p9_bytes(r, bytes);
	uint64_t v = 0;

	if (p)
		memcpy(&v, p, bytes);
	return v;
}

/* Send the request; the reply goes to N pieces. Its length, or -errno. */
static int64_t
exchange(struct virtio_buf *bufs, unsigned n)
{
	uint32_t len = (uint32_t)request_len;
	void *cookie;
	int err;

	memcpy(request, &len, 4);
	bufs[0] = (struct virtio_buf){request, len, false};
	err = virtq_add(&queue, bufs, n, NULL);
	if (err)
		return err;
	virtq_kick(&queue);
	while (!virtq_pop(&queue, &cookie, &len))
		cpu_idle();
	return len;
}

/* Check the header of the reply, of which LEN bytes came. */
static int
check(int64_t len, struct p9_reply *r)
{
	uint8_t type;

	*r = (struct p9_reply){reply + HEADER, reply + len, false};
	if (len < 0)
		return (int)len;
	if (len < HEADER)
		return -EIO;
	type = reply[4];
	if (type == P9_RLERROR) {
		int64_t code = (int64_t)p9_get(r, 4);

		return r->bad || code <= 0 || code > 4095 ? -EIO : (int)-code;
	}
	return type == request[4] + 1 ? 0 : -EIO;
}

int
p9_call(struct p9_reply *r)
{
	struct virtio_buf bufs[2] = {
	    [1] = {reply, P9_REPLY_MAX, true},
	};

	return check(exchange(bufs, 2), r);
}

int64_t
p9_read_frames(uint32_t fid, uint64_t offset, const ks_paddr_t *pa, size_t n)
{
	struct virtio_buf bufs[2 + P9_READ_PAGES] = {
	    [1] = {reply, READ_HEADER, true},
	};
	struct p9_reply r;
	uint64_t count;
	int64_t len;
	int err;

	p9_begin(P9_TREAD);
	p9_u32(fid);
	p9_u64(offset);
	p9_u32((uint32_t)(n * PAGE_SIZE));
	for (size_t i = 0; i < n; i++)
		bufs[2 + i] =
		    (struct virtio_buf){pa_to_va(pa[i]), PAGE_SIZE, true};
	len = exchange(bufs, 2 + (unsigned)n);
	/* Of the reply only the header is in the buffer. */
	err = check(len > READ_HEADER ? READ_HEADER : len, &r);
	if (err)
		return err;
	count = p9_get(&r, 4);
	if (r.bad || count > (uint64_t)len - READ_HEADER)
		return -EIO;
	return (int64_t)count;
}

/* Only there so that the interrupt ends the idling. */
static void
on_used(struct virtio_dev *d)
{
	(void)d;
}

int
p9_connect(void)
{
	static const char version[] = "9P2000.L";
	struct virtio_dev *dev;
	uint64_t features;
	struct p9_reply r;
	int err;

	err = virtio_find(VIRTIO_ID_9P, 0, &dev);
	if (!err)
		err = virtio_negotiate(dev, 0, &features);
	if (!err)
		err = virtio_queue_init(dev, 0, &queue);
	if (err)
		return err;
	request = kmalloc(REQUEST_MAX);
	reply = kmalloc(P9_REPLY_MAX);
	if (!request || !reply)
		return -ENOMEM;
	dev->on_used = on_used;
	virtio_start(dev);
	p9_begin(P9_TVERSION);
	p9_u32(MSIZE);
	p9_string(version, sizeof(version) - 1);
	err = p9_call(&r);
	if (err)
		return err;
	return p9_get(&r, 4) == MSIZE ? 0 : -EIO;
}
