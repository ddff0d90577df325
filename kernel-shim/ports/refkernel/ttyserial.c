/* SPDX-License-Identifier: MIT */
/*
 * /dev/ttyS0: a line to the host, for programs that speak with one there. It
 * begins raw, unlike a terminal that a person types at, and keeps what comes
 * before it is opened. When the host's end goes, so does the line, as if a
 * carrier were lost; who opens it again waits for the next one. It controls no
 * process: the first leads a session, and would be hung up with it.
 */
#include "console.h"
#include "dev.h"
#include "errno.h"
#include "file.h"
#include "serial.h"
#include "termios.h"
#include "tty.h"

enum { PORT_LINE = 4 };

#define LINE_RDEV MAKEDEV(4, 64)

static struct tty *line;
static struct serial_port *port;

static size_t
line_send(struct tty *t, const uint8_t *s, size_t n)
{
	(void)t;
	return serial_write(port, s, n);
}

static void
line_receive(struct tty *t)
{
	const uint8_t *data;
	size_t n, room;

	while (t->opens && (n = serial_peek(port, &data))) {
		room = tty_room(t);
		if (!room)
			return;
		if (n > room)
			n = room;
		tty_receive(t, data, n);
		serial_consume(port, n);
	}
}

static const struct tty_line line_ops = {
    .send = line_send,
    .unthrottle = line_receive,
};

static void
on_input(struct serial_port *p)
{
	line_receive(line);
	if (p->closed && line->opens)
		tty_hangup(line);
}

static void
on_room(struct serial_port *p)
{
	(void)p;
	tty_sent(line);
}

static int
line_open(struct inode *ino, struct file *f)
{
	int err;

	(void)ino;
	if (!line)
		return -ENXIO;
	line->hung = false;
	f->flags |= O_NOCTTY;
	err = tty_open(line, f);
	if (!err)
		line_receive(line);
	return err;
}

int
serial_line_init(void)
{
	port = serial_port(PORT_LINE);
	if (port) {
		line = tty_new(&line_ops, LINE_RDEV, NULL);
		if (!line)
			return -ENOMEM;
		line->termios.iflag = 0;
		line->termios.oflag = 0;
		line->termios.lflag = 0;
		port->on_input = on_input;
		port->on_room = on_room;
	}
	return dev_register(MAJOR(LINE_RDEV), MINOR(LINE_RDEV), 1, line_open);
}
