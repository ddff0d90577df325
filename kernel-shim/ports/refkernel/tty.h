/* SPDX-License-Identifier: MIT */
/*
 * Terminals: the line discipline, job control and the ioctls, over any line
 * that can send characters: the console or a pty.
 */
#ifndef REFKERNEL_TTY_H
#define REFKERNEL_TTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fs_abi.h"
#include "uio.h"
#include "waitq.h"

struct tty;
struct file;
struct process;
struct dentry;

#define TTY_BUF 4096

/* What is below a terminal. */
struct tty_line {
	/* Send N bytes; return how many were taken. Does not sleep. */
	size_t (*send)(struct tty *t, const uint8_t *s, size_t n);
	/* The slave's reader made room. */
	void (*unthrottle)(struct tty *t);
	/* A file was closed, t->opens are left. */
	void (*closed)(struct tty *t);
	/* The last reference went. */
	void (*release)(struct tty *t);
};

struct tty {
	const struct tty_line *line;
	unsigned refs;
	unsigned opens; /* files open on it, masters not counted */
	uint64_t rdev;
	struct linux_termios termios;
	struct linux_winsize winsize;
	int32_t session; /* 0: controls none */
	int32_t pgrp;	 /* the foreground group */
	bool hung;	 /* hangup: reads end, writes fail */
	bool stopped;	 /* ^S */
	bool lnext;	 /* ^V came */
	/*
	 * Received, indices modulo TTY_BUF: [tail, line_end) can be read,
	 * [line_end, head) is a line being edited. A marked character ends a
	 * line; if it is NUL, it is the end of file and not read itself.
	 */
	uint8_t buf[TTY_BUF];
	bool mark[TTY_BUF];
	uint32_t head, line_end, tail;
	unsigned column;
	struct waitq readable;
	struct waitq writable;
	void *priv; /* of line */
};

struct tty *tty_new(const struct tty_line *line, uint64_t rdev, void *priv);
struct tty *tty_get(struct tty *t);
void tty_put(struct tty *t);

/* Characters came from the line: edit, echo, raise signals, wake readers. */
void tty_receive(struct tty *t, const uint8_t *s, size_t n);
/* The line is gone: SIGHUP to the session, reads return 0. */
void tty_hangup(struct tty *t);
/* The line can take characters again. */
void tty_sent(struct tty *t);

/* How many more characters tty_receive() can hold. */
size_t tty_room(const struct tty *t);

/* Make F a file of T (its operations and priv). */
int tty_open(struct tty *t, struct file *f);

/* /dev/tty. */
int tty_init(void);

/* The ioctls that terminals and masters of ptys have in common. */
int64_t tty_ioctl(struct tty *t, unsigned cmd, uint64_t arg);

/*
 * Is the caller in the foreground, or may go on all the same? SIG, SIGTTIN or
 * SIGTTOU, is sent to its group if not. 0, -EIO or -ERESTARTSYS.
 */
int tty_check_job(struct tty *t, int sig);

/* Become the current process's terminal if it has none and leads a session. */
void tty_acquire(struct tty *t);

/*
 * ICANON was set or cleared: what was received and not read can be read, in
 * canonical mode as one line, whatever ends of lines are in it.
 */
void tty_canonical_changed(struct tty *t);

/* Forget what was received and not read. */
void tty_flush_input(struct tty *t);

/* Send S as a program wrote it; how many of N were taken. Does not sleep. */
size_t tty_output(struct tty *t, const uint8_t *s, size_t n);

/* Characters (or in canonical mode whole lines) can be read. */
bool tty_readable(const struct tty *t);
void tty_set_winsize(struct tty *t, const struct linux_winsize *ws);

/*
 * A session leader exits: its terminal gets a hangup and controls nothing any
 * more. Called by the exit of the leader of session SID.
 */
void tty_session_end(struct tty *t, int32_t sid);

/* The ptmx device; the root of a file system of the slaves. */
int pty_init(struct dentry **out_root);

#endif
