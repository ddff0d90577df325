/* SPDX-License-Identifier: MIT */
/* Every call that takes a pointer, given one that leads nowhere: EFAULT. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <asm/prctl.h>
#include <linux/futex.h>

#include "tap.h"

/* Not mapped, the kernel's, not canonical. */
static const uintptr_t wild[] = {8, 0xffffffff80001000, 1ul << 63};

static int zero, file, dir, tty, in, out, epoll, timer, event, sock;

/* The call, of which P is an argument, with each of them. */
#define WILD(...)                                                              \
	do {                                                                   \
		int bad = 0;                                                   \
		for (int i = 0; i < 3 && !bad; i++) {                          \
			uintptr_t p = wild[i];                                 \
			long r;                                                \
			errno = 0;                                             \
			r = syscall(__VA_ARGS__);                              \
			if (r != -1 || errno != EFAULT) {                      \
				printf("# %#lx: %ld, errno %d\n", p, r,        \
				       errno);                                 \
				bad = 1;                                       \
			}                                                      \
		}                                                              \
		ok(!bad, "%s", #__VA_ARGS__);                                  \
	} while (0)

static void
test_names(void)
{
	char name[] = "/tmp/wild.XXXXXX", buf[512];

	close(mkstemp(name));
	WILD(SYS_open, p, O_RDONLY);
	WILD(SYS_openat, AT_FDCWD, p, O_RDONLY);
	WILD(SYS_openat, AT_FDCWD, p, O_CREAT | O_RDWR, 0600);
	WILD(SYS_newfstatat, AT_FDCWD, p, buf, 0);
	WILD(SYS_newfstatat, AT_FDCWD, "/", p, 0);
	WILD(SYS_statx, AT_FDCWD, p, 0, 0x7ff, buf);
	WILD(SYS_statx, AT_FDCWD, "/", 0, 0x7ff, p);
	WILD(SYS_access, p, 0);
	WILD(SYS_chdir, p);
	WILD(SYS_getcwd, p, 100);
	WILD(SYS_mkdir, p, 0700);
	WILD(SYS_rmdir, p);
	WILD(SYS_unlink, p);
	WILD(SYS_rename, p, name);
	WILD(SYS_rename, name, p);
	WILD(SYS_link, p, name);
	WILD(SYS_link, name, p);
	WILD(SYS_symlink, p, "/tmp/wild");
	WILD(SYS_symlink, "wild", p);
	WILD(SYS_readlink, p, buf, 100);
	WILD(SYS_readlink, "/proc/self/exe", p, 100);
	WILD(SYS_mknod, p, S_IFIFO | 0600, 0);
	WILD(SYS_truncate, p, 0);
	WILD(SYS_chmod, p, 0600);
	WILD(SYS_chown, p, 0, 0);
	WILD(SYS_utimensat, AT_FDCWD, p, 0, 0);
	WILD(SYS_utimensat, AT_FDCWD, "/tmp", p, 0);
	WILD(SYS_statfs, p, buf);
	WILD(SYS_statfs, "/", p);
	WILD(SYS_memfd_create, p, 0);
	WILD(SYS_execve, p, 0, 0);
	WILD(SYS_execve, "/bin/true", p, 0);
	WILD(SYS_execve, "/bin/true", 0, p);
	unlink(name);
}

static void
test_files(void)
{
	WILD(SYS_read, zero, p, 100);
	WILD(SYS_pread64, file, p, 100, 0);
	WILD(SYS_write, out, p, 100);
	WILD(SYS_pwrite64, file, p, 100, 0);
	WILD(SYS_readv, zero, p, 1);
	WILD(SYS_readv, zero, (&(struct iovec){(void *)p, 9}), 1);
	WILD(SYS_writev, out, p, 1);
	WILD(SYS_writev, out, (&(struct iovec){(void *)p, 9}), 1);
	WILD(SYS_preadv, file, p, 1, 0, 0);
	WILD(SYS_pwritev, file, p, 1, 0, 0);
	WILD(SYS_sendfile, out, file, p, 10);
	WILD(SYS_fstat, file, p);
	WILD(SYS_fstatfs, file, p);
	WILD(SYS_getdents64, dir, p, 1000);
	WILD(SYS_fcntl, file, F_GETLK, p);
	WILD(SYS_fcntl, file, F_SETLK, p);
	WILD(SYS_ioctl, in, FIONREAD, p);
	WILD(SYS_ioctl, tty, TCGETS, p);
	WILD(SYS_ioctl, tty, TCSETS, p);
	WILD(SYS_ioctl, tty, TIOCGWINSZ, p);
	WILD(SYS_ioctl, tty, TIOCSWINSZ, p);
	WILD(SYS_ioctl, tty, TIOCGPTN, p);
	WILD(SYS_pipe2, p, 0);
	WILD(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, p);
	WILD(SYS_sendto, sock, p, 10, 0, 0, 0);
	WILD(SYS_sendmsg, sock, p, 0);
	WILD(SYS_recvmsg, sock, p, 0);
	WILD(SYS_write, event, p, 8);
	WILD(SYS_mincore, (uintptr_t)wild & ~4095ul, 4096, p);
}

static void
test_waiting(void)
{
	struct timespec now = {0, 0};

	WILD(SYS_poll, p, 1, 0);
	WILD(SYS_ppoll, p, 1, &now, 0, 8);
	WILD(SYS_ppoll, 0, 0, p, 0, 8);
	WILD(SYS_ppoll, 0, 0, &now, p, 8);
	WILD(SYS_select, 1, p, 0, 0, &now);
	WILD(SYS_pselect6, 1, p, 0, 0, &now, 0);
	WILD(SYS_epoll_ctl, epoll, EPOLL_CTL_ADD, in, p);
	WILD(SYS_epoll_wait, epoll, p, 1, 0);
	WILD(SYS_nanosleep, p, 0);
	WILD(SYS_clock_nanosleep, CLOCK_REALTIME, 0, p, 0);
	WILD(SYS_futex, p, FUTEX_WAIT, 0, 0);
	WILD(SYS_futex, p, FUTEX_WAIT_PRIVATE, 0, 0);
	WILD(SYS_futex, p, FUTEX_WAKE_OP, 1, 1, p, 0);
	WILD(SYS_signalfd4, -1, p, 8, 0);
	WILD(SYS_timerfd_settime, timer, 0, p, 0);
	WILD(SYS_timerfd_gettime, timer, p);
	WILD(SYS_setitimer, ITIMER_REAL, p, 0);
	WILD(SYS_getitimer, ITIMER_REAL, p);
	WILD(SYS_timer_create, CLOCK_REALTIME, p, p);
}

static void
test_signals(void)
{
	WILD(SYS_rt_sigaction, SIGUSR1, p, 0, 8);
	WILD(SYS_rt_sigaction, SIGUSR1, 0, p, 8);
	WILD(SYS_rt_sigprocmask, SIG_BLOCK, p, 0, 8);
	WILD(SYS_rt_sigprocmask, SIG_BLOCK, 0, p, 8);
	WILD(SYS_rt_sigpending, p, 8);
	WILD(SYS_rt_sigtimedwait, p, 0, 0, 8);
	WILD(SYS_rt_sigsuspend, p, 8);
	WILD(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, p);
	WILD(SYS_sigaltstack, p, 0);
	WILD(SYS_sigaltstack, 0, p);
}

static void
test_processes(void)
{
	char header[8] = {0};
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	WILD(SYS_waitid, P_PID, pid, p, WEXITED | WNOWAIT, 0);
	waitpid(pid, NULL, 0);
	WILD(SYS_clone3, p, 88);
	WILD(SYS_uname, p);
	WILD(SYS_sysinfo, p);
	WILD(SYS_times, p);
	WILD(SYS_time, p);
	WILD(SYS_gettimeofday, p, 0);
	WILD(SYS_clock_gettime, CLOCK_REALTIME, p);
	WILD(SYS_clock_getres, CLOCK_REALTIME, p);
	WILD(SYS_getrusage, 0, p);
	WILD(SYS_getrlimit, RLIMIT_NOFILE, p);
	WILD(SYS_setrlimit, RLIMIT_NOFILE, p);
	WILD(SYS_prlimit64, 0, RLIMIT_NOFILE, p, 0);
	WILD(SYS_prlimit64, 0, RLIMIT_NOFILE, 0, p);
	WILD(SYS_sched_getaffinity, 0, 128, p);
	WILD(SYS_sched_setaffinity, 0, 8, p);
	WILD(SYS_sched_getparam, 0, p);
	WILD(SYS_sched_setscheduler, 0, SCHED_OTHER, p);
	WILD(SYS_getrandom, p, 16, 0);
	WILD(SYS_getresuid, p, p, p);
	WILD(SYS_getresgid, p, p, p);
	WILD(SYS_setgroups, 3, p);
	WILD(SYS_capget, p, header);
	WILD(SYS_capset, p, header);
	WILD(SYS_prctl, PR_SET_NAME, p);
	WILD(SYS_prctl, PR_GET_NAME, p);
	WILD(SYS_prctl, PR_GET_PDEATHSIG, p);
	WILD(SYS_arch_prctl, ARCH_GET_FS, p);
}

int
main(void)
{
	int fds[2], pair[2];
	struct epoll_event ev = {.events = EPOLLIN};

	if (geteuid() != 0)
		skip_all("some of the calls are root's");
	zero = open("/dev/zero", O_RDWR);
	file = open("/tmp", O_TMPFILE | O_RDWR, 0600);
	dir = open("/", O_RDONLY);
	tty = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	if (pipe(fds) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 ||
	    write(file, "some text here", 14) != 14 ||
	    write(fds[1], "x", 1) != 1)
		return 99;
	in = fds[0];
	out = fds[1];
	sock = pair[0];
	event = eventfd(0, 0);
	timer = timerfd_create(CLOCK_MONOTONIC, 0);
	epoll = epoll_create1(0);
	epoll_ctl(epoll, EPOLL_CTL_ADD, out, &ev);
	ev.events = EPOLLOUT;
	epoll_ctl(epoll, EPOLL_CTL_ADD, sock, &ev);
	test_names();
	test_files();
	test_waiting();
	test_signals();
	test_processes();
	return done_testing();
}
