/* SPDX-License-Identifier: MIT */
/* System calls on threads, signals and time; see syscall.h. */
#ifndef REFKERNEL_CALLS_THREAD_H
#define REFKERNEL_CALLS_THREAD_H

#include <stdint.h>

struct sigaltstack;
struct usage;

#define CALLS_THREAD(X)                                                        \
	X(13, rt_sigaction)                                                    \
	X(14, rt_sigprocmask)                                                  \
	X(15, rt_sigreturn)                                                    \
	X(24, sched_yield)                                                     \
	X(34, pause)                                                           \
	X(35, nanosleep)                                                       \
	X(36, getitimer)                                                       \
	X(37, alarm)                                                           \
	X(38, setitimer)                                                       \
	X(39, getpid)                                                          \
	X(56, clone)                                                           \
	X(57, fork)                                                            \
	X(58, vfork)                                                           \
	X(60, exit)                                                            \
	X(61, wait4)                                                           \
	X(62, kill)                                                            \
	X(63, uname)                                                           \
	X(96, gettimeofday)                                                    \
	X(97, getrlimit)                                                       \
	X(98, getrusage)                                                       \
	X(99, sysinfo)                                                         \
	X(100, times)                                                          \
	X(102, getuid)                                                         \
	X(104, getgid)                                                         \
	X(105, setuid)                                                         \
	X(106, setgid)                                                         \
	X(107, geteuid)                                                        \
	X(108, getegid)                                                        \
	X(109, setpgid)                                                        \
	X(110, getppid)                                                        \
	X(111, getpgrp)                                                        \
	X(112, setsid)                                                         \
	X(113, setreuid)                                                       \
	X(114, setregid)                                                       \
	X(115, getgroups)                                                      \
	X(116, setgroups)                                                      \
	X(117, setresuid)                                                      \
	X(118, getresuid)                                                      \
	X(119, setresgid)                                                      \
	X(120, getresgid)                                                      \
	X(121, getpgid)                                                        \
	X(122, setfsuid)                                                       \
	X(123, setfsgid)                                                       \
	X(124, getsid)                                                         \
	X(125, capget)                                                         \
	X(126, capset)                                                         \
	X(127, rt_sigpending)                                                  \
	X(128, rt_sigtimedwait)                                                \
	X(129, rt_sigqueueinfo)                                                \
	X(130, rt_sigsuspend)                                                  \
	X(131, sigaltstack)                                                    \
	X(135, personality)                                                    \
	X(140, getpriority)                                                    \
	X(141, setpriority)                                                    \
	X(142, sched_setparam)                                                 \
	X(143, sched_getparam)                                                 \
	X(144, sched_setscheduler)                                             \
	X(145, sched_getscheduler)                                             \
	X(146, sched_get_priority_max)                                         \
	X(147, sched_get_priority_min)                                         \
	X(148, sched_rr_get_interval)                                          \
	X(157, prctl)                                                          \
	X(158, arch_prctl)                                                     \
	X(160, setrlimit)                                                      \
	X(164, settimeofday)                                                   \
	X(186, gettid)                                                         \
	X(200, tkill)                                                          \
	X(201, time)                                                           \
	X(202, futex)                                                          \
	X(203, sched_setaffinity)                                              \
	X(204, sched_getaffinity)                                              \
	X(218, set_tid_address)                                                \
	X(219, restart_syscall)                                                \
	X(222, timer_create)                                                   \
	X(223, timer_settime)                                                  \
	X(224, timer_gettime)                                                  \
	X(225, timer_getoverrun)                                               \
	X(226, timer_delete)                                                   \
	X(227, clock_settime)                                                  \
	X(228, clock_gettime)                                                  \
	X(229, clock_getres)                                                   \
	X(230, clock_nanosleep)                                                \
	X(231, exit_group)                                                     \
	X(234, tgkill)                                                         \
	X(247, waitid)                                                         \
	X(273, set_robust_list)                                                \
	X(274, get_robust_list)                                                \
	X(297, rt_tgsigqueueinfo)                                              \
	X(302, prlimit64)                                                      \
	X(309, getcpu)                                                         \
	X(317, seccomp)                                                        \
	X(318, getrandom)                                                      \
	X(324, membarrier)                                                     \
	X(334, rseq)                                                           \
	X(424, pidfd_send_signal)                                              \
	X(434, pidfd_open)                                                     \
	X(435, clone3)

/* ---- pidfd.c ---- */
long sys_pidfd_open(int pid, unsigned flags);
long sys_pidfd_send_signal(int fd, int sig, uint64_t info, unsigned flags);

/* ---- fork.c ---- */
long sys_clone(uint64_t flags, uint64_t stack, uint64_t ptid, uint64_t ctid,
	       uint64_t tls);
long sys_fork(void);
long sys_vfork(void);
long sys_clone3(uint64_t ua, uint64_t size);
long sys_set_tid_address(uint64_t ua);

/* ---- exit.c ---- */
long sys_exit(int code);
long sys_exit_group(int code);

/* ---- wait.c ---- */
long sys_wait4(int pid, uint64_t status, int options, uint64_t rusage);
long sys_waitid(int type, int id, uint64_t info, int options, uint64_t rusage);

/* ---- pgrp.c ---- */
long sys_setpgid(int pid, int pgid);
long sys_getpgid(int pid);
long sys_getpgrp(void);
long sys_getsid(int pid);
long sys_setsid(void);

/* ---- sigcalls.c ---- */
long sys_rt_sigaction(int sig, uint64_t act, uint64_t oact, uint64_t size);
long sys_rt_sigprocmask(int how, uint64_t set, uint64_t oset, uint64_t size);
long sys_rt_sigpending(uint64_t set, uint64_t size);
long sys_rt_sigsuspend(uint64_t set, uint64_t size);
long sys_pause(void);
long sys_rt_sigtimedwait(uint64_t set, uint64_t uinfo, uint64_t timeout,
			 uint64_t size);
long sys_sigaltstack(uint64_t ss, uint64_t oss);
long sys_restart_syscall(void);

/* ---- kill.c ---- */
long sys_kill(int pid, int sig);
long sys_tgkill(int tgid, int tid, int sig);
long sys_tkill(int tid, int sig);
long sys_rt_sigqueueinfo(int pid, int sig, uint64_t uinfo);
long sys_rt_tgsigqueueinfo(int tgid, int tid, int sig, uint64_t uinfo);

/* ---- sigframe.c ---- */
long sys_rt_sigreturn(void);

/* ---- futex.c ---- */
long sys_futex(uint64_t ua, int op, uint32_t val, uint64_t timeout,
	       uint64_t ua2, uint32_t val3);
long sys_set_robust_list(uint64_t head, uint64_t len);
long sys_get_robust_list(int tid, uint64_t head, uint64_t len);

/* ---- clockcalls.c ---- */
long sys_clock_gettime(int id, uint64_t ua);
long sys_clock_getres(int id, uint64_t ua);
long sys_clock_settime(int id, uint64_t ua);
long sys_gettimeofday(uint64_t tv, uint64_t tz);
long sys_settimeofday(uint64_t tv, uint64_t tz);
long sys_time(uint64_t ua);
long sys_nanosleep(uint64_t req, uint64_t rem);
long sys_clock_nanosleep(int id, int flags, uint64_t req, uint64_t rem);

/* ---- itimer.c ---- */
long sys_getitimer(int which, uint64_t ua);
long sys_setitimer(int which, uint64_t new, uint64_t old);
long sys_alarm(unsigned seconds);

/* ---- ptimer.c ---- */
long sys_timer_create(int clock, uint64_t event, uint64_t uid);
long sys_timer_settime(int id, int flags, uint64_t new, uint64_t old);
long sys_timer_gettime(int id, uint64_t ua);
long sys_timer_getoverrun(int id);
long sys_timer_delete(int id);

/* ---- cred.c ---- */
long sys_setuid(uint32_t uid);
long sys_setgid(uint32_t gid);
long sys_setreuid(uint32_t ruid, uint32_t euid);
long sys_setregid(uint32_t rgid, uint32_t egid);
long sys_setresuid(uint32_t r, uint32_t e, uint32_t s);
long sys_setresgid(uint32_t r, uint32_t e, uint32_t s);
long sys_setfsuid(uint32_t uid);
long sys_setfsgid(uint32_t gid);
long sys_getuid(void);
long sys_geteuid(void);
long sys_getgid(void);
long sys_getegid(void);
long sys_getresuid(uint64_t r, uint64_t e, uint64_t s);
long sys_getresgid(uint64_t r, uint64_t e, uint64_t s);
long sys_getgroups(int size, uint64_t list);
long sys_setgroups(int size, uint64_t list);
long sys_capget(uint64_t uheader, uint64_t udata);
long sys_capset(uint64_t uheader, uint64_t udata);

/* ---- info.c ---- */
long sys_getpid(void);
long sys_gettid(void);
long sys_getppid(void);
long sys_getrusage(int who, uint64_t ua);
long sys_times(uint64_t ua);
long sys_uname(uint64_t ua);
long sys_sysinfo(uint64_t ua);
long sys_getcpu(uint64_t cpu, uint64_t node);
long sys_getrandom(uint64_t ua, uint64_t n, unsigned flags);
long sys_personality(unsigned new);
long sys_membarrier(int cmd, unsigned flags, int cpu);

/* ---- prctl.c ---- */
long sys_prctl(int option, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5);
long sys_arch_prctl(int code, uint64_t a);
long sys_prlimit64(int pid, unsigned which, uint64_t unew, uint64_t uold);
long sys_getrlimit(unsigned which, uint64_t ua);
long sys_setrlimit(unsigned which, uint64_t ua);

/* ---- schedcalls.c ---- */
long sys_sched_yield(void);
long sys_sched_setscheduler(int pid, int policy, uint64_t uparam);
long sys_sched_setparam(int pid, uint64_t uparam);
long sys_sched_getscheduler(int pid);
long sys_sched_getparam(int pid, uint64_t uparam);
long sys_sched_get_priority_max(int policy);
long sys_sched_get_priority_min(int policy);
long sys_sched_rr_get_interval(int pid, uint64_t ua);
long sys_sched_getaffinity(int pid, unsigned len, uint64_t ua);
long sys_sched_setaffinity(int pid, unsigned len, uint64_t ua);
long sys_getpriority(int which, int who);
long sys_setpriority(int which, int who, int value);

/* ---- seccomp.c ---- */
long sys_seccomp(unsigned op, unsigned flags, uint64_t ua);

/* ---- rseq.c ---- */
long sys_rseq(uint64_t ua, uint32_t len, int flags, uint32_t sig);

/* ---- shared by these ---- */

/* Set the alternate stack from a frame; an invalid one is ignored. */
void altstack_restore(const struct sigaltstack *s);
/* Write a struct rusage. -EFAULT. */
int rusage_out(uint64_t ua, const struct usage *u);

#endif
