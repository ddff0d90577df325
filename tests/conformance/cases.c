/* SPDX-License-Identifier: MIT */
#include "cases.h"

#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>

/* A case that takes this long, in seconds, hangs; emulation is slow. */
#define LIMIT 30

#define SKIPPED 77

volatile long *board;

size_t case_index;

__attribute__((format(printf, 1, 2))) static void
say(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vdprintf(STDOUT_FILENO, format, ap);
	va_end(ap);
}

/* ---- checks ---- */

void
check_true(int good, const char *text, const char *file, int line)
{
	if (good)
		return;
	say("# %s:%d: not so: %s\n", file, line, text);
	_exit(1);
}

void
check_equal(long long got, long long want, const char *text, const char *file,
	    int line)
{
	if (got == want)
		return;
	say("# %s:%d: %s is %#llx (%lld), not %#llx (%lld)\n", file, line, text,
	    got, got, want, want);
	_exit(1);
}

long
check_done(long result, const char *text, const char *file, int line)
{
	if (result != -1)
		return result;
	say("# %s:%d: %s: %s\n", file, line, text, strerror(errno));
	_exit(1);
}

void
check_refused(long result, int code, const char *text, const char *file,
	      int line)
{
	if (result == -1 && errno == code)
		return;
	if (result == -1)
		say("# %s:%d: %s: %s, not %s\n", file, line, text,
		    strerror(errno), strerror(code));
	else
		say("# %s:%d: %s is %ld, not -1 with %s\n", file, line, text,
		    result, strerror(code));
	_exit(1);
}

void
not_here(const char *why)
{
	say("# cannot be tried: %s\n", why);
	_exit(SKIPPED);
}

/* ---- requests ---- */

unsigned long
event_message(pid_t pid)
{
	unsigned long message = ~0ul;

	must(pt(PTRACE_GETEVENTMSG, pid, 0, &message));
	return message;
}

siginfo_t
signal_info(pid_t pid)
{
	siginfo_t info;

	memset(&info, 0xee, sizeof info);
	must(pt(PTRACE_GETSIGINFO, pid, 0, &info));
	return info;
}

long
peek(pid_t pid, const volatile void *address)
{
	long word;

	errno = 0;
	word = pt(PTRACE_PEEKDATA, pid, address, 0);
	check(errno == 0);
	return word;
}

/* ---- processes ---- */

static void
pause_shortly(void)
{
	const struct timespec ms = {0, 1000000};

	nanosleep(&ms, NULL);
}

void
post(int index, long value)
{
	__atomic_store_n(&board[index], value, __ATOMIC_SEQ_CST);
}

long
await(int index)
{
	long value;

	while ((value = __atomic_load_n(&board[index], __ATOMIC_SEQ_CST)) == 0)
		pause_shortly();
	return value;
}

pid_t
child(void (*body)(void))
{
	pid_t pid = (pid_t)must(fork());

	if (pid == 0) {
		alarm(LIMIT);
		body();
		_exit(0);
	}
	return pid;
}

pid_t
launch(void (*body)(void))
{
	pid_t pid = (pid_t)must(fork());

	if (pid == 0) {
		alarm(LIMIT);
		must(pt(PTRACE_TRACEME, 0, 0, 0));
		/* A libc's raise() may block signals meanwhile. */
		kill(getpid(), SIGSTOP);
		body();
		_exit(0);
	}
	expect(pid, STOPPED(SIGSTOP));
	return pid;
}

pid_t
seize(void (*body)(void), unsigned long bits)
{
	int hold[2];
	char byte;
	pid_t pid;

	must(pipe(hold));
	pid = (pid_t)must(fork());
	if (pid == 0) {
		alarm(LIMIT);
		close(hold[1]);
		while (read(hold[0], &byte, 1) < 0 && errno == EINTR)
			;
		close(hold[0]);
		body();
		_exit(0);
	}
	close(hold[0]);
	must(pt(PTRACE_SEIZE, pid, 0, bits));
	close(hold[1]);
	return pid;
}

int
next_status(pid_t pid)
{
	int status = -1;

	equal(must(waitpid(pid, &status, __WALL)), pid);
	return status;
}

void
end(pid_t pid)
{
	int status = 0;

	kill(pid, SIGKILL);
	do
		must(waitpid(pid, &status, __WALL));
	while (WIFSTOPPED(status));
}

char
state_of(pid_t tid)
{
	char path[64], line[512], *p;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/stat", tid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	p = fgets(line, sizeof line, file);
	fclose(file);
	if (!p || !(p = strrchr(line, ')')) || p[1] != ' ')
		return 0;
	return p[2];
}

void
until_state(pid_t tid, const char *states)
{
	char state;

	while ((state = state_of(tid)) == 0 || !strchr(states, state))
		pause_shortly();
}

long
status_number(pid_t pid, const char *name)
{
	char path[64], line[512];
	size_t length = strlen(name);
	long value = -1;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/status", pid);
	file = fopen(path, "re");
	if (!file)
		return -1;
	while (fgets(line, sizeof line, file)) {
		if (strncmp(line, name, length) == 0 && line[length] == ':') {
			value = strtol(line + length + 1, NULL, 10);
			break;
		}
	}
	fclose(file);
	return value;
}

void
exec_self(int code)
{
	char word[16];
	char *argv[] = {"self", "--exit", word, NULL};

	snprintf(word, sizeof word, "%d", code);
	execv("/proc/self/exe", argv);
}

void
sleep_forever(void)
{
	for (;;)
		pause();
}

void
spin_forever(void)
{
	/* Not `pause`: under a trap flag QEMU runs the next with it. */
	for (;;)
		__asm__ volatile("nop");
}

void
do_nothing(void)
{
}

pid_t
thread_id(void)
{
	return (pid_t)syscall(SYS_gettid);
}

void
stop_beside(void *(*helper)(void *arg))
{
	pthread_t thread;

	pthread_create(&thread, NULL, helper, NULL);
	syscall(SYS_tgkill, getpid(), thread_id(), SIGUSR1);
	pthread_join(thread, NULL);
}

void
catch_signal(int sig, int flags, void (*handler)(int))
{
	struct sigaction action;

	memset(&action, 0, sizeof action);
	action.sa_handler = handler;
	action.sa_flags = flags;
	must(sigaction(sig, &action, NULL));
}

void
ignore_signal_handler(int sig)
{
	(void)sig;
}

/* ---- the runner ---- */

/* Runs one case in a process group of its own, and ends what it left. */
static int
run_one(const struct test_case *test)
{
	int status = 0;
	pid_t pid;

	memset((void *)board, 0, 64 * sizeof *board);
	pid = fork();
	if (pid < 0)
		return -1;
	if (pid == 0) {
		setpgid(0, 0);
		alarm(LIMIT);
		test->run();
		_exit(0);
	}
	setpgid(pid, pid);
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	kill(-pid, SIGKILL);
	while (waitpid(-pid, NULL, __WALL) > 0)
		;
	return status;
}

static int
run_and_report(const struct test_case *test, int number)
{
	int status = run_one(test);

	if (status == EXITED(SKIPPED)) {
		say("ok %d # SKIP %s\n", number, test->proves);
		return 0;
	}
	if (status == KILLED_BY(SIGALRM))
		say("# it did not come to an end\n");
	else if (WIFSIGNALED(status))
		say("# killed by signal %d\n", WTERMSIG(status));
	say("%s %d - %s\n", status ? "not ok" : "ok", number, test->proves);
	return status != 0;
}

int
run_cases(const struct test_case *cases, size_t count, int argc, char **argv)
{
	int bad = 0;

	if (argc == 3 && strcmp(argv[1], "--exit") == 0) {
		if (atoi(argv[2]) < 0)
			sleep_forever();
		return atoi(argv[2]);
	}
	board = mmap(NULL, 64 * sizeof *board, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED) {
		say("Bail out! mmap: %s\n", strerror(errno));
		return 99;
	}
	/* What a case leaves behind becomes a child of this process. */
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	for (size_t i = 0; i < count; i++) {
		case_index = i;
		if (argc < 2 || (size_t)atoi(argv[1]) == i + 1)
			bad += run_and_report(&cases[i], (int)i + 1);
	}
	if (argc < 2)
		say("1..%zu\n", count);
	return bad < 64 ? bad : 64;
}

void
need_root(void)
{
	if (geteuid() != 0)
		not_here("not root");
}

/* Raw calls, since libc's would set all threads. */
void
become_user(uid_t user, gid_t group, int dumpable)
{
	must(setgroups(0, NULL));
	must(syscall(SYS_setresgid, group, group, group));
	must(syscall(SYS_setresuid, user, user, user));
	must(prctl(PR_SET_DUMPABLE, dumpable));
}

void
be_alice(void)
{
	become_user(ALICE, ALICE, 1);
}

void
without_rights(void)
{
	if (geteuid() == 0)
		be_alice();
}
