/* SPDX-License-Identifier: MIT */
/* Requests of a tracee that is stopped, one kind at a time. */
#include "ptrace_ops.h"

#include "bench.h"

#include <elf.h>
#include <signal.h>
#include <stddef.h>
#include <sys/user.h>

static volatile long word = 42;

static struct user_regs_struct regs;
static struct user_fpregs_struct fpregs;
static unsigned char xstate[8192];

static void
op_peek(void *arg)
{
	if (do_peek(*(pid_t *)arg, (void *)&word) != 42)
		die("PEEKDATA");
}

static void
op_poke(void *arg)
{
	if (do_ptrace(PTRACE_POKEDATA, *(pid_t *)arg, (void *)&word,
		      (void *)42))
		die("POKEDATA");
}

static void
op_getregs(void *arg)
{
	if (do_ptrace(PTRACE_GETREGS, *(pid_t *)arg, NULL, &regs))
		die("GETREGS");
}

static void
op_setregs_same(void *arg)
{
	if (do_ptrace(PTRACE_SETREGS, *(pid_t *)arg, NULL, &regs))
		die("SETREGS");
}

/* Each time another value; a system call leaves any in r11. */
static void
op_setregs(void *arg)
{
	regs.r11 ^= 1;
	op_setregs_same(arg);
}

static void
op_getfpregs(void *arg)
{
	if (do_ptrace(PTRACE_GETFPREGS, *(pid_t *)arg, NULL, &fpregs))
		die("GETFPREGS");
}

static void
op_xstate(void *arg)
{
	struct iovec iov = {xstate, sizeof(xstate)};

	if (do_ptrace(PTRACE_GETREGSET, *(pid_t *)arg, (void *)NT_X86_XSTATE,
		      &iov))
		die("GETREGSET");
}

static void
op_siginfo(void *arg)
{
	siginfo_t info;

	if (do_ptrace(PTRACE_GETSIGINFO, *(pid_t *)arg, NULL, &info))
		die("GETSIGINFO");
}

/* ---- the other sets ---- */

static void
op_pokeuser(void *arg)
{
	static long value;

	if (do_ptrace(PTRACE_POKEUSER, *(pid_t *)arg,
		      (void *)offsetof(struct user, regs.r12), (void *)++value))
		die("POKEUSER");
}

static void
op_setfpregs(void *arg)
{
	fpregs.xmm_space[0]++;
	if (do_ptrace(PTRACE_SETFPREGS, *(pid_t *)arg, NULL, &fpregs))
		die("SETFPREGS");
}

static void
op_set_xstate(void *arg)
{
	struct iovec iov = {xstate, sizeof(xstate)};

	if (do_ptrace(PTRACE_SETREGSET, *(pid_t *)arg, (void *)NT_X86_XSTATE,
		      &iov))
		die("SETREGSET");
}

static siginfo_t siginfo;

static void
op_setsiginfo(void *arg)
{
	if (do_ptrace(PTRACE_SETSIGINFO, *(pid_t *)arg, NULL, &siginfo))
		die("SETSIGINFO");
}

static unsigned long mask;

static void
op_getsigmask(void *arg)
{
	if (do_ptrace(PTRACE_GETSIGMASK, *(pid_t *)arg, (void *)sizeof(mask),
		      &mask))
		die("GETSIGMASK");
}

static void
op_setsigmask(void *arg)
{
	mask ^= 1UL << (SIGUSR1 - 1);
	if (do_ptrace(PTRACE_SETSIGMASK, *(pid_t *)arg, (void *)sizeof(mask),
		      &mask))
		die("SETSIGMASK");
}

static void
op_setoptions(void *arg)
{
	static long bit;

	bit ^= PTRACE_O_TRACEFORK;
	if (do_ptrace(
		PTRACE_SETOPTIONS, *(pid_t *)arg, NULL,
		(void *)(PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | bit)))
		die("SETOPTIONS");
}

static void
op_syscall_info(void *arg)
{
	unsigned char info[88];

	if (do_ptrace(PTRACE_GET_SYSCALL_INFO, *(pid_t *)arg,
		      (void *)sizeof(info), info) < 0)
		die("GET_SYSCALL_INFO");
}

void
bench_requests(pid_t pid)
{
	op_getregs(&pid);
	measure("PEEKDATA", 1000, op_peek, &pid);
	measure("POKEDATA", 1000, op_poke, &pid);
	measure("GETREGS", 1000, op_getregs, &pid);
	measure("SETREGS", 1000, op_setregs, &pid);
	measure("SETREGS_same", 1000, op_setregs_same, &pid);
	measure("GETFPREGS", 1000, op_getfpregs, &pid);
	measure("GETREGSET_xstate", 1000, op_xstate, &pid);
	measure("GETSIGINFO", 1000, op_siginfo, &pid);
	measure("POKEUSER", 1000, op_pokeuser, &pid);
	measure("SETFPREGS", 1000, op_setfpregs, &pid);
	op_xstate(&pid);
	measure("SETREGSET_xstate", 1000, op_set_xstate, &pid);
	do_ptrace(PTRACE_GETSIGINFO, pid, NULL, &siginfo);
	measure("SETSIGINFO", 1000, op_setsiginfo, &pid);
	measure("GETSIGMASK", 1000, op_getsigmask, &pid);
	measure("SETSIGMASK", 1000, op_setsigmask, &pid);
	measure("SETOPTIONS", 1000, op_setoptions, &pid);
}

void
bench_call_info(pid_t pid)
{
	measure("GET_SYSCALL_INFO", 1000, op_syscall_info, &pid);
}

void
bench_get(pid_t pid)
{
	op_getregs(&pid);
	op_peek(&pid);
}

void
bench_set_register(pid_t pid)
{
	op_getregs(&pid);
	op_setregs(&pid);
}

void
bench_set_float(pid_t pid)
{
	op_getfpregs(&pid);
	op_setfpregs(&pid);
}
