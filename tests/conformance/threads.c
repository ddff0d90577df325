/* SPDX-License-Identifier: MIT */
/* Tracees of several threads, and tracers of several threads. */
#include "cases.h"

#include <pthread.h>
#include <sys/syscall.h>

#ifndef __WNOTHREAD
#define __WNOTHREAD 0x20000000
#endif

#define THREADS 4

static void *
sleeper(void *arg)
{
	post((int)(intptr_t)arg, thread_id());
	sleep_forever();
	return arg;
}

static void
make_sleepers(void)
{
	pthread_t thread;

	for (intptr_t i = 1; i <= THREADS; i++)
		equal(pthread_create(&thread, NULL, sleeper, (void *)i), 0);
	post(0, 1);
	sleep_forever();
}

/* A child of five threads, all attached and stopped; [0] is the leader. */
static pid_t
attach_all(pid_t *tids)
{
	pid_t pid = child(make_sleepers);

	await(0);
	tids[0] = pid;
	for (int i = 1; i <= THREADS; i++)
		tids[i] = (pid_t)await(i);
	for (int i = 0; i <= THREADS; i++) {
		must(pt(PTRACE_ATTACH, tids[i], 0, 0));
		expect(tids[i], STOPPED(SIGSTOP));
	}
	return pid;
}

static void
kill_all(pid_t *tids)
{
	must(kill(tids[0], SIGKILL));
	for (int i = THREADS; i >= 0; i--)
		expect(tids[i], KILLED_BY(SIGKILL));
}

static void
attached(void)
{
	pid_t tids[THREADS + 1];
	struct user_regs_struct regs;

	attach_all(tids);
	for (int i = 0; i <= THREADS; i++) {
		get_regs(tids[i], &regs);
		equal(status_number(tids[i], "TracerPid"), getpid());
	}
	kill_all(tids);
}

static void
one_at_a_time(void)
{
	pid_t tids[THREADS + 1];

	attach_all(tids);
	cont(tids[2]);
	until_state(tids[2], "S");
	for (int i = 0; i <= THREADS; i++) {
		if (i != 2)
			equal(state_of(tids[i]), 't');
	}
	must(syscall(SYS_tgkill, tids[0], tids[2], SIGSTOP));
	expect(tids[2], STOPPED(SIGSTOP));
	equal(signal_info(tids[2]).si_code, SI_TKILL);
	kill_all(tids);
}

static void
process_signal(void)
{
	pid_t tids[THREADS + 1], got;
	int status;

	attach_all(tids);
	for (int i = 0; i <= THREADS; i++)
		cont(tids[i]);
	for (int i = 0; i <= THREADS; i++)
		until_state(tids[i], "S");
	must(kill(tids[0], SIGUSR1));
	got = (pid_t)must(waitpid(-1, &status, __WALL));
	equal(status, STOPPED(SIGUSR1));
	/* It is one signal, for one thread: the main one if it will. */
	equal(got, tids[0]);
	equal(must(waitpid(-1, &status, __WALL | WNOHANG)), 0);
	kill_all(tids);
}

static void
only_one_attached(void)
{
	pid_t pid = child(make_sleepers);
	pid_t tid;

	await(0);
	tid = (pid_t)await(3);
	must(pt(PTRACE_ATTACH, tid, 0, 0));
	expect(tid, STOPPED(SIGSTOP));
	equal(status_number(tid, "TracerPid"), getpid());
	equal(status_number(pid, "TracerPid"), 0);
	until_state(pid, "S");
	must(pt(PTRACE_DETACH, tid, 0, 0));
	end(pid);
}

static void *
exit_thread(void *arg)
{
	post(1, thread_id());
	await(2);
	syscall(SYS_exit, 13);
	return arg;
}

static void
thread_then_leader(void)
{
	pthread_t thread;

	equal(pthread_create(&thread, NULL, exit_thread, NULL), 0);
	await(3);
	_exit(0);
}

static void
thread_status(void)
{
	pid_t pid = child(thread_then_leader);
	pid_t tid = (pid_t)await(1);
	int status;

	must(pt(PTRACE_SEIZE, tid, 0, 0));
	post(2, 1);
	equal(must(waitpid(tid, &status, __WALL)), tid);
	equal(status, EXITED(13));
	refused(pt(PTRACE_CONT, tid, 0, 0), ESRCH);
	post(3, 1);
	expect(pid, EXITED(0));
}

static void *
outlive_leader(void *arg)
{
	pid_t leader = getpid();

	post(1, thread_id());
	until_state(leader, "Z");
	post(4, 1);
	await(2);
	_exit(14);
	return arg;
}

static void
leader_leaves(void)
{
	pthread_t thread;

	equal(pthread_create(&thread, NULL, outlive_leader, NULL), 0);
	await(3);
	syscall(SYS_exit, 15);
}

static void
leader_first(void)
{
	pid_t pid = child(leader_leaves);
	pid_t tid = (pid_t)await(1);

	must(pt(PTRACE_SEIZE, pid, 0, 0));
	must(pt(PTRACE_SEIZE, tid, 0, 0));
	post(3, 1);
	await(4);
	/* The leader is a zombie, but told of with the last thread. */
	equal(must(waitpid(pid, NULL, __WALL | WNOHANG)), 0);
	post(2, 1);
	expect(tid, EXITED(14));
	expect(pid, EXITED(14));
}

static void *
exit_group_thread(void *arg)
{
	post(1, thread_id());
	await(2);
	_exit(16);
	return arg;
}

static void
sleeping_leader(void)
{
	pthread_t thread;

	equal(pthread_create(&thread, NULL, exit_group_thread, NULL), 0);
	sleep_forever();
}

static void
exit_group_ends_all(void)
{
	pid_t pid = child(sleeping_leader);
	pid_t tid = (pid_t)await(1);

	must(pt(PTRACE_SEIZE, pid, 0, 0));
	must(pt(PTRACE_SEIZE, tid, 0, 0));
	post(2, 1);
	expect(tid, EXITED(16));
	expect(pid, EXITED(16));
}

static void
killed_while_stopped(void)
{
	pid_t tids[THREADS + 1];

	attach_all(tids);
	/* Some run, some are stopped. */
	cont(tids[1]);
	cont(tids[3]);
	kill_all(tids);
}

static void
detached_one(void)
{
	pid_t tids[THREADS + 1];

	attach_all(tids);
	must(pt(PTRACE_DETACH, tids[2], 0, 0));
	until_state(tids[2], "S");
	refused(waitpid(tids[2], NULL, __WALL | WNOHANG), ECHILD);
	must(kill(tids[0], SIGKILL));
	for (int i = THREADS; i >= 0; i--) {
		if (i != 2)
			expect(tids[i], KILLED_BY(SIGKILL));
	}
}

static void
peek_through_any(void)
{
	pid_t tids[THREADS + 1];
	static volatile long word = 7;

	attach_all(tids);
	must(pt(PTRACE_POKEDATA, tids[1], &word, 8));
	for (int i = 0; i <= THREADS; i++)
		equal(peek(tids[i], &word), 8);
	kill_all(tids);
}

static void *
tracing_thread(void *arg)
{
	pid_t pid = launch(sleep_forever);

	post(1, pid);
	await(2);
	expect(pid, STOPPED(SIGUSR1));
	end(pid);
	return arg;
}

static void
wait_of_other_thread(void)
{
	pthread_t thread;
	pid_t pid;

	equal(pthread_create(&thread, NULL, tracing_thread, NULL), 0);
	pid = (pid_t)await(1);
	/* Not this thread's tracee, nor its child. */
	refused(waitpid(pid, NULL, __WALL | __WNOTHREAD | WNOHANG), ECHILD);
	refused(pt(PTRACE_CONT, pid, 0, SIGUSR1), ESRCH);
	must(kill(pid, SIGUSR1));
	post(3, 1);
	equal(must(waitpid(pid, NULL, __WALL | WNOHANG)), 0);
	must(kill(pid, SIGCONT));
	must(kill(pid, SIGKILL));
	/* A wait of any thread may take it. */
	expect(pid, KILLED_BY(SIGKILL));
}

#define ROUNDS 20

/* Its own tracee's stops, one by one, and no other's. */
static void *
trace_rounds(void *arg)
{
	int mine = (int)(intptr_t)arg, status;
	pid_t pid = seize(sleep_forever, 0), got;

	for (int i = 0; i < ROUNDS; i++) {
		must(kill(pid, SIGUSR1));
		got = (pid_t)must(
		    waitpid(i % 2 ? pid : -1, &status, __WALL | __WNOTHREAD));
		equal(got, pid);
		equal(status, STOPPED(SIGUSR1));
		/* The other is not this thread's. */
		if (board[10 + !mine])
			refused(pt(PTRACE_CONT, board[10 + !mine], 0, 0),
				ESRCH);
		cont(pid);
		post(10 + mine, pid);
	}
	post(20 + mine, 1);
	await(20 + !mine);
	end(pid);
	return NULL;
}

static void
two_tracing_threads(void)
{
	pthread_t threads[2];

	for (intptr_t i = 0; i < 2; i++)
		equal(
		    pthread_create(&threads[i], NULL, trace_rounds, (void *)i),
		    0);
	for (int i = 0; i < 2; i++)
		equal(pthread_join(threads[i], NULL), 0);
	refused(waitpid(-1, NULL, __WALL | WNOHANG), ECHILD);
}

static void *
trace_another(void *arg)
{
	pid_t pid = *(pid_t *)arg;

	must(pt(PTRACE_SEIZE, pid, 0, 0));
	must(pt(PTRACE_INTERRUPT, pid, 0, 0));
	expect(pid, EVENT(STOP));
	must(pt(PTRACE_DETACH, pid, 0, 0));
	return NULL;
}

static void
any_thread_may_trace(void)
{
	pid_t pid = child(sleep_forever);
	pthread_t thread;

	for (int i = 0; i < 3; i++) {
		equal(pthread_create(&thread, NULL, trace_another, &pid), 0);
		equal(pthread_join(thread, NULL), 0);
	}
	end(pid);
}

static void
traceme_thread_parent(void)
{
	pid_t tids[THREADS + 1];

	attach_all(tids);
	/* Signals for one thread do not stop another. */
	for (int i = 0; i <= THREADS; i++)
		cont(tids[i]);
	for (int i = THREADS; i >= 0; i--) {
		must(syscall(SYS_tgkill, tids[0], tids[i], SIGUSR1 + i % 2));
		expect(tids[i], STOPPED(SIGUSR1 + i % 2));
	}
	kill_all(tids);
}

static const struct test_case cases[] = {
    {"ATTACH, GETREGS: attachment is per thread; all of a process", attached},
    {"CONT: a thread is resumed alone, and stopped by tgkill", one_at_a_time},
    {"CONT: a signal to the process stops one thread", process_signal},
    {"ATTACH, DETACH: one thread alone", only_one_attached},
    {"SEIZE: the exit status of a thread is told to its tracer", thread_status},
    {"SEIZE: a leader that exits first is told of when all are gone",
     leader_first},
    {"SEIZE: exit_group ends and tells all threads", exit_group_ends_all},
    {"CONT: SIGKILL ends running and stopped threads", killed_while_stopped},
    {"DETACH: of one thread of many", detached_one},
    {"POKEDATA, PEEKDATA: by any thread of the process", peek_through_any},
    {"wait(2): __WNOTHREAD leaves out what another thread traces; the "
     "tracer is a thread",
     wait_of_other_thread},
    {"wait(2): two threads trace at the same time, each its own tracee",
     two_tracing_threads},
    {"SEIZE, INTERRUPT, DETACH: by a thread that is not the main one",
     any_thread_may_trace},
    {"CONT: signals directed to threads", traceme_thread_parent},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
