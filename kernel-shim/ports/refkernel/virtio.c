/* SPDX-License-Identifier: MIT */
#include "virtio.h"

#include "errno.h"
#include "mem.h"
#include "trap.h"

/*
 * QEMU's microvm with acpi=off has eight transports of 512 bytes, and wires
 * them to the interrupt lines from 5 on.
 */
#define MMIO_PA	   0xfeb00000u
#define MMIO_SLOT  0x200u
#define MMIO_SLOTS 8
#define MMIO_IRQ   5

/* Registers, as indices of 32-bit words (virtio 1.2, 4.2.2). */
enum {
	REG_MAGIC = 0x00 / 4,
	REG_VERSION = 0x04 / 4,
	REG_DEVICE_ID = 0x08 / 4,
	REG_FEATURES = 0x10 / 4,
	REG_FEATURES_SEL = 0x14 / 4,
	REG_DRIVER = 0x20 / 4,
	REG_DRIVER_SEL = 0x24 / 4,
	REG_QUEUE_SEL = 0x30 / 4,
	REG_QUEUE_MAX = 0x34 / 4,
	REG_QUEUE_NUM = 0x38 / 4,
	REG_QUEUE_READY = 0x44 / 4,
	REG_NOTIFY = 0x50 / 4,
	REG_INT_STATUS = 0x60 / 4,
	REG_INT_ACK = 0x64 / 4,
	REG_STATUS = 0x70 / 4,
	REG_DESC_LO = 0x80 / 4,
	REG_DESC_HI = 0x84 / 4,
	REG_AVAIL_LO = 0x90 / 4,
	REG_AVAIL_HI = 0x94 / 4,
	REG_USED_LO = 0xa0 / 4,
	REG_USED_HI = 0xa4 / 4,
	REG_CONFIG = 0x100 / 4,
};

#define MAGIC 0x74726976u /* "virt" */

enum {
	STATUS_ACK = 1,
	STATUS_DRIVER = 2,
	STATUS_DRIVER_OK = 4,
	STATUS_FEATURES_OK = 8,
};

#define FEATURE_VERSION_1 ((uint64_t)1 << 32)

#define DESC_NEXT  1
#define DESC_WRITE 2

#define AVAIL_NO_INTERRUPT 1

/* Offsets within the one page that holds a queue of VIRTQ_MAX. */
#define AVAIL_OFF (VIRTQ_MAX * sizeof(struct virtq_desc))
#define USED_OFF  (AVAIL_OFF + 512)

static struct virtio_dev devices[MMIO_SLOTS];
static bool probed;

static void
on_irq(void *arg)
{
	struct virtio_dev *d = arg;

	d->regs[REG_INT_ACK] = d->regs[REG_INT_STATUS];
	if (d->on_used)
		d->on_used(d);
}

static void
probe(void)
{
	char *regs = pa_to_va(ks_paddr(MMIO_PA));

	for (unsigned i = 0; i < MMIO_SLOTS; i++) {
		struct virtio_dev *d = &devices[i];

		d->regs = (volatile uint32_t *)(regs + i * MMIO_SLOT);
		d->irq = MMIO_IRQ + i;
		if (d->regs[REG_MAGIC] == MAGIC && d->regs[REG_VERSION] == 2)
			d->id = d->regs[REG_DEVICE_ID];
	}
	probed = true;
}

static void
reset(struct virtio_dev *d)
{
	d->regs[REG_STATUS] = 0;
	while (d->regs[REG_STATUS])
		;
}

int
virtio_find(uint32_t id, unsigned n, struct virtio_dev **out)
{
	if (!probed)
		probe();
	for (unsigned i = 0; i < MMIO_SLOTS; i++) {
		struct virtio_dev *d = &devices[i];

		if (d->id != id || n--)
			continue;
		reset(d);
		d->regs[REG_STATUS] = STATUS_ACK | STATUS_DRIVER;
		*out = d;
		return 0;
	}
	return -ENODEV;
}

int
virtio_negotiate(struct virtio_dev *d, uint64_t want, uint64_t *out)
{
	uint64_t offered;

	d->regs[REG_FEATURES_SEL] = 1;
	offered = (uint64_t)d->regs[REG_FEATURES] << 32;
	d->regs[REG_FEATURES_SEL] = 0;
	offered |= d->regs[REG_FEATURES];
	if (!(offered & FEATURE_VERSION_1))
		return -ENODEV;
	want = (want & offered) | FEATURE_VERSION_1;
	d->regs[REG_DRIVER_SEL] = 0;
	d->regs[REG_DRIVER] = (uint32_t)want;
	d->regs[REG_DRIVER_SEL] = 1;
	d->regs[REG_DRIVER] = (uint32_t)(want >> 32);
	d->regs[REG_STATUS] |= STATUS_FEATURES_OK;
	if (!(d->regs[REG_STATUS] & STATUS_FEATURES_OK))
		return -ENODEV;
	*out = want;
	return 0;
}

static void
set_address(struct virtio_dev *d, unsigned lo, const volatile void *p)
{
	uint64_t pa = va_to_pa((const void *)p).v;

	d->regs[lo] = (uint32_t)pa;
	d->regs[lo + 1] = (uint32_t)(pa >> 32);
}

int
virtio_queue_init(struct virtio_dev *d, unsigned index, struct virtq *q)
{
	uint32_t max;
	char *page;

	d->regs[REG_QUEUE_SEL] = index;
	max = d->regs[REG_QUEUE_MAX];
	if (!max)
		return -ENODEV;
	page = kzalloc(PAGE_SIZE);
	if (!page)
		return -ENOMEM;
	*q = (struct virtq){.dev = d, .index = (uint16_t)index};
	q->size = max < VIRTQ_MAX ? (uint16_t)max : VIRTQ_MAX;
	q->desc = (struct virtq_desc *)page;
	q->avail = (volatile uint16_t *)(page + AVAIL_OFF);
	q->used = (volatile uint16_t *)(page + USED_OFF);
	for (uint16_t i = 0; i < q->size; i++)
		q->desc[i].next = i + 1;
	q->free_count = q->size;
	d->regs[REG_QUEUE_NUM] = q->size;
	set_address(d, REG_DESC_LO, q->desc);
	set_address(d, REG_AVAIL_LO, q->avail);
	set_address(d, REG_USED_LO, q->used);
	d->regs[REG_QUEUE_READY] = 1;
	return 0;
}

void
virtio_start(struct virtio_dev *d)
{
	d->regs[REG_STATUS] |= STATUS_DRIVER_OK;
	if (d->on_used)
		irq_route(d->irq, true, on_irq, d);
}

int
virtq_add(struct virtq *q, const struct virtio_buf *bufs, unsigned n,
	  void *cookie)
{
	uint16_t first = q->free_head, i = first;

	if (n > q->free_count)
		return -EAGAIN;
	for (unsigned k = 0; k < n; k++) {
		struct virtq_desc *desc = &q->desc[i];

		desc->addr = va_to_pa(bufs[k].p).v;
		desc->len = bufs[k].len;
		desc->flags = bufs[k].device_writes ? DESC_WRITE : 0;
		if (k + 1 < n)
			desc->flags |= DESC_NEXT;
		i = desc->next;
	}
	q->free_head = i;
	q->free_count -= (uint16_t)n;
	q->cookie[first] = cookie;
	q->avail[2 + q->avail_idx % q->size] = first;
	q->avail_idx++;
	/* The device may look at the ring as soon as it sees the index. */
	__atomic_thread_fence(__ATOMIC_RELEASE);
	q->avail[1] = q->avail_idx;
	return 0;
}

void
virtq_kick(struct virtq *q)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	q->dev->regs[REG_NOTIFY] = q->index;
}

bool
virtq_pop(struct virtq *q, void **out_cookie, uint32_t *out_len)
{
	volatile uint32_t *entry;
	uint16_t first, last;
	unsigned n = 1;

	if (q->used_seen == q->used[1])
		return false;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	entry = (volatile uint32_t *)(q->used + 2) +
		(size_t)(q->used_seen % q->size) * 2;
	first = (uint16_t)entry[0];
	*out_len = entry[1];
	*out_cookie = q->cookie[first];
	for (last = first; q->desc[last].flags & DESC_NEXT; n++)
		last = q->desc[last].next;
	q->desc[last].next = q->free_head;
	q->free_head = first;
	q->free_count += (uint16_t)n;
	q->used_seen++;
	return true;
}

void
virtq_set_notify(struct virtq *q, bool on)
{
	q->avail[0] = on ? 0 : AVAIL_NO_INTERRUPT;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}
