/* SPDX-License-Identifier: MIT */
/* `trace`: events out, resumptions in. `command`: these for any tracee. */
#include "file.h"
#include "session.h"

/* What a write may say; PROC_EVENT_CHILD is no tracee's. */
#define KNOWN_STOPS                                                            \
	(UINT64_C(0x3f) | PROC_STOP_EXEC | PROC_STOP_FORK | PROC_STOP_VFORK |  \
	 PROC_STOP_CLONE | PROC_STOP_VFORK_DONE | PROC_STOP_SECCOMP |          \
	 PROC_STOP_GROUP | PROC_STOP_TRAP | PROC_STOP_STEP_IN |                \
	 PROC_STOP_BLOCKSTEP)
#define KNOWN_EVENTS                                                           \
	(PROC_EVENT_CLONE | PROC_EVENT_ADDRSPACE_SWITCH | PROC_EVENT_EXITED)
#define COMMANDS                                                               \
	(PROC_FLAG_INTERRUPT | PROC_FLAG_LISTEN | PROC_FLAG_SETMASK |          \
	 PROC_FLAG_DETACH | PROC_FLAG_ATTACH)
#define KNOWN_FLAGS                                                            \
	(PROC_FLAG_IGNORE | PROC_FLAG_SIGNAL | COMMANDS | KS_LASTING)
#define KNOWN (KNOWN_STOPS | KNOWN_EVENTS | KNOWN_FLAGS)
#define BASE                                                                   \
	(UINT64_C(0x3f) | PROC_EVENT_CLONE | PROC_EVENT_ADDRSPACE_SWITCH |     \
	 PROC_FLAG_IGNORE)

int64_t
ks_trace_read(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
	      uint64_t off)
{
	struct ks_thread *t = f->t;
	struct proc_event ev;
	size_t done = 0;
	int err = 0;
	bool more;

	(void)self;
	(void)off;
	if (io->len < sizeof(ev))
		return -EINVAL;
	while (io->len - done >= sizeof(ev)) {
		ks_lock_thread(t);
		if (!t->tracer || t->session != f->session)
			err = t->state == KS_DEAD ? -ESRCH : -ENODEV;
		more = false;
		if (!err) {
			ks_lock_tracer(t->tracer);
			more = ks_event_pop(t, &ev);
			ks_unlock_tracer(t->tracer);
			if (!more)
				err = t->state == KS_DEAD ? -ESRCH : -EAGAIN;
		}
		ks_unlock_thread(t);
		if (!more)
			break;
		err = io->out(io, done, &ev, sizeof(ev));
		if (err)
			break;
		done += sizeof(ev);
	}
	return done ? (int64_t)done : err;
}

/* Is W a command? 0, -EINVAL. */
static int
check(const struct proc_resume *w)
{
	if ((w->flags & ~KNOWN) || w->signal > 64 ||
	    (w->signal && !(w->flags & PROC_FLAG_SIGNAL)))
		return -EINVAL;
	/* One command at a time; but a mask can be set and a stop asked for. */
	switch (w->flags & COMMANDS & ~PROC_FLAG_ATTACH) {
	case 0:
	case PROC_FLAG_INTERRUPT:
	case PROC_FLAG_SETMASK:
	case PROC_FLAG_INTERRUPT | PROC_FLAG_SETMASK:
		return 0;
	case PROC_FLAG_LISTEN:
	case PROC_FLAG_DETACH:
	case PROC_FLAG_DETACH | PROC_FLAG_INTERRUPT:
		return w->flags & PROC_FLAG_ATTACH ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
}

/* Load FLAGS and SIGNAL from what was written to `trace`. */
static int
load(struct ks_io *io, struct proc_resume *out)
{
	int err;

	*out = (struct proc_resume){0, 0};
	if (io->len == 0)
		return 0;
	if (io->len != sizeof(out->flags) && io->len != sizeof(*out))
		return -EINVAL;
	err = io->in(io, 0, out, io->len);
	if (err)
		return err;
	if (!(out->flags & PROC_FLAG_SIGNAL) != (io->len != sizeof(*out)) ||
	    (out->flags & PROC_FLAG_ATTACH))
		return -EINVAL;
	return check(out);
}

static void
set_mask(struct ks_thread *t, uint64_t flags)
{
	t->mask = flags & (PROC_STOP_MASK | PROC_EVENT_MASK | KS_LASTING);
	ks_update_hooks(t);
}

/* The signal that T shall have instead of the one it is stopped at. */
static void
set_signal(struct ks_thread *t, struct ks_thread *self, uint64_t signal)
{
	struct ks_machine *m = t->m;
	struct ks_cred cred;

	if (!(t->cause & KS_SIGNAL_STOPS) || !signal ||
	    t->info.signo == (int32_t)signal)
		return;
	m->ops->thread_cred(m, self, &cred);
	t->info =
	    (struct proc_siginfo){.signo = (int32_t)signal, .code = KS_SI_USER};
	t->info.u.from.pid = m->ops->thread_tgid(m, self);
	t->info.u.from.uid = cred.uid;
}

static void
resume(struct ks_thread *t, struct ks_thread *self, const struct proc_resume *w)
{
	/* It has not come to its stop yet: it goes on from there. */
	if (t->state != KS_STOPPED && (t->due & KS_DUE_FREEZE))
		t->due = (t->due & ~KS_DUE_FREEZE) | KS_DUE_STEP;
	set_mask(t, w->flags);
	if (t->state != KS_STOPPED)
		return;
	if (w->flags & PROC_FLAG_SIGNAL)
		set_signal(t, self, w->signal);
	t->resume = w->flags;
	t->resume_signal = w->signal;
	/* What was changed in the stop comes before the step, as on file. */
	ks_record_run(t);
	ks_arm_step(t, ks_step_of(t->mask));
	ks_update_hooks(t);
	ks_feed(t, KS_IN_RESUME);
}

static int
listen(struct ks_thread *t)
{
	if (t->state != KS_STOPPED || !t->has_info ||
	    !(t->cause & (PROC_STOP_GROUP | PROC_STOP_TRAP)))
		return -EIO;
	ks_feed(t, KS_IN_LISTEN);
	if (t->due & KS_DUE_NOTIFY)
		ks_make_due(t, KS_IN_NOTIFY, 0);
	return 0;
}

/* With a session of this kind deaths are reported and group stops known. */
static void
extend(struct ks_thread *t)
{
	if (t->extended)
		return;
	t->extended = true;
	if (t->m->ops->group_stop(t->m, t))
		ks_make_due(t, KS_IN_TRAP, KS_DUE_TRAP);
}

/* T's filters keep it in; who made it need not be let out by its tracer. */
static bool
may_suspend(struct ks_thread *t, struct ks_thread *self, uint64_t flags)
{
	struct ks_cred cred;

	if (!(flags & ~t->mask & PROC_FLAG_NO_SECCOMP))
		return true;
	t->m->ops->thread_cred(t->m, self, &cred);
	return cred.may_suspend;
}

/* Carry out W. *OUT_SIGSTOP: a legacy session is to be interrupted. */
static int
command(struct ks_thread *t, struct ks_thread *self,
	const struct proc_resume *w, bool *out_sigstop,
	struct ks_ended *out_ended)
{
	if (!may_suspend(t, self, w->flags))
		return -EACCES;
	/* A signal is to take the place of what the siginfo says now. */
	if (w->flags & PROC_FLAG_SIGNAL)
		ks_record_settle(t);
	if (w->flags & PROC_FLAG_LISTEN)
		return listen(t);
	if (w->flags & PROC_FLAG_DETACH) {
		if (t->state != KS_STOPPED && t->state != KS_DEAD &&
		    !(w->flags & PROC_FLAG_INTERRUPT))
			return -ESRCH;
		if (t->state == KS_STOPPED && (w->flags & PROC_FLAG_SIGNAL))
			set_signal(t, self, w->signal);
		*out_ended = ks_session_end(t, w->flags, w->signal);
		return 0;
	}
	if (w->flags & PROC_FLAG_SETMASK)
		set_mask(t, w->flags);
	else if (t->killed && t->state == KS_RUNNING &&
		 !(w->flags & PROC_FLAG_INTERRUPT))
		return -ESRCH;
	else if (!(w->flags & PROC_FLAG_INTERRUPT))
		resume(t, self, w);
	if (w->flags & ~BASE)
		extend(t);
	if (w->flags & PROC_FLAG_INTERRUPT) {
		*out_sigstop = t->mask & PROC_FLAG_LEGACY;
		if (!*out_sigstop)
			ks_make_due(t, KS_IN_TRAP, KS_DUE_TRAP);
	}
	return 0;
}

/*
 * Carry out W on T, where ERR is 0, and give back T's lock, which is held. 0 or
 * -errno.
 */
static int
obey(struct ks_thread *t, struct ks_thread *self, const struct proc_resume *w,
     int err)
{
	const struct proc_siginfo sigstop = {.signo = KS_SIGSTOP,
					     .code = KS_SI_KERNEL};
	struct ks_ended ended = {NULL, false};
	bool stop = false;

	if (!err && t->state == KS_DEAD && !(w->flags & PROC_FLAG_DETACH))
		err = -ESRCH;
	if (!err)
		err = command(t, self, w, &stop, &ended);
	ks_unlock_thread(t);
	if (!err && stop)
		t->m->ops->signal_send(t->m, t, &sigstop, false);
	ks_session_ended(t, ended);
	return err;
}

int64_t
ks_trace_write(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
	       uint64_t off)
{
	struct ks_thread *t = f->t;
	struct proc_resume w;
	int err = load(io, &w);

	(void)off;
	if (err)
		return err;
	ks_lock_thread(t);
	if (!t->tracer || t->session != f->session)
		err = t->state == KS_DEAD ? -ESRCH : -ENODEV;
	err = obey(t, self, &w, err);
	return err ? err : (int64_t)io->len;
}

/*
 * May F's caller command T, by W? With PROC_FLAG_ATTACH, T is its tracee after
 * that, and nothing that W says fails any more. With T's lock held.
 */
static int
find_session(struct ks_file *f, struct ks_thread *self, struct ks_thread *t,
	     const struct proc_resume *w)
{
	if (!(w->flags & PROC_FLAG_ATTACH)) {
		/* Who detaches may not know yet that it has died. */
		if (t->state == KS_DEAD && !(w->flags & PROC_FLAG_INTERRUPT))
			return -ESRCH;
		if (t->tracer == f->caller)
			return 0;
		return t->state == KS_DEAD ? -ESRCH : -EPERM;
	}
	if (t->tracer)
		return -EBUSY;
	if (!may_suspend(t, self, w->flags))
		return -EACCES;
	return ks_trace_begin(f, self, t);
}

int64_t
ks_command_write(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
		 uint64_t off)
{
	struct ks_machine *m = f->m;
	struct proc_command c;
	struct proc_resume w;
	struct ks_thread *t;
	int err = ks_io_in(io, &c, sizeof(c));

	(void)off;
	if (err)
		return err;
	w = (struct proc_resume){c.flags, c.signal};
	err = c.pad ? -EINVAL : check(&w);
	if (err)
		return err;
	t = m->ops->thread_get(m, c.tid);
	if (!t)
		return -ESRCH;
	ks_lock_thread(t);
	err = obey(t, self, &w, find_session(f, self, t, &w));
	m->ops->thread_put(m, t);
	return err ? err : (int64_t)sizeof(c);
}

void
ks_trace_close(struct ks_file *f)
{
	const struct proc_siginfo sigkill = {.signo = KS_SIGKILL,
					     .code = KS_SI_KERNEL};
	struct ks_thread *t = f->t;
	struct ks_ended ended = {NULL, false};
	bool kill = false;

	ks_lock_thread(t);
	if (t->tracer && t->session == f->session) {
		kill = t->kill_on_close && t->state != KS_DEAD;
		ended = ks_session_end(t, 0, 0);
	}
	ks_unlock_thread(t);
	if (kill)
		t->m->ops->signal_send(t->m, t, &sigkill, false);
	ks_session_ended(t, ended);
}
