/* SPDX-License-Identifier: MIT */
/*
 * System calls that read and set clocks, and that sleep.
 */
#include "calls_thread.h"
#include "errno.h"
#include "thread.h"
#include "user.h"

#define CLOCK_REALTIME		 0
#define CLOCK_MONOTONIC		 1
#define CLOCK_PROCESS_CPUTIME_ID 2
#define CLOCK_THREAD_CPUTIME_ID	 3
#define CLOCK_MONOTONIC_RAW	 4
#define CLOCK_REALTIME_COARSE	 5
#define CLOCK_MONOTONIC_COARSE	 6
#define CLOCK_BOOTTIME		 7
#define CLOCK_REALTIME_ALARM	 8
#define CLOCK_BOOTTIME_ALARM	 9
#define CLOCK_TAI		 11
#define TIMER_ABSTIME		 1

int
timespec_in(uint64_t ua, int64_t *out_ns)
{
	struct timespec ts;

	if (copy_in(&ts, ua, sizeof(ts)))
		return -EFAULT;
	if (ts.sec < 0 || ts.nsec < 0 || ts.nsec >= NSEC_PER_SEC)
		return -EINVAL;
	if (ts.sec > TIME_MAX / NSEC_PER_SEC - 1)
		*out_ns = TIME_MAX;
	else
		*out_ns = ts.sec * NSEC_PER_SEC + ts.nsec;
	return 0;
}

int
timespec_out(uint64_t ua, int64_t ns)
{
	struct timespec ts = {ns / NSEC_PER_SEC, ns % NSEC_PER_SEC};

	return copy_out(ua, &ts, sizeof(ts));
}

int
timeval_in(uint64_t ua, int64_t *out_ns)
{
	struct timeval tv;

	if (copy_in(&tv, ua, sizeof(tv)))
		return -EFAULT;
	if (tv.sec < 0 || tv.usec < 0 || tv.usec >= 1000000)
		return -EINVAL;
	if (tv.sec > TIME_MAX / NSEC_PER_SEC - 1)
		*out_ns = TIME_MAX;
	else
		*out_ns = tv.sec * NSEC_PER_SEC + tv.usec * 1000;
	return 0;
}

int
timeval_out(uint64_t ua, int64_t ns)
{
	struct timeval tv = {ns / NSEC_PER_SEC, ns % NSEC_PER_SEC / 1000};

	return copy_out(ua, &tv, sizeof(tv));
}

int64_t
deadline_after(int64_t ns)
{
	int64_t now = clock_monotonic();

	return ns > TIME_MAX - now ? TIME_MAX : now + ns;
}

/*
 * A CPU clock of another thread or process: the upper bits are its inverted
 * number, bit 2 says thread, bits 0 and 1 which clock (2: all CPU time).
 */
static int
cpu_clock(int id, int64_t *out_ns)
{
	int pid = ~(id >> 3), which = id & 3;
	struct thread *t = pid ? thread_find(pid) : current;
	struct usage u;

	if (!t || which == 3)
		return -EINVAL;
	if (id & 4) {
		if (t->process != current->process)
			return -EINVAL;
		thread_usage(t, &u);
	} else {
		if (t->process->pid != pid && pid)
			return -EINVAL;
		process_usage(t->process, &u);
	}
	*out_ns = which == 1 ? u.user_ns : u.user_ns + u.sys_ns;
	return 0;
}

int
clock_read(int id, int64_t *out_ns)
{
	struct usage u;

	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_REALTIME_ALARM:
	case CLOCK_TAI:
		*out_ns = clock_realtime();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
	case CLOCK_BOOTTIME_ALARM:
		*out_ns = clock_monotonic();
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
		process_usage(current->process, &u);
		*out_ns = u.user_ns + u.sys_ns;
		return 0;
	case CLOCK_THREAD_CPUTIME_ID:
		thread_usage(current, &u);
		*out_ns = u.user_ns + u.sys_ns;
		return 0;
	default:
		return id < 0 ? cpu_clock(id, out_ns) : -EINVAL;
	}
}

int64_t
clock_to_monotonic(int id, int64_t ns)
{
	int64_t now;

	if (ns == TIME_MAX || clock_read(id, &now))
		return ns;
	ns = ns - now + clock_monotonic();
	return ns < 0 ? 0 : ns;
}

long
sys_clock_gettime(int id, uint64_t ua)
{
	int64_t ns;
	int err = clock_read(id, &ns);

	return err ? err : timespec_out(ua, ns);
}

long
sys_clock_getres(int id, uint64_t ua)
{
	int64_t ns;
	int err = clock_read(id, &ns);

	if (err || !ua)
		return err;
	if (id == CLOCK_REALTIME_COARSE || id == CLOCK_MONOTONIC_COARSE)
		return timespec_out(ua, 4000000);
	return timespec_out(ua, 1);
}

long
sys_clock_settime(int id, uint64_t ua)
{
	int64_t ns;
	int err;

	if (id != CLOCK_REALTIME)
		return -EINVAL;
	err = timespec_in(ua, &ns);
	if (err)
		return err;
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	clock_set_realtime(ns);
	return 0;
}

long
sys_gettimeofday(uint64_t tv, uint64_t tz)
{
	static const int32_t utc[2];

	if (tv && timeval_out(tv, clock_realtime()))
		return -EFAULT;
	return tz ? copy_out(tz, utc, sizeof(utc)) : 0;
}

long
sys_settimeofday(uint64_t tv, uint64_t tz)
{
	int64_t ns;
	int err;

	(void)tz;
	if (!tv)
		return 0;
	err = timeval_in(tv, &ns);
	if (err)
		return err;
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	clock_set_realtime(ns);
	return 0;
}

long
sys_time(uint64_t ua)
{
	int64_t sec = clock_realtime() / NSEC_PER_SEC;

	return ua && copy_out(ua, &sec, sizeof(sec)) ? -EFAULT : sec;
}

/* Sleep until DEADLINE; the rest goes to REMAINING (if not 0). */
static long
sleep_until(int64_t deadline, uint64_t remaining)
{
	int64_t left;
	int err = 0;

	while (!err)
		err = wait_sleep(deadline, WAIT_INTERRUPTIBLE);
	if (err == -ETIMEDOUT)
		return 0;
	left = deadline - clock_monotonic();
	if (remaining && timespec_out(remaining, left > 0 ? left : 0))
		return -EFAULT;
	return -ERESTART_RESTARTBLOCK;
}

static long
restart_sleep(struct restart *r)
{
	return sleep_until(r->deadline, r->arg[0]);
}

static long
sleep_relative(int64_t ns, uint64_t remaining)
{
	int64_t deadline = deadline_after(ns);

	current->restart = (struct restart){
	    .fn = restart_sleep,
	    .arg = {remaining},
	    .deadline = deadline,
	};
	return sleep_until(deadline, remaining);
}

long
sys_nanosleep(uint64_t req, uint64_t rem)
{
	int64_t ns;
	int err = timespec_in(req, &ns);

	return err ? err : sleep_relative(ns, rem);
}

long
sys_clock_nanosleep(int id, int flags, uint64_t req, uint64_t rem)
{
	int64_t ns, now;
	int err = clock_read(id, &now);
	long ret;

	if (err)
		return err;
	if (id < 0 || id == CLOCK_PROCESS_CPUTIME_ID ||
	    id == CLOCK_THREAD_CPUTIME_ID)
		return id == CLOCK_THREAD_CPUTIME_ID ? -EINVAL : -EOPNOTSUPP;
	if (id == CLOCK_MONOTONIC_RAW || id == CLOCK_REALTIME_COARSE ||
	    id == CLOCK_MONOTONIC_COARSE)
		return -EOPNOTSUPP;
	err = timespec_in(req, &ns);
	if (err)
		return err;
	if (!(flags & TIMER_ABSTIME))
		return sleep_relative(ns, rem);
	ret = sleep_until(clock_to_monotonic(id, ns), 0);
	return ret == -ERESTART_RESTARTBLOCK ? -ERESTARTNOHAND : ret;
}
