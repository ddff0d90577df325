/* SPDX-License-Identifier: MIT */
/*
 * What `run` asks for: the fw_cfg file opt/proctrace/config, a sequence of
 * NUL-terminated KEY=VALUE strings. Keys that repeat: arg, env.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include <stddef.h>

/*
 * Keys:
 *	program=PATH	what to execute
 *	arg=S		one argument of the program, argv[0] first
 *	env=K=V		one environment string
 *	cwd=PATH	current directory
 *	tty=N		bits 1, 2, 4: standard input, output, error is the
 *			terminal (/dev/console); else a port of its own
 *	rows=N cols=N	size of the terminal
 *	umask=N		octal, as printed by the shell
 *	time=N		seconds since 1970 at start
 *	log-unknown=1	log unknown system calls
 *	census=1	print the census at power-off
 */

/* Read the file; panics if it is missing. */
void config_init(void);

/* Free it: before the census. */
void config_fini(void);

/* The value of the I'th KEY, or NULL. */
const char *config_get(const char *key, size_t i);

/* The number in the value of KEY (base 8, 10), or DFLT. */
unsigned long config_num(const char *key, unsigned base, unsigned long dflt);

#endif
