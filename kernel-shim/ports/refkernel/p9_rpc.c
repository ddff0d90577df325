/* SPDX-License-Identifier: MIT */
/*
 * While the host works on a request of a thread that may sleep (its io_sleeps
 * is set), others run. For any other thread the CPU idles, so that it can be
 * anywhere in the kernel and needs no lock. One request is kept for those:
 * they cannot wait until a sleeper has read its reply.
 */
#include "p9_rpc.h"

#include "cpu.h"
#include "errno.h"
#include "kprintf.h"
#include "mem.h"
#include "string.h"
#include "thread.h"
#include "virtio.h"
#include "waitq.h"

#define HEADER	    7 /* size, type, tag */
#define READ_HEADER (HEADER + 4)
#define MSIZE	    (READ_HEADER + P9_READ_PAGES * PAGE_SIZE + 64)
#define REQUEST_MAX 1024
#define NOTAG	    0xffff
#define REQUESTS    4 /* as many of the longest as fit into the queue */

/* A request and its reply. Its index is the tag; the first is the idlers'. */
struct p9_request {
	bool used, done;
	uint32_t len, reply_len;
	struct waitq wait;
	uint8_t *text, *reply;
};

static struct virtq queue;
static struct p9_request requests[REQUESTS];
static struct waitq free_wait = WAITQ_INIT(free_wait);
static struct p9_request *building; /* between p9_begin() and the exchange */

_Static_assert(REQUESTS *(2 + P9_READ_PAGES) <= VIRTQ_MAX, "fits the queue");

/* A free request for the current thread, or NULL. */
static struct p9_request *
find_free(void)
{
	if (!current->io_sleeps)
		return &requests[0];
	for (unsigned i = 1; i < REQUESTS; i++) {
		if (!requests[i].used)
			return &requests[i];
	}
	return NULL;
}

static void
put(const void *p, size_t n)
{
	memcpy(building->text + building->len, p, n);
	building->len += n;
}

void
p9_begin(enum p9_type type)
{
	uint8_t kind = (uint8_t)type;
	struct p9_request *q;

	while (!(q = find_free()))
		wait_on(&free_wait, NO_DEADLINE, WAIT_UNINTERRUPTIBLE);
	ASSERT(!q->used);
	q->used = true;
	q->done = false;
	q->len = 4;
	building = q;
	put(&kind, 1);
	p9_u16(type == P9_TVERSION ? NOTAG : (uint16_t)(q - requests));
}

void
p9_end(struct p9_reply *r)
{
	r->request->used = false;
	wake_one(&free_wait);
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

/* Send Q; the reply goes to N pieces. Its length, or -errno. */
static int64_t
exchange(struct p9_request *q, struct virtio_buf *bufs, unsigned n)
{
	int err;

	memcpy(q->text, &q->len, 4);
	bufs[0] = (struct virtio_buf){q->text, q->len, false};
	err = virtq_add(&queue, bufs, n, q);
	if (err)
		return err;
	virtq_kick(&queue);
	while (!q->done) {
		if (current->io_sleeps)
			wait_on(&q->wait, NO_DEADLINE, WAIT_UNINTERRUPTIBLE);
		else
			cpu_idle();
	}
	return q->reply_len;
}

/* Check the header of the reply, of which LEN bytes came. */
static int
check(struct p9_request *q, int64_t len, struct p9_reply *r)
{
	int64_t code;
	uint8_t type;

	*r = (struct p9_reply){q->reply + HEADER, q->reply + len, false, q};
	if (len < 0)
		return (int)len;
	if (len < HEADER)
		return -EIO;
	type = q->reply[4];
	if (type == q->text[4] + 1)
		return 0;
	code = (int64_t)p9_get(r, 4);
	if (type != P9_RLERROR || r->bad || code <= 0 || code > 4095)
		return -EIO;
	return (int)-code;
}

int
p9_call(struct p9_reply *r)
{
	struct p9_request *q = building;
	struct virtio_buf bufs[2] = {
	    [1] = {q->reply, P9_REPLY_MAX, true},
	};
	int err = check(q, exchange(q, bufs, 2), r);

	if (err)
		p9_end(r);
	return err;
}

int64_t
p9_read_frames(uint32_t fid, uint64_t offset, const ks_paddr_t *pa, size_t n)
{
	struct virtio_buf bufs[2 + P9_READ_PAGES];
	struct p9_request *q;
	struct p9_reply r;
	int64_t len, count;

	p9_begin(P9_TREAD);
	p9_u32(fid);
	p9_u64(offset);
	p9_u32((uint32_t)(n * PAGE_SIZE));
	q = building;
	bufs[1] = (struct virtio_buf){q->reply, READ_HEADER, true};
	for (size_t i = 0; i < n; i++)
		bufs[2 + i] =
		    (struct virtio_buf){pa_to_va(pa[i]), PAGE_SIZE, true};
	len = exchange(q, bufs, 2 + (unsigned)n);
	/* Of the reply only the header is in the buffer. */
	count = check(q, len > READ_HEADER ? READ_HEADER : len, &r);
	if (!count) {
		count = (int64_t)p9_get(&r, 4);
		if (r.bad || count > len - READ_HEADER)
			count = -EIO;
	}
	p9_end(&r);
	return count;
}

/* Interrupts come while the CPU idles and in user mode, never in between. */
static void
on_used(struct virtio_dev *d)
{
	struct p9_request *q;
	void *cookie;
	uint32_t len;

	(void)d;
	while (virtq_pop(&queue, &cookie, &len)) {
		q = cookie;
		q->reply_len = len;
		q->done = true;
		wake_all(&q->wait);
	}
}

static int
make_requests(void)
{
	for (unsigned i = 0; i < REQUESTS; i++) {
		struct p9_request *q = &requests[i];

		waitq_init(&q->wait);
		q->text = kmalloc(REQUEST_MAX);
		q->reply = kmalloc(P9_REPLY_MAX);
		if (!q->text || !q->reply)
			return -ENOMEM;
	}
	return 0;
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
	err = make_requests();
	if (err)
		return err;
	dev->on_used = on_used;
	virtio_start(dev);
	p9_begin(P9_TVERSION);
	p9_u32(MSIZE);
	p9_string(version, sizeof(version) - 1);
	err = p9_call(&r);
	if (err)
		return err;
	if (p9_get(&r, 4) != MSIZE)
		err = -EIO;
	p9_end(&r);
	return err;
}
