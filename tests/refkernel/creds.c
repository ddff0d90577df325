/* SPDX-License-Identifier: MIT */
/* User and group ids, capabilities, who may signal whom, limits, prctl. */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static int
in_child(void (*fn)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		fn();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return status;
}

#define CHECK(n, cond)                                                         \
	do {                                                                   \
		if (!(cond))                                                   \
			_exit(n);                                              \
	} while (0)

static void
setuid_drops(void)
{
	struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct d[2];
	uid_t r, e, s;

	CHECK(1, setgid(100) == 0 && setuid(1000) == 0);
	CHECK(2, getresuid(&r, &e, &s) == 0 && r == 1000 && e == 1000 &&
		     s == 1000);
	CHECK(3, setuid(0) == -1 && errno == EPERM);
	CHECK(4, syscall(SYS_capget, &h, d) == 0 && d[0].effective == 0 &&
		     d[0].permitted == 0);
	CHECK(5, setgid(0) == -1 && errno == EPERM);
	CHECK(6, setgroups(0, NULL) == -1 && errno == EPERM);
	CHECK(7, kill(1, 0) == -1 && errno == EPERM);
	CHECK(8, prctl(PR_GET_DUMPABLE) == 0);
	CHECK(9, sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){5}) ==
			 -1 &&
		     errno == EPERM);
}

static void
saved_ids(void)
{
	uid_t r, e, s;

	CHECK(1, setresuid(1000, 1001, 1002) == 0);
	CHECK(2, seteuid(1002) == 0 && geteuid() == 1002);
	CHECK(3, setreuid(-1, 1000) == 0 && geteuid() == 1000);
	CHECK(4, setresuid(-1, -1, 5) == -1 && errno == EPERM);
	CHECK(5, setfsuid(-1) == 1000);
	CHECK(6, getresuid(&r, &e, &s) == 0 && r == 1000 && s == 1002);
}

static void
temporary_root(void)
{
	struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct d[2];

	CHECK(1, seteuid(1000) == 0);
	CHECK(2, syscall(SYS_capget, &h, d) == 0 && d[0].effective == 0 &&
		     d[0].permitted != 0);
	CHECK(3, seteuid(0) == 0);
	CHECK(4, syscall(SYS_capget, &h, d) == 0 &&
		     d[0].effective == d[0].permitted);
	d[0].effective = d[0].permitted = 0;
	d[1].effective = d[1].permitted = 0;
	CHECK(5, syscall(SYS_capset, &h, d) == 0);
	d[0].permitted = 1;
	CHECK(6, syscall(SYS_capset, &h, d) == -1 && errno == EPERM);
	CHECK(7, setuid(7) == -1 && errno == EPERM);
}

static void
groups(void)
{
	gid_t g[3] = {5, 6, 7}, back[8];

	CHECK(1, setgroups(3, g) == 0);
	CHECK(2, getgroups(0, NULL) == 3);
	CHECK(3, getgroups(8, back) == 3 && back[2] == 7);
	CHECK(4, getgroups(1, back) == -1 && errno == EINVAL);
}

static void
limits(void)
{
	struct rlimit r, want = {50, 60};

	CHECK(1, getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur >= 64);
	CHECK(2, setrlimit(RLIMIT_NOFILE, &want) == 0);
	CHECK(3, getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur == 50 &&
		     r.rlim_max == 60);
	CHECK(4, dup2(1, 50) == -1 && errno == EBADF);
	CHECK(5, dup2(1, 49) == 49);
	want.rlim_cur = 61;
	CHECK(6, setrlimit(RLIMIT_NOFILE, &want) == -1 && errno == EINVAL);
	CHECK(7, getrlimit(99, &r) == -1 && errno == EINVAL);
	if (fork() == 0)
		_exit(getrlimit(RLIMIT_NOFILE, &r) || r.rlim_cur != 50);
	int status;
	wait(&status);
	CHECK(8, WEXITSTATUS(status) == 0);
}

static void
prctls(void)
{
	char name[16];
	int v = -1;

	CHECK(1, prctl(PR_SET_NAME, "a name that is too long") == 0);
	CHECK(2, prctl(PR_GET_NAME, name) == 0 &&
		     !strcmp(name, "a name that is "));
	CHECK(3, prctl(PR_SET_PDEATHSIG, 15) == 0 &&
		     prctl(PR_GET_PDEATHSIG, &v) == 0 && v == 15);
	CHECK(4, prctl(PR_SET_DUMPABLE, 0) == 0 && prctl(PR_GET_DUMPABLE) == 0);
	CHECK(5, prctl(12345, 0, 0, 0, 0) == -1 && errno == EINVAL);
	CHECK(6, prctl(PR_CAPBSET_READ, CAP_KILL) == 1);
	CHECK(7, prctl(PR_CAPBSET_READ, 99) == -1 && errno == EINVAL);
	CHECK(8, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
		     prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
}

static void
system_info(void)
{
	struct utsname u;
	char buf[300];
	cpu_set_t set;

	CHECK(1, uname(&u) == 0 && !strcmp(u.sysname, "Linux") &&
		     !strcmp(u.machine, "x86_64"));
	CHECK(2, syscall(SYS_getrandom, buf, 300, 0) == 300);
	CHECK(3, syscall(SYS_getrandom, buf, 1, 99) == -1 && errno == EINVAL);
	CHECK(4, sched_getaffinity(0, sizeof(set), &set) == 0 &&
		     CPU_COUNT(&set) >= 1);
	CHECK(5, sched_get_priority_max(SCHED_FIFO) == 99);
	CHECK(6, syscall(SYS_personality, 0xffffffff) == 0);
	CHECK(7, syscall(9999) == -1 && errno == ENOSYS);
}

int
main(void)
{
	if (getuid() != 0)
		skip_all("only for root");
	is_int(in_child(setuid_drops), 0, "setuid drops all rights");
	is_int(in_child(saved_ids), 0, "saved ids");
	is_int(in_child(temporary_root), 0, "capabilities come and go");
	is_int(in_child(groups), 0, "supplementary groups");
	is_int(in_child(limits), 0, "limits");
	is_int(in_child(prctls), 0, "prctl");
	is_int(in_child(system_info), 0, "what the system tells");
	return done_testing();
}
