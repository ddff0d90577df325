/* SPDX-License-Identifier: MIT */
/* The check of a port at boot. */
#include "suite.h"

#include "ram.h"

static struct ram ram;

START_TEST(machine_init)
{
	struct ks_port_ops ops;
	struct ks_machine m;

	ram_init(&ram, 16, RAM_DIRECT, 4);
	ops = *ram.m.ops;
	m = ram.m;
	m.ops = &ops;
	ck_assert_int_eq(ks_machine_init(&m), 0);
	ops.window_map = NULL;
	ck_assert_int_eq(ks_machine_init(&m), -EINVAL);
	ops.window_unmap = NULL;
	ck_assert_int_eq(ks_machine_init(&m), 0);
	m.direct_size = 0;
	ck_assert_int_eq(ks_machine_init(&m), -EINVAL);
	m.direct_size = ram.m.direct_size;
	m.direct_base = NULL;
	ck_assert_int_eq(ks_machine_init(&m), -EINVAL);
	m.direct_base = ram.m.direct_base;
	for (m.phys_bits = 0; m.phys_bits < 70; m.phys_bits++)
		ck_assert_int_eq(
		    ks_machine_init(&m),
		    m.phys_bits >= 32 && m.phys_bits <= 52 ? 0 : -EINVAL);
	m.phys_bits = 40;
	for (m.pt_levels = 0; m.pt_levels < 9; m.pt_levels++)
		ck_assert_int_eq(
		    ks_machine_init(&m),
		    m.pt_levels == 4 || m.pt_levels == 5 ? 0 : -EINVAL);
	m.pt_levels = 4;
	ops.unlock = NULL;
	ck_assert_int_eq(ks_machine_init(&m), -EINVAL);
	ops.lock = NULL;
	ck_assert_int_eq(ks_machine_init(&m), -EINVAL);
	ops.lock_init = NULL;
	ck_assert_int_eq(ks_machine_init(&m), 0);
	ops.step_set = NULL;
	ck_assert_int_eq(ks_machine_init(&m), -EINVAL);
	ops.step_set = ram.m.ops->step_set;
	ops.version++;
	ck_assert_int_eq(ks_machine_init(&m), -EINVAL);
	ops.version--;
	ops.size--;
	ck_assert_int_eq(ks_machine_init(&m), -EINVAL);
	m.ops = NULL;
	ck_assert_int_eq(ks_machine_init(&m), -EINVAL);
	ram_fini(&ram);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("machine");
	TCase *tc = tcase_create("machine");

	tcase_add_test(tc, machine_init);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
