/* SPDX-License-Identifier: MIT */
#include "execstack.h"

#include <kshim/frame.h>

#include "cpu.h"
#include "errno.h"
#include "exec.h"
#include "fpu.h"
#include "mem.h"
#include "random.h"
#include "string.h"
#include "thread.h"
#include "user.h"
#include "vm.h"

#define AT_NULL		0
#define AT_PHDR		3
#define AT_PHENT	4
#define AT_PHNUM	5
#define AT_PAGESZ	6
#define AT_BASE		7
#define AT_FLAGS	8
#define AT_ENTRY	9
#define AT_UID		11
#define AT_EUID		12
#define AT_GID		13
#define AT_EGID		14
#define AT_PLATFORM	15
#define AT_HWCAP	16
#define AT_CLKTCK	17
#define AT_SECURE	23
#define AT_RANDOM	25
#define AT_HWCAP2	26
#define AT_EXECFN	31
#define AT_SYSINFO_EHDR 33
#define AT_MINSIGSTKSZ	51

#define HWCAP2_FSGSBASE 2

/* Room below the strings that is there from the start, as on Linux. */
#define STACK_EXTRA (32 * (uint64_t)PAGE_SIZE)

/* Of a signal frame what is not the FPU's: red zone, ucontext, siginfo. */
#define SIGFRAME_FIXED 1024

/* A stack that is being filled, downwards. */
struct stack {
	struct vm *vm;
	uint64_t sp;
	int err; /* the first error; then nothing more is written */
};

static void
push(struct stack *s, const void *data, size_t n)
{
	int64_t done;

	s->sp -= n;
	if (s->err != 0)
		return;
	done = ks_mem_write(&s->vm->space, ks_uaddr(s->sp), data, n, false);
	if (done < 0)
		s->err = (int)done;
	else if ((size_t)done != n)
		s->err = -EFAULT;
}

static void
push_string(struct stack *s, const char *str)
{
	push(s, str, strlen(str) + 1);
}

/* Push all strings; their addresses, then a zero, go to PTRS. */
static void
push_strings(struct stack *s, const struct exec_strings *v, uint64_t *ptrs)
{
	ptrs[v->n] = 0;
	for (size_t i = v->n; i-- > 0;) {
		push_string(s, v->v[i]);
		ptrs[i] = s->sp;
	}
}

static void
aux(struct vm *vm, uint64_t type, uint64_t value)
{
	vm->auxv[vm->n_auxv++] = type;
	vm->auxv[vm->n_auxv++] = value;
}

static void
make_auxv(struct vm *vm, const struct exec_info *info)
{
	const struct cred *c = &current->cred;
	uint32_t r[4];

	cpuid(1, 0, r);
	aux(vm, AT_SYSINFO_EHDR, info->vdso);
	aux(vm, AT_HWCAP, r[3]);
	aux(vm, AT_PAGESZ, PAGE_SIZE);
	aux(vm, AT_CLKTCK, 100);
	aux(vm, AT_PHDR, info->phdr);
	aux(vm, AT_PHENT, 56);
	aux(vm, AT_PHNUM, info->phnum);
	aux(vm, AT_BASE, info->base);
	aux(vm, AT_FLAGS, 0);
	aux(vm, AT_ENTRY, info->entry);
	aux(vm, AT_UID, c->ruid);
	aux(vm, AT_EUID, info->euid);
	aux(vm, AT_GID, c->rgid);
	aux(vm, AT_EGID, info->egid);
	aux(vm, AT_SECURE, c->ruid != info->euid || c->rgid != info->egid);
	aux(vm, AT_HWCAP2, cpu_features.fsgsbase ? HWCAP2_FSGSBASE : 0);
	aux(vm, AT_MINSIGSTKSZ, fpu_size + SIGFRAME_FIXED);
}

/* The most that strings and their pointers may take: execve(2). */
static uint64_t
args_limit(void)
{
	uint64_t limit = current->process->rlimit[RLIMIT_STACK].cur / 4;

	if (limit > 6 << 20)
		limit = 6 << 20;
	return limit < 128 << 10 ? 128 << 10 : limit;
}

static int
map_stack(struct vm *vm, uint64_t size, bool exec)
{
	uint64_t at;

	return vm_map(vm, USER_END - size, size,
		      KS_READ | KS_WRITE | (exec ? KS_EXEC : 0),
		      KS_READ | KS_WRITE | KS_EXEC, AREA_GROWSDOWN | AREA_STACK,
		      NULL, 0, VM_NOREPLACE, &at);
}

/* The strings of all kinds, from the top down. */
static void
push_text(struct stack *s, const struct exec_info *info, uint64_t *ptrs)
{
	struct vm *vm = s->vm;
	struct vm_layout *l = &vm->layout;
	unsigned char random[16];

	make_auxv(vm, info);
	push(s, &(uint64_t){0}, 8);
	push_string(s, info->path);
	aux(vm, AT_EXECFN, s->sp);
	l->env_end = s->sp;
	push_strings(s, info->envp, ptrs + info->argv->n + 1);
	l->env_start = l->arg_end = s->sp;
	push_strings(s, info->argv, ptrs);
	l->arg_start = s->sp;
	push_string(s, "x86_64");
	aux(vm, AT_PLATFORM, s->sp);
	random_bytes(random, sizeof(random));
	push(s, random, sizeof(random));
	aux(vm, AT_RANDOM, s->sp);
	aux(vm, AT_NULL, 0);
}

int
stack_build(struct vm *vm, const struct exec_info *info)
{
	size_t n_ptrs = info->argv->n + 1 + info->envp->n + 1;
	uint64_t text =
	    info->argv->bytes + info->envp->bytes + strlen(info->path) + 1;
	uint64_t *ptrs, argc = info->argv->n;
	struct stack s = {.vm = vm, .sp = USER_END};
	int err;

	if (text + n_ptrs * 8 > args_limit())
		return -E2BIG;
	err =
	    map_stack(vm, page_up(text + n_ptrs * 8 + PAGE_SIZE) + STACK_EXTRA,
		      info->exec_stack);
	if (err != 0)
		return err;
	ptrs = kmalloc(n_ptrs * sizeof(*ptrs));
	if (ptrs == NULL)
		return -ENOMEM;
	push_text(&s, info, ptrs);
	/* RSP, where argc is, has to be a multiple of 16. */
	s.sp &= ~(uint64_t)15;
	if ((n_ptrs + 1) % 2 != 0)
		s.sp -= 8;
	push(&s, vm->auxv, vm->n_auxv * sizeof(vm->auxv[0]));
	push(&s, ptrs, n_ptrs * sizeof(*ptrs));
	push(&s, &argc, sizeof(argc));
	kfree(ptrs);
	vm->layout.stack_start = s.sp;
	return s.err;
}
