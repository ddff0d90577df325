/* SPDX-License-Identifier: MIT */
/*
 * Power-off, and what is reported by it.
 */
#ifndef POWER_H
#define POWER_H

#include <stdint.h>

/*
 * End with wait status STATUS of the program; it goes out on the status port.
 * The caller has flushed the consoles.
 */
_Noreturn void power_off(int status);

/* End with a failure, which `run` never takes for the program's. */
_Noreturn void power_fail(void);

#endif
