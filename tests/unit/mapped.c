/* SPDX-License-Identifier: MIT */
#include "mapped.h"

int32_t pid;
int fd, sfd, mfd;
uint64_t word;

struct as *
emit_program(void)
{
	struct as *a = bed_as();
	size_t child;

	word = bed_room(8);
	as_mov(a, RBP, word);
	as_mov(a, RBX, 5);
	as_int3(a);
	as_store(a, RBP, 0, RBX);
	as_int3(a);
	as_sys(a, 57);
	as_cmp(a, RAX, 0);
	child = as_jz(a, 0);
	as_mov(a, RBX, 6);
	as_store(a, RBP, 0, RBX);
	as_int3(a);
	as_sys(a, 10, word & ~KS_PAGE_MASK, KS_PAGE_SIZE, 0);
	as_int3(a);
	as_sys(a, 11, word & ~KS_PAGE_MASK, KS_PAGE_SIZE);
	as_int3(a);
	bed_exit(a, 3);
	as_land(a, child);
	bed_exit(a, 4);
	return a;
}

void
map_spawned(void)
{
	pid = bed_spawn();
	fd = seize(pid);
	go(fd, MASK);
	expect(fd, PROC_STOP_BREAKPOINT);
	sfd = bed_open(me, pid, PROC_FILE_STOP, SIM_O_READ);
	mfd = bed_open(me, pid, PROC_FILE_MEM, SIM_O_RDWR);
	ck_assert_int_eq(sim_map(me, sfd), 0);
	ck_assert_int_eq(sim_map(me, mfd), 0);
}

void
begin(void)
{
	emit_program();
	map_spawned();
}

void
finish(void)
{
	sim_kill(me, pid, 9);
	sim_close(me, fd);
	sim_close(me, sfd);
	sim_close(me, mfd);
	bed_reap(pid);
}

struct proc_stop
record(void)
{
	struct proc_stop s;

	ck_assert_int_eq(sim_mapped(me, sfd, 0, &s, sizeof(s)), 0);
	return s;
}

uint64_t
load(void)
{
	uint64_t v;

	ck_assert_int_eq(sim_mapped(me, mfd, word, &v, sizeof(v)), 0);
	return v;
}

bool
next(void)
{
	uint64_t before = record().generation;
	bool told;

	go(fd, MASK);
	expect(fd, PROC_STOP_BREAKPOINT);
	told = record().generation != before;
	ck_assert_int_eq(told, !sim_mapped_pages(me, mfd));
	return told;
}
