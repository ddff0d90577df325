/* SPDX-License-Identifier: MIT */
/* Debugged: signals that are handled, ignored, and that kill. */
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static volatile int seen;
static pid_t self;

static void
handler(int number)
{
	seen += number;
}

static void
send(int number)
{
	kill(getpid(), number);
}

/* Instructions that no libc changes. */
static void
send_bare(int number)
{
	long pid = self;
	long result;

	__asm__ volatile(".globl before_kill, after_kill\n"
			 "before_kill:\n\t"
			 "syscall\n"
			 "after_kill:\n\t"
			 "nop\n\t"
			 "nop"
			 : "=a"(result)
			 : "a"(SYS_kill), "D"(pid), "S"((long)number)
			 : "rcx", "r11", "memory");
}

int
main(void)
{
	self = getpid();
	signal(SIGUSR1, handler);
	signal(SIGUSR2, handler);
	signal(SIGALRM, handler);
	signal(SIGWINCH, SIG_IGN);
	send(SIGUSR1);
	send(SIGWINCH);
	send(SIGUSR2);
	send_bare(SIGUSR1);
	send(SIGALRM);
	printf("seen %d\n", seen);
	fflush(stdout);
	send(SIGTERM);
	return seen;
}
