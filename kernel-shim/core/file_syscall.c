/* SPDX-License-Identifier: MIT */
/* `syscall-info`: the system call in flight. */
#include "file.h"
#include "session.h"

void
ks_call_get(const struct ks_thread *t, const struct ks_regs *regs,
	    struct proc_syscall *out)
{
	ks_regs_to_syscall(regs, t->sys_op, out);
	if (out->op == PROC_SYSCALL_SECCOMP)
		out->data = t->sys_data;
}

int64_t
ks_syscall_read(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
		uint64_t off)
{
	struct ks_machine *m = f->m;
	struct proc_syscall info;
	struct ks_regs regs;
	int err = ks_lock_stopped(f);

	(void)self;
	(void)off;
	if (err)
		return err;
	m->ops->regs_get(m, f->t, &regs);
	ks_call_get(f->t, &regs, &info);
	ks_unlock_thread(f->t);
	return ks_io_out(io, &info, sizeof(info));
}

int64_t
ks_syscall_write(struct ks_file *f, struct ks_thread *self, struct ks_io *io,
		 uint64_t off)
{
	struct ks_machine *m = f->m;
	struct proc_syscall info;
	struct ks_regs regs;
	int err = ks_io_in(io, &info, sizeof(info));

	(void)self;
	(void)off;
	if (!err)
		err = ks_lock_stopped(f);
	if (err)
		return err;
	if (info.op == PROC_SYSCALL_NONE || info.op != f->t->sys_op) {
		err = -EINVAL;
	} else {
		m->ops->regs_get(m, f->t, &regs);
		ks_regs_from_syscall(&regs, &info);
		m->ops->regs_set(m, f->t, &regs);
		ks_record_set(f->t);
	}
	ks_unlock_thread(f->t);
	return err ? err : (int64_t)sizeof(info);
}
