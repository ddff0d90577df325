/* SPDX-License-Identifier: MIT */
/*
 * A file system in memory that is full: what is written is there, what does
 * not fit is refused, what is deleted is free again. On Linux a small one is
 * mounted; the refkernel's /tmp is small if the machine's memory is.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "tap.h"

#define MIB   (1 << 20)
#define TMPFS 0x01021994

static char dir[] = "/tmp/full.XXXXXX";
static char buf[MIB];

/* Go to an empty directory of a file system that has no more than 128 MiB. */
static void
find_place(void)
{
	struct utsname u;
	struct statfs st;

	uname(&u);
	if (mkdtemp(dir) == NULL)
		exit(99);
	if (strstr(u.version, "refkernel") == NULL &&
	    (unshare(CLONE_NEWNS) != 0 ||
	     mount("", "/", "", MS_REC | MS_PRIVATE, NULL) != 0 ||
	     mount("full", dir, "tmpfs", 0, "size=32m") != 0)) {
		rmdir(dir);
		skip_all("may not mount a file system");
	}
	if (chdir(dir) != 0 || statfs(".", &st) != 0)
		exit(99);
	if (st.f_type != TMPFS || st.f_blocks * st.f_bsize > 128 * MIB)
		skip_all("/tmp has too much room");
}

static long
available(void)
{
	struct statfs st;

	return statfs(".", &st) == 0 ? (long)st.f_bavail : -1;
}

static void
pattern(int seed)
{
	for (int i = 0; i < MIB; i++)
		buf[i] = (char)(i * 7 + i / 4096 + seed);
}

/* Is file FD what pattern(SEED) wrote N times? */
static int
holds(int fd, int seed, off_t n)
{
	static char got[MIB];

	pattern(seed);
	for (off_t i = 0; i < n; i++) {
		if (pread(fd, got, MIB, i * MIB) != MIB ||
		    memcmp(got, buf, MIB) != 0)
			return 0;
	}
	return 1;
}

static off_t
size_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? st.st_size : -1;
}

/* Write until there is no room; the size reached. */
static off_t
fill(int fd)
{
	off_t size = 0;
	ssize_t n;

	pattern(2);
	while ((n = write(fd, buf, MIB)) > 0)
		size += n;
	is_int(n, -1, "a full file system ends a write");
	is_int(errno, ENOSPC, "ENOSPC");
	is_int(size_of(fd), size, "all that was accepted is in the file");
	is_int(available(), 0, "statfs() tells that nothing is left");
	return size;
}

static sigjmp_buf jump;
static siginfo_t info;

static void
on_fault(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	info = *si;
	siglongjmp(jump, 1);
}

static void
test_hole(void)
{
	struct sigaction sa = {.sa_flags = SA_SIGINFO};
	int fd = open("hole", O_RDWR | O_CREAT, 0600);
	volatile char *p;
	char c = 1;

	is_int(ftruncate(fd, MIB), 0, "a hole takes no room");
	is_int(pread(fd, &c, 1, MIB / 2), 1, "it can be read");
	is_int(c, 0, "as zeroes");
	is_int(pwrite(fd, &c, 1, MIB / 2), -1, "but not be written");
	is_int(errno, ENOSPC, "ENOSPC");
	p = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	sa.sa_sigaction = on_fault;
	sigaction(SIGBUS, &sa, NULL);
	if (!sigsetjmp(jump, 1))
		p[MIB / 2] = 1;
	is_int(info.si_signo, SIGBUS, "a store to it by a mapping is SIGBUS");
	is_int(info.si_code, BUS_ADRERR, "BUS_ADRERR");
	ok(info.si_addr == p + MIB / 2, "with its address");
	is_int(fallocate(fd, 0, 0, MIB), -1, "fallocate()");
	is_int(errno, ENOSPC, "ENOSPC");
	is_int(fallocate(fd, 0, MIB, 1L << 40), -1, "of a terabyte");
	is_int(errno, ENOSPC, "ENOSPC");
	is_int(size_of(fd), MIB, "leaves the size");
	munmap((void *)p, MIB);
	close(fd);
	unlink("hole");
}

static void
test_full(void)
{
	int keep = open("keep", O_RDWR | O_CREAT, 0600), big, empty;
	long before;
	off_t size;
	void *p;

	pattern(1);
	is_int(write(keep, buf, MIB), MIB, "a file");
	is_int(ftruncate(keep, MIB - 100), 0, "that ends within a page");
	before = available();
	big = open("big", O_RDWR | O_CREAT, 0600);
	size = fill(big);
	ok(size >= (before - 64) * 4096L, "what statfs() said fits");
	empty = open("empty", O_RDWR | O_CREAT, 0600);
	ok(empty >= 0, "a file without contents can still be made");
	is_int(write(empty, buf, 1), -1, "it stays empty");
	is_int(size_of(empty), 0, "its size is 0");
	close(empty);
	unlink("empty");
	test_hole();
	pattern(1);
	is_int(pwrite(keep, buf + MIB - 100, 100, MIB - 100), 100,
	       "a file can grow within its last page");
	ok(holds(keep, 1, 1), "what was there is there");
	ok(holds(big, 2, size / MIB), "and what was written");
	p = mmap(NULL, MIB, PROT_READ, MAP_SHARED, big, 0);
	is_int(unlink("big"), 0, "a file is deleted");
	close(big);
	is_int(available(), 0, "as long as it is mapped its room is taken");
	munmap(p, MIB);
	ok(available() >= before - 64, "then it is free again");
	big = open("big", O_RDWR | O_CREAT, 0600);
	is_int(fallocate(big, 0, 0, MIB), 0, "fallocate() with room");
	ok(available() <= before - MIB / 4096, "takes it");
	is_int(ftruncate(big, 0), 0, "ftruncate()");
	ok(available() >= before - 64, "gives it back");
	close(big);
	close(keep);
	unlink("big");
	unlink("keep");
}

int
main(void)
{
	find_place();
	test_full();
	if (chdir("/") == 0) {
		umount(dir);
		rmdir(dir);
	}
	return done_testing();
}
