/* SPDX-License-Identifier: MIT */
/* What programs read in /proc. */
#define _GNU_SOURCE
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static char text[1 << 17];

/* The whole file as a string; its length. */
static ssize_t
slurp(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = 0, k;

	if (fd < 0)
		return -1;
	while ((k = read(fd, text + n, sizeof(text) - 1 - (size_t)n)) > 0)
		n += k;
	close(fd);
	text[n] = 0;
	return n;
}

static int
has(const char *s)
{
	return strstr(text, s) != NULL;
}

static void
test_stat(void)
{
	char comm[64], state;
	int pid, ppid, pgid, sid;
	char *p;

	prctl(PR_SET_NAME, "a) (b");
	ok(slurp("/proc/self/stat") > 0, "stat");
	is_int(sscanf(text, "%d", &pid), 1, "the pid");
	is_int(pid, getpid(), "is right");
	p = strrchr(text, ')');
	snprintf(comm, sizeof(comm), "%.*s", (int)(p - strchr(text, '(') + 1),
		 strchr(text, '('));
	ok(!strcmp(comm, "(a) (b)"), "the name");
	sscanf(p + 2, "%c %d %d %d", &state, &ppid, &pgid, &sid);
	ok(state == 'R' && ppid == getppid() && pgid == getpgrp() &&
	       sid == getsid(0),
	   "state and numbers");
	slurp("/proc/self/comm");
	ok(!strcmp(text, "a) (b\n"), "comm");
	slurp("/proc/self/status");
	ok(has("Name:\ta) (b\n") && has("State:\tR (running)\n") &&
	       has("TracerPid:\t0\n") && has("Threads:\t1\n") &&
	       has("SigBlk:\t0000000000000000\n"),
	   "status");
	ok(slurp("/proc/self/statm") > 0 && atoi(text) > 10, "statm");
	ok(slurp("/proc/self/limits") > 0 && has("Max open files "), "limits");
}

static void
test_program(char **argv)
{
	char path[PATH_MAX], exe[PATH_MAX];
	ssize_t n;
	Elf64_auxv_t *a;

	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	exe[n < 0 ? 0 : n] = 0;
	ok(realpath(argv[0], path) && !strcmp(path, exe), "exe: %s", exe);
	ok(slurp("/proc/self/cmdline") == (ssize_t)strlen(argv[0]) + 1 &&
	       !strcmp(text, argv[0]),
	   "cmdline");
	ok(slurp("/proc/self/environ") > 0 && strchr(text, '='), "environ");
	n = slurp("/proc/self/auxv");
	ok(n > 0 && n % (ssize_t)sizeof(*a) == 0, "auxv");
	for (a = (void *)text; a->a_type != AT_NULL; a++) {
		if (a->a_type == AT_ENTRY)
			ok(a->a_un.a_val == getauxval(AT_ENTRY), "AT_ENTRY");
	}
	n = readlink("/proc/self/cwd", exe, sizeof(exe) - 1);
	exe[n < 0 ? 0 : n] = 0;
	ok(getcwd(path, sizeof(path)) && !strcmp(path, exe), "cwd");
	n = readlink("/proc/self/root", exe, sizeof(exe) - 1);
	ok(n == 1 && exe[0] == '/', "root");
}

static void
test_maps(void)
{
	char want[64], perms[8];
	unsigned long start, end;
	char *p, *heap = sbrk(4096);
	void *m =
	    mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int found = 0;

	*heap = 1;
	mprotect(m, 4096, PROT_NONE);
	ok(slurp("/proc/self/maps") > 0, "maps");
	ok(has("[heap]\n") && has("[stack]\n"), "heap and stack");
	snprintf(want, sizeof(want), "%lx-%lx ---p 00000000 00:00 0 \n",
		 (unsigned long)m, (unsigned long)m + 4096);
	ok(has(want), "what was protected: %s", strtok(want, "\n"));
	for (p = text; p && *p; p = strchr(p, '\n') + 1) {
		if (sscanf(p, "%lx-%lx %7s", &start, &end, perms) != 3 ||
		    start >= end)
			break;
		if (start <= (unsigned long)test_maps &&
		    (unsigned long)test_maps < end)
			found = !strcmp(perms, "r-xp");
	}
	ok(*p == 0, "each line is right");
	ok(found, "the text is r-xp");
	ok(slurp("/proc/self/smaps") > 0 && has("\nRss: ") &&
	       has("\nVmFlags: rd ") && has("\nPrivate_Dirty: "),
	   "smaps");
	munmap(m, 8192);
}

static void
test_memory(void)
{
	static volatile char data[4] = "abc";
	char buf[4] = "";
	int fd = open("/proc/self/mem", O_RDWR);

	ok(fd >= 0, "mem");
	is_int(pread(fd, buf, 4, (off_t)(uintptr_t)data), 4, "is read");
	ok(!strcmp(buf, "abc"), "its contents");
	is_int(pwrite(fd, "X", 1, (off_t)(uintptr_t)data), 1, "is written");
	is_int(data[0], 'X', "it is there");
	is_int(pread(fd, buf, 4, 16), -1, "nothing is mapped at 16");
	is_int(errno, EIO, "EIO");
	close(fd);
}

static int
count(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d)))
		n += e->d_name[0] != '.';
	if (d)
		closedir(d);
	return n;
}

static void
test_descriptors(void)
{
	char link[64], to[64];
	struct stat a, b;
	int p[2], fd, n = count("/proc/self/fd");
	ssize_t k;

	is_int(pipe(p), 0, "a pipe");
	is_int(count("/proc/self/fd"), n + 2, "two descriptors more");
	snprintf(link, sizeof(link), "/proc/self/fd/%d", p[0]);
	k = readlink(link, to, sizeof(to) - 1);
	to[k < 0 ? 0 : k] = 0;
	ok(!strncmp(to, "pipe:[", 6), "fd/%d: %s", p[0], to);
	is_int(stat(link, &a), 0, "stat of the link");
	fstat(p[0], &b);
	ok(a.st_ino == b.st_ino && a.st_dev == b.st_dev, "is of the pipe");
	snprintf(link, sizeof(link), "/proc/self/fd/%d", p[1]);
	fd = open(link, O_WRONLY);
	is_int(write(fd, "again", 5), 5, "opened once more");
	is_int(read(p[0], to, 8), 5, "it is the same");
	close(fd);
	snprintf(link, sizeof(link), "/proc/self/fdinfo/%d", p[0]);
	ok(slurp(link) > 0 && has("flags:\t"), "fdinfo");
	close(p[0]);
	close(p[1]);
	is_int(access(link, F_OK), -1, "closed, it is gone");
	fd = open("/tmp/procfs.deleted", O_CREAT | O_RDWR, 0600);
	unlink("/tmp/procfs.deleted");
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	k = readlink(link, to, sizeof(to) - 1);
	to[k < 0 ? 0 : k] = 0;
	ok(!strcmp(to, "/tmp/procfs.deleted (deleted)"), "%s", to);
	close(fd);
}

static void *
thread(void *arg)
{
	char path[64];

	prctl(PR_SET_NAME, "second");
	snprintf(path, sizeof(path), "/proc/self/task/%ld/comm",
		 syscall(SYS_gettid));
	*(int *)arg = slurp(path) == 7 && !strcmp(text, "second\n") &&
		      count("/proc/self/task") == 2;
	return NULL;
}

static void
test_processes(void)
{
	char path[64];
	pthread_t th;
	int good = 0, p[2], status, fd;
	pid_t pid;

	pthread_create(&th, NULL, thread, &good);
	pthread_join(th, NULL);
	ok(good, "a thread in task");
	pipe(p);
	pid = fork();
	if (pid == 0) {
		read(p[0], path, 1);
		_exit(0);
	}
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	do
		slurp(path);
	while (has(" R "));
	ok(has(" S "), "a child sleeps");
	fd = open(path, O_RDONLY);
	write(p[1], "x", 1);
	do
		slurp(path);
	while (has(" S ") || has(" R "));
	ok(has(" Z "), "then it is a zombie");
	waitpid(pid, &status, 0);
	is_int(access(path, F_OK), -1, "reaped it is gone");
	is_int(read(fd, path, 1), -1, "also for who has it open");
	is_int(errno, ESRCH, "ESRCH");
	close(fd);
	close(p[0]);
	close(p[1]);
}

static void
test_system(void)
{
	ok(slurp("/proc/meminfo") > 0 && has("MemTotal:") && has("MemFree:"),
	   "meminfo");
	ok(slurp("/proc/cpuinfo") > 0 && has("processor\t: 0\n"), "cpuinfo");
	ok(slurp("/proc/uptime") > 0, "uptime");
	ok(slurp("/proc/loadavg") > 0, "loadavg");
	ok(slurp("/proc/version") > 0 && has("Linux version "), "version");
	ok(slurp("/proc/filesystems") > 0 && has("\tproc\n"), "filesystems");
	ok(slurp("/proc/mounts") > 0 && has(" / ") && has(" /proc proc "),
	   "mounts");
	ok(slurp("/proc/self/mountinfo") > 0 && has(" - proc "), "mountinfo");
	ok(slurp("/proc/stat") > 0 && has("cpu "), "stat");
	ok(slurp("/proc/sys/kernel/pid_max") > 0 && atoi(text) >= 32768,
	   "pid_max");
	ok(slurp("/proc/sys/kernel/osrelease") > 0, "osrelease");
	is_int(open("/proc/none", O_RDONLY), -1, "nothing else");
	is_int(open("/proc/new", O_CREAT | O_RDWR, 0600), -1, "nothing new");
	ok(access("/proc/1/stat", F_OK) == 0, "process 1");
}

int
main(int argc, char **argv)
{
	(void)argc;
	test_stat();
	test_program(argv);
	test_maps();
	test_memory();
	test_descriptors();
	test_processes();
	test_system();
	return done_testing();
}
