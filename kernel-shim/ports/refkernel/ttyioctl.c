/* SPDX-License-Identifier: MIT */
/* Sessions, job control and the settings of terminals. */
#include "tty.h"

#include "cpu.h"
#include "cred.h"
#include "errno.h"
#include "list.h"
#include "signal.h"
#include "string.h"
#include "termios.h"
#include "thread.h"
#include "user.h"

/* struct termios2: termios and the two speeds. */
struct termios2 {
	struct linux_termios t;
	uint32_t ispeed, ospeed;
};

#define SPEED 38400

int
tty_check_job(struct tty *t, int sig)
{
	struct process *p = current->process;

	if (p->tty != t || !t->pgrp || p->pgid == t->pgrp)
		return 0;
	if (signal_blocked_or_ignored(sig))
		return sig == SIGTTIN ? -EIO : 0;
	if (pgrp_orphaned(p->pgid))
		return -EIO;
	signal_kernel_pgrp(p->pgid, sig);
	return -ERESTARTSYS;
}

static void
set_controlling(struct tty *t)
{
	struct process *p = current->process;

	t->session = p->sid;
	t->pgrp = p->pgid;
	p->tty = tty_get(t);
}

void
tty_acquire(struct tty *t)
{
	struct process *p = current->process;

	if (p->sid == p->pid && !p->tty && !t->session)
		set_controlling(t);
}

/* Take T from all processes of its session. */
static void
disown(struct tty *t)
{
	struct process *p;

	list_each(p, &all_processes, link)
	{
		if (p->tty != t)
			continue;
		p->tty = NULL;
		tty_put(t);
	}
	t->session = 0;
	t->pgrp = 0;
}

void
tty_session_end(struct tty *t, int32_t sid)
{
	int32_t pgrp = t->pgrp;

	if (t->session != sid)
		return;
	tty_get(t);
	disown(t);
	if (pgrp) {
		signal_kernel_pgrp(pgrp, SIGHUP);
		signal_kernel_pgrp(pgrp, SIGCONT);
	}
	tty_put(t);
}

void
tty_hangup(struct tty *t)
{
	struct process *leader = t->session ? process_find(t->session) : NULL;

	t->hung = true;
	wake_all(&t->readable);
	wake_all(&t->writable);
	if (leader) {
		signal_kernel_process(leader, SIGHUP);
		signal_kernel_process(leader, SIGCONT);
	}
	if (t->pgrp && t->pgrp != t->session)
		signal_kernel_pgrp(t->pgrp, SIGHUP);
}

void
tty_set_winsize(struct tty *t, const struct linux_winsize *ws)
{
	if (!memcmp(&t->winsize, ws, sizeof(*ws)))
		return;
	t->winsize = *ws;
	if (t->pgrp)
		signal_kernel_pgrp(t->pgrp, SIGWINCH);
}

static int
steal(struct tty *t, uint64_t arg)
{
	struct process *p = current->process;

	if (p->sid == p->pid && t->session == p->sid)
		return 0;
	if (p->sid != p->pid || p->tty)
		return -EPERM;
	if (t->session) {
		if (arg != 1 || !capable(CAP_SYS_ADMIN))
			return -EPERM;
		disown(t);
	}
	set_controlling(t);
	return 0;
}

static int
give_up(struct tty *t)
{
	struct process *p = current->process;

	if (p->tty != t)
		return -ENOTTY;
	if (p->sid == p->pid) {
		tty_session_end(t, p->sid);
	} else {
		p->tty = NULL;
		tty_put(t);
	}
	return 0;
}

static int
set_foreground(struct tty *t, uint64_t arg)
{
	struct process *p = current->process;
	int32_t pgrp;
	int err = tty_check_job(t, SIGTTOU);

	if (err == -EIO)
		return -ENOTTY;
	if (err)
		return err;
	if (p->tty != t || t->session != p->sid)
		return -ENOTTY;
	if (copy_in(&pgrp, arg, sizeof(pgrp)))
		return -EFAULT;
	if (pgrp < 0)
		return -EINVAL;
	if (!pgrp_exists(pgrp))
		return -ESRCH;
	if (!pgrp_in_session(pgrp, p->sid))
		return -EPERM;
	t->pgrp = pgrp;
	return 0;
}

static int
set_termios(struct tty *t, uint64_t arg, bool flush_input)
{
	struct linux_termios n;
	uint32_t old = t->termios.lflag;
	int err = tty_check_job(t, SIGTTOU);

	if (err)
		return err;
	/* Of a termios2 the speeds follow, which mean nothing here. */
	if (copy_in(&n, arg, sizeof(n)))
		return -EFAULT;
	if (flush_input)
		tty_flush_input(t);
	t->termios = n;
	if ((old ^ n.lflag) & ICANON)
		tty_canonical_changed(t);
	if (!(n.iflag & IXON) && t->stopped) {
		t->stopped = false;
		wake_all(&t->writable);
	}
	return 0;
}

static int
get_termios(struct tty *t, uint64_t arg, bool two)
{
	struct termios2 v;

	memset(&v, 0, sizeof(v));
	v.t = t->termios;
	v.ispeed = v.ospeed = SPEED;
	return copy_out(arg, &v, two ? sizeof(v) : sizeof(v.t)) ? -EFAULT : 0;
}

static int
unread(struct tty *t, uint64_t arg)
{
	int32_t n = 0;

	for (uint32_t i = t->tail; i != t->line_end; i++)
		n += !(t->mark[i % TTY_BUF] && !t->buf[i % TTY_BUF]);
	return copy_out(arg, &n, sizeof(n)) ? -EFAULT : 0;
}

static int
put_int(uint64_t arg, int32_t v)
{
	return copy_out(arg, &v, sizeof(v)) ? -EFAULT : 0;
}

static int
flow(struct tty *t, uint64_t arg)
{
	int err = tty_check_job(t, SIGTTOU);

	if (err)
		return err;
	if (arg > 3)
		return -EINVAL;
	if (arg < 2) {
		t->stopped = arg == 0; /* TCOOFF */
		wake_all(&t->writable);
	}
	return 0;
}

static int
flush(struct tty *t, uint64_t arg)
{
	int err = tty_check_job(t, SIGTTOU);

	if (err)
		return err;
	if (arg > 2)
		return -EINVAL;
	if (arg != 1) /* TCOFLUSH: output is never queued here */
		tty_flush_input(t);
	return 0;
}

static int
set_size(struct tty *t, uint64_t arg)
{
	struct linux_winsize ws;

	if (copy_in(&ws, arg, sizeof(ws)))
		return -EFAULT;
	tty_set_winsize(t, &ws);
	return 0;
}

/* What only the session's own processes may ask. */
static int
session_ioctl(struct tty *t, unsigned cmd, uint64_t arg)
{
	if (current->process->tty != t)
		return -ENOTTY;
	return put_int(arg, cmd == TIOCGPGRP ? t->pgrp : t->session);
}

static int
insert(struct tty *t, uint64_t arg)
{
	uint8_t c;

	if (current->process->tty != t && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (copy_in(&c, arg, 1))
		return -EFAULT;
	tty_receive(t, &c, 1);
	return 0;
}

int64_t
tty_ioctl(struct tty *t, unsigned cmd, uint64_t arg)
{
	switch (cmd) {
	case TCGETS:
	case TCGETS2:
		return get_termios(t, arg, cmd == TCGETS2);
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
	case TCSETS2:
	case TCSETSW2:
	case TCSETSF2:
		return set_termios(t, arg, cmd == TCSETSF || cmd == TCSETSF2);
	case TIOCGWINSZ:
		return copy_out(arg, &t->winsize, sizeof(t->winsize)) ? -EFAULT
								      : 0;
	case TIOCSWINSZ:
		return set_size(t, arg);
	case TIOCSCTTY:
		return steal(t, arg);
	case TIOCNOTTY:
		return give_up(t);
	case TIOCGPGRP:
	case TIOCGSID:
		return session_ioctl(t, cmd, arg);
	case TIOCSPGRP:
		return set_foreground(t, arg);
	case TCXONC:
		return flow(t, arg);
	case TCFLSH:
		return flush(t, arg);
	case TIOCSTI:
		return insert(t, arg);
	case FIONREAD:
		return unread(t, arg);
	case TIOCOUTQ:
	case TIOCGETD:
		return put_int(arg, 0);
	case TCSBRK:
	case TCSBRKP:
		return tty_check_job(t, SIGTTOU);
	default:
		return -ENOTTY;
	}
}
