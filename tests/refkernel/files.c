/* SPDX-License-Identifier: MIT */
/* Files and directories in memory: names, contents, attributes, errors. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static char dir[] = "/tmp/files.XXXXXX";

/* An address that is not mapped, which compilers cannot know. */
static void *volatile bad = (void *)8;

/* CALL fails with ERROR. */
#define fails(call, error, ...)                                                \
	do {                                                                   \
		errno = 0;                                                     \
		long r_ = (long)(call);                                        \
		is_int(r_ == -1 ? errno : -1, error, __VA_ARGS__);             \
	} while (0)

static int
make_file(const char *name, const char *text)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);

	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		return -1;
	return fd;
}

static void
test_open(void)
{
	struct stat st;
	int fd, fd2;

	umask(022);
	fd = open("a", O_RDWR | O_CREAT | O_EXCL, 0666);
	ok(fd >= 0, "O_CREAT");
	fstat(fd, &st);
	is_int(st.st_mode, S_IFREG | 0644, "umask applies");
	is_int(st.st_size, 0, "and it is empty");
	fails(open("a", O_CREAT | O_EXCL, 0666), EEXIST, "O_EXCL");
	fails(open("none", O_RDONLY), ENOENT, "no such file");
	fails(open("a/b", O_RDONLY), ENOTDIR, "a file is no directory");
	fails(open("a/", O_RDONLY), ENOTDIR, "not with a slash either");
	fails(open("b/", O_CREAT | O_RDWR, 0666), EISDIR,
	      "no file with a slash is made");
	fails(open(".", O_WRONLY), EISDIR, "a directory is not written");
	fails(open("a", O_DIRECTORY), ENOTDIR, "O_DIRECTORY");
	fails(open("", O_RDONLY), ENOENT, "an empty path");
	fails(open(bad, O_RDONLY), EFAULT, "a bad path");
	is_int(write(fd, "hello", 5), 5, "write");
	is_int(lseek(fd, 0, SEEK_CUR), 5, "moves the position");
	fd2 = open("a", O_RDWR | O_APPEND);
	is_int(write(fd2, "world", 5), 5, "O_APPEND");
	is_int(lseek(fd2, 0, SEEK_CUR), 10, "is at the end");
	close(fd2);
	fd2 = open("a", O_RDONLY);
	fails(write(fd2, "x", 1), EBADF, "O_RDONLY");
	close(fd2);
	fd2 = open("a", O_PATH);
	fails(read(fd2, &st, 1), EBADF, "O_PATH");
	is_int(fstat(fd2, &st), 0, "can be asked");
	is_int(st.st_size, 10, "of its size");
	close(fd2);
	close(open("a", O_WRONLY | O_TRUNC));
	fstat(fd, &st);
	is_int(st.st_size, 0, "O_TRUNC");
	close(fd);
	fails(read(fd, &st, 1), EBADF, "closed");
}

static void
test_rw(void)
{
	char buf[64] = "", big[70000];
	struct iovec iov[3] = {{buf, 2}, {buf + 10, 0}, {buf + 20, 3}};
	int fd = make_file("rw", "0123456789");
	struct stat st;

	is_int(pread(fd, buf, 4, 3), 4, "pread");
	ok(!memcmp(buf, "3456", 4), "its bytes");
	is_int(lseek(fd, 0, SEEK_CUR), 10, "the position stays");
	is_int(pread(fd, buf, 9, 8), 2, "short at the end");
	is_int(pread(fd, buf, 9, 10), 0, "0 at the end");
	fails(pread(fd, buf, 1, -1), EINVAL, "a negative offset");
	lseek(fd, 1, SEEK_SET);
	is_int(readv(fd, iov, 3), 5, "readv");
	ok(!memcmp(buf, "12", 2) && !memcmp(buf + 20, "345", 3), "pieces");
	is_int(pwritev(fd, iov, 3, 5), 5, "pwritev");
	pread(fd, buf, 10, 0);
	ok(!memcmp(buf, "0123412345", 10), "what was written");
	is_int(lseek(fd, -3, SEEK_END), 7, "SEEK_END");
	fails(lseek(fd, -8, SEEK_CUR), EINVAL, "before the beginning");
	fails(lseek(fd, 0, 99), EINVAL, "no such whence");
	is_int(lseek(fd, 10000, SEEK_SET), 10000, "beyond the end");
	is_int(write(fd, "x", 1), 1, "a hole");
	is_int(pread(fd, big, sizeof(big), 0), 10001, "is read");
	ok(!big[10] && !big[9999] && big[10000] == 'x', "as zeros");
	is_int(ftruncate(fd, 5), 0, "ftruncate");
	is_int(ftruncate(fd, 20), 0, "and longer");
	is_int(pread(fd, buf, 64, 0), 20, "the size");
	ok(buf[4] == '4' && !buf[5] && !buf[19], "the rest is zero");
	fails(ftruncate(fd, -1), EINVAL, "a negative size");
	memset(big, 7, sizeof(big));
	is_int(pwrite(fd, big, sizeof(big), 4090), sizeof(big), "many pages");
	memset(big, 0, sizeof(big));
	is_int(pread(fd, big, sizeof(big), 4090), sizeof(big), "come back");
	ok(big[0] == 7 && big[sizeof(big) - 1] == 7, "unchanged");
	fstat(fd, &st);
	is_int(st.st_size, 4090 + (long)sizeof(big), "st_size");
	fails(pread(fd, bad, 5, 0), EFAULT, "a bad buffer");
	fails(write(fd, bad, 5), EFAULT, "and to write from");
	is_int(write(fd, bad, 0), 0, "nothing from nowhere");
	close(fd);
}

static void
test_names(void)
{
	struct stat a, b;
	char buf[64];
	int fd;

	close(make_file("n1", "one"));
	is_int(link("n1", "n2"), 0, "link");
	stat("n1", &a);
	stat("n2", &b);
	ok(a.st_ino == b.st_ino && a.st_nlink == 2, "two names of one file");
	fails(link("n1", "n2"), EEXIST, "a name is taken");
	fails(link(".", "n3"), EPERM, "no link to a directory");
	is_int(unlink("n1"), 0, "unlink");
	fails(stat("n1", &a), ENOENT, "the name is gone");
	stat("n2", &b);
	is_int(b.st_nlink, 1, "the other stays");
	is_int(symlink("n2", "s"), 0, "symlink");
	is_int(readlink("s", buf, sizeof(buf)), 2, "readlink");
	is_int(readlink("s", buf, 1), 1, "cut to the buffer");
	fails(readlink("n2", buf, 9), EINVAL, "no link");
	lstat("s", &a);
	ok(S_ISLNK(a.st_mode) && a.st_size == 2, "lstat");
	stat("s", &a);
	is_int(a.st_ino, b.st_ino, "stat follows");
	fails(open("s", O_NOFOLLOW), ELOOP, "O_NOFOLLOW");
	is_int(symlink("loop", "loop"), 0, "a link to itself");
	fails(open("loop", O_RDONLY), ELOOP, "is a loop");
	is_int(symlink("later", "dangling"), 0, "a dangling link");
	fails(open("dangling", O_CREAT | O_EXCL, 0600), EEXIST, "is a name");
	fd = open("dangling", O_CREAT | O_RDWR, 0600);
	ok(fd >= 0 && !stat("later", &a), "O_CREAT makes its target");
	close(fd);
	is_int(rename("n2", "later"), 0, "rename over a file");
	stat("later", &a);
	is_int(a.st_ino, b.st_ino, "it is the renamed one");
	fails(rename("none", "x"), ENOENT, "rename nothing");
	is_int(rename("later", "later"), 0, "rename to itself");
	fails(unlink("."), EISDIR, "unlink a directory");
	fd = make_file("gone", "still");
	unlink("gone");
	is_int(pread(fd, buf, 5, 0), 5, "an open file outlives its name");
	fstat(fd, &a);
	is_int(a.st_nlink, 0, "without links");
	close(fd);
	memset(buf, 'x', sizeof(buf));
	char *name = malloc(300);
	memset(name, 'n', 299);
	name[299] = 0;
	fails(open(name, O_CREAT | O_RDWR, 0600), ENAMETOOLONG, "a long name");
	name[255] = 0;
	close(open(name, O_CREAT | O_RDWR, 0600));
	is_int(unlink(name), 0, "255 are not too many");
	free(name);
}

static int
count_entries(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d)))
		n++;
	if (d)
		closedir(d);
	return n;
}

static void
test_directories(void)
{
	char name[32], cwd[PATH_MAX], want[PATH_MAX + 16];
	struct stat st;
	int fd;

	is_int(mkdir("d", 0777), 0, "mkdir");
	stat("d", &st);
	is_int(st.st_mode, S_IFDIR | 0755, "its mode");
	is_int(st.st_nlink, 2, "its links");
	fails(mkdir("d", 0777), EEXIST, "it is there");
	is_int(mkdir("d/e/", 0700), 0, "with a slash");
	stat("d", &st);
	is_int(st.st_nlink, 3, "one more link");
	is_int(count_entries("d"), 3, "entries");
	fails(rmdir("d"), ENOTEMPTY, "it is not empty");
	fails(rmdir("d/e/."), EINVAL, "rmdir .");
	fails(rename("d", "d/e/f"), EINVAL, "into itself");
	fails(unlink("d/e"), EISDIR, "unlink");
	is_int(rename("d/e", "e"), 0, "a directory moves");
	is_int(chdir("e"), 0, "chdir");
	getcwd(cwd, sizeof(cwd));
	snprintf(want, sizeof(want), "%s/e", dir);
	ok(!strcmp(cwd, want), "getcwd: %s", cwd);
	rename("../e", "../f");
	getcwd(cwd, sizeof(cwd));
	snprintf(want, sizeof(want), "%s/f", dir);
	ok(!strcmp(cwd, want), "getcwd after a rename: %s", cwd);
	fails(syscall(79, cwd, 3L), ERANGE, "getcwd's buffer");
	is_int(rmdir("../f"), 0, "rmdir of the current directory");
	fails(syscall(79, cwd, (long)sizeof(cwd)), ENOENT, "it is nowhere");
	fails(open("x", O_CREAT | O_RDWR, 0600), ENOENT, "nothing is made");
	chdir(dir);
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "d/%d", i);
		close(open(name, O_CREAT | O_RDWR, 0600));
	}
	is_int(count_entries("d"), 502, "many entries");
	for (int i = 0; i < 500; i += 2) {
		snprintf(name, sizeof(name), "d/%d", i);
		unlink(name);
	}
	is_int(count_entries("d"), 252, "half of them");
	fd = open("d", O_RDONLY | O_DIRECTORY);
	fails(read(fd, name, 1), EISDIR, "read a directory");
	is_int(syscall(217, fd, name, 4), -1, "getdents without room");
	is_int(errno, EINVAL, "EINVAL");
	is_int(unlinkat(fd, "1", 0), 0, "unlinkat");
	fails(openat(fd, "1", O_RDONLY), ENOENT, "openat");
	is_int(fchdir(fd), 0, "fchdir");
	is_int(access("3", F_OK), 0, "is there");
	chdir("..");
	close(fd);
}

static void
test_attributes(void)
{
	struct timespec ts[2] = {{1000, 5}, {2000, 7}};
	struct statx x;
	struct stat st;
	int fd = make_file("at", "abc");

	is_int(fchmod(fd, 0600), 0, "fchmod");
	is_int(chmod("at", 04711), 0, "chmod");
	stat("at", &st);
	is_int(st.st_mode, S_IFREG | 04711, "the mode");
	is_int(futimens(fd, ts), 0, "futimens");
	fstat(fd, &st);
	ok(st.st_atim.tv_sec == 1000 && st.st_atim.tv_nsec == 5 &&
	       st.st_mtim.tv_sec == 2000 && st.st_mtim.tv_nsec == 7,
	   "the times");
	ts[0].tv_nsec = UTIME_OMIT;
	ts[1].tv_sec = 3000;
	is_int(utimensat(AT_FDCWD, "at", ts, 0), 0, "utimensat");
	is_int(statx(AT_FDCWD, "at", 0, STATX_BASIC_STATS, &x), 0, "statx");
	ok(x.stx_atime.tv_sec == 1000 && x.stx_mtime.tv_sec == 3000,
	   "UTIME_OMIT");
	is_int(x.stx_size, 3, "stx_size");
	fails(statx(fd, "", 0, STATX_BASIC_STATS, &x), ENOENT, "no path");
	is_int(statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &x), 0,
	       "AT_EMPTY_PATH");
	ts[1].tv_nsec = 1000000000;
	fails(futimens(fd, ts), EINVAL, "no such nanosecond");
	if (geteuid() == 0) {
		is_int(chown("at", 3, 4), 0, "chown");
		stat("at", &st);
		ok(st.st_uid == 3 && st.st_gid == 4, "the owner");
		is_int(st.st_mode & 07000, 0, "loses set-uid");
	}
	is_int(access("at", R_OK | W_OK), 0, "access");
	fails(access("at", 9), EINVAL, "no such access");
	fails(stat("at", bad), EFAULT, "a bad buffer");
	close(fd);
}

static void
test_descriptors(void)
{
	int fd = make_file("fd", "abc"), fd2, fd3;
	struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int status;
	pid_t pid;

	fd2 = dup(fd);
	lseek(fd, 1, SEEK_SET);
	is_int(lseek(fd2, 0, SEEK_CUR), 1, "a position is shared");
	fd3 = fcntl(fd, F_DUPFD_CLOEXEC, 100);
	is_int(fd3, 100, "F_DUPFD_CLOEXEC");
	is_int(fcntl(fd3, F_GETFD), FD_CLOEXEC, "F_GETFD");
	is_int(fcntl(fd2, F_GETFD), 0, "not of the other");
	is_int(dup2(fd, 50), 50, "dup2");
	is_int(dup2(50, 50), 50, "to itself");
	fails(dup3(50, 50, 0), EINVAL, "dup3 does not");
	fails(dup2(fd, -1), EBADF, "dup2 to nowhere");
	fails(dup2(99, 5), EBADF, "dup2 of nothing");
	is_int(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND), O_RDWR, "F_GETFL");
	fcntl(fd, F_SETFL, O_APPEND);
	is_int(fcntl(fd2, F_GETFL) & O_APPEND, O_APPEND, "F_SETFL");
	is_int(close_range(50, 120, 0), 0, "close_range");
	fails(fcntl(100, F_GETFD), EBADF, "all closed");
	is_int(flock(fd, LOCK_EX), 0, "flock");
	fd3 = open("fd", O_RDWR);
	fails(flock(fd3, LOCK_EX | LOCK_NB), EAGAIN, "is held");
	is_int(flock(fd2, LOCK_UN), 0, "released by a duplicate");
	is_int(flock(fd3, LOCK_SH | LOCK_NB), 0, "and free");
	is_int(fcntl(fd, F_SETLK, &fl), 0, "F_SETLK");
	pid = fork();
	if (pid == 0) {
		fl.l_type = F_WRLCK;
		if (fcntl(fd, F_GETLK, &fl) || fl.l_type != F_WRLCK ||
		    fl.l_pid != getppid())
			_exit(1);
		fl.l_type = F_RDLCK;
		_exit(fcntl(fd, F_SETLK, &fl) == -1 && errno == EAGAIN ? 0 : 2);
	}
	waitpid(pid, &status, 0);
	is_int(status, 0, "another process sees the lock");
	close(fd3);
	close(fd2);
	close(fd);
}

static void
test_mappings(void)
{
	int fd = make_file("map", "abcdef"), out;
	char *s, *p, buf[8];
	off_t off = 2;

	s = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	ok(s != MAP_FAILED && p != MAP_FAILED, "mmap");
	p[1] = 'P';
	s[0] = 'S';
	pread(fd, buf, 3, 0);
	ok(!memcmp(buf, "Sbc", 3), "a shared store is in the file");
	pwrite(fd, "W", 1, 2);
	is_int(s[2], 'W', "a write is in the mapping");
	is_int(p[1], 'P', "a private one is its own");
	is_int(s[4095], 0, "zero beyond the end");
	munmap(s, 4096);
	munmap(p, 4096);
	out = make_file("out", "");
	is_int(sendfile(out, fd, &off, 100), 4, "sendfile");
	is_int(off, 6, "its offset");
	is_int(pread(out, buf, 8, 0), 4, "what came");
	ok(!memcmp(buf, "Wdef", 4), "out");
	close(out);
	close(fd);
	fd = memfd_create("name", MFD_CLOEXEC);
	ok(fd >= 0, "memfd_create");
	is_int(write(fd, "m", 1), 1, "is a file");
	close(fd);
}

static void
test_host_files(void)
{
	struct statfs fs;
	char buf[4];
	int fd = open("/bin/sh", O_RDONLY);

	is_int(read(fd, buf, 4), 4, "a program");
	ok(!memcmp(buf, "\177ELF", 4), "is ELF");
	close(fd);
	is_int(statfs("/", &fs), 0, "statfs");
	ok(fs.f_bsize > 0 && fs.f_namelen == 255, "tells");
	ok(count_entries("/usr/bin") > 50, "a large directory");
	fd = open("/dev/zero", O_RDWR);
	is_int(read(fd, buf, 4), 4, "/dev/zero");
	close(fd);
	fd = open("/dev/full", O_RDWR);
	fails(write(fd, "x", 1), ENOSPC, "/dev/full");
	close(fd);
	fd = open("/dev/null", O_RDWR);
	is_int(write(fd, "x", 1), 1, "/dev/null takes");
	is_int(read(fd, buf, 1), 0, "and gives nothing");
	close(fd);
	fd = open("/dev/urandom", O_RDONLY);
	is_int(read(fd, buf, 4), 4, "/dev/urandom");
	close(fd);
}

int
main(void)
{
	char command[64];

	if (!mkdtemp(dir) || chdir(dir))
		return 1;
	test_open();
	test_rw();
	test_names();
	test_directories();
	test_attributes();
	test_descriptors();
	test_mappings();
	test_host_files();
	if (chdir("/"))
		return 1;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	is_int(system(command), 0, "all can be removed");
	return done_testing();
}
