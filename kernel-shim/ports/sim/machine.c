/* SPDX-License-Identifier: MIT */
/* Making and unmaking a machine, and what else a test asks of it. */
#include <stdlib.h>
#include <string.h>

#include "sim_int.h"

static void
set_defaults(struct sim_config *c)
{
	c->ram = c->ram ? c->ram : UINT64_C(64) << 20;
	c->pt_levels = c->pt_levels ? c->pt_levels : 4;
	c->quantum = c->quantum ? c->quantum : 100;
	c->pid_max = c->pid_max ? c->pid_max : 32768;
}

struct sim *
sim_new(const struct sim_config *config)
{
	struct sim *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->cfg = *config;
	set_defaults(&s->cfg);
	s->random = s->cfg.seed;
	s->last_pid = 1;
	sim_layout_init(&s->layout, s->cfg.fpu);
	if (sem_init(&s->baton, 0, 0) || sim_ram_init(s)) {
		free(s);
		return NULL;
	}
	s->m.ops = &sim_ops;
	s->m.ctx = s;
	s->m.direct_base = s->cfg.window ? NULL : s->ram;
	s->m.direct_size = s->cfg.window ? 0 : s->ram_size;
	s->m.phys_bits = 46;
	s->m.pt_levels = s->cfg.pt_levels;
	s->m.nx = true;
	s->m.huge_1g = true;
	if (ks_machine_init(&s->m))
		sim_bug("the port is not complete");
	return s;
}

/* A process that has not ended yet. HOST: one without code. */
static struct sim_thread *
any_alive(struct sim *s, bool host)
{
	for (int i = 0; i < SIM_HASH; i++)
		for (struct sim_thread *t = s->hash[i]; t; t = t->hash_next)
			if (!t->dead && t->proc->host == host)
				return t;
	return NULL;
}

/* End everything. What then is left was lost. */
static void
shut_down(struct sim *s)
{
	struct sim_thread *t;

	s->fail_n = 0;
	while ((t = any_alive(s, true)))
		sim_exit(t, 0);
	while ((t = any_alive(s, false))) {
		sim_group_exit(t->proc, S_KILL);
		if (!sim_step(s))
			sim_bug("a killed process does not end");
	}
	sim_idle(s);
	sim_objects_free(s);
}

bool
sim_free(struct sim *s, struct sim_census *out)
{
	static const struct sim_census none;
	bool clean;

	shut_down(s);
	clean = !memcmp(&s->used, &none, sizeof(none));
	if (out)
		*out = s->used;
	sim_ram_fini(s);
	sem_destroy(&s->baton);
	free(s->console);
	free(s);
	return clean;
}

void
sim_census(struct sim *s, struct sim_census *out)
{
	*out = s->used;
}

struct ks_machine *
sim_machine(struct sim *s)
{
	return &s->m;
}

int32_t
sim_tid(const struct sim_thread *t)
{
	return t->tid;
}

int32_t
sim_tgid(const struct sim_thread *t)
{
	return t->proc->tgid;
}

struct ks_thread *
sim_ks(struct sim_thread *t)
{
	return &t->kt;
}

struct ks_regs *
sim_regs(struct sim_thread *t)
{
	return &t->regs;
}

struct ks_cred *
sim_cred(struct sim_thread *t)
{
	return &t->proc->cred;
}

char
sim_state(struct sim_thread *t)
{
	if (t->dead)
		return 'Z';
	if (t->proc->host)
		return 'H';
	if (ks_stopped(&t->kt))
		return 't';
	if (t->sleep == SIM_JOB)
		return 'T';
	return t->sleep == SIM_RUNS ? 'R' : 'S';
}

uint64_t
sim_clock(struct sim *s)
{
	return s->clock;
}

const char *
sim_console(struct sim *s)
{
	return s->console ? s->console : "";
}

void
sim_action(struct sim_thread *self, int sig, enum sim_action_kind action)
{
	struct sim_action *a = &self->proc->action[sig];

	memset(a, 0, sizeof(*a));
	if (action == SIM_IGNORE)
		a->handler = 1;
	else if (action != SIM_DEFAULT)
		a->handler = 2;
	if (action == SIM_NOCLDSTOP)
		a->flags = SIM_SA_NOCLDSTOP;
}

int
sim_signal(struct sim_thread *self, struct proc_siginfo *out)
{
	struct proc_siginfo info;
	int sig = sim_dequeue(self, &info);

	if (sig && out)
		*out = info;
	return sig;
}

void
sim_seccomp(struct sim_thread *t, int nr, uint32_t data)
{
	t->seccomp_nr = nr;
	t->seccomp_data = data;
}

/* Access of the test's, page by page, as if forced. */
static int
access_memory(struct sim_thread *t, uint64_t va, unsigned char *buf, size_t len,
	      bool write)
{
	while (len) {
		size_t n = KS_PAGE_SIZE - (va & KS_PAGE_MASK);
		unsigned access = write ? KS_WRITE : KS_READ;
		uint64_t pa;
		int err =
		    t->mm ? sim_mm_fault(t->mm, va, access, true) : -EFAULT;

		if (err)
			return err;
		n = n < len ? n : len;
		pa = sim_frame_of(t, va);
		if (!pa)
			return -EFAULT;
		pa |= va & KS_PAGE_MASK;
		if (write)
			sim_ram_write(t->s, pa, buf, n);
		else
			sim_ram_read(t->s, pa, buf, n);
		buf += n;
		va += n;
		len -= n;
	}
	return 0;
}

int
sim_peek(struct sim_thread *t, uint64_t va, void *buf, size_t len)
{
	return access_memory(t, va, buf, len, false);
}

int
sim_poke(struct sim_thread *t, uint64_t va, const void *buf, size_t len)
{
	return access_memory(t, va, (unsigned char *)buf, len, true);
}

uint64_t
sim_frame_of(struct sim_thread *t, uint64_t va)
{
	uint64_t pa;

	if (!t->mm || sim_mmu(t->mm, va, KS_READ, &pa))
		return 0;
	return pa & ~KS_PAGE_MASK;
}

void
sim_fail_at(struct sim *s, unsigned ops, unsigned long n)
{
	s->fail_ops = ops;
	s->fail_n = n;
	s->failed = false;
}

bool
sim_failed(struct sim *s)
{
	return s->failed;
}
