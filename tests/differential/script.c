/* SPDX-License-Identifier: MIT */
/*
 * What the tracees do. No libc: a tracee may be a thread without thread
 * storage, and is stepped through instruction by instruction.
 */
#include "random.h"

#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define SA_RESTORER 0x04000000ul

struct kernel_sigaction {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	unsigned long mask;
};

void signal_handler(int sig);
void signal_restorer(void);
long spawn(long flags, void *stack, volatile int *tid, struct task *task);
void trap(void);
void fault(void);
void illegal(void);
void divide(void);

__asm__(".text\n"
	".globl raw_call, at_call\n"
	"raw_call:\n"
	"	mov %rdi, %rax\n"
	"	mov %rsi, %rdi\n"
	"	mov %rdx, %rsi\n"
	"	mov %rcx, %rdx\n"
	"	mov %r8, %r10\n"
	"	mov %r9, %r8\n"
	"	mov 8(%rsp), %r9\n"
	"	syscall\n"
	"at_call:\n"
	"	ret\n"
	/*
	 * The child is known by its stack, not by the result: that is for
	 * the tracer to change.
	 */
	".globl spawn, at_spawn\n"
	"spawn:\n"
	"	push %rbx\n"
	"	push %r12\n"
	"	mov %rcx, %rbx\n"
	"	mov %rsi, %r12\n"
	"	mov $56, %eax\n"
	"	xor %r10d, %r10d\n"
	"	xor %r8d, %r8d\n"
	"	syscall\n"
	"at_spawn:\n"
	"	cmp %rsp, %r12\n"
	"	je 1f\n"
	"	pop %r12\n"
	"	pop %rbx\n"
	"	ret\n"
	"1:	mov %rbx, %rdi\n"
	"	call run_task\n"
	".globl trap, at_trap\n"
	"trap:	int3\n"
	"at_trap:\n"
	"	ret\n"
	".globl fault, at_fault\n"
	"fault:\n"
	"at_fault:\n"
	"	mov 0x10, %rax\n"
	"	ret\n"
	".globl illegal, at_illegal\n"
	"illegal:\n"
	"at_illegal:\n"
	"	ud2\n"
	"	ret\n"
	".globl divide, at_divide\n"
	"divide:\n"
	"	xor %ecx, %ecx\n"
	"	xor %edx, %edx\n"
	"at_divide:\n"
	"	div %ecx\n"
	"	ret\n"
	".globl signal_handler, at_handler\n"
	"signal_handler:\n"
	"at_handler:\n"
	"	ret\n"
	".globl signal_restorer, at_restorer\n"
	"signal_restorer:\n"
	"	mov $15, %eax\n"
	"	syscall\n"
	"at_restorer:\n");

static long
call(long nr, long a, long b, long c, long d)
{
	return raw_call(nr, a, b, c, d, 0, 0);
}

static void
raise_signal(int sig, int whole)
{
	long pid = call(SYS_getpid, 0, 0, 0, 0);

	if (whole)
		call(SYS_kill, pid, sig, 0, 0);
	else
		call(SYS_tgkill, pid, call(SYS_gettid, 0, 0, 0, 0), sig, 0);
}

static void
block(int sig, int how)
{
	unsigned long mask = 1ul << (sig - 1);

	call(SYS_rt_sigprocmask, how, (long)&mask, 0, sizeof mask);
}

void
set_action(int sig, int what)
{
	struct kernel_sigaction action = {SIG_DFL, SA_RESTORER, signal_restorer,
					  0};

	if (what == 1)
		action.handler = SIG_IGN;
	else if (what == 2)
		action.handler = signal_handler;
	call(SYS_rt_sigaction, sig, (long)&action, 0, sizeof action.mask);
}

static void
take_pending(int sig)
{
	unsigned long mask = 1ul << (sig - 1);
	long none[2] = {0, 0};

	call(SYS_rt_sigtimedwait, (long)&mask, 0, (long)none, sizeof mask);
}

static void
spawn_task(struct task *self, int index, int flags)
{
	struct task *task = &BOARD->tasks[index];
	char *stack = BOARD->stacks[index] + STACK_SIZE;

	/* No two threads run at a time, unless the tracer lets them. */
	if (task->thread && !self->clone_traced)
		flags |= CLONE_VFORK;
	self->in_vfork = (flags & CLONE_VFORK) != 0;
	spawn(flags | CLONE_PARENT_SETTID, stack, &task->tid, task);
	self->in_vfork = 0;
}

static void
execute(const struct task *self, int nothing)
{
	char index[2] = {(char)('0' + (self - BOARD->tasks)), 0};
	char *argv[] = {BOARD->leaf, index, 0};
	char *envp[] = {0};

	call(SYS_execve, (long)(nothing ? "/none/such" : BOARD->leaf),
	     (long)argv, (long)envp, 0);
}

static void
wait_somehow(const struct step *step)
{
	long while_asleep[2] = {100000, 0};

	if (step->kind == STEP_PAUSE)
		call(SYS_pause, 0, 0, 0, 0);
	else if (step->kind == STEP_SLEEP)
		call(SYS_nanosleep, (long)while_asleep, 0, 0, 0);
	else if (step->kind == STEP_FUTEX)
		call(SYS_futex, (long)&BOARD->futex, FUTEX_WAIT, 0, 0);
	else
		call(SYS_wait4, -1, 0, __WALL, 0);
}

static void
do_step(struct task *self, const struct step *step)
{
	switch (step->kind) {
	case STEP_CALL:
		call(SYS_getppid, 0, 0, 0, 0);
		break;
	case STEP_UNKNOWN:
		call(9999, 1, 2, 3, 4);
		break;
	case STEP_RAISE:
	case STEP_KILL:
		raise_signal(step->a, step->kind == STEP_KILL);
		break;
	case STEP_TRAP:
		trap();
		break;
	case STEP_FAULT:
		fault();
		break;
	case STEP_ILLEGAL:
		illegal();
		break;
	case STEP_DIVIDE:
		divide();
		break;
	case STEP_BLOCK:
		block(step->a, step->b ? SIG_UNBLOCK : SIG_BLOCK);
		break;
	case STEP_HANDLE:
		set_action(step->a, step->b);
		break;
	case STEP_PENDING:
		take_pending(step->a);
		break;
	case STEP_SPAWN:
		spawn_task(self, step->a, step->b);
		break;
	case STEP_EXEC:
		execute(self, step->b);
		break;
	case STEP_EXIT:
		call(SYS_exit, step->a, 0, 0, 0);
		break;
	case STEP_LEAVE:
		call(SYS_exit_group, step->a, 0, 0, 0);
		break;
	default:
		wait_somehow(step);
	}
}

void
run_task(struct task *task)
{
	while (task->next < task->count) {
		int next = task->next;

		task->next = next + 1;
		do_step(task, &task->steps[next]);
	}
	for (;;)
		call(SYS_exit, (long)(task - BOARD->tasks), 0, 0, 0);
}
