/* SPDX-License-Identifier: MIT */
/*
 * Reading and writing memory whose pages come and go meanwhile, with real
 * threads. A frame is filled with SCRIBBLE when it is freed, and must still be
 * when it is given out again; what is read must never be that.
 */
#include "suite.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "ram.h"

#define PAGES	 64
#define BASE	 0x200000ull
#define ROUNDS	 8000
#define SCRIBBLE 0xff
#define RW	 (KS_READ | KS_WRITE | KS_USER)

static struct ram ram;
static struct ks_port_ops ops;
static const struct ks_port_ops *ram_ops;
static struct ks_space space;
static pthread_mutex_t frames = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t space_mutex = PTHREAD_MUTEX_INITIALIZER;
static bool stop;    /* atomic: the mapper is done */
static unsigned bad; /* atomic: bytes that were wrong */

static unsigned char scribble[KS_PAGE_SIZE];

static void
bad_bytes(unsigned n)
{
	__atomic_fetch_add(&bad, n, __ATOMIC_RELAXED);
}

static int
frame_alloc(struct ks_machine *m, ks_paddr_t *out_pa)
{
	int err;

	pthread_mutex_lock(&frames);
	if (ram.n_free) {
		uint64_t f = ram.free[ram.n_free - 1];

		if (memcmp(ram.mem + f * KS_PAGE_SIZE, scribble, KS_PAGE_SIZE))
			bad_bytes(1);
	}
	err = ram_ops->frame_alloc(m, out_pa);
	pthread_mutex_unlock(&frames);
	return err;
}

static void
frame_ref(struct ks_machine *m, ks_paddr_t pa)
{
	pthread_mutex_lock(&frames);
	ram_ops->frame_ref(m, pa);
	pthread_mutex_unlock(&frames);
}

static void
frame_put(struct ks_machine *m, ks_paddr_t pa)
{
	pthread_mutex_lock(&frames);
	if (ram_refs(&ram, pa) == 1)
		memset(ram.mem + pa.v, SCRIBBLE, KS_PAGE_SIZE);
	ram_ops->frame_put(m, pa);
	pthread_mutex_unlock(&frames);
}

static bool
frame_shared(struct ks_machine *m, ks_paddr_t pa)
{
	bool shared;

	pthread_mutex_lock(&frames);
	shared = ram_ops->frame_shared(m, pa);
	pthread_mutex_unlock(&frames);
	return shared;
}

static void
lock(struct ks_machine *m, struct ks_lock *l)
{
	(void)m;
	(void)l;
	pthread_mutex_lock(&space_mutex);
}

static void
unlock(struct ks_machine *m, struct ks_lock *l)
{
	(void)m;
	(void)l;
	pthread_mutex_unlock(&space_mutex);
	sched_yield(); /* a mutex is not fair: let the others have it */
}

static void
tlb_flush(struct ks_machine *m, struct ks_space *s, ks_uaddr_t va, uint64_t len)
{
	(void)m;
	(void)s;
	(void)va;
	(void)len;
}

/* As a kernel does: break copy-on-write, but make nothing present. */
static int
fault_in(struct ks_machine *m, struct ks_space *s, ks_uaddr_t va,
	 unsigned access, bool force)
{
	(void)m;
	(void)force;
	if (!(access & KS_WRITE))
		return -EFAULT;
	return ks_cow_break(s, va, false);
}

static unsigned char
pattern(uint64_t va)
{
	return 1 + va / KS_PAGE_SIZE % 200;
}

static void
check_bytes(const unsigned char *p, uint64_t va, int64_t n)
{
	unsigned wrong = 0;

	for (int64_t i = 0; i < n; i++)
		wrong += p[i] != pattern(va + i);
	if (wrong)
		bad_bytes(wrong);
}

static void
map_page(uint64_t va)
{
	ks_paddr_t pa;

	if (frame_alloc(&ram.m, &pa))
		return;
	memset(ram.mem + pa.v, pattern(va), KS_PAGE_SIZE);
	if (ks_map(&space, va, pa, KS_PAGE_SIZE, RW, KS_PAGE_SIZE))
		frame_put(&ram.m, pa);
}

static int
put_leaf(void *arg, uint64_t va, const struct ks_xlat *x)
{
	(void)arg;
	(void)va;
	frame_put(&ram.m, x->pa);
	return 0;
}

static void *
mapper(void *arg)
{
	unsigned seed = 1;

	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t n = 1 + rand_r(&seed) % 8;
		uint64_t va = BASE + rand_r(&seed) % (PAGES - n) * KS_PAGE_SIZE;

		switch (rand_r(&seed) % 4) {
		case 0:
			ks_unmap(&space, va, n * KS_PAGE_SIZE, put_leaf, NULL);
			break;
		case 1:
			ks_protect(&space, va, n * KS_PAGE_SIZE, KS_COW,
				   KS_COW | KS_WRITE);
			break;
		default:
			for (; n-- > 0; va += KS_PAGE_SIZE)
				map_page(va);
		}
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELEASE);
	return NULL;
}

static uint64_t
somewhere(unsigned *seed, size_t *out_len)
{
	uint64_t off = rand_r(seed) % (PAGES * KS_PAGE_SIZE);

	*out_len = 1 + rand_r(seed) % (PAGES * KS_PAGE_SIZE - off);
	return BASE + off;
}

static void *
reader(void *arg)
{
	static unsigned char buf[PAGES * KS_PAGE_SIZE];
	unsigned seed = 2;

	(void)arg;
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		size_t len;
		uint64_t va = somewhere(&seed, &len);
		int64_t n = ks_mem_read(&space, ks_uaddr(va), buf, len, false);

		check_bytes(buf, va, n);
	}
	return NULL;
}

static void *
writer(void *arg)
{
	static unsigned char buf[PAGES * KS_PAGE_SIZE];
	unsigned seed = 3;

	(void)arg;
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		size_t len;
		uint64_t va = somewhere(&seed, &len);

		for (size_t i = 0; i < len; i++)
			buf[i] = pattern(va + i);
		ks_mem_write(&space, ks_uaddr(va), buf, len, rand_r(&seed) % 2);
	}
	return NULL;
}

/* ARG points to the address that the run begins at. */
static int64_t
look(void *arg, void *run, size_t len)
{
	uint64_t *va = arg;

	check_bytes(run, *va, len);
	*va += len;
	return len;
}

static void *
visitor(void *arg)
{
	unsigned seed = 4;

	(void)arg;
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		size_t len;
		uint64_t va = somewhere(&seed, &len);

		ks_mem_visit(&space, ks_uaddr(va), len, KS_READ, false, look,
			     &va);
	}
	return NULL;
}

static void
begin(void)
{
	ram_init(&ram, 512, RAM_DIRECT, 4);
	ram_ops = ram.m.ops;
	ops = *ram_ops;
	ops.frame_alloc = frame_alloc;
	ops.frame_ref = frame_ref;
	ops.frame_put = frame_put;
	ops.frame_shared = frame_shared;
	ops.lock = lock;
	ops.unlock = unlock;
	ops.tlb_flush = tlb_flush;
	ops.fault_in = fault_in;
	ram.m.ops = &ops;
	memset(scribble, SCRIBBLE, sizeof(scribble));
	memset(ram.mem, SCRIBBLE, ram.frames * KS_PAGE_SIZE);
	ck_assert_int_eq(ks_space_init(&space, &ram.m, ks_paddr(0)), 0);
}

START_TEST(pages_come_and_go)
{
	static void *(*const body[])(void *) = {mapper, reader, writer,
						visitor};
	pthread_t thread[4];

	begin();
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(
		    pthread_create(&thread[i], NULL, body[i], NULL), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	ck_assert_int_eq(
	    ks_unmap(&space, BASE, PAGES * KS_PAGE_SIZE, put_leaf, NULL), 0);
	ks_space_fini(&space);
	ck_assert_uint_eq(ram_used(&ram), 0);
	ck_assert_uint_eq(bad, 0);
	ram_fini(&ram);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("race");
	TCase *tc = tcase_create("race");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, pages_come_and_go);
	suite_add_tcase(s, tc);
	return suite_main(s);
}
