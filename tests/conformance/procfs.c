/* SPDX-License-Identifier: MIT */
/* proc(5), as tracers use it: mem, status, stat, task, maps, auxv. */
#include "cases.h"

#include <dirent.h>
#include <elf.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static volatile long word = 0x1234567890abcdef;
static const volatile long constant = 0x77;

static int
open_of(pid_t pid, const char *name, int flags)
{
	char path[96];

	snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	return open(path, flags | O_CLOEXEC);
}

static off_t
at(const volatile void *address)
{
	return (off_t)(uintptr_t)address;
}

static void
mem_read(void)
{
	pid_t pid = launch(do_nothing);
	int fd = (int)must(open_of(pid, "mem", O_RDONLY));
	long got = 0;

	equal(must(pread(fd, &got, sizeof got, at(&word))), sizeof got);
	equal(got, 0x1234567890abcdef);
	/* The stack is above 4 GiB, and text, position independent, too. */
	check((uintptr_t)&got > UINT32_MAX);
	equal(must(pread(fd, &got, sizeof got, at(&fd))), sizeof got);
	equal(must(lseek(fd, at(&word), SEEK_SET)), at(&word));
	equal(must(read(fd, &got, 4)), 4);
	equal(must(read(fd, &got, 4)), 4);
	equal((int)got, 0x12345678);
	close(fd);
	end(pid);
}

static void
mem_written(void)
{
	pid_t pid = launch(do_nothing);
	int fd = (int)must(open_of(pid, "mem", O_RDWR));
	long value = 55;

	equal(must(pwrite(fd, &value, sizeof value, at(&word))), sizeof value);
	equal(peek(pid, &word), 55);
	/* As POKEDATA, what is read-only too. */
	equal(must(pwrite(fd, &value, sizeof value, at(&constant))),
	      sizeof value);
	equal(peek(pid, &constant), 55);
	equal(constant, 0x77);
	close(fd);
	end(pid);
}

__attribute__((noinline)) static int
function(void)
{
	__asm__ volatile("");
	return 4;
}

static void
exit_by_function(void)
{
	_exit(function());
}

static void
mem_text(void)
{
	pid_t pid = launch(exit_by_function);
	int fd = (int)must(open_of(pid, "mem", O_RDWR));
	const unsigned char code[] = {0xb8, 9, 0, 0, 0, 0xc3};

	equal(must(pwrite(fd, code, sizeof code, (off_t)(uintptr_t)function)),
	      sizeof code);
	cont(pid);
	expect(pid, EXITED(9));
	equal(function(), 4);
}

static void
mem_errors(void)
{
	pid_t pid = launch(do_nothing);
	int fd = (int)must(open_of(pid, "mem", O_RDWR));
	volatile uintptr_t bad = 8; /* not to be seen through */
	char byte = 0;

	refused(pread(fd, &byte, 1, 0), EIO);
	refused(pwrite(fd, &byte, 1, 0), EIO);
	refused(pread(fd, &byte, 1, 0x7ffffffff000), EIO);
	refused(read(fd, &byte, 1), EIO);
	refused(pread(fd, (void *)bad, 1, at(&word)), EFAULT);
	equal(must(pread(fd, &byte, 0, at(&word))), 0);
	close(fd);
	end(pid);
}

static void
mem_partial(void)
{
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	static char buffer[200];
	pid_t pid;
	int fd;

	check(pages != MAP_FAILED);
	memset(pages, 'a', 4096);
	must(munmap(pages + 4096, 4096));
	pid = launch(do_nothing);
	fd = (int)must(open_of(pid, "mem", O_RDWR));
	equal(must(pread(fd, buffer, 200, at(pages + 4000))), 96);
	equal(buffer[95], 'a');
	equal(buffer[96], 0);
	equal(must(pwrite(fd, buffer, 200, at(pages + 4000))), 96);
	refused(pread(fd, buffer, 1, at(pages + 4096)), EIO);
	close(fd);
	end(pid);
}

static void
mem_after_death(void)
{
	pid_t pid = launch(do_nothing);
	int fd = (int)must(open_of(pid, "mem", O_RDWR));
	long got;

	cont(pid);
	expect(pid, EXITED(0));
	equal(must(pread(fd, &got, sizeof got, at(&word))), 0);
	close(fd);
}

static void
mem_running(void)
{
	pid_t pid = child(sleep_forever);
	int fd = (int)must(open_of(pid, "mem", O_RDONLY));
	long got;

	/* Neither traced nor stopped. */
	equal(must(pread(fd, &got, sizeof got, at(&word))), sizeof got);
	equal(got, word);
	close(fd);
	end(pid);
}

static void
mem_self(void)
{
	int fd = (int)must(open("/proc/self/mem", O_RDWR | O_CLOEXEC));
	long value = 66;

	equal(must(pwrite(fd, &value, sizeof value, at(&word))), sizeof value);
	equal(word, 66);
	close(fd);
}

static void
states(void)
{
	pid_t pid = seize(sleep_forever, 0);

	until_state(pid, "S");
	must(kill(pid, SIGSTOP));
	expect(pid, STOPPED(SIGSTOP));
	equal(state_of(pid), 't');
	must(pt(PTRACE_CONT, pid, 0, SIGSTOP));
	expect(pid, GROUP(SIGSTOP));
	equal(state_of(pid), 't');
	must(pt(PTRACE_LISTEN, pid, 0, 0));
	until_state(pid, "tT");
	end(pid);
	equal(state_of(pid), 0);
}

static void
state_line(void)
{
	pid_t pid = launch(do_nothing);
	char path[64], line[256];
	int found = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/status", pid);
	file = fopen(path, "re");
	check(file != NULL);
	while (fgets(line, sizeof line, file))
		found |= strcmp(line, "State:\tt (tracing stop)\n") == 0;
	fclose(file);
	check(found);
	end(pid);
}

static void
tracer_pid(void)
{
	pid_t pid = child(sleep_forever);

	equal(status_number(pid, "TracerPid"), 0);
	must(pt(PTRACE_SEIZE, pid, 0, 0));
	equal(status_number(pid, "TracerPid"), getpid());
	equal(status_number(pid, "PPid"), getpid());
	equal(status_number(pid, "Tgid"), pid);
	equal(status_number(pid, "Pid"), pid);
	end(pid);
}

static void *
sleep_in_thread(void *arg)
{
	post(1, thread_id());
	sleep_forever();
	return arg;
}

static void
two_threads(void)
{
	pthread_t thread;

	equal(pthread_create(&thread, NULL, sleep_in_thread, NULL), 0);
	sleep_forever();
}

static void
tasks(void)
{
	pid_t pid = child(two_threads), tid = (pid_t)await(1);
	char path[64];
	int seen = 0, count = 0;
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof path, "/proc/%d/task", pid);
	dir = opendir(path);
	check(dir != NULL);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		count++;
		seen |= atoi(entry->d_name) == pid ? 1 : 0;
		seen |= atoi(entry->d_name) == tid ? 2 : 0;
	}
	closedir(dir);
	equal(count, 2);
	equal(seen, 3);
	snprintf(path, sizeof path, "task/%d/mem", tid);
	must(open_of(pid, path, O_RDWR));
	end(pid);
}

static void
maps(void)
{
	pid_t pid = launch(do_nothing);
	unsigned long start, stop, here = (unsigned long)function;
	char path[64], line[512], mode[5];
	int found = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/maps", pid);
	file = fopen(path, "re");
	check(file != NULL);
	while (fgets(line, sizeof line, file)) {
		equal(sscanf(line, "%lx-%lx %4s", &start, &stop, mode), 3);
		if (here >= start && here < stop)
			found = strcmp(mode, "r-xp") == 0;
	}
	fclose(file);
	check(found);
	end(pid);
}

static void
auxv(void)
{
	pid_t pid = launch(do_nothing);
	int fd = (int)must(open_of(pid, "auxv", O_RDONLY)), entry = 0;
	unsigned long pair[2];

	do {
		equal(must(read(fd, pair, sizeof pair)), sizeof pair);
		entry |= pair[0] == AT_ENTRY && pair[1] != 0;
	} while (pair[0] != AT_NULL);
	check(entry);
	close(fd);
	end(pid);
}

static void
links(void)
{
	pid_t pid = launch(do_nothing);
	char path[64], mine[256], its[256];
	ssize_t length;

	length = must(readlink("/proc/self/exe", mine, sizeof mine));
	snprintf(path, sizeof path, "/proc/%d/exe", pid);
	equal(must(readlink(path, its, sizeof its)), length);
	equal(memcmp(mine, its, (size_t)length), 0);
	end(pid);
}

static const struct test_case cases[] = {
    {"proc(5): mem, the pages of a process's memory through open, read "
     "and lseek, with 64-bit offsets",
     mem_read},
    {"proc(5): mem, writes reach what the process may only read", mem_written},
    {"proc(5): mem, text written is private to the process", mem_text},
    {"proc(5): mem, EIO where nothing is mapped", mem_errors},
    {"proc(5): mem, partial transfers", mem_partial},
    {"proc(5): mem, end of file after the process's death", mem_after_death},
    {"proc(5): mem, of a process that is not traced", mem_running},
    {"proc(5): mem, one's own", mem_self},
    {"proc(5): stat, t in a ptrace-stop", states},
    {"proc(5): status, State: t (tracing stop)", state_line},
    {"proc(5): status, TracerPid, PPid, Tgid and Pid", tracer_pid},
    {"proc(5): task, one directory for each thread", tasks},
    {"proc(5): maps", maps},
    {"proc(5): auxv", auxv},
    {"proc(5): exe", links},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
