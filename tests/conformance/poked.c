/* SPDX-License-Identifier: MIT */
/*
 * POKEDATA, asked for so often that a library may store into what it has mapped
 * of the tracee: whatever happens to that, the word goes where Linux puts it,
 * and nowhere else.
 */
#include "cases.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE  4096
#define WORDS (PAGE / 8)
#define OFTEN 8

/* Where nothing else is; the tracees have it by fork. */
#define AT	  ((long *)0x10000000)
#define ELSEWHERE (AT + 0x100000)

static void
make_pages(int n)
{
	check(mmap(AT, (size_t)n * PAGE, PROT_READ | PROT_WRITE,
		   MAP_FIXED | MAP_ANONYMOUS | MAP_PRIVATE, -1, 0) == AT);
	for (int i = 0; i < n; i++)
		AT[i * WORDS] = 1000 + i;
}

static void
rest(void)
{
	kill(getpid(), SIGSTOP);
}

static void
next(pid_t pid)
{
	cont(pid);
	expect(pid, STOPPED(SIGSTOP));
}

/* The word that PID has AT, by another way. */
static long
word_of(pid_t pid, const volatile void *at)
{
	char path[32];
	long v;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
	fd = open(path, O_RDONLY);
	check(fd >= 0);
	equal(pread(fd, &v, sizeof v, (off_t)(uintptr_t)at), sizeof v);
	close(fd);
	return v;
}

/* Words up to VALUE are poked and are there, each. */
static void
poke_up_to(pid_t pid, const volatile void *at, long value)
{
	for (long v = value - OFTEN; v < value; v++) {
		must(pt(PTRACE_POKEDATA, pid, at, v + 1));
		equal(peek(pid, at), v + 1);
	}
	equal(word_of(pid, at), value);
}

static void
is_refused(pid_t pid, const volatile void *at, int code)
{
	for (int i = 0; i < OFTEN; i++)
		refused(pt(PTRACE_POKEDATA, pid, at, -2), code);
}

static void
doubles(void)
{
	for (;;) {
		AT[0] *= 2;
		rest();
	}
}

/* What it pokes the tracee finds, and the tracer, who shares the page, not. */
static void
found_by_the_tracee(void)
{
	pid_t pid;

	make_pages(2);
	pid = launch(doubles);
	for (long v = 100; v < 104; v++) {
		poke_up_to(pid, AT, v);
		poke_up_to(pid, AT + WORDS - 1, -v);
		next(pid);
		equal(peek(pid, AT), 2 * v);
	}
	equal(AT[0], 1000);
	equal(AT[WORDS - 1], 0);
	end(pid);
}

/* Words at any address, of two pages, and of a page and nothing. */
static void
at_any_address(void)
{
	const char *base = (const char *)AT;
	pid_t pid;

	make_pages(2);
	pid = launch(do_nothing);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 8; i++)
			poke_up_to(pid, base + 8 + i, -5 - round);
		for (int i = 1; i < 8; i++)
			poke_up_to(pid, base + PAGE - i, 0x123456789abcdef0);
		for (int i = 1; i < 8; i++)
			is_refused(pid, base + 2 * PAGE - i, EIO);
		is_refused(pid, base + 2 * PAGE, EIO);
		poke_up_to(pid, base + 2 * PAGE - 8, 3);
	}
	is_refused(pid, (void *)-8ul, EIO);
	is_refused(pid, NULL, EIO);
	end(pid);
}

static void
changes(void)
{
	munmap(AT, PAGE);
	rest();
	mmap(AT, PAGE, PROT_READ | PROT_WRITE,
	     MAP_FIXED | MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
	rest();
	madvise(AT, PAGE, MADV_DONTNEED);
	rest();
	mprotect(AT, PAGE, PROT_READ);
	rest();
	mprotect(AT, PAGE, PROT_NONE);
	rest();
	mprotect(AT, PAGE, PROT_READ | PROT_WRITE);
	AT[0]++;
	rest();
	mremap(AT, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, ELSEWHERE);
	ELSEWHERE[0]++;
	rest();
}

static void
after_changes(void)
{
	pid_t pid;

	make_pages(2);
	pid = launch(changes);
	poke_up_to(pid, AT, 10);
	next(pid);
	is_refused(pid, AT, EIO);
	poke_up_to(pid, AT + WORDS, 20);
	next(pid);
	poke_up_to(pid, AT, 30);
	next(pid);
	equal(peek(pid, AT), 0);
	poke_up_to(pid, AT, 40);
	next(pid);
	poke_up_to(pid, AT, 50);
	next(pid);
	poke_up_to(pid, AT, 60);
	next(pid);
	equal(peek(pid, AT), 61);
	poke_up_to(pid, AT, 70);
	next(pid);
	is_refused(pid, AT, EIO);
	equal(peek(pid, ELSEWHERE), 71);
	poke_up_to(pid, ELSEWHERE, 80);
	equal(peek(pid, AT + WORDS), 20);
	end(pid);
}

/* The child tells what it has, before and after it writes itself. */
static void
forks(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		await(1);
		post(2, AT[0]);
		AT[0] = 5;
		post(3, 1);
		await(4);
		post(5, AT[0]);
		post(6, AT[WORDS]);
		_exit(0);
	}
	rest();
	waitpid(pid, NULL, 0);
	rest();
}

static void
after_fork(void)
{
	pid_t pid;

	make_pages(2);
	pid = launch(forks);
	poke_up_to(pid, AT, 100);
	poke_up_to(pid, AT + WORDS, 200);
	next(pid);
	poke_up_to(pid, AT, 110);
	post(1, 1);
	equal(await(2), 100);
	await(3);
	equal(peek(pid, AT), 110);
	poke_up_to(pid, AT, 120);
	poke_up_to(pid, AT + WORDS, 210);
	post(4, 1);
	equal(await(5), 5);
	equal(await(6), 200);
	cont(pid);
	expect(pid, STOPPED(SIGCHLD));
	next(pid);
	equal(word_of(pid, AT), 120);
	equal(word_of(pid, AT + WORDS), 210);
	end(pid);
}

/* The same while the tracee stands in its fork, before the child runs. */
static void
at_the_fork(void)
{
	pid_t pid, child;

	make_pages(2);
	pid = launch(forks);
	options(pid, PTRACE_O_TRACEFORK);
	poke_up_to(pid, AT, 100);
	poke_up_to(pid, AT + WORDS, 200);
	cont(pid);
	expect(pid, EVENT(FORK));
	child = (pid_t)event_message(pid);
	expect(child, STOPPED(SIGSTOP));
	poke_up_to(pid, AT, 110);
	equal(word_of(child, AT), 100);
	poke_up_to(child, AT + WORDS, 300);
	equal(word_of(pid, AT + WORDS), 200);
	poke_up_to(child, AT, 120);
	poke_up_to(pid, AT + WORDS, 210);
	equal(word_of(pid, AT), 110);
	equal(word_of(child, AT + WORDS), 300);
	equal(AT[0], 1000);
	equal(AT[WORDS], 1001);
	end(child);
	end(pid);
}

static void
vforks(void)
{
	pid_t pid = vfork();

	if (pid == 0)
		_exit((int)AT[0]);
	rest();
}

/* A vfork child has the tracee's memory. */
static void
at_the_vfork(void)
{
	pid_t pid, child;

	make_pages(1);
	pid = launch(vforks);
	options(pid, PTRACE_O_TRACEVFORK);
	poke_up_to(pid, AT, 100);
	cont(pid);
	expect(pid, EVENT(VFORK));
	child = (pid_t)event_message(pid);
	expect(child, STOPPED(SIGSTOP));
	poke_up_to(pid, AT, 17);
	equal(peek(child, AT), 17);
	poke_up_to(child, AT, 18);
	equal(peek(pid, AT), 18);
	cont(child);
	expect(child, EXITED(18));
	end(pid);
}

static void
executes(void)
{
	exec_self(-1);
}

static void
after_exec(void)
{
	pid_t pid;

	make_pages(1);
	pid = launch(executes);
	poke_up_to(pid, AT, 10);
	cont(pid);
	expect(pid, STOPPED(SIGTRAP));
	is_refused(pid, AT, EIO);
	end(pid);
}

static void
after_the_end(void)
{
	pid_t pid;

	make_pages(1);
	pid = launch(do_nothing);
	poke_up_to(pid, AT, 10);
	cont(pid);
	expect(pid, EXITED(0));
	is_refused(pid, AT, ESRCH);
	pid = launch(spin_forever);
	poke_up_to(pid, AT, 10);
	kill(pid, SIGKILL);
	expect(pid, KILLED_BY(SIGKILL));
	is_refused(pid, AT, ESRCH);
}

static void
spins(void)
{
	while (!board[1])
		;
	post(2, AT[0]);
	spin_forever();
}

static void
running_or_let_go(void)
{
	pid_t pid;

	make_pages(1);
	pid = launch(spins);
	poke_up_to(pid, AT, 10);
	cont(pid);
	is_refused(pid, AT, ESRCH);
	must(kill(pid, SIGSTOP));
	expect(pid, STOPPED(SIGSTOP));
	poke_up_to(pid, AT, 20);
	must(pt(PTRACE_DETACH, pid, 0, 0));
	is_refused(pid, AT, ESRCH);
	post(1, 1);
	equal(await(2), 20);
	must(pt(PTRACE_SEIZE, pid, 0, 0));
	is_refused(pid, AT, ESRCH);
	must(pt(PTRACE_INTERRUPT, pid, 0, 0));
	expect(pid, EVENT(STOP));
	poke_up_to(pid, AT, 30);
	end(pid);
}

static void *
helps(void *arg)
{
	await(1);
	munmap(AT, PAGE);
	post(2, 1);
	await(3);
	mmap(AT, PAGE, PROT_READ | PROT_WRITE,
	     MAP_FIXED | MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
	post(4, 1);
	await(5);
	post(6, AT[0]);
	return arg;
}

static void
has_helper(void)
{
	stop_beside(helps);
}

/* Only one thread is traced: the other runs on. */
static void
changed_by_another_thread(void)
{
	pid_t pid;

	make_pages(2);
	pid = launch(has_helper);
	cont(pid);
	expect(pid, STOPPED(SIGUSR1));
	poke_up_to(pid, AT, 10);
	post(1, 1);
	await(2);
	is_refused(pid, AT, EIO);
	poke_up_to(pid, AT + WORDS, 20);
	post(3, 1);
	await(4);
	poke_up_to(pid, AT, 30);
	post(5, 1);
	equal(await(6), 30);
	end(pid);
}

static pid_t shown;

static void *
is_no_tracer(void *arg)
{
	is_refused(shown, AT, ESRCH);
	return arg;
}

static void
not_the_tracer(void)
{
	pthread_t thread;
	pid_t pid;

	make_pages(1);
	shown = launch(do_nothing);
	poke_up_to(shown, AT, 10);
	equal(pthread_create(&thread, NULL, is_no_tracer, NULL), 0);
	pthread_join(thread, NULL);
	pid = fork();
	if (pid == 0) {
		is_no_tracer(NULL);
		_exit(0);
	}
	expect(pid, EXITED(0));
	equal(word_of(shown, AT), 10);
	poke_up_to(shown, AT, 20);
	end(shown);
}

static const struct test_case cases[] = {
    {"POKEDATA: the tracee finds the word, and nobody else",
     found_by_the_tracee},
    {"POKEDATA: EIO for a word that is not all mapped, at any address",
     at_any_address},
    {"POKEDATA: munmap, mmap, madvise, mprotect and mremap of the tracee",
     after_changes},
    {"POKEDATA: a fork of the tracee's has the words of before", after_fork},
    {"POKEDATA, PTRACE_EVENT_FORK: tracee and child have words of their own",
     at_the_fork},
    {"POKEDATA, PTRACE_EVENT_VFORK: tracee and child have the same words",
     at_the_vfork},
    {"POKEDATA: the memory of the former program", after_exec},
    {"POKEDATA: ESRCH for a tracee that has ended", after_the_end},
    {"POKEDATA, CONT, DETACH, SEIZE: ESRCH for one that runs",
     running_or_let_go},
    {"POKEDATA: another thread changes the memory meanwhile",
     changed_by_another_thread},
    {"POKEDATA: another thread, a fork of the tracer", not_the_tracer},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
