/* SPDX-License-Identifier: MIT */
/* execve(2) and execveat(2): the arguments come from user memory. */
#include "calls_mem.h"
#include "errno.h"
#include "exec.h"
#include "file.h"
#include "mem.h"
#include "path.h"
#include "string.h"
#include "thread.h"
#include "user.h"

/* Linux's MAX_ARG_STRLEN, and a bound for the sum, of which there is less. */
#define STRING_MAX (128 << 10)
#define TOTAL_MAX  (8 << 20)

#define AT_EMPTY_PATH	    0x1000
#define AT_SYMLINK_NOFOLLOW 0x100

static void
strings_free(struct exec_strings *s)
{
	for (size_t i = 0; i < s->n; i++)
		kfree(s->v[i]);
	kfree(s->v);
}

/* Append a copy of the string at UA; SCRATCH has STRING_MAX bytes. */
static int
append(struct exec_strings *s, size_t *room, uint64_t ua, char *scratch)
{
	long len = copy_in_str(scratch, ua, STRING_MAX);

	if (len < 0)
		return len == -ENAMETOOLONG ? -E2BIG : (int)len;
	if (s->bytes + len + 1 + (s->n + 1) * sizeof(char *) > TOTAL_MAX)
		return -E2BIG;
	if (s->n == *room) {
		size_t more = *room == 0 ? 32 : *room * 2;
		char **v = krealloc(s->v, more * sizeof(*v));

		if (v == NULL)
			return -ENOMEM;
		s->v = v;
		*room = more;
	}
	s->v[s->n] = kmalloc(len + 1);
	if (s->v[s->n] == NULL)
		return -ENOMEM;
	memcpy(s->v[s->n], scratch, len + 1);
	s->n++;
	s->bytes += len + 1;
	return 0;
}

/* Copy in the strings of the NULL-terminated vector at UA; 0: an empty one. */
static int
strings_in(struct exec_strings *s, uint64_t ua, char *scratch)
{
	size_t room = 0;
	uint64_t str;
	int err = 0;

	*s = (struct exec_strings){0};
	for (; ua != 0 && err == 0; ua += sizeof(str)) {
		err = copy_in(&str, ua, sizeof(str));
		if (err != 0 || str == 0)
			break;
		err = append(s, &room, str, scratch);
	}
	return err;
}

long
sys_execveat(int dirfd, uint64_t upath, uint64_t uargv, uint64_t uenvp,
	     int flags)
{
	struct exec_strings argv = {0}, envp = {0};
	char *path, *scratch;
	int err;

	if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
		return -EINVAL;
	err = path_copy_in(upath, &path);
	if (err != 0)
		return err;
	if (path[0] == '\0' && !(flags & AT_EMPTY_PATH)) {
		kfree(path);
		return -ENOENT;
	}
	scratch = kmalloc(STRING_MAX);
	err = scratch != NULL ? strings_in(&argv, uargv, scratch) : -ENOMEM;
	if (err == 0)
		err = strings_in(&envp, uenvp, scratch);
	kfree(scratch);
	if (err == 0)
		err = exec_program(dirfd, path, &argv, &envp, flags);
	strings_free(&argv);
	strings_free(&envp);
	kfree(path);
	return err;
}

long
sys_execve(uint64_t upath, uint64_t uargv, uint64_t uenvp)
{
	return sys_execveat(AT_FDCWD, upath, uargv, uenvp, 0);
}
