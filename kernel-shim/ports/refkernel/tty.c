/* SPDX-License-Identifier: MIT */
/* The line discipline: what happens to characters on their way in and out. */
#include "tty.h"

#include "errno.h"
#include "file.h"
#include "mem.h"
#include "signal.h"
#include "string.h"
#include "termios.h"
#include "thread.h"

#define TAB 8u

static const struct linux_termios default_termios = {
    .iflag = ICRNL | IXON,
    .oflag = OPOST | ONLCR,
    .cflag = B38400 | CS8 | CREAD,
    .lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
    .cc = {[VINTR] = 3,
	   [VQUIT] = 28,
	   [VERASE] = 127,
	   [VKILL] = 21,
	   [VEOF] = 4,
	   [VMIN] = 1,
	   [VSTART] = 17,
	   [VSTOP] = 19,
	   [VSUSP] = 26,
	   [VREPRINT] = 18,
	   [VDISCARD] = 15,
	   [VWERASE] = 23,
	   [VLNEXT] = 22},
};

struct tty *
tty_new(const struct tty_line *line, uint64_t rdev, void *priv)
{
	struct tty *t = kzalloc(sizeof(*t));

	if (!t)
		return NULL;
	t->line = line;
	t->rdev = rdev;
	t->priv = priv;
	t->refs = 1;
	t->termios = default_termios;
	waitq_init(&t->readable);
	waitq_init(&t->writable);
	return t;
}

struct tty *
tty_get(struct tty *t)
{
	t->refs++;
	return t;
}

void
tty_put(struct tty *t)
{
	if (--t->refs)
		return;
	if (t->line->release)
		t->line->release(t);
	kfree(t);
}

/* ---- output ---- */

/* What C becomes on its way out, in OUT (at most TAB characters). */
static size_t
translate(struct tty *t, uint8_t c, uint8_t *out)
{
	uint32_t o = t->termios.oflag;
	size_t n = 1;

	out[0] = c;
	if (!(o & OPOST))
		return 1;
	switch (c) {
	case '\n':
		if (o & ONLRET)
			t->column = 0;
		if (o & ONLCR) {
			t->column = 0;
			out[0] = '\r';
			out[1] = '\n';
			n = 2;
		}
		break;
	case '\r':
		if (o & ONOCR && !t->column)
			return 0;
		if (o & OCRNL)
			out[0] = '\n';
		t->column = 0;
		break;
	case '\t':
		if ((o & TABDLY) == XTABS) {
			n = TAB - t->column % TAB;
			memset(out, ' ', n);
		}
		t->column += TAB - t->column % TAB;
		break;
	case '\b':
		if (t->column)
			t->column--;
		break;
	default:
		/* Of a character in UTF-8 the first byte counts. */
		if (c >= ' ' && (c & 0xc0) != 0x80)
			t->column++;
		break;
	}
	return n;
}

size_t
tty_output(struct tty *t, const uint8_t *s, size_t n)
{
	uint8_t out[512];
	size_t done = 0;

	if (!(t->termios.oflag & OPOST))
		return t->line->send(t, s, n);
	while (done < n) {
		size_t len = 0, end = done;

		while (end < n && len + TAB <= sizeof(out))
			len += translate(t, s[end++], out + len);
		if (t->line->send(t, out, len) < len)
			break;
		done = end;
	}
	return done;
}

static void
echo_raw(struct tty *t, const char *s)
{
	tty_output(t, (const uint8_t *)s, strlen(s));
}

static bool
is_control(const struct tty *t, uint8_t c)
{
	return t->termios.lflag & ECHOCTL && (c < ' ' || c == 127) &&
	       c != '\t' && c != '\n';
}

static void
echo(struct tty *t, uint8_t c)
{
	char text[3] = {'^', (char)(c ^ 0x40), 0};

	if (!(t->termios.lflag & ECHO)) {
		if (c == '\n' && t->termios.lflag & ECHONL &&
		    t->termios.lflag & ICANON)
			tty_output(t, &c, 1);
	} else if (is_control(t, c)) {
		echo_raw(t, text);
	} else {
		tty_output(t, &c, 1);
	}
}

/* ---- input ---- */

size_t
tty_room(const struct tty *t)
{
	size_t used = t->head - t->tail;

	/* A canonical line that is full takes no more, but its end. */
	if (t->termios.lflag & ICANON && t->line_end == t->tail)
		return TTY_BUF;
	return TTY_BUF - 1 - used;
}

bool
tty_readable(const struct tty *t)
{
	return t->line_end != t->tail;
}

void
tty_flush_input(struct tty *t)
{
	t->tail = t->line_end = t->head;
	if (t->line->unthrottle)
		t->line->unthrottle(t);
}

void
tty_canonical_changed(struct tty *t)
{
	for (uint32_t i = t->tail; i != t->head; i++)
		t->mark[i % TTY_BUF] = false;
	if (t->termios.lflag & ICANON && t->head != t->tail)
		t->mark[(t->head - 1) % TTY_BUF] = true;
	t->line_end = t->head;
	wake_all(&t->readable);
}

static void
put(struct tty *t, uint8_t c, bool mark)
{
	if (t->head - t->tail >= TTY_BUF - 1 && !mark)
		return;
	if (t->head - t->tail >= TTY_BUF)
		return;
	t->buf[t->head % TTY_BUF] = c;
	t->mark[t->head % TTY_BUF] = mark;
	t->head++;
}

static void
end_line(struct tty *t, uint8_t c)
{
	put(t, c, true);
	t->line_end = t->head;
	wake_all(&t->readable);
}

/* The column where the edited line up to END began and ends. */
static unsigned
width(const struct tty *t, uint32_t end)
{
	unsigned column = 0;

	for (uint32_t i = t->line_end; i != end; i++) {
		uint8_t c = t->buf[i % TTY_BUF];

		if (c == '\t')
			column += TAB - column % TAB;
		else if (is_control(t, c))
			column += 2;
		else if ((c & 0xc0) != 0x80)
			column++;
	}
	return column;
}

/* Take the last character of the edited line away. */
static void
erase_one(struct tty *t)
{
	unsigned before = width(t, t->head);
	bool part;

	do {
		t->head--;
		part = t->termios.iflag & IUTF8 &&
		       (t->buf[t->head % TTY_BUF] & 0xc0) == 0x80;
	} while (part && t->head != t->line_end);
	if (!(t->termios.lflag & ECHO))
		return;
	if (!(t->termios.lflag & ECHOE)) {
		echo(t, t->termios.cc[VERASE]);
		return;
	}
	for (unsigned n = before - width(t, t->head); n; n--)
		echo_raw(t, "\b \b");
}

static void
erase_word(struct tty *t)
{
	bool seen = false;

	while (t->head != t->line_end) {
		uint8_t c = t->buf[(t->head - 1) % TTY_BUF];
		bool word = c != ' ' && c != '\t';

		if (seen && !word)
			break;
		seen |= word;
		erase_one(t);
	}
}

static void
erase_line(struct tty *t)
{
	uint32_t l = t->termios.lflag;

	if (l & ECHO && !(l & ECHOKE && l & ECHOE)) {
		t->head = t->line_end;
		echo(t, t->termios.cc[VKILL]);
		if (l & ECHOK)
			echo_raw(t, "\n");
		return;
	}
	while (t->head != t->line_end)
		erase_one(t);
}

static void
reprint(struct tty *t)
{
	echo(t, t->termios.cc[VREPRINT]);
	echo_raw(t, "\n");
	for (uint32_t i = t->line_end; i != t->head; i++)
		echo(t, t->buf[i % TTY_BUF]);
}

/* True if C, not disabled, is special character I. */
static bool
is(const struct tty *t, unsigned i, uint8_t c)
{
	return t->termios.cc[i] && t->termios.cc[i] == c;
}

static bool
flow_control(struct tty *t, uint8_t c)
{
	if (!(t->termios.iflag & IXON))
		return false;
	if (is(t, VSTOP, c)) {
		t->stopped = true;
		return true;
	}
	if (is(t, VSTART, c) || (t->stopped && t->termios.iflag & IXANY)) {
		t->stopped = false;
		wake_all(&t->writable);
		return is(t, VSTART, c);
	}
	return false;
}

static bool
signal_character(struct tty *t, uint8_t c)
{
	int sig = is(t, VINTR, c)   ? SIGINT
		  : is(t, VQUIT, c) ? SIGQUIT
		  : is(t, VSUSP, c) ? SIGTSTP
				    : 0;

	if (!sig || !(t->termios.lflag & ISIG))
		return false;
	t->stopped = false;
	if (!(t->termios.lflag & NOFLSH))
		t->tail = t->line_end = t->head;
	echo(t, c);
	wake_all(&t->writable);
	if (t->pgrp)
		signal_kernel_pgrp(t->pgrp, sig);
	return true;
}

/* C in canonical mode; false: it is just a character. */
static bool
edit(struct tty *t, uint8_t c)
{
	bool extended = t->termios.lflag & IEXTEN;

	if (is(t, VERASE, c)) {
		if (t->head != t->line_end)
			erase_one(t);
	} else if (is(t, VKILL, c)) {
		erase_line(t);
	} else if (extended && is(t, VWERASE, c)) {
		erase_word(t);
	} else if (extended && is(t, VREPRINT, c)) {
		if (t->termios.lflag & ECHO)
			reprint(t);
	} else if (extended && is(t, VLNEXT, c)) {
		t->lnext = true;
		if (t->termios.lflag & ECHO)
			echo_raw(t, "^\b");
	} else if (is(t, VEOF, c)) {
		end_line(t, 0);
	} else if (c == '\n' || is(t, VEOL, c) ||
		   (extended && is(t, VEOL2, c))) {
		echo(t, c);
		end_line(t, c);
	} else {
		return false;
	}
	return true;
}

static void
receive_one(struct tty *t, uint8_t c)
{
	uint32_t in = t->termios.iflag;

	if (in & ISTRIP)
		c &= 0x7f;
	if (!t->lnext) {
		if (flow_control(t, c) || signal_character(t, c))
			return;
		if (c == '\r') {
			if (in & IGNCR)
				return;
			if (in & ICRNL)
				c = '\n';
		} else if (c == '\n' && in & INLCR) {
			c = '\r';
		}
		if (t->termios.lflag & ICANON && edit(t, c))
			return;
	}
	t->lnext = false;
	echo(t, c);
	put(t, c, false);
	if (!(t->termios.lflag & ICANON))
		t->line_end = t->head;
}

void
tty_receive(struct tty *t, const uint8_t *s, size_t n)
{
	if (t->hung)
		return;
	while (n--)
		receive_one(t, *s++);
	if (tty_readable(t))
		wake_all(&t->readable);
}

void
tty_sent(struct tty *t)
{
	wake_all(&t->writable);
}
