/* SPDX-License-Identifier: MIT */
/*
 * System calls that tell: of the process, its use of resources, the system.
 */
#include "calls_thread.h"
#include "errno.h"
#include "mem.h"
#include "random.h"
#include "string.h"
#include "thread.h"
#include "user.h"
#include "vm.h"

#define RUSAGE_SELF	0
#define RUSAGE_CHILDREN (-1)
#define RUSAGE_THREAD	1

long
sys_getpid(void)
{
	return current->process->pid;
}

long
sys_gettid(void)
{
	return current->tid;
}

long
sys_getppid(void)
{
	const struct process *parent = current->process->parent;

	return parent ? parent->pid : 0;
}

struct rusage {
	struct timeval utime, stime;
	int64_t maxrss, ixrss, idrss, isrss, minflt, majflt, nswap;
	int64_t inblock, oublock, msgsnd, msgrcv, nsignals, nvcsw, nivcsw;
};

int
rusage_out(uint64_t ua, const struct usage *u)
{
	struct rusage r = {
	    .utime = {u->user_ns / NSEC_PER_SEC,
		      u->user_ns % NSEC_PER_SEC / 1000},
	    .stime = {u->sys_ns / NSEC_PER_SEC,
		      u->sys_ns % NSEC_PER_SEC / 1000},
	    .maxrss = (int64_t)u->maxrss_kb,
	    .minflt = (int64_t)u->minflt,
	    .majflt = (int64_t)u->majflt,
	    .nvcsw = (int64_t)u->nvcsw,
	    .nivcsw = (int64_t)u->nivcsw,
	};

	return copy_out(ua, &r, sizeof(r));
}

static void
add_memory(struct usage *u)
{
	uint64_t kb = current->vm->peak_present * 4;

	if (kb > u->maxrss_kb)
		u->maxrss_kb = kb;
}

long
sys_getrusage(int who, uint64_t ua)
{
	struct usage u;

	switch (who) {
	case RUSAGE_SELF:
		process_usage(current->process, &u);
		add_memory(&u);
		break;
	case RUSAGE_CHILDREN:
		u = current->process->dead_children;
		break;
	case RUSAGE_THREAD:
		thread_usage(current, &u);
		add_memory(&u);
		break;
	default:
		return -EINVAL;
	}
	return rusage_out(ua, &u);
}

long
sys_times(uint64_t ua)
{
	const struct usage *dead = &current->process->dead_children;
	struct usage u;
	int64_t t[4];

	if (ua) {
		process_usage(current->process, &u);
		t[0] = u.user_ns / 10000000;
		t[1] = u.sys_ns / 10000000;
		t[2] = dead->user_ns / 10000000;
		t[3] = dead->sys_ns / 10000000;
		if (copy_out(ua, t, sizeof(t)))
			return -EFAULT;
	}
	return clock_monotonic() / 10000000;
}

long
sys_uname(uint64_t ua)
{
	static const struct {
		char sysname[65], nodename[65], release[65], version[65];
		char machine[65], domainname[65];
	} names = {
	    "Linux",  "refkernel", "6.1.0-proctrace", "#1 proctrace refkernel",
	    "x86_64", "(none)",
	};

	return copy_out(ua, &names, sizeof(names));
}

long
sys_sysinfo(uint64_t ua)
{
	struct {
		int64_t uptime;
		uint64_t loads[3], total, free, shared, buffer, total_swap;
		uint64_t free_swap;
		uint16_t procs, pad[3];
		uint64_t total_high, free_high;
		uint32_t unit, pad2;
	} s = {.unit = 1};
	struct mem_census c;

	_Static_assert(sizeof(s) == 112, "struct sysinfo");
	mem_census(&c);
	s.uptime = clock_monotonic() / NSEC_PER_SEC;
	s.total = c.total * PAGE_SIZE;
	s.free = c.free * PAGE_SIZE;
	s.procs = (uint16_t)thread_count();
	return copy_out(ua, &s, sizeof(s));
}

long
sys_getcpu(uint64_t cpu, uint64_t node)
{
	uint32_t zero = 0;

	if ((cpu && copy_out(cpu, &zero, sizeof(zero))) ||
	    (node && copy_out(node, &zero, sizeof(zero))))
		return -EFAULT;
	return 0;
}

long
sys_getrandom(uint64_t ua, uint64_t n, unsigned flags)
{
	unsigned char buf[256];
	uint64_t done = 0;

	if ((flags & ~7u) || (flags & 6u) == 6u)
		return -EINVAL;
	if (n > INT32_MAX)
		n = INT32_MAX;
	while (done < n) {
		size_t part = n - done < sizeof(buf) ? n - done : sizeof(buf);

		random_bytes(buf, part);
		if (copy_out(ua + done, buf, part))
			return done ? (long)done : -EFAULT;
		done += part;
	}
	return (long)n;
}

long
sys_personality(unsigned new)
{
	unsigned old = current->process->personality;

	if (new != UINT32_MAX)
		current->process->personality = new;
	return old;
}

/* There is one CPU, and a system call is a barrier. */
long
sys_membarrier(int cmd, unsigned flags, int cpu)
{
	const int all = 0x1 | 0x2 | 0x4 | 0x8 | 0x10;

	(void)cpu;
	if (flags)
		return -EINVAL;
	if (cmd == 0)
		return all;
	return cmd > 0 && !(cmd & (cmd - 1)) && (cmd & all) ? 0 : -EINVAL;
}
