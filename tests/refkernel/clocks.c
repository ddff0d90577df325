/* SPDX-License-Identifier: MIT */
/* Clocks, sleeps, interval and POSIX timers, resource use. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

#define MS 1000000LL

static long long
now(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static volatile int n_seen;
static siginfo_t info;

static void
record(int sig, siginfo_t *i, void *uc)
{
	(void)sig;
	(void)uc;
	info = *i;
	n_seen++;
}

static void catch (int sig)
{
	struct sigaction sa = {.sa_flags = SA_SIGINFO};

	sa.sa_sigaction = record;
	sigaction(sig, &sa, NULL);
	n_seen = 0;
}

static void
spin(long long ns)
{
	long long end = now(CLOCK_PROCESS_CPUTIME_ID) + ns;

	while (now(CLOCK_PROCESS_CPUTIME_ID) < end)
		;
}

static void
test_clocks(void)
{
	long long a = now(CLOCK_MONOTONIC), b;
	struct timespec ts = {0, 20 * MS};
	struct timeval tv;
	int i, back = 0;

	for (i = 0; i < 1000; i++) {
		b = now(CLOCK_MONOTONIC);
		back += b < a;
		a = b;
	}
	is_int(back, 0, "time does not go back");
	gettimeofday(&tv, NULL);
	ok(tv.tv_sec - time(NULL) <= 1, "gettimeofday and time agree");
	ok(tv.tv_sec > 1700000000, "and know the date");
	a = now(CLOCK_MONOTONIC);
	is_int(nanosleep(&ts, NULL), 0, "nanosleep");
	b = now(CLOCK_MONOTONIC) - a;
	ok(b >= 20 * MS, "sleeps long enough");
	ok(b < 500 * MS, "and not much longer");
	ts.tv_nsec = 1000000000;
	is_int(nanosleep(&ts, NULL), -1, "nanosleep of a billion ns");
	is_int(errno, EINVAL, "is EINVAL");
	is_int(clock_gettime(99, &ts), -1, "no such clock");
	is_int(errno, EINVAL, "is EINVAL");
	a = now(CLOCK_MONOTONIC) + 20 * MS;
	ts.tv_sec = a / 1000000000;
	ts.tv_nsec = a % 1000000000;
	is_int(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL), 0,
	       "an absolute sleep");
	ok(now(CLOCK_MONOTONIC) >= a, "is long enough");
	clock_getres(CLOCK_MONOTONIC, &ts);
	ok(ts.tv_sec == 0 && ts.tv_nsec == 1, "resolution");
}

static void
test_cpu_time(void)
{
	long long c = now(CLOCK_PROCESS_CPUTIME_ID), d;
	struct rusage ru;
	struct tms t;

	usleep(400000);
	d = now(CLOCK_PROCESS_CPUTIME_ID) - c;
	ok(d < 200 * MS, "sleeping uses no CPU time");
	c = now(CLOCK_THREAD_CPUTIME_ID);
	spin(40 * MS);
	ok(now(CLOCK_THREAD_CPUTIME_ID) - c >= 39 * MS, "spinning does");
	getrusage(RUSAGE_SELF, &ru);
	ok(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec >= 40000,
	   "getrusage knows");
	ok(times(&t) != (clock_t)-1 && t.tms_utime + t.tms_stime >= 3,
	   "times knows");
	is_int(getrusage(77, &ru), -1, "getrusage of nobody");
}

static void
test_itimers(void)
{
	struct itimerval it = {{0, 0}, {0, 20000}}, old;

	catch (SIGALRM);
	is_int(setitimer(ITIMER_REAL, &it, NULL), 0, "setitimer");
	getitimer(ITIMER_REAL, &old);
	ok(old.it_value.tv_usec > 0 && old.it_value.tv_usec <= 20000,
	   "getitimer");
	pause();
	is_int(n_seen, 1, "SIGALRM");
	is_int(info.si_code, SI_KERNEL, "from the kernel");
	it.it_interval.tv_usec = 5000;
	setitimer(ITIMER_REAL, &it, NULL);
	while (n_seen < 4)
		pause();
	memset(&it, 0, sizeof(it));
	setitimer(ITIMER_REAL, &it, &old);
	is_int(old.it_interval.tv_usec, 5000, "again and again");
	catch (SIGPROF);
	/* Long ones: a busy host's emulation makes CPU time of its own. */
	it.it_value.tv_usec = 300000;
	setitimer(ITIMER_PROF, &it, NULL);
	usleep(400000);
	is_int(n_seen, 0, "ITIMER_PROF does not count sleep");
	spin(400 * MS);
	is_int(n_seen, 1, "but CPU time");
	catch (SIGVTALRM);
	setitimer(ITIMER_VIRTUAL, &it, NULL);
	while (!n_seen)
		;
	is_int(n_seen, 1, "ITIMER_VIRTUAL");
	is_int(alarm(100), 0, "alarm");
	is_int(alarm(0), 100, "tells the rest");
}

static void
test_posix_timers(void)
{
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL,
			      .sigev_signo = SIGRTMIN};
	struct itimerspec its = {{0, 0}, {0, 10 * MS}}, cur;
	sigset_t s;
	int seen, overrun;
	timer_t t;

	ev.sigev_value.sival_int = 77;
	is_int(timer_create(CLOCK_MONOTONIC, &ev, &t), 0, "timer_create");
	catch (SIGRTMIN);
	timer_settime(t, 0, &its, NULL);
	pause();
	is_int(n_seen, 1, "it expires");
	is_int(info.si_code, SI_TIMER, "SI_TIMER");
	is_int(info.si_value.sival_int, 77, "with its value");
	is_int(info.si_overrun, 0, "no overrun");
	timer_gettime(t, &cur);
	is_int(cur.it_value.tv_nsec, 0, "it is disarmed then");
	sigemptyset(&s);
	sigaddset(&s, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &s, NULL);
	its.it_interval.tv_nsec = 2 * MS;
	its.it_value.tv_nsec = 2 * MS;
	timer_settime(t, 0, &its, NULL);
	usleep(21000);
	sigprocmask(SIG_UNBLOCK, &s, NULL);
	seen = info.si_overrun;
	ok(n_seen == 2 ? seen >= 5 : n_seen == 3,
	   "one signal for many periods, with the overrun count");
	/* Equal, unless a busy host let one more signal come in between. */
	overrun = timer_getoverrun(t);
	ok(n_seen > 2 ? overrun >= 0 : overrun == seen, "timer_getoverrun");
	is_int(timer_delete(t), 0, "timer_delete");
	is_int(syscall(SYS_timer_delete, 99999), -1, "once");
	is_int(errno, EINVAL, "EINVAL");
	ev.sigev_signo = 99;
	is_int(timer_create(CLOCK_MONOTONIC, &ev, &t), -1, "a bad signal");
	is_int(errno, EINVAL, "is EINVAL");
}

static void
test_priority(void)
{
	is_int(getpriority(PRIO_PROCESS, 0), 0, "nice 0");
	is_int(setpriority(PRIO_PROCESS, 0, 5), 0, "setpriority");
	is_int(getpriority(PRIO_PROCESS, 0), 5, "nice 5");
	is_int(syscall(SYS_getpriority, 0, 0), 15, "as the call tells it");
	is_int(setpriority(PRIO_PROCESS, 999999, 5), -1, "of nobody");
	is_int(errno, ESRCH, "is ESRCH");
}

int
main(void)
{
	test_clocks();
	test_cpu_time();
	test_itimers();
	test_posix_timers();
	test_priority();
	return done_testing();
}
