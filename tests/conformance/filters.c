/* SPDX-License-Identifier: MIT */
/*
 * Who may see a tracee's seccomp filters and suspend them, and for how long.
 * Needs root, and a kernel with CONFIG_CHECKPOINT_RESTORE.
 */
#include "cases.h"

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define REQ_GET_FILTER	  0x420c
#define REQ_GET_METADATA  0x420d
#define O_SUSPEND_SECCOMP (1 << 21)

/* The system call NUMBER fails with CODE. */
#define DENY(number, code)                                                     \
	{                                                                      \
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,                             \
			 offsetof(struct seccomp_data, nr)),                   \
		    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),         \
		    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (code)),     \
		    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),              \
	}

static struct sock_filter no_getppid[] = DENY(SYS_getppid, 77);
static struct sock_filter no_getpgid[] = DENY(SYS_getpgid, 78);

static void
install(struct sock_filter *filter, unsigned int flags)
{
	struct sock_fprog program = {COUNT(no_getppid), filter};

	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program));
}

static void
install_both(void)
{
	install(no_getppid, 0);
	install(no_getpgid, SECCOMP_FILTER_FLAG_LOG);
	raise(SIGSTOP);
}

static void
need_rights(pid_t pid)
{
	if (geteuid() != 0)
		not_here("not root");
	if (pt(REQ_GET_FILTER, pid, 0, 0) == -1 && errno == EIO)
		not_here("a kernel without CONFIG_CHECKPOINT_RESTORE");
}

static pid_t
filtered(void (*body)(void))
{
	pid_t pid = launch(body);

	need_rights(pid);
	cont(pid);
	expect(pid, STOPPED(SIGSTOP));
	return pid;
}

static void
two_filters(void)
{
	struct sock_filter copy[COUNT(no_getppid)];
	pid_t pid = filtered(install_both);

	/* As the kernel counts: the oldest is 0, whatever ptrace(2) says. */
	equal(must(pt(REQ_GET_FILTER, pid, 0, copy)), COUNT(copy));
	equal(copy[1].k, SYS_getppid);
	equal(copy[2].k, SECCOMP_RET_ERRNO | 77);
	equal(must(pt(REQ_GET_FILTER, pid, 1, copy)), COUNT(copy));
	equal(copy[1].k, SYS_getpgid);
	equal(copy[1].jf, 1);
	refused(pt(REQ_GET_FILTER, pid, 2, copy), ENOENT);
	refused(pt(REQ_GET_FILTER, pid, 0, 8), EFAULT);
	end(pid);
}

static void
metadata(void)
{
	struct {
		uint64_t off, flags, more;
	} data = {1, 0, 99};
	pid_t pid = filtered(install_both);

	equal(must(pt(REQ_GET_METADATA, pid, 16, &data)), 16);
	equal(data.flags, SECCOMP_FILTER_FLAG_LOG);
	data.off = 0;
	equal(must(pt(REQ_GET_METADATA, pid, 16, &data)), 16);
	equal(data.flags, 0);
	equal(data.off, 0);
	/* No more than there is, and no more than is asked for. */
	equal(must(pt(REQ_GET_METADATA, pid, sizeof data, &data)), 16);
	equal(data.more, 99);
	data.flags = 5;
	equal(must(pt(REQ_GET_METADATA, pid, 8, &data)), 8);
	equal(data.flags, 5);
	refused(pt(REQ_GET_METADATA, pid, 7, &data), EINVAL);
	data.off = 2;
	refused(pt(REQ_GET_METADATA, pid, 16, &data), ENOENT);
	refused(pt(REQ_GET_METADATA, pid, 16, 8), EFAULT);
	end(pid);
}

/* Another program than root's, though it is of user 0. */
static void
drop_admin(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct caps[2];

	must(syscall(SYS_capget, &head, caps));
	caps[CAP_SYS_ADMIN / 32].effective &= ~(1u << CAP_SYS_ADMIN % 32);
	must(syscall(SYS_capset, &head, caps));
}

static void
are_refused(pid_t pid)
{
	uint64_t data[2] = {0, 0};
	pid_t other = child(sleep_forever);

	refused(pt(REQ_GET_FILTER, pid, 0, 0), EACCES);
	refused(pt(REQ_GET_METADATA, pid, 16, data), EACCES);
	refused(pt(PTRACE_SETOPTIONS, pid, 0, O_SUSPEND_SECCOMP), EPERM);
	/* The tracee is one still, and its options are what they were. */
	options(pid, PTRACE_O_TRACEEXIT);
	refused(pt(PTRACE_SETOPTIONS, pid, 0, O_SUSPEND_SECCOMP), EPERM);
	refused(pt(PTRACE_SEIZE, other, 0, O_SUSPEND_SECCOMP), EPERM);
	must(pt(PTRACE_SEIZE, other, 0, 0));
	end(other);
	must(pt(PTRACE_CONT, pid, 0, 0));
	expect(pid, EVENT(EXIT));
	cont(pid);
	expect(pid, EXITED(0));
}

static void
without_admin(void)
{
	pid_t pid = filtered(install_both);

	drop_admin();
	are_refused(pid);
}

static void
other_user(void)
{
	pid_t pid = filtered(install_both);

	be_alice();
	are_refused(pid);
}

static void
filtered_tracer(void)
{
	pid_t pid = filtered(install_both);

	install(no_getpgid, 0);
	are_refused(pid);
}

/* What getppid() says, at each stop. */
static void
ask_again(void)
{
	install(no_getppid, 0);
	for (;;) {
		post(1, syscall(SYS_getppid) == -1 ? -errno : 1);
		raise(SIGSTOP);
	}
}

static long
next_answer(pid_t pid)
{
	cont(pid);
	expect(pid, STOPPED(SIGSTOP));
	return board[1];
}

static void
suspended_and_resumed(void)
{
	pid_t pid = filtered(ask_again);

	equal(board[1], -77);
	options(pid, O_SUSPEND_SECCOMP);
	equal(next_answer(pid), 1);
	equal(next_answer(pid), 1);
	options(pid, 0);
	equal(next_answer(pid), -77);
	end(pid);
}

static void
ask_in_child(void)
{
	pid_t pid;

	install(no_getppid, 0);
	raise(SIGSTOP);
	pid = (pid_t)must(fork());
	if (pid == 0) {
		post(2, syscall(SYS_getppid) == -1 ? -errno : 1);
		_exit(0);
	}
	must(waitpid(pid, NULL, 0));
}

static void
inherited(void)
{
	pid_t pid = filtered(ask_in_child), kid;

	options(pid, O_SUSPEND_SECCOMP | PTRACE_O_TRACEFORK);
	cont(pid);
	expect(pid, EVENT(FORK));
	kid = (pid_t)event_message(pid);
	expect(kid, STOPPED(SIGSTOP));
	cont(pid);
	cont(kid);
	expect(kid, EXITED(0));
	equal(board[2], 1);
	end(pid);
}

static void
untraced_again(void)
{
	install(no_getppid, 0);
	raise(SIGSTOP);
	post(1, syscall(SYS_getppid) == -1 ? -errno : 1);
}

static void
until_detach(void)
{
	pid_t pid = filtered(untraced_again);

	options(pid, O_SUSPEND_SECCOMP);
	must(pt(PTRACE_DETACH, pid, 0, 0));
	expect(pid, EXITED(0));
	equal(board[1], -77);
}

static const struct test_case cases[] = {
    {"SECCOMP_GET_FILTER: each filter by its index; ENOENT, EFAULT",
     two_filters},
    {"SECCOMP_GET_METADATA: the flags of each; EINVAL, ENOENT, EFAULT",
     metadata},
    {"SECCOMP_GET_FILTER, SECCOMP_GET_METADATA, SETOPTIONS, SEIZE: EACCES, "
     "EPERM without CAP_SYS_ADMIN",
     without_admin},
    {"SECCOMP_GET_FILTER, SECCOMP_GET_METADATA, SETOPTIONS, SEIZE: ... for "
     "another user",
     other_user},
    {"SECCOMP_GET_FILTER, SECCOMP_GET_METADATA, SETOPTIONS, SEIZE: ... and "
     "for a tracer that has filters itself",
     filtered_tracer},
    {"SETOPTIONS: SUSPEND_SECCOMP, as long as it is set",
     suspended_and_resumed},
    {"SETOPTIONS: SUSPEND_SECCOMP, of children that are traced too", inherited},
    {"SETOPTIONS, DETACH: SUSPEND_SECCOMP ends with the tracing", until_detach},
};

int
main(int argc, char **argv)
{
	return run_cases(cases, COUNT(cases), argc, argv);
}
