/* SPDX-License-Identifier: MIT */
/* A program outside the project: it has the installed headers and library. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/float80.h>
#include <sys/ptrace.h>
#include <sys/user.h>

int
main(void)
{
	static const unsigned char one[10] = {0, 0, 0,	  0,	0,
					      0, 0, 0x80, 0xff, 0x3f};
	struct user_regs_struct regs;
	char text[FLOAT80_TEXT_MAX];

	float80_format(text, sizeof(text), one);
	if (strcmp(text, "1") != 0) {
		printf("1 is printed as %s\n", text);
		return 1;
	}
	/* Nobody is traced, whatever the kernel. */
	if (ptrace(PTRACE_GETREGS, 1, 0, &regs) != -1 || errno != ESRCH) {
		printf("GETREGS of an untraced process: %s\n", strerror(errno));
		return 1;
	}
	return 0;
}
