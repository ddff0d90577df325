/* SPDX-License-Identifier: MIT */
#include "console.h"

#include "cpu.h"
#include "dev.h"
#include "errno.h"
#include "file.h"
#include "kprintf.h"
#include "poll.h"
#include "serial.h"
#include "string.h"
#include "termios.h"
#include "tmpfs.h"
#include "tty.h"

enum { PORT_IN = 1, PORT_OUT = 2, PORT_ERR = 3 };

enum { TTY_IN = 1, TTY_OUT = 2, TTY_ERR = 4 };

#define CONSOLE_RDEV MAKEDEV(5, 1)

static struct tty *console;
static struct serial_port *tty_in, *tty_out;

/* ---- the terminal ---- */

static size_t
console_send(struct tty *t, const uint8_t *s, size_t n)
{
	(void)t;
	return tty_out ? serial_write(tty_out, s, n) : n;
}

/* Pass on what has been received, as far as there is room for it. */
static void
console_receive(struct tty *t)
{
	const uint8_t *data;
	size_t n, room;

	while (tty_in && (n = serial_peek(tty_in, &data))) {
		room = tty_room(t);
		if (!room)
			return;
		if (n > room)
			n = room;
		tty_receive(t, data, n);
		serial_consume(tty_in, n);
	}
	if (tty_in && tty_in->closed)
		tty_hangup(t);
}

static const struct tty_line console_line = {
    .send = console_send,
    .unthrottle = console_receive,
};

static void
on_input(struct serial_port *p)
{
	(void)p;
	console_receive(console);
}

static void
on_room(struct serial_port *p)
{
	(void)p;
	tty_sent(console);
}

/* ---- streams ---- */

static int64_t
stream_read(struct file *f, struct uio *io, uint64_t *pos)
{
	struct serial_port *p = f->priv;
	const uint8_t *data;
	size_t n;
	int err;

	(void)pos;
	if (!io->left)
		return 0;
	while (!(n = serial_peek(p, &data))) {
		if (p->closed)
			return 0;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_on(&p->readable, NO_DEADLINE, WAIT_INTERRUPTIBLE);
		if (err)
			return err;
	}
	if (n > io->left)
		n = io->left;
	err = uio_put(io, data, n);
	if (err)
		return err;
	serial_consume(p, n);
	return (int64_t)n;
}

/* A buffer to send; waits for one. */
static int
get_buffer(struct file *f, struct serial_port *p, uint8_t **out)
{
	int err;

	while (!(*out = serial_buffer(p))) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_on(&p->writable, NO_DEADLINE, WAIT_INTERRUPTIBLE);
		if (err)
			return err;
	}
	return 0;
}

static int64_t
stream_write(struct file *f, struct uio *io, uint64_t *pos)
{
	struct serial_port *p = f->priv;
	int64_t done = 0;
	int err = 0;

	(void)pos;
	while (io->left && !err) {
		size_t before = io->left, n = before;
		uint8_t *buf;

		err = get_buffer(f, p, &buf);
		if (err)
			break;
		if (n > SERIAL_TX_SIZE)
			n = SERIAL_TX_SIZE;
		err = uio_get(io, buf, n);
		n = before - io->left;
		if (n)
			serial_send(p, buf, n);
		else
			p->free_tx[p->n_free_tx++] = buf;
		done += (int64_t)n;
	}
	return done ? done : err;
}

static unsigned
stream_poll(struct file *f, struct poll_table *pt)
{
	struct serial_port *p = f->priv;
	unsigned ready = 0;
	const uint8_t *data;

	poll_wait(pt, &p->readable);
	poll_wait(pt, &p->writable);
	if (p != serial_port(PORT_IN))
		return POLLOUT | POLLWRNORM;
	if (serial_peek(p, &data))
		ready |= POLLIN | POLLRDNORM;
	if (p->closed)
		ready |= POLLHUP;
	return ready;
}

static const struct file_ops stream_ops = {
    .read = stream_read,
    .write = stream_write,
    .poll = stream_poll,
    .stream = true,
};

/* ---- set-up ---- */

/* By its name in /proc/PID/fd: the same stream. */
static int
reopen_stream(struct inode *ino, struct file *f)
{
	f->ops = &stream_ops;
	f->priv = ino->priv;
	return 0;
}

/* Descriptor FD, which is to be the next one, for port NR. */
static int
open_stream(int fd, unsigned nr, unsigned flags)
{
	static struct superblock sb = {
	    .type = "pipefs", .source = "none", .dev = MAKEDEV(0, 12)};
	static const struct inode_ops ops = {.open = reopen_stream};
	struct serial_port *p = serial_port(nr);
	struct inode *ino;
	struct file *f;
	char name[16];
	int err;

	if (!p)
		return -ENODEV;
	ino = inode_new(&sb, S_IFIFO | 0600, &ops);
	if (!ino)
		return -ENOMEM;
	ino->priv = p;
	ksnprintf(name, sizeof(name), "pipe:[%u]", nr);
	err = file_anon(ino, name, &stream_ops, p, flags, &f);
	if (!err)
		err = fd_install(f, fd, false);
	return err < 0 ? err : 0;
}

static int
open_terminal(int fd)
{
	struct file *f;
	struct dentry *d;
	int err = path_walk(NULL, "/dev/console", WALK_FOLLOW, &d);

	if (err)
		return err;
	err = file_open(d, O_RDWR, &f);
	dentry_put(d);
	if (!err)
		err = fd_install(f, fd, false);
	return err < 0 ? err : 0;
}

int
console_open_std(unsigned tty_mask, const struct linux_winsize *ws)
{
	int err = 0;

	if (tty_mask & TTY_IN)
		tty_in = serial_port(PORT_IN);
	if (tty_mask & TTY_OUT)
		tty_out = serial_port(PORT_OUT);
	else if (tty_mask & TTY_ERR)
		tty_out = serial_port(PORT_ERR);
	tty_set_winsize(console, ws);
	if (tty_in) {
		tty_in->on_input = on_input;
		console_receive(console);
	}
	if (tty_out)
		tty_out->on_room = on_room;
	for (int fd = 0; fd < 3 && !err; fd++) {
		if (tty_mask & (1u << fd))
			err = open_terminal(fd);
		else
			err = open_stream(fd, PORT_IN + (unsigned)fd,
					  fd ? O_WRONLY : O_RDONLY);
	}
	return err;
}

static int
console_open(struct inode *ino, struct file *f)
{
	(void)ino;
	return tty_open(console, f);
}

int
console_init(void)
{
	int err = serial_init();

	if (err)
		return err;
	console = tty_new(&console_line, CONSOLE_RDEV, NULL);
	if (!console)
		return -ENOMEM;
	console->termios.iflag |= IUTF8; /* as terminals of today are set */
	err = tty_init();
	if (err)
		return err;
	return dev_register(MAJOR(CONSOLE_RDEV), MINOR(CONSOLE_RDEV), 1,
			    console_open);
}

void
console_flush(void)
{
	for (unsigned nr = PORT_OUT; nr <= PORT_ERR; nr++) {
		if (serial_port(nr))
			serial_flush(serial_port(nr));
	}
}
