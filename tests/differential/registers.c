/* SPDX-License-Identifier: MIT */
/* Requests at random that read and write what a tracee is. */
#include "random.h"

#include <errno.h>
#include <elf.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define FAR_OFF 0x123456789000u

/* As the manual page has it; the members' names differ among libcs. */
struct call_info {
	uint8_t op, reserved;
	uint16_t flags;
	uint32_t arch;
	uint64_t ip, sp;
	uint64_t words[8];
};

static pid_t tid;
static int self; /* the index of it */

static long
ask(int code, uintptr_t addr, const void *data)
{
	return request(code, tid, addr, (uintptr_t)data);
}

/* The result of CALL as it can be compared: an id is named. */
static void
note_value(uint64_t call, uint64_t value)
{
	if ((int64_t)value < 0 && (int64_t)value > -4096)
		note(" rax %ld", (long)value);
	else if (call == SYS_clone || call == SYS_wait4 ||
		 call == SYS_getppid || call == SYS_gettid ||
		 call == SYS_getpid)
		note(" rax %s", who((pid_t)value));
	else if (value < 0x10000)
		note(" rax %lu", (unsigned long)value);
}

static void
event_message(void)
{
	unsigned long message = 0x5555;
	long result;
	int event = known[self].life == STOPPED ? known[self].status >> 16 : 0;

	note("T%d GETEVENTMSG", self);
	result = ask(PTRACE_GETEVENTMSG, 0, &message);
	if (result == 0 && event >= PTRACE_EVENT_FORK &&
	    event <= PTRACE_EVENT_VFORK_DONE)
		note(" %s", who((pid_t)message));
	else if (result == 0 && event == PTRACE_EVENT_EXIT)
		/* Less the bit for a core. */
		note(" %#lx", message & ~0x80ul);
	else if (result == 0 && message < 3)
		note(" %lu", message);
	note_result(result);
}

static void
get_siginfo(void)
{
	char info[sizeof(siginfo_t)] = {0};
	long result;

	note("T%d GETSIGINFO", self);
	result = ask(PTRACE_GETSIGINFO, 0, info);
	if (result == 0)
		note_siginfo(info);
	note_result(result);
}

static void
set_siginfo(void)
{
	static const int codes[] = {0, -1, -6, 1, 0x80, 77};
	siginfo_t info;

	memset(&info, 0, sizeof info);
	info.si_signo = chance(8) ? any_signal() : 99;
	info.si_code = codes[chance(COUNT(codes))];
	info.si_pid = 0;
	info.si_uid = 3;
	note("T%d SETSIGINFO %d %d", self, info.si_signo, info.si_code);
	note_result(ask(PTRACE_SETSIGINFO, 0, &info));
}

static void
peek_siginfo(void)
{
	static const int counts[] = {0, 1, 2, 4, -1};
	struct {
		uint64_t off;
		uint32_t flags;
		int32_t nr;
	} args = {chance(3), chance(8) ? chance(2) : 2,
		  counts[chance(COUNT(counts))]};
	siginfo_t infos[4];
	long result;

	memset(infos, 0, sizeof infos);
	note("T%d PEEKSIGINFO %d %d %d", self, (int)args.off, (int)args.flags,
	     args.nr);
	result = ask(PTRACE_PEEKSIGINFO, (uintptr_t)&args, infos);
	for (int i = 0; i < result; i++)
		note_siginfo(&infos[i]);
	note_result(result);
}

/* SIGCHLD stays blocked: when it comes is left open. */
static void
signal_mask(void)
{
	uint64_t mask = 1ul << (any_signal() - 1) | 1ul << (SIGCHLD - 1);
	size_t size = chance(6) ? sizeof mask : 4;
	long result;

	if (chance(4) == 0)
		mask |= 1ul << (SIGKILL - 1) | 1ul << (SIGSTOP - 1);
	if (chance(2)) {
		note("T%d SETSIGMASK %#lx %zu", self, (unsigned long)mask,
		     size);
		note_result(ask(PTRACE_SETSIGMASK, size, &mask));
		return;
	}
	mask = 0;
	note("T%d GETSIGMASK %zu", self, size);
	result = ask(PTRACE_GETSIGMASK, size, &mask);
	note(" %#lx", (unsigned long)mask);
	note_result(result);
}

static void
get_regs(void)
{
	struct user_regs_struct regs;
	long result;

	memset(&regs, 0, sizeof regs);
	note("T%d GETREGS", self);
	result = ask(PTRACE_GETREGS, 0, &regs);
	if (result == 0) {
		note_address(regs.rip);
		note(" orig %ld cs %d ss %d ds %d tf %d", (long)regs.orig_rax,
		     (int)regs.cs, (int)regs.ss, (int)regs.ds,
		     (regs.eflags & 0x100) != 0);
		if (regs.rip == (uintptr_t)at_call)
			note_value(regs.orig_rax, regs.rax);
	}
	note_result(result);
}

/* Whether the program does not care for what the call in flight does. */
static int
is_harmless(uint64_t call)
{
	return call == SYS_getppid || call == SYS_pause || call == 9999 ||
	       call == SYS_nanosleep || call == (uint64_t)-1;
}

/* Changes that the program survives. */
static void
set_regs(void)
{
	struct user_regs_struct regs;
	int what = (int)chance(7);

	note("T%d SETREGS %d", self, what);
	if (ask(PTRACE_GETREGS, 0, &regs) != 0) {
		note_result(-1);
		return;
	}
	if (what == 0)
		regs.cs = 0x10;
	else if (what == 1)
		regs.ss = chance(2) ? 0 : 0x2a;
	else if (what == 2)
		regs.fs_base = 0x8000000000000000u;
	else if (what == 3)
		regs.eflags ^= 0x7fc8200ul & ~0x40000ul;
	else if (what < 6 && regs.rip == (uintptr_t)at_call &&
		 is_harmless(regs.orig_rax)) {
		static const long numbers[] = {SYS_getppid, -1, 9999, 600};

		regs.rax = (unsigned long)-(long)chance(40);
		if (what == 5)
			regs.orig_rax =
			    (unsigned long)numbers[chance(COUNT(numbers))];
	}
	note_result(ask(PTRACE_SETREGS, 0, &regs));
}

static void
user_area(void)
{
	static const unsigned int offsets[] = {
	    15 * 8,  17 * 8,  20 * 8,  23 * 8,	4,	 27 * 8,  30 * 8,
	    40 * 8,  105 * 8, 106 * 8, 110 * 8, 111 * 8, 112 * 8, 113 * 8,
	    114 * 8, 117 * 8, 118 * 8, 119 * 8, 2000,	 100000,
	};
	unsigned int offset = offsets[chance(COUNT(offsets))];
	long value = 0, result;

	if (chance(3)) {
		note("T%d PEEKUSER %u", self, offset);
		errno = 0;
		value = ask(PTRACE_PEEKUSER, offset, NULL);
		if (errno)
			note_result(-1);
		else if (offset == 15 * 8 || offset == 17 * 8 ||
			 offset >= 27 * 8)
			note(" %#lx\n", (unsigned long)value);
		else
			note("\n");
		return;
	}
	/* Debug registers that watch what nobody touches; bad ones. */
	if (offset == 15 * 8)
		offset = 18 * 8;
	if (offset >= 106 * 8 && offset <= 112 * 8)
		value = chance(4) ? (long)FAR_OFF : -8;
	else if (offset == 113 * 8)
		value = chance(3) ? 0xd0101 : 0x20155;
	note("T%d POKEUSER %u %#lx", self, offset, (unsigned long)value);
	if (offset < 106 * 8 && offset != 4 && offset != 17 * 8) {
		note(" not done\n");
		return;
	}
	result = ask(PTRACE_POKEUSER, offset, (void *)value);
	note_result(result);
}

static void
memory(void)
{
	const uintptr_t places[] = {
	    (uintptr_t)&BOARD->scratch[0],
	    (uintptr_t)&BOARD->scratch[1] + 3,
	    (uintptr_t)raw_call,
	    0,
	    8,
	    FAR_OFF,
	    (uintptr_t)-8,
	    (uintptr_t)0xffffffff81000000u,
	};
	unsigned int which = chance(COUNT(places));
	long value;

	if (chance(2) && which != 2) {
		note("T%d POKEDATA %u", self, which);
		note_result(ask(PTRACE_POKEDATA, places[which],
				(void *)(long)chance(1000)));
		return;
	}
	note("T%d PEEKDATA %u", self, which);
	errno = 0;
	value = ask(PTRACE_PEEKDATA, places[which], NULL);
	if (errno)
		note_result(-1);
	else
		note(" %#lx\n", which == 2 ? 0 : (unsigned long)value);
}

static void
register_set(void)
{
	static const int sets[] = {NT_PRSTATUS, NT_PRFPREG, 0x202, 0, 77};
	static const size_t sizes[] = {0, 4, 8, 64, 216, 512, 1000};
	static char space[16384] __attribute__((aligned(64)));
	struct iovec iov = {space, sizes[chance(COUNT(sizes))]};
	int set = sets[chance(COUNT(sets))];
	int put = (int)chance(2);
	long result;

	note("T%d GETREGSET %#x %zu", self, set, iov.iov_len);
	result = ask(PTRACE_GETREGSET, (unsigned int)set, &iov);
	note(" len %zu", iov.iov_len);
	note_result(result);
	if (!put || result != 0)
		return;
	iov.iov_len = sizes[chance(COUNT(sizes))];
	if (ask(PTRACE_GETREGSET, (unsigned int)set, &iov) != 0)
		return;
	note("T%d SETREGSET %#x %zu", self, set, iov.iov_len);
	result = ask(PTRACE_SETREGSET, (unsigned int)set, &iov);
	note(" len %zu", iov.iov_len);
	note_result(result);
}

static void
note_call(const struct call_info *info, long size)
{
	note(" op %d arch %#x", info->op, info->arch);
	if (size >= 16)
		note_address(info->ip);
	if (info->op == 1 && size >= 32)
		note(" nr %ld", (long)info->words[0]);
	if (info->op == 2 && size >= 33 && (int64_t)info->words[0] < 0)
		note(" result %ld error %d", (long)info->words[0],
		     (int)(info->words[1] & 0xff));
}

static void
call_info(void)
{
	static const size_t sizes[] = {0, 8, 16, 24, 32, 33, 80, 88};
	size_t size = sizes[chance(COUNT(sizes))];
	struct call_info info;
	long result;

	memset(&info, 0, sizeof info);
	note("T%d GET_SYSCALL_INFO %zu", self, size);
	result = ask(0x420e, size, &info);
	if (result > 0)
		note_call(&info, (long)size);
	note_result(result);
	if (result <= 0 || size < 80 || chance(2))
		return;
	if (chance(4) == 0)
		info.op = (uint8_t)chance(5);
	if (chance(6) == 0)
		info.flags = 1;
	if (info.op == 1 && is_harmless(info.words[0]) && chance(2))
		info.words[0] = chance(2) ? 9999 : (uint64_t)-1;
	size = chance(3) ? sizeof info : sizes[chance(COUNT(sizes))];
	note("T%d SET_SYSCALL_INFO %zu op %d flags %d", self, size, info.op,
	     info.flags);
	note_result(ask(0x4212, size, &info));
}

static void
rare(void)
{
	static const int codes[] = {0x420c, 0x420d, 0x420f, 0x4211,
				    0x4210, 25,	    30,	    3000};
	uint64_t space[64] = {0};
	int code = codes[chance(COUNT(codes))];
	unsigned int addr = chance(3) * 12;
	long result;

	if (code == 30)
		addr = chance(2) ? 0x1003 : 0x1004;
	note("T%d %#x %u", self, code, addr);
	if (code == 30) /* ARCH_PRCTL has them the other way round */
		result = ask(code, (uintptr_t)space, (void *)(uintptr_t)addr);
	else
		result = ask(code, addr, space);
	note_result(result);
}

/* An address where nothing can be written. */
static void
bad_pointer(void)
{
	static const int codes[] = {
	    PTRACE_GETREGS,    PTRACE_SETREGS,	   PTRACE_GETFPREGS,
	    PTRACE_GETSIGINFO, PTRACE_SETSIGINFO,  PTRACE_GETEVENTMSG,
	    PTRACE_GETREGSET,  PTRACE_PEEKSIGINFO,
	};
	int code = codes[chance(COUNT(codes))];

	note("T%d %#x to 8", self, code);
	note_result(
	    ask(code, code == PTRACE_GETREGSET ? NT_PRSTATUS : 8, (void *)8));
}

void
random_data_request(int index)
{
	static void (*const all[])(void) = {
	    event_message, event_message, get_siginfo, get_siginfo,
	    set_siginfo,   peek_siginfo,  signal_mask, get_regs,
	    get_regs,	   set_regs,	  user_area,   memory,
	    register_set,  call_info,	  call_info,   rare,
	    bad_pointer,
	};

	self = index;
	tid = BOARD->tasks[index].tid;
	all[chance(COUNT(all))]();
}
