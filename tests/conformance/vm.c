/* SPDX-License-Identifier: MIT */
/* process_vm_readv(2) and process_vm_writev(2). */
#include "cases.h"

#include <limits.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE 4096

static unsigned char *area; /* three pages, before a page of none */
static unsigned char buffer[4 * PAGE];

static pid_t
sleeper(void)
{
	area = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(area != MAP_FAILED);
	for (int i = 0; i < 3 * PAGE; i++)
		area[i] = (unsigned char)(i * 5 + i / PAGE);
	must(munmap(area + 3 * PAGE, PAGE));
	return child(sleep_forever);
}

static ssize_t
vm_read(pid_t pid, void *to, const void *from, size_t length)
{
	struct iovec local = {to, length};
	struct iovec remote = {(void *)(uintptr_t)from, length};

	return process_vm_readv(pid, &local, 1, &remote, 1, 0);
}

static ssize_t
vm_write(pid_t pid, const void *from, void *to, size_t length)
{
	struct iovec local = {(void *)(uintptr_t)from, length};
	struct iovec remote = {to, length};

	return process_vm_writev(pid, &local, 1, &remote, 1, 0);
}

static void
no_attach_needed(void)
{
	pid_t pid = sleeper();

	equal(must(vm_read(pid, buffer, area, 3 * PAGE)), 3 * PAGE);
	equal(memcmp(buffer, area, 3 * PAGE), 0);
	equal(must(vm_read(pid, buffer, area + 100, 1)), 1);
	equal(buffer[0], area[100]);
	end(pid);
}

static void
written(void)
{
	pid_t pid = sleeper();

	memset(buffer, 0x5a, sizeof buffer);
	equal(must(vm_write(pid, buffer, area + PAGE - 10, 20)), 20);
	memset(buffer, 0, sizeof buffer);
	equal(must(vm_read(pid, buffer, area + PAGE - 11, 22)), 22);
	equal(buffer[0], area[PAGE - 11]);
	equal(buffer[1], 0x5a);
	equal(buffer[20], 0x5a);
	equal(buffer[21], area[PAGE + 10]);
	/* Here it is as it was. */
	equal(area[PAGE], (unsigned char)(PAGE * 5 + 1));
	end(pid);
}

static void
scattered(void)
{
	pid_t pid = sleeper();
	struct iovec local[3] = {
	    {buffer, 5}, {buffer + 100, 0}, {buffer + 200, 95}};
	struct iovec remote[4] = {
	    {area, 50}, {area + 60, 30}, {area + 500, 0}, {area + PAGE, 20}};

	memset(buffer, 0xee, sizeof buffer);
	equal(must(process_vm_readv(pid, local, 3, remote, 4, 0)), 100);
	equal(memcmp(buffer, area, 5), 0);
	equal(memcmp(buffer + 200, area + 5, 45), 0);
	equal(memcmp(buffer + 245, area + 60, 30), 0);
	equal(memcmp(buffer + 275, area + PAGE, 20), 0);
	equal(buffer[5], 0xee);
	equal(buffer[295], 0xee);
	end(pid);
}

static void
unequal_totals(void)
{
	pid_t pid = sleeper();
	struct iovec local = {buffer, 10};
	struct iovec remote = {area, 100};

	equal(must(process_vm_readv(pid, &local, 1, &remote, 1, 0)), 10);
	local.iov_len = 100;
	remote.iov_len = 7;
	equal(must(process_vm_readv(pid, &local, 1, &remote, 1, 0)), 7);
	equal(must(process_vm_readv(pid, &local, 0, &remote, 1, 0)), 0);
	equal(must(process_vm_readv(pid, &local, 1, &remote, 0, 0)), 0);
	end(pid);
}

static void
partial_element(void)
{
	pid_t pid = sleeper();
	struct iovec local = {buffer, 4 * PAGE};
	struct iovec remote[2] = {{area + 2 * PAGE, 100},
				  {area + 3 * PAGE, 100}};

	/* Elements, not bytes, are all or nothing, in whole pages. */
	equal(must(process_vm_readv(pid, &local, 1, remote, 2, 0)), 100);
	equal(memcmp(buffer, area + 2 * PAGE, 100), 0);
	remote[0].iov_base = area + 3 * PAGE - 50;
	equal(must(process_vm_readv(pid, &local, 1, remote, 2, 0)), 50);
	end(pid);
}

static void
bad_address(void)
{
	pid_t pid = sleeper();
	struct iovec local = {buffer, 8}, remote = {area, 8};

	refused(vm_read(pid, buffer, area + 3 * PAGE, 8), EFAULT);
	refused(vm_read(pid, buffer, NULL, 8), EFAULT);
	refused(vm_read(pid, buffer, (void *)0xffff888000000000, 8), EFAULT);
	refused(vm_write(pid, buffer, area + 3 * PAGE, 8), EFAULT);
	refused(vm_read(pid, (void *)8, area, 8), EFAULT);
	refused(process_vm_readv(pid, (void *)8, 1, &remote, 1, 0), EFAULT);
	refused(process_vm_readv(pid, &local, 1, (void *)8, 1, 0), EFAULT);
	end(pid);
}

static void
bad_arguments(void)
{
	pid_t pid = sleeper();
	struct iovec local = {buffer, 8}, remote = {area, 8};

	refused(process_vm_readv(pid, &local, 1, &remote, 1, 1), EINVAL);
	refused(process_vm_readv(pid, &local, IOV_MAX + 1, &remote, 1, 0),
		EINVAL);
	refused(process_vm_readv(pid, &local, 1, &remote, IOV_MAX + 1, 0),
		EINVAL);
	local.iov_len = (size_t)-1;
	refused(process_vm_readv(pid, &local, 1, &remote, 1, 0), EINVAL);
	end(pid);
}

static void
no_process(void)
{
	pid_t pid = sleeper();

	end(pid);
	refused(vm_read(pid, buffer, area, 8), ESRCH);
	refused(vm_write(pid, buffer, area, 8), ESRCH);
}

static void
zombie(void)
{
	pid_t pid = child(do_nothing);

	until_state(pid, "Z");
	refused(vm_read(pid, buffer, &area, 8), ESRCH);
	expect(pid, EXITED(0));
}

static void
protection_holds(void)
{
	pid_t pid;

	area = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(area != MAP_FAILED);
	area[0] = area[PAGE] = 1;
	must(mprotect(area, PAGE, PROT_READ));
	must(mprotect(area + PAGE, PAGE, PROT_NONE));
	pid = launch(do_nothing);
	/* Unlike POKEDATA. */
	equal(must(vm_read(pid, buffer, area, 8)), 8);
	refused(vm_write(pid, buffer, area, 8), EFAULT);
	refused(vm_read(pid, buffer, area + PAGE, 8), EFAULT);
	equal(peek(pid, area + PAGE) & 0xff, 1);
	end(pid);
}

static void
oneself(void)
{
	static volatile long word = 42;
	long got = 0;

	equal(must(vm_read(getpid(), &got, (const void *)&word, sizeof got)),
	      sizeof got);
	equal(got, 42);
	got = 43;
	equal(must(vm_write(getpid(), &got, (void *)&word, sizeof got)),
	      sizeof got);
	equal(word, 43);
}

static void
many_elements(void)
{
	static struct iovec local[300], remote[300];
	pid_t pid = sleeper();

	for (int i = 0; i < 300; i++) {
		local[i] = (struct iovec){buffer + i * 3, 3};
		remote[i] = (struct iovec){area + (299 - i) * 30, 3};
	}
	equal(must(process_vm_readv(pid, local, 300, remote, 300, 0)), 900);
	for (int i = 0; i < 300; i++)
		equal(memcmp(buffer + i * 3, area + (299 - i) * 30, 3), 0);
	equal(must(process_vm_writev(pid, local, 300, remote, 300, 0)), 900);
	end(pid);
}

static void
large(void)
{
	size_t length = 4 << 20;
	unsigned char *from, *to;
	pid_t pid;

	from = mmap(NULL, length, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	to = mmap(NULL, length, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(from != MAP_FAILED && to != MAP_FAILED);
	for (size_t i = 0; i < length; i += 512)
		from[i] = (unsigned char)(i / 512);
	pid = child(sleep_forever);
	equal(must(vm_read(pid, to, from, length)), length);
	equal(memcmp(from, to, length), 0);
	end(pid);
}

static void
while_stopped(void)
{
	pid_t pid = launch(do_nothing);
	static volatile int word = 9;
	int got = 0;

	equal(must(vm_read(pid, &got, (const void *)&word, sizeof got)),
	      sizeof got);
	equal(got, 9);
	cont(pid);
	expect(pid, EXITED(0));
}

static const struct test_case cases[] = {
    {"process_vm_readv(2): memory of a process that is not traced",
     no_attach_needed},
    {"process_vm_writev(2): likewise", written},
    {"process_vm_readv(2): elements are processed in array order, "
     "whatever their lengths",
     scattered},
    {"process_vm_readv(2): returns the number of bytes read, which may "
     "be less than requested",
     unequal_totals},
    {"process_vm_readv(2): partial transfers stop at what cannot be read",
     partial_element},
    {"process_vm_readv(2): EFAULT, here and there", bad_address},
    {"process_vm_readv(2): EINVAL, flags, counts, overflow", bad_arguments},
    {"process_vm_readv(2): ESRCH, no such process", no_process},
    {"process_vm_readv(2): ESRCH, a zombie", zombie},
    {"process_vm_writev(2): the target's protection holds", protection_holds},
    {"process_vm_readv(2): the caller itself", oneself},
    {"process_vm_readv(2): hundreds of elements", many_elements},
    {"process_vm_readv(2): megabytes", large},
    {"process_vm_readv(2): a tracee", while_stopped},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
