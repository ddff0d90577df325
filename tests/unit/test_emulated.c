/* SPDX-License-Identifier: MIT */
/*
 * Under qemu-user the system calls that libptrace replaces do not exist, so
 * whatever the other tests see there came through the simulated machine.
 */
#define _GNU_SOURCE
#include "suite.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

static const long numbers[] = {
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
};

START_TEST(no_such_call)
{
	ck_assert_int_eq(syscall(numbers[_i], 0, 0, 0, 0, 0, 0), -1);
	ck_assert_int_eq(errno, ENOSYS);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("emulated");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, no_such_call, 0,
			    sizeof(numbers) / sizeof(*numbers));
	suite_add_tcase(s, tc);
	return suite_main(s);
}
