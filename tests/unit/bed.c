/* SPDX-License-Identifier: MIT */
#include "bed.h"

#include <stdio.h>
#include <string.h>

struct sim *sim;
struct sim_thread *me;

static struct as code;
static unsigned char data[4096];
static size_t data_len;
static unsigned installed;

void
bed_begin(const struct sim_config *config)
{
	static const struct sim_config plain;

	sim = sim_new(config ? config : &plain);
	ck_assert_ptr_nonnull(sim);
	me = sim_host(sim, NULL, 0);
	ck_assert_ptr_nonnull(me);
	installed = 0;
	data_len = 0;
}

void
bed_end(void)
{
	struct sim_census c;
	bool clean = sim_free(sim, &c);

	sim = NULL;
	me = NULL;
	ck_assert_msg(clean,
		      "lost: frames %ld windows %ld spaces %ld procs %ld "
		      "threads %ld files %ld signals %ld locks %ld",
		      c.frames, c.windows, c.spaces, c.procs, c.threads,
		      c.files, c.signals, c.locks);
}

void
bed_setup(void)
{
	bed_begin(NULL);
}

void
bed_teardown(void)
{
	bed_end();
}

struct as *
bed_as(void)
{
	as_init(&code, SIM_TEXT);
	data_len = 0;
	memset(data, 0, sizeof(data));
	return &code;
}

void
bed_install(const char *path)
{
	struct sim_program p = {
	    .path = path,
	    .text = code.code,
	    .text_len = code.len,
	    .data = data,
	    .data_len = data_len,
	};

	ck_assert_int_eq(sim_install(sim, &p), 0);
}

int32_t
bed_spawn_as(uint32_t uid)
{
	char path[32];
	int32_t pid;

	snprintf(path, sizeof(path), "/bin/test%u", ++installed);
	bed_install(path);
	pid = sim_spawn(sim, me, path, uid);
	ck_assert_int_gt(pid, 0);
	return pid;
}

int32_t
bed_spawn(void)
{
	return bed_spawn_as(0);
}

void
bed_exit(struct as *a, int status)
{
	as_sys(a, 231, (uint64_t)status);
}

void
bed_loop(struct as *a)
{
	as_jmp(a, as_here(a));
}

uint64_t
bed_bytes(const void *bytes, size_t len)
{
	size_t at = (data_len + 7) & ~(size_t)7;

	ck_assert_uint_le(at + len, sizeof(data));
	if (bytes)
		memcpy(data + at, bytes, len);
	data_len = at + len;
	return SIM_DATA + at;
}

uint64_t
bed_string(const char *s)
{
	return bed_bytes(s, strlen(s) + 1);
}

uint64_t
bed_room(size_t len)
{
	return bed_bytes(NULL, len);
}

uint64_t
bed_peek(int32_t pid, uint64_t va)
{
	struct sim_thread *t = sim_find(sim, pid);
	uint64_t v = 0;

	ck_assert_ptr_nonnull(t);
	ck_assert_int_eq(sim_peek(t, va, &v, sizeof(v)), 0);
	return v;
}

int
bed_try(struct sim_thread *self, int32_t tid, const char *name, unsigned flags)
{
	char path[64];

	snprintf(path, sizeof(path), "proc:%d/%s", (int)tid, name);
	return sim_open(self, path, flags);
}

int
bed_open(struct sim_thread *self, int32_t tid, const char *name, unsigned flags)
{
	int fd = bed_try(self, tid, name, flags);

	ck_assert_msg(fd >= 0, "open of %s: %d", name, fd);
	return fd;
}

int
bed_reap(int32_t pid)
{
	int status = -1;

	ck_assert_int_eq(sim_wait4(me, pid, &status, 0, NULL), pid);
	return status;
}
