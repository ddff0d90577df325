/* SPDX-License-Identifier: MIT */
/* Pseudo-terminals: the line discipline, sessions and job control. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tap.h"

#define fails(call, error, ...)                                                \
	do {                                                                   \
		errno = 0;                                                     \
		long r_ = (long)(call);                                        \
		is_int(r_ == -1 ? errno : -1, error, __VA_ARGS__);             \
	} while (0)

static int master, slave;
static char name[64];
static volatile sig_atomic_t got;

static void
on_signal(int sig)
{
	got = sig;
}

static void
open_pty(void)
{
	master = posix_openpt(O_RDWR | O_NOCTTY);
	grantpt(master);
	unlockpt(master);
	ptsname_r(master, name, sizeof(name));
	slave = open(name, O_RDWR | O_NOCTTY);
}

static void
type(const char *s)
{
	write(master, s, strlen(s));
}

/* What the terminal shows, without waiting for more. */
static const char *
shown(void)
{
	static char buf[512];
	struct pollfd p = {master, POLLIN, 0};
	ssize_t n = 0, k;

	while (poll(&p, 1, n ? 10 : 200) == 1 && p.revents & POLLIN) {
		k = read(master, buf + n, sizeof(buf) - 1 - (size_t)n);
		if (k <= 0)
			break;
		n += k;
	}
	buf[n] = 0;
	return buf;
}

#define shows(want, ...)                                                       \
	do {                                                                   \
		const char *s_ = shown();                                      \
		if (!ok(!strcmp(s_, want), __VA_ARGS__))                       \
			printf("# %zu bytes: %s\n", strlen(s_), s_);           \
	} while (0)

/* One read of the slave. */
static const char *
line(void)
{
	static char buf[512];
	struct pollfd p = {slave, POLLIN, 0};
	ssize_t n;

	if (poll(&p, 1, 500) != 1)
		return "(nothing)";
	n = read(slave, buf, sizeof(buf) - 1);
	if (n < 0)
		return "(error)";
	buf[n] = 0;
	return buf;
}

static void
test_open(void)
{
	struct winsize ws = {24, 80, 0, 0}, got_ws;
	struct stat st;

	open_pty();
	ok(master >= 0 && slave >= 0, "a pty: %s", name);
	ok(isatty(slave) && isatty(master), "two terminals");
	is_int(fstat(slave, &st), 0, "fstat");
	ok(S_ISCHR(st.st_mode) && st.st_rdev >> 8 == 136, "a device");
	ok(ttyname(slave) && !strcmp(ttyname(slave), name), "ttyname");
	is_int(ioctl(master, TIOCSWINSZ, &ws), 0, "TIOCSWINSZ");
	ioctl(slave, TIOCGWINSZ, &got_ws);
	ok(got_ws.ws_row == 24 && got_ws.ws_col == 80, "TIOCGWINSZ");
	fails(lseek(slave, 0, SEEK_SET), ESPIPE, "no seeking");
	fails(ioctl(slave, 0x1234, 0), ENOTTY, "no such ioctl");
}

static void
test_canonical(void)
{
	struct pollfd p = {slave, POLLIN, 0};
	struct termios t;
	int n;

	write(slave, "a\nb\tc", 5);
	shows("a\r\nb\tc", "ONLCR");
	type("hel");
	is_int(poll(&p, 1, 20), 0, "half a line is not read");
	shows("hel", "it is echoed");
	type("lo\r");
	ok(!strcmp(line(), "hello\n"), "a line, ICRNL");
	shows("lo\r\n", "its echo");
	type("abc\177\177d\n");
	ok(!strcmp(line(), "ad\n"), "VERASE");
	shows("abc\b \b\b \bd\r\n", "its echo");
	type("one two\027x\n");
	ok(!strcmp(line(), "one x\n"), "VWERASE");
	shown();
	type("gone\025kept\n");
	ok(!strcmp(line(), "kept\n"), "VKILL");
	shown();
	tcgetattr(slave, &t);
	t.c_iflag |= IUTF8;
	tcsetattr(slave, TCSANOW, &t);
	type("\303\244\177x\n");
	ok(!strcmp(line(), "x\n"), "a UTF-8 character is erased whole");
	shown();
	type("\026\003\n");
	ok(!strcmp(line(), "\003\n"), "VLNEXT");
	shown();
	type("two\nlines\n");
	shown();
	ioctl(slave, FIONREAD, &n);
	is_int(n, 10, "FIONREAD");
	ok(!strcmp(line(), "two\n"), "one line a read");
	ok(!strcmp(line(), "lines\n"), "then the next");
	type("part\004");
	ok(!strcmp(line(), "part"), "VEOF ends a read");
	type("\004");
	ok(!strcmp(line(), ""), "or is the end");
	shown();
	type("\001\n");
	ok(!strcmp(line(), "\001\n"), "a control character");
	shows("^A\r\n", "ECHOCTL");
	type("lost\n");
	is_int(tcflush(slave, TCIFLUSH), 0, "tcflush");
	is_int(poll(&p, 1, 20), 0, "nothing is left");
	shown();
}

static void
test_raw(void)
{
	struct termios t, raw;
	char buf[8];

	is_int(tcgetattr(slave, &t), 0, "tcgetattr");
	ok(t.c_lflag & ICANON && t.c_lflag & ECHO && t.c_oflag & ONLCR &&
	       t.c_cc[VINTR] == 3,
	   "the defaults");
	raw = t;
	cfmakeraw(&raw);
	is_int(tcsetattr(slave, TCSAFLUSH, &raw), 0, "tcsetattr");
	type("a\r\003");
	ok(!strcmp(line(), "a\r\003"), "raw");
	write(slave, "x\n", 2);
	shows("x\n", "no echo, no ONLCR");
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	tcsetattr(slave, TCSANOW, &raw);
	is_int(read(slave, buf, 8), 0, "VMIN 0, VTIME 0");
	raw.c_cc[VTIME] = 1;
	tcsetattr(slave, TCSANOW, &raw);
	is_int(read(slave, buf, 8), 0, "VTIME 1");
	raw.c_cc[VMIN] = 3;
	raw.c_cc[VTIME] = 0;
	tcsetattr(slave, TCSANOW, &raw);
	type("123");
	is_int(read(slave, buf, 8), 3, "VMIN 3");
	tcsetattr(slave, TCSANOW, &t);
	type("back\n");
	ok(!strcmp(line(), "back\n"), "canonical again");
	shown();
	fails(tcsetattr(0, TCSANOW, &t), isatty(0) ? -1 : ENOTTY,
	      "tcsetattr of what is none");
}

/* In a new session on the terminal. */
static void
session_child(int report)
{
	int r[4] = {0, 0, 0, 0};
	struct sigaction sa = {.sa_handler = on_signal};
	char c;

	close(master);
	setsid();
	r[0] = ioctl(slave, TIOCSCTTY, 0);
	r[1] = tcgetpgrp(slave) == getpid();
	r[2] = tcgetsid(slave) == getpid();
	r[3] = open("/dev/tty", O_RDWR) >= 0;
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGWINCH, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	write(report, r, sizeof(r));
	for (;;) {
		while (!got)
			pause();
		c = (char)got;
		got = 0;
		write(report, &c, 1);
		if (c == SIGHUP)
			_exit(read(slave, &c, 1) ? 1 : 0);
	}
}

static void
test_session(void)
{
	struct winsize ws = {30, 90, 0, 0};
	int r[4], p[2], status;
	pid_t pid;
	char c = 0;

	pipe(p);
	pid = fork();
	if (pid == 0)
		session_child(p[1]);
	read(p[0], r, sizeof(r));
	is_int(r[0], 0, "TIOCSCTTY");
	ok(r[1], "tcgetpgrp");
	ok(r[2], "tcgetsid");
	ok(r[3], "/dev/tty");
	fails(tcgetpgrp(slave), ENOTTY, "not of another session");
	usleep(20000);
	type("\003");
	read(p[0], &c, 1);
	is_int(c, SIGINT, "^C");
	shows("^C", "its echo");
	ioctl(master, TIOCSWINSZ, &ws);
	read(p[0], &c, 1);
	is_int(c, SIGWINCH, "SIGWINCH");
	close(slave);
	close(master);
	read(p[0], &c, 1);
	is_int(c, SIGHUP, "SIGHUP when the master goes");
	waitpid(pid, &status, 0);
	is_int(status, 0, "a read then is at the end");
	close(p[0]);
	close(p[1]);
}

static void
background_child(void)
{
	char c;

	setpgid(0, 0);
	read(slave, &c, 1);
	_exit(c == 'k' ? 0 : 1);
}

/* A small shell: one job in the background, one in the foreground. */
static void
shell_child(int report)
{
	int r[6], status;
	pid_t pid;

	close(master);
	signal(SIGTTOU, SIG_IGN);
	setsid();
	ioctl(slave, TIOCSCTTY, 0);
	pid = fork();
	if (pid == 0) {
		signal(SIGTTOU, SIG_DFL);
		background_child();
	}
	setpgid(pid, pid);
	waitpid(pid, &status, WUNTRACED);
	r[0] = WIFSTOPPED(status) ? WSTOPSIG(status) : -1;
	r[1] = tcsetpgrp(slave, pid);
	kill(-pid, SIGCONT);
	write(report, "1", 1);
	waitpid(pid, &status, WUNTRACED);
	r[2] = WIFSTOPPED(status) ? WSTOPSIG(status) : -1;
	kill(-pid, SIGCONT);
	write(report, "2", 1);
	waitpid(pid, &status, WUNTRACED);
	r[3] = status;
	r[4] = tcsetpgrp(slave, getpid());
	r[5] = tcsetpgrp(slave, 1);
	write(report, r, sizeof(r));
	_exit(0);
}

static void
test_jobs(void)
{
	int r[6], p[2];
	pid_t pid;
	char c;

	open_pty();
	pipe(p);
	pid = fork();
	if (pid == 0)
		shell_child(p[1]);
	read(p[0], &c, 1);
	usleep(50000);
	type("\032");
	read(p[0], &c, 1);
	usleep(50000);
	type("k\n");
	read(p[0], r, sizeof(r));
	is_int(r[0], SIGTTIN, "a job in the background stops at a read");
	is_int(r[1], 0, "tcsetpgrp");
	is_int(r[2], SIGTSTP, "^Z");
	is_int(r[3], 0, "the job read its line");
	is_int(r[4], 0, "the terminal is taken back");
	is_int(r[5], -1, "not given to another session's group");
	waitpid(pid, NULL, 0);
	close(slave);
	shown();
	fails(read(master, &c, 1), EIO, "no slave is open");
	close(master);
}

static void
test_flow(void)
{
	struct pollfd p;
	char c;

	open_pty();
	p = (struct pollfd){slave, POLLOUT, 0};
	type("\023");
	usleep(10000);
	is_int(poll(&p, 1, 0), 0, "^S stops output");
	type("\021");
	is_int(poll(&p, 1, 500), 1, "^Q lets it go on");
	fcntl(slave, F_SETFL, O_NONBLOCK);
	fails(read(slave, &c, 1), EAGAIN, "O_NONBLOCK");
	while (write(slave, name, sizeof(name)) > 0)
		;
	is_int(errno, EAGAIN, "output has an end");
	close(slave);
	close(master);
}

/* Type S, and wait until it is there: it is echoed. */
static void
ahead(const char *s)
{
	size_t left = 0;
	char c;

	for (size_t i = 0; s[i]; i++)
		left += s[i] == '\n' ? 2 : s[i] == '\004' ? 0 : 1;
	type(s);
	while (left && read(master, &c, 1) == 1)
		left--;
}

static void
canonical(bool yes)
{
	struct termios t;

	tcgetattr(slave, &t);
	t.c_lflag = yes ? t.c_lflag | ICANON : t.c_lflag & ~(tcflag_t)ICANON;
	tcsetattr(slave, TCSADRAIN, &t);
}

/* One read, which ends at once: NUL becomes 0. */
static const char *
got_ahead(void)
{
	static char buf[32];
	struct pollfd p = {slave, POLLIN, 0};
	ssize_t n = poll(&p, 1, 2000) == 1 ? read(slave, buf, 31) : -1;

	if (n < 0)
		return "nothing";
	for (ssize_t i = 0; i < n; i++)
		buf[i] = buf[i] ? buf[i] : '0';
	buf[n] = 0;
	return buf;
}

/* What has been typed ahead when the mode changes is not lost. */
static void
test_ahead(void)
{
	struct pollfd p;
	pid_t pid;
	int status;

	open_pty();
	p = (struct pollfd){slave, POLLIN, 0};
	ahead("abc");
	is_int(poll(&p, 1, 0), 0, "part of a line cannot be read");
	pid = fork();
	if (pid == 0)
		_exit(poll(&p, 1, 5000));
	canonical(false);
	waitpid(pid, &status, 0);
	is_int(status, 1 << 8, "who polls is told when the line is none");
	ok(!strcmp(got_ahead(), "abc"), "part of a line, then read raw");
	canonical(true);
	ahead("ab\ncd");
	canonical(false);
	ok(!strcmp(got_ahead(), "ab\ncd"), "a line and a part, read raw");
	canonical(true);
	ahead("ab\004");
	canonical(false);
	ok(!strcmp(got_ahead(), "ab0"), "the end of file, read raw");
	ahead("x\ny");
	canonical(true);
	ahead("z\n");
	ok(!strcmp(got_ahead(), "x\ny"), "typed raw, read in one piece");
	ok(!strcmp(got_ahead(), "z\n"), "the line after it");
	ahead("a\nb\n");
	canonical(false);
	canonical(true);
	ok(!strcmp(got_ahead(), "a\nb\n"), "lines that were raw meanwhile");
	ahead("c\nd\n");
	ok(!strcmp(got_ahead(), "c\n"), "lines again");
	close(slave);
	close(master);
}

int
main(void)
{
	test_open();
	test_canonical();
	test_raw();
	close(slave);
	close(master);
	open_pty();
	test_session();
	test_jobs();
	test_flow();
	test_ahead();
	return done_testing();
}
