/* SPDX-License-Identifier: MIT */
/* Traced: who the process is. */
#define _GNU_SOURCE
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

int
main(void)
{
	struct rlimit rl;

	getuid();
	geteuid();
	getgid();
	getegid();
	setuid(0);
	setpgid(0, 0);
	getpgid(0);
	prctl(PR_SET_NAME, "renamed");
	prctl(PR_GET_DUMPABLE);
	prctl(9999, 1);
	getrlimit(RLIMIT_CORE, &rl);
	getpriority(PRIO_PROCESS, 0);
	setuid(1000);
	setuid(0);
	return 0;
}
