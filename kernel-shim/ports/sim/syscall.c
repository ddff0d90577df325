/* SPDX-License-Identifier: MIT */
/* The system calls, by Linux's numbers for x86_64. */
#include <stdlib.h>
#include <string.h>

#include "sim_int.h"

#define PR_SET_DUMPABLE 4
#define ARCH_SET_FS	0x1002
#define MAP_SHARED_	1
#define MAP_FIXED_	0x10
#define PATH_SIZE	64

typedef int64_t call_fn(struct sim_thread *t, const uint64_t *a);

/* The memory of a program as the buffer of a file operation. */
struct user_io {
	struct ks_io io;
	struct sim_thread *t;
	uint64_t va;
};

static int
user_out(struct ks_io *io, size_t off, const void *src, size_t n)
{
	struct user_io *u = ks_container(io, struct user_io, io);

	return sim_copy_out(u->t, u->va + off, src, n);
}

static int
user_in(struct ks_io *io, size_t off, void *dst, size_t n)
{
	struct user_io *u = ks_container(io, struct user_io, io);

	return sim_copy_in(u->t, dst, u->va + off, n);
}

static int64_t
console_write(struct sim_thread *t, uint64_t va, size_t len)
{
	struct sim *s = t->s;
	char *grown = realloc(s->console, s->console_len + len + 1);

	if (!grown)
		return -ENOMEM;
	s->console = grown;
	if (sim_copy_in(t, grown + s->console_len, va, len)) {
		grown[s->console_len] = 0;
		return -EFAULT;
	}
	s->console_len += len;
	grown[s->console_len] = 0;
	return len;
}

static int64_t
file_io(struct sim_thread *t, const uint64_t *a, bool write,
	const uint64_t *off)
{
	struct user_io u = {{user_out, user_in, a[2]}, t, a[1]};

	if (write && (a[0] == 1 || a[0] == 2))
		return a[2] > 65536 ? -EINVAL : console_write(t, a[1], a[2]);
	return sim_file_io(t, (int)a[0], &u.io, write, off);
}

static int64_t
sys_read(struct sim_thread *t, const uint64_t *a)
{
	return file_io(t, a, false, NULL);
}

static int64_t
sys_write(struct sim_thread *t, const uint64_t *a)
{
	return file_io(t, a, true, NULL);
}

static int64_t
sys_pread(struct sim_thread *t, const uint64_t *a)
{
	return file_io(t, a, false, &a[3]);
}

static int64_t
sys_pwrite(struct sim_thread *t, const uint64_t *a)
{
	return file_io(t, a, true, &a[3]);
}

static int64_t
open_path(struct sim_thread *t, uint64_t va, uint64_t how)
{
	static const unsigned mode[4] = {SIM_O_READ, SIM_O_WRITE, SIM_O_RDWR,
					 0};
	unsigned flags = mode[how & 3];
	char path[PATH_SIZE];

	for (int i = 0; i < PATH_SIZE; i++) {
		if (sim_copy_in(t, path + i, va + i, 1))
			return -EFAULT;
		if (!path[i])
			break;
	}
	path[PATH_SIZE - 1] = 0;
	flags |= how & 0200 ? SIM_O_EXCL : 0;
	flags |= how & 01000 ? SIM_O_TRUNC : 0;
	flags |= how & 04000 ? SIM_O_NONBLOCK : 0;
	return sim_file_open(t, path, flags);
}

static int64_t
sys_open(struct sim_thread *t, const uint64_t *a)
{
	return open_path(t, a[0], a[1]);
}

static int64_t
sys_openat(struct sim_thread *t, const uint64_t *a)
{
	return open_path(t, a[1], a[2]);
}

static int64_t
sys_close(struct sim_thread *t, const uint64_t *a)
{
	return sim_file_close(t, (int)a[0]);
}

static unsigned
rights_of(uint64_t prot)
{
	return prot & (KS_READ | KS_WRITE | KS_EXEC);
}

static int64_t
sys_mmap(struct sim_thread *t, const uint64_t *a)
{
	uint64_t len = (a[1] + KS_PAGE_MASK) & ~KS_PAGE_MASK;
	bool shared = a[3] & MAP_SHARED_;
	uint64_t at;
	int err;

	if (!len || len > UINT64_C(1) << 40 || (a[0] & KS_PAGE_MASK))
		return -EINVAL;
	at = a[3] & MAP_FIXED_ ? a[0] : sim_mm_gap(t->mm, len);
	if (a[3] & MAP_FIXED_) {
		err = sim_mm_unmap(t->mm, at, at + len);
		if (err)
			return err;
	}
	err = sim_mm_add(t->mm, at, at + len, rights_of(a[2]), NULL, 0, shared);
	/* Nobody may get a frame of its own later on. */
	for (uint64_t va = at; !err && shared && va < at + len;
	     va += KS_PAGE_SIZE)
		err = sim_mm_fault(t->mm, va, KS_READ, true);
	return err ? err : (int64_t)at;
}

static int64_t
sys_mprotect(struct sim_thread *t, const uint64_t *a)
{
	uint64_t len = (a[1] + KS_PAGE_MASK) & ~KS_PAGE_MASK;

	return sim_mm_protect(t->mm, a[0], a[0] + len, rights_of(a[2]));
}

static int64_t
sys_munmap(struct sim_thread *t, const uint64_t *a)
{
	uint64_t len = (a[1] + KS_PAGE_MASK) & ~KS_PAGE_MASK;

	return sim_mm_unmap(t->mm, a[0], a[0] + len);
}

/* struct kernel_sigaction: handler, flags, restorer, mask */
static int64_t
sys_sigaction(struct sim_thread *t, const uint64_t *a)
{
	struct sim_action *act, new;

	if (a[0] < 1 || a[0] > SIM_NSIG || a[0] == S_KILL || a[0] == S_STOP)
		return -EINVAL;
	act = &t->proc->action[a[0]];
	if (a[1] && sim_copy_in(t, &new, a[1], sizeof(new)))
		return -EFAULT;
	if (a[2] && sim_copy_out(t, a[2], act, sizeof(*act)))
		return -EFAULT;
	if (a[1])
		*act = new;
	return 0;
}

static int64_t
sys_sigprocmask(struct sim_thread *t, const uint64_t *a)
{
	uint64_t old = t->sigmask, set;

	if (a[1]) {
		if (sim_copy_in(t, &set, a[1], sizeof(set)))
			return -EFAULT;
		set &= ~(SIG_BIT(S_KILL) | SIG_BIT(S_STOP));
		if (a[0] > 2)
			return -EINVAL;
		t->sigmask = a[0] == 0	 ? old | set
			     : a[0] == 1 ? old & ~set
					 : set;
	}
	return a[2] && sim_copy_out(t, a[2], &old, sizeof(old)) ? -EFAULT : 0;
}

static int64_t
sys_sigreturn(struct sim_thread *t, const uint64_t *a)
{
	(void)a;
	return sim_sigreturn(t);
}

static int64_t
sys_yield(struct sim_thread *t, const uint64_t *a)
{
	(void)a;
	sim_yield(t);
	return 0;
}

static int64_t
sys_pause(struct sim_thread *t, const uint64_t *a)
{
	(void)a;
	while (!sim_block_intr(t))
		;
	return -ERESTARTNOHAND;
}

static int64_t
sleep_until(struct sim_thread *t, uint64_t until)
{
	int err = 0;

	t->restart_until = until;
	t->wake_at = until;
	if (!t->s->timer || until < t->s->timer)
		t->s->timer = until;
	while (!err && t->s->clock < until)
		err = sim_block_intr(t);
	t->wake_at = 0;
	return err ? -ERESTART_RESTARTBLOCK : 0;
}

/* A nanosecond is an instruction. */
static int64_t
sys_nanosleep(struct sim_thread *t, const uint64_t *a)
{
	int64_t ts[2];

	if (sim_copy_in(t, ts, a[0], sizeof(ts)))
		return -EFAULT;
	if (ts[0] < 0 || ts[1] < 0 || ts[1] >= 1000000000)
		return -EINVAL;
	return sleep_until(t, t->s->clock + ts[0] * 1000000000 + ts[1] + 1);
}

static int64_t
sys_restart(struct sim_thread *t, const uint64_t *a)
{
	(void)a;
	return sleep_until(t, t->restart_until);
}

static int64_t
sys_getpid(struct sim_thread *t, const uint64_t *a)
{
	(void)a;
	return t->proc->tgid;
}

static int64_t
sys_gettid(struct sim_thread *t, const uint64_t *a)
{
	(void)a;
	return t->tid;
}

static int64_t
sys_getppid(struct sim_thread *t, const uint64_t *a)
{
	(void)a;
	return t->proc->parent ? t->proc->parent->tgid : 0;
}

static int64_t
sys_clone(struct sim_thread *t, const uint64_t *a)
{
	return sim_clone(t, a[0], a[1], a[4]);
}

static int64_t
sys_fork(struct sim_thread *t, const uint64_t *a)
{
	(void)a;
	return sim_clone(t, S_CHLD, 0, 0);
}

static int64_t
sys_vfork(struct sim_thread *t, const uint64_t *a)
{
	(void)a;
	return sim_clone(t, 0x4100 | S_CHLD, 0, 0);
}

static int64_t
sys_execve(struct sim_thread *t, const uint64_t *a)
{
	return sim_execve(t, a[0]);
}

static int64_t
sys_exit(struct sim_thread *t, const uint64_t *a)
{
	sim_thread_exit(t, (int)(a[0] & 0xff) << 8);
	return 0;
}

static int64_t
sys_exit_group(struct sim_thread *t, const uint64_t *a)
{
	sim_group_exit(t->proc, (int)(a[0] & 0xff) << 8);
	sim_thread_exit(t, t->proc->status);
	return 0;
}

static int64_t
sys_wait4(struct sim_thread *t, const uint64_t *a)
{
	struct proc_rusage ru;
	int status = 0;
	int64_t ret = sim_do_wait(t, (int32_t)a[0], &status, (int)a[2], &ru);

	if (ret <= 0)
		return ret;
	if (a[1] && sim_copy_out(t, a[1], &status, sizeof(status)))
		return -EFAULT;
	if (a[3] && sim_copy_out(t, a[3], &ru, sizeof(ru)))
		return -EFAULT;
	return ret;
}

static int64_t
sys_kill(struct sim_thread *t, const uint64_t *a)
{
	return sim_do_kill(t, (int32_t)a[0], (int)a[1]);
}

static int64_t
sys_tkill(struct sim_thread *t, const uint64_t *a)
{
	return sim_do_tgkill(t, 0, (int32_t)a[0], (int)a[1]);
}

static int64_t
sys_tgkill(struct sim_thread *t, const uint64_t *a)
{
	return sim_do_tgkill(t, (int32_t)a[0], (int32_t)a[1], (int)a[2]);
}

static int64_t
sys_getuid(struct sim_thread *t, const uint64_t *a)
{
	(void)a;
	return t->proc->cred.uid;
}

static int64_t
sys_setuid(struct sim_thread *t, const uint64_t *a)
{
	struct ks_cred *c = &t->proc->cred;
	uint32_t uid = (uint32_t)a[0];

	if (c->euid && uid != c->uid && uid != c->suid)
		return -EPERM;
	if (c->euid != uid)
		c->dumpable = false;
	if (c->euid == 0)
		c->uid = c->suid = uid;
	c->euid = c->fsuid = uid;
	c->cap_ptrace = uid == 0;
	c->caps_permitted = uid == 0 ? UINT64_MAX : 0;
	c->caps_effective = c->caps_permitted;
	c->may_suspend = uid == 0;
	return 0;
}

static int64_t
sys_prctl(struct sim_thread *t, const uint64_t *a)
{
	if (a[0] != PR_SET_DUMPABLE || a[1] > 1)
		return -EINVAL;
	t->proc->cred.dumpable = a[1];
	return 0;
}

static int64_t
sys_arch_prctl(struct sim_thread *t, const uint64_t *a)
{
	if (a[0] != ARCH_SET_FS)
		return -EINVAL;
	t->regs.fs_base = a[1];
	return 0;
}

static call_fn *const calls[] = {
    [0] = sys_read,	    [1] = sys_write,	    [2] = sys_open,
    [3] = sys_close,	    [9] = sys_mmap,	    [10] = sys_mprotect,
    [11] = sys_munmap,	    [13] = sys_sigaction,   [14] = sys_sigprocmask,
    [15] = sys_sigreturn,   [17] = sys_pread,	    [18] = sys_pwrite,
    [24] = sys_yield,	    [34] = sys_pause,	    [35] = sys_nanosleep,
    [39] = sys_getpid,	    [56] = sys_clone,	    [57] = sys_fork,
    [58] = sys_vfork,	    [59] = sys_execve,	    [60] = sys_exit,
    [61] = sys_wait4,	    [62] = sys_kill,	    [102] = sys_getuid,
    [105] = sys_setuid,	    [110] = sys_getppid,    [157] = sys_prctl,
    [158] = sys_arch_prctl, [186] = sys_gettid,	    [200] = sys_tkill,
    [219] = sys_restart,    [231] = sys_exit_group, [234] = sys_tgkill,
    [257] = sys_openat,
};

/* Make the call that T's registers ask for. T may be dead after that. */
int64_t
sim_syscall(struct sim_thread *t)
{
	struct ks_regs *r = &t->regs;

	if (t->seccomp_nr >= 0 && r->orig_rax == (uint64_t)t->seccomp_nr &&
	    !ks_seccomp_suspended(&t->kt)) {
		int err = ks_on_seccomp(&t->kt, t->seccomp_data);

		if (err)
			return err;
	}
	if (r->orig_rax >= sizeof(calls) / sizeof(calls[0]) ||
	    !calls[r->orig_rax])
		return r->orig_rax == NO_SYSCALL ? (int64_t)r->rax : -ENOSYS;
	const uint64_t a[6] = {r->rdi, r->rsi, r->rdx, r->r10, r->r8, r->r9};

	return calls[r->orig_rax](t, a);
}
