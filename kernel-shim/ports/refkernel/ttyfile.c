/* SPDX-License-Identifier: MIT */
/* Terminals as files. */
#include "tty.h"

#include "clock.h"
#include "cpu.h"
#include "dev.h"
#include "errno.h"
#include "file.h"
#include "mem.h"
#include "poll.h"
#include "signal.h"
#include "termios.h"
#include "thread.h"

#define WRITE_CHUNK 4096u

#define TTY_RDEV MAKEDEV(5, 0)

/* Take what can be read now; in canonical mode at most one line. */
static int
take(struct tty *t, struct uio *io)
{
	bool canonical = t->termios.lflag & ICANON;
	int err = 0;

	while (io->left && t->tail != t->line_end && !err) {
		uint8_t c = t->buf[t->tail % TTY_BUF];
		bool mark = t->mark[t->tail % TTY_BUF];

		t->tail++;
		if (!(canonical && mark && !c))
			err = uio_put(io, &c, 1);
		if (canonical && mark)
			break;
	}
	if (t->line->unthrottle)
		t->line->unthrottle(t);
	return err;
}

/* Wait for input until DEADLINE. */
static int
wait_input(struct tty *t, struct file *f, int64_t deadline)
{
	int err = tty_check_job(t, SIGTTIN);

	if (err)
		return err;
	if (f->flags & O_NONBLOCK)
		return -EAGAIN;
	return wait_on(&t->readable, deadline, WAIT_INTERRUPTIBLE);
}

/* How many characters are to be there, and until when to wait for them. */
static int
wait_raw(struct tty *t, struct file *f, size_t want)
{
	size_t min = t->termios.cc[VMIN];
	int64_t time = t->termios.cc[VTIME] * (NSEC_PER_SEC / 10);
	int64_t deadline = NO_DEADLINE;
	uint32_t seen;
	int err;

	if (!min && !time)
		return 0;
	if (!min)
		deadline = deadline_after(time);
	if (min > want)
		min = want;
	seen = t->line_end;
	while (!t->hung && t->line_end - t->tail < (min ? min : 1)) {
		/* The time is that between characters, once one is there. */
		if (min && time && tty_readable(t) &&
		    (deadline == NO_DEADLINE || t->line_end != seen))
			deadline = deadline_after(time);
		seen = t->line_end;
		err = wait_input(t, f, deadline);
		if (err == -ETIMEDOUT)
			break;
		if (err)
			return tty_readable(t) ? 0 : err;
	}
	return 0;
}

static int64_t
tty_read(struct file *f, struct uio *io, uint64_t *pos)
{
	struct tty *t = f->priv;
	size_t before = io->left;
	int err;

	(void)pos;
	err = tty_check_job(t, SIGTTIN);
	if (err || !io->left)
		return err;
	if (t->termios.lflag & ICANON) {
		while (!t->hung && !tty_readable(t)) {
			err = wait_input(t, f, NO_DEADLINE);
			if (err)
				return err;
		}
	} else {
		err = wait_raw(t, f, io->left);
		if (err)
			return err;
	}
	err = take(t, io);
	return before != io->left ? (int64_t)(before - io->left) : err;
}

/* Send all N characters, waiting for room. */
static int
send_all(struct tty *t, struct file *f, const uint8_t *s, size_t n,
	 size_t *out_done)
{
	int err = 0;

	*out_done = 0;
	for (;;) {
		if (t->hung)
			return -EIO;
		if (!t->stopped)
			*out_done +=
			    tty_output(t, s + *out_done, n - *out_done);
		if (*out_done == n)
			return 0;
		err = f->flags & O_NONBLOCK ? -EAGAIN
					    : wait_on(&t->writable, NO_DEADLINE,
						      WAIT_INTERRUPTIBLE);
		if (err)
			return err;
	}
}

static int64_t
tty_write(struct file *f, struct uio *io, uint64_t *pos)
{
	struct tty *t = f->priv;
	int64_t done = 0;
	uint8_t *buf;
	int err = 0;

	(void)pos;
	if (t->termios.lflag & TOSTOP)
		err = tty_check_job(t, SIGTTOU);
	buf = err ? NULL : kmalloc(WRITE_CHUNK);
	if (!buf)
		return err ? err : -ENOMEM;
	while (io->left && !err) {
		size_t n = io->left < WRITE_CHUNK ? io->left : WRITE_CHUNK;
		size_t sent;

		err = uio_get(io, buf, n);
		if (err)
			break;
		err = send_all(t, f, buf, n, &sent);
		done += (int64_t)sent;
	}
	kfree(buf);
	return done ? done : err;
}

static unsigned
tty_poll(struct file *f, struct poll_table *pt)
{
	struct tty *t = f->priv;
	unsigned ready = 0;

	poll_wait(pt, &t->readable);
	poll_wait(pt, &t->writable);
	if (tty_readable(t))
		ready |= POLLIN | POLLRDNORM;
	if (t->hung)
		ready |= POLLIN | POLLRDNORM | POLLHUP | POLLERR;
	if (!t->stopped)
		ready |= POLLOUT | POLLWRNORM;
	return ready;
}

static int64_t
file_ioctl(struct file *f, unsigned cmd, uint64_t arg)
{
	return tty_ioctl(f->priv, cmd, arg);
}

static int32_t
tty_async_owner(struct file *f)
{
	const struct tty *t = f->priv;

	return t->pgrp ? -t->pgrp : current->process->pid;
}

static void
tty_release(struct file *f)
{
	struct tty *t = f->priv;

	t->opens--;
	if (t->line->closed)
		t->line->closed(t);
	tty_put(t);
}

static const struct file_ops tty_file_ops = {
    .read = tty_read,
    .write = tty_write,
    .poll = tty_poll,
    .ioctl = file_ioctl,
    .release = tty_release,
    .async_owner = tty_async_owner,
    .stream = true,
};

int
tty_open(struct tty *t, struct file *f)
{
	if (t->hung)
		return -EIO;
	f->ops = &tty_file_ops;
	f->priv = tty_get(t);
	t->opens++;
	if (!(f->flags & O_NOCTTY))
		tty_acquire(t);
	return 0;
}

static int
open_current(struct inode *ino, struct file *f)
{
	struct tty *t = current->process->tty;

	(void)ino;
	return t ? tty_open(t, f) : -ENXIO;
}

int
tty_init(void)
{
	return dev_register(MAJOR(TTY_RDEV), MINOR(TTY_RDEV), 1, open_current);
}
