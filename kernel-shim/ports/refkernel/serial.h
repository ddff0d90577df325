/* SPDX-License-Identifier: MIT */
/* Ports of a virtio serial device (virtio 1.2, 5.3). */
#ifndef REFKERNEL_SERIAL_H
#define REFKERNEL_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "virtio.h"
#include "waitq.h"

#define SERIAL_PORTS 5 /* 0 is not used */

#define SERIAL_RX      8
#define SERIAL_RX_SIZE 4096u
#define SERIAL_TX      8
#define SERIAL_TX_SIZE 32768u

/* One receive buffer that has something in it. */
struct serial_rx {
	uint8_t *data;
	uint32_t len, done;
};

struct serial_port {
	bool present;
	bool closed; /* what was received is all there will be */
	struct virtq rx, tx;
	struct serial_rx got[SERIAL_RX]; /* a ring: [first, first + count) */
	unsigned first, count;
	uint8_t *free_tx[SERIAL_TX];
	unsigned n_free_tx;
	bool wanted; /* somebody waits for one of these */
	struct waitq readable, writable;
	/* Called when characters or the end came, or room; may be NULL. */
	void (*on_input)(struct serial_port *p);
	void (*on_room)(struct serial_port *p);
};

/* Find the device and open its ports. -ENODEV, -ENOMEM. */
int serial_init(void);

/* Port NR, or NULL. */
struct serial_port *serial_port(unsigned nr);

/*
 * What has been received first and is not consumed yet: its length is
 * returned, 0 if there is nothing.
 */
size_t serial_peek(struct serial_port *p, const uint8_t **out_data);
void serial_consume(struct serial_port *p, size_t n);

/*
 * A buffer of SERIAL_TX_SIZE bytes to be filled and sent, or NULL while all
 * are under way: then on_room and `writable` tell when one is back.
 */
uint8_t *serial_buffer(struct serial_port *p);
void serial_send(struct serial_port *p, uint8_t *buf, size_t n);
/* Send a copy of S, as far as there are buffers for it: so many bytes. */
size_t serial_write(struct serial_port *p, const uint8_t *s, size_t n);

/* Wait until all that was sent has been taken. */
void serial_flush(struct serial_port *p);

#endif
