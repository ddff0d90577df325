/* SPDX-License-Identifier: MIT */
/*
 * What the boot time is measured with: says that it runs. On Linux it is the
 * first program, and turns the machine off.
 */
#include <sys/reboot.h>
#include <unistd.h>

int
main(void)
{
	if (write(1, "up\n", 3) != 3)
		return 1;
	if (getpid() == 1)
		reboot(RB_POWER_OFF);
	return 0;
}
