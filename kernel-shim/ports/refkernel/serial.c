/* SPDX-License-Identifier: MIT */
#include "serial.h"

#include "cpu.h"
#include "errno.h"
#include "mem.h"
#include "string.h"

#define FEATURE_MULTIPORT ((uint64_t)1 << 1)

/* Queues: a pair for port 0, the control pair, then a pair for each port. */
#define QUEUE_CONTROL_RX 2
#define QUEUE_CONTROL_TX 3
#define QUEUE_RX(nr)	 ((nr) ? 2 * (nr) + 2 : 0)
#define QUEUE_TX(nr)	 (QUEUE_RX(nr) + 1)

enum control_event {
	DEVICE_READY = 0,
	PORT_ADD = 1,
	PORT_READY = 3,
	PORT_OPEN = 6,
};

struct control {
	uint32_t id;
	uint16_t event;
	uint16_t value;
};

#define CONTROL_RX    16
#define CONTROL_BYTES 64 /* a message with a name at its end */

static struct serial_port ports[SERIAL_PORTS];
static struct virtq control_rx, control_tx;

static void
control_send(uint32_t id, enum control_event event, uint16_t value)
{
	struct control *c = kmalloc(sizeof(*c));
	struct virtio_buf buf = {c, sizeof(*c), false};
	void *done;
	uint32_t len;

	while (virtq_pop(&control_tx, &done, &len))
		kfree(done);
	if (!c)
		return;
	*c = (struct control){id, (uint16_t)event, value};
	if (virtq_add(&control_tx, &buf, 1, c))
		kfree(c);
	else
		virtq_kick(&control_tx);
}

static int
give(struct virtq *q, void *data, uint32_t size)
{
	struct virtio_buf buf = {data, size, true};

	return virtq_add(q, &buf, 1, data);
}

static void
control_event(const struct control *c)
{
	struct serial_port *p;

	if (c->id >= SERIAL_PORTS || !ports[c->id].rx.dev)
		return;
	p = &ports[c->id];
	switch (c->event) {
	case PORT_ADD:
		p->present = true;
		control_send(c->id, PORT_READY, 1);
		control_send(c->id, PORT_OPEN, 1);
		break;
	case PORT_OPEN:
		p->closed = !c->value;
		wake_all(&p->readable);
		if (p->closed && p->on_input)
			p->on_input(p);
		break;
	default:
		break;
	}
}

static void
control_input(void)
{
	void *msg;
	uint32_t len;

	while (virtq_pop(&control_rx, &msg, &len)) {
		if (len >= sizeof(struct control))
			control_event(msg);
		give(&control_rx, msg, CONTROL_BYTES);
		virtq_kick(&control_rx);
	}
}

static void
port_input(struct serial_port *p)
{
	void *data;
	uint32_t len;
	bool any = false;

	while (virtq_pop(&p->rx, &data, &len)) {
		unsigned i = (p->first + p->count++) % SERIAL_RX;

		p->got[i] = (struct serial_rx){data, len, 0};
		any = true;
	}
	if (!any)
		return;
	wake_all(&p->readable);
	if (p->on_input)
		p->on_input(p);
}

/* Take back buffers that the host is done with. */
static void
reclaim(struct serial_port *p)
{
	void *buf;
	uint32_t len;

	while (virtq_pop(&p->tx, &buf, &len))
		p->free_tx[p->n_free_tx++] = buf;
}

static void
on_used(struct virtio_dev *d)
{
	(void)d;
	for (unsigned i = 1; i < SERIAL_PORTS; i++) {
		struct serial_port *p = &ports[i];

		if (!p->present)
			continue;
		port_input(p);
		reclaim(p);
		if (!p->wanted || !p->n_free_tx)
			continue;
		p->wanted = false;
		virtq_set_notify(&p->tx, false);
		wake_all(&p->writable);
		if (p->on_room)
			p->on_room(p);
	}
	/* Last: what came before the end of a port is to be seen first. */
	control_input();
}

struct serial_port *
serial_port(unsigned nr)
{
	return nr < SERIAL_PORTS && ports[nr].present ? &ports[nr] : NULL;
}

size_t
serial_peek(struct serial_port *p, const uint8_t **out_data)
{
	struct serial_rx *g = &p->got[p->first];

	if (!p->count)
		return 0;
	*out_data = g->data + g->done;
	return g->len - g->done;
}

void
serial_consume(struct serial_port *p, size_t n)
{
	struct serial_rx *g = &p->got[p->first];

	g->done += (uint32_t)n;
	if (g->done < g->len)
		return;
	p->first = (p->first + 1) % SERIAL_RX;
	p->count--;
	give(&p->rx, g->data, SERIAL_RX_SIZE);
	virtq_kick(&p->rx);
}

uint8_t *
serial_buffer(struct serial_port *p)
{
	if (!p->n_free_tx)
		reclaim(p);
	if (p->n_free_tx)
		return p->free_tx[--p->n_free_tx];
	p->wanted = true;
	virtq_set_notify(&p->tx, true);
	reclaim(p); /* one that came back just before */
	return p->n_free_tx ? p->free_tx[--p->n_free_tx] : NULL;
}

void
serial_send(struct serial_port *p, uint8_t *buf, size_t n)
{
	struct virtio_buf b = {buf, (uint32_t)n, false};

	/* There are as many descriptors as buffers, and more. */
	virtq_add(&p->tx, &b, 1, buf);
	virtq_kick(&p->tx);
}

size_t
serial_write(struct serial_port *p, const uint8_t *s, size_t n)
{
	size_t done = 0;

	while (done < n) {
		size_t k =
		    n - done < SERIAL_TX_SIZE ? n - done : SERIAL_TX_SIZE;
		uint8_t *buf = serial_buffer(p);

		if (!buf)
			break;
		memcpy(buf, s + done, k);
		serial_send(p, buf, k);
		done += k;
	}
	return done;
}

void
serial_flush(struct serial_port *p)
{
	virtq_set_notify(&p->tx, true);
	for (;;) {
		reclaim(p);
		if (p->n_free_tx == SERIAL_TX)
			return;
		cpu_idle();
	}
}

static int
port_init(struct virtio_dev *dev, unsigned nr)
{
	struct serial_port *p = &ports[nr];
	int err;

	waitq_init(&p->readable);
	waitq_init(&p->writable);
	err = virtio_queue_init(dev, QUEUE_RX(nr), &p->rx);
	if (!err)
		err = virtio_queue_init(dev, QUEUE_TX(nr), &p->tx);
	for (unsigned i = 0; !err && i < SERIAL_RX; i++) {
		void *buf = kmalloc(SERIAL_RX_SIZE);

		err = buf ? give(&p->rx, buf, SERIAL_RX_SIZE) : -ENOMEM;
	}
	for (unsigned i = 0; !err && i < SERIAL_TX; i++) {
		p->free_tx[i] = kmalloc(SERIAL_TX_SIZE);
		if (!p->free_tx[i])
			err = -ENOMEM;
	}
	p->n_free_tx = SERIAL_TX;
	virtq_set_notify(&p->tx, false);
	return err;
}

int
serial_init(void)
{
	struct virtio_dev *dev;
	uint64_t features;
	int err;

	err = virtio_find(VIRTIO_ID_CONSOLE, 0, &dev);
	if (!err)
		err = virtio_negotiate(dev, FEATURE_MULTIPORT, &features);
	if (err)
		return err;
	if (!(features & FEATURE_MULTIPORT))
		return -ENODEV;
	err = virtio_queue_init(dev, QUEUE_CONTROL_RX, &control_rx);
	if (!err)
		err = virtio_queue_init(dev, QUEUE_CONTROL_TX, &control_tx);
	for (unsigned i = 0; !err && i < CONTROL_RX; i++) {
		void *buf = kmalloc(CONTROL_BYTES);

		err = buf ? give(&control_rx, buf, CONTROL_BYTES) : -ENOMEM;
	}
	for (unsigned nr = 1; !err && nr < SERIAL_PORTS; nr++)
		err = port_init(dev, nr);
	if (err)
		return err;
	dev->on_used = on_used;
	virtio_start(dev);
	virtq_kick(&control_rx);
	control_send(0, DEVICE_READY, 1);
	while (!ports[1].present) {
		cpu_idle();
		control_input();
	}
	for (unsigned nr = 1; nr < SERIAL_PORTS; nr++) {
		if (ports[nr].present)
			virtq_kick(&ports[nr].rx);
	}
	return 0;
}
