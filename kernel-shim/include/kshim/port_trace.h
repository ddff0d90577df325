/* SPDX-License-Identifier: MIT */
/*
 * The members of struct ks_port_ops that concern threads. Included by
 * kshim/port.h inside the structure and nowhere else.
 *
 * "Thread" is a schedulable task with an id of its own (tid); "process" is a
 * thread group, whose id (tgid) is its leader's tid. A pointer that an
 * operation hands out is held until the matching put.
 */
/* clang-format off */

	/*
	 * The thread with id TID, held; NULL if there is none. A dead thread
	 * is found until it has been reaped, and as long as ks_holds(t).
	 */
	struct ks_thread *(*thread_get)(struct ks_machine *m, int32_t tid);
	void (*thread_ref)(struct ks_machine *m, struct ks_thread *t);
	void (*thread_put)(struct ks_machine *m, struct ks_thread *t);
	int32_t (*thread_tid)(struct ks_machine *m, struct ks_thread *t);
	int32_t (*thread_tgid)(struct ks_machine *m, struct ks_thread *t);
	/* The struct ks_tracer in T's own process (not held). */
	struct ks_tracer *(*thread_process)(struct ks_machine *m,
					    struct ks_thread *t);
	/* That of the parent of T's process, held; NULL: none. */
	struct ks_tracer *(*thread_parent)(struct ks_machine *m,
					   struct ks_thread *t);
	/* Who T is, for the permission rules. */
	void (*thread_cred)(struct ks_machine *m, struct ks_thread *t,
			    struct ks_cred *out);
	/*
	 * May TR's process trace T, or use its memory, if the port has rules
	 * beyond those of ptrace(2), as Linux's Yama? ASKED: it
	 * is T that asks for it (`traceme`). 0 or -EPERM. Locks may be held.
	 */
	int (*trace_allowed)(struct ks_machine *m, struct ks_tracer *tr,
			     struct ks_thread *t, bool asked);
	/*
	 * T's address space, or NULL (it is exiting). The structure is held;
	 * what is mapped may go when the last thread leaves it.
	 */
	struct ks_space *(*space_get)(struct ks_machine *m,
				      struct ks_thread *t);
	void (*space_put)(struct ks_machine *m, struct ks_space *s);

	/* Hold the process that TR is in, so that TR stays valid. */
	void (*tracer_ref)(struct ks_machine *m, struct ks_tracer *tr);
	void (*tracer_put)(struct ks_machine *m, struct ks_tracer *tr);
	/* The tgid of that process. */
	int32_t (*tracer_tgid)(struct ks_machine *m, struct ks_tracer *tr);

	/*
	 * Called by the current thread T, which goes into a trace stop: sleep
	 * until thread_wake(T). A wake that came first counts. Not for
	 * signals, SIGKILL excepted: -EINTR once T is to die. 0 else.
	 * No shim lock is held.
	 */
	int (*thread_sleep)(struct ks_machine *m, struct ks_thread *t);
	void (*thread_wake)(struct ks_machine *m, struct ks_thread *t);
	/*
	 * Make T call ks_on_user_return() soon: an interruptible sleep of T,
	 * and its job control stop, end; the system call is restarted as
	 * after a signal without handler.
	 */
	void (*thread_kick)(struct ks_machine *m, struct ks_thread *t);

	/*
	 * TR has something to read: wake who reads or polls its events, or
	 * `trace` of T (NULL: nobody reads a `trace`).
	 */
	void (*tracer_wake)(struct ks_machine *m, struct ks_tracer *tr,
			    struct ks_thread *t);
	/*
	 * Tell TR's process of T's stop or death by SIGCHLD, as Linux does:
	 * si_code is CODE (CLD_*: 1 to 3 for a death, 4 trapped, 5 stopped),
	 * si_status STATUS; a stop not where SIGCHLD is ignored or has
	 * SA_NOCLDSTOP.
	 */
	void (*tracer_signal)(struct ks_machine *m, struct ks_tracer *tr,
			      struct ks_thread *t, int code, int status);
	/*
	 * T, which is dead, was held for TR and is no more: ks_holds(t) is
	 * false now. Tell its parent of the death (TR has been told, if that
	 * is the parent: no second SIGCHLD), or reap it.
	 */
	void (*thread_released)(struct ks_machine *m, struct ks_thread *t,
				struct ks_tracer *tr);

	/*
	 * Queue the signal INFO for T alone, as if tgkill() by the kernel;
	 * permission is not checked. SIGKILL kills the process. With FORCE it
	 * is a trap of T's own: a blocked or ignored signal is unblocked and
	 * set to its default action.
	 */
	void (*signal_send)(struct ks_machine *m, struct ks_thread *t,
			    const struct proc_siginfo *info, bool force);
	/* The signal of a job control stop in force on T's process, or 0. */
	int (*group_stop)(struct ks_machine *m, struct ks_thread *t);
	uint64_t (*sigmask_get)(struct ks_machine *m, struct ks_thread *t);
	/* SIGKILL and SIGSTOP are masked out before. */
	void (*sigmask_set)(struct ks_machine *m, struct ks_thread *t,
			    uint64_t mask);
	/*
	 * Copy the INDEX-th (from 0) pending signal of T, or with SHARED of
	 * its process. 0, or -ENOENT past the last.
	 */
	int (*sigqueue_get)(struct ks_machine *m, struct ks_thread *t,
			    bool shared, uint64_t index,
			    struct proc_siginfo *out);
	/*
	 * As wait4() tells it of T. True: it stays so while T is in a stop, for
	 * its process has no other thread.
	 */
	bool (*rusage_get)(struct ks_machine *m, struct ks_thread *t,
			   struct proc_rusage *out);
	/*
	 * Copy from byte POS of T's seccomp filter INDEX (0: the oldest) to
	 * BUF what there is of N bytes, and its flags to OUT_FLAGS. The number
	 * of bytes; -EINVAL: T has no filters; -ENOENT: not so many; -EACCES:
	 * SELF may not see them, as it lacks CAP_SYS_ADMIN or is filtered
	 * itself; -ENOSYS: this kernel knows no filters.
	 */
	int64_t (*seccomp_get)(struct ks_machine *m, struct ks_thread *self,
			       struct ks_thread *t, uint64_t index, size_t pos,
			       void *buf, size_t n, uint64_t *out_flags);
	/* What T registered by rseq(2). -ENOSYS: this kernel has no such call. */
	int (*rseq_get)(struct ks_machine *m, struct ks_thread *t,
			struct proc_rseq *out);
	/*
	 * T's system call user dispatch; T is in a trace stop. -EINVAL: no such
	 * mode, or range; -EFAULT: the selector is no user address; -ENOSYS:
	 * this kernel has no such thing.
	 */
	int (*dispatch_get)(struct ks_machine *m, struct ks_thread *t,
			    struct proc_dispatch *out);
	int (*dispatch_set)(struct ks_machine *m, struct ks_thread *t,
			    const struct proc_dispatch *d);

	/*
	 * Registers. Called for a thread in a trace stop, or for the current
	 * thread. regs_set gets an image that kshim/regs.h has checked.
	 */
	void (*regs_get)(struct ks_machine *m, struct ks_thread *t,
			 struct ks_regs *out);
	void (*regs_set)(struct ks_machine *m, struct ks_thread *t,
			 const struct ks_regs *in);
	/*
	 * T's saved floating point state, flushed from the CPU: its layout and
	 * where it is. -ENODEV: it has none. After a change the shim calls
	 * fpu_changed, so that the CPU loads it again.
	 */
	int (*fpu_get)(struct ks_machine *m, struct ks_thread *t,
		       struct ks_fpu *out);
	void (*fpu_changed)(struct ks_machine *m, struct ks_thread *t);
	void (*debug_get)(struct ks_machine *m, struct ks_thread *t,
			  struct ks_debugregs *out);
	/* -ENOSPC, as Linux: a breakpoint cannot be had. */
	int (*debug_set)(struct ks_machine *m, struct ks_thread *t,
			 const struct ks_debugregs *in);
	/*
	 * Make T single step (STEP is KS_STEP_*), or stop doing so. The flag is
	 * the shim's: regs_get does not show it unless the program had set it
	 * itself, a signal frame does not save it, and clearing it leaves a
	 * flag of the program's own alone.
	 */
	void (*step_set)(struct ks_machine *m, struct ks_thread *t, int step);
