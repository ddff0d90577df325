/* SPDX-License-Identifier: MIT */
/*
 * PEEKDATA and GETREGS, asked so often that a library may answer from what it
 * has mapped of the tracee: whatever happens to that, the answers are Linux's.
 */
#include "cases.h"

#include <elf.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE  4096
#define OFTEN 8

/* Where nothing else is; the tracees have it by fork. */
#define AT ((long *)0x10000000)

static void
make_pages(int n, int flags)
{
	check(mmap(AT, (size_t)n * PAGE, PROT_READ | PROT_WRITE,
		   MAP_FIXED | MAP_ANONYMOUS | flags, -1, 0) == AT);
	for (int i = 0; i < n * PAGE; i += PAGE)
		AT[i / 8] = 1000 + i / PAGE;
}

static void
rest(void)
{
	kill(getpid(), SIGSTOP);
}

/* The word there is VALUE, however often it is asked for. */
static void
is_word(pid_t pid, const volatile long *at, long value)
{
	for (int i = 0; i < OFTEN; i++)
		equal(peek(pid, at), value);
}

static void
is_gone(pid_t pid, const volatile long *at)
{
	for (int i = 0; i < OFTEN; i++)
		refused(pt(PTRACE_PEEKDATA, pid, at, 0), EIO);
}

/* Let PID do its next thing and stop again. */
static void
next(pid_t pid)
{
	cont(pid);
	expect(pid, STOPPED(SIGSTOP));
}

static void
writes(void)
{
	for (;;) {
		AT[0]++;
		AT[PAGE / 8]--;
		rest();
	}
}

static void
written_since(void)
{
	pid_t pid;

	make_pages(2, MAP_PRIVATE);
	pid = launch(writes);
	is_word(pid, AT, 1000);
	is_word(pid, AT + PAGE / 8, 1001);
	for (int i = 1; i < 5; i++) {
		next(pid);
		is_word(pid, AT, 1000 + i);
		is_word(pid, AT + PAGE / 8, 1001 - i);
	}
	must(pt(PTRACE_POKEDATA, pid, AT, -1));
	is_word(pid, AT, -1);
	equal(AT[0], 1000);
	end(pid);
}

static void
unmaps(void)
{
	munmap(AT, PAGE);
	rest();
	mmap(AT, PAGE, PROT_READ | PROT_WRITE,
	     MAP_FIXED | MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
	rest();
	AT[0] = 7;
	rest();
	madvise(AT, PAGE, MADV_DONTNEED);
	rest();
}

static void
unmapped(void)
{
	pid_t pid;

	make_pages(2, MAP_PRIVATE);
	pid = launch(unmaps);
	is_word(pid, AT, 1000);
	next(pid);
	is_gone(pid, AT);
	is_word(pid, AT + PAGE / 8, 1001);
	next(pid);
	is_word(pid, AT, 0);
	next(pid);
	is_word(pid, AT, 7);
	next(pid);
	is_word(pid, AT, 0);
	end(pid);
}

static void
protects(void)
{
	mprotect(AT, PAGE, PROT_NONE);
	rest();
	mprotect(AT, PAGE, PROT_READ | PROT_WRITE);
	AT[0] = 8;
	rest();
}

static void protected(void)
{
	pid_t pid;

	make_pages(1, MAP_PRIVATE);
	pid = launch(protects);
	is_word(pid, AT, 1000);
	next(pid);
	is_word(pid, AT, 1000);
	must(pt(PTRACE_POKEDATA, pid, AT, 5));
	is_word(pid, AT, 5);
	next(pid);
	is_word(pid, AT, 8);
	end(pid);
}

#define ELSEWHERE (AT + 0x100000)

static void
moves(void)
{
	mremap(AT, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, ELSEWHERE);
	ELSEWHERE[0] = 9;
	rest();
}

static void
moved(void)
{
	pid_t pid;

	make_pages(1, MAP_PRIVATE);
	pid = launch(moves);
	is_word(pid, AT, 1000);
	is_gone(pid, ELSEWHERE);
	next(pid);
	is_gone(pid, AT);
	is_word(pid, ELSEWHERE, 9);
	end(pid);
}

/* The child writes first to one page, the tracee to the other. */
static void
forks(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		AT[0] = 50;
		post(1, 1);
		await(2);
		post(3, AT[0]);
		post(4, AT[PAGE / 8]);
		_exit(0);
	}
	await(1);
	rest();
	AT[0] = 60;
	AT[PAGE / 8] = 61;
	rest();
}

static void
copied_on_write(void)
{
	pid_t pid;

	make_pages(2, MAP_PRIVATE);
	pid = launch(forks);
	is_word(pid, AT, 1000);
	is_word(pid, AT + PAGE / 8, 1001);
	next(pid);
	is_word(pid, AT, 1000);
	is_word(pid, AT + PAGE / 8, 1001);
	must(pt(PTRACE_POKEDATA, pid, AT + PAGE / 8, 70));
	is_word(pid, AT + PAGE / 8, 70);
	next(pid);
	is_word(pid, AT, 60);
	is_word(pid, AT + PAGE / 8, 61);
	post(2, 1);
	equal(await(3), 50);
	equal(await(4), 1001);
	is_word(pid, AT, 60);
	end(pid);
}

static void
executes(void)
{
	exec_self(-1);
}

static void
executed(void)
{
	pid_t pid;

	make_pages(1, MAP_PRIVATE);
	pid = launch(executes);
	is_word(pid, AT, 1000);
	cont(pid);
	expect(pid, STOPPED(SIGTRAP));
	is_gone(pid, AT);
	end(pid);
}

static void
ended(void)
{
	struct user_regs_struct regs;
	pid_t pid;

	make_pages(1, MAP_PRIVATE);
	pid = launch(do_nothing);
	is_word(pid, AT, 1000);
	get_regs(pid, &regs);
	cont(pid);
	expect(pid, EXITED(0));
	refused(pt(PTRACE_PEEKDATA, pid, AT, 0), ESRCH);
	refused(pt(PTRACE_GETREGS, pid, 0, &regs), ESRCH);
	pid = launch(do_nothing);
	is_word(pid, AT, 1000);
	for (int i = 0; i < OFTEN; i++)
		get_regs(pid, &regs);
	kill(pid, SIGKILL);
	expect(pid, KILLED_BY(SIGKILL));
	refused(pt(PTRACE_PEEKDATA, pid, AT, 0), ESRCH);
	refused(pt(PTRACE_GETREGS, pid, 0, &regs), ESRCH);
}

static void
counts(void)
{
	for (;;) {
		AT[0]++;
		post(1, AT[0]);
	}
}

static void
detached(void)
{
	struct user_regs_struct regs;
	pid_t pid;
	long was;

	make_pages(1, MAP_PRIVATE);
	pid = seize(counts, 0);
	for (int i = 0; i < 3; i++) {
		must(pt(PTRACE_INTERRUPT, pid, 0, 0));
		expect(pid, EVENT(STOP));
		was = peek(pid, AT);
		is_word(pid, AT, was);
		for (int k = 0; k < OFTEN; k++)
			get_regs(pid, &regs);
		must(pt(PTRACE_DETACH, pid, 0, 0));
		refused(pt(PTRACE_PEEKDATA, pid, AT, 0), ESRCH);
		refused(pt(PTRACE_GETREGS, pid, 0, &regs), ESRCH);
		while (await(1) <= was)
			;
		must(pt(PTRACE_SEIZE, pid, 0, 0));
		refused(pt(PTRACE_PEEKDATA, pid, AT, 0), ESRCH);
		must(pt(PTRACE_INTERRUPT, pid, 0, 0));
		expect(pid, EVENT(STOP));
		check(peek(pid, AT) > was);
		cont(pid);
		refused(pt(PTRACE_GETREGS, pid, 0, &regs), ESRCH);
	}
	end(pid);
}

static void
registers(void)
{
	struct user_regs_struct regs, set;
	struct iovec iov = {&set, sizeof set};
	pid_t pid = launch(spin_forever);

	for (int i = 0; i < 40; i++) {
		step(pid);
		expect(pid, STOPPED(SIGTRAP));
		get_regs(pid, &regs);
		iov.iov_len = sizeof set;
		must(pt(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
		check(!memcmp(&regs, &set, sizeof regs));
		equal(pt(PTRACE_PEEKUSER, pid,
			 offsetof(struct user_regs_struct, rip), 0),
		      regs.rip);
	}
	for (int i = 0; i < OFTEN; i++) {
		get_regs(pid, &regs);
		set = regs;
		set.r12 = 0x1234567800 + i;
		set_regs(pid, &set);
		get_regs(pid, &regs);
		check(!memcmp(&regs, &set, sizeof regs));
		must(pt(PTRACE_POKEUSER, pid,
			offsetof(struct user_regs_struct, r13), i));
		get_regs(pid, &regs);
		equal(regs.r13, i);
	}
	end(pid);
}

static ssize_t
read_words(pid_t pid, long *to, const volatile long *from, size_t n)
{
	struct iovec local = {to, n}, remote = {(void *)from, n};

	return process_vm_readv(pid, &local, 1, &remote, 1, 0);
}

/* process_vm_readv() obeys the tracee's rights, PEEKDATA does not. */
static void
read_in_bulk(void)
{
	static long got[PAGE / 8];
	pid_t pid;

	make_pages(2, MAP_PRIVATE);
	pid = launch(protects);
	for (int i = 0; i < OFTEN; i++) {
		equal(read_words(pid, got, AT, PAGE), PAGE);
		equal(got[0], 1000);
		equal(read_words(pid, got, AT + 100, PAGE), PAGE);
		equal(got[PAGE / 8 - 100], 1001);
		refused(read_words(pid, (long *)8, AT, 16), EFAULT);
		refused(read_words(pid, (long *)&read_in_bulk, AT, 16), EFAULT);
	}
	next(pid);
	is_word(pid, AT, 1000);
	for (int i = 0; i < OFTEN; i++)
		refused(read_words(pid, got, AT, 16), EFAULT);
	next(pid);
	for (int i = 0; i < OFTEN; i++)
		equal(read_words(pid, got, AT, 16), 16);
	equal(got[0], 8);
	end(pid);
}

/* Where the kernel cannot store, as often as it is asked. */
static void
bad_pointers(void)
{
	struct user_regs_struct regs;
	pid_t pid = launch(do_nothing);
	void *none =
	    mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (int i = 0; i < OFTEN; i++) {
		get_regs(pid, &regs);
		refused(pt(PTRACE_GETREGS, pid, 0, 0), EFAULT);
		refused(pt(PTRACE_GETREGS, pid, 0, none), EFAULT);
		refused(pt(PTRACE_GETREGS, pid, 0, &bad_pointers), EFAULT);
	}
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
	AT[0] = 77;
	post(4, 1);
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

	make_pages(2, MAP_PRIVATE);
	pid = launch(has_helper);
	cont(pid);
	expect(pid, STOPPED(SIGUSR1));
	is_word(pid, AT, 1000);
	post(1, 1);
	await(2);
	is_gone(pid, AT);
	is_word(pid, AT + PAGE / 8, 1001);
	post(3, 1);
	await(4);
	is_word(pid, AT, 77);
	end(pid);
}

static pid_t shown;

static void *
is_no_tracer(void *arg)
{
	struct user_regs_struct regs;

	refused(pt(PTRACE_PEEKDATA, shown, AT, 0), ESRCH);
	refused(pt(PTRACE_GETREGS, shown, 0, &regs), ESRCH);
	return arg;
}

static void
not_the_tracer(void)
{
	struct user_regs_struct regs;
	pthread_t thread;
	pid_t pid;

	make_pages(1, MAP_PRIVATE);
	shown = launch(do_nothing);
	is_word(shown, AT, 1000);
	for (int i = 0; i < OFTEN; i++)
		get_regs(shown, &regs);
	equal(pthread_create(&thread, NULL, is_no_tracer, NULL), 0);
	pthread_join(thread, NULL);
	pid = fork();
	if (pid == 0) {
		is_no_tracer(NULL);
		_exit(0);
	}
	expect(pid, EXITED(0));
	is_word(shown, AT, 1000);
	end(shown);
}

static const struct test_case cases[] = {
    {"PEEKDATA: what the tracee has written since", written_since},
    {"PEEKDATA: munmap, mmap and madvise of the tracee", unmapped},
    {"PEEKDATA: mprotect of the tracee", protected},
    {"PEEKDATA: mremap of the tracee", moved},
    {"PEEKDATA, POKEDATA: the tracee's side of copy-on-write", copied_on_write},
    {"PEEKDATA: the memory of the former program", executed},
    {"PEEKDATA, GETREGS: a tracee that has ended", ended},
    {"PEEKDATA, GETREGS, DETACH, SEIZE: again and again", detached},
    {"GETREGS, SETREGS, GETREGSET, PEEKUSER, POKEUSER: agree at each stop",
     registers},
    {"process_vm_readv(2), PEEKDATA: the rights of each", read_in_bulk},
    {"GETREGS: a bad pointer", bad_pointers},
    {"PEEKDATA: another thread changes the memory meanwhile",
     changed_by_another_thread},
    {"PEEKDATA, GETREGS: another thread, a fork of the tracer", not_the_tracer},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
