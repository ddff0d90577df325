/* SPDX-License-Identifier: MIT */
/*
 * virtio devices behind virtio-mmio transports, version 2 (modern). QEMU:
 * -M microvm -global virtio-mmio.force-legacy=false
 */
#ifndef REFKERNEL_VIRTIO_H
#define REFKERNEL_VIRTIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kshim/types.h>

#define VIRTIO_ID_CONSOLE 3
#define VIRTIO_ID_9P	  9

#define VIRTQ_MAX 128

struct virtio_dev;

struct virtq_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags;
	uint16_t next;
};

struct virtq {
	struct virtio_dev *dev;
	uint16_t index; /* of the queue in its device */
	uint16_t size;
	uint16_t free_head, free_count;
	uint16_t used_seen;
	uint16_t avail_idx;
	struct virtq_desc *desc;
	volatile uint16_t *avail; /* flags, idx, ring[size] */
	volatile uint16_t *used;  /* flags, idx, then {u32 id, u32 len} */
	void *cookie[VIRTQ_MAX];  /* by the first descriptor of a chain */
};

struct virtio_dev {
	volatile uint32_t *regs;
	uint32_t id;
	unsigned irq;
	/* Called with interrupts off when a queue was used. */
	void (*on_used)(struct virtio_dev *d);
	void *priv;
};

/* One piece of a request; the memory lies in the direct map. */
struct virtio_buf {
	void *p;
	uint32_t len;
	bool device_writes;
};

/* The Nth device (from 0) of kind ID, reset; -ENODEV. */
int virtio_find(uint32_t id, unsigned n, struct virtio_dev **out);

/* Negotiate: VERSION_1 and those of WANT that are offered. Returned in *out. */
int virtio_negotiate(struct virtio_dev *d, uint64_t want, uint64_t *out);
int virtio_queue_init(struct virtio_dev *d, unsigned index, struct virtq *q);
/* The driver is ready: after its queues are set up. */
void virtio_start(struct virtio_dev *d);

/* Queue a request of N pieces (readable first). -EAGAIN: no descriptors. */
int virtq_add(struct virtq *q, const struct virtio_buf *bufs, unsigned n,
	      void *cookie);
void virtq_kick(struct virtq *q);
/* The next finished request; false if none. */
bool virtq_pop(struct virtq *q, void **out_cookie, uint32_t *out_len);
/* Device interrupts for Q are wanted or not (a hint). */
void virtq_set_notify(struct virtq *q, bool on);

#endif
