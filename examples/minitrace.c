/* SPDX-License-Identifier: MIT */
/*
 * minitrace: a short tracer. Prints each system call and each stop of a
 * program, with its integer registers and its x87 stack.
 *
 *	minitrace [-r] PROGRAM [ARGUMENT...]
 *
 * -r prints the registers at system calls too, not only at signals. The same
 * source is a tracer for Linux and for a kernel that has only the proc: scheme.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <sys/float80.h>

#define SYSCALL_TRAP (SIGTRAP | 0x80)

static int registers_always;

static void
die(const char *what)
{
	fprintf(stderr, "minitrace: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
print_integers(pid_t pid)
{
	struct user_regs_struct r;

	if (ptrace(PTRACE_GETREGS, pid, 0, &r))
		die("PTRACE_GETREGS");
	printf("\trax %016llx  rbx %016llx  rcx %016llx  rdx %016llx\n"
	       "\trsi %016llx  rdi %016llx  rbp %016llx  rsp %016llx\n"
	       "\tr8  %016llx  r9  %016llx  r10 %016llx  r11 %016llx\n"
	       "\tr12 %016llx  r13 %016llx  r14 %016llx  r15 %016llx\n"
	       "\trip %016llx  eflags %08llx\n",
	       (unsigned long long)r.rax, (unsigned long long)r.rbx,
	       (unsigned long long)r.rcx, (unsigned long long)r.rdx,
	       (unsigned long long)r.rsi, (unsigned long long)r.rdi,
	       (unsigned long long)r.rbp, (unsigned long long)r.rsp,
	       (unsigned long long)r.r8, (unsigned long long)r.r9,
	       (unsigned long long)r.r10, (unsigned long long)r.r11,
	       (unsigned long long)r.r12, (unsigned long long)r.r13,
	       (unsigned long long)r.r14, (unsigned long long)r.r15,
	       (unsigned long long)r.rip, (unsigned long long)r.eflags);
}

/* The x87 registers that hold a value, from the top of the stack down. */
static void
print_x87(pid_t pid)
{
	struct user_fpregs_struct fp;
	char text[FLOAT80_TEXT_MAX];
	const unsigned char *st;
	int top;

	if (ptrace(PTRACE_GETFPREGS, pid, 0, &fp))
		die("PTRACE_GETFPREGS");
	top = fp.swd >> 11 & 7;
	for (int i = 0; i < 8; i++) {
		/* ftw has a bit for each physical register. */
		if (!(fp.ftw >> ((top + i) & 7) & 1))
			continue;
		st = (const unsigned char *)fp.st_space + 16 * i;
		float80_format(text, sizeof(text), st);
		printf("\tst(%d) %s\n", i, text);
	}
}

static void
print_registers(pid_t pid)
{
	print_integers(pid);
	print_x87(pid);
}

static void
print_syscall(pid_t pid)
{
	struct __ptrace_syscall_info info;
	void *size = (void *)sizeof(info);

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, size, &info) < 0)
		die("PTRACE_GET_SYSCALL_INFO");
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		printf("[%d] syscall %llu(%#llx, %#llx, %#llx, %#llx, %#llx, "
		       "%#llx)",
		       (int)pid, (unsigned long long)info.entry.nr,
		       (unsigned long long)info.entry.args[0],
		       (unsigned long long)info.entry.args[1],
		       (unsigned long long)info.entry.args[2],
		       (unsigned long long)info.entry.args[3],
		       (unsigned long long)info.entry.args[4],
		       (unsigned long long)info.entry.args[5]);
	else if (info.exit.is_error)
		printf(" = -1 (%s)\n", strerror((int)-info.exit.rval));
	else
		printf(" = %lld\n", (long long)info.exit.rval);
	if (registers_always)
		print_registers(pid);
}

/* Returns the signal to deliver. */
static int
print_stop(pid_t pid, int status)
{
	int sig = WSTOPSIG(status);

	if (sig == SYSCALL_TRAP) {
		print_syscall(pid);
		return 0;
	}
	if (status >> 16) {
		printf("[%d] event %d\n", (int)pid, status >> 16);
		return 0;
	}
	printf("[%d] signal %d (%s)\n", (int)pid, sig, strsignal(sig));
	print_registers(pid);
	return sig;
}

static int
trace(pid_t pid)
{
	const long options =
	    PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	int status, sig = 0;

	if (waitpid(pid, &status, 0) != pid)
		die("waitpid");
	/* It has said why. */
	if (!WIFSTOPPED(status))
		return 1;
	if (ptrace(PTRACE_SETOPTIONS, pid, 0, options))
		die("PTRACE_SETOPTIONS");
	for (;;) {
		if (ptrace(PTRACE_SYSCALL, pid, 0, (long)sig) && errno != ESRCH)
			die("PTRACE_SYSCALL");
		if (waitpid(pid, &status, 0) != pid)
			die("waitpid");
		if (!WIFSTOPPED(status))
			break;
		sig = print_stop(pid, status);
	}
	if (WIFEXITED(status)) {
		printf("[%d] exit %d\n", (int)pid, WEXITSTATUS(status));
		return WEXITSTATUS(status);
	}
	printf("[%d] killed by signal %d\n", (int)pid, WTERMSIG(status));
	return 128 + WTERMSIG(status);
}

int
main(int argc, char **argv)
{
	pid_t pid;
	int opt;

	while ((opt = getopt(argc, argv, "+r")) != -1) {
		if (opt != 'r')
			goto usage;
		registers_always = 1;
	}
	if (optind == argc)
		goto usage;
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0))
			die("PTRACE_TRACEME");
		raise(SIGSTOP);
		execvp(argv[optind], argv + optind);
		die(argv[optind]);
	}
	return trace(pid);
usage:
	fprintf(stderr, "usage: minitrace [-r] PROGRAM [ARGUMENT...]\n");
	return 2;
}
