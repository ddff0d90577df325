/* SPDX-License-Identifier: MIT */
/*
 * Preloading into a debugger but not into what it debugs. With
 * PTRACE_PRELOAD_ONCE in the environment the library takes itself out of
 * LD_PRELOAD as soon as it is loaded: programs that the debugger starts run
 * as they would without it, and a trace of one does not show it being loaded.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#define SELF "libptrace.so"

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* LIST, separated by blanks and colons, without this library. */
static void
take_out(char *list)
{
	char *save = NULL, *to = list, *word;
	size_t n;

	for (word = strtok_r(list, " :", &save); word;
	     word = strtok_r(NULL, " :", &save)) {
		if (!strncmp(base_name(word), SELF, sizeof(SELF) - 1))
			continue;
		n = strlen(word);
		if (to != list)
			*to++ = ':';
		memmove(to, word, n);
		to += n;
	}
	*to = '\0';
}

__attribute__((constructor)) static void
preload_once(void)
{
	const char *old = getenv("LD_PRELOAD");
	char *list;

	if (!getenv("PTRACE_PRELOAD_ONCE"))
		return;
	unsetenv("PTRACE_PRELOAD_ONCE");
	list = old ? strdup(old) : NULL;
	if (!list)
		return;
	take_out(list);
	if (*list)
		setenv("LD_PRELOAD", list, 1);
	else
		unsetenv("LD_PRELOAD");
	free(list);
}
