/* SPDX-License-Identifier: MIT */
/*
 * ptrace(2). Source compatible with musl's and glibc's header of this name and
 * under the same guard, so whichever comes first is the one that counts. The
 * macros are written as <linux/ptrace.h> writes them, so that both may be
 * included, in either order.
 */
#ifndef _SYS_PTRACE_H
#define _SYS_PTRACE_H 1

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PTRACE_TRACEME				0
#define PTRACE_PEEKTEXT				1
#define PTRACE_PEEKDATA				2
#define PTRACE_PEEKUSER				3
#define PTRACE_PEEKUSR				3
#define PTRACE_POKETEXT				4
#define PTRACE_POKEDATA				5
#define PTRACE_POKEUSER				6
#define PTRACE_POKEUSR				6
#define PTRACE_CONT				7
#define PTRACE_KILL				8
#define PTRACE_SINGLESTEP			9
#define PTRACE_GETREGS				12
#define PTRACE_SETREGS				13
#define PTRACE_GETFPREGS			14
#define PTRACE_SETFPREGS			15
#define PTRACE_ATTACH				16
#define PTRACE_DETACH				17
#define PTRACE_GETFPXREGS			18
#define PTRACE_SETFPXREGS			19
#define PTRACE_OLDSETOPTIONS			21
#define PTRACE_SYSCALL				24
#define PTRACE_GET_THREAD_AREA			25
#define PTRACE_SET_THREAD_AREA			26
#define PTRACE_ARCH_PRCTL			30
#define PTRACE_SYSEMU				31
#define PTRACE_SYSEMU_SINGLESTEP		32
#define PTRACE_SINGLEBLOCK			33
#define PTRACE_SETOPTIONS			0x4200
#define PTRACE_GETEVENTMSG			0x4201
#define PTRACE_GETSIGINFO			0x4202
#define PTRACE_SETSIGINFO			0x4203
#define PTRACE_GETREGSET			0x4204
#define PTRACE_SETREGSET			0x4205
#define PTRACE_SEIZE				0x4206
#define PTRACE_INTERRUPT			0x4207
#define PTRACE_LISTEN				0x4208
#define PTRACE_PEEKSIGINFO			0x4209
#define PTRACE_GETSIGMASK			0x420a
#define PTRACE_SETSIGMASK			0x420b
#define PTRACE_SECCOMP_GET_FILTER		0x420c
#define PTRACE_SECCOMP_GET_METADATA		0x420d
#define PTRACE_GET_SYSCALL_INFO			0x420e
#define PTRACE_GET_RSEQ_CONFIGURATION		0x420f
#define PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG 0x4210
#define PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG 0x4211
#define PTRACE_SET_SYSCALL_INFO			0x4212

#define PT_TRACE_ME	     PTRACE_TRACEME
#define PT_READ_I	     PTRACE_PEEKTEXT
#define PT_READ_D	     PTRACE_PEEKDATA
#define PT_READ_U	     PTRACE_PEEKUSER
#define PT_WRITE_I	     PTRACE_POKETEXT
#define PT_WRITE_D	     PTRACE_POKEDATA
#define PT_WRITE_U	     PTRACE_POKEUSER
#define PT_CONTINUE	     PTRACE_CONT
#define PT_KILL		     PTRACE_KILL
#define PT_STEP		     PTRACE_SINGLESTEP
#define PT_GETREGS	     PTRACE_GETREGS
#define PT_SETREGS	     PTRACE_SETREGS
#define PT_GETFPREGS	     PTRACE_GETFPREGS
#define PT_SETFPREGS	     PTRACE_SETFPREGS
#define PT_ATTACH	     PTRACE_ATTACH
#define PT_DETACH	     PTRACE_DETACH
#define PT_GETFPXREGS	     PTRACE_GETFPXREGS
#define PT_SETFPXREGS	     PTRACE_SETFPXREGS
#define PT_SYSCALL	     PTRACE_SYSCALL
#define PT_GET_THREAD_AREA   PTRACE_GET_THREAD_AREA
#define PT_SET_THREAD_AREA   PTRACE_SET_THREAD_AREA
#define PT_ARCH_PRCTL	     PTRACE_ARCH_PRCTL
#define PT_SYSEMU	     PTRACE_SYSEMU
#define PT_SYSEMU_SINGLESTEP PTRACE_SYSEMU_SINGLESTEP
#define PT_STEPBLOCK	     PTRACE_SINGLEBLOCK
#define PT_SETOPTIONS	     PTRACE_SETOPTIONS
#define PT_GETEVENTMSG	     PTRACE_GETEVENTMSG
#define PT_GETSIGINFO	     PTRACE_GETSIGINFO
#define PT_SETSIGINFO	     PTRACE_SETSIGINFO

/* Options, and the events that they ask for: status >> 16. */
#define PTRACE_EVENT_FORK	1
#define PTRACE_EVENT_VFORK	2
#define PTRACE_EVENT_CLONE	3
#define PTRACE_EVENT_EXEC	4
#define PTRACE_EVENT_VFORK_DONE 5
#define PTRACE_EVENT_EXIT	6
#define PTRACE_EVENT_SECCOMP	7
#define PTRACE_EVENT_STOP	128

#define PTRACE_O_TRACESYSGOOD	 1
#define PTRACE_O_TRACEFORK	 (1 << PTRACE_EVENT_FORK)
#define PTRACE_O_TRACEVFORK	 (1 << PTRACE_EVENT_VFORK)
#define PTRACE_O_TRACECLONE	 (1 << PTRACE_EVENT_CLONE)
#define PTRACE_O_TRACEEXEC	 (1 << PTRACE_EVENT_EXEC)
#define PTRACE_O_TRACEVFORKDONE	 (1 << PTRACE_EVENT_VFORK_DONE)
#define PTRACE_O_TRACEEXIT	 (1 << PTRACE_EVENT_EXIT)
#define PTRACE_O_TRACESECCOMP	 (1 << PTRACE_EVENT_SECCOMP)
#define PTRACE_O_EXITKILL	 (1 << 20)
#define PTRACE_O_SUSPEND_SECCOMP (1 << 21)
/* clang-format off: the tokens are the kernel header's */
#define PTRACE_O_MASK                                                          \
	(0x000000ff | PTRACE_O_EXITKILL | PTRACE_O_SUSPEND_SECCOMP)
/* clang-format on */

/* PTRACE_GETEVENTMSG at a system call stop. */
#define PTRACE_EVENTMSG_SYSCALL_ENTRY 1
#define PTRACE_EVENTMSG_SYSCALL_EXIT  2

#define PTRACE_PEEKSIGINFO_SHARED (1 << 0)

#define PTRACE_SYSCALL_INFO_NONE    0
#define PTRACE_SYSCALL_INFO_ENTRY   1
#define PTRACE_SYSCALL_INFO_EXIT    2
#define PTRACE_SYSCALL_INFO_SECCOMP 3

/* PTRACE_PEEKSIGINFO: its address argument. */
struct __ptrace_peeksiginfo_args {
	uint64_t off;
	uint32_t flags;
	int32_t nr;
};

/* PTRACE_SECCOMP_GET_METADATA. */
struct __ptrace_seccomp_metadata {
	uint64_t filter_off;
	uint64_t flags;
};

/* PTRACE_GET_SYSCALL_INFO, PTRACE_SET_SYSCALL_INFO. */
struct __ptrace_syscall_info {
	uint8_t op;
	uint8_t __pad[3];
	uint32_t arch;
	uint64_t instruction_pointer;
	uint64_t stack_pointer;
	__extension__ union {
		struct {
			uint64_t nr;
			uint64_t args[6];
		} entry;
		struct {
			int64_t rval;
			uint8_t is_error;
		} exit;
		struct {
			uint64_t nr;
			uint64_t args[6];
			uint32_t ret_data;
		} seccomp;
	};
};

/* PTRACE_GET_RSEQ_CONFIGURATION. */
struct __ptrace_rseq_configuration {
	uint64_t rseq_abi_pointer;
	uint32_t rseq_abi_size;
	uint32_t signature;
	uint32_t flags;
	uint32_t pad;
};

/* PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG and SET. */
struct __ptrace_sud_config {
	uint64_t mode;
	uint64_t selector;
	uint64_t offset;
	uint64_t len;
};

/*
 * The names of glibc's enumerations. The requests and options above are plain
 * numbers, as musl's are, and convert to them.
 */
enum __ptrace_request {
	__PTRACE_REQUEST_FIRST = PTRACE_TRACEME,
	__PTRACE_REQUEST_LAST = PTRACE_SET_SYSCALL_INFO
};
enum __ptrace_setoptions { __PTRACE_SETOPTIONS_ALL = PTRACE_O_MASK };
enum __ptrace_eventcodes { __PTRACE_EVENTCODES_LAST = PTRACE_EVENT_STOP };
enum __ptrace_get_syscall_info_op {
	__PTRACE_SYSCALL_INFO_LAST = PTRACE_SYSCALL_INFO_SECCOMP
};
enum __ptrace_peeksiginfo_flags {
	__PTRACE_PEEKSIGINFO_LAST = PTRACE_PEEKSIGINFO_SHARED
};

/* long ptrace(REQUEST, pid_t pid, void *addr, void *data) */
long ptrace(int __request, ...);

#ifdef __cplusplus
}
#endif

#endif
