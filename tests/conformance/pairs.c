/* SPDX-License-Identifier: MIT */
/*
 * Ptrace access mode checking, pair by pair: who the caller is, who the
 * target, and what the caller may do. ATTACH, SEIZE, process_vm_readv() and
 * process_vm_writev() are of the mode PTRACE_MODE_ATTACH_REALCREDS,
 * /proc/PID/mem is of PTRACE_MODE_ATTACH_FSCREDS. All need root.
 */
#include "cases.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define A 12001
#define B 12002

#define CAP(name) (1ull << CAP_##name)
#define ALL	  (~0ull) /* that this root has */

/* Who a process is. */
struct who {
	uid_t uid, euid, suid, fsuid;
	gid_t gid, egid, sgid, fsgid;
	uint64_t permitted, effective;
	int hidden; /* not dumpable */
};

#define UIDS(r, e, s, fs) .uid = r, .euid = e, .suid = s, .fsuid = fs
#define GIDS(r, e, s, fs) .gid = r, .egid = e, .sgid = s, .fsgid = fs
#define IDS(id)		  UIDS(id, id, id, id), GIDS(id, id, id, id)
#define CAPS(set)	  .permitted = (set), .effective = (set)

/* What the caller may do. */
#define NOTHING 0
#define TRACE	1 /* ATTACH, SEIZE, process_vm_readv(), process_vm_writev() */
#define MEM	2 /* open /proc/PID/mem */

static const struct pair {
	const char *text;
	struct who caller, target;
	int may;
} pairs[] = {
    {"all ids match", {IDS(A)}, {IDS(A)}, TRACE | MEM},
    {"another user and group", {IDS(A)}, {IDS(B)}, NOTHING},
    {"root's process", {IDS(A)}, {IDS(0), CAPS(ALL)}, NOTHING},
    {"root's process that has no capabilities", {IDS(A)}, {IDS(0)}, NOTHING},
    /* Each id of the target. */
    {"the target's real uid differs",
     {IDS(A)},
     {UIDS(B, A, A, A), GIDS(A, A, A, A)},
     NOTHING},
    {"the target's effective uid differs",
     {IDS(A)},
     {UIDS(A, B, A, B), GIDS(A, A, A, A)},
     NOTHING},
    {"the target's saved uid differs",
     {IDS(A)},
     {UIDS(A, A, B, A), GIDS(A, A, A, A)},
     NOTHING},
    {"the target's file system uid differs, which does not matter",
     {IDS(A)},
     {UIDS(A, A, A, B), GIDS(A, A, A, A)},
     TRACE | MEM},
    {"the target's real gid differs",
     {IDS(A)},
     {UIDS(A, A, A, A), GIDS(B, A, A, A)},
     NOTHING},
    {"the target's effective gid differs",
     {IDS(A)},
     {UIDS(A, A, A, A), GIDS(A, B, A, B)},
     NOTHING},
    {"the target's saved gid differs",
     {IDS(A)},
     {UIDS(A, A, A, A), GIDS(A, A, B, A)},
     NOTHING},
    {"the target's file system gid differs, which does not matter",
     {IDS(A)},
     {UIDS(A, A, A, A), GIDS(A, A, A, B)},
     TRACE | MEM},
    /* Each id of the caller. */
    {"the caller's effective uid differs: its real one traces",
     {UIDS(A, B, B, B), GIDS(A, A, A, A)},
     {IDS(A)},
     TRACE},
    {"the caller's real uid differs: its file system uid opens",
     {UIDS(B, A, A, A), GIDS(A, A, A, A)},
     {IDS(A)},
     MEM},
    {"the caller's saved uid differs, which does not matter",
     {UIDS(A, A, B, A), GIDS(A, A, A, A)},
     {IDS(A)},
     TRACE | MEM},
    {"the caller's file system uid alone differs",
     {UIDS(A, A, A, B), GIDS(A, A, A, A)},
     {IDS(A)},
     TRACE},
    {"the caller's file system uid alone matches",
     {UIDS(B, B, B, A), GIDS(A, A, A, A)},
     {IDS(A)},
     MEM},
    {"the caller's real gid differs: its file system gid opens",
     {UIDS(A, A, A, A), GIDS(B, A, A, A)},
     {IDS(A)},
     MEM},
    {"the caller's effective gid differs: its real one traces",
     {UIDS(A, A, A, A), GIDS(A, B, B, B)},
     {IDS(A)},
     TRACE},
    {"the caller's file system gid alone differs",
     {UIDS(A, A, A, A), GIDS(A, A, A, B)},
     {IDS(A)},
     TRACE},
    /* Dumpable. */
    {"the target is not dumpable", {IDS(A)}, {IDS(A), .hidden = 1}, NOTHING},
    {"the caller is not dumpable, which does not matter",
     {IDS(A), .hidden = 1},
     {IDS(A)},
     TRACE | MEM},
    {"not dumpable, the caller has CAP_SYS_PTRACE; the file is root's",
     {IDS(A), CAPS(CAP(SYS_PTRACE))},
     {IDS(A), .hidden = 1},
     TRACE},
    {"not dumpable, the caller has CAP_DAC_OVERRIDE too",
     {IDS(A), CAPS(CAP(SYS_PTRACE) | CAP(DAC_OVERRIDE))},
     {IDS(A), .hidden = 1},
     TRACE | MEM},
    /* Capabilities. */
    {"CAP_SYS_PTRACE, another user; the file is that user's",
     {IDS(A), CAPS(CAP(SYS_PTRACE))},
     {IDS(B)},
     TRACE},
    {"CAP_SYS_PTRACE and CAP_DAC_OVERRIDE, another user",
     {IDS(A), CAPS(CAP(SYS_PTRACE) | CAP(DAC_OVERRIDE))},
     {IDS(B)},
     TRACE | MEM},
    {"CAP_SYS_PTRACE and CAP_DAC_OVERRIDE, root's process",
     {IDS(A), CAPS(CAP(SYS_PTRACE) | CAP(DAC_OVERRIDE))},
     {IDS(0), CAPS(ALL)},
     TRACE | MEM},
    {"CAP_SYS_PTRACE that is permitted but not effective",
     {IDS(A), .permitted = CAP(SYS_PTRACE) | CAP(DAC_OVERRIDE),
      .effective = CAP(DAC_OVERRIDE)},
     {IDS(B)},
     NOTHING},
    {"CAP_DAC_OVERRIDE is not enough",
     {IDS(A), CAPS(CAP(DAC_OVERRIDE))},
     {IDS(B)},
     NOTHING},
    {"the target has a capability that the caller has not",
     {IDS(A)},
     {IDS(A), CAPS(CAP(NET_RAW))},
     NOTHING},
    {"... which is permitted, not effective",
     {IDS(A)},
     {IDS(A), .permitted = CAP(NET_RAW)},
     NOTHING},
    {"the caller has the target's capability",
     {IDS(A), CAPS(CAP(NET_RAW) | CAP(KILL))},
     {IDS(A), CAPS(CAP(NET_RAW))},
     TRACE | MEM},
    {"... permitted, not effective: that counts for tracing alone",
     {IDS(A), .permitted = CAP(NET_RAW)},
     {IDS(A), CAPS(CAP(NET_RAW))},
     TRACE},
    {"the target has a capability, the caller CAP_SYS_PTRACE alone",
     {IDS(A), CAPS(CAP(SYS_PTRACE))},
     {IDS(A), CAPS(CAP(NET_RAW))},
     TRACE | MEM},
    /* Root, with and without its capabilities. */
    {"root, another user", {IDS(0), CAPS(ALL)}, {IDS(B)}, TRACE | MEM},
    {"root, a process that is not dumpable",
     {IDS(0), CAPS(ALL)},
     {IDS(B), .hidden = 1},
     TRACE | MEM},
    {"root without capabilities, another user", {IDS(0)}, {IDS(B)}, NOTHING},
    {"root without capabilities, root", {IDS(0)}, {IDS(0), CAPS(ALL)}, NOTHING},
    {"both root without capabilities", {IDS(0)}, {IDS(0)}, TRACE | MEM},
    {"root without CAP_SYS_PTRACE, another user",
     {IDS(0), CAPS(ALL & ~CAP(SYS_PTRACE))},
     {IDS(B)},
     NOTHING},
    {"root without CAP_SYS_PTRACE, root",
     {IDS(0), CAPS(ALL & ~CAP(SYS_PTRACE))},
     {IDS(0), CAPS(ALL)},
     NOTHING},
};

static const struct pair *
pair(void)
{
	return &pairs[case_index];
}

/*
 * Become W. Raw calls, since libc's would set all threads. A change of ids
 * makes a process not dumpable, so that comes last.
 */
static void
become(const struct who *w)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct caps[2];
	uint64_t had;

	must(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
	must(setgroups(0, NULL));
	must(syscall(SYS_capget, &head, caps));
	had = (uint64_t)caps[1].permitted << 32 | caps[0].permitted;
	must(syscall(SYS_setresgid, w->gid, w->egid, w->sgid));
	syscall(SYS_setfsgid, w->fsgid);
	equal(syscall(SYS_setfsgid, -1), w->fsgid);
	must(syscall(SYS_setresuid, w->uid, w->euid, w->suid));
	/* Its capability may be gone with user 0; it is permitted still. */
	caps[0].effective = caps[0].permitted;
	caps[1].effective = caps[1].permitted;
	must(syscall(SYS_capset, &head, caps));
	syscall(SYS_setfsuid, w->fsuid);
	equal(syscall(SYS_setfsuid, -1), w->fsuid);
	for (int i = 0; i < 2; i++) {
		caps[i].permitted = (uint32_t)((w->permitted & had) >> 32 * i);
		caps[i].effective = (uint32_t)((w->effective & had) >> 32 * i);
		caps[i].inheritable = 0;
	}
	must(syscall(SYS_capset, &head, caps));
	must(prctl(PR_SET_DUMPABLE, !w->hidden, 0, 0, 0));
}

static volatile long word = 4711;

static void
be_target(void)
{
	become(&pair()->target);
	post(0, 1);
	sleep_forever();
}

static pid_t target;

static void
try_vm(int may)
{
	long copy = 0;
	struct iovec local = {&copy, sizeof copy};
	struct iovec remote = {(void *)(uintptr_t)&word, sizeof word};

	if (!may) {
		refused(process_vm_readv(target, &local, 1, &remote, 1, 0),
			EPERM);
		refused(process_vm_writev(target, &local, 1, &remote, 1, 0),
			EPERM);
		return;
	}
	equal(must(process_vm_readv(target, &local, 1, &remote, 1, 0)),
	      sizeof copy);
	equal(copy, 4711);
	equal(must(process_vm_writev(target, &local, 1, &remote, 1, 0)),
	      sizeof copy);
}

static void
try_mem(int may)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/mem", target);
	if (may) {
		must(open(path, O_RDONLY | O_CLOEXEC));
		must(open(path, O_RDWR | O_CLOEXEC));
	} else {
		refused(open(path, O_RDONLY | O_CLOEXEC), EACCES);
		refused(open(path, O_RDWR | O_CLOEXEC), EACCES);
	}
}

static void
try_trace(int may)
{
	if (!may) {
		refused(pt(PTRACE_ATTACH, target, 0, 0), EPERM);
		refused(pt(PTRACE_SEIZE, target, 0, 0), EPERM);
		return;
	}
	must(pt(PTRACE_ATTACH, target, 0, 0));
	expect(target, STOPPED(SIGSTOP));
	must(pt(PTRACE_DETACH, target, 0, 0));
	must(pt(PTRACE_SEIZE, target, 0, 0));
}

static void
be_caller(void)
{
	become(&pair()->caller);
	/* The last, since a tracer may do more. */
	try_vm(pair()->may & TRACE);
	try_mem(pair()->may & MEM);
	try_trace(pair()->may & TRACE);
}

static void
try_pair(void)
{
	if (geteuid() != 0)
		not_here("not root");
	target = child(be_target);
	await(0);
	expect(child(be_caller), EXITED(0));
	equal(status_number(target, "TracerPid"), 0);
	end(target);
}

int
main(int argc, char **argv)
{
	static char texts[COUNT(pairs)][128];
	struct test_case cases[COUNT(pairs)];

	for (size_t i = 0; i < COUNT(pairs); i++) {
		snprintf(texts[i], sizeof texts[i], "ATTACH, SEIZE: %s: %s",
			 pairs[i].text,
			 (const char *[]){"nothing allowed", "tracing allowed",
					  "mem allowed",
					  "allowed"}[pairs[i].may]);
		cases[i] = (struct test_case){texts[i], try_pair};
	}
	return run_cases(cases, COUNT(cases), argc, argv);
}
