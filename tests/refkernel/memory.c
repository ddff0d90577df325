/* SPDX-License-Identifier: MIT */
/* Mappings, protection, copy-on-write, the break and the stack. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define PAGE 4096
#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static sigjmp_buf fault_jump;
static volatile siginfo_t fault_info;

static void
on_fault(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	memcpy((void *)&fault_info, info, sizeof(*info));
	siglongjmp(fault_jump, 1);
}

/* The signal that touching P raises, or 0; its code and address are kept. */
static int
touch(volatile char *p, int write)
{
	memset((void *)&fault_info, 0, sizeof(fault_info));
	if (sigsetjmp(fault_jump, 1))
		return fault_info.si_signo;
	if (write)
		*p = 1;
	else
		(void)*p;
	return 0;
}

static void
catch_faults(void)
{
	struct sigaction sa = {.sa_flags = SA_SIGINFO};

	sa.sa_sigaction = on_fault;
	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
}

static char *
anon(size_t len)
{
	return mmap(NULL, len, RW, ANON, -1, 0);
}

static void
test_anonymous(void)
{
	char *p = anon(16 * PAGE);
	int zero = 1;

	ok(p != MAP_FAILED, "an anonymous mapping");
	for (int i = 0; i < 16 * PAGE; i++)
		zero &= p[i] == 0;
	ok(zero, "is zero");
	p[5 * PAGE] = 7;
	is_int(p[5 * PAGE], 7, "keeps what is stored after a read");
	is_int(munmap(p + 4 * PAGE, 4 * PAGE), 0, "a hole in it");
	is_int(touch(p + 5 * PAGE, 0), SIGSEGV, "a read there is SIGSEGV");
	is_int(fault_info.si_code, SEGV_MAPERR, "with SEGV_MAPERR");
	ok(fault_info.si_addr == p + 5 * PAGE, "and the address");
	is_int(touch(p + 3 * PAGE, 1), 0, "below the hole it is there");
	is_int(touch(p + 8 * PAGE, 1), 0, "above the hole it is there");
	is_int(munmap(p, 16 * PAGE), 0, "unmapping over a hole");
	is_int(munmap(p + 1, PAGE), -1, "unmapping off a page's start fails");
	is_int(errno, EINVAL, "with EINVAL");
	is_int(munmap(p, 0), -1, "unmapping nothing fails");
}

static void
test_errors(void)
{
	char *p;

	ok(mmap(NULL, 0, RW, ANON, -1, 0) == MAP_FAILED && errno == EINVAL,
	   "length 0 is EINVAL");
	ok(mmap(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0) == MAP_FAILED &&
	       errno == EINVAL,
	   "neither private nor shared is EINVAL");
	ok(mmap(NULL, PAGE, RW, MAP_PRIVATE, -1, 0) == MAP_FAILED &&
	       errno == EBADF,
	   "no file is EBADF");
	ok(mmap((void *)(1ul << 47), PAGE, RW, ANON | MAP_FIXED, -1, 0) ==
		   MAP_FAILED &&
	       errno == ENOMEM,
	   "fixed in the kernel's half is ENOMEM");
	ok(mmap((void *)1, PAGE, RW, ANON | MAP_FIXED, -1, 0) == MAP_FAILED &&
	       errno == EINVAL,
	   "fixed off a page's start is EINVAL");
	ok(mmap(NULL, -1ul / 2, RW, ANON, -1, 0) == MAP_FAILED &&
	       errno == ENOMEM,
	   "more than there is is ENOMEM");
	p = anon(PAGE);
	ok(mmap(p, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED &&
	       errno == EEXIST,
	   "MAP_FIXED_NOREPLACE does not replace");
	munmap(p, PAGE);
	p = anon(3 * PAGE);
	munmap(p + PAGE, PAGE);
	ok(mprotect(p, 3 * PAGE, PROT_READ) == -1 && errno == ENOMEM,
	   "mprotect() over a hole is ENOMEM");
	munmap(p, 3 * PAGE);
}

static void
test_protection(void)
{
	static const unsigned char ret[] = {0xb8, 42, 0, 0, 0, 0xc3};
	char *p = anon(3 * PAGE);
	int (*fn)(void) = (int (*)(void))(uintptr_t)(p + PAGE);

	memcpy(p + PAGE, ret, sizeof(ret));
	is_int(mprotect(p + PAGE, PAGE, PROT_READ), 0, "read only");
	is_int(touch(p + PAGE, 0), 0, "reads");
	is_int(touch(p + PAGE, 1), SIGSEGV, "does not write");
	is_int(fault_info.si_code, SEGV_ACCERR, "with SEGV_ACCERR");
	is_int(touch(p, 1), 0, "the page before it writes");
	is_int(touch(p + 2 * PAGE, 1), 0, "the page behind it writes");
	if (sigsetjmp(fault_jump, 1) == 0) {
		fn();
		ok(0, "does not execute");
	} else {
		ok(fault_info.si_signo == SIGSEGV, "does not execute");
	}
	is_int(mprotect(p + PAGE, PAGE, PROT_READ | PROT_EXEC), 0, "text");
	is_int(fn(), 42, "executes");
	is_int(mprotect(p + PAGE, PAGE, PROT_NONE), 0, "PROT_NONE");
	is_int(touch(p + PAGE, 0), SIGSEGV, "does not read");
	is_int(mprotect(p + PAGE, PAGE, RW), 0, "back to read and write");
	is_int(touch(p + PAGE + 100, 1), 0, "writes");
	is_int(memcmp(p + PAGE, ret, sizeof(ret)), 0, "kept its bytes");
	munmap(p, 3 * PAGE);
}

static void
test_fork(void)
{
	char *priv = anon(4 * PAGE);
	char *shared = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid;

	memset(priv, 1, 4 * PAGE);
	pid = fork();
	if (pid == 0) {
		int seen = priv[PAGE];

		priv[PAGE] = 2;
		priv[2 * PAGE] = 2;
		shared[0] = 3;
		_exit(seen == 1 && priv[0] == 1 && priv[PAGE] == 2 ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	is_int(status, 0, "the child sees its parent's bytes and its own");
	is_int(priv[PAGE], 1, "the parent does not see the child's");
	is_int(shared[0], 3, "but for a shared mapping");
	priv[PAGE] = 9;
	is_int(priv[PAGE], 9, "the parent writes again");
	munmap(priv, 4 * PAGE);
	munmap(shared, PAGE);
}

static int
temp_file(size_t size)
{
	char name[] = "/tmp/memory.XXXXXX";
	int fd = mkstemp(name);

	unlink(name);
	if (ftruncate(fd, size) != 0)
		perror("ftruncate");
	return fd;
}

static void
test_files(void)
{
	int fd = temp_file(2 * PAGE + 10), ro;
	char *s = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0);
	char *p = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, 0);
	char byte = 0;

	s[PAGE] = 'a';
	is_int(pread(fd, &byte, 1, PAGE), 1, "pread() of a mapped file");
	is_int(byte, 'a', "sees a store into a shared mapping");
	is_int(p[PAGE], 'a', "so does a private mapping not yet written");
	p[PAGE] = 'b';
	is_int(s[PAGE], 'a', "whose own stores stay private");
	is_int(pwrite(fd, "c", 1, PAGE + 1), 1, "pwrite()");
	is_int(s[PAGE + 1], 'c', "is seen by the mapping");
	is_int(s[2 * PAGE + 11], 0, "behind the end its page is zero");
	is_int(touch(s + 3 * PAGE, 0), SIGBUS, "the page behind is SIGBUS");
	is_int(fault_info.si_code, BUS_ADRERR, "with BUS_ADRERR");
	is_int(ftruncate(fd, PAGE), 0, "cut the file");
	is_int(touch(s + PAGE, 0), SIGBUS, "what is gone is SIGBUS");
	munmap(s, 4 * PAGE);
	munmap(p, 4 * PAGE);
	close(fd);

	ro = open("/proc/self/exe", O_RDONLY);
	ok(mmap(NULL, PAGE, RW, MAP_SHARED, ro, 0) == MAP_FAILED &&
	       errno == EACCES,
	   "a file open for reading cannot be mapped for shared writing");
	p = mmap(NULL, PAGE, RW, MAP_PRIVATE, ro, 0);
	ok(p != MAP_FAILED && p[1] == 'E', "but for private writing");
	p[1] = 'x';
	is_int(pread(ro, &byte, 1, 1), 1, "the file");
	is_int(byte, 'E', "is as it was");
	munmap(p, PAGE);
	s = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, ro, 0);
	ok(mprotect(s, PAGE, RW) == -1 && errno == EACCES,
	   "nor can mprotect() make it so");
	munmap(s, PAGE);
	close(ro);
}

static void
test_mremap(void)
{
	char *p = anon(8 * PAGE), *q, *wall;

	munmap(p + 4 * PAGE, 4 * PAGE);
	memset(p, 5, 4 * PAGE);
	q = mremap(p, 4 * PAGE, 6 * PAGE, 0);
	ok(q == p, "grows in place");
	is_int(q[3 * PAGE], 5, "old bytes");
	is_int(q[5 * PAGE], 0, "new zeros");
	wall = mmap(p + 6 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0);
	wall[0] = 1;
	ok(mprotect(wall, PAGE, PROT_READ) == 0 &&
	       mremap(p, 6 * PAGE, 8 * PAGE, 0) == MAP_FAILED &&
	       errno == ENOMEM,
	   "does not grow into a neighbour");
	q = mremap(p, 6 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
	ok(q != MAP_FAILED && q != p, "but may move");
	is_int(q[3 * PAGE], 5, "with its bytes");
	is_int(q[63 * PAGE], 0, "and zeros");
	is_int(touch(p, 0), SIGSEGV, "nothing is left behind");
	ok(mremap(q, 64 * PAGE, PAGE, 0) == q, "shrinks");
	is_int(touch(q + PAGE, 0), SIGSEGV, "really");
	p = anon(PAGE);
	p[0] = 77;
	ok(mremap(q, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p) == p,
	   "moves onto another mapping");
	is_int(p[0], 5, "which it replaces");
	ok(mremap(p, PAGE, 0, 0) == MAP_FAILED && errno == EINVAL,
	   "a new length of 0 is EINVAL");
	munmap(p, PAGE);
	ok(mremap(p, PAGE, 2 * PAGE, 0) == MAP_FAILED && errno == EFAULT,
	   "nothing there is EFAULT");
	munmap(wall, PAGE);
}

static void
test_advice(void)
{
	unsigned char vec[4];
	char *p = anon(4 * PAGE);

	memset(p, 3, 4 * PAGE);
	is_int(mincore(p, 4 * PAGE, vec), 0, "mincore()");
	is_int(vec[2] & 1, 1, "a page that was written is there");
	is_int(madvise(p + PAGE, PAGE, MADV_DONTNEED), 0, "MADV_DONTNEED");
	is_int(p[PAGE], 0, "forgets");
	is_int(p[2 * PAGE], 3, "no more than asked");
	is_int(madvise(p, PAGE, 12345), -1, "unknown advice fails");
	is_int(madvise(p, 4 * PAGE, MADV_WIPEONFORK), 0, "MADV_WIPEONFORK");
	if (fork() == 0)
		_exit(p[2 * PAGE] == 0 ? 0 : 1);
	else {
		int status;

		wait(&status);
		is_int(status, 0, "the child finds zeros");
	}
	is_int(p[2 * PAGE], 3, "the parent its bytes");
	munmap(p, 4 * PAGE);
	is_int(madvise(p, PAGE, MADV_DONTNEED), -1, "a hole fails");
	is_int(errno, ENOMEM, "with ENOMEM");
}

static void
test_break(void)
{
	char *old = sbrk(0);

	ok(sbrk(10 * PAGE) == old, "the break grows");
	is_int(old[9 * PAGE], 0, "by zeros");
	old[9 * PAGE] = 1;
	ok(brk(old) == 0, "and shrinks");
	ok(brk(old + 10 * PAGE) == 0, "and grows");
	is_int(old[9 * PAGE], 0, "by zeros again");
	ok(brk((void *)(1ul << 47)) == -1 && errno == ENOMEM,
	   "but not without end");
	brk(old);
}

/* Use about N KiB of stack. */
static int
deep(int n)
{
	volatile char room[1024];

	room[0] = (char)n;
	if (n == 0)
		return 0;
	return deep(n - 1) + (room[0] == (char)n);
}

static void
test_stack(void)
{
	static char alt[65536];
	stack_t ss = {.ss_sp = alt, .ss_size = sizeof(alt)};
	struct sigaction sa = {.sa_flags = SA_SIGINFO | SA_ONSTACK};
	volatile int depth = 1 << 20;

	is_int(deep(4096), 4096, "the stack grows to 4 MiB and more");
	sigaltstack(&ss, NULL);
	sa.sa_sigaction = on_fault;
	sigaction(SIGSEGV, &sa, NULL);
	if (sigsetjmp(fault_jump, 1) == 0) {
		deep(depth);
		ok(0, "but not without end");
	} else {
		is_int(fault_info.si_signo, SIGSEGV, "but not without end");
	}
}

static void
test_wild(void)
{
	char *volatile wild = (char *)1;
	int fd = open("/dev/zero", O_RDWR);

	is_int(touch(NULL, 0), SIGSEGV, "a null pointer");
	is_int(touch((char *)(1ul << 47), 1), SIGSEGV, "the kernel's half");
	is_int(touch((char *)0xffffffff80000000ul, 0), SIGSEGV,
	       "the kernel's text");
	is_int(touch((char *)0x8000000000000000ul, 0), SIGSEGV,
	       "a non-canonical address");
	is_int(fault_info.si_code, SI_KERNEL, "is not a page fault");
	ok(pwrite(temp_file(PAGE), wild, 5, 0) == -1 && errno == EFAULT,
	   "a wild pointer to pwrite() is EFAULT");
	wild = (char *)0xffffffff80000000ul;
	ok(read(fd, wild, 100) == -1 && errno == EFAULT,
	   "a kernel pointer to read() is EFAULT");
	close(fd);
}

int
main(void)
{
	catch_faults();
	test_anonymous();
	test_errors();
	test_protection();
	test_fork();
	test_files();
	test_mremap();
	test_advice();
	test_break();
	test_wild();
	test_stack();
	return done_testing();
}
